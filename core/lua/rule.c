/* Drafts, as Lua declared them, into rules that C can hold against facts; and their index. */
#include "lua/policy_inner.h"

#include <stdio.h>

int line_of_key(const struct policy *p, const char *file, int from, struct sori_str key) {
    for (size_t i = 0; i < p->file_count; i++) {
        if (strcmp(p->files[i].path, file) != 0) continue;
        struct sori_str s = p->files[i].bytes;
        int line = 1;
        for (size_t at = 0; at < s.len; at++) {
            if (s.ptr[at] == '\n') line++;
            if (line < from || !str_starts((struct sori_str){s.ptr + at, s.len - at}, key))
                continue;
            size_t end = at + key.len;
            bool starts = at == 0 || strchr(" \t\n{,[\"", s.ptr[at - 1]);
            while (end < s.len && strchr(" \t\"]", s.ptr[end])) end++;
            if (starts && end + 1 < s.len && s.ptr[end] == '=' && s.ptr[end + 1] != '=')
                return line;
        }
    }
    return from;
}

int label_number(struct policy *p, struct sori_str name) {
    for (size_t i = 0; i < p->used_count; i++)
        if (str_eq(p->used[i].name, name)) return (int)i;
    if (p->used_count == LABELS_MAX) return -1;
    p->used[p->used_count].name = arena_copy(&p->arena, name);
    return (int)p->used_count++;
}

static bool read_check(struct reader *r, int value, struct rule *rule) {
    lua_State *L = sandbox_lua(r->p->box);
    static const char expected[] =
        "check: expected { why = \"what it looks for\", function(i) … end }";
    if (lua_type(L, value) != LUA_TTABLE) return complain(r, r->line, "%s", expected);
    lua_getfield(L, value, "why");
    bool why = lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0;
    if (why) rule->why = policy_text(r->p, str_c(lua_tostring(L, -1)));
    lua_geti(L, value, 1);
    bool function = lua_type(L, -1) == LUA_TFUNCTION;
    if (function) {
        lua_pushvalue(L, -1);
        rule->check = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_pop(L, 2);
    if (why && function) return true;
    return complain(r, line_of_key(r->p, r->file, r->line, SORI_STR("check")), "%s", expected);
}

static bool may_speak(struct reader *r, const struct rule *rule) {
    bool ok = true;
    for (size_t i = 0; i < rule->act_count && rule->note; i++)
        if (rule->acts[i].verb < VERB_ASSIGN)
            ok =
                complain(r, rule->acts[i].line, "a note may not speak, and %s does; make it a rule",
                         verb_word(rule->acts[i].verb));
    return ok;
}

static bool read_act(struct reader *r, int value, struct rule *rule) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, value) == LUA_TFUNCTION) {
        /* A bare `like` is a C function. */
        if (lua_iscfunction(L, value))
            return complain(r, r->line,
                            "act: an intention stands without its brackets; write like()");
        lua_pushvalue(L, value);
        rule->act_function = luaL_ref(L, LUA_REGISTRYINDEX);
        return true;
    }
    return read_acts(r, value, &rule->acts, &rule->act_count) && may_speak(r, rule);
}

/* What the rule is for, in the words of the response assessment. */
static bool read_direction(struct reader *r, int value, struct rule *rule) {
    lua_State *L = sandbox_lua(r->p->box);
    const char *words[DIRECTION_COUNT];
    size_t n = 0;
    int line = line_of_key(r->p, r->file, r->line, SORI_STR("direction"));
    for (int i = 1; i < DIRECTION_COUNT; i++) words[n++] = direction_word(i);
    if (lua_type(L, value) != LUA_TSTRING)
        return complain(r, line, "direction: a word is expected, like \"support\", not a %s",
                        luaL_typename(L, value));
    struct sori_str word = sandbox_text(L, value);
    rule->direction = direction_of(word);
    if (rule->direction > 0) return true;
    rule->direction = 0;
    struct buf all = {0}; /* where one of them is near, the list would only hide it */
    for (size_t i = 0; i < n && !nearest_word(word, words, n); i++)
        buf_printf(&all, "%s%s", i ? ", " : "; expected one of: ", words[i]);
    complain_near(r, line, word, words, n, "direction: there is no '%.*s'%s", STR(word),
                  all.data ? all.data : "");
    buf_free(&all);
    return false;
}

static bool read_part(struct reader *r, struct sori_str key, int value, struct rule *rule) {
    static const char *const parts[] = {"when", "check", "act", "direction"};
    if (str_is(key, "when")) return read_conds(r, value, &rule->conds, &rule->cond_count);
    if (str_is(key, "check")) return read_check(r, value, rule);
    if (str_is(key, "act")) return read_act(r, value, rule);
    if (str_is(key, "direction")) return read_direction(r, value, rule);
    return complain_near(r, line_of_key(r->p, r->file, r->line, key), key, parts, 4,
                         "'%.*s' is not understood; expected when, check, act and direction",
                         STR(key));
}

/* Where nothing is said about `on`: people's own words. */
static void add_default_on(struct reader *r, struct rule *rule) {
    for (size_t i = 0; i < rule->cond_count; i++)
        if (rule->conds[i].op == COND_SET && rule->conds[i].tag == FACT_ON) return;
    struct cond *grown = arena_get(r->arena, (rule->cond_count + 1) * sizeof *grown);
    if (rule->cond_count) memcpy(grown + 1, rule->conds, rule->cond_count * sizeof *grown);
    grown[0] = (struct cond){.op = COND_SET,
                             .tag = FACT_ON,
                             .set = 1u << ENTRY_SAID | 1u << ENTRY_EDITED,
                             .key = "on",
                             .wanted = SORI_STR("said or edited")};
    rule->conds = grown;
    rule->cond_count++;
}

static void read_rule(struct policy *p, const struct draft *d, struct buf *errors) {
    lua_State *L = sandbox_lua(p->box);
    char what[160];
    snprintf(what, sizeof what, "%s \"%s\"", d->note ? "note" : "rule", d->name);
    struct reader r = {p, d->file, d->line, policy_text(p, str_c(what)), &p->arena, errors};
    if (d->body == LUA_NOREF) {
        complain(&r, d->line, "a table { when = …, act = … } is expected after the name");
        return;
    }
    struct rule *rule = &p->rules[p->rule_count++];
    char where[256];
    snprintf(where, sizeof where, "%s:%d", d->file, d->line);
    *rule = (struct rule){.name = d->name,
                          .where = str_c(policy_text(p, str_c(where))),
                          .file = d->file,
                          .what = r.what,
                          .line = d->line,
                          .note = d->note,
                          .check = LUA_NOREF,
                          .act_function = LUA_NOREF};
    lua_rawgeti(L, LUA_REGISTRYINDEX, d->body);
    int body = lua_gettop(L);
    bool ok = true, has_when = false, has_act = false;
    for (struct table_walk w = table_begin(L, body); table_next(&w);) {
        struct sori_str key = sandbox_text(L, w.key);
        has_when |= key.ptr && str_is(key, "when");
        has_act |= key.ptr && str_is(key, "act");
        if (key.ptr)
            ok &= read_part(&r, key, w.value, rule);
        else
            ok = complain(&r, d->line, "expected when = …, check = … and act = …, with names");
    }
    lua_settop(L, body - 1);
    if (ok && !has_when) complain(&r, d->line, "when is missing; when = {} means every word said");
    if (ok && !has_act) complain(&r, d->line, "act is missing; act = {} means to stay silent");
    add_default_on(&r, rule);
    luaL_unref(L, LUA_REGISTRYINDEX, d->body);
}

static int read_draft(lua_State *L) {
    struct policy *p = policy_of(L);
    read_rule(p, &p->drafts[lua_tointeger(L, 1)], p->errors);
    return 0;
}

void rules_read(struct policy *p, struct buf *errors) {
    lua_State *L = sandbox_lua(p->box);
    p->rules = arena_get(&p->arena, (p->draft_count + 1) * sizeof *p->rules);
    for (size_t i = 0; i < p->draft_count; i++) {
        struct buf error = {0};
        lua_pushcfunction(L, read_draft);
        lua_pushinteger(L, (lua_Integer)i);
        if (!sandbox_call(p->box, 1, 0, &error))
            buf_printf(errors, "%s:%d: \"%s\": %s\n", p->drafts[i].file, p->drafts[i].line,
                       p->drafts[i].name, error.data);
        buf_free(&error);
    }
}

/* ---- the index: for each value of four facts, the rules that it does not rule out ---- */

static const uint8_t dim_tag[DIMS] = {FACT_ON, FACT_KIND, FACT_TONE, FACT_RELATIONSHIP};

void index_build(struct policy *p) {
    memset(p->index, 0, sizeof p->index);
    memset(p->needs, 0, sizeof p->needs);
    for (size_t i = 0; i < p->rule_count; i++)
        for (int dim = 0; dim < DIMS; dim++) {
            uint32_t set = ~0u;
            bool asked = false;
            for (size_t c = 0; c < p->rules[i].cond_count; c++)
                if (p->rules[i].conds[c].op == COND_SET &&
                    p->rules[i].conds[c].tag == dim_tag[dim]) {
                    set &= p->rules[i].conds[c].set;
                    asked = true;
                }
            for (int v = 0; v <= DIM_VALUES; v++)
                if (v < DIM_VALUES ? set >> v & 1 : !asked)
                    p->index[dim][v][i / 64] |= 1ull << (i % 64);
        }
    for (size_t i = 0; i < p->rule_count; i++)
        for (size_t c = 0; c < p->rules[i].cond_count; c++) {
            const struct cond *cond = &p->rules[i].conds[c];
            if (cond->op == COND_LABEL && cond->lo > 0)
                p->needs[cond->index][i / 64] |= 1ull << (i % 64);
        }
}
