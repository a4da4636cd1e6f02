/* The one action that a command is about. */
#ifndef FLOW_PICK_H
#define FLOW_PICK_H

#include "flow/act/hand.h"

/* That of the interaction in one of `states`, of those that the argument "which" leaves: "1" is a
 * slot, "private_reply" a verb, "reply.1" both, as `sori show` names them. Tells the person where
 * there is none, or more than one. The body is kept. */
bool pick_action(struct command *cmd, const struct subject *s, uint32_t states,
                 struct row_action *out);

#endif
