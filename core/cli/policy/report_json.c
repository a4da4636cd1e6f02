/* The same for programs. */
#include "cli/policy/report.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <stdlib.h>

static json_t *text(struct sori_str s) {
    json_t *t = json_stringn(s.ptr ? s.ptr : "", s.len);
    return t ? t : json_string("");
}

static json_t *time_json(int64_t ms) {
    struct buf b = {0};
    if (!ms) return json_null();
    clock_rfc3339(&b, ms);
    json_t *t = text(buf_view(&b));
    buf_free(&b);
    return t;
}

static json_t *counts_json(const struct counts *c, bool both) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++) {
        const struct count *k = &c->items[i];
        json_t *o = json_pack("{s:o, s:I, s:I}", "name", text(str_c(k->name)), "changed",
                              (json_int_t)k->changed, both ? "then" : "of", (json_int_t)k->then);
        if (both) json_object_set_new(o, "now", json_integer(k->now));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *moves_json(const struct counts *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++)
        json_array_append_new(list, json_pack("{s:o, s:I}", "move", text(str_c(c->items[i].name)),
                                              "n", (json_int_t)c->items[i].changed));
    return list;
}

static json_t *unknown_json(const struct counts *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++)
        json_array_append_new(
            list, json_pack("{s:o, s:I, s:o}", "name", text(str_c(c->items[i].name)), "n",
                            (json_int_t)c->items[i].then, "since", time_json(c->items[i].now)));
    return list;
}

static json_t *intent_json(struct sori_str intent) {
    json_t *o = json_object();
    int64_t value = rec_get_int(intent, INTENT_VALUE, INT64_MIN);
    json_object_set_new(o, "verb", json_string(verb_word(rec_get_int(intent, INTENT_VERB, 0))));
    struct sori_str name = rec_get_str(intent, INTENT_NAME),
                    words = rec_get_str(intent, INTENT_TEXT);
    if (name.len) json_object_set_new(o, "name", text(name));
    if (words.len) json_object_set_new(o, "text", text(words));
    if (value != INT64_MIN) json_object_set_new(o, "value", json_integer(value));
    if (rec_get_int(intent, INTENT_APPROVE, 0)) json_object_set_new(o, "approve", json_true());
    return o;
}

static json_t *decision_json(struct sori_str decision) {
    json_t *intents = json_array();
    struct buf does = {0};
    struct rec_field f;
    change_does(decision, &does);
    json_t *o = json_pack(
        "{s:s, s:o, s:o, s:o, s:o}", "status", decision_word(rec_get_int(decision, DEC_STATUS, 0)),
        "rule", text(rec_get_str(decision, DEC_RULE)), "where",
        text(rec_get_str(decision, DEC_WHERE)), "direction",
        text(rec_get_str(decision, DEC_DIRECTION)), "does", text(buf_view(&does)));
    buf_free(&does);
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC)
            json_array_append_new(intents, intent_json(f.s));
    json_object_set_new(o, "intentions", intents);
    return o;
}

static json_t *lines_json(const struct buf *b) {
    json_t *list = json_array();
    const char *at = b->data;
    for (const char *end; at && *at; at = end + 1) {
        end = strchr(at, '\n');
        json_array_append_new(list,
                              text((struct sori_str){at, end ? (size_t)(end - at) : strlen(at)}));
        if (!end) break;
    }
    return list;
}

static json_t *sample_json(const struct sample *s) {
    struct buf point = {0};
    change_point(buf_view(&s->then), buf_view(&s->now), &point);
    json_t *o = json_pack(
        "{s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)s->interaction, "seq",
        (json_int_t)s->seq, "on", entry_word(rec_get_int(buf_view(&s->facts), FACT_ON, 0)), "kind",
        kind_word(rec_get_int(buf_view(&s->facts), FACT_KIND, 0)), "text",
        text(rec_get_str(buf_view(&s->facts), FACT_TEXT)), "then",
        decision_json(buf_view(&s->then)), "now", decision_json(buf_view(&s->now)), "differs_in",
        text(buf_view(&point)), "why", lines_json(&s->why));
    buf_free(&point);
    return o;
}

static void put_numbers(json_t *o, const struct report *r) {
    const struct {
        const char *name;
        int64_t n;
    } all[] = {{"generation", r->generation},
               {"compared", r->compared},
               {"changed", r->changed},
               {"renamed", r->renamed},
               {"stopped", r->stopped},
               {"asked_unknown", r->asked},
               {"asked_unknown_changed", r->asked_changed},
               {"rescored", r->rescored},
               {"rescored_changed", r->rescored_changed},
               {"unscored", r->unscored},
               {"redone", r->redone},
               {"changed_earlier", r->earlier},
               {"past", r->past},
               {"held", r->held},
               {"quarantined", r->quarantined},
               {"no_facts", r->bare},
               {"skipped", r->skipped},
               {"deaths", r->deaths},
               {"gaps", r->gaps},
               {"lanes", r->lanes}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        json_object_set_new(o, all[i].name, json_integer(all[i].n));
    json_object_set_new(o, "share", json_real((double)report_share(r) / 10000));
    json_object_set_new(o, "seconds", json_real((double)r->took_ms / 1000));
}

void policy_report_json(struct report *r, const char *what, int64_t limit) {
    json_t *o = json_object(), *by = json_object(), *samples = json_array();
    json_object_set_new(o, "policy", text(str_c(what)));
    json_object_set_new(o, "mode",
                        json_string(r->shadow   ? "shadow"
                                    : r->closed ? "closed"
                                                : "open"));
    json_object_set_new(o, "since", time_json(r->since));
    json_object_set_new(o, "first", time_json(r->first_at));
    json_object_set_new(o, "last", time_json(r->last_at));
    json_object_set_new(o, "last_gap", time_json(r->gap_at));
    put_numbers(o, r);
    if (limit >= 0) {
        json_object_set_new(o, "limit", json_real((double)limit / 10000));
        json_object_set_new(o, "over_limit", json_boolean(report_share(r) > limit));
    }
    for (size_t i = 0; i < BY_COUNT; i++) {
        counts_sort(&r->by[i]);
        json_object_set_new(by, report_by_word((enum report_by)i),
                            counts_json(&r->by[i], i == BY_RULE || i == BY_DIRECTION));
    }
    counts_sort(&r->moves);
    counts_sort(&r->renames);
    counts_sort(&r->unknown);
    json_object_set_new(o, "by", by);
    json_object_set_new(o, "moves", moves_json(&r->moves));
    json_object_set_new(o, "renames", moves_json(&r->renames));
    json_object_set_new(o, "unknown", unknown_json(&r->unknown));
    for (size_t i = 0; i < r->sample_n; i++)
        json_array_append_new(samples, sample_json(&r->samples[i]));
    json_object_set_new(o, "samples", samples);
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}
