/* Inside the store: what a driver is, and the tables as data. Both drivers get the same batches in
 * the same order (apply.c) and serve the same reads (reads.def), so that they differ in little. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "base/arena.h"
#include "store/store.h"

#include <stdatomic.h>

enum table_id {
#define TABLE(name, how) T_##name,
#include "store/rows.def"
    T_COUNT
};
enum { COLS_MAX = 24, KEY_MAX = 4 };
enum col_type { COL_INT, COL_TEXT, COL_BLOB };
struct col {
    const char *name;
    enum col_type type;
    uint32_t offset; /* in the row */
};
struct table {
    const char *name;
    uint32_t size, n; /* bytes of a row, columns */
    bool put;         /* a row of the same key is replaced */
    uint32_t key_n, need_n;
    uint8_t key[KEY_MAX], need[COLS_MAX]; /* columns of the primary key; that are never NULL */
    uint32_t rows, count;                 /* offsets in struct store_batch */
    struct col col[COLS_MAX];
};
/* Describes all tables: `tables` has T_COUNT places. */
void table_describe(struct table *tables);
/* The column of that name; there must be one. */
uint32_t table_col(const struct table *t, const char *name, size_t len);
/* Copies a row with its strings. */
void table_copy(const struct table *t, const void *row, void *to, struct arena *arena);

static inline int64_t row_int(const void *row, const struct col *c) {
    return *(const int64_t *)((const char *)row + c->offset);
}
static inline struct sori_str row_str(const void *row, const struct col *c) {
    return *(const struct sori_str *)((const char *)row + c->offset);
}
static inline void row_set_int(void *row, const struct col *c, int64_t i) {
    *(int64_t *)((char *)row + c->offset) = i;
}
static inline void row_set_str(void *row, const struct col *c, struct sori_str s) {
    *(struct sori_str *)((char *)row + c->offset) = s;
}

/* Changes of rows (struct set_…): fields that stay are NIL or NULL. */
enum set_id { SET_interaction, SET_action, SET_author, SET_kase, SET_COUNT };
struct set {
    enum table_id table;
    uint32_t n;
    struct col col[COLS_MAX]; /* offsets in the struct set_…; names as in the table */
};
void set_describe(struct set *sets);

/* Kinds of batch_step.what that matter to order. */
enum step {
    STEP_action = T_action,
    STEP_task = T_task,
    STEP_set_action = T_COUNT,
    STEP_del_task,
    STEP_other
};

/* Reads. */
enum read_id {
#define READ(name, table, index, prefix, lower, filter, take, sql) READ_##name,
#include "store/reads.def"
    READ_COUNT
};
enum number_id {
#define NUMBER(name, table, index, prefix, lower, filter, fold, column, sql) NUMBER_##name,
#include "store/reads.def"
    NUMBER_COUNT
};
struct arg {
    bool is_str;
    int64_t i;
    struct sori_str s;
};
enum { ARGS_MAX = 4 };
enum table_id read_table(enum read_id id);
bool read_is_early(enum read_id id);

/* How one change went. REFUSED: a constraint; nothing of the batch may stay. */
enum done { DONE, REFUSED, DEAD };

struct driver {
    enum done (*begin)(struct store *s, struct err *err);
    enum done (*row)(struct store *s, enum table_id table, const void *row, struct err *err);
    /* *changed: 1, or 0 where no row matched. */
    enum done (*set)(struct store *s, enum set_id set, const void *change, size_t *changed,
                     struct err *err);
    enum done (*tally)(struct store *s, const struct add_tally *add, struct err *err);
    enum done (*del_timer)(struct store *s, int64_t id, struct err *err);
    enum done (*del_task)(struct store *s, const struct del_task *del, struct err *err);
    enum done (*end)(struct store *s, struct err *err); /* durable when DONE */
    void (*undo)(struct store *s);
    void (*tidy)(struct store *s);
    /* On the caller's thread, where the others may be on another: before a batch is handed over,
     * and after it. NULL: nothing to do. */
    void (*announce)(struct store *s, const struct store_batch *b);
    void (*care)(struct store *s);
    bool threads; /* a commit may run on a thread of its own, beside the reads that are `early` */
    void (*close)(struct store *s);
    /* Rows one by one; their strings live until `each` returns, which must not use the store. */
    void (*read)(struct store *s, enum read_id id, const struct arg *args, size_t limit,
                 store_row *each, void *ctx);
    int64_t (*number)(struct store *s, enum number_id id, const struct arg *args);
    bool (*head)(struct store *s, int64_t id, int64_t space, struct sori_str native,
                 struct store_head *out); /* by id where that is not 0 */
    int64_t (*blob_put)(struct store *s, const uint8_t hash[32], struct sori_str data,
                        struct err *err);
    bool (*blob_get)(struct store *s, int64_t id, struct buf *out);
    int64_t (*count)(struct store *s, int64_t target, struct sori_str class_);
    struct store_copy *(*copy)(struct store *s, const char *to, struct err *err);
    enum done (*drop_faults)(struct store *s, int64_t before, int64_t up_to, size_t most,
                             size_t *dropped, struct err *err);
    void (*memory)(struct store *s, struct store_memory *out); /* NULL: it has none of its own */
    enum done (*drop_generations)(struct store *s, const struct store_generations *keep,
                                  size_t most, size_t *dropped, struct err *err);
};

struct flight;
struct store {
    const struct driver *driver;
    int64_t epoch;
    atomic_bool dead; /* set after `why` */
    struct err why;
    struct flight *flight; /* NULL until the first commit that flies */
    struct table table[T_COUNT];
    struct set set[SET_COUNT];
    struct arena one; /* strings of the last single row */
    struct arena *spare[4];
    size_t spare_n;
};
/* Fills what all drivers share. */
void store_init(struct store *s, const struct driver *driver);
/* Ends the store's life: writes the reason once, and to stderr. Returns DEAD. */
enum done store_kill(struct store *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Begin, apply, end: store_commit without its thread. */
bool commit_now(struct store *s, struct store_batch *b, struct err *err);
/* flight.c: is a batch being written now? Waits until none is. Ends the thread. */
bool flight_working(const struct store *s);
void flight_land(struct store *s);
void flight_end(struct store *s);

/* The batch's changes, in order, through the driver. */
enum done batch_apply(struct store *s, struct store_batch *b, struct err *err);

#endif
