/* The table, math and utf8 libraries. Tables are written raw: metamethods could turn one call into
 * hours. Sorting is a stable merge: Lua's own picks its pivot by the clock. */
#include "lua/sandbox/inner.h"
#include "base/utf8.h"

#include <math.h>

static lua_Integer length(lua_State *L, int t) { return (lua_Integer)lua_rawlen(L, t); }

/* Pushes what can be read of argument 1, frozen or not. */
static int readable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    sandbox_inside(L, 1);
    return lua_gettop(L);
}

static void writable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    sandbox_inside(L, 1);
    if (!lua_rawequal(L, 1, -1)) {
        char what[64];
        sandbox_named(L, 1, what, sizeof what);
        luaL_error(L, "%s is read-only after loading; sort or change a copy", what);
    }
    lua_pop(L, 1);
}

static int table_concat(lua_State *L) {
    struct sori_str between;
    between.ptr = luaL_optlstring(L, 2, "", &between.len);
    lua_Integer from = luaL_optinteger(L, 3, 1);
    bool to_end = lua_isnoneornil(L, 4);
    lua_Integer to = luaL_optinteger(L, 4, 0);
    lua_settop(L, 4);
    int t = readable(L);
    if (to_end) to = length(L, t);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = from; i <= to; i++) {
        lua_rawgeti(L, t, i);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'", i);
        luaL_addvalue(&b);
        if (i < to) luaL_addlstring(&b, between.ptr, between.len);
        if (luaL_bufflen(&b) > TEXT_MAX) return luaL_error(L, "the result is longer than 1 MiB");
        sandbox_charge(L, 1);
        if (i == to) break; /* `to` may be the greatest integer */
    }
    luaL_pushresult(&b);
    return 1;
}

static int table_insert(lua_State *L) {
    writable(L);
    lua_Integer n = length(L, 1), at = n + 1;
    int args = lua_gettop(L);
    if (args != 2 && args != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
    if (args == 3) {
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, at >= 1 && at <= n + 1, 2, "position out of bounds");
        sandbox_charge(L, n - at + 1);
        for (lua_Integer i = n; i >= at; i--) {
            lua_rawgeti(L, 1, i);
            lua_rawseti(L, 1, i + 1);
        }
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L) {
    writable(L);
    lua_Integer n = length(L, 1), at = luaL_optinteger(L, 2, n);
    if (lua_gettop(L) > 1 && n != at)
        luaL_argcheck(L, at >= 1 && at <= n + 1, 2, "position out of bounds");
    lua_rawgeti(L, 1, at);
    sandbox_charge(L, n > at ? n - at : 0);
    for (lua_Integer i = at; i < n; i++) {
        lua_rawgeti(L, 1, i + 1);
        lua_rawseti(L, 1, i);
    }
    if (at <= n) {
        lua_pushnil(L);
        lua_rawseti(L, 1, n > at ? n : at);
    }
    return 1;
}

static int table_pack(lua_State *L) {
    int n = lua_gettop(L);
    lua_createtable(L, n, 1);
    lua_insert(L, 1);
    for (int i = n; i >= 1; i--) lua_rawseti(L, 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L) {
    lua_Integer from = luaL_optinteger(L, 2, 1);
    bool to_end = lua_isnoneornil(L, 3);
    lua_Integer to = luaL_optinteger(L, 3, 0);
    int t = readable(L);
    if (to_end) to = length(L, t);
    if (from > to) return 0;
    if ((lua_Unsigned)to - (lua_Unsigned)from >= UNPACK_MAX)
        return luaL_error(L, "more than %d values at once", UNPACK_MAX);
    int n = (int)(to - from) + 1;
    luaL_checkstack(L, n, "too many values");
    for (int i = 0; i < n; i++) lua_rawgeti(L, t, from + i);
    return n;
}

static bool sort_less(lua_State *L, bool by_function) {
    if (by_function) {
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
        bool less = lua_toboolean(L, -1);
        lua_pop(L, 1);
        return less;
    }
    return lua_compare(L, -2, -1, LUA_OPLT);
}

/* Merges the runs [lo, mid) and [mid, hi) of table `from` into `to`. */
static void merge(lua_State *L, int from, int to, lua_Integer lo, lua_Integer mid, lua_Integer hi,
                  bool by_function) {
    lua_Integer a = lo, b = mid;
    for (lua_Integer out = lo; out < hi; out++) {
        sandbox_charge(L, 2);
        if (a < mid && b < hi) {
            lua_rawgeti(L, from, b);
            lua_rawgeti(L, from, a);
            bool right = sort_less(L, by_function); /* equal ones keep their order */
            lua_pop(L, right ? 1 : 2);
            if (!right) lua_rawgeti(L, from, a);
            if (right)
                b++;
            else
                a++;
        } else
            lua_rawgeti(L, from, a < mid ? a++ : b++);
        lua_rawseti(L, to, out);
    }
}

static int table_sort(lua_State *L) {
    writable(L);
    bool by_function = !lua_isnoneornil(L, 2);
    if (by_function) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_Integer n = length(L, 1);
    lua_newtable(L);
    lua_newtable(L);
    int from = 3, to = 4;
    sandbox_charge(L, n);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, from, i);
    }
    for (lua_Integer run = 1; run < n; run *= 2) {
        for (lua_Integer lo = 1; lo <= n; lo += 2 * run) {
            lua_Integer mid = lo + run, hi = lo + 2 * run;
            if (mid > n + 1) mid = n + 1;
            if (hi > n + 1) hi = n + 1;
            merge(L, from, to, lo, mid, hi, by_function);
        }
        int old = from;
        from = to;
        to = old;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

void sandbox_open_table(lua_State *L) {
    static const luaL_Reg functions[] = {{"concat", table_concat},
                                         {"insert", table_insert},
                                         {"pack", table_pack},
                                         {"remove", table_remove},
                                         {"sort", table_sort},
                                         {"unpack", table_unpack},
                                         {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
}

/* ---- math ---- */

static void push_float_as_integer(lua_State *L, lua_Number v) {
    lua_Integer i;
    if (lua_numbertointeger(v, &i))
        lua_pushinteger(L, i);
    else
        lua_pushnumber(L, v);
}

static int math_abs(lua_State *L) {
    if (lua_isinteger(L, 1)) {
        lua_Integer n = lua_tointeger(L, 1);
        lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
    } else
        lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
    return 1;
}

static int math_floor(lua_State *L) {
    if (lua_isinteger(L, 1))
        lua_settop(L, 1);
    else
        push_float_as_integer(L, floor(luaL_checknumber(L, 1)));
    return 1;
}

static int math_ceil(lua_State *L) {
    if (lua_isinteger(L, 1))
        lua_settop(L, 1);
    else
        push_float_as_integer(L, ceil(luaL_checknumber(L, 1)));
    return 1;
}

static int math_sqrt(lua_State *L) {
    lua_pushnumber(L, sqrt(luaL_checknumber(L, 1)));
    return 1;
}

static int extreme(lua_State *L, bool greatest) {
    int n = lua_gettop(L), best = 1;
    luaL_checknumber(L, 1);
    for (int i = 2; i <= n; i++) {
        luaL_checknumber(L, i);
        if (greatest ? lua_compare(L, best, i, LUA_OPLT) : lua_compare(L, i, best, LUA_OPLT))
            best = i;
    }
    lua_pushvalue(L, best);
    return 1;
}
static int math_max(lua_State *L) { return extreme(L, true); }
static int math_min(lua_State *L) { return extreme(L, false); }

static int math_tointeger(lua_State *L) {
    int ok;
    luaL_checkany(L, 1);
    lua_Integer n = lua_tointegerx(L, 1, &ok);
    if (ok)
        lua_pushinteger(L, n);
    else
        lua_pushnil(L);
    return 1;
}

static int math_type(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TNUMBER)
        lua_pushnil(L);
    else
        lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
    return 1;
}

void sandbox_open_math(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"abs", math_abs}, {"ceil", math_ceil}, {"floor", math_floor},         {"max", math_max},
        {"min", math_min}, {"sqrt", math_sqrt}, {"tointeger", math_tointeger}, {"type", math_type},
        {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pushnumber(L, HUGE_VAL);
    lua_setfield(L, -2, "huge");
    lua_pushinteger(L, LUA_MAXINTEGER);
    lua_setfield(L, -2, "maxinteger");
    lua_pushinteger(L, LUA_MININTEGER);
    lua_setfield(L, -2, "mininteger");
}

/* ---- utf8 ---- */

static int utf8_len_of(lua_State *L) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, 1, &s.len);
    sandbox_charge(L, (int64_t)s.len / 4);
    if (!utf8_valid(s)) return lua_pushnil(L), 1;
    lua_pushinteger(L, (lua_Integer)utf8_count(s));
    return 1;
}

static int utf8_char_of(lua_State *L) {
    int n = lua_gettop(L);
    char bytes[UNPACK_MAX * 4];
    if (n > UNPACK_MAX) return luaL_error(L, "more than %d characters at once", UNPACK_MAX);
    size_t len = 0;
    for (int i = 1; i <= n; i++) {
        lua_Unsigned c = (lua_Unsigned)luaL_checkinteger(L, i);
        luaL_argcheck(L, c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff), i, "no character");
        if (c < 0x80)
            bytes[len++] = (char)c;
        else {
            int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
            bytes[len++] = (char)((0xf00 >> more & 0xf0) | (c >> (6 * more)));
            if (more == 1) bytes[len - 1] = (char)(0xc0 | (c >> 6));
            if (more == 2) bytes[len - 1] = (char)(0xe0 | (c >> 12));
            if (more == 3) bytes[len - 1] = (char)(0xf0 | (c >> 18));
            while (more-- > 0) bytes[len++] = (char)(0x80 | (c >> (6 * more) & 0x3f));
        }
    }
    lua_pushlstring(L, bytes, len);
    return 1;
}

/* The code point of the character that begins at byte `i`, and where the next one begins. */
static int utf8_codepoint_of(lua_State *L) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, 1, &s.len);
    lua_Integer i = luaL_optinteger(L, 2, 1);
    luaL_argcheck(L, i >= 1 && (size_t)i <= s.len, 2, "out of bounds");
    size_t len;
    uint32_t c = utf8_next((struct sori_str){s.ptr + i - 1, s.len - (size_t)i + 1}, &len);
    lua_pushinteger(L, c);
    lua_pushinteger(L, i + (lua_Integer)len);
    return 2;
}

static int codes_step(lua_State *L) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, 1, &s.len);
    lua_Integer i = luaL_checkinteger(L, 2);
    size_t len;
    if (i < 0 || (size_t)i > s.len) return luaL_error(L, "position out of bounds");
    if (i > 0) {
        utf8_next((struct sori_str){s.ptr + i - 1, s.len - (size_t)i + 1}, &len);
        i += (lua_Integer)len - 1;
    }
    if ((size_t)i >= s.len) return 0;
    lua_pushinteger(L, i + 1);
    lua_pushinteger(L, utf8_next((struct sori_str){s.ptr + i, s.len - (size_t)i}, &len));
    return 2;
}

static int utf8_codes_of(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_pushcfunction(L, codes_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void sandbox_open_utf8(lua_State *L) {
    static const luaL_Reg functions[] = {{"char", utf8_char_of},
                                         {"codepoint", utf8_codepoint_of},
                                         {"codes", utf8_codes_of},
                                         {"len", utf8_len_of},
                                         {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
}
