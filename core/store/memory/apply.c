/* Applies a batch through a driver: the same checks and the same order for every driver. */
#include "store/driver.h"

/* Columns that are never NULL, checked before anything is written. */
static bool row_whole(const struct table *t, const void *row, struct err *err) {
    for (uint32_t i = 0; i < t->need_n; i++) {
        const struct col *c = &t->col[t->need[i]];
        bool null = c->type == COL_INT ? row_int(row, c) == NIL : !row_str(row, c).ptr;
        if (null) return err_set(err, "%s.%s is NULL, which it never may be", t->name, c->name);
    }
    return true;
}

static enum done apply_row(struct store *s, enum table_id id, const void *row, struct err *err) {
    if (!row_whole(&s->table[id], row, err)) return REFUSED;
    return s->driver->row(s, id, row, err);
}

static enum done apply_table(struct store *s, const struct store_batch *b, enum table_id id,
                             struct err *err) {
    const struct table *t = &s->table[id];
    const char *row = *(char *const *)((const char *)b + t->rows);
    size_t n = *(const size_t *)((const char *)b + t->count);
    enum done done = DONE;
    for (size_t i = 0; i < n && done == DONE; i++, row += t->size)
        done = apply_row(s, id, row, err);
    return done;
}

static enum done apply_set(struct store *s, enum set_id id, const void *change, int64_t row,
                           struct err *err) {
    size_t changed = 0;
    enum done done = s->driver->set(s, id, change, &changed, err);
    if (done == DONE && !changed) {
        err_set(err, "a change of %s %lld, which is not there", s->table[s->set[id].table].name,
                (long long)row);
        return REFUSED;
    }
    return done;
}

/* Actions and tasks, each with its changes, in the order in which they were added. */
static enum done apply_steps(struct store *s, struct store_batch *b, enum step one, enum step other,
                             struct err *err) {
    enum done done = DONE;
    for (size_t i = 0; i < b->step_n && done == DONE; i++) {
        uint32_t what = b->step[i].what, at = b->step[i].at;
        if (what != (uint32_t)one && what != (uint32_t)other) continue;
        if (what == STEP_action) {
            done = apply_row(s, T_action, &b->action[at], err);
        } else if (what == STEP_task) {
            done = apply_row(s, T_task, &b->task[at], err);
        } else if (what == STEP_del_task) {
            done = s->driver->del_task(s, &b->del_task[at], err);
        } else {
            size_t changed = 0;
            done = s->driver->set(s, SET_action, &b->set_action[at], &changed, err);
            if (done == DONE && !changed) b->missed++;
        }
    }
    return done;
}

/* What belongs right behind the new rows of a table. */
static enum done apply_changes(struct store *s, const struct store_batch *b, enum table_id id,
                               struct err *err) {
    enum done done = DONE;
    if (id == T_interaction)
        for (size_t i = 0; i < b->set_interaction_n && done == DONE; i++)
            done = apply_set(s, SET_interaction, &b->set_interaction[i], b->set_interaction[i].id,
                             err);
    if (id == T_author)
        for (size_t i = 0; i < b->set_author_n && done == DONE; i++)
            done = apply_set(s, SET_author, &b->set_author[i], b->set_author[i].id, err);
    if (id == T_kase)
        for (size_t i = 0; i < b->set_kase_n && done == DONE; i++)
            done = apply_set(s, SET_kase, &b->set_kase[i], b->set_kase[i].id, err);
    if (id == T_timer)
        for (size_t i = 0; i < b->del_timer_n && done == DONE; i++)
            done = s->driver->del_timer(s, b->del_timer[i].id, err);
    if (id == T_reaction)
        for (size_t i = 0; i < b->add_tally_n && done == DONE; i++)
            done = s->driver->tally(s, &b->add_tally[i], err);
    return done;
}

enum done batch_apply(struct store *s, struct store_batch *b, struct err *err) {
    b->missed = 0;
    if (b->step_n != b->action_n + b->set_action_n + b->task_n + b->del_task_n) {
        err_set(err, "the batch was changed behind store_add_…");
        return REFUSED;
    }
    enum done done = DONE;
    for (uint32_t id = 0; id < T_COUNT && done == DONE; id++) {
        if (id == T_action)
            done = apply_steps(s, b, STEP_action, STEP_set_action, err);
        else if (id == T_task)
            done = apply_steps(s, b, STEP_task, STEP_del_task, err);
        else
            done = apply_table(s, b, (enum table_id)id, err);
        if (done == DONE) done = apply_changes(s, b, (enum table_id)id, err);
    }
    return done;
}
