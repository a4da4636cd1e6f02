/* Speaks a later ABI only. */
const void *sori_plugin_v1(void);
__attribute__((visibility("default"))) const void *sori_plugin_v1(void) { return 0; }
