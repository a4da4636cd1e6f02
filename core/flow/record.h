/* Between the files of stage 2. */
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "flow/head.h"

int64_t record_space(struct core *c, struct conn *conn, const struct sori_item *item);
/* The id of what an item speaks about or answers; unknown things become stubs. NIL for no name. */
int64_t record_reference(struct core *c, struct conn *conn, int64_t space, struct sori_str native,
                         int kind);
/* Adds a journal row of the interaction; valid until the next one is added. */
struct row_journal *record_journal(struct core *c, struct head *h, int kind, int64_t at,
                                   struct arrival a);
/* Sends an entry on its way: to a decision, or to none where none is due. */
void record_dispatch(struct core *c, struct conn *conn, struct head *h,
                     const struct sori_item *item, struct contact *p, int kind,
                     struct row_journal *j);
/* What waited to be said about an older state of the interaction is not said any more. */
void record_overtake(struct core *c, int64_t interaction, int state);

void record_count(struct core *c, struct conn *conn, const struct sori_item *item);
void record_state(struct core *c, struct conn *conn, const struct sori_item *item, struct arrival a,
                  int state, int kind);
void record_arrived(struct core *c, struct conn *conn, const struct sori_item *item,
                    struct arrival a);

#endif
