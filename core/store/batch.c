/* A batch: growable arrays of rows and changes, the order they came in, and how they are applied.
 */
#include "store/driver.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *array, size_t *cap, size_t n, size_t size) {
    if (n < *cap) return array;
    *cap = *cap ? *cap * 2 : 64;
    return mem_grow(array, *cap * size);
}

static void add_step(struct store_batch *b, uint32_t what, size_t at) {
    b->step = grow(b->step, &b->step_cap, b->step_n, sizeof *b->step);
    b->step[b->step_n++] = (struct batch_step){what, (uint32_t)at};
}

#define ADD(name, type)                                                                            \
    b->name = grow(b->name, &b->name##_cap, b->name##_n, sizeof *b->name);                         \
    struct type *new_one = &b->name[b->name##_n++];                                                \
    memset(new_one, 0, sizeof *new_one);

#define TABLE(name, how)                                                                           \
    struct row_##name *store_add_##name(struct store_batch *b) {                                   \
        ADD(name, row_##name)                                                                      \
        if ((uint32_t)T_##name == STEP_action || (uint32_t)T_##name == STEP_task)                  \
            add_step(b, T_##name, b->name##_n - 1);                                                \
        return new_one;                                                                            \
    }
#include "store/rows.def"

struct set_interaction *store_add_set_interaction(struct store_batch *b) {
    ADD(set_interaction, set_interaction)
    new_one->kind = new_one->share = new_one->origin = new_one->author = new_one->parent =
        new_one->target = new_one->said_at = new_one->visibility = new_one->state = new_one->said =
            new_one->last = new_one->version = new_one->prev_by_author = NIL;
    return new_one;
}

struct set_action *store_add_set_action(struct store_batch *b) {
    ADD(set_action, set_action)
    new_one->epoch_is = new_one->state = new_one->due = new_one->attempt = new_one->epoch =
        new_one->lease_until = new_one->sent_at = new_one->text_hash = new_one->kase = NIL;
    new_one->kase_version = new_one->contact = NIL;
    add_step(b, STEP_set_action, b->set_action_n - 1);
    return new_one;
}

struct set_kase *store_add_set_kase(struct store_batch *b) {
    ADD(set_kase, set_kase)
    new_one->last_seq = NIL;
    return new_one;
}

struct set_author *store_add_set_author(struct store_batch *b) {
    ADD(set_author, set_author)
    new_one->contact = new_one->last_interaction = new_one->reach = NIL;
    return new_one;
}

struct add_tally *store_add_add_tally(struct store_batch *b) {
    ADD(add_tally, add_tally)
    return new_one;
}

struct del_timer *store_add_del_timer(struct store_batch *b) {
    ADD(del_timer, del_timer)
    return new_one;
}

struct del_task *store_add_del_task(struct store_batch *b) {
    ADD(del_task, del_task)
    add_step(b, STEP_del_task, b->del_task_n - 1);
    return new_one;
}

void store_batch_clear(struct store_batch *b) {
#define TABLE(name, how) b->name##_n = 0;
#include "store/rows.def"
    b->set_interaction_n = b->set_action_n = b->set_author_n = b->set_kase_n = b->add_tally_n = 0;
    b->del_timer_n = b->del_task_n = b->step_n = b->missed = 0;
}

void store_batch_free(struct store_batch *b) {
#define TABLE(name, how) free(b->name);
#include "store/rows.def"
    free(b->set_interaction);
    free(b->set_action);
    free(b->set_author);
    free(b->set_kase);
    free(b->add_tally);
    free(b->del_timer);
    free(b->del_task);
    free(b->step);
    *b = (struct store_batch){0};
}
