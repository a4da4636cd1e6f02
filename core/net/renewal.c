#include "net/renewal.h"

#include "base/file.h"
#include "net/secret.h"
#include "net/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = SECRET_MAX + 96 };

void renewal_mark(uint64_t old, char out[RENEWAL_MARK]) {
    snprintf(out, RENEWAL_MARK, "%016" PRIx64, old);
}

static void forget(struct renewal *r) {
    if (r->fd >= 0) close(r->fd); /* with it goes the lock */
    free(r->folder);
    free(r->path);
    free(r->target);
    *r = (struct renewal){.fd = -1};
}

void renewal_end(struct renewal *r, bool settled) {
    if (r->fd >= 0 && settled && !r->placed) unlink(r->path);
    forget(r);
}

/* Opened, locked, and still what is under that name: who had it before may have renamed it. */
static enum renewal_begun lock(struct renewal *r, struct err *err) {
    for (int tries = 0; tries < 8; tries++) {
        struct stat mine, named;
        int fd = open(r->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0 || fstat(fd, &mine) != 0 || !S_ISREG(mine.st_mode)) {
            err_set(err, "%s: cannot be made: %s", r->path, fd < 0 ? strerror(errno) : "no file");
            if (fd >= 0) close(fd);
            return RENEWAL_FAILED;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            bool held = errno == EWOULDBLOCK;
            err_set(err, held ? "another process of Sori is renewing it" : "%s: cannot be locked",
                    r->path);
            close(fd);
            return held ? RENEWAL_ELSEWHERE : RENEWAL_FAILED;
        }
        if (stat(r->path, &named) == 0 && named.st_ino == mine.st_ino &&
            named.st_dev == mine.st_dev && fchmod(fd, 0600) == 0) {
            r->fd = fd;
            return RENEWAL_READY;
        }
        close(fd);
    }
    err_set(err, "another process of Sori is renewing it");
    return RENEWAL_ELSEWHERE;
}

/* Whole or not: one call, of the size that the file has already. */
static bool put_bytes(struct renewal *r, struct sori_str line) {
    char bytes[SIZE];
    if (line.len + 1 >= SIZE) {
        errno = EFBIG;
        return false;
    }
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, line.ptr, line.len);
    bytes[line.len] = '\n';
    ssize_t n;
    do n = pwrite(r->fd, bytes, sizeof bytes, 0);
    while (n < 0 && errno == EINTR);
    explicit_bzero(bytes, sizeof bytes);
    if (n >= 0 && n != SIZE) errno = ENOSPC;
    return n == SIZE;
}

/* What is in the file becomes the token. */
static bool put_in_place(struct renewal *r, size_t len, struct err *err) {
    bool ok = r->placed || (ftruncate(r->fd, (off_t)len) == 0 && fsync(r->fd) == 0 &&
                            rename(r->path, r->target) == 0);
    if (!ok) return err_set(err, "%s: cannot be written: %s", r->target, strerror(errno));
    r->placed = true;
    return file_sync_dir(r->folder, err);
}

static json_t *read_left(struct renewal *r, size_t *len) {
    char *bytes = mem_get(SIZE + 1);
    ssize_t n = pread(r->fd, bytes, SIZE, 0);
    const char *end = n > 0 ? memchr(bytes, '\n', (size_t)n) : NULL;
    json_t *left = end ? json_loadb(bytes, (size_t)(end - bytes), 0, NULL) : NULL;
    *len = end ? (size_t)(end - bytes) + 1 : 0;
    explicit_bzero(bytes, SIZE + 1);
    free(bytes);
    return left;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* What one that died has left: its token, or that it had begun. */
static enum renewal_begun take_left(struct renewal *r, const char *mark, struct err *err) {
    size_t len;
    char whole[RENEWAL_MARK];
    json_t *left = read_left(r, &len);
    enum renewal_begun begun = RENEWAL_READY;
    if (*text_of(left, "access_token") && !strcmp(text_of(left, "renews"), mark))
        begun = put_in_place(r, len, err) ? RENEWAL_FOUND : RENEWAL_FAILED;
    else if (!strcmp(text_of(left, "renewing"), mark))
        r->began_before = json_integer_value(json_object_get(left, "at"));
    renewal_mark(r->of.whole, whole);
    if (r->began_before && *text_of(left, "refused") && !strcmp(text_of(left, "whole"), whole)) {
        err_set(err, "%s", text_of(left, "refused"));
        begun = RENEWAL_REFUSED;
    }
    json_decref(left);
    return begun;
}

enum renewal_begun renewal_begin(struct renewal *r, const char *folder, struct sori_str connection,
                                 struct sori_str slot, struct renewal_of of, int64_t now,
                                 struct err *err) {
    struct buf path = {0}, line = {0};
    char mark[RENEWAL_MARK];
    forget(r);
    renewal_mark(of.old, mark);
    r->of = of;
    r->began = now;
    buf_printf(&path, "%s/.%.*s.%.*s.renewing", folder, STR(connection), STR(slot));
    r->path = mem_text(buf_view(&path));
    buf_clear(&path);
    buf_printf(&path, "%s/%.*s.%.*s", folder, STR(connection), STR(slot));
    r->target = mem_text(buf_view(&path));
    r->folder = mem_text(str_c(folder));
    enum renewal_begun begun = lock(r, err);
    if (begun == RENEWAL_READY) begun = take_left(r, mark, err);
    if (begun == RENEWAL_READY) {
        buf_printf(&line, "{\"renewing\":\"%s\",\"at\":%" PRId64 "}", mark,
                   r->began_before ? r->began_before : now);
        if (!put_bytes(r, buf_view(&line)) || fsync(r->fd) != 0) {
            begun = RENEWAL_FAILED;
            err_set(err, "%s: cannot be written: %s", r->path, strerror(errno));
        }
    }
    if (begun != RENEWAL_READY) forget(r);
    buf_free(&path);
    buf_free(&line);
    return begun;
}

/* Where it cannot be written the platform is asked once more after a restart, no worse. */
void renewal_refuse(struct renewal *r, const char *why) {
    char mark[RENEWAL_MARK], whole[RENEWAL_MARK];
    renewal_mark(r->of.old, mark);
    renewal_mark(r->of.whole, whole);
    json_t *line =
        json_pack("{s:s, s:s, s:I, s:s}", "renewing", mark, "whole", whole, "at",
                  (json_int_t)(r->began_before ? r->began_before : r->began), "refused", why);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    bool kept = text && r->fd >= 0 && put_bytes(r, str_c(text)) && fsync(r->fd) == 0;
    wipe_free(text);
    json_decref(line);
    renewal_end(r, !kept);
}

bool renewal_put(struct renewal *r, struct sori_str line, struct err *err) {
    if (!r->placed && !put_bytes(r, line))
        return err_set(err, "%s: cannot be written: %s", r->target, strerror(errno));
    if (!put_in_place(r, line.len + 1, err)) return false;
    forget(r);
    return true;
}
