/* Dies in its constructor. */
#include "zoo.h"
static volatile uintptr_t wild = 16; /* nothing is mapped there */
__attribute__((constructor)) static void begin(void) { *(volatile int *)wild = 1; }
