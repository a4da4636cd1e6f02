/* What Lua code of a bundle sees: sori.policy with its verbs, sori.text, sori.pick, and the
 * interaction as a read-only value whose fields are looked up when they are asked for. */
#include "lua/check/check.h"
#include "lua/text/text.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>

static char policy_key;

struct policy *policy_of(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &policy_key);
    struct policy *p = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return p;
}

const char *policy_text(struct policy *p, struct sori_str s) {
    char *copy = arena_get(&p->arena, s.len + 1);
    if (s.len) memcpy(copy, s.ptr, s.len);
    return copy;
}

static struct reader reader_here(lua_State *L) {
    struct policy *p = policy_of(L);
    char file[128] = "init.lua";
    int line = 1;
    sandbox_charge(L, 50); /* what is declared is kept */
    sandbox_where(L, file, &line);
    if (!p->loading)
        luaL_error(L, "rules, levels and cells are declared while the bundle loads, not later");
    return (struct reader){p, policy_text(p, str_c(file)), line, NULL, &p->arena, p->errors};
}

static struct sori_str text_arg(lua_State *L, int arg) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, arg, &s.len);
    return s;
}

/* ---- :rule and :note ---- */

/* upvalue 1: number of the draft */
static int draft_body(lua_State *L) {
    struct policy *p = policy_of(L);
    struct draft *d = &p->drafts[lua_tointeger(L, lua_upvalueindex(1))];
    struct reader r = reader_here(L);
    if (lua_type(L, 1) != LUA_TTABLE || d->body != LUA_NOREF) {
        complain(&r, d->line, "%s \"%s\": one table { when = …, act = … } is expected",
                 d->note ? "note" : "rule", d->name);
        return 0;
    }
    lua_settop(L, 1);
    d->body = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int draft(lua_State *L, bool note) {
    struct reader r = reader_here(L);
    struct policy *p = r.p;
    struct sori_str name = text_arg(L, 2);
    const char *what = note ? "note" : "rule";
    if (p->testing) return luaL_error(L, "a test declares cases, no %ss", what);
    if (p->draft_count == RULES_MAX)
        return luaL_error(L, "more than %d rules and notes in one bundle", RULES_MAX);
    check_word(&r, r.line, what, name);
    for (size_t i = 0; i < p->draft_count; i++)
        if (str_is(name, p->drafts[i].name))
            complain(&r, r.line, "%s \"%.*s\": this name is taken by %s:%d; names are unique", what,
                     STR(name), p->drafts[i].file, p->drafts[i].line);
    p->drafts[p->draft_count] =
        (struct draft){policy_text(p, name), r.file, r.line, LUA_NOREF, note};
    lua_pushinteger(L, (lua_Integer)p->draft_count++);
    lua_pushcclosure(L, draft_body, 1);
    return 1;
}
static int method_rule(lua_State *L) { return draft(L, false); }
static int method_note(lua_State *L) { return draft(L, true); }

/* ---- :level and :cell ---- */

static bool read_level(struct reader *r, lua_State *L, int value, struct level *l) {
    int percent, used = 0;
    struct sori_str said = sandbox_text(L, value);
    if (lua_type(L, value) == LUA_TNUMBER) {
        double n = lua_tonumber(L, value);
        l->number = n <= 1 ? score_of(n) : -1;
        if (l->number >= 0) return true;
    } else if (lua_type(L, value) == LUA_TSTRING &&
               sscanf(said.ptr, "precision %d%%%n", &percent, &used) == 1 &&
               (size_t)used == said.len && percent > 0 && percent <= 100) {
        l->precision = percent * 100;
        return true;
    }
    return complain(r, r->line, "level %.*s: expected \"precision 80%%\" or a number from 0 to 1",
                    STR(l->name));
}

static int method_level(lua_State *L) {
    struct reader r = reader_here(L);
    struct policy *p = r.p;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (struct table_walk w = table_begin(L, 2); table_next(&w);) {
        struct level l = {.number = -1, .file = r.file, .line = r.line};
        if (lua_type(L, w.key) != LUA_TSTRING)
            complain(&r, r.line, "level: expected { name = \"precision 80%%\" }");
        else if (p->level_count == 32)
            complain(&r, r.line, "more than 32 levels in one bundle");
        else {
            l.name = arena_copy(&p->arena, sandbox_text(L, w.key));
            bool ok = check_word(&r, r.line, "level", l.name) && read_level(&r, L, w.value, &l);
            for (size_t k = 0; k < p->level_count && ok; k++) {
                const struct level *old = &p->levels[k];
                if (!str_eq(old->name, l.name)) continue;
                if (old->number != l.number || old->precision != l.precision)
                    complain(&r, r.line,
                             "level %.*s means something else in %s:%d; choose another "
                             "name",
                             STR(l.name), old->file, old->line);
                ok = false;
            }
            if (ok) p->levels[p->level_count++] = l;
        }
    }
    return 0;
}

/* { per = "contact", type = "int", keep = "90d" } at `value` */
static bool read_cell(struct reader *r, lua_State *L, int value, struct cell_info *c) {
    if (lua_type(L, value) != LUA_TTABLE)
        return complain(r, r->line,
                        "cell %.*s: expected { per = \"contact\", type = \"int\", keep = "
                        "\"90d\" }",
                        STR(c->name));
    bool ok = true;
    lua_getfield(L, value, "per");
    lua_getfield(L, value, "type");
    lua_getfield(L, value, "keep");
    struct sori_str per = sandbox_text(L, -3), type = sandbox_text(L, -2);
    struct sori_str keep = sandbox_text(L, -1);
    if (!str_is(per, "contact") && !str_is(per, "case"))
        ok = complain(r, r->line, "cell %.*s: per is \"contact\" or \"case\"", STR(c->name));
    else
        c->scope = str_is(per, "case");
    if (!str_is(type, "int"))
        ok = complain(r, r->line,
                      "cell %.*s: type = \"int\" is expected, whole numbers; there is no other",
                      STR(c->name));
    if (!clock_parse_span(keep, &c->keep) || c->keep <= 0)
        ok = complain(r, r->line, "cell %.*s: keep is a span like \"90d\"", STR(c->name));
    lua_pop(L, 3);
    if (fact_by_name(c->name) || str_is(c->name, "label") || str_is(c->name, "words") ||
        str_is(c->name, "surge") || str_is(c->name, "windows"))
        ok = complain(r, r->line, "cell %.*s: this is the name of a fact; choose another",
                      STR(c->name));
    return ok;
}

static int method_cell(lua_State *L) {
    struct reader r = reader_here(L);
    struct policy *p = r.p;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (struct table_walk w = table_begin(L, 2); table_next(&w);) {
        struct cell_info c = {0};
        if (lua_type(L, w.key) != LUA_TSTRING)
            complain(&r, r.line, "cell: expected { name = { per = …, type = …, keep = … } }");
        else if (p->cell_count == CELLS_MAX)
            complain(&r, r.line, "more than %d cells in one bundle", CELLS_MAX);
        else {
            c.name = arena_copy(&p->arena, sandbox_text(L, w.key));
            bool ok = check_word(&r, r.line, "cell", c.name) && read_cell(&r, L, w.value, &c);
            for (size_t k = 0; k < p->cell_count; k++)
                if (str_eq(p->cells[k].name, c.name))
                    ok = complain(&r, r.line, "cell %.*s is declared twice: keep one", STR(c.name));
            if (ok) p->cells[p->cell_count++] = c;
        }
    }
    return 0;
}

static int method_label(lua_State *L) {
    struct reader r = reader_here(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    labels_declare(&r, 2);
    return 0;
}

/* ---- sori ---- */

static int sori_policy(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"rule", method_rule}, {"note", method_note},   {"level", method_level},
        {"cell", method_cell}, {"label", method_label}, {"case", case_add},
        {NULL, NULL}};
    luaL_checkstring(L, 1);
    reader_here(L);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    sandbox_freeze(L, -1);
    return 1;
}

/* sori.text.has(text, "word", …) or has(text, { "word", … }) */
static int text_has(lua_State *L) {
    struct sori_str text = text_arg(L, 1), words[256];
    int n = lua_gettop(L) - 1;
    if (lua_type(L, 2) == LUA_TTABLE) {
        sandbox_inside(L, 2);
        lua_replace(L, 2);
        n = (int)lua_rawlen(L, 2);
        luaL_argcheck(L, n <= 250, 2, "at most 250 words");
        luaL_checkstack(L, n + 4, "words");
        lua_settop(L, 2);
        for (int i = 1; i <= n; i++) lua_rawgeti(L, 2, i);
        lua_remove(L, 2);
    }
    luaL_argcheck(L, n <= 250, 2, "at most 250 words");
    for (int i = 0; i < n; i++) words[i] = text_arg(L, 2 + i);
    sandbox_charge(L, (int64_t)(text.len / 2) * (n + 1));
    lua_pushboolean(L, words_in(text, words, (size_t)n));
    return 1;
}

/* sori.pick(i, list): one of the list, always the same for the same interaction. */
static int sori_pick(lua_State *L) {
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_getfield(L, 1, "id");
    lua_Integer id = luaL_optinteger(L, -1, 0);
    sandbox_inside(L, 2);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    luaL_argcheck(L, n > 0, 2, "an empty list");
    lua_rawgeti(L, -1, (lua_Integer)((lua_Unsigned)id % (lua_Unsigned)n) + 1);
    return 1;
}

static void push_fact(lua_State *L, const struct facts *f, const struct fact_info *info) {
    if (!fact_has(f, info->tag)) {
        lua_pushnil(L);
        return;
    }
    const struct rec_field *v = &f->f[info->tag];
    switch (info->type) {
    case FT_STR: lua_pushlstring(L, v->s.ptr ? v->s.ptr : "", v->s.len); break;
    case FT_BOOL: lua_pushboolean(L, v->i != 0); break;
    case FT_ENUM: lua_pushstring(L, info->word(v->i)); break;
    default: lua_pushinteger(L, v->i);
    }
}

static int interaction_index(lua_State *L) {
    struct policy *p = policy_of(L);
    struct sori_str key = text_arg(L, 2);
    if (!p->in_hand) return luaL_error(L, "the interaction can be read during its decision only");
    const struct fact_info *info = fact_by_name(key);
    if (info) {
        p->facts.missed |= ~p->in_hand->have & 1ull << info->tag;
        push_fact(L, p->in_hand, info);
        return 1;
    }
    if (str_is(key, "label")) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, p->label_proxy);
        return 1;
    }
    for (size_t i = 0; i < p->cell_count; i++)
        if (str_eq(key, p->cells[i].name)) {
            p->facts.missed_cell |= ~p->in_hand->have_cell & 1ull << i;
            lua_pushinteger(L, p->in_hand->cell[i]);
            return 1;
        }
    const char *names[FACT_TOP];
    for (size_t i = 0; i < fact_count; i++) names[i] = fact_table[i].lua;
    const char *near = nearest_word(key, names, fact_count);
    if (near) return luaL_error(L, "there is no fact '%s'; did you mean '%s'?", key.ptr, near);
    return luaL_error(L, "there is no fact and no cell '%s'", key.ptr);
}

/* i.label["tone.negative"]: 0 to 10,000, or nil. All that were recorded, not only those asked for
 * in conditions. */
static int label_index(lua_State *L) {
    struct policy *p = policy_of(L);
    struct sori_str key = text_arg(L, 2), rest, name;
    struct rec_field f;
    if (!p->in_hand) return luaL_error(L, "labels can be read during a decision only");
    for (rest = p->in_hand->record; rec_next(&rest, &f) == 1;) {
        if (f.tag != FACT_LABEL || f.type != REC_REC) continue;
        name = rec_get_str(f.s, 1);
        if (str_eq(name, key)) {
            lua_pushinteger(L, rec_get_int(f.s, 2, 0));
            return 1;
        }
    }
    const struct list_label *listed = label_listed(p, key);
    if (listed && p->in_hand->listed >> listed->number & 1)
        lua_pushinteger(L, p->in_hand->score[listed->number]);
    else
        lua_pushnil(L);
    return 1;
}

static int refuse_write(lua_State *L) {
    return luaL_error(L, "an interaction cannot be changed; return an intention instead");
}

static int make_proxy(lua_State *L, lua_CFunction index) {
    lua_newuserdatauv(L, 1, 0);
    lua_newtable(L);
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

void bind_open(struct policy *p) {
    lua_State *L = sandbox_lua(p->box);
    lua_pushlightuserdata(L, p);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &policy_key);
    p->proxy = make_proxy(L, interaction_index);
    p->label_proxy = make_proxy(L, label_index);
    acts_open(p);
    lua_newtable(L);
    lua_pushcfunction(L, sori_policy);
    lua_setfield(L, -2, "policy");
    lua_pushcfunction(L, sori_pick);
    lua_setfield(L, -2, "pick");
    lua_pushcfunction(L, guide_read);
    lua_setfield(L, -2, "guide");
    lua_newtable(L);
    lua_pushcfunction(L, text_has);
    lua_setfield(L, -2, "has");
    text_open(L);
    lua_pushliteral(L, "");
    luaL_getmetafield(L, -1, "__index"); /* the string library */
    lua_remove(L, -2);
    static const char *const same[] = {"find", "match", "gmatch", "gsub", "lower", "sub"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        lua_getfield(L, -1, same[i]);
        lua_setfield(L, -3, same[i]);
    }
    lua_pop(L, 1);
    lua_setfield(L, -2, "text");
    sandbox_freeze(L, -1);
    sandbox_global(p->box, "sori");
}
