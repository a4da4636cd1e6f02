#include "supervise/life.h"

#include "base/clock.h"
#include "base/log.h"

#include <unistd.h>

/* What a guest prints is for people who write plugins. More than this in a window is thrown away
 * and counted; the pipe is then left alone for a while, so that a flood blocks its writer and
 * costs the core nothing. */
enum { WINDOW_MS = 10000, WINDOW_BYTES = 16 * 1024, LINE_MOST = 1024, PAUSE_MS = 1000 };

static void say(struct chatter *c) {
    if (c->line.len) log_line(LOG_INFO, c->name, "printed: %.*s", STR(buf_view(&c->line)));
    buf_clear(&c->line);
}

static void new_window(struct chatter *c, int64_t now) {
    if (now - c->window < WINDOW_MS) return;
    if (c->dropped)
        log_line(LOG_WARN, c->name, "printed %zu bytes more than are kept; they were dropped",
                 c->dropped);
    c->window = now;
    c->spent = c->dropped = 0;
}

/* False at the end of the pipe. */
static bool drain(struct chatter *c, size_t most) {
    char bytes[4096];
    for (size_t total = 0; total < most;) {
        ssize_t n = read(c->fd, bytes, sizeof bytes);
        if (n == 0) return false;
        if (n < 0) return true;
        total += (size_t)n;
        if (c->spent + (size_t)n > WINDOW_BYTES) {
            c->dropped += (size_t)n;
            continue;
        }
        c->spent += (size_t)n;
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] != '\n') buf_putc(&c->line, bytes[i]);
            if (bytes[i] == '\n' || c->line.len >= LINE_MOST) say(c);
        }
    }
    return true;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct chatter *c = ctx;
    new_window(c, clock_mono());
    if (!drain(c, WINDOW_BYTES)) {
        event_del(c->event);
    } else if (c->dropped) {
        event_del(c->event);
        event_add(c->pause, &(struct timeval){.tv_sec = PAUSE_MS / 1000});
    }
}

static void on_pause_over(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct chatter *c = ctx;
    event_add(c->event, NULL);
}

void chatter_open(struct chatter *c, struct event_base *base, int fd, const char *name) {
    *c = (struct chatter){.fd = fd, .name = name, .window = clock_mono()};
    evutil_make_socket_nonblocking(fd);
    c->event = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
    c->pause = event_new(base, -1, 0, on_pause_over, c);
    SORI_ASSERT(c->event && c->pause);
    event_add(c->event, NULL);
}

void chatter_close(struct chatter *c) {
    if (c->fd < 0) return;
    (void)drain(c, WINDOW_BYTES);
    say(c);
    c->window = clock_mono() - WINDOW_MS;
    new_window(c, clock_mono());
    event_free(c->event);
    event_free(c->pause);
    close(c->fd);
    buf_free(&c->line);
    *c = (struct chatter){.fd = -1};
}
