/* Text to code points: composed (NFC), full-width to ASCII, lower case, links and @names to one
 * mark each, runs cut to two, blanks to one. A change here needs a new NGRAM_NORMALISER. */
#include "ngram.h"

#include <unicode/unorm2.h>

#include <stdlib.h>
#include <string.h>

bool norm_make(struct norm *s) {
    memset(s, 0, sizeof *s);
    size_t room = NGRAM_TEXT + 4;
    s->unit = malloc(room * sizeof *s->unit);
    s->raw = malloc(room * sizeof *s->raw);
    s->spare = malloc(room * sizeof *s->spare);
    if (s->unit && s->raw && s->spare) return true;
    norm_free(s);
    return false;
}

void norm_free(struct norm *s) {
    free(s->unit);
    free(s->raw);
    free(s->spare);
    memset(s, 0, sizeof *s);
}

/* One code point at `p`; broken bytes give U+FFFD and length 1. */
static uint32_t decode(const unsigned char *p, size_t left, size_t *len) {
    uint32_t c = p[0];
    *len = 1;
    if (c < 0x80) return c;
    size_t need = c >= 0xF0 && c < 0xF5   ? 4
                  : c >= 0xE0 && c < 0xF0 ? 3
                  : c >= 0xC2 && c < 0xE0 ? 2
                                          : 0;
    if (need == 0 || need > left) return 0xFFFD;
    c &= 0x7Fu >> need;
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0xFFFD;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if ((need == 3 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) ||
        (need == 4 && (c < 0x10000 || c > 0x10FFFF)))
        return 0xFFFD;
    *len = need;
    return c;
}

/* True for code points that composition never changes and that never change a neighbour of the
 * same kind: nearly all that is written. Everything else goes the long way. */
static bool composed(uint32_t c) {
    return c < 0x300 || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x3130 && c <= 0x318F) ||
           (c >= 0x3000 && c <= 0x3098) || (c >= 0x309B && c <= 0x30FF) ||
           (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x2010 && c <= 0x205E) ||
           (c >= 0x2500 && c <= 0x27FF) || (c >= 0x400 && c <= 0x482) ||
           (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0xFF00 && c <= 0xFFEF);
}

static size_t read_units(struct norm *s, struct sori_str text, bool *plain) {
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t size = text.len < NGRAM_TEXT ? text.len : NGRAM_TEXT, n = 0;
    *plain = true;
    for (size_t at = 0, len; at < size; at += len) {
        uint32_t c = decode(p + at, size - at, &len);
        *plain = *plain && composed(c);
        s->raw[n++] = (struct unit){c, (uint32_t)at, (uint32_t)(at + len)};
    }
    return n;
}

static size_t utf16(const struct unit *u, size_t n, UChar *out) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = u[i].code;
        if (c >= 0x10000) {
            out[len++] = (UChar)(0xD7C0 + (c >> 10));
            c = 0xDC00 + (c & 0x3FF);
        }
        out[len++] = (UChar)c;
    }
    return len;
}

/* Composes raw into spare, cluster by cluster (a base and what may combine with it), so that every
 * composed character still knows its bytes. Returns the units in spare. */
static size_t compose(struct norm *s, size_t n) {
    enum { CLUSTER = 64 };
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&code);
    if (U_FAILURE(code)) {
        memcpy(s->spare, s->raw, n * sizeof *s->raw);
        return n;
    }
    size_t out = 0;
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && end - i < CLUSTER &&
               !unorm2_hasBoundaryBefore(nfc, (UChar32)s->raw[end].code))
            end++;
        UChar in[CLUSTER * 2], made[CLUSTER * 8];
        code = U_ZERO_ERROR;
        int32_t len = unorm2_normalize(nfc, in, (int32_t)utf16(s->raw + i, end - i, in), made,
                                       CLUSTER * 8, &code);
        for (int32_t k = 0; U_SUCCESS(code) && k < len && out < NGRAM_TEXT;) {
            uint32_t c = made[k++];
            if (c >= 0xD800 && c < 0xDC00 && k < len)
                c = 0x10000 + ((c - 0xD800) << 10) + (made[k++] - 0xDC00u);
            s->spare[out++] = (struct unit){c, s->raw[i].from, s->raw[end - 1].to};
        }
    }
    return out;
}

static uint32_t lower(uint32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c < 0x100) return c >= 0xC0 && c <= 0xDE && c != 0xD7 ? c + 32 : c;
    if (c < 0x180) {
        if (c == 0x130) return 'i';
        if (c == 0x178) return 0xFF;
        if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1);
        if (c == 0x138 || c == 0x149 || c == 0x17F) return c;
        return c | 1;
    }
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    return c;
}

/* 0: nothing is left of it. */
static uint32_t fold(uint32_t c) {
    if (c < 0x80) return c <= 0x20 || c == 0x7F ? ' ' : lower(c);
    if (c >= 0xAC00 && c <= 0xD7A3) return c;
    if (c >= 0xFF01 && c <= 0xFF5E) return lower(c - 0xFEE0);
    if ((c >= 0x80 && c <= 0xA0) || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
        c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x1680)
        return ' ';
    if ((c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0x2060 ||
        c == 0xFEFF || c == 0xAD || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE000 && c <= 0xF8FF))
        return 0;
    return lower(c);
}

static bool ascii_word(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}
static bool hangul(uint32_t c) {
    return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x3131 && c <= 0x318E);
}

static bool begins(const struct unit *u, size_t n, const char *word) {
    for (size_t i = 0; word[i] != 0; i++)
        if (i >= n || fold(u[i].code) != (unsigned char)word[i]) return false;
    return true;
}

/* Units of a link at `u`, 0 where there is none. A link ends where Korean is glued to it. */
static size_t link_length(const struct unit *u, size_t n, uint32_t before) {
    if (ascii_word(before)) return 0;
    if (!begins(u, n, "http://") && !begins(u, n, "https://") && !begins(u, n, "www.")) return 0;
    size_t len = 0;
    while (len < n && u[len].code > 0x20 && u[len].code < 0x7F && u[len].code != '<' &&
           u[len].code != '>' && u[len].code != '"')
        len++;
    return len;
}

static size_t name_length(const struct unit *u, size_t n, uint32_t before) {
    if (ascii_word(before)) return 0;
    size_t len = 1;
    while (len < n) {
        uint32_t c = fold(u[len].code);
        if (!ascii_word(c) && !hangul(c) &&
            !(c == '.' && len + 1 < n && ascii_word(fold(u[len + 1].code))))
            break;
        len++;
    }
    return len > 1 ? len : 0;
}

/* Anything but blanks, punctuation and our marks. */
static bool is_usable(uint32_t c) {
    if (c < 0x80) return ascii_word(c) && c != '_';
    return !(c >= 0xE000 && c <= 0xF8FF) && !(c >= 0x2010 && c <= 0x205E) &&
           !(c >= 0xA1 && c <= 0xBF) && !(c >= 0x3001 && c <= 0x303F) && c != 0xFFFD;
}

static void keep(struct norm *s, struct unit u) {
    size_t n = s->n;
    if (u.code == ' ' && (s->unit[n - 1].code == ' ' || s->unit[n - 1].code == UNIT_BEGIN)) return;
    if (n > 2 && s->unit[n - 1].code == u.code && s->unit[n - 2].code == u.code) {
        s->unit[n - 1].to = u.to;
        return;
    }
    s->usable += is_usable(u.code);
    s->unit[s->n++] = u;
}

void norm_text(struct norm *s, struct sori_str text) {
    bool plain;
    size_t n = read_units(s, text, &plain);
    const struct unit *u = s->raw;
    if (!plain) {
        n = compose(s, n);
        u = s->spare;
    }
    s->n = 0;
    s->usable = 0;
    s->unit[s->n++] = (struct unit){UNIT_BEGIN, 0, 0};
    uint32_t before = ' ';
    for (size_t i = 0, len; i < n; i += len) {
        struct unit one = {fold(u[i].code), u[i].from, u[i].to};
        len = 0;
        if (one.code == 'h' || one.code == 'w') {
            len = link_length(u + i, n - i, before);
            if (len > 0) one.code = UNIT_LINK;
        } else if (one.code == '@') {
            len = name_length(u + i, n - i, before);
            if (len > 0) one.code = UNIT_NAME;
        }
        if (len == 0) len = 1;
        one.to = u[i + len - 1].to;
        if (one.code == 0) continue;
        keep(s, one);
        before = one.code;
    }
    if (s->unit[s->n - 1].code == ' ') s->n--;
    uint32_t end = n > 0 ? u[n - 1].to : 0;
    s->unit[s->n++] = (struct unit){UNIT_END, end, end};
}
