/* Memory that is freed all at once: what one commit borrows. Zero-initialise. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "sori/types.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used; /* of the head */
};

/* Zeroed, aligned to 8. */
void *arena_get(struct arena *a, size_t size);
struct sori_str arena_copy(struct arena *a, struct sori_str s);
/* Forgets everything, keeps the newest block for the next round. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
