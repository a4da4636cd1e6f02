#include "gate/client.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPT_AT_ONCE = 32, STALE_MS = 1000, RESUME_MS = 20 };

static void to_in6(const struct sockaddr_storage *from, struct in6_addr *out) {
    memset(out, 0, sizeof *out);
    if (from->ss_family == AF_INET6) {
        memcpy(out, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, sizeof *out);
    } else if (from->ss_family == AF_INET) {
        out->s6_addr[10] = out->s6_addr[11] = 0xff;
        memcpy(&out->s6_addr[12], &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    }
}

static bool is_local(const struct in6_addr *a) {
    return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

/* The client that has been sending its request for longest, and for too long to be honest: of one
 * address, or of all. */
static struct client *stalest(struct server *s, const struct in6_addr *address) {
    struct client *found = NULL;
    int64_t limit = clock_mono() - STALE_MS;
    for (struct client *c = s->clients; c; c = c->next) {
        if (c->state == WAIT_SYNC || c->since > limit) continue;
        if (address && memcmp(&c->address, address, sizeof *address) != 0) continue;
        if (!found || c->since < found->since) found = c;
    }
    return found;
}

static size_t of_address(const struct server *s, const struct in6_addr *address) {
    size_t n = 0;
    for (const struct client *c = s->clients; c; c = c->next)
        n += memcmp(&c->address, address, sizeof *address) == 0;
    return n;
}

/* Nothing is accepted for a moment: what comes waits in the kernel's queue. */
static void rest(struct server *s) {
    struct timeval tv = {0, RESUME_MS * 1000};
    event_del(s->acceptor);
    evtimer_add(s->resume, &tv);
}

static void admit(struct server *s, int fd, const struct in6_addr *address) {
    size_t limit = is_local(address) ? SERVE_PER_LOCAL : SERVE_PER_ADDRESS;
    if (of_address(s, address) >= limit) {
        struct client *old = stalest(s, address);
        if (!old) {
            static const char busy[] = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n"
                                       "Content-Length: 0\r\nConnection: close\r\n\r\n";
            ssize_t n = send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL);
            if (n < 0) errno = 0;
            close(fd);
            return;
        }
        client_end(old);
    }
    client_start(s, fd, address);
}

static bool has_place(struct server *s) {
    if (s->client_count < SERVE_CLIENTS) return true;
    struct client *old = stalest(s, NULL);
    if (old) client_end(old);
    return old != NULL;
}

/* A proxy on this machine is never told 429: its surplus waits in the kernel's queue. */
static bool local_is_full(const struct server *s) {
    size_t n = 0;
    for (const struct client *c = s->clients; c; c = c->next) n += is_local(&c->address);
    return n >= SERVE_PER_LOCAL;
}

static void on_accept(evutil_socket_t fd, short what, void *ctx) {
    struct server *s = ctx;
    (void)what;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        if (!has_place(s) || (local_is_full(s) && !stalest(s, NULL))) {
            rest(s);
            return;
        }
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        int client = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) rest(s);
            return;
        }
        struct in6_addr address;
        to_in6(&from, &address);
        admit(s, client, &address);
    }
}

static void on_resume(evutil_socket_t fd, short what, void *ctx) {
    struct server *s = ctx;
    (void)fd;
    (void)what;
    if (!s->stopping && s->conf) event_add(s->acceptor, NULL);
}

void server_client_gone(struct server *s) {
    if (s->stopping && s->client_count == 0) event_base_loopbreak(s->base);
}

void server_wait_sync(struct client *c) {
    struct server *s = c->server;
    c->state = WAIT_SYNC;
    c->waiting = NULL;
    *s->wait_last = c;
    s->wait_last = &c->waiting;
    if (++s->waiting >= SERVE_GROUP)
        server_flush(s);
    else
        event_active(s->sync, EV_TIMEOUT, 0);
}

/* One sync for all that wait. Where it fails nobody is answered: the disk can no longer be
 * believed, and only a new process re-reads what is really there. */
void server_flush(struct server *s) {
    struct err err = {{0}};
    if (!s->wait_first) return;
    if (!spool_sync(s->spool, &err)) {
        log_line(LOG_ERROR, "gate", "%s", err.text);
        _exit(1);
    }
    struct client *c = s->wait_first;
    s->wait_first = NULL;
    s->wait_last = &s->wait_first;
    s->waiting = 0;
    while (c) {
        struct client *next = c->waiting;
        client_answer(c);
        c = next;
    }
}

static void on_sync(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    server_flush(ctx);
}

struct server *server_start(struct event_base *base, int listen_fd) {
    struct server *s = mem_get(sizeof *s);
    s->base = base;
    s->http = http_open("gate", client_whole);
    s->wait_last = &s->wait_first;
    evutil_make_socket_nonblocking(listen_fd);
    s->acceptor = event_new(base, listen_fd, EV_READ | EV_PERSIST, on_accept, s);
    s->resume = evtimer_new(base, on_resume, s);
    s->sync = evtimer_new(base, on_sync, s);
    SORI_ASSERT(s->acceptor && s->resume && s->sync);
    /* Requests come first, so that many share a sync; SERVE_GROUP bounds the wait. */
    event_priority_set(s->acceptor, 0);
    event_priority_set(s->sync, 1);
    return s;
}

void server_use(struct server *s, struct gate_conf *conf, struct spool_writer *spool) {
    server_flush(s);
    gate_conf_drop(s->conf);
    s->conf = gate_conf_hold(conf);
    s->spool = spool;
    if (!s->stopping) event_add(s->acceptor, NULL);
}

void server_stop(struct server *s) {
    s->stopping = true;
    event_del(s->acceptor);
    event_del(s->resume);
    server_flush(s);
    for (struct client *c = s->clients, *next; c; c = next) {
        next = c->next;
        if (c->state == LINGER || (c->state == READ_HEAD && c->in.len == 0)) client_end(c);
    }
    server_client_gone(s);
}

void server_free(struct server *s) {
    while (s->clients) client_end(s->clients);
    http_close(s->http);
    event_free(s->acceptor);
    event_free(s->resume);
    event_free(s->sync);
    gate_conf_drop(s->conf);
    free(s);
}
