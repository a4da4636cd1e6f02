/* A feed of any kind as a list of entries. Pure: bytes in, entries out; no clock, no network. */
#ifndef BLOG_FEED_H
#define BLOG_FEED_H

#include "common/text.h"

enum {
    FEED_MAX_BYTES = 10 << 20,
    FEED_MAX_ENTRIES = 2000,
    FEED_MAX_DEPTH = 256,
    FEED_MAX_URL = 8192
};

enum feed_format { FEED_NONE, FEED_RSS, FEED_RDF, FEED_ATOM, FEED_JSON };

/* One entry. Empty or zero: the document does not say. Text is plain text. */
struct feed_entry {
    struct sori_str id;  /* as stated, blanks trimmed */
    struct sori_str key; /* never empty, unique in the document: id, else url, else a hash */
    struct sori_str url; /* absolute where that can be known */
    struct sori_str title, text, author, author_url;
    struct sori_str markup;     /* the text as it was written, HTML or not */
    int64_t published, updated; /* `dated` and `redated` say whether they were readable */
    bool dated, redated;
    struct sori_str date_text;     /* the date as written, readable or not */
    struct sori_str comments_page; /* a page for people */
    struct sori_str comments_feed;
    int64_t comments;         /* how many there are; -1 where that is not said */
    struct sori_str reply_id; /* what it answers, by id and by URL (RFC 4685) */
    struct sori_str reply_url;
    bool original; /* the URL is a feedburner:origLink */
};

/* A parsed document. Every string lives until feed_free. */
struct feed {
    struct arena arena;
    enum feed_format format;
    struct sori_str title, url, author, generator, language;
    struct sori_str next_page; /* of a paged feed (RFC 5005, JSON Feed) */
    int64_t interval_ms;       /* how rarely it asks to be read: ttl, sy:updatePeriod; 0 unsaid */
    struct feed_entry *entries;
    size_t count, room;
    bool cut;              /* more entries than FEED_MAX_ENTRIES */
    struct sori_str notes; /* what had to be mended, for people; empty where it was sound */
};

/* Reads a document. `base` is the final URL of the request. False where the bytes are no feed:
 * `*f` is then empty, but `notes` may say why. Free in both cases. */
bool feed_parse(struct feed *f, struct sori_str bytes, struct sori_str content_type,
                struct sori_str base);
void feed_free(struct feed *f);

/* ---- between the files of the parser ---- */

struct feed_entry *feed_add(struct feed *f); /* NULL when full; then `cut` is set */
void feed_note(struct feed *f, const char *what);
bool feed_parse_xml(struct feed *f, struct sori_str utf8, struct sori_str base);
bool feed_parse_json(struct feed *f, struct sori_str utf8, struct sori_str base);
/* Makes text that an XML parser can read to the end out of what blogs send, under one root named
 * "sori-document": no declarations, no document type, every reference a character. */
void feed_clean(struct text *out, struct sori_str utf8);
/* Plain text of a title: tags and references gone, twice-escaped references too, one line. */
struct sori_str feed_title(struct feed *f, struct sori_str html);
struct sori_str feed_plain(struct feed *f, struct sori_str html);
/* Sets published or updated; of several dates the last readable one stands. */
void feed_date(struct feed *f, struct feed_entry *e, struct sori_str text, bool update);
struct sori_str feed_resolve(struct feed *f, struct sori_str base, struct sori_str ref);

#endif
