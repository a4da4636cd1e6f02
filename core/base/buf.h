/* A growable run of bytes. Zero-initialise; free with buf_free. Allocation failure ends the
 * process: nothing here can go on without memory, and what is durable is on disk. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "sori/types.h"

#include <string.h>

struct buf {
    char *data; /* NUL-terminated for convenience whenever it is not NULL */
    size_t len, cap;
};

/* Makes room for `more` bytes and returns where they go; `len` is unchanged. */
char *buf_room(struct buf *b, size_t more);
void buf_put(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_str(struct buf *b, struct sori_str s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *b); /* keeps the memory */
void buf_free(struct buf *b);

/* malloc and friends that end the process instead of returning NULL. */
void *mem_get(size_t size);             /* zeroed */
void *mem_grow(void *old, size_t size); /* realloc */
char *mem_text(struct sori_str s);      /* a NUL-terminated copy */
struct sori_str mem_copy(struct sori_str s);

static inline struct sori_str buf_view(const struct buf *b) {
    return (struct sori_str){b->data, b->len};
}
static inline struct sori_str str_c(const char *text) {
    return (struct sori_str){text, text ? strlen(text) : 0};
}
static inline bool str_eq(struct sori_str a, struct sori_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_is(struct sori_str a, const char *text) { return str_eq(a, str_c(text)); }
static inline bool str_starts(struct sori_str a, struct sori_str head) {
    return a.len >= head.len && (head.len == 0 || memcmp(a.ptr, head.ptr, head.len) == 0);
}
/* For printf: "%.*s", STR(s) */
#define STR(s) (int)((s).len), ((s).ptr ? (s).ptr : "")

#endif
