/* The state, its budgets, and the two ways in: compile and call. */
#include "lua/sandbox/inner.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef SORI_SANITIZED /* the same work takes several times as long */
enum { PACE = 4 };
#else
enum { PACE = 1 };
#endif

const struct sandbox_limits sandbox_load_limits = {20000000, (size_t)64 << 20, 2000 * PACE};
const struct sandbox_limits sandbox_entry_limits = {200000, (size_t)16 << 20, 50 * PACE};

static int64_t clock_us(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Lua code here never waits, so time that it did not get is not its fault: on a busy machine the
 * cheap clock is asked first, and the clock of this thread's own work decides. */
static bool time_is_up(struct sandbox *s) {
    int64_t now = clock_us(CLOCK_MONOTONIC);
    if (now <= s->deadline_us) return false;
    int64_t left = s->limits.wall_ms * 1000 - (clock_us(CLOCK_THREAD_CPUTIME_ID) - s->began_cpu_us);
    s->deadline_us = now + left;
    return left <= 0;
}

static void note_place(struct sandbox *s) {
    char file[128];
    int line;
    if (s->place[0]) return;
    if (sandbox_where(s->L, file, &line))
        snprintf(s->place, sizeof s->place, "%s:%d", file, line);
    else
        snprintf(s->place, sizeof s->place, "the bundle");
}

/* Every look at the clock may happen here too: a few instructions can copy many megabytes. */
static void *allocate(void *ud, void *p, size_t old, size_t size) {
    struct sandbox *s = ud;
    size_t type = old;
    if (!p) old = 0; /* Lua passes a type here */
    if (size == 0) {
        free(p);
        s->used -= old;
        return NULL;
    }
    if (size > old) {
        bool text = !p && type == LUA_TSTRING && s->limit != SIZE_MAX;
        bool too_long = text && size > TEXT_MOST;
        if (too_long || s->used - old + size > s->limit) {
            s->too_long = too_long;
            s->place[0] = 0; /* an earlier refusal may have been helped by collecting */
            note_place(s);
            return NULL;
        }
        /* One comparison of long texts can take milliseconds. */
        if (text && size > LONG_TEXT) s->long_made = true, sandbox_hook(s, 1);
        s->churn += size;
        if (s->churn > TEXT_MAX && s->limit != SIZE_MAX) {
            s->churn = 0;
            if (time_is_up(s)) sandbox_hook(s, 1);
        }
    }
    void *q = realloc(p, size);
    if (!q) return size <= old ? p : NULL;
    s->used = s->used - old + size;
    return q;
}

struct sandbox *sandbox_of(lua_State *L) {
    struct sandbox *s;
    memcpy(&s, lua_getextraspace(L), sizeof s);
    return s;
}

lua_State *sandbox_lua(struct sandbox *s) { return s->L; }
enum sandbox_budget sandbox_stopped(const struct sandbox *s) { return s->stopped; }

void sandbox_push_key(lua_State *L, int which) {
    static const char keys[8];
    lua_pushlightuserdata(L, (void *)(uintptr_t)&keys[which]);
}

bool sandbox_where(lua_State *L, char *file, int *line) {
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            snprintf(file, 128, "%s", ar.short_src);
            *line = ar.currentline;
            return true;
        }
    }
    return false;
}

static void grouped(char *out, size_t size, int64_t n) {
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    size_t o = 0;
    for (int i = 0; i < len && o + 2 < size; i++) {
        if (i && (len - i) % 3 == 0) out[o++] = ',';
        out[o++] = digits[i];
    }
    out[o] = 0;
}

static void push_stop(lua_State *L, struct sandbox *s) {
    char n[40], what[96];
    if (s->stopped == BUDGET_MEMORY && s->too_long) {
        lua_pushfstring(L, "%s: stopped: one text has more than %d MiB", s->place, TEXT_MOST >> 20);
        return;
    }
    if (s->stopped == BUDGET_INSTRUCTIONS) {
        grouped(n, sizeof n, s->limits.instructions);
        snprintf(what, sizeof what, "%s instructions", n);
    } else if (s->stopped == BUDGET_MEMORY)
        snprintf(what, sizeof what, "%zu MiB of memory", s->limits.memory >> 20);
    else {
        grouped(n, sizeof n, s->limits.wall_ms);
        snprintf(what, sizeof what, "%s ms", n);
    }
    lua_pushfstring(L, "%s: stopped: %s are used up", s->place, what);
}

_Noreturn void sandbox_stop(lua_State *L, enum sandbox_budget which) {
    struct sandbox *s = sandbox_of(L);
    if (!s->stopped) {
        s->stopped = which;
        s->place[0] = 0;
        note_place(s);
    }
    /* Whoever catches this gets no further than one instruction. */
    sandbox_hook(s, 1);
    push_stop(L, s);
    lua_error(L);
    abort(); /* lua_error does not return, which its declaration cannot say */
}

static void on_count(lua_State *L, lua_Debug *ar) {
    if (ar->event == LUA_HOOKLINE) {
        struct sandbox *s = sandbox_of(L);
        int line = ar->currentline;
        if (lua_getinfo(L, "S", ar) && ar->source[0] == '@')
            s->on_line(s->line_ctx, ar->source + 1, line, true);
        return;
    }
    sandbox_charge(L, lua_gethookcount(L));
}

void sandbox_hook(struct sandbox *s, int every) {
    lua_sethook(s->L, on_count, s->on_line ? LUA_MASKCOUNT | LUA_MASKLINE : LUA_MASKCOUNT, every);
}

void sandbox_lines(struct sandbox *s, sandbox_line *seen, void *ctx) {
    s->on_line = seen;
    s->line_ctx = ctx;
}

void sandbox_charge(lua_State *L, int64_t steps) {
    struct sandbox *s = sandbox_of(L);
    if (s->stopped) sandbox_stop(L, s->stopped);
    if (s->limit == SIZE_MAX) return; /* nothing of a stranger runs */
    s->left -= steps;
    if (s->left < 0) sandbox_stop(L, BUDGET_INSTRUCTIONS);
    if (time_is_up(s)) sandbox_stop(L, BUDGET_WALL);
}

static int unknown_global(lua_State *L) {
    return luaL_error(L, "unknown global '%s'; a local must be declared before it is used",
                      lua_tostring(L, 2) ? lua_tostring(L, 2) : "?");
}

static int assigned_global(lua_State *L) {
    return luaL_error(L, "assigns the global '%s'; write \"local %s\"",
                      lua_tostring(L, 2) ? lua_tostring(L, 2) : "?",
                      lua_tostring(L, 2) ? lua_tostring(L, 2) : "?");
}

/* The environment of chunks: an empty table before the globals, so that each assignment is seen. */
static void make_environment(lua_State *L) {
    sandbox_push_key(L, KEY_GLOBALS);
    lua_newtable(L); /* environment */
    lua_newtable(L); /* its metatable */
    lua_newtable(L); /* globals */
    lua_newtable(L);
    lua_pushcfunction(L, unknown_global);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, assigned_global);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

void sandbox_globals(lua_State *L) {
    sandbox_push_key(L, KEY_GLOBALS);
    lua_rawget(L, LUA_REGISTRYINDEX);
    int ok = luaL_getmetafield(L, -1, "__index");
    SORI_ASSERT(ok == LUA_TTABLE);
    lua_remove(L, -2);
}

void sandbox_global(struct sandbox *s, const char *name) {
    sandbox_globals(s->L);
    lua_insert(s->L, -2);
    lua_pushstring(s->L, name);
    lua_insert(s->L, -2);
    lua_rawset(s->L, -3);
    lua_pop(s->L, 1);
}

static void add_library(struct sandbox *s, const char *name, void (*open)(lua_State *)) {
    open(s->L);
    sandbox_freeze(s->L, -1);
    sandbox_global(s, name);
}

struct sandbox *sandbox_new(void) {
    struct sandbox *s = mem_get(sizeof *s);
    s->limit = SIZE_MAX;
    s->L = lua_newstate(allocate, s);
    SORI_ASSERT(s->L != NULL);
    memcpy(lua_getextraspace(s->L), &s, sizeof s);
    s->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    SORI_ASSERT(s->c_locale != (locale_t)0);
    make_environment(s->L);
    sandbox_globals(s->L);
    sandbox_open_base(s->L);
    lua_pop(s->L, 1);
    add_library(s, "string", sandbox_open_string);
    add_library(s, "table", sandbox_open_table);
    add_library(s, "math", sandbox_open_math);
    add_library(s, "utf8", sandbox_open_utf8);
    sandbox_push_key(s->L, KEY_LOADED);
    lua_newtable(s->L);
    lua_rawset(s->L, LUA_REGISTRYINDEX);
    return s;
}

void sandbox_free(struct sandbox *s) {
    if (!s) return;
    s->limit = SIZE_MAX;
    lua_close(s->L);
    freelocale(s->c_locale);
    free(s);
}

/* Where an error was thrown, for those that do not say it. Runs nothing of the bundle's. */
static int on_error(lua_State *L) {
    struct sandbox *s = sandbox_of(L);
    char file[128];
    int line;
    s->thrown[0] = 0;
    if (sandbox_where(L, file, &line)) snprintf(s->thrown, sizeof s->thrown, "%s:%d: ", file, line);
    return 1;
}

/* "care.lua:12: …"; "at 12:30 …" is none. */
static bool begins_with_place(const char *text) {
    const char *colon = strchr(text, ':');
    return colon && colon - text > 4 && memcmp(colon - 4, ".lua", 4) == 0 && colon[1] >= '0' &&
           colon[1] <= '9';
}

static void add_message(struct sandbox *s, struct buf *errors) {
    lua_State *L = s->L;
    size_t len;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
    if (!text || !begins_with_place(text)) buf_puts(errors, s->thrown);
    if (text)
        plain_put(errors, (struct sori_str){text, len});
    else
        buf_printf(errors, "an error value of type %s was thrown; expected a text",
                   luaL_typename(L, -1));
}

/* Source on its way to the compiler, a line at a time: some programs of a few kilobytes keep it
 * busy for minutes, so that it is asked for the time before each, and the line is known. */
struct source {
    const char *name;
    struct sori_str rest;
    int64_t until_us; /* of this thread's work */
    int line;
    bool ended; /* the piece before ended a line */
};

static const char *next_piece(lua_State *L, void *ud, size_t *len) {
    struct source *src = ud;
    const char *piece = src->rest.ptr;
    size_t most = src->rest.len < PIECE_MAX ? src->rest.len : PIECE_MAX;
    const char *end = most ? memchr(piece, '\n', most) : NULL;
    *len = end ? (size_t)(end - piece) + 1 : most;
    if (src->ended) src->line++;
    src->ended = end != NULL;
    src->rest.ptr += *len;
    src->rest.len -= *len;
    if (clock_us(CLOCK_THREAD_CPUTIME_ID) > src->until_us) {
        lua_pushfstring(L, "%s:%d: stopped: %d ms of compiling are used up", src->name, src->line,
                        (int)sandbox_load_limits.wall_ms);
        lua_error(L);
    }
    return *len ? piece : NULL;
}

/* Leaves the function on the stack, or says in `errors` where it went wrong. */
static bool compile(struct sandbox *s, const char *name, struct sori_str text, struct buf *errors) {
    lua_State *L = s->L;
    char chunk[256];
    if (str_starts(text, SORI_STR("\xff\xfe")) || str_starts(text, SORI_STR("\xfe\xff"))) {
        buf_printf(errors, "%s:1: the file is UTF-16; save it as UTF-8\n", name);
        return false;
    }
    snprintf(chunk, sizeof chunk, "@%s", name);
    if (str_starts(text, SORI_STR("\xef\xbb\xbf"))) text.ptr += 3, text.len -= 3;
    int64_t began = clock_us(CLOCK_THREAD_CPUTIME_ID);
    struct source src = {name, text, began - s->compiled_us, 1, false};
    src.until_us += sandbox_load_limits.wall_ms * 1000;
    size_t outer = s->limit;
    if (s->limit == SIZE_MAX) s->limit = s->used + sandbox_load_limits.memory;
    locale_t user = uselocale(s->c_locale);
    int status = lua_load(L, next_piece, &src, chunk, "t");
    uselocale(user);
    s->limit = outer;
    s->compiled_us += clock_us(CLOCK_THREAD_CPUTIME_ID) - began;
    if (status == LUA_OK) return true;
    size_t n = strlen(name);
    const char *said = lua_tostring(L, -1);
    /* Too deep for the compiler, and too large: these come without a place. */
    if (!said || strncmp(said, name, n) != 0 || said[n] != ':')
        buf_printf(errors, "%s:%d: ", name, src.line);
    s->thrown[0] = 0;
    if (!said || !sandbox_strange(said, text, errors)) {
        add_message(s, errors);
        buf_printf(errors, "%s\n", sandbox_hint(said ? said : ""));
    }
    lua_pop(L, 1);
    return false;
}

bool sandbox_compile(struct sandbox *s, const char *name, struct sori_str source,
                     struct buf *errors) {
    lua_State *L = s->L;
    if (!compile(s, name, source, errors)) return false;
    sandbox_globals(L);
    bool clean = sandbox_lint(L, name, lua_gettop(L), errors);
    lua_pop(L, 1);
    if (!clean) {
        lua_pop(L, 1);
        return false;
    }
    sandbox_push_key(L, KEY_GLOBALS);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_setupvalue(L, -2, 1);
    return true;
}

/* What an entry leaves behind is not charged to the next: places of the stack that nobody has
 * written to since would keep it from being collected. */
static void drop_left(struct sandbox *s) {
    enum { PLACES = 1000 };
    if (lua_checkstack(s->L, PLACES)) {
        lua_settop(s->L, lua_gettop(s->L) + PLACES);
        lua_pop(s->L, PLACES);
    }
    lua_gc(s->L, LUA_GCCOLLECT);
}

void sandbox_begin(struct sandbox *s, const struct sandbox_limits *limits) {
    if (s->floor && s->used > s->floor + limits->memory / 4) drop_left(s);
    s->limits = *limits;
    s->left = limits->instructions;
    s->stopped = BUDGET_LEFT;
    s->place[0] = 0;
    s->churn = 0;
    s->began = false;
    s->ceiling = (s->floor ? s->floor : s->used) + limits->memory;
}

void sandbox_settle(struct sandbox *s) {
    SORI_ASSERT(s->limit == SIZE_MAX);
    lua_gc(s->L, LUA_GCCOLLECT);
    s->floor = s->used;
    s->long_kept = s->long_made;
}

bool sandbox_call(struct sandbox *s, int args, int results, struct buf *error) {
    lua_State *L = s->L;
    size_t outer = s->limit;
    s->calls++;
    if (outer == SIZE_MAX) s->limit = s->ceiling;
    if (!s->began) { /* most spans never call: they need no clock */
        s->began = true;
        s->began_cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
        s->deadline_us = clock_us(CLOCK_MONOTONIC) + s->limits.wall_ms * 1000;
        sandbox_hook(s, s->long_kept ? 1 : HOOK_EVERY);
    }
    /* The order of texts and the decimal point are those of the C locale, whatever the user's. */
    locale_t user = uselocale(s->c_locale);
    int handler = lua_gettop(L) - args;
    lua_pushcfunction(L, on_error);
    lua_insert(L, handler);
    s->thrown[0] = 0;
    int status = lua_pcall(L, args, results, handler);
    lua_remove(L, handler);
    uselocale(user);
    s->limit = outer;
    if (status == LUA_OK && !s->stopped) return true;
    if (status == LUA_OK) { /* cannot be: the hook raises at each instruction */
        lua_pop(L, results);
        push_stop(L, s);
    } else if (status == LUA_ERRMEM && !s->stopped) {
        s->stopped = BUDGET_MEMORY;
        lua_pop(L, 1);
        push_stop(L, s);
    }
    const char *said = lua_tostring(L, -1);
    add_message(s, error);
    buf_puts(error, sandbox_hint(said ? said : ""));
    lua_pop(L, 1);
    return false;
}

bool sandbox_run(struct sandbox *s, const char *name, struct sori_str source, int results,
                 struct buf *errors) {
    if (!sandbox_compile(s, name, source, errors)) return false;
    sandbox_begin(s, &sandbox_load_limits);
    if (sandbox_call(s, 0, results, errors)) return true;
    buf_putc(errors, '\n');
    return false;
}
