/* Replies as they are read: the head of a file, its slots, its wordings. Only template*.c, piece.c
 * and slot.c include this. */
#ifndef LUA_TEMPLATE_H
#define LUA_TEMPLATE_H

#include "lua/policy_inner.h"

enum { SLOTS_MAX = 16 };

struct slot {
    struct sori_str name; /* as it is written */
    struct piece piece;
    int line;
    bool used;
};
struct head {
    struct slot slot[SLOTS_MAX];
    size_t count;
    int64_t max;
    int goal;
    bool needs_apology, needs_source, holding;
    struct sori_str source, next_step;
    unsigned said; /* which keys were there */
};

/* Takes one line off the front. */
struct sori_str line_take(struct sori_str *s);
/* Takes what stands before `mark` off the front, trimmed. */
struct sori_str line_until(struct sori_str *s, char mark);
struct sori_str line_trim(struct sori_str s);

/* Takes the head off the front; `line` is then that of what follows. */
bool head_read(struct reader *r, struct sori_str *rest, int *line, struct head *h);

/* "author" or "case.waited", or NULL where it is no fact. */
const struct fact_info *slot_fact(struct sori_str name);
/* A text with slots as the head declares them; what is used is marked. */
bool read_declared(struct reader *r, int line, struct sori_str text, struct head *h,
                   struct pieces *out);

enum slot_type slot_type_of(struct sori_str word); /* SLOT_NONE where there is none */
bool slot_type_given(enum slot_type type);         /* may a rule fill it? */

/* Characters, or what the channel weighs. */
int64_t measure(struct sori_str channel, struct sori_str text);
bool measure_weighs(struct sori_str channel);
/* The length of a top-level domain in Hangul at the front, or 0: "한국" of 온결.한국. */
size_t measure_korean_top(struct sori_str s);

/* Markdown as the text that people see where nothing renders it: what is emphasised stands plain, a
 * link is its words with the address in brackets, headings and code lose their marks; lines stay
 * lines. What is no Markdown stays as it is: #해시태그, snake_case, 2 * 3. */
void markdown_plain(struct sori_str text, struct buf *out);

#endif
