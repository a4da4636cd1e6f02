/* reply { "sorry", approve = …, goal = …, slots = { … } }, read. */
#include "lua/reply/template.h"
#include "base/utf8.h"

#include <stdio.h>

static bool read_approve(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) == LUA_TBOOLEAN) {
        a->approve = lua_toboolean(L, index);
        return true;
    }
    /* Conditions are made once, while the bundle loads; a function can compare for itself. */
    if (!r->p->loading)
        return complain(r, a->line, "approve: in a function true or false is expected");
    if (lua_type(L, index) == LUA_TTABLE)
        return read_conds(r, index, &a->approve_when, &a->approve_count);
    return complain(r, a->line, "approve: true or a table of conditions is expected, not a %s",
                    luaL_typename(L, index));
}

/* Is each slot that the rule gives one that a file of this reply declares? */
static bool known_slots(struct reader *r, const struct act *a) {
    const struct policy *p = r->p;
    bool ok = true;
    for (size_t i = 0; i < a->given_count; i++) {
        const char *names[SLOTS_MAX * 16];
        size_t n = 0;
        bool known = false;
        for (size_t k = 0; k < p->template_count && !known; k++) {
            const struct template *t = &p->templates[k];
            if (!str_eq(t->name, a->name)) continue;
            for (size_t s = 0; s < t->head->count && n < SLOTS_MAX * 16; s++) {
                if (!t->head->slot[s].piece.given.len) continue;
                known |= str_eq(t->head->slot[s].name, a->given[i].name);
                names[n++] = terminated(r, t->head->slot[s].name);
            }
        }
        if (known) continue;
        bool fact = slot_fact(a->given[i].name) != NULL;
        ok = complain_near(r, a->line, a->given[i].name, names, n,
                           fact ? "the reply '%.*s' takes the slot %.*s from the facts"
                                : "the reply '%.*s' has no slot %.*s that a rule fills",
                           STR(a->name), STR(a->given[i].name));
    }
    return ok;
}

/* What is written down can be held against the slots now; what a function makes, when it is said.
 */
static bool check_given(struct reader *r, struct act *a) {
    const struct policy *p = r->p;
    bool ok = known_slots(r, a);
    for (size_t i = 0; i < p->template_count && r->p->loading; i++)
        if (str_eq(p->templates[i].name, a->name) &&
            (!a->lang.len || str_eq(p->templates[i].lang, a->lang)))
            ok &= template_given(r, a->line, &p->templates[i], a->given, a->given_count);
    return ok;
}

static bool check_template(struct reader *r, struct act *a) {
    const struct policy *p = r->p;
    const char *names[256];
    size_t n = 0;
    bool known = false, first_lang = false;
    for (size_t i = 0; i < p->template_count; i++) {
        const struct template *t = &p->templates[i];
        if (!str_eq(t->name, a->name)) continue;
        known = true;
        if (p->lang_count == 0 || str_eq(t->lang, p->langs[0])) first_lang = true;
    }
    for (size_t i = 0; i < p->template_count && !known && n < 256; i++)
        names[n++] = terminated(r, p->templates[i].name);
    if (!known && in_parts(a->name, names, n))
        return complain(r, a->line, "there is no reply '%.*s'; " IN_PARTS, STR(a->name));
    if (!known)
        return complain_near(r, a->line, a->name, names, n,
                             "there is no reply '%.*s'; expected a file replies/%.*s.%.*s.md",
                             STR(a->name), STR(a->name),
                             STR(p->lang_count ? p->langs[0] : SORI_STR("ko")));
    if (!first_lang)
        return complain(
            r, a->line,
            "the reply '%.*s' is missing in '%.*s', the first language of the workspace; "
            "add replies/%.*s.%.*s.md",
            STR(a->name), STR(p->langs[0]), STR(a->name), STR(p->langs[0]));
    return check_given(r, a);
}

static bool read_goal(struct reader *r, struct sori_str word, struct act *a) {
    const char *words[GOAL_COUNT];
    for (int i = 1; i < GOAL_COUNT; i++) words[i - 1] = goal_word(i);
    a->goal = word.ptr ? goal_of(word) : 0;
    if (a->goal > 0) return true;
    a->goal = 0;
    return complain_near(r, a->line, word, words, GOAL_COUNT - 1,
                         "goal: one of inform, guide, document, thank and repair is expected");
}

static bool read_source(struct reader *r, struct sori_str text, struct act *a) {
    enum { SOURCE_MAX = 500 };
    if (!text.ptr || !text.len || text.len > SOURCE_MAX || slot_misfit(SLOT_TEXT, text) ||
        memchr(text.ptr, '\n', text.len))
        return complain(r, a->line,
                        "source: a link or the name of a document is expected, at most %d bytes",
                        SOURCE_MAX);
    a->source = arena_copy(r->arena, text);
    return true;
}

/* One of slots = { truth = "…", parcels = 3 }. */
static bool read_given(struct reader *r, int key, int value, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    bool number = lua_type(L, value) == LUA_TNUMBER, text = lua_type(L, value) == LUA_TSTRING;
    if (lua_type(L, key) != LUA_TSTRING || (!number && !text))
        return complain(r, a->line,
                        "slots: expected { name = \"a text\" } or { name = 3 }, not a %s",
                        luaL_typename(L, number || text ? key : value));
    struct given *given = &a->given[a->given_count];
    given->name = arena_copy(r->arena, sandbox_text(L, key));
    lua_pushvalue(L, value);
    lua_tolstring(L, -1, NULL); /* turns into a text */
    given->value = arena_copy(r->arena, sandbox_text(L, -1));
    lua_pop(L, 1);
    if (given->value.len > TEXT_MAX_BYTES)
        return complain(r, a->line, "slot %.*s: a text of %zu bytes", STR(given->name),
                        given->value.len);
    a->given_count++;
    return true;
}

static bool read_slots(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) != LUA_TTABLE)
        return complain(r, a->line, "slots: expected { name = \"a text\" }, not a %s",
                        luaL_typename(L, index));
    bool ok = true;
    struct table_walk w = table_begin(L, index);
    if (w.count > SLOTS_MAX) {
        table_end(&w);
        return complain(r, a->line, "slots: more than %d", SLOTS_MAX);
    }
    a->given = arena_get(r->arena, (size_t)(w.count + 1) * sizeof *a->given);
    while (table_next(&w)) ok &= read_given(r, w.key, w.value, a);
    return ok;
}

/* One named value of reply { "sorry", … }. */
static bool read_reply_key(struct reader *r, struct sori_str key, int value, struct act *a) {
    static const char *const keys[] = {"approve", "slot",   "lang", "long",
                                       "goal",    "source", "slots"};
    static const char *const ways[] = {"split", "refuse"};
    lua_State *L = sandbox_lua(r->p->box);
    if (str_is(key, "approve")) return read_approve(r, value, a);
    if (str_is(key, "slot")) {
        if (!lua_isinteger(L, value) || lua_tointeger(L, value) < 0 || lua_tointeger(L, value) > 99)
            return complain(r, a->line, "slot: a number from 0 to 99 is expected");
        a->slot = (int)lua_tointeger(L, value);
        return true;
    }
    if (str_is(key, "lang") && lua_type(L, value) == LUA_TSTRING) {
        a->lang = arena_copy(r->arena, sandbox_text(L, value));
        return true;
    }
    if (str_is(key, "long")) {
        struct sori_str way = sandbox_text(L, value);
        if (!str_is(way, "split") && !str_is(way, "refuse"))
            return complain_near(r, a->line, way, ways, 2,
                                 "long: \"split\" or \"refuse\" is expected");
        a->longer = arena_copy(r->arena, way);
        return true;
    }
    if (str_is(key, "slots")) return read_slots(r, value, a);
    if (str_is(key, "goal") || str_is(key, "source")) {
        struct sori_str word = sandbox_text(L, value);
        return str_is(key, "goal") ? read_goal(r, word, a) : read_source(r, word, a);
    }
    return complain_near(r, a->line, key, keys, sizeof keys / sizeof *keys,
                         "'%.*s' is not understood in a reply; expected approve, slot, slots, "
                         "goal, source, lang or long",
                         STR(key));
}

bool read_reply(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    bool ok = true;
    if (lua_type(L, index) == LUA_TSTRING) {
        a->name = arena_copy(r->arena, sandbox_text(L, index));
        return check_template(r, a);
    }
    if (lua_type(L, index) != LUA_TTABLE)
        return complain(r, a->line, "%s: the name of a reply is expected, not a %s",
                        verb_word(a->verb), luaL_typename(L, index));
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str key = sandbox_text(L, w.key), text = sandbox_text(L, w.value);
        if (key.ptr)
            ok &= read_reply_key(r, key, w.value, a);
        else if (lua_isinteger(L, w.key) && lua_tointeger(L, w.key) == 1 && text.ptr)
            a->name = arena_copy(r->arena, text);
        else
            ok = complain(r, a->line, "%s: expected { \"template\", approve = …, slot = … }",
                          verb_word(a->verb));
    }
    return ok && check_template(r, a);
}
