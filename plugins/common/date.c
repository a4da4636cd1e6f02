#include "common/date.h"

#include <stdio.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

struct moment {
    int64_t year;
    int month, day, hour, minute, second, milli, zone; /* zone in minutes east of UTC */
};

int64_t date_of(int64_t year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t of_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (era * 146097 + of_days - 719468) * DAY;
}

static bool leap(int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int month_days(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static bool finish(const struct moment *m, int64_t *ms) {
    if (m->year < 1 || m->year > 9999 || m->month < 1 || m->month > 12) return false;
    if (m->day < 1 || m->day > month_days(m->year, m->month)) return false;
    if (m->hour > 23 || m->minute > 59 || m->second > 59) return false;
    *ms = date_of(m->year, m->month, m->day) + (int64_t)m->hour * HOUR +
          (int64_t)(m->minute - m->zone) * MINUTE + (int64_t)m->second * 1000 + m->milli;
    return true;
}

/* Takes exactly `n` digits. */
static bool digits(struct sori_str *s, size_t n, int *out) {
    if (s->len < n) return false;
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!s_digit(s->ptr[i])) return false;
        v = v * 10 + (s->ptr[i] - '0');
    }
    *out = v;
    *s = s_from(*s, n);
    return true;
}

static bool take(struct sori_str *s, char c) {
    if (s->len == 0 || s->ptr[0] != c) return false;
    *s = s_from(*s, 1);
    return true;
}

static size_t digit_run(struct sori_str s) {
    size_t n = 0;
    while (n < s.len && s_digit(s.ptr[n])) n++;
    return n;
}

static void fraction(struct sori_str *s, int *milli) {
    if (s->len < 2 || (s->ptr[0] != '.' && s->ptr[0] != ',') || !s_digit(s->ptr[1])) return;
    *s = s_from(*s, 1);
    int scale = 100;
    while (s->len && s_digit(s->ptr[0])) {
        *milli += scale * (s->ptr[0] - '0');
        scale /= 10;
        *s = s_from(*s, 1);
    }
}

static const struct zone {
    const char *name;
    int minutes;
} zones[] = {
    {"gmt", 0},    {"utc", 0},    {"ut", 0},      {"z", 0},       {"est", -300}, {"edt", -240},
    {"cst", -360}, {"cdt", -300}, {"mst", -420},  {"mdt", -360},  {"pst", -480}, {"pdt", -420},
    {"ast", -240}, {"adt", -180}, {"akst", -540}, {"akdt", -480}, {"hst", -600}, {"kst", 540},
    {"jst", 540},  {"cet", 60},   {"cest", 120},  {"eet", 120},   {"eest", 180}, {"wet", 0},
    {"west", 60},  {"bst", 60},   {"msk", 180},   {"aest", 600},  {"aedt", 660}, {"nzst", 720},
};

/* "+0900", "+09:00", "+9", "-234" */
static bool offset(struct sori_str *s, int *zone) {
    struct sori_str r = *s;
    if (r.len < 2 || (r.ptr[0] != '+' && r.ptr[0] != '-') || !s_digit(r.ptr[1])) return false;
    int sign = r.ptr[0] == '-' ? -1 : 1, hours = 0, minutes = 0;
    r = s_from(r, 1);
    size_t n = digit_run(r);
    if (n > 4) return false;
    digits(&r, n > 2 ? n - 2 : n, &hours);
    if (n > 2) {
        digits(&r, 2, &minutes);
    } else if (r.len >= 3 && r.ptr[0] == ':' && digit_run(s_from(r, 1)) >= 2) {
        r = s_from(r, 1);
        digits(&r, 2, &minutes);
    }
    if (hours > 15 || minutes > 59) return false;
    *zone = sign * (hours * 60 + minutes);
    *s = r;
    return true;
}

/* A zone by name, with an offset behind it or not; a name that nobody knows is UTC. */
static bool zone_name(struct sori_str *s, int *zone) {
    size_t n = 0;
    while (n < s->len && s_alpha(s->ptr[n])) n++;
    if (n == 0) return false;
    struct sori_str name = s_head(*s, n);
    *zone = 0;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (s_same(name, zones[i].name)) *zone = zones[i].minutes;
    *s = s_from(*s, n);
    int more = 0;
    if (*zone == 0 && offset(s, &more)) *zone = more;
    return true;
}

static bool zone_here(struct sori_str *s, int *zone) {
    *s = s_trim(*s);
    return s->len == 0 || offset(s, zone) || zone_name(s, zone);
}

/* Hours, minutes, seconds with or without colons. */
static bool clock_here(struct sori_str *s, struct moment *m) {
    if (digit_run(*s) == 1) {
        if (!digits(s, 1, &m->hour)) return false;
    } else if (!digits(s, 2, &m->hour)) {
        return false;
    }
    if (take(s, ':')) {
        size_t n = digit_run(*s);
        if (n < 1 || n > 2 || !digits(s, n, &m->minute)) return false;
        if (take(s, ':')) {
            n = digit_run(*s);
            if (n < 1 || n > 2 || !digits(s, n, &m->second)) return false;
        }
    } else if (digit_run(*s) == 2 || digit_run(*s) == 4) {
        digits(s, 2, &m->minute);
        if (digit_run(*s) == 2) digits(s, 2, &m->second);
    }
    fraction(s, &m->milli);
    return true;
}

static bool iso_week(struct sori_str *s, struct moment *m) {
    int week = 0, weekday = 1;
    if (!digits(s, 2, &week) || week < 1 || week > 53) return false;
    bool dash = take(s, '-');
    if (s->len && s_digit(s->ptr[0])) {
        if (!digits(s, 1, &weekday) || weekday < 1 || weekday > 7) return false;
    } else if (dash) {
        return false;
    }
    int64_t fourth = date_of(m->year, 1, 4) / DAY; /* 4 January is always in week 1 */
    int64_t monday = fourth - (((fourth + 3) % 7) + 7) % 7;
    int64_t day = monday + (week - 1) * 7 + weekday - 1 - date_of(m->year, 1, 1) / DAY;
    m->month = 1;
    while (day >= month_days(m->year, m->month)) {
        day -= month_days(m->year, m->month++);
        if (m->month > 12) {
            m->month = 1;
            m->year++;
        }
    }
    if (day < 0) { /* The week began in December. */
        m->year--;
        m->month = 12;
        day += 31;
    }
    m->day = (int)day + 1;
    return true;
}

static bool iso_ordinal(struct sori_str *s, struct moment *m) {
    int day = 0;
    if (!digits(s, 3, &day) || day < 1 || day > (leap(m->year) ? 366 : 365)) return false;
    m->month = 1;
    while (day > month_days(m->year, m->month)) day -= month_days(m->year, m->month++);
    m->day = day;
    return true;
}

static bool parse_iso(struct sori_str s, int64_t *ms) {
    struct moment m = {.month = 1, .day = 1};
    int year = 0;
    if (!digits(&s, 4, &year)) return false;
    m.year = year;
    bool dash = take(&s, '-');
    if (s.len && (s.ptr[0] == 'W' || s.ptr[0] == 'w')) {
        s = s_from(s, 1);
        if (!iso_week(&s, &m)) return false;
    } else if (digit_run(s) == 3) {
        if (!iso_ordinal(&s, &m)) return false;
    } else if (digit_run(s) >= 1) {
        size_t n = digit_run(s);
        if (!digits(&s, n == 1 ? 1 : 2, &m.month)) return false;
        if (dash ? take(&s, '-') : digit_run(s) >= 2) {
            n = digit_run(s);
            if (n < 1 || !digits(&s, n == 1 ? 1 : 2, &m.day)) return false;
        }
    } else if (dash) {
        return false;
    }
    bool blank = s.len && s_blank(s.ptr[0]);
    s = s_trim(s);
    if (s.len && (s.ptr[0] == 'T' || s.ptr[0] == 't')) {
        s = s_trim(s_from(s, 1));
        blank = true;
    }
    if (s.len && s_digit(s.ptr[0]) && (!blank || !clock_here(&s, &m))) return false;
    return zone_here(&s, &m.zone) && s_trim(s).len == 0 && finish(&m, ms);
}

static bool parse_korean(struct sori_str s, int64_t *ms) {
    size_t afternoon = s_find(s, "오후"), morning = s_find(s, "오전");
    if (afternoon == s.len && morning == s.len && s_find(s, "년") == s.len) return false;
    int n[6] = {0}, count = 0;
    for (size_t at = 0; at < s.len && count < 6;) {
        if (!s_digit(s.ptr[at])) {
            at++;
            continue;
        }
        struct sori_str rest = s_from(s, at);
        size_t run = digit_run(rest);
        if (run > 4) return false;
        digits(&rest, run, &n[count++]);
        at += run;
    }
    if (count < 3) return false;
    struct moment m = {.year = n[0],
                       .month = n[1],
                       .day = n[2],
                       .hour = n[3],
                       .minute = n[4],
                       .second = n[5],
                       .zone = 540};
    if (afternoon < s.len && m.hour < 12) m.hour += 12;
    if (morning < s.len && m.hour == 12) m.hour = 0;
    return finish(&m, ms);
}

static int month_named(struct sori_str word) {
    static const char *const names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
    for (int i = 0; word.len >= 3 && i < 12; i++)
        if (s_starts_same(word, names[i])) return i + 1;
    return 0;
}

static bool weekday_named(struct sori_str word) {
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; word.len >= 3 && i < 7; i++)
        if (s_starts_same(word, names[i])) return true;
    return false;
}

/* Comments of RFC 822 are in brackets, may nest and may escape. */
static struct sori_str without_comment(struct sori_str s) {
    int depth = 0;
    size_t i = 0;
    for (; i < s.len; i++) {
        if (s.ptr[i] == '\\' && i + 1 < s.len) {
            i++;
        } else if (s.ptr[i] == '(') {
            depth++;
        } else if (s.ptr[i] == ')' && --depth == 0) {
            return s_from(s, i + 1);
        }
    }
    return (struct sori_str){NULL, 0};
}

struct mail_date {
    struct moment m;
    bool have_day, have_year, have_clock, have_zone;
};

static bool mail_number(struct sori_str *s, struct mail_date *d) {
    size_t n = digit_run(*s);
    int v = 0;
    if (n < s->len && s->ptr[n] == ':' && n <= 2 && !d->have_clock) {
        d->have_clock = true;
        return clock_here(s, &d->m);
    }
    if (n > 4 || !digits(s, n, &v)) return false;
    if (!d->have_day && n <= 2 && v <= 31 && v > 0) {
        d->have_day = true;
        d->m.day = v;
    } else if (!d->have_year && n != 1) {
        d->have_year = true;
        d->m.year = n > 2 ? v : v < 69 ? 2000 + v : 1900 + v;
    } else {
        return false;
    }
    return true;
}

static bool mail_word(struct sori_str *s, struct mail_date *d) {
    size_t n = 0;
    while (n < s->len && s_alpha(s->ptr[n])) n++;
    struct sori_str word = s_head(*s, n);
    bool pm = s_same(word, "pm");
    if (d->m.month == 0 && month_named(word)) {
        d->m.month = month_named(word);
    } else if (d->have_clock && (pm || s_same(word, "am"))) {
        if (pm && d->m.hour < 12) d->m.hour += 12;
        if (!pm && d->m.hour == 12) d->m.hour = 0;
    } else if (d->have_clock && !d->have_zone && !weekday_named(word)) {
        d->have_zone = true;
        return zone_name(s, &d->m.zone);
    }
    *s = s_from(*s, n);
    return true;
}

static bool parse_mail(struct sori_str s, int64_t *ms) {
    struct mail_date d = {0};
    while (s.len) {
        char c = s.ptr[0];
        if (c == '(') {
            s = without_comment(s);
        } else if (s_digit(c)) {
            if (!mail_number(&s, &d)) return false;
        } else if (s_alpha(c)) {
            if (!mail_word(&s, &d)) return false;
        } else if (d.have_clock && (c == '+' || c == '-') && s.len > 1 && s_digit(s.ptr[1])) {
            if (!offset(&s, &d.m.zone)) return false;
        } else {
            s = s_from(s, 1);
        }
    }
    return d.have_day && d.have_year && d.m.month && finish(&d.m, ms);
}

bool date_parse(struct sori_str text, int64_t *ms) {
    text = s_trim(text);
    if (text.len == 0 || text.len > 200) return false;
    return parse_korean(text, ms) || parse_iso(text, ms) || parse_mail(text, ms);
}

void date_format(int64_t ms, char out[32]) {
    int64_t days = ms / DAY - (ms % DAY < 0), left = (ms - days * DAY) / 1000;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int day = (int)(doy - (153 * mp + 2) / 5 + 1), month = (int)(mp < 10 ? mp + 3 : mp - 9);
    int64_t year = yoe + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) year = 0;
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day, (int)(left / 3600),
             (int)(left / 60 % 60), (int)(left % 60));
}
