/* uses: sori_conf sori_lua sori_base */
/* The clock as a pure function: a table that a person can check with a wall calendar, and random
 * calendars against an oracle that looks at every minute. */
#include "base/calendar.h"

#include "base/clock.h"
#include "conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t at(const char *rfc) {
    int64_t ms;
    if (!clock_parse_rfc3339(str_c(rfc), &ms)) fail_msg("%s", rfc);
    return ms;
}

static const char *show(int64_t ms, char out[40]) {
    struct buf b = {0};
    clock_rfc3339(&b, ms);
    snprintf(out, 40, "%s", b.data);
    buf_free(&b);
    return out;
}

/* ---- calendars by name, as sori.lua makes them ---- */

static const char workspace[] =
    "workspace { name = \"a\", timezone = \"Asia/Seoul\" }\n"
    "calendar \"plain\" { hours = \"mon-fri 09:00-17:00\" }\n"
    "calendar \"lunch\" { hours = \"mon-fri 09:00-12:00 13:00-18:00\" }\n"
    "calendar \"korea\" { hours = \"mon-fri 09:00-18:00\", holidays = \"kr\" }\n"
    "calendar \"eve\" { hours = \"mon-fri 09:00-18:00\",\n"
    "  holidays = { \"kr\", \"2026-12-24 09:00-12:00\", \"2026-12-26 10:00-12:00\" } }\n"
    "calendar \"night\" { hours = \"mon-sun 22:00-06:00\" }\n"
    "calendar \"friday-night\" { hours = \"fri 20:00-02:00\", holidays = { \"2026-11-28\" } }\n"
    "calendar \"always\" { hours = \"mon-sun 00:00-24:00\" }\n"
    "calendar \"saturday\" { hours = \"sat 10:00-12:00\" }\n"
    "calendar \"touching\" { hours = \"mon 09:00-12:00 12:00-17:00\" }\n"
    "calendar \"ny\" { hours = \"mon-sun 01:00-04:00\", timezone = \"America/New_York\" }\n"
    "calendar \"ny-day\" { hours = \"mon-sun 09:00-17:00\", timezone = \"America/New_York\" }\n"
    "calendar \"ny-always\" { hours = \"mon-sun 00:00-24:00\", timezone = \"America/New_York\" }\n"
    "calendar \"london\" { hours = \"sun 00:00-03:00\", timezone = \"Europe/London\" }\n"
    "calendar \"london-day\" { hours = \"mon-fri 09:00-17:00\", timezone = \"Europe/London\" }\n"
    "calendar \"gap\" { hours = \"sun 02:00-03:00\", timezone = \"America/New_York\" }\n";

static struct conf conf;

static int open_conf(void **state) {
    struct buf record = {0}, errors = {0};
    (void)state;
    if (!conf_read(str_c(workspace), "sori.lua", &record, &errors)) fail_msg("%s", errors.data);
    assert_true(conf_open(&record, &conf, NULL));
    buf_free(&errors);
    return 0;
}

static int close_conf(void **state) {
    (void)state;
    conf_close(&conf);
    return 0;
}

/* "": no calendar, every minute counts. */
static bool named(const char *name, struct calendar *c) {
    for (size_t i = 0; i < conf.calendar_count; i++)
        if (str_is(conf.calendars[i].name, name)) return calendar_read(conf.calendars[i].record, c);
    if (*name) fail_msg("no calendar %s", name);
    return false;
}

/* ---- when is it due? ---- */

static const struct due {
    const char *calendar, *from;
    double minutes;
    const char *due;
} dues[] = {
    /* without hours: the wall */
    {"", "2026-11-20T16:30:00+09:00", 60, "2026-11-20T17:30:00+09:00"},
    {"", "2026-11-20T16:30:00+09:00", 0, "2026-11-20T16:30:00+09:00"},
    /* the weekend between */
    {"plain", "2026-11-20T16:30:00+09:00", 60, "2026-11-23T09:30:00+09:00"},
    {"plain", "2026-11-20T16:00:00+09:00", 60, "2026-11-20T17:00:00+09:00"},
    {"plain", "2026-11-20T16:00:00.001+09:00", 60, "2026-11-23T09:00:00.001+09:00"},
    {"plain", "2026-11-20T17:00:00+09:00", 60, "2026-11-23T10:00:00+09:00"},
    {"plain", "2026-11-20T16:59:59.999+09:00", 60, "2026-11-23T09:59:59.999+09:00"},
    {"plain", "2026-11-21T12:00:00+09:00", 60, "2026-11-23T10:00:00+09:00"},
    {"plain", "2026-11-22T23:59:00+09:00", 60, "2026-11-23T10:00:00+09:00"},
    {"plain", "2026-11-23T08:59:59+09:00", 60, "2026-11-23T10:00:00+09:00"},
    {"plain", "2026-11-23T09:00:00+09:00", 60, "2026-11-23T10:00:00+09:00"},
    {"plain", "2026-11-23T09:00:00+09:00", 480, "2026-11-23T17:00:00+09:00"},
    {"plain", "2026-11-23T09:00:00+09:00", 481, "2026-11-24T09:01:00+09:00"},
    {"plain", "2026-11-23T09:00:00+09:00", 2400, "2026-11-27T17:00:00+09:00"},
    {"plain", "2026-11-23T09:00:00+09:00", 2401, "2026-11-30T09:01:00+09:00"},
    {"plain", "2026-11-20T20:00:00+09:00", 0, "2026-11-20T20:00:00+09:00"},
    {"plain", "2026-11-20T20:00:00+09:00", -5, "2026-11-20T20:00:00+09:00"},
    {"plain", "2026-12-31T16:30:00+09:00", 60, "2027-01-01T09:30:00+09:00"},
    {"plain", "2028-02-28T16:30:00+09:00", 60, "2028-02-29T09:30:00+09:00"},
    /* the lunch break */
    {"lunch", "2026-11-23T11:30:00+09:00", 60, "2026-11-23T13:30:00+09:00"},
    {"lunch", "2026-11-23T11:00:00+09:00", 60, "2026-11-23T12:00:00+09:00"},
    {"lunch", "2026-11-23T12:00:00+09:00", 60, "2026-11-23T14:00:00+09:00"},
    {"lunch", "2026-11-23T12:59:00+09:00", 60, "2026-11-23T14:00:00+09:00"},
    {"lunch", "2026-11-23T11:59:00+09:00", 302, "2026-11-24T09:01:00+09:00"},
    {"lunch", "2026-11-20T17:30:00+09:00", 240, "2026-11-23T13:30:00+09:00"},
    {"touching", "2026-11-23T11:30:00+09:00", 60, "2026-11-23T12:30:00+09:00"},
    {"touching", "2026-11-23T11:30:00+09:00", 30, "2026-11-23T12:00:00+09:00"},
    /* Korean holidays: Seollal 2026 (Mon to Wed), Chuseok 2026 (Thu to Sat), substitutes */
    {"korea", "2026-02-13T17:30:00+09:00", 60, "2026-02-19T09:30:00+09:00"},
    {"korea", "2026-02-17T12:00:00+09:00", 60, "2026-02-19T10:00:00+09:00"},
    {"korea", "2026-02-27T17:30:00+09:00", 60, "2026-03-03T09:30:00+09:00"},
    {"korea", "2026-05-22T17:30:00+09:00", 60, "2026-05-26T09:30:00+09:00"},
    {"korea", "2026-09-23T17:30:00+09:00", 60, "2026-09-28T09:30:00+09:00"},
    {"korea", "2026-10-02T17:30:00+09:00", 60, "2026-10-06T09:30:00+09:00"},
    {"korea", "2026-10-08T17:30:00+09:00", 60, "2026-10-12T09:30:00+09:00"},
    {"korea", "2025-10-02T17:30:00+09:00", 60, "2025-10-10T09:30:00+09:00"},
    {"korea", "2027-02-05T17:30:00+09:00", 60, "2027-02-10T09:30:00+09:00"},
    {"korea", "2028-09-29T17:30:00+09:00", 60, "2028-10-06T09:30:00+09:00"},
    {"korea", "2026-12-24T17:30:00+09:00", 60, "2026-12-28T09:30:00+09:00"},
    /* a short day, and a Saturday that is open for once */
    {"eve", "2026-12-23T17:30:00+09:00", 60, "2026-12-24T09:30:00+09:00"},
    {"eve", "2026-12-24T11:30:00+09:00", 60, "2026-12-26T10:30:00+09:00"},
    {"eve", "2026-12-24T11:30:00+09:00", 240, "2026-12-28T10:30:00+09:00"},
    /* over night, a holiday ends what begins on it, not what began before */
    {"night", "2026-11-23T23:30:00+09:00", 60, "2026-11-24T00:30:00+09:00"},
    {"night", "2026-11-24T05:30:00+09:00", 60, "2026-11-24T22:30:00+09:00"},
    {"night", "2026-11-24T05:00:00+09:00", 60, "2026-11-24T06:00:00+09:00"},
    {"night", "2026-11-24T12:00:00+09:00", 480, "2026-11-25T06:00:00+09:00"},
    {"night", "2026-11-22T03:00:00+09:00", 60, "2026-11-22T04:00:00+09:00"},
    {"friday-night", "2026-11-27T23:00:00+09:00", 120, "2026-11-28T01:00:00+09:00"},
    {"friday-night", "2026-11-27T19:00:00+09:00", 420, "2026-12-04T21:00:00+09:00"},
    {"friday-night", "2026-11-28T02:00:00+09:00", 60, "2026-12-04T21:00:00+09:00"},
    /* always, and rarely */
    {"always", "2026-11-22T03:00:00+09:00", 60, "2026-11-22T04:00:00+09:00"},
    {"always", "2026-11-22T23:30:00+09:00", 60, "2026-11-23T00:30:00+09:00"},
    {"always", "2026-11-22T00:00:00+09:00", 10080, "2026-11-29T00:00:00+09:00"},
    {"saturday", "2026-11-21T11:30:00+09:00", 60, "2026-11-28T10:30:00+09:00"},
    {"saturday", "2026-11-21T12:00:00+09:00", 360, "2026-12-12T12:00:00+09:00"},
    /* New York skips 02:00 to 03:00 on 8 March 2026: 01:00-04:00 is two hours long */
    {"ny", "2026-03-08T01:00:00-05:00", 60, "2026-03-08T03:00:00-04:00"},
    {"ny", "2026-03-08T01:30:00-05:00", 60, "2026-03-08T03:30:00-04:00"},
    {"ny", "2026-03-08T01:00:00-05:00", 120, "2026-03-08T04:00:00-04:00"},
    {"ny", "2026-03-08T01:00:00-05:00", 121, "2026-03-09T01:01:00-04:00"},
    {"ny", "2026-03-07T03:30:00-05:00", 60, "2026-03-08T01:30:00-05:00"},
    /* … and has 01:00 to 02:00 twice on 1 November: four hours */
    {"ny", "2026-11-01T01:30:00-04:00", 60, "2026-11-01T01:30:00-05:00"},
    {"ny", "2026-11-01T01:00:00-04:00", 240, "2026-11-01T04:00:00-05:00"},
    {"ny", "2026-11-01T01:00:00-04:00", 241, "2026-11-02T01:01:00-05:00"},
    {"ny", "2026-10-31T03:30:00-04:00", 90, "2026-11-01T02:00:00-04:00"},
    {"ny-day", "2026-03-07T16:30:00-05:00", 60, "2026-03-08T09:30:00-04:00"},
    {"ny-day", "2026-10-31T16:30:00-04:00", 60, "2026-11-01T09:30:00-05:00"},
    {"ny-always", "2026-03-08T00:00:00-05:00", 1440, "2026-03-09T01:00:00-04:00"},
    {"ny-always", "2026-11-01T00:00:00-04:00", 1440, "2026-11-01T23:00:00-05:00"},
    {"gap", "2026-03-08T01:00:00-05:00", 30, "2026-03-15T02:30:00-04:00"},
    {"gap", "2026-11-01T00:00:00-04:00", 60, "2026-11-01T03:00:00-05:00"},
    /* London skips 01:00 to 02:00 on 29 March 2026 and has it twice on 25 October */
    {"london", "2026-03-29T00:30:00Z", 60, "2026-03-29T01:30:00Z"},
    {"london", "2026-03-29T00:00:00Z", 121, "2026-04-05T00:01:00+01:00"},
    {"london", "2026-10-25T00:30:00+01:00", 60, "2026-10-25T01:30:00+01:00"},
    {"london", "2026-10-25T00:00:00+01:00", 240, "2026-10-25T03:00:00Z"},
    {"london", "2026-10-25T00:00:00+01:00", 241, "2026-11-01T00:01:00Z"},
    {"london-day", "2026-03-27T16:30:00Z", 60, "2026-03-30T09:30:00+01:00"},
    {"london-day", "2026-10-23T16:30:00+01:00", 60, "2026-10-26T09:30:00Z"},
    /* before the holidays that are known, and after them */
    {"korea", "2019-12-31T17:30:00+09:00", 60, "2020-01-02T09:30:00+09:00"},
    {"korea", "2049-12-31T17:30:00+09:00", 60, "2050-01-03T09:30:00+09:00"},
    {"plain", "1970-01-01T00:00:00Z", 60, "1970-01-01T01:00:00Z"},
    {"plain", "1969-12-28T00:00:00Z", 60, "1969-12-29T10:00:00+09:00"},
};

static void a_table_of_dues(void **state) {
    unsigned failed = 0;
    (void)state;
    assert_true(sizeof dues / sizeof *dues >= 60);
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        const struct due *d = &dues[i];
        struct calendar c;
        bool there = named(d->calendar, &c);
        int64_t span = (int64_t)(d->minutes * 60000), from = at(d->from), want = at(d->due);
        int64_t got = calendar_due(there ? &c : NULL, from, span);
        char text[40];
        if (got != want) {
            print_error("%s: %s + %g min: said %s, not %s\n", d->calendar, d->from, d->minutes,
                        show(got, text), d->due);
            failed++;
        }
        /* What has passed then is just that. */
        int64_t worked = calendar_worked(there ? &c : NULL, from, got);
        if (worked != (span > 0 ? span : 0)) {
            print_error("%s: %s to %s are %lld ms\n", d->calendar, d->from, show(got, text),
                        (long long)worked);
            failed++;
        }
        if (there) calendar_free(&c);
    }
    assert_int_equal(failed, 0);
}

/* ---- how long was it, is it open, until when ---- */

static void a_table_of_stretches(void **state) {
    static const struct {
        const char *calendar, *from, *to;
        double minutes;
    } worked[] = {
        {"plain", "2026-11-20T16:30:00+09:00", "2026-11-23T09:30:00+09:00", 60},
        {"plain", "2026-11-23T09:30:00+09:00", "2026-11-20T16:30:00+09:00", -60},
        {"plain", "2026-11-21T00:00:00+09:00", "2026-11-23T09:00:00+09:00", 0},
        {"lunch", "2026-11-23T09:00:00+09:00", "2026-11-23T18:00:00+09:00", 480},
        {"korea", "2026-09-23T18:00:00+09:00", "2026-09-28T09:00:00+09:00", 0},
        {"night", "2026-11-23T00:00:00+09:00", "2026-11-24T00:00:00+09:00", 480},
        {"ny", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", 120},
        {"ny", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", 240},
        {"", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", 1500},
    };
    static const struct {
        const char *calendar, *at;
        bool open;
        const char *until, *day;
    } open[] = {
        {"plain", "2026-11-20T09:00:00+09:00", true, "2026-11-20T17:00:00+09:00", ""},
        {"plain", "2026-11-20T17:00:00+09:00", false, "2026-11-23T09:00:00+09:00", ""},
        {"plain", "2026-11-20T08:59:59.999+09:00", false, "2026-11-20T09:00:00+09:00", ""},
        {"touching", "2026-11-23T10:00:00+09:00", true, "2026-11-23T17:00:00+09:00", ""},
        {"korea", "2026-09-25T12:00:00+09:00", false, "2026-09-28T09:00:00+09:00", "추석"},
        {"korea", "2026-10-05T12:00:00+09:00", false, "2026-10-06T09:00:00+09:00",
         "대체공휴일 (개천절)"},
        {"night", "2026-11-24T02:00:00+09:00", true, "2026-11-24T06:00:00+09:00", ""},
        {"ny", "2026-11-01T01:30:00-04:00", true, "2026-11-01T04:00:00-05:00", ""},
        {"ny", "2026-03-08T01:30:00-05:00", true, "2026-03-08T04:00:00-04:00", ""},
        {"gap", "2026-03-08T03:00:00-04:00", false, "2026-03-15T02:00:00-04:00", ""},
    };
    char text[40];
    (void)state;
    for (size_t i = 0; i < sizeof worked / sizeof *worked; i++) {
        struct calendar c;
        bool there = named(worked[i].calendar, &c);
        int64_t got = calendar_worked(there ? &c : NULL, at(worked[i].from), at(worked[i].to));
        if (got != (int64_t)(worked[i].minutes * 60000))
            fail_msg("%s %s: %lld ms", worked[i].calendar, worked[i].from, (long long)got);
        if (there) calendar_free(&c);
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        struct calendar c;
        int64_t until, t = at(open[i].at);
        assert_true(named(open[i].calendar, &c));
        bool stays = calendar_until(&c, t, &until);
        if (calendar_open(&c, t) != open[i].open || stays != open[i].open ||
            until != at(open[i].until))
            fail_msg("%s %s: until %s", open[i].calendar, open[i].at, show(until, text));
        assert_true(str_is(calendar_day_name(&c, t), open[i].day));
        calendar_free(&c);
    }
}

/* The far future and mad times end, soon. */
static void bounded(void **state) {
    struct calendar c;
    int64_t until, from = at("2026-11-22T00:00:00Z"), years = (int64_t)7305 * 86400000;
    (void)state;
    assert_true(named("saturday", &c));
    int64_t start = clock_cpu_us();
    assert_int_equal(calendar_due(&c, from, INT64_MAX), from + years);
    assert_int_equal(calendar_due(NULL, from, INT64_MAX), from + years);
    assert_true(clock_cpu_us() - start < 20000);
    calendar_due(&c, INT64_MAX, INT64_MAX);
    calendar_due(&c, INT64_MIN, INT64_MAX);
    calendar_worked(&c, INT64_MIN, INT64_MAX);
    calendar_worked(NULL, INT64_MAX, INT64_MIN);
    calendar_until(&c, INT64_MIN, &until);
    calendar_until(&c, INT64_MAX, &until);
    calendar_open(&c, INT64_MAX);
    calendar_day_name(&c, INT64_MIN);
    calendar_free(&c);
    struct buf none = {0};
    rec_str(&none, CAL_NAME, SORI_STR("none"));
    assert_false(calendar_read(buf_view(&none), &c));
    buf_free(&none);
}

/* A worker that was taken over may write any number: a day that no clock can show is none. */
static void days_beyond_all_years(void **state) {
    (void)state;
    static const int64_t known[] = {20000, INT64_MIN, INT64_MAX, 4000000};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct calendar c;
        struct buf b = {0}, text = {0};
        size_t mark = rec_begin(&b, CAL_SPAN);
        rec_int(&b, 1, 0);
        rec_int(&b, 2, 540);
        rec_int(&b, 3, 1080);
        rec_end(&b, mark);
        mark = rec_begin(&b, CAL_OFFSET);
        rec_int(&b, 2, 32400);
        rec_end(&b, mark);
        rec_int(&b, CAL_KNOWN, known[i]);
        assert_int_equal(calendar_read(buf_view(&b), &c), i == 0);
        if (i == 0 && calendar_ends(&c, INT64_MAX)) calendar_put_end(&text, &c);
        calendar_free(&c);
        buf_free(&b);
        buf_free(&text);
    }
}

/* ---- against an oracle ---- */

static uint64_t seed = 0x9e3779b97f4a7c15u;
static int64_t pick(int64_t n) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int64_t)(seed >> 11) % n;
}

struct oracle {
    struct {
        int day, from, to;
    } week[8];
    int week_n;
    struct {
        int64_t day;
        int from, to; /* equal: closed */
    } date[6];
    int date_n;
    struct {
        int64_t from, seconds;
    } zone[4];
    int zone_n;
};

static bool covers(const struct oracle *o, int64_t day, int64_t minute) {
    bool special = false;
    for (int i = 0; i < o->date_n; i++)
        if (o->date[i].day == day) {
            special = true;
            if (minute >= o->date[i].from && minute < o->date[i].to) return true;
        }
    for (int i = 0; !special && i < o->week_n; i++)
        if (o->week[i].day == (int)(((day + 3) % 7 + 7) % 7) && minute >= o->week[i].from &&
            minute < o->week[i].to)
            return true;
    return false;
}

/* Just what calendar.h says: the time on the wall, in a span of its day or of the day before. */
static bool is_open(const struct oracle *o, int64_t t) {
    int64_t offset = o->zone[0].seconds;
    for (int i = 1; i < o->zone_n; i++)
        if (t >= o->zone[i].from) offset = o->zone[i].seconds;
    int64_t local = t / 60000 + offset / 60, day = local / 1440, minute = local % 1440;
    return covers(o, day, minute) || covers(o, day - 1, minute + 1440);
}

static void make(struct oracle *o, struct buf *b, int64_t base) {
    *o = (struct oracle){.zone_n = 1 + (int)pick(4)};
    rec_str(b, CAL_NAME, SORI_STR("random"));
    for (int day = 0; day < 7; day++) {
        int at_minute = 0;
        while (o->week_n < 8 && pick(2)) {
            int from = at_minute + (int)pick(600);
            if (from >= 1440) break;
            int to = from + 1 + (int)pick(pick(3) ? 300 : 1440);
            o->week[o->week_n].day = day;
            o->week[o->week_n].from = from;
            o->week[o->week_n++].to = to;
            at_minute = to;
        }
    }
    if (!o->week_n) {
        o->week[0].day = (int)pick(7);
        o->week[0].to = 1 + (int)pick(1440);
        o->week_n = 1;
    }
    for (int i = 0; i < o->week_n; i++) {
        size_t mark = rec_begin(b, CAL_SPAN);
        rec_int(b, 1, o->week[i].day);
        rec_int(b, 2, o->week[i].from);
        rec_int(b, 3, o->week[i].to);
        rec_end(b, mark);
    }
    int64_t day = base / 86400000 - 2;
    for (int n = (int)pick(6); o->date_n < n;) {
        day += 1 + pick(4);
        int from = (int)pick(1440), to = pick(2) ? from : from + 1 + (int)pick(900);
        o->date[o->date_n].day = day;
        o->date[o->date_n].from = from;
        o->date[o->date_n++].to = to;
        size_t mark = rec_begin(b, CAL_DAY);
        rec_int(b, 1, day);
        if (to > from) {
            size_t span = rec_begin(b, 3);
            rec_int(b, 2, from);
            rec_int(b, 3, to);
            rec_end(b, span);
        }
        rec_end(b, mark);
    }
    int64_t when = base - 86400000;
    for (int i = 0; i < o->zone_n; i++) {
        o->zone[i].from = i ? when : 0;
        o->zone[i].seconds = (pick(27) - 12) * 3600 + pick(4) * 900;
        size_t mark = rec_begin(b, CAL_OFFSET);
        if (i) rec_int(b, 1, when);
        rec_int(b, 2, o->zone[i].seconds);
        rec_end(b, mark);
        when += 60000 * (1 + pick(6000));
    }
}

static void random_calendars(void **state) {
    enum { ROUNDS = 400, MINUTES = 14 * 1440 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct oracle o;
        struct buf b = {0};
        struct calendar c;
        int64_t base = at("2026-01-01T00:00:00Z") + pick(5000000) * 60000;
        make(&o, &b, base);
        assert_true(calendar_read(buf_view(&b), &c));
        int64_t span = 1 + pick(6000), left = span, due = 0, worked = 0;
        int64_t changes = 0;
        bool first = is_open(&o, base);
        for (int64_t m = 0; m < MINUTES; m++) {
            int64_t t = base + m * 60000;
            bool open = is_open(&o, t);
            if (open != calendar_open(&c, t))
                fail_msg("round %d, minute %lld", round, (long long)m);
            if (!changes && open != first) changes = t;
            worked += open;
            if (open && left && --left == 0) due = t + 60000;
        }
        int64_t end = base + (int64_t)MINUTES * 60000, until;
        if (calendar_worked(&c, base, end) != worked * 60000) fail_msg("round %d: worked", round);
        if (due && calendar_due(&c, base, span * 60000) != due) fail_msg("round %d: due", round);
        if (!due && calendar_due(&c, base, span * 60000) <= end) fail_msg("round %d: early", round);
        calendar_until(&c, base, &until);
        if (changes ? until != changes : until < end) fail_msg("round %d: until", round);
        /* In two steps as in one, from anywhere and by milliseconds. */
        int64_t from = base + pick(MINUTES) * 60000 + pick(60000), one = 1 + pick(90000000),
                two = 1 + pick(90000000);
        int64_t middle = calendar_due(&c, from, one);
        assert_int_equal(calendar_due(&c, middle, two), calendar_due(&c, from, one + two));
        assert_int_equal(calendar_worked(&c, from, middle), one);
        assert_int_equal(calendar_worked(&c, middle, from), -one);
        calendar_free(&c);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_dues), cmocka_unit_test(a_table_of_stretches),
        cmocka_unit_test(bounded), cmocka_unit_test(days_beyond_all_years),
        cmocka_unit_test(random_calendars)};
    return cmocka_run_group_tests(tests, open_conf, close_conf);
}
