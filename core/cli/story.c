#include "cli/story.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { LINE = 2000 /* columns of a text that is shown whole */ };

int story_ask(const char *query, const struct cli_help *help, int argc, char **argv,
              struct cli_told *told, json_t **row, bool *json, struct buf *workspace) {
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    *row = NULL;
    int n = cli_parse(argc, argv, help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(help, "%s: one id was expected", query);
    *json = opts[1].value != NULL;
    struct err err;
    if (!cli_workspace(opts[0].value, workspace, &err)) return cli_usage(help, "%s", err.text);
    struct cli_ask ask = {.name = query};
    cli_ask_arg(&ask, "id", str_c(argv[1]));
    int code = cli_query(workspace->data, &ask, told);
    struct sori_str at = buf_view(&told->rows);
    *row = cli_next_row(&at);
    struct sori_str zone = cli_zone(told);
    if (*row && zone.len && !*json)
        json_object_set_new(*row, "zone", json_stringn(zone.ptr, zone.len));
    cli_ask_free(&ask);
    return code;
}

void story_title(struct buf *b, bool color, const char *title) {
    buf_putc(b, '\n');
    cli_paint(b, color, CLI_BOLD, str_c(title));
    buf_putc(b, '\n');
}

void story_line(struct buf *b, const char *name, struct sori_str value) {
    if (value.len == 0) return;
    buf_printf(b, "  %-13s ", name);
    cli_put_cut(b, value, LINE);
    buf_putc(b, '\n');
}

static void time_of(struct buf *b, struct sori_str rfc) {
    int64_t ms;
    if (clock_parse_rfc3339(rfc, &ms))
        cli_put_time(b, ms);
    else
        buf_puts(b, "           ");
}

static void names(struct buf *b, const json_t *array, const char *label) {
    struct buf list = {0};
    size_t i;
    json_t *name;
    json_array_foreach(array, i, name) {
        if (i) buf_puts(&list, ", ");
        buf_puts(&list, json_string_value(name) ? json_string_value(name) : "");
    }
    story_line(b, label, buf_view(&list));
    buf_free(&list);
}

static void counts(struct buf *b, json_t *object, const char *label) {
    struct buf list = {0};
    const char *name;
    json_t *n;
    json_object_foreach(object, name, n) buf_printf(&list, "%s%s %lld", list.len ? ", " : "", name,
                                                    (long long)json_integer_value(n));
    story_line(b, label, buf_view(&list));
    buf_free(&list);
}

static void who(struct buf *b, const json_t *row) {
    const json_t *author = json_object_get(row, "author"),
                 *contact = json_object_get(row, "contact");
    struct buf line = {0};
    buf_str(&line, cli_text(author, "name"));
    if (cli_text(author, "id").len > 0) buf_printf(&line, " (%.*s)", STR(cli_text(author, "id")));
    story_line(b, "author", buf_view(&line));
    buf_clear(&line);
    int64_t id = cli_int(contact, "id", 0);
    if (id > 0) {
        buf_printf(&line, "%lld, %.*s%s", (long long)id, STR(cli_text(contact, "relationship")),
                   json_is_true(json_object_get(contact, "influencer")) ? ", influencer" : "");
        story_line(b, "contact", buf_view(&line));
    }
    buf_free(&line);
}

static void show_case(struct buf *b, const json_t *k) {
    if (!json_is_object(k)) return;
    struct buf line = {0};
    buf_str(&line, cli_text(k, "state"));
    if (cli_text(k, "department").len > 0)
        buf_printf(&line, ", for %.*s", STR(cli_text(k, "department")));
    if (cli_text(k, "owner").len > 0) buf_printf(&line, ", %.*s", STR(cli_text(k, "owner")));
    if (cli_text(k, "reason").len > 0) buf_printf(&line, " (%.*s)", STR(cli_text(k, "reason")));
    story_line(b, "case", buf_view(&line));
    buf_clear(&line);
    cli_put_clock_story(&line, json_object_get(k, "clock"));
    story_line(b, "clock", buf_view(&line));
    buf_free(&line);
}

static void story_time(struct buf *b, const char *name, struct sori_str rfc) {
    struct buf line = {0};
    if (!rfc.len) return;
    time_of(&line, rfc);
    story_line(b, name, buf_view(&line));
    buf_free(&line);
}

void story_head(struct buf *b, bool color, const json_t *row) {
    struct buf line = {0};
    buf_printf(&line, "%lld  %.*s on %.*s", (long long)cli_int(row, "id", 0),
               STR(cli_text(row, "kind")), STR(cli_text(row, "connection")));
    if (!str_is(cli_text(row, "state"), "live"))
        buf_printf(&line, "  [%.*s]", STR(cli_text(row, "state")));
    cli_paint(b, color, CLI_BOLD, buf_view(&line));
    buf_free(&line);
    buf_putc(b, '\n');
    who(b, row);
    story_line(b, "title", cli_text(row, "title"));
    story_line(b, "text", cli_text(row, "text"));
    story_time(b, "said", cli_text(row, "said_at"));
    story_time(b, "heard", cli_text(row, "heard_at"));
    story_line(b, "times", cli_text(row, "zone"));
    story_line(b, "link", cli_text(row, "url"));
    story_line(b, "answers", cli_text(row, "parent"));
    story_line(b, "about", cli_text(row, "target"));
    story_line(b, "native id", cli_text(row, "native_id"));
    if (!str_is(cli_text(row, "origin"), "person"))
        story_line(b, "origin", cli_text(row, "origin"));
    names(b, json_object_get(row, "sightings"), "seen by");
    names(b, json_object_get(row, "tags"), "tags");
    counts(b, json_object_get(row, "counted"), "counted");
    counts(b, json_object_get(row, "gauges"), "platform says");
    show_case(b, json_object_get(row, "case"));
}

/* When what waits for its turn is looked at again. */
static void show_turn(struct buf *b, const json_t *a) {
    int64_t due;
    if (!str_is(cli_text(a, "state"), "ready") || !clock_parse_rfc3339(cli_text(a, "due"), &due) ||
        due <= clock_now())
        return;
    buf_puts(b, ", in ");
    cli_put_span(b, due - clock_now());
}

static enum cli_color state_color(struct sori_str state) {
    if (str_is(state, "done")) return CLI_GREEN;
    if (str_is(state, "unknown") || str_is(state, "failed")) return CLI_RED;
    return str_is(state, "waiting") ? CLI_YELLOW : CLI_PLAIN;
}

/* What was let go all the same is held no more: it was said although. */
void story_checks(struct buf *b, const json_t *row) {
    struct sori_str state = cli_text(row, "state");
    bool gone = str_is(state, "ready") || str_is(state, "leased") || str_is(state, "sent") ||
                str_is(state, "done") || str_is(state, "unknown");
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(row, "checks"), i, one) {
        struct buf line = {0};
        buf_printf(&line, "✗ %.*s: %.*s", STR(cli_text(one, "check")), STR(cli_text(one, "why")));
        story_line(b, gone ? "  although" : "  held by", buf_view(&line));
        buf_free(&line);
    }
}

void story_actions(struct buf *b, bool color, const json_t *row) {
    const json_t *actions = json_object_get(row, "actions");
    if (json_array_size(actions) > 0) story_title(b, color, "Actions");
    size_t i;
    json_t *a;
    json_array_foreach(actions, i, a) {
        buf_printf(b, "  %.*s", STR(cli_text(a, "verb")));
        if (cli_int(a, "slot", 0) > 0) buf_printf(b, ".%lld", (long long)cli_int(a, "slot", 0));
        buf_puts(b, "  ");
        cli_paint(b, color, state_color(cli_text(a, "state")), cli_text(a, "state"));
        if (cli_int(a, "attempts", 0) > 1)
            buf_printf(b, ", attempt %lld", (long long)cli_int(a, "attempts", 0));
        if (cli_text(a, "sent_at").len > 0) {
            buf_puts(b, ", sent ");
            time_of(b, cli_text(a, "sent_at"));
        }
        if (cli_text(a, "native_id").len > 0)
            buf_printf(b, ", as %.*s", STR(cli_text(a, "native_id")));
        if (cli_text(a, "by").len > 0) buf_printf(b, ", by %.*s", STR(cli_text(a, "by")));
        show_turn(b, a);
        buf_putc(b, '\n');
        story_line(b, "  says", cli_text(a, "text"));
        story_line(b, "  because", cli_text(a, "reason"));
        story_checks(b, a);
    }
}

void story_history(struct buf *b, bool color, const json_t *row) {
    const json_t *history = json_object_get(row, "history");
    if (json_array_size(history) > 0) story_title(b, color, "History");
    size_t i;
    json_t *e;
    json_array_foreach(history, i, e) {
        buf_puts(b, "  ");
        time_of(b, cli_text(e, "at"));
        struct sori_str what = cli_text(e, "what"), command = cli_text(e, "command");
        buf_printf(b, "  %.*s", STR(command.len > 0 ? command : what));
        if (command.len > 0) buf_printf(b, " by %.*s", STR(cli_text(e, "by")));
        if (cli_text(e, "although").len > 0)
            buf_printf(b, ", although: %.*s", STR(cli_text(e, "although")));
        if (cli_text(e, "note").len > 0) buf_printf(b, " (%.*s)", STR(cli_text(e, "note")));
        if (cli_text(e, "text").len > 0) {
            buf_puts(b, ": ");
            cli_put_cut(b, cli_text(e, "text"), 100);
        }
        if (cli_text(e, "decision").len > 0) {
            buf_printf(b, "  → %.*s", STR(cli_text(e, "decision")));
            if (cli_text(e, "rule").len > 0) buf_printf(b, " \"%.*s\"", STR(cli_text(e, "rule")));
        }
        buf_putc(b, '\n');
    }
}
