/* What an action waits for: each step is a change in the batch, and goes on when that batch is on
 * disk. Whatever happened in between (the lane died, the connection went, everything was paused)
 * is found by looking again, at the row and at the lane. */
#include "flow/act/act.h"
#include "flow/channel/route.h"

#include "base/clock.h"

#include <stdlib.h>

enum { ACT_DEADLINE_MS = 60000, LATER_MS = 500, DUE_MOST = 10000 };

struct step {
    struct after after;
    int64_t conn, action, attempt, mark;
};

static void wait_for(struct core *c, struct conn *conn, int64_t action, int64_t attempt,
                     void (*run)(struct core *c, struct after *a)) {
    struct step *s = mem_get(sizeof *s);
    *s = (struct step){.after = {.run = run},
                       .conn = conn->id,
                       .action = action,
                       .attempt = attempt,
                       .mark = ++c->act_marks};
    conn->act_settles = s->mark;
    flow_after(c, &s->after);
    flow_hurry(c);
}

/* The connection of a step that is still its newest, or NULL; it may go on. */
static struct conn *arrive(struct core *c, const struct step *s) {
    struct conn *conn = conn_by_id(c, s->conn);
    if (!conn || conn->act_settles != s->mark) return NULL;
    conn->act_settles = 0;
    return conn;
}

/* ---- leased ---- */

static bool is_ours(struct core *c, int64_t action, int state, struct row_action *a) {
    return store_action(c->store, action, a) && a->state == state &&
           a->epoch == store_epoch(c->store);
}

static void leased(struct core *c, struct after *after) {
    struct step *s = (struct step *)after;
    struct conn *conn = arrive(c, s);
    struct row_action a;
    if (conn && conn->act_action == s->action) {
        bool ours = is_ours(c, s->action, ACTION_LEASED, &a) && a.attempt == s->attempt;
        struct buf payload = {0};
        conn->act_action = NIL;
        conn->act_due = 0;
        if (ours && conn->act && conn->act_ready && !c->paused) {
            act_put_call(c, &a, conn, &payload);
            conn->act_call = guest_call(conn->act, M_ACT, buf_view(&payload), ACT_DEADLINE_MS, -1);
            if (conn->act_call) conn->act_action = s->action;
        }
        if (ours && conn->act_action == NIL) {
            act_change(c, s->action, 1u << ACTION_LEASED, ACTION_READY);
            act_step_settle(c, conn);
            conn->act_due = clock_mono() + LATER_MS;
        }
        buf_free(&payload);
    }
    free(s);
}

void act_step_lease(struct core *c, struct conn *conn, int64_t action, int64_t attempt) {
    conn->act_action = action;
    conn->act_call = 0;
    conn->act_sent = conn->act_reconciling = false;
    wait_for(c, conn, action, attempt, leased);
}

/* ---- settled ---- */

static void settled(struct core *c, struct after *after) {
    struct conn *conn = arrive(c, (struct step *)after);
    if (conn) conn->act_due = 0; /* there may be more */
    free(after);
}

void act_step_settle(struct core *c, struct conn *conn) { wait_for(c, conn, NIL, NIL, settled); }

/* ---- due once more ---- */

struct due_now {
    struct core *core;
    int64_t now;
};

static void make_due(void *ctx, const void *row) {
    const struct due_now *d = ctx;
    const struct row_action *a = row;
    if (a->due > d->now) act_change(d->core, a->id, 1u << ACTION_READY, ACTION_READY)->due = d->now;
}

void act_step_due(struct core *c, struct conn *conn) {
    struct due_now d = {c, core_now(c)};
    store_actions(c->store, 1u << ACTION_READY, conn->id, DUE_MOST, make_due, &d);
    act_wake(c, conn);
}

/* ---- sent ---- */

struct sending {
    struct after after;
    int64_t conn, action, sent_at;
    struct wire_head head;
    struct buf payload;
};

static void sent(struct core *c, struct after *after) {
    struct sending *s = (struct sending *)after;
    struct conn *conn = conn_by_id(c, s->conn);
    struct row_action a;
    struct wire_msg msg = {.head = s->head, .payload = buf_view(&s->payload), .fd = -1};
    if (conn && conn->act && conn->act_action == s->action && conn->act_call == s->head.call) {
        bool ours = is_ours(c, s->action, ACTION_SENT, &a) && a.sent_at == s->sent_at;
        conn->act_sent = ours && !c->paused;
        if (conn->act_sent)
            route_write(c, conn, conn->act, &msg);
        else
            route_refuse(c, conn->act, &msg);
    }
    buf_free(&s->payload);
    free(s);
}

enum may act_may_send(struct core *c, struct conn *conn, const struct wire_msg *msg) {
    if (conn->act_action == NIL || conn->act_reconciling || msg->head.call != conn->act_call ||
        c->paused)
        return MAY_NOT;
    if (conn->act_sent) return MAY;
    struct set_action *change = act_change(c, conn->act_action, 1u << ACTION_LEASED, ACTION_SENT);
    change->epoch_is = store_epoch(c->store);
    change->sent_at = core_now(c);
    struct sending *s = mem_get(sizeof *s);
    *s = (struct sending){.after = {.run = sent},
                          .conn = conn->id,
                          .action = conn->act_action,
                          .sent_at = change->sent_at,
                          .head = msg->head};
    buf_str(&s->payload, msg->payload);
    flow_after(c, &s->after);
    flow_hurry(c);
    return MAY_LATER;
}
