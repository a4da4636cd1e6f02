#include "base/buf.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *mem_get(size_t size) {
    void *p = calloc(1, size ? size : 1);
    if (!p) base_impossible(__FILE__, __LINE__, "memory is left");
    return p;
}

void *mem_grow(void *old, size_t size) {
    void *p = realloc(old, size ? size : 1);
    if (!p) base_impossible(__FILE__, __LINE__, "memory is left");
    return p;
}

char *mem_text(struct sori_str s) {
    char *p = mem_get(s.len + 1);
    if (s.len) memcpy(p, s.ptr, s.len);
    return p;
}

struct sori_str mem_copy(struct sori_str s) {
    return (struct sori_str){mem_text(s), s.len};
}

char *buf_room(struct buf *b, size_t more) {
    size_t need = b->len + more + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < need) cap *= 2;
        b->data = mem_grow(b->data, cap);
        b->cap = cap;
    }
    return b->data + b->len;
}

void buf_put(struct buf *b, const void *bytes, size_t len) {
    char *to = buf_room(b, len);
    if (len) memcpy(to, bytes, len);
    b->len += len;
    b->data[b->len] = 0;
}

void buf_puts(struct buf *b, const char *text) { buf_put(b, text, strlen(text)); }
void buf_putc(struct buf *b, char c) { buf_put(b, &c, 1); }
void buf_str(struct buf *b, struct sori_str s) { buf_put(b, s.ptr, s.len); }

void buf_printf(struct buf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    SORI_ASSERT(n >= 0);
    buf_room(b, (size_t)n);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    va_end(again);
    b->len += (size_t)n;
}

void buf_clear(struct buf *b) {
    b->len = 0;
    if (b->data) b->data[0] = 0;
}

void buf_free(struct buf *b) {
    free(b->data);
    *b = (struct buf){0};
}
