/* What the files of the mask share. Each finder looks at `at` in the text and gives the length of
 * what it found there, 0 for nothing. */
#ifndef LUA_MASK_INNER_H
#define LUA_MASK_INNER_H

#include "base/utf8.h"
#include "lua/mask/mask.h"

enum {
    MASK_MOST = 4096,  /* of one kind; later ones share the last number */
    MASK_SPELT = 1000, /* as `kept`: a phone number in words */
    MASK_CODE = 1001   /* letters and digits in any order */
};

struct mask_known {
    enum mask_kind kind;
    struct sori_str was;  /* ours to free */
    struct sori_str core; /* of a name: within `was` */
    unsigned number;
};
struct mask {
    unsigned keep, count[MASK_KINDS];
    struct mask_known *known;
    size_t known_count;
};

/* The number of this one among its kind, from 1 on. */
unsigned mask_number(struct mask *m, enum mask_kind kind, struct sori_str was);
/* A name without what is no letter at its ends: 민수 of ✨민수✨. */
struct sori_str mask_core(struct sori_str name);
/* The made-up name with that number, in the script of `was`. */
void mask_put_name(struct buf *out, struct sori_str was, unsigned number);

size_t mask_find_url(struct sori_str text, size_t at);
size_t mask_find_email(struct sori_str text, size_t at);
size_t mask_find_handle(struct sori_str text, size_t at);
/* Of somebody known by name, or what stands where names stand; without what follows it. `whom`: the
 * whole name. */
size_t mask_find_name(const struct mask *m, struct sori_str text, size_t at, struct sori_str *whom);
size_t mask_find_place(struct sori_str text, size_t at);
/* A number and what it is; `kept` is how many of its digits at the front stay. */
size_t mask_find_digits(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept);

/* The same of what is no plain number: spelt out, with letters in it. */
size_t mask_find_code(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept);
/* The digits that a number in words has. */
void mask_spelt_digits(struct sori_str s, struct buf *out);

static inline char mask_byte(struct sori_str s, size_t at) { return at < s.len ? s.ptr[at] : 0; }
static inline bool mask_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool mask_latin(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || mask_digit(c);
}
static inline struct sori_str mask_behind(struct sori_str s, size_t at) {
    if (at > s.len) at = s.len;
    return (struct sori_str){s.ptr + at, s.len - at};
}
/* Does one of the words stand at the front? Its length, 0 where none does. */
size_t mask_one_of(struct sori_str s, const char *const *words);
/* Does what was said before `at`, not far away, end with one of the words, blanks and colons aside?
 */
bool mask_after(struct sori_str text, size_t at, const char *const *words);
/* Is there a Hangul syllable right before `at`? */
bool mask_in_hangul(struct sori_str text, size_t at);
/* Hangul syllables at the front, in bytes. */
size_t mask_hangul(struct sori_str s);

#endif
