/* Read-only tables, variables that may not change, and the fixed order of keys.
 *
 * A frozen table is an empty one whose metatable knows its inside. Our own library functions look
 * through it; the inside itself is never handed to Lua code, which could write to it. */
#include "lua/sandbox/inner.h"

#include <stdio.h>
#include <stdlib.h>

void sandbox_inside(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TTABLE && lua_getmetatable(L, index)) {
        sandbox_push_key(L, KEY_FROZEN);
        lua_rawget(L, -2);
        lua_remove(L, -2);
        if (lua_type(L, -1) == LUA_TTABLE) return;
        lua_pop(L, 1);
    }
    lua_pushvalue(L, index);
}

static bool is_frozen(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) return false;
    sandbox_push_key(L, KEY_FROZEN);
    lua_rawget(L, -2);
    bool yes = !lua_isnil(L, -1);
    lua_pop(L, 2);
    return yes;
}

void sandbox_named(lua_State *L, int table, char *what, size_t size) {
    lua_Debug ar;
    const char *name, *found = NULL;
    int top = lua_gettop(L);
    luaL_checkstack(L, 4, "names");
    if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "f", &ar)) {
        for (int u = 1; !found && (name = lua_getupvalue(L, top + 1, u)); u++, lua_pop(L, 1))
            if (name[0] && lua_rawequal(L, -1, table)) found = name;
        for (int l = 1; !found && (name = lua_getlocal(L, &ar, l)); l++, lua_pop(L, 1))
            if (name[0] != '(' && lua_rawequal(L, -1, table)) found = name;
    }
    snprintf(what, size, found ? "the table \"%.40s\"" : "a table", found);
    lua_settop(L, top);
}

static int refuse_write(lua_State *L) {
    lua_settop(L, 3);
    char table[64];
    const char *key = luaL_typename(L, 2);
    sandbox_named(L, 1, table, sizeof table);
    if (lua_type(L, 2) == LUA_TSTRING || lua_type(L, 2) == LUA_TNUMBER) {
        lua_pushvalue(L, 2);
        key = lua_tostring(L, -1);
    }
    return luaL_error(L,
                      "writes '%s' into %s that is read-only after loading; keep what must be "
                      "remembered in a cell",
                      key, table);
}

static int inside_len(lua_State *L) {
    sandbox_inside(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

/* upvalue 1: the inside; 2: what its own metatable had as __index. The function form gets the
 * frozen table as `self`, never the inside. */
static int inside_index(lua_State *L) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    lua_pop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    if (lua_type(L, -1) == LUA_TFUNCTION) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
    } else {
        lua_pushvalue(L, 2);
        lua_gettable(L, -2);
    }
    return 1;
}

/* A new table for the contents of the one at `t`. The size of a table with holes is wherever Lua's
 * memory of it, which differs from one process to the next, has an end: with room for exactly the
 * values before the first hole it is there, always. */
static void push_inside(lua_State *L, int t) {
    lua_Integer listed = 0, all = 0;
    lua_pushnil(L);
    for (; lua_next(L, t); lua_pop(L, 1)) all++;
    for (; lua_rawgeti(L, t, listed + 1) != LUA_TNIL; lua_pop(L, 1)) listed++;
    lua_pop(L, 1);
    lua_createtable(L, (int)listed, (int)(all - listed));
}

/* Moves the contents of the table at `t` into a new one and leaves a read-only front. The inside
 * is pushed. */
static void freeze_one(lua_State *L, int t) {
    push_inside(L, t);
    int inside = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, t)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, inside);
    }
    lua_pushnil(L);
    while (lua_next(L, inside)) { /* clearing fields while walking another table is safe */
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, t);
    }
    lua_newtable(L); /* metatable of the front: a copy, then ours */
    int meta = lua_gettop(L);
    bool has_index = false;
    if (lua_getmetatable(L, t)) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, meta);
        }
        lua_pop(L, 1);
        lua_getfield(L, meta, "__index");
        has_index = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, inside);
    if (has_index) {
        lua_getfield(L, meta, "__index");
        lua_pushcclosure(L, inside_index, 2);
    }
    lua_setfield(L, meta, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, meta, "__newindex");
    lua_pushcfunction(L, inside_len);
    lua_setfield(L, meta, "__len");
    sandbox_push_key(L, KEY_FROZEN);
    lua_pushvalue(L, inside);
    lua_rawset(L, meta);
    lua_setmetatable(L, t);
}

/* Walks everything reachable; `seen` is a table of what was met. Each value met is put on a list
 * instead of recursing, so that deep structures need no C stack. */
static void push_work(lua_State *L, int work, int seen) {
    int type = lua_type(L, -1);
    if (type != LUA_TTABLE && type != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return;
    }
    lua_pushvalue(L, -1);
    bool met = lua_rawget(L, seen) != LUA_TNIL;
    lua_pop(L, 1);
    if (met) {
        lua_pop(L, 1);
        return;
    }
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, seen);
    lua_rawseti(L, work, (lua_Integer)lua_rawlen(L, work) + 1);
}

typedef void visit(lua_State *L, int value);

static void visit_table(lua_State *L, int t, int work, int seen, bool freeze) {
    bool was = is_frozen(L, t);
    if (lua_getmetatable(L, t)) {
        if (!was) { /* metatables are ours alone; their values are reachable all the same */
            int meta = lua_gettop(L);
            lua_pushnil(L);
            while (lua_next(L, meta)) push_work(L, work, seen);
        }
        lua_pop(L, 1);
    }
    if (!was && freeze)
        freeze_one(L, t), lua_pop(L, 1); /* leaves the inside below; found again below */
    sandbox_inside(L, t);
    int inside = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, inside)) {
        push_work(L, work, seen);
        lua_pushvalue(L, -1);
        push_work(L, work, seen);
    }
    lua_settop(L, inside - 1);
}

static void walk(lua_State *L, int index, bool freeze, visit *each_function) {
    index = lua_absindex(L, index);
    int top = lua_gettop(L);
    lua_newtable(L);
    int seen = lua_gettop(L);
    lua_newtable(L);
    int work = lua_gettop(L);
    sandbox_push_key(L, KEY_GLOBALS); /* the environment cannot be written to as it is */
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushboolean(L, 1);
    lua_rawset(L, seen);
    lua_pushvalue(L, index);
    push_work(L, work, seen);
    for (lua_Integer n; (n = (lua_Integer)lua_rawlen(L, work)) > 0;) {
        lua_rawgeti(L, work, n);
        lua_pushnil(L);
        lua_rawseti(L, work, n);
        int value = lua_gettop(L);
        if (lua_type(L, value) == LUA_TTABLE)
            visit_table(L, value, work, seen, freeze);
        else {
            if (each_function) each_function(L, value);
            for (int u = 1; lua_getupvalue(L, value, u); u++) {
                /* The environment is ours; C functions keep nothing that Lua code can change. */
                if (lua_iscfunction(L, value))
                    lua_pop(L, 1);
                else
                    push_work(L, work, seen);
            }
        }
        lua_settop(L, value - 1);
    }
    lua_settop(L, top);
}

void sandbox_freeze(lua_State *L, int index) {
    index = lua_absindex(L, index);
    walk(L, index, true, NULL);
}

/* The noted upvalues: {function, index, value, function, …} by rising integers, each variable once
 * (variables are shared between closures). */
static void note_function(lua_State *L, int f) {
    if (sandbox_is_iterator(L, f))
        luaL_error(L, "a function keeps what pairs or gmatch made while the bundle was loading, "
                      "which would go on from one decision to the next; call it in the function");
    if (lua_iscfunction(L, f)) return;
    sandbox_push_key(L, KEY_UPVALUES);
    lua_rawget(L, LUA_REGISTRYINDEX);
    int list = lua_gettop(L);
    for (int u = 1; lua_getupvalue(L, f, u); u++) {
        lua_rawgetp(L, list, lua_upvalueid(L, f, u));
        bool known = !lua_isnil(L, -1);
        lua_pop(L, 1);
        if (!known) {
            lua_pushboolean(L, 1);
            lua_rawsetp(L, list, lua_upvalueid(L, f, u));
            lua_Integer n = (lua_Integer)lua_rawlen(L, list);
            lua_pushvalue(L, f);
            lua_rawseti(L, list, n + 1);
            lua_pushinteger(L, u);
            lua_rawseti(L, list, n + 2);
            /* A nil would end the list: it is kept as the list itself. */
            lua_pushvalue(L, lua_isnil(L, -1) ? list : -1);
            lua_rawseti(L, list, n + 3);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void sandbox_watch_upvalues(lua_State *L, int index) {
    index = lua_absindex(L, index);
    sandbox_push_key(L, KEY_UPVALUES);
    if (lua_rawget(L, LUA_REGISTRYINDEX) == LUA_TNIL) {
        sandbox_push_key(L, KEY_UPVALUES);
        lua_newtable(L);
        lua_rawset(L, LUA_REGISTRYINDEX);
    }
    lua_pop(L, 1);
    walk(L, index, false, note_function);
}

static void report_change(lua_State *L, int f, int upvalue, struct buf *changed) {
    lua_Debug ar;
    lua_pushvalue(L, f);
    lua_getinfo(L, ">S", &ar);
    const char *name = lua_getupvalue(L, f, upvalue);
    buf_printf(changed, "\"%s\" (%s:%d)", name ? name : "?", ar.short_src, ar.linedefined);
    if (name) lua_pop(L, 1);
}

/* To the bit: 1 and 1.0 are written differently, 0.0 and -0.0 divide differently, and what is no
 * number equals not even itself. */
static bool same_value(lua_State *L, int a, int b) {
    if (lua_type(L, a) != LUA_TNUMBER || lua_type(L, b) != LUA_TNUMBER)
        return lua_rawequal(L, a, b);
    if (lua_isinteger(L, a) || lua_isinteger(L, b))
        return lua_isinteger(L, a) == lua_isinteger(L, b) && lua_rawequal(L, a, b);
    lua_Number x = lua_tonumber(L, a), y = lua_tonumber(L, b);
    return memcmp(&x, &y, sizeof x) == 0;
}

bool sandbox_upvalues_same(lua_State *L, struct buf *changed) {
    int top = lua_gettop(L);
    bool same = true;
    sandbox_push_key(L, KEY_UPVALUES);
    if (lua_rawget(L, LUA_REGISTRYINDEX) != LUA_TTABLE) {
        lua_settop(L, top);
        return true;
    }
    int list = top + 1;
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i + 2 <= n; i += 3) {
        lua_rawgeti(L, list, i);
        lua_rawgeti(L, list, i + 1);
        int u = (int)lua_tointeger(L, -1);
        lua_getupvalue(L, list + 1, u);
        lua_rawgeti(L, list, i + 2);
        if (lua_rawequal(L, -1, list)) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        if (!same_value(L, -1, -2)) {
            if (same) report_change(L, list + 1, u, changed);
            same = false;
            lua_setupvalue(L, list + 1, u);
        }
        lua_settop(L, list);
    }
    lua_settop(L, top);
    return same;
}

/* ---- the order of keys ---- */

static int rank(lua_State *L, int i) {
    switch (lua_type(L, i)) {
    case LUA_TNUMBER: return 0;
    case LUA_TSTRING: return 1;
    case LUA_TBOOLEAN: return 2;
    default: return 3;
    }
}

static bool key_less(lua_State *L, int a, int b) {
    int ra = rank(L, a), rb = rank(L, b);
    if (ra != rb) return ra < rb;
    if (ra == 0) return lua_compare(L, a, b, LUA_OPLT);
    if (ra == 2) return lua_toboolean(L, a) < lua_toboolean(L, b);
    size_t la, lb;
    const char *sa = lua_tolstring(L, a, &la), *sb = lua_tolstring(L, b, &lb);
    int order = memcmp(sa, sb, la < lb ? la : lb);
    return order ? order < 0 : la < lb;
}

/* Moves the root of the heap [1, n] at `list` down to its place. */
static void sift(lua_State *L, int list, lua_Integer root, lua_Integer n) {
    for (;;) {
        lua_Integer child = 2 * root;
        if (child > n) return;
        lua_rawgeti(L, list, child);
        if (child < n) {
            lua_rawgeti(L, list, child + 1);
            if (key_less(L, -2, -1)) {
                child++;
                lua_remove(L, -2);
            } else
                lua_pop(L, 1);
        }
        lua_rawgeti(L, list, root);
        if (!key_less(L, -1, -2)) {
            lua_pop(L, 2);
            return;
        }
        lua_rawseti(L, list, child);
        lua_rawseti(L, list, root);
        root = child;
    }
}

void sandbox_keys(lua_State *L, int index) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, "keys");
    sandbox_inside(L, index);
    int inside = lua_gettop(L);
    lua_newtable(L);
    int list = inside + 1;
    lua_Integer n = 0;
    bool sorted = true;
    lua_pushnil(L);
    while (lua_next(L, inside)) {
        lua_pop(L, 1);
        if (rank(L, -1) == 3)
            luaL_error(L, "a table with a key of type %s has no fixed order; use numbers or texts",
                       luaL_typename(L, -1));
        if (n && sorted) {
            lua_rawgeti(L, list, n);
            sorted = key_less(L, -1, -2);
            lua_pop(L, 1);
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, ++n);
        if (n % 64 == 0) sandbox_charge(L, 64);
    }
    for (lua_Integer root = n / 2; !sorted && root >= 1; root--) sift(L, list, root, n);
    for (lua_Integer end = n; !sorted && end > 1; end--) {
        lua_rawgeti(L, list, 1);
        lua_rawgeti(L, list, end);
        lua_rawseti(L, list, 1);
        lua_rawseti(L, list, end);
        sift(L, list, 1, end - 1);
        if (end % 64 == 0) sandbox_charge(L, 64 * 8);
    }
    lua_remove(L, inside);
}
