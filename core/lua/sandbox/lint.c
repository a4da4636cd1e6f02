/* Reads a compiled chunk before it runs: which globals does it assign or miss? A rule's function
 * may not run for weeks; its typing errors should not wait that long.
 *
 * The format of lua_dump is that of Lua 5.4. Where a header says something else, nothing is found
 * here, and the environment still refuses at run time. */
#include "lua/sandbox/inner.h"

#include <limits.h>
#include <stdlib.h>

enum {
    OP_SETUPVAL = 10,
    OP_GETTABUP = 11,
    OP_SETTABUP = 15,
    OP_TBC = 55,
    NAMES_MAX = 256,
    FOUND_MAX = 50
};

struct dump {
    const uint8_t *at, *end;
    bool broken;
};

struct lint {
    lua_State *L;
    int globals; /* index of the table */
    const char *file;
    struct buf *errors;
    const char *names[NAMES_MAX];
    size_t name_count, found;
};

struct proto {
    const uint8_t *code, *lines;
    size_t code_count, line_count;
    struct sori_str constants[256]; /* only these can be keys of a global's instruction */
    int64_t first_line;
    size_t varargs; /* 1: its first instruction only arranges them */
    int env;        /* index of the upvalue _ENV, or -1 */
    struct {
        size_t pc;
        int64_t line;
    } marks[64];
    size_t mark_count;
};

static int writer(lua_State *L, const void *bytes, size_t len, void *ud) {
    (void)L;
    buf_put(ud, bytes, len);
    return 0;
}

static const uint8_t *take(struct dump *d, size_t n) {
    static const uint8_t nothing[16];
    if (d->broken || (size_t)(d->end - d->at) < n) {
        d->broken = true;
        return nothing;
    }
    d->at += n;
    return d->at - n;
}

static size_t take_size(struct dump *d) {
    size_t v = 0;
    for (int i = 0; i < 10; i++) {
        uint8_t b = *take(d, 1);
        v = v << 7 | (b & 0x7f);
        if (b & 0x80) return v;
        if (d->broken) return 0;
    }
    d->broken = true;
    return 0;
}

static struct sori_str take_text(struct dump *d) {
    size_t n = take_size(d);
    if (n == 0) return (struct sori_str){0};
    const uint8_t *at = take(d, n - 1);
    return d->broken ? (struct sori_str){0} : (struct sori_str){(const char *)at, n - 1};
}

static void take_constants(struct dump *d, struct proto *p) {
    size_t n = take_size(d);
    for (size_t i = 0; i < n && !d->broken; i++) {
        uint8_t type = *take(d, 1);
        struct sori_str text = {0};
        if (type == 0x13 || type == 0x03)
            take(d, 8);
        else if (type == 0x04 || type == 0x14)
            text = take_text(d);
        if (i < 256) p->constants[i] = text;
    }
}

static int64_t line_of(const struct proto *p, size_t pc) {
    int64_t line = p->first_line;
    for (size_t i = 0; i <= pc && i < p->line_count; i++) {
        int8_t delta = (int8_t)p->lines[i];
        if (delta != SCHAR_MIN) {
            line += delta;
            continue;
        }
        for (size_t m = 0; m < p->mark_count; m++)
            if (p->marks[m].pc == i) line = p->marks[m].line;
    }
    return line;
}

/* Nobody reads more than the first of them. */
static bool enough(struct lint *lint) {
    if (++lint->found == FOUND_MAX + 1)
        buf_printf(lint->errors, "%s:1: more than %d names like these in this file\n", lint->file,
                   FOUND_MAX);
    return lint->found > FOUND_MAX;
}

static void report_global(struct lint *lint, int64_t line, struct sori_str name, bool assigned) {
    if (assigned) {
        buf_printf(lint->errors,
                   "%s:%lld: assigns the global '%.*s'; a policy has none of its own; write "
                   "\"local %.*s\"\n",
                   lint->file, (long long)line, STR(name), STR(name));
        return;
    }
    const char *near = nearest_word(name, lint->names, lint->name_count),
               *instead = sandbox_instead(name);
    buf_printf(lint->errors, "%s:%lld: unknown name '%.*s'", lint->file, (long long)line,
               STR(name));
    if (instead)
        buf_printf(lint->errors, ": %s\n", instead);
    else if (near)
        buf_printf(lint->errors, "; did you mean '%s'?\n", near);
    else
        buf_puts(lint->errors, "; declare it with \"local\" before this line\n");
}

static void report_env(struct lint *lint, int64_t line) {
    if (enough(lint)) return;
    buf_printf(lint->errors, "%s:%lld: _ENV may not be replaced\n", lint->file, (long long)line);
}

static bool known(const struct lint *lint, struct sori_str name) {
    lua_pushlstring(lint->L, name.ptr, name.len);
    bool yes = lua_rawget(lint->L, lint->globals) != LUA_TNIL;
    lua_pop(lint->L, 1);
    return yes;
}

static void look(struct lint *lint, const struct proto *p) {
    for (size_t pc = 0; pc < p->code_count; pc++) {
        uint32_t word;
        memcpy(&word, p->code + 4 * pc, 4);
        uint32_t op = word & 0x7f, a = word >> 7 & 0xff, b = word >> 16 & 0xff, c = word >> 24;
        if (op == OP_GETTABUP && (int)b == p->env && p->constants[c].len &&
            !known(lint, p->constants[c]) && !enough(lint))
            report_global(lint, line_of(p, pc), p->constants[c], false);
        if (op == OP_SETTABUP && (int)a == p->env && !enough(lint))
            report_global(lint, line_of(p, pc), p->constants[b], true);
        if (op == OP_SETUPVAL && (int)b == p->env) report_env(lint, line_of(p, pc));
        if (op == OP_TBC && !enough(lint))
            buf_printf(lint->errors, "%s:%lld: <close> variables are not offered here\n",
                       lint->file, (long long)line_of(p, pc));
    }
}

/* Lines with code. What a main chunk begins with has none, and each function ends with a return of
 * its own at the line of its `end`, which seldom runs. */
static void tell_lines(const struct lint *lint, const struct proto *p) {
    struct sandbox *s = sandbox_of(lint->L);
    if (!s->on_line) return;
    int64_t line = p->first_line;
    for (size_t pc = 0; pc + 1 < p->code_count && pc < p->line_count; pc++) {
        int8_t delta = (int8_t)p->lines[pc];
        if (delta == SCHAR_MIN)
            line = line_of(p, pc);
        else
            line += delta;
        if (pc >= p->varargs && line > 0) s->on_line(s->line_ctx, lint->file, (int)line, false);
    }
}

static void look_function(struct lint *lint, struct dump *d, unsigned depth) {
    struct proto *p = mem_get(sizeof *p);
    p->env = -1;
    take_text(d);
    p->first_line = (int64_t)take_size(d);
    take_size(d);
    p->varargs = take(d, 3)[1]; /* number of parameters, whether there are more, stack */
    p->code_count = take_size(d);
    if (p->code_count > (size_t)(d->end - d->at) / 4) d->broken = true;
    p->code = take(d, d->broken ? 0 : p->code_count * 4);
    take_constants(d, p);
    size_t upvalues = take_size(d);
    take(d, upvalues > 255 ? SIZE_MAX : upvalues * 3);
    size_t protos = take_size(d);
    for (size_t i = 0; i < protos && !d->broken; i++) {
        if (depth == 0) d->broken = true;
        if (!d->broken) look_function(lint, d, depth - 1);
    }
    p->line_count = take_size(d);
    p->lines = take(d, p->line_count);
    size_t marks = take_size(d);
    for (size_t i = 0; i < marks && !d->broken; i++) {
        size_t pc = take_size(d), line = take_size(d);
        if (i < 64) p->marks[p->mark_count].pc = pc, p->marks[p->mark_count++].line = (int64_t)line;
    }
    size_t locals = take_size(d);
    for (size_t i = 0; i < locals && !d->broken; i++) {
        if (str_is(take_text(d), "_ENV")) report_env(lint, p->first_line ? p->first_line : 1);
        take_size(d);
        take_size(d);
    }
    size_t names = take_size(d);
    for (size_t i = 0; i < names && !d->broken; i++)
        if (str_is(take_text(d), "_ENV")) p->env = (int)i;
    if (!d->broken) look(lint, p);
    if (!d->broken) tell_lines(lint, p);
    free(p);
}

static void collect_names(lua_State *L, int globals, struct lint *lint) {
    lua_pushnil(L);
    while (lua_next(L, globals)) {
        lua_pop(L, 1);
        if (lint->name_count < NAMES_MAX && lua_type(L, -1) == LUA_TSTRING)
            lint->names[lint->name_count++] = lua_tostring(L, -1);
    }
}

bool sandbox_lint(lua_State *L, const char *name, int globals, struct buf *errors) {
    struct buf bytes = {0};
    struct lint *lint = mem_get(sizeof *lint);
    lint->L = L;
    lint->globals = globals;
    lint->file = name;
    lint->errors = errors;
    collect_names(L, globals, lint);
    lua_pushvalue(L, globals - 1);
    lua_dump(L, writer, &bytes, 0);
    lua_pop(L, 1);
    struct dump d = {(const uint8_t *)bytes.data, (const uint8_t *)bytes.data + bytes.len, false};
    static const uint8_t head[] = {0x1b, 'L', 'u', 'a', 0x54, 0};
    bool same = memcmp(take(&d, 6), head, 6) == 0;
    take(&d, 6);
    static const uint8_t sizes[] = {4, 8, 8};
    same = same && memcmp(take(&d, 3), sizes, 3) == 0;
    take(&d, 8 + 8 + 1);
    if (same && !d.broken) look_function(lint, &d, 200);
    size_t found = lint->found;
    free(lint);
    buf_free(&bytes);
    return found == 0;
}
