/* Where cases that others published lie, and what it means when there are none: for all tests of
 * this folder. */
#ifndef SPECS_SPECS_H
#define SPECS_SPECS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SPECS_SKIPPED = 77 };

/* $SORI_SPECS, else the folder beside the sources. */
static inline const char *specs_folder(void) {
    const char *named = getenv("SORI_SPECS");
    return named && *named ? named : "../shared/specs";
}

/* `what` was not found: says so and gives the exit code. Where nobody named a folder and the usual
 * one is not there, the test is skipped; one that is there, or was named, must have cases. */
static inline int specs_absent(const char *what) {
    const char *named = getenv("SORI_SPECS");
    struct stat st;
    if ((!named || !*named) && stat(specs_folder(), &st) != 0) {
        printf("SKIPPED: %s is not there; SORI_SPECS may name another folder\n", specs_folder());
        return SPECS_SKIPPED;
    }
    printf("FAILED: no case was found in %s\n", what);
    return 1;
}

/* Whether the folder is there at all. */
static inline int specs_there(void) {
    struct stat st;
    return stat(specs_folder(), &st) == 0;
}

#endif
