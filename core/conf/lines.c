#include "conf/lines.h"

#include <stdlib.h>

enum token { T_END, T_WORD, T_TEXT, T_SIGN };

struct scan {
    const char *at, *end;
    int line;
    enum token token;
    struct sori_str text; /* of the token; of a T_TEXT without its quotes */
    int token_line;
};

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void step(struct scan *s) {
    if (*s->at == '\n') s->line++;
    s->at++;
}

/* The level of a long bracket "[==[" at the front, or -1. */
static int long_level(const struct scan *s) {
    const char *p = s->at + 1;
    while (p < s->end && *p == '=') p++;
    return p < s->end && *p == '[' ? (int)(p - s->at - 1) : -1;
}

static struct sori_str take_long(struct scan *s, int level) {
    for (int i = 0; i < level + 2; i++) step(s);
    const char *from = s->at;
    for (; s->at < s->end; step(s)) {
        if (*s->at != ']') continue;
        const char *p = s->at + 1;
        while (p < s->end && *p == '=') p++;
        if (p >= s->end || *p != ']' || p - s->at - 1 != level) continue;
        struct sori_str text = {from, (size_t)(s->at - from)};
        s->at = p + 1;
        return text;
    }
    return (struct sori_str){from, (size_t)(s->end - from)};
}

static struct sori_str take_quoted(struct scan *s) {
    char quote = *s->at;
    step(s);
    const char *from = s->at;
    while (s->at < s->end && *s->at != quote && *s->at != '\n') {
        if (*s->at == '\\' && s->at + 1 < s->end) step(s);
        step(s);
    }
    struct sori_str text = {from, (size_t)(s->at - from)};
    if (s->at < s->end) step(s);
    return text;
}

static void skip_blank(struct scan *s) {
    while (s->at < s->end) {
        if (strchr(" \t\r\n\f\v", *s->at)) {
            step(s);
        } else if (s->end - s->at > 1 && s->at[0] == '-' && s->at[1] == '-') {
            s->at += 2;
            int level = s->at < s->end && *s->at == '[' ? long_level(s) : -1;
            if (level >= 0)
                take_long(s, level);
            else
                while (s->at < s->end && *s->at != '\n') s->at++;
        } else {
            return;
        }
    }
}

static void next(struct scan *s) {
    skip_blank(s);
    s->token_line = s->line;
    if (s->at >= s->end) {
        s->token = T_END;
        s->text = (struct sori_str){0};
    } else if (is_word(*s->at)) {
        const char *from = s->at;
        while (s->at < s->end && is_word(*s->at)) s->at++;
        s->token = T_WORD;
        s->text = (struct sori_str){from, (size_t)(s->at - from)};
    } else if (*s->at == '"' || *s->at == '\'') {
        s->token = T_TEXT;
        s->text = take_quoted(s);
    } else if (*s->at == '[' && long_level(s) >= 0) {
        s->token = T_TEXT;
        s->text = take_long(s, long_level(s));
    } else {
        s->token = T_SIGN;
        bool twice = *s->at == '=' && s->end - s->at > 1 && s->at[1] == '=';
        s->text = (struct sori_str){s->at, twice ? 2 : 1};
        s->at += s->text.len;
    }
}

static bool sign(const struct scan *s, const char *text) {
    return s->token == T_SIGN && str_is(s->text, text);
}

/* From behind a block's "{" to behind its "}". */
static void scan_keys(struct scan *s, struct line_block *b) {
    int depth = 1;
    bool may_be_key = true;
    next(s);
    while (s->token != T_END && depth > 0) {
        struct scan word = *s;
        bool key = may_be_key && depth == 1 && s->token == T_WORD;
        if (sign(s, "{") || sign(s, "(")) depth++;
        if (sign(s, "}") || sign(s, ")")) depth--;
        may_be_key = depth == 1 && (sign(s, ",") || sign(s, ";"));
        if (depth == 0) break;
        next(s);
        if (!key || !sign(s, "=")) continue;
        b->keys = mem_grow(b->keys, (b->count + 1) * sizeof *b->keys);
        b->keys[b->count++] = (struct line_key){word.text, word.token_line};
    }
    next(s);
}

void lines_scan(struct sori_str source, struct lines *lines) {
    struct scan s = {.at = source.ptr, .end = source.ptr + source.len, .line = 1};
    *lines = (struct lines){0};
    if (source.len == 0) return;
    next(&s);
    while (s.token != T_END) {
        struct line_block b = {.keyword = s.text, .line = s.token_line};
        bool word = s.token == T_WORD;
        next(&s);
        if (!word) continue;
        while (sign(&s, "(") || sign(&s, ")") || (s.token == T_TEXT && b.name.len == 0)) {
            if (s.token == T_TEXT) b.name = s.text;
            next(&s);
        }
        if (!sign(&s, "{")) continue;
        scan_keys(&s, &b);
        lines->blocks = mem_grow(lines->blocks, (lines->count + 1) * sizeof *lines->blocks);
        lines->blocks[lines->count++] = b;
    }
}

void lines_free(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++) free(lines->blocks[i].keys);
    free(lines->blocks);
    *lines = (struct lines){0};
}

const struct line_block *lines_block(const struct lines *lines, struct sori_str keyword,
                                     struct sori_str name, int line) {
    for (size_t i = 0; i < lines->count; i++) {
        const struct line_block *b = &lines->blocks[i];
        if (b->line == line && str_eq(b->keyword, keyword) && str_eq(b->name, name)) return b;
    }
    return NULL;
}

int lines_key(const struct line_block *block, struct sori_str key, int fallback) {
    for (size_t i = 0; block && i < block->count; i++)
        if (str_eq(block->keys[i].key, key)) return block->keys[i].line;
    return fallback;
}
