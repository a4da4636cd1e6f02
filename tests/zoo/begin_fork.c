/* Starts a process in its constructor. */
#include "zoo.h"
#include <unistd.h>
__attribute__((constructor)) static void begin(void) {
    if (fork() == 0) _exit(0);
}
