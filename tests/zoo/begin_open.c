/* Reads a file in its constructor. */
#include "zoo.h"
#include <fcntl.h>
__attribute__((constructor)) static void begin(void) { (void)open("/etc/passwd", O_RDONLY); }
