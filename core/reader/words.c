/* What a text is found by. Korean joins particles to words without a blank (환불이요), so words of
 * Hangul are found by pairs of neighbouring syllables; the same serves Kana and Han. */
#include "reader/part.h"

#include "base/utf8.h"

enum char_class { C_NONE, C_WORD, C_PAIR };

static bool is_pair(uint32_t c) {
    return (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x3130 && c <= 0x318f) ||
           (c >= 0x3041 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x1100 && c <= 0x11ff) ||
           (c >= 0x20000 && c <= 0x3ffff);
}

static enum char_class class_of(uint32_t c) {
    if (is_pair(c)) return C_PAIR;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) return C_WORD;
    if (c < 0xc0 || c == 0xd7 || c == 0xf7) return C_NONE;
    if (c < 0x1fff) return C_WORD;
    return C_NONE; /* punctuation, symbols, emoji */
}

static uint32_t lower(uint32_t c) {
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c >= 0xff01 && c <= 0xff5e) return lower(c - 0xfee0); /* full width */
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
    if (c >= 0x100 && c <= 0x17f && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149 &&
        c != 0x178 && c != 0x17f) {
        bool odd_is_small = c < 0x139 || c > 0x148;
        if (c > 0x178) odd_is_small = false;
        return odd_is_small ? c | 1 : c + (c & 1);
    }
    if (c >= 0x391 && c <= 0x3a9) return c + 32;
    if (c >= 0x410 && c <= 0x42f) return c + 32;
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    return c;
}

/* One folded character off the front; conjoining Jamo are composed to a syllable. */
static uint32_t next(struct sori_str *s) {
    size_t len;
    uint32_t c = utf8_next(*s, &len);
    s->ptr += len;
    s->len -= len;
    if (c < 0x1100 || c > 0x1112 || s->len == 0) return lower(c);
    uint32_t v = utf8_next(*s, &len);
    if (v < 0x1161 || v > 0x1175) return c;
    s->ptr += len;
    s->len -= len;
    uint32_t syllable = 0xac00 + ((c - 0x1100) * 21 + (v - 0x1161)) * 28;
    if (s->len == 0) return syllable;
    uint32_t t = utf8_next(*s, &len);
    if (t < 0x11a8 || t > 0x11c2) return syllable;
    s->ptr += len;
    s->len -= len;
    return syllable + (t - 0x11a7);
}

void words_fold(struct sori_str text, struct buf *folded) {
    while (text.len > 0) utf8_put(folded, next(&text));
}

/* The terms of a text with what ends each: " " for the index. `prefix` marks those of a query whose
 * last character is open to the right. */
struct terms {
    struct buf *out;
    bool query;
};

static void put_term(struct terms *t, struct sori_str term, bool open) {
    if (!t->query) {
        buf_str(t->out, term);
        buf_putc(t->out, ' ');
        return;
    }
    if (t->out->len > 0) buf_puts(t->out, " AND ");
    buf_putc(t->out, '"');
    buf_str(t->out, term);
    buf_puts(t->out, open ? "\"*" : "\"");
}

/* A run of pair characters. Each pair, and in the index the last character alone, so that a single
 * one is found as the beginning of a term wherever it stands. */
static void put_pairs(struct terms *t, struct sori_str run) {
    size_t len;
    utf8_next(run, &len);
    if (len == run.len) {
        put_term(t, run, true);
        return;
    }
    while (run.len > len) {
        size_t second;
        utf8_next((struct sori_str){run.ptr + len, run.len - len}, &second);
        put_term(t, (struct sori_str){run.ptr, len + second}, false);
        run.ptr += len;
        run.len -= len;
        len = second;
    }
    if (!t->query) put_term(t, run, false);
}

enum { WORD_MAX = 64, /* bytes of a word that are looked at */ };

static void each_run(struct sori_str text, struct terms *t) {
    struct buf run = {0};
    enum char_class current = C_NONE;
    for (bool end = false; !end;) {
        end = text.len == 0;
        uint32_t c = end ? 0 : next(&text);
        enum char_class class = end ? C_NONE : class_of(c);
        if (class != current && run.len > 0) {
            if (current == C_PAIR)
                put_pairs(t, buf_view(&run));
            else
                put_term(t, utf8_cut(buf_view(&run), WORD_MAX), true);
            buf_clear(&run);
        }
        current = class;
        if (class != C_NONE) utf8_put(&run, c);
    }
    buf_free(&run);
}

void words_terms(struct sori_str text, struct buf *terms) {
    struct terms t = {terms, false};
    each_run(text, &t);
}

bool words_match(struct sori_str query, struct buf *expression) {
    struct terms t = {expression, true};
    size_t before = expression->len;
    each_run(query, &t);
    return expression->len > before;
}

/* Is `word` in `text`? Words of letters only where one begins. */
static bool holds(struct sori_str text, struct sori_str word) {
    size_t len;
    bool at_start = class_of(utf8_next(word, &len)) == C_WORD;
    const char *from = text.ptr;
    size_t left = text.len;
    while (left >= word.len) {
        const char *hit = memmem(from, left, word.ptr, word.len);
        if (!hit) return false;
        if (!at_start || hit == text.ptr) return true;
        const char *before = hit - 1;
        while (before > text.ptr && ((unsigned char)*before & 0xc0) == 0x80) before--;
        if (class_of(utf8_next((struct sori_str){before, (size_t)(hit - before)}, &len)) != C_WORD)
            return true;
        left -= (size_t)(hit + 1 - from);
        from = hit + 1;
    }
    return false;
}

bool words_hold(struct sori_str text, struct sori_str query) {
    struct buf folded = {0}, run = {0};
    words_fold(text, &folded);
    enum char_class current = C_NONE;
    bool all = true;
    for (bool end = false; !end && all;) {
        end = query.len == 0;
        uint32_t c = end ? 0 : next(&query);
        enum char_class class = end ? C_NONE : class_of(c);
        if (class != current && run.len > 0) {
            all = holds(buf_view(&folded), buf_view(&run));
            buf_clear(&run);
        }
        current = class;
        if (class != C_NONE) utf8_put(&run, c);
    }
    buf_free(&folded);
    buf_free(&run);
    return all;
}
