/* The base functions: the safe ones of the manual, written again where Lua's own would let an
 * address, an order of memory or a swallowed budget through. */
#include "lua/sandbox/inner.h"

#include <ctype.h>
#include <stdio.h>

static int base_assert(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1)) return lua_gettop(L);
    if (lua_gettop(L) < 2) return luaL_error(L, "assertion failed!");
    lua_settop(L, 2);
    return lua_error(L);
}

static int base_error(lua_State *L) {
    int level = (int)luaL_optinteger(L, 2, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
        luaL_where(L, level);
        lua_insert(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int ipairs_step(lua_State *L) {
    lua_Integer i = luaL_checkinteger(L, 2) + 1;
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, ipairs_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* upvalues: the keys, the inside, the position. A key whose value went meanwhile is left out. */
static int pairs_step(lua_State *L) {
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) break;
        lua_pop(L, 2);
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

static int base_pairs(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    sandbox_keys(L, 1);
    sandbox_inside(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_step, 3);
    return 1;
}

bool sandbox_is_iterator(lua_State *L, int index) {
    lua_CFunction f = lua_tocfunction(L, index);
    return f == pairs_step || f == sandbox_gmatch_step;
}

static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    sandbox_keys(L, 1);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 3), i = 1;
    if (!lua_isnil(L, 2)) {
        while (i <= n) {
            lua_rawgeti(L, 3, i++);
            bool here = lua_rawequal(L, -1, 2);
            lua_pop(L, 1);
            if (here) break;
        }
    }
    if (i > n) {
        lua_pushnil(L);
        return 1;
    }
    lua_rawgeti(L, 3, i);
    sandbox_inside(L, 1);
    lua_pushvalue(L, -2);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return 2;
}

/* A budget that is used up is not an error one may handle: it goes on up. */
static int base_pcall(lua_State *L) {
    struct sandbox *s = sandbox_of(L);
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    if (status == LUA_ERRMEM || s->stopped)
        sandbox_stop(L, s->stopped ? s->stopped : BUDGET_MEMORY);
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static int base_rawequal(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

static int base_rawget(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    sandbox_inside(L, 1);
    lua_insert(L, 2);
    lua_rawget(L, 2);
    return 1;
}

static int base_rawlen(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    sandbox_inside(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static int base_select(lua_State *L) {
    int n = lua_gettop(L);
    if (lua_type(L, 1) == LUA_TSTRING && str_is(str_c(lua_tostring(L, 1)), "#")) {
        lua_pushinteger(L, n - 1);
        return 1;
    }
    lua_Integer i = luaL_checkinteger(L, 1);
    if (i < 0)
        i = n + i;
    else if (i > n)
        i = n;
    luaL_argcheck(L, 1 <= i, 1, "index out of range");
    return n - (int)i;
}

/* The metatable is copied: what is added to the table later has no effect, so that __gc and
 * __close cannot come in by the back door. */
static int base_setmetatable(lua_State *L) {
    static const char *const offered[] = {
        "__add",      "__band", "__bnot",  "__bor", "__bxor", "__call",     "__concat", "__div",
        "__eq",       "__idiv", "__index", "__le",  "__len",  "__lt",       "__mod",    "__mul",
        "__newindex", "__pow",  "__shl",   "__shr", "__sub",  "__tostring", "__unm"};
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnoneornil(L, 2) || lua_type(L, 2) == LUA_TTABLE, 2, "nil or table");
    lua_settop(L, 2);
    if (lua_getmetatable(L, 1)) {
        sandbox_push_key(L, KEY_FROZEN);
        if (lua_rawget(L, -2) != LUA_TNIL) {
            char what[64];
            sandbox_named(L, 1, what, sizeof what);
            return luaL_error(L, "%s is read-only after loading", what);
        }
        lua_settop(L, 2);
    }
    if (lua_isnil(L, 2)) {
        lua_pushnil(L);
        lua_setmetatable(L, 1);
        lua_settop(L, 1);
        return 1;
    }
    sandbox_inside(L, 2);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, 3)) {
        size_t len = 0;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : "";
        bool ok = false;
        for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
            if (str_is((struct sori_str){key, len}, offered[i])) ok = true;
        if (!ok && len > 2 && key[0] == '_' && key[1] == '_')
            return luaL_error(L, "the metamethod '%s' is not offered here", key);
        if (ok) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, 4);
        } else
            lua_pop(L, 1);
    }
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static int base_tonumber(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_isnoneornil(L, 2)) {
        if (lua_type(L, 1) == LUA_TNUMBER) {
            lua_settop(L, 1);
            return 1;
        }
        size_t len;
        const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : NULL;
        if (text && len < 512 && lua_stringtonumber(L, text) == len + 1) return 1;
        lua_pushnil(L);
        return 1;
    }
    lua_Integer base = luaL_checkinteger(L, 2);
    luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
    luaL_checktype(L, 1, LUA_TSTRING);
    struct sori_str s;
    s.ptr = lua_tolstring(L, 1, &s.len);
    if (s.len > 512) return lua_pushnil(L), 1;
    while (s.len && isspace((unsigned char)s.ptr[0])) s.ptr++, s.len--;
    while (s.len && isspace((unsigned char)s.ptr[s.len - 1])) s.len--;
    bool negative = s.len && s.ptr[0] == '-';
    if (negative) s.ptr++, s.len--;
    lua_Unsigned v = 0;
    bool ok = s.len > 0;
    for (size_t i = 0; i < s.len && ok; i++) {
        ok = digit_of(s.ptr[i]) < base;
        v = v * (lua_Unsigned)base + (lua_Unsigned)digit_of(s.ptr[i]);
    }
    if (ok)
        lua_pushinteger(L, (lua_Integer)(negative ? 0u - v : v));
    else
        lua_pushnil(L);
    return 1;
}

struct sori_str sandbox_tostring(lua_State *L, int index) {
    struct sori_str s;
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "'__tostring' must return a string");
    } else
        switch (lua_type(L, index)) {
        case LUA_TNUMBER:
        case LUA_TSTRING:
            lua_pushvalue(L, index);
            lua_tostring(L, -1);
            break;
        case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
        case LUA_TNIL: lua_pushliteral(L, "nil"); break;
        default: lua_pushstring(L, luaL_typename(L, index));
        }
    s.ptr = lua_tolstring(L, -1, &s.len);
    return s;
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    sandbox_tostring(L, 1);
    return 1;
}

static int base_type(lua_State *L) {
    luaL_argcheck(L, lua_type(L, 1) != LUA_TNONE, 1, "value expected");
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

void sandbox_open_base(lua_State *L) {
    static const luaL_Reg functions[] = {{"assert", base_assert},
                                         {"error", base_error},
                                         {"ipairs", base_ipairs},
                                         {"next", base_next},
                                         {"pairs", base_pairs},
                                         {"pcall", base_pcall},
                                         {"rawequal", base_rawequal},
                                         {"rawget", base_rawget},
                                         {"rawlen", base_rawlen},
                                         {"select", base_select},
                                         {"setmetatable", base_setmetatable},
                                         {"tonumber", base_tonumber},
                                         {"tostring", base_tostring},
                                         {"type", base_type},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

/* ---- require ---- */

static int base_require(lua_State *L) {
    struct sandbox *s = sandbox_of(L);
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    if (!s->find) return luaL_error(L, "require works while the bundle loads, not later");
    sandbox_push_key(L, KEY_LOADED);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        if (!lua_islightuserdata(L, -1)) return 1;
        if (lua_touserdata(L, -1) == (void *)(uintptr_t)s->calls)
            return luaL_error(L, "'%s' requires itself in a circle", name);
        return luaL_error(L, "'%s' did not load: its own error comes first", name);
    }
    char path[200];
    int n = snprintf(path, sizeof path - 4, "%s", name);
    for (char *p = path; *p; p++)
        if (*p == '.') *p = '/';
    if (n > 0 && n < (int)sizeof path - 5) memcpy(path + n, ".lua", 5);
    struct sori_str source;
    if (!s->find(s->find_ctx, path, &source))
        return luaL_error(L, "there is no '%s' in this bundle (looked for %s)", name, path);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)s->calls); /* loading, in this call */
    lua_rawset(L, 2);
    struct buf errors = {0};
    bool ok = sandbox_compile(s, path, source, &errors);
    if (!ok) {
        if (errors.len && errors.data[errors.len - 1] == '\n') errors.data[errors.len - 1] = 0;
        lua_pushstring(L, errors.data);
    }
    buf_free(&errors);
    if (!ok) return lua_error(L);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}

void sandbox_require(struct sandbox *s, sandbox_find *find, void *ctx) {
    s->find = find;
    s->find_ctx = ctx;
    if (!find) return;
    lua_pushcfunction(s->L, base_require);
    sandbox_global(s, "require");
}
