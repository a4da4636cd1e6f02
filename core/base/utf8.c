#include "base/utf8.h"

uint32_t utf8_next(struct sori_str s, size_t *len) {
    const uint8_t *p = (const uint8_t *)s.ptr;
    *len = 1;
    if (s.len == 0) {
        *len = 0;
        return 0xfffd;
    }
    if (p[0] < 0x80) return p[0];
    size_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.len < need) return 0xfffd;
    uint32_t code = p[0] & (0xffu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0xfffd;
        code = code << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0xfffd;
    *len = need;
    return code;
}

void utf8_put(struct buf *b, uint32_t c) {
    char out[4];
    size_t n;
    if (c < 0x80) {
        out[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        n = 2;
    } else if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        n = 3;
    } else {
        out[0] = (char)(0xf0 | c >> 18);
        out[1] = (char)(0x80 | (c >> 12 & 0x3f));
        out[2] = (char)(0x80 | (c >> 6 & 0x3f));
        out[3] = (char)(0x80 | (c & 0x3f));
        n = 4;
    }
    buf_put(b, out, n);
}

static bool broken(struct sori_str s, size_t len, uint32_t code) {
    return code == 0xfffd && len == 1 && s.len > 0;
}

bool utf8_valid(struct sori_str s) {
    while (s.len) {
        size_t len;
        uint32_t code = utf8_next(s, &len);
        if (broken(s, len, code)) return false;
        s.ptr += len;
        s.len -= len;
    }
    return true;
}

void utf8_clean(struct buf *b, struct sori_str s) {
    while (s.len) {
        size_t len;
        uint32_t code = utf8_next(s, &len);
        if (broken(s, len, code))
            utf8_put(b, 0xfffd);
        else if (code)
            buf_put(b, s.ptr, len);
        s.ptr += len;
        s.len -= len;
    }
}

struct sori_str utf8_cut(struct sori_str s, size_t max) {
    if (s.len <= max) return s;
    size_t n = max;
    while (n > 0 && ((uint8_t)s.ptr[n] & 0xc0) == 0x80) n--;
    return (struct sori_str){s.ptr, n};
}

size_t utf8_count(struct sori_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) n += ((uint8_t)s.ptr[i] & 0xc0) != 0x80;
    return n;
}

static size_t width_of(uint32_t c) {
    if (c < 0x20 || (c >= 0x300 && c <= 0x36f) || c == 0x200b || c == 0x200d ||
        (c >= 0xfe00 && c <= 0xfe0f))
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

size_t utf8_width(struct sori_str s) {
    size_t n = 0;
    while (s.len) {
        size_t len;
        n += width_of(utf8_next(s, &len));
        s.ptr += len;
        s.len -= len;
    }
    return n;
}

bool utf8_is_hangul(uint32_t c) {
    return (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff) ||
           (c >= 0x3130 && c <= 0x318f) || (c >= 0xa960 && c <= 0xa97f) ||
           (c >= 0xd7b0 && c <= 0xd7ff);
}

struct sori_str utf8_script_lang(struct sori_str text) {
    while (text.len) {
        size_t n;
        if (utf8_is_hangul(utf8_next(text, &n))) return SORI_STR("ko");
        text.ptr += n;
        text.len -= n;
    }
    return SORI_STR("en");
}

bool utf8_is_plain(uint32_t code) {
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
    bool turns = code == 0x061c || code == 0x200e || code == 0x200f ||
                 (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return !control && !turns;
}

void utf8_put_shown(struct buf *b, struct sori_str *s) {
    size_t n;
    uint32_t code = utf8_next(*s, &n);
    bool broken = code == 0xfffd && n == 1;
    if (utf8_is_plain(code) && !broken)
        buf_put(b, s->ptr, n);
    else
        for (size_t i = 0; i < n; i++) buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s->ptr[i]);
    s->ptr += n;
    s->len -= n;
}

void utf8_put_plain(struct buf *b, struct sori_str s) {
    while (s.len) {
        size_t len;
        uint32_t code = utf8_next(s, &len);
        utf8_put(b, utf8_is_plain(code) ? code : ' ');
        s.ptr += len;
        s.len -= len;
    }
}
