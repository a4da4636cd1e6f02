/* Stage 5, act: what was decided leaves, once. An action is leased after a last look at the world
 * (still there? same text? same case? allowed now?), given to the plugin when that is on disk, and
 * its first writing request leaves only when sent_at is. From that moment no clock frees it: either
 * an outcome comes, or it is `unknown`, and then the connector's reconcile or a person finds out.
 * It is never sent again blindly. What waits for a commit, and what is done then: act/step.c. */
#include "flow/act/act.h"
#include "flow/act/ceiling.h"
#include "flow/command/look.h"

#include "base/clock.h"
#include "base/log.h"
#include "flow/channel/live.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ACT_DEADLINE_MS = 60000,
    LEASE_MS = 120000,
    RETRY_MIN_MS = 1000,
    RETRY_MAX_MS = 300000,
    LOOKS = 32, /* at what is due, before a commit */
    DOUBTS =
        4096 /* more than a connection ever has: those that wait for a person stand among them */
};

void act_outcome(struct core *c, const struct row_action *a, const char *text) {
    flow_journal(c, ENTRY_OUTCOME, a->contact, a->interaction, a->kase, SORI_STR("act"),
                 str_c(text), (struct sori_str){0}, a->id);
}

struct set_action *act_change(struct core *c, int64_t id, uint32_t from, int state) {
    struct set_action *s = store_add_set_action(&c->batch);
    s->id = id;
    s->from = from;
    s->state = state;
    flow_dirty(c);
    return s;
}

/* A person is needed for this action: its contact gets a case that says why. */
void act_needs_person(struct core *c, const struct row_action *a, const char *why) {
    struct contact *p = a->contact == NIL ? NULL : person_contact(c, a->contact);
    if (p) kase_open(c, p, a->seq, a->interaction, why);
}

void act_wake(struct core *c, struct conn *conn) {
    (void)c;
    conn->act_due = 0;
}

void act_put_call(struct core *c, const struct row_action *a, struct conn *conn, struct buf *b) {
    struct row_interaction it;
    struct rec_field f;
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)a->id);
    rec_int(b, ACT_VERB, a->verb);
    rec_str(b, ACT_ID, str_c(id));
    rec_str(b, ACT_TEXT, rec_get_str(a->body, ACT_TEXT));
    /* The body may not outlive the next call into the store. */
    bool ours = false;
    for (struct sori_str rest = a->body; rec_next(&rest, &f) == 1;) {
        if (f.tag == ACT_ARG && f.type == REC_REC) rec_rec(b, ACT_ARG, f.s);
        if (f.tag == ACT_NATIVE && f.type == REC_STR) rec_str(b, ACT_NATIVE, f.s);
        ours |= f.tag == ACT_NATIVE;
    }
    rec_int(b, CALL_NOW, core_now(c));
    rec_int(b, ACT_ATTEMPT, a->attempt);
    rec_int(b, ACT_BY, a->actor.len ? ORIGIN_BY_HAND : ORIGIN_BY_RULE);
    budget_call(c, conn, b);
    if (a->sent_at != NIL && a->sent_at > 0) rec_int(b, ACT_SINCE, a->sent_at - 300000);
    for (size_t i = 0; i < conn->kept.count; i++) {
        size_t mark = rec_begin(b, ACT_STATE);
        rec_str(b, PAIR_NAME, str_c(conn->kept.items[i].name));
        rec_str(b, PAIR_VALUE, buf_view(&conn->kept.items[i].value));
        rec_end(b, mark);
    }
    int64_t target = NIL, parent = NIL, author = NIL;
    if (store_interaction(c->store, a->interaction, &it)) {
        const struct space *space = map_get(&c->spaces_by_id, (uint64_t)it.space);
        if (space) rec_str(b, ACT_SPACE, str_c(space->name));
        if (!ours) rec_str(b, ACT_NATIVE, it.native);
        rec_int(b, ACT_KIND, it.kind);
        rec_str_opt(b, ACT_URL, it.url);
        if (it.said_at != NIL) rec_int_opt(b, ACT_SAID_AT, it.said_at);
        target = it.target;
        parent = it.parent;
        author = it.author;
    }
    struct row_author who;
    if (author != NIL && store_author_by_id(c->store, author, &who))
        rec_str(b, ACT_AUTHOR, who.native);
    if (target != NIL && store_interaction(c->store, target, &it))
        rec_str(b, ACT_TARGET, it.native);
    if (parent != NIL && store_interaction(c->store, parent, &it))
        rec_str(b, ACT_PARENT, it.native);
}

static void lease(struct core *c, struct conn *conn, const struct row_action *a) {
    struct set_action *s = act_change(c, a->id, 1u << ACTION_READY, ACTION_LEASED);
    s->epoch = store_epoch(c->store);
    s->lease_until = core_now(c) + LEASE_MS;
    s->sent_at = 0;
    s->attempt = a->attempt + 1;
    conn->act_contact = a->contact;
    same_said(c, a);
    act_step_lease(c, conn, a->id, s->attempt);
}

/* ---- choosing what to do next ---- */

struct choice {
    struct row_action row;
    bool found;
    int64_t now, earliest;
    struct arena arena;
};

static void keep_row(struct choice *x, const struct row_action *row) {
    x->row = *row;
    x->row.actor = arena_copy(&x->arena, row->actor);
    x->row.body = arena_copy(&x->arena, row->body);
    x->row.reason = arena_copy(&x->arena, row->reason);
    x->row.native = arena_copy(&x->arena, row->native);
    x->found = true;
}

static void choose_ready(void *ctx, const void *row) {
    struct choice *x = ctx;
    if (!x->found) keep_row(x, row);
}

static void choose_unknown(void *ctx, const void *r) {
    struct choice *x = ctx;
    const struct row_action *row = r;
    if (row->due > x->now) {
        if (row->due < x->earliest) x->earliest = row->due;
    } else if (!x->found)
        keep_row(x, row);
}

void act_hold(struct core *c, const struct row_action *a, uint32_t from, const char *check,
              const char *why) {
    char line[600];
    struct buf body = {0};
    snprintf(line, sizeof line, "held for a person: %s: %s", check, why);
    buf_str(&body, a->body);
    look_put(&body, check, why);
    act_outcome(c, a, line);
    struct contact *p = a->contact == NIL ? NULL : person_contact(c, a->contact);
    struct kase *k = p ? kase_open(c, p, a->seq, a->interaction, line) : NULL;
    struct set_action *s = act_change(c, a->id, from, ACTION_WAITING);
    s->body = keep(c, buf_view(&body));
    s->turn = 0;
    s->reason = keep(c, str_c(line));
    if (k) s->kase = k->id;
    if (k) s->kase_version = k->version;
    buf_free(&body);
}

static void later(struct core *c, const struct row_action *a, const struct looked *l) {
    struct set_action *s = act_change(c, a->id, 1u << ACTION_READY, ACTION_READY);
    s->due = l->due;
    s->turn = l->turn;
    if (str_is(a->reason, l->why)) return;
    s->reason = keep(c, str_c(l->why));
    act_outcome(c, a, s->reason.ptr);
}

/* What is due, oldest first: a look at each until one leaves. */
struct due_rows {
    struct row_action row[LOOKS];
    size_t count;
    struct arena arena;
};

static void keep_due(void *ctx, const void *row) {
    struct due_rows *d = ctx;
    struct choice x = {.arena = d->arena};
    keep_row(&x, row);
    d->row[d->count++] = x.row;
    d->arena = x.arena;
}

/* Looks at one; true when it is on its way. */
static bool look_at(struct core *c, struct conn *conn, const struct row_action *a) {
    struct looked l = {.due = NIL};
    enum look look = look_leaving(c, conn, a, &l);
    if (look == LOOK_GO) lease(c, conn, a);
    if (look == LOOK_LATER) later(c, a, &l);
    if (look == LOOK_HOLD) act_hold(c, a, 1u << ACTION_READY, l.check, l.why);
    if (look == LOOK_DEAD) {
        struct set_action *s = act_change(c, a->id, 1u << ACTION_READY, l.state);
        s->reason = keep(c, str_c(l.why));
        act_outcome(c, a, s->reason.ptr);
    }
    return look == LOOK_GO;
}

static bool try_ready(struct core *c, struct conn *conn) {
    struct due_rows *d = mem_get(sizeof *d);
    bool leaves = false;
    store_ready(c->store, conn->id, core_now(c), LOOKS, keep_due, d);
    size_t count = d->count;
    for (size_t i = 0; i < count && !leaves; i++) leaves = look_at(c, conn, &d->row[i]);
    if (count && !leaves) act_step_settle(c, conn);
    arena_free(&d->arena);
    free(d);
    return count > 0;
}

static bool try_reconcile(struct core *c, struct conn *conn) {
    struct choice x = {.now = core_now(c), .earliest = INT64_MAX};
    store_actions(c->store, 1u << ACTION_UNKNOWN, conn->id, DOUBTS, choose_unknown, &x);
    if (x.found) {
        struct buf payload = {0};
        act_put_call(c, &x.row, conn, &payload);
        conn->act_call =
            guest_call(conn->act, M_RECONCILE, buf_view(&payload), ACT_DEADLINE_MS, -1);
        buf_free(&payload);
        conn->act_reconciling = true;
        if (conn->act_call) conn->act_action = x.row.id;
    }
    arena_free(&x.arena);
    return x.found;
}

static bool has_work(struct core *c, struct conn *conn) {
    struct choice x = {.now = core_now(c), .earliest = INT64_MAX};
    store_ready(c->store, conn->id, x.now, 1, choose_ready, &x);
    if (!x.found)
        store_actions(c->store, 1u << ACTION_UNKNOWN, conn->id, DOUBTS, choose_unknown, &x);
    arena_free(&x.arena);
    return x.found;
}

void act_pump(struct core *c) {
    int64_t now = clock_mono();
    /* Looking waits for a commit in flight: it is done when that has landed, which calls this. */
    if (!c->active || c->stopping || c->flying) return;
    ceiling_look(c);
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        if (!(conn->flags & SORI_CONNECTOR_ACTS) || conn->act_action != NIL || conn->act_settles ||
            conn->act_renew || now < conn->act_due || conn->state == CONN_STOPPED || c->paused ||
            act_held(c, conn))
            continue;
        conn->act_due = now + 1000;
        if (!conn->act) {
            if (!has_work(c, conn)) continue;
            act_guest_start(c, conn);
            continue;
        }
        if (!conn->act_ready || !guest_is_ready(c->net)) continue;
        if (try_reconcile(c, conn) || try_ready(c, conn)) {
            conn->act_idle = now;
            if (conn->act_action == NIL && !conn->act_settles) conn->act_due = now + 5;
        } else if (now > conn->act_idle + 60000)
            act_stop(c, conn);
    }
}

/* ---- after a crash ---- */

struct doubt {
    struct core *core;
};

static void settle_doubt(void *ctx, const void *row) {
    struct core *c = ((struct doubt *)ctx)->core;
    const struct row_action *a = row;
    bool left = a->sent_at != NIL && a->sent_at > 0;
    struct set_action *s =
        act_change(c, a->id, 1u << a->state, left ? ACTION_UNKNOWN : ACTION_READY);
    if (!left) return;
    struct conn *conn = conn_by_id(c, a->connection);
    s->due = a->sent_at + (conn && a->verb < 10 ? conn->verb_settle[a->verb] : 0);
    s->reason = SORI_STR("Sori ended between the send and its outcome");
    act_outcome(c, a, "unknown: Sori ended between the send and its outcome");
}

void act_start(struct core *c) {
    struct doubt d = {c};
    store_actions(c->store, 1u << ACTION_LEASED | 1u << ACTION_SENT, NIL, 100000, settle_doubt, &d);
    flow_commit(c);
}
