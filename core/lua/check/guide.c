/* sori.guide { … }: what the organisation asks of its own words, read once while the bundle loads.
 *
 *     sori.guide {
 *       banned    = { ko = { "바보" }, en = { "stupid" }, any = { … } },
 *       apology   = { ko = { "죄송" } },
 *       origin    = { ko = { "온결 리빙" }, ["shop-blog"] = false },
 *       automatic = { ["page-kr"] = { "자동 응답" } },
 *       next_step = { ko = { "연락" } },
 *       claims    = { ko = { "보증" } },
 *       points    = { delivery = { "배송", "parcel" } },
 *       same_text = { people = 20, within = "24h" },
 *       effort    = { personal = 1000, expert = 50000, experts = { "lead" } },
 *       freeze    = { { from = "2027-04-16", to = "2027-04-16", why = "…", what = "cheerful" } },
 *       surge     = { at_least = 5, times = 3 },
 *       goal      = "required",
 *     } */
#include "lua/check/read.h"
#include "base/clock.h"

#include <stdlib.h>

enum { KEYS_MAX = 64, WORDS_MAX = 1000, EXPERTS_MAX = 64 };
enum { DAY_MS = 86400000, PEOPLE_MAX = 10000 };
static const int64_t WITHIN_MAX = (int64_t)30 * DAY_MS;

static const char *const set_names[SETS] = {"banned",    "apology", "origin", "automatic",
                                            "next_step", "claims",  "points"};
static const char *const names[] = {"banned",    "apology", "origin", "automatic",
                                    "next_step", "claims",  "points", "same_text",
                                    "effort",    "freeze",  "goal",   "surge"};
enum { NAMES = sizeof names / sizeof *names };

/* What counts as an apology where the guide does not say. */
static const struct sori_str sorry_ko[] = {{"*죄송", sizeof "*죄송" - 1},
                                           {"*사과", sizeof "*사과" - 1},
                                           {"*미안", sizeof "*미안" - 1},
                                           {"*송구", sizeof "*송구" - 1},
                                           {"*유감", sizeof "*유감" - 1}};
static const struct sori_str sorry_en[] = {
    {"sorry", 5}, {"apolog*", 7}, {"regret*", 7}, {"forgive us", 10}};

/* ---- lists ---- */

static bool put_list(struct reader *r, int line, enum guide_set set, struct sori_str key,
                     const struct sori_str *words, size_t n, bool asked) {
    struct guide *g = r->p->guide;
    int number = asked ? words_add(&g->book, r->arena, words, n) : -1;
    bool point = asked && set == SET_POINTS;
    int raised = point ? words_add(&r->p->book, r->arena, words, n) : -1;
    if ((asked && number < 0) || (point && raised < 0))
        return complain(r, line, "guide: more than %d lists of words", LISTS_MAX);
    struct guide_list *grown = arena_get(r->arena, (g->counts[set] + 1) * sizeof *grown);
    if (g->counts[set]) memcpy(grown, g->lists[set], g->counts[set] * sizeof *grown);
    grown[g->counts[set]++] = (struct guide_list){arena_copy(r->arena, key), number, raised};
    g->lists[set] = grown;
    return true;
}

static bool has_list(const struct guide *g, enum guide_set set, struct sori_str key) {
    for (size_t i = 0; i < g->counts[set]; i++)
        if (str_eq(g->lists[set][i].key, key)) return true;
    return false;
}

static void put_defaults(struct reader *r) {
    static const size_t ko = sizeof sorry_ko / sizeof *sorry_ko,
                        en = sizeof sorry_en / sizeof *sorry_en;
    if (!has_list(r->p->guide, SET_APOLOGY, SORI_STR("ko")))
        put_list(r, 1, SET_APOLOGY, SORI_STR("ko"), sorry_ko, ko, true);
    if (!has_list(r->p->guide, SET_APOLOGY, SORI_STR("en")))
        put_list(r, 1, SET_APOLOGY, SORI_STR("en"), sorry_en, en, true);
}

void guide_open(struct policy *p) { p->guide = mem_get(sizeof *p->guide); }

void guide_free(struct policy *p) {
    if (!p->guide) return;
    free(p->guide->book.folded);
    buf_free(&p->guide->intents);
    buf_free(&p->guide->why);
    free(p->guide);
}

static bool is_spoken(const struct policy *p, struct sori_str lang) {
    bool is = str_is(lang, "any");
    for (size_t i = 0; i < p->lang_count; i++) is |= str_eq(p->langs[i], lang);
    for (size_t i = 0; i < p->template_count; i++) is |= str_eq(p->templates[i].lang, lang);
    return is;
}

/* Words of a language that no reply is in are never asked: "kr" is no language. */
static void warn_unspoken(struct reader *r) {
    static const enum guide_set by_language[] = {SET_BANNED, SET_APOLOGY, SET_NEXT_STEP,
                                                 SET_CLAIMS};
    const struct guide *g = r->p->guide;
    struct buf langs = {0};
    for (size_t i = 0; i < r->p->lang_count; i++)
        buf_printf(&langs, "%s%.*s", i ? " or " : "", STR(r->p->langs[i]));
    for (size_t s = 0; s < sizeof by_language / sizeof *by_language && langs.len; s++)
        for (size_t i = 0; i < g->counts[by_language[s]]; i++) {
            struct sori_str key = g->lists[by_language[s]][i].key;
            int line = line_of_key(r->p, r->file, r->line, key);
            if (!is_spoken(r->p, key))
                warn(r, line,
                     "guide: %s.%.*s: no reply is in '%.*s'; expected a language, %s, or any",
                     set_names[by_language[s]], STR(key), STR(key), langs.data);
        }
    buf_free(&langs);
}

void guide_settle(struct policy *p, struct buf *errors) {
    struct reader r = {p, "init.lua", 1, NULL, &p->arena, errors};
    struct guide *g = p->guide;
    if (g->file) {
        struct reader said = {p, g->home, g->home_line, NULL, &p->arena, errors};
        warn_unspoken(&said);
    }
    put_defaults(&r);
}

/* ---- reading ---- */

/* A list of texts at `index`; false (and a complaint) where it is none. */
static bool read_words(struct reader *r, int line, const char *what, int index, size_t most,
                       struct sori_str **out, size_t *count) {
    lua_State *L = sandbox_lua(r->p->box);
    *count = 0;
    bool table = lua_type(L, index) == LUA_TTABLE;
    sandbox_inside(L, index);
    lua_Integer n = table ? (lua_Integer)lua_rawlen(L, -1) : 0;
    bool ok = n > 0 && n <= (lua_Integer)most;
    if (!ok)
        complain(r, line, "%s: a list of 1 to %zu texts is expected, { \"…\", \"…\" }", what, most);
    *out = arena_get(r->arena, (size_t)(ok ? n : 1) * sizeof **out);
    for (lua_Integer i = 1; ok && i <= n; i++) {
        lua_rawgeti(L, -1, i);
        struct sori_str word = sandbox_text(L, -1);
        if (word.len == 0 || word.len > NAME_MAX_BYTES)
            ok = complain(r, line, "%s: entry %lld: a text of 1 to %d bytes is expected", what,
                          (long long)i, NAME_MAX_BYTES);
        else
            ok = words_fit(r, line, what, (size_t)i, word);
        if (ok) (*out)[(*count)++] = arena_copy(r->arena, word);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ok;
}

bool guide_each(struct each *e, int index) {
    lua_State *L = sandbox_lua(e->r->p->box);
    if (lua_type(L, index) != LUA_TTABLE)
        return complain(e->r, e->line, "%s: a table is expected, not a %s", e->what,
                        luaL_typename(L, index));
    struct table_walk w = table_begin(L, index);
    bool ok = w.count <= KEYS_MAX ||
              complain(e->r, e->line, "%s: more than %d entries", e->what, KEYS_MAX);
    while (ok && table_next(&w)) {
        struct sori_str key = sandbox_text(L, w.key);
        if (key.len)
            ok = e->run(e, key, w.value);
        else
            ok = complain(e->r, e->line, "%s: names are expected, NAME = …", e->what);
    }
    table_end(&w);
    return ok;
}

int guide_line(const struct each *e, struct sori_str key) {
    return line_of_key(e->r->p, e->r->file, e->line, key);
}

static bool read_set_key(struct each *e, struct sori_str key, int value) {
    enum guide_set set = *(enum guide_set *)e->ctx;
    lua_State *L = sandbox_lua(e->r->p->box);
    int line = guide_line(e, key);
    struct sori_str *words;
    size_t n;
    char what[160];
    snprintf(what, sizeof what, "guide: %s.%.*s", set_names[set], key.len > 60 ? 60 : (int)key.len,
             key.ptr);
    if (!check_word(e->r, line, what, key)) return false;
    if (lua_type(L, value) == LUA_TBOOLEAN && !lua_toboolean(L, value))
        return put_list(e->r, line, set, key, NULL, 0, false);
    return read_words(e->r, line, what, value, WORDS_MAX, &words, &n) &&
           put_list(e->r, line, set, key, words, n, true);
}

static bool read_count(struct each *e, struct sori_str key, int value, int64_t most, int64_t *out) {
    lua_State *L = sandbox_lua(e->r->p->box);
    if (lua_isinteger(L, value) && lua_tointeger(L, value) > 0 && lua_tointeger(L, value) <= most) {
        *out = lua_tointeger(L, value);
        return true;
    }
    return complain(e->r, guide_line(e, key), "%s.%.*s: a whole number from 1 to %lld is expected",
                    e->what, STR(key), (long long)most);
}

static bool read_same_key(struct each *e, struct sori_str key, int value) {
    static const char *const known[] = {"people", "within"};
    struct guide *g = e->r->p->guide;
    if (str_is(key, "people")) return read_count(e, key, value, PEOPLE_MAX, &g->people);
    if (!str_is(key, "within"))
        return complain_near(e->r, guide_line(e, key), key, known, 2,
                             "guide: same_text: '%.*s' is not understood; expected people and "
                             "within",
                             STR(key));
    struct sori_str span = sandbox_text(sandbox_lua(e->r->p->box), value);
    return (clock_parse_span(span, &g->within) && g->within > 0 && g->within <= WITHIN_MAX) ||
           complain(e->r, guide_line(e, key),
                    "guide: same_text.within: a span up to \"30d\" is expected, like \"24h\"");
}

static bool read_same(struct each *e, int value) {
    struct guide *g = e->r->p->guide;
    e->what = "guide: same_text";
    e->run = read_same_key;
    return guide_each(e, value) &&
           ((g->people && g->within) ||
            complain(e->r, e->line,
                     "guide: same_text: both are needed, { people = 20, within = \"24h\" }"));
}

static bool read_surge_key(struct each *e, struct sori_str key, int value) {
    static const char *const known[] = {"at_least", "times"};
    struct guide *g = e->r->p->guide;
    lua_State *L = sandbox_lua(e->r->p->box);
    if (str_is(key, "at_least")) return read_count(e, key, value, 1000000, &g->surge_least);
    if (!str_is(key, "times"))
        return complain_near(e->r, guide_line(e, key), key, known, 2,
                             "guide: surge: '%.*s' is not understood; expected at_least and times",
                             STR(key));
    double n = lua_type(L, value) == LUA_TNUMBER ? lua_tonumber(L, value) : 0;
    if (n > 0 && n <= 1000) g->surge_times = (int64_t)(n * 100);
    return g->surge_times > 0 || complain(e->r, guide_line(e, key),
                                          "guide: surge.times: a number up to 1000 is expected");
}

static bool read_surge(struct each *e, int value) {
    struct guide *g = e->r->p->guide;
    e->what = "guide: surge";
    e->run = read_surge_key;
    return guide_each(e, value) &&
           ((g->surge_least && g->surge_times) ||
            complain(e->r, e->line, "guide: surge: both are needed, { at_least = 5, times = 3 }"));
}

static bool read_effort_key(struct each *e, struct sori_str key, int value) {
    static const char *const known[] = {"personal", "expert", "experts"};
    struct guide *g = e->r->p->guide;
    if (str_is(key, "personal")) return read_count(e, key, value, INT32_MAX, &g->personal);
    if (str_is(key, "expert")) return read_count(e, key, value, INT32_MAX, &g->expert);
    if (str_is(key, "experts"))
        return read_words(e->r, guide_line(e, key), "guide: effort.experts", value, EXPERTS_MAX,
                          &g->experts, &g->expert_count);
    return complain_near(e->r, guide_line(e, key), key, known, 3,
                         "guide: effort: '%.*s' is not understood; expected personal, expert "
                         "(numbers of readers) and experts",
                         STR(key));
}

static bool read_effort(struct each *e, int value) {
    struct guide *g = e->r->p->guide;
    e->what = "guide: effort";
    e->run = read_effort_key;
    if (!guide_each(e, value)) return false;
    if (!g->personal && !g->expert)
        return complain(e->r, e->line,
                        "guide: effort: expected personal = READERS, expert = "
                        "READERS or both");
    return !g->personal || !g->expert || g->personal <= g->expert ||
           complain(e->r, e->line, "guide: effort: personal begins with more readers than expert");
}

/* ---- the guide ---- */

static bool read_part(struct each *e, struct sori_str key, int value) {
    lua_State *L = sandbox_lua(e->r->p->box);
    struct each inner = {.r = e->r, .line = guide_line(e, key), .what = e->what};
    for (int set = 0; set < SETS; set++)
        if (str_is(key, set_names[set])) {
            enum guide_set which = (enum guide_set)set;
            char what[64];
            snprintf(what, sizeof what, "guide: %s", set_names[set]);
            inner.what = what;
            inner.ctx = &which;
            inner.run = read_set_key;
            return guide_each(&inner, value);
        }
    if (str_is(key, "same_text")) return read_same(&inner, value);
    if (str_is(key, "effort")) return read_effort(&inner, value);
    if (str_is(key, "freeze")) return freezes_read(&inner, value);
    if (str_is(key, "surge")) return read_surge(&inner, value);
    if (str_is(key, "goal")) {
        e->r->p->guide->goal = str_is(sandbox_text(L, value), "required");
        return e->r->p->guide->goal ||
               complain(e->r, inner.line, "guide: goal: \"required\" is expected");
    }
    return complain_near(
        e->r, inner.line, key, names, NAMES,
        "guide: '%.*s' is not understood; expected banned, apology, origin, "
        "automatic, next_step, claims, points, same_text, effort, freeze, surge and goal",
        STR(key));
}

/* Every part is read, so that all errors are found in one go. */
static bool read_any_part(struct each *e, struct sori_str key, int value) {
    read_part(e, key, value);
    return true;
}

static int lines_before(struct sori_str all, const char *at) {
    int line = 1;
    for (const char *c = all.ptr; c < at; c++) line += *c == '\n';
    return line;
}

/* Is the table written beside the call, sori.guide { … }? */
static bool is_inline(const struct reader *r) {
    static const char mark[] = "sori.guide";
    for (size_t i = 0; i < r->p->file_count; i++) {
        struct sori_str all = r->p->files[i].bytes;
        if (strcmp(r->p->files[i].path, r->file) != 0) continue;
        for (const char *at = all.ptr;
             (at = memmem(at, (size_t)(all.ptr + all.len - at), mark, sizeof mark - 1));) {
            int line = lines_before(all, at);
            for (at += sizeof mark - 1; at < all.ptr + all.len && strchr(" (\n", *at);) at++;
            if (line == r->line) return at < all.ptr + all.len && *at == '{';
        }
    }
    return false;
}

/* Where its table is written: beside the call, or as `settings.guide = {` of another file. */
static void find_home(struct reader *r) {
    static const char mark[] = "guide = {";
    for (size_t i = 0; i < r->p->file_count && !is_inline(r); i++) {
        struct sori_str all = r->p->files[i].bytes;
        const char *at = all.len ? memmem(all.ptr, all.len, mark, sizeof mark - 1) : NULL;
        if (!at || (at > all.ptr && strchr("_-abcdefghijklmnopqrstuvwxyz", at[-1]))) continue;
        r->file = r->p->files[i].path;
        r->line = lines_before(all, at);
        return;
    }
}

int guide_read(lua_State *L) {
    struct policy *p = policy_of(L);
    char file[128] = "init.lua";
    int line = 1;
    sandbox_charge(L, 50);
    sandbox_where(L, file, &line);
    if (!p->loading || p->testing)
        return luaL_error(L, "sori.guide is said while the bundle loads, not later");
    struct reader r = {p, policy_text(p, str_c(file)), line, NULL, &p->arena, p->errors};
    if (p->guide->file) {
        complain(&r, line, "sori.guide is said a second time, first in %s:%d; put both into one",
                 p->guide->file, p->guide->line);
        return 0;
    }
    p->guide->file = r.file;
    p->guide->line = line;
    find_home(&r);
    p->guide->home = r.file;
    p->guide->home_line = r.line;
    lua_settop(L, 1);
    struct each e = {.r = &r, .line = r.line, .what = "sori.guide", .run = read_any_part};
    guide_each(&e, 1);
    return 0;
}

void guide_meta(struct buf *out) {
    buf_puts(out,
             "---Words by language (\"ko\", \"en\", \"any\") or connection.\n"
             "---@alias sori.Words table<string, string[]|false>\n\n"
             "---@class sori.Freeze\n---@field from string \"2027-04-16\" or a time\n"
             "---@field to string the last day, or a time\n---@field why string\n"
             "---@field what? \"cheerful\"|\"all\"\n---@field zone? string \"+09:00\"\n\n"
             "---What every word of ours is held against before it is sent.\n---@class sori.Guide\n"
             "---@field banned? sori.Words never said\n"
             "---@field apology? sori.Words one of them stands in an apology\n"
             "---@field origin? sori.Words one of them says who speaks\n"
             "---@field automatic? sori.Words one of them says that nobody looked at it first\n"
             "---@field next_step? sori.Words one of them says what comes next\n"
             "---@field claims? sori.Words who says one of them names a source\n"
             "---@field points? table<string, string[]> what is raised is named in the reply\n"
             "---@field same_text? { people: integer, within: string }\n"
             "---@field effort? { personal: integer?, expert: integer?, experts: string[]? }\n"
             "---@field freeze? sori.Freeze[]\n"
             "---@field surge? sori.Surge\n---@field goal? \"required\"\n\n");
}
