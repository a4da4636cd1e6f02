/* care:case "late parcel" { given = { … }, expect = { … } }: what is given becomes a fact record.
 * With golden = true the whole decision must be the one that tests/golden/FILE.txt keeps.
 *
 * Left out, these are taken: on = "said", origin = "person", kind = "comment", relationship =
 * "neutral", influencer = false, all can_… = true, mode = "auto", id = 1; "unknown" leaves one out.
 */
#include "lua/policy_inner.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_loose(lua_State *L, int index, struct loose *v) {
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        *v = (struct loose){.type = LOOSE_NUMBER, .number = lua_tonumber(L, index)};
        break;
    case LUA_TSTRING:
        *v = (struct loose){.type = LOOSE_TEXT, .text = sandbox_text(L, index)};
        break;
    case LUA_TBOOLEAN:
        *v = (struct loose){.type = LOOSE_TRUTH, .truth = lua_toboolean(L, index)};
        break;
    default: return false;
    }
    return true;
}

static void put_defaults(struct buf *b, uint64_t given) {
    static const struct {
        uint8_t tag;
        int64_t value;
    } defaults[] = {{FACT_ON, ENTRY_SAID},        {FACT_KIND, KIND_COMMENT},
                    {FACT_ORIGIN, ORIGIN_PERSON}, {FACT_RELATIONSHIP, RELATION_NEUTRAL},
                    {FACT_INFLUENCER, 0},         {FACT_CAN_REPLY, 1},
                    {FACT_CAN_PRIVATE, 1},        {FACT_CAN_LIKE, 1},
                    {FACT_CAN_HIDE, 1},           {FACT_CAN_DELETE, 1},
                    {FACT_MODE, MODE_AUTO},       {FACT_ID, 1}};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (!(given >> defaults[i].tag & 1)) rec_int(b, defaults[i].tag, defaults[i].value);
}

static void read_labels(struct reader *r, lua_State *L, int index, struct buf *facts) {
    if (lua_type(L, index) != LUA_TTABLE) {
        complain(r, r->line, "label: expected { [\"tone.negative\"] = 0.9 }");
        return;
    }
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str name = sandbox_text(L, w.key);
        int64_t score =
            lua_type(L, w.value) == LUA_TNUMBER ? score_of(lua_tonumber(L, w.value)) : -1;
        if (!name.ptr || score < 0)
            complain(r, r->line, "label: expected { [\"tone.negative\"] = 0.9 }");
        else
            label_put(facts, name, score);
    }
}

/* windows = { ["topic.delivery"] = { hour = 14, usual = 2.1 } } */
static void read_windows(struct reader *r, lua_State *L, int index, struct buf *facts) {
    static const char expected[] =
        "windows: expected { [\"topic.delivery\"] = { hour = 14, usual = 2.1 } }";
    if (lua_type(L, index) != LUA_TTABLE) {
        complain(r, r->line, "%s", expected);
        return;
    }
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str topic = sandbox_text(L, w.key);
        bool ok = topic.ptr && lua_type(L, w.value) == LUA_TTABLE;
        if (ok) {
            lua_getfield(L, w.value, "hour");
            lua_getfield(L, w.value, "usual");
            double usual = lua_isnil(L, -1) ? -1 : lua_tonumber(L, -1); /* not known yet */
            ok = lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 0 && usual <= 1e9 &&
                 (lua_isnil(L, -1) || (lua_type(L, -1) == LUA_TNUMBER && usual >= 0));
            if (ok) window_put(facts, topic, lua_tointeger(L, -2), usual);
        }
        if (!ok) complain(r, r->line, "%s", expected);
    }
}

/* "unknown" leaves out what is taken where nothing is said. A kind may be of that name. */
static bool is_unknown(const struct fact_info *info, const struct loose *v) {
    return v->type == LOOSE_TEXT && info->type != FT_STR && str_is(v->text, "unknown") &&
           !(info->type == FT_ENUM && info->of(v->text) >= 0);
}

static void read_given_key(struct reader *r, lua_State *L, struct sori_str key, int value,
                           struct buf *facts, uint64_t *given) {
    struct policy *p = r->p;
    struct loose v;
    struct err err = {""};
    if (str_is(key, "label")) {
        read_labels(r, L, value, facts);
        return;
    }
    if (str_is(key, "windows")) {
        read_windows(r, L, value, facts);
        return;
    }
    if (!read_loose(L, value, &v)) {
        complain(r, r->line, "given.%.*s: a text, a number, true or false is expected", STR(key));
        return;
    }
    const struct fact_info *info = fact_by_name(key);
    if (info) {
        if (!is_unknown(info, &v) && !fact_put(facts, info, &v, &err))
            complain(r, r->line, "given.%s", err.text);
        *given |= 1ull << info->tag;
        return;
    }
    const char *names[FACT_TOP + CELLS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < fact_count; i++) names[n++] = fact_table[i].lua;
    for (size_t i = 0; i < p->cell_count; i++) {
        names[n++] = policy_text(p, p->cells[i].name);
        if (!str_eq(p->cells[i].name, key)) continue;
        if (v.type != LOOSE_NUMBER || !(v.number > -9e15 && v.number < 9e15))
            complain(r, r->line, "given.%.*s: a cell holds a whole number", STR(key));
        else
            cell_put(facts, key, (int64_t)v.number);
        return;
    }
    /* The file that declares it may be one of those that did not load. */
    if (p->partial) return;
    complain_near(r, r->line, key, names, n, "given.%.*s: there is no such fact and no such cell",
                  STR(key));
}

static struct sori_str read_given(struct reader *r, lua_State *L, int table) {
    struct buf facts = {0};
    uint64_t given = 0;
    if (lua_type(L, table) != LUA_TTABLE)
        complain(r, r->line, "given = { … } is missing");
    else
        for (struct table_walk w = table_begin(L, table); table_next(&w);) {
            struct sori_str key = sandbox_text(L, w.key);
            if (key.ptr)
                read_given_key(r, L, key, w.value, &facts, &given);
            else
                complain(r, r->line, "given: expected name = value");
        }
    put_defaults(&facts, given);
    struct sori_str kept = arena_copy(r->arena, buf_view(&facts));
    buf_free(&facts);
    return kept;
}

static bool read_case_keys(struct reader *r, lua_State *L, const char *name) {
    static const char *const keys[] = {"given", "expect", "golden"};
    bool ok = true;
    for (struct table_walk w = table_begin(L, 1); table_next(&w);) {
        struct sori_str key = sandbox_text(L, w.key);
        bool known = false;
        if (!key.ptr) key = SORI_STR("?");
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) known |= str_is(key, keys[k]);
        if (!known)
            ok = complain_near(r, r->line, key, keys, sizeof keys / sizeof *keys,
                               "case \"%s\": '%.*s' is not understood; expected given, expect and "
                               "golden",
                               name, STR(key));
    }
    return ok;
}

/* golden = true: a golden decision is kept under the case's name, which must then be one of a kind.
 */
static bool read_golden(struct reader *r, lua_State *L, struct policy_case *item) {
    lua_getfield(L, 1, "golden");
    bool given = !lua_isnil(L, -1), ok = !given || lua_isboolean(L, -1);
    item->golden = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (!ok) return complain(r, r->line, "case \"%s\": golden is true or false", item->name);
    if (!item->golden) return true;
    if (!check_word(r, r->line, "case", str_c(item->name))) return false;
    for (size_t i = 0; i < r->p->case_count; i++) {
        const struct policy_case *other = &r->p->cases[i];
        if (other->golden && strcmp(other->file, item->file) == 0 &&
            strcmp(other->name, item->name) == 0)
            return complain(r, r->line,
                            "case \"%s\": line %d has a golden decision under this name; choose "
                            "another",
                            item->name, other->line);
    }
    return true;
}

/* upvalues: name, line, file (light) */
static int case_body(lua_State *L) {
    struct policy *p = policy_of(L);
    struct reader r = {p,
                       lua_touserdata(L, lua_upvalueindex(3)),
                       (int)lua_tointeger(L, lua_upvalueindex(2)),
                       NULL,
                       &p->arena,
                       p->errors};
    struct policy_case item = {.file = r.file, .line = r.line, .expect = LUA_NOREF};
    item.name = policy_text(p, sandbox_text(L, lua_upvalueindex(1)));
    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TTABLE) {
        complain(&r, r.line, "case \"%s\": expected { given = { … }, expect = { … } }", item.name);
        return 0;
    }
    if (p->case_count == CASES_MAX)
        return luaL_error(L, "more than %d cases in one bundle", CASES_MAX);
    if (!read_case_keys(&r, L, item.name)) return 0;
    lua_getfield(L, 1, "given");
    item.facts = read_given(&r, L, 2);
    if (!read_golden(&r, L, &item)) return 0;
    lua_getfield(L, 1, "expect");
    if (lua_type(L, -1) == LUA_TTABLE)
        item.expect = luaL_ref(L, LUA_REGISTRYINDEX);
    else if (!item.golden || !lua_isnil(L, -1)) {
        complain(&r, r.line, "case \"%s\": expect = { … } is missing", item.name);
        return 0;
    }
    size_t n = p->case_count;
    bool full = (n & (n - 1)) == 0; /* doubled: a bundle may have ten thousand */
    if (full) p->cases = mem_grow(p->cases, (n ? 2 * n : 1) * sizeof *p->cases);
    p->cases[p->case_count++] = item;
    return 0;
}

/* The outermost line of the file: where a helper function makes many cases, the line that named
 * this one. */
static void place_in_file(lua_State *L, char *file, int *line) {
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        snprintf(file, 128, "%s", ar.short_src);
        *line = ar.currentline;
    }
}

int case_add(lua_State *L) {
    struct policy *p = policy_of(L);
    char file[128] = "tests";
    int line = 1;
    luaL_checkstring(L, 2);
    if (!p->testing) return luaL_error(L, "cases belong into tests/NAME_test.lua");
    place_in_file(L, file, &line);
    lua_pushvalue(L, 2);
    lua_pushinteger(L, line);
    lua_pushlightuserdata(L, (void *)(uintptr_t)policy_text(p, str_c(file)));
    lua_pushcclosure(L, case_body, 3);
    return 1;
}
