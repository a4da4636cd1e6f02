/* The SQLite driver: opening, settings, errors. One connection does everything
 * that writes; see sqlite/side.c for the other. */
#include "store/sqlite/sqlite.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *sqlite_remedy(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL: return " The disk is full: make room; nothing that was accepted is lost.";
    case SQLITE_IOERR:
        return " The disk reported an error: look at the system log before going on.";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return " The file is damaged or not a database: restore a backup.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return " The folder and its files must be writable for this user.";
    case SQLITE_BUSY: return " Another program holds the database: close it.";
    default: return "";
    }
}

bool sqlite_why(sqlite3 *db, const char *path, const char *what, struct err *err) {
    int code = sqlite3_extended_errcode(db), os = sqlite3_system_errno(db);
    bool with_os = os && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN ||
                          (code & 0xff) == SQLITE_FULL);
    return err_set(err, "%s: %s: %s (SQLite %d%s%s).%s", path, what, sqlite3_errmsg(db), code,
                   with_os ? ", " : "", with_os ? strerror(os) : "", sqlite_remedy(code));
}

enum done sqlite_dead(struct sqlite_store *s, const char *what, struct err *err) {
    struct err why;
    sqlite_why(s->db, s->path, what, &why);
    if (err) *err = why;
    return store_kill(&s->base, "%s", why.text);
}

bool sqlite_run(sqlite3 *db, const char *path, const char *sql, struct err *err) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    return sqlite_why(db, path, sql, err);
}

int64_t sqlite_int(sqlite3 *db, const char *sql) {
    sqlite3_stmt *t = NULL;
    int64_t n = NIL;
    if (sqlite3_prepare_v2(db, sql, -1, &t, NULL) == SQLITE_OK && sqlite3_step(t) == SQLITE_ROW &&
        sqlite3_column_type(t, 0) == SQLITE_INTEGER)
        n = sqlite3_column_int64(t, 0);
    sqlite3_finalize(t);
    return n;
}

sqlite3 *sqlite_connect(const char *path, int how, struct err *err) {
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, how | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        if (db)
            sqlite_why(db, path, "cannot be opened", err);
        else
            err_set(err, "%s: cannot be opened: no memory is left", path);
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 30000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return db;
}

/* temp_store: what sorts, sorts in memory. secure_delete: erased text leaves the page at once.
 * journal_size_limit: a WAL that a slow reader made large shrinks again when it starts anew. */
static const char SETTINGS[] = "PRAGMA page_size=4096;"
                               "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA cache_size=-262144;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA secure_delete=FAST;"
                               "PRAGMA wal_autocheckpoint=0;"
                               "PRAGMA journal_size_limit=67108864;"
                               "PRAGMA trusted_schema=OFF;";

static int count_wal(void *ctx, sqlite3 *db, const char *name, int pages) {
    (void)db;
    (void)name;
    ((struct sqlite_store *)ctx)->wal_pages = pages;
    return SQLITE_OK;
}

static void sqlite_close(struct store *base) {
    struct sqlite_store *s = sqlite_of(base);
    sqlite_finalize(s);
    side_close(s);
    keys_close(s);
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}

static const struct driver driver = {
    .begin = sqlite_begin,
    .row = sqlite_row,
    .set = sqlite_set,
    .tally = sqlite_tally,
    .del_timer = sqlite_del_timer,
    .del_task = sqlite_del_task,
    .end = sqlite_end,
    .undo = sqlite_undo,
    .tidy = sqlite_tidy,
    .announce = sqlite_announce,
    .care = sqlite_care,
    .threads = true,
    .close = sqlite_close,
    .read = sqlite_read,
    .number = sqlite_number,
    .head = sqlite_head,
    .blob_put = sqlite_blob_put,
    .blob_get = sqlite_blob_get,
    .count = sqlite_count,
    .copy = sqlite_copy,
    .drop_faults = sqlite_drop_faults,
    .drop_generations = sqlite_drop_generations,
    .memory = sqlite_memory,
};

/* Personal data: nobody else reads the file. SQLite gives -wal and -shm the same mode. A file that
 * is there is not touched: closing a descriptor of it would drop the locks of this process. */
static bool make_private(const char *path, struct err *err) {
    struct stat st;
    if (stat(path, &st) == 0) return true;
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return err_set(err,
                       "%s: cannot be made: %s. The folder must be there and writable for "
                       "this user.",
                       path, strerror(errno));
    if (fd >= 0) close(fd);
    return true;
}

/* Every writer takes an epoch of its own, so that one that was thought dead is found out. */
static bool take_epoch(struct sqlite_store *s, struct err *err) {
    if (!sqlite_run(s->db, s->path,
                    "BEGIN IMMEDIATE;"
                    "INSERT INTO meta(name, value) VALUES ('epoch', CAST('1' AS BLOB))"
                    "  ON CONFLICT DO UPDATE SET value = CAST(CAST(value AS INT) + 1 AS BLOB);"
                    "COMMIT",
                    err))
        return false;
    s->base.epoch = sqlite_int(s->db, "SELECT CAST(value AS INT) FROM meta WHERE name='epoch'");
    if (s->base.epoch != NIL) return true;
    return sqlite_why(s->db, s->path, "the writer's epoch cannot be read", err);
}

struct store *store_open(const char *dir, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/sori.db", dir);
    /* Statistics of memory cost a lock an allocation, on which two threads meet. Refused, without
     * harm, where the library is in use already. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct sqlite_store *s = mem_get(sizeof *s);
    s->path = path.data;
    store_init(&s->base, &driver);
    if (make_private(s->path, err) &&
        (s->db = sqlite_connect(s->path, SQLITE_OPEN_READWRITE, err)) &&
        sqlite_migrate(s->db, s->path, err) && sqlite_run(s->db, s->path, SETTINGS, err) &&
        take_epoch(s, err) && sqlite_prepare(s, err)) {
        if (!keys_open(s)) {
            err_set(err, "%.1000s", s->base.why.text);
            sqlite_close(&s->base);
            return NULL;
        }
        sqlite3_wal_hook(s->db, count_wal, s);
        return &s->base;
    }
    sqlite_close(&s->base);
    return NULL;
}
