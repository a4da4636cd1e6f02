/* A Lua state that strangers' text may run in: an allow-list built by hand, budgets for
 * instructions, memory and wall time that `pcall` cannot swallow, and nothing that differs between
 * two machines (order of pairs, addresses, clocks, chance).
 *
 * Offered: assert error ipairs next pairs pcall rawequal rawget rawlen select setmetatable tonumber
 * tostring type; string (byte char find format gmatch gsub len lower match rep reverse sub upper);
 * table (concat insert pack remove sort unpack); math without chance; utf8 (char codepoint codes
 * len). A metatable is copied when it is set, without __gc, __close and __mode, which are refused.
 * Assigning to a global is an error that names the line, found when a chunk is compiled.
 *
 * One thread. Whoever adds C functions must charge long work with sandbox_charge. */
#ifndef LUA_SANDBOX_H
#define LUA_SANDBOX_H

#include "base/err.h"
#include "base/buf.h"

#include <lauxlib.h>
#include <lua.h>

struct sandbox_limits {
    int64_t instructions; /* of Lua; steps of patterns and other long work count as well */
    size_t memory;        /* bytes above what the state held when the call began */
    int64_t wall_ms;      /* of work: what a busy machine gave to others does not count */
};

enum sandbox_budget { BUDGET_LEFT = 0, BUDGET_INSTRUCTIONS, BUDGET_MEMORY, BUDGET_WALL };

struct sandbox;

/* For reading configuration and loading bundles: 20,000,000 instructions, 64 MiB, 2 s. */
extern const struct sandbox_limits sandbox_load_limits;
/* For one journal entry: 200,000 instructions, 16 MiB, 50 ms. */
extern const struct sandbox_limits sandbox_entry_limits;

/* A fresh state. Never NULL. */
struct sandbox *sandbox_new(void);
void sandbox_free(struct sandbox *s);

/* Tells which lines of chunks that are compiled from here on have code (`ran` false, perhaps
 * several times), and which of them ran, each time. Budgets of instructions are as without it.
 * `file` is borrowed for the call. */
typedef void sandbox_line(void *ctx, const char *file, int line, bool ran);
void sandbox_lines(struct sandbox *s, sandbox_line *seen, void *ctx);

/* The state itself, for adding functions and reading results. */
lua_State *sandbox_lua(struct sandbox *s);
/* The sandbox that a state belongs to. */
struct sandbox *sandbox_of(lua_State *L);

/* Takes the value on top of the stack as a global that every chunk may read and none may assign.
 * Tables given here should be frozen first (sandbox_freeze). */
void sandbox_global(struct sandbox *s, const char *name);

/* Pushes the table of all globals, by name. Not for Lua code. */
void sandbox_globals(lua_State *L);

/* Makes what `require "lib.words"` finds: the bundle's file "lib/words.lua". `find` fills `source`
 * (borrowed until sandbox_free) or returns false. Without it `require` is not there; with NULL,
 * once everything is loaded, it refuses. */
typedef bool sandbox_find(void *ctx, const char *path, struct sori_str *source);
void sandbox_require(struct sandbox *s, sandbox_find *find, void *ctx);

/* Compiles source text (never bytecode) under the name that messages show ("rules/care.lua").
 * True: the function is on top of the stack. False: nothing is, and each problem was appended to
 * `errors` as "name:line: what", one a line: a syntax error, and every unknown or assigned global
 * with a suggestion. */
bool sandbox_compile(struct sandbox *s, const char *name, struct sori_str source,
                     struct buf *errors);

/* Begins a span with fresh budgets: for calls that belong to one entry. sandbox_call does not
 * begin one by itself. */
void sandbox_begin(struct sandbox *s, const struct sandbox_limits *limits);
/* Calls the function below `args` values. True: `results` values are on the stack. False: nothing
 * is left of the call and its message was appended to `error`: "file:line: what". */
bool sandbox_call(struct sandbox *s, int args, int results, struct buf *error);
/* Once all is loaded: collects, and counts the memory of later spans from what is held now. */
void sandbox_settle(struct sandbox *s);
/* Which budget stopped the last call, or BUDGET_LEFT. */
enum sandbox_budget sandbox_stopped(const struct sandbox *s);

/* Everything in one: compile, begin with the load limits, call without arguments. */
bool sandbox_run(struct sandbox *s, const char *name, struct sori_str source, int results,
                 struct buf *errors);

/* From a C function: counts `steps` of work, and raises where the budget is used up. */
void sandbox_charge(lua_State *L, int64_t steps);

/* File and line of the innermost Lua code that is running: "rules/care.lua", 12. False where there
 * is none. `file` must hold 128 bytes. */
bool sandbox_where(lua_State *L, char *file, int *line);

/* Makes the table at `index` and all that can be reached from it read-only, metatables and
 * upvalues of functions included. */
void sandbox_freeze(lua_State *L, int index);
/* Pushes the table that holds the contents: the frozen table's inside, or the table itself. Other
 * values are pushed as they are. Never hand a frozen table's inside to Lua code. */
void sandbox_inside(lua_State *L, int index);
/* Notes the value of every upvalue that functions reachable from `index` have. */
void sandbox_watch_upvalues(lua_State *L, int index);
/* True when all are as they were noted. Otherwise puts the old values back and appends the name of
 * the first changed variable and the place of its function: "count" (rules/care.lua:12). */
bool sandbox_upvalues_same(lua_State *L, struct buf *changed);

/* The keys of the table at `index` in their fixed order, as a new table on top of the stack:
 * numbers ascending, then texts by their bytes, then false, true. Raises for other keys. */
void sandbox_keys(lua_State *L, int index);

/* The text at `index`, empty where there is none; Lua keeps it. */
struct sori_str sandbox_text(lua_State *L, int index);

/* The pairs of a table in the order of its keys, a frozen one's too:
 *
 *     for (struct table_walk w = table_begin(L, index); table_next(&w);) … w.key … w.value …
 *
 * Those are places on the stack. What is put above them is dropped at the next pair; behind the
 * last the stack is as it was. Who leaves earlier calls table_end. */
struct table_walk {
    lua_State *L;
    int key, value, bottom;
    lua_Integer at, count;
};
struct table_walk table_begin(lua_State *L, int index);
bool table_next(struct table_walk *w);
void table_end(struct table_walk *w);

/* Appends a text for people to read in one line: line ends become blanks, what a terminal or a log
 * would obey is spelt out (\x1b), and what is long is cut. */
void plain_put(struct buf *b, struct sori_str s);

/* The word of `words` nearest to `word`, or NULL where none is near. */
const char *nearest_word(struct sori_str word, const char *const *words, size_t count);

#endif
