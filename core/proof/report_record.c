/* A report as a record: between the processes that make it and those that show it. */
#include "proof/report.h"

#include <stdlib.h>

enum {
    R_NUMBER = 1, /* rep int: the numbers, in the order of `numbers` */
    R_BY = 2, /* rep rec: counts, in the order of enum report_by, then moves, renames, unknown */
    R_SAMPLE = 3,  /* rep rec */
    R_SAMPLES = 4, /* int: as many as are wanted */
    R_FORM = 5     /* int, first: how many numbers; one of another Sori is not read */
};
enum { NUMBERS = 25 };

/* All that are plain, so that writing and reading cannot disagree. */
static void numbers(struct report *r, int64_t *out[NUMBERS]) {
    int64_t *all[NUMBERS] = {&r->since,    &r->first_at, &r->last_at,       &r->generation,
                             &r->compared, &r->changed,  &r->renamed,       &r->stopped,
                             &r->asked,    &r->redone,   &r->earlier,       &r->past,
                             &r->held,     &r->bare,     &r->skipped,       &r->deaths,
                             &r->took_ms,  &r->lanes,    &r->asked_changed, &r->quarantined,
                             &r->gaps,     &r->gap_at,   &r->rescored,      &r->rescored_changed,
                             &r->unscored};
    for (size_t i = 0; i < NUMBERS; i++) out[i] = all[i];
}

static struct counts *counts_at(struct report *r, size_t i) {
    if (i < BY_COUNT) return &r->by[i];
    return i == BY_COUNT ? &r->moves : i == BY_COUNT + 1 ? &r->renames : &r->unknown;
}
enum { COUNTS = BY_COUNT + 3 };

static void put_counts(const struct counts *c, struct buf *b) {
    size_t all = rec_begin(b, R_BY);
    for (size_t i = 0; i < c->n; i++) {
        size_t mark = rec_begin(b, 1);
        rec_str(b, 1, str_c(c->items[i].name));
        rec_int(b, 2, c->items[i].then);
        rec_int(b, 3, c->items[i].now);
        rec_int(b, 4, c->items[i].changed);
        rec_end(b, mark);
    }
    rec_end(b, all);
}

static void get_counts(struct sori_str record, struct counts *c) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1) {
        if (f.type != REC_REC) continue;
        struct count *k = counts_of(c, rec_get_str(f.s, 1));
        k->then = rec_get_int(f.s, 2, 0);
        k->now = rec_get_int(f.s, 3, 0);
        k->changed = rec_get_int(f.s, 4, 0);
    }
}

void report_put(const struct report *r, struct buf *b) {
    int64_t *number[NUMBERS];
    struct report *all = (struct report *)(uintptr_t)r; /* only read */
    numbers(all, number);
    rec_int(b, R_FORM, NUMBERS);
    for (size_t i = 0; i < NUMBERS; i++) rec_int(b, R_NUMBER, *number[i]);
    rec_int(b, R_NUMBER, r->closed);
    rec_int(b, R_NUMBER, r->shadow);
    rec_int(b, R_SAMPLES, (int64_t)r->sample_max);
    for (size_t i = 0; i < COUNTS; i++) put_counts(counts_at(all, i), b);
    for (size_t i = 0; i < r->sample_n; i++) {
        const struct sample *s = &r->samples[i];
        size_t mark = rec_begin(b, R_SAMPLE);
        rec_int(b, 1, s->seq);
        rec_int(b, 2, s->interaction);
        rec_int(b, 3, (int64_t)s->move);
        rec_str(b, 4, buf_view(&s->facts));
        rec_str(b, 5, buf_view(&s->then));
        rec_str(b, 6, buf_view(&s->now));
        rec_str(b, 7, buf_view(&s->why));
        rec_end(b, mark);
    }
}

static void get_sample(struct sori_str record, struct report *r) {
    if (r->sample_n >= r->sample_max) return;
    if (!r->samples) r->samples = mem_get(r->sample_max * sizeof *r->samples);
    struct sample *s = &r->samples[r->sample_n++];
    s->seq = rec_get_int(record, 1, 0);
    s->interaction = rec_get_int(record, 2, 0);
    int64_t move = rec_get_int(record, 3, 0);
    s->move = move >= 0 && (size_t)move < r->moves.n ? (size_t)move : 0;
    buf_str(&s->facts, rec_get_str(record, 4));
    buf_str(&s->then, rec_get_str(record, 5));
    buf_str(&s->now, rec_get_str(record, 6));
    buf_str(&s->why, rec_get_str(record, 7));
}

void report_get(struct sori_str record, struct report *out) {
    int64_t *number[NUMBERS];
    struct rec_field f;
    size_t n = 0, c = 0;
    if (rec_get_int(record, R_FORM, 0) != NUMBERS) return;
    numbers(out, number);
    while (rec_next(&record, &f) == 1) {
        if (f.tag == R_NUMBER && f.type == REC_INT) {
            if (n < NUMBERS) *number[n] = f.i;
            if (n == NUMBERS) out->closed = f.i != 0;
            if (n == NUMBERS + 1) out->shadow = f.i != 0;
            n++;
        } else if (f.tag == R_SAMPLES && f.type == REC_INT) {
            /* Room was made for so many. */
            if (!out->samples) out->sample_max = f.i > 0 && f.i <= 100000 ? (size_t)f.i : 0;
        } else if (f.tag == R_BY && f.type == REC_REC && c < COUNTS) {
            get_counts(f.s, counts_at(out, c++));
        } else if (f.tag == R_SAMPLE && f.type == REC_REC) {
            get_sample(f.s, out);
        }
    }
}
