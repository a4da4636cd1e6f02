/* reply, assign, tag, …: what a policy may want, as values of Lua, read into acts. */
#include "lua/policy_inner.h"
#include "base/clock.h"

enum takes {
    TAKES_NOTHING,
    TAKES_REPLY,
    TAKES_NAME,
    TAKES_TEXT,
    TAKES_SPAN,
    TAKES_CLOCK,
    TAKES_CELL
};

static const struct verb_info {
    int verb;
    enum takes takes;
} verbs[] = {{VERB_REPLY, TAKES_REPLY},      {VERB_PRIVATE_REPLY, TAKES_REPLY},
             {VERB_LIKE, TAKES_NOTHING},     {VERB_HIDE, TAKES_NOTHING},
             {VERB_DELETE, TAKES_NOTHING},   {VERB_ASSIGN, TAKES_NAME},
             {VERB_TAG, TAKES_NAME},         {VERB_NOTE, TAKES_TEXT},
             {VERB_ALERT, TAKES_TEXT},       {VERB_HOLD, TAKES_TEXT},
             {VERB_FOLLOW_UP, TAKES_SPAN},   {VERB_CLOCK, TAKES_CLOCK},
             {VERB_PAUSE_CLOCK, TAKES_TEXT}, {VERB_STOP_CLOCK, TAKES_NOTHING},
             {VERB_CLOSE, TAKES_NOTHING},    {VERB_ADD, TAKES_CELL},
             {VERB_SET, TAKES_CELL},         {VERB_RELATE, TAKES_NAME}};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* Its address names the metatable of intentions, and is a key in it that no Lua code can make: what
 * was frozen has a metatable of its own, with the same key. */
static char mark_key;

static int make_intention(lua_State *L) {
    char file[128];
    int line = 0;
    lua_settop(L, 1);
    sandbox_where(L, file, &line);
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawseti(L, 2, 1);
    lua_pushinteger(L, line);
    lua_rawseti(L, 2, 2);
    lua_pushvalue(L, 1);
    lua_rawseti(L, 2, 3);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mark_key);
    lua_setmetatable(L, 2);
    return 1;
}

void acts_open(struct policy *p) {
    lua_State *L = sandbox_lua(p->box);
    lua_newtable(L);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &mark_key);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &mark_key);
    for (int i = 0; i < VERBS; i++) {
        lua_pushinteger(L, i);
        lua_pushcclosure(L, make_intention, 1);
        sandbox_global(p->box, verb_word(verbs[i].verb));
    }
}

/* The same table for editors: the name that a verb takes. */
static const char *name_type(const struct verb_info *v) {
    if (v->takes == TAKES_REPLY) return "sori.Reply";
    if (v->takes == TAKES_CELL) return "sori.CellName";
    if (v->verb == VERB_ASSIGN) return "sori.Department";
    return v->verb == VERB_RELATE ? "sori.Relationship" : "string";
}

void verbs_meta(struct buf *out) {
    static const char *const beside[] = {[TAKES_NAME] = "",
                                         [TAKES_REPLY] = "",
                                         [TAKES_TEXT] = " may hold slots, \"{author}: {text}\"",
                                         [TAKES_SPAN] = " \"60m\"",
                                         [TAKES_CLOCK] = "|sori.Clock \"60m\"",
                                         [TAKES_CELL] = ""};
    /* A form of its own: of a union, names would be offered in place of the whole table. */
    static const char *const table[TAKES_CELL + 1] = {
        [TAKES_REPLY] = "sori.Saying", [TAKES_CELL] = "{ [1]: sori.CellName, [2]: integer? }"};
    buf_puts(out, "---The words, and how: { \"sorry\", approve = true }\n---@class sori.Saying\n"
                  "---@field [1] sori.Reply a file replies/NAME.LANG.md\n"
                  "---@field approve? boolean|sori.When a person lets it go: always, or where all "
                  "of this holds\n"
                  "---@field goal? sori.Goal what it is meant to do\n"
                  "---@field source? string what it rests on: a link or a document's name\n"
                  "---@field slots? table<string, string|number> what the rule fills in\n"
                  "---@field slot? integer a second reply to the same word needs another number\n"
                  "---@field lang? sori.Lang whatever the person's\n"
                  "---@field long? \"split\"|\"refuse\" what becomes of one that is too long\n\n"
                  "---{ \"60m\", calendar = \"night\" }\n---@class sori.Clock\n"
                  "---@field [1] string \"60m\"\n---@field calendar? sori.Calendar\n\n");
    for (int i = 0; i < VERBS; i++) {
        const struct verb_info *v = &verbs[i];
        bool takes = v->takes != TAKES_NOTHING;
        if (v->verb == VERB_SET) {
            buf_puts(out, "---@param what { [1]: sori.CellName, [2]: integer }\n");
        } else if (takes) {
            if (table[v->takes])
                buf_printf(out, "---@overload fun(what: %s): sori.Intention\n", table[v->takes]);
            buf_printf(out, "---@param what %s%s\n", name_type(v), beside[v->takes]);
        }
        buf_printf(out, "---@return sori.Intention\nfunction %s(%s) end\n", verb_word(v->verb),
                   takes ? "what" : "");
    }
}

void verbs_expected(struct buf *out) {
    for (int i = 0; i < VERBS; i++) {
        const char *name = name_type(&verbs[i]);
        buf_printf(out, "---@field %s? boolean", verb_word(verbs[i].verb));
        if (verbs[i].takes != TAKES_NOTHING) buf_printf(out, "|%s|%s[]", name, name);
        buf_putc(out, '\n');
    }
}

static bool is_intention(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
    bool yes = lua_rawgetp(L, -1, &mark_key) == LUA_TBOOLEAN;
    lua_pop(L, 2);
    return yes;
}

const char *terminated(struct reader *r, struct sori_str s) {
    char *copy = arena_get(r->arena, s.len + 1);
    if (s.len) memcpy(copy, s.ptr, s.len);
    return copy;
}

static bool among(struct sori_str word, const struct sori_str *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, list[i])) return true;
    return false;
}

static bool check_name(struct reader *r, struct act *a) {
    struct policy *p = r->p;
    const char *names[160];
    size_t n = 0;
    if (a->name.len == 0) return complain(r, a->line, "%s: an empty name", verb_word(a->verb));
    if (!check_word(r, a->line, verb_word(a->verb), a->name)) return false;
    if (a->verb == VERB_RELATE) {
        for (int i = 0; i < RELATION_COUNT; i++) names[n++] = relation_word(i);
        if (relation_of(a->name) >= 0) return true;
        return complain_near(r, a->line, a->name, names, n,
                             "relate: there is no relationship '%.*s'", STR(a->name));
    }
    if (a->verb != VERB_ASSIGN || (p->open & POLICY_OPEN_DEPARTMENTS)) return true;
    if (among(a->name, p->departments, p->department_count)) return true;
    struct buf list = {0};
    static const char may[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const struct sori_str some = SORI_STR("NAME");
    bool fits = a->name.len == strspn(terminated(r, a->name), may); /* sori.lua takes no other */
    for (size_t i = 0; i < p->department_count; i++) {
        names[n++] = terminated(r, p->departments[i]);
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    complain_near(r, a->line, a->name, names, n,
                  "assign: there is no department '%.*s'; the workspace has: %s; add department "
                  "\"%.*s\" to sori.lua%s",
                  STR(a->name), list.len ? list.data : "none", STR(fits ? a->name : some),
                  fits ? "" : ", NAME of small letters, digits and dashes");
    buf_free(&list);
    return false;
}

static bool read_cell_act(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    struct policy *p = r->p;
    bool named = lua_type(L, index) == LUA_TSTRING, ok = true;
    a->value = 1;
    if (lua_type(L, index) == LUA_TTABLE) {
        lua_geti(L, index, 1);
        lua_geti(L, index, 2);
        named = lua_type(L, -2) == LUA_TSTRING;
        if (lua_isinteger(L, -1))
            a->value = lua_tointeger(L, -1);
        else if (!lua_isnil(L, -1) || a->verb == VERB_SET)
            ok = complain(r, a->line, "%s: a whole number is expected after the cell's name",
                          verb_word(a->verb));
        if (named) a->name = arena_copy(r->arena, sandbox_text(L, -2));
        lua_pop(L, 2);
    } else if (named) {
        a->name = arena_copy(r->arena, sandbox_text(L, index));
        if (a->verb == VERB_SET)
            ok = complain(r, a->line, "set: expected set { \"%.*s\", NUMBER }", STR(a->name));
    }
    if (!named)
        return complain(r, a->line, "%s: the name of a cell is expected", verb_word(a->verb));
    const char *names[CELLS_MAX];
    for (size_t i = 0; i < p->cell_count; i++) {
        names[i] = terminated(r, p->cells[i].name);
        if (!str_eq(p->cells[i].name, a->name)) continue;
        a->cell = (int)i;
        return ok;
    }
    return complain_near(r, a->line, a->name, names, p->cell_count,
                         "%s: there is no cell '%.*s'; declare it with :cell { %.*s = { per = "
                         "\"contact\", type = \"int\", keep = \"90d\" } }",
                         verb_word(a->verb), STR(a->name), STR(a->name));
}

static bool check_calendar(struct reader *r, struct act *a) {
    const struct policy *p = r->p;
    const char *names[256];
    size_t n = 0;
    if (p->open & POLICY_OPEN_DEPARTMENTS || among(a->name, p->calendars, p->calendar_count) ||
        among(a->name, p->departments, p->department_count))
        return true;
    for (size_t i = 0; i < p->calendar_count; i++) names[n++] = terminated(r, p->calendars[i]);
    for (size_t i = 0; i < p->department_count && n < 256; i++)
        names[n++] = terminated(r, p->departments[i]);
    return complain_near(r, a->line, a->name, names, n,
                         "clock: there is no calendar '%.*s'; expected a department or a calendar "
                         "of sori.lua",
                         STR(a->name));
}

static bool read_span(struct reader *r, struct sori_str text, struct act *a) {
    return (clock_parse_span(text, &a->value) && a->value > 0) ||
           complain(r, a->line, "%s: '%.*s' is no span; expected \"30m\", \"2h\" or \"7d\"",
                    verb_word(a->verb), STR(text));
}

/* clock "60m", or clock { "60m", calendar = "shop" }. */
static bool read_clock(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) == LUA_TSTRING) return read_span(r, sandbox_text(L, index), a);
    static const char expected[] = "clock: expected \"60m\" or { \"60m\", calendar = \"NAME\" }";
    if (lua_type(L, index) != LUA_TTABLE) return complain(r, a->line, "%s", expected);
    bool ok = true, span = false;
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str text = sandbox_text(L, w.value);
        bool named = str_is(sandbox_text(L, w.key), "calendar"),
             first = lua_isinteger(L, w.key) && lua_tointeger(L, w.key) == 1;
        if (named && text.ptr) {
            a->name = arena_copy(r->arena, text);
            ok = check_calendar(r, a) && ok;
        } else if (first && text.ptr) {
            span = true;
            ok = read_span(r, text, a) && ok;
        } else {
            ok = complain(r, a->line, "%s", expected);
        }
    }
    return ok && (span || complain(r, a->line, "%s", expected));
}

/* The argument of an intention, at `index`, by what the verb takes. */
static bool read_argument(struct reader *r, enum takes takes, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    if (takes == TAKES_REPLY) return read_reply(r, index, a);
    if (takes == TAKES_CELL) return read_cell_act(r, index, a);
    if (takes == TAKES_CLOCK) return read_clock(r, index, a);
    if (takes == TAKES_NOTHING)
        return lua_isnoneornil(L, index) || complain(r, a->line, "%s takes nothing; write %s()",
                                                     verb_word(a->verb), verb_word(a->verb));
    if (lua_type(L, index) != LUA_TSTRING)
        return complain(r, a->line, "%s: a text is expected, not %s", verb_word(a->verb),
                        luaL_typename(L, index));
    struct sori_str text = sandbox_text(L, index);
    if (text.len > TEXT_MAX_BYTES)
        return complain(r, a->line, "%s: a text of %zu bytes; at most %d are taken",
                        verb_word(a->verb), text.len, TEXT_MAX_BYTES);
    if (takes == TAKES_TEXT && r->p->loading) return read_pieces(r, a->line, text, &a->text);
    if (takes == TAKES_TEXT) {
        /* A function writes its own text: what strangers wrote in it is no slot. */
        a->text = (struct pieces){arena_get(r->arena, sizeof *a->text.item), 1};
        a->text.item[0].text = arena_copy(r->arena, text);
        return true;
    }
    if (takes == TAKES_SPAN) return read_span(r, text, a);
    a->name = arena_copy(r->arena, text);
    return check_name(r, a);
}

static bool read_one(struct reader *r, int index, struct act *a) {
    lua_State *L = sandbox_lua(r->p->box);
    /* Its fields can be written to as those of any table. */
    sandbox_inside(L, index);
    int inside = lua_gettop(L);
    lua_rawgeti(L, inside, 1);
    lua_rawgeti(L, inside, 2);
    int line = (int)lua_tointeger(L, -1);
    lua_Integer which = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : -1;
    if (which < 0 || which >= VERBS) {
        lua_settop(L, inside - 1);
        return complain(r, r->line, "act: this intention was changed after it was made");
    }
    const struct verb_info *v = &verbs[which];
    *a = (struct act){.verb = v->verb, .line = line ? line : r->line, .cell = -1};
    lua_rawgeti(L, inside, 3);
    bool ok = read_argument(r, v->takes, lua_gettop(L), a);
    lua_settop(L, inside - 1);
    return ok;
}

/* The verb whose name stands there alone; NULL for a function of the policy's own. */
static const struct verb_info *verb_of_function(lua_State *L, int index) {
    const struct verb_info *v = NULL;
    if (lua_tocfunction(L, index) == make_intention && lua_getupvalue(L, index, 1))
        v = &verbs[lua_tointeger(L, -1)], lua_pop(L, 1);
    return v;
}

static bool no_intention(struct reader *r, int index) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) == LUA_TFUNCTION) {
        const struct verb_info *v = verb_of_function(L, index);
        return complain(r, r->line, "act: an intention stands without its brackets; write %s%s",
                        v ? verb_word(v->verb) : "like",
                        v && v->takes != TAKES_NOTHING ? " \"…\"" : "()");
    }
    return complain(
        r, r->line,
        "act: an intention is expected (reply \"…\", assign \"…\", tag \"…\"), not a %s",
        luaL_typename(L, index));
}

/* Nothing but the numbers 1 to `n`. */
static bool is_plain(lua_State *L, int table, lua_Integer n) {
    lua_pushnil(L);
    for (; lua_next(L, table); lua_pop(L, 1))
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > n)
            return false;
    return true;
}

static bool is_said(const struct act *acts, size_t count, int verb, int slot) {
    for (size_t i = 0; i < count; i++)
        if (acts[i].verb == verb && acts[i].slot == slot) return true;
    return false;
}

/* Under one number only the first of two would ever be said. */
static bool check_slots(struct reader *r, const struct act *acts, size_t count) {
    bool ok = true;
    for (size_t i = 1; i < count; i++) {
        const struct act *a = &acts[i];
        bool words = a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY;
        if (!words || !is_said(acts, i, a->verb, a->slot)) continue;
        int other = a->slot;
        while (is_said(acts, count, a->verb, other)) other++;
        ok &= frown(r, a->line,
                    "%s: a second one to the same word is never said; give it a number of its own, "
                    "%s { \"%.*s\", slot = %d }, or keep one",
                    verb_word(a->verb), verb_word(a->verb), STR(a->name), other);
    }
    return ok;
}

bool read_acts(struct reader *r, int index, struct act **acts, size_t *count) {
    lua_State *L = sandbox_lua(r->p->box);
    index = lua_absindex(L, index);
    *acts = NULL;
    *count = 0;
    if (is_intention(L, index)) {
        *acts = arena_get(r->arena, sizeof **acts);
        *count = 1;
        return read_one(r, index, *acts);
    }
    if (lua_type(L, index) != LUA_TTABLE) return no_intention(r, index);
    bool ok = true;
    sandbox_inside(L, index);
    int inside = lua_gettop(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, inside);
    if (n > ACTS_MAX) {
        lua_pop(L, 1);
        return complain(r, r->line, "act: more than %d intentions", ACTS_MAX);
    }
    *acts = arena_get(r->arena, (size_t)(n + 1) * sizeof **acts);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, inside, i);
        if (is_intention(L, inside + 1))
            ok &= read_one(r, inside + 1, &(*acts)[*count]);
        else
            ok = no_intention(r, inside + 1);
        ++*count;
        lua_settop(L, inside);
    }
    lua_settop(L, inside);
    bool plain = is_plain(L, inside, n);
    lua_settop(L, inside - 1);
    if (!plain) ok = complain(r, r->line, "act: a plain list is expected, without names and holes");
    return ok && check_slots(r, *acts, *count);
}
