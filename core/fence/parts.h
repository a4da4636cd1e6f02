/* Inside fence/: what a profile is made of. */
#ifndef FENCE_PARTS_H
#define FENCE_PARTS_H

#include "fence/fence.h"

#include <linux/filter.h>
#include <stdint.h>

/* ---- landlock.c */

struct landlock_paths {
    const char *const *read;     /* must exist; files and folders */
    const char *const *write;    /* must exist; folders */
    const char *const *optional; /* read, where they exist: what libraries look for */
    bool connect;                /* TCP out */
};
/* 0 where the kernel has none, else its version; -1 with `err` when a listed path is missing. */
int landlock_apply(const struct landlock_paths *paths, struct err *err);

/* ---- seccomp.c */

enum {
    SET_WORKER = 1,
    SET_LOADING = 2,
    SET_FILES = 4,
    SET_CONNECT = 8,
    SET_ACCEPT = 16,
    SET_THREADS = 32
};
/* The allow-list of these sets; what is not in it reaches trap.c. `cookie`: an openat that
 * carries it passes (stage 1 of a worker), 0 none. */
bool seccomp_apply(unsigned sets, uint64_t cookie, struct err *err);

/* ---- trap.c */

/* Names what was forbidden and ends the process. With `cookie` not 0, files below `allowed` (NULL-
 * terminated, borrowed for good) may be opened for reading. */
bool trap_install(const char *const *allowed, uint64_t cookie, struct err *err);
/* Stage 2: nothing is opened, and the files that libraries ask for quietly get "no such file". */
void trap_close_files(void);

/* ---- limits.c */

struct limits {
    size_t memory;  /* bytes of address space; 0 unlimited */
    size_t file;    /* largest file (and memfd) it may make */
    unsigned files; /* open descriptors; 0 as they are */
};
bool limits_apply(const struct limits *l, struct err *err);

#endif
