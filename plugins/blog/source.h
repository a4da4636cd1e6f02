/* The feeds of a connection, and what is remembered of each. */
#ifndef BLOG_SOURCE_H
#define BLOG_SOURCE_H

#include "blog/blog.h"
#include "blog/feed.h"

/* An entry that was seen: its address and title by their digests, so that it is known again when
 * all ids of a feed change at once. */
struct seen_entry {
    uint64_t link, title;
    int64_t said_at;
    struct sori_str native;
};

struct source {
    struct sori_str url;
    bool comments;
    /* remembered */
    struct sori_str etag, modified;
    uint64_t body;
    int64_t due; /* not asked before */
    struct seen_entry *seen;
    size_t seen_count;
};

enum { SEEN_MAX = 600 };

/* Everything lives in the call's arena. */
void source_load(struct blog *b, struct source *s);
enum sori_status source_store(struct blog *b, const struct source *s);
/* The feeds that options name, or else that the site does. OK with a count of 0 where there are
 * none; `*tried` says in words where was looked. `keep` writes down what was found: poll only. */
enum sori_status source_list(struct blog *b, struct source *list, size_t *count, bool all,
                             bool keep, struct sori_str *tried);
/* Of what an address names: neither the scheme nor a slash at its end counts. */
uint64_t link_digest(struct sori_str url);

/* feed_item.c: an entry as an item. `home` are the posts that comments may be about. */
void feed_item(struct blog *b, const struct source *s, const struct feed_entry *e,
               struct sori_str native, const struct source *all, size_t all_count,
               struct sori_item *item);
/* The native id of an entry: as WordPress numbers it where that shows, else its key. */
struct sori_str feed_native(struct blog *b, const struct feed_entry *e, bool comment);

#endif
