/* A copy of the database while writing goes on, by the same connection; and the way back. */
#include "store/sqlite.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A finished file of ours gets its name: on disk first, then renamed, then the folder synced.
 * Nobody has it open in this process, so closing a descriptor of it drops no locks. */
static bool give_name(const char *part, const char *to, struct err *err) {
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (!ok || rename(part, to) != 0)
        return err_set(err, "%s: cannot be written: %s", to, strerror(errno));
    char *copy = mem_text(str_c(to));
    ok = file_sync_dir(dirname(copy), err);
    free(copy);
    return ok;
}

/* An empty private file that SQLite may fill. */
static bool make_part(const char *part, struct err *err) {
    unlink(part);
    int fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return err_set(err, "%s: cannot be made: %s", part, strerror(errno));
    close(fd);
    return true;
}

static bool vacuum_into(sqlite3 *db, const char *part, struct err *err) {
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", part);
    SORI_ASSERT(sql);
    bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
              sqlite_why(db, part, "the copy cannot be written", err);
    sqlite3_free(sql);
    return ok;
}

/* Reads the whole copy back. References are not asked about here: a backup of a store with a wrong
 * reference is better than none. */
static bool readable(const char *path, struct err *err) {
    sqlite3 *db = sqlite_connect(path, SQLITE_OPEN_READONLY, err);
    if (!db) return false;
    sqlite3_stmt *t = NULL;
    bool ok = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &t, NULL) == SQLITE_OK &&
              sqlite3_step(t) == SQLITE_ROW;
    if (!ok)
        sqlite_why(db, path, "the copy cannot be read back", err);
    else if (strcmp((const char *)sqlite3_column_text(t, 0), "ok") != 0)
        ok = err_set(err, "%s: the copy is damaged: %s", path, sqlite3_column_text(t, 0));
    sqlite3_finalize(t);
    sqlite3_close(db);
    return ok;
}

bool sqlite_backup(struct store *base, const char *to, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    if (access(to, F_OK) == 0)
        return err_set(err, "%s: is there already, and a backup replaces nothing. Name another.",
                       to);
    if (!sqlite_stop_reading(s, err)) return false;
    struct buf part = {0};
    buf_printf(&part, "%s.part-%d", to, (int)getpid());
    bool ok = make_part(part.data, err) && vacuum_into(s->db, part.data, err) &&
              readable(part.data, err) && give_name(part.data, to, err);
    if (!ok) unlink(part.data);
    buf_free(&part);
    return ok;
}

/* What may have been done after the copy was made must not be done again. Whatever would leave
 * through a connector and was ready, leased or sent may be out by now: a person or the platform's
 * own list says. What still waits for a person is marked for that person's eyes. And what was said
 * before this moment counts as past: it may have been answered since. */
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
        ok = make_part(part.data, err) && copy_out(from, part.data, err) &&
             prepare_copy(part.data, err) && give_name(part.data, to.data, err);
        if (!ok) unlink(part.data);
    }
    buf_free(&to);
    buf_free(&part);
    buf_free(&findings);
    return ok;
}
