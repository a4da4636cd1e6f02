/* How often rules may speak: one reply to a person in a while (limits.contact_gap), so many an hour
 * on a connection (limits.hour). What is held back gets a turn of its own, so that nothing leaves
 * in a burst when the time has come; what people say or let go does not count. */
#ifndef FLOW_CEILING_H
#define FLOW_CEILING_H

#include "flow/flow.h"

/* What a held reply's reason begins with; the reader counts them by it. */
#define CEILING_WAITS "waits for its turn: "

enum turn { TURN_NOW, TURN_LATER, TURN_NEVER };

/* May this reply of a rule, decided at `decided`, leave now? LATER: `*due` is its turn. NEVER: its
 * turn would come too late. `why` says it, for people. */
enum turn ceiling_ask(struct core *c, struct conn *conn, const struct row_action *a,
                      int64_t decided, int64_t *due, char why[256]);
/* A reply of a rule, or of a person, was said to the contact (or may have been). */
void ceiling_spoke(struct core *c, int64_t connection, struct contact *p, bool by_rule);
/* How long ago a person of ours answered the contact, in ms, where that is less than
 * limits.contact_gap; else NIL. */
int64_t ceiling_hand(struct core *c, struct contact *p);
/* Limits may have changed: who waits is looked at anew. Cheap where they have not. */
void ceiling_look(struct core *c);

#endif
