#include "blog/known.h"
#include "common/little.h"

#include <stdlib.h>

enum { RECORD = 17 }; /* id 8, seconds 4, digest 4, status 1, all little-endian */

static size_t place_of(const struct known *k, int64_t id) {
    size_t low = 0, high = k->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (k->items[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct known_comment *known_find(struct known *k, int64_t id) {
    size_t at = place_of(k, id);
    return at < k->count && k->items[at].id == id ? &k->items[at] : NULL;
}

void known_note(struct known *k, const struct known_comment *now, struct known_comment *before) {
    size_t at = place_of(k, now->id);
    struct known_comment *c = k->items ? k->items + at : NULL;
    *before = (struct known_comment){0};
    if (c && at < k->count && c->id == now->id) {
        *before = *c;
        if (c->status != now->status || c->said_at != now->said_at || c->digest != now->digest)
            k->changed = true;
    } else {
        if (k->count == k->room) {
            k->room = k->room ? k->room * 2 : 256;
            k->items = realloc(k->items, k->room * sizeof *k->items);
            if (!k->items) abort();
        }
        c = k->items + at;
        memmove(c + 1, c, (k->count - at) * sizeof *c);
        k->count++;
        k->changed = true;
    }
    *c = *now;
    c->seen = true;
}

void known_drop(struct known *k, int64_t id) {
    struct known_comment *c = known_find(k, id);
    if (!c) return;
    size_t at = (size_t)(c - k->items);
    memmove(c, c + 1, (k->count - at - 1) * sizeof *c);
    k->count--;
    k->changed = true;
}

void known_load(struct known *k, struct sori_str state) {
    *k = (struct known){0};
    for (; state.len >= RECORD; state = s_from(state, RECORD)) {
        struct known_comment c = {.id = (int64_t)little_take(state.ptr, 8),
                                  .said_at = (int64_t)little_take(state.ptr + 8, 4) * 1000,
                                  .digest = (uint32_t)little_take(state.ptr + 12, 4)},
                             before;
        int status = state.ptr[16];
        c.status = status == KNOWN_HELD ? KNOWN_HELD : KNOWN_SHOWN;
        if (c.id > 0 && (status == KNOWN_SHOWN || status == KNOWN_HELD)) known_note(k, &c, &before);
    }
    for (size_t i = 0; i < k->count; i++) k->items[i].seen = false;
    k->changed = false;
}

void known_store(struct known *k, int64_t since, struct text *out) {
    size_t fit = 0;
    for (size_t i = 0; i < k->count; i++) fit += k->items[i].said_at >= since;
    for (size_t i = 0; i < k->count; i++) {
        const struct known_comment *c = &k->items[i];
        if (c->said_at < since) continue;
        if (fit-- > KNOWN_MAX) continue; /* ids grow: the first ones are the oldest */
        char record[RECORD];
        little_put(record, (uint64_t)c->id, 8);
        little_put(record + 8, (uint64_t)(c->said_at / 1000), 4);
        little_put(record + 12, c->digest, 4);
        record[16] = (char)c->status;
        text_put(out, record, RECORD);
    }
}

void known_free(struct known *k) {
    free(k->items);
    *k = (struct known){0};
}
