#include "common/url.h"

#include <idn2.h>

struct url url_split(struct sori_str text) {
    struct url u = {0};
    size_t at = 0;
    while (at < text.len && (s_alpha(text.ptr[at]) || s_digit(text.ptr[at]) ||
                             (at && memchr("+-.", text.ptr[at], 3))))
        at++;
    if (at > 0 && at < text.len && text.ptr[at] == ':' && s_alpha(text.ptr[0])) {
        u.scheme = s_head(text, at);
        text = s_from(text, at + 1);
    }
    size_t hash = s_find_char(text, '#');
    if (hash < text.len) {
        u.has_fragment = true;
        u.fragment = s_from(text, hash + 1);
        text = s_head(text, hash);
    }
    size_t ask = s_find_char(text, '?');
    if (ask < text.len) {
        u.has_query = true;
        u.query = s_from(text, ask + 1);
        text = s_head(text, ask);
    }
    if (s_starts(text, "//")) {
        text = s_from(text, 2);
        size_t slash = s_find_char(text, '/');
        u.has_authority = true;
        u.authority = s_head(text, slash);
        text = s_from(text, slash);
    }
    u.path = text;
    return u;
}

bool url_is_http(struct sori_str text) {
    struct url u = url_split(text);
    return (s_same(u.scheme, "http") || s_same(u.scheme, "https")) && u.authority.len > 0;
}

struct sori_str url_host(struct sori_str authority) {
    size_t at = authority.len;
    while (at > 0 && authority.ptr[at - 1] != '@') at--;
    authority = s_from(authority, at);
    if (authority.len && authority.ptr[0] == '[') {
        size_t close = s_find_char(authority, ']');
        return s_head(authority, close < authority.len ? close + 1 : close);
    }
    return s_head(authority, s_find_char(authority, ':'));
}

static void drop_last_segment(struct text *t, size_t from) {
    while (t->len > from && t->data[t->len - 1] != '/') t->len--;
    if (t->len > from) t->len--;
    if (t->data) t->data[t->len] = 0;
}

/* RFC 3986 §5.2.4 */
static void without_dots(struct text *out, struct sori_str path) {
    size_t from = out->len;
    while (path.len) {
        if (s_starts(path, "../")) {
            path = s_from(path, 3);
        } else if (s_starts(path, "./")) {
            path = s_from(path, 2);
        } else if (s_starts(path, "/./")) {
            path = s_from(path, 2);
        } else if (s_is(path, "/.")) {
            text_char(out, '/');
            return;
        } else if (s_starts(path, "/../") || s_is(path, "/..")) {
            bool last = path.len == 3;
            path = s_from(path, 3);
            drop_last_segment(out, from);
            if (last) {
                text_char(out, '/');
                return;
            }
        } else if (s_is(path, ".") || s_is(path, "..")) {
            return;
        } else {
            size_t n = 1 + s_find_char(s_from(path, 1), '/');
            text_str(out, s_head(path, n));
            path = s_from(path, n);
        }
    }
}

static void put_tail(struct text *out, const struct url *u, bool with_fragment) {
    if (u->has_query) {
        text_char(out, '?');
        text_str(out, u->query);
    }
    if (with_fragment && u->has_fragment) {
        text_char(out, '#');
        text_str(out, u->fragment);
    }
}

void url_resolve(struct text *out, struct sori_str base, struct sori_str ref) {
    struct url b = url_split(s_trim(base)), r = url_split(s_trim(ref));
    if (r.scheme.len || b.scheme.len == 0 || !b.has_authority) {
        text_str(out, s_trim(ref));
        return;
    }
    text_str(out, b.scheme);
    text_lit(out, "://");
    text_str(out, r.has_authority ? r.authority : b.authority);
    if (r.has_authority || (r.path.len && r.path.ptr[0] == '/')) {
        without_dots(out, r.path);
    } else if (r.path.len == 0) {
        text_str(out, b.path);
        if (!r.has_query) {
            r.has_query = b.has_query;
            r.query = b.query;
        }
    } else {
        struct text joined = {0};
        size_t cut = b.path.len;
        while (cut > 0 && b.path.ptr[cut - 1] != '/') cut--;
        text_str(&joined, s_head(b.path, cut));
        if (joined.len == 0) text_char(&joined, '/');
        text_str(&joined, r.path);
        without_dots(out, text_view(&joined));
        text_free(&joined);
    }
    put_tail(out, &r, true);
}

static int hex(char c) {
    if (s_digit(c)) return c - '0';
    c = s_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void escapes(struct text *out, struct sori_str s) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool was_escape =
            c == '%' && i + 2 < s.len && hex(s.ptr[i + 1]) >= 0 && hex(s.ptr[i + 2]) >= 0;
        if (was_escape) {
            c = (unsigned char)(hex(s.ptr[i + 1]) * 16 + hex(s.ptr[i + 2]));
            i += 2;
        }
        bool plain = s_alpha((char)c) || s_digit((char)c) || (c && strchr("-._~", c));
        if (plain || (!was_escape && c > 0x20 && c < 0x7F)) {
            text_char(out, (char)c);
        } else {
            text_char(out, '%');
            text_char(out, digits[c >> 4]);
            text_char(out, digits[c & 15]);
        }
    }
}

static void put_host(struct text *out, struct sori_str host) {
    struct text name = {0};
    char *ascii = NULL;
    text_str(&name, host);
    if (name.len && name.data[0] != '[' && name.len < 256 &&
        idn2_to_ascii_8z(name.data, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK)
        text_lit(out, ascii);
    else
        for (size_t i = 0; i < name.len; i++) text_char(out, s_lower(name.data[i]));
    if (ascii) idn2_free(ascii);
    text_free(&name);
}

bool url_normal(struct text *out, struct sori_str text) {
    struct url u = url_split(s_trim(text));
    bool tls = s_same(u.scheme, "https");
    if ((!tls && !s_same(u.scheme, "http")) || u.authority.len == 0) return false;
    struct sori_str host = url_host(u.authority);
    size_t at = (size_t)(host.ptr - u.authority.ptr);
    if (host.len == 0) return false;
    text_lit(out, tls ? "https://" : "http://");
    text_str(out, s_head(u.authority, at));
    size_t begin = out->len;
    put_host(out, host);
    while (out->len > begin && out->data[out->len - 1] == '.') out->data[--out->len] = 0;
    struct sori_str port = s_from(u.authority, at + host.len);
    if (port.len > 1 && !s_is(port, tls ? ":443" : ":80")) text_str(out, port);
    struct text path = {0};
    escapes(&path, u.path);
    size_t before = out->len;
    without_dots(out, text_view(&path));
    text_free(&path);
    if (out->len == before) text_char(out, '/');
    if (u.has_query) {
        text_char(out, '?');
        escapes(out, u.query);
    }
    if (u.has_fragment) {
        text_char(out, '#');
        escapes(out, u.fragment);
    }
    return true;
}

/* What remains to compare: no scheme, no slash at the end of the path, no fragment unless kept. */
static bool essence(struct text *out, struct sori_str text, bool fragment) {
    struct text normal = {0};
    bool good = url_normal(&normal, text);
    if (good) {
        struct url u = url_split(text_view(&normal));
        text_str(out, u.authority);
        while (u.path.len && u.path.ptr[u.path.len - 1] == '/') u.path.len--;
        text_str(out, u.path);
        put_tail(out, &u, fragment);
    }
    text_free(&normal);
    return good;
}

bool url_names(struct sori_str target, struct sori_str link) {
    struct text a = {0}, b = {0};
    struct url t = url_split(target);
    bool fragment = t.has_fragment && t.fragment.len > 0;
    bool same = essence(&a, target, fragment) && essence(&b, link, fragment) &&
                s_eq(text_view(&a), text_view(&b));
    text_free(&a);
    text_free(&b);
    return same;
}
