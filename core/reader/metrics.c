/* /healthz, /readyz and /metrics, as the gate does it and with its code: one request a connection,
 * 4 KiB of head that are strictly checked, a total deadline, and behind that libmicrohttpd. */
#include "gate/http.h"
#include "reader/part.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    VISITORS = METRICS_FDS - 1,
    HEAD_BYTES = 4096,
    PATIENCE_MS = 5000, /* for everything together */
    STALE_MS = 1000,    /* then a newcomer may have the place, where all are taken */
    LINGER_MS = 500     /* for the visitor to close its end */
};

struct visitor {
    int fd; /* -1 free */
    int64_t until;
    size_t got, sent;
    bool said; /* the answer is out: what still comes is thrown away until they close */
    char head[HEAD_BYTES];
    struct buf answer; /* empty while the head is read */
};

struct metrics {
    int fd;
    struct http *http;
    struct visitor visitor[VISITORS];
};

/* The library's handler. */
static void serve(void *ctx, const struct head *head, struct sori_str body, struct response *a) {
    struct reader *r = ctx;
    bool ready = false;
    (void)body;
    if (!str_is(head->method, "GET")) {
        response_set(a, 405, "GET alone");
        response_field(a, "Allow", SORI_STR("GET"));
    } else if (str_is(head->path, "/healthz")) {
        response_set(a, 200, "ok");
    } else if (str_is(head->path, "/readyz")) {
        figures_ready(r, &a->body, &ready);
        a->status = ready ? 200 : 503;
        a->type = "application/json";
    } else if (str_is(head->path, "/metrics")) {
        figures_prometheus(r, &a->body);
        a->status = 200;
        a->type = "text/plain; version=0.0.4; charset=utf-8";
    } else {
        response_set(a, 404, "there are /healthz, /readyz and /metrics");
    }
}

struct metrics *metrics_start(int listen_fd) {
    struct metrics *m = mem_get(sizeof *m);
    m->fd = listen_fd;
    m->http = http_open("reader", serve);
    int flags = fcntl(listen_fd, F_GETFL);
    (void)fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK);
    for (size_t i = 0; i < VISITORS; i++) m->visitor[i].fd = -1;
    return m;
}

static void leave(struct visitor *v) {
    close(v->fd);
    buf_free(&v->answer);
    v->fd = -1;
}

void metrics_stop(struct metrics *m) {
    if (!m) return;
    for (size_t i = 0; i < VISITORS; i++)
        if (m->visitor[i].fd >= 0) leave(&m->visitor[i]);
    http_close(m->http);
    close(m->fd);
    free(m);
}

static void refuse(struct visitor *v, int status, const char *why) {
    struct response a = {0};
    response_set(&a, status, why);
    response_refusal(&a, true, &v->answer);
    response_free(&a);
}

static void request(struct visitor *v, struct metrics *m, struct reader *r) {
    struct head head;
    int whole = head_parse((struct sori_str){v->head, v->got}, &head);
    if (whole == 0 && v->got < HEAD_BYTES) return; /* more is needed */
    if (whole == 0)
        refuse(v, 431, "at most 4096 bytes");
    else if (whole < 0)
        refuse(v, -whole, head.why);
    else if (head.length > 0 || head.chunked || head.expects)
        refuse(v, 413, "no body is taken");
    else
        http_answer(http_hand(m->http, &head, (struct sori_str){0}, r), &v->answer);
}

static void read_head(struct visitor *v, struct metrics *m, struct reader *r) {
    ssize_t n = recv(v->fd, v->head + v->got, HEAD_BYTES - v->got, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) leave(v);
        return;
    }
    v->got += (size_t)n;
    request(v, m, r);
}

/* Closing over unread bytes would reset the connection, and the answer with it. */
static void see_off(struct visitor *v) {
    ssize_t n = recv(v->fd, v->head, HEAD_BYTES, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) leave(v);
}

static void write_answer(struct visitor *v) {
    ssize_t n =
        send(v->fd, v->answer.data + v->sent, v->answer.len - v->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        leave(v);
        return;
    }
    v->sent += (size_t)n;
    if (v->sent < v->answer.len) return;
    (void)shutdown(v->fd, SHUT_WR);
    v->said = true;
    int64_t linger = clock_mono() + LINGER_MS;
    if (linger < v->until) v->until = linger;
}

/* The visitor who has been here longest, and for too long to be honest. */
static struct visitor *stalest(struct metrics *m) {
    struct visitor *found = NULL;
    int64_t limit = clock_mono() + PATIENCE_MS - STALE_MS;
    for (size_t i = 0; i < VISITORS; i++) {
        struct visitor *v = &m->visitor[i];
        if (v->fd >= 0 && v->until < limit && (!found || v->until < found->until)) found = v;
    }
    return found;
}

size_t metrics_watch(struct metrics *m, struct pollfd *fds) {
    size_t n = 0;
    bool room = false;
    for (size_t i = 0; i < VISITORS; i++) {
        struct visitor *v = &m->visitor[i];
        room = room || v->fd < 0;
        if (v->fd < 0) continue;
        bool writes = v->answer.len > 0 && !v->said;
        fds[n++] = (struct pollfd){.fd = v->fd, .events = writes ? POLLOUT : POLLIN};
    }
    if (room || stalest(m)) fds[n++] = (struct pollfd){.fd = m->fd, .events = POLLIN};
    return n;
}

static void welcome(struct metrics *m) {
    struct visitor *old = stalest(m);
    bool room = false;
    for (size_t i = 0; i < VISITORS; i++) room = room || m->visitor[i].fd < 0;
    if (!room && old) leave(old);
    for (size_t i = 0; i < VISITORS; i++) {
        struct visitor *v = &m->visitor[i];
        if (v->fd >= 0) continue;
        int fd = accept4(m->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        *v = (struct visitor){.fd = fd, .until = clock_mono() + PATIENCE_MS};
    }
}

void metrics_serve(struct metrics *m, struct reader *r, const struct pollfd *fds, size_t n) {
    bool knock = false;
    for (size_t k = 0; k < n; k++) {
        if (!fds[k].revents) continue;
        if (fds[k].fd == m->fd) {
            knock = true;
            continue;
        }
        for (size_t i = 0; i < VISITORS; i++) {
            struct visitor *v = &m->visitor[i];
            if (v->fd != fds[k].fd) continue;
            if (v->said)
                see_off(v);
            else if (v->answer.len == 0)
                read_head(v, m, r);
            if (v->fd >= 0 && v->answer.len > 0 && !v->said) write_answer(v);
            break;
        }
    }
    for (size_t i = 0; i < VISITORS; i++)
        if (m->visitor[i].fd >= 0 && clock_mono() > m->visitor[i].until) leave(&m->visitor[i]);
    if (knock) welcome(m);
}
