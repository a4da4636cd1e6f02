#include "conf/hours.h"

#include "base/clock.h"
#include "lua/sandbox/sandbox.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_MINUTES = 1440, WEEK_MINUTES = 7 * DAY_MINUTES };

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static bool wrong(struct buf *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(struct buf *why, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_puts(why, text);
    return false;
}

/* What is up to the next of `ends`, taken off the front. */
static struct sori_str take(struct sori_str *s, const char *ends) {
    size_t n = 0;
    while (n < s->len && !strchr(ends, s->ptr[n])) n++;
    struct sori_str part = {s->ptr, n};
    s->ptr += n;
    s->len -= n;
    return part;
}

static bool skip(struct sori_str *s, char c) {
    if (!s->len || *s->ptr != c) return false;
    s->ptr++;
    s->len--;
    return true;
}

static void blanks(struct sori_str *s) {
    while (skip(s, ' ')) {
    }
}

/* ---- days ---- */

static int day_named(struct sori_str s) {
    for (int i = 0; i < 7; i++)
        if (str_is(s, days[i])) return i;
    return -1;
}

static bool read_day(struct sori_str s, int *day, struct buf *why) {
    *day = day_named(s);
    if (*day >= 0) return true;
    const char *near = s.len > 1 && s.len < 10 ? nearest_word(s, days, 7) : NULL;
    bool digits = s.len && s.ptr[0] >= '0' && s.ptr[0] <= '9';
    if (near) return wrong(why, "\"%.*s\" is no day: did you mean \"%s\"?", STR(s), near);
    if (digits || !s.len)
        return wrong(why, "expected days and times, such as "
                          "\"mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00\"");
    return wrong(why, "\"%.*s\" is no day: expected mon, tue, wed, thu, fri, sat or sun",
                 s.len > 40 ? 40 : (int)s.len, s.ptr);
}

/* "mon-fri,sun" to a set of bits; a range may go over the end of the week. */
static bool read_days(struct sori_str s, unsigned *set, struct buf *why) {
    *set = 0;
    do {
        struct sori_str range = take(&s, ","), first = take(&range, "-");
        int from, to;
        if (!read_day(first, &from, why)) return false;
        to = from;
        if (skip(&range, '-') && !read_day(range, &to, why)) return false;
        for (int day = from;; day = (day + 1) % 7) {
            *set |= 1u << day;
            if (day == to) break;
        }
    } while (skip(&s, ','));
    return true;
}

/* ---- times ---- */

static bool digits(struct sori_str s, size_t at, int *n) {
    char a = s.ptr[at], b = s.ptr[at + 1];
    *n = (a - '0') * 10 + b - '0';
    return a >= '0' && a <= '9' && b >= '0' && b <= '9';
}

static bool read_time(struct sori_str s, int *minutes, struct buf *why) {
    int hour = 0, minute = 0;
    bool ok = s.len == 5 && s.ptr[2] == ':' && digits(s, 0, &hour) && digits(s, 3, &minute) &&
              minute < 60 && hour * 60 + minute <= DAY_MINUTES;
    *minutes = hour * 60 + minute;
    return ok || wrong(why, "\"%.*s\" is no time of day: expected 00:00 to 24:00, such as 09:30",
                       s.len > 40 ? 40 : (int)s.len, s.ptr);
}

static bool read_span(struct sori_str s, struct hours_span *out, struct buf *why) {
    struct sori_str whole = s, from = take(&s, "-");
    if (!skip(&s, '-') || !s.len)
        return wrong(why, "\"%.*s\": expected a start and an end, such as 09:00-18:00",
                     whole.len > 40 ? 40 : (int)whole.len, whole.ptr);
    if (!read_time(from, &out->from, why) || !read_time(s, &out->to, why)) return false;
    if (out->from == out->to || out->from == DAY_MINUTES)
        return wrong(why, "%.*s has no time in it: expected an end after its start, or 00:00-24:00",
                     STR(whole));
    if (out->to < out->from) out->to += DAY_MINUTES; /* over night */
    return true;
}

static bool put(struct hours *h, int day, struct hours_span span, struct buf *why) {
    if (h->count == HOURS_MAX) return wrong(why, "more than %d spans: expected fewer", HOURS_MAX);
    span.day = day;
    h->span[h->count++] = span;
    return true;
}

/* "09:00-12:00 13:00-18:00" for each day of the set. */
static bool read_spans(struct sori_str s, unsigned set, struct hours *h, struct buf *why) {
    unsigned spans = 0;
    for (blanks(&s); s.len; blanks(&s), spans++) {
        struct hours_span span = {0};
        if (!read_span(take(&s, " "), &span, why)) return false;
        for (int day = 0; day < 7; day++)
            if (set >> day & 1 && !put(h, day, span, why)) return false;
    }
    return spans || wrong(why, "days without a time: expected days and times, such as "
                               "\"mon-fri 09:00-18:00\"");
}

/* ---- the whole ---- */

static int by_start(const void *a, const void *b) {
    const struct hours_span *x = a, *y = b;
    int d = (x->day - y->day) * DAY_MINUTES + x->from - y->from;
    return d ? d : x->to - y->to;
}

static void put_span(struct buf *b, const struct hours_span *s, bool day) {
    int to = s->to > DAY_MINUTES ? s->to - DAY_MINUTES : s->to;
    buf_printf(b, "%s%s%02d:%02d-%02d:%02d", day ? days[s->day] : "", day ? " " : "", s->from / 60,
               s->from % 60, to / 60, to % 60);
}

static bool apart(struct hours *h, bool week, struct buf *why) {
    if (h->count) qsort(h->span, h->count, sizeof *h->span, by_start);
    for (size_t i = 0; i < h->count; i++) {
        const struct hours_span *a = &h->span[i], *b = &h->span[(i + 1) % h->count];
        bool last = i + 1 == h->count;
        if (last && (!week || h->count == 1)) break;
        int next = b->day * DAY_MINUTES + b->from + (last ? WEEK_MINUTES : 0);
        if (a->day * DAY_MINUTES + a->to <= next) continue;
        put_span(why, a, week);
        buf_puts(why, " and ");
        put_span(why, b, week);
        return wrong(why, " overlap: expected spans one after the other");
    }
    return true;
}

bool hours_read(struct sori_str s, struct hours *h, struct buf *why) {
    *h = (struct hours){0};
    do {
        unsigned set;
        struct sori_str group = take(&s, ";");
        blanks(&group);
        if (!read_days(take(&group, " "), &set, why) || !read_spans(group, set, h, why))
            return false;
    } while (skip(&s, ';'));
    return apart(h, true, why);
}

static bool date(struct sori_str s, int64_t *day) {
    char text[32];
    int64_t ms;
    if (s.len != 10) return false;
    snprintf(text, sizeof text, "%.*sT00:00:00Z", STR(s));
    if (!clock_parse_rfc3339(str_c(text), &ms)) return false;
    *day = ms / 86400000 - (ms % 86400000 < 0);
    return true;
}

bool hours_date(struct sori_str s, int64_t *day, struct hours *h, struct buf *why) {
    struct sori_str first = take(&s, " ");
    *h = (struct hours){0};
    if (!date(first, day))
        return wrong(why, "\"%.*s\" is no date: expected one such as \"2026-12-24\"",
                     first.len > 40 ? 40 : (int)first.len, first.ptr);
    blanks(&s);
    return !s.len || (read_spans(s, 1, h, why) && apart(h, false, why));
}
