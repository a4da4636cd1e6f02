#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

static void *need(void *memory) {
    if (!memory) abort();
    return memory;
}

void *arena_get(struct arena *a, size_t size) {
    size = (size + 15) & ~(size_t)15;
    struct arena_block *b = a->top;
    if (!b || b->size - b->used < size) {
        size_t room = size > 65536 ? size : 65536;
        struct arena_block *fresh = need(calloc(1, sizeof *fresh + room));
        fresh->size = room;
        if (b && size > 65536) { /* Keep filling the block that still has room. */
            fresh->next = b->next;
            b->next = fresh;
        } else {
            fresh->next = b;
            a->top = fresh;
        }
        b = fresh;
    }
    void *at = b->bytes + b->used;
    b->used += size;
    return at;
}

struct sori_str arena_copy(struct arena *a, struct sori_str s) {
    char *copy = arena_get(a, s.len + 1);
    if (s.len) memcpy(copy, s.ptr, s.len);
    return (struct sori_str){copy, s.len};
}

struct sori_str arena_format(struct arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t n = len > 0 ? (size_t)len : 0;
    char *out = arena_get(a, n + 1);
    vsnprintf(out, n + 1, format, again);
    va_end(again);
    return (struct sori_str){out, n};
}

void arena_free(struct arena *a) {
    while (a->top) {
        struct arena_block *next = a->top->next;
        free(a->top);
        a->top = next;
    }
}

static char *room(struct text *t, size_t more) {
    if (t->cap - t->len <= more) {
        size_t cap = t->cap ? t->cap : 64;
        while (cap - t->len <= more) cap *= 2;
        t->data = need(realloc(t->data, cap));
        t->cap = cap;
    }
    return t->data + t->len;
}

void text_put(struct text *t, const char *bytes, size_t len) {
    char *at = room(t, len);
    if (len) memcpy(at, bytes, len);
    t->len += len;
    t->data[t->len] = 0;
}

void text_str(struct text *t, struct sori_str s) { text_put(t, s.ptr, s.len); }
void text_lit(struct text *t, const char *literal) { text_put(t, literal, strlen(literal)); }
void text_char(struct text *t, char c) { text_put(t, &c, 1); }

void text_code(struct text *t, uint32_t c) {
    char b[4];
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
    if (c < 0x80) {
        text_char(t, (char)c);
    } else if (c < 0x800) {
        b[0] = (char)(0xC0 | (c >> 6));
        b[1] = (char)(0x80 | (c & 63));
        text_put(t, b, 2);
    } else if (c < 0x10000) {
        b[0] = (char)(0xE0 | (c >> 12));
        b[1] = (char)(0x80 | ((c >> 6) & 63));
        b[2] = (char)(0x80 | (c & 63));
        text_put(t, b, 3);
    } else {
        b[0] = (char)(0xF0 | (c >> 18));
        b[1] = (char)(0x80 | ((c >> 12) & 63));
        b[2] = (char)(0x80 | ((c >> 6) & 63));
        b[3] = (char)(0x80 | (c & 63));
        text_put(t, b, 4);
    }
}

void text_format(struct text *t, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t n = len > 0 ? (size_t)len : 0;
    vsnprintf(room(t, n + 1), n + 1, format, again);
    va_end(again);
    t->len += n;
}

void text_free(struct text *t) {
    free(t->data);
    *t = (struct text){0};
}

struct sori_str text_keep(struct text *t, struct arena *a) {
    struct sori_str kept = arena_copy(a, text_view(t));
    text_free(t);
    return kept;
}

bool s_starts_same(struct sori_str a, const char *head) {
    size_t n = strlen(head);
    if (a.len < n) return false;
    for (size_t i = 0; i < n; i++)
        if (s_lower(a.ptr[i]) != s_lower(head[i])) return false;
    return true;
}

bool s_same(struct sori_str a, const char *text) {
    return a.len == strlen(text) && s_starts_same(a, text);
}

bool s_starts(struct sori_str a, const char *head) {
    size_t n = strlen(head);
    return a.len >= n && (n == 0 || memcmp(a.ptr, head, n) == 0);
}

bool s_ends(struct sori_str a, const char *tail) {
    size_t n = strlen(tail);
    return a.len >= n && (n == 0 || memcmp(a.ptr + a.len - n, tail, n) == 0);
}

struct sori_str s_from(struct sori_str a, size_t n) {
    return n >= a.len ? (struct sori_str){NULL, 0} : (struct sori_str){a.ptr + n, a.len - n};
}

struct sori_str s_head(struct sori_str a, size_t n) {
    return n >= a.len ? a : (struct sori_str){a.ptr, n};
}

struct sori_str s_trim(struct sori_str a) {
    while (a.len && s_blank(a.ptr[0])) a.ptr++, a.len--;
    while (a.len && s_blank(a.ptr[a.len - 1])) a.len--;
    return a;
}

size_t s_find(struct sori_str a, const char *what) {
    size_t n = strlen(what);
    if (n == 0 || a.len < n) return n == 0 ? 0 : a.len;
    const char *hit = memmem(a.ptr, a.len, what, n);
    return hit ? (size_t)(hit - a.ptr) : a.len;
}

size_t s_find_same(struct sori_str a, const char *what) {
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= a.len; i++)
        if (s_starts_same((struct sori_str){a.ptr + i, a.len - i}, what)) return i;
    return a.len;
}

size_t s_find_char(struct sori_str a, char c) {
    const char *hit = a.len ? memchr(a.ptr, c, a.len) : NULL;
    return hit ? (size_t)(hit - a.ptr) : a.len;
}

int64_t s_number(struct sori_str a) {
    if (a.len == 0 || a.len > 18) return -1;
    int64_t n = 0;
    for (size_t i = 0; i < a.len; i++) {
        if (!s_digit(a.ptr[i])) return -1;
        n = n * 10 + (a.ptr[i] - '0');
    }
    return n;
}

struct sori_str pairs_get(struct sori_pairs p, const char *name) {
    for (size_t i = 0; i < p.count; i++)
        if (s_same(p.items[i].name, name)) return p.items[i].value;
    return (struct sori_str){NULL, 0};
}

bool s_next(struct sori_str *rest, char sep, struct sori_str *part) {
    if (rest->len == 0) return false;
    size_t at = s_find_char(*rest, sep);
    *part = s_head(*rest, at);
    *rest = s_from(*rest, at + 1);
    return true;
}

uint32_t utf8_next(struct sori_str s, size_t *at) {
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t left = s.len - *at;
    uint32_t c = p[0];
    size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (n == 1) {
        *at += 1;
        return c;
    }
    bool good = n != 0 && n <= left;
    if (good) c &= 0xFFu >> (n + 1);
    for (size_t i = 1; good && i < n; i++) {
        good = (p[i] & 0xC0) == 0x80;
        c = (c << 6) | (p[i] & 0x3Fu);
    }
    if (good && n == 3) good = c >= 0x800 && (c < 0xD800 || c > 0xDFFF);
    if (good && n == 4) good = c >= 0x10000 && c <= 0x10FFFF;
    *at += good ? n : 1;
    return good ? c : 0xFFFD;
}

bool utf8_valid(struct sori_str s) {
    for (size_t at = 0; at < s.len;) {
        size_t before = at;
        if (utf8_next(s, &at) == 0xFFFD && at - before == 1) return false;
    }
    return true;
}

struct sori_str utf8_cut(struct sori_str s, size_t max) {
    if (s.len <= max) return s;
    size_t n = max;
    while (n > 0 && ((unsigned char)s.ptr[n] & 0xC0) == 0x80) n--;
    return (struct sori_str){s.ptr, n};
}

uint64_t hash_bytes(uint64_t seed, struct sori_str s) {
    uint64_t h = seed ? seed : 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return h;
}

void percent_encode(struct text *out, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (s_alpha((char)c) || s_digit((char)c) || (c && strchr("-._~", c)))
            text_char(out, (char)c);
        else
            text_format(out, "%%%02X", c);
    }
}
