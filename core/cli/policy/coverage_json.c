/* The coverage of a policy for programs. */
#include "cli/policy/coverage.h"

#include "base/enums.h"

static json_t *text(struct sori_str s) {
    json_t *t = json_stringn(s.ptr ? s.ptr : "", s.len);
    return t ? t : json_string("");
}

static json_t *place(const struct cover_cell *cell) {
    json_t *o = json_pack("{s:s,s:s,s:s}", "on", entry_word(cell->on), "kind",
                          kind_word(cell->kind), "relationship", relation_word(cell->relation));
    json_object_set_new(o, "tone", cell->tone ? json_string(tone_word(cell->tone)) : json_null());
    return o;
}

static json_t *cells_json(const struct cover *c) {
    static const char *const states[] = {
        [COVER_EMPTY] = "empty", [COVER_PARTLY] = "partly", [COVER_WHOLE] = "whole"};
    json_t *list = json_array();
    for (size_t i = 0; i < c->cell_count; i++) {
        const struct cover_cell *cell = &c->cells[i];
        json_t *o = place(cell);
        json_object_set_new(o, "state", json_string(states[cell->state]));
        json_object_set_new(o, "rules", json_integer(cell->rules));
        json_object_set_new(o, "last",
                            cell->last < 0 ? json_null() : json_string(c->rules[cell->last].name));
        json_object_set_new(o, "open",
                            cell->state == COVER_PARTLY ? text(cell->open) : json_null());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *rules_json(const struct cover *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->rule_count; i++) {
        const struct cover_rule *r = &c->rules[i];
        json_t *o =
            json_pack("{s:s,s:s,s:b,s:b,s:b}", "name", r->name, "kind", r->note ? "note" : "rule",
                      "check", r->check, "code", r->code, "never", r->never);
        json_object_set_new(o, "where", text(r->where));
        json_object_set_new(o, "why", r->never ? text(r->why) : json_null());
        json_object_set_new(o, "cells", r->note ? json_null() : json_integer(r->cells));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *pairs_json(const struct cover *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->pair_count; i++) {
        const struct cover_pair *p = &c->pairs[i];
        json_t *o = json_pack("{s:s,s:s,s:i}", "first", c->rules[p->first].name, "second",
                              c->rules[p->second].name, "cells", (int)p->cells);
        json_object_set_new(o, "example", place(&c->cells[p->example]));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *coverage_to_json(const struct coverage *cov) {
    const struct cover *c = cov->cover;
    json_t *o = json_pack("{s:i,s:i,s:i,s:i,s:i,s:b}", "cell_count", (int)c->cell_count, "whole",
                          (int)c->whole, "partly", (int)c->partly, "empty", (int)c->empty, "never",
                          (int)c->never, "unfinished", c->unfinished);
    json_object_set_new(o, "cells", cells_json(c));
    json_object_set_new(o, "rules", rules_json(c));
    json_object_set_new(o, "only_order", pairs_json(c));
    json_object_set_new(o, "seen", coverage_seen_json(cov));
    return o;
}
