/* Reads of the SQLite driver. Between commits they share one read transaction, which saves two
 * system calls a read; the next commit or checkpoint ends it. Beside a commit in flight they use
 * the second connection. */
#include "store/sqlite/sqlite.h"

#include <stdio.h>

static bool reading(struct sqlite_store *s) {
    if (!sqlite3_get_autocommit(s->db)) return true;
    return stmt_run(&s->extra[EXTRA_BEGIN]) == SQLITE_OK ||
           sqlite_dead(s, "a read cannot begin", NULL) == DONE;
}

/* The statement to use now: the first connection's, or the second's while the first is busy. NULL:
 * the store is dead. */
static struct stmt *choose(struct sqlite_store *s, struct stmt *main, struct stmt *early) {
    if (flight_working(&s->base)) return side_open(s) ? early : NULL;
    return reading(s) ? main : NULL;
}

static bool read_failed(struct sqlite_store *s, const struct stmt *t, const char *what) {
    sqlite3 *db = sqlite3_db_handle(t->sql);
    if (db == s->db) return sqlite_dead(s, what, NULL) == DONE;
    struct err why;
    sqlite_why(db, s->path, what, &why);
    return store_kill(&s->base, "%s", why.text) == DONE;
}

static struct sori_str column(sqlite3_stmt *t, int at) {
    const char *ptr = sqlite3_column_blob(t, at);
    struct sori_str s = {ptr, (size_t)sqlite3_column_bytes(t, at)};
    if (!ptr && sqlite3_column_type(t, at) != SQLITE_NULL) s.ptr = "";
    return s;
}

static int64_t column_int(sqlite3_stmt *t, int at) {
    return sqlite3_column_type(t, at) == SQLITE_NULL ? NIL : sqlite3_column_int64(t, at);
}

static int bind_args(struct stmt *t, const struct arg *args) {
    int n = sqlite3_bind_parameter_count(t->sql), rc = SQLITE_OK;
    for (int i = 0; args && i < ARGS_MAX && i < n && rc == SQLITE_OK; i++)
        rc = args[i].is_str ? stmt_str(t, i + 1, args[i].s, false) : stmt_int(t, i + 1, args[i].i);
    return rc;
}

void sqlite_read(struct store *base, enum read_id id, const struct arg *args, size_t limit,
                 store_row *each, void *ctx) {
    struct sqlite_store *s = sqlite_of(base);
    const struct table *table = &base->table[read_table(id)];
    struct stmt *t = choose(s, &s->read[id], &s->early[id]);
    if (!t) return;
    int rc = bind_args(t, args);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(t->sql) >= 9)
        rc = stmt_int(t, 9, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    _Alignas(8) char row[COLS_MAX * sizeof(struct sori_str)];
    if (rc == SQLITE_OK) rc = sqlite3_step(t->sql);
    for (; rc == SQLITE_ROW && limit; limit--) {
        for (uint32_t i = 0; i < table->n; i++) {
            const struct col *c = &table->col[i];
            if (c->type == COL_INT)
                row_set_int(row, c, column_int(t->sql, (int)i));
            else
                row_set_str(row, c, column(t->sql, (int)i));
        }
        each(ctx, row);
        rc = limit == 1 ? SQLITE_DONE : sqlite3_step(t->sql);
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) read_failed(s, t, table->name);
    sqlite3_reset(t->sql);
}

static int64_t one_number(struct sqlite_store *s, struct stmt *t, const struct arg *args) {
    if (!reading(s)) return NIL;
    int rc = bind_args(t, args);
    if (rc == SQLITE_OK) rc = sqlite3_step(t->sql);
    int64_t n = rc == SQLITE_ROW ? column_int(t->sql, 0) : NIL;
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) sqlite_dead(s, "a number cannot be read", NULL);
    sqlite3_reset(t->sql);
    return n;
}

int64_t sqlite_number(struct store *base, enum number_id id, const struct arg *args) {
    return one_number(sqlite_of(base), &sqlite_of(base)->number[id], args);
}

int64_t sqlite_count(struct store *base, int64_t target, struct sori_str class_) {
    const struct arg args[ARGS_MAX] = {{.i = target}, {.is_str = true, .s = class_}};
    return one_number(sqlite_of(base), &sqlite_of(base)->extra[EXTRA_COUNTED], args);
}

enum { HEAD_N = sizeof(struct store_head) / sizeof(int64_t) };

bool sqlite_head(struct store *base, int64_t id, int64_t space, struct sori_str native,
                 struct store_head *out) {
    struct sqlite_store *s = sqlite_of(base);
    if (!id && keys_new(s, space, native)) return false;
    struct stmt *t =
        choose(s, &s->extra[id ? EXTRA_HEAD : EXTRA_SEEN], id ? &s->early_head : &s->early_seen);
    if (!t) return false;
    int rc = stmt_int(t, 1, id ? id : space);
    if (!id && rc == SQLITE_OK) rc = stmt_str(t, 2, native, false);
    if (rc == SQLITE_OK) rc = sqlite3_step(t->sql);
    if (rc == SQLITE_ROW) {
        /* The columns stand in the order of the struct, which is 64-bit integers only. */
        int64_t *field = (int64_t *)out;
        for (int i = 0; i < HEAD_N; i++) field[i] = column_int(t->sql, i);
    } else if (rc != SQLITE_DONE) {
        read_failed(s, t, "an interaction cannot be looked up");
    }
    sqlite3_reset(t->sql);
    return rc == SQLITE_ROW;
}
