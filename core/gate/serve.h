/* The sockets of the gate: accepts, reads one strictly checked request a connection under total
 * deadlines, waits for the spool, answers, closes. What follows the first request on a connection
 * is never read as a request. */
#ifndef GATE_SERVE_H
#define GATE_SERVE_H

#include "gate/receive.h"
#include "gate/spool.h"

#include <event2/event.h>

enum {
    SERVE_HEAD_MS = 5000,    /* from the first moment to a whole head */
    SERVE_BODY_MS = 10000,   /* for the body, and more for a long one: */
    SERVE_BODY_RATE = 1024,  /* bytes a ms that a long body must keep up */
    SERVE_ANSWER_MS = 5000,  /* to take the answer */
    SERVE_LINGER_MS = 1000,  /* to close its end */
    SERVE_TOTAL_MS = 30000,  /* everything together */
    SERVE_CLIENTS = 400,     /* at once */
    SERVE_PER_ADDRESS = 32,  /* of them from one address */
    SERVE_PER_LOCAL = 256,   /* from loopback: that is a proxy with limits of its own */
    SERVE_MEMORY = 96 << 20, /* bytes of all bodies in hand */
    SERVE_GROUP = 64         /* requests that share a sync at most */
};

struct server;
/* Serves `listen_fd`, which stays the caller's. Priorities of `base` must be at least 2. */
struct server *server_start(struct event_base *base, int listen_fd);
/* Puts a configuration and a spool in force; accepting begins with the first. Requests in hand
 * keep the configuration that they came under. Takes a reference; the spool stays the caller's. */
void server_use(struct server *s, struct gate_conf *conf, struct spool_writer *spool);
/* Accepts no more; `base` is left when the last client is gone. */
void server_stop(struct server *s);
/* Syncs what waits and answers it. */
void server_flush(struct server *s);
void server_free(struct server *s);

#endif
