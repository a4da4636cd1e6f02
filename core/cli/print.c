/* Text for people: colour, width, times. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

bool cli_is_color(FILE *stream) {
    const char *no = getenv("NO_COLOR");
    return isatty(fileno(stream)) && !(no && *no);
}

void cli_paint(struct buf *b, bool on, enum cli_color color, struct sori_str text) {
    static const char *const codes[] = {"", "1", "2", "31", "32", "33", "34"};
    bool paint = on && color != CLI_PLAIN;
    if (paint) buf_printf(b, "\033[%sm", codes[color]);
    buf_str(b, text);
    if (paint) buf_puts(b, "\033[0m");
}

size_t cli_columns(FILE *stream) {
    struct winsize size;
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        return size.ws_col;
    return 100;
}

/* Text on one line, harmless to a terminal. */
static void one_line(struct buf *b, struct sori_str text) {
    bool blank = true; /* nothing in front, and never two */
    while (text.len > 0) {
        size_t len;
        uint32_t code = utf8_next(text, &len);
        text.ptr += len;
        text.len -= len;
        bool space = code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 ||
                     code == 0x2028 || code == 0x2029;
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) ||
                       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        if (space) {
            if (!blank) buf_putc(b, ' ');
        } else if (control) {
            buf_puts(b, "·");
        } else {
            utf8_put(b, code);
        }
        blank = space;
    }
}

size_t cli_put_cut(struct buf *b, struct sori_str text, size_t width) {
    struct buf line = {0};
    one_line(&line, text);
    struct sori_str s = buf_view(&line);
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') s.len--;
    size_t all = utf8_width(s);
    if (all <= width) {
        buf_str(b, s);
        buf_free(&line);
        return all;
    }
    size_t used = 0, take = 0;
    while (take < s.len) {
        size_t len;
        utf8_next((struct sori_str){s.ptr + take, s.len - take}, &len);
        size_t w = utf8_width((struct sori_str){s.ptr + take, len});
        if (used + w + 1 > width) break;
        used += w;
        take += len;
    }
    buf_put(b, s.ptr, take);
    if (width > 0) {
        buf_puts(b, "…");
        used++;
    }
    buf_free(&line);
    return used;
}

void cli_progress(const char *format, ...) {
    if (!isatty(STDERR_FILENO)) return;
    fputs("\r\033[K", stderr);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
}

void cli_progress_end(void) {
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

void cli_put_span(struct buf *b, int64_t ms) {
    enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
    if (ms < 0) {
        buf_putc(b, '-');
        ms = ms == INT64_MIN ? INT64_MAX : -ms;
    }
    long long n = ms;
    if (n < MINUTE)
        buf_printf(b, "%llds", n / SECOND);
    else if (n < HOUR)
        buf_printf(b, "%lldm", n / MINUTE);
    else if (n < DAY)
        buf_printf(b, "%lldh %lldm", n / HOUR, n % HOUR / MINUTE);
    else
        buf_printf(b, "%lldd %lldh", n / DAY, n % DAY / HOUR);
}

void cli_take_zone(struct sori_str zone) {
    char name[64], path[96];
    if (!zone.len || zone.len >= sizeof name || memchr(zone.ptr, '.', zone.len)) return;
    snprintf(name, sizeof name, "%.*s", STR(zone));
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (access(path, R_OK) != 0) return;
    (void)setenv("TZ", name, 1);
    tzset();
}

void cli_put_time(struct buf *b, int64_t ms) {
    time_t t = (time_t)(ms / 1000), now = (time_t)(clock_now() / 1000);
    struct tm tm, today;
    if (!localtime_r(&t, &tm) || !localtime_r(&now, &today)) {
        clock_rfc3339(b, ms);
        return;
    }
    char text[32];
    const char *form = tm.tm_year == today.tm_year ? "%m-%d %H:%M" : "%Y-%m-%d %H:%M";
    strftime(text, sizeof text, form, &tm);
    buf_puts(b, text);
}
