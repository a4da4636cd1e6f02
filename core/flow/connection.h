/* What the lanes of a connection share. */
#ifndef FLOW_CONNECTION_H
#define FLOW_CONNECTION_H

#include "flow/flow.h"

struct conn_ctx {
    struct core *core;
    struct conn *conn;
};
/* Lives as long as the connection. */
struct conn_ctx *conn_ctx(struct core *c, struct conn *conn);
/* M_CREATE of a lane. */
void conn_create_payload(struct core *c, struct conn *conn, struct buf *b);

#endif
