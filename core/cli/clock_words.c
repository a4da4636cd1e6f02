/* The clock of a case in words: short for the inbox, whole for show and why. */
#include "cli/cli.h"

#include "base/clock.h"

#include <time.h>

static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* "Mon 09:00", with its date where that is not near: in the zone of all other times, whatever the
 * calendar's own is. */
static void put_wall(struct buf *b, struct sori_str rfc, int64_t now) {
    int64_t ms;
    struct tm tm;
    if (!clock_parse_rfc3339(rfc, &ms)) return;
    time_t local = (time_t)(ms / 1000);
    localtime_r(&local, &tm);
    if (ms - now > (int64_t)6 * 86400000 || now - ms > (int64_t)6 * 86400000)
        buf_printf(b, "%04d-%02d-%02d %02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                   tm.tm_hour, tm.tm_min);
    else
        buf_printf(b, "%s %02d:%02d", weekdays[tm.tm_wday], tm.tm_hour, tm.tm_min);
}

static bool is(const json_t *clock, const char *state) {
    return str_is(cli_text(clock, "state"), state);
}

static void put_left(struct buf *b, const json_t *clock) {
    int64_t left = cli_int(clock, "left_ms", 0);
    cli_put_span(b, left > 0 ? left : 0);
}

enum cli_color cli_put_clock(struct buf *b, const json_t *clock) {
    const json_t *calendar = json_object_get(clock, "calendar");
    int64_t promised;
    if (is(clock, "paused") || is(clock, "stopped")) {
        buf_str(b, cli_text(clock, "state"));
        return CLI_DIM;
    }
    if (is(clock, "breached") && clock_parse_rfc3339(cli_text(clock, "promised"), &promised)) {
        buf_puts(b, "late ");
        cli_put_span(b, clock_now() - promised);
        return CLI_RED;
    }
    if (!is(clock, "running") && !is(clock, "due_soon")) {
        buf_puts(b, "–");
        return CLI_DIM;
    }
    put_left(b, clock);
    bool open = json_is_true(json_object_get(calendar, "open"));
    if (!open && cli_text(calendar, "until").len) {
        buf_puts(b, " from ");
        put_wall(b, cli_text(calendar, "until"), clock_now());
    }
    return is(clock, "due_soon") ? CLI_YELLOW : CLI_PLAIN;
}

static void put_when(struct buf *b, const char *words, struct sori_str rfc) {
    int64_t ms;
    if (!clock_parse_rfc3339(rfc, &ms)) return;
    buf_puts(b, words);
    cli_put_time(b, ms);
}

static void put_calendar(struct buf *b, const json_t *c) {
    if (!json_is_object(c)) {
        buf_puts(b, "; no office hours, every minute counts");
        return;
    }
    buf_printf(b, "; on calendar \"%.*s\" (%.*s", STR(cli_text(c, "name")),
               STR(cli_text(c, "hours")));
    if (cli_text(c, "holidays").len) buf_printf(b, ", holidays %.*s", STR(cli_text(c, "holidays")));
    bool open = json_is_true(json_object_get(c, "open"));
    buf_printf(b, ", %.*s), %s", STR(cli_text(c, "timezone")), open ? "open" : "closed");
    if (!open && cli_text(c, "day").len) buf_printf(b, " (%.*s)", STR(cli_text(c, "day")));
    if (!cli_text(c, "until").len) return;
    buf_puts(b, " until ");
    put_wall(b, cli_text(c, "until"), clock_now());
}

void cli_put_clock_story(struct buf *b, const json_t *clock) {
    if (!json_is_object(clock) || is(clock, "none")) return;
    if (is(clock, "met") || cli_text(clock, "answered_at").len) {
        put_when(b, "answered ", cli_text(clock, "answered_at"));
        put_when(b, is(clock, "met") ? ", in time: promised by " : ", late: promised by ",
                 cli_text(clock, "promised"));
        return;
    }
    if (is(clock, "stopped")) {
        buf_puts(b, "stopped by the policy: nobody is waited for");
        return;
    }
    if (is(clock, "paused")) {
        buf_puts(b, "paused");
        if (cli_text(clock, "why").len) buf_printf(b, ": %.*s", STR(cli_text(clock, "why")));
        int64_t left = cli_int(clock, "left_ms", -1);
        if (left >= 0) {
            buf_puts(b, "; ");
            cli_put_span(b, left);
            buf_puts(b, " are left when they write");
        }
        return;
    }
    int64_t promised;
    if (is(clock, "breached") && clock_parse_rfc3339(cli_text(clock, "promised"), &promised)) {
        buf_puts(b, "late by ");
        cli_put_span(b, clock_now() - promised);
        put_when(b, ", promised by ", cli_text(clock, "promised"));
        int64_t left = cli_int(clock, "left_ms", -1);
        if (left > 0) put_when(b, ", now due ", cli_text(clock, "due"));
    } else {
        buf_puts(b, is(clock, "due_soon") ? "due soon, " : "");
        put_left(b, clock);
        put_when(b, " left, due ", cli_text(clock, "due"));
    }
    put_calendar(b, json_object_get(clock, "calendar"));
}
