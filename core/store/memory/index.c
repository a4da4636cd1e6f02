/* Ordered indexes of rows, as indexes.def names them. */
#include "store/memory/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = sizeof((struct chunk *)0)->row / sizeof(void *) };

static bool where_all(const void *row) {
    (void)row;
    return true;
}
static bool where_negative(const void *row) {
    return ((const struct row_decision *)row)->tone == TONE_NEGATIVE;
}
static bool where_not_closed(const void *row) {
    return ((const struct row_kase *)row)->state < KASE_CLOSED;
}
static bool where_fallen(const void *row) {
    int64_t state = ((const struct row_action *)row)->state;
    return state >= ACTION_FAILED && state <= ACTION_WITHDRAWN;
}
static bool where_standing(const void *row) { return !where_fallen(row); }
static bool where_ready(const void *row) {
    return ((const struct row_action *)row)->state == ACTION_READY;
}
static bool where_doubt(const void *row) {
    int64_t state = ((const struct row_action *)row)->state;
    return state == ACTION_WAITING || state == ACTION_LEASED || state == ACTION_SENT ||
           state == ACTION_UNKNOWN;
}
static bool where_sent(const void *row) { return ((const struct row_action *)row)->sent_at > 0; }
static bool where_has_native(const void *row) {
    return ((const struct row_action *)row)->native.ptr;
}
static bool where_of_kase(const void *row) { return ((const struct row_action *)row)->kase > 0; }
static bool where_state_0(const void *row) { return ((const struct row_segment *)row)->state == 0; }
static bool where_state_2(const void *row) {
    return ((const struct row_generation *)row)->state == 2;
}

static void add_col(struct index *x, uint8_t col) {
    for (uint32_t i = 0; i < x->col_n; i++)
        if (x->col[i] == col) return;
    SORI_ASSERT(x->col_n < sizeof x->col);
    x->col[x->col_n++] = col;
}

static void describe(struct index *x, const struct table *t, const char *words, bool unique,
                     bool (*where)(const void *)) {
    *x = (struct index){.table = t, .unique = unique, .where = where};
    while (*words) {
        size_t len = strcspn(words, " ");
        add_col(x, (uint8_t)table_col(t, words, len));
        words += len + strspn(words + len, " ");
    }
    x->named = x->col_n;
    for (uint32_t k = 0; k < t->key_n; k++) add_col(x, t->key[k]);
}

void index_describe(struct index *indexes, const struct table *tables) {
#define INDEX(table, name, unique, columns, where)                                                 \
    describe(&indexes[IX_##name], &tables[T_##table], columns, unique, where_##where);
#include "store/indexes.def"
}

void index_free(struct index *x) {
    for (size_t i = 0; i < x->chunk_n; i++) free(x->chunk[i]);
    free(x->chunk);
}

static int str_order(struct sori_str a, struct sori_str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return d ? d : (a.len > b.len) - (a.len < b.len);
}

int index_order(const struct index *x, const void *a, const void *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const struct col *c = &x->table->col[x->col[i]];
        int d;
        if (c->type == COL_INT) {
            int64_t l = row_int(a, c), r = row_int(b, c);
            d = (l > r) - (l < r);
        } else {
            d = str_order(row_str(a, c), row_str(b, c));
        }
        if (d) return d;
    }
    return 0;
}

struct place index_find(const struct index *x, const void *row, uint32_t n) {
    /* The last chunk whose first row is before `row`, then the place in it. */
    size_t lo = 0, hi = x->chunk_n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (index_order(x, x->chunk[mid]->row[0], row, n) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo) return (struct place){0, 0};
    const struct chunk *c = x->chunk[lo - 1];
    uint32_t from = 0, to = c->n;
    while (from < to) {
        uint32_t mid = (from + to) / 2;
        if (index_order(x, c->row[mid], row, n) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return (struct place){lo - 1, from};
}

void *index_next(const struct index *x, struct place *p) {
    if (p->chunk < x->chunk_n && p->at == x->chunk[p->chunk]->n) {
        p->chunk++;
        p->at = 0;
    }
    return p->chunk < x->chunk_n ? x->chunk[p->chunk]->row[p->at++] : NULL;
}

static void add_chunk(struct index *x, size_t at) {
    if (x->chunk_n == x->chunk_cap) {
        x->chunk_cap = x->chunk_cap ? x->chunk_cap * 2 : 16;
        x->chunk = mem_grow(x->chunk, x->chunk_cap * sizeof *x->chunk);
    }
    memmove(&x->chunk[at + 1], &x->chunk[at], (x->chunk_n - at) * sizeof *x->chunk);
    x->chunk[at] = mem_get(sizeof **x->chunk);
    x->chunk_n++;
}

void index_insert(struct index *x, void *row) {
    struct place p = index_find(x, row, x->col_n);
    if (!x->chunk_n) add_chunk(x, 0);
    struct chunk *c = x->chunk[p.chunk];
    if (c->n == CHUNK) {
        /* Rows mostly come in order: then the new chunk begins empty instead of half full. */
        bool last = p.chunk + 1 == x->chunk_n && p.at == c->n;
        uint32_t keep = last ? CHUNK : CHUNK / 2;
        add_chunk(x, p.chunk + 1);
        struct chunk *next = x->chunk[p.chunk + 1];
        next->n = CHUNK - keep;
        memcpy(next->row, c->row + keep, next->n * sizeof *c->row);
        c->n = keep;
        if (p.at > keep || last) {
            p.at -= keep;
            c = next;
        }
    }
    memmove(&c->row[p.at + 1], &c->row[p.at], (c->n - p.at) * sizeof *c->row);
    c->row[p.at] = row;
    c->n++;
}

void index_remove(struct index *x, const void *row) {
    struct place p = index_find(x, row, x->col_n);
    const void *found = index_next(x, &p);
    SORI_ASSERT(found == row);
    struct chunk *c = x->chunk[p.chunk];
    p.at--; /* index_next went past it */
    memmove(&c->row[p.at], &c->row[p.at + 1], (c->n - p.at - 1) * sizeof *c->row);
    if (--c->n) return;
    free(c);
    memmove(&x->chunk[p.chunk], &x->chunk[p.chunk + 1],
            (--x->chunk_n - p.chunk) * sizeof *x->chunk);
}
