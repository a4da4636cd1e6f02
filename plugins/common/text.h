/* Text for plugins, which link to nothing of the core: counted strings, a growable run of bytes,
 * and an arena whose strings all live until it is freed. Where memory is refused the process ends:
 * a plugin cannot go on without it, and its host restarts it. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include "sori/types.h"

#include <string.h>

struct arena_block;
/* Zero-initialise; free with arena_free, after which it may be used again. */
struct arena {
    struct arena_block *top;
};
/* `size` zeroed bytes, aligned for anything. */
void *arena_get(struct arena *a, size_t size);
/* A copy, NUL-terminated behind its end. */
struct sori_str arena_copy(struct arena *a, struct sori_str s);
struct sori_str arena_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);

/* Zero-initialise; free with text_free. `data` is NUL-terminated whenever it is not NULL. */
struct text {
    char *data;
    size_t len, cap;
};
void text_put(struct text *t, const char *bytes, size_t len);
void text_str(struct text *t, struct sori_str s);
void text_lit(struct text *t, const char *literal);
void text_char(struct text *t, char c);
/* Appends one character as UTF-8; surrogates and what lies beyond U+10FFFF become U+FFFD. */
void text_code(struct text *t, uint32_t code);
void text_format(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);
static inline struct sori_str text_view(const struct text *t) {
    return (struct sori_str){t->data, t->len};
}
/* Moves the text into the arena and empties it. */
struct sori_str text_keep(struct text *t, struct arena *a);

static inline struct sori_str s_of(const char *text) {
    return (struct sori_str){text, text ? strlen(text) : 0};
}
static inline bool s_eq(struct sori_str a, struct sori_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool s_is(struct sori_str a, const char *text) { return s_eq(a, s_of(text)); }
static inline char s_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline bool s_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
static inline bool s_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool s_alpha(char c) { return s_lower(c) >= 'a' && s_lower(c) <= 'z'; }
/* Compare ASCII letters without regard to case. */
bool s_same(struct sori_str a, const char *text);
bool s_starts(struct sori_str a, const char *head);
bool s_starts_same(struct sori_str a, const char *head);
bool s_ends(struct sori_str a, const char *tail);
/* What follows the first `n` bytes; empty where there are fewer. */
struct sori_str s_from(struct sori_str a, size_t n);
struct sori_str s_head(struct sori_str a, size_t n);
/* Without blanks at both ends. */
struct sori_str s_trim(struct sori_str a);
/* Offset of `what`, or `a.len` where it does not occur. */
size_t s_find(struct sori_str a, const char *what);
size_t s_find_same(struct sori_str a, const char *what);
size_t s_find_char(struct sori_str a, char c);
/* The value of an all-digit string of at most 18 digits, else -1. */
int64_t s_number(struct sori_str a);
/* The value of the first pair of that name (ASCII case ignored), or empty. */
struct sori_str pairs_get(struct sori_pairs p, const char *name);
/* Takes the next part before `sep` off `rest`; false where nothing is left. */
bool s_next(struct sori_str *rest, char sep, struct sori_str *part);
/* Reads one character; an invalid byte gives U+FFFD and moves by one. `*at` < len is required. */
uint32_t utf8_next(struct sori_str s, size_t *at);
bool utf8_valid(struct sori_str s);
/* At most `max` bytes, cut between characters. */
struct sori_str utf8_cut(struct sori_str s, size_t max);
/* FNV-1a of 64 bits: for noticing that bytes changed, not for security. */
uint64_t hash_bytes(uint64_t seed, struct sori_str s);

/* For printf: "%.*s", S(s) */
#define S(s) (int)((s).len), ((s).ptr ? (s).ptr : "")

/* Percent-encoded by RFC 3986: all but letters, digits and "-._~". */
void percent_encode(struct text *out, struct sori_str s);

#endif
