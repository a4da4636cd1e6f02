/* Bytes to code points, composed or as they are, each knowing its bytes. */
#include "text_parts.h"

#include <unicode/uloc.h>

#include <stdlib.h>

struct x_text *x_text_open(const char **why) {
    struct x_text *x = calloc(1, sizeof *x);
    UErrorCode code = U_ZERO_ERROR;
    *why = "no memory";
    if (!x) return NULL;
    x->nfc = unorm2_getNFCInstance(&code);
    x->idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &code);
    x->clusters = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &code);
    x->suffixes = psl_builtin();
    x->countries = uloc_getISOCountries();
    if (U_FAILURE(code))
        *why = "ICU has no data for normal forms, host names or characters: is libicudata whole?";
    else if (!x->suffixes)
        *why = "libpsl was built without its list of domain suffixes";
    else
        return x;
    x_text_close(x);
    return NULL;
}

void x_text_close(struct x_text *x) {
    if (!x) return;
    if (x->idna) uidna_close(x->idna);
    if (x->clusters) ubrk_close(x->clusters);
    free(x);
}

struct codes codes_of(struct arena *a, struct sori_str text) {
    uint32_t *c = arena_get(a, (text.len + 1) * sizeof *c);
    size_t *at = arena_get(a, (text.len + 1) * sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < text.len; n++) {
        at[n] = i;
        c[n] = utf8_next(text, &i);
    }
    at[n] = text.len;
    return (struct codes){c, at, n, !utf8_valid(text), text};
}

struct sori_str codes_view(const struct codes *t, size_t from, size_t to) {
    return (struct sori_str){t->text.ptr + t->at[from], t->at[to] - t->at[from]};
}

/* A base and the marks on it are composed together. Real ones are short; ICU sorts the marks of a
 * long one in quadratic time, so that a heap of marks is taken in slices. */
enum { CLUSTER = 64, COMPOSED = CLUSTER * 20 };

static int32_t compose(const UNormalizer2 *nfc, const uint32_t *c, size_t n, UChar *out) {
    UChar in[CLUSTER * 2];
    UErrorCode code = U_ZERO_ERROR;
    int32_t len = 0;
    for (size_t i = 0; i < n; i++) U16_APPEND_UNSAFE(in, len, c[i]);
    len = unorm2_normalize(nfc, in, len, out, COMPOSED, &code);
    return U_SUCCESS(code) ? len : -1;
}

struct codes codes_composed(struct x_text *x, struct arena *a, struct codes from) {
    size_t calm = 0; /* below U+0300 nothing ever changes */
    while (calm < from.n && from.c[calm] < 0x300) calm++;
    if (calm == from.n) return from;
    /* NFC at most triples a text in code points. */
    uint32_t *c = arena_get(a, (from.n * 3 + 1) * sizeof *c);
    size_t *at = arena_get(a, (from.n * 3 + 2) * sizeof *at), n = 0;
    for (size_t i = 0, end; i < from.n; i = end) {
        end = i + 1;
        while (end < from.n && end - i < CLUSTER && from.c[end] >= 0x300 &&
               !unorm2_hasBoundaryBefore(x->nfc, (UChar32)from.c[end]))
            end++;
        UChar made[COMPOSED];
        int32_t len =
            end - i == 1 && from.c[i] < 0x300 ? -1 : compose(x->nfc, from.c + i, end - i, made);
        if (len < 0) {
            for (size_t k = i; k < end; k++, n++) {
                c[n] = from.c[k];
                at[n] = from.at[k];
            }
            continue;
        }
        for (int32_t k = 0; k < len; n++) {
            c[n] = made[k++];
            if (U16_IS_LEAD(c[n]) && k < len)
                c[n] = 0x10000 + ((c[n] - 0xD800) << 10) + (made[k++] - 0xDC00u);
            at[n] = from.at[i];
        }
    }
    at[n] = from.text.len;
    return (struct codes){c, at, n, from.broken, from.text};
}
