/* What the pretended hosts of the connectors' tests have in common: pairs and copies that outlive a
 * call, answers by a few lines of words, options, and the budgets that the core remembers. */
#ifndef UNIT_HOST_PARTS_H
#define UNIT_HOST_PARTS_H

#include "common/text.h"
#include "sori/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Puts or replaces name = value; both are copied into the arena. */
static inline void pair_put(struct arena *a, struct sori_pair *list, size_t *count, size_t room,
                            struct sori_str name, struct sori_str value) {
    for (size_t i = 0; i < *count; i++)
        if (s_eq(list[i].name, name)) {
            list[i].value = arena_copy(a, value);
            return;
        }
    assert_true(*count < room);
    list[(*count)++] = (struct sori_pair){arena_copy(a, name), arena_copy(a, value)};
}

static inline struct sori_str pair_of(const struct sori_pair *list, size_t count,
                                      struct sori_str name) {
    for (size_t i = 0; i < count; i++)
        if (s_eq(list[i].name, name)) return list[i].value;
    return (struct sori_str){NULL, 0};
}

/* An answer with headers written as "name: value\n…" (or NULL); they are borrowed from there. */
static inline void answer_put(struct arena *a, struct sori_http_response *r, struct sori_str url,
                              int status, const char *headers, const char *body) {
    size_t n = 0;
    struct sori_pair *pairs = arena_get(a, 8 * sizeof *pairs);
    struct sori_str lines = s_of(headers), line;
    while (s_next(&lines, '\n', &line) && n < 8) {
        size_t colon = s_find_char(line, ':');
        pairs[n++] = (struct sori_pair){s_head(line, colon), s_trim(s_from(line, colon + 1))};
    }
    *r = (struct sori_http_response){.struct_size = sizeof *r,
                                     .http_status = status,
                                     .url = arena_copy(a, url),
                                     .headers = {pairs, n},
                                     .body = s_of(body)};
}

/* Options "name=value", a NULL at the end, or NULL, as pairs; gives how many. */
static inline size_t options_read(const char *const *options, struct sori_pair *pairs,
                                  size_t room) {
    size_t n = 0;
    for (; options && options[n]; n++) {
        assert_true(n < room);
        struct sori_str s = s_of(options[n]);
        size_t at = s_find_char(s, '=');
        pairs[n] = (struct sori_pair){s_head(s, at), s_from(s, at + 1)};
    }
    return n;
}

/* What the core remembers of budgets: the newest of each bucket. */
struct budgets {
    struct sori_rate of[24];
    size_t count;
};

static inline void budgets_note(struct arena *a, struct budgets *b, const struct sori_rate *r) {
    size_t i = 0;
    while (i < b->count && !s_eq(b->of[i].bucket, r->bucket)) i++;
    if (i == b->count) {
        assert_true(b->count < sizeof b->of / sizeof *b->of);
        b->count++;
    }
    b->of[i] = *r;
    b->of[i].bucket = arena_copy(a, r->bucket);
}

/* Whether a bucket is used up now; then `r` tells which. */
static inline bool budgets_full(const struct budgets *b, struct sori_str bucket, int64_t now,
                                struct sori_rate *r) {
    for (size_t i = 0; i < b->count; i++) {
        const struct sori_rate *one = &b->of[i];
        if (!s_eq(one->bucket, bucket) || one->remaining > 0 || one->until <= now) continue;
        *r = *one;
        return true;
    }
    return false;
}

#endif
