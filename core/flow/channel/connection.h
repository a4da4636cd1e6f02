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
/* Starts the process of one lane, "poll" of a connection, or "decode" of a whole plugin (`conn` is
 * NULL). Where it cannot, the log says why and NULL comes back. */
struct guest *lane_start(struct core *c, const struct plugin *p, const struct conn *conn,
                         const char *lane, const struct guest_events *events);
/* A lane's process said hello: it is asked to make its instance. `ctx` is a conn_ctx. */
void lane_ready(void *ctx, struct guest *g, struct sori_str hello);

#endif
