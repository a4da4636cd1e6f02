/* Actions of an interaction or a case: those on disk, those in flight, and those that this batch is
 * about to write, each with what the flight and the batch change of it. The disk may show the
 * flight already or not yet: either way each is seen once. */
#include "flow/act/act.h"

struct walk {
    struct core *core;
    int64_t interaction, kase;
    action_row *each;
    void *ctx;
};

static void change(const struct store_batch *b, struct row_action *a) {
    for (size_t i = 0; i < b->set_action_n; i++)
        if (b->set_action[i].id == a->id && b->set_action[i].from >> a->state & 1 &&
            b->set_action[i].state != NIL)
            a->state = b->set_action[i].state;
}

void act_with_changes(const struct core *c, struct row_action *a) {
    if (c->flying) change(&c->flight.batch, a);
    change(&c->batch, a);
}

static bool is_of(const struct walk *w, const struct row_action *a) {
    return w->interaction != NIL ? a->interaction == w->interaction : a->kase == w->kase;
}

static void flown(struct walk *w) {
    const struct store_batch *b = &w->core->flight.batch;
    for (size_t i = 0; w->core->flying && i < b->action_n; i++) {
        if (!is_of(w, &b->action[i])) continue;
        struct row_action copy = b->action[i];
        change(b, &copy);
        change(&w->core->batch, &copy);
        w->each(w->core, &copy, false, w->ctx);
    }
}

static void stored(void *ctx, const void *row) {
    struct walk *w = ctx;
    struct row_action copy = *(const struct row_action *)row;
    const struct store_batch *b = &w->core->flight.batch;
    for (size_t i = 0; w->core->flying && i < b->action_n; i++)
        if (b->action[i].id == copy.id) return;
    act_with_changes(w->core, &copy);
    w->each(w->core, &copy, false, w->ctx);
}

void act_each(struct core *c, int64_t interaction, int64_t kase, action_row *each, void *ctx) {
    struct walk w = {c, interaction, kase, each, ctx};
    size_t mine = c->batch.action_n;
    for (size_t i = 0; i < mine && c->acted.count; i++)
        if (is_of(&w, &c->batch.action[i])) each(c, &c->batch.action[i], true, ctx);
    flown(&w);
    if (interaction != NIL)
        store_actions_of(c->store, interaction, stored, &w);
    else
        store_actions_of_kase(c->store, kase, stored, &w);
}

static bool made_in(struct core *c, const struct store_batch *b, const struct conn *conn,
                    struct sori_str native) {
    struct row_action a;
    for (size_t i = 0; i < b->set_action_n; i++)
        if (b->set_action[i].native.len && str_eq(b->set_action[i].native, native) &&
            store_action(c->store, b->set_action[i].id, &a) && a.connection == conn->id)
            return true;
    return false;
}

bool act_made(struct core *c, const struct conn *conn, struct sori_str native) {
    struct row_action a;
    return made_in(c, &c->batch, conn, native) ||
           (c->flying && made_in(c, &c->flight.batch, conn, native)) ||
           store_action_by_native(c->store, conn->id, native, &a);
}

void act_drop(struct core *c, struct row_action *a, bool in_batch, uint32_t from, int state,
              const char *reason) {
    if (!(from >> a->state & 1)) return;
    if (in_batch) {
        a->state = state;
        a->reason = str_c(reason);
        return;
    }
    struct set_action *s = act_change(c, a->id, from, state);
    s->reason = str_c(reason);
}
