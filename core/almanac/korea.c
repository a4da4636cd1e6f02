/* The public holidays of Korea: the Act on Public Holidays (공휴일에 관한 법률) and the decree on
 * those of public offices (관공서의 공휴일에 관한 규정) as rules with the dates since when they
 * hold; lunar days by ICU's Korean lunar calendar; what is set by date as a table. */
#include "almanac/almanac.h"

#include "almanac/inner.h"
#include "base/clock.h"

#include <unicode/ucal.h>

#include <stdlib.h>

enum { NEVER = 99999999, DANGI_YEARS = 2333, MOST = 40 /* a year */ };

/* A day, and the dates (yyyymmdd) since when it is a holiday, since when it has a substitute where
 * it falls on a Saturday or a Sunday, and where it meets another holiday on a working day. */
static const struct rule {
    const char *name;
    int month, day, since, saturday, sunday, meets;
} rules[] = {
    {"신정", 1, 1, 0, NEVER, NEVER, NEVER},
    {"삼일절", 3, 1, 0, 20210804, 20210804, 20210804},
    {"노동절", 5, 1, 20260501, 20260501, 20260501, 20260501},
    {"어린이날", 5, 5, 0, 20140101, 20140101, 20140101},
    {"현충일", 6, 6, 0, NEVER, NEVER, NEVER},
    {"제헌절", 7, 17, 20260511, 20260511, 20260511, 20260511},
    {"광복절", 8, 15, 0, 20210804, 20210804, 20210804},
    {"개천절", 10, 3, 0, 20210804, 20210804, 20210804},
    {"한글날", 10, 9, 0, 20210804, 20210804, 20210804},
    {"성탄절", 12, 25, 0, 20230504, 20230504, 20230504},
};
/* Lunar days, with the day before and after where three are free. */
static const struct lunar {
    const char *name, *beside;
    int month, day;
    struct rule rule;
} lunars[] = {
    {"설날", "설날 연휴", 1, 1, {.saturday = NEVER, .sunday = 20140101, .meets = 20140101}},
    {"부처님오신날", NULL, 4, 8, {.saturday = 20230504, .sunday = 20230504, .meets = 20230504}},
    {"추석", "추석 연휴", 8, 15, {.saturday = NEVER, .sunday = 20140101, .meets = 20140101}},
};

/* Elections at the end of a term, and days that the government gave. KNOWN says up to when this
 * table is complete: add what is decreed, and move it on. */
enum { KNOWN = 2026 };
static const struct {
    int date;
    const char *name;
} dated[] = {
    {20200415, "국회의원선거일"}, {20200817, "임시공휴일"},     {20220309, "대통령선거일"},
    {20220601, "지방선거일"},     {20231002, "임시공휴일"},     {20240410, "국회의원선거일"},
    {20241001, "임시공휴일"},     {20250127, "임시공휴일"},     {20250603, "대통령선거일"},
    {20260603, "지방선거일"},     {20280412, "국회의원선거일"},
};

struct holiday {
    int64_t day;
    const char *name;
    const struct rule *rule; /* NULL: it never has a substitute, nor makes one for another */
};
struct year {
    struct holiday at[MOST];
    size_t count;
};

static int date_of(int64_t day, int year) {
    unsigned month = 12, left;
    while (month > 1 && clock_days(year, month, 1) > day) month--;
    left = (unsigned)(day - clock_days(year, month, 1)) + 1;
    return year * 10000 + (int)(month * 100 + left);
}

static int64_t day_of(int date) {
    return clock_days(date / 10000, (unsigned)(date / 100 % 100), (unsigned)(date % 100));
}

static void add(struct year *y, int64_t day, const char *name, const struct rule *rule) {
    if (y->count == MOST) return;
    size_t i = y->count++;
    for (; i > 0 && y->at[i - 1].day > day; i--) y->at[i] = y->at[i - 1];
    y->at[i] = (struct holiday){day, name, rule};
}

static bool add_lunar(struct year *y, int year, UCalendar *c) {
    for (size_t i = 0; i < sizeof lunars / sizeof *lunars; i++) {
        const struct lunar *l = &lunars[i];
        UErrorCode code = U_ZERO_ERROR;
        ucal_clear(c);
        ucal_set(c, UCAL_EXTENDED_YEAR, year + DANGI_YEARS);
        ucal_set(c, UCAL_MONTH, l->month - 1);
        ucal_set(c, UCAL_IS_LEAP_MONTH, 0);
        ucal_set(c, UCAL_DATE, l->day);
        double ms = ucal_getMillis(c, &code) + 9.0 * 3600000; /* midnight of Seoul */
        if (U_FAILURE(code)) return false;
        int64_t day = (int64_t)(ms / 86400000.0);
        for (int64_t k = l->beside ? -1 : 0; k <= (l->beside ? 1 : 0); k++)
            add(y, day + k, k ? l->beside : l->name, &l->rule);
    }
    return true;
}

static int weekday(int64_t day) { return (int)((day + 3) % 7); } /* Monday is 0 */

static bool is_free(const struct year *y, int64_t day) {
    if (weekday(day) >= 5) return true;
    for (size_t i = 0; i < y->count; i++)
        if (y->at[i].day == day) return true;
    return false;
}

/* Has this one a right to another day, where it falls as it does? */
static bool loses(const struct year *y, size_t i, int year) {
    const struct holiday *h = &y->at[i];
    if (!h->rule) return false;
    int date = date_of(h->day, year), which = weekday(h->day);
    if (which == 5) return date >= h->rule->saturday;
    if (which == 6) return date >= h->rule->sunday;
    bool meets = false, first = true;
    for (size_t k = 0; k < y->count; k++) {
        if (k == i || y->at[k].day != h->day || !y->at[k].rule) continue;
        meets = true;
        /* Where two meet, one day is lost. */
        if (k < i && date >= y->at[k].rule->meets) first = false;
    }
    return meets && first && date >= h->rule->meets;
}

static void add_substitutes(struct year *y, int year, struct buf *names) {
    struct year lost = {0};
    for (size_t i = 0; i < y->count; i++)
        if (loses(y, i, year)) lost.at[lost.count++] = y->at[i];
    for (size_t i = 0; i < lost.count; i++) {
        int64_t day = lost.at[i].day + 1;
        while (is_free(y, day)) day++;
        size_t at = names->len;
        buf_printf(names, "대체공휴일 (%s)", lost.at[i].name);
        buf_putc(names, 0);
        add(y, day, names->data + at, NULL);
    }
}

/* Those of one day under one name. */
static void tell(const struct year *y, almanac_holiday *each, void *ctx) {
    struct buf name = {0};
    for (size_t i = 0; i < y->count;) {
        int64_t day = y->at[i].day;
        buf_clear(&name);
        for (; i < y->count && y->at[i].day == day; i++)
            buf_printf(&name, "%s%s", name.len ? ", " : "", y->at[i].name);
        each(ctx, day, buf_view(&name));
    }
    buf_free(&name);
}

static void one_year(struct year *y, int year, struct buf *names) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        int date = year * 10000 + r->month * 100 + r->day;
        if (date >= r->since) add(y, day_of(date), r->name, r);
    }
    for (size_t i = 0; i < sizeof dated / sizeof *dated; i++)
        if (dated[i].date / 10000 == year) add(y, day_of(dated[i].date), dated[i].name, NULL);
    buf_clear(names);
    buf_room(names, MOST * 128); /* names point into it: it may not move */
    add_substitutes(y, year, names);
}

bool almanac_korea(almanac_holiday *each, void *ctx) {
    static const UChar seoul[] = {'A', 's', 'i', 'a', '/', 'S', 'e', 'o', 'u', 'l', 0};
    UErrorCode code = U_ZERO_ERROR;
    almanac_no_folder();
    UCalendar *c = ucal_open(seoul, 10, "ko@calendar=dangi", UCAL_TRADITIONAL, &code);
    struct buf names = {0};
    bool ok = U_SUCCESS(code);
    for (int year = ALMANAC_FROM; ok && year < ALMANAC_TO; year++) {
        struct year y = {0};
        ok = add_lunar(&y, year, c);
        if (!ok) break;
        one_year(&y, year, &names);
        tell(&y, each, ctx);
    }
    buf_free(&names);
    if (c) ucal_close(c);
    return ok;
}

int64_t almanac_korea_known(void) { return clock_days(KNOWN, 12, 31); }
