/* Inside text_*.c: a text as code points, what kinds of them there are, and hosts. */
#ifndef X_TEXT_PARTS_H
#define X_TEXT_PARTS_H

#include "x/text.h"

#include <libpsl.h>
#include <unicode/ubrk.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>

struct x_text {
    const UNormalizer2 *nfc;
    UIDNA *idna;
    UBreakIterator *clusters; /* characters as people see them */
    const psl_ctx_t *suffixes;
    const char *const *countries; /* two capital letters each, NULL-terminated */
};

/* Code points, and where each begins in the bytes. `at` has n + 1 entries. */
struct codes {
    const uint32_t *c;
    const size_t *at;
    size_t n;
    bool broken; /* some bytes were no UTF-8 and became U+FFFD */
    struct sori_str text;
};
struct codes codes_of(struct arena *a, struct sori_str text);
/* The same composed (NFC). Where several characters become others, their bytes are all told to be
 * those of the last: a cut before that takes none of them. */
struct codes codes_composed(struct x_text *x, struct arena *a, struct codes from);
/* The bytes of [from, to) code points. */
struct sori_str codes_view(const struct codes *t, size_t from, size_t to);

/* ---- text_chars.c: the classes that twitter-text's grammar is written in */

bool is_ascii_alnum(uint32_t c);
bool is_space(uint32_t c);
bool is_direction_mark(uint32_t c);
bool is_refused(uint32_t c);      /* X takes no text that holds one */
bool is_latin_accent(uint32_t c); /* letters of western languages beyond ASCII */
bool is_domain_char(uint32_t c);
bool is_at_sign(uint32_t c);
bool is_hash_sign(uint32_t c);

/* ---- text_host.c */

/* For each code point, where the longest host name that begins there ends, 0 where none does. */
size_t *hosts_find(struct x_text *x, struct arena *a, const struct codes *t);
/* Does a top-level domain begin at `i`? Where it ends, or 0. */
size_t host_top_end(struct x_text *x, const struct codes *t, size_t i);
/* Could the labels of [from, to) be asked for in the DNS? `ascii` gets the length in that form. */
bool host_is_askable(const struct codes *t, size_t from, size_t to, size_t *ascii);

/* ---- text_punycode.c */

enum { LABEL_BYTES = 63 }; /* of a label in the DNS */
/* Bytes of a label in the DNS; for one of more than LABEL_BYTES characters, just more than that. */
size_t punycode_length(const uint32_t *c, size_t n);

/* ---- text_url.c */

/* Links in order, `from` and `to` only. */
struct x_entities urls_find(struct x_text *x, struct arena *a, const struct codes *t);

/* ---- text_names.c */

struct x_entities mentions_find(struct arena *a, const struct codes *t);

/* A growing list of entities in an arena. */
struct entity_list {
    struct x_entity *at;
    size_t n, room;
};
void entity_add(struct arena *a, struct entity_list *l, struct x_entity e);

/* ---- text_weight.c */

enum { SCALE = 100 };
/* The weight of what stands at `i`, times SCALE; `end` gets where it ends (an emoji may be many
 * code points). Links are the caller's. */
unsigned unit_weight(const struct codes *t, size_t i, size_t *end);

#endif
