/* Dies in its entry. */
#include "sori/plugin.h"
static volatile uintptr_t wild = 16; /* nothing is mapped there */
SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) {
    *(volatile int *)wild = 1;
    return NULL;
}
