#include "gate/client.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 16 << 10, IDLE_LINGER_BYTES = 256 << 10 };

void client_deadline(struct client *c, int64_t ms) {
    int64_t left = c->since + SERVE_TOTAL_MS - clock_mono();
    if (ms > left) ms = left;
    if (ms < 1) ms = 1;
    struct timeval tv = {ms / 1000, ms % 1000 * 1000};
    evtimer_add(c->timer, &tv);
}

void client_end(struct client *c) {
    struct server *s = c->server;
    event_free(c->readable);
    event_free(c->writable);
    event_free(c->timer);
    close(c->fd);
    if (c->next) c->next->prev = c->prev;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->clients = c->next;
    s->client_count--;
    s->held -= c->body.len;
    if (c->exchange) http_answer(c->exchange, &c->out);
    gate_conf_drop(c->conf);
    buf_free(&c->in);
    buf_free(&c->body);
    buf_free(&c->out);
    free(c);
    server_client_gone(s);
}

static void come_again(struct response *a, const char *text) {
    a->keep = false;
    response_set(a, 503, text);
    response_field(a, "Retry-After", SORI_STR("60"));
}

void client_whole(void *ctx, const struct head *head, struct sori_str body, struct response *a) {
    struct client *c = ctx;
    struct buf payload = {0};
    struct err err = {{0}};
    struct route route;
    if (receive_route(c->conf, head, &route, a))
        receive_take(&route, head, body, clock_now(), &payload, a);
    if (a->keep && route.connection->busy)
        come_again(a, "Too much of this waits to be read; please send this again later.");
    if (a->keep && !spool_append(c->server->spool, buf_view(&payload), &err)) {
        log_line(LOG_WARN, "gate", "%.*s: %s", STR(route.connection->name), err.text);
        come_again(a, "The spool is full; please send this again later.");
    }
    c->kept = a->keep;
    buf_free(&payload);
}

/* The whole request is there, and nothing but it is handed on. */
static void request_whole(struct client *c) {
    event_del(c->readable);
    c->exchange = http_hand(c->server->http, &c->head, buf_view(&c->body), c);
    if (c->kept)
        server_wait_sync(c);
    else
        client_answer(c);
}

static void take_body(struct client *c) {
    struct sori_str in = {c->in.data + c->head_len, c->in.len - c->head_len};
    size_t before = c->body.len;
    int got = body_take(&c->framing, &in, c->route.form->max_body, &c->body);
    c->server->held += c->body.len - before;
    /* Taken bytes leave the buffer; the head at its front stays, its strings point there. */
    if (in.len) memmove(c->in.data + c->head_len, in.ptr, in.len);
    c->in.len = c->head_len + in.len;
    if (got == -1) client_refuse(c, 400, "The body's framing is broken.");
    if (got == -2) client_refuse(c, 413, "This is more than is taken here.");
    if (got == 0 && c->server->held > SERVE_MEMORY)
        client_refuse(c, 503, "Too much is being received; please send this again later.");
    if (got == 1) request_whole(c);
}

static void begin_body(struct client *c) {
    int64_t more = c->head.length > 0 ? c->head.length / SERVE_BODY_RATE : 0;
    body_begin(&c->framing, &c->head);
    c->state = READ_BODY;
    client_deadline(c, SERVE_BODY_MS + more);
    if (c->head.expects && c->in.len == c->head_len && !c->continued) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        c->continued = true;
        /* A socket that takes no 25 bytes on its first write is one that the deadline ends. */
        ssize_t n = send(c->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL);
        if (n < 0) errno = 0;
    }
}

/* After the head is whole its strings must not move: `in` gets its room for good here. */
static void take_head(struct client *c) {
    int whole = head_parse(buf_view(&c->in), &c->head);
    if (whole == 0) return;
    if (whole < 0) {
        client_refuse(c, -whole, c->head.why);
        return;
    }
    buf_room(&c->in, READ_BYTES + HEAD_MAX);
    head_parse(buf_view(&c->in), &c->head);
    c->head_len = (size_t)whole;
    c->conf = gate_conf_hold(c->server->conf);
    struct response a = {0};
    if (receive_route(c->conf, &c->head, &c->route, &a)) {
        begin_body(c);
        take_body(c);
    } else {
        client_refuse_with(c, &a);
    }
    response_free(&a);
}

static void drain(struct client *c, ssize_t n) {
    c->drained += (size_t)n;
    if (c->drained > IDLE_LINGER_BYTES) client_end(c);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx) {
    struct client *c = ctx;
    (void)what;
    char *to = buf_room(&c->in, READ_BYTES);
    ssize_t n = recv(fd, to, READ_BYTES, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        client_end(c);
        return;
    }
    if (c->state == LINGER) {
        drain(c, n);
        return;
    }
    c->in.len += (size_t)n;
    if (c->state == READ_HEAD) {
        /* A head cannot have ended without a line's end: drippers do not make us read it again. */
        bool worth = memchr(to, '\n', (size_t)n) || c->in.len > HEAD_MAX;
        if (worth) take_head(c);
    } else if (c->state == READ_BODY) {
        take_body(c);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
    struct client *c = ctx;
    (void)fd;
    (void)what;
    if (c->state == READ_HEAD && c->in.len)
        client_refuse(c, 408, "The head did not come in time.");
    else if (c->state == READ_BODY)
        client_refuse(c, 408, "The body did not come in time.");
    else if (c->state != WAIT_SYNC)
        client_end(c);
}

void client_start(struct server *s, int fd, const struct in6_addr *address) {
    struct client *c = mem_get(sizeof *c);
    c->server = s;
    c->fd = fd;
    c->address = *address;
    c->since = clock_mono();
    c->readable = event_new(s->base, fd, EV_READ | EV_PERSIST, on_readable, c);
    c->writable = event_new(s->base, fd, EV_WRITE | EV_PERSIST, client_write, c);
    c->timer = evtimer_new(s->base, on_timer, c);
    SORI_ASSERT(c->readable && c->writable && c->timer);
    event_priority_set(c->readable, 0);
    event_priority_set(c->writable, 0);
    event_priority_set(c->timer, 0);
    c->next = s->clients;
    if (s->clients) s->clients->prev = c;
    s->clients = c;
    s->client_count++;
    event_add(c->readable, NULL);
    client_deadline(c, SERVE_HEAD_MS);
}
