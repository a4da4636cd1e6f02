/* A copy of the database while writing goes on, by the same connection: what it commits between two
 * steps goes into the copy as well. */
#include "store/sqlite/sqlite.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A finished file of ours gets its name: on disk first, then renamed, then the folder synced.
 * Nobody has it open in this process, so closing a descriptor of it drops no locks. */
bool copy_name(const char *part, const char *to, struct err *err) {
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
bool copy_make(const char *part, struct err *err) {
    unlink(part);
    int fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return err_set(err, "%s: cannot be made: %s", part, strerror(errno));
    close(fd);
    return true;
}

struct store_copy {
    struct sqlite_store *s;
    sqlite3 *db; /* the copy's */
    sqlite3_backup *backup;
    char *to, *part;
};

void store_backup_end(struct store_copy *c) {
    if (!c) return;
    flight_land(&c->s->base);
    sqlite3_backup_finish(c->backup);
    sqlite3_close(c->db);
    if (c->part) unlink(c->part); /* gone already where it got its name */
    free(c->part);
    free(c->to);
    free(c);
}

/* No journal and no syncs while it is written: before it gets its name it is nothing. */
static bool open_copy(struct store_copy *c, struct err *err) {
    c->db = sqlite_connect(c->part, SQLITE_OPEN_READWRITE, err);
    if (!c->db ||
        !sqlite_run(c->db, c->part, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", err))
        return false;
    c->backup = sqlite3_backup_init(c->db, "main", c->s->db, "main");
    return c->backup || sqlite_why(c->db, c->part, "the copy cannot begin", err);
}

struct store_copy *sqlite_copy(struct store *base, const char *to, struct err *err) {
    if (access(to, F_OK) == 0) {
        err_set(err, "%s: is there already, and a backup replaces nothing. Name another file.", to);
        return NULL;
    }
    struct store_copy *c = mem_get(sizeof *c);
    struct buf part = {0};
    buf_printf(&part, "%s.part-%d", to, (int)getpid());
    c->s = sqlite_of(base);
    c->to = mem_text(str_c(to));
    if (copy_make(part.data, err)) {
        c->part = part.data;
        if (open_copy(c, err)) return c;
    } else {
        buf_free(&part);
    }
    store_backup_end(c);
    return NULL;
}

/* All pages are there. A backup is one file: it leaves WAL mode, which its first page came with. */
static bool complete(struct store_copy *c, struct err *err) {
    sqlite3_backup_finish(c->backup);
    c->backup = NULL;
    bool ok = sqlite_run(c->db, c->part, "PRAGMA journal_mode=DELETE", err);
    sqlite3_close(c->db);
    c->db = NULL;
    return ok && copy_name(c->part, c->to, err);
}

enum { STEP_PAGES = 512 };

int store_backup_step(struct store_copy *c, struct err *err) {
    flight_land(&c->s->base);
    if (c->s->base.dead) {
        err_set(err, "the store has stopped: %.900s", c->s->base.why.text);
        return -1;
    }
    int rc = sqlite3_backup_step(c->backup, STEP_PAGES);
    if (rc == SQLITE_OK) return 1;
    if (rc == SQLITE_DONE) return complete(c, err) ? 0 : -1;
    /* The error may be the source's or the copy's, so no connection is asked for its words. */
    err_set(err, "%s: the copy cannot be written: %s (SQLite %d).%s", c->part, sqlite3_errstr(rc),
            rc, sqlite_remedy(rc));
    return -1;
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

bool store_backup(struct store *s, const char *to, struct err *err) {
    struct store_copy *c = store_backup_begin(s, to, err);
    if (!c) return false;
    int more = 1;
    while (more > 0) more = store_backup_step(c, err);
    store_backup_end(c);
    if (more == 0 && !readable(to, err)) {
        unlink(to);
        more = -1;
    }
    return more == 0;
}
