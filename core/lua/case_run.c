/* The tests of a bundle: each item in two fresh states, in two orders, then against what its author
 * expected. */
#include "lua/policy_inner.h"
#include "base/clock.h"

#include <jansson.h>
#include <stdlib.h>

struct check {
    lua_State *L;
    struct sori_str decision;
    struct buf *diff;
    bool ok;
};

static void differ(struct check *c, const char *key, const char *wanted, const char *got) {
    buf_printf(c->diff, "    %s: expected %s, got %s\n", key, wanted, got);
    c->ok = false;
}

/* The n-th intention of that verb (0 for any); empty where there is none. */
static struct sori_str intent_of(struct sori_str decision, int verb, size_t n) {
    struct rec_field f;
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC &&
            (verb == 0 || rec_get_int(f.s, INTENT_VERB, 0) == verb) && n-- == 0)
            return f.s;
    return (struct sori_str){0};
}

static bool speaks(struct sori_str intent) {
    return intent.len && rec_get_int(intent, INTENT_VERB, 0) < VERB_ASSIGN;
}

static struct sori_str text_at(lua_State *L, int index) {
    struct sori_str s;
    s.ptr = lua_tolstring(L, index, &s.len);
    return s;
}

static void quoted(struct buf *b, struct sori_str s) { buf_printf(b, "\"%.*s\"", STR(s)); }

static bool contains(struct sori_str all, struct sori_str part) {
    return part.len == 0 || (all.len && memmem(all.ptr, all.len, part.ptr, part.len));
}

/* Has one of the intentions of the verb this name (or part of its text, or its span)? */
static bool has_word(struct check *c, int verb, struct sori_str word) {
    struct sori_str intent;
    for (size_t n = 0; (intent = intent_of(c->decision, verb, n)).len; n++) {
        int64_t span;
        struct sori_str name = rec_get_str(intent, INTENT_NAME);
        if (verb == VERB_CLOCK || verb == VERB_FOLLOW_UP) {
            if (clock_parse_span(word, &span) && span == rec_get_int(intent, INTENT_VALUE, 0))
                return true;
        } else if (name.len ? str_eq(name, word) : contains(rec_get_str(intent, INTENT_TEXT), word))
            return true;
    }
    return false;
}

static void seen_of_verb(struct check *c, int verb, struct buf *b) {
    struct sori_str intent;
    for (size_t n = 0; (intent = intent_of(c->decision, verb, n)).len; n++) {
        if (n) buf_puts(b, ", ");
        struct sori_str name = rec_get_str(intent, INTENT_NAME);
        int64_t value = rec_get_int(intent, INTENT_VALUE, 0);
        if (verb == VERB_CLOCK || verb == VERB_FOLLOW_UP)
            span_print(b, value);
        else
            quoted(b, name.len ? name : rec_get_str(intent, INTENT_TEXT));
    }
    if (b->len == 0) buf_puts(b, "none");
}

/* reply = "sorry", reply = false, tag = { "a", "b" }, hold = true, … */
static void check_verb(struct check *c, const char *key, int verb, int value) {
    struct buf got = {0}, wanted = {0};
    lua_State *L = c->L;
    bool any = intent_of(c->decision, verb, 0).len > 0;
    seen_of_verb(c, verb, &got);
    if (lua_type(L, value) == LUA_TBOOLEAN) {
        if (any != lua_toboolean(L, value)) differ(c, key, any ? "none" : "one", got.data);
    } else if (lua_type(L, value) == LUA_TTABLE) {
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, value); i++) {
            lua_rawgeti(L, value, i);
            buf_clear(&wanted);
            if (lua_type(L, -1) == LUA_TSTRING) quoted(&wanted, text_at(L, -1));
            if (lua_type(L, -1) != LUA_TSTRING || !has_word(c, verb, text_at(L, -1)))
                differ(c, key, wanted.len ? wanted.data : "texts", got.data);
            lua_pop(L, 1);
        }
    } else if (lua_type(L, value) == LUA_TSTRING) {
        quoted(&wanted, text_at(L, value));
        if (!has_word(c, verb, text_at(L, value))) differ(c, key, wanted.data, got.data);
    } else
        differ(c, key, "a text, a list of texts, true or false in the test", got.data);
    buf_free(&got);
    buf_free(&wanted);
}

static void check_text(struct check *c, const char *key, struct sori_str got, int value,
                       bool part) {
    lua_State *L = c->L;
    bool none = lua_type(L, value) == LUA_TBOOLEAN && !lua_toboolean(L, value);
    struct sori_str wanted = none ? (struct sori_str){0} : text_at(L, value);
    bool same =
        none ? got.len == 0 : wanted.ptr && (part ? contains(got, wanted) : str_eq(got, wanted));
    if (same) return;
    struct buf w = {0}, g = {0};
    if (none)
        buf_puts(&w, "none");
    else
        quoted(&w, wanted);
    if (got.len)
        quoted(&g, got);
    else
        buf_puts(&g, "none");
    differ(c, key, w.data, g.data);
    buf_free(&w);
    buf_free(&g);
}

/* Are all of the listed texts among the decision's, of that field? */
static void check_texts(struct check *c, const char *key, uint32_t tag, int value) {
    lua_State *L = c->L;
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, value); i++) {
        struct sori_str rest = c->decision;
        struct rec_field f;
        bool found = false;
        lua_rawgeti(L, value, i);
        while (lua_type(L, -1) == LUA_TSTRING && rec_next(&rest, &f) == 1)
            found |= f.tag == tag && f.type == REC_STR && str_eq(f.s, text_at(L, -1));
        if (!found)
            differ(c, key, lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "texts",
                   "without it");
        lua_pop(L, 1);
    }
}

/* What was said: the text of the first intention that leaves. */
static struct sori_str said(struct sori_str decision, uint32_t field) {
    struct sori_str intent;
    for (size_t n = 0; (intent = intent_of(decision, 0, n)).len; n++)
        if (speaks(intent) && rec_get_str(intent, field).len) return rec_get_str(intent, field);
    return (struct sori_str){0};
}

static bool says_something(struct sori_str decision) {
    struct sori_str intent;
    for (size_t n = 0; (intent = intent_of(decision, 0, n)).len; n++)
        if (speaks(intent)) return true;
    return false;
}

static void check_truth(struct check *c, const char *key, bool got, int value) {
    bool wanted = lua_toboolean(c->L, value);
    if (wanted != got) differ(c, key, wanted ? "true" : "false", got ? "true" : "false");
}

static void check_key(struct check *c, const char *key, int value) {
    static const char *const keys[] = {"rule",   "status",    "notes", "says",   "lang",  "approve",
                                       "silent", "direction", "goal",  "source", "labels"};
    int verb = verb_of(str_c(key));
    if (strcmp(key, "rule") == 0)
        check_text(c, key, rec_get_str(c->decision, DEC_RULE), value, false);
    else if (strcmp(key, "status") == 0)
        check_text(c, key, str_c(decision_word(rec_get_int(c->decision, DEC_STATUS, 0))), value,
                   false);
    else if (strcmp(key, "says") == 0)
        check_text(c, key, said(c->decision, INTENT_TEXT), value, true);
    else if (strcmp(key, "lang") == 0)
        check_text(c, key, said(c->decision, INTENT_LANG), value, false);
    else if (strcmp(key, "direction") == 0)
        check_text(c, key, rec_get_str(c->decision, DEC_DIRECTION), value, false);
    else if (strcmp(key, "goal") == 0)
        check_text(c, key, said(c->decision, INTENT_GOAL), value, false);
    else if (strcmp(key, "source") == 0)
        check_text(c, key, said(c->decision, INTENT_SOURCE), value, false);
    else if (strcmp(key, "silent") == 0)
        check_truth(c, key, !says_something(c->decision), value);
    else if (strcmp(key, "approve") == 0)
        check_truth(
            c, key,
            rec_get_int(intent_of(c->decision, VERB_REPLY, 0), INTENT_APPROVE, 0) ||
                rec_get_int(intent_of(c->decision, VERB_PRIVATE_REPLY, 0), INTENT_APPROVE, 0),
            value);
    else if (strcmp(key, "notes") == 0 && lua_type(c->L, value) == LUA_TTABLE)
        check_texts(c, key, DEC_NOTE, value);
    else if (strcmp(key, "labels") == 0 && lua_type(c->L, value) == LUA_TTABLE)
        check_texts(c, key, DEC_LABEL, value);
    else if (verb > 0)
        check_verb(c, key, verb, value);
    else {
        const char *near = nearest_word(str_c(key), keys, sizeof keys / sizeof *keys);
        differ(c, key,
               near ? near
                    : "rule, status, notes, labels, direction, goal, source, says, lang, approve, "
                      "silent or a verb",
               "a word that a test does not know");
    }
}

/* In a protected call: stack: the expectation, the check (light). */
static int check_all(lua_State *L) {
    struct check *c = lua_touserdata(L, 2);
    sandbox_keys(L, 1);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 3); i++) {
        lua_rawgeti(L, 3, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, 1);
        if (lua_type(L, 4) == LUA_TSTRING) check_key(c, lua_tostring(L, 4), 5);
        lua_settop(L, 3);
    }
    return 0;
}

static bool meets(struct policy *p, const struct policy_case *item, struct sori_str decision,
                  struct buf *diff) {
    lua_State *L = sandbox_lua(p->box);
    struct check c = {L, decision, diff, true};
    struct buf error = {0};
    lua_pushcfunction(L, check_all);
    lua_rawgeti(L, LUA_REGISTRYINDEX, item->expect);
    lua_pushlightuserdata(L, &c);
    sandbox_begin(p->box, &sandbox_load_limits);
    if (!sandbox_call(p->box, 2, 0, &error)) {
        buf_printf(diff, "    %s\n", error.data);
        c.ok = false;
    }
    buf_free(&error);
    return c.ok;
}

static void show_decision(struct sori_str decision, struct buf *out) {
    struct rec_field f;
    buf_printf(out, "    decided: %s", decision_word(rec_get_int(decision, DEC_STATUS, 0)));
    if (rec_get_str(decision, DEC_RULE).len)
        buf_printf(out, " by \"%.*s\" (%.*s)", STR(rec_get_str(decision, DEC_RULE)),
                   STR(rec_get_str(decision, DEC_WHERE)));
    if (rec_get_str(decision, DEC_OUTCOME).len)
        buf_printf(out, ": %.*s", STR(rec_get_str(decision, DEC_OUTCOME)));
    buf_putc(out, '\n');
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC) {
            buf_puts(out, "    ");
            act_print(out, f.s);
        }
}

struct tally {
    struct buf text;
    json_t *items;
    struct policy_report counts;
};

static void judge(struct policy *a, size_t i, struct sori_str one, struct sori_str two,
                  struct tally *t) {
    const struct policy_case *item = &a->cases[i];
    struct buf diff = {0};
    bool ok = meets(a, item, one, &diff);
    if (!str_eq(one, two)) {
        ok = false;
        buf_puts(&diff,
                 "    two fresh states decided differently: the policy keeps something between "
                 "decisions\n");
    }
    if (ok)
        t->counts.passed++;
    else {
        t->counts.failed++;
        buf_printf(&t->text, "%s:%d: \"%s\" fails:\n", item->file, item->line, item->name);
        buf_str(&t->text, buf_view(&diff));
        show_decision(one, &t->text);
    }
    json_array_append_new(t->items, json_pack("{s:s,s:s,s:i,s:b,s:s}", "name", item->name, "file",
                                              item->file, "line", item->line, "ok", ok, "diff",
                                              diff.data ? diff.data : ""));
    buf_free(&diff);
}

static void run_both(struct policy *a, struct policy *b, struct tally *t) {
    size_t n = a->case_count;
    struct buf *one = mem_get((n + 1) * sizeof *one), *two = mem_get((n + 1) * sizeof *two);
    for (size_t i = 0; i < n; i++) policy_decide(a, a->cases[i].facts, &one[i]);
    for (size_t i = n; i-- > 0;) policy_decide(b, b->cases[i].facts, &two[i]);
    for (size_t i = 0; i < n; i++) {
        judge(a, i, buf_view(&one[i]), buf_view(&two[i]), t);
        buf_free(&one[i]);
        buf_free(&two[i]);
    }
    free(one);
    free(two);
}

static void put_json(struct buf *report, const struct tally *t, const struct buf *errors,
                     const struct buf *warnings) {
    json_t *all = json_pack("{s:I,s:I,s:O,s:s,s:s}", "passed", (json_int_t)t->counts.passed,
                            "failed", (json_int_t)t->counts.failed, "items", t->items, "errors",
                            errors->data ? errors->data : "", "warnings",
                            warnings->data ? warnings->data : "");
    char *text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    buf_puts(report, text ? text : "{\"error\":\"the report holds text that is not UTF-8\"}");
    buf_putc(report, '\n');
    free(text);
    json_decref(all);
}

bool policy_test(struct sori_str bundle, struct sori_str env, bool json, struct buf *report,
                 struct policy_report *counts) {
    struct tally t = {.items = json_array()};
    struct buf errors = {0}, warnings = {0};
    struct policy *a = policy_load(bundle, env, &errors);
    struct policy *b = a ? policy_load(bundle, env, &errors) : NULL;
    if (a && b) {
        run_both(a, b, &t);
        buf_str(&warnings, buf_view(&a->warnings));
    }
    if (json)
        put_json(report, &t, &errors, &warnings);
    else {
        buf_str(report, buf_view(&errors));
        if (warnings.len) buf_printf(report, "warning: %s", warnings.data);
        buf_str(report, buf_view(&t.text));
        if (a) buf_printf(report, "%u passed, %u failed\n", t.counts.passed, t.counts.failed);
    }
    bool ok = a && b && t.counts.failed == 0;
    if (counts) *counts = t.counts;
    policy_free(a);
    policy_free(b);
    json_decref(t.items);
    buf_free(&t.text);
    buf_free(&errors);
    buf_free(&warnings);
    return ok;
}
