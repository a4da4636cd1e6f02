/* Between route.c and act/step.c: a writing request that has waited for its commit. */
#ifndef FLOW_ROUTE_H
#define FLOW_ROUTE_H

#include "flow/flow.h"

/* It leaves. */
void route_write(struct core *c, struct conn *conn, struct guest *g, const struct wire_msg *msg);
/* It does not, and its guest hears why. */
void route_refuse(struct core *c, struct guest *g, const struct wire_msg *msg);

#endif
