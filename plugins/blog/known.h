/* Which recent comments we have seen and how they stood: so that one that is gone, held back or
 * approved later is noticed, though WordPress announces none of it. Kept as state "known". */
#ifndef BLOG_KNOWN_H
#define BLOG_KNOWN_H

#include "blog/blog.h"

enum known_status { KNOWN_SHOWN = 1, KNOWN_HELD = 2 };

struct known_comment {
    int64_t id, said_at; /* said_at in ms, whole seconds */
    enum known_status status;
    uint32_t digest; /* of what was given of it: the same is not given again */
    bool seen;       /* in the sweep under way */
};

/* Sorted by id. */
struct known {
    struct known_comment *items;
    size_t count, room;
    bool changed;
};

void known_load(struct known *k, struct sori_str state);
/* Appends the stored form of at most KNOWN_MAX comments, the newest, none before `since`. */
void known_store(struct known *k, int64_t since, struct text *out);
struct known_comment *known_find(struct known *k, int64_t id);
/* Adds or updates; `*before` is what was known, zero for a new one. */
void known_note(struct known *k, const struct known_comment *now, struct known_comment *before);
void known_drop(struct known *k, int64_t id);
void known_free(struct known *k);

#endif
