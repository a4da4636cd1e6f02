/* status: is everything alive, and what has it done. */
#include "cli/connection/connection.h"

#include "base/clock.h"

#include <stdlib.h>

static void ago(struct cli_table *t, struct sori_str when) {
    struct buf b = {0};
    int64_t ms;
    if (clock_parse_rfc3339(when, &ms)) {
        cli_put_span(&b, clock_now() - ms);
        buf_puts(&b, " ago");
    } else {
        buf_puts(&b, "–");
    }
    cli_table_cell(t, CLI_PLAIN, buf_view(&b));
    buf_free(&b);
}

static void number(struct cli_table *t, int64_t n, enum cli_color color) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    cli_table_cell(t, color, str_c(text));
}

static void print_connections(const json_t *status) {
    static const char *const heads[] = {"CONNECTION", "CHANNEL", "STATE", "MODE",
                                        "HEARD",      "LAST",    "WHY",   NULL};
    struct cli_table t;
    cli_table_open(&t, heads);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(status, "connections"), i, row) {
        struct sori_str state = cli_text(row, "state");
        bool well = str_is(state, "ready");
        cli_table_cell(&t, CLI_BOLD, cli_text(row, "name"));
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "channel"));
        cli_table_cell(&t,
                       well                      ? CLI_GREEN
                       : str_is(state, "broken") ? CLI_RED
                                                 : CLI_YELLOW,
                       state);
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "mode"));
        number(&t, cli_int(row, "items", 0), CLI_PLAIN);
        ago(&t, cli_text(row, "last"));
        bool silent = !cli_text(row, "reason").len && cli_int(row, "silent_habit_ms", 0);
        cli_table_cell(&t, silent ? CLI_RED : CLI_PLAIN,
                       silent ? SORI_STR("silent for longer than it uses to be")
                              : cli_text(row, "reason"));
    }
    if (t.count > 0) {
        putchar('\n');
        cli_table_print(&t, stdout);
    }
    cli_table_close(&t);
}

static void print_earlier(const json_t *status) {
    const json_t *earlier = json_object_get(status, "earlier_connections");
    size_t i;
    json_t *name;
    if (!cli_int(earlier, "count", 0)) return;
    printf("\n%lld no longer in sori.lua, kept for their history: ",
           (long long)cli_int(earlier, "count", 0));
    json_array_foreach(json_object_get(earlier, "newest"), i, name)
        printf("%s%s", i ? ", " : "", json_string_value(name));
    puts((int64_t)i < cli_int(earlier, "count", 0) ? ", …" : "");
}

/* Facts and what is wrong of the last look, in the form that `connection check` prints. */
static json_t *last_look(const json_t *row) {
    const json_t *health = json_object_get(row, "health");
    json_t *facts = json_object(), *lines = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(health, "facts"), i, one) {
        json_t *value = json_object_get(one, "value");
        struct sori_str name = cli_text(one, "name");
        if (name.len && json_is_string(value)) json_object_set(facts, name.ptr, value);
    }
    json_array_foreach(json_object_get(health, "lines"), i, one) {
        struct sori_str level = cli_text(one, "level");
        if (str_is(level, "warn") || str_is(level, "error")) json_array_append(lines, one);
    }
    return json_pack("{s:s, s:o, s:o}", "status", "ok", "facts", facts, "lines", lines);
}

/* The table cuts a reason where it is long, and what to do stands at its end. */
static void put_reason(struct buf *b, const json_t *row, bool color) {
    struct sori_str why = cli_text(row, "reason");
    if (!why.len || str_is(cli_text(row, "state"), "ready")) return;
    struct buf text = {0};
    cli_put_cut(&text, why, 2000);
    buf_printf(b, "  %-14s ", "why");
    cli_paint(b, color, str_is(cli_text(row, "state"), "broken") ? CLI_RED : CLI_YELLOW,
              buf_view(&text));
    buf_putc(b, '\n');
    buf_free(&text);
}

/* What a table has no room for: whose token and until when, budgets, streams, gaps, silence. A
 * connection without any of it has no lines. */
static void print_details(const json_t *status, const struct cli_told *told) {
    bool color = cli_is_color(stdout), named = false;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(status, "connections"), i, row) {
        struct buf b = {0};
        json_t *look = last_look(row);
        put_reason(&b, row, color);
        health_put(&b, look, color);
        connection_put(&b, row, color);
        if (b.len) {
            struct buf title = {0};
            bool times = memchr(b.data, ':', b.len) != NULL; /* 22:30, and not "2s ago" alone */
            if (times && !named) cli_put_zone(&title, told);
            named |= times;
            cli_paint(&title, color, CLI_BOLD, cli_text(row, "name"));
            printf("\n%.*s\n%.*s", STR(buf_view(&title)), STR(buf_view(&b)));
            buf_free(&title);
        }
        json_decref(look);
        buf_free(&b);
    }
}

/* What was heard and not understood: here a platform's new kind of event shows first. */
static void print_rejected(const json_t *status) {
    enum { SHOWN = 10 };
    static const char *const heads[] = {"REJECTED", "LAST", "CONNECTION", "WHY", NULL};
    const json_t *rejected = json_object_get(status, "rejected");
    struct cli_table t;
    cli_table_open(&t, heads);
    size_t i, kinds = json_array_size(rejected);
    json_t *row;
    json_array_foreach(rejected, i, row) {
        if (i == SHOWN) break;
        number(&t, cli_int(row, "count", 0), CLI_YELLOW);
        ago(&t, cli_text(row, "last"));
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "connection"));
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "why"));
    }
    if (kinds > 0) {
        printf("\nheard in the last %lld days and not understood, kept with its bytes:\n",
               (long long)cli_int(status, "rejected_days", 0));
        cli_table_print(&t, stdout);
    }
    if (kinds > SHOWN) printf("and %zu kinds more (--json)\n", kinds - SHOWN);
    cli_table_close(&t);
}

static void print_processes(const json_t *status) {
    static const char *const heads[] = {"PROCESS", "PID", "STATE", "CPU", "DEATHS", NULL};
    struct cli_table t;
    cli_table_open(&t, heads);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(status, "processes"), i, row) {
        bool ready = json_is_true(json_object_get(row, "ready"));
        bool idle = cli_int(row, "pid", 0) == 0;
        char cpu[32];
        snprintf(cpu, sizeof cpu, "%.2fs", (double)cli_int(row, "cpu_us", 0) / 1e6);
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "name"));
        number(&t, cli_int(row, "pid", 0), CLI_DIM);
        cli_table_cell(&t, ready ? CLI_GREEN : CLI_YELLOW,
                       str_c(ready  ? "ready"
                             : idle ? "down"
                                    : "starting"));
        cli_table_cell(&t, CLI_PLAIN, str_c(cpu));
        number(&t, cli_int(row, "deaths", 0), cli_int(row, "deaths", 0) ? CLI_RED : CLI_PLAIN);
    }
    if (t.count > 0) {
        putchar('\n');
        cli_table_print(&t, stdout);
    }
    cli_table_close(&t);
}

/* ", live for 2h" */
static void put_since(struct buf *b, const json_t *s) {
    int64_t ms;
    if (!clock_parse_rfc3339(cli_text(s, "live_since"), &ms)) return;
    buf_puts(b, ", live for ");
    cli_put_span(b, clock_now() - ms);
    const json_t *reload = json_object_get(s, "reload");
    if (reload)
        buf_printf(b, "; a reload by %.*s is %.*s", STR(cli_text(reload, "by")),
                   STR(cli_text(reload, "step")));
}

static void put_draining(struct buf *b, const json_t *s) {
    size_t i;
    json_t *g;
    json_array_foreach(json_object_get(s, "draining"), i, g)
        buf_printf(b, "generation %lld still drains: %.*s\n",
                   (long long)cli_int(g, "generation", 0), STR(cli_text(g, "why")));
}

static void put_clocks(struct buf *b, bool color, const json_t *clocks) {
    int64_t running = cli_int(clocks, "running", 0), soon = cli_int(clocks, "due_soon", 0),
            late = cli_int(clocks, "breached", 0), paused = cli_int(clocks, "paused", 0);
    if (running + soon + late + paused == 0) return;
    char text[64];
    buf_printf(b, "clocks: %lld running, ", (long long)running);
    snprintf(text, sizeof text, "%lld due soon", (long long)soon);
    cli_paint(b, color && soon, CLI_YELLOW, str_c(text));
    buf_puts(b, ", ");
    snprintf(text, sizeof text, "%lld late", (long long)late);
    cli_paint(b, color && late, CLI_RED, str_c(text));
    buf_printf(b, ", %lld paused\n", (long long)paused);
}

static void print_status(const json_t *s, const struct cli_told *told) {
    bool color = cli_is_color(stdout), ready = json_is_true(json_object_get(s, "ready"));
    bool paused = json_is_true(json_object_get(s, "paused"));
    struct buf b = {0};
    cli_paint(&b, color, CLI_BOLD, cli_text(s, "workspace"));
    buf_puts(&b, "  ");
    cli_paint(&b, color, ready ? CLI_GREEN : CLI_YELLOW, str_c(ready ? "ready" : "not ready"));
    if (paused) {
        buf_puts(&b, "  ");
        cli_paint(&b, color, CLI_RED, str_c("paused: nothing leaves"));
    }
    buf_printf(&b, "  generation %lld", (long long)cli_int(s, "generation", 0));
    put_since(&b, s);
    buf_putc(&b, '\n');
    const json_t *c = json_object_get(s, "counts");
    buf_printf(&b,
               "%lld interactions, %lld decisions, %lld contacts; %lld open cases, %lld waiting "
               "for approval, %lld unknown, %lld sent; %lld in the queue\n",
               (long long)cli_int(c, "interactions", 0), (long long)cli_int(c, "decisions", 0),
               (long long)cli_int(c, "contacts", 0), (long long)cli_int(c, "open_cases", 0),
               (long long)cli_int(c, "waiting", 0), (long long)cli_int(c, "unknown", 0),
               (long long)cli_int(c, "sent", 0), (long long)cli_int(s, "queue", 0));
    put_clocks(&b, color, json_object_get(s, "clocks"));
    if (cli_text(s, "refused").len > 0) {
        struct buf head = {0};
        buf_printf(&head, "on disk: generation %lld, refused; generation %lld goes on:",
                   (long long)cli_int(s, "refused_generation", 0),
                   (long long)cli_int(s, "generation", 0));
        cli_paint(&b, color, CLI_RED, buf_view(&head));
        buf_printf(&b, "\n%.*s\n", STR(cli_text(s, "refused")));
        buf_free(&head);
    }
    if (cli_text(s, "notice").len > 0) {
        cli_paint(&b, color, CLI_RED, cli_text(s, "notice"));
        buf_putc(&b, '\n');
    }
    put_draining(&b, s);
    if (cli_text(s, "wrong").len > 0) {
        cli_paint(&b, color, CLI_RED, cli_text(s, "wrong"));
        buf_putc(&b, '\n');
    }
    int64_t age = cli_int(s, "age_ms", -1);
    if (age < 0 || age > 10000)
        cli_paint(&b, color, CLI_RED, str_c("the core has not spoken for a while\n"));
    fwrite(b.data, 1, b.len, stdout);
    buf_free(&b);
    print_connections(s);
    print_earlier(s);
    print_details(s, told);
    print_rejected(s);
    print_processes(s);
}

int cmd_status(int argc, char **argv);
int cmd_status(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori status [-w DIR] [--json]",
        .about =
            "Connections with their state, whose token they have and until when, budgets, streams\n"
            "and gaps; what was heard and not understood; processes with their CPU time, the\n"
            "generation, the queue and the counts. "
            "Exit code 4 where Sori is not running."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "'%s' is one word too many", argv[1]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct cli_ask ask = {.name = "status"};
    struct cli_told told = {.code = 0};
    int code = cli_query(workspace.data, &ask, &told);
    struct sori_str at = buf_view(&told.rows);
    json_t *row = cli_next_row(&at);
    if (opts[1].value)
        cli_print_rows(&told);
    else if (row)
        print_status(row, &told);
    json_decref(row);
    cli_ask_free(&ask);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}
