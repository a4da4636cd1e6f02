/* A table from 64-bit keys to pointers. Keys are digests or ids; 0 is a key like any other. The
 * caller compares what the pointers mean where keys are digests. Zero-initialise.
 *
 * Each table has a random seed of its own: the order of a walk differs from run to run, so nothing
 * that shows may depend on it. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    uint64_t key;
    void *value; /* NULL: free */
};
struct map {
    struct map_slot *slots;
    size_t count, cap;
    uint64_t seed[2];
};

void *map_get(const struct map *m, uint64_t key);
/* `value` is not NULL; replaces. */
void map_put(struct map *m, uint64_t key, void *value);
void map_del(struct map *m, uint64_t key);
/* Walks all: start with *at = 0; NULL at the end. Nothing may be put or deleted meanwhile. */
void *map_next(const struct map *m, size_t *at);
void map_clear(struct map *m); /* keeps memory */
void map_free(struct map *m);

#endif
