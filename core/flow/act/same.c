/* The same words to how many people: what was said in the last weeks, by the digest of its words.
 * Read from the store when it is first asked for; bounded, the oldest goes first. */
#include "flow/admit.h"
#include "flow/command/look.h"

#include "base/hash.h"

#include <stdlib.h>

enum { KEPT = 1 << 16 };
static const int64_t KEEP_MS = (int64_t)30 * 86400000;

struct said {
    int64_t hash, contact, at; /* at: wall ms; 0 where a newer one stands for it */
    uint64_t before;           /* 1 + the place of the one before with the same words, 0 none */
};
struct same {
    struct said *ring;
    uint64_t count;     /* ever put; the place is count % KEPT */
    struct map newest;  /* words → 1 + count of the newest */
    struct map of_pair; /* words and contact → 1 + count */
};

static uint64_t pair_key(int64_t hash, int64_t contact) {
    int64_t both[2] = {hash, contact};
    return hash_digest((struct sori_str){(const char *)both, sizeof both});
}

static uint64_t number(const struct map *m, uint64_t key) {
    return (uint64_t)(uintptr_t)map_get(m, key);
}
static void set_number(struct map *m, uint64_t key, uint64_t n) {
    map_put(m, key, (void *)(uintptr_t)n);
}

/* Is what was put as the `n`th (from 1) still there? */
static struct said *at_number(struct same *s, uint64_t n) {
    return n && n + KEPT > s->count ? &s->ring[(n - 1) % KEPT] : NULL;
}

static void drop(struct same *s, uint64_t n) {
    struct said *old = &s->ring[(n - 1) % KEPT];
    uint64_t pair = pair_key(old->hash, old->contact);
    if (number(&s->newest, (uint64_t)old->hash) == n) map_del(&s->newest, (uint64_t)old->hash);
    if (number(&s->of_pair, pair) == n) map_del(&s->of_pair, pair);
}

static void put(struct same *s, int64_t hash, int64_t contact, int64_t at) {
    uint64_t pair = pair_key(hash, contact), n = s->count + 1;
    struct said *earlier = at_number(s, number(&s->of_pair, pair));
    if (earlier && earlier->at > at) return;
    if (earlier) earlier->at = 0;
    if (n > KEPT) drop(s, n - KEPT);
    s->ring[(n - 1) % KEPT] = (struct said){hash, contact, at, number(&s->newest, (uint64_t)hash)};
    set_number(&s->newest, (uint64_t)hash, n);
    set_number(&s->of_pair, pair, n);
    s->count = n;
}

struct loading {
    struct said *rows;
    size_t n, cap;
};

static void load(void *ctx, const void *row) {
    struct loading *l = ctx;
    const struct row_action *a = row;
    if (a->contact == NIL) return;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 64;
        l->rows = mem_grow(l->rows, l->cap * sizeof *l->rows);
    }
    l->rows[l->n++] = (struct said){.hash = a->text_hash, .contact = a->contact, .at = a->sent_at};
}

static int older_first(const void *a, const void *b) {
    int64_t x = ((const struct said *)a)->at, y = ((const struct said *)b)->at;
    return x < y ? -1 : x > y;
}

static struct same *same_of(struct core *c) {
    if (c->same) return c->same;
    c->same = mem_get(sizeof *c->same);
    c->same->ring = mem_get(KEPT * sizeof *c->same->ring);
    /* Of all connections together in the order of time: who asks stops at the first old one. */
    struct loading l = {0};
    for (size_t i = 0; i < c->conn_count; i++)
        store_said_since(c->store, c->conn[i]->id, core_now(c) - KEEP_MS, KEPT, load, &l);
    if (l.n) qsort(l.rows, l.n, sizeof *l.rows, older_first);
    for (size_t i = 0; i < l.n; i++) put(c->same, l.rows[i].hash, l.rows[i].contact, l.rows[i].at);
    free(l.rows);
    return c->same;
}

void same_said(struct core *c, const struct row_action *a) {
    if (c->same && a->contact != NIL) put(c->same, a->text_hash, a->contact, core_now(c));
}

int64_t same_people(struct core *c, int64_t hash, int64_t contact, int64_t within, int64_t most) {
    struct same *s = same_of(c);
    int64_t since = core_now(c) - admit_span(within), people = 0;
    struct said *one;
    for (uint64_t n = number(&s->newest, (uint64_t)hash); (one = at_number(s, n)) && people < most;
         n = one->before) {
        if (one->at && one->at <= since) break;
        people += one->at > since && one->contact != contact;
    }
    return people;
}
