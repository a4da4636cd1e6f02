/* The driver in memory, for tests and simulation: the same constraints, the same order. */
#include "store/memory/memory.h"

#include <stdlib.h>
#include <string.h>

static int64_t memory_blob_put(struct store *base, const uint8_t hash[32], struct sori_str data,
                               struct err *err) {
    (void)err;
    struct memory_store *s = memory_of(base);
    for (size_t i = 0; i < s->blob_n; i++)
        if (memcmp(s->blob[i].hash, hash, 32) == 0) return (int64_t)i + 1;
    if (s->blob_n == s->blob_cap) {
        s->blob_cap = s->blob_cap ? s->blob_cap * 2 : 16;
        s->blob = mem_grow(s->blob, s->blob_cap * sizeof *s->blob);
    }
    struct memory_blob *b = &s->blob[s->blob_n++];
    memcpy(b->hash, hash, 32);
    b->data = mem_copy(data);
    return (int64_t)s->blob_n;
}

static bool memory_blob_get(struct store *base, int64_t id, struct buf *out) {
    struct memory_store *s = memory_of(base);
    if (id < 1 || (uint64_t)id > s->blob_n) return false;
    buf_str(out, s->blob[id - 1].data);
    return true;
}

static struct store_copy *memory_copy(struct store *base, const char *to, struct err *err) {
    (void)base;
    err_set(err, "%s: a store in memory has nothing to back up", to);
    return NULL;
}

static int64_t memory_count(struct store *base, int64_t target, struct sori_str class_) {
    int64_t n = 0;
    size_t at = 0;
    for (const struct count *c; (c = map_next(&memory_of(base)->tally, &at));)
        for (; c; c = c->next)
            if (c->target == target && str_eq(c->class_, class_)) n += c->n;
    return n;
}

static void memory_tidy(struct store *base) { (void)base; }

static void memory_close(struct store *base) {
    struct memory_store *s = memory_of(base);
    for (uint32_t i = 0; i < IX_COUNT; i++) {
        struct index *x = &s->index[i];
        bool pk = i == 0 || s->index[i - 1].table != x->table;
        struct place p = {0, 0};
        for (void *row; pk && (row = index_next(x, &p));) memory_row_free(x->table, row);
    }
    for (uint32_t i = 0; i < IX_COUNT; i++) index_free(&s->index[i]);
    size_t at = 0;
    for (struct count *c, *next; (c = map_next(&s->tally, &at));)
        for (; c; c = next) {
            next = c->next;
            free((char *)(uintptr_t)c->class_.ptr);
            free(c);
        }
    map_free(&s->tally);
    for (size_t i = 0; i < s->blob_n; i++) free((char *)(uintptr_t)s->blob[i].data.ptr);
    free(s->change);
    free(s->added);
    free(s->blob);
    free(s);
}

static const struct driver driver = {
    .begin = memory_begin,
    .row = memory_row,
    .set = memory_set,
    .tally = memory_tally,
    .del_timer = memory_del_timer,
    .del_task = memory_del_task,
    .end = memory_end,
    .undo = memory_undo,
    .tidy = memory_tidy,
    .close = memory_close,
    .read = memory_read,
    .number = memory_number,
    .head = memory_head,
    .blob_put = memory_blob_put,
    .blob_get = memory_blob_get,
    .count = memory_count,
    .copy = memory_copy,
    .drop_faults = memory_drop_faults,
    .drop_generations = memory_drop_generations,
};

struct store *store_open_memory(void) {
    struct memory_store *s = mem_get(sizeof *s);
    store_init(&s->base, &driver);
    index_describe(s->index, s->base.table);
    s->base.epoch = 1;
    return &s->base;
}
