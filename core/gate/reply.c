/* Answers on their way out. Each closes its connection: what a client sent behind its request is
 * read and thrown away, so that the answer is not lost to a reset. */
#include "gate/client.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

static void write_log(const struct client *c) {
    char from[INET6_ADDRSTRLEN] = "?";
    inet_ntop(AF_INET6, &c->address, from, sizeof from);
    const char *shown = strncmp(from, "::ffff:", 7) == 0 ? from + 7 : from;
    struct sori_str path = c->head.path;
    if (path.len > 200) path.len = 200;
    log_line(LOG_INFO, "gate", "%s \"%.*s %.*s\" %d %zu bytes %lld ms", shown, STR(c->head.method),
             STR(path), c->status, c->body.len, (long long)(clock_mono() - c->since));
}

void client_answer(struct client *c, const struct answer *a) {
    c->status = a->status;
    buf_clear(&c->out);
    buf_printf(&c->out, "HTTP/1.1 %d %s\r\n", a->status, answer_phrase(a->status));
    if (a->type) buf_printf(&c->out, "Content-Type: %s\r\n", a->type);
    buf_str(&c->out, buf_view(&a->fields));
    buf_printf(&c->out,
               "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
               "Connection: close\r\n\r\n",
               a->body.len);
    if (!str_is(c->head.method, "HEAD")) buf_str(&c->out, buf_view(&a->body));
}

void client_refuse(struct client *c, int status, const char *text) {
    struct answer a = {0};
    answer_set(&a, status, text);
    if (status == 503) buf_puts(&a.fields, "Retry-After: 60\r\n");
    event_del(c->readable);
    client_answer(c, &a);
    answer_free(&a);
    client_write(c->fd, EV_WRITE, c);
}

void client_linger(struct client *c) {
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
        event_add(c->writable, NULL);
    }
    while (c->written < c->out.len) {
        ssize_t n = send(fd, c->out.data + c->written, c->out.len - c->written, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            write_log(c);
            client_end(c);
            return;
        }
        c->written += (size_t)n;
    }
    client_linger(c);
}
