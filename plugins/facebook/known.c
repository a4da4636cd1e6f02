#include "common/little.h"
#include "facebook/poll.h"

#include <stdlib.h>

enum { RECORD = 29 }; /* a 8, b 8, post 4, seconds 4, digest 4, flags 1, all little-endian */

static bool whole(struct sori_str s, uint64_t *n) {
    *n = 0;
    if (!s.len || s.len > 20 || (s.ptr[0] == '0')) return false;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (!s_digit(s.ptr[i]) || *n > (UINT64_MAX - digit) / 10) return false;
        *n = *n * 10 + digit;
    }
    return true;
}

bool known_id_of(struct sori_str native, struct known_id *id) {
    size_t bar = s_find_char(native, '_');
    *id = (struct known_id){0, 0};
    if (bar == native.len) return whole(native, &id->b);
    return whole(s_head(native, bar), &id->a) && whole(s_from(native, bar + 1), &id->b);
}

struct sori_str known_native(struct arena *a, struct known_id id) {
    if (!id.a) return arena_format(a, "%llu", (unsigned long long)id.b);
    return arena_format(a, "%llu_%llu", (unsigned long long)id.a, (unsigned long long)id.b);
}

uint32_t known_post(struct sori_str post) {
    uint64_t h = hash_bytes(0, post);
    return (uint32_t)(h ^ (h >> 32));
}

static int order(struct known_id x, struct known_id y) {
    if (x.b != y.b) return x.b < y.b ? -1 : 1;
    return x.a == y.a ? 0 : x.a < y.a ? -1 : 1;
}

static size_t place_of(const struct known *k, struct known_id id) {
    size_t low = 0, high = k->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (order(k->items[mid].id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void known_touch(struct known *k, const struct known_one *one) {
    k->changed[one->post % KNOWN_SHARDS] = true;
}

struct known_one *known_find(struct known *k, struct known_id id) {
    size_t at = place_of(k, id);
    return at < k->count && order(k->items[at].id, id) == 0 ? &k->items[at] : NULL;
}

void known_note(struct known *k, const struct known_one *one) {
    struct known_one *there = known_find(k, one->id);
    if (there) {
        bool same = there->post == one->post && there->said_at == one->said_at &&
                    there->digest == one->digest && there->hidden == one->hidden &&
                    there->seen == one->seen;
        if (same) return;
        known_touch(k, there); /* it may have moved to another post's shard */
        *there = *one;
        known_touch(k, one);
        return;
    }
    if (k->count == k->room) {
        k->room = k->room ? k->room * 2 : 256;
        k->items = realloc(k->items, k->room * sizeof *k->items);
        if (!k->items) abort();
    }
    size_t at = place_of(k, one->id);
    memmove(k->items + at + 1, k->items + at, (k->count - at) * sizeof *k->items);
    k->items[at] = *one;
    k->count++;
    known_touch(k, one);
}

void known_drop(struct known *k, struct known_id id) {
    struct known_one *one = known_find(k, id);
    if (!one) return;
    known_touch(k, one);
    size_t at = (size_t)(one - k->items);
    memmove(one, one + 1, (k->count - at - 1) * sizeof *one);
    k->count--;
}

void known_begin(struct known *k, uint32_t post) {
    for (size_t i = 0; i < k->count; i++) {
        if (k->items[i].post != post || !k->items[i].seen) continue;
        k->items[i].seen = false;
        known_touch(k, &k->items[i]);
    }
}

static int by_id(const void *x, const void *y) {
    return order(((const struct known_one *)x)->id, ((const struct known_one *)y)->id);
}

void known_load(struct known *k, struct sori_str state) {
    size_t more = state.len / RECORD;
    if (k->count + more > k->room) {
        k->room = k->count + more + 256;
        k->items = realloc(k->items, k->room * sizeof *k->items);
        if (!k->items) abort();
    }
    for (; state.len >= RECORD; state = s_from(state, RECORD)) {
        const char *at = state.ptr;
        struct known_one one = {.id = {little_take(at, 8), little_take(at + 8, 8)},
                                .post = (uint32_t)little_take(at + 16, 4),
                                .said_at = (uint32_t)little_take(at + 20, 4),
                                .digest = (uint32_t)little_take(at + 24, 4),
                                .hidden = (at[28] & 1) != 0,
                                .seen = (at[28] & 2) != 0};
        if (one.id.b) k->items[k->count++] = one;
    }
    if (k->count) qsort(k->items, k->count, sizeof *k->items, by_id);
}

/* Drops what is too old to be followed, and from a full shard the oldest. */
void known_trim(struct known *k, int64_t since) {
    for (unsigned shard = 0; shard < KNOWN_SHARDS; shard++) {
        int64_t from = since / 1000;
        size_t n;
        do {
            n = 0;
            int64_t oldest = INT64_MAX, newest = 0;
            for (size_t i = 0; i < k->count; i++) {
                const struct known_one *one = &k->items[i];
                if (one->post % KNOWN_SHARDS != shard || one->said_at < from) continue;
                n++;
                if (one->said_at < oldest) oldest = one->said_at;
                if (one->said_at > newest) newest = one->said_at;
            }
            /* The older half of the time goes, until it fits. */
            if (n > KNOWN_SHARD_MAX) from = oldest + (newest - oldest) / 2 + 1;
        } while (n > KNOWN_SHARD_MAX);
        size_t kept = 0;
        for (size_t i = 0; i < k->count; i++) {
            bool go = k->items[i].post % KNOWN_SHARDS == shard && k->items[i].said_at < from;
            if (go)
                known_touch(k, &k->items[i]);
            else
                k->items[kept++] = k->items[i];
        }
        k->count = kept;
    }
}

void known_store(struct known *k, unsigned shard, struct text *out) {
    for (size_t i = 0; i < k->count; i++) {
        const struct known_one *one = &k->items[i];
        if (one->post % KNOWN_SHARDS != shard) continue;
        char record[RECORD];
        little_put(record, one->id.a, 8);
        little_put(record + 8, one->id.b, 8);
        little_put(record + 16, one->post, 4);
        little_put(record + 20, one->said_at, 4);
        little_put(record + 24, one->digest, 4);
        record[28] = (char)((one->hidden ? 1 : 0) | (one->seen ? 2 : 0));
        text_put(out, record, RECORD);
    }
}

void known_free(struct known *k) {
    free(k->items);
    *k = (struct known){0};
}
