/* Two clocks tell how long ago something was said: the wall's, which is on disk and outlives us,
 * and the monotonic one of this life, which nobody sets. The longer wait of the two holds, so that
 * neither a restart nor a clock that jumps lets more through than the ceilings allow. */
#include "flow/act/ceiling.h"

#include "base/clock.h"
#include "flow/act/act.h"

#include <stdio.h>
#include <stdlib.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, WAITING_MOST = 100000 };

/* Of one connection. It outlives the connection's own structure, which a reload makes anew. */
struct ceiling {
    int64_t *at; /* monotonic ms of what rules said here in the last hour of this life */
    size_t n, cap;
    int64_t turn;  /* the last that was given, wall ms */
    int64_t began; /* monotonic ms */
};
/* When a person spoke to the contact, where nobody did. */
static const int64_t NEVER = INT64_MIN / 2;

struct ceilings {
    struct map of; /* connection → struct ceiling */
    int64_t generation, hour, gap, wall;
};

static struct ceilings *all(struct core *c) {
    if (!c->ceilings) c->ceilings = mem_get(sizeof *c->ceilings);
    return c->ceilings;
}

static bool waits_for_hour(const struct row_action *a) { return a->turn == TURN_FOR_HOUR; }

static enum turn later(struct turn_told *told, enum turn_for what, int64_t due) {
    told->for_ = what;
    told->due = due;
    return TURN_LATER;
}

/* ---- turns that an earlier life gave ---- */

static void look_turn(void *ctx, const void *row) {
    struct ceiling *l = ctx;
    const struct row_action *a = row;
    if (waits_for_hour(a) && !a->actor.len && a->due > l->turn) l->turn = a->due;
}

static struct ceiling *ceiling_of(struct core *c, int64_t connection) {
    struct ceiling *l = map_get(&all(c)->of, (uint64_t)connection);
    if (l) return l;
    l = mem_get(sizeof *l);
    l->began = clock_mono();
    map_put(&c->ceilings->of, (uint64_t)connection, l);
    store_actions(c->store, 1u << ACTION_READY, connection, WAITING_MOST, look_turn, l);
    return l;
}

/* ---- what was said ---- */

static void forget_old(struct ceiling *l, int64_t mono) {
    size_t old = 0;
    while (old < l->n && l->at[old] <= mono - HOUR_MS) old++;
    if (!old) return;
    l->n -= old;
    memmove(l->at, l->at + old, l->n * sizeof *l->at);
}

void ceiling_spoke(struct core *c, int64_t connection, struct contact *p, bool by_rule) {
    int64_t mono = clock_mono();
    if (p && by_rule) p->ruled = mono;
    if (p && !by_rule) p->handled = mono;
    if (!by_rule) return;
    struct ceiling *l = ceiling_of(c, connection);
    forget_old(l, mono);
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->at = mem_grow(l->at, l->cap * sizeof *l->at);
    }
    l->at[l->n++] = mono;
}

int64_t ceiling_hand(struct core *c, struct contact *p) {
    int64_t gap = c->active->conf.contact_gap, now = core_now(c), mono = clock_mono();
    if (!p->handled && (p->replied_at == NIL || now >= p->replied_at + gap)) return NIL;
    if (!p->handled) { /* the store is asked once in a life: it waits for what is in flight */
        int64_t last = store_last_hand(c->store, p->id);
        p->handled = last == NIL ? NEVER : mono - (now > last ? now - last : 0);
    }
    int64_t ago = mono - p->handled;
    return ago < gap ? ago : NIL;
}

/* ---- one reply to a person in a while ---- */

/* Milliseconds until rules may speak to the contact again; 0 now. */
static int64_t gap_left(struct core *c, struct contact *p) {
    int64_t gap = c->active->conf.contact_gap, now = core_now(c), mono = clock_mono();
    int64_t last = gap ? store_last_reply(c->store, p->id) : NIL;
    if (last != NIL && last > now && !p->ruled)
        p->ruled = mono; /* the clock was set back: when it was is not known, so it was now */
    int64_t left = last == NIL || last > now ? 0 : last + gap - now;
    int64_t left_here = p->ruled ? p->ruled + gap - mono : 0;
    if (left_here > left) left = left_here;
    return left > 0 ? left : 0;
}

/* Another connection has a reply to the same person in its hand. */
static bool spoken_to(const struct core *c, const struct conn *self, const struct contact *p) {
    for (size_t i = 0; i < c->conn_count; i++)
        if (c->conn[i] != self && c->conn[i]->act_action != NIL && c->conn[i]->act_contact == p->id)
            return true;
    return false;
}

static enum turn ask_contact(struct core *c, struct conn *conn, struct contact *p,
                             struct turn_told *told) {
    int64_t gap = c->active->conf.contact_gap, now = core_now(c);
    if (spoken_to(c, conn, p)) {
        snprintf(told->why, sizeof told->why, "another connection answers this person just now");
        return later(told, TURN_FOR_CONTACT, now + 1000);
    }
    int64_t left = gap_left(c, p);
    if (!left) return TURN_NOW;
    /* Those that wait for the same person come one after the other. */
    p->turn = p->turn > now && p->turn < now + DAY_MS + gap ? p->turn + gap : now + left;
    snprintf(told->why, sizeof told->why, "one reply to a person in %lld min (limits.contact_gap)",
             (long long)((gap + 59999) / 60000));
    return later(told, TURN_FOR_CONTACT, p->turn);
}

/* ---- so many an hour on a connection ---- */

struct oldest {
    int64_t skip, at;
};

static void look_oldest(void *ctx, const void *row) {
    struct oldest *o = ctx;
    if (o->skip-- == 0) o->at = ((const struct row_action *)row)->sent_at;
}

/* Milliseconds until the hour has room; 0 now. */
static int64_t hour_left(struct core *c, struct conn *conn, struct ceiling *l, int64_t most) {
    int64_t now = core_now(c), mono = clock_mono(), left = 0;
    forget_old(l, mono);
    if ((int64_t)l->n >= most) left = l->at[(int64_t)l->n - most] + HOUR_MS - mono;
    int64_t used = store_replies_since(c->store, conn->id, now - HOUR_MS);
    if (used < most) return left;
    /* What seems to be said in the future was said before the clock was set back. An hour of this
     * life later it is certain that it was long ago. */
    int64_t ahead = store_replies_since(c->store, conn->id, now + 1);
    if (ahead && mono - l->began >= HOUR_MS) used -= ahead;
    if (used < most) return left;
    struct oldest o = {.skip = used - most, .at = now};
    store_sent_since(c->store, conn->id, now - HOUR_MS, (size_t)(used - most + 1), look_oldest, &o);
    int64_t room = o.at + HOUR_MS + 1 - now;
    if (room > HOUR_MS) room = HOUR_MS;
    return room > left ? room : left;
}

static enum turn ask_hour(struct core *c, struct conn *conn, const struct row_action *a,
                          struct turn_told *told) {
    int64_t most = c->active->conf.hour, now = core_now(c);
    if (most <= 0) {
        snprintf(told->why, sizeof told->why, "rules may not speak at all (limits.hour = 0)");
        return TURN_NEVER;
    }
    struct ceiling *l = ceiling_of(c, conn->id);
    int64_t left = hour_left(c, conn, l, most), each = HOUR_MS / most;
    bool queued = l->turn > now && l->turn < now + 2 * (int64_t)DAY_MS;
    if (waits_for_hour(a)) { /* its turn has come; and yet not at once behind the one before it */
        int64_t since = l->n ? clock_mono() - l->at[l->n - 1] : each;
        if (each - since > left) left = each - since;
        if (left <= 0) return TURN_NOW;
    } else if (!left && !queued)
        return TURN_NOW;
    int64_t due = now + (left > 0 ? left : 0);
    if (queued && l->turn + each > due) due = l->turn + each;
    l->turn = due;
    snprintf(told->why, sizeof told->why, "%lld replies an hour on %s (limits.hour)",
             (long long)most, conn->name);
    return later(told, TURN_FOR_HOUR, due);
}

enum turn ceiling_ask(struct core *c, struct conn *conn, const struct row_action *a,
                      int64_t decided, struct turn_told *told) {
    struct contact *p = a->contact == NIL ? NULL : person_contact(c, a->contact);
    enum turn t = p ? ask_contact(c, conn, p, told) : TURN_NOW;
    if (t == TURN_NOW) t = ask_hour(c, conn, a, told);
    if (t != TURN_LATER) return t;
    bool late = told->due - decided > DAY_MS;
    char ceiling[sizeof told->why];
    memcpy(ceiling, told->why, sizeof ceiling);
    if (late)
        snprintf(told->why, sizeof told->why, "its turn would come in %lld h: %.200s",
                 (long long)((told->due - core_now(c)) / HOUR_MS), ceiling);
    else
        snprintf(told->why, sizeof told->why, "waits for its turn: %.230s", ceiling);
    return late ? TURN_NEVER : TURN_LATER;
}

/* ---- limits that changed, clocks that were set back ---- */

struct waking {
    struct core *core;
    int64_t from; /* those whose turn is later than this */
    const char *why;
};

static void wake(void *ctx, const void *row) {
    struct waking *w = ctx;
    const struct row_action *a = row;
    if (a->turn == NIL || !a->turn || a->actor.len || a->due <= w->from) return;
    struct set_action *s = act_change(w->core, a->id, 1u << ACTION_READY, ACTION_READY);
    s->due = core_now(w->core);
    s->turn = 0;
    s->reason = str_c(w->why);
}

static void wake_all(struct core *c, int64_t from, const char *why) {
    struct ceilings *x = all(c);
    struct waking w = {c, from, why};
    size_t at = 0;
    for (struct ceiling *l; (l = map_next(&x->of, &at));) l->turn = 0;
    at = 0;
    for (struct contact *p; (p = map_next(&c->contacts, &at));) p->turn = 0;
    store_actions(c->store, 1u << ACTION_READY, NIL, WAITING_MOST, wake, &w);
}

void ceiling_look(struct core *c) {
    struct ceilings *x = all(c);
    const struct conf *conf = &c->active->conf;
    int64_t now = core_now(c), furthest = now + DAY_MS + conf->contact_gap;
    bool first = x->generation == 0, back = now < x->wall - MINUTE_MS;
    x->wall = now;
    if (first || back) wake_all(c, furthest, "its turn is looked for anew: the clock was set back");
    if (x->generation == c->active->id) return;
    bool same = x->hour == conf->hour && x->gap == conf->contact_gap;
    x->generation = c->active->id;
    x->hour = conf->hour;
    x->gap = conf->contact_gap;
    if (!first && !same) wake_all(c, 0, "its turn is looked for anew: the limits have changed");
}
