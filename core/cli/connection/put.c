/* A connection as the core sees it, line by line: for `status` and `connection check`. */
#include "cli/cli.h"

#include "base/clock.h"

static void put_name(struct buf *b, const char *name) { buf_printf(b, "  %-14s ", name); }

static bool when(const json_t *object, const char *name, int64_t *ms) {
    return clock_parse_rfc3339(cli_text(object, name), ms);
}

static void put_ago(struct buf *b, int64_t ms) {
    int64_t ago = clock_now() - ms;
    cli_put_span(b, ago < 0 ? -ago : ago);
    buf_puts(b, ago < 0 ? " from now" : " ago");
}

static void put_budgets(struct buf *b, const json_t *row, bool color) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(row, "budgets"), i, one) {
        int64_t limit = cli_int(one, "limit", 0), left = cli_int(one, "remaining", 0), at;
        char text[64];
        snprintf(text, sizeof text, "%lld of %lld left", (long long)left, (long long)limit);
        put_name(b, "budget");
        cli_put_cut(b, cli_text(one, "bucket"), 30);
        buf_puts(b, ": ");
        cli_paint(b, color, left <= limit / 10 ? CLI_YELLOW : CLI_PLAIN, str_c(text));
        if (when(one, "full_at", &at)) {
            buf_puts(b, ", full again at ");
            cli_put_time(b, at);
        }
        buf_putc(b, '\n');
    }
    int64_t until;
    if (!when(row, "polls_wait_until", &until)) return;
    put_name(b, "polls");
    cli_paint(b, color, CLI_YELLOW, SORI_STR("wait, so that replies keep the rest of the budget"));
    buf_puts(b, ", until ");
    cli_put_time(b, until);
    buf_putc(b, '\n');
}

static void put_streams(struct buf *b, const json_t *row, bool color) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(row, "streams"), i, one) {
        struct sori_str state = cli_text(one, "state"), why = cli_text(one, "reason");
        int64_t ms;
        put_name(b, "stream");
        cli_put_cut(b, cli_text(one, "name"), 30);
        buf_puts(b, ": ");
        cli_paint(b, color, str_is(state, "open") ? CLI_GREEN : CLI_YELLOW, state);
        if (why.len) buf_puts(b, ", ");
        cli_put_cut(b, why, 300);
        if (when(one, "again_at", &ms)) {
            buf_puts(b, ", again at ");
            cli_put_time(b, ms);
        }
        if (when(one, "heard_to", &ms)) {
            buf_puts(b, ", heard up to ");
            put_ago(b, ms);
        }
        if (cli_int(one, "dropped", 0))
            buf_printf(b, ", %lld lines were too long", (long long)cli_int(one, "dropped", 0));
        buf_putc(b, '\n');
    }
}

static void put_gap(struct buf *b, const json_t *gap, const char *name) {
    int64_t from, to, at;
    if (!when(gap, "from", &from) || !when(gap, "to", &to)) return;
    put_name(b, name);
    cli_put_time(b, from);
    buf_puts(b, " to ");
    cli_put_time(b, to);
    if (when(gap, "at", &at)) {
        buf_puts(b, ", filled ");
        put_ago(b, at);
    } else {
        buf_puts(b, ": polls are filling it");
    }
    buf_putc(b, '\n');
}

static void put_silence(struct buf *b, const json_t *row, bool color) {
    int64_t heard, habit = cli_int(row, "silent_habit_ms", 0);
    if (when(row, "heard_at", &heard)) {
        put_name(b, "last word");
        put_ago(b, heard);
        buf_putc(b, '\n');
    }
    if (!habit) return;
    struct buf text = {0};
    buf_puts(&text, "longer than it uses to be: its longest of the last days was ");
    cli_put_span(&text, habit);
    put_name(b, "silent");
    cli_paint(b, color, CLI_RED, buf_view(&text));
    buf_putc(b, '\n');
    buf_free(&text);
}

/* "25 of 60 replies by rules this hour; 3 wait for their turn, the next in 4 min". */
static void put_ceilings(struct buf *b, const json_t *row, bool color) {
    const json_t *c = json_object_get(row, "ceilings");
    int64_t used = cli_int(c, "used", 0), waiting = cli_int(c, "waiting", 0), next;
    if (used == 0 && waiting == 0) return;
    struct buf line = {0};
    buf_printf(&line, "%lld of %lld replies by rules this hour", (long long)used,
               (long long)cli_int(c, "hour", 0));
    if (waiting) {
        buf_printf(&line, "; %lld wait%s for %s turn", (long long)waiting, waiting == 1 ? "s" : "",
                   waiting == 1 ? "its" : "their");
        if (clock_parse_rfc3339(cli_text(c, "next"), &next) && next > clock_now()) {
            buf_puts(&line, waiting == 1 ? ", in " : ", the next in ");
            cli_put_span(&line, next - clock_now());
        }
    }
    put_name(b, "ceiling");
    cli_paint(b, color, waiting ? CLI_YELLOW : CLI_PLAIN, buf_view(&line));
    buf_putc(b, '\n');
    buf_free(&line);
}

void connection_put(struct buf *b, const json_t *row, bool color) {
    put_ceilings(b, row, color);
    put_budgets(b, row, color);
    int64_t spent = cli_int(row, "spent_today_micros", 0);
    if (spent) {
        put_name(b, "spent today");
        buf_printf(b, "$%lld.%04lld (UTC)\n", (long long)(spent / 1000000),
                   (long long)(spent % 1000000 / 100));
    }
    put_streams(b, row, color);
    put_gap(b, json_object_get(row, "missed"), "gap found");
    put_gap(b, json_object_get(row, "filled"), "gap filled");
    put_silence(b, row, color);
}
