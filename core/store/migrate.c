/* Numbered forward migrations: file N of core/store/sql brings user_version N-1 to N, each in a
 * transaction of its own, so that a crash leaves either schema whole. */
#include "store/migrations.h"
#include "store/sqlite/sqlite.h"

#include "base/log.h"

#include <stdio.h>

int64_t sqlite_newest_schema(void) { return (int64_t)store_migration_count; }

static bool migrate_one(sqlite3 *db, const char *path, size_t n, struct err *err) {
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%zu; COMMIT",
             SORI_APPLICATION_ID, n);
    if (sqlite_run(db, path, "BEGIN IMMEDIATE", err) &&
        sqlite3_exec(db, store_migrations[n - 1].sql, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite_run(db, path, mark, err))
        return true;
    sqlite_why(db, path, store_migrations[n - 1].name, err);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err_prefix(err, "the schema could not be brought to version %zu", n);
}

bool sqlite_migrate(sqlite3 *db, const char *path, struct err *err) {
    int64_t have = sqlite_int(db, "PRAGMA user_version");
    if (have == NIL) return sqlite_why(db, path, "cannot be read", err);
    int64_t ours = sqlite_newest_schema();
    if (have > ours)
        return err_set(err,
                       "%s: written by a newer Sori (schema %lld; this one knows up to %lld). "
                       "Run that Sori, or restore a backup that this one made.",
                       path, (long long)have, (long long)ours);
    bool foreign = have == 0 ? sqlite_int(db, "SELECT count(*) FROM sqlite_schema") != 0
                             : sqlite_int(db, "PRAGMA application_id") != SORI_APPLICATION_ID;
    if (foreign)
        return err_set(err, "%s: this is a database of another program. Move it away.", path);
    for (int64_t n = have + 1; n <= ours; n++) {
        if (!migrate_one(db, path, (size_t)n, err)) return false;
        if (have)
            log_line(LOG_INFO, "store", "schema %lld: %s", (long long)n,
                     store_migrations[n - 1].name);
    }
    return true;
}
