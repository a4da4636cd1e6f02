/* What came of an action: the answer of act or reconcile, or the death of the lane. */
#include "flow/act/act.h"
#include "flow/act/ceiling.h"

#include "base/clock.h"
#include "base/log.h"
#include "flow/channel/live.h"

#include <stdio.h>
#include <stdlib.h>

enum { RETRY_MIN_MS = 1000, RETRY_MAX_MS = 300000, NEVER_MS = 1 << 30, AGAIN_MS = 10000 };
enum { ATTEMPTS = 5 }; /* after so many, half a minute, a person hears that it does not leave */

static uint32_t in_hand(void) { return 1u << ACTION_LEASED | 1u << ACTION_SENT; }

/* The row with strings that outlive the next call into the store. */
static bool row_of(struct core *c, int64_t id, struct row_action *a) {
    if (!store_action(c->store, id, a)) return false;
    a->actor = keep(c, a->actor);
    a->body = keep(c, a->body);
    a->reason = keep(c, a->reason);
    a->native = keep(c, a->native);
    act_with_changes(c, a);
    return true;
}

static void done(struct core *c, const struct row_action *a, uint32_t from, struct sori_str native,
                 const char *how) {
    struct set_action *s = act_change(c, a->id, from, ACTION_DONE);
    if (native.len) s->native = keep(c, native);
    echo_made(c, a, native);
    act_outcome(c, a, how);
    c->count_sent++;
    struct contact *p = a->contact == NIL ? NULL : person_contact(c, a->contact);
    if (a->verb != VERB_REPLY && a->verb != VERB_PRIVATE_REPLY) return;
    ceiling_spoke(c, a->connection, p, !a->actor.len);
    if (!p) return;
    p->replied_at = core_now(c);
    person_write(c, p);
    person_load(c, p);
    if (rec_get_int(a->body, ACT_HOLDING, 0)) return; /* the answer is still owed */
    kase_answered(c, p, NIL, a->interaction, a->seq, NIL, a->actor.len > 0);
}

static void unknown(struct core *c, struct conn *conn, const struct row_action *a, uint32_t from,
                    const char *why) {
    struct set_action *s = act_change(c, a->id, from, ACTION_UNKNOWN);
    bool listable = a->verb < 10 && (conn->verb_flags[a->verb] & SORI_VERB_LISTABLE);
    s->due = core_now(c) + (listable ? conn->verb_settle[a->verb] : NEVER_MS);
    s->reason = keep(c, str_c(why));
    char line[600];
    snprintf(line, sizeof line, "unknown: %s", why);
    act_outcome(c, a, line);
    if (a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY) /* it may have been said */
        ceiling_spoke(c, a->connection, a->contact == NIL ? NULL : person_contact(c, a->contact),
                      !a->actor.len);
    if (!listable) act_needs_person(c, a, "sent, outcome unknown: look, then `sori resolve`");
}

static void again(struct core *c, struct conn *conn, const struct row_action *a, int64_t at,
                  const char *why) {
    /* One trouble may meet many actions at once: it makes the next wait longer once. */
    int64_t now = core_now(c);
    if (now >= conn->act_waits_until || conn->act_wait == 0) {
        conn->act_wait = conn->act_wait ? conn->act_wait * 2 : RETRY_MIN_MS;
        if (conn->act_wait > RETRY_MAX_MS) conn->act_wait = RETRY_MAX_MS;
        conn->act_waits_until = now + conn->act_wait;
    }
    int64_t jitter = (int64_t)((uint64_t)rand() % (uint64_t)(conn->act_wait / 4 + 1));
    struct set_action *s = act_change(c, a->id, in_hand(), ACTION_READY);
    s->sent_at = 0;
    s->due = at > now ? at : now + conn->act_wait + jitter;
    s->turn = 0;
    s->reason = keep(c, str_c(why));
    char line[600];
    snprintf(line, sizeof line, "not sent, tried again later: %s", why);
    act_outcome(c, a, line);
    if (a->attempt == ATTEMPTS) act_needs_person(c, a, line);
}

/* Due at once: the connection says when it may leave. */
static void held(struct core *c, const struct row_action *a, const char *why) {
    struct set_action *s = act_change(c, a->id, in_hand(), ACTION_READY);
    bool told = str_starts(a->reason, SORI_STR("held"));
    char line[600];
    snprintf(line, sizeof line, "held back until a token works again: %s", why);
    s->sent_at = 0;
    s->due = core_now(c);
    s->turn = 0;
    s->reason = keep(c, str_c(line));
    if (!told) act_outcome(c, a, line);
}

/* What a rule said and the connector would not even try (too long by the channel's own counting,
 * the wrong place) is a draft for a person; what was tried, or was a person's own, is over. */
static void refused(struct core *c, struct conn *conn, const struct row_action *a,
                    const char *why) {
    bool reply = a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY;
    if (reply && !a->actor.len && !conn->act_sent) {
        act_hold(c, a, in_hand(), "channel", why);
        return;
    }
    struct set_action *s = act_change(c, a->id, in_hand(), ACTION_FAILED);
    s->reason = keep(c, str_c(why));
    char line[600];
    snprintf(line, sizeof line, "refused: %s", why);
    act_outcome(c, a, line);
    act_needs_person(c, a, line);
}

static void acted(struct core *c, struct conn *conn, const struct row_action *a, uint32_t status,
                  struct sori_str r) {
    char *why = mem_text(rec_get_str(r, DONE_WHY));
    bool doubt = rec_get_int(r, DONE_SENT_UNKNOWN, 0) == 1;
    /* Net knows best: where bytes left and no answer came, no plugin may say otherwise. */
    if (doubt && status != SORI_ACT_OK && status != SORI_ACT_DUPLICATE)
        status = SORI_ACT_UNKNOWN_OUTCOME;
    bool ok = status == SORI_ACT_OK || status == SORI_ACT_DUPLICATE;
    if (!ok && !(in_hand() >> a->state & 1)) { /* dropped before it left: it ended there */
        free(why);
        return;
    }
    switch (status) {
    case SORI_ACT_OK:
        done(c, a, in_hand(), rec_get_str(r, DONE_NATIVE), "done");
        conn->act_wait = 0;
        act_accepted(c, conn);
        break;
    case SORI_ACT_DUPLICATE:
        done(c, a, in_hand(), rec_get_str(r, DONE_NATIVE), "done: the platform had it already");
        break;
    case SORI_ACT_UNKNOWN_OUTCOME:
        unknown(c, conn, a, in_hand(), *why ? why : "the answer was lost");
        break;
    case SORI_ACT_GONE: {
        struct set_action *s = act_change(c, a->id, in_hand(), ACTION_MOOT);
        s->reason = keep(c, str_c(why));
        act_outcome(c, a, "moot: the target is gone");
        break;
    }
    case SORI_ACT_AUTH:
        held(c, a, *why ? why : "the credential was refused");
        act_refused(c, conn, *why ? why : "the credential was refused");
        break;
    case SORI_ACT_RATE:
    case SORI_ACT_RETRY:
    case SORI_ACT_CANCELLED: again(c, conn, a, rec_get_int(r, DONE_RETRY_AT, 0), why); break;
    default: refused(c, conn, a, *why ? why : "no reason given");
    }
    free(why);
}

static void reconciled(struct core *c, struct conn *conn, const struct row_action *a,
                       uint32_t status, struct sori_str r) {
    char *why = mem_text(rec_get_str(r, DONE_WHY));
    uint32_t from = 1u << ACTION_UNKNOWN;
    bool listable = a->verb < 10 && (conn->verb_flags[a->verb] & SORI_VERB_LISTABLE);
    if (status == SORI_ACT_OK || status == SORI_ACT_DUPLICATE) {
        /* A person may have said "not sent" meanwhile: it did not leave again yet, since its lane
         * was busy with finding out. */
        done(c, a, from | 1u << ACTION_READY, rec_get_str(r, DONE_NATIVE),
             "done: found by reconcile");
    } else if (status == SORI_ACT_ABSENT && listable) {
        struct set_action *s = act_change(c, a->id, from, ACTION_READY);
        s->sent_at = 0;
        s->due = core_now(c);
        s->turn = 0;
        s->reason = SORI_STR("reconcile read the complete list: it is not there");
        act_outcome(c, a, "absent: reconcile read the complete list; it may be sent again");
    } else if (status == SORI_ACT_RETRY || status == SORI_ACT_RATE ||
               status == SORI_ACT_CANCELLED || status == SORI_ACT_AUTH) {
        struct set_action *s = act_change(c, a->id, from, ACTION_UNKNOWN);
        int64_t at = rec_get_int(r, DONE_RETRY_AT, 0);
        s->due = at > core_now(c) ? at : core_now(c) + 15000;
        if (status == SORI_ACT_AUTH)
            act_refused(c, conn, *why ? why : "the credential was refused");
    } else {
        struct set_action *s = act_change(c, a->id, from, ACTION_UNKNOWN);
        s->due = core_now(c) + NEVER_MS;
        s->reason = keep(c, str_c(*why ? why : "reconcile could not tell"));
        act_outcome(c, a, "reconcile could not tell: a person decides (`sori resolve`)");
        act_needs_person(c, a, "sent, outcome unknown: look, then `sori resolve`");
    }
    free(why);
}

static void finished(struct core *c, struct conn *conn, uint32_t status, struct sori_str payload) {
    struct row_action a;
    if (row_of(c, conn->act_action, &a)) {
        if (conn->act_reconciling)
            reconciled(c, conn, &a, status, payload);
        else
            acted(c, conn, &a, status, payload);
    }
    conn->act_action = NIL;
    conn->act_call = 0;
    conn->act_due = 0;
    act_step_settle(c, conn);
}

/* ---- the lane's process ---- */
static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct conn_ctx *x = ctx;
    (void)g;
    if (!x->conn->act_ready) {
        if (msg->head.status == SORI_OK)
            x->conn->act_ready = true;
        else { /* the next one is a new process */
            conn_state(x->core, x->conn, CONN_BROKEN,
                       keep(x->core, rec_get_str(msg->payload, DONE_WHY)).ptr);
            guest_kill(&x->conn->act);
        }
        x->conn->act_due = x->conn->act_ready ? 0 : clock_mono() + AGAIN_MS;
        act_pump(x->core);
    } else if (msg->head.call == x->conn->act_call && x->conn->act_action != NIL) {
        budget_told(x->core, x->conn, msg->payload);
        finished(x->core, x->conn, msg->head.status, msg->payload);
        act_pump(x->core);
    }
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct conn_ctx *x = ctx;
    if (msg->head.type == W_HTTP) route_request(x->core, x->conn, g, msg);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct conn_ctx *x = ctx;
    struct conn *conn = x->conn;
    route_forget(x->core, g);
    conn->act_ready = false;
    if (conn->act_action == NIL) return;
    struct buf why = {0};
    rec_str(&why, DONE_WHY, str_c(o->what));
    if (conn->act_sent) rec_int(&why, DONE_SENT_UNKNOWN, 1);
    flow_fault(x->core, guest_name(g), "act", conn, NIL, NIL, NIL, 0, str_c(o->what),
               (struct sori_str){0});
    finished(x->core, conn, SORI_ACT_RETRY, buf_view(&why));
    buf_free(&why);
}

void act_guest_start(struct core *c, struct conn *conn) {
    struct guest_events events = {.ctx = conn_ctx(c, conn),
                                  .ready = lane_ready,
                                  .part = on_part,
                                  .done = on_done,
                                  .lost = on_lost};
    conn->act_ready = false;
    conn->act_idle = clock_mono();
    conn->act = lane_start(c, conn->plugin, conn, "act", &events);
}

void act_stop(struct core *c, struct conn *conn) {
    if (!conn->act) return;
    route_forget(c, conn->act);
    guest_kill(&conn->act);
    conn->act_ready = false;
    if (conn->act_action != NIL) {
        struct buf why = {0};
        rec_str(&why, DONE_WHY, SORI_STR("the connection was stopped"));
        if (conn->act_sent) rec_int(&why, DONE_SENT_UNKNOWN, 1);
        finished(c, conn, SORI_ACT_RETRY, buf_view(&why));
        buf_free(&why);
    }
}
