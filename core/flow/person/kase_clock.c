/* The clock of a case: by when a person must be answered, in the time of a calendar.
 *
 * It counts from the customer's own time. What is heard late is late: a word of two hours ago whose
 * hour has passed is broken as soon as it is known, its entry overdue comes at once, and nobody is
 * told that it is due soon. A time that is ahead of ours counts as now; one that the platform does
 * not tell is when we heard of it. An edit counts from when we heard of the edit. */
#include "flow/person/office.h"

#include "base/utf8.h"
#include "flow/admit.h"
#include "lua/policy.h"

#include <stdlib.h>

enum { AT_ONCE = 256, WHY_MOST = 256 };

/* ---- starting ---- */

static const struct calendar *calendar_of(const struct office *o) {
    return o ? &o->calendar : NULL;
}

/* `left`: of its calendar's time, from `from` on. Never at or before its start. */
static void set_due(struct core *c, struct kase *k, const struct office *o, int64_t from,
                    int64_t left) {
    k->clock = CLOCK_RUNNING;
    k->calendar = o ? o->blob : NIL;
    k->started = from;
    k->due = calendar_due(calendar_of(o), from, left);
    int64_t before = c->active->conf.due_soon;
    k->soon = left > before ? calendar_due(calendar_of(o), from, left - before) : NIL;
    k->left_ms = NIL;
    free(k->paused);
    k->paused = NULL;
    k->stood_seq = 0;
    if (k->promised == NIL || k->due < k->promised) k->promised = k->due;
    k->version++;
    k->clock_set = k->clock_new = true;
    kase_touch(c, k);
}

void kase_clock(struct core *c, struct kase *k, int64_t from, int64_t span_ms, const char *named,
                bool again) {
    int64_t now = core_now(c);
    struct office *o = office_of(c, k->department, named ? named : k->named);
    int64_t due = calendar_due(calendar_of(o), from, span_ms);
    bool ended = k->due != NIL && k->due <= now;
    if (k->due != NIL && k->due <= due && !(ended && again)) return;
    if (named) k->named = named;
    set_due(c, k, o, from, span_ms);
}

/* When what the entry is about began to wait. */
static int64_t began(struct core *c, const struct entry *e) {
    int64_t now = core_now(c), at = now;
    if (e->kind == ENTRY_SAID) at = e->said_at != NIL ? e->said_at : e->heard_at;
    if (e->kind == ENTRY_EDITED) at = e->heard_at;
    return at < now ? at : now;
}

static bool is_word(const struct entry *e) {
    return e->kind == ENTRY_SAID || e->kind == ENTRY_EDITED;
}

void kase_clock_wished(struct core *c, struct kase *k, const struct entry *e, int64_t span_ms,
                       struct sori_str named) {
    kase_clock(c, k, began(c, e), span_ms, office_calendar(c, named), !is_word(e));
}

void kase_clock_begin(struct core *c, struct kase *k) {
    const struct entry *e = c->verdict.entry;
    struct sori_str rest = c->verdict.decision;
    int64_t span = KASE_CLOCK_MS;
    const char *named = NULL;
    struct rec_field f;
    bool ours = e && e->contact && e->contact->id == k->contact;
    while (ours && rec_next(&rest, &f) == 1) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        int64_t verb = rec_get_int(f.s, INTENT_VERB, 0);
        struct sori_str name = rec_get_str(f.s, INTENT_NAME);
        if (verb == VERB_ASSIGN && office_department(c, name))
            k->department = office_department(c, name);
        if (verb != VERB_CLOCK) continue;
        span = admit_span(rec_get_int(f.s, INTENT_VALUE, span));
        named = office_calendar(c, name);
    }
    k->promised = k->answered_at = k->due = NIL;
    k->named = NULL;
    k->waiting_since = ours ? began(c, e) : core_now(c);
    kase_clock(c, k, k->waiting_since, span, named, true);
}

/* ---- ending and standing ---- */

void kase_clock_end(struct kase *k) {
    k->clock = CLOCK_NONE;
    k->due = k->soon = k->left_ms = k->waiting_since = NIL;
    free(k->paused);
    k->paused = NULL;
    k->stood_seq = 0;
}

static void stand(struct core *c, struct kase *k, int clock) {
    k->clock = clock;
    k->due = k->soon = NIL;
    k->version++;
    k->stood_seq = c->verdict.entry ? c->verdict.entry->seq : 0;
    kase_touch(c, k);
}

void kase_pause(struct core *c, struct kase *k, int state, struct sori_str why) {
    int64_t now = core_now(c);
    if (k->clock == CLOCK_RUNNING && k->due != NIL) {
        k->left_ms = calendar_worked(office_by_blob(c, k->calendar), now, k->due);
        /* What was not broken yet is promised anew when it goes on. */
        if (k->promised != NIL && now < k->promised) k->promised = NIL;
    }
    char *kept = mem_text(utf8_cut(why, WHY_MOST));
    free(k->paused);
    k->paused = kept;
    k->state = state;
    stand(c, k, CLOCK_PAUSED);
}

void kase_resume(struct core *c, struct kase *k) {
    k->state = KASE_OPEN;
    if (k->clock != CLOCK_PAUSED) return;
    int64_t left = k->left_ms == NIL ? KASE_CLOCK_MS : k->left_ms > 0 ? k->left_ms : 0;
    set_due(c, k, office_of(c, k->department, k->named), core_now(c), left);
}

void kase_stop(struct core *c, struct kase *k) {
    kase_clock_end(k);
    k->promised = NIL;
    stand(c, k, CLOCK_STOPPED);
}

/* ---- other hours ---- */

/* A clock that runs goes on with what is left of it, in the time of the calendar that it has now.
 * One that has ended stays late. */
static void keep_up(struct core *c, struct kase *k) {
    struct office *o = office_of(c, k->department, k->named);
    int64_t now = core_now(c), blob = o ? o->blob : NIL, due = k->due, promised = k->promised;
    if (k->clock != CLOCK_RUNNING || k->calendar == blob || due == NIL || due <= now) return;
    const struct calendar *old = office_by_blob(c, k->calendar);
    if (k->calendar != NIL && !old) { /* nobody knows any more what it ran on: it stays */
        k->calendar = blob;
        kase_touch(c, k);
        return;
    }
    bool was_soon = k->soon != NIL && k->soon <= now;
    if (promised == due) k->promised = NIL; /* moves along; one that is broken stays so */
    set_due(c, k, o, now, calendar_worked(old, now, due));
    if (was_soon && k->soon == NIL) k->soon = now; /* told already */
    k->clock_new = false;
}

void kase_department(struct core *c, struct kase *k, struct sori_str name) {
    const char *department = office_department(c, name);
    if (!department || (k->department && str_is(name, k->department))) return;
    k->department = department;
    kase_touch(c, k);
    keep_up(c, k);
}

static void look(void *ctx, const void *r) {
    struct core *c = ctx;
    const struct row_kase *row = r;
    c->walk_from = row->contact + 1;
    if (row->clock != CLOCK_RUNNING) return;
    const char *department = row->department.len ? intern(c, row->department) : NULL,
               *named = row->named.len ? intern(c, row->named) : NULL;
    struct office *o = office_of(c, department, named);
    if (row->calendar == (o ? o->blob : NIL)) return;
    struct kase *k = kase_of_contact(c, row->contact);
    if (k && k->id == row->id) keep_up(c, k);
}

void kase_walk_begin(struct core *c) { c->walk_from = 1; }

void kase_walk(struct core *c) {
    if (c->walk_from <= 0) return;
    int64_t from = c->walk_from;
    store_open_kases_from(c->store, from, AT_ONCE, look, c);
    if (c->walk_from == from) c->walk_from = 0; /* that was all */
}

void kase_clock_merge(struct core *c, struct kase *k, const struct kase *other) {
    if (other->waiting_since != NIL &&
        (k->waiting_since == NIL || other->waiting_since < k->waiting_since))
        k->waiting_since = other->waiting_since;
    if (other->clock != CLOCK_RUNNING || (k->due != NIL && k->due <= other->due)) return;
    k->clock = CLOCK_RUNNING;
    k->due = other->due;
    k->soon = other->soon;
    k->started = other->started;
    k->calendar = other->calendar;
    k->named = other->named;
    if (other->promised != NIL && (k->promised == NIL || other->promised < k->promised))
        k->promised = other->promised;
    k->version++;
    k->clock_set = true;
    kase_touch(c, k);
}

/* ---- entries ---- */

bool kase_heard(struct core *c, const struct entry *e) {
    struct contact *p = e->contact;
    if (!p) return true;
    person_load(c, p);
    struct kase *k = p->kase;
    if (is_word(e)) {
        if (k && k->clock == CLOCK_STOPPED) k->clock = CLOCK_NONE;
        if (k && (k->state == KASE_PENDING || k->state == KASE_SNOOZED)) kase_resume(c, k);
        return true;
    }
    bool timer =
        e->kind == ENTRY_DUE_SOON || e->kind == ENTRY_OVERDUE || e->kind == ENTRY_FOLLOW_UP;
    if (!timer || (k && (e->kase == NIL || e->kase == k->id) && k->state != KASE_ANSWERED))
        return true;
    flow_journal(c, ENTRY_OUTCOME, p->id, e->interaction, e->kase, SORI_STR("clock"),
                 SORI_STR("answered or closed meanwhile: what the clock said is withdrawn"),
                 (struct sori_str){0}, NIL);
    return false;
}

int kase_clock_state(const struct core *c, const struct kase *k) {
    return calendar_clock(&(struct calendar_clock){.clock = k->clock,
                                                   .due = k->due,
                                                   .soon = k->soon,
                                                   .promised = k->promised,
                                                   .answered_at = k->answered_at},
                          c->now);
}
