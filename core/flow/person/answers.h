/* Who answers whom among the people: how many words of others stand below a word. */
#ifndef FLOW_ANSWERS_H
#define FLOW_ANSWERS_H

#include "store/store.h"

struct answers;

/* Counted again from the newest interactions. */
struct answers *answers_start(struct store *s);
void answers_free(struct answers *a);
/* A person said a word below `parent`. `contact` may be NIL. */
void answers_count(struct answers *a, int64_t parent, int64_t contact);
/* Words of others than this contact below the interaction; -1 where it is too long ago to know. */
int64_t answers_to(const struct answers *a, int64_t interaction, int64_t contact);

#endif
