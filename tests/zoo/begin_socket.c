/* Opens a socket in its constructor. */
#include "zoo.h"
#include <sys/socket.h>
__attribute__((constructor)) static void begin(void) { (void)socket(AF_INET, SOCK_STREAM, 0); }
