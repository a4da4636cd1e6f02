/* inbox: what waits for a person, most urgent first. */
#include "cli/cli.h"

#include <stdlib.h>

/* What is left in the time of its calendar; where that is closed now, from when on. */
static void clock_cell(struct cli_table *t, const json_t *row) {
    const json_t *clock = json_object_get(row, "clock");
    struct sori_str state = cli_text(clock, "state");
    struct buf b = {0};
    enum cli_color color = cli_put_clock(&b, clock);
    if (!state.len) buf_puts(&b, "–");
    cli_table_cell(t, color, buf_view(&b));
    buf_free(&b);
}

static enum cli_color tone_color(struct sori_str tone) {
    if (str_is(tone, "negative")) return CLI_RED;
    if (str_is(tone, "positive")) return CLI_GREEN;
    return str_is(tone, "unsure") ? CLI_YELLOW : CLI_PLAIN;
}

/* "✗ sources, tone: ": the checks that it did not pass; in front, where a narrow terminal cuts. */
static void held_by(struct buf *b, const json_t *row) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(row, "checks"), i, one)
        buf_printf(b, "%s%.*s", i ? ", " : "✗ ", STR(cli_text(one, "check")));
    if (json_array_size(json_object_get(row, "checks"))) buf_puts(b, ": ");
}

static void row_cells(struct cli_table *t, const json_t *row) {
    struct buf b = {0};
    struct sori_str verb = cli_text(row, "verb");
    buf_printf(&b, "%lld", (long long)cli_int(row, "id", 0));
    if (verb.len && !str_is(verb, "reply")) buf_printf(&b, ".%.*s", STR(verb));
    if (cli_int(row, "slot", 0) > 0) buf_printf(&b, ".%lld", (long long)cli_int(row, "slot", 0));
    cli_table_cell(t, CLI_BOLD, buf_view(&b));
    clock_cell(t, row);
    struct sori_str what = cli_text(row, "what"), tone = cli_text(row, "tone");
    cli_table_cell(t, str_is(what, "resolve") ? CLI_RED : CLI_PLAIN, what);
    buf_clear(&b);
    buf_str(&b, cli_text(row, "department"));
    if (cli_text(row, "owner").len > 0) buf_printf(&b, "/%.*s", STR(cli_text(row, "owner")));
    cli_table_cell(t, CLI_PLAIN, buf_view(&b));
    cli_table_cell(t, CLI_PLAIN, cli_text(row, "connection"));
    cli_table_cell(t, CLI_PLAIN, cli_text(row, "author"));
    cli_table_cell(t, tone_color(tone), tone);
    buf_clear(&b);
    held_by(&b, row);
    buf_str(&b, cli_text(row, "text").len > 0 ? cli_text(row, "text") : cli_text(row, "title"));
    if (cli_text(row, "proposed").len > 0)
        buf_printf(&b, " → %.*s", STR(cli_text(row, "proposed")));
    cli_table_cell(t, CLI_PLAIN, buf_view(&b));
    buf_free(&b);
}

static void print_table(const struct cli_told *told) {
    static const char *const heads[] = {"ID",     "LEFT", "ASKS", "FOR", "FROM",
                                        "AUTHOR", "TONE", "TEXT", NULL};
    struct cli_table t;
    cli_table_open(&t, heads);
    struct sori_str at = buf_view(&told->rows);
    json_t *row;
    while ((row = cli_next_row(&at))) {
        row_cells(&t, row);
        json_decref(row);
    }
    if (t.count == 0)
        puts("Nothing waits for a person.");
    else
        cli_table_print(&t, stdout);
    cli_table_close(&t);
}

/* The list, and below it how many wait in the other one. */
static void print_inbox(const char *workspace, const struct cli_told *told) {
    struct cli_ask ask = {.name = "unmatched"};
    struct cli_told passed = {.code = 0};
    print_table(told);
    if (cli_query(workspace, &ask, &passed) == CLI_OK) {
        size_t n = 0;
        struct sori_str at = buf_view(&passed.rows);
        for (json_t *row; (row = cli_next_row(&at)); json_decref(row)) n++;
        if (n > 0) printf("\n%zu met no rule; 'sori inbox --unmatched' shows which\n", n);
    }
    cli_ask_free(&ask);
    cli_told_free(&passed);
}

int cmd_inbox(int argc, char **argv);
int cmd_inbox(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori inbox [--unmatched] [--limit N] [-w DIR] [--json]",
        .about = "What waits for a person, most urgent first: actions whose outcome is unknown\n"
                 "(resolve), replies that wait for approval (approve), open cases (answer), with\n"
                 "what is left on their clock, in the hours of their calendar. With --unmatched: "
                 "what the policy let pass because\n"
                 "no rule matched, newest first, as far as nobody acted since."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "limit", .takes = "N", .help = "at most so many (200)"},
                             {.name = "unmatched", .help = "what no rule matched"}};
    int n = cli_parse(argc, argv, &help, opts, 4);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "'%s' is one word too many", argv[1]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct cli_ask ask = {.name = opts[3].value ? "unmatched" : "inbox"};
    struct cli_told told = {.code = 0};
    if (opts[2].value) cli_ask_arg(&ask, "limit", str_c(opts[2].value));
    int code = cli_query(workspace.data, &ask, &told);
    if (opts[1].value)
        cli_print_rows(&told);
    else if (code == CLI_OK && opts[3].value)
        cli_print_found(&told, "Every voice met a rule.");
    else if (code == CLI_OK)
        print_inbox(workspace.data, &told);
    cli_ask_free(&ask);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}
