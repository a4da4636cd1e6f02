/* A long text in parts that X takes. Every place between two characters has a rank as a place to
 * cut; of those that are near enough to the limit the best is taken, and of equals the last. */
#include "text_parts.h"

#include <unicode/uchar.h>
#include <unicode/utext.h>

/* NEVER: inside a link or a name. CODE: inside what people see as one character, which may itself
 * be longer than any part. TIGHT: inside a Latin word, beside a sign. LOOSE: between characters of
 * other scripts. WORD and SENTENCE: at the end of one. */
enum rank { NEVER, CODE, TIGHT, LOOSE, WORD, SENTENCE };

struct plan {
    struct codes t;
    unsigned char *rank; /* of a cut in front of the code point */
    size_t *weight;      /* of all in front of it, times SCALE; links weigh at their first */
};

static bool is_closer(uint32_t c) {
    int8_t kind = u_charType((UChar32)c);
    return kind == U_END_PUNCTUATION || kind == U_FINAL_PUNCTUATION || c == '"' || c == '\'';
}

static bool ends_sentence(uint32_t c) {
    return c == 0x2026 || u_hasBinaryProperty((UChar32)c, UCHAR_S_TERM);
}

/* Is `i` behind the end of a sentence, with or without a quotation mark? */
static bool is_after_sentence(const struct codes *t, size_t i) {
    for (int k = 0; k < 3 && i > 1 && is_closer(t->c[i - 1]); k++) i--;
    if (!ends_sentence(t->c[i - 1])) return false;
    /* "1." begins a point of a list. */
    return !(t->c[i - 1] == '.' && i > 1 && t->c[i - 2] >= '0' && t->c[i - 2] <= '9');
}

/* East Asian marks stand without a blank behind them. */
static bool is_wide_mark(uint32_t c) { return (c >= 0x3001 && c <= 0x301F) || c >= 0xFF01; }

static bool has_new_line(const struct codes *t, size_t i) {
    for (; i < t->n && is_space(t->c[i]); i++)
        if (t->c[i] == '\n' || t->c[i] == '\r' || t->c[i] == 0x2028 || t->c[i] == 0x2029)
            return true;
    return false;
}

static bool is_sign(uint32_t c) { return is_at_sign(c) || is_hash_sign(c) || c == '$'; }

/* Of a cut between two characters: in front of code point `i`, 0 < i < n. */
static enum rank rank_at(const struct codes *t, size_t i) {
    uint32_t before = t->c[i - 1], after = t->c[i];
    if (is_space(before)) return LOOSE;
    if (is_space(after)) return is_after_sentence(t, i) || has_new_line(t, i) ? SENTENCE : WORD;
    bool stays = is_closer(after) || ends_sentence(after);
    if (is_wide_mark(before) && !stays) {
        if (is_after_sentence(t, i)) return SENTENCE;
        if (before == 0x3001 || before == 0xFF0C) return WORD;
    }
    if (is_sign(before) || is_sign(after) || stays) return TIGHT;
    return before >= 0x80 || after >= 0x80 ? LOOSE : TIGHT;
}

/* All places: first those inside characters, then what is told by what stands around. */
static void rank_all(struct x_text *x, struct plan *p) {
    const struct codes *t = &p->t;
    UErrorCode code = U_ZERO_ERROR;
    UText *bytes = utext_openUTF8(NULL, t->text.ptr, (int64_t)t->text.len, &code);
    ubrk_setUText(x->clusters, bytes, &code);
    bool known = U_SUCCESS(code);
    int32_t edge = known ? ubrk_first(x->clusters) : 0;
    for (size_t i = 1; i < t->n; i++) {
        if (t->at[i] == t->at[i - 1]) continue; /* several from one: NEVER */
        while (known && edge != UBRK_DONE && (size_t)edge < t->at[i]) edge = ubrk_next(x->clusters);
        p->rank[i] = CODE;
        if (!known || (edge != UBRK_DONE && (size_t)edge == t->at[i]))
            p->rank[i] = (unsigned char)rank_at(t, i);
    }
    p->rank[t->n] = SENTENCE;
    utext_close(bytes);
}

/* Links and names stay whole; in front of one is a place as good as between two syllables. */
static void protect(struct plan *p, struct x_entities e) {
    for (size_t k = 0; k < e.n; k++) {
        size_t i = e.at[k].from;
        if (p->rank[i] == TIGHT) p->rank[i] = LOOSE;
        while (++i < e.at[k].to) p->rank[i] = NEVER;
    }
}

static void weigh_all(struct plan *p, struct x_entities urls) {
    size_t sum = 0, u = 0;
    for (size_t i = 0, end; i < p->t.n; i = end) {
        p->weight[i] = sum;
        if (u < urls.n && urls.at[u].from == i) {
            end = urls.at[u++].to;
            sum += (size_t)X_WEIGHT_URL * SCALE;
        } else {
            sum += unit_weight(&p->t, i, &end);
        }
        for (size_t k = i + 1; k < end; k++) p->weight[k] = sum;
    }
    p->weight[p->t.n] = sum;
}

/* Where to cut [from, …), at most at `to`: a sentence in the second half, else a word, else what
 * there is, in the last three quarters; else anything. Always behind `from`. */
static size_t choose(const struct plan *p, size_t from, size_t to, size_t limit) {
    size_t best[SENTENCE + 1] = {0};
    size_t half = p->weight[from] + limit * SCALE / 2,
           quarter = p->weight[from] + limit * SCALE / 4;
    size_t i = to;
    for (; i > from && p->weight[i] >= quarter; i--) {
        enum rank r = p->rank[i];
        if (r == SENTENCE && p->weight[i] >= half) return i;
        if (best[r] == 0) best[r] = i;
    }
    if (best[SENTENCE] > best[WORD]) best[WORD] = best[SENTENCE];
    for (int r = WORD; r > CODE; r--)
        if (best[r]) return best[r];
    for (; i > from; i--) /* one character as people see it fills the part */
        if (p->rank[i] > CODE) return i;
    return best[CODE] ? best[CODE] : to;
}

static struct sori_str part_of(const struct plan *p, size_t from, size_t to) {
    while (to > from && is_space(p->t.c[to - 1])) to--;
    return codes_view(&p->t, from, to);
}

/* A part that stands alone may be read otherwise than within its text: a cut before "@" makes a
 * name, one in an address makes a link. So each is weighed for itself, and cut shorter if needed.
 */
static size_t cut(struct x_text *x, const struct plan *p, size_t from, size_t to, size_t limit) {
    while (to > from + 1) {
        size_t at = choose(p, from, to, limit);
        struct x_weight w = x_weigh(x, part_of(p, from, at), limit);
        if (w.valid) return at;
        to = at - 1;
        while (to > from + 1 && p->t.at[to] > p->t.at[from] + w.valid_bytes) to--;
    }
    return from + 1;
}

static struct x_parts split(struct x_text *x, struct arena *a, const struct plan *p, size_t limit) {
    size_t n = 0, room = p->weight[p->t.n] / (limit * SCALE / 4) + 4, far = 0;
    struct sori_str *at = arena_get(a, room * sizeof *at);
    for (size_t i = 0, end; i < p->t.n; i = end) {
        end = i + 1;
        if (is_space(p->t.c[i])) continue;
        if (far < i) far = i;
        while (far < p->t.n && p->weight[far + 1] - p->weight[i] <= limit * SCALE) far++;
        end = cut(x, p, i, far, limit);
        if (n == room) {
            struct sori_str *more = arena_get(a, room * 2 * sizeof *more);
            memcpy(more, at, n * sizeof *at);
            at = more;
            room *= 2;
        }
        at[n++] = part_of(p, i, end);
    }
    return (struct x_parts){at, n, NULL};
}

struct x_parts x_split(struct x_text *x, struct arena *a, struct sori_str text, size_t limit) {
    struct arena own = {0};
    struct codes plain = codes_of(&own, text);
    struct plan p = {.t = codes_composed(x, &own, plain)};
    struct x_parts parts = {NULL, 0, NULL};
    if (plain.broken) parts.refused = "the text is no UTF-8";
    for (size_t i = 0; i < plain.n && !parts.refused; i++)
        if (is_refused(plain.c[i]))
            parts.refused = "the text holds U+FEFF, U+FFFE or U+FFFF, which X refuses";
    if (limit < X_LIMIT_MIN) parts.refused = "the limit leaves no room for a link and a name";
    if (!parts.refused && text.len > 0) {
        p.rank = arena_get(&own, p.t.n + 1);
        p.weight = arena_get(&own, (p.t.n + 1) * sizeof *p.weight);
        struct x_entities urls = urls_find(x, &own, &p.t);
        rank_all(x, &p);
        protect(&p, urls);
        protect(&p, mentions_find(&own, &p.t));
        weigh_all(&p, urls);
        parts = split(x, a, &p, limit);
    }
    arena_free(&own);
    return parts;
}
