/* why: what came in, what was known, which rule decided and what became of it. The policy's own
 * account is made again here, from the stored facts and the stored bundle, and what comes out
 * is compared, byte for byte, with what was decided. */
#include "cli/story.h"
#include "cli/why_more.h"
#include "base/clock.h"
#include "base/enums.h"
#include "lua/policy.h"
#include "proof/change.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <string.h>

struct replay {
    struct buf text, tried, checks; /* rep rec TRIED_RULE, rep rec CHECKED_INTENT */
    const char *problem;            /* constant; NULL where the account is the one that was kept */
};

static struct replay replay(const struct cli_told *told, const json_t *d) {
    struct replay r = {.problem = NULL};
    int64_t generation = cli_int(d, "generation", 0);
    struct sori_str facts = cli_blob(told, "facts", cli_int(d, "seq", 0));
    struct sori_str bundle = cli_blob(told, "bundle", generation);
    struct sori_str was = cli_blob(told, "result", cli_int(d, "seq", 0));
    /* What stopped a worker is not run here, and a stop by budget is never made again. */
    if (facts.len == 0 || rec_get_int(was, DEC_STATUS, DECISION_HELD) == DECISION_HELD) return r;
    if (bundle.len == 0) {
        r.problem = "the policy of that generation is no longer kept";
        return r;
    }
    struct buf errors = {0};
    struct policy *p = policy_load_kept(bundle, cli_blob(told, "env", generation), &errors);
    buf_free(&errors);
    if (!p) {
        r.problem = "this Sori cannot load the policy of that generation any more";
        return r;
    }
    struct buf decision = {0};
    policy_explain(p, facts, &r.text);
    policy_tried(p, facts, &r.tried);
    policy_checks(p, facts, &r.checks);
    policy_decide(p, facts, &decision);
    policy_free(p);
    /* The digest of the trace is part of it: equal bytes were come to in the same way. */
    bool same = str_eq(buf_view(&decision), was);
    bool alike = change_of(was, buf_view(&decision)) == CHANGES_NOTHING;
    buf_free(&decision);
    if (!same && alike)
        r.problem = "this Sori decides the same, in another way than the one that decided then";
    else if (!same)
        r.problem = "this Sori decides these facts differently from the one that decided then";
    return r;
}

static void replay_free(struct replay *r) {
    buf_free(&r->text);
    buf_free(&r->tried);
    buf_free(&r->checks);
}

static bool is_span(const char *name) {
    return !strcmp(name, "waited") || !strcmp(name, "window_left");
}

/* As people read it: confidences from 0 to 1, spans and times in words. */
static void put_value(struct buf *b, const char *name, const json_t *value) {
    int64_t ms;
    struct sori_str s = {json_string_value(value), json_string_length(value)};
    if (json_is_integer(value) && !strcmp(name, "tone_confidence")) {
        buf_printf(b, "%.2f", (double)json_integer_value(value) / 10000);
    } else if (json_is_integer(value) && is_span(name)) {
        cli_put_span(b, json_integer_value(value));
    } else if (s.len && clock_parse_rfc3339(s, &ms)) {
        cli_put_time(b, ms);
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        buf_puts(b, text ? text : "?");
        free(text);
    }
}

static void put_object(struct buf *b, const char *label, json_t *object) {
    struct buf line = {0};
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        if (json_is_null(value) || !strcmp(name, "text")) continue;
        buf_printf(&line, "%s%s=", line.len ? ", " : "", name);
        put_value(&line, name, value);
    }
    story_line(b, label, buf_view(&line));
    buf_free(&line);
}

static void put_scores(struct buf *b, json_t *scores) {
    struct buf line = {0};
    const char *name;
    json_t *value;
    json_object_foreach(scores, name, value) buf_printf(
        &line, "%s%s %.2f", line.len ? ", " : "", name, (double)json_integer_value(value) / 10000);
    story_line(b, "scores", buf_view(&line));
    buf_free(&line);
}

static void put_list(struct buf *b, const char *label, const json_t *array) {
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) {
        if (json_is_string(item))
            story_line(b, label,
                       (struct sori_str){json_string_value(item), json_string_length(item)});
    }
}

/* "1h" of a clock, "+1" of what is added to a cell. */
static void put_amount(struct buf *b, const json_t *item) {
    struct sori_str verb = cli_text(item, "verb");
    int64_t value = cli_int(item, "value", 0);
    if (!json_is_integer(json_object_get(item, "value"))) return;
    buf_putc(b, ' ');
    if (str_is(verb, "clock") || str_is(verb, "follow_up"))
        cli_put_span(b, value);
    else
        buf_printf(b, str_is(verb, "add") ? "%+lld" : "= %lld", (long long)value);
}

/* "(after approval; not passed: channel)" */
static void put_approval(struct buf *b, const json_t *item) {
    size_t i;
    json_t *one;
    buf_puts(b, " (after approval");
    json_array_foreach(json_object_get(item, "checks"), i, one)
        buf_printf(b, "%s%.*s", i ? ", " : "; not passed: ", STR(cli_text(one, "check")));
    buf_putc(b, ')');
}

static void put_intentions(struct buf *b, const json_t *array) {
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) {
        struct buf line = {0};
        buf_str(&line, cli_text(item, "verb"));
        if (cli_text(item, "name").len > 0) buf_printf(&line, " %.*s", STR(cli_text(item, "name")));
        put_amount(&line, item);
        if (json_is_true(json_object_get(item, "approve"))) put_approval(&line, item);
        if (cli_text(item, "text").len > 0)
            buf_printf(&line, ": %.*s", STR(cli_text(item, "text")));
        story_line(b, "intends", buf_view(&line));
        buf_free(&line);
    }
}

/* In words, for decisions in which no policy had a say. */
static const char *silence(struct sori_str status) {
    if (str_is(status, "past"))
        return "it is older than the horizon or than the connection: recorded and counted, and "
               "nothing is said about the past";
    if (str_is(status, "quarantined"))
        return "a worker died over it twice: it waits for a person, everything else went on";
    if (str_is(status, "held")) return "it is held for a person";
    if (str_is(status, "none")) return "no rule matched: nothing is done";
    return NULL;
}

/* Line by line, indented as it is; it quotes strangers, so nothing may steer the terminal. */
static void put_account(struct buf *b, struct sori_str text) {
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len, blank = 0;
        while (blank < len && text.ptr[blank] == ' ') blank++;
        buf_put(b, text.ptr, blank);
        cli_put_cut(b, (struct sori_str){text.ptr + blank, len - blank}, 2000);
        buf_putc(b, '\n');
        text.ptr += len + (end != NULL);
        text.len -= len + (end != NULL);
    }
}

static void put_decision(struct buf *b, bool color, const json_t *row, const json_t *d,
                         const struct cli_told *told, const char *workspace) {
    struct buf title = {0};
    struct sori_str status = cli_text(d, "status");
    buf_printf(&title, "Decision on \"%.*s\" (entry %lld): %.*s", STR(cli_text(d, "on")),
               (long long)cli_int(d, "seq", 0), STR(status));
    story_title(b, color, title.data);
    buf_free(&title);
    if (silence(status)) story_line(b, "so", str_c(silence(status)));
    story_line(b, "outcome", cli_text(d, "outcome"));
    story_line(b, "rule", cli_text(d, "rule"));
    story_line(b, "at", cli_text(d, "where"));
    put_list(b, "note", json_object_get(d, "notes"));
    put_intentions(b, json_object_get(d, "intentions"));
    why_generation_put(b, row, cli_int(d, "generation", 0));
    put_list(b, "model", json_object_get(d, "models"));
    put_scores(b, json_object_get(d, "scores"));
    why_words_put(b, workspace, row, d, cli_blob(told, "facts", cli_int(d, "seq", 0)));
    put_object(b, "facts", json_object_get(d, "facts"));
    put_object(b, "cells", json_object_get(d, "cells"));
    struct replay r = replay(told, d);
    if (r.problem) {
        buf_puts(b, "  ");
        cli_paint(b, color, CLI_YELLOW, str_c(r.problem));
        buf_putc(b, '\n');
    }
    if (r.text.len > 0) {
        story_title(b, color, "The policy's account");
        put_account(b, buf_view(&r.text));
    }
    replay_free(&r);
}

static void put_faults(struct buf *b, bool color, const json_t *faults) {
    if (json_array_size(faults) > 0) story_title(b, color, "Faults");
    size_t i;
    json_t *f;
    json_array_foreach(faults, i, f) {
        struct buf line = {0};
        buf_printf(&line, "%.*s %.*s: %.*s", STR(cli_text(f, "process")), STR(cli_text(f, "call")),
                   STR(cli_text(f, "evidence")));
        story_line(b, "fault", buf_view(&line));
        buf_free(&line);
    }
}

static json_t *text_of(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

/* [{"verb", "slot", "checks": [{"check", "passed", "why"}]}]: how each reply stood with the ten. */
static json_t *checks_of(struct sori_str rest) {
    json_t *all = json_array();
    struct rec_field f, g;
    while (rec_next(&rest, &f) == 1) {
        json_t *one = json_array();
        for (struct sori_str in = f.s; rec_next(&in, &g) == 1;)
            if (g.tag == CHECKED_CHECK && g.type == REC_REC)
                json_array_append_new(one, json_pack("{s:o, s:b, s:o}", "check",
                                                     text_of(rec_get_str(g.s, 1)), "passed",
                                                     rec_get_int(g.s, 2, 0) != 0, "why",
                                                     text_of(rec_get_str(g.s, 3))));
        json_array_append_new(
            all, json_pack("{s:s, s:I, s:o}", "verb", verb_word(rec_get_int(f.s, CHECKED_VERB, 0)),
                           "slot", (json_int_t)rec_get_int(f.s, CHECKED_SLOT, 0), "checks", one));
    }
    return all;
}

/* --json: the row with the account in each decision. */
static void print_json(json_t *row, const struct cli_told *told, const char *workspace) {
    size_t i;
    json_t *d;
    json_array_foreach(json_object_get(row, "decisions"), i, d) {
        struct replay r = replay(told, d);
        json_object_set_new(d, "account",
                            r.text.len ? json_stringn(r.text.data, r.text.len) : json_null());
        json_object_set_new(d, "replay",
                            r.problem        ? json_string(r.problem)
                            : r.text.len > 0 ? json_string("same")
                                             : json_null());
        json_object_set_new(d, "tried", why_tried_json(buf_view(&r.tried)));
        json_object_set_new(d, "checks", checks_of(buf_view(&r.checks)));
        json_object_set_new(
            d, "words",
            why_words_json(workspace, row, d, cli_blob(told, "facts", cli_int(d, "seq", 0))));
        replay_free(&r);
    }
    json_dumpf(row, stdout, JSON_COMPACT);
    putchar('\n');
}

int cmd_why(int argc, char **argv);
int cmd_why(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori why ID [-w DIR] [--json]",
        .about = "Why something was decided about an interaction, silence included: what came in,\n"
                 "the facts and scores, each condition with the wanted and the seen value, the\n"
                 "rule, the generation, and the whole life of what was done."};
    struct cli_told told = {.code = 0};
    json_t *row;
    bool json = false;
    struct buf workspace = {0};
    int code = story_ask("why", &help, argc, argv, &told, &row, &json, &workspace);
    if (row) why_versions_add(row, workspace.data);
    if (row && json) {
        print_json(row, &told, workspace.data);
    } else if (row) {
        bool color = cli_is_color(stdout);
        struct buf b = {0};
        story_head(&b, color, row);
        why_person_put(&b, row);
        story_history(&b, color, row);
        size_t i;
        json_t *d;
        const json_t *decisions = json_object_get(row, "decisions");
        json_array_foreach(decisions, i, d) put_decision(&b, color, row, d, &told, workspace.data);
        if (json_array_size(decisions) == 0)
            buf_puts(&b,
                     "\nNothing was decided about it: it is only counted, or still on its way.\n");
        story_actions(&b, color, row);
        why_after_put(&b, color, row);
        put_faults(&b, color, json_object_get(row, "faults"));
        fwrite(b.data, 1, b.len, stdout);
        buf_free(&b);
    }
    json_decref(row);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}
