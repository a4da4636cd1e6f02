/* Actions of an interaction or a case: those on disk, and those that this batch is about to write.
 */
#include "flow/act.h"

struct walk {
    struct core *core;
    action_row *each;
    void *ctx;
};

static void stored(void *ctx, const void *row) {
    struct walk *w = ctx;
    struct row_action copy = *(const struct row_action *)row;
    const struct store_batch *b = &w->core->batch;
    for (size_t i = 0; i < b->set_action_n; i++) /* what this batch has changed already */
        if (b->set_action[i].id == copy.id && b->set_action[i].from >> copy.state & 1)
            copy.state = b->set_action[i].state;
    w->each(w->core, &copy, false, w->ctx);
}

void act_each(struct core *c, int64_t interaction, int64_t kase, action_row *each, void *ctx) {
    struct walk w = {c, each, ctx};
    size_t mine = c->batch.action_n;
    for (size_t i = 0; i < mine && c->acted.count; i++) {
        struct row_action *a = &c->batch.action[i];
        if (interaction != NIL ? a->interaction == interaction : a->kase == kase)
            each(c, a, true, ctx);
    }
    if (interaction != NIL)
        store_actions_of(c->store, interaction, stored, &w);
    else
        store_actions_of_kase(c->store, kase, stored, &w);
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
