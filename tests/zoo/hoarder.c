/* Says too much or too little, each call: its option `what` says in which way. */
#include "sori/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hoarder {
    const struct sori_host *host;
    char what[32];
};

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct hoarder *h = calloc(1, sizeof *h);
    if (!h) return SORI_BUG;
    h->host = host;
    for (size_t i = 0; i < config->options.count; i++)
        snprintf(h->what, sizeof h->what, "%.*s", (int)config->options.items[i].value.len,
                 config->options.items[i].value.ptr);
    *self = h;
    return strcmp(h->what, "mute") == 0 ? SORI_CONFIG : SORI_OK;
}
static void destroy(void *self) { free(self); }

static struct sori_str numbered(char *to, size_t size, const char *word, int n) {
    return (struct sori_str){to, (size_t)snprintf(to, size, "%s%d", word, n)};
}

/* One cursor and one state for each of 100,000 posts, as if they were for that. */
static void hoard(struct hoarder *h, const struct sori_sink *sink) {
    char name[32];
    for (int i = 0; i < 100000; i++) {
        struct sori_str post = numbered(name, sizeof name, "post-", i);
        (void)sink->cursor(sink, post, SORI_STR("seen"));
        (void)h->host->state_put(h->host, post, SORI_STR("seen"));
    }
}

/* What fills no message of the wire. */
static void swell(struct hoarder *h) {
    static char much[64 * 1024];
    char line[64], name[32];
    int refused = 0;
    for (int i = 0; i < 900; i++)
        refused += h->host->state_put(h->host, numbered(name, sizeof name, "s", i),
                                      (struct sori_str){much, sizeof much}) != SORI_OK;
    h->host->log(h->host, SORI_LOG_INFO, numbered(line, sizeof line, "states refused: ", refused));
    h->host->fail(h->host, 0, (struct sori_str){NULL, 0});
    static char header[15 << 20];
    memset(header, 'h', sizeof header);
    struct sori_pair headers[6];
    for (size_t i = 0; i < 6; i++)
        headers[i] = (struct sori_pair){SORI_STR("X-Much"), {header, sizeof header}};
    struct sori_http_request ask = {.struct_size = sizeof ask,
                                    .method = SORI_STR("GET"),
                                    .url = SORI_STR("https://a.kr/"),
                                    .headers = {headers, 6}};
    struct sori_http_response answer = {.struct_size = sizeof answer};
    (void)h->host->http(h->host, &ask, &answer);
}

static enum sori_status poll(void *self, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    struct hoarder *h = self;
    char line[64];
    snprintf(line, sizeof line, "asked at %lld with %zu", (long long)h->host->now(h->host),
             poll->cursors.count);
    h->host->log(h->host, SORI_LOG_INFO, (struct sori_str){line, strlen(line)});
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .native_id = SORI_STR("1"),
                             .text = SORI_STR("안녕하세요")};
    if (strcmp(h->what, "again") == 0) return (void)sink->item(sink, &item), SORI_AGAIN;
    if (strcmp(h->what, "cancelled") == 0) return SORI_CANCELLED;
    if (strcmp(h->what, "strange") == 0) return (enum sori_status)77;
    if (strcmp(h->what, "silent") == 0) return SORI_CONFIG;
    if (strcmp(h->what, "unsized") == 0) return h->host->http(h->host, NULL, NULL);
    if (strcmp(h->what, "names") == 0) {
        (void)sink->cursor(sink, (struct sori_str){"a\0b", 3}, SORI_STR("1"));
        (void)sink->cursor(sink, SORI_STR(""), SORI_STR("1"));
    }
    if (strcmp(h->what, "hoard") == 0) hoard(h, sink);
    if (strcmp(h->what, "swell") == 0) return swell(h), SORI_PERMANENT;
    return SORI_OK;
}
static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    (void)self, (void)d, (void)sink;
    return SORI_PERMANENT;
}
static enum sori_status health(void *self, const struct sori_health *say) {
    struct hoarder *h = self;
    for (int i = 0; strcmp(h->what, "chatter") == 0 && i < 2000000; i++)
        say->say(say, SORI_LOG_WARN, SORI_STR("the same line of many words, and once more"));
    return SORI_OK;
}

static const struct sori_connector connector = {.struct_size = sizeof connector,
                                                .flags =
                                                    SORI_CONNECTOR_POLLS | SORI_CONNECTOR_DECODES,
                                                .create = create,
                                                .destroy = destroy,
                                                .poll = poll,
                                                .decode = decode,
                                                .health = health};
static const struct sori_option options[] = {{.name = "what", .flags = SORI_OPTION_REQUIRED}};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "hoarder",
                                          .name = "Hoarder",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .options = {options, 1, sizeof *options},
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};
SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
