/* /healthz, /readyz and /metrics: a strict HTTP/1.x GET, one request a connection, 4 KiB of head, a
 * total deadline. Three fixed answers need no library, and what is not exactly asked is refused. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VISITORS = METRICS_FDS - 1, HEAD_MAX = 4096, PATIENCE_MS = 5000 };

struct visitor {
    int fd; /* -1 free */
    int64_t until;
    size_t got, sent;
    char head[HEAD_MAX];
    struct buf answer; /* empty while the head is read */
};

struct metrics {
    int fd;
    struct visitor visitor[VISITORS];
};

struct metrics *metrics_start(int listen_fd) {
    struct metrics *m = mem_get(sizeof *m);
    m->fd = listen_fd;
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
    close(m->fd);
    free(m);
}

static void answer(struct visitor *v, const char *status, const char *type, struct sori_str body) {
    buf_printf(&v->answer,
               "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
               "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n",
               status, type, body.len);
    buf_str(&v->answer, body);
}

static void route(struct visitor *v, struct reader *r, struct sori_str path) {
    struct buf body = {0};
    bool ready = false;
    if (str_is(path, "/healthz")) {
        answer(v, "200 OK", "text/plain; charset=utf-8", str_c("ok\n"));
    } else if (str_is(path, "/readyz")) {
        figures_ready(r, &body, &ready);
        answer(v, ready ? "200 OK" : "503 Service Unavailable", "application/json",
               buf_view(&body));
    } else if (str_is(path, "/metrics")) {
        figures_prometheus(r, &body);
        answer(v, "200 OK", "text/plain; version=0.0.4; charset=utf-8", buf_view(&body));
    } else {
        answer(v, "404 Not Found", "text/plain; charset=utf-8",
               str_c("there are /healthz, /readyz and /metrics\n"));
    }
    buf_free(&body);
}

/* "GET /path HTTP/1.x" and no body. */
static void request(struct visitor *v, struct reader *r) {
    struct sori_str head = {v->head, v->got}, path;
    const char *end = memchr(head.ptr, '\r', head.len);
    size_t line = end ? (size_t)(end - head.ptr) : head.len;
    struct sori_str plain = str_c("text/plain; charset=utf-8");
    if (!str_starts(head, SORI_STR("GET /"))) {
        answer(v, "405 Method Not Allowed", plain.ptr, str_c("GET alone\n"));
        return;
    }
    path = (struct sori_str){head.ptr + 4, 0};
    while (4 + path.len < line && path.ptr[path.len] > ' ' && path.ptr[path.len] < 127) path.len++;
    struct sori_str rest = {path.ptr + path.len, line - 4 - path.len};
    if (!str_is(rest, " HTTP/1.1") && !str_is(rest, " HTTP/1.0")) {
        answer(v, "400 Bad Request", plain.ptr, str_c("not a request line\n"));
        return;
    }
    route(v, r, path);
}

static void read_head(struct visitor *v, struct reader *r) {
    ssize_t n = recv(v->fd, v->head + v->got, HEAD_MAX - v->got, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) leave(v);
        return;
    }
    v->got += (size_t)n;
    if (memmem(v->head, v->got, "\r\n\r\n", 4))
        request(v, r);
    else if (v->got == HEAD_MAX)
        answer(v, "431 Request Header Fields Too Large", "text/plain; charset=utf-8",
               str_c("at most 4096 bytes\n"));
}

static void write_answer(struct visitor *v) {
    ssize_t n =
        send(v->fd, v->answer.data + v->sent, v->answer.len - v->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) v->sent += (size_t)n;
    if (n <= 0 || v->sent == v->answer.len) {
        (void)shutdown(v->fd, SHUT_WR);
        leave(v);
    }
}

size_t metrics_watch(struct metrics *m, struct pollfd *fds) {
    size_t n = 0;
    bool room = false;
    for (size_t i = 0; i < VISITORS; i++) {
        struct visitor *v = &m->visitor[i];
        room = room || v->fd < 0;
        if (v->fd < 0) continue;
        fds[n++] = (struct pollfd){.fd = v->fd, .events = v->answer.len > 0 ? POLLOUT : POLLIN};
    }
    if (room) fds[n++] = (struct pollfd){.fd = m->fd, .events = POLLIN};
    return n;
}

static void welcome(struct metrics *m) {
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
            if (v->answer.len == 0) read_head(v, r);
            if (v->fd >= 0 && v->answer.len > 0) write_answer(v);
            break;
        }
    }
    for (size_t i = 0; i < VISITORS; i++)
        if (m->visitor[i].fd >= 0 && clock_mono() > m->visitor[i].until) leave(&m->visitor[i]);
    if (knock) welcome(m);
}
