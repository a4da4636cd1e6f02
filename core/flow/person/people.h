/* Who speaks and what waits for them: authors, contacts, cases and their clocks. */
#ifndef FLOW_PEOPLE_H
#define FLOW_PEOPLE_H

#include "base/enums.h"
#include "base/map.h"
#include "store/store.h"

struct core;
struct conn;
struct entry;

/* ---- people ---- */
struct cell {
    char *name;
    int64_t scope, subject, value, expires; /* scope 0 contact, 1 case */
};
struct kase {
    int64_t id, contact, version, opened_seq, last_seq, waiting_since, due, left_ms;
    /* Its clock (kase_clock.c): from when it counts, when it is due soon, the first due of what
     * waits, when it was answered; the calendar's blob. */
    int64_t started, soon, promised, answered_at, calendar;
    int clock;                /* enum clock_state: none, running, paused, stopped */
    int64_t stood_seq;        /* the entry whose decision paused or stopped it, or 0 */
    const char *named;        /* interned: the calendar that the policy named for it, or NULL */
    char *paused;             /* its own: why it stands, or NULL */
    int64_t last_interaction; /* what a timer's decision is about */
    int64_t entered_seq;      /* newest of its kase_entry rows */
    int state;
    /* Waits for the commit, with more than last_seq, a timer, its end. */
    bool dirty, whole, clock_set, over;
    bool clock_new;                 /* not only the version: the clock itself */
    const char *department, *owner; /* interned, or NULL */
    char *reason;                   /* its own, or NULL: what strangers say may be in it */
};
/* Whose row is behind what memory knows: since when, and since which interaction. */
struct stale {
    struct stale *next;
    int64_t since;  /* monotonic ms */
    int64_t before; /* interactions below it are covered by the row */
    bool is;
};
struct stale_list {
    struct stale *first, *last;
};
struct contact {
    int64_t id, version, first_at, first_seq, last_seq, spoke, replied_at;
    int64_t last_kase, closed_at; /* the case that was closed last, or NIL */
    int relationship;
    bool influencer, loaded; /* loaded: cells and case were looked for in the store */
    struct stale stale;
    struct kase *kase; /* open one, or NULL */
    struct cell *cells;
    size_t cell_count;
    struct entry *first, *last; /* its undecided entries, in order */
    /* ceiling.c: when a rule (in this life; 0 never) and when a person (0 not known) last spoke to
     * it, monotonic ms; the last turn that was given, wall ms. */
    int64_t ruled, handled, turn;
};
struct author {
    int64_t id, contact, last_interaction;
    uint64_t check; /* second digest of the key */
    bool named;     /* its row has a name */
    struct stale stale;
};

/* ---- person.c ---- */
struct author *person_author(struct core *c, int64_t space, struct sori_str native,
                             struct sori_str name, struct sori_str url, int64_t reach);
/* The same without making one: NULL where nobody of that name has spoken. */
struct author *person_known(struct core *c, int64_t space, struct sori_str native);
/* Who it is, learned after its row was made. What is not known (empty or 0) stays as it was. */
void person_named(struct core *c, struct author *a, struct sori_str name, struct sori_str url,
                  int64_t reach);
/* An author's row, be it on disk, in flight, or in the batch alone; valid as long as both are. */
bool person_row(struct core *c, int64_t author, struct row_author *out);
struct contact *person_contact(struct core *c, int64_t id);
void person_load(struct core *c, struct contact *p);                     /* case and cells */
void person_load_cells(struct core *c, struct contact *p, int64_t kase); /* once */
void person_write(struct core *c, struct contact *p);
/* A word more: counts go up, its row is written later. */
void person_spoke(struct core *c, struct author *a, struct contact *p, int64_t interaction,
                  int64_t seq, bool counts);
/* Writes rows that have been behind for a while, few at a time; or all. */
void person_flush(struct core *c, bool all);
void person_recover(struct core *c);

/* ---- kase.c, clock_due.c ---- */
struct kase *kase_open(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                       const char *reason);
void kase_write(struct core *c, struct kase *k, int64_t seq, int64_t interaction);
void kase_flush(struct core *c); /* the cases that changed go into the batch */
/* Somebody of ours answered that word; `at` by their own clock, NIL now. `made`: the entry whose
 * decision said it, NIL in the platform's own app. `person`: not a rule. */
void kase_answered(struct core *c, struct contact *p, int64_t seq, int64_t interaction,
                   int64_t made, int64_t at, bool person);
/* A person deals with the case, or with the interaction alone: what rules were about to say is
 * theirs to say. `why` is constant. */
void kase_taken_over(struct core *c, struct kase *k, int64_t interaction, const char *why);
void kase_touch(struct core *c, struct kase *k); /* written with the next commit, as a whole */
/* `from` turned out to be `to`: the open case goes along. */
void kase_move(struct core *c, struct contact *from, struct contact *to);
void kase_close(struct core *c, struct contact *p, int64_t seq, int64_t interaction);
struct kase *kase_of_contact(struct core *c, int64_t contact);
struct kase *kase_load(struct core *c, const struct row_kase *row); /* as the row has it */
void due_pump(struct core *c);

/* ---- kase_clock.c: the clock of a case ---- */
enum { KASE_CLOCK_MS = 60 * 60000 }; /* unless the policy says otherwise */
/* Starts it at `from`, for a span of the time of its calendar. One that runs goes on where it ends
 * sooner: whoever waits does not wait longer because they spoke again. `again`: where it has ended
 * a new one begins all the same. `named`: a calendar, or NULL for the department's. */
void kase_clock(struct core *c, struct kase *k, int64_t from, int64_t span_ms, const char *named,
                bool again);
/* The same as a decision about that entry wishes it. */
void kase_clock_wished(struct core *c, struct kase *k, const struct entry *e, int64_t span_ms,
                       struct sori_str named);
/* Somebody begins to wait: the clock that c->verdict says, else 60 minutes. */
void kase_clock_begin(struct core *c, struct kase *k);
void kase_clock_end(struct kase *k); /* answered, closed */
/* Stands, with what is left kept, until kase_resume; `why` for people. */
void kase_pause(struct core *c, struct kase *k, int state, struct sori_str why);
void kase_resume(struct core *c, struct kase *k);
void kase_stop(struct core *c, struct kase *k);
void kase_department(struct core *c, struct kase *k, struct sori_str name);
/* Before the effects of an entry: a word of the person wakes what sleeps. False: it is a timer's
 * whose case was answered since; nothing follows from it. */
bool kase_heard(struct core *c, const struct entry *e);
/* The clock of two cases that become one: the sooner one goes on. */
void kase_clock_merge(struct core *c, struct kase *k, const struct kase *other);
/* Hours may have changed: every open case is looked at, a few at a time. */
void kase_walk_begin(struct core *c);
void kase_walk(struct core *c);
/* enum clock_state, now. */
int kase_clock_state(const struct core *c, const struct kase *k);

#endif
