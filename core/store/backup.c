/* A copy of the database while writing goes on, by the same connection. */
#include "store/sqlite.h"

#include "base/file.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The copy appears under its name when it is whole, checked and on disk. */
bool sqlite_backup(struct store *base, const char *to, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    if (access(to, F_OK) == 0)
        return err_set(err, "%s: is there already; a backup replaces nothing. Name another file.",
                       to);
    if (!sqlite_stop_reading(s, err)) return false;
    struct buf part = {0};
    buf_printf(&part, "%s.part-%d", to, (int)getpid());
    unlink(part.data);
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", part.data);
    SORI_ASSERT(sql);
    bool ok = sqlite_run(s->db, part.data, sql, err);
    sqlite3_free(sql);
    struct buf findings = {0};
    if (ok && !store_check(part.data, &findings, err)) {
        if (findings.len) err_set(err, "%s: the copy is not sound: %.900s", to, findings.data);
        ok = false;
    }
    buf_free(&findings);
    if (ok && rename(part.data, to) != 0)
        ok = err_set(err, "%s: cannot be written: %s", to, strerror(errno));
    if (ok) {
        char *copy = mem_text(str_c(to));
        ok = file_sync_dir(dirname(copy), err);
        free(copy);
    } else {
        unlink(part.data);
    }
    buf_free(&part);
    return ok;
}
