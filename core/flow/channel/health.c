/* How a connection is: what its plugin finds when it looks, and whether it is more silent than it
 * uses to be. */
#include "flow/channel/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "flow/act/act.h"
#include "flow/admit.h"
#include "reader/reader.h"
#include "sori/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LOOK_MS = 60000,
    LOOK_SOON_MS = 10000,
    LOOK_AGAIN_MS = 900000, /* after one that failed */
    DAY_MS = 86400000,
    HEAL_MS = 45000, /* a broken connection is polled at least so often: a new token is found */
    SAID_MOST = 32 * 1024,
    HABIT_SAVE_MS = 600000
};

/* ---- beginnings ---- */

void live_save(struct core *c, struct conn *conn, int lane, const char *name, const char *value) {
    *store_add_cursor(&c->batch) = (struct row_cursor){.connection = conn->id,
                                                       .lane = lane,
                                                       .name = keep(c, str_c(name)),
                                                       .value = keep(c, str_c(value)),
                                                       .at = core_now(c)};
    flow_dirty(c);
}

struct loading {
    struct core *core;
    struct live *live;
};

static void take_stream(void *ctx, const void *row) {
    struct loading *x = ctx;
    const struct row_cursor *r = row;
    stream_load(x->core, x->live, r->name, r->value);
}

static void take_habit(void *ctx, const void *row) {
    struct live *l = ((struct loading *)ctx)->live;
    const struct row_cursor *r = row;
    habit_read(&l->habit, r->value);
}

struct live *live_of(struct core *c, struct conn *conn) {
    struct conn_ctx *x = conn_ctx(c, conn);
    if (x->live) return x->live;
    struct live *l = x->live = mem_get(sizeof *l);
    struct loading load = {c, l};
    store_cursors(c->store, conn->id, LANE_STREAM, take_stream, &load);
    store_cursors(c->store, conn->id, LANE_HABIT, take_habit, &load);
    budget_load(c, conn, l);
    l->look_due = clock_mono() + LOOK_SOON_MS;
    l->items = conn->heard;
    return l;
}

void live_free(struct core *c, struct conn *conn) {
    struct live *l = conn->ctx ? conn->ctx->live : NULL;
    if (!l) return;
    health_lost(c, conn, "the connection was taken out of sori.lua");
    stream_close_all(c, conn);
    buf_free(&l->lines);
    buf_free(&l->facts);
    buf_free(&l->waits);
    free(l->held.why);
    free(l);
    conn->ctx->live = NULL;
}

/* ---- looking ---- */

bool health_call(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    struct buf b = {0};
    bool due = l->asked || (clock_mono() >= l->look_due && !l->blind);
    if (!due || conn->poll_call) return false;
    rec_int(&b, CALL_NOW, core_now(c));
    rec_int(&b, CALL_DEADLINE, LOOK_MS);
    budget_call(c, conn, &b);
    l->look_call = guest_call(conn->poll, M_HEALTH, buf_view(&b), LOOK_MS, -1);
    conn->poll_call = l->look_call;
    buf_free(&b);
    l->asked = l->asked && !l->look_call;
    return l->look_call != 0;
}

static void json_text(struct buf *b, struct sori_str s) {
    buf_putc(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char ch = (unsigned char)s.ptr[i];
        if (ch == '"' || ch == '\\') buf_putc(b, '\\');
        if (ch < 0x20)
            buf_printf(b, "\\u%04x", ch);
        else
            buf_putc(b, (char)ch);
    }
    buf_putc(b, '"');
}

static const char *level_word(int64_t level) {
    static const char *const words[] = {"debug", "info", "warn", "error"};
    return level >= 0 && level < 4 ? words[level] : "info";
}

static const char *status_word(uint32_t status) {
    static const char *const words[] = {"ok",        "again", "retry",     "rate",   "auth",
                                        "permanent", "gone",  "cancelled", "config", "bug"};
    return status < sizeof words / sizeof *words ? words[status] : "bug";
}

/* For `sori connection check`: {"status", "why", "lines": [{level, text}], "facts": {…}}. */
static void reply(struct live *l, uint32_t status, struct sori_str why) {
    struct buf text = {0}, json = {0};
    struct sori_str lines = buf_view(&l->lines), facts = buf_view(&l->facts);
    struct rec_field f;
    bool first = true;
    buf_printf(&json, "{\"status\":\"%s\",\"why\":", status_word(status));
    json_text(&json, why);
    buf_puts(&json, ",\"lines\":[");
    for (; rec_next(&lines, &f) == 1; first = false) {
        const char *level = level_word(rec_get_int(f.s, 1, 1));
        buf_printf(&json, "%s{\"level\":\"%s\",\"text\":", first ? "" : ",", level);
        json_text(&json, rec_get_str(f.s, 2));
        buf_putc(&json, '}');
        buf_printf(&text, "%-5s  %.*s\n", level, STR(rec_get_str(f.s, 2)));
    }
    buf_puts(&json, "],\"facts\":{");
    for (first = true; rec_next(&facts, &f) == 1; first = false) {
        if (!first) buf_putc(&json, ',');
        json_text(&json, rec_get_str(f.s, PAIR_NAME));
        buf_putc(&json, ':');
        json_text(&json, rec_get_str(f.s, PAIR_VALUE));
    }
    buf_puts(&json, "}}");
    if (status != SORI_OK) buf_printf(&text, "%s: %.*s\n", status_word(status), STR(why));
    control_tell_json(l->asking, text.len ? text.data : "all is well\n", buf_view(&json));
    l->asking = NULL;
    buf_free(&text);
    buf_free(&json);
}

static bool has_fact(struct sori_str facts, const char *name) {
    struct rec_field f;
    while (rec_next(&facts, &f) == 1)
        if (str_is(rec_get_str(f.s, PAIR_NAME), name)) return true;
    return false;
}

/* The newest value of a name counts. */
static void put_fact(struct buf *facts, struct sori_str name, struct sori_str value) {
    struct sori_str rest = buf_view(facts);
    struct buf others = {0};
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (!str_eq(rec_get_str(f.s, PAIR_NAME), name)) rec_rec(&others, SC_FACT, f.s);
    size_t mark = rec_begin(&others, SC_FACT);
    rec_str(&others, PAIR_NAME, name);
    rec_str(&others, PAIR_VALUE, value);
    rec_end(&others, mark);
    buf_free(facts);
    *facts = others;
}

static void gather(struct live *l, struct sori_str done) {
    struct rec_field f;
    buf_clear(&l->lines);
    buf_clear(&l->facts);
    while (rec_next(&done, &f) == 1) {
        if (f.type != REC_REC || l->lines.len + l->facts.len + f.s.len > SAID_MOST) continue;
        if (f.tag == DONE_LINE) {
            struct buf clean = {0};
            utf8_clean(&clean, rec_get_str(f.s, 2));
            size_t mark = rec_begin(&l->lines, SC_LINE);
            rec_int(&l->lines, 1, rec_get_int(f.s, 1, 1));
            rec_str(&l->lines, 2, buf_view(&clean));
            rec_end(&l->lines, mark);
            buf_free(&clean);
        }
        struct sori_str name = rec_get_str(f.s, PAIR_NAME), value = rec_get_str(f.s, PAIR_VALUE);
        if (f.tag == DONE_FACT && name.len && utf8_valid(name) && utf8_valid(value))
            put_fact(&l->facts, name, value);
    }
    if (l->token_until > clock_now() && !has_fact(buf_view(&l->facts), "token.expires_at")) {
        char until[24];
        snprintf(until, sizeof until, "%lld", (long long)l->token_until);
        put_fact(&l->facts, SORI_STR("token.renewed_until"), str_c(until));
    }
}

void health_done(struct core *c, struct conn *conn, uint32_t status, struct sori_str done) {
    struct live *l = live_of(c, conn);
    struct buf why = {0};
    utf8_clean(&why, utf8_cut(rec_get_str(done, DONE_WHY), 1024));
    l->look_call = 0;
    conn->poll_call = 0;
    gather(l, done);
    l->looked_at = core_now(c);
    l->look_due = clock_mono() + (status == SORI_OK ? DAY_MS : LOOK_AGAIN_MS);
    l->blind = status == SORI_PERMANENT && !l->lines.len && !l->facts.len;
    const char *refused = why.len ? why.data : "the credential was refused";
    if (status == SORI_AUTH && conn->flags & SORI_CONNECTOR_ACTS) {
        act_refused(c, conn, refused); /* a look asks who we are: polls tell for themselves */
    } else if (status == SORI_AUTH) {
        live_refused(c, conn, refused);
    } else if (status == SORI_OK && conn->state == CONN_BROKEN) {
        act_accepted(c, conn);
        conn->poll_due = 0; /* a poll says whether it is well again */
    }
    if (l->asking) reply(l, l->blind ? SORI_OK : status, buf_view(&why));
    buf_free(&why);
    flow_dirty(c);
}

void health_lost(struct core *c, struct conn *conn, const char *why) {
    struct live *l = live_of(c, conn);
    if (l->look_call) conn->poll_call = 0;
    l->look_call = 0;
    l->look_due = clock_mono() + LOOK_AGAIN_MS;
    if (l->asking) reply(l, SORI_BUG, str_c(why));
}

void health_ask(struct command *cmd) {
    struct core *c = cmd->core;
    struct sori_str name = control_arg(cmd, "connection");
    struct conn *conn = conn_by_name(c, name);
    struct live *l = conn ? live_of(c, conn) : NULL;
    if (!conn) {
        control_tell(cmd, 1, "there is no connection \"%.*s\"", STR(name));
    } else if (!(conn->flags & SORI_CONNECTOR_POLLS)) {
        control_tell(cmd, 1, "%s is not polled: there is nothing to look at", conn->name);
    } else if (l->asking) {
        control_tell(cmd, 1, "%s is being looked at already; try again in a moment", conn->name);
    } else {
        l->asking = cmd;
        l->asked = true;
        poll_pump(c);
    }
}

/* ---- habits ---- */

static void save_habit(struct core *c, struct conn *conn, struct live *l) {
    struct buf b = {0};
    habit_write(&l->habit, &b);
    live_save(c, conn, LANE_HABIT, "habit", b.data);
    l->habit_saved = clock_mono();
    buf_free(&b);
}

static void watch_silence(struct core *c, struct conn *conn, struct live *l) {
    int64_t now = core_now(c);
    bool heard = conn->heard != l->items;
    l->items = conn->heard;
    enum habit_news news = habit_look(&l->habit, heard, now);
    if (news == HABIT_BROKEN)
        log_line(LOG_WARN, conn->name,
                 "nothing was heard for %lld minutes; its longest silence of the last days was "
                 "%lld",
                 (long long)((now - l->habit.heard_at) / 60000),
                 (long long)(habit_usual(&l->habit) / 60000));
    if (news == HABIT_BACK) log_line(LOG_INFO, conn->name, "speaks again");
    if (heard && (!l->habit_saved || clock_mono() - l->habit_saved >= HABIT_SAVE_MS))
        save_habit(c, conn, l);
}

/* ---- the pump ---- */

void health_pump(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    watch_silence(c, conn, l);
    int64_t soon = clock_mono() + HEAL_MS;
    /* A refused credential is tried again before a minute is over; net asks no platform with one
     * that it knows to be refused. */
    if (conn->state == CONN_BROKEN && !conn->poll_wait && conn->poll_due > soon)
        conn->poll_due = soon;
}

void live_pump(struct core *c) {
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        if (conn->importing) continue;
        health_pump(c, conn);
        stream_pump(c, conn);
    }
}

/* ---- for status ---- */

static void put_hose(struct buf *b, const struct hose *h) {
    size_t mark = rec_begin(b, SC_STREAM);
    rec_str(b, 1, str_c(h->name));
    rec_int(b, 2, h->state);
    if (h->state != STREAM_OPEN) rec_str_opt(b, 3, buf_view(&h->why));
    if (h->state == STREAM_WAITING) rec_int_opt(b, 4, h->until);
    rec_int_opt(b, 5, h->heard);
    rec_int_opt(b, 6, h->dropped);
    rec_end(b, mark);
}

void health_put(struct core *c, struct conn *conn, struct buf *b) {
    struct live *l = live_of(c, conn);
    buf_str(b, buf_view(&l->lines));
    buf_str(b, buf_view(&l->facts));
    rec_int_opt(b, SC_LOOKED_AT, l->looked_at);
    budget_put(c, conn, b);
    for (const struct hose *h = l->hoses; h; h = h->next)
        if (h->wanted) put_hose(b, h);
    rec_int_opt(b, SC_MISSED_FROM, l->missed_from);
    rec_int_opt(b, SC_MISSED_TO, l->missed_to);
    rec_int_opt(b, SC_FILLED_FROM, l->filled_from);
    rec_int_opt(b, SC_FILLED_TO, l->filled_to);
    rec_int_opt(b, SC_FILLED_AT, l->filled_at);
    rec_int_opt(b, SC_HEARD_AT, l->habit.heard_at);
    if (l->habit.broken) rec_int(b, SC_SILENT, habit_usual(&l->habit));
}
