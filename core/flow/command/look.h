/* What the core alone can know of a reply: who else speaks, whether it is still in time, how many
 * people got the same words, what the ceilings say. Asked when an action is made and again when it
 * is about to leave; what does not pass waits for a person with the name of the check. */
#ifndef FLOW_LOOK_H
#define FLOW_LOOK_H

#include "flow/act/act.h"

/* The last look before the lease. */
enum look { LOOK_GO, LOOK_LATER, LOOK_HOLD, LOOK_DEAD };
struct looked {
    int64_t due;       /* LATER */
    int turn;          /* LATER: enum turn_for */
    int state;         /* DEAD: stale or moot */
    const char *check; /* HOLD: the check that it did not pass */
    char why[300];     /* LATER, HOLD, DEAD */
};
enum look look_leaving(struct core *c, struct conn *conn, const struct row_action *a,
                       struct looked *out);

/* A reply that a decision makes: fields ACT_CHECK of what it does not pass are appended. `checks`
 * holds those that the policy found already. */
struct making {
    int verb;
    struct sori_str text, same; /* same: the record of INTENT_SAME */
    bool split;
};
void look_made(struct core *c, struct entry *e, const struct making *m, struct buf *checks);

/* Appends a field ACT_CHECK. */
void look_put(struct buf *checks, const char *check, const char *why);
/* "sources, one_voice": the checks that stand open in an action's body; empty where none do. */
void look_names(struct sori_str body, struct buf *out);

/* ---- same.c ---- */
/* The action's words were said, or are about to be. */
void same_said(struct core *c, const struct row_action *a);
/* How many others than this contact got these words within so many ms; counts up to `most`. */
int64_t same_people(struct core *c, int64_t hash, int64_t contact, int64_t within, int64_t most);

#endif
