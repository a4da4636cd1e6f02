#include "net/folder.h"

#include "base/clock.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_below(int root, const char *path, uint64_t flags) {
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* What of `path` lies below `root`, without leading slashes; NULL where it does not. */
static const char *below(const char *root, const char *path) {
    size_t n = strlen(root);
    while (n > 1 && root[n - 1] == '/') n--;
    if (n <= 1 || strncmp(root, path, n) != 0 || path[n] != '/') return NULL;
    path += n;
    while (*path == '/') path++;
    return path;
}

/* The kernel keeps us below the root; this refuses early and in words what tries to leave it. */
static bool has_dots(const char *path) {
    for (const char *part = path; part;) {
        const char *end = strchr(part, '/');
        size_t n = end ? (size_t)(end - part) : strlen(part);
        if ((n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.')) return true;
        part = end ? end + 1 : NULL;
    }
    return false;
}

static enum sori_status refused(struct folder_answer *a, const char *path) {
    int why = errno;
    if (why == ENOENT || why == ENOTDIR) {
        a->http_status = 404;
        return SORI_OK;
    }
    if (why == ELOOP || why == EXDEV) {
        err_set(&a->err, "folder://%s: leads out of the allowed folder, or through a symlink",
                path);
        return SORI_PERMANENT;
    }
    if (why == EACCES || why == EPERM || why == ENAMETOOLONG || why == EISDIR || why == EINVAL) {
        err_set(&a->err, "folder://%s: %s", path, strerror(why));
        return SORI_PERMANENT;
    }
    err_set(&a->err, "folder://%s: %s", path, strerror(why));
    return SORI_RETRY;
}

struct entry {
    char *name;
    int64_t size, mtime;
};

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void print_entries(struct folder_answer *a, const struct entry *entries, size_t count,
                          size_t max) {
    for (size_t i = 0; i < count; i++) {
        size_t before = a->body.len;
        buf_printf(&a->body, "%s\t%lld\t%lld\n", entries[i].name, (long long)entries[i].size,
                   (long long)entries[i].mtime);
        if (a->body.len <= max) continue;
        a->body.len = before; /* whole lines only */
        a->body.data[before] = 0;
        a->truncated = true;
        return;
    }
}

/* Plain files only. Names that begin with a dot are hidden: files being written have such. */
static enum sori_status list(int fd, const struct folder_request *r, struct folder_answer *a) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return refused(a, r->path);
    }
    struct entry *entries = NULL;
    size_t count = 0, cap = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        struct stat st;
        if (e->d_name[0] == '.' || strpbrk(e->d_name, "\t\n")) continue;
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
        if (count == cap) {
            cap = cap ? cap * 2 : 64;
            entries = mem_grow(entries, cap * sizeof *entries);
        }
        int64_t mtime = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        entries[count++] = (struct entry){mem_text(str_c(e->d_name)), st.st_size, mtime};
    }
    if (count) qsort(entries, count, sizeof *entries, by_name);
    if (!r->head) print_entries(a, entries, count, r->max_body);
    for (size_t i = 0; i < count; i++) free(entries[i].name);
    free(entries);
    closedir(dir);
    a->http_status = 200;
    return SORI_OK;
}

/* Appends at most `max` bytes; false with errno. */
static bool read_some(int fd, size_t max, struct buf *out, bool *more) {
    *more = false;
    for (;;) {
        size_t room = max - out->len < 65536 ? max - out->len + 1 : 65536;
        ssize_t n = read(fd, buf_room(out, room), room);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) return true;
        out->len += (size_t)n;
        if (out->len > max) {
            out->len = max;
            *more = true;
            return true;
        }
    }
}

static enum sori_status get(int root, const char *rel, const struct folder_request *r,
                            struct folder_answer *a) {
    size_t n = strlen(rel);
    bool folder = n == 0 || rel[n - 1] == '/';
    uint64_t flags = folder ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY;
    int fd = open_below(root, n ? rel : ".", flags);
    if (fd < 0) return refused(a, r->path);
    if (folder) return list(fd, r, a);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        err_set(&a->err, "folder://%s: not a file; a folder is listed with '/' at its end",
                r->path);
        return SORI_PERMANENT;
    }
    bool ok = r->head || read_some(fd, r->max_body, &a->body, &a->truncated);
    int why = errno;
    close(fd);
    errno = why;
    if (!ok) return refused(a, r->path);
    a->http_status = 200;
    return SORI_OK;
}

/* 200 where the file in place has these very bytes, else 409. */
static enum sori_status compare(int dir, const char *name, const struct folder_request *r,
                                struct folder_answer *a) {
    int fd = open_below(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ELOOP) {
        a->http_status = 409; /* a symlink has the name */
        return SORI_OK;
    }
    if (fd < 0) return refused(a, r->path);
    struct buf have = {0};
    struct stat st;
    bool more = false;
    bool same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == r->body.len &&
                read_some(fd, r->body.len, &have, &more) && !more &&
                str_eq(buf_view(&have), r->body);
    close(fd);
    buf_free(&have);
    a->http_status = same ? 200 : 409;
    return SORI_OK;
}

/* Whole or not at all, and never over another file: written beside, synced, renamed without
 * replacing, the folder synced. */
static enum sori_status put_new(int dir, const char *name, const struct folder_request *r,
                                struct folder_answer *a) {
    char beside[64];
    snprintf(beside, sizeof beside, ".sori-%d-%llx.part", (int)getpid(),
             (unsigned long long)clock_mono());
    int fd = openat(dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return refused(a, r->path);
    bool ok = file_write_all(fd, r->body) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0) ok = false;
    bool there = false;
    if (ok) {
        long moved = syscall(SYS_renameat2, dir, beside, dir, name, RENAME_NOREPLACE);
        why = errno;
        there = moved != 0 && why == EEXIST;
        a->sent = ok = moved == 0;
    }
    if (!ok) unlinkat(dir, beside, 0);
    if (there) return compare(dir, name, r, a);
    if (ok && fsync(dir) != 0) {
        err_set(&a->err, "folder://%s: written, but not surely kept: %s", r->path, strerror(errno));
        return SORI_RETRY;
    }
    errno = why;
    if (!ok) return refused(a, r->path);
    a->http_status = 201;
    return SORI_OK;
}

static enum sori_status put(int root, const char *rel, const struct folder_request *r,
                            struct folder_answer *a) {
    const char *slash = strrchr(rel, '/');
    const char *name = slash ? slash + 1 : rel;
    if (!*name || *name == '.') {
        err_set(&a->err, "folder://%s: PUT needs the name of a file that does not begin with a dot",
                r->path);
        return SORI_PERMANENT;
    }
    char *parent = mem_text((struct sori_str){rel, slash ? (size_t)(slash - rel) : 0});
    int dir = open_below(root, *parent ? parent : ".", O_RDONLY | O_DIRECTORY);
    free(parent);
    if (dir < 0) return refused(a, r->path);
    struct stat st;
    bool there = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    enum sori_status status = there ? compare(dir, name, r, a) : put_new(dir, name, r, a);
    close(dir);
    return status;
}

enum sori_status folder_serve(const char *const *roots, size_t count,
                              const struct folder_request *request, struct folder_answer *answer) {
    if (has_dots(request->path)) {
        err_set(&answer->err, "folder://%s: \".\" and \"..\" are not followed", request->path);
        return SORI_PERMANENT;
    }
    for (size_t i = 0; i < count; i++) {
        const char *rel = below(roots[i], request->path);
        if (!rel) continue;
        int root = open(roots[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) {
            err_set(&answer->err, "%s: the allowed folder cannot be opened: %s", roots[i],
                    strerror(errno));
            return SORI_RETRY;
        }
        enum sori_status status =
            request->put ? put(root, rel, request, answer) : get(root, rel, request, answer);
        close(root);
        return status;
    }
    err_set(&answer->err,
            "folder://%s: lies outside the folders that this connection allows: add its folder to "
            "allow = { … } in sori.lua",
            request->path);
    return SORI_PERMANENT;
}
