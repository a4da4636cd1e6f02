/* Names and hashtags in a text. */
#include "text_parts.h"

#include <unicode/uchar.h>

enum { NAME_LONGEST = 20, LIST_LONGEST = 25 };

static bool is_name(uint32_t c) { return is_ascii_alnum(c) || c == '_'; }

/* ---- names ---- */

static bool may_precede_name(uint32_t c) {
    return !is_name(c) && !is_at_sign(c) && c != '!' && c != '#' && c != '$' && c != '%' &&
           c != '&' && c != '*';
}
static bool may_precede_rt(uint32_t c) {
    return !is_name(c) && c != '+' && c != '~' && c != '.' && c != '-';
}

/* May a name begin with the sign at `i`? Characters before `last` belong to the name before. */
static bool name_is_free(const struct codes *t, size_t last, size_t i) {
    if (i == 0) return true;
    if (i - 1 < last) return false;
    if (may_precede_name(t->c[i - 1])) return true;
    /* "RT@name", as people wrote before there were reposts. */
    if (i < last + 2 || (t->c[i - 1] | 0x20) != 't' || (t->c[i - 2] | 0x20) != 'r') return false;
    return i == 2 || (i - 3 >= last && may_precede_rt(t->c[i - 3]));
}

static size_t name_end(const struct codes *t, size_t i) {
    size_t end = i;
    while (end < t->n && end - i < NAME_LONGEST && is_name(t->c[end])) end++;
    return end;
}

static bool is_scheme_mark(const struct codes *t, size_t i) {
    return i + 2 < t->n && t->c[i] == ':' && t->c[i + 1] == '/' && t->c[i + 2] == '/';
}

/* What follows shows that it was no name: an address of mail, a word, a scheme. */
static bool name_is_spoilt(const struct codes *t, size_t end) {
    return end < t->n &&
           (is_at_sign(t->c[end]) || is_latin_accent(t->c[end]) || is_scheme_mark(t, end));
}

static size_t list_end(const struct codes *t, size_t i) {
    if (i + 1 >= t->n || t->c[i] != '/' || !is_ascii_alnum(t->c[i + 1]) ||
        (t->c[i + 1] >= '0' && t->c[i + 1] <= '9'))
        return i;
    size_t end = i + 1;
    while (end < t->n && end - i <= LIST_LONGEST && (is_name(t->c[end]) || t->c[end] == '-')) end++;
    return end;
}

struct x_entities mentions_find(struct arena *a, const struct codes *t) {
    struct entity_list out = {0};
    size_t last = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!is_at_sign(t->c[i]) || !name_is_free(t, last, i)) continue;
        size_t name = name_end(t, i + 1), end = list_end(t, name);
        if (name == i + 1) continue;
        last = end;
        if (!name_is_spoilt(t, end))
            entity_add(
                a, &out,
                (struct x_entity){codes_view(t, i + 1, name), codes_view(t, name, end), i, end});
        i = end - 1;
    }
    return (struct x_entities){out.at, out.n};
}

struct x_entities x_mentions(struct arena *a, struct sori_str text) {
    struct codes t = codes_of(a, text);
    return mentions_find(a, &t);
}

struct sori_str x_reply_to(struct sori_str text) {
    struct arena a = {0};
    struct codes t = codes_of(&a, text);
    struct sori_str name = {text.ptr, 0};
    size_t i = 0;
    while (i < t.n && is_space(t.c[i])) i++;
    if (i < t.n && is_at_sign(t.c[i])) {
        size_t end = name_end(&t, i + 1);
        if (end > i + 1 && !name_is_spoilt(&t, end)) name = codes_view(&t, i + 1, end);
    }
    arena_free(&a);
    return name;
}

/* ---- hashtags ---- */

static bool is_letter(uint32_t c) {
    uint32_t kind = U_GET_GC_MASK((UChar32)c);
    return (kind & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
}

static bool is_tag(uint32_t c) {
    static const uint16_t more[] = {'_',    0x200C, 0x200D, 0xA67E, 0x5BE,  0x5F3,
                                    0x5F4,  0xFF5E, 0x301C, 0x309B, 0x309C, 0x30A0,
                                    0x30FB, 0x3003, 0xF0B,  0xF0C,  0xB7};
    if (c < 0x80) return is_name(c);
    if (is_letter(c) || u_charType((UChar32)c) == U_DECIMAL_DIGIT_NUMBER) return true;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (c == more[i]) return true;
    return false;
}

static bool may_precede_tag(uint32_t c) {
    return c == 0xFE0E || c == 0xFE0F || (c != '&' && !is_tag(c));
}

static struct x_entities tags_find(struct arena *a, const struct codes *t) {
    struct entity_list out = {0};
    size_t last = 0;
    for (size_t i = 0; i + 1 < t->n; i++) {
        if (!is_hash_sign(t->c[i]) || (i > 0 && (i - 1 < last || !may_precede_tag(t->c[i - 1]))))
            continue;
        size_t end = i + 1;
        bool letter = false;
        /* A keycap is an emoji, no sign. */
        if (t->c[end] == 0xFE0F || t->c[end] == 0x20E3) continue;
        for (; end < t->n && is_tag(t->c[end]); end++) letter = letter || is_letter(t->c[end]);
        if (!letter) continue;
        last = end;
        if (end == t->n || (!is_hash_sign(t->c[end]) && !is_scheme_mark(t, end)))
            entity_add(a, &out, (struct x_entity){codes_view(t, i + 1, end), {NULL, 0}, i, end});
        i = end - 1;
    }
    return (struct x_entities){out.at, out.n};
}

struct x_entities x_hashtags(struct x_text *x, struct arena *a, struct sori_str text) {
    struct codes t = codes_of(a, text);
    struct x_entities tags = tags_find(a, &t), urls = {NULL, 0};
    struct entity_list out = {0};
    if (tags.n > 0) urls = urls_find(x, a, &t);
    /* Of two that overlap, tags and links alike, the earlier one stands. */
    size_t taken = 0;
    for (size_t i = 0, u = 0; i < tags.n; i++) {
        for (; u < urls.n && urls.at[u].from <= tags.at[i].from; u++)
            if (urls.at[u].from >= taken) taken = urls.at[u].to;
        if (tags.at[i].from < taken) continue;
        taken = tags.at[i].to;
        entity_add(a, &out, tags.at[i]);
    }
    return (struct x_entities){out.at, out.n};
}

/* ---- whole texts ---- */

static bool is_all(const struct codes *t, struct x_entities found) {
    return found.n == 1 && found.at[0].from == 0 && found.at[0].to == t->n &&
           found.at[0].list.len == 0;
}

bool x_is_username(struct sori_str text) {
    struct arena a = {0};
    struct codes t = codes_of(&a, text);
    bool is = is_all(&t, mentions_find(&a, &t));
    arena_free(&a);
    return is;
}

bool x_is_hashtag(struct sori_str text) {
    struct arena a = {0};
    struct codes t = codes_of(&a, text);
    bool is = is_all(&t, tags_find(&a, &t));
    arena_free(&a);
    return is;
}
