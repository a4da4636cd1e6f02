/* Binding without waste: strings stay where they are, and a parameter that is NULL already is not
 * bound to NULL again (most columns of most rows are). */
#include "store/sqlite/sqlite.h"

#include <limits.h>

static int bind_null(struct stmt *t, int at) {
    uint32_t bit = 1u << (at - 1);
    if (!(t->bound & bit)) return SQLITE_OK;
    t->bound &= ~bit;
    return sqlite3_bind_null(t->sql, at);
}

int stmt_int(struct stmt *t, int at, int64_t value) {
    if (value == NIL) return bind_null(t, at);
    t->bound |= 1u << (at - 1);
    return sqlite3_bind_int64(t->sql, at, value);
}

int stmt_str(struct stmt *t, int at, struct sori_str value, bool blob) {
    if (!value.ptr) return bind_null(t, at);
    if (value.len > INT_MAX) return SQLITE_TOOBIG;
    t->bound |= 1u << (at - 1);
    int len = (int)value.len;
    return blob ? sqlite3_bind_blob(t->sql, at, value.ptr, len, SQLITE_STATIC)
                : sqlite3_bind_text(t->sql, at, value.ptr, len, SQLITE_STATIC);
}

int stmt_row(struct stmt *t, int at, const struct col *cols, uint32_t n, const void *row) {
    int rc = SQLITE_OK;
    for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++, at++) {
        const struct col *c = &cols[i];
        if (c->type == COL_INT)
            rc = stmt_int(t, at, row_int(row, c));
        else
            rc = stmt_str(t, at, row_str(row, c), c->type == COL_BLOB);
    }
    return rc;
}

int stmt_run(struct stmt *t) {
    int rc = sqlite3_step(t->sql);
    int again = sqlite3_reset(t->sql);
    return rc == SQLITE_DONE ? SQLITE_OK : again != SQLITE_OK ? again : rc;
}
