/* How often rules may speak: one reply to a person in a while (limits.contact_gap), so many an hour
 * on a connection (limits.hour). What is held back gets a turn of its own, so that nothing leaves
 * in a burst when the time has come; what people say or let go does not count. */
#ifndef FLOW_CEILING_H
#define FLOW_CEILING_H

#include "flow/flow.h"

enum turn { TURN_NOW, TURN_LATER, TURN_NEVER };
/* For what a reply waits: row_action.turn; 0 and NIL: for nothing. It goes where another reason to
 * wait takes its place. */
enum turn_for { TURN_FOR_CONTACT = 1, TURN_FOR_HOUR = 2 };
/* LATER: when its turn is. LATER, NEVER: why, for people. */
struct turn_told {
    int64_t due;
    enum turn_for for_;
    char why[256];
};

/* May this reply of a rule, decided at `decided`, leave now? NEVER: its turn would come too late.
 */
enum turn ceiling_ask(struct core *c, struct conn *conn, const struct row_action *a,
                      int64_t decided, struct turn_told *told);
/* A reply of a rule, or of a person, was said to the contact (or may have been). */
void ceiling_spoke(struct core *c, int64_t connection, struct contact *p, bool by_rule);
/* How long ago a person of ours answered the contact, in ms, where that is less than
 * limits.contact_gap; else NIL. */
int64_t ceiling_hand(struct core *c, struct contact *p);
/* Limits may have changed: who waits is looked at anew. Cheap where they have not. */
void ceiling_look(struct core *c);

#endif
