/* Reading the core's database without ever standing in its way: read-only, short, and never a
 * checkpoint (a second connection that checkpoints may lose committed data in SQLite 3.40.1). */
#include "reader/part.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"

#include <stdarg.h>

static int out_of_time(void *ctx) {
    struct reader *r = ctx;
    return clock_mono() >= r->deadline;
}

static bool open_store(struct reader *r, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/sori.db", r->data);
    int rc = sqlite3_open_v2(path.data, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    buf_free(&path);
    if (rc == SQLITE_OK) {
        sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_busy_timeout(r->db, 500);
        rc = sqlite3_exec(r->db,
                          "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0;"
                          "SELECT 1 FROM interaction LIMIT 1",
                          NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        sqlite3_progress_handler(r->db, 2000, out_of_time, r);
        return true;
    }
    err_set(err, "the store cannot be read: %s", r->db ? sqlite3_errmsg(r->db) : "no memory");
    sqlite3_close(r->db);
    r->db = NULL;
    return false;
}

bool db_ready(struct reader *r, struct err *err) {
    r->deadline = clock_mono() + QUERY_MS;
    if (!r->db && !open_store(r, err)) return false;
    return r->search || index_open(r, err);
}

void db_close(struct reader *r) {
    sqlite3_close(r->db);
    sqlite3_close(r->search);
    r->db = r->search = NULL;
}

sqlite3_stmt *db_query(sqlite3 *db, const char *sql, const char *types, ...) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        log_line(LOG_ERROR, "reader", "%s: %s", sql, sqlite3_errmsg(db));
        return NULL;
    }
    va_list args;
    va_start(args, types);
    for (int i = 0; types[i]; i++) {
        if (types[i] == 'i') {
            sqlite3_bind_int64(s, i + 1, va_arg(args, int64_t));
        } else {
            struct sori_str v = va_arg(args, struct sori_str);
            sqlite3_bind_text64(s, i + 1, v.ptr ? v.ptr : "", v.len, SQLITE_TRANSIENT, SQLITE_UTF8);
        }
    }
    va_end(args);
    return s;
}

bool db_row(sqlite3_stmt *s) {
    if (!s) return false;
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE && rc != SQLITE_INTERRUPT)
        log_line(LOG_ERROR, "reader", "%s: %s", sqlite3_sql(s),
                 sqlite3_errmsg(sqlite3_db_handle(s)));
    return rc == SQLITE_ROW;
}

int64_t db_int(sqlite3_stmt *s, int column) {
    if (sqlite3_column_type(s, column) == SQLITE_NULL) return NIL;
    return sqlite3_column_int64(s, column);
}

struct sori_str db_str(sqlite3_stmt *s, int column) {
    const char *p = sqlite3_column_type(s, column) == SQLITE_BLOB
                        ? sqlite3_column_blob(s, column)
                        : (const char *)sqlite3_column_text(s, column);
    if (!p && sqlite3_column_type(s, column) != SQLITE_NULL) p = "";
    return (struct sori_str){p, (size_t)sqlite3_column_bytes(s, column)};
}

int64_t db_one(sqlite3 *db, const char *sql, int64_t arg, int64_t fallback) {
    bool takes = strchr(sql, '?') != NULL;
    sqlite3_stmt *s = db_query(db, sql, takes ? "i" : "", arg);
    int64_t value = db_row(s) ? db_int(s, 0) : NIL;
    sqlite3_finalize(s);
    return value == NIL ? fallback : value;
}
