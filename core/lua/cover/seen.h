/* What a policy does with facts that really were: which cells and rules they reach, and where equal
 * facts are decided unequally.
 *
 * Facts are equal here when kind, relationship, tone, topics and whether it was said in private
 * are. Of two decisions about equal facts that do different things, something must tell the facts
 * apart: a condition, or the `why` of a check. Where nothing does, the policy decides unequally. */
#ifndef LUA_COVER_SEEN_H
#define LUA_COVER_SEEN_H

#include "lua/cover/cover.h"

struct cover_unequal {
    const char *what;          /* "comment, consumer, negative, topic.delivery, in public" */
    const char *first, *other; /* names of rules; "no rule" */
    int64_t first_count, other_count;
    int64_t first_id, other_id; /* an interaction of each; 0: a test */
    bool stated;
    const char *by; /* what tells them apart: "influencer: true here, false there" */
};

struct cover_seen {
    int64_t count;                 /* of fact records */
    int64_t *cells;                /* how many, by cell */
    int64_t *rules;                /* by rule and note */
    struct cover_unequal *unequal; /* after cover_seen_end; the unstated ones first */
    size_t unequal_count, unstated;
    bool cut; /* there are more kinds of decisions than are kept */
};

/* Both must outlive it. */
struct cover_seen *cover_seen_new(struct policy *p, const struct cover *c);
void cover_seen_add(struct cover_seen *s, struct sori_str facts, bool real);
/* The facts of the bundle's own tests. */
void cover_seen_tests(struct cover_seen *s);
void cover_seen_end(struct cover_seen *s);
void cover_seen_free(struct cover_seen *s);

#endif
