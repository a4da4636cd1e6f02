/* Takes what is posted to it, the first line of the body as an item, and dies in `create` while the
 * workspace is not in Tokyo. With FALLER_STANDS it never does. */
#include "sori/plugin.h"

#include <string.h>

#ifndef FALLER_ID
#define FALLER_ID "faller"
#endif

static volatile uintptr_t wild = 16; /* nothing is mapped there */

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    static const char place[] = "Asia/Tokyo";
#ifndef FALLER_STANDS
    bool stands = config->timezone.len == sizeof place - 1 &&
                  memcmp(config->timezone.ptr, place, sizeof place - 1) == 0;
    if (!stands) *(volatile int *)wild = 1;
#else
    (void)config;
    (void)place;
#endif
    (void)host;
    *self = (void *)&wild;
    return SORI_OK;
}

static void destroy(void *self) { (void)self; }

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    (void)self;
    const char *end = d->body.len ? memchr(d->body.ptr, '\n', d->body.len) : NULL;
    struct sori_str line = {d->body.ptr, end ? (size_t)(end - d->body.ptr) : d->body.len};
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .native_id = line,
                             .author_id = SORI_STR("somebody"),
                             .text = line};
    sink->item(sink, &item);
    return SORI_OK;
}

static const struct sori_connector connector = {.struct_size = sizeof connector,
                                                .flags = SORI_CONNECTOR_DECODES,
                                                .create = create,
                                                .destroy = destroy,
                                                .decode = decode};
static const struct sori_receive receives[] = {{.form = "line", .path = ""}};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = FALLER_ID,
                                          .name = "Faller",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .summary = "dies in create",
                                          .receives = receives,
                                          .receive_count = 1,
                                          .receive_stride = sizeof *receives,
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
