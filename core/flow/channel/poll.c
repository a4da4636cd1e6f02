/* The poll lane of a connection: one process that reads what is new and says so. Items are recorded
 * as they come; the cursor counts only when the call ends well, so that a call cut short is read
 * again and finds its items already there. */
#include "flow/admit.h"
#include "flow/channel/live.h"
#include "flow/channel/task.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

enum {
    LIMIT = 4096,
    DEADLINE_MS = 120000,
    WAIT_MIN_MS = 1000,
    WAIT_MAX_MS = 300000,
    ENTRIES_MAX = 16384,
    ROWS_MAX = 40000,
    AUTH_MS = 40000,
    NAMED_MOST = 1000 /* cursors or states of a connection */
};

/* Behind a flight only so much gathers: what waits for a commit should not wait long. */
bool flow_has_room(const struct core *c) {
    return c->entries < ENTRIES_MAX && !(c->flying && c->batch_rows >= ROWS_MAX);
}

static void put_named(struct buf *b, uint32_t tag, const struct named_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        size_t mark = rec_begin(b, tag);
        rec_str(b, PAIR_NAME, str_c(list->items[i].name));
        rec_str(b, PAIR_VALUE, buf_view(&list->items[i].value));
        rec_end(b, mark);
    }
}

static void call_poll(struct core *c, struct conn *conn) {
    struct buf b = {0};
    put_named(&b, POLL_CURSOR, &conn->cursors);
    put_named(&b, POLL_STATE, &conn->kept);
    task_hand(c, conn, &b);
    rec_int(&b, POLL_LIMIT, LIMIT);
    rec_int(&b, POLL_LIVE_FROM, conn->live_from);
    rec_int(&b, CALL_NOW, core_now(c));
    rec_int(&b, CALL_DEADLINE, DEADLINE_MS);
    stream_gap(c, conn, &b);
    budget_call(c, conn, &b);
    buf_clear(&conn->poll_cursors);
    conn->poll_moved = false;
    conn->poll_call = guest_call(conn->poll, M_POLL, buf_view(&b), DEADLINE_MS, -1);
    buf_free(&b);
    if (!conn->poll_call) conn->poll_due = clock_mono() + 200;
}

/* The last share of a budget is for acts. */
static bool wait_for_budget(struct core *c, struct conn *conn) {
    int64_t hold = budget_hold(c, conn), now = core_now(c);
    if (hold <= now) return false;
    conn->poll_due = clock_mono() + admit_span(hold - now);
    return true;
}

void poll_pump(struct core *c) {
    int64_t now = clock_mono();
    if (!c->active || c->undecided_from != NIL || c->stopping) return;
    live_pump(c);
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        if (conn->poll && conn->poll_call && flow_has_room(c)) guest_listen(conn->poll, true);
        if (!(conn->flags & SORI_CONNECTOR_POLLS) || conn->poll_call || conn->poll_renew ||
            conn->state == CONN_STOPPED || !flow_has_room(c))
            continue;
        bool ready = conn->poll && conn->poll_ready && guest_is_ready(c->net);
        if ((ready && health_call(c, conn)) || now < conn->poll_due) continue;
        if (!conn->poll)
            poll_start(c, conn);
        else if (ready && !wait_for_budget(c, conn))
            call_poll(c, conn);
    }
}

static bool named_has(const struct named_list *list, struct sori_str name) {
    for (size_t i = 0; i < list->count; i++)
        if (str_is(name, list->items[i].name)) return true;
    return false;
}

static void put_cursor(struct core *c, struct conn *conn, int lane, struct sori_str name,
                       struct sori_str value) {
    struct named_list *list = lane ? &conn->kept : &conn->cursors;
    if (!admit_name(name) || memchr(name.ptr, 0, name.len)) return;
    if (list->count >= NAMED_MOST && !named_has(list, name)) return;
    if (named_put(list, name, value)) conn->poll_moved = true;
    *store_add_cursor(&c->batch) = (struct row_cursor){.connection = conn->id,
                                                       .lane = lane,
                                                       .name = keep(c, name),
                                                       .value = keep(c, value),
                                                       .at = core_now(c)};
    flow_dirty(c);
}

static void apply_pairs(struct core *c, struct conn *conn, int lane, struct sori_str pairs,
                        uint32_t tag) {
    struct rec_field f;
    while (rec_next(&pairs, &f) == 1)
        if (f.tag == tag && f.type == REC_REC)
            put_cursor(c, conn, lane, rec_get_str(f.s, PAIR_NAME), rec_get_str(f.s, PAIR_VALUE));
}

static void fail(struct core *c, struct conn *conn, int state, const char *why, int64_t until) {
    conn->poll_wait = conn->poll_wait ? conn->poll_wait * 2 : WAIT_MIN_MS;
    if (conn->poll_wait > WAIT_MAX_MS) conn->poll_wait = WAIT_MAX_MS;
    int64_t wait =
        conn->poll_wait + (int64_t)((uint64_t)rand() % (uint64_t)(conn->poll_wait / 4 + 1));
    if (until > core_now(c) + wait) wait = admit_span(until - core_now(c));
    conn->poll_due = clock_mono() + wait;
    conn_state(c, conn, state, why);
}

static void polled(struct core *c, struct conn *conn, uint32_t status, struct sori_str r) {
    struct sori_str said = rec_get_str(r, DONE_WHY);
    const char *why = said.len ? keep(c, said).ptr : "no reason given";
    conn->poll_call = 0;
    budget_told(c, conn, r);
    task_over(c, conn, status == SORI_OK ? TASKS_LEFT : TASKS_KEPT);
    if (status == SORI_OK || status == SORI_AGAIN) {
        apply_pairs(c, conn, 0, buf_view(&conn->poll_cursors), SINK_CURSOR);
        apply_pairs(c, conn, 1, r, DONE_STATE);
        conn->poll_wait = 0;
        conn->last_good = core_now(c);
        /* Whoever says AGAIN and brings nothing new would be asked without end. */
        conn->poll_due = status == SORI_OK  ? clock_mono() + conn->every
                         : conn->poll_moved ? 0
                                            : clock_mono() + WAIT_MIN_MS;
        live_well(c, conn);
        stream_polled(c, conn, r, status == SORI_OK);
    } else if (status == SORI_AUTH) {
        /* Slowly, and soon enough: a new token in secrets/ is found within a minute. */
        conn->poll_wait = 0;
        conn->poll_due = clock_mono() + AUTH_MS + rand() % (AUTH_MS / 4);
        live_refused(c, conn, why);
    } else if (status == SORI_CONFIG || status == SORI_PERMANENT || status == SORI_GONE) {
        conn->poll_wait = conn->poll_wait < 60000 ? 60000 : conn->poll_wait;
        fail(c, conn, CONN_BROKEN, why, 0);
    } else if (status == SORI_CANCELLED) {
        conn->poll_due = clock_mono() + WAIT_MIN_MS;
    } else {
        int64_t until = rec_get_int(r, DONE_RETRY_AT, 0);
        if (status == SORI_RATE) budget_rest(c, conn, until);
        fail(c, conn, CONN_WAITING, why, until);
    }
    classify_pump(c);
    decide_pump(c);
    act_pump(c);
    poll_pump(c);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct conn_ctx *x = ctx;
    struct conn *conn = x->conn;
    (void)g;
    if (!conn->poll_ready) {
        if (msg->head.status == SORI_OK) {
            conn->poll_ready = true;
            if (conn->state == CONN_WAITING) conn_state(x->core, conn, CONN_READY, NULL);
            poll_pump(x->core);
        } else { /* the next one is a new process */
            fail(x->core, conn, CONN_BROKEN, keep(x->core, rec_get_str(msg->payload, DONE_WHY)).ptr,
                 0);
            guest_kill(&conn->poll);
        }
    } else if (msg->head.call != conn->poll_call) {
        return;
    } else if (live_of(x->core, conn)->look_call == conn->poll_call) {
        budget_told(x->core, conn, msg->payload);
        health_done(x->core, conn, msg->head.status, msg->payload);
        poll_pump(x->core);
    } else {
        polled(x->core, conn, msg->head.status, msg->payload);
    }
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct conn_ctx *x = ctx;
    if (msg->head.type == W_HTTP) {
        route_request(x->core, x->conn, g, msg);
    } else if (msg->head.type == W_SINK && msg->head.call == x->conn->poll_call) {
        int64_t heard = x->conn->heard;
        record_sink(x->core, x->conn, msg->payload, (struct arrival){NIL, NIL},
                    &x->conn->poll_cursors);
        x->conn->poll_moved |= x->conn->heard != heard;
        classify_pump(x->core);
        /* What is not heard now waits on the wire, and its sender with it. */
        if (!flow_has_room(x->core)) guest_listen(g, false);
    }
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct conn_ctx *x = ctx;
    struct conn *conn = x->conn;
    route_forget(x->core, g);
    conn->poll_ready = false;
    if (!conn->poll_call) return;
    bool looked = live_of(x->core, conn)->look_call == conn->poll_call;
    if (looked)
        health_lost(x->core, conn, o->what);
    else
        task_over(x->core, conn, TASKS_DIED);
    conn->poll_call = 0;
    flow_fault(x->core, guest_name(g), looked ? "health" : "poll", conn, NIL, NIL, NIL, 0,
               str_c(o->what), (struct sori_str){0});
    fail(x->core, conn, CONN_WAITING, o->what, 0);
}

void poll_start(struct core *c, struct conn *conn) {
    struct guest_events events = {.ctx = conn_ctx(c, conn),
                                  .ready = lane_ready,
                                  .part = on_part,
                                  .done = on_done,
                                  .lost = on_lost};
    conn->poll_ready = false;
    conn->poll = lane_start(c, conn->plugin, conn, "poll", &events);
    if (!conn->poll) conn->poll_due = clock_mono() + 5000;
}

void poll_stop(struct core *c, struct conn *conn) {
    stream_stop(c, conn);
    if (!conn->poll) return;
    if (conn->ctx && conn->ctx->live) health_lost(c, conn, "its processes were stopped");
    route_forget(c, conn->poll);
    guest_kill(&conn->poll);
    conn->poll_ready = false;
    conn->poll_call = 0;
}
