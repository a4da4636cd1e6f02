/* Is a text as a whole a URL? By the grammar of RFC 3986, with letters of any script in the host
 * and Cyrillic in paths, as twitter-text has it. */
#include "text_parts.h"

/* [from, to) of the text. */
struct span {
    size_t from, to;
};

static bool is_hex(uint32_t c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f' && c < 0x80);
}

static bool is_unreserved(uint32_t c) {
    return is_ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
           (c >= 0x400 && c <= 0x4FF);
}

static bool is_sub_delim(uint32_t c) {
    return c == '!' || c == '$' || (c >= '&' && c <= ',') || c == ';' || c == '=';
}

/* Only unreserved characters, escapes, and what is in `more`. */
static bool is_made_of(const struct codes *t, struct span s, const char *more) {
    for (size_t i = s.from; i < s.to; i++) {
        uint32_t c = t->c[i];
        if (c == '%') {
            if (s.to - i < 3 || !is_hex(t->c[i + 1]) || !is_hex(t->c[i + 2])) return false;
            i += 2;
        } else if (!is_unreserved(c) && !is_sub_delim(c) &&
                   !(c != 0 && c < 0x80 && strchr(more, (int)c))) {
            return false;
        }
    }
    return true;
}

static size_t find(const struct codes *t, struct span s, const char *any) {
    for (size_t i = s.from; i < s.to; i++)
        if (t->c[i] != 0 && t->c[i] < 0x80 && strchr(any, (int)t->c[i])) return i;
    return s.to;
}

static bool is_digits(const struct codes *t, struct span s) {
    for (size_t i = s.from; i < s.to; i++)
        if (t->c[i] < '0' || t->c[i] > '9') return false;
    return s.to > s.from;
}

static bool is_ipv4(const struct codes *t, struct span s) {
    int parts = 0;
    for (size_t end; s.from <= s.to; s.from = end + 1, parts++) {
        end = find(t, s, ".");
        unsigned value = 0;
        if (end - s.from > 3 || !is_digits(t, (struct span){s.from, end})) return false;
        for (size_t i = s.from; i < end; i++) value = value * 10 + (t->c[i] - '0');
        if (value > 255 || (t->c[s.from] == '0' && end - s.from > 1)) return false;
    }
    return parts == 4;
}

static bool is_ipv6(const struct codes *t, struct span s) {
    if (s.to - s.from < 3 || t->c[s.from] != '[' || t->c[s.to - 1] != ']') return false;
    for (size_t i = s.from + 1; i < s.to - 1; i++)
        if (!is_hex(t->c[i]) && t->c[i] != ':' && t->c[i] != '.') return false;
    return true;
}

static bool is_label(const struct codes *t, struct span s, bool underscores) {
    if (s.to == s.from) return false;
    for (size_t i = s.from; i < s.to; i++) {
        uint32_t c = t->c[i];
        bool inner = i > s.from && i + 1 < s.to;
        if (!is_ascii_alnum(c) && c < 0x80 && !(inner && (c == '-' || (underscores && c == '_'))))
            return false;
    }
    return true;
}

/* At least two labels; the last begins with a letter; only what stands in front of the last two may
 * have underscores. */
static bool is_domain(const struct codes *t, struct span s) {
    size_t dots = 0, seen = 0;
    for (size_t i = s.from; i < s.to; i++) dots += t->c[i] == '.';
    if (dots == 0) return false;
    for (size_t end; s.from <= s.to; s.from = end + 1, seen++) {
        end = find(t, s, ".");
        if (!is_label(t, (struct span){s.from, end}, seen + 1 < dots)) return false;
        if (seen == dots && t->c[s.from] >= '0' && t->c[s.from] <= '9') return false;
    }
    return true;
}

static bool is_authority(const struct codes *t, struct span s) {
    size_t at = find(t, s, "@");
    if (at < s.to) {
        if (!is_made_of(t, (struct span){s.from, at}, ":")) return false;
        s.from = at + 1;
    }
    size_t colon = s.to; /* the last one, when only digits follow */
    while (colon > s.from && t->c[colon - 1] >= '0' && t->c[colon - 1] <= '9') colon--;
    if (colon > s.from && colon < s.to && t->c[colon - 1] == ':') {
        if (s.to - colon > 5) return false;
        s.to = colon - 1;
    }
    return is_ipv4(t, s) || is_ipv6(t, s) || is_domain(t, s);
}

static bool is_http(const struct codes *t, struct span s) {
    struct sori_str scheme = codes_view(t, s.from, s.to);
    return s_same(scheme, "http") || s_same(scheme, "https");
}

static bool is_url(const struct codes *t, bool with_protocol) {
    struct span rest = {0, t->n};
    size_t mark = find(t, rest, ":/?#");
    bool has_scheme = mark > 0 && mark + 2 < t->n && t->c[mark] == ':' && t->c[mark + 1] == '/' &&
                      t->c[mark + 2] == '/';
    if (has_scheme) rest.from = mark + 3;
    if (has_scheme ? !is_http(t, (struct span){0, mark}) : with_protocol) return false;
    size_t path = find(t, rest, "/?#");
    size_t query = find(t, (struct span){path, t->n}, "?#");
    size_t hash = find(t, (struct span){query, t->n}, "#");
    return is_authority(t, (struct span){rest.from, path}) &&
           is_made_of(t, (struct span){path, query}, ":@/") &&
           is_made_of(t, (struct span){query + (query < hash), hash}, ":@/?") &&
           is_made_of(t, (struct span){hash + (hash < t->n), t->n}, ":@/?");
}

bool x_is_url(struct sori_str text, bool with_protocol) {
    struct arena a = {0};
    struct codes t = codes_of(&a, text);
    bool is = !t.broken && is_url(&t, with_protocol);
    arena_free(&a);
    return is;
}
