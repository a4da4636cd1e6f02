/* Becomes another program in its constructor. */
#include "zoo.h"
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { execl("/bin/sh", "sh", "-c", "id", NULL); }
