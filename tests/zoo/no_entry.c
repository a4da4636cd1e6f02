/* A shared library, but no plugin. */
int some_function(void);
__attribute__((visibility("default"))) int some_function(void) { return 0; }
