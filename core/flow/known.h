#ifndef FLOW_KNOWN_H
#define FLOW_KNOWN_H

#include "flow/flow.h"

/* Notes facts that this Sori is the first to offer; once, before anything is decided. */
void known_facts(struct core *c);

#endif
