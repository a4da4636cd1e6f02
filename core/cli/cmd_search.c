/* search: interactions by their words; export: all since a time, as JSON lines. */
#include "cli/cli.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

int cmd_search(int argc, char **argv);
int cmd_search(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori search TEXT [--limit N] [-w DIR] [--json]",
        .about = "Finds interactions that have every word of TEXT, newest first. Korean words are\n"
                 "found with particles attached; others by how they begin."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "limit", .takes = "N", .help = "at most so many (50)"}};
    int n = cli_parse(argc, argv, &help, opts, 3);
    if (n < 0) return cli_parsed(n);
    if (n == 0) return cli_usage(&help, "search: which words?");
    struct buf workspace = {0}, text = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    for (int i = 1; i <= n; i++) buf_printf(&text, "%s%s", i > 1 ? " " : "", argv[i]);
    struct cli_ask ask = {.name = "search"};
    struct cli_told told = {.code = 0};
    cli_ask_arg(&ask, "text", buf_view(&text));
    if (opts[2].value) cli_ask_arg(&ask, "limit", str_c(opts[2].value));
    int code = cli_query(workspace.data, &ask, &told);
    if (opts[1].value)
        cli_print_rows(&told);
    else if (code == CLI_OK || code == CLI_LIMIT)
        cli_print_found(&told, "Nothing was found.");
    cli_ask_free(&ask);
    cli_told_free(&told);
    buf_free(&workspace);
    buf_free(&text);
    return code;
}

/* "2026-11-20", "2026-11-20T09:00:00+09:00", or a span back from now, "7d". */
static bool parse_since(const char *text, int64_t *ms) {
    int64_t span;
    if (clock_parse_span(str_c(text), &span)) {
        *ms = clock_now() - span;
        return true;
    }
    char whole[64];
    if (strlen(text) == 10) {
        snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
        text = whole;
    }
    return clock_parse_rfc3339(str_c(text), ms);
}

/* Pages until one is empty: each query is short, however much there is. */
static int export_pages(const char *workspace, int64_t since) {
    int64_t after = -1;
    for (;;) {
        struct cli_ask ask = {.name = "export"};
        struct cli_told told = {.code = 0};
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)(after < 0 ? since : after));
        cli_ask_arg(&ask, after < 0 ? "since" : "after", str_c(number));
        int code = cli_query(workspace, &ask, &told);
        cli_print_rows(&told);
        struct sori_str at = buf_view(&told.rows);
        struct rec_field f, last = {0};
        while (rec_next(&at, &f) == 1) last = f;
        json_t *row = last.s.ptr ? json_loadb(last.s.ptr, last.s.len, 0, NULL) : NULL;
        after = cli_int(row, "id", -1);
        json_decref(row);
        cli_ask_free(&ask);
        cli_told_free(&told);
        if (code != CLI_OK || after < 0) return code;
        if (ferror(stdout)) return cli_fail(CLI_FAILED, "the output could not be written");
    }
}

int cmd_export(int argc, char **argv);
int cmd_export(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori export --since TIME [-w DIR]",
        .about = "Prints interactions heard since TIME as JSON lines, oldest first: the form that\n"
                 "'sori import' reads. TIME is 2026-11-20, 2026-11-20T09:00:00+09:00, or a span\n"
                 "back from now, 7d."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             {.name = "json", .help = "as always: lines of JSON"},
                             {.name = "since", .takes = "TIME", .help = "heard since then"}};
    int n = cli_parse(argc, argv, &help, opts, 3);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "'%s' is one word too many", argv[1]);
    int64_t since;
    if (!opts[2].value) return cli_usage(&help, "export: --since TIME is needed");
    if (!parse_since(opts[2].value, &since))
        return cli_usage(&help, "'%s' is no time: one like 7d, 12h or 2026-11-22 was expected",
                         opts[2].value);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    int code = export_pages(workspace.data, since);
    buf_free(&workspace);
    return code;
}
