/* Cases and their clock. A case is opened when a person is needed, and every change gives it a new
 * version: timers and waiting actions that were made for an older one are dead. */
#include "flow/act.h"

#include "base/utf8.h"

#include <stdlib.h>

enum { REASON_MOST = 1024, CLOCK_MS = 60 * 60000, SOON_MS = 15 * 60000 };

/* Marks it for the commit: however often a case changes in one batch, it is written once; only its
 * newest entry, where nothing else changed. */
static void touch(struct core *c, struct kase *k, bool whole) {
    k->whole = k->whole || whole;
    if (!k->dirty) {
        if (c->dirty_kases_n == c->dirty_kases_cap) {
            c->dirty_kases_cap = c->dirty_kases_cap ? c->dirty_kases_cap * 2 : 256;
            c->dirty_kases = mem_grow(c->dirty_kases, c->dirty_kases_cap * sizeof *c->dirty_kases);
        }
        k->dirty = true;
        c->dirty_kases[c->dirty_kases_n++] = k;
    }
    flow_dirty(c);
}

/* A new entry of the case. */
static void enter(struct core *c, struct kase *k, int64_t seq, int64_t interaction, bool whole) {
    touch(c, k, whole);
    if (interaction != NIL) k->last_interaction = interaction;
    if (seq == NIL) return;
    if (seq > k->last_seq)
        k->last_seq = seq; /* an action speaks for the older entry that made it */
    if (k->entered_seq == seq) return;
    k->entered_seq = seq;
    *store_add_kase_entry(&c->batch) =
        (struct row_kase_entry){.kase = k->id, .seq = seq, .interaction = interaction};
}

void kase_write(struct core *c, struct kase *k, int64_t seq, int64_t interaction) {
    enter(c, k, seq, interaction, true);
}

static void put_timer(struct core *c, const struct kase *k, int kind, int64_t due) {
    *store_add_timer(&c->batch) = (struct row_timer){.id = ++c->ids.timer,
                                                     .shard = 0,
                                                     .due = due,
                                                     .kind = kind,
                                                     .subject = k->id,
                                                     .version = k->version};
}

static void put_row(struct core *c, struct kase *k) {
    *store_add_kase(&c->batch) =
        (struct row_kase){.id = k->id,
                          .contact = k->contact,
                          .department = str_c(k->department),
                          .owner = str_c(k->owner),
                          .state = k->state,
                          .version = k->version,
                          .opened_seq = k->opened_seq,
                          .last_seq = k->last_seq,
                          .waiting_since = k->waiting_since,
                          .due = k->due,
                          .left_ms = k->left_ms,
                          .reason = k->reason ? keep(c, str_c(k->reason)) : (struct sori_str){0}};
    if (k->clock_set && k->due != NIL) {
        if (k->due - SOON_MS > c->now) put_timer(c, k, ENTRY_DUE_SOON, k->due - SOON_MS);
        put_timer(c, k, ENTRY_OVERDUE, k->due);
    }
}

void kase_flush(struct core *c) {
    for (size_t i = 0; i < c->dirty_kases_n; i++) {
        struct kase *k = c->dirty_kases[i];
        if (k->whole)
            put_row(c, k);
        else
            *store_add_set_kase(&c->batch) = (struct set_kase){k->id, k->last_seq};
        k->dirty = k->whole = k->clock_set = false;
        if (!k->over) continue;
        free(k->reason);
        free(k);
    }
    c->dirty_kases_n = 0;
}

/* Whoever already waits does not wait longer because they spoke again: a clock that runs is only
 * ever moved forward. The timers are written with the case, for its last version of this batch. */
void kase_clock(struct core *c, struct kase *k, int64_t span_ms) {
    int64_t now = core_now(c);
    if (k->due != NIL && k->due > now && k->due <= now + span_ms) return;
    k->version++;
    k->due = now + span_ms;
    k->clock_set = true;
    touch(c, k, true);
}

struct kase *kase_open(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                       const char *reason) {
    person_load(c, p);
    struct kase *k = p->kase;
    bool fresh = !k;
    if (!k) {
        k = p->kase = mem_get(sizeof *k);
        *k = (struct kase){.id = ++c->ids.kase,
                           .contact = p->id,
                           .opened_seq = seq,
                           .last_seq = seq,
                           .last_interaction = interaction,
                           .waiting_since = NIL,
                           .due = NIL,
                           .left_ms = NIL,
                           .state = KASE_ANSWERED};
        c->open_kases++;
    }
    bool other = reason && (!k->reason || strcmp(reason, k->reason) != 0), changed = fresh || other;
    if (other) {
        free(k->reason);
        k->reason = mem_text(utf8_cut(str_c(reason), REASON_MOST));
    }
    if (k->state != KASE_OPEN || k->due == NIL) {
        k->state = KASE_OPEN;
        k->waiting_since = core_now(c);
        kase_clock(c, k, CLOCK_MS);
        changed = true;
    }
    enter(c, k, seq, interaction, changed);
    return k;
}

struct answered {
    int64_t interaction;
    bool others; /* words of the same person still wait for their answer */
};

static void look_answered(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    struct answered *x = ctx;
    if (a->verb != VERB_REPLY && a->verb != VERB_PRIVATE_REPLY) return;
    bool open = a->state <= ACTION_SENT || a->state == ACTION_UNKNOWN;
    if (a->interaction != x->interaction)
        x->others = x->others || open;
    else if (!a->actor.len)
        act_drop(c, a, in_batch, act_unsent(), ACTION_WITHDRAWN, "it was answered");
}

/* A word was answered: what else waited to be said about it is not said, and the clock stops,
 * unless an answer to another word of the same person is still to come. */
void kase_answered(struct core *c, struct contact *p, int64_t seq, int64_t interaction) {
    person_load(c, p);
    if (!p->kase) return;
    struct kase *k = p->kase;
    struct answered x = {.interaction = interaction};
    act_each(c, NIL, k->id, look_answered, &x);
    if (x.others) return;
    k->state = KASE_ANSWERED;
    k->version++;
    k->due = k->waiting_since = NIL;
    kase_write(c, k, seq, interaction);
}

static void look_taken_over(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    if (!a->actor.len) act_drop(c, a, in_batch, act_unsent(), ACTION_WITHDRAWN, ctx);
}

/* A person deals with the case: what rules were about to say is theirs to say now. */
void kase_taken_over(struct core *c, struct kase *k, const char *why) {
    act_each(c, NIL, k->id, look_taken_over, (void *)(uintptr_t)why);
}

/* What is counted for the case. */
static void move_cells(struct contact *from, struct contact *to, int64_t kase) {
    size_t left = 0;
    for (size_t i = 0; i < from->cell_count; i++) {
        if (from->cells[i].scope != 1 || from->cells[i].subject != kase) {
            from->cells[left++] = from->cells[i];
            continue;
        }
        to->cells = mem_grow(to->cells, (to->cell_count + 1) * sizeof *to->cells);
        to->cells[to->cell_count++] = from->cells[i];
    }
    from->cell_count = left;
}

void kase_move(struct core *c, struct contact *from, struct contact *to) {
    person_load(c, from);
    person_load(c, to);
    struct kase *k = from->kase;
    if (!k || from == to) return;
    if (to->kase) {
        int64_t seq = k->last_seq, interaction = k->last_interaction;
        kase_open(c, to, seq, interaction, k->reason);
        kase_close(c, from, seq, interaction);
        return;
    }
    /* Its timers name the case alone: they go on, and so does its sleep. */
    from->kase = NULL;
    to->kase = k;
    k->contact = to->id;
    move_cells(from, to, k->id);
    touch(c, k, true);
}

void kase_close(struct core *c, struct contact *p, int64_t seq, int64_t interaction) {
    person_load(c, p);
    struct kase *k = p->kase;
    if (!k) return;
    k->state = KASE_CLOSED;
    k->version++;
    k->due = k->waiting_since = NIL;
    kase_write(c, k, seq, interaction);
    k->over = true; /* freed once it is written */
    p->kase = NULL;
    c->open_kases--;
}

struct kase *kase_of_contact(struct core *c, int64_t contact) {
    struct contact *p = person_contact(c, contact);
    if (!p) return NULL;
    person_load(c, p);
    return p->kase;
}
