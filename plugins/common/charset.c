#include "common/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

/* Labels whose usual meaning is wider than their name; what is not here goes to iconv as it is. */
static const struct alias {
    const char *label, *name;
} aliases[] = {
    {"euc-kr", "CP949"},
    {"euckr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"ks_c_5601", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc_5601", "CP949"},
    {"ksc5601.1987", "CP949"},
    {"ksc5601-1987", "CP949"},
    {"korean", "CP949"},
    {"cp949", "CP949"},
    {"ms949", "CP949"},
    {"windows-949", "CP949"},
    {"x-windows-949", "CP949"},
    {"uhc", "CP949"},
    {"x-euc-kr", "CP949"},
    {"gb2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"chinese", "GB18030"},
    {"euc-cn", "GB18030"},
    {"cp936", "GB18030"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"ms_kanji", "CP932"},
    {"windows-31j", "CP932"},
    {"x-euc-jp", "EUC-JP"},
    {"big5", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso_8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"latin-1", "CP1252"},
    {"l1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"x-cp1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"iso-8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"tis-620", "CP874"},
    {"iso-8859-11", "CP874"},
    {"windows-874", "CP874"},
    {"x-mac-roman", "MACINTOSH"},
    {"x-cp1250", "CP1250"},
    {"x-cp1251", "CP1251"},
    {"ebcdic-cp-us", "IBM037"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"u8", "UTF-8"},
    {"utf-16", "UTF-16"},
    {"utf16", "UTF-16"},
    {"u16", "UTF-16"},
    {"utf_16", "UTF-16"},
    {"iso-10646-ucs-2", "UTF-16"},
    {"ucs-2", "UTF-16"},
    {"unicode", "UTF-16"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-32", "UTF-32"},
    {"utf32", "UTF-32"},
    {"u32", "UTF-32"},
    {"ucs-4", "UTF-32"},
    {"iso-10646-ucs-4", "UTF-32"},
    {"utf-32le", "UTF-32LE"},
    {"utf-32be", "UTF-32BE"},
};

static const char *const held[] = {
    "CP949",       "GB18030",     "CP932",       "EUC-JP",     "BIG5-HKSCS",  "ISO-2022-JP",
    "ISO-2022-KR", "JOHAB",       "EUC-TW",      "KOI8-R",     "KOI8-U",      "CP1250",
    "CP1251",      "CP1252",      "CP1253",      "CP1254",     "CP1255",      "CP1256",
    "CP1257",      "CP1258",      "CP874",       "ISO-8859-2", "ISO-8859-3",  "ISO-8859-4",
    "ISO-8859-5",  "ISO-8859-6",  "ISO-8859-7",  "ISO-8859-8", "ISO-8859-10", "ISO-8859-13",
    "ISO-8859-14", "ISO-8859-15", "ISO-8859-16", "MACINTOSH",  "CP866",       "IBM037",
    "UTF-7",       "CP437",       "CP850",       "TIS-620",
};
#define HELD (sizeof held / sizeof *held)

struct charsets {
    iconv_t open[HELD];
};

struct charsets *charsets_open(void) {
    struct charsets *c = calloc(1, sizeof *c);
    if (!c) abort();
    for (size_t i = 0; i < HELD; i++) c->open[i] = iconv_open("UTF-8", held[i]);
    return c;
}

void charsets_close(struct charsets *c) {
    if (!c) return;
    for (size_t i = 0; i < HELD; i++)
        if (c->open[i] != (iconv_t)-1) iconv_close(c->open[i]);
    free(c);
}

static void bad_one(struct text *out, struct charset_tally *t) {
    text_code(out, 0xFFFD);
    t->bad++;
}

static void decode_utf8(struct text *out, struct sori_str in, struct charset_tally *t) {
    for (size_t at = 0; at < in.len;) {
        size_t before = at;
        uint32_t c = utf8_next(in, &at);
        if (c == 0xFFFD && at - before == 1) {
            bad_one(out, t);
            continue;
        }
        if (c >= 0x80) t->wide++;
        text_put(out, in.ptr + before, at - before);
    }
}

static uint32_t unit(const unsigned char *p, size_t width, bool big) {
    uint32_t v = 0;
    for (size_t i = 0; i < width; i++) v = (v << 8) | p[big ? i : width - 1 - i];
    return v;
}

/* UTF-16 and UTF-32, with or without a byte order mark of their own. */
static void decode_wide(struct text *out, struct sori_str in, size_t width, bool big,
                        struct charset_tally *t) {
    const unsigned char *p = (const unsigned char *)in.ptr;
    size_t n = in.len / width * width;
    for (size_t at = 0; at < n; at += width) {
        uint32_t c = unit(p + at, width, big);
        if (at == 0 && c == 0xFEFF) continue;
        if (width == 2 && c >= 0xD800 && c < 0xDC00 && at + 4 <= n) {
            uint32_t low = unit(p + at + 2, 2, big);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
            bad_one(out, t);
            continue;
        }
        if (c >= 0x80) t->wide++;
        text_code(out, c);
    }
    if (n != in.len) bad_one(out, t);
}

static bool wide_big(struct sori_str in, size_t width, bool otherwise) {
    const unsigned char *p = (const unsigned char *)in.ptr;
    if (in.len < width) return otherwise;
    if (unit(p, width, true) == 0xFEFF) return true;
    if (unit(p, width, false) == 0xFEFF) return false;
    return otherwise;
}

static bool decode_iconv(struct text *out, struct sori_str in, const char *name,
                         struct charset_tally *t) {
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) return false;
    char *from = (char *)(uintptr_t)in.ptr;
    size_t left = in.len;
    char chunk[4096];
    while (left > 0) {
        char *to = chunk;
        size_t space = sizeof chunk;
        size_t r = iconv(cd, &from, &left, &to, &space);
        int e = errno;
        for (char *c = chunk; c < to; c++)
            if (((unsigned char)*c & 0xC0) == 0xC0) t->wide++;
        text_put(out, chunk, (size_t)(to - chunk));
        if (r != (size_t)-1 || e == E2BIG) continue;
        bad_one(out, t); /* EILSEQ, or EINVAL at the end: one byte is given up. */
        from++;
        left--;
        iconv(cd, NULL, NULL, NULL, NULL);
    }
    iconv_close(cd);
    return true;
}

bool charset_decode(struct text *out, struct sori_str bytes, struct sori_str label,
                    struct charset_tally *tally) {
    struct charset_tally mine = {0}, *t = tally ? tally : &mine;
    *t = (struct charset_tally){0};
    label = s_trim(label);
    if (label.len == 0 || label.len > 40) return false;
    char name[48] = {0};
    memcpy(name, label.ptr, label.len);
    for (size_t i = 0; i < label.len; i++)
        if (name[i] == 0 || name[i] == '/' || name[i] == ',') return false;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (s_same(label, aliases[i].label)) {
            memcpy(name, aliases[i].name, strlen(aliases[i].name) + 1);
            break;
        }
    if (strcmp(name, "UTF-8") == 0) {
        decode_utf8(out, bytes, t);
    } else if (strncmp(name, "UTF-16", 6) == 0 || strncmp(name, "UTF-32", 6) == 0) {
        size_t width = name[4] == '1' ? 2 : 4;
        bool big = wide_big(bytes, width, name[6] == 'B' || name[6] == 0);
        decode_wide(out, bytes, width, big, t);
    } else {
        return decode_iconv(out, bytes, name, t);
    }
    return true;
}

/* Does decoded text read as Korean: mostly syllables, and hardly a replacement? */
static bool reads_korean(struct sori_str utf8, const struct charset_tally *t) {
    size_t hangul = 0;
    for (size_t at = 0; at < utf8.len;) {
        uint32_t c = utf8_next(utf8, &at);
        hangul += c >= 0xAC00 && c <= 0xD7A3;
    }
    return t->wide > 0 && t->bad * 20 <= t->wide && hangul * 2 >= t->wide;
}

const char *charset_guess(struct text *out, struct sori_str bytes) {
    if (utf8_valid(bytes)) {
        text_str(out, bytes);
        return "utf-8";
    }
    struct charset_tally t;
    struct text korean = {0};
    bool known = charset_decode(&korean, bytes, s_of("CP949"), &t);
    bool take = known && t.bad == 0 && reads_korean(text_view(&korean), &t);
    if (take) text_str(out, text_view(&korean));
    text_free(&korean);
    if (take) return "cp949";
    if (charset_decode(out, bytes, s_of("CP1252"), &t)) return "windows-1252";
    decode_utf8(out, bytes, &t);
    return "utf-8";
}

struct sori_str charset_of_type(struct sori_str type) {
    size_t at = s_find_same(type, "charset");
    struct sori_str rest = s_trim(s_from(type, at + 7));
    if (rest.len == 0 || rest.ptr[0] != '=') return (struct sori_str){NULL, 0};
    rest = s_trim(s_from(rest, 1));
    if (rest.len && (rest.ptr[0] == '"' || rest.ptr[0] == '\'')) {
        char quote = rest.ptr[0];
        rest = s_from(rest, 1);
        return s_head(rest, s_find_char(rest, quote));
    }
    return s_trim(s_head(rest, s_find_char(rest, ';')));
}

/* The encoding that an XML declaration near the beginning states, or empty. */
static struct sori_str declared(struct sori_str bytes) {
    struct sori_str head = s_head(bytes, 1024);
    size_t at = s_find(head, "<?xml");
    if (at == head.len) return (struct sori_str){NULL, 0};
    head = s_from(head, at);
    head = s_head(head, s_find(head, "?>"));
    struct sori_str rest = s_trim(s_from(head, s_find_same(head, "encoding") + 8));
    if (rest.len == 0 || rest.ptr[0] != '=') return (struct sori_str){NULL, 0};
    rest = s_trim(s_from(rest, 1));
    if (rest.len == 0 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
        return (struct sori_str){NULL, 0};
    char quote = rest.ptr[0];
    rest = s_from(rest, 1);
    return s_trim(s_head(rest, s_find_char(rest, quote)));
}

/* What the first bytes alone prove: a mark, or the zeros of a wide encoding. */
static const char *by_bytes(struct sori_str b, size_t *skip) {
    const unsigned char *p = (const unsigned char *)b.ptr;
    *skip = 0;
    if (b.len >= 4 && p[0] == 0 && p[1] == 0 && p[2] == 0xFE && p[3] == 0xFF) return "UTF-32BE";
    if (b.len >= 4 && p[0] == 0xFF && p[1] == 0xFE && p[2] == 0 && p[3] == 0) return "UTF-32LE";
    if (b.len >= 2 && p[0] == 0xFE && p[1] == 0xFF) return "UTF-16BE";
    if (b.len >= 2 && p[0] == 0xFF && p[1] == 0xFE) return "UTF-16LE";
    if (b.len >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) {
        *skip = 3;
        return "UTF-8";
    }
    if (b.len < 4) return NULL;
    if (p[0] == 0 && p[1] == 0 && p[2] == 0 && p[3]) return "UTF-32BE";
    if (p[0] && p[1] == 0 && p[2] == 0 && p[3] == 0) return "UTF-32LE";
    if (p[0] == 0 && p[1] && p[2] == 0 && p[3]) return "UTF-16BE";
    if (p[0] && p[1] == 0 && p[2] && p[3] == 0) return "UTF-16LE";
    if (p[0] == 0x4C && p[1] == 0x6F && p[2] == 0xA7 && p[3] == 0x94) return "IBM037";
    return NULL;
}

static bool wide_label(struct sori_str label) {
    return s_starts_same(label, "utf-16") || s_starts_same(label, "utf-32") ||
           s_starts_same(label, "utf16") || s_starts_same(label, "utf32") ||
           s_starts_same(label, "ucs") || s_starts_same(label, "u16") ||
           s_starts_same(label, "u32") || s_starts_same(label, "unicode") ||
           s_starts_same(label, "iso-10646");
}

struct choice {
    struct text text;
    struct charset_tally tally;
    struct sori_str label;
    bool known;
};

static bool attempt(struct choice *c, struct sori_str bytes, struct sori_str label) {
    *c = (struct choice){.label = label};
    /* A wide label over bytes without zeros is a mistake of the server's. */
    if (label.len == 0 || wide_label(label) || s_same(label, "us-ascii") || s_same(label, "ascii"))
        return false;
    c->known = charset_decode(&c->text, bytes, label, &c->tally);
    return c->known && c->tally.bad == 0;
}

/* None is clean: the one with the fewest replacements, if they are few. */
static struct choice *least_bad(struct choice *c, size_t n) {
    struct choice *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (c[i].known && c[i].tally.bad * 4 <= c[i].tally.wide &&
            (!best || c[i].tally.bad < best->tally.bad))
            best = &c[i];
    return best;
}

struct sori_str charset_document(struct arena *a, struct sori_str bytes,
                                 struct sori_str content_type, struct sori_str *how) {
    size_t skip;
    const char *proved = by_bytes(bytes, &skip);
    struct sori_str note = {NULL, 0};
    struct text sure = {0};
    if (proved && strcmp(proved, "UTF-8") != 0 &&
        charset_decode(&sure, bytes, s_of(proved), NULL)) {
        if (how) *how = s_of(proved);
        return text_keep(&sure, a);
    }
    bytes = s_from(bytes, skip);
    struct sori_str labels[4] = {skip ? s_of("UTF-8") : charset_of_type(content_type),
                                 declared(bytes), s_of("UTF-8"), s_of("CP949")};
    struct choice c[5] = {0};
    struct choice *taken = NULL;
    size_t n = 0;
    for (; n < 4 && !taken; n++)
        if (attempt(&c[n], bytes, labels[n]) &&
            (n != 3 || reads_korean(text_view(&c[n].text), &c[n].tally)))
            taken = &c[n];
    if (!taken) {
        c[3].known = c[3].known && reads_korean(text_view(&c[3].text), &c[3].tally);
        taken = least_bad(c, 4);
    }
    if (!taken && !attempt(&c[4], bytes, s_of("CP1252")) && !c[4].known)
        charset_decode(&c[4].text, bytes, s_of("UTF-8"), &c[4].tally);
    if (!taken) taken = &c[4];
    struct sori_str stated = labels[0].len ? labels[0] : labels[1];
    note = taken->label;
    if (taken->tally.bad || (stated.len && !s_eq(stated, taken->label)))
        note = arena_format(a, "read as %.*s%s%.*s, %zu characters unreadable", S(taken->label),
                            stated.len ? " though labelled " : "", S(stated), taken->tally.bad);
    struct sori_str result = arena_copy(a, text_view(&taken->text));
    if (how) *how = arena_copy(a, note);
    for (size_t i = 0; i < 5; i++) text_free(&c[i].text);
    return result;
}
