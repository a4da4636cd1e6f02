/* Streams of a connection: which are wanted, which are held by net, and what was missed while one
 * was not. A line is a delivery that never was in the spool: until it is decoded and recorded it is
 * in memory alone, so the time up to which a stream was surely recorded is kept durably, every few
 * seconds, and what lies between it and the next opening is a gap, which polls are asked to fill
 * until one ends well. */
#include "flow/channel/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "flow/admit.h"
#include "flow/receive.h"
#include "sori/status.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STREAMS_MOST = 16,
    NAME_MOST = 128,
    WANT_MOST = 64 * 1024,
    WHY_MOST = 512,
    SAVE_MS = 10000,
    SHORT_MS = 5000,    /* a wait that is worth writing down is longer */
    REFUSED_MS = 60000, /* after 401 or 403: it does not heal, unless a person heals it */
    ENDED_MS = 2000,    /* after any other end */
    LINES_MOST = 4096,  /* that wait for their decoder: more, and the stream is closed */
    LINES_BYTES = 8 << 20,
    LINES_FEW = 64, /* so few, and it is opened again */
    LATE_MS = 15000 /* so long after it was said a word may come; a line may have come half */
};
/* Net holds it for so long; then it is asked for again, and what lies between is filled. */
#define HOLD_MS INT64_C(2592000000)

/* ---- what is durable ---- */

static void save_hose(struct core *c, struct conn *conn, struct hose *h) {
    char value[32], name[NAME_MOST + 16];
    snprintf(name, sizeof name, "heard:%s", h->name);
    snprintf(value, sizeof value, "%lld", (long long)h->heard);
    live_save(c, conn, LANE_STREAM, name, value);
    h->saved = h->heard;
}

/* A wait that net told of is kept though net, or this process, is killed meanwhile. */
static void save_wait(struct core *c, struct conn *conn, const struct hose *h) {
    char value[32], name[NAME_MOST + 16];
    if (h->wait_until - core_now(c) < SHORT_MS) return;
    snprintf(name, sizeof name, "wait:%s", h->name);
    snprintf(value, sizeof value, "%lld", (long long)h->wait_until);
    live_save(c, conn, LANE_STREAM, name, value);
}

/* Not before what net was told by the platform is over. */
static int64_t ask_again(struct core *c, const struct hose *h, int64_t ms) {
    int64_t left = admit_span(h->wait_until - core_now(c));
    return clock_mono() + (left > ms ? left : ms);
}

static void save_gap(struct core *c, struct conn *conn, const struct live *l) {
    char value[64];
    snprintf(value, sizeof value, "%lld %lld", (long long)l->missed_from, (long long)l->missed_to);
    live_save(c, conn, LANE_STREAM, "gap", value);
}

static struct hose *find(struct live *l, struct sori_str name) {
    for (struct hose *h = l->hoses; h; h = h->next)
        if (str_is(name, h->name)) return h;
    return NULL;
}

static struct hose *make(struct live *l, struct sori_str name) {
    struct hose *h = mem_get(sizeof *h);
    h->name = mem_text(name);
    h->next = l->hoses;
    return l->hoses = h;
}

static struct hose *find_or_make(struct live *l, struct sori_str name) {
    struct hose *h = find(l, name);
    return h ? h : make(l, name);
}

void stream_load(struct core *c, struct live *l, struct sori_str name, struct sori_str value) {
    char text[64];
    snprintf(text, sizeof text, "%.*s", STR(utf8_cut(value, sizeof text - 1)));
    if (str_is(name, "gap")) {
        long long from = 0, to = 0;
        if (sscanf(text, "%lld %lld", &from, &to) == 2 && from > 0 && to >= from) {
            l->missed_from = from;
            l->missed_to = to;
        }
    } else if (str_starts(name, SORI_STR("heard:"))) {
        struct hose *h = find_or_make(l, (struct sori_str){name.ptr + 6, name.len - 6});
        h->heard = h->saved = strtoll(text, NULL, 10);
    } else if (str_starts(name, SORI_STR("wait:"))) {
        struct hose *h = find_or_make(l, (struct sori_str){name.ptr + 5, name.len - 5});
        h->wait_until = h->until = strtoll(text, NULL, 10);
        h->again = ask_again(c, h, 0);
        if (h->wait_until <= core_now(c)) return;
        h->state = STREAM_WAITING;
        buf_puts(&h->why, "as the platform asked");
    }
}

/* ---- gaps ---- */

static void missed(struct core *c, struct conn *conn, const struct hose *h, int64_t to) {
    struct live *l = live_of(c, conn);
    int64_t from = h->heard > LATE_MS ? h->heard - LATE_MS : 1;
    if (h->heard >= to) return;
    if (!l->missed_from || from < l->missed_from) l->missed_from = from;
    if (to > l->missed_to) l->missed_to = to;
    save_gap(c, conn, l);
}

/* Asked for a moment ago for the first time: nothing is missed yet. */
static bool is_new(const struct hose *h, int64_t now) {
    return h->fresh && now - h->heard < LATE_MS;
}

/* What is lost up to now, of streams that are still not open, too. */
void stream_gap(struct core *c, struct conn *conn, struct buf *poll) {
    struct live *l = live_of(c, conn);
    int64_t now = core_now(c);
    for (struct hose *h = l->hoses; h; h = h->next)
        if (h->wanted && h->state != STREAM_OPEN && h->heard && !is_new(h, now))
            missed(c, conn, h, now);
    l->given_to = l->missed_to;
    rec_int_opt(poll, POLL_MISSED_FROM, l->missed_from);
    rec_int_opt(poll, POLL_MISSED_TO, l->missed_to);
}

static bool is_away(const struct live *l) {
    for (const struct hose *h = l->hoses; h; h = h->next)
        if (h->wanted && h->heard && h->state != STREAM_OPEN) return true;
    return false;
}

/* Once for each absence, however many polls read what was missed in it: at its beginning that they
 * do, and at its end what it was. */
static void tell_filled(const struct conn *conn, struct live *l) {
    bool away = is_away(l);
    if (away && !l->away_from)
        log_line(LOG_INFO, conn->name, "polls read what its stream misses until it is back");
    if (!l->away_from) l->away_from = l->filled_from;
    if (away || l->missed_from) return;
    log_line(LOG_INFO, conn->name, "filled what its stream missed, the last %lld s of it",
             (long long)((l->filled_to - l->away_from + 999) / 1000));
    l->away_from = 0;
}

static void filled(struct core *c, struct conn *conn, struct live *l) {
    l->filled_from = l->missed_from;
    l->filled_to = l->given_to;
    l->filled_at = core_now(c);
    for (struct hose *h = l->hoses; h; h = h->next)
        if (h->state != STREAM_OPEN && h->heard && h->heard < l->given_to) {
            h->heard = l->given_to;
            save_hose(c, conn, h);
        }
    if (l->missed_to > l->given_to)
        l->missed_from = l->given_to;
    else
        l->missed_from = l->missed_to = 0;
    tell_filled(conn, l);
    save_gap(c, conn, l);
}

/* ---- what is wanted ---- */

static void let_go(struct core *c, struct hose *h) {
    if (h->call && c->net) guest_cancel(c->net, h->call);
    if (h->state == STREAM_WAITING) h->again = ask_again(c, h, 0);
    h->call = 0;
    h->state = STREAM_CLOSED;
}

/* As far as a worker that was taken over is concerned: net checks hosts and credentials again. */
static bool good_want(struct sori_str want) {
    struct sori_str name = rec_get_str(want, STREAM_NAME);
    return want.len <= WANT_MOST && name.len && name.len <= NAME_MOST && utf8_valid(name) &&
           !memchr(name.ptr, 0, name.len) && rec_valid(want, 3);
}

static void want(struct core *c, struct conn *conn, struct live *l, struct sori_str record) {
    struct sori_str name = rec_get_str(record, STREAM_NAME);
    struct hose *h = find_or_make(l, name);
    struct buf full = {0};
    rec_str(&full, STREAM_CONNECTION, str_c(conn->name)); /* in front: the first one counts */
    buf_str(&full, record);
    if (!str_eq(buf_view(&full), buf_view(&h->want))) {
        let_go(c, h);
        h->again = ask_again(c, h, 0);
        buf_free(&h->want);
        h->want = full;
        full = (struct buf){0};
    }
    /* From here on nothing is to be missed, be it killed before it is known to be open. */
    if (!h->heard) {
        h->heard = core_now(c);
        h->fresh = true;
        save_hose(c, conn, h);
    }
    h->wanted = true;
    buf_free(&full);
}

void stream_polled(struct core *c, struct conn *conn, struct sori_str done, bool whole) {
    struct live *l = live_of(c, conn);
    struct rec_field f;
    unsigned n = 0;
    if (whole && l->given_to && l->missed_from) filled(c, conn, l);
    l->given_to = 0;
    for (struct hose *h = l->hoses; h; h = h->next) h->wanted = false;
    while (rec_next(&done, &f) == 1)
        if (f.tag == DONE_STREAM && f.type == REC_REC && good_want(f.s) && n++ < STREAMS_MOST)
            want(c, conn, l, f.s);
    for (struct hose *h = l->hoses; h; h = h->next) {
        if (h->wanted) continue;
        let_go(c, h);
        if (h->heard) { /* asked for again one day, it begins anew */
            h->heard = h->beat = 0;
            save_hose(c, conn, h);
        }
    }
    stream_pump(c, conn);
}

/* ---- lines ---- */

static void waiting(const struct conn *conn, size_t *lines, size_t *bytes) {
    *lines = *bytes = 0;
    for (const struct delivery *d = conn->plugin->first; d; d = d->behind)
        if (d->conn == conn && d->seg == NIL) {
            ++*lines;
            *bytes += d->len;
        }
}

static void take_line(struct core *c, struct conn *conn, const struct hose *h,
                      struct sori_str line) {
    struct buf b = {0};
    rec_str(&b, DEL_CONNECTION, str_c(conn->name));
    rec_str(&b, DEL_FORM, str_c(h->name));
    rec_str(&b, DEL_BODY, line);
    rec_int(&b, DEL_AT, core_now(c));
    struct delivery *d = delivery_new(c, buf_view(&b));
    buf_free(&b);
    d->seg = d->off = d->end = NIL;
    if (d->conn)
        delivery_queue(conn->plugin, d);
    else
        delivery_release(d);
}

/* ---- what net says ---- */

static struct hose *hose_of(struct core *c, uint32_t call, struct conn **conn) {
    for (size_t i = 0; i < c->conn_count; i++) {
        struct live *l = c->conn[i]->ctx ? c->conn[i]->ctx->live : NULL;
        for (struct hose *h = l ? l->hoses : NULL; h; h = h->next)
            if (h->call == call) {
                *conn = c->conn[i];
                return h;
            }
    }
    return NULL;
}

static void opened(struct core *c, struct conn *conn, struct hose *h) {
    int64_t now = core_now(c);
    h->state = STREAM_OPEN;
    h->wait_until = 0;
    h->beat = now;
    if (is_new(h, now)) {
        h->heard = now;
    } else {
        missed(c, conn, h, now);
        conn->poll_due = 0; /* what was missed is read soon */
    }
    h->fresh = false;
    save_hose(c, conn, h);
    log_line(LOG_INFO, conn->name, "stream %s: open", h->name);
}

static void set_state(struct core *c, struct conn *conn, struct hose *h, struct sori_str part) {
    int64_t state = rec_get_int(part, 1, STREAM_CLOSED);
    struct sori_str why = utf8_cut(rec_get_str(part, 2), WHY_MOST);
    buf_clear(&h->why);
    utf8_clean(&h->why, why);
    h->until = rec_get_int(part, 3, 0);
    if (state == STREAM_OPEN) {
        opened(c, conn, h);
        return;
    }
    h->wait_until = h->until;
    save_wait(c, conn, h);
    if (h->state == STREAM_OPEN || h->state == STREAM_CLOSED)
        log_line(LOG_WARN, conn->name, "stream %s: %s; asked for again in %lld s", h->name,
                 h->why.data ? h->why.data : "lost",
                 (long long)((h->until - core_now(c) + 500) / 1000));
    h->state = STREAM_WAITING;
}

bool stream_part(struct core *c, const struct wire_msg *msg) {
    struct conn *conn;
    struct sori_str parts = msg->payload;
    struct rec_field f;
    struct hose *h = hose_of(c, msg->head.call, &conn);
    if (!h) return false;
    while (rec_next(&parts, &f) == 1) {
        if (f.tag == PART_LINE && f.type == REC_STR) take_line(c, conn, h, f.s);
        if (f.tag == PART_BEAT && f.type == REC_INT && f.i > h->beat && f.i <= core_now(c) + 1000)
            h->beat = f.i;
        if (f.tag == PART_DROPPED && f.type == REC_INT) h->dropped += f.i;
        if (f.tag == PART_STATE && f.type == REC_REC) set_state(c, conn, h, f.s);
    }
    size_t lines, bytes;
    waiting(conn, &lines, &bytes);
    if (lines > LINES_MOST || bytes > LINES_BYTES) {
        log_line(LOG_WARN, conn->name,
                 "stream %s: closed, its decoder is behind by %zu lines; polls fill what is missed",
                 h->name, lines);
        let_go(c, h);
        h->full = true;
    }
    receive_pump(c);
    return true;
}

bool stream_done(struct core *c, const struct wire_msg *msg) {
    struct conn *conn;
    struct hose *h = hose_of(c, msg->head.call, &conn);
    if (!h) return false;
    bool refused = msg->head.status == SORI_AUTH;
    struct sori_str why = rec_get_str(msg->payload, ANS_WHY);
    h->call = 0;
    h->state = STREAM_CLOSED;
    buf_clear(&h->why);
    utf8_clean(&h->why, utf8_cut(why, WHY_MOST));
    h->again = ask_again(c, h, msg->head.status == SORI_CANCELLED ? ENDED_MS : REFUSED_MS);
    h->until = core_now(c) + (h->again - clock_mono());
    if (msg->head.status == SORI_CANCELLED) return true; /* net starts anew, or 30 days are over */
    log_line(LOG_ERROR, conn->name, "stream %s: %s", h->name, h->why.data ? h->why.data : "ended");
    if (refused) {
        struct buf text = {0};
        buf_printf(&text, "stream %s: %s", h->name, h->why.data ? h->why.data : "refused");
        live_refused(c, conn, text.data);
        buf_free(&text);
    }
    return true;
}

void stream_net_lost(struct core *c) {
    for (size_t i = 0; i < c->conn_count; i++) {
        struct live *l = c->conn[i]->ctx ? c->conn[i]->ctx->live : NULL;
        for (struct hose *h = l ? l->hoses : NULL; h; h = h->next) {
            h->call = 0;
            h->state = h->wait_until > core_now(c) ? STREAM_WAITING : STREAM_CLOSED;
            h->again = ask_again(c, h, ENDED_MS);
        }
    }
}

/* ---- holding ---- */

void stream_pump(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    int64_t now = clock_mono();
    size_t lines = 0, bytes = 0;
    if (!l->hoses) return;
    waiting(conn, &lines, &bytes);
    for (struct hose *h = l->hoses; h; h = h->next) {
        /* All that came is in this batch or an earlier one. */
        if (!lines && h->heard && h->beat > h->heard) h->heard = h->beat;
        if (h->heard - h->saved >= SAVE_MS) save_hose(c, conn, h);
        if (lines <= LINES_FEW) h->full = false;
        if (!h->wanted || h->call || h->full || now < h->again || !c->net ||
            !guest_is_ready(c->net) || conn->state == CONN_STOPPED || c->stopping)
            continue;
        h->call = guest_call(c->net, M_STREAM, buf_view(&h->want), HOLD_MS, -1);
        h->again = now + ENDED_MS;
    }
}

void stream_stop(struct core *c, struct conn *conn) {
    struct live *l = conn->ctx ? conn->ctx->live : NULL;
    for (struct hose *h = l ? l->hoses : NULL; h; h = h->next) {
        let_go(c, h);
        h->wanted = false;
    }
}

void stream_close_all(struct core *c, struct conn *conn) {
    struct live *l = conn->ctx ? conn->ctx->live : NULL;
    while (l && l->hoses) {
        struct hose *h = l->hoses;
        let_go(c, h);
        l->hoses = h->next;
        buf_free(&h->want);
        buf_free(&h->why);
        free(h->name);
        free(h);
    }
}
