#include "supervise/life.h"

#include "base/hash.h"

enum { WAIT_FIRST_MS = 500, WAIT_MOST_MS = 60000, STEADY_MS = 60000 };

void patience_begin(struct patience *p) {
    *p = (struct patience){.wait = WAIT_FIRST_MS, .dice = hash_random_key().k0 | 1};
}

void patience_hello(struct patience *p, int64_t now) { p->born = now; }

/* Up to a quarter more, so that guests that died together do not come back together. */
static int64_t jitter(struct patience *p, int64_t wait) {
    p->dice ^= p->dice << 13;
    p->dice ^= p->dice >> 7;
    p->dice ^= p->dice << 17;
    return wait + (int64_t)(p->dice % (uint64_t)(wait / 4 + 1));
}

int64_t patience_after_death(struct patience *p, int64_t now, bool named) {
    if (p->born && now - p->born >= STEADY_MS) p->wait = WAIT_FIRST_MS;
    p->born = 0;
    int64_t wait = jitter(p, p->wait);
    /* A thousand poisonous comments must not become a denial of service: what has a culprit does
     * not make the next wait longer. */
    if (!named) p->wait = p->wait * 2 < WAIT_MOST_MS ? p->wait * 2 : WAIT_MOST_MS;
    return wait;
}
