/* What policies are offered, as it is: a fresh state is opened and looked through, so that what
 * editors and linters are told cannot fall behind. */
#include "lua/editor/binding.h"

#include <stdio.h>
#include <stdlib.h>

static bool no_file(void *ctx, const char *path, struct sori_str *source) {
    (void)ctx;
    (void)path;
    (void)source;
    return false;
}

/* A policy that has nothing but the binding, and a policy object on top of its stack. */
static struct policy *open_bare(void) {
    struct policy *p = mem_get(sizeof *p);
    struct buf error = {0};
    p->box = sandbox_new();
    p->loading = true;
    p->errors = &p->warnings;
    lua_State *L = sandbox_lua(p->box);
    guide_open(p);
    sandbox_require(p->box, no_file, NULL);
    bind_open(p);
    sandbox_begin(p->box, &sandbox_load_limits);
    sandbox_globals(L);
    lua_getfield(L, -1, "sori");
    lua_getfield(L, -1, "policy");
    lua_pushliteral(L, "x");
    bool ok = sandbox_call(p->box, 1, 1, &error);
    SORI_ASSERT(ok);
    return p;
}

static void close_bare(struct policy *p) {
    guide_free(p);
    sandbox_free(p->box);
    arena_free(&p->arena);
    buf_free(&p->warnings);
    free(p);
}

struct walk {
    binding_each *each;
    void *ctx;
};

/* Every name of the table at `index`, in order; tables below it one level deep. */
static void walk(struct walk *w, lua_State *L, const char *table, int index, int depth) {
    for (struct table_walk t = table_begin(L, index); table_next(&t);) {
        const char *name = lua_tostring(L, t.key);
        int type = lua_type(L, t.value);
        char below[64];
        w->each(w->ctx, table, name, type == LUA_TFUNCTION);
        snprintf(below, sizeof below, "%s%s%s", table, table[0] ? "." : "", name);
        if (type == LUA_TTABLE && depth > 0) walk(w, L, below, t.value, depth - 1);
    }
}

struct all {
    struct walk walk;
    bool policy;
};

static int walk_all(lua_State *L) {
    struct all *a = lua_touserdata(L, 1);
    if (!a->policy) sandbox_globals(L);
    walk(&a->walk, L, a->policy ? "Policy" : "", a->policy ? 2 : -1, 2);
    return 0;
}

void binding_walk(bool policy, binding_each *each, void *ctx) {
    struct policy *p = open_bare();
    lua_State *L = sandbox_lua(p->box);
    struct all a = {{each, ctx}, policy};
    struct buf error = {0};
    lua_pushcfunction(L, walk_all);
    lua_pushlightuserdata(L, &a);
    lua_pushvalue(L, -3);
    bool ok = sandbox_call(p->box, 2, 0, &error);
    SORI_ASSERT(ok);
    close_bare(p);
}
