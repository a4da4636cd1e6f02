/* The folders that net's fence lets it reach: the secrets, and the roots of folder: URLs. */
#ifndef NET_FOLDERS_H
#define NET_FOLDERS_H

#include "base/buf.h"
#include "base/err.h"

struct folders {
    char *secrets; /* NULL: none */
    bool rotates;  /* a token in there is rewritten */
    char **roots;  /* NULL-terminated */
    size_t count;
};

/* Those that an M_NET_CONF record names and that exist now; a missing one is logged. */
void folders_read(struct sori_str conf, struct folders *f);
void folders_free(struct folders *f);
/* True when all of `wanted` are in `have`. */
bool folders_cover(const struct folders *have, const struct folders *wanted);

#endif
