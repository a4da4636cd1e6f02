/* Is a key certainly new? A Bloom filter over (space, native) of all interactions, so that what
 * nobody has seen, which is nearly everything, costs no search in the index. It is filled from the
 * index a slice at a time, and believed only once it holds all. Keys of commits that failed may
 * stay in it, and beyond LAST_ROOM keys (128 MB) it only gets duller: that costs searches, no more.
 */
#include "store/sqlite/sqlite.h"

#include "base/hash.h"

#include <stdlib.h>

enum {
    FIRST_ROOM = 1 << 16,
    LAST_ROOM = 1 << 26,
    BITS_PER_KEY = 16,
    BLOCK_WORDS = 8,
    PROBES = 5,
    SLICE = 5000
};

struct keys {
    struct hash_key key; /* native ids come from strangers */
    uint64_t *word;
    size_t blocks;      /* of BLOCK_WORDS, one cache line: a power of two */
    size_t count, room; /* keys in it, keys it is made for */
    bool whole;
    int64_t space; /* filled up to here */
    struct buf native;
};

static void keys_start(struct keys *k, size_t room) {
    free(k->word);
    k->room = room;
    k->blocks = room * BITS_PER_KEY / (BLOCK_WORDS * 64);
    k->word = mem_get(k->blocks * BLOCK_WORDS * sizeof *k->word);
    k->count = 0;
    k->whole = false;
    k->space = INT64_MIN + 1; /* NIL would be NULL */
    buf_clear(&k->native);
}

/* Visits the bits of a key: sets them, or says whether all are set. */
static bool keys_visit(struct keys *k, int64_t space, struct sori_str native, bool set) {
    uint64_t h = hash_sip(k->key, native) + (uint64_t)space * 0x9e3779b97f4a7c15u;
    h ^= h >> 29; /* spaces differ by few bits */
    h *= 0xbf58476d1ce4e5b9u;
    h ^= h >> 32;
    uint64_t *block = k->word + (h & (k->blocks - 1)) * BLOCK_WORDS;
    uint64_t bits = h * 0x94d049bb133111ebu;
    for (int i = 0; i < PROBES; i++, bits >>= 9) {
        uint64_t *word = &block[bits >> 6 & 7], bit = (uint64_t)1 << (bits & 63);
        if (set)
            *word |= bit;
        else if (!(*word & bit))
            return false;
    }
    return true;
}

bool keys_new(struct sqlite_store *s, int64_t space, struct sori_str native) {
    return s->keys->whole && !keys_visit(s->keys, space, native, false);
}

void keys_add(struct sqlite_store *s, int64_t space, struct sori_str native) {
    keys_visit(s->keys, space, native, true);
    s->keys->count++;
}

static bool keys_slice(struct sqlite_store *s, int limit) {
    struct keys *k = s->keys;
    struct stmt *t = &s->extra[EXTRA_KEYS];
    int rc = stmt_int(t, 1, k->space), n = 0;
    struct sori_str from = {k->native.data ? k->native.data : "", k->native.len};
    if (rc == SQLITE_OK) rc = stmt_str(t, 2, from, false);
    if (rc == SQLITE_OK) rc = stmt_int(t, 3, limit);
    struct buf last = {0};
    int64_t space = k->space;
    while (rc == SQLITE_OK && (rc = sqlite3_step(t->sql)) == SQLITE_ROW) {
        space = sqlite3_column_int64(t->sql, 0);
        const char *native = sqlite3_column_blob(t->sql, 1);
        struct sori_str name = {native, (size_t)sqlite3_column_bytes(t->sql, 1)};
        keys_add(s, space, name);
        if (++n == limit) buf_str(&last, name);
        rc = SQLITE_OK;
    }
    sqlite3_reset(t->sql);
    buf_free(&k->native);
    k->native = last;
    k->space = space;
    if (rc != SQLITE_DONE) return sqlite_dead(s, "the keys cannot be read", NULL) == DONE;
    k->whole = n < limit;
    return true;
}

void keys_fill(struct sqlite_store *s) {
    if (s->keys->count > s->keys->room && s->keys->room < LAST_ROOM)
        keys_start(s->keys, s->keys->room * 2);
    if (!s->keys->whole) keys_slice(s, SLICE);
}

bool keys_open(struct sqlite_store *s) {
    s->keys = mem_get(sizeof *s->keys);
    s->keys->key = hash_random_key();
    int64_t rows = sqlite_int(s->db, "SELECT max(id) FROM interaction");
    size_t room = FIRST_ROOM;
    while (room < LAST_ROOM && (int64_t)room / 2 < rows) room *= 2;
    keys_start(s->keys, room);
    return keys_slice(s, FIRST_ROOM);
}

int64_t keys_bytes(const struct sqlite_store *s) {
    return (int64_t)(s->keys->blocks * BLOCK_WORDS * sizeof *s->keys->word);
}

void keys_close(struct sqlite_store *s) {
    if (!s->keys) return;
    free(s->keys->word);
    buf_free(&s->keys->native);
    free(s->keys);
}
