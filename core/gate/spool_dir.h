/* What writer and reader of the spool know in common: names, heads and framing. */
#ifndef GATE_SPOOL_DIR_H
#define GATE_SPOOL_DIR_H

#include "gate/spool.h"

enum {
    SPOOL_FRAME = 8,         /* length and crc in front of the payload */
    SPOOL_TAIL = 4,          /* END behind it */
    SPOOL_END = 0x21444e45,  /* "END!" */
    SPOOL_NAME = 12 + 4 + 1, /* NNNNNNNNNNNN.seg and NUL */
    SPOOL_VERSION = 1
};
#define SPOOL_MAGIC "SORISPL1"

void spool_put32(char *to, uint32_t v);
uint32_t spool_get32(const char *from);
void spool_put64(char *to, uint64_t v);
uint64_t spool_get64(const char *from);
/* "000000000007.seg" */
void spool_name(char to[SPOOL_NAME], int64_t id);
/* The id that a file name stands for, or -1. */
int64_t spool_name_id(const char *name);
/* Does a segment's mode say that a reader has left it? */
bool spool_sealed(unsigned mode);

#endif
