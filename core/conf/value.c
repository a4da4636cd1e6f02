#include "conf/value.h"

#include "base/utf8.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool lower(char c) { return c >= 'a' && c <= 'z'; }
static bool letter(char c) { return lower(c) || (c >= 'A' && c <= 'Z'); }

bool value_int(struct sori_str s, int64_t *out) {
    size_t i = s.len && s.ptr[0] == '-' ? 1 : 0;
    bool minus = i == 1;
    int64_t v = 0;
    if (i == s.len || s.len - i > 18) return false;
    for (; i < s.len; i++) {
        if (!digit(s.ptr[i])) return false;
        v = v * 10 + (s.ptr[i] - '0');
    }
    *out = minus ? -v : v;
    return true;
}

bool value_size(struct sori_str s, int64_t *bytes) {
    int shift = 0;
    if (s.len == 0) return false;
    switch (s.ptr[s.len - 1]) {
    case 'k': shift = 10; break;
    case 'm': shift = 20; break;
    case 'g': shift = 30; break;
    default: break;
    }
    if (shift) s.len--;
    int64_t n;
    if (!value_int(s, &n) || n < 0 || n > (INT64_MAX >> shift)) return false;
    *bytes = n * ((int64_t)1 << shift);
    return true;
}

bool value_share(struct sori_str s, int64_t *out) {
    if (s.len < 2 || s.ptr[s.len - 1] != '%') return false;
    s.len--;
    int64_t v = 0;
    int after = -1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && after < 0 && i > 0 && i + 1 < s.len) {
            after = 0;
            continue;
        }
        if (!digit(s.ptr[i]) || after == 2 || v > 100000) return false;
        v = v * 10 + (s.ptr[i] - '0');
        if (after >= 0) after++;
    }
    for (int i = after < 0 ? 0 : after; i < 2; i++) v *= 10;
    *out = v;
    return v <= 10000;
}

bool value_name(struct sori_str s) {
    if (s.len == 0 || s.len > 64 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-') return false;
    for (size_t i = 0; i < s.len; i++)
        if (!lower(s.ptr[i]) && !digit(s.ptr[i]) && s.ptr[i] != '-') return false;
    return true;
}

/* Cuts ":port" off the end; false where there is none from 1 to 65535. */
static bool cut_port(struct sori_str *s) {
    const char *colon = s->len ? memrchr(s->ptr, ':', s->len) : NULL;
    if (!colon) return false;
    struct sori_str port = {colon + 1, (size_t)(s->ptr + s->len - colon - 1)};
    s->len = (size_t)(colon - s->ptr);
    int64_t n;
    return port.len <= 5 && value_int(port, &n) && n >= 1 && n <= 65535;
}

static bool v6_in_brackets(struct sori_str s) {
    char text[INET6_ADDRSTRLEN];
    struct in6_addr six;
    if (s.len < 4 || s.len - 2 >= sizeof text || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
        return false;
    snprintf(text, sizeof text, "%.*s", (int)(s.len - 2), s.ptr + 1);
    return inet_pton(AF_INET6, text, &six) == 1;
}

bool value_listen(struct sori_str s) {
    struct in_addr four;
    char text[INET_ADDRSTRLEN];
    if (!cut_port(&s)) return false;
    if (str_is(s, "localhost") || v6_in_brackets(s)) return true;
    if (s.len == 0 || s.len >= sizeof text) return false;
    snprintf(text, sizeof text, "%.*s", STR(s));
    return inet_pton(AF_INET, text, &four) == 1;
}

static bool host_like(struct sori_str s) {
    if (v6_in_brackets(s)) return true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool wide = (unsigned char)c >= 0x80; /* 온결.한국 */
        if (!letter(c) && !digit(c) && !wide && c != '.' && c != '-' && c != '_') return false;
    }
    return s.len > 0 && s.len < 256 && s.ptr[0] != '.';
}

bool value_allow(struct sori_str s) {
    if (s.len && s.ptr[0] == '/') {
        if (s.len < 2 || s.len > 4000 || memchr(s.ptr, 0, s.len)) return false;
        for (size_t i = 0; i + 2 < s.len; i++)
            if (s.ptr[i] == '/' && s.ptr[i + 1] == '.' &&
                (s.ptr[i + 2] == '/' ||
                 (s.ptr[i + 2] == '.' && (i + 3 == s.len || s.ptr[i + 3] == '/'))))
                return false;
        return true;
    }
    return cut_port(&s) && host_like(s);
}

static bool head(struct sori_str *s, const char *text) {
    size_t n = strlen(text);
    if (s->len < n || strncasecmp(s->ptr, text, n) != 0) return false;
    s->ptr += n;
    s->len -= n;
    return true;
}

bool value_url(struct sori_str s, bool folder) {
    if (s.len > 4096) return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= 0x20 || s.ptr[i] == 0x7f || s.ptr[i] == '\\') return false;
    if (folder && head(&s, "folder:///")) return s.len > 0;
    if (!head(&s, "http://") && !head(&s, "https://")) return false;
    size_t n = 0;
    while (n < s.len && !strchr("/?#", s.ptr[n])) n++;
    struct sori_str host = {s.ptr, n};
    const char *colon = n ? memrchr(host.ptr, ':', n) : NULL;
    bool six = n && host.ptr[0] == '[';
    if (colon && (!six || host.ptr[n - 1] != ']') && !cut_port(&host)) return false;
    return host_like(host);
}

bool value_zone(struct sori_str s) {
    if (s.len == 0 || s.len > 64 || !letter(s.ptr[0]) || s.ptr[s.len - 1] == '/') return false;
    bool slash = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '/' && s.ptr[i - 1] == '/') return false;
        slash |= c == '/';
        if (!letter(c) && !digit(c) && !strchr("/_-+", c)) return false;
    }
    return slash || str_is(s, "UTC");
}

bool value_lang(struct sori_str s) {
    size_t n = 0;
    while (n < s.len && lower(s.ptr[n])) n++;
    if (n < 2 || n > 3) return false;
    if (n == s.len) return true;
    if (s.ptr[n] != '-' || s.len - n < 3 || s.len - n > 9) return false;
    for (size_t i = n + 1; i < s.len; i++)
        if (!letter(s.ptr[i]) && !digit(s.ptr[i])) return false;
    return true;
}

void value_show(struct buf *b, struct sori_str s) {
    enum { SHOWN = 60 };
    const char *scheme = s.len ? memmem(s.ptr, s.len, "://", 3) : NULL;
    const char *at = scheme ? memrchr(s.ptr, '@', s.len) : NULL;
    buf_putc(b, '"');
    if (at > scheme) {
        buf_put(b, s.ptr, (size_t)(scheme + 3 - s.ptr));
        buf_puts(b, "…");
        s = (struct sori_str){at, (size_t)(s.ptr + s.len - at)};
    }
    /* What follows the question mark of a URL may be a token. */
    const char *query = scheme ? memchr(s.ptr, '?', s.len) : NULL;
    size_t shown = query ? (size_t)(query + 1 - s.ptr) : s.len;
    struct sori_str cut = utf8_cut((struct sori_str){s.ptr, shown}, SHOWN);
    buf_str(b, cut);
    buf_puts(b, cut.len < s.len ? "…\"" : "\"");
}
