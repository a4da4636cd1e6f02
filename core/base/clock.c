#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id, int64_t per_second) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

int64_t clock_now(void) { return read_clock(CLOCK_REALTIME, 1000); }
int64_t clock_mono(void) { return read_clock(CLOCK_MONOTONIC, 1000); }
int64_t clock_cpu_us(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID, 1000000); }

void clock_rfc3339(struct buf *b, int64_t ms) {
    int64_t seconds = ms / 1000, rest = ms % 1000;
    if (rest < 0) {
        rest += 1000;
        seconds--;
    }
    time_t t = (time_t)seconds;
    struct tm tm;
    gmtime_r(&t, &tm);
    buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (rest) buf_printf(b, ".%03d", (int)rest);
    buf_putc(b, 'Z');
}

/* Howard Hinnant's days_from_civil, as published. */
int64_t clock_days(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static bool digits(struct sori_str *s, unsigned count, unsigned *out) {
    if (s->len < count) return false;
    unsigned v = 0;
    for (unsigned i = 0; i < count; i++) {
        if (s->ptr[i] < '0' || s->ptr[i] > '9') return false;
        v = v * 10 + (unsigned)(s->ptr[i] - '0');
    }
    s->ptr += count;
    s->len -= count;
    *out = v;
    return true;
}

static bool one_of(struct sori_str *s, const char *set) {
    if (s->len == 0 || !strchr(set, s->ptr[0])) return false;
    s->ptr++;
    s->len--;
    return true;
}

bool clock_parse_rfc3339(struct sori_str s, int64_t *ms) {
    unsigned y, mo, d, h, mi, sec, oh = 0, om = 0;
    int64_t fraction = 0;
    if (!digits(&s, 4, &y) || !one_of(&s, "-") || !digits(&s, 2, &mo) || !one_of(&s, "-") ||
        !digits(&s, 2, &d) || !one_of(&s, "Tt ") || !digits(&s, 2, &h) || !one_of(&s, ":") ||
        !digits(&s, 2, &mi) || !one_of(&s, ":") || !digits(&s, 2, &sec))
        return false;
    if (one_of(&s, ".,")) {
        int64_t scale = 100;
        if (s.len == 0 || s.ptr[0] < '0' || s.ptr[0] > '9') return false;
        while (s.len && s.ptr[0] >= '0' && s.ptr[0] <= '9') {
            fraction += scale * (s.ptr[0] - '0');
            scale /= 10;
            s.ptr++;
            s.len--;
        }
    }
    int sign = 0;
    if (s.len && (s.ptr[0] == '+' || s.ptr[0] == '-')) {
        sign = s.ptr[0] == '-' ? -1 : 1;
        s.ptr++;
        s.len--;
        if (!digits(&s, 2, &oh)) return false;
        one_of(&s, ":");
        if (!digits(&s, 2, &om)) return false;
    } else if (!one_of(&s, "Zz"))
        return false;
    static const uint8_t month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (s.len || mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1] ||
        (mo == 2 && d == 29 && !leap) || h > 23 || mi > 59 || sec > 60 || oh > 23 || om > 59)
        return false;
    int64_t t = ((clock_days(y, mo, d) * 24 + h) * 60 + mi) * 60 + sec;
    *ms = (t - sign * ((int64_t)oh * 60 + om) * 60) * 1000 + fraction;
    return true;
}

bool clock_parse_span(struct sori_str s, int64_t *ms) {
    int64_t v = 0;
    size_t i = 0;
    for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
        if (v > 1000000000) return false;
        v = v * 10 + (s.ptr[i] - '0');
    }
    if (i == 0) return false;
    struct sori_str unit = {s.ptr + i, s.len - i};
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        if (str_is(unit, units[u].name)) {
            *ms = v * units[u].ms;
            return true;
        }
    return false;
}
