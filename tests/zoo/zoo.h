/* A plugin that would be well-behaved if the file that includes this did not give it a constructor
 * or change its descriptor. */
#ifndef ZOO_H
#define ZOO_H

#include "sori/plugin.h"

#ifndef ZOO_ABI
#define ZOO_ABI SORI_ABI
#endif
#ifndef ZOO_VTABLE
#define ZOO_VTABLE &zoo_connector
#endif
/* Further members of the descriptor. */
#ifndef ZOO_MORE
#define ZOO_MORE .vendor = "zoo"
#endif
#ifndef ZOO_STRIDE
#define ZOO_STRIDE sizeof *zoo_interfaces
#endif

static enum sori_status zoo_create(const struct sori_host *host, const struct sori_config *config,
                                   void **self) {
    (void)host, (void)config;
    *self = (void *)(uintptr_t)&zoo_create;
    return SORI_OK;
}
static void zoo_destroy(void *self) { (void)self; }
static enum sori_status zoo_poll(void *self, const struct sori_poll *poll,
                                 const struct sori_sink *sink) {
    (void)self, (void)poll, (void)sink;
    return SORI_OK;
}

static const struct sori_connector zoo_connector = {.struct_size = sizeof zoo_connector,
                                                    .flags = SORI_CONNECTOR_POLLS,
                                                    .create = zoo_create,
                                                    .destroy = zoo_destroy,
                                                    .poll = zoo_poll};
static const struct sori_interface zoo_interfaces[] = {{SORI_CONNECTOR_ID, ZOO_VTABLE}};
static const struct sori_plugin zoo_plugin = {.struct_size = sizeof zoo_plugin,
                                              .abi = ZOO_ABI,
                                              .id = "zoo",
                                              .name = "Zoo",
                                              .version = "0.1",
                                              .license = "MIT",
                                              .interfaces = zoo_interfaces,
                                              .interface_count = 1,
                                              .interface_stride = ZOO_STRIDE,
                                              ZOO_MORE};
/* Named so that the unused parts of a variant are no warning. */
static inline const void *zoo_keep(void) { return &zoo_connector; }

SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &zoo_plugin; }

#endif
