/* What a test expects of a decision, held against the decision: expect = { rule = "…", … }. */
#include "lua/policy_inner.h"
#include "base/clock.h"

struct check {
    lua_State *L;
    struct sori_str decision;
    struct buf *diff;
    struct sori_str *rule; /* that was expected */
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
            span_exact(b, value);
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
            if (lua_type(L, -1) == LUA_TSTRING) quoted(&wanted, sandbox_text(L, -1));
            if (lua_type(L, -1) != LUA_TSTRING || !has_word(c, verb, sandbox_text(L, -1)))
                differ(c, key, wanted.len ? wanted.data : "texts", got.data);
            lua_pop(L, 1);
        }
    } else if (lua_type(L, value) == LUA_TSTRING) {
        quoted(&wanted, sandbox_text(L, value));
        if (!has_word(c, verb, sandbox_text(L, value))) differ(c, key, wanted.data, got.data);
    } else
        differ(c, key, "a text, a list of texts, true or false in the test", got.data);
    buf_free(&got);
    buf_free(&wanted);
}

static void check_text(struct check *c, const char *key, struct sori_str got, int value,
                       bool part) {
    lua_State *L = c->L;
    bool none = lua_type(L, value) == LUA_TBOOLEAN && !lua_toboolean(L, value);
    struct sori_str wanted = none ? (struct sori_str){0} : sandbox_text(L, value);
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
            found |= f.tag == tag && f.type == REC_STR && str_eq(f.s, sandbox_text(L, -1));
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

/* Does one of the replies not pass this check of the send gate? An empty name: any; `names` gets
 * all that are not passed. */
static bool fails_check(struct sori_str decision, struct sori_str name, struct buf *names) {
    struct sori_str intent, one;
    struct rec_field f;
    bool found = false;
    for (size_t n = 0; (intent = intent_of(decision, 0, n)).len; n++)
        while (rec_next(&intent, &f) == 1) {
            if (f.tag != INTENT_CHECK || f.type != REC_REC) continue;
            one = rec_get_str(f.s, 1);
            found |= name.len == 0 || str_eq(one, name);
            bool told = names && names->len && memmem(names->data, names->len, one.ptr, one.len);
            if (names && !told) buf_printf(names, "%s%.*s", names->len ? ", " : "", STR(one));
        }
    return found;
}

/* checks = { "sources" }: these are not passed, and no other is; checks = false: all are. */
static void check_checks(struct check *c, const char *key, int value) {
    lua_State *L = c->L;
    struct buf got = {0}, wanted = {0};
    size_t listed = 0, all = 0;
    bool same = true;
    fails_check(c->decision, (struct sori_str){0}, &got);
    for (size_t i = 0; i < got.len; i++) all += i == 0 || got.data[i] == ',';
    if (lua_type(L, value) == LUA_TTABLE) listed = (size_t)lua_rawlen(L, value);
    for (size_t i = 1; i <= listed; i++) {
        lua_rawgeti(L, value, (lua_Integer)i);
        struct sori_str name = lua_type(L, -1) == LUA_TSTRING ? sandbox_text(L, -1) : SORI_STR("?");
        same &= name.len > 0 && fails_check(c->decision, name, NULL);
        buf_printf(&wanted, "%s%.*s", i > 1 ? ", " : "", STR(name));
        lua_pop(L, 1);
    }
    if (!same || listed != all)
        differ(c, key, wanted.len ? wanted.data : "none", got.len ? got.data : "none");
    buf_free(&got);
    buf_free(&wanted);
}

static void check_truth(struct check *c, const char *key, bool got, int value) {
    bool wanted = lua_toboolean(c->L, value);
    if (wanted != got) differ(c, key, wanted ? "true" : "false", got ? "true" : "false");
}

static void check_rule(struct check *c, int value) {
    struct sori_str got = rec_get_str(c->decision, DEC_RULE);
    check_text(c, "rule", got, value, false);
    if (lua_type(c->L, value) == LUA_TSTRING && !str_eq(got, sandbox_text(c->L, value)))
        *c->rule = sandbox_text(c->L, value); /* the expectation keeps it alive */
}

static void check_key(struct check *c, const char *key, int value) {
    static const char *const keys[] = {"rule", "status",  "notes",  "says",
                                       "lang", "approve", "silent", "direction",
                                       "goal", "source",  "labels", "checks"};
    int verb = verb_of(str_c(key));
    if (strcmp(key, "rule") == 0)
        check_rule(c, value);
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
    else if (strcmp(key, "checks") == 0)
        check_checks(c, key, value);
    else if (verb > 0)
        check_verb(c, key, verb, value);
    else {
        const char *near = nearest_word(str_c(key), keys, sizeof keys / sizeof *keys);
        differ(c, key,
               near ? near
                    : "rule, status, notes, labels, direction, goal, source, checks, says, lang, "
                      "approve, silent or a verb",
               "a word that a test does not know");
    }
}

/* In a protected call: stack: the expectation, the check (light). */
static int check_all(lua_State *L) {
    struct check *c = lua_touserdata(L, 2);
    for (struct table_walk w = table_begin(L, 1); table_next(&w);) {
        sandbox_inside(L, w.value); /* a list may be one that a module keeps */
        if (lua_type(L, w.key) == LUA_TSTRING) check_key(c, lua_tostring(L, w.key), w.value + 1);
    }
    return 0;
}

bool case_meets(struct policy *p, const struct policy_case *item, struct sori_str decision,
                struct buf *diff, struct sori_str *rule) {
    lua_State *L = sandbox_lua(p->box);
    struct check c = {L, decision, diff, rule, true};
    if (item->expect == LUA_NOREF) return true;
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
