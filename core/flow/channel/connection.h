/* What the lanes of a connection share. */
#ifndef FLOW_CONNECTION_H
#define FLOW_CONNECTION_H

#include "flow/flow.h"

struct live;

struct conn_ctx {
    struct core *core;
    struct conn *conn;
    struct live *live; /* live.h; NULL before its first use */
};
/* Lives as long as the connection. */
struct conn_ctx *conn_ctx(struct core *c, struct conn *conn);
/* Flags and verbs, from its plugin's descriptor. */
void conn_learn(struct conn *conn);
/* A lane's process said hello: it is asked to make its instance. `ctx` is a conn_ctx. */
void lane_ready(void *ctx, struct guest *g, struct sori_str hello);

#endif
