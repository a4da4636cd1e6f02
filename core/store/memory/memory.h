/* Inside the driver in memory. Every table is a set of rows that never change: a change makes a new
 * row that takes the old one's place in every index, which also makes undoing simple. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "base/map.h"
#include "store/driver.h"

enum index_id {
#define INDEX(table, name, unique, columns, where) IX_##name,
#include "store/indexes.def"
    IX_COUNT
};

/* An ordered list of rows in chunks: a place is found by halving, a chunk is moved by memmove. */
struct chunk {
    uint32_t n;
    void *row[512];
};
struct index {
    const struct table *table;
    bool unique;
    bool (*where)(const void *row);
    uint32_t col_n; /* the named columns, then those of the primary key */
    uint32_t named;
    uint8_t col[2 * KEY_MAX];
    struct chunk **chunk;
    size_t chunk_n, chunk_cap;
};
struct place {
    size_t chunk;
    uint32_t at;
};

void index_describe(struct index *indexes, const struct table *tables);
void index_free(struct index *x);
/* Compares the first `n` columns of two rows. */
int index_order(const struct index *x, const void *a, const void *b, uint32_t n);
/* The first row that is not before `row`, by the first `n` columns. */
struct place index_find(const struct index *x, const void *row, uint32_t n);
/* The row at a place, NULL at the end; moves the place on. */
void *index_next(const struct index *x, struct place *p);
void index_insert(struct index *x, void *row);
void index_remove(struct index *x, const void *row);

/* One thing done in the open commit: `old` made way for `now`; either may be NULL. */
struct change {
    enum table_id table;
    void *old, *now;
};
struct count {
    int64_t target, hour, bucket, n;
    struct sori_str class_;
    struct count *next; /* of the same digest */
};
struct memory_blob {
    uint8_t hash[32];
    struct sori_str data;
};
struct memory_store {
    struct store base;
    struct index index[IX_COUNT];
    struct change *change;
    size_t change_n, change_cap;
    struct map tally; /* digest of a cell's key: struct count */
    struct {
        struct count *cell;
        int64_t n;
    } * added; /* by the open commit */
    size_t added_n, added_cap;
    struct memory_blob *blob; /* id - 1 */
    size_t blob_n, blob_cap;
};
static inline struct memory_store *memory_of(struct store *s) { return (struct memory_store *)s; }

/* memory/write.c */
enum done memory_begin(struct store *s, struct err *err);
enum done memory_row(struct store *s, enum table_id table, const void *row, struct err *err);
enum done memory_set(struct store *s, enum set_id set, const void *change, size_t *changed,
                     struct err *err);
enum done memory_tally(struct store *s, const struct add_tally *add, struct err *err);
enum done memory_del_timer(struct store *s, int64_t id, struct err *err);
enum done memory_del_task(struct store *s, const struct del_task *del, struct err *err);
enum done memory_end(struct store *s, struct err *err);
void memory_undo(struct store *s);
void memory_row_free(const struct table *t, void *row);
/* The row with the primary key of `row`, or NULL. */
void *memory_find(struct memory_store *s, enum table_id table, const void *row);

/* retain.c */
enum done memory_drop_faults(struct store *s, int64_t before, int64_t up_to, size_t most,
                             size_t *dropped, struct err *err);
enum done memory_drop_generations(struct store *s, const struct store_generations *keep,
                                  size_t most, size_t *dropped, struct err *err);

/* memory/read.c */
void memory_read(struct store *s, enum read_id id, const struct arg *args, size_t limit,
                 store_row *each, void *ctx);
int64_t memory_number(struct store *s, enum number_id id, const struct arg *args);
bool memory_head(struct store *s, int64_t id, int64_t space, struct sori_str native,
                 struct store_head *out);

#endif
