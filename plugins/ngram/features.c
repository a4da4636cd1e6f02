/* Code points to buckets: every n-gram of characters and every word, hashed as they pass by. */
#include "ngram.h"

#include <string.h>

static const uint64_t STEP = 0x9E3779B97F4A7C15u, WORD = 0xA24BAED4963EE407u,
                      PAIR = 0x9FB21C651E98DF25u;

static uint32_t place(uint64_t h, const struct spec *spec) {
    h ^= spec->seed;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(((h >> 32) * spec->buckets) >> 32);
}

void walk_begin(struct walk *w, const struct spec *spec, const struct norm *norm,
                const int8_t *warm, size_t columns) {
    memset(w, 0, sizeof *w);
    w->spec = spec;
    w->norm = norm;
    w->warm = warm;
    w->columns = columns;
}

struct block {
    uint32_t *bucket;
    struct span *span;
    size_t n;
};

static inline void emit(const struct walk *w, struct block *b, uint64_t hash, uint32_t from,
                        uint32_t to) {
    uint32_t at = place(hash, w->spec);
    if (w->warm) __builtin_prefetch(w->warm + (size_t)at * w->columns);
    if (b->span) b->span[b->n] = (struct span){from, to};
    b->bucket[b->n++] = at;
}

/* gram[n] is the hash of the last n characters, kept by one multiplication a step. */
static inline void grams(struct walk *w, struct block *b, const struct unit *u) {
    uint32_t longest = w->spec->longest;
    for (uint32_t n = longest; n > 0; n--) {
        w->gram[n] = w->gram[n - 1] * STEP + u->code;
        w->from[n] = n > 1 ? w->from[n - 1] : u->from;
    }
    w->seen++;
    for (uint32_t n = 1; n <= longest && n <= w->seen; n++)
        emit(w, b, w->gram[n] + n * PAIR, w->from[n], u->to);
}

static void end_word(struct walk *w, struct block *b) {
    if (w->word == 0) return;
    emit(w, b, w->word ^ WORD, w->word_from, w->word_to);
    if (w->spec->words > 1 && w->last_word != 0)
        emit(w, b, (w->last_word * PAIR + w->word) ^ WORD, w->last_from, w->word_to);
    w->last_word = w->word;
    w->last_from = w->word_from;
    w->word = 0;
}

size_t walk_next(struct walk *w, uint32_t *bucket, struct span *span) {
    struct block b = {bucket, span, 0};
    while (w->at < w->norm->n && b.n + NGRAM_LONGEST + 2 <= NGRAM_BLOCK) {
        const struct unit *u = &w->norm->unit[w->at++];
        if (w->spec->spaces || u->code != ' ') grams(w, &b, u);
        if (w->spec->words == 0) continue;
        if (u->code == ' ' || u->code == UNIT_END) {
            end_word(w, &b);
        } else if (u->code != UNIT_BEGIN) {
            if (w->word == 0) w->word_from = u->from;
            w->word = w->word * STEP + u->code;
            w->word_to = u->to;
        }
    }
    return b.n;
}
