#include "base/map.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stdlib.h>

/* Ids ascend, and digests are of what strangers say: multiplying spreads the ids, and by numbers
 * that nobody knows, so that no keys can be chosen which share a place. Twice, because a first
 * product alone keeps the differences of high bits where they were. */
static size_t home(const struct map *m, uint64_t key) {
    uint64_t mixed = (key ^ m->seed[0]) * (m->seed[1] | 1);
    mixed = (mixed ^ mixed >> 32) * (m->seed[0] | 1);
    return (size_t)(mixed >> 32) & (m->cap - 1);
}

static size_t find(const struct map *m, uint64_t key) {
    size_t i = home(m, key);
    while (m->slots[i].value && m->slots[i].key != key) i = (i + 1) & (m->cap - 1);
    return i;
}

void *map_get(const struct map *m, uint64_t key) {
    return m->cap ? m->slots[find(m, key)].value : NULL;
}

static void grow(struct map *m) {
    struct map old = *m;
    if (!old.cap) {
        struct hash_key seed = hash_random_key();
        m->seed[0] = seed.k0;
        m->seed[1] = seed.k1;
    }
    m->cap = old.cap ? old.cap * 2 : 64;
    m->slots = mem_get(m->cap * sizeof *m->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].value) m->slots[find(m, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void map_put(struct map *m, uint64_t key, void *value) {
    if (m->count * 10 >= m->cap * 7) grow(m);
    size_t i = find(m, key);
    if (!m->slots[i].value) m->count++;
    m->slots[i] = (struct map_slot){key, value};
}

void map_del(struct map *m, uint64_t key) {
    if (!m->cap) return;
    size_t i = find(m, key);
    if (!m->slots[i].value) return;
    m->count--;
    m->slots[i].value = NULL;
    /* Later members of the run move up, so that no search stops at the hole. */
    for (size_t j = (i + 1) & (m->cap - 1); m->slots[j].value; j = (j + 1) & (m->cap - 1)) {
        size_t h = home(m, m->slots[j].key);
        if (((j - h) & (m->cap - 1)) >= ((j - i) & (m->cap - 1))) {
            m->slots[i] = m->slots[j];
            m->slots[j].value = NULL;
            i = j;
        }
    }
}

void *map_next(const struct map *m, size_t *at) {
    while (*at < m->cap) {
        void *v = m->slots[(*at)++].value;
        if (v) return v;
    }
    return NULL;
}

void map_clear(struct map *m) {
    if (m->cap) memset(m->slots, 0, m->cap * sizeof *m->slots);
    m->count = 0;
}

void map_free(struct map *m) {
    free(m->slots);
    *m = (struct map){0};
}
