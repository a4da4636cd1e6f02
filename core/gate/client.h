/* One connection of the gate's server. Private to serve.c, client.c and reply.c. */
#ifndef GATE_CLIENT_H
#define GATE_CLIENT_H

#include "gate/serve.h"

#include <netinet/in.h>

enum client_state { READ_HEAD, READ_BODY, WAIT_SYNC, WRITE_ANSWER, LINGER };

struct client {
    struct client *next, *prev; /* all clients */
    struct client *waiting;     /* next in the queue for the sync */
    struct server *server;
    struct event *readable, *writable, *timer;
    struct gate_conf *conf; /* once its route is known */
    struct buf in, body, out;
    struct head head;
    struct body framing;
    struct route route;
    size_t written, head_len, drained;
    int64_t since; /* monotonic ms of its accept */
    struct in6_addr address;
    enum client_state state;
    int fd;
    int status;     /* of the answer, for the log */
    bool continued; /* 100 Continue was sent */
};

struct server {
    struct event_base *base;
    struct event *acceptor, *resume, *sync;
    struct gate_conf *conf;
    struct spool_writer *spool;
    struct client *clients;
    struct client *wait_first, **wait_last;
    size_t client_count, waiting;
    size_t held; /* bytes of bodies in hand */
    bool stopping;
};

/* client.c: reading. Makes a client of an accepted socket. */
void client_start(struct server *s, int fd, const struct in6_addr *address);
void client_end(struct client *c);
/* Sets the time by which the current state must be over. */
void client_deadline(struct client *c, int64_t ms);
/* reply.c: answering. `close` fields and framing are added here. */
void client_answer(struct client *c, const struct answer *a);
void client_refuse(struct client *c, int status, const char *text);
void client_write(evutil_socket_t fd, short what, void *ctx);
void client_linger(struct client *c);
/* serve.c */
void server_wait_sync(struct client *c);
void server_client_gone(struct server *s);

#endif
