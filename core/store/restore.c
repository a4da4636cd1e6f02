/* A workspace made from a backup. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

static bool vacuum_into(sqlite3 *db, const char *part, struct err *err) {
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", part);
    SORI_ASSERT(sql);
    bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
              sqlite_why(db, part, "the copy cannot be written", err);
    sqlite3_free(sql);
    return ok;
}

/* What may have been done after the copy was made must not be done again. Whatever would leave
 * through a connector and was ready, leased or sent may be out by now: a person or the platform's
 * own list says. What still waits for a person is marked for that person's eyes. And what was said
 * before this moment counts as past: it may have been answered since. The spool beside it is
 * another one, or has grown: marks in it would skip what was never read, while reading it all again
 * changes nothing. */
static bool disarm(sqlite3 *db, const char *path, struct err *err) {
    char *sql = sqlite3_mprintf(
        "BEGIN IMMEDIATE;"
        "UPDATE action SET state = 5, sent_at = CASE WHEN sent_at > 0 THEN sent_at ELSE due END,"
        "  reason = 'restored from a backup: it may have been sent since'"
        "  WHERE state IN (1, 2, 3) AND verb < 16;"
        "UPDATE action SET state = 1, epoch = NULL, lease_until = NULL"
        "  WHERE state IN (2, 3) AND verb >= 16;"
        "UPDATE action SET reason = 'restored from a backup: look whether it was answered since'"
        "  WHERE state = 0 AND verb < 16;"
        "DELETE FROM segment;"
        "DELETE FROM meta WHERE name GLOB 'aside:*';"
        /* How far files were taken in speaks of bytes in that spool: read again, they do no harm.
         */
        "DELETE FROM cursor WHERE lane = 2;"
        "UPDATE journal SET seg = NULL, off = NULL WHERE seg IS NOT NULL;"
        "UPDATE fault SET seg = NULL, off = NULL WHERE seg IS NOT NULL;"
        "UPDATE connection SET live_from = max(coalesce(live_from, 0), %lld);"
        "INSERT INTO meta(name, value) VALUES ('restored_at', CAST('%lld' AS BLOB))"
        "  ON CONFLICT DO UPDATE SET value = excluded.value;"
        "UPDATE meta SET value = CAST(CAST(value AS INT) + 1 AS BLOB) WHERE name = 'epoch';"
        "COMMIT",
        (long long)clock_now(), (long long)clock_now());
    SORI_ASSERT(sql);
    bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
              sqlite_why(db, path, "the restored copy cannot be prepared", err);
    sqlite3_free(sql);
    return ok;
}

static bool copy_out(const char *from, const char *part, struct err *err) {
    sqlite3 *db = sqlite_connect(from, SQLITE_OPEN_READONLY, err);
    if (!db) return false;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    bool ok = vacuum_into(db, part, err);
    sqlite3_close(db);
    return ok;
}

static bool prepare_copy(const char *part, struct err *err) {
    sqlite3 *db = sqlite_connect(part, SQLITE_OPEN_READWRITE, err);
    if (!db) return false;
    bool ok = sqlite_migrate(db, part, err) && disarm(db, part, err);
    sqlite3_close(db);
    return ok;
}

bool store_restore(const char *dir, const char *from, struct err *err) {
    struct buf to = {0}, part = {0}, findings = {0};
    buf_printf(&to, "%s/sori.db", dir);
    buf_printf(&part, "%s.part-%d", to.data, (int)getpid());
    bool ok =
        access(to.data, F_OK) != 0 ||
        err_set(err, "%s: is there already. Restore into an empty workspace, or move it away.",
                to.data);
    if (ok && !store_check(from, &findings, err)) {
        if (findings.len)
            err_set(err, "%s: is not sound, nothing was restored: %.800s", from, findings.data);
        ok = false;
    }
    if (ok) {
        ok = copy_make(part.data, err) && copy_out(from, part.data, err) &&
             prepare_copy(part.data, err) && copy_name(part.data, to.data, err);
        if (!ok) unlink(part.data);
    }
    buf_free(&to);
    buf_free(&part);
    buf_free(&findings);
    return ok;
}
