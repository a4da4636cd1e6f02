/* Cases and their clock. A case is opened when a person is needed, and every change gives it a new
 * version: timers and waiting actions that were made for an older one are dead. */
#include "flow/act.h"

#include <stdlib.h>

enum { CLOCK_MS = 60 * 60000, SOON_MS = 15 * 60000 };

void kase_write(struct core *c, struct kase *k, int64_t seq, int64_t interaction) {
    if (seq != NIL) k->last_seq = seq;
    if (interaction != NIL) k->last_interaction = interaction;
    *store_add_kase(&c->batch) =
        (struct row_kase){.id = k->id,
                          .contact = k->contact,
                          .department = k->department ? str_c(k->department) : (struct sori_str){0},
                          .owner = k->owner ? str_c(k->owner) : (struct sori_str){0},
                          .state = k->state,
                          .version = k->version,
                          .opened_seq = k->opened_seq,
                          .last_seq = k->last_seq,
                          .waiting_since = k->waiting_since,
                          .due = k->due,
                          .left_ms = k->left_ms,
                          .reason = k->reason ? str_c(k->reason) : (struct sori_str){0}};
    if (seq != NIL)
        *store_add_kase_entry(&c->batch) =
            (struct row_kase_entry){.kase = k->id, .seq = seq, .interaction = interaction};
    flow_dirty(c);
}

static void set_timer(struct core *c, struct kase *k, int kind, int64_t due) {
    *store_add_timer(&c->batch) = (struct row_timer){.id = ++c->ids.timer,
                                                     .shard = 0,
                                                     .due = due,
                                                     .kind = kind,
                                                     .subject = k->id,
                                                     .version = k->version};
    flow_dirty(c);
}

void kase_clock(struct core *c, struct kase *k, int64_t span_ms) {
    int64_t now = core_now(c);
    k->version++;
    k->due = now + span_ms;
    if (span_ms > SOON_MS) set_timer(c, k, ENTRY_DUE_SOON, k->due - SOON_MS);
    set_timer(c, k, ENTRY_OVERDUE, k->due);
}

struct kase *kase_open(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                       const char *reason) {
    person_load(c, p);
    struct kase *k = p->kase;
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
    if (reason) k->reason = intern(c, str_c(reason));
    if (k->state != KASE_OPEN || k->due == NIL) {
        k->state = KASE_OPEN;
        k->waiting_since = core_now(c);
        kase_clock(c, k, CLOCK_MS);
    }
    kase_write(c, k, seq, interaction);
    return k;
}

static void withdraw(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    (void)ctx;
    act_drop(c, a, in_batch, 1u << ACTION_WAITING, ACTION_WITHDRAWN, "a person answered");
}

/* Somebody of ours answered by hand: the clock stops, and what waited is not said as well. */
void kase_answered(struct core *c, struct contact *p, int64_t seq, int64_t interaction) {
    person_load(c, p);
    if (!p->kase) return;
    struct kase *k = p->kase;
    act_each(c, NIL, k->id, withdraw, NULL);
    k->state = KASE_ANSWERED;
    k->version++;
    k->due = k->waiting_since = NIL;
    kase_write(c, k, seq, interaction);
}

void kase_close(struct core *c, struct contact *p, int64_t seq, int64_t interaction) {
    person_load(c, p);
    struct kase *k = p->kase;
    if (!k) return;
    k->state = KASE_CLOSED;
    k->version++;
    k->due = k->waiting_since = NIL;
    kase_write(c, k, seq, interaction);
    free(k);
    p->kase = NULL;
    c->open_kases--;
}

struct kase *kase_of_contact(struct core *c, int64_t contact) {
    struct contact *p = person_contact(c, contact);
    if (!p) return NULL;
    person_load(c, p);
    return p->kase;
}
