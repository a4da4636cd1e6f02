/* How a candidate's decisions differ from those that were made: what back-test, shadow and the gate
 * of a reload count. One report holds counts and a few samples, never all. */
#ifndef PROOF_REPORT_H
#define PROOF_REPORT_H

#include "base/map.h"
#include "base/record.h"
#include "proof/change.h"

/* One decision of the past, read from PAST_… fields; borrowed. */
struct past {
    int64_t seq, at, generation, status, contact, interaction;
    struct sori_str facts, result;
    bool rescored; /* `facts` have scores that did not exist then */
};
void past_read(struct sori_str record, struct past *out);

/* Names and how often they were met. `then` and `now` are decisions with that name by the one and
 * the other policy, `changed` those of `then` (and of `now`, where the name is new) that change. */
struct count {
    char *name;
    int64_t then, now, changed;
};
struct counts {
    struct count *items;
    size_t n;
    struct map by_name; /* digest of the name → place + 1 */
};
enum { COUNTS_MOST = 2000 /* of one kind; more are "(others)" */ };
struct count *counts_of(struct counts *c, struct sori_str name);
/* Most changed first, then by name. */
void counts_sort(struct counts *c);

enum report_by {
    BY_RULE,
    BY_KIND,
    BY_RELATIONSHIP,
    BY_TONE,
    BY_CHANNEL,
    BY_DIRECTION,
    BY_ENTRY,
    BY_COUNT
};
const char *report_by_word(enum report_by by); /* "rule", "kind", … */

struct sample {
    int64_t seq, interaction;
    size_t move; /* place in report.moves */
    struct buf facts, then, now;
    struct buf why; /* the differing conditions, lines */
};

struct report {
    bool closed, shadow;
    int64_t since;             /* ms UTC: what was asked for, or when the shadow began; 0 all */
    int64_t first_at, last_at; /* of the decisions that were compared */
    int64_t generation;        /* live when it was made */
    int64_t compared, changed, renamed;
    int64_t stopped; /* by a budget of the candidate, where the other was not: they change too */
    int64_t asked;   /* that asked for something unknown then */
    int64_t asked_changed;              /* of them, those that differ: not in `changed` */
    int64_t rescored, rescored_changed; /* had no scores then: counted like those that asked */
    int64_t unscored;                   /* of what was to be scored again: no model could */
    int64_t redone;  /* decided by an older policy, and again by the live one to compare with */
    int64_t earlier; /* of them, where the live one already decides otherwise than was decided */
    int64_t past, held, quarantined, bare; /* apart; bare: no policy was asked for another reason */
    int64_t skipped, deaths; /* of a shadow: found no room; how often its worker ended */
    int64_t gaps, gap_at; /* of a shadow: how often some seconds got lost, and when last, ms UTC */
    int64_t took_ms, lanes;
    struct counts by[BY_COUNT], moves, renames,
        unknown; /* unknown: `then` how often, `now` since */
    struct sample *samples;
    size_t sample_n, sample_max;
};

void report_free(struct report *r);
/* One that no policy decided is counted apart: false. */
bool report_takes(struct report *r, const struct past *p);
/* `base` is what it is compared with: p->result, or what the live policy says. `missed` names what
 * was asked for and unknown then. */
void report_add(struct report *r, const struct past *p, struct sori_str base, struct sori_str now,
                const struct sori_str *missed, size_t missed_n);
/* Of 10,000, rounded up: what changes, and what differs where something was unknown then. */
int64_t report_share(const struct report *r);

/* As a record, and back (`out` zeroed by the caller). */
void report_put(const struct report *r, struct buf *b);
void report_get(struct sori_str record, struct report *out);

#endif
