/* Stage 1, receive: the spool's bytes become items. Records are read ahead in a bounded window,
 * grouped by plugin, decoded by one fenced process each, and recorded in the order in which each
 * plugin's records came. The mark of a segment moves over the finished head of the window, in the
 * transaction that holds the items: after a crash what lies beyond it is decoded again, and nothing
 * of it is new. A plugin that keeps the head waiting is set aside (aside.c).
 *
 * A record that kills its decoder twice is quarantined: its bytes stay in the spool, a fault says
 * where. */
#include "flow/channel/connection.h"
#include "flow/receive.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "flow/limits.h"
#include "sori/status.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { CALL_MOST = 64, CALL_BYTES = 256 * 1024, DEADLINE_MS = 20000, AGAIN_MS = 10000 };

struct decode_ctx {
    struct core *core;
    struct plugin *plugin;
};

/* ---- a delivery's life ---- */

struct delivery *delivery_new(struct core *c, struct sori_str payload) {
    struct delivery *d = mem_grow(NULL, sizeof *d + payload.len);
    memset(d, 0, sizeof *d);
    if (payload.len) memcpy(d->bytes, payload.ptr, payload.len);
    d->len = payload.len;
    d->since = clock_mono();
    d->conn = conn_by_name(c, rec_get_str(payload, DEL_CONNECTION));
    if (d->conn && !(d->conn->flags & SORI_CONNECTOR_DECODES)) d->conn = NULL;
    if (d->conn) d->conn->held++;
    return d;
}

void delivery_release(struct delivery *d) {
    if (d->windowed || d->queued) return;
    if (d->conn) d->conn->held--;
    free(d);
}

void delivery_queue(struct plugin *p, struct delivery *d) {
    if (p->last)
        p->last->behind = d;
    else
        p->first = d;
    p->last = d;
    d->queued = true;
}

/* Takes the first one of the queue out of it. */
static void delivery_done(struct core *c, struct plugin *p) {
    struct delivery *d = p->first;
    if (d->aside) aside_done(c, p, d);
    p->first = d->behind;
    if (!p->first) p->last = NULL;
    d->queued = false;
    d->finished = true;
    delivery_release(d);
}

void delivery_astray(struct core *c, const struct delivery *d) {
    flow_fault(
        c, "receive", "decode", NULL, NIL, d->seg, d->off, 0,
        SORI_STR("it is addressed to a connection that does not exist or takes no deliveries"),
        (struct sori_str){d->bytes, d->len});
}

/* ---- the mark ---- */
static void move_mark(struct core *c) {
    int64_t seg = NIL, end = 0;
    while (c->window_first && c->window_first->finished) {
        struct delivery *d = c->window_first;
        c->window_first = d->next;
        if (!c->window_first) c->window_last = NULL;
        c->window--;
        c->window_bytes -= d->len;
        if (seg != NIL && seg != d->seg)
            *store_add_segment(&c->batch) =
                (struct row_segment){.id = seg, .opened_at = NIL, .drained = end, .state = 1};
        seg = d->seg;
        end = d->end;
        d->windowed = false;
        delivery_release(d);
    }
    if (seg == NIL) return;
    *store_add_segment(&c->batch) =
        (struct row_segment){.id = seg, .opened_at = NIL, .drained = end};
    flow_dirty(c);
}

/* ---- decoding ---- */
static void decode_pump(struct core *c, struct plugin *p);

static void put_delivery(const struct delivery *d, int64_t index, struct buf *b) {
    size_t mark = rec_begin(b, DECODE_DELIVERY);
    buf_put(b, d->bytes, d->len);
    rec_int(b, DEL_INDEX, index);
    struct rec_field f;
    for (struct sori_str o = buf_view(&d->conn->options); rec_next(&o, &f) == 1;)
        if (f.type == REC_REC) rec_rec(b, DEL_OPTION, f.s);
    rec_end(b, mark);
}

static void quarantine(struct core *c, struct plugin *p, struct delivery *d, const char *what) {
    if (d->seg == NIL)
        log_line(LOG_ERROR, p->id, "a line of a stream of %s is quarantined: %s", d->conn->name,
                 what);
    else
        log_line(LOG_ERROR, p->id, "a delivery to %s is quarantined (segment %lld at %lld): %s",
                 d->conn->name, (long long)d->seg, (long long)d->off, what);
    flow_fault(c, p->id, "decode", d->conn, NIL, d->seg, d->off, 0, str_c(what),
               (struct sori_str){d->bytes, d->len});
    delivery_done(c, p);
    move_mark(c);
}

static void decode_ended(struct core *c, struct plugin *p, struct sori_str end) {
    int64_t status = rec_get_int(end, 2, SORI_OK);
    struct delivery *d = p->first;
    if (!d || !p->in_hand) return;
    struct arrival at = {d->seg, d->off};
    record_sink(c, d->conn, buf_view(&p->sink), at, NULL);
    buf_clear(&p->sink);
    if (status != SORI_OK && status != SORI_AGAIN)
        flow_fault(c, p->id, "decode", d->conn, NIL, d->seg, d->off, 0, rec_get_str(end, 3),
                   (struct sori_str){d->bytes, d->len});
    p->in_hand--;
    delivery_done(c, p);
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct decode_ctx *x = ctx;
    struct plugin *p = x->plugin;
    (void)g;
    if (msg->head.type != W_SINK || msg->head.call != p->decode_call) return;
    struct sori_str s = msg->payload;
    struct rec_field f;
    while (rec_next(&s, &f) == 1) {
        if (f.tag == SINK_END)
            decode_ended(x->core, p, f.s);
        else if (f.type == REC_REC)
            rec_rec(&p->sink, f.tag, f.s);
        else if (f.type == REC_STR)
            rec_str(&p->sink, f.tag, f.s);
    }
    move_mark(x->core);
    classify_pump(x->core);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct decode_ctx *x = ctx;
    struct core *c = x->core;
    struct plugin *p = x->plugin;
    (void)g;
    if (!p->decode_ready) {
        p->decode_ready = msg->head.status == SORI_OK;
        if (!p->decode_ready) { /* the next one is a new process */
            log_line(LOG_ERROR, guest_name(g), "cannot decode: %.*s",
                     STR(rec_get_str(msg->payload, DONE_WHY)));
            p->decode_due = clock_mono() + AGAIN_MS;
            guest_kill(&p->decode);
        }
    } else if (msg->head.call == p->decode_call) {
        while (p->in_hand && p->first) { /* a decoder that forgot to end some */
            p->in_hand--;
            quarantine(c, p, p->first, "the decoder ended its call without a word about it");
        }
        p->decode_call = 0;
    }
    move_mark(c);
    decode_pump(c, p);
    classify_pump(c);
    decide_pump(c);
    poll_pump(c);
    receive_pump(c);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct decode_ctx *x = ctx;
    struct core *c = x->core;
    struct buf b = {0};
    (void)hello;
    rec_str(&b, CREATE_TIMEZONE, c->active ? c->active->conf.timezone : SORI_STR("UTC"));
    guest_call(g, M_CREATE, buf_view(&b), DEADLINE_MS, -1);
    buf_free(&b);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct decode_ctx *x = ctx;
    struct plugin *p = x->plugin;
    (void)g;
    p->decode_ready = false;
    buf_clear(&p->sink);
    if (p->decode_call && p->first && ++p->first->deaths >= 2)
        quarantine(x->core, p, p->first, o->what);
    p->decode_call = 0;
    p->in_hand = 0;
}

static void decode_start(struct core *c, struct plugin *p) {
    if (!p->decode_ctx) p->decode_ctx = mem_get(sizeof *p->decode_ctx);
    *p->decode_ctx = (struct decode_ctx){c, p};
    struct guest_events events = {
        .ctx = p->decode_ctx, .ready = on_ready, .part = on_part, .done = on_done, .lost = on_lost};
    p->decode = lane_start(c, p, NULL, "decode", &events);
}

static void decode_pump(struct core *c, struct plugin *p) {
    if (!p->first || p->decode_call || p->renew || !flow_has_room(c)) return;
    if (!p->decode && clock_mono() >= p->decode_due) decode_start(c, p);
    if (!p->decode || !p->decode_ready) return;
    struct buf b = {0};
    size_t most = p->first->deaths ? 1 : CALL_MOST; /* a suspect goes alone */
    p->in_hand = 0;
    rec_int(&b, CALL_NOW, core_now(c));
    for (struct delivery *d = p->first;
         d && p->in_hand < most && (p->in_hand == 0 || b.len < CALL_BYTES); d = d->behind)
        put_delivery(d, (int64_t)p->in_hand++, &b);
    buf_clear(&p->sink);
    p->decode_call = guest_call(p->decode, M_DECODE, buf_view(&b), DEADLINE_MS, -1);
    if (!p->decode_call) p->in_hand = 0;
    buf_free(&b);
}

/* ---- the tail ---- */

static bool open_segment(struct tail *t) {
    struct err err;
    if (t->reader) return true;
    int64_t next = spool_next(t->dir, t->segment);
    if (next < 0) return false;
    if (next != t->segment) {
        t->segment = next;
        t->at = 0;
    }
    struct row_segment row;
    if (t->at == 0 && t->drained && store_segment(t->drained, t->segment, &row))
        t->at = row.drained;
    t->reader = spool_open(t->dir, t->segment, t->at, &err);
    if (!t->reader) log_line(LOG_ERROR, "receive", "%s", err.text);
    return t->reader != NULL;
}

void tail_close(struct tail *t) {
    spool_done(t->reader);
    t->reader = NULL;
}

bool tail_read(struct tail *t, struct sori_str *payload, int64_t *seg, int64_t *off, int64_t *end) {
    struct err err;
    while (open_segment(t)) {
        /* Asked before the read: no race with a last append. */
        bool over = spool_finished(t->dir, t->segment);
        int64_t next = t->at;
        int got = spool_read(t->reader, payload, &next, &err);
        if (got == 1) {
            *seg = t->segment;
            *off = t->at;
            *end = t->at = next;
            return true;
        }
        if (got < 0)
            log_line(LOG_WARN, "receive", "%s: segment %lld: %s", t->dir, (long long)t->segment,
                     err.text);
        if (!over) return false;
        tail_close(t);
        t->segment++;
        t->at = 0;
    }
    return false;
}

static void into_window(struct core *c, struct delivery *d) {
    if (c->window_last)
        c->window_last->next = d;
    else
        c->window_first = d;
    c->window_last = d;
    c->window++;
    c->window_bytes += d->len;
    d->windowed = true;
}

/* Reads one record into the window. False: nothing more now. */
static bool read_one(struct core *c) {
    struct sori_str payload;
    int64_t seg, off, end;
    struct tail t = {c->spool, c->segment, c->segment_at, c->tail, c->store};
    bool got = tail_read(&t, &payload, &seg, &off, &end);
    c->segment = t.segment;
    c->segment_at = t.at;
    c->tail = t.reader;
    if (!got) return false;
    struct delivery *d = delivery_new(c, payload);
    d->seg = seg;
    d->off = off;
    d->end = end;
    into_window(c, d);
    if (!d->conn) {
        delivery_astray(c, d);
        d->finished = true;
    } else if (!d->conn->plugin->aside)
        delivery_queue(d->conn->plugin, d);
    return true;
}

/* The head of the window is what the mark waits for. */
static void look_at_head(struct core *c) {
    struct delivery *d = c->window_first;
    if (!d || d->finished) return;
    if (!flow_has_room(c)) /* what waits for the stages behind is not its plugin's doing */
        d->since = clock_mono();
    else if (!d->conn->plugin->aside && clock_mono() > d->since + HELD_MS)
        aside_hold(c, d->conn->plugin);
}

void receive_pump(struct core *c) {
    if (!c->active || c->undecided_from != NIL || c->stopping) return;
    for (size_t i = 0; i < c->plugin_count; i++) aside_find(c, c->plugin[i]);
    while (c->window < WINDOW && c->window_bytes < WINDOW_BYTES && flow_has_room(c) &&
           read_one(c)) {
    }
    look_at_head(c);
    for (size_t i = 0; i < c->plugin_count; i++)
        if (c->plugin[i]->aside) aside_pump(c, c->plugin[i]);
    move_mark(c);
    for (size_t i = 0; i < c->plugin_count; i++) decode_pump(c, c->plugin[i]);
}

static void on_spool(evutil_socket_t fd, short what, void *ctx) {
    char events[4096];
    (void)what;
    while (read(fd, events, sizeof events) > 0) {
    }
    receive_pump(ctx);
}

/* New bytes are announced by inotify; the tick asks as well, in case a watch was lost. */
void receive_start(struct core *c) {
    struct err err;
    if (!file_make_dir(c->spool, 0700, &err)) log_line(LOG_ERROR, "receive", "%s", err.text);
    int64_t first = store_first_segment(c->store);
    c->segment = first == NIL ? 0 : first;
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0 || inotify_add_watch(fd, c->spool, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
        log_line(LOG_WARN, "receive", "%s cannot be watched; it is looked at every 200 ms instead",
                 c->spool);
        if (fd >= 0) close(fd);
        return;
    }
    c->spool_watch = event_new(c->base, fd, EV_READ | EV_PERSIST, on_spool, c);
    event_add(c->spool_watch, NULL);
}
