/* The second connection. It reads what has been committed while the first one is writing on another
 * thread. It never commits and never checkpoints, and has no transaction that outlives one read: a
 * snapshot that stood longer would hold the checkpoint back. */
#include "store/sqlite/sqlite.h"

static bool prepare_early(struct sqlite_store *s, struct err *err) {
    struct buf sql = {0};
    bool ok = true;
    for (uint32_t i = 0; i < READ_COUNT && ok; i++, buf_clear(&sql)) {
        if (!read_is_early((enum read_id)i)) continue;
        sqlite_read_sql(&s->base, (enum read_id)i, &sql);
        ok = sqlite_prepare_one(s->side, s->path, &s->early[i], sql.data, err);
    }
    buf_free(&sql);
    return ok &&
           sqlite_prepare_one(s->side, s->path, &s->early_seen, sqlite_extra_sql(EXTRA_SEEN),
                              err) &&
           sqlite_prepare_one(s->side, s->path, &s->early_head, sqlite_extra_sql(EXTRA_HEAD), err);
}

bool side_open(struct sqlite_store *s) {
    struct err err;
    if (s->side) return true;
    s->side = sqlite_connect(s->path, SQLITE_OPEN_READWRITE, &err);
    if (!s->side ||
        !sqlite_run(s->side, s->path,
                    "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384",
                    &err) ||
        !prepare_early(s, &err))
        return store_kill(&s->base, "%s", err.text) == DONE;
    sqlite3_db_config(s->side, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return true;
}

void side_close(struct sqlite_store *s) {
    sqlite3_close(s->side);
    s->side = NULL;
}
