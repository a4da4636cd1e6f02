#include "common/html.h"

#include <libxml/HTMLparser.h>

/* What windows-1252 has where ISO 8859-1 has control characters. */
static const uint16_t western[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

static size_t numeric(struct text *out, struct sori_str s) {
    size_t i = 2;
    bool hex = i < s.len && (s.ptr[i] == 'x' || s.ptr[i] == 'X');
    if (hex) i++;
    size_t first = i;
    uint32_t code = 0;
    for (; i < s.len; i++) {
        char c = s_lower(s.ptr[i]);
        uint32_t v = s_digit(c)                    ? (uint32_t)(c - '0')
                     : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                   : 99;
        if (v == 99) break;
        if (code < 0x200000) code = code * (hex ? 16 : 10) + v;
    }
    if (i == first) return 0;
    if (code >= 0x80 && code < 0xA0) code = western[code - 0x80];
    text_code(out, code == 0 ? 0xFFFD : code);
    return i < s.len && s.ptr[i] == ';' ? i + 1 : i;
}

/* Decodes the reference at the start of `s`; 0 where it is none, else how long it was. */
static size_t reference(struct text *out, struct sori_str s) {
    if (s.len > 2 && s.ptr[1] == '#') return numeric(out, s);
    char name[16];
    size_t n = 0;
    while (n + 1 < s.len && n < sizeof name - 1 &&
           (s_alpha(s.ptr[n + 1]) || s_digit(s.ptr[n + 1]))) {
        name[n] = s.ptr[n + 1];
        n++;
    }
    name[n] = 0;
    bool ended = n + 1 < s.len && s.ptr[n + 1] == ';';
    const htmlEntityDesc *e = n ? htmlEntityLookup((const xmlChar *)name) : NULL;
    if (e && (ended || e->value < 256)) {
        text_code(out, e->value);
        return n + 1 + ended;
    }
    return 0;
}

void html_decode(struct text *out, struct sori_str s) {
    while (s.len) {
        size_t at = s_find_char(s, '&');
        text_str(out, s_head(s, at));
        s = s_from(s, at);
        if (s.len == 0) break;
        size_t n = reference(out, s);
        if (n == 0) {
            text_char(out, '&');
            n = 1;
        }
        s = s_from(s, n);
    }
}

void text_fold(struct text *out, struct sori_str s) {
    bool gap = false;
    size_t from = out->len;
    for (size_t i = 0; i < s.len; i++) {
        bool wide = i + 1 < s.len && s.ptr[i] == '\xC2' && s.ptr[i + 1] == '\xA0';
        if (wide || s_blank(s.ptr[i])) {
            gap = true;
            i += wide;
            continue;
        }
        if (gap && out->len > from) text_char(out, ' ');
        gap = false;
        text_char(out, s.ptr[i]);
    }
}

/* The end of a tag: the first '>' that is not inside a quoted value. */
static size_t tag_end(struct sori_str s) {
    char quote = 0, before = 0;
    for (size_t i = 1; i < s.len; i++) {
        char c = s.ptr[i];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '>') {
            return i;
        } else if ((c == '"' || c == '\'') && before == '=') {
            quote = c;
        }
        if (!s_blank(c)) before = c;
    }
    /* A quote that never ends: the first '>' then, as if there were no quotes. */
    return s_find_char(s, '>');
}

static bool tag_begins(struct sori_str s) {
    return s.len > 1 && (s_alpha(s.ptr[1]) || s.ptr[1] == '!' || s.ptr[1] == '?' ||
                         (s.ptr[1] == '/' && s.len > 2 && (s_alpha(s.ptr[2]))));
}

static size_t skip_markup(struct sori_str s) {
    if (s_starts(s, "<!--")) {
        size_t at = 4 + s_find(s_from(s, 4), "-->");
        return at + 3 < s.len ? at + 3 : s.len;
    }
    if (s_starts(s, "<![CDATA[")) return 9;
    size_t at = s_find_char(s, '>');
    return at < s.len ? at + 1 : s.len;
}

bool html_next(struct sori_str *rest, struct sori_str *before, struct html_tag *tag) {
    struct sori_str s = *rest;
    size_t at = 0;
    while (at < s.len) {
        at += s_find_char(s_from(s, at), '<');
        if (at >= s.len || tag_begins(s_from(s, at))) break;
        at++;
    }
    *before = s_head(s, at);
    *tag = (struct html_tag){0};
    if (at >= s.len) {
        *rest = (struct sori_str){NULL, 0};
        return false;
    }
    s = s_from(s, at);
    if (s.ptr[1] == '!' || s.ptr[1] == '?') {
        *rest = s_from(s, skip_markup(s));
        return true;
    }
    size_t end = tag_end(s);
    struct sori_str inside = s_from(s_head(s, end), 1);
    tag->closing = inside.len && inside.ptr[0] == '/';
    if (tag->closing) inside = s_from(inside, 1);
    size_t n = 0;
    while (n < inside.len && !s_blank(inside.ptr[n]) && inside.ptr[n] != '/') n++;
    tag->name = s_head(inside, n);
    tag->attributes = s_from(inside, n);
    *rest = s_from(s, end < s.len ? end + 1 : s.len);
    return true;
}

bool html_attribute(const struct html_tag *tag, const char *name, struct text *out) {
    struct sori_str s = tag->attributes;
    while (s.len) {
        size_t i = 0;
        while (i < s.len && (s_blank(s.ptr[i]) || s.ptr[i] == '/')) i++;
        s = s_from(s, i);
        for (i = 0; i < s.len && !s_blank(s.ptr[i]) && s.ptr[i] != '=';) i++;
        if (s.len && i == 0) i = 1; /* a stray '=' */
        struct sori_str key = s_head(s, i), value = {NULL, 0};
        struct sori_str after = s_trim(s_from(s, i));
        s = after;
        if (after.len && after.ptr[0] == '=') {
            after = s_trim(s_from(after, 1));
            char quote =
                after.len && (after.ptr[0] == '"' || after.ptr[0] == '\'') ? after.ptr[0] : 0;
            if (quote) after = s_from(after, 1);
            for (i = 0; i < after.len && (quote ? after.ptr[i] != quote : !s_blank(after.ptr[i]));)
                i++;
            value = s_head(after, i);
            s = s_from(after, i + (quote ? 1 : 0));
        }
        if (s_same(key, name)) {
            html_decode(out, value);
            return true;
        }
    }
    return false;
}

bool html_has_word(struct sori_str words, const char *word) {
    while ((words = s_trim(words)).len) {
        size_t n = 0;
        while (n < words.len && !s_blank(words.ptr[n])) n++;
        if (s_same(s_head(words, n), word)) return true;
        words = s_from(words, n);
    }
    return false;
}

static bool one_of(struct sori_str name, const char *const *names) {
    for (; *names; names++)
        if (s_same(name, *names)) return true;
    return false;
}

/* Plain text under way: line ends are owed until something follows them. */
struct plain {
    struct text *out;
    size_t from;
    int lines; /* owed */
    bool gap;
};

static void plain_text(struct plain *p, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        bool wide = i + 1 < s.len && s.ptr[i] == '\xC2' && s.ptr[i + 1] == '\xA0';
        if (wide || s_blank(s.ptr[i])) {
            p->gap = true;
            i += wide;
            continue;
        }
        if (p->out->len > p->from) {
            for (int n = 0; n < p->lines; n++) text_char(p->out, '\n');
            if (!p->lines && p->gap) text_char(p->out, ' ');
        }
        p->lines = 0;
        p->gap = false;
        text_char(p->out, s.ptr[i]);
    }
}

static void owe(struct plain *p, int lines) {
    if (p->lines < lines) p->lines = lines;
}

/* Passes over what stands between <script> and </script>. */
static void skip_to_close(struct sori_str *rest, struct sori_str name) {
    char close[16] = "</";
    memcpy(close + 2, name.ptr, name.len);
    size_t at = s_find_same(*rest, close);
    *rest = s_from(*rest, at);
}

void html_plain(struct text *out, struct sori_str html) {
    static const char *const hidden[] = {"script", "style", "template", NULL};
    static const char *const lines[] = {"div", "li", "tr", "dt", "dd", "section", "article", NULL};
    static const char *const paragraphs[] = {"p",     "blockquote", "pre", "ul", "ol",
                                             "table", "h1",         "h2",  "h3", "h4",
                                             "h5",    "h6",         "hr",  "dl", NULL};
    struct plain p = {.out = out, .from = out->len};
    struct sori_str before;
    struct html_tag tag;
    struct text decoded = {0};
    bool more = true;
    while (more) {
        more = html_next(&html, &before, &tag);
        decoded.len = 0;
        html_decode(&decoded, before);
        plain_text(&p, text_view(&decoded));
        if (!tag.closing && one_of(tag.name, hidden)) skip_to_close(&html, tag.name);
        if (s_same(tag.name, "br")) {
            p.lines = p.lines < 2 ? p.lines + 1 : 2;
        } else if (one_of(tag.name, paragraphs)) {
            owe(&p, 2);
        } else if (one_of(tag.name, lines)) {
            owe(&p, 1);
        }
    }
    text_free(&decoded);
}
