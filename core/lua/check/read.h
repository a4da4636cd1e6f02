/* Between the files that read a guide. */
#ifndef LUA_CHECK_READ_H
#define LUA_CHECK_READ_H

#include "lua/check/check.h"

/* A table of the guide that is being read, key by key. */
struct each {
    struct reader *r;
    int line;
    const char *what;
    void *ctx;
    bool (*run)(struct each *e, struct sori_str key, int value);
};
/* Calls `run` for every key of the table at `index`, with the place of its value; complains where
 * it is none, and stops where `run` is false. */
bool guide_each(struct each *e, int index);
/* The line of that key, for complaints. */
int guide_line(const struct each *e, struct sori_str key);
/* guide.freeze (check/freeze.c) */
bool freezes_read(struct each *e, int value);

#endif
