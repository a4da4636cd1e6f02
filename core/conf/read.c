#include "conf/conf.h"

#include "conf/inner.h"
#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = 1000 };

/* A block that was begun: `connection "shop"`, and perhaps its { … }. */
struct seen {
    const struct block *block;
    char *name; /* "" where the block has none */
    int line;
    bool whole;
};

struct run {
    struct reader reader;
    struct seen *seen;
    size_t count;
};

static int here(lua_State *L) {
    char file[128];
    int line = 1;
    return sandbox_where(L, file, &line) ? line : 1;
}

static struct run *run_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* Notes the block; says so where it is there already. */
static size_t note(struct run *run, const struct block *block, struct sori_str name, int line) {
    for (size_t i = 0; i < run->count; i++) {
        const struct seen *s = &run->seen[i];
        if (s->block != block || !str_is(name, s->name)) continue;
        blame(&run->reader.blames, line, "%s%s%s%s is there twice, first on line %d: %s",
              block->keyword, block->named ? " \"" : "", s->name, block->named ? "\"" : "", s->line,
              block->named ? "give one another name" : "put both into one");
        break;
    }
    run->seen = mem_grow(run->seen, (run->count + 1) * sizeof *run->seen);
    run->seen[run->count] = (struct seen){block, mem_text(name), line, !block->named};
    return run->count++;
}

static void need_table(struct run *run, const struct block *block, int line) {
    blame(&run->reader.blames, line, "%s: expected %s%s { … }", block->keyword, block->keyword,
          block->named ? " \"name\"" : "");
}

/* The { … } of a named block. Upvalues: the run, the block's place in `seen`. */
static int take_rest(lua_State *L) {
    struct run *run = run_of(L);
    size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    struct seen s = run->seen[i];
    run->seen[i].whole = true;
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TTABLE)
        block_put(&run->reader, s.block, str_c(s.name), 1, s.line);
    else
        need_table(run, s.block, s.line);
    return 0;
}

/* keyword { … }, or keyword "name". Upvalues: the run, the block's index. */
static int take_block(lua_State *L) {
    struct run *run = run_of(L);
    const struct block *block = &blocks[lua_tointeger(L, lua_upvalueindex(2))];
    int line = here(L);
    if (run->count == NAMES_MAX) return luaL_error(L, "more than %d blocks", NAMES_MAX);
    lua_settop(L, 1);
    if (!block->named) {
        note(run, block, (struct sori_str){0}, line);
        if (lua_type(L, 1) == LUA_TTABLE)
            block_put(&run->reader, block, (struct sori_str){0}, 1, line);
        else
            need_table(run, block, line);
        return 0;
    }
    size_t len = 0;
    bool is_text = lua_type(L, 1) == LUA_TSTRING;
    struct sori_str name = {is_text ? lua_tolstring(L, 1, &len) : "", 0};
    name.len = len;
    if (!is_text) {
        need_table(run, block, line);
    } else if (!value_name(name)) {
        blame(&run->reader.blames, line,
              "%s \"%.*s\": the name: expected small letters, digits and dashes, at most 64",
              block->keyword, (int)(len < 64 ? len : 64), name.ptr);
    }
    size_t place = note(run, block, name, line);
    if (!is_text) run->seen[place].whole = true; /* said already */
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushinteger(L, (lua_Integer)place);
    lua_pushcclosure(L, take_rest, 2);
    return 1;
}

static int ignore(lua_State *L) {
    (void)L;
    return 0;
}

/* A word that looks like a block and is none. Upvalues: the run, the word. */
static int take_unknown(lua_State *L) {
    struct run *run = run_of(L);
    const char *word = lua_tostring(L, lua_upvalueindex(2)), *known[16], *near;
    struct buf all = {0};
    for (size_t i = 0; i < block_count; i++) {
        known[i] = blocks[i].keyword;
        buf_printf(&all, "%s%s", i ? ", " : "", known[i]);
    }
    near = nearest_word(str_c(word), known, block_count);
    if (near)
        blame(&run->reader.blames, here(L), "unknown block \"%s\": did you mean \"%s\"?", word,
              near);
    else
        blame(&run->reader.blames, here(L), "unknown block \"%s\": expected %s", word, all.data);
    buf_free(&all);
    lua_pushcfunction(L, ignore); /* takes the { … } of a named one */
    return 1;
}

static bool offered(struct sori_str word) {
    static const char *const names[] = {"assert",       "error",    "ipairs",   "next",   "pairs",
                                        "pcall",        "rawequal", "rawget",   "rawlen", "select",
                                        "setmetatable", "tonumber", "tostring", "type",   "string",
                                        "table",        "math",     "utf8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(word, names[i])) return true;
    for (size_t i = 0; i < block_count; i++)
        if (str_is(word, blocks[i].keyword)) return true;
    return false;
}

/* Lua would stop at the first unknown name; so that all errors are found in one go, what is used
 * like a block is there, and complains. */
static void add_unknown(struct run *run) {
    lua_State *L = sandbox_lua(run->reader.sandbox);
    const struct lines *lines = &run->reader.lines;
    for (size_t i = 0; i < lines->count && i < NAMES_MAX; i++) {
        struct sori_str word = lines->blocks[i].keyword;
        if (offered(word) || word.len > 64) continue;
        char *name = mem_text(word);
        lua_pushlightuserdata(L, run);
        lua_pushstring(L, name);
        lua_pushcclosure(L, take_unknown, 2);
        sandbox_global(run->reader.sandbox, name);
        free(name);
    }
}

/* Lua's own "name:LINE: what" among ours, so that all are in order. */
static void take_lua_errors(struct run *run, const char *name, struct sori_str errors) {
    size_t head = strlen(name);
    while (errors.len) {
        const char *end = memchr(errors.ptr, '\n', errors.len);
        struct sori_str one = {errors.ptr, end ? (size_t)(end - errors.ptr) : errors.len};
        errors.ptr += one.len + (end ? 1 : 0);
        errors.len -= one.len + (end ? 1 : 0);
        int line = 1, used = 0;
        char *copy = mem_text(one);
        if (strncmp(copy, name, head) == 0 && sscanf(copy + head, ":%d: %n", &line, &used) == 1 &&
            used > 0)
            blame(&run->reader.blames, line, "%s", copy + head + used);
        else if (one.len)
            blame(&run->reader.blames, line, "%s", copy);
        free(copy);
    }
}

/* What can only be said when all was read. */
static void look_back(struct run *run) {
    bool workspace = false;
    for (size_t i = 0; i < run->count; i++) {
        const struct seen *s = &run->seen[i];
        workspace |= s->block->tag == CONF_WORKSPACE;
        if (!s->whole)
            blame(&run->reader.blames, s->line, "%s \"%s\": expected { … } after the name",
                  s->block->keyword, s->name);
    }
    if (!workspace)
        blame(&run->reader.blames, 1,
              "no workspace: expected workspace { name = \"…\", timezone = \"…\", languages = { … "
              "} }");
}

static int line_of(const struct run *run, uint32_t tag, struct sori_str name) {
    for (size_t i = 0; i < run->count; i++)
        if (run->seen[i].block->tag == tag && str_is(name, run->seen[i].name))
            return run->seen[i].line;
    return 1;
}

/* The classifier before `until` that has a model for the language; its name. */
static struct sori_str asked_before(struct sori_str all, const char *until, struct sori_str lang) {
    struct rec_field f, m;
    while (all.ptr < until && rec_next(&all, &f) == 1 && f.s.ptr < until) {
        if (f.tag != CONF_CLASSIFIER || f.type != REC_REC) continue;
        for (struct sori_str one = f.s; rec_next(&one, &m) == 1;)
            if (m.tag == 3 && m.type == REC_REC && str_eq(rec_get_str(m.s, 1), lang))
                return rec_get_str(f.s, 1);
    }
    return (struct sori_str){NULL, 0};
}

/* A text is asked of the one model of its language: a second one would never be. */
static void one_model_a_language(struct run *run, size_t start) {
    const struct buf *record = run->reader.record;
    struct sori_str all = {record->data + start, record->len - start}, rest = all;
    struct rec_field f, m;
    while (rec_next(&rest, &f) == 1) {
        if (f.tag != CONF_CLASSIFIER || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, 1);
        for (struct sori_str one = f.s; rec_next(&one, &m) == 1;) {
            if (m.tag != 3 || m.type != REC_REC) continue;
            struct sori_str lang = rec_get_str(m.s, 1), first = asked_before(all, f.s.ptr, lang);
            if (first.len)
                blame(&run->reader.blames, line_of(run, CONF_CLASSIFIER, name),
                      "classifier \"%.*s\": \"%.*s\" (line %d) has a model for %.*s already, and "
                      "one model a language is asked: leave one of them out",
                      STR(name), STR(first), line_of(run, CONF_CLASSIFIER, first), STR(lang));
        }
    }
}

bool conf_read(struct sori_str source, const char *name, struct buf *record, struct buf *errors) {
    struct run run = {.reader = {.sandbox = sandbox_new(), .record = record}};
    struct buf lua_errors = {0};
    size_t start = record->len;
    lua_State *L = sandbox_lua(run.reader.sandbox);
    lines_scan(source, &run.reader.lines);
    for (size_t i = 0; i < block_count; i++) {
        lua_pushlightuserdata(L, &run);
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, take_block, 2);
        sandbox_global(run.reader.sandbox, blocks[i].keyword);
    }
    add_unknown(&run);
    bool ran = sandbox_run(run.reader.sandbox, name, source, 0, &lua_errors);
    take_lua_errors(&run, name, buf_view(&lua_errors));
    if (ran) look_back(&run);
    if (ran && run.reader.blames.count == 0) one_model_a_language(&run, start);
    if (ran && run.reader.blames.count == 0) calendars_put(&run.reader, start);
    bool ok = ran && run.reader.blames.count == 0;
    blames_print(&run.reader.blames, name, errors);
    if (!ok) record->len = start;
    for (size_t i = 0; i < run.count; i++) free(run.seen[i].name);
    free(run.seen);
    lines_free(&run.reader.lines);
    buf_free(&lua_errors);
    sandbox_free(run.reader.sandbox);
    return ok;
}
