/* From what blogs send to what an XML parser reads to the end. Parsers stop, or lose what follows,
 * at references that nobody declared, at bare ampersands, at control characters, at a second root
 * and at what stands in front of the declaration; external entities must never be fetched. So all
 * of that is decided here, by text. */
#include "blog/feed.h"
#include "common/html.h"

#include <stdio.h>

struct entity {
    struct sori_str name, value;
};
enum {
    ENTITIES = 64,
    EXPANDED_MAX = 1 << 20, /* bytes that declared entities may grow to in one document */
    ATTRIBUTES_MAX = 256    /* of one element; libxml2 compares each with each */
};

struct cleaner {
    struct text *out;
    struct entity entities[ENTITIES];
    size_t count, expanded;
};

static void put_escaped(struct text *out, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '&')
            text_lit(out, "&amp;");
        else if (s.ptr[i] == '<')
            text_lit(out, "&lt;");
        else if (s.ptr[i] == '>')
            text_lit(out, "&gt;");
        else if (s.ptr[i] == '"')
            text_lit(out, "&quot;");
        else
            text_char(out, s.ptr[i]);
    }
}

static bool allowed(uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

/* Control characters that XML forbids are dropped; those of ISO 8859-1 were meant as windows-1252
 * (html_decode knows them by their numbers). */
static void put_text(struct text *out, struct sori_str s) {
    size_t run = 0;
    for (size_t at = 0; at < s.len;) {
        unsigned char b = (unsigned char)s.ptr[at];
        if (b >= 0x20 && b < 0x80) {
            at++;
            continue;
        }
        size_t before = at;
        uint32_t c = utf8_next(s, &at);
        bool western = c >= 0x80 && c < 0xA0;
        if (allowed(c) && !western) continue;
        text_put(out, s.ptr + run, before - run);
        run = at;
        if (western) {
            char reference[16];
            int n = snprintf(reference, sizeof reference, "&#%u;", c);
            html_decode(out, (struct sori_str){reference, (size_t)n});
        }
    }
    text_put(out, s.ptr + run, s.len - run);
}

/* <!ENTITY name "value"> where the value is text or a character: nothing that could expand. */
static void learn_entity(struct cleaner *c, struct sori_str s) {
    s = s_trim(s);
    size_t n = 0;
    while (n < s.len && !s_blank(s.ptr[n])) n++;
    struct sori_str name = s_head(s, n), value = s_trim(s_from(s, n));
    if (n == 0 || value.len < 2 || (value.ptr[0] != '"' && value.ptr[0] != '\'')) return;
    char quote = value.ptr[0];
    value = s_from(value, 1);
    value = s_head(value, s_find_char(value, quote));
    bool plain = s_find_char(value, '&') == value.len || s_starts(value, "&#");
    if (c->count < ENTITIES && plain && value.len < 200)
        c->entities[c->count++] = (struct entity){name, value};
}

/* Length of the document type at the start of `s`; what it declares is learnt. */
static size_t doctype(struct cleaner *c, struct sori_str s) {
    size_t close = s_find_char(s, '>'), open = s_find_char(s, '[');
    if (open > close) return close < s.len ? close + 1 : s.len;
    size_t end = s_find(s, "]>");
    if (end == s.len) {
        for (end = open; end < s.len && s.ptr[end] != ']';) end++;
        struct sori_str after = s_from(s, end);
        size_t gt = s_find_char(after, '>');
        end = gt < after.len ? end + gt - 1 : s.len;
    }
    struct sori_str inside = s_from(s_head(s, end), open);
    while (inside.len) {
        size_t at = s_find(inside, "<!ENTITY");
        inside = s_from(inside, at + 8);
        if (inside.len) learn_entity(c, inside);
    }
    return end + 2 < s.len ? end + 2 : s.len;
}

static bool declared(struct cleaner *c, struct sori_str name) {
    if (c->expanded > EXPANDED_MAX) return false;
    for (size_t i = 0; i < c->count; i++)
        if (s_eq(c->entities[i].name, name)) {
            struct text value = {0};
            html_decode(&value, c->entities[i].value);
            c->expanded += value.len;
            put_escaped(c->out, text_view(&value));
            text_free(&value);
            return true;
        }
    return false;
}

/* One reference at the start of `s`; returns how much of `s` it was. */
static size_t put_reference(struct cleaner *c, struct sori_str s) {
    static const char *const own[] = {"amp;", "lt;", "gt;", "quot;", "apos;"};
    size_t end = s_find_char(s_head(s, 40), ';');
    struct sori_str rest = s_from(s, 1);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (s_starts(rest, own[i])) {
            text_str(c->out, s_head(s, end + 1));
            return end + 1;
        }
    if (end < 40 && end < s.len && end > 1) {
        struct sori_str name = s_head(rest, end - 1);
        if (declared(c, name)) return end + 1;
        struct text value = {0}, legal = {0};
        html_decode(&value, s_head(s, end + 1));
        bool known = value.len > 0 && !(value.len == end + 1 && value.data[0] == '&');
        if (known) {
            put_text(&legal, text_view(&value));
            put_escaped(c->out, text_view(&legal));
        }
        text_free(&value);
        text_free(&legal);
        if (known) return end + 1;
    }
    text_lit(c->out, "&amp;");
    return 1;
}

static size_t cdata(struct cleaner *c, struct sori_str s) {
    size_t end = s_find(s, "]]>");
    put_text(c->out, s_head(s, end));
    text_lit(c->out, "]]>");
    return end + 3 < s.len ? end + 3 : s.len;
}

/* Does the tag at the start of `s` have more attributes than anybody writes? */
static bool overloaded(struct sori_str s) {
    size_t count = 0;
    char quote = 0;
    for (size_t i = 1; i < s.len && s.ptr[i] != '<'; i++) {
        char c = s.ptr[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return false;
        else if (c == '=' && ++count > ATTRIBUTES_MAX)
            return true;
    }
    return false;
}

static size_t markup(struct cleaner *c, struct sori_str s) {
    if (s_starts(s, "<![CDATA[")) return cdata(c, s);
    if (s_starts(s, "<!--")) {
        size_t end = 4 + s_find(s_from(s, 4), "-->");
        return end + 3 < s.len ? end + 3 : s.len;
    }
    if (s_starts_same(s, "<!DOCTYPE")) return doctype(c, s);
    if (s_starts(s, "<?") || s_starts(s, "<!")) {
        size_t end = s_find_char(s, '>');
        return end < s.len ? end + 1 : s.len;
    }
    bool tag = s.len > 1 && (s_alpha(s.ptr[1]) || s.ptr[1] == '/' || s.ptr[1] == '_' ||
                             s.ptr[1] == ':' || (unsigned char)s.ptr[1] >= 0x80);
    if (tag && overloaded(s)) {
        size_t end = s_find_char(s, '>');
        return end < s.len ? end + 1 : s.len;
    }
    text_lit(c->out, tag ? "<" : "&lt;");
    return 1;
}

void feed_clean(struct text *out, struct sori_str s) {
    struct cleaner c = {.out = out};
    text_lit(out, "<sori-document>");
    while (s.len) {
        size_t at = 0;
        while (at < s.len && s.ptr[at] != '<' && s.ptr[at] != '&') at++;
        put_text(out, s_head(s, at));
        s = s_from(s, at);
        if (s.len) s = s_from(s, s.ptr[0] == '<' ? markup(&c, s) : put_reference(&c, s));
    }
    text_lit(out, "</sori-document>");
}
