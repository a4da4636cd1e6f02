/* What why tells besides the decision: the person, the generation, the words behind a score, and
 * what came of it. */
#include "cli/why_more.h"

#include "base/clock.h"
#include "base/item.h"
#include "cli/plugin/once.h"
#include "cli/story.h"
#include "cli/why_words.h"
#include "lua/policy.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum { WORDS_SHOWN = 6, TEXT_COLUMNS = 80 };

static const json_t *generation_of(const json_t *row, int64_t id) {
    size_t i;
    json_t *g;
    json_array_foreach(json_object_get(row, "generations"), i,
                       g) if (cli_int(g, "id", 0) == id) return g;
    return NULL;
}

static void put_when(struct buf *b, struct sori_str rfc) {
    int64_t ms;
    if (clock_parse_rfc3339(rfc, &ms)) cli_put_time(b, ms);
}

static void put_parts(struct buf *b, const char *label, const json_t *parts) {
    struct buf line = {0};
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part) {
        struct sori_str hash = cli_text(part, "content");
        struct sori_str version = cli_text(part, "version");
        buf_printf(&line, "%s%.*s", i ? ", " : "", STR(cli_text(part, "name")));
        if (version.len) buf_printf(&line, " %.*s", STR(version));
        if (hash.len >= 12) buf_printf(&line, " (content %.12s)", hash.ptr);
    }
    story_line(b, label, buf_view(&line));
    buf_free(&line);
}

/* The version of a plugin of the same bytes that was looked at before, borrowed; NULL for none. */
static json_t *version_seen(const json_t *looked, struct sori_str hash) {
    size_t i;
    json_t *part;
    json_array_foreach(looked, i, part) if (str_eq(cli_text(part, "content"),
                                                   hash)) return json_object_get(part, "version");
    return NULL;
}

static json_t *version_of(const char *workspace, const json_t *part) {
    struct buf path = {0}, descriptor = {0};
    struct err err;
    struct sori_str version = {0};
    if (why_part_path(workspace, part, ".so", &path) &&
        once_descriptor(path.data, &descriptor, &err))
        version = rec_get_str(buf_view(&descriptor), DESC_VERSION);
    json_t *told = version.len ? json_stringn(version.ptr, version.len) : json_null();
    buf_free(&path);
    buf_free(&descriptor);
    return told;
}

void why_versions_add(json_t *row, const char *workspace) {
    json_t *generations = json_object_get(row, "generations"), *g, *part, *looked = json_array();
    size_t i, k;
    json_array_foreach(generations, i, g)
        json_array_foreach(json_object_get(g, "plugins"), k, part) {
        json_t *version = version_seen(looked, cli_text(part, "content"));
        json_object_set_new(part, "version",
                            version ? json_incref(version) : version_of(workspace, part));
        json_array_append(looked, part);
    }
    json_decref(looked);
}

void why_generation_put(struct buf *b, const json_t *row, int64_t id) {
    const json_t *g = generation_of(row, id);
    struct buf line = {0};
    if (id <= 0) return;
    buf_printf(&line, "%lld", (long long)id);
    if (cli_text(g, "live_since").len) {
        buf_puts(&line, ", live since ");
        put_when(&line, cli_text(g, "live_since"));
    }
    if (cli_text(g, "by").len) buf_printf(&line, ", by %.*s", STR(cli_text(g, "by")));
    if (cli_text(g, "why").len) buf_printf(&line, " (%.*s)", STR(cli_text(g, "why")));
    story_line(b, "generation", buf_view(&line));
    buf_free(&line);
    put_parts(b, "plugins", json_object_get(g, "plugins"));
    put_parts(b, "models", json_object_get(g, "models"));
}

void why_person_put(struct buf *b, const json_t *row) {
    const json_t *p = json_object_get(row, "person");
    struct buf line = {0};
    struct sori_str relation = cli_text(p, "relationship_then");
    if (cli_text(p, "known_since").len) {
        buf_puts(&line, "known since ");
        put_when(&line, cli_text(p, "known_since"));
    }
    if (relation.len) {
        struct sori_str by = cli_text(p, "relationship_by");
        buf_printf(&line, "%s%.*s when this was decided, %ssince ", line.len ? "; " : "",
                   STR(relation), by.len ? "" : "at least ");
        put_when(&line, cli_text(p, "relationship_since"));
        if (by.len) buf_printf(&line, " by %.*s", STR(by));
        if (cli_text(p, "relationship_before").len)
            buf_printf(&line, ", %.*s before", STR(cli_text(p, "relationship_before")));
    }
    story_line(b, "person", buf_view(&line));
    buf_free(&line);
}

/* ---- what came of it ---- */

static int64_t first_answer(const json_t *actions) {
    int64_t first = 0, at;
    size_t i;
    json_t *a;
    json_array_foreach(actions, i, a) {
        struct sori_str verb = cli_text(a, "verb");
        bool words = str_is(verb, "reply") || str_is(verb, "private_reply");
        if (words && str_is(cli_text(a, "state"), "done") &&
            clock_parse_rfc3339(cli_text(a, "sent_at"), &at) && (!first || at < first))
            first = at;
    }
    return first;
}

void why_after_put(struct buf *b, bool color, const json_t *row) {
    const json_t *next = json_object_get(row, "next_word");
    int64_t heard, sent = first_answer(json_object_get(row, "actions"));
    bool timed = clock_parse_rfc3339(cli_text(row, "heard_at"), &heard) && sent >= heard;
    struct buf line = {0};
    if (!(sent && timed) && !json_is_object(next)) return;
    story_title(b, color, "What came of it");
    if (sent && timed) {
        buf_puts(&line, "after ");
        cli_put_span(&line, sent - heard);
        story_line(b, "answered", buf_view(&line));
        buf_clear(&line);
    }
    if (json_is_object(next)) {
        buf_printf(&line, "%.*s, ",
                   STR(cli_text(next, "tone").len ? cli_text(next, "tone") : SORI_STR("no tone")));
        put_when(&line, cli_text(next, "heard_at"));
        buf_printf(&line, ", %.*s %lld: ", STR(cli_text(next, "kind")),
                   (long long)cli_int(next, "id", 0));
        cli_put_cut(&line, cli_text(next, "text"), TEXT_COLUMNS);
        story_line(b, "next word", buf_view(&line));
    }
    buf_free(&line);
}

/* ---- which words ---- */

static bool ask(const char *workspace, const json_t *row, const json_t *d, struct sori_str facts,
                struct why_words *w, struct err *err) {
    const char *model = json_string_value(json_array_get(json_object_get(d, "models"), 0));
    struct sori_str text = rec_get_str(facts, FACT_TEXT);
    *w = (struct why_words){.n = 0};
    err->text[0] = 0;
    if (!model || !text.len) return false;
    return why_words_ask(workspace, generation_of(row, cli_int(d, "generation", 0)), str_c(model),
                         text, rec_get_str(facts, FACT_LANG), cli_text(d, "tone"), w, err);
}

void why_words_put(struct buf *b, const char *workspace, const json_t *row, const json_t *d,
                   struct sori_str facts) {
    struct why_words w;
    struct err err;
    struct buf line = {0};
    struct sori_str text = rec_get_str(facts, FACT_TEXT);
    if (!ask(workspace, row, d, facts, &w, &err)) {
        story_line(b, "words", str_c(err.text));
        return;
    }
    buf_printf(&line, "for %s: ", w.label);
    for (size_t i = 0; i < w.n && i < WORDS_SHOWN; i++)
        buf_printf(&line, "%s%.*s %+.2f", i ? ", " : "", (int)(w.words[i].to - w.words[i].from),
                   text.ptr + w.words[i].from, (double)w.words[i].weight / 10000);
    story_line(b, "words", buf_view(&line));
    buf_free(&line);
    why_words_free(&w);
}

json_t *why_words_json(const char *workspace, const json_t *row, const json_t *d,
                       struct sori_str facts) {
    struct why_words w;
    struct err err;
    struct sori_str text = rec_get_str(facts, FACT_TEXT);
    if (!ask(workspace, row, d, facts, &w, &err)) return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < w.n; i++)
        json_array_append_new(list, json_pack("{s:s%, s:f}", "word", text.ptr + w.words[i].from,
                                              (size_t)(w.words[i].to - w.words[i].from), "weight",
                                              (double)w.words[i].weight / 10000));
    json_t *all = json_pack("{s:s, s:o}", "label", w.label, "words", list);
    why_words_free(&w);
    return all;
}

static json_t *text_of(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

static json_t *tried_rule(struct sori_str rule) {
    json_t *conditions = json_array(), *check = json_null();
    struct sori_str rest = rule, why = rec_get_str(rule, TRIED_WHY);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == TRIED_COND && f.type == REC_REC)
            json_array_append_new(conditions, json_pack("{s:o, s:o, s:o, s:b}", "name",
                                                        text_of(rec_get_str(f.s, 1)), "wanted",
                                                        text_of(rec_get_str(f.s, 2)), "seen",
                                                        text_of(rec_get_str(f.s, 3)), "holds",
                                                        rec_get_int(f.s, 4, 0) != 0));
    int64_t answer = rec_get_int(rule, TRIED_CHECK, -1);
    if (why.len)
        check = json_pack("{s:o, s:o}", "why", text_of(why), "answer",
                          answer < 0 ? json_null() : json_boolean(answer));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "kind",
                     rec_get_int(rule, TRIED_NOTE, 0) ? "note" : "rule", "name",
                     text_of(rec_get_str(rule, TRIED_NAME)), "where",
                     text_of(rec_get_str(rule, TRIED_WHERE)), "conditions", conditions, "check",
                     check, "fired", rec_get_int(rule, TRIED_FIRED, 0) != 0);
}

json_t *why_tried_json(struct sori_str tried) {
    json_t *all = json_array();
    struct rec_field f;
    while (rec_next(&tried, &f) == 1)
        if (f.tag == TRIED_RULE && f.type == REC_REC) json_array_append_new(all, tried_rule(f.s));
    return all;
}
