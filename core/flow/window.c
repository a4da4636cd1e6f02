#include "flow/window.h"

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <stdlib.h>

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 60 * MINUTE_MS,
    MINUTES = 60,
    HOURS = 168,     /* a week, the hour in hand included */
    TOPICS_MAX = 64, /* more are counted in place of the least used ones */
    SHOWN_MAX = 32,
    NAME_MOST = 256, /* every entry's facts carry them */
    PRESENT = 5000,  /* a classifier's score from which on a text has the label */
    SAMPLE = 600     /* rows that are read of one hour, and of one minute, at the start */
};

struct window {
    char *topic; /* NULL: all */
    int64_t minute[MINUTES], last_hour;
    int64_t hour[HOURS], week; /* week: of all hours that are over */
};

struct windows {
    int64_t minute, hour, first_hour; /* since 1970; first: from when on there is something */
    struct window all, topic[TOPICS_MAX];
    size_t topics;
    struct buf shown; /* FACT_WINDOW of all topics, while nothing changes */
    bool stale;
};

/* ---- time ---- */

static int64_t *minute_of(struct window *w, int64_t minute) {
    return &w->minute[(uint64_t)minute % MINUTES];
}

static int64_t *hour_of(struct window *w, int64_t hour) { return &w->hour[(uint64_t)hour % HOURS]; }

static void turn_minute(struct window *w, int64_t minute) {
    int64_t *slot = minute_of(w, minute);
    w->last_hour -= *slot;
    *slot = 0;
}

/* The hour before is over; the one of a week ago makes room. */
static void turn_hour(struct window *w, int64_t hour) {
    int64_t *slot = hour_of(w, hour);
    w->week += *hour_of(w, hour - 1) - *slot;
    *slot = 0;
}

static void forget_hours(struct window *x) {
    memset(x->hour, 0, sizeof x->hour);
    x->week = 0;
}

static void turn(struct windows *w, int64_t now) {
    int64_t minute = now / MINUTE_MS, hour = now / HOUR_MS;
    if (minute <= w->minute) return;
    if (minute - w->minute > MINUTES) w->minute = minute - MINUTES;
    if (hour - w->hour >= HOURS) { /* longer than is remembered */
        w->hour = hour;
        forget_hours(&w->all);
        for (size_t i = 0; i < w->topics; i++) forget_hours(&w->topic[i]);
    }
    w->stale = true;
    while (w->minute < minute) {
        turn_minute(&w->all, ++w->minute);
        for (size_t i = 0; i < w->topics; i++) turn_minute(&w->topic[i], w->minute);
    }
    while (w->hour < hour) {
        turn_hour(&w->all, ++w->hour);
        for (size_t i = 0; i < w->topics; i++) turn_hour(&w->topic[i], w->hour);
    }
}

/* How many hours a usual one rests on. */
static int64_t known_hours(const struct windows *w) {
    int64_t known = w->hour - w->first_hour;
    return known < 0 ? 0 : known > HOURS - 1 ? HOURS - 1 : known;
}

/* Of a usual hour, times 100. */
static int64_t usual(const struct windows *w, const struct window *x) {
    int64_t known = known_hours(w);
    return x->week * 100 / (known > 0 ? known : 1);
}

/* ---- topics ---- */

static struct window *topic_of(struct windows *w, struct sori_str name) {
    struct window *least = &w->topic[0];
    for (size_t i = 0; i < w->topics; i++) {
        struct window *x = &w->topic[i];
        if (str_is(name, x->topic)) return x;
        bool less = x->last_hour != least->last_hour ? x->last_hour < least->last_hour
                                                     : x->week < least->week;
        if (less) least = x;
    }
    if (w->topics < TOPICS_MAX) least = &w->topic[w->topics++];
    free(least->topic);
    *least = (struct window){.topic = mem_text(name)};
    return least;
}

typedef void each_window(struct windows *w, struct window *x, void *ctx);

static bool is_topic(struct sori_str name) {
    return name.len <= NAME_MOST && str_starts(name, SORI_STR("topic."));
}

/* Each topic of a decision once: a list is not asked where a classifier gave the label. */
static void each_topic(struct windows *w, struct sori_str facts, struct sori_str decision,
                       each_window *each, void *ctx) {
    struct rec_field f;
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_LABEL && f.type == REC_STR && is_topic(f.s))
            each(w, topic_of(w, f.s), ctx);
    while (rec_next(&facts, &f) == 1) {
        if (f.tag != FACT_LABEL || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, 1);
        if (is_topic(name) && rec_get_int(f.s, 2, 0) >= PRESENT) each(w, topic_of(w, name), ctx);
    }
}

static void count_one(struct windows *w, struct window *x, void *ctx) {
    (void)ctx;
    ++*minute_of(x, w->minute);
    ++*hour_of(x, w->hour);
    x->last_hour++;
}

void windows_count(struct windows *w, int64_t now, struct sori_str facts,
                   struct sori_str decision) {
    turn(w, now);
    w->stale = true;
    count_one(w, &w->all, NULL);
    each_topic(w, facts, decision, count_one, NULL);
}

/* ---- as facts ---- */

static void put_topic(const struct windows *w, const struct window *x, struct buf *out) {
    size_t mark = rec_begin(out, FACT_WINDOW);
    rec_str(out, 1, str_c(x->topic));
    rec_int(out, 2, x->last_hour);
    rec_int(out, 3, usual(w, x));
    rec_int(out, 4, known_hours(w));
    rec_end(out, mark);
}

/* Those with most, where there are more topics than are told. */
static void put_topics(struct windows *w, struct buf *out) {
    bool told[TOPICS_MAX] = {false};
    for (size_t n = 0; n < SHOWN_MAX; n++) {
        size_t most = TOPICS_MAX;
        for (size_t i = 0; i < w->topics; i++)
            if (!told[i] && w->topic[i].last_hour > 0 &&
                (most == TOPICS_MAX || w->topic[i].last_hour > w->topic[most].last_hour))
                most = i;
        if (most == TOPICS_MAX) return;
        told[most] = true;
        put_topic(w, &w->topic[most], out);
    }
}

void windows_put(struct windows *w, int64_t now, struct buf *facts) {
    turn(w, now);
    if (w->stale) {
        buf_clear(&w->shown);
        put_topics(w, &w->shown);
        w->stale = false;
    }
    rec_int(facts, FACT_NEGATIVES_HOUR, w->all.last_hour);
    rec_int(facts, FACT_NEGATIVES_USUAL, usual(w, &w->all) / 100);
    buf_str(facts, buf_view(&w->shown));
}

int64_t windows_of(struct windows *w, int64_t now, struct sori_str topic, int64_t *hour,
                   int64_t *usual_hour) {
    turn(w, now);
    *hour = *usual_hour = 0;
    for (size_t i = 0; i < w->topics; i++) {
        if (!str_is(topic, w->topic[i].topic)) continue;
        *hour = w->topic[i].last_hour;
        *usual_hour = usual(w, &w->topic[i]);
    }
    return known_hours(w);
}

/* ---- the start ---- */

struct recount {
    struct windows *w;
    bool minutes; /* else hours */
    int64_t at;   /* the minute or the hour */
    size_t rows;
    int64_t last;           /* time of the newest row */
    int64_t few, all_of_it; /* what was counted stands for this much: all_of_it / few */
};

static int64_t *slot_of(const struct recount *r, struct window *x) {
    return r->minutes ? minute_of(x, r->at) : hour_of(x, r->at);
}

static void recount_one(struct windows *w, struct window *x, void *ctx) {
    (void)w;
    ++*slot_of(ctx, x);
}

static void recount_row(void *ctx, const void *row) {
    struct recount *r = ctx;
    const struct row_decision *d = row;
    r->rows++;
    r->last = d->at;
    if (rec_get_int(d->facts, FACT_ON, ENTRY_SAID) != ENTRY_SAID) return;
    recount_one(r->w, &r->w->all, r);
    each_topic(r->w, d->facts, d->result, recount_one, r);
}

static void stretch(const struct recount *r, struct window *x) {
    int64_t *slot = slot_of(r, x);
    *slot = *slot * r->all_of_it / r->few;
}

/* Where there are more rows than are read, the first ones speak for the rest. */
static void recount(struct windows *w, struct store *s, bool minutes, int64_t at, int64_t now) {
    struct recount r = {.w = w, .minutes = minutes, .at = at};
    int64_t span = minutes ? MINUTE_MS : HOUR_MS, from = at * span, to = from + span;
    if (to > now + 1) to = now + 1;
    store_negatives(s, from, to, SAMPLE, recount_row, &r);
    if (r.rows < SAMPLE) return;
    r.few = r.last - from + 1;
    r.all_of_it = to - from;
    stretch(&r, &w->all);
    for (size_t i = 0; i < w->topics; i++) stretch(&r, &w->topic[i]);
}

static void add_up(struct windows *w, struct window *x) {
    for (int64_t m = 0; m < MINUTES; m++) x->last_hour += x->minute[m];
    for (int64_t h = 1; h < HOURS; h++) x->week += *hour_of(x, w->hour - h);
}

void windows_free(struct windows *w) {
    if (!w) return;
    for (size_t i = 0; i < w->topics; i++) free(w->topic[i].topic);
    buf_free(&w->shown);
    free(w);
}

struct windows *windows_start(struct store *s, int64_t now) {
    struct windows *w = mem_get(sizeof *w);
    struct row_journal first;
    w->minute = now / MINUTE_MS;
    w->hour = w->first_hour = now / HOUR_MS;
    w->stale = true;
    /* Where the first entry is gone, there is more than a week of them. */
    if (store_journal(s, 1, &first))
        w->first_hour = first.at / HOUR_MS;
    else if (store_ids(s).last_at)
        w->first_hour = w->hour - HOURS;
    int64_t from = w->hour - HOURS + 1;
    for (int64_t h = from > w->first_hour ? from : w->first_hour; h <= w->hour; h++)
        recount(w, s, false, h, now);
    for (int64_t m = w->minute - MINUTES + 1; m <= w->minute; m++) recount(w, s, true, m, now);
    add_up(w, &w->all);
    for (size_t i = 0; i < w->topics; i++) add_up(w, &w->topic[i]);
    return w;
}
