/* Text as two sides can compare it: a platform may compose letters anew and change blanks. */
#include "facebook/act.h"

#include <stdlib.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static bool is_blank(uint32_t c) {
    return c <= 0x20 || c == 0x7f || c == 0xa0 || (c >= 0x2000 && c <= 0x200f) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff ||
           (c >= 0xfe00 && c <= 0xfe0f);
}

/* Canonically composed; as it is where that cannot be done. */
static struct sori_str composed(struct arena *a, struct sori_str text) {
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&code);
    if (U_FAILURE(code) || !text.len || text.len > 200000) return text;
    int32_t room = (int32_t)text.len * 4 + 16, units = 0, made = 0, bytes = 0;
    UChar *wide = calloc((size_t)room * 2, sizeof *wide);
    if (!wide) abort();
    u_strFromUTF8WithSub(wide, room, &units, text.ptr, (int32_t)text.len, 0xfffd, NULL, &code);
    made = unorm2_normalize(nfc, wide, units, wide + room, room, &code);
    struct sori_str out = text;
    char *narrow = U_SUCCESS(code) ? arena_get(a, (size_t)made * 3 + 1) : NULL;
    if (narrow) {
        u_strToUTF8WithSub(narrow, made * 3 + 1, &bytes, wide + room, made, 0xfffd, NULL, &code);
        if (U_SUCCESS(code)) out = (struct sori_str){narrow, (size_t)bytes};
    }
    free(wide);
    return out;
}

struct sori_str text_essence(struct arena *a, struct sori_str text) {
    struct sori_str whole = composed(a, text);
    struct text out = {0};
    for (size_t at = 0; at < whole.len;) {
        uint32_t c = utf8_next(whole, &at);
        if (!is_blank(c)) text_code(&out, c);
    }
    return text_keep(&out, a);
}

bool text_is_ours(struct arena *a, struct sori_str sent, struct sori_str stored) {
    struct sori_str tail = sent;
    bool named = false;
    while (true) {
        size_t open = s_find(tail, "@["), close = open + s_find_char(s_from(tail, open), ']');
        if (open >= tail.len || close >= tail.len) break;
        tail = s_from(tail, close + 1);
        named = true;
    }
    struct sori_str ours = text_essence(a, tail), theirs = text_essence(a, stored);
    if (!named) return s_eq(ours, theirs) && theirs.len;
    return ours.len && theirs.len >= ours.len && s_eq(s_from(theirs, theirs.len - ours.len), ours);
}
