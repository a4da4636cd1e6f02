/* Commits of the SQLite driver. */
#include "store/sqlite/sqlite.h"

/* A constraint refuses the batch; anything else ends the store. */
static enum done outcome(struct sqlite_store *s, int rc, const char *what, struct err *err) {
    if (rc == SQLITE_OK) return DONE;
    if ((rc & 0xff) == SQLITE_CONSTRAINT || rc == SQLITE_TOOBIG) {
        err_set(err, "%s: %s", what, rc == SQLITE_TOOBIG ? "too big" : sqlite3_errmsg(s->db));
        return REFUSED;
    }
    return sqlite_dead(s, what, err);
}

bool sqlite_stop_reading(struct sqlite_store *s, struct err *err) {
    if (sqlite3_get_autocommit(s->db)) return true;
    return stmt_run(&s->extra[EXTRA_COMMIT]) == SQLITE_OK ||
           sqlite_dead(s, "the end of a read", err) == DONE;
}

enum done sqlite_begin(struct store *base, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    if (!sqlite_stop_reading(s, err)) return DEAD;
    if (stmt_run(&s->extra[EXTRA_WRITE]) != SQLITE_OK)
        return sqlite_dead(s, "a commit cannot begin", err);
    sqlite3_stmt *t = s->extra[EXTRA_EPOCH].sql;
    int64_t epoch = sqlite3_step(t) == SQLITE_ROW ? sqlite3_column_int64(t, 0) : NIL;
    sqlite3_reset(t);
    if (epoch == base->epoch) return DONE;
    err_set(err, "%s: another writer has taken over (epoch %lld, this one is %lld)", s->path,
            (long long)epoch, (long long)base->epoch);
    return DEAD;
}

enum done sqlite_row(struct store *base, enum table_id id, const void *row, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    const struct table *table = &base->table[id];
    struct stmt *t = &s->insert[id];
    int rc = stmt_row(t, 1, table->col, table->n, row);
    if (rc == SQLITE_OK) rc = stmt_run(t);
    return outcome(s, rc, table->name, err);
}

enum done sqlite_set(struct store *base, enum set_id id, const void *change, size_t *changed,
                     struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    const struct set *set = &base->set[id];
    struct stmt *t = &s->set[id];
    int64_t row = *(const int64_t *)change; /* every struct set_… begins with its id */
    int rc = stmt_int(t, 1, row), at = 2;
    if (id == SET_action) {
        const struct set_action *a = change;
        if (rc == SQLITE_OK) rc = stmt_int(t, at++, a->from);
        if (rc == SQLITE_OK) rc = stmt_int(t, at++, a->epoch_is);
    }
    if (rc == SQLITE_OK) rc = stmt_row(t, at, set->col, set->n, change);
    if (rc == SQLITE_OK) rc = stmt_run(t);
    if (rc == SQLITE_OK) *changed = (size_t)sqlite3_changes(s->db);
    return outcome(s, rc, base->table[set->table].name, err);
}

enum done sqlite_tally(struct store *base, const struct add_tally *add, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    struct stmt *t = &s->extra[EXTRA_TALLY];
    int rc = stmt_int(t, 1, add->target);
    if (rc == SQLITE_OK) rc = stmt_str(t, 2, add->class_, false);
    if (rc == SQLITE_OK) rc = stmt_int(t, 3, add->hour);
    if (rc == SQLITE_OK) rc = stmt_int(t, 4, add->bucket);
    if (rc == SQLITE_OK) rc = stmt_int(t, 5, add->n);
    if (rc == SQLITE_OK) rc = stmt_run(t);
    return outcome(s, rc, "tally", err);
}

enum done sqlite_del_timer(struct store *base, int64_t id, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    struct stmt *t = &s->extra[EXTRA_DEL_TIMER];
    int rc = stmt_int(t, 1, id);
    return outcome(s, rc == SQLITE_OK ? stmt_run(t) : rc, "timer", err);
}

enum done sqlite_del_task(struct store *base, const struct del_task *del, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    struct stmt *t = &s->extra[EXTRA_DEL_TASK];
    int rc = stmt_int(t, 1, del->connection);
    if (rc == SQLITE_OK) rc = stmt_str(t, 2, del->key, false);
    return outcome(s, rc == SQLITE_OK ? stmt_run(t) : rc, "task", err);
}

enum done sqlite_end(struct store *base, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    if (stmt_run(&s->extra[EXTRA_COMMIT]) == SQLITE_OK) return DONE;
    return sqlite_dead(s, "a commit failed", err);
}

void sqlite_undo(struct store *base) {
    struct sqlite_store *s = sqlite_of(base);
    if (sqlite3_get_autocommit(s->db)) return; /* SQLite has rolled back by itself */
    if (stmt_run(&s->extra[EXTRA_ROLLBACK]) != SQLITE_OK) sqlite_dead(s, "a rollback failed", NULL);
}

enum {
    WAL_PAGES = 10000, /* about 40 MB: the writes of many commits land in the file once */
    WAL_LARGE = 8 * WAL_PAGES
};

/* PASSIVE never waits; when it could copy all, the next commit starts the WAL anew. One that grew
 * large while a reader held it back is cut as soon as nobody reads from it. */
void sqlite_tidy(struct store *base) {
    struct sqlite_store *s = sqlite_of(base);
    if (s->wal_pages < s->wal_tidied) s->wal_tidied = 0; /* it began anew */
    if (s->wal_pages < s->wal_tidied + WAL_PAGES || !sqlite_stop_reading(s, NULL)) return;
    int log = 0, copied = 0;
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &copied);
    if (rc == SQLITE_OK && log == copied && log >= WAL_LARGE) {
        sqlite3_busy_timeout(s->db, 0);
        rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_timeout(s->db, 30000);
    }
    /* Where a reader holds it back: not again before as much has been written once more. */
    s->wal_tidied = s->wal_pages;
    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
        sqlite_dead(s, "a checkpoint failed", NULL);
}

void sqlite_announce(struct store *base, const struct store_batch *b) {
    struct sqlite_store *s = sqlite_of(base);
    for (size_t i = 0; i < b->interaction_n; i++)
        keys_add(s, b->interaction[i].space, b->interaction[i].native);
}

void sqlite_care(struct store *base) { keys_fill(sqlite_of(base)); }
