/* One connection of the gate's server. Private to serve.c, client.c and reply.c. */
#ifndef GATE_CLIENT_H
#define GATE_CLIENT_H

#include "gate/http.h"
#include "gate/serve.h"

#include <netinet/in.h>

enum client_state { READ_HEAD, READ_BODY, WAIT_SYNC, WRITE_ANSWER, LINGER };

struct client {
    struct client *next, *prev; /* all clients */
    struct client *waiting;     /* next in the queue for the sync */
    struct server *server;
    struct event *readable, *writable, *timer;
    struct gate_conf *conf;    /* once its route is known */
    struct exchange *exchange; /* with the library, until its answer is in `out` */
    struct buf in, body, out;
    struct head head;
    struct body framing;
    struct route route;
    size_t written, head_len, drained;
    int64_t since; /* monotonic ms of its accept */
    struct in6_addr address;
    enum client_state state;
    int fd;
    bool kept;      /* it is in the spool: answered after the sync */
    bool continued; /* 100 Continue was sent */
};

struct server {
    struct event_base *base;
    struct http *http;
    struct event *acceptor, *resume, *sync;
    struct gate_conf *conf;
    struct spool_writer *spool;
    struct client *clients;
    struct client *wait_first, **wait_last;
    size_t client_count, waiting;
    size_t held; /* bytes of bodies in hand */
    bool stopping;
};

/* client.c: reading. The library's handler: keeps a whole request, or says why not. */
void client_whole(void *ctx, const struct head *head, struct sori_str body, struct response *a);
/* Makes a client of an accepted socket. */
void client_start(struct server *s, int fd, const struct in6_addr *address);
void client_end(struct client *c);
/* Sets the time by which the current state must be over. */
void client_deadline(struct client *c, int64_t ms);
/* reply.c: answering. `client_write` is the callback of `writable`. */
void client_write(evutil_socket_t fd, short what, void *ctx);
/* What the library makes of the request that it has. */
void client_answer(struct client *c);
/* An answer that the library has no part in, since it may not see the request. */
void client_refuse(struct client *c, int status, const char *text);
void client_refuse_with(struct client *c, const struct response *a);
/* serve.c */
void server_wait_sync(struct client *c);
void server_client_gone(struct server *s);

#endif
