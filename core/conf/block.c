#include "conf/inner.h"

#include "conf/conf.h"

#include <stdio.h>

/* Every block and word of sori.lua, once. */
#define COUNTED(words) words, sizeof words / sizeof *words
#define DAY            ((int64_t)86400000)

static const struct word workspace_words[] = {
    {"name", FORM_TEXT, 1, 0, 0, true, "name = \"…\", the organisation's name"},
    {"timezone", FORM_ZONE, 2, 0, 0, false, NULL},
    {"languages", FORM_LANGS, 3, 0, 0, false, NULL},
    {"hours", FORM_HOURS, HOURS_HOURS, 0, 0, false, NULL},
    {"holidays", FORM_DAYS, HOURS_HOLIDAYS, 0, 0, false, NULL},
};
static const struct word gate_words[] = {
    {"listen", FORM_LISTEN, 1, 0, 0, true, "listen = \"127.0.0.1:8080\""},
    {"public", FORM_URL, 2, 0, 0, false, NULL},
};
static const struct word connection_words[] = {
    {"channel", FORM_PLUGIN, CONN_CHANNEL, 0, 0, true,
     "channel = \"…\", the plugin that serves it"},
    {"every", FORM_SPAN, CONN_EVERY, 1000, 30 * DAY, false, NULL},
    {"mode", FORM_MODE, CONN_MODE, 0, 0, false, NULL},
    {"allow", FORM_ALLOW, CONN_ALLOW, 0, 0, false, NULL},
    {"site", FORM_SITES, CONN_SITE, 0, 0, false, NULL},
};
static const struct word classifier_words[] = {
    {"plugin", FORM_PLUGIN, 2, 0, 0, true, "plugin = \"ngram\""},
    {"models", FORM_MODELS, 3, 0, 0, true, "models = { ko = \"tone.ko\" }"},
    {"floor", FORM_FLOOR, 4, 0, 0, false, NULL},
};
static const struct word reload_words[] = {
    {"max_change", FORM_SHARE, 1, 0, 0, false, NULL},
    {"rollback", FORM_SHARE_OR_OFF, 2, 0, 0, false, NULL},
    {"watch", FORM_SWITCH, 3, 0, 0, false, NULL},
};
static const struct word metrics_words[] = {
    {"listen", FORM_LISTEN, 1, 0, 0, true, "listen = \"127.0.0.1:9464\""}};
static const struct word department_words[] = {
    {"hours", FORM_HOURS, HOURS_HOURS, 0, 0, false, NULL},
    {"holidays", FORM_DAYS, HOURS_HOLIDAYS, 0, 0, false, NULL},
    {"timezone", FORM_ZONE, HOURS_ZONE, 0, 0, false, NULL},
    {"calendar", FORM_NAME, HOURS_CALENDAR, 0, 0, false, NULL},
};
static const struct word calendar_words[] = {
    {"hours", FORM_HOURS, HOURS_HOURS, 0, 0, true, "hours = \"mon-fri 09:00-18:00\""},
    {"holidays", FORM_DAYS, HOURS_HOLIDAYS, 0, 0, false, NULL},
    {"timezone", FORM_ZONE, HOURS_ZONE, 0, 0, false, NULL},
};
static const struct word limits_words[] = {
    {"contact_gap", FORM_SPAN, LIMIT_CONTACT_GAP, 0, 30 * DAY, false, NULL},
    {"hour", FORM_COUNT, LIMIT_HOUR, 0, 100000, false, NULL},
    {"horizon", FORM_SPAN, LIMIT_HORIZON, 3600000, 400 * DAY, false, NULL},
    {"spool", FORM_SIZE, LIMIT_SPOOL, 16 << 20, (int64_t)1 << 42, false, NULL},
    {"due_soon", FORM_SPAN, LIMIT_DUE_SOON, 60000, 7 * DAY, false, NULL},
    {"raw_keep", FORM_SPAN, LIMIT_RAW_KEEP, 3600000, 400 * DAY, false, NULL},
};

const struct block blocks[] = {
    {"workspace", CONF_WORKSPACE, false, false, COUNTED(workspace_words)},
    {"gate", CONF_GATE, false, false, COUNTED(gate_words)},
    {"connection", CONF_CONNECTION, true, true, COUNTED(connection_words)},
    {"classifier", CONF_CLASSIFIER, true, false, COUNTED(classifier_words)},
    {"reload", CONF_RELOAD, false, false, COUNTED(reload_words)},
    {"metrics", CONF_METRICS, false, false, COUNTED(metrics_words)},
    {"department", CONF_DEPARTMENT, true, false, COUNTED(department_words)},
    {"calendar", CONF_HOURS, true, false, COUNTED(calendar_words)},
    {"limits", CONF_LIMITS, false, false, COUNTED(limits_words)},
};
const size_t block_count = sizeof blocks / sizeof *blocks;

enum { KEYS_MAX = 200 };

static const struct word *find(const struct block *block, struct sori_str name) {
    for (size_t i = 0; i < block->count; i++)
        if (str_is(name, block->words[i].name)) return &block->words[i];
    return NULL;
}

static void unknown(const struct place *at, const struct block *block, struct sori_str name) {
    const char *words[8], *near;
    for (size_t i = 0; i < block->count; i++) words[i] = block->words[i].name;
    near = nearest_word(name, words, block->count);
    struct buf known = {0};
    for (size_t i = 0; i < block->count; i++) buf_printf(&known, "%s%s", i ? ", " : "", words[i]);
    int line = lines_key(at->lines, name, at->line);
    if (near)
        blame(&at->r->blames, line, "%s: unknown word \"%.*s\": did you mean \"%s\"?", at->title,
              (int)(name.len < 60 ? name.len : 60), name.ptr, near);
    else
        blame(&at->r->blames, line, "%s: unknown word \"%.*s\": expected %s", at->title,
              (int)(name.len < 60 ? name.len : 60), name.ptr, known.data);
    buf_free(&known);
}

/* The words of a plugin's options: [a-z0-9_], so that they can be printed anywhere. */
static bool option_name(struct sori_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
    }
    return name.len > 0 && name.len <= 64;
}

/* What the table holds beside the words of its block. */
static void put_rest(const struct place *at, const struct block *block, int table) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    sandbox_keys(L, table);
    int keys = lua_gettop(L);
    for (lua_Unsigned i = 1; i <= lua_rawlen(L, keys); i++) {
        lua_rawgeti(L, keys, (lua_Integer)i);
        size_t len = 0;
        bool is_text = lua_type(L, -1) == LUA_TSTRING;
        struct sori_str name = {is_text ? lua_tolstring(L, -1, &len) : NULL, 0};
        name.len = len;
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        if (!is_text)
            blame(&at->r->blames, at->line, "%s: a value without a name: expected name = value",
                  at->title);
        else if (!find(block, name) && (!block->options || !option_name(name)))
            unknown(at, block, name);
        else if (!find(block, name))
            form_option(at, name);
        lua_settop(L, keys);
    }
    lua_settop(L, keys - 1);
}

static void put_twice(const struct place *at) {
    const struct line_block *b = at->lines;
    for (size_t i = 0; b && i < b->count; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(b->keys[i].key, b->keys[k].key)) {
                blame(&at->r->blames, b->keys[i].line,
                      "%s: %.*s is written twice, first on line %d: keep one", at->title,
                      STR(b->keys[i].key), b->keys[k].line);
                break;
            }
}

static void missing(const struct place *at, const struct block *block, const struct word *word,
                    int table) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    const char *near = NULL;
    char seen[64] = "";
    sandbox_keys(L, table);
    for (lua_Unsigned i = 1; !near && i <= lua_rawlen(L, -1); i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        size_t len = 0;
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
        struct sori_str name = {key, len};
        if (key && len < sizeof seen && !find(block, name) &&
            (near = nearest_word(name, &word->name, 1)))
            memcpy(seen, key, len + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    int line = near ? lines_key(at->lines, str_c(seen), at->line) : at->line;
    blame(&at->r->blames, line, "%s: no %s: expected %s%s%s%s", at->title, word->name, word->help,
          near ? " (is \"" : "", seen, near ? "\" meant to be it?)" : "");
}

void block_put(struct reader *r, const struct block *block, struct sori_str name, int index,
               int line) {
    lua_State *L = sandbox_lua(r->sandbox);
    char title[128];
    int table = lua_absindex(L, index);
    if (block->named)
        snprintf(title, sizeof title, "%s \"%.*s\"", block->keyword,
                 (int)(name.len < 64 ? name.len : 64), name.ptr);
    else
        snprintf(title, sizeof title, "%s", block->keyword);
    struct place at = {r, lines_block(&r->lines, str_c(block->keyword), name, line), title, line};
    sandbox_keys(L, table);
    bool many = lua_rawlen(L, -1) > KEYS_MAX;
    lua_pop(L, 1);
    if (many) {
        blame(&r->blames, line, "%s: more than %d values in one block", title, KEYS_MAX);
        return;
    }
    put_twice(&at);
    size_t mark = rec_begin(r->record, block->tag);
    if (block->named) rec_str(r->record, 1, name);
    if (block->options) rec_int(r->record, CONN_LINE, line);
    for (size_t i = 0; i < block->count; i++) {
        const struct word *word = &block->words[i];
        lua_pushstring(L, word->name);
        lua_rawget(L, table);
        if (!lua_isnil(L, -1))
            form_put(&at, word);
        else if (word->required)
            missing(&at, block, word, table);
        lua_settop(L, table);
    }
    put_rest(&at, block, table);
    rec_end(r->record, mark);
}
