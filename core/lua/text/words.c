/* Lists of words, searched in one pass over a text whatever their number.
 *
 * Letters are folded (ASCII, Latin-1, full width), Jamo make syllables (some Macs send them apart),
 * runs of blanks count as one. A word begins where a word begins. Hangul may go on after it, since
 * particles do: 소송 is found in 소송을. Other words end where the word ends: "sue" is not in
 * "issue" nor in "suede". A star frees that end:
 * "*소송" is found in 집단소송, "law*" in lawsuit. A sign within a link is no sign: who writes
 * https://shop.kr/?p=1 asks nothing. */
#include "lua/policy_inner.h"
#include "base/utf8.h"

#include <stdlib.h>

static uint32_t fold(uint32_t c) {
    if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0; /* full width */
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
    if (c == '\t' || c == '\n' || c == '\r' || c == 0xa0 || c == 0x3000) return ' ';
    if (c == 0x2019 || c == 0x2018) return '\'';
    return c;
}

bool words_letter(uint32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c < 0xc0 || c == 0xd7 || c == 0xf7) return c == 0xaa || c == 0xb5 || c == 0xba;
    return !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3001 && c <= 0x303f) &&
           !(c >= 0xff00 && c <= 0xff0f) && !(c >= 0xfe00 && c <= 0xfe6f) && c < 0x1f000;
}

enum { LEADS = 0x1100, VOWELS = 0x1161, TRAILS = 0x11a7, S_BASE = 0xac00 };

static bool is_between(uint32_t c, uint32_t from, uint32_t count) { return c - from < count; }

bool words_compose(uint32_t *last, uint32_t c) {
    if (is_between(*last, LEADS, 19) && is_between(c, VOWELS, 21)) {
        *last = S_BASE + ((*last - LEADS) * 21 + (c - VOWELS)) * 28;
        return true;
    }
    bool open = is_between(*last, S_BASE, 11172) && (*last - S_BASE) % 28 == 0;
    if (open && is_between(c, TRAILS + 1, 27)) {
        *last += c - TRAILS;
        return true;
    }
    return false;
}

size_t words_fold(struct sori_str s, uint32_t *out) {
    size_t n = 0, len;
    while (s.len) {
        uint32_t c = fold(utf8_next(s, &len));
        s.ptr += len;
        s.len -= len;
        if (n && ((c == ' ' && out[n - 1] == ' ') || words_compose(&out[n - 1], c))) continue;
        out[n++] = c;
    }
    return n;
}

bool in_parts(struct sori_str name, const char *const *names, size_t n) {
    uint32_t wanted[300], have[300];
    if (name.len > 300) return false;
    size_t len = words_fold(name, wanted);
    for (size_t i = 0; i < n; i++) {
        struct sori_str other = str_c(names[i]);
        if (other.len > 300 || str_eq(other, name) || words_fold(other, have) != len) continue;
        if (other.len > name.len && memcmp(wanted, have, len * sizeof *have) == 0) return true;
    }
    return false;
}

static unsigned bucket_of(uint32_t c) { return c * 2654435761u >> 24; }

/* Fills `w` from what was written; `code` has room. False where nothing is left. */
static bool make_word(struct word *w, struct sori_str written, uint32_t *code) {
    if (written.len && written.ptr[0] == '*') {
        w->loose_start = true;
        written.ptr++;
        written.len--;
    }
    if (written.len && written.ptr[written.len - 1] == '*') {
        w->loose_end = true;
        written.len--;
    }
    size_t n = written.len <= 200 ? words_fold(written, code) : 0;
    w->code = code;
    w->len = (uint16_t)n;
    if (n && utf8_is_hangul(code[n - 1])) w->loose_end = true;
    if (n && !words_letter(code[0])) w->loose_start = true;
    if (n && !words_letter(code[n - 1])) w->loose_end = true;
    return n > 0;
}

bool words_fit(struct reader *r, int line, const char *what, size_t number, struct sori_str word) {
    uint32_t code[208];
    struct word w = {0};
    struct sori_str shown = utf8_cut(word, 60);
    if (word.len > 2 && memchr(word.ptr + 1, '*', word.len - 2))
        return frown(r, line,
                     "%s: \"%.*s\": a star frees an end of a word, \"*죄송\" or \"apolog*\", and "
                     "stands nowhere else",
                     what, STR(shown));
    return make_word(&w, word, code) ||
           frown(r, line, "%s: entry %zu, \"%.*s\", is never found: 1 to 200 bytes are expected",
                 what, number, STR(shown));
}

static bool has_at(const uint32_t *text, size_t n, size_t i, const char *part) {
    for (; *part; part++, i++)
        if (i >= n || text[i] != (unsigned char)*part) return false;
    return true;
}

/* Where the link that begins at `i` ends, before the signs that end a sentence; `i` where none
 * does. */
static size_t link_end(const uint32_t *text, size_t n, size_t i) {
    size_t end = i;
    if (!has_at(text, n, i, "http://") && !has_at(text, n, i, "https://") &&
        !has_at(text, n, i, "www."))
        return i;
    while (end < n && text[end] > ' ' && text[end] < 0x7f) end++;
    while (end > i && strchr(".,!?:;'*~_)", (int)text[end - 1])) end--;
    return end;
}

/* `link`: where the link ends that `i` is in. */
static bool word_at(const struct word *w, const uint32_t *text, size_t n, size_t i, size_t link) {
    if (i < link && !words_letter(w->code[w->len - 1])) return false;
    if (w->len > n - i || memcmp(w->code, text + i, w->len * sizeof *text) != 0) return false;
    if (!w->loose_start && i && words_letter(text[i - 1])) return false;
    return w->loose_end || i + w->len == n || !words_letter(text[i + w->len]);
}

int words_add(struct word_book *book, struct arena *arena, const struct sori_str *words, size_t n) {
    if (book->lists == LISTS_MAX) return -1;
    int list = (int)book->lists++;
    book->shown[list] = arena_get(arena, n * sizeof *words);
    book->count[list] = n;
    for (size_t i = 0; i < n; i++) {
        book->shown[list][i] = arena_copy(arena, words[i]);
        struct word *w = arena_get(arena, sizeof *w);
        w->list = (uint16_t)list;
        w->index = (uint16_t)i;
        if (!make_word(w, words[i], arena_get(arena, (words[i].len + 1) * sizeof *w->code)))
            continue;
        /* Those that may begin inside a word stand before those that may not. */
        struct word **at = &book->bucket[bucket_of(w->code[0])];
        while (!w->loose_start && *at && (*at)->loose_start) at = &(*at)->next;
        w->next = *at;
        *at = w;
    }
    return list;
}

void words_search(struct word_book *book, struct sori_str text, struct facts *f) {
    f->searched = true;
    memset(f->found, 0xff, book->lists * sizeof *f->found);
    if (book->folded_cap < text.len) {
        book->folded_cap = text.len * 2;
        book->folded = mem_grow(book->folded, book->folded_cap * sizeof *book->folded);
    }
    size_t n = words_fold(text, book->folded);
    int64_t steps = 0;
    size_t link = 0;
    for (size_t i = 0; i < n && steps <= WORD_STEPS; i++) {
        bool inside = i && words_letter(book->folded[i - 1]);
        if (i >= link && !inside) link = link_end(book->folded, n, i);
        const uint32_t text_at[2] = {book->folded[i], i + 1 < n ? book->folded[i + 1] : 0};
        for (const struct word *w = book->bucket[bucket_of(book->folded[i])];
             w && (w->loose_start || !inside); w = w->next) {
            steps++;
            /* Most words go no further than their second letter. */
            if (w->code[0] != text_at[0] || (w->len > 1 && w->code[1] != text_at[1])) continue;
            if (f->found[w->list] < 0 && word_at(w, book->folded, n, i, link))
                f->found[w->list] = (int16_t)w->index;
        }
    }
    f->exhausted = steps > WORD_STEPS;
}

void words_ask(const struct policy *p, struct facts *f) {
    if (f->searched || !fact_has(f, FACT_TEXT)) return;
    /* The book's scratch is the policy's own; its words do not change. */
    words_search((struct word_book *)&p->book, f->f[FACT_TEXT].s, f);
}

bool words_in(struct sori_str text, const struct sori_str *words, size_t n) {
    uint32_t *folded = mem_get((text.len + 1) * sizeof *folded), code[208];
    size_t len = words_fold(text, folded), link;
    bool found = false;
    for (size_t k = 0; k < n && !found; k++) {
        struct word w = {0};
        if (!make_word(&w, words[k], code)) continue;
        link = 0;
        for (size_t i = 0; i < len && !found; i++) {
            if (i >= link && !(i && words_letter(folded[i - 1]))) link = link_end(folded, len, i);
            found = word_at(&w, folded, len, i, link);
        }
    }
    free(folded);
    return found;
}
