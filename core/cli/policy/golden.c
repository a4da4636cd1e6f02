/* Writing golden decisions beside the tests that ask for them. */
#include "base/file.h"
#include "cli/policy/words.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 256 << 10 /* of a bundle */ };

/* Every folder on the way below `dir` is a folder and no link; the last is made where it is not
 * there. */
static bool make_way(const char *dir, const char *path, struct err *err) {
    struct buf at = {0};
    bool ok = true;
    for (const char *slash = strchr(path, '/'); slash && ok; slash = strchr(slash + 1, '/')) {
        struct stat st;
        buf_clear(&at);
        buf_printf(&at, "%s/%.*s", dir, (int)(slash - path), path);
        if (lstat(at.data, &st) == 0)
            ok = S_ISDIR(st.st_mode) ||
                 err_set(err, "%s: is no folder; golden decisions follow no links", at.data);
        else
            ok = file_make_dir(at.data, 0777, err);
    }
    buf_free(&at);
    return ok;
}

bool policy_file_write(const char *dir, const char *path, struct sori_str bytes, struct err *err) {
    struct buf full = {0};
    struct stat st;
    buf_printf(&full, "%s/%s", dir, path);
    bool ok = true;
    if (lstat(full.data, &st) == 0 && !S_ISREG(st.st_mode))
        ok = err_set(err, "%s: is no plain file; nothing is written over it", full.data);
    else if (bytes.len > FILE_MAX)
        ok = err_set(err,
                     "%s: would have %zu bytes, and a file of a bundle has at most %d; share "
                     "the cases out over more test files",
                     full.data, bytes.len, FILE_MAX);
    else
        ok = make_way(dir, path, err) && file_write(full.data, bytes, 0666, err);
    buf_free(&full);
    return ok;
}

/* Writes what differs, takes away what is empty. */
static bool write_one(const char *dir, const char *path, struct sori_str bytes, FILE *out,
                      struct err *err) {
    struct buf full = {0}, old = {0};
    struct stat st;
    struct err gone;
    buf_printf(&full, "%s/%s", dir, path);
    bool plain = lstat(full.data, &st) == 0 && S_ISREG(st.st_mode), ok = true;
    if (bytes.len == 0) {
        ok = !plain || unlink(full.data) == 0 || err_set(err, "%s: %s", full.data, strerror(errno));
        if (plain && ok) fprintf(out, "%s: taken away, no case asks for it\n", path);
    } else if (!make_way(dir, path, err)) {
        ok = false;
    } else if (!plain || !file_read(full.data, FILE_MAX, true, &old, &gone) ||
               !str_eq(buf_view(&old), bytes)) {
        ok = policy_file_write(dir, path, bytes, err);
        if (ok) fprintf(out, "%s: written\n", path);
    }
    buf_free(&full);
    buf_free(&old);
    return ok;
}

bool policy_golden_write(const char *dir, const struct case_run *run, FILE *out) {
    bool ok = true;
    for (size_t i = 0; i < run->count; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(run->items[k].file, run->items[i].file) != 0;
        if (!first) continue;
        struct buf path = {0}, bytes = {0};
        struct err err = {""};
        case_golden_file(run, run->items[i].file, &path, &bytes);
        if (!write_one(dir, path.data, buf_view(&bytes), out, &err))
            ok = cli_fail(CLI_FAILED, "%s", err.text) == CLI_OK;
        buf_free(&path);
        buf_free(&bytes);
    }
    return ok;
}
