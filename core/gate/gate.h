/* The gate: HTTP in. Started by the keeper, so that it outlives the core.
 *
 * The way of a request, and the order to read in: serve.c accepts, client.c reads, head.c and
 * body.c check, http.c hands what is whole and accepted to libmicrohttpd and is called back with
 * it, receive.c finds connection and form, sign.c proves the sender, channel.c answers in the
 * channel's own form, spool_write.c makes it durable, reply.c sends the answer and closes.
 *
 * The library alone takes ambiguous requests and lets those live who send a byte at a time. So it
 * has no socket of a stranger's: it gets one request on each private pair of sockets, in a form
 * that was written here from what was checked. Deadlines and limits are kept in front of it. */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "base/record.h"

/* The configuration that the core makes and the keeper hands over (bytes it does not read). */
enum {
    GATE_CONNECTION = 1, /* rep rec GC_… */
    GATE_SPOOL = 2,      /* str: folder */
    GATE_SECRETS = 3,    /* str: folder */
    GATE_SPOOL_MAX = 4,  /* int bytes */
    GATE_PUBLIC = 5      /* str: public base URL */
};
enum {
    GC_NAME = 1,
    GC_SITE = 2,    /* rep str: URL prefixes of pages of ours; targets must begin with one */
    GC_RECEIVE = 3, /* rep rec RECV_… (messages.h) */
    GC_BUSY = 4     /* int 1: nothing more can be kept for it now; its senders are told 503 */
};

/* Runs until SIGTERM. `listen_fd` is bound and listening. New configuration arrives on the wire
 * (W_CALL M_NET_CONF with the record above). Returns an exit code. */
int gate_main(int wire_fd, int listen_fd);

#endif
