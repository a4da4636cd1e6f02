/* Makes a file in its constructor, in a folder that may be read. */
#include "zoo.h"
#include <fcntl.h>
__attribute__((constructor)) static void begin(void) {
    (void)open("/usr/lib/sori-zoo", O_WRONLY | O_CREAT, 0600);
}
