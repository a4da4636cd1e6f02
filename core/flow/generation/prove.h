/* The gate of a reload: where sori.lua says reload { max_change = "5%" }, history must agree with a
 * candidate that far before it goes live. */
#ifndef FLOW_PROVE_H
#define FLOW_PROVE_H

#include "flow/flow.h"

/* Is this candidate to be proven by history? Not where policy and what it may name stay as they
 * are, nor where nothing was live before. */
bool prove_wanted(const struct core *c, const struct generation *g);
/* A back-test of the last 30 days beside the flow, in a process of its own. `done` is called once,
 * later; `why` is lines for people: what was found, or why it may not go live. One at a time. */
typedef void prove_done(struct core *c, bool ok, struct sori_str why);
bool prove_begin(struct core *c, const struct generation *g, prove_done *done, struct err *err);
/* Gives up what is under way; `done` is not called. */
void prove_stop(struct core *c);

#endif
