/* Calls of a guest: ids, deadlines, and what comes back. */
#include "supervise/life.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* ---- calls ---------------------------------------------------------------------------------- */

static struct open_call *find_call(struct guest *g, uint32_t id) {
    for (size_t i = 0; i < g->call_count; i++)
        if (g->calls[i].id == id) return &g->calls[i];
    return NULL;
}

void call_clock(struct guest *g) {
    int64_t next = g->life == LIFE_STARTING ? g->born_deadline : INT64_MAX;
    if (g->stop_deadline && g->stop_deadline < next) next = g->stop_deadline;
    for (size_t i = 0; i < g->call_count; i++)
        if (g->calls[i].deadline < next) next = g->calls[i].deadline;
    if (next == INT64_MAX) {
        event_del(g->clock);
        return;
    }
    int64_t wait = next - clock_mono();
    if (wait < 0) wait = 0;
    event_add(g->clock, &(struct timeval){.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000});
}

static void send_cancel(struct guest *g, uint32_t call) {
    struct wire_head head = {.type = W_CANCEL, .call = call, .epoch = g->epoch};
    (void)post_send(g, head, (struct sori_str){NULL, 0}, -1); /* no room: the kill follows anyway */
}

static void too_late(struct guest *g, struct open_call *c) {
    /* A policy has nothing to tidy up. */
    if (!c->cancelled && g->spec.kind != GUEST_POLICY) {
        c->cancelled = true;
        c->deadline = clock_mono() + GRACE_MS;
        send_cancel(g, c->id);
        return;
    }
    char words[120] = "was cancelled, went on, and was ended";
    if (c->allowed)
        snprintf(words, sizeof words, "took longer than %lld ms and was ended",
                 (long long)c->allowed);
    g->killed_late = true;
    c->deadline = INT64_MAX;
    life_end(g, words);
}

void call_on_clock(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct guest *g = ctx;
    int64_t now = clock_mono();
    if (g->life == LIFE_STARTING && now >= g->born_deadline) {
        g->killed_late = true;
        g->born_deadline = INT64_MAX;
        life_end(g, "did not get ready in time (a constructor that does not return?)");
    }
    if (g->stop_deadline && now >= g->stop_deadline) {
        g->stop_deadline = INT64_MAX;
        life_strike(g);
    }
    for (size_t i = 0; i < g->call_count; i++)
        if (now >= g->calls[i].deadline) too_late(g, &g->calls[i]);
    call_clock(g);
}

uint32_t guest_call(struct guest *g, enum wire_method method, struct sori_str payload,
                    int64_t deadline_ms, int fd) {
    if (g->life != LIFE_READY || g->stopping || g->call_count == OPEN_CALLS_MAX) return 0;
    if (++g->next_call == 0) g->next_call = 1;
    uint32_t id = g->next_call;
    struct wire_head head = {.type = W_CALL, .method = method, .call = id, .epoch = g->epoch};
    if (!post_send(g, head, payload, fd)) return 0;
    g->calls[g->call_count++] = (struct open_call){
        .id = id, .method = method, .deadline = clock_mono() + deadline_ms, .allowed = deadline_ms};
    call_clock(g);
    return id;
}

void guest_cancel(struct guest *g, uint32_t call) {
    struct open_call *c = find_call(g, call);
    if (!c || c->cancelled) return;
    c->cancelled = true;
    c->allowed = 0;
    c->deadline = clock_mono() + GRACE_MS;
    send_cancel(g, call);
    call_clock(g);
}

bool guest_http_done(struct guest *g, uint32_t call, uint32_t sub, uint32_t status,
                     struct sori_str payload) {
    if (g->life != LIFE_READY || !find_call(g, call)) return false;
    struct wire_head head = {
        .type = W_HTTP_DONE, .call = call, .epoch = g->epoch, .sub = sub, .status = status};
    return post_send(g, head, payload, -1);
}

void guest_listen(struct guest *g, bool on) {
    if (g->deaf == !on || !g->readable) return;
    g->deaf = !on;
    if (on)
        event_add(g->readable, NULL);
    else
        event_del(g->readable);
}

/* ---- what it says --------------------------------------------------------------------------- */

static void on_hello(struct guest *g, const struct wire_msg *m) {
    struct sori_str build = rec_get_str(m->payload, HELLO_BUILD);
    if (!str_is(build, wire_build_id())) {
        life_end(g, "is of another build than the core; build and install them together");
        return;
    }
    struct sori_str fence = rec_get_str(m->payload, HELLO_FENCE);
    snprintf(g->fence, sizeof g->fence, "%.*s", STR(fence));
    g->life = LIFE_READY;
    patience_hello(&g->patience, clock_mono());
    call_clock(g);
    if (g->events.ready && !g->stopping) g->events.ready(g->events.ctx, g, m->payload);
}

/* Is there room for one more line? */
static bool may_log(struct guest *g) {
    int64_t now = clock_mono();
    if (now - g->lines_since >= LINES_MS) {
        if (g->lines > LINES_MOST)
            log_line(LOG_WARN, g->spec.name,
                     "logged %u lines more than are kept; they were dropped",
                     g->lines - LINES_MOST);
        g->lines_since = now;
        g->lines = 0;
    }
    if (++g->lines == LINES_END) life_end(g, "logged without end");
    return g->lines <= LINES_MOST;
}

static void on_log(struct guest *g, const struct wire_msg *m) {
    if (!may_log(g)) return;
    int64_t level = rec_get_int(m->payload, LOG_LEVEL, LOG_INFO);
    if (level < LOG_DEBUG || level > LOG_ERROR) level = LOG_INFO;
    struct sori_str text = rec_get_str(m->payload, LOG_TEXT);
    log_line((enum log_level)level, g->spec.name, "%.*s", STR(text));
}

static void on_done(struct guest *g, const struct wire_msg *m) {
    struct open_call *c = find_call(g, m->head.call);
    *c = g->calls[--g->call_count];
    if (g->stopping && g->call_count == 0) g->stop_deadline = clock_mono() + GRACE_MS;
    call_clock(g);
    if (g->events.done) g->events.done(g->events.ctx, g, m);
}

/* False ends it: what it said is not in the protocol. */
static bool take(struct guest *g, const struct wire_msg *m) {
    if (m->head.type == W_HELLO && g->life == LIFE_STARTING) return on_hello(g, m), true;
    if (g->life != LIFE_READY) return false;
    if (m->head.type == W_LOG) return on_log(g, m), true;
    /* An answer that nobody waits for any more, or one of another life, is dropped. */
    if (!find_call(g, m->head.call) || m->head.epoch != g->epoch)
        return m->head.type == W_SINK || m->head.type == W_HTTP || m->head.type == W_DONE;
    switch (m->head.type) {
    case W_DONE: on_done(g, m); return true;
    case W_SINK:
        if (m->payload.len > SINK_MOST) return false;
        /* fall through */
    case W_HTTP:
        if (g->events.part) g->events.part(g->events.ctx, g, m);
        return true;
    default: return false;
    }
}

void call_on_readable(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct guest *g = ctx;
    for (int i = 0; i < FRAMES_A_TURN && !g->deaf; i++) {
        struct wire_msg m;
        int got = wire_recv(&g->wire, &m);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            /* Gone, or not our protocol: either way its words end here. */
            event_del(g->readable);
            if (got < 0) life_end(g, "sent bytes that are not of the wire's protocol");
            g->hung_up = got == 0;
            life_strike(g);
            return;
        }
        life_enter(g);
        bool good = take(g, &m);
        if (m.fd >= 0) close(m.fd);
        if (!life_leave(g)) return;
        if (!good) {
            event_del(g->readable);
            life_end(g, "sent a message that is not of the wire's protocol");
            return;
        }
    }
}
