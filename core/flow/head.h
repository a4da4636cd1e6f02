/* What this batch knows of an interaction: the stored head with the batch's own changes on top. */
#ifndef FLOW_HEAD_H
#define FLOW_HEAD_H

#include "flow/flow.h"

struct head {
    struct store_head h;
    size_t row_index; /* of batch.interaction, SIZE_MAX when it was there before */
    int64_t space;
    struct sori_str native;
};

/* The head of a key, or NULL where it was never seen. Lives until the next commit. */
struct head *head_seen(struct core *c, int64_t space, struct sori_str native);
/* Inserts an interaction of which nothing is known but its name, and returns its head: the caller
 * fills it and calls head_write. */
struct head *head_stub(struct core *c, struct conn *conn, int64_t space, struct sori_str native,
                       int kind);
/* Writes the fields of `h` that heads can change (state, said, last, version, kind …). */
void head_write(struct core *c, struct head *h);

#endif
