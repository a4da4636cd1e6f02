/* A bundle: the files of a policy folder, read once, sorted, and never looked at again. */
#include "base/file.h"
#include "lua/policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MAX = 128, FILE_MAX = 256 << 10, DEPTH_MAX = 4, ENTRIES_MAX = 10000 };

struct walk {
    char *path[FILES_MAX]; /* inside the folder */
    size_t count, entries;
    const char *dir;
    struct err *err;
};

static bool ends(const char *name, const char *tail) {
    size_t n = strlen(name), t = strlen(tail);
    return n > t && strcmp(name + n - t, tail) == 0;
}

/* Editors leave files behind that are not meant: .#x, x~, #x#. */
static bool wanted(const char *inside, const char *name) {
    if (name[0] == '.' || name[0] == '#') return false;
    if (ends(name, ".lua")) return true;
    if (ends(name, "_test.txt"))
        return strncmp(inside, "golden/", 7) == 0 || strstr(inside, "/golden/");
    return ends(name, ".md") && strncmp(inside, "replies/", 8) == 0;
}

static bool walk_dir(struct walk *w, const char *inside, int depth);

static bool walk_entry(struct walk *w, const char *inside, const char *name, int depth) {
    struct buf path = {0}, full = {0};
    struct stat st;
    bool ok = true;
    buf_printf(&path, "%s%s%s", inside, inside[0] ? "/" : "", name);
    buf_printf(&full, "%s/%s", w->dir, path.data);
    if (lstat(full.data, &st) != 0) {
        if (errno != ENOENT) ok = err_set(w->err, "%s: %s", full.data, strerror(errno));
    } else if (S_ISDIR(st.st_mode))
        ok = depth == 0 || walk_dir(w, path.data, depth - 1);
    else if (!wanted(path.data, name))
        ok = true;
    else if (!S_ISREG(st.st_mode))
        ok = err_set(w->err, "%s: is no plain file; a bundle follows no links", full.data);
    else if (w->count == FILES_MAX)
        ok = err_set(w->err, "%s: more than %d files; a bundle is .lua files and replies/", w->dir,
                     FILES_MAX);
    else
        w->path[w->count++] = mem_text(buf_view(&path));
    buf_free(&path);
    buf_free(&full);
    return ok;
}

static bool walk_dir(struct walk *w, const char *inside, int depth) {
    struct buf full = {0};
    buf_printf(&full, "%s%s%s", w->dir, inside[0] ? "/" : "", inside);
    DIR *d = opendir(full.data);
    bool ok = d || err_set(w->err, "%s: cannot be read: %s", full.data, strerror(errno));
    buf_free(&full);
    for (struct dirent *e; ok && (e = readdir(d));)
        if (++w->entries > ENTRIES_MAX)
            ok = err_set(w->err, "%s: more than %d entries; a bundle is .lua files and replies/",
                         w->dir, ENTRIES_MAX);
        else if (e->d_name[0] != '.')
            ok = walk_entry(w, inside, e->d_name, depth);
    if (d) closedir(d);
    return ok;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool bundle_read(const char *dir, struct buf *out, struct err *err) {
    struct walk *w = mem_get(sizeof *w);
    struct buf bytes = {0};
    size_t start = out->len;
    w->dir = dir;
    w->err = err;
    bool ok = walk_dir(w, "", DEPTH_MAX);
    if (ok && w->count == 0)
        ok = err_set(err, "%s: no policy is here; expected init.lua, rules/ and replies/", dir);
    qsort(w->path, w->count, sizeof *w->path, by_name);
    for (size_t i = 0; i < w->count && ok; i++) {
        struct buf full = {0};
        buf_printf(&full, "%s/%s", dir, w->path[i]);
        buf_clear(&bytes);
        ok = file_read(full.data, FILE_MAX, true, &bytes, err);
        buf_free(&full);
        if (!ok) break;
        size_t mark = rec_begin(out, BUNDLE_FILE);
        rec_str(out, BUNDLE_PATH, str_c(w->path[i]));
        rec_str(out, BUNDLE_BYTES, buf_view(&bytes));
        rec_end(out, mark);
    }
    for (size_t i = 0; i < w->count; i++) free(w->path[i]);
    free(w);
    buf_free(&bytes);
    if (!ok) out->len = start;
    return ok;
}
