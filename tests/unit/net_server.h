/* A tiny HTTP server for tests of net: one thread a connection, whatever bytes the handler gives.
 */
#ifndef TEST_NET_SERVER_H
#define TEST_NET_SERVER_H

#include "base/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct server;
/* Appends the whole answer for a request (head and body); false: close without answering. The
 * connection is kept when the answer has no "Connection: close". */
typedef bool server_handler(struct server *s, struct sori_str request, int nth, struct buf *answer);

struct server {
    int fd;
    uint16_t port;
    server_handler *handler;
    atomic_int hits, connections, stop;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct buf seen;           /* every request, one after the other */
    struct server_link *links; /* connections that are talked to; under the lock */
    pthread_t thread;
};

struct server_link {
    struct server *server;
    struct server_link *next, **at;
    int fd;
};

static void server_join(struct server *s, struct server_link *link) {
    pthread_mutex_lock(&s->lock);
    link->next = s->links;
    link->at = &s->links;
    if (link->next) link->next->at = &link->next;
    s->links = link;
    pthread_mutex_unlock(&s->lock);
}

/* The server may be gone as soon as this returns. */
static void server_leave(struct server *s, struct server_link *link) {
    pthread_mutex_lock(&s->lock);
    *link->at = link->next;
    if (link->next) link->next->at = link->at;
    close(link->fd);
    free(link);
    pthread_cond_signal(&s->ended);
    pthread_mutex_unlock(&s->lock);
}

static size_t server_body_length(const char *head) {
    const char *at = strcasestr(head, "\r\nContent-Length:");
    return at ? strtoul(at + 17, NULL, 10) : 0;
}

static bool server_read(int fd, struct buf *in) {
    for (;;) {
        char *end = in->data ? strstr(in->data, "\r\n\r\n") : NULL;
        if (end && in->len >= (size_t)(end + 4 - in->data) + server_body_length(in->data))
            return true;
        ssize_t n = recv(fd, buf_room(in, 4096), 4096, 0);
        if (n <= 0) return false;
        in->len += (size_t)n;
        in->data[in->len] = 0;
    }
}

static void *server_talk(void *arg) {
    struct server_link *link = arg;
    struct server *s = link->server;
    struct buf in = {0}, out = {0};
    bool more = true;
    for (int nth = 0; more && !s->stop; nth++) {
        buf_clear(&in);
        buf_clear(&out);
        if (!server_read(link->fd, &in)) break;
        s->hits++;
        pthread_mutex_lock(&s->lock);
        buf_str(&s->seen, buf_view(&in));
        buf_puts(&s->seen, "\n");
        pthread_mutex_unlock(&s->lock);
        more = s->handler(s, buf_view(&in), nth, &out);
        if (out.len) {
            size_t done = 0;
            while (done < out.len) {
                ssize_t n = send(link->fd, out.data + done, out.len - done, MSG_NOSIGNAL);
                if (n <= 0) break;
                done += (size_t)n;
            }
            if (strstr(out.data, "Connection: close")) more = false;
        }
    }
    buf_free(&in);
    buf_free(&out);
    server_leave(s, link);
    return NULL;
}

static void *server_accept(void *arg) {
    struct server *s = arg;
    while (!s->stop) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        if (poll(&p, 1, 20) != 1) continue;
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0) continue;
        struct timeval tv = {.tv_sec = 5};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
        s->connections++;
        struct server_link *link = mem_get(sizeof *link);
        *link = (struct server_link){.server = s, .fd = fd};
        server_join(s, link);
        pthread_t t;
        if (pthread_create(&t, NULL, server_talk, link) == 0)
            pthread_detach(t);
        else
            abort();
    }
    return NULL;
}

/* Listens on `host` ("127.0.0.1", "::1", "::" for everything) and `port` (0: any). */
static bool server_start(struct server *s, const char *host, uint16_t port, server_handler *h) {
    memset(s, 0, sizeof *s);
    s->handler = h;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->ended, NULL);
    bool six = strchr(host, ':') != NULL;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    s->fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    int on = 1, off = 0;
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on); /* one address beside "all" */
    if (six) setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    inet_pton(six ? AF_INET6 : AF_INET, host, six ? (void *)&v6.sin6_addr : (void *)&four.sin_addr);
    const void *address = six ? (const void *)&v6 : (const void *)&four;
    socklen_t len = six ? sizeof v6 : sizeof four;
    if (bind(s->fd, address, len) != 0 || listen(s->fd, 64) != 0) {
        close(s->fd);
        return false;
    }
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;
    getsockname(s->fd, (struct sockaddr *)&bound, &size);
    struct sockaddr_in port_only;
    memcpy(&port_only, &bound, sizeof port_only); /* the port lies at the same place in both */
    s->port = ntohs(port_only.sin_port);
    return pthread_create(&s->thread, NULL, server_accept, s) == 0;
}

/* Returns once no thread of it is left: one that forks afterwards forks alone. */
static void server_stop(struct server *s) {
    s->stop = 1;
    pthread_join(s->thread, NULL);
    close(s->fd);
    pthread_mutex_lock(&s->lock);
    for (struct server_link *link = s->links; link; link = link->next)
        shutdown(link->fd, SHUT_RDWR);
    while (s->links) pthread_cond_wait(&s->ended, &s->lock);
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->ended);
    buf_free(&s->seen);
}

static inline bool server_saw(struct server *s, const char *text) {
    pthread_mutex_lock(&s->lock);
    bool found = s->seen.data && strstr(s->seen.data, text);
    pthread_mutex_unlock(&s->lock);
    return found;
}

#endif
