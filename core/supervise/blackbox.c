#include "supervise/blackbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(struct blackbox) <= BLACKBOX_SIZE, "one page");

struct blackbox *blackbox_map(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != BLACKBOX_SIZE) return NULL;
    void *p = mmap(NULL, BLACKBOX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

void blackbox_unmap(struct blackbox *box) {
    if (box) munmap(box, BLACKBOX_SIZE);
}

struct blackbox *blackbox_new(int *fd) {
    *fd = memfd_create("sori-blackbox", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0) return NULL;
    /* Without the seals a guest could shrink it and the core would die of SIGBUS reading it. */
    struct blackbox *box = NULL;
    if (ftruncate(*fd, BLACKBOX_SIZE) == 0 &&
        fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        box = blackbox_map(*fd);
    if (!box) {
        close(*fd);
        *fd = -1;
        return NULL;
    }
    box->item = -1;
    return box;
}
