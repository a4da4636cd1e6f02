/* What real facts and tests say about a policy's coverage, for people and programs. */
#include "cli/policy/coverage.h"

#include "base/enums.h"

enum { LIST_SHORT = 10 };

static void put_rest(FILE *out, size_t count, size_t shown) {
    if (count > shown) fprintf(out, "  and %zu more (--all, --json)\n", count - shown);
}

static size_t cells_said(const struct coverage *c, bool reached) {
    size_t n = 0;
    for (size_t i = 0; i < c->cover->cell_count; i++)
        if (c->cover->cells[i].on == ENTRY_SAID) n += !reached || c->seen->cells[i] > 0;
    return n;
}

static void put_cells(const struct coverage *c, bool all, FILE *out) {
    size_t never = cells_said(c, false) - cells_said(c, true), shown = 0;
    fprintf(out, "%zu of %zu cells of what is said were reached", cells_said(c, true),
            cells_said(c, false));
    fputs(never ? "; never:\n" : "\n", out);
    for (size_t i = 0; i < c->cover->cell_count && (all || shown < LIST_SHORT); i++) {
        if (c->cover->cells[i].on != ENTRY_SAID || c->seen->cells[i]) continue;
        fputs("  ", out);
        coverage_put_place(out, &c->cover->cells[i]);
        fputc('\n', out);
        shown++;
    }
    put_rest(out, never, shown);
}

static void put_rules(const struct coverage *c, bool all, FILE *out) {
    size_t never = 0, shown = 0;
    for (size_t i = 0; i < c->cover->rule_count; i++) never += !c->seen->rules[i];
    if (never) fprintf(out, "%zu rules and notes were never reached:\n", never);
    for (size_t i = 0; i < c->cover->rule_count && (all || shown < LIST_SHORT); i++) {
        if (c->seen->rules[i]) continue;
        fprintf(out, "  %.*s: \"%s\"\n", STR(c->cover->rules[i].where), c->cover->rules[i].name);
        shown++;
    }
    put_rest(out, never, shown);
}

static void put_one(FILE *out, const char *rule, int64_t count, int64_t id) {
    fprintf(out, "\"%s\" (%lld", rule, (long long)count);
    if (id)
        fprintf(out, ", as %lld)", (long long)id);
    else
        fputs(", in a test)", out);
}

static void put_unequal(const struct coverage *c, bool stated, bool all, FILE *out) {
    size_t count = stated ? c->seen->unequal_count - c->seen->unstated : c->seen->unstated;
    size_t shown = 0;
    if (count && stated)
        fprintf(out, "%zu pairs of equal facts are decided differently by a condition:\n", count);
    else if (count)
        fprintf(out, "%zu pairs of equal facts are decided unequally, and nothing says why:\n",
                count);
    for (size_t i = 0; i < c->seen->unequal_count && (all || shown < LIST_SHORT); i++) {
        const struct cover_unequal *u = &c->seen->unequal[i];
        if (u->stated != stated) continue;
        fprintf(out, "  %s: ", u->what);
        put_one(out, u->first, u->first_count, u->first_id);
        fputs(" and ", out);
        put_one(out, u->other, u->other_count, u->other_id);
        fprintf(out, "; %s\n", u->by);
        shown++;
    }
    put_rest(out, count, shown);
}

void coverage_put_seen(const struct coverage *c, bool all, FILE *out) {
    fputc('\n', out);
    if (c->history)
        fprintf(out, "Over %lld decisions of history and %lld tests:\n", (long long)c->decisions,
                (long long)(c->seen->count - c->decisions));
    else
        fprintf(out, "Over %lld tests, without history%s%s:\n", (long long)c->seen->count,
                c->without ? ": " : "", c->without ? c->without : "");
    put_cells(c, all, out);
    if (c->history) put_rules(c, all, out);
    put_unequal(c, false, all, out);
    put_unequal(c, true, all, out);
    if (c->seen->cut)
        fputs("There are more different decisions than are kept; those are the first.\n", out);
    fputc('\n', out);
}

static json_t *text(const char *s) {
    json_t *t = json_string(s);
    return t ? t : json_string("(text that is not UTF-8)");
}

static json_t *side(const char *rule, int64_t count, int64_t id) {
    json_t *o = json_pack("{s:o,s:I}", "rule", text(rule), "count", (json_int_t)count);
    json_object_set_new(o, "id", id ? json_integer(id) : json_null());
    return o;
}

json_t *coverage_seen_json(const struct coverage *c) {
    json_t *cells = json_array(), *rules = json_object(), *unequal = json_array();
    for (size_t i = 0; i < c->cover->cell_count; i++)
        json_array_append_new(cells, json_integer(c->seen->cells[i]));
    for (size_t i = 0; i < c->cover->rule_count; i++)
        json_object_set_new(rules, c->cover->rules[i].name, json_integer(c->seen->rules[i]));
    for (size_t i = 0; i < c->seen->unequal_count; i++) {
        const struct cover_unequal *u = &c->seen->unequal[i];
        json_array_append_new(unequal,
                              json_pack("{s:o,s:b,s:o,s:o,s:o}", "facts", text(u->what), "stated",
                                        u->stated, "by", text(u->by), "first",
                                        side(u->first, u->first_count, u->first_id), "other",
                                        side(u->other, u->other_count, u->other_id)));
    }
    return json_pack("{s:b,s:o,s:I,s:I,s:o,s:o,s:o,s:i,s:b}", "history", c->history, "without",
                     c->without ? text(c->without) : json_null(), "decisions",
                     (json_int_t)c->decisions, "tests", (json_int_t)(c->seen->count - c->decisions),
                     "cells", cells, "rules", rules, "unequal", unequal, "unstated",
                     (int)c->seen->unstated, "cut", c->seen->cut);
}
