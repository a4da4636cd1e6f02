#include "base/calendar.h"

#include "base/clock.h"
#include "base/enums.h"

#include <stdlib.h>

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440 };
static const int64_t DAY_MS = 86400000, FAR_MS = (int64_t)7305 * 86400000; /* twenty years */
static const int64_t YEAR_9999 = 253402300799999;

/* ---- reading ---- */

/* Behind those of the same day, which begin with the span `first`. */
static bool put_span(struct calendar *c, struct sori_str r, uint32_t first) {
    int64_t from = rec_get_int(r, 2, -1), to = rec_get_int(r, 3, -1);
    if (from < 0 || from >= DAY_MINUTES || to <= from || to > from + DAY_MINUTES) return false;
    if (c->span_count > first && c->span[c->span_count - 1].from > from) return false;
    if (c->span_count % 64 == 0)
        c->span = mem_grow(c->span, (c->span_count + 64) * sizeof *c->span);
    c->span[c->span_count++] = (struct calendar_span){(int32_t)from, (int32_t)to};
    return true;
}

static bool put_weekday(struct calendar *c, struct sori_str r) {
    int64_t day = rec_get_int(r, 1, -1);
    /* In order: nothing is there of a later day, nor of a date. */
    if (day < 0 || day > 6 || c->day_count || c->week[day + 1] != c->span_count) return false;
    if (!put_span(c, r, c->week[day])) return false;
    for (int64_t later = day + 1; later < 8; later++) c->week[later] = (uint32_t)c->span_count;
    return true;
}

static bool put_day(struct calendar *c, struct sori_str r) {
    struct calendar_day d = {.day = rec_get_int(r, 1, INT64_MIN),
                             .name = rec_get_str(r, 2),
                             .first = (uint32_t)c->span_count};
    struct rec_field f;
    if (c->day_count && d.day <= c->day[c->day_count - 1].day) return false;
    while (rec_next(&r, &f) == 1)
        if (f.tag == 3 && f.type == REC_REC && !put_span(c, f.s, d.first)) return false;
    d.count = (uint32_t)c->span_count - d.first;
    if (c->day_count % 64 == 0) c->day = mem_grow(c->day, (c->day_count + 64) * sizeof *c->day);
    c->day[c->day_count++] = d;
    return true;
}

static bool put_offset(struct calendar *c, struct sori_str r) {
    int64_t from = rec_get_int(r, 1, INT64_MIN), seconds = rec_get_int(r, 2, 0);
    bool first = c->offset_count == 0;
    if (first != (from == INT64_MIN) || seconds < -DAY_MS / 1000 || seconds > DAY_MS / 1000 ||
        (!first && from <= c->offset[c->offset_count - 1].from))
        return false;
    if (c->offset_count % 64 == 0)
        c->offset = mem_grow(c->offset, (c->offset_count + 64) * sizeof *c->offset);
    c->offset[c->offset_count++] = (struct calendar_offset){from, seconds * 1000};
    return true;
}

static bool put_field(struct calendar *c, const struct rec_field *f) {
    switch (f->tag) {
    case CAL_NAME: c->name = f->s; return true;
    case CAL_HOURS: c->hours = f->s; return true;
    case CAL_HOLIDAYS: c->holidays = f->s; return true;
    case CAL_ZONE: c->zone = f->s; return true;
    case CAL_KNOWN:
        c->known = f->i;
        return f->i >= -YEAR_9999 / DAY_MS && f->i <= YEAR_9999 / DAY_MS;
    case CAL_SPAN: return f->type == REC_REC && put_weekday(c, f->s);
    case CAL_DAY: return f->type == REC_REC && put_day(c, f->s);
    case CAL_OFFSET: return f->type == REC_REC && put_offset(c, f->s);
    default: return true;
    }
}

bool calendar_read(struct sori_str record, struct calendar *c) {
    struct rec_field f;
    int more;
    *c = (struct calendar){.record = record, .known = INT64_MAX};
    while ((more = rec_next(&record, &f)) == 1)
        if (!put_field(c, &f)) break;
    if (more == 0 && c->week[7] && c->offset_count) return true;
    calendar_free(c);
    return false;
}

void calendar_free(struct calendar *c) {
    free(c->span);
    free(c->day);
    free(c->offset);
    *c = (struct calendar){0};
}

/* ---- the walk over open time ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t sane(int64_t at) {
    return at < -YEAR_9999 ? -YEAR_9999 : at > YEAR_9999 ? YEAR_9999 : at;
}

/* The last offset that began at or before then. */
static size_t offset_at(const struct calendar *c, int64_t at) {
    size_t low = 0, high = c->offset_count;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (c->offset[mid].from <= at)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* Its place among the dates that differ: the first that is not before that day. */
static size_t special(const struct calendar *c, int64_t day) {
    size_t low = 0, high = c->day_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->day[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Open stretches one after the other, each under one offset. */
struct walk {
    const struct calendar *c;
    int64_t at, limit;
    size_t offset; /* which holds at `at`, until `end` */
    int64_t end;
    int64_t day;
    size_t special;                   /* the first date from that day on */
    const struct calendar_span *span; /* of that day, from the next one on */
    size_t left;
};

static void begin_day(struct walk *w, int64_t day) {
    const struct calendar *c = w->c;
    while (w->special < c->day_count && c->day[w->special].day < day) w->special++;
    w->day = day;
    if (w->special < c->day_count && c->day[w->special].day == day) {
        w->span = c->span + c->day[w->special].first;
        w->left = c->day[w->special].count;
        return;
    }
    int64_t weekday = day + 3; /* 1970 began on a Thursday */
    weekday -= floor_div(weekday, 7) * 7;
    w->span = c->span + c->week[weekday];
    w->left = c->week[weekday + 1] - c->week[weekday];
}

/* From `at` on under the offset of `at`. A span of the day before may go on past midnight. */
static void begin_offset(struct walk *w) {
    const struct calendar *c = w->c;
    w->end = w->offset + 1 < c->offset_count ? c->offset[w->offset + 1].from : w->limit;
    if (w->end > w->limit) w->end = w->limit;
    int64_t day = floor_div(w->at + c->offset[w->offset].ms, DAY_MS) - 1;
    w->special = special(c, day);
    begin_day(w, day);
}

static struct walk walk_from(const struct calendar *c, int64_t at, int64_t limit) {
    struct walk w = {.c = c, .at = at, .limit = limit, .offset = offset_at(c, at)};
    begin_offset(&w);
    return w;
}

static bool next_open(struct walk *w, int64_t *from, int64_t *to) {
    while (w->at < w->limit) {
        int64_t midnight = w->day * DAY_MS - w->c->offset[w->offset].ms;
        for (; w->left && midnight < w->end; w->span++, w->left--) {
            *from = midnight + (int64_t)w->span->from * MINUTE_MS;
            *to = midnight + (int64_t)w->span->to * MINUTE_MS;
            if (*from < w->at) *from = w->at;
            if (*to > w->end) *to = w->end;
            if (*from >= *to) continue;
            w->at = *to;
            return true;
        }
        if (midnight < w->end) {
            begin_day(w, w->day + 1);
        } else {
            w->at = w->end;
            w->offset++;
            if (w->at < w->limit) begin_offset(w);
        }
    }
    return false;
}

/* ---- the clock ---- */

int64_t calendar_due(const struct calendar *c, int64_t from, int64_t span_ms) {
    from = sane(from);
    if (span_ms <= 0) return from;
    int64_t limit = from + FAR_MS, start, end;
    if (!c) return span_ms > FAR_MS ? limit : from + span_ms;
    for (struct walk w = walk_from(c, from, limit); next_open(&w, &start, &end);) {
        if (end - start >= span_ms) return start + span_ms;
        span_ms -= end - start;
    }
    return limit;
}

int64_t calendar_worked(const struct calendar *c, int64_t from, int64_t to) {
    from = sane(from);
    to = sane(to);
    if (to < from) return -calendar_worked(c, to, from);
    if (to - from > FAR_MS) to = from + FAR_MS;
    if (!c) return to - from;
    int64_t sum = 0, start, end;
    for (struct walk w = walk_from(c, from, to); next_open(&w, &start, &end);) sum += end - start;
    return sum;
}

bool calendar_until(const struct calendar *c, int64_t at, int64_t *until) {
    at = sane(at);
    int64_t limit = at + FAR_MS, start, end;
    *until = limit;
    if (!c) return true;
    struct walk w = walk_from(c, at, limit);
    if (!next_open(&w, &start, &end)) return false;
    if (start > at) {
        *until = start;
        return false;
    }
    /* One span may go over into the next. */
    for (*until = end; next_open(&w, &start, &end) && start == *until;) *until = end;
    return true;
}

bool calendar_open(const struct calendar *c, int64_t at) {
    at = sane(at);
    int64_t start, end;
    if (!c) return true;
    struct walk w = walk_from(c, at, at + 1);
    return next_open(&w, &start, &end);
}

struct sori_str calendar_day_name(const struct calendar *c, int64_t at) {
    at = sane(at);
    if (!c) return (struct sori_str){0};
    int64_t day = floor_div(at + calendar_offset(c, at), DAY_MS);
    size_t i = special(c, day);
    bool is = i < c->day_count && c->day[i].day == day;
    return is ? c->day[i].name : (struct sori_str){0};
}

int64_t calendar_offset(const struct calendar *c, int64_t at) {
    return c ? c->offset[offset_at(c, sane(at))].ms : 0;
}

enum { ENDS_DAYS = 60 };

bool calendar_ends(const struct calendar *c, int64_t now) {
    return c->known < YEAR_9999 / DAY_MS && sane(now) > (c->known - ENDS_DAYS) * DAY_MS;
}

void calendar_put_end(struct buf *b, const struct calendar *c) {
    struct buf day = {0};
    clock_rfc3339(&day, c->known * DAY_MS);
    buf_printf(b,
               "calendar \"%.*s\": elections and days that the government adds are known up to "
               "%.10s; write later ones as dates beside the set",
               STR(c->name), day.data);
    buf_free(&day);
}

int calendar_clock(const struct calendar_clock *k, int64_t now) {
    static const int64_t none = INT64_MIN;
    if (k->answered_at != none) {
        if (k->promised == none) return CLOCK_NONE;
        return k->answered_at <= k->promised ? CLOCK_MET : CLOCK_BREACHED;
    }
    if (k->clock == CLOCK_PAUSED || k->clock == CLOCK_STOPPED) return (int)k->clock;
    if (k->due == none) return CLOCK_NONE;
    int64_t promised = k->promised == none ? k->due : k->promised;
    if (now >= promised) return CLOCK_BREACHED;
    return k->soon != none && now >= k->soon ? CLOCK_DUE_SOON : CLOCK_RUNNING;
}
