/* Answers on their way out. Each closes its connection: what a client sent behind its request is
 * read and thrown away, so that the answer is not lost to a reset. */
#include "gate/client.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What was refused, or left before its answer. What was taken is told by what becomes of it: a line
 * for each would drown all else. */
static void write_log(const struct client *c) {
    int status = c->out.len > 12 ? atoi(c->out.data + 9) : 0; /* "HTTP/1.1 200" */
    if (status > 0 && status < 400 && c->written == c->out.len) return;
    char from[INET6_ADDRSTRLEN] = "?";
    inet_ntop(AF_INET6, &c->address, from, sizeof from);
    const char *shown = strncmp(from, "::ffff:", 7) == 0 ? from + 7 : from;
    struct sori_str path = c->head.path;
    if (path.len > 200) path.len = 200;
    log_line(LOG_INFO, "gate", "%s \"%.*s %.*s\" %d %zu bytes %lld ms", shown, STR(c->head.method),
             STR(path), status, c->body.len, (long long)(clock_mono() - c->since));
}

void client_answer(struct client *c) {
    http_answer(c->exchange, &c->out);
    c->exchange = NULL;
    client_write(c->fd, EV_WRITE, c);
}

void client_refuse_with(struct client *c, const struct response *a) {
    event_del(c->readable);
    response_refusal(a, !str_is(c->head.method, "HEAD"), &c->out);
    client_write(c->fd, EV_WRITE, c);
}

void client_refuse(struct client *c, int status, const char *text) {
    struct response a = {0};
    response_set(&a, status, text);
    if (status == 503) response_field(&a, "Retry-After", SORI_STR("60"));
    client_refuse_with(c, &a);
    response_free(&a);
}

static void client_linger(struct client *c) {
    write_log(c);
    c->state = LINGER;
    event_del(c->writable);
    shutdown(c->fd, SHUT_WR);
    buf_free(&c->out);
    c->in.len = 0;
    event_add(c->readable, NULL);
    client_deadline(c, SERVE_LINGER_MS);
}

void client_write(evutil_socket_t fd, short what, void *ctx) {
    struct client *c = ctx;
    (void)what;
    if (c->state != WRITE_ANSWER) {
        c->state = WRITE_ANSWER;
        client_deadline(c, SERVE_ANSWER_MS);
    }
    while (c->written < c->out.len) {
        ssize_t n = send(fd, c->out.data + c->written, c->out.len - c->written, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            event_add(c->writable, NULL);
            return;
        }
        if (n <= 0) {
            write_log(c);
            client_end(c);
            return;
        }
        c->written += (size_t)n;
    }
    client_linger(c);
}
