/* UTF-8: checking, cutting at whole characters, reading code points. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* Reads one code point at the front and its length; broken bytes give U+FFFD and length 1. */
uint32_t utf8_next(struct sori_str s, size_t *len);
void utf8_put(struct buf *b, uint32_t code);
bool utf8_valid(struct sori_str s);
/* Appends `s` with broken bytes as U+FFFD and NULs dropped. */
void utf8_clean(struct buf *b, struct sori_str s);
/* The longest head of at most `max` bytes that ends between characters. */
struct sori_str utf8_cut(struct sori_str s, size_t max);
/* Number of code points. */
size_t utf8_count(struct sori_str s);
/* Columns on a terminal: East Asian wide characters take two, combining ones none. */
size_t utf8_width(struct sori_str s);
bool utf8_is_hangul(uint32_t code);
/* The language of a text of which nothing else is known: "ko" where any Hangul is in it, else "en".
 */
struct sori_str utf8_script_lang(struct sori_str text);
/* False for what a terminal or a log reader would obey instead of showing: control characters (of
 * both sets), line and paragraph separators, changes of direction. */
bool utf8_is_plain(uint32_t code);
/* Moves one character from the front of `s` to `b`; each byte of those, and of broken ones, is
 * spelt out: \x1b. */
void utf8_put_shown(struct buf *b, struct sori_str *s);
/* Appends `s` with a blank in the place of each of those, and broken bytes as U+FFFD. */
void utf8_put_plain(struct buf *b, struct sori_str s);

#endif
