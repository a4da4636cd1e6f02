/* The text of a post as X counts and reads it (twitter-text, configuration 3): its weight, the
 * links, names and tags in it, and how a long reply is split into a thread.
 *
 * Texts are UTF-8. All results live in the arena and point into the text that was given. Every call
 * takes time in proportion to the text, whatever stands in it. */
#ifndef X_TEXT_H
#define X_TEXT_H

#include "common/text.h"

enum {
    X_WEIGHT_MAX = 280, /* of a post without long-form rights */
    X_WEIGHT_URL = 23,  /* any link, because X replaces it by its own short one */
    X_LIMIT_MIN = 100   /* the least that x_split makes parts of: a link, a name and some words */
};

/* What the libraries (ICU, libpsl) hold open. Open in `create`, where files may still be read,
 * though none is: all tables are in the libraries. NULL, with `*why` a constant English text, where
 * a library lacks its data. Not for use by two threads at once. */
struct x_text;
struct x_text *x_text_open(const char **why);
void x_text_close(struct x_text *x);

struct x_weight {
    size_t weight;      /* in units of X: a Latin letter 1, a Hangul syllable 2, a link 23 */
    size_t permillage;  /* of the limit, rounded down */
    bool valid;         /* not blank, within the limit, nothing that X refuses in it */
    bool refused;       /* holds a character that X refuses at any length, or broken UTF-8 */
    size_t units;       /* the whole text in UTF-16 units */
    size_t valid_units; /* how many of them, from the start, are still valid */
    size_t valid_bytes; /* the same in bytes: where a hint "too long from here" would stand */
};
/* The weight of a text against `limit` (X_WEIGHT_MAX for most accounts). Names of people that X
 * itself puts in front of a reply do not count: do not give them. */
struct x_weight x_weigh(struct x_text *x, struct sori_str text, size_t limit);

/* Something found in a text. `from` and `to` (exclusive) count code points, as X's entities do. */
struct x_entity {
    struct sori_str text; /* a link as written; a name or tag without its sign */
    struct sori_str list; /* of a name: "/list" behind it, else empty */
    size_t from, to;      /* with the sign, with the list */
};
struct x_entities {
    const struct x_entity *at;
    size_t n;
};
/* Links, with and without "https://" in front. */
struct x_entities x_urls(struct x_text *x, struct arena *a, struct sori_str text);
/* @names, and @name/list. */
struct x_entities x_mentions(struct arena *a, struct sori_str text);
/* Hashtags that are no part of a link. */
struct x_entities x_hashtags(struct x_text *x, struct arena *a, struct sori_str text);
/* The name that a text begins with, which makes it a reply; empty where there is none. */
struct sori_str x_reply_to(struct sori_str text);

/* Is the whole text "@name", "#tag", "https://…"? A URL is judged by the grammar of RFC 3986 with
 * international host names; the scheme may be left out where `with_protocol` is false. */
bool x_is_username(struct sori_str text);
bool x_is_hashtag(struct sori_str text);
bool x_is_url(struct sori_str text, bool with_protocol);

/* A text in parts of at most `limit` each, to be sent as a thread. Cut at the end of a sentence, or
 * else of a word, or else between two characters as people see them; never inside a link or an
 * @name. Blanks at the ends of parts are dropped, nothing else; no part is blank. The same text
 * gives the same parts. To put something in front of each part, take its weight off the limit. */
struct x_parts {
    const struct sori_str *at;
    size_t n;            /* 0: blank, or refused */
    const char *refused; /* constant English text: why nothing may be sent; else NULL */
};
struct x_parts x_split(struct x_text *x, struct arena *a, struct sori_str text, size_t limit);

#endif
