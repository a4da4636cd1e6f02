/* Tables of a policy, as the C side reads them. */
#include "lua/sandbox/sandbox.h"

struct sori_str sandbox_text(lua_State *L, int index) {
    struct sori_str s = {0};
    if (lua_type(L, index) == LUA_TSTRING) s.ptr = lua_tolstring(L, index, &s.len);
    return s;
}

struct table_walk table_begin(lua_State *L, int index) {
    struct table_walk w = {.L = L, .bottom = lua_gettop(L)};
    sandbox_inside(L, index);
    sandbox_keys(L, w.bottom + 1);
    w.count = (lua_Integer)lua_rawlen(L, w.bottom + 2);
    w.key = w.bottom + 3;
    w.value = w.bottom + 4;
    return w;
}

bool table_next(struct table_walk *w) {
    if (w->at == w->count) {
        table_end(w);
        return false;
    }
    lua_settop(w->L, w->bottom + 2);
    lua_rawgeti(w->L, w->bottom + 2, ++w->at);
    lua_pushvalue(w->L, w->key);
    lua_rawget(w->L, w->bottom + 1);
    return true;
}

void table_end(struct table_walk *w) { lua_settop(w->L, w->bottom); }
