/* Cases and their clock. A case is opened when a person is needed, and every change gives it a new
 * version: timers and waiting actions that were made for an older one are dead. */
#include "flow/act/act.h"
#include "flow/record.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <stdlib.h>

enum { REASON_MOST = 1024 };
static const int64_t REOPEN_MS = (int64_t)7 * 86400000;

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

void kase_touch(struct core *c, struct kase *k) { touch(c, k, true); }

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
                                                     .version = k->version,
                                                     .seq = NIL};
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
                          .reason = k->reason ? keep(c, str_c(k->reason)) : (struct sori_str){0},
                          .clock = k->clock,
                          .started = k->started,
                          .soon = k->soon,
                          .promised = k->promised,
                          .answered_at = k->answered_at,
                          .calendar = k->calendar,
                          .named = str_c(k->named),
                          .paused = k->paused ? keep(c, str_c(k->paused)) : (struct sori_str){0}};
    if (!k->clock_set || k->due == NIL) return;
    /* A clock that begins when it is due soon already says so; one that goes on has said it. */
    bool soon = k->soon != NIL && (k->soon > c->now || (k->clock_new && k->due > c->now));
    if (soon) put_timer(c, k, ENTRY_DUE_SOON, k->soon);
    put_timer(c, k, ENTRY_OVERDUE, k->due);
}

void kase_flush(struct core *c) {
    for (size_t i = 0; i < c->dirty_kases_n; i++) {
        struct kase *k = c->dirty_kases[i];
        if (k->whole)
            put_row(c, k);
        else
            *store_add_set_kase(&c->batch) = (struct set_kase){k->id, k->last_seq};
        k->dirty = k->whole = k->clock_set = k->clock_new = false;
        if (!k->over) continue;
        free(k->reason);
        free(k->paused);
        free(k);
    }
    c->dirty_kases_n = 0;
}

struct kase *kase_load(struct core *c, const struct row_kase *row) {
    struct kase *k = mem_get(sizeof *k);
    *k = (struct kase){.id = row->id,
                       .contact = row->contact,
                       .version = row->version,
                       .opened_seq = row->opened_seq,
                       .last_seq = row->last_seq,
                       .waiting_since = row->waiting_since,
                       .due = row->due,
                       .left_ms = row->left_ms,
                       .started = row->started,
                       .soon = row->soon,
                       .promised = row->promised,
                       .answered_at = row->answered_at,
                       .calendar = row->calendar,
                       .clock = row->clock == NIL ? CLOCK_NONE : (int)row->clock,
                       .last_interaction = NIL,
                       .state = (int)row->state};
    if (row->clock == NIL && row->due != NIL) { /* written before clocks had calendars */
        k->clock = CLOCK_RUNNING;
        k->promised = row->due;
    }
    if (row->named.len) k->named = intern(c, row->named);
    if (row->paused.len) k->paused = mem_text(row->paused);
    if (row->department.ptr) k->department = intern(c, row->department);
    if (row->owner.ptr) k->owner = intern(c, row->owner);
    if (row->reason.ptr) k->reason = mem_text(row->reason);
    return k;
}

/* The case that was closed last, where that was not long ago, as it was: with who had it. */
static struct kase *reopen(struct core *c, struct contact *p) {
    struct row_kase row;
    if (p->last_kase == NIL || core_now(c) > p->closed_at + REOPEN_MS ||
        !store_kase(c->store, p->last_kase, &row) || row.state != KASE_CLOSED ||
        row.contact != p->id)
        return NULL;
    struct kase *k = kase_load(c, &row);
    k->state = KASE_ANSWERED;
    kase_clock_end(k);
    free(k->reason);
    k->reason = NULL;
    person_load_cells(c, p, k->id);
    return k;
}

struct kase *kase_open(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                       const char *reason) {
    person_load(c, p);
    struct kase *k = p->kase;
    bool fresh = !k;
    if (!k && (k = p->kase = reopen(c, p))) c->open_kases++;
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
                           .started = NIL,
                           .soon = NIL,
                           .promised = NIL,
                           .answered_at = NIL,
                           .calendar = NIL,
                           .state = KASE_ANSWERED};
        c->open_kases++;
    }
    bool other = reason && (!k->reason || strcmp(reason, k->reason) != 0), changed = fresh || other;
    if (other) {
        free(k->reason);
        k->reason = mem_text(utf8_cut(str_c(reason), REASON_MOST));
    }
    /* What this very decision let stand goes on standing, until it turns out that it failed. */
    const struct entry *e = c->verdict.entry;
    bool stands = e && k->stood_seq == e->seq;
    if (k->clock == CLOCK_PAUSED && !stands) {
        kase_resume(c, k);
    } else if (k->state != KASE_OPEN || (k->due == NIL && k->clock == CLOCK_NONE)) {
        if (!stands) {
            k->state = KASE_OPEN;
            kase_clock_begin(c, k);
        }
    }
    enter(c, k, seq, interaction, changed);
    return k;
}

struct answered {
    int64_t interaction, made;
    bool others; /* words of the same person still wait for their answer */
};

static void look_answered(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    struct answered *x = ctx;
    if (a->verb != VERB_REPLY && a->verb != VERB_PRIVATE_REPLY) return;
    bool open = a->state <= ACTION_SENT || a->state == ACTION_UNKNOWN;
    if (a->interaction != x->interaction)
        x->others = x->others || open;
    else if (!a->actor.len && (x->made == NIL || a->seq != x->made)) /* one answer may have parts */
        act_drop(c, a, in_batch, act_unsent(), ACTION_WITHDRAWN, "it was answered");
}

/* An answer that was given before the newest word of the case answers older ones only. */
static bool newer_waits(struct core *c, const struct kase *k, int64_t interaction, int64_t at) {
    if (at == NIL || k->last_interaction == NIL || k->last_interaction == interaction) return false;
    const struct head *last = record_head(c, k->last_interaction);
    return last && last->h.origin == ORIGIN_PERSON && last->h.said_at != NIL &&
           at < last->h.said_at;
}

/* It was said that nobody had answered in time, and somebody had. */
static void withdraw_alert(struct core *c, struct kase *k, int64_t interaction, int64_t at) {
    struct buf b = {0};
    buf_puts(&b, "the alert is withdrawn: answered in time, at ");
    clock_rfc3339(&b, at);
    buf_puts(&b, " by their clock, seen at ");
    clock_rfc3339(&b, c->now);
    flow_journal(c, ENTRY_OUTCOME, k->contact, interaction, k->id, SORI_STR("clock"), buf_view(&b),
                 (struct sori_str){0}, NIL);
    buf_clear(&b);
    if (k->reason) buf_printf(&b, "withdrawn, answered in time: %s", k->reason);
    free(k->reason);
    k->reason = b.len ? mem_text(utf8_cut(buf_view(&b), REASON_MOST)) : NULL;
    buf_free(&b);
}

/* A word was answered: what else waited to be said about it is not said, and the clock stops,
 * unless an answer to another word of the same person is still to come. */
void kase_answered(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                   int64_t made, int64_t at, bool person) {
    person_load(c, p);
    if (!p->kase) return;
    struct kase *k = p->kase;
    struct answered x = {.interaction = interaction, .made = made};
    act_each(c, NIL, k->id, look_answered, &x);
    /* What a rule says by itself is no answer: the person waits for a human word, or for one that a
     * human let go. */
    if (!person || x.others || newer_waits(c, k, interaction, at)) return;
    int64_t now = core_now(c);
    if (at == NIL || at > now) at = now;
    bool was_late = k->answered_at == NIL && k->promised != NIL && now > k->promised;
    if (was_late && at <= k->promised) withdraw_alert(c, k, interaction, at);
    if (k->answered_at == NIL || at < k->answered_at) k->answered_at = at;
    if (k->clock == CLOCK_PAUSED && k->promised == NIL && k->left_ms > 0) k->promised = now;
    kase_clock_end(k);
    k->state = KASE_ANSWERED;
    k->version++;
    kase_write(c, k, seq, interaction);
}

static void look_taken_over(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    if (!a->actor.len) act_drop(c, a, in_batch, act_unsent(), ACTION_WITHDRAWN, ctx);
}

/* A reply that needed nobody was made without a case: it is found by its interaction. */
void kase_taken_over(struct core *c, struct kase *k, int64_t interaction, const char *why) {
    if (k) act_each(c, NIL, k->id, look_taken_over, (void *)(uintptr_t)why);
    if (interaction != NIL) act_each(c, interaction, NIL, look_taken_over, (void *)(uintptr_t)why);
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

struct moving {
    int64_t contact, kase, version;
};

/* What still waits to be said waits with the case that goes on. */
static void look_moved(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    const struct moving *m = ctx;
    if (!((act_unsent() | 1u << ACTION_UNKNOWN | 1u << ACTION_SENT) >> a->state & 1)) return;
    if (in_batch) {
        a->contact = m->contact;
        a->kase = m->kase;
        a->kase_version = m->version;
        return;
    }
    struct set_action *s = act_change(c, a->id, 1u << a->state, (int)a->state);
    s->contact = m->contact;
    s->kase = m->kase;
    s->kase_version = m->version;
}

static void move_actions(struct core *c, int64_t kase, const struct kase *to) {
    struct moving m = {to->contact, to->id, to->version};
    act_each(c, NIL, kase, look_moved, &m);
}

void kase_move(struct core *c, struct contact *from, struct contact *to) {
    person_load(c, from);
    person_load(c, to);
    struct kase *k = from->kase;
    if (!k || from == to) return;
    if (to->kase) {
        int64_t seq = k->last_seq, interaction = k->last_interaction;
        bool waits = k->state < KASE_ANSWERED;
        struct kase *other = waits ? kase_open(c, to, seq, interaction, k->reason) : to->kase;
        kase_clock_merge(c, other, k);
        move_actions(c, k->id, other);
        kase_close(c, from, seq, interaction);
        return;
    }
    /* Its timers name the case alone: they go on, and so does its sleep. */
    from->kase = NULL;
    to->kase = k;
    k->contact = to->id;
    move_cells(from, to, k->id);
    move_actions(c, k->id, k);
    touch(c, k, true);
}

void kase_close(struct core *c, struct contact *p, int64_t seq, int64_t interaction) {
    person_load(c, p);
    struct kase *k = p->kase;
    if (!k) return;
    kase_clock_end(k);
    k->state = KASE_CLOSED;
    k->version++;
    kase_write(c, k, seq, interaction);
    k->over = true; /* freed once it is written */
    p->kase = NULL;
    p->last_kase = k->id;
    p->closed_at = core_now(c);
    person_write(c, p);
    c->open_kases--;
}

struct kase *kase_of_contact(struct core *c, int64_t contact) {
    struct contact *p = person_contact(c, contact);
    if (!p) return NULL;
    person_load(c, p);
    return p->kase;
}
