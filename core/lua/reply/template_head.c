/* The head of a reply's file: what may stand in its slots, what it is for, what it needs. */
#include "lua/policy_inner.h"
#include "lua/reply/template.h"
#include "base/utf8.h"

struct sori_str line_trim(struct sori_str s) {
    while (s.len && strchr(" \t\r\n", s.ptr[0])) s.ptr++, s.len--;
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1])) s.len--;
    return s;
}

struct sori_str line_take(struct sori_str *s) {
    const char *end = s->len ? memchr(s->ptr, '\n', s->len) : NULL;
    struct sori_str line = {s->ptr, end ? (size_t)(end - s->ptr) : s->len};
    size_t step = line.len + (end != NULL);
    s->ptr += step;
    s->len -= step;
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    return line;
}

struct sori_str line_until(struct sori_str *s, char mark) {
    const char *end = s->len ? memchr(s->ptr, mark, s->len) : NULL;
    struct sori_str part = {s->ptr, end ? (size_t)(end - s->ptr) : s->len};
    size_t step = part.len + (end != NULL);
    s->ptr += step;
    s->len -= step;
    return line_trim(part);
}

static bool read_count(struct sori_str s, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || *out > 1000000) return false;
        *out = *out * 10 + (s.ptr[i] - '0');
    }
    return s.len && *out > 0;
}

/* ---- slots ---- */

static bool type_fits(enum slot_type type, const struct fact_info *info) {
    switch (info->type) {
    case FT_STR: return type == SLOT_TEXT || type == SLOT_NAME || type == SLOT_URL;
    case FT_ENUM: return type == SLOT_WORD;
    case FT_TIME: return type == SLOT_TIME;
    case FT_INT: return type == SLOT_NUMBER || type == SLOT_SPAN;
    default: return false;
    }
}

/* A slot that is no fact is filled by the rule: reply { "fact", slots = { truth = "…" } }. */
static bool name_slot(struct reader *r, int line, struct sori_str name, struct slot *slot) {
    slot->name = name;
    slot->piece.max = SLOT_TEXT_MAX;
    slot->piece.fact = slot_fact(name);
    if (slot->piece.fact) return true;
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.ptr[i])) name.len = 0;
    if (name.len == 0 || name.len > 40)
        return complain(r, line,
                        "slot %.*s: the name of a fact, or a name of a-z, 0-9 and _ that a rule "
                        "fills, is expected",
                        STR(slot->name));
    slot->piece.given = arena_copy(r->arena, name);
    return true;
}

static bool type_slot(struct reader *r, int line, struct sori_str type, struct slot *slot) {
    slot->piece.type = slot_type_of(type);
    bool given = slot->piece.given.len > 0;
    if (given ? slot_type_given(slot->piece.type)
              : slot->piece.type && type_fits(slot->piece.type, slot->piece.fact))
        return true;
    if (given)
        return complain(r, line,
                        "slot %.*s: there is no type '%.*s'; text, number, url, date or name is "
                        "expected of what a rule fills",
                        STR(slot->name), STR(type));
    return complain(r, line,
                    "slot %.*s: the type '%.*s' does not fit this fact; text, name, url, word, "
                    "number, span or time is expected",
                    STR(slot->name), STR(type));
}

/* "author: name, at most 20, else 고객" */
static bool read_slot_line(struct reader *r, int line, struct sori_str rest, struct head *h) {
    struct sori_str name = line_until(&rest, ':'), type = line_until(&rest, ',');
    struct slot slot = {.line = line};
    if (!name_slot(r, line, name, &slot) || !type_slot(r, line, type, &slot)) return false;
    while ((rest = line_trim(rest)).len) {
        int64_t n;
        if (str_is(rest, "else") || str_starts(rest, SORI_STR("else "))) {
            slot.piece.has_otherwise = true; /* `else` alone: nothing stands there then */
            slot.piece.otherwise =
                arena_copy(r->arena, line_trim((struct sori_str){rest.ptr + 4, rest.len - 4}));
            break;
        }
        struct sori_str part = line_until(&rest, ',');
        if (!str_starts(part, SORI_STR("at most ")) ||
            !read_count((struct sori_str){part.ptr + 8, part.len - 8}, &n))
            return complain(r, line,
                            "slot %.*s: '%.*s' is not understood; expected \"at most 30\" or "
                            "\"else TEXT\"",
                            STR(name), STR(part));
        slot.piece.max = (uint32_t)n;
    }
    if (h->count == SLOTS_MAX) return complain(r, line, "more than %d slots", SLOTS_MAX);
    for (size_t i = 0; i < h->count; i++)
        if (str_eq(h->slot[i].name, name))
            return complain(r, line, "slot %.*s is declared twice", STR(name));
    h->slot[h->count++] = slot;
    return true;
}

/* ---- the other lines ---- */

static bool read_goal(struct reader *r, int line, struct sori_str word, struct head *h) {
    const char *words[GOAL_COUNT];
    for (int i = 1; i < GOAL_COUNT; i++) words[i - 1] = goal_word(i);
    h->goal = goal_of(word);
    if (h->goal > 0) return true;
    h->goal = 0;
    return complain_near(r, line, word, words, GOAL_COUNT - 1,
                         "goal: one of inform, guide, document, thank and repair is expected");
}

static bool read_needs(struct reader *r, int line, struct sori_str rest, struct head *h) {
    static const char *const words[] = {"apology", "source"};
    do {
        struct sori_str word = line_until(&rest, ',');
        if (str_is(word, "apology"))
            h->needs_apology = true;
        else if (str_is(word, "source"))
            h->needs_source = true;
        else
            return complain_near(r, line, word, words, 2, "needs: apology or source is expected");
    } while (rest.len);
    return true;
}

static bool read_holding(struct reader *r, int line, struct sori_str word, struct head *h) {
    h->holding = str_is(word, "true");
    return h->holding || str_is(word, "false") ||
           complain(r, line,
                    "holding: true is expected, of a first word that leaves the answer owed");
}

static bool read_head_line(struct reader *r, int line, struct sori_str text, struct head *h) {
    static const char *const keys[] = {"about", "max",     "goal", "source", "needs",
                                       "next",  "holding", "slot", "when"};
    if (str_starts(text, SORI_STR("slot ")))
        return read_slot_line(r, line, (struct sori_str){text.ptr + 5, text.len - 5}, h);
    if (str_starts(text, SORI_STR("when ")))
        return complain(r, line,
                        "when stands above one wording, right after its line of three dashes");
    struct sori_str value = text, key = line_until(&value, ':');
    value = line_trim(value);
    for (unsigned i = 1; i < 7; i++) /* of max and what follows only one counts */
        if (str_is(key, keys[i]) && !str_is(key, "needs")) {
            bool twice = h->said >> i & 1;
            h->said |= 1u << i;
            if (twice && !frown(r, line, "%.*s: is said twice; keep one", STR(key))) return false;
        }
    if (str_is(key, "about")) return true;
    if (str_is(key, "goal")) return read_goal(r, line, value, h);
    if (str_is(key, "needs")) return read_needs(r, line, value, h);
    if (str_is(key, "holding")) return read_holding(r, line, value, h);
    if (str_is(key, "source") || str_is(key, "next")) {
        if (!value.len || value.len > 500 || !utf8_valid(value))
            return complain(r, line, "%.*s: a text of at most 500 bytes is expected", STR(key));
        *(str_is(key, "next") ? &h->next_step : &h->source) = arena_copy(r->arena, value);
        return true;
    }
    if (str_is(key, "max"))
        return read_count(value, &h->max) ||
               complain(r, line, "max: a number of characters is expected");
    return complain_near(r, line, key, keys, sizeof keys / sizeof *keys,
                         "'%.*s' is not understood; expected about:, max:, goal:, source:, needs:, "
                         "next:, holding: or slot NAME: TYPE",
                         STR(text));
}

bool head_read(struct reader *r, struct sori_str *rest, int *line, struct head *h) {
    bool ok = true;
    struct sori_str probe = *rest;
    if (!str_is(line_take(&probe), "---")) return true; /* no head: no slots */
    *rest = probe;
    for (*line = 2; rest->len; ++*line) {
        struct sori_str text = line_take(rest);
        if (str_is(line_trim(text), "---")) return ++*line, ok;
        if (line_trim(text).len) ok &= read_head_line(r, *line, line_trim(text), h);
    }
    return complain(r, *line, "the head is never closed; expected a line of three dashes");
}
