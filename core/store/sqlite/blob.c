/* Blobs and copies of the SQLite driver. */
#include "store/sqlite/sqlite.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t find(struct sqlite_store *s, struct sori_str hash, int *rc) {
    struct stmt *t = &s->extra[EXTRA_BLOB_FIND];
    *rc = stmt_str(t, 1, hash, true);
    if (*rc == SQLITE_OK) *rc = sqlite3_step(t->sql);
    int64_t id = *rc == SQLITE_ROW ? sqlite3_column_int64(t->sql, 0) : NIL;
    sqlite3_reset(t->sql);
    return id;
}

int64_t sqlite_blob_put(struct store *base, const uint8_t hash[32], struct sori_str data,
                        struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    struct sori_str key = {(const char *)hash, 32};
    if (!data.ptr) data.ptr = "";
    if (!sqlite_stop_reading(s, err)) return NIL;
    int rc;
    int64_t id = find(s, key, &rc);
    if (id != NIL) return id;
    if (rc == SQLITE_DONE) {
        struct stmt *t = &s->extra[EXTRA_BLOB_PUT];
        rc = stmt_str(t, 1, key, true);
        if (rc == SQLITE_OK) rc = stmt_str(t, 2, data, true);
        if (rc == SQLITE_TOOBIG) {
            err_set(err, "refused: a blob of %zu bytes is too big", data.len);
            return NIL;
        }
        if (rc == SQLITE_OK) rc = stmt_run(t);
        if (rc == SQLITE_OK) return sqlite3_last_insert_rowid(s->db);
    }
    sqlite_dead(s, "a blob cannot be kept", err);
    return NIL;
}

bool sqlite_blob_get(struct store *base, int64_t id, struct buf *out) {
    struct sqlite_store *s = sqlite_of(base);
    struct stmt *t = &s->extra[EXTRA_BLOB_GET];
    int rc = stmt_int(t, 1, id);
    if (rc == SQLITE_OK) rc = sqlite3_step(t->sql);
    if (rc == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(t->sql, 0);
        buf_put(out, bytes, (size_t)sqlite3_column_bytes(t->sql, 0));
    } else if (rc != SQLITE_DONE) {
        sqlite_dead(s, "a blob cannot be read", NULL);
    }
    sqlite3_reset(t->sql);
    return rc == SQLITE_ROW;
}
