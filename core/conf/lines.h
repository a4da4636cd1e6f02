/* On which line of sori.lua each word of each block stands. Lua tables do not know, so the source
 * is looked through once; what is not written plainly in place is found by its block's line. */
#ifndef CONF_LINES_H
#define CONF_LINES_H

#include "base/buf.h"

struct line_key {
    struct sori_str key; /* borrowed from the source */
    int line;
};
struct line_block {
    struct sori_str keyword, name; /* name: of `connection "name"`, else empty */
    int line;                      /* of the keyword */
    struct line_key *keys;
    size_t count;
};
struct lines {
    struct line_block *blocks;
    size_t count;
};

void lines_scan(struct sori_str source, struct lines *lines);
void lines_free(struct lines *lines);
/* The block of that keyword that begins on that line, or NULL. */
const struct line_block *lines_block(const struct lines *lines, struct sori_str keyword,
                                     struct sori_str name, int line);
/* The line of a key, or the fallback. `block` may be NULL. */
int lines_key(const struct line_block *block, struct sori_str key, int fallback);

#endif
