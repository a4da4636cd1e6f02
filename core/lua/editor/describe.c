/* A policy as JSON for plans and people; and the JSON of an interaction as facts. */
#include "lua/policy_inner.h"
#include "base/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *text(struct sori_str s) {
    json_t *t = json_stringn(s.ptr ? s.ptr : "", s.len);
    return t ? t : json_string("");
}

/* Several conditions may have one key: a window of each of two topics. */
static void put_wanted(json_t *when, const struct cond *c) {
    const json_t *old = json_object_get(when, c->key);
    struct buf all = {0};
    if (old) buf_printf(&all, "%s, ", json_string_value(old));
    buf_str(&all, c->wanted);
    json_object_set_new(when, c->key, text(buf_view(&all)));
    buf_free(&all);
}

static json_t *rule_json(const struct rule *r) {
    json_t *acts = json_array(), *when = json_object();
    bool speaks = r->act_function != LUA_NOREF && !r->note;
    for (size_t i = 0; i < r->act_count; i++) {
        char line[256];
        snprintf(line, sizeof line, "%s%s%.*s", verb_word(r->acts[i].verb),
                 r->acts[i].name.len ? " " : "", STR(r->acts[i].name));
        json_array_append_new(acts, json_string(line));
        speaks |= r->acts[i].verb < VERB_ASSIGN;
    }
    for (size_t i = 0; i < r->cond_count; i++) put_wanted(when, &r->conds[i]);
    return json_pack("{s:s,s:s,s:s,s:i,s:s,s:o,s:o,s:b,s:b,s:s}", "name", r->name, "kind",
                     r->note ? "note" : "rule", "file", r->file, "line", r->line, "direction",
                     r->direction ? direction_word(r->direction) : "", "when", when, "act", acts,
                     "speaks", speaks, "lua", r->act_function != LUA_NOREF || r->check != LUA_NOREF,
                     "check", r->why ? r->why : "");
}

static json_t *labels_json(const struct policy *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->used_count; i++)
        json_array_append_new(list, json_pack("{s:o,s:f}", "label", text(p->used[i].name),
                                              "threshold", (double)p->used[i].threshold / 10000));
    return list;
}

static json_t *levels_json(const struct policy *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->level_use_count; i++) {
        const struct level_use *u = &p->level_uses[i];
        json_array_append_new(list,
                              json_pack("{s:o,s:f,s:o,s:f,s:I,s:o}", "level", text(u->level->name),
                                        "precision", (double)u->level->precision / 10000, "label",
                                        text(u->label), "threshold", (double)u->threshold / 10000,
                                        "rows", (json_int_t)u->rows, "model", text(u->model)));
    }
    return list;
}

static json_t *cells_json(const struct policy *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->cell_count; i++)
        json_array_append_new(list, json_pack("{s:o,s:s,s:I}", "cell", text(p->cells[i].name),
                                              "per", p->cells[i].scope ? "case" : "contact",
                                              "keep_ms", (json_int_t)p->cells[i].keep));
    return list;
}

static json_t *templates_json(const struct policy *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->template_count; i++)
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:I,s:s}", "name", text(p->templates[i].name), "lang",
                            text(p->templates[i].lang), "file", text(p->templates[i].path),
                            "wordings", (json_int_t)p->templates[i].wordings, "goal",
                            p->templates[i].goal ? goal_word(p->templates[i].goal) : ""));
    return list;
}

static json_t *departments_json(const struct policy *p) {
    json_t *set = json_object(), *list = json_array();
    for (size_t i = 0; i < p->rule_count; i++)
        for (size_t k = 0; k < p->rules[i].act_count; k++)
            if (p->rules[i].acts[k].verb == VERB_ASSIGN)
                json_object_set_new(set, policy_text((struct policy *)p, p->rules[i].acts[k].name),
                                    json_true());
    const char *key;
    json_t *value;
    json_object_foreach(set, key, value) json_array_append_new(list, json_string(key));
    json_decref(set);
    return list;
}

void policy_describe(struct policy *p, struct buf *json) {
    json_t *rules = json_array();
    for (size_t i = 0; i < p->rule_count; i++)
        json_array_append_new(rules, rule_json(&p->rules[i]));
    json_t *all =
        json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:s}", "bundle", p->digest, "rules", rules,
                  "replies", templates_json(p), "labels", labels_json(p), "levels", levels_json(p),
                  "departments", departments_json(p), "cells", cells_json(p), "tests",
                  (json_int_t)p->case_count, "warnings", p->warnings.data ? p->warnings.data : "");
    char *dumped = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    buf_puts(json, dumped ? dumped : "{}");
    free(dumped);
    json_decref(all);
}
