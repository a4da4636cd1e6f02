/* A bundle: the files of a policy folder, read once, sorted, and never looked at again. */
#include "base/file.h"
#include "lua/policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 128, FILE_MAX = 256 << 10, DEPTH_MAX = 4, ENTRIES_MAX = 10000, ROOM_LEFT = 48 };

struct walk {
    char *path[FILES_MAX]; /* inside the folder */
    size_t count, entries;
    const char *dir;
    struct buf errors;    /* a line each: all that is wrong is told at once */
    size_t wrong, untold; /* untold: of them, for want of room */
};

/* `inside` is a path in the folder, "" for the folder itself. False, for good measure. */
__attribute__((format(printf, 3, 4))) static bool wrong(struct walk *w, const char *inside,
                                                        const char *format, ...) {
    va_list args;
    char text[512];
    struct buf line = {0};
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_printf(&line, "%s%s%s%s%s: %s", w->wrong ? "\n" : "", w->dir, inside[0] ? "/" : "", inside,
               inside[0] ? ":1" : "", text);
    if (w->wrong++ && w->errors.len + line.len + ROOM_LEFT > sizeof((struct err *)0)->text)
        w->untold++;
    else
        buf_str(&w->errors, buf_view(&line));
    buf_free(&line);
    return false;
}

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

/* False where going on has no sense. */
static bool walk_entry(struct walk *w, const char *inside, const char *name, int depth) {
    struct buf path = {0}, full = {0};
    struct stat st;
    bool ok = true;
    buf_printf(&path, "%s%s%s", inside, inside[0] ? "/" : "", name);
    buf_printf(&full, "%s/%s", w->dir, path.data);
    if (lstat(full.data, &st) != 0) {
        if (errno != ENOENT) wrong(w, path.data, "%s", strerror(errno));
    } else if (S_ISDIR(st.st_mode))
        ok = depth == 0 || walk_dir(w, path.data, depth - 1);
    else if (!wanted(path.data, name))
        ok = true;
    else if (!S_ISREG(st.st_mode))
        wrong(w, path.data,
              "is no plain file; a bundle follows no links: put a copy of the file in its place");
    else if (w->count == FILES_MAX)
        ok = wrong(w, "",
                   "more than %d files; a bundle is .lua files and replies/: join small files, and "
                   "move what is no policy out of this folder",
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
    buf_free(&full);
    if (!d) {
        wrong(w, inside, "cannot be read: %s%s", strerror(errno),
              errno == EACCES ? "; let the user that runs Sori read it"
              : inside[0]     ? ""
                              : "; expected the folder that holds init.lua, rules/ and replies/");
        return true;
    }
    bool ok = true;
    for (struct dirent *e; ok && (e = readdir(d));)
        if (++w->entries > ENTRIES_MAX)
            ok = wrong(w, "",
                       "more than %d entries; a bundle is .lua files and replies/: move what is no "
                       "policy out of this folder",
                       ENTRIES_MAX);
        else if (e->d_name[0] != '.')
            ok = walk_entry(w, inside, e->d_name, depth);
    closedir(d);
    return ok;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One file into `bytes`. */
static void read_one(struct walk *w, const char *inside, struct buf *bytes) {
    struct buf full = {0};
    struct err err;
    struct stat st;
    buf_printf(&full, "%s/%s", w->dir, inside);
    buf_clear(bytes);
    if (!file_read(full.data, FILE_MAX, true, bytes, &err)) {
        bool big = stat(full.data, &st) == 0 && st.st_size > FILE_MAX;
        bool closed = access(full.data, R_OK) != 0 && errno == EACCES;
        size_t skip = str_starts(str_c(err.text), buf_view(&full)) ? full.len + 2 : 0;
        if (big)
            wrong(w, inside,
                  "is larger than the %d KiB that a file of a bundle may have; split it, lists of "
                  "words too: require \"lib/NAME\" takes each part",
                  FILE_MAX >> 10);
        else
            wrong(w, inside, "%s%s", err.text + skip,
                  closed ? "; let the user that runs Sori read it" : "");
    }
    buf_free(&full);
}

bool bundle_read(const char *dir, struct buf *out, struct err *err) {
    struct walk *w = mem_get(sizeof *w);
    struct buf bytes = {0};
    size_t start = out->len;
    w->dir = dir;
    walk_dir(w, "", DEPTH_MAX);
    if (!w->wrong && w->count == 0)
        wrong(w, "",
              "no policy is here; expected init.lua, rules/ and replies/: `sori new policy DIR` "
              "makes one");
    qsort(w->path, w->count, sizeof *w->path, by_name);
    for (size_t i = 0; i < w->count; i++) {
        read_one(w, w->path[i], &bytes);
        size_t mark = rec_begin(out, BUNDLE_FILE);
        rec_str(out, BUNDLE_PATH, str_c(w->path[i]));
        rec_str(out, BUNDLE_BYTES, buf_view(&bytes));
        rec_end(out, mark);
        free(w->path[i]);
    }
    bool ok = !w->wrong;
    if (w->untold) buf_printf(&w->errors, "\nand %zu more files like these", w->untold);
    if (!ok) {
        out->len = start;
        err_set(err, "%s", w->errors.data);
    }
    buf_free(&w->errors);
    free(w);
    buf_free(&bytes);
    return ok;
}
