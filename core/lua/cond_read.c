/* `when = { … }` of Lua into conditions: every name and word is checked here, once. */
#include "lua/policy_inner.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>

static bool is_text(lua_State *L, int index) { return lua_type(L, index) == LUA_TSTRING; }

static struct sori_str wanted(struct reader *r, struct buf *b) {
    struct sori_str kept = arena_copy(r->arena, buf_view(b));
    buf_free(b);
    return kept;
}

/* A number, a span ("30m"), or for scores a share. */
static bool read_number(struct reader *r, int line, const char *key, bool share, int index,
                        int64_t *out) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) == LUA_TNUMBER) {
        double n = lua_tonumber(L, index);
        if (share) n = n <= 1 ? (double)score_of(n) : -1; /* 60 is no 60 % */
        if (n == floor(n) && fabs(n) < 9e15 && (!share || n >= 0)) {
            *out = (int64_t)n;
            return true;
        }
    } else if (is_text(L, index) && !share && clock_parse_span(sandbox_text(L, index), out))
        return true;
    char number[32] = "";
    if (lua_type(L, index) == LUA_TNUMBER)
        snprintf(number, sizeof number, "%.14g", lua_tonumber(L, index));
    return complain(r, line, "%s: %s is expected, not %s", key,
                    share ? "a score from 0 to 1" : "a whole number or a span like \"30m\"",
                    is_text(L, index) ? "this text"
                    : number[0]       ? number
                                      : luaL_typename(L, index));
}

/* A share as it was written, 0.6 and not 6000. */
static void put_bound(struct buf *b, bool share, int64_t v) {
    if (share)
        buf_printf(b, "%lld.%04lld", (long long)(v / 10000), (long long)(v % 10000));
    else
        buf_printf(b, "%lld", (long long)v);
}

/* { below = 3 }, { at_least = 1, at_most = 5 }, a number, or a list of numbers. */
static bool read_range(struct reader *r, int line, bool share, int index, struct cond *c) {
    static const char *const bounds[] = {"above", "at_least", "at_most", "below"};
    lua_State *L = sandbox_lua(r->p->box);
    struct buf b = {0};
    c->lo = INT64_MIN;
    c->hi = INT64_MAX;
    if (lua_type(L, index) != LUA_TTABLE) {
        if (!read_number(r, line, c->key, share, index, &c->lo)) return false;
        c->hi = c->lo;
        put_bound(&b, share, c->lo);
        c->wanted = wanted(r, &b);
        return true;
    }
    bool ok = true;
    struct table_walk w = table_begin(L, index);
    if (w.count == 0) ok = complain(r, line, "%s: an empty table matches nothing", c->key);
    if (w.count > LIST_MAX) {
        table_end(&w);
        return complain(r, line, "%s: more than %d entries", c->key, LIST_MAX);
    }
    c->any = arena_get(r->arena, (size_t)(w.count + 1) * sizeof *c->any);
    while (table_next(&w)) {
        int64_t v = 0;
        bool list = lua_type(L, w.key) == LUA_TNUMBER;
        struct sori_str word = sandbox_text(L, w.key);
        int which = -1;
        for (int k = 0; k < 4; k++)
            if (word.ptr && str_is(word, bounds[k])) which = k;
        if (!list && which < 0)
            ok = complain_near(
                r, line, word, bounds, 4,
                "%s: unknown bound '%.*s'; expected below, above, at_least or at_most", c->key,
                STR(word));
        else if (!read_number(r, line, c->key, share, w.value, &v))
            ok = false;
        else if (list) {
            c->any[c->count++] = v;
            buf_puts(&b, w.at > 1 ? " or " : "");
            put_bound(&b, share, v);
        } else {
            static const char *const shown[] = {"above", "at least", "at most", "below"};
            buf_printf(&b, "%s%s ", w.at > 1 ? ", " : "", shown[which]);
            put_bound(&b, share, v);
            if (which == 0 && v + 1 > c->lo) c->lo = v + 1;
            if (which == 1 && v > c->lo) c->lo = v;
            if (which == 2 && v < c->hi) c->hi = v;
            if (which == 3 && v - 1 < c->hi) c->hi = v - 1;
        }
    }
    if (c->count == 0) c->any = NULL;
    c->wanted = wanted(r, &b);
    return ok;
}

static bool read_word(struct reader *r, int line, const struct fact_info *info, struct cond *c,
                      struct sori_str word) {
    if (info->type == FT_STR) {
        c->text[c->count++] = arena_copy(r->arena, word);
        return true;
    }
    int n = info->of(word);
    if (n >= 0) {
        c->set |= 1u << n;
        c->count++;
        return true;
    }
    const char *words[32];
    size_t count = 0;
    for (int i = 0; i < 32; i++)
        if (strcmp(info->word(i), "?") != 0 && info->word(i)[0]) words[count++] = info->word(i);
    struct buf all = {0};
    for (size_t i = 0; i < count; i++) buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
    complain_near(r, line, word, words, count, "%s: there is no '%.*s'; expected one of: %s",
                  info->lua, STR(word), all.data);
    buf_free(&all);
    return false;
}

/* A word or a list of words, any of which will do. */
static bool read_any(struct reader *r, int line, const struct fact_info *info, int index,
                     struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    c->op = info->type == FT_ENUM ? COND_SET : COND_TEXT;
    struct buf b = {0};
    bool ok = true;
    if (is_text(L, index)) {
        c->text = arena_get(r->arena, sizeof *c->text);
        ok = read_word(r, line, info, c, sandbox_text(L, index));
        buf_str(&b, sandbox_text(L, index));
    } else if (lua_type(L, index) == LUA_TTABLE) {
        sandbox_inside(L, index);
        lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
        if (n > LIST_MAX) return complain(r, line, "%s: more than %d words", info->lua, LIST_MAX);
        c->text = arena_get(r->arena, (size_t)(n + 1) * sizeof *c->text);
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, -1, i);
            if (is_text(L, -1)) {
                buf_printf(&b, "%s%.*s", i > 1 ? " or " : "", STR(sandbox_text(L, -1)));
                ok &= read_word(r, line, info, c, sandbox_text(L, -1));
            } else
                ok = complain(r, line, "%s: a word is expected, not a %s", info->lua,
                              luaL_typename(L, -1));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
        if (ok && n == 0)
            ok = complain(r, line, "%s: expected a word or a list of words, { \"a\", \"b\" }",
                          info->lua);
    } else
        ok = complain(r, line, "%s: a word or a list of words is expected, not a %s", info->lua,
                      luaL_typename(L, index));
    c->wanted = wanted(r, &b);
    return ok;
}

bool read_when(struct reader *r, int line, struct sori_str key, struct sori_str value,
               struct cond *c) {
    static const char *const keys[] = {"tone", "relationship", "kind", "channel"};
    static const uint8_t tags[] = {FACT_TONE, FACT_RELATIONSHIP, FACT_KIND, FACT_CHANNEL};
    size_t n = 0;
    while (n < 4 && !str_is(key, keys[n])) n++;
    if (n == 4)
        return complain_near(r, line, key, keys, 4,
                             "when %.*s: expected when tone, relationship, kind or channel",
                             STR(key));
    const struct fact_info *info = fact_by_tag(tags[n]);
    c->tag = info->tag;
    c->key = info->lua;
    c->op = info->type == FT_ENUM ? COND_SET : COND_TEXT;
    c->wanted = arena_copy(r->arena, value);
    c->text = arena_get(r->arena, (value.len / 2 + 1) * sizeof *c->text);
    do {
        const char *comma = value.len ? memchr(value.ptr, ',', value.len) : NULL;
        struct sori_str word = {value.ptr, comma ? (size_t)(comma - value.ptr) : value.len};
        value.ptr += word.len + (comma != NULL);
        value.len -= word.len + (comma != NULL);
        while (word.len && word.ptr[0] == ' ') word.ptr++, word.len--;
        while (word.len && word.ptr[word.len - 1] == ' ') word.len--;
        if (!word.len)
            return complain(r, line,
                            "when %.*s: a word, or words with commas between them, are "
                            "expected",
                            STR(key));
        if (!read_word(r, line, info, c, word)) return false;
    } while (value.len);
    return true;
}

static bool read_fact(struct reader *r, int line, const struct fact_info *info, int index,
                      struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    c->tag = info->tag;
    c->key = info->lua;
    if (info->type == FT_ENUM || info->type == FT_STR) return read_any(r, line, info, index, c);
    if (info->type == FT_BOOL) {
        c->op = COND_BOOL;
        c->want = lua_toboolean(L, index);
        c->wanted = c->want ? SORI_STR("true") : SORI_STR("false");
        return lua_type(L, index) == LUA_TBOOLEAN ||
               complain(r, line, "%s: true or false is expected, not a %s", info->lua,
                        luaL_typename(L, index));
    }
    c->op = COND_NUMBER;
    return read_range(r, line, info->tag == FACT_TONE_SURE, index, c);
}

bool label_known(struct reader *r, int line, struct sori_str name) {
    struct policy *p = r->p;
    if (level_label(p, name, 0) || label_listed(p, name) ||
        ((p->open & POLICY_OPEN_LABELS) && p->label_count == 0))
        return true;
    struct buf list = {0};
    const char *names[ENV_LABELS_MAX + LABELS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < p->label_count; i++) {
        if (level_label(p, p->labels[i].name, 0) != &p->labels[i]) continue;
        names[count] = policy_text(p, p->labels[i].name);
        buf_printf(&list, "%s%s", count ? ", " : "", names[count]);
        count++;
    }
    for (size_t i = 0; i < p->listed_count; i++) {
        if (level_label(p, p->listed[i].name, 0)) continue;
        names[count] = policy_text(p, p->listed[i].name);
        buf_printf(&list, "%s%s", count ? ", " : "", names[count]);
        count++;
    }
    complain_near(r, line, name, names, count,
                  "no classifier and no list of words gives the label '%.*s'; available: %s",
                  STR(name), list.len ? list.data : "none, no classifier is configured");
    buf_free(&list);
    return false;
}

/* true, false, "likely" or 0.7: from which score, up to which. */
static bool read_score(struct reader *r, int line, struct sori_str name, int value,
                       struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, value) == LUA_TBOOLEAN) {
        bool there = lua_toboolean(L, value);
        c->lo = there ? LABEL_PRESENT : INT64_MIN;
        c->hi = there ? INT64_MAX : LABEL_PRESENT - 1;
        c->wanted = there ? SORI_STR("there") : SORI_STR("not there");
        return true;
    }
    struct buf b = {0};
    if (lua_type(L, value) == LUA_TNUMBER) {
        double n = lua_tonumber(L, value);
        c->lo = n <= 1 ? score_of(n) : -1;
        if (c->lo < 0)
            return complain(r, line, "label %s: a score is a number from 0 to 1", c->key);
    } else if (!is_text(L, value))
        return complain(r, line, "label %s: a level, a number or true is expected, not a %s",
                        c->key, luaL_typename(L, value));
    else if (!level_resolve(r, line, name, sandbox_text(L, value), &c->lo))
        return false;
    else
        buf_printf(&b, "%.*s, ", STR(sandbox_text(L, value)));
    buf_printf(&b, "at least %lld.%04lld", (long long)(c->lo / 10000), (long long)(c->lo % 10000));
    c->wanted = wanted(r, &b);
    return true;
}

static bool read_label(struct reader *r, int line, int key, int value, struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    if (!is_text(L, key))
        return complain(r, line, "label: expected { [\"group.name\"] = \"level\" or a number }");
    struct sori_str name = sandbox_text(L, key);
    c->op = COND_LABEL;
    c->hi = INT64_MAX;
    if (!label_known(r, line, name)) return false;
    int number = label_number(r->p, name);
    if (number < 0) return complain(r, line, "more than %d labels in one bundle", LABELS_MAX);
    const struct list_label *listed = label_listed(r->p, name);
    c->index = (uint16_t)number;
    c->list = (uint16_t)(listed ? listed->list + 1 : 0);
    c->key = policy_text(r->p, name);
    if (!read_score(r, line, name, value, c)) return false;
    r->p->used[number].threshold = c->lo < 0 ? c->hi + 1 : c->lo;
    return true;
}

bool read_word_list(struct reader *r, int line, const char *key, int index, uint16_t *number,
                    struct sori_str *shown) {
    lua_State *L = sandbox_lua(r->p->box);
    struct sori_str one[1], *words = one;
    lua_Integer n = 1;
    if (is_text(L, index))
        one[0] = sandbox_text(L, index);
    else if (lua_type(L, index) == LUA_TTABLE) {
        sandbox_inside(L, index);
        n = (lua_Integer)lua_rawlen(L, -1);
        words = arena_get(r->arena, (size_t)(n + 1) * sizeof *words);
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, -1, i);
            if (!is_text(L, -1)) return complain(r, line, "%s: entry %d is no text", key, (int)i);
            words[i - 1] = sandbox_text(L, -1); /* the table keeps it alive */
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    } else
        n = 0;
    if (n == 0 || n > LIST_MAX)
        return complain(r, line, "%s: expected a text or a list of 1 to 4,096 texts", key);
    bool fit = true;
    for (lua_Integer i = 0; i < n; i++) fit &= words_fit(r, line, key, (size_t)i + 1, words[i]);
    if (!fit) return false;
    int list = words_add(&r->p->book, &r->p->arena, words, (size_t)n);
    if (list < 0) return complain(r, line, "more than %d lists of words in one bundle", LISTS_MAX);
    *number = (uint16_t)list;
    if (!shown) return true;
    struct buf b = {0};
    if (n == 1)
        buf_printf(&b, "\"%.*s\"", STR(words[0]));
    else
        buf_printf(&b, "any of %lld words", (long long)n);
    *shown = wanted(r, &b);
    return true;
}

static bool read_words(struct reader *r, int line, int index, struct cond *c) {
    c->op = COND_WORDS;
    c->key = "words";
    return read_word_list(r, line, "words", index, &c->index, &c->wanted);
}

static int cell_number(const struct policy *p, struct sori_str name) {
    for (size_t i = 0; i < p->cell_count; i++)
        if (str_eq(p->cells[i].name, name)) return (int)i;
    return -1;
}

static bool unknown_key(struct reader *r, int line, struct sori_str key) {
    const char *names[FACT_TOP + CELLS_MAX + 3];
    size_t n = 0;
    for (size_t i = 0; i < fact_count; i++) names[n++] = fact_table[i].lua;
    for (size_t i = 0; i < r->p->cell_count; i++)
        names[n++] = policy_text(r->p, r->p->cells[i].name);
    names[n++] = "label";
    names[n++] = "words";
    names[n++] = "surge";
    return complain_near(
        r, line, key, names, n,
        "unknown condition '%.*s'; expected a fact, a declared cell, label, words or surge",
        STR(key));
}

static struct cond *new_cond(struct reader *r, struct cond **conds, size_t *count) {
    struct cond *grown = arena_get(r->arena, (*count + 1) * sizeof *grown);
    if (*count) memcpy(grown, *conds, *count * sizeof *grown);
    *conds = grown;
    return &grown[(*count)++];
}

typedef bool read_pair(struct reader *r, int line, int key, int value, struct cond *c);

/* label = { … } and surge = { … }: a condition for each pair. */
static bool read_pairs(struct reader *r, int line, int index, const char *expected, read_pair *read,
                       struct cond **conds, size_t *count) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) != LUA_TTABLE) return complain(r, line, "%s", expected);
    bool ok = true;
    struct table_walk w = table_begin(L, index);
    if (w.count > CONDS_MAX) {
        table_end(&w);
        return complain(r, line, "more than %d conditions in one table", CONDS_MAX);
    }
    while (table_next(&w)) {
        int own =
            is_text(L, w.key) ? line_of_key(r->p, r->file, line, sandbox_text(L, w.key)) : line;
        ok &= read(r, own, w.key, w.value, new_cond(r, conds, count));
    }
    return ok;
}

static bool read_key(struct reader *r, struct sori_str key, int value, struct cond **conds,
                     size_t *count) {
    int line = line_of_key(r->p, r->file, r->line, key);
    if (str_is(key, "label"))
        return read_pairs(r, line, value,
                          "label: expected { [\"group.name\"] = \"level\" or a number }",
                          read_label, conds, count);
    if (str_is(key, "surge"))
        return read_pairs(r, line, value,
                          "surge: expected { [\"topic.*\"] = { at_least = 5, times = 3 } }",
                          surge_read, conds, count);
    const struct fact_info *info = fact_by_name(key);
    int cell = cell_number(r->p, key);
    if (!info && cell < 0 && !str_is(key, "words")) return unknown_key(r, line, key);
    struct cond *c = new_cond(r, conds, count);
    if (info) return read_fact(r, line, info, value, c);
    if (cell < 0) return read_words(r, line, value, c);
    c->op = COND_CELL;
    c->index = (uint16_t)cell;
    c->key = policy_text(r->p, key);
    return read_range(r, line, false, value, c);
}

/* Cheap ones first: what is one comparison before what searches the text. */
static void order(struct cond *conds, size_t count) {
    for (size_t i = 1; i < count; i++)
        for (size_t k = i;
             k && (conds[k - 1].op > conds[k].op ||
                   (conds[k - 1].op == conds[k].op && conds[k - 1].tag > conds[k].tag));
             k--) {
            struct cond swap = conds[k];
            conds[k] = conds[k - 1];
            conds[k - 1] = swap;
        }
}

bool read_conds(struct reader *r, int index, struct cond **conds, size_t *count) {
    lua_State *L = sandbox_lua(r->p->box);
    bool ok = true;
    if (lua_type(L, index) != LUA_TTABLE)
        return complain(r, r->line, "expected a table of conditions, not a %s",
                        luaL_typename(L, index));
    struct table_walk w = table_begin(L, index);
    if (w.count > CONDS_MAX) {
        table_end(&w);
        return complain(r, r->line, "more than %d conditions in one table", CONDS_MAX);
    }
    while (table_next(&w))
        if (is_text(L, w.key))
            ok &= read_key(r, sandbox_text(L, w.key), w.value, conds, count);
        else
            ok = complain(r, r->line, "conditions are written name = value");
    order(*conds, *count);
    return ok;
}
