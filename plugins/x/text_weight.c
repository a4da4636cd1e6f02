/* The weight of a text: characters by range, links 23 each, an emoji 2 however it is made. */
#include "text_parts.h"

#include <unicode/uchar.h>

enum { LIGHT = SCALE, HEAVY = 2 * SCALE, EMOJI_LONGEST = 10 };

static unsigned code_weight(uint32_t c) {
    return c <= 0x10FF || (c >= 0x2000 && c <= 0x200D) || (c >= 0x2010 && c <= 0x201F) ||
                   (c >= 0x2032 && c <= 0x2037)
               ? LIGHT
               : HEAVY;
}

/* Can `c` be the second code point of an emoji? */
static bool makes_emoji(uint32_t c) {
    return c == 0x200D || c == 0xFE0F || c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF) ||
           (c >= 0x1F1E6 && c <= 0x1F1FF) || (c >= 0xE0020 && c <= 0xE007F);
}

/* Code points of the emoji of several code points that begins at `i`, or 0. */
static size_t emoji_length(const struct codes *t, size_t i) {
    if (i + 1 >= t->n || !makes_emoji(t->c[i + 1])) return 0;
    if (!u_hasBinaryProperty((UChar32)t->c[i], UCHAR_EMOJI)) return 0;
    /* A keycap need not be asked to look like an emoji. */
    if (t->c[i] < 0x80 && t->c[i + 1] == 0x20E3) return 2;
    UChar unit[EMOJI_LONGEST * 2];
    int32_t len = 0, ends[EMOJI_LONGEST + 1];
    size_t n = 0;
    for (; n < EMOJI_LONGEST && i + n < t->n; ends[++n] = len)
        U16_APPEND_UNSAFE(unit, len, t->c[i + n]);
    for (; n > 1; n--)
        if (u_stringHasBinaryProperty(unit, ends[n], UCHAR_RGI_EMOJI)) return n;
    return 0;
}

unsigned unit_weight(const struct codes *t, size_t i, size_t *end) {
    size_t emoji = emoji_length(t, i);
    *end = i + (emoji ? emoji : 1);
    return emoji ? HEAVY : code_weight(t->c[i]);
}

static size_t utf16_units(const struct codes *t, size_t bytes) {
    size_t units = 0;
    for (size_t i = 0; i < t->n && t->at[i] < bytes; i++) units += t->c[i] > 0xFFFF ? 2 : 1;
    return units;
}

static void weigh(struct x_text *x, struct arena *a, const struct codes *t, size_t limit,
                  struct x_weight *w) {
    struct x_entities urls = urls_find(x, a, t);
    size_t weight = 0, u = 0;
    bool blank = true;
    w->refused = t->broken;
    for (size_t i = 0, end; i < t->n; i = end) {
        if (u < urls.n && urls.at[u].from == i) {
            end = urls.at[u++].to;
            weight += (size_t)X_WEIGHT_URL * SCALE;
        } else {
            weight += unit_weight(t, i, &end);
        }
        blank = blank && is_space(t->c[i]);
        w->refused = w->refused || is_refused(t->c[i]);
        if (!w->refused && weight <= limit * SCALE) w->valid_bytes = t->at[end];
    }
    w->weight = weight / SCALE;
    w->valid = !w->refused && !blank && weight <= limit * SCALE;
}

struct x_weight x_weigh(struct x_text *x, struct sori_str text, size_t limit) {
    struct arena a = {0};
    struct x_weight w = {0};
    struct codes plain = codes_of(&a, text), t = codes_composed(x, &a, plain);
    weigh(x, &a, &t, limit, &w);
    w.permillage = limit ? w.weight * 1000 / limit : 0;
    w.units = utf16_units(&plain, text.len);
    w.valid_units = utf16_units(&plain, w.valid_bytes);
    arena_free(&a);
    return w;
}
