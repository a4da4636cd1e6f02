/* What the files of the sandbox share; nobody else includes it. */
#ifndef LUA_SANDBOX_INNER_H
#define LUA_SANDBOX_INNER_H

#include "lua/sandbox/sandbox.h"

#include <locale.h>

struct sandbox {
    lua_State *L;
    size_t used, floor, limit, ceiling; /* bytes: now, after loading, now allowed, of this span */
    size_t churn;                       /* bytes asked for since the clock was looked at */
    int64_t left;                       /* instructions */
    int64_t deadline_us;                /* monotonic */
    int64_t began_cpu_us;               /* of this thread, at the first call of the span */
    int64_t compiled_us;                /* of this thread's work, all files together */
    bool began;
    bool long_made; /* a text of LONG_TEXT or more, since the state or the span began */
    bool long_kept; /* one has been there since loading */
    bool too_long;  /* what was refused is one text above TEXT_MOST, not all memory together */
    unsigned calls; /* of sandbox_call, so that require tells a circle from a file that failed */
    struct sandbox_limits limits;
    enum sandbox_budget stopped;
    char thrown[160]; /* "file:line: " of the last error, or empty */
    char place[160];  /* "rules/care.lua:31" of the stop */
    locale_t c_locale;
    sandbox_find *find;
    void *find_ctx;
    sandbox_line *on_line;
    void *line_ctx;
};

enum {
    HOOK_EVERY = 100,    /* instructions between two looks at the budgets */
    TEXT_MAX = 1 << 20,  /* bytes that one library call may make */
    PIECE_MAX = 512,     /* bytes of source between two looks at the clock */
    LONG_TEXT = 65536,   /* bytes from which on each instruction is looked at */
    TEXT_MOST = 2 << 20, /* bytes of one text: one instruction may compare all of it */
    UNPACK_MAX = 256,    /* values that table.unpack may return */
    KEY_GLOBALS = 1,     /* keys of the registry, by address of sandbox_keys_of */
    KEY_FROZEN = 2,      /* in a metatable: the inside of a frozen table */
    KEY_UPVALUES = 3,    /* the noted upvalues */
    KEY_LOADED = 4       /* what require has loaded */
};
/* A light key that Lua code cannot make. */
void sandbox_push_key(lua_State *L, int which);

/* Raises for good: from here on every instruction stops. */
_Noreturn void sandbox_stop(lua_State *L, enum sandbox_budget which);

/* Each pushes its library as a plain table or fills the one on top of the stack. */
void sandbox_open_base(lua_State *L);
void sandbox_open_string(lua_State *L);
void sandbox_open_table(lua_State *L);
void sandbox_open_math(lua_State *L);
void sandbox_open_utf8(lua_State *L);

/* string.find, match, gmatch, gsub of pattern.c and format of format.c. */
int sandbox_find_text(lua_State *L);
int sandbox_match_text(lua_State *L);
int sandbox_gmatch_text(lua_State *L);
int sandbox_gmatch_step(lua_State *L);
int sandbox_gsub_text(lua_State *L);
int sandbox_format_text(lua_State *L);

/* What to call the table at `table` (absolute) in a message: the table "seen", by the local or the
 * upvalue of the Lua function that called; else a table. */
void sandbox_named(lua_State *L, int table, char *what, size_t size);

/* Is it what pairs or gmatch made? Such functions know how far they came. */
bool sandbox_is_iterator(lua_State *L, int index);

/* Counts instructions, and looks at the budgets each time that so many have run. */
void sandbox_hook(struct sandbox *s, int every);

/* The text of tostring: of tables and functions the type alone. Pushes it. */
struct sori_str sandbox_tostring(lua_State *L, int index);

/* Looks through the compiled function on top of the stack for globals that are assigned or that
 * `globals` (the table below it) does not have, and for to-be-closed variables. */
bool sandbox_lint(lua_State *L, const char *name, int globals, struct buf *errors);
/* What to write in the place of a name that Lua has elsewhere and that is missing here on purpose;
 * NULL for others. */
const char *sandbox_instead(struct sori_str name);
/* What may be the matter where Lua says `message`, "; …"; "" where nobody knows better. */
const char *sandbox_hint(const char *message);
/* Says what the compiler `said` where it met a sign that is not ASCII; false where it did not. */
bool sandbox_strange(const char *said, struct sori_str source, struct buf *errors);

#endif
