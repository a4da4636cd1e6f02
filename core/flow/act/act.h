/* Between 5_act.c (what leaves when) and act/done.c (what came of it). */
#ifndef FLOW_ACT_H
#define FLOW_ACT_H

#include "flow/flow.h"
#include "sori/connector.h"

/* A line of the action's life, for `why`. */
void act_outcome(struct core *c, const struct row_action *a, const char *text);
/* Changes state if it is one of `from`; the returned element takes further fields. */
struct set_action *act_change(struct core *c, int64_t id, uint32_t from, int state);
/* It waits for a person from now on, who sees which check of the send gate it did not pass. */
void act_hold(struct core *c, const struct row_action *a, uint32_t from, const char *check,
              const char *why);
void act_needs_person(struct core *c, const struct row_action *a, const char *why);
/* Every action of the interaction (or, where that is NIL, of the case), the batch's own included;
 * `in_batch` rows may be changed in place. Nothing may be inserted meanwhile. */
typedef void action_row(struct core *c, struct row_action *a, bool in_batch, void *ctx);
void act_each(struct core *c, int64_t interaction, int64_t kase, action_row *each, void *ctx);
/* Is that native id one that an action of this connection got, be it on disk yet or not? */
bool act_made(struct core *c, const struct conn *conn, struct sori_str native);
/* It did not leave yet, and does not where it is dropped: what was leased is sent only if it still
 * is when the send is written down. */
static inline uint32_t act_unsent(void) {
    return 1u << ACTION_WAITING | 1u << ACTION_READY | 1u << ACTION_LEASED;
}
/* The action made this: where it was heard already, as a stranger's words, it is ours (echo.c). */
void echo_made(struct core *c, const struct row_action *a, struct sori_str native);
/* The state that an action has with what the flight and the batch change of it. */
void act_with_changes(const struct core *c, struct row_action *a);
/* Takes it out of the way, if it is in one of the states `from`. `reason` is constant. */
void act_drop(struct core *c, struct row_action *a, bool in_batch, uint32_t from, int state,
              const char *reason);
/* act/held.c: an act's credential was refused; one was taken; may nothing be sent for that reason
 * (now)? */
void act_refused(struct core *c, struct conn *conn, const char *why);
void act_accepted(struct core *c, struct conn *conn);
bool act_held(struct core *c, struct conn *conn);
/* The payload of a call about an action. */
void act_put_call(struct core *c, const struct row_action *a, struct conn *conn, struct buf *b);
/* When the lease that stands in the batch is on disk, the plugin is called. */
void act_step_lease(struct core *c, struct conn *conn, int64_t action, int64_t attempt);
/* The connection acts on when what stands in the batch is on disk. */
void act_step_settle(struct core *c, struct conn *conn);
/* What waits for a time is looked at now: it may not have to wait any longer. */
void act_step_due(struct core *c, struct conn *conn);
/* Starts the act lane's process; it is used when it has created its instance. */
void act_guest_start(struct core *c, struct conn *conn);

#endif
