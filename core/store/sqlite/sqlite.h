/* Inside the SQLite driver. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/driver.h"

#include <sqlite3.h>

/* A kept statement and which of its parameters are not NULL now (bit n: parameter n + 1). */
struct stmt {
    sqlite3_stmt *sql;
    uint32_t bound;
};

enum extra {
    EXTRA_BEGIN,
    EXTRA_WRITE, /* BEGIN IMMEDIATE */
    EXTRA_COMMIT,
    EXTRA_ROLLBACK,
    EXTRA_EPOCH,
    EXTRA_TALLY,
    EXTRA_DEL_TIMER,
    EXTRA_DEL_TASK,
    EXTRA_SEEN,
    EXTRA_HEAD,
    EXTRA_BLOB_PUT,
    EXTRA_BLOB_FIND,
    EXTRA_BLOB_GET,
    EXTRA_KEYS,
    EXTRA_COUNTED,
    EXTRA_COUNT
};

struct sqlite_store {
    struct store base;
    sqlite3 *db;
    char *path;
    int wal_pages, wal_tidied; /* length of the WAL now, and at the last checkpoint */
    /* The second connection, which only reads, and only while the first is busy on another thread:
     * prepared when it is first needed. */
    sqlite3 *side;
    struct stmt early[READ_COUNT], early_seen, early_head;
    struct stmt insert[T_COUNT], set[SET_COUNT], read[READ_COUNT], number[NUMBER_COUNT],
        extra[EXTRA_COUNT];
    struct keys *keys;
};

static inline struct sqlite_store *sqlite_of(struct store *s) { return (struct sqlite_store *)s; }

/* sqlite.c */
/* Opens `path` with our settings; `how` are SQLITE_OPEN_… flags. NULL with `err` on failure. */
sqlite3 *sqlite_connect(const char *path, int how, struct err *err);
/* Says what SQLite says about the last failure, with what to do. Returns false. */
bool sqlite_why(sqlite3 *db, const char *path, const char *what, struct err *err);
/* What to do about an error, a sentence with a space before it, or "". */
const char *sqlite_remedy(int code);
/* As sqlite_why, and the store is dead. */
enum done sqlite_dead(struct sqlite_store *s, const char *what, struct err *err);
/* Runs SQL of ours that gives no rows. */
bool sqlite_run(sqlite3 *db, const char *path, const char *sql, struct err *err);
/* The one integer that SQL of ours gives; NIL on failure. */
int64_t sqlite_int(sqlite3 *db, const char *sql);

/* migrate.c: brings the schema to ours. Refuses what is newer or no database of ours. */
bool sqlite_migrate(sqlite3 *db, const char *path, struct err *err);
int64_t sqlite_newest_schema(void);
enum { SORI_APPLICATION_ID = 0x536f7269 }; /* "Sori" */

/* sqlite/side.c: opens the second connection; false with the store dead. */
bool side_open(struct sqlite_store *s);
void side_close(struct sqlite_store *s);

/* sqlite/sql.c: the statements. */
bool sqlite_prepare(struct sqlite_store *s, struct err *err);
bool sqlite_prepare_one(sqlite3 *db, const char *path, struct stmt *t, const char *sql,
                        struct err *err);
void sqlite_finalize(struct sqlite_store *s);
const char *sqlite_extra_sql(enum extra id);
/* "SELECT …" of a read, for the statement and for tests; and of a number. */
void sqlite_read_sql(const struct store *s, enum read_id id, struct buf *out);
const char *sqlite_number_sql(enum number_id id);

/* sqlite/bind.c */
int stmt_int(struct stmt *t, int at, int64_t value);
int stmt_str(struct stmt *t, int at, struct sori_str value, bool blob);
/* Binds a row's columns from parameter `at` on. */
int stmt_row(struct stmt *t, int at, const struct col *cols, uint32_t n, const void *row);
/* Steps a statement without rows and resets it: SQLITE_OK or the error. */
int stmt_run(struct stmt *t);

/* keys.c: whether a key is certainly new. Opening fills a first part, keys_fill a slice more. */
bool keys_open(struct sqlite_store *s);
void keys_close(struct sqlite_store *s);
int64_t keys_bytes(const struct sqlite_store *s);
void keys_fill(struct sqlite_store *s);
void keys_add(struct sqlite_store *s, int64_t space, struct sori_str native);
bool keys_new(struct sqlite_store *s, int64_t space, struct sori_str native);

/* sqlite/write.c, sqlite/read.c, sqlite/blob.c: functions of the driver. */
enum done sqlite_begin(struct store *s, struct err *err);
enum done sqlite_row(struct store *s, enum table_id table, const void *row, struct err *err);
enum done sqlite_set(struct store *s, enum set_id set, const void *change, size_t *changed,
                     struct err *err);
enum done sqlite_tally(struct store *s, const struct add_tally *add, struct err *err);
enum done sqlite_del_timer(struct store *s, int64_t id, struct err *err);
enum done sqlite_del_task(struct store *s, const struct del_task *del, struct err *err);
enum done sqlite_end(struct store *s, struct err *err);
void sqlite_undo(struct store *s);
void sqlite_tidy(struct store *s);
void sqlite_announce(struct store *s, const struct store_batch *b);
void sqlite_care(struct store *s);
void sqlite_read(struct store *s, enum read_id id, const struct arg *args, size_t limit,
                 store_row *each, void *ctx);
int64_t sqlite_number(struct store *s, enum number_id id, const struct arg *args);
bool sqlite_head(struct store *s, int64_t id, int64_t space, struct sori_str native,
                 struct store_head *out);
/* Ends a transaction that only reads, if one is open. */
bool sqlite_stop_reading(struct sqlite_store *s, struct err *err);
int64_t sqlite_blob_put(struct store *s, const uint8_t hash[32], struct sori_str data,
                        struct err *err);
bool sqlite_blob_get(struct store *s, int64_t id, struct buf *out);
int64_t sqlite_count(struct store *s, int64_t target, struct sori_str class_);
struct store_copy *sqlite_copy(struct store *s, const char *to, struct err *err);
/* retain.c */
enum done sqlite_drop_faults(struct store *s, int64_t before, int64_t up_to, size_t most,
                             size_t *dropped, struct err *err);
void sqlite_memory(struct store *s, struct store_memory *out);
enum done sqlite_drop_generations(struct store *s, const struct store_generations *keep,
                                  size_t most, size_t *dropped, struct err *err);
/* backup.c, for restore.c. A private empty file; a finished one gets its name, durably. */
bool copy_make(const char *part, struct err *err);
bool copy_name(const char *part, const char *to, struct err *err);

#endif
