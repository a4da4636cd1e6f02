/* history: the generations, newest first, as a story; or one of them with every line it changed. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/diff.h"
#include "lua/policy.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <time.h>

enum { SHOWN_MOST = 6, LINES_MOST = 100 };

/* 31,204 */
static void put_count(struct buf *b, int64_t n) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) buf_putc(b, ',');
        buf_putc(b, digits[i]);
    }
}

/* "Tue 11-22 14:02" */
static void put_day(struct buf *b, struct sori_str when) {
    int64_t ms = 0;
    char day[16];
    if (!clock_parse_rfc3339(when, &ms)) return;
    time_t at = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&at, &tm);
    strftime(day, sizeof day, "%a ", &tm);
    buf_puts(b, day);
    cli_put_time(b, ms);
}

static int64_t time_of(const json_t *g, const char *name) {
    int64_t ms;
    return clock_parse_rfc3339(cli_text(g, name), &ms) ? ms : 0;
}

static void put_change(struct buf *b, const json_t *change) {
    struct sori_str kind = cli_text(change, "kind"), name = cli_text(change, "name"),
                    detail = cli_text(change, "detail"), op = cli_text(change, "op");
    bool file = str_is(kind, "policy") || str_is(kind, "reply") || str_is(kind, "test");
    if (str_is(kind, "level")) {
        buf_str(b, detail);
        return;
    }
    if (!file) buf_printf(b, "%.*s%s", STR(kind), name.len ? " " : "");
    buf_str(b, name);
    if (str_is(op, "+")) buf_puts(b, " is new");
    if (str_is(op, "-")) buf_puts(b, " is gone");
    if (detail.len && str_is(op, "~")) buf_printf(b, "%s %.*s", file ? "" : ":", STR(detail));
}

static void put_changes(struct buf *b, const json_t *g, size_t most) {
    const json_t *all = json_object_get(g, "changes");
    size_t i, n = json_array_size(all);
    json_t *one;
    if (!n) return;
    buf_puts(b, "    ");
    json_array_foreach(all, i, one) {
        if (i == most && n > most + 1) {
            buf_printf(b, ", and %zu more", n - most);
            break;
        }
        if (i) buf_puts(b, ", ");
        put_change(b, one);
    }
    buf_putc(b, '\n');
}

static void put_errors(struct buf *b, const json_t *g, size_t most) {
    const json_t *all = json_object_get(g, "errors");
    size_t i, n = json_array_size(all);
    json_t *one;
    json_array_foreach(all, i, one) {
        if (i == most && n > most + 1) {
            buf_printf(b, "    … and %zu more\n", n - most);
            break;
        }
        buf_printf(b, "    %s\n", json_string_value(one));
    }
}

/* "live 2d 4h, 31,204 decisions, 3 held; replaced by 13" */
static void put_life(struct buf *b, const json_t *g) {
    bool active = str_is(cli_text(g, "state"), "active");
    int64_t from = time_of(g, "at"), to = active ? clock_now() : time_of(g, "ended");
    int64_t decisions = cli_int(g, "decisions", -1), held = cli_int(g, "held", 0),
            next = cli_int(g, "replaced_by", 0);
    buf_puts(b, active ? "    live for " : "    was live ");
    if (to > from)
        cli_put_span(b, to - from);
    else
        buf_puts(b, to ? "0s" : "for a time that is not known");
    if (decisions >= 0) {
        buf_puts(b, ", ");
        put_count(b, decisions);
        buf_printf(b, " decision%s", decisions == 1 ? "" : "s");
    }
    if (held) {
        buf_puts(b, ", ");
        put_count(b, held);
        buf_puts(b, " held");
    }
    bool back = json_is_true(json_object_get(g, "taken_back"));
    if (next && !active)
        buf_printf(b, "; %s %lld", back ? "taken back by" : "replaced by", (long long)next);
    buf_putc(b, '\n');
}

static void put_generation(struct buf *b, const json_t *g, bool whole, bool color) {
    struct buf head = {0};
    struct sori_str state = cli_text(g, "state");
    bool refused = str_is(state, "rejected");
    int64_t same = cli_int(g, "same_as", 0);
    buf_printf(&head, "gen %lld", (long long)cli_int(g, "generation", 0));
    cli_paint(b, color, refused ? CLI_RED : CLI_BOLD, buf_view(&head));
    buf_puts(b, ", ");
    put_day(b, cli_text(g, "at"));
    buf_printf(b, ", by %.*s: \"%.*s\"", STR(cli_text(g, "by")), STR(cli_text(g, "why")));
    if (refused) cli_paint(b, color, CLI_RED, str_c(" — refused"));
    if (str_is(state, "active")) cli_paint(b, color, CLI_GREEN, str_c(" — live"));
    if (str_is(state, "draining")) cli_paint(b, color, CLI_YELLOW, str_c(" — draining"));
    if (same) buf_printf(b, ", the same as %lld", (long long)same);
    buf_putc(b, '\n');
    put_changes(b, g, whole ? SIZE_MAX - 1 : SHOWN_MOST);
    put_errors(b, g, whole ? SIZE_MAX - 1 : 3);
    if (!refused) put_life(b, g);
    if (cli_text(g, "notice").len) {
        struct buf notice = {0};
        buf_puts(&notice, "    ");
        cli_put_cut(&notice, cli_text(g, "notice"), 2000);
        cli_paint(b, color, CLI_RED, buf_view(&notice));
        buf_putc(b, '\n');
        buf_free(&notice);
    }
    buf_free(&head);
}

/* ---- one generation, line by line ---- */

static struct sori_str blob(const struct cli_told *told, const char *name) {
    struct rec_field f;
    struct sori_str rest = buf_view(&told->rest);
    while (rec_next(&rest, &f) == 1)
        if (f.tag == TELL_BLOB && f.type == REC_REC && str_starts(rec_get_str(f.s, 1), str_c(name)))
            return rec_get_str(f.s, 2);
    return (struct sori_str){0};
}

static struct sori_str file_of(struct sori_str bundle, struct sori_str path) {
    struct rec_field f;
    while (rec_next(&bundle, &f) == 1)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC &&
            str_eq(rec_get_str(f.s, BUNDLE_PATH), path)) {
            struct sori_str bytes = rec_get_str(f.s, BUNDLE_BYTES);
            return bytes.ptr ? bytes : SORI_STR("");
        }
    return (struct sori_str){0};
}

static void diff_files(struct sori_str old, struct sori_str new, bool gone, struct buf *out) {
    struct rec_field f;
    struct buf name = {0};
    for (struct sori_str all = gone ? old : new; rec_next(&all, &f) == 1;) {
        if (f.tag != BUNDLE_FILE || f.type != REC_REC) continue;
        struct sori_str path = rec_get_str(f.s, BUNDLE_PATH), was = file_of(old, path),
                        now = file_of(new, path);
        if (gone && now.ptr) continue;
        buf_clear(&name);
        buf_printf(&name, "policy/%.*s", STR(path));
        diff_unified(was, now, name.data, out);
    }
    buf_free(&name);
}

static void put_diff(const struct cli_told *told, struct buf *out) {
    struct sori_str now = blob(told, "now/"), before = blob(told, "before/");
    if (!now.len) return;
    diff_unified(rec_get_str(before, MANIFEST_CONFIG), rec_get_str(now, MANIFEST_CONFIG),
                 "sori.lua", out);
    diff_files(rec_get_str(before, MANIFEST_BUNDLE), rec_get_str(now, MANIFEST_BUNDLE), false, out);
    diff_files(rec_get_str(before, MANIFEST_BUNDLE), rec_get_str(now, MANIFEST_BUNDLE), true, out);
}

/* Whole where it is asked for or short, and else as far as one reads. */
static void put_some(struct buf *b, struct sori_str diff, const json_t *g, bool all) {
    size_t lines = 0, shown = 0;
    for (size_t i = 0; i < diff.len; i++) {
        if (diff.ptr[i] != '\n') continue;
        if (++lines == LINES_MOST) shown = i + 1;
    }
    if (all || lines <= LINES_MOST + LINES_MOST / 10) {
        buf_str(b, diff);
        return;
    }
    buf_put(b, diff.ptr, shown);
    buf_printf(b, "… and %zu lines more; `sori history %lld --all` shows them\n",
               lines - LINES_MOST, (long long)cli_int(g, "generation", 0));
}

static void print_one(const struct cli_told *told, const json_t *g, bool json, bool all) {
    struct buf diff = {0}, out = {0};
    put_diff(told, &diff);
    if (json) {
        json_t *copy = json_copy((json_t *)(uintptr_t)g);
        json_object_set_new(copy, "diff", json_stringn(diff.data ? diff.data : "", diff.len));
        json_dumpf(copy, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(copy);
    } else {
        cli_put_zone(&out, told);
        put_generation(&out, g, true, cli_is_color(stdout));
        if (diff.len) buf_putc(&out, '\n');
        put_some(&out, buf_view(&diff), g, all);
        fwrite(out.data, 1, out.len, stdout);
    }
    buf_free(&diff);
    buf_free(&out);
}

static void print_all(const struct cli_told *told) {
    struct sori_str at = buf_view(&told->rows);
    struct buf out = {0};
    if (at.len) cli_put_zone(&out, told);
    for (json_t *g; (g = cli_next_row(&at)); json_decref(g))
        put_generation(&out, g, false, cli_is_color(stdout));
    if (out.len) fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

int cmd_history(int argc, char **argv);
int cmd_history(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori history [GENERATION] [--all] [--limit N] [-w DIR] [--json]",
        .about =
            "What was live when, by whom and why: what changed, what it decided, what became of\n"
            "it; refused changes with their reasons. With a GENERATION: every line that it "
            "changed\n"
            "against the one before it. 'sori rollback GENERATION' takes one up again."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "limit", .takes = "N", .help = "so many generations (20)"},
                             {.name = "all", .help = "with a GENERATION: all lines, however many"}};
    int n = cli_parse(argc, argv, &help, opts, 4);
    if (n < 0) return cli_parsed(n);
    if (n > 1) return cli_usage(&help, "'%s' is one word too many", argv[2]);
    char *end = NULL;
    if (n == 1 && (strtoll(argv[1], &end, 10) <= 0 || *end))
        return cli_usage(&help, "'%s' is no generation: a number was expected", argv[1]);
    if (opts[2].value && (strtoll(opts[2].value, &end, 10) <= 0 || *end))
        return cli_usage(&help, "--limit: '%s' is no number", opts[2].value);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct cli_ask q = {.name = "generations"};
    struct cli_told told = {.code = 0};
    if (n == 1) cli_ask_arg(&q, "id", str_c(argv[1]));
    if (opts[2].value) cli_ask_arg(&q, "limit", str_c(opts[2].value));
    int code = cli_query(workspace.data, &q, &told);
    struct sori_str at = buf_view(&told.rows);
    json_t *g = n == 1 && code == CLI_OK ? cli_next_row(&at) : NULL;
    if (g)
        print_one(&told, g, opts[1].value != NULL, opts[3].value != NULL);
    else if (opts[1].value)
        cli_print_rows(&told);
    else
        print_all(&told);
    json_decref(g);
    cli_ask_free(&q);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}
