#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(const char *path, size_t max, bool nofollow, struct buf *out, struct err *err) {
    /* A named pipe in a file's place must not hold up who opens it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (nofollow ? O_NOFOLLOW : 0));
    if (fd < 0) return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    struct stat st;
    bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (!plain && nofollow) {
        close(fd);
        return err_set(err, "%s: is no plain file", path);
    }
    if (!plain) (void)fcntl(fd, F_SETFL, 0);
    size_t start = out->len;
    bool ok = true;
    for (;;) {
        char *to = buf_room(out, 65536);
        ssize_t n = read(fd, to, 65536);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) ok = err_set(err, "%s: cannot be read: %s", path, strerror(errno));
        if (n <= 0) break;
        out->len += (size_t)n;
        out->data[out->len] = 0;
        if (out->len - start > max) {
            ok = err_set(err, "%s: larger than the %zu bytes allowed here", path, max);
            break;
        }
    }
    close(fd);
    if (!ok) out->len = start;
    return ok;
}

bool file_write_all(int fd, struct sori_str s) {
    while (s.len) {
        ssize_t n = write(fd, s.ptr, s.len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s.ptr += n;
        s.len -= (size_t)n;
    }
    return true;
}

bool file_sync_dir(const char *path, struct err *err) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return err_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    bool ok = fsync(fd) == 0 || err_set(err, "%s: cannot be synced: %s", path, strerror(errno));
    close(fd);
    return ok;
}

bool file_write(const char *path, struct sori_str bytes, unsigned mode, struct err *err) {
    struct buf tmp = {0};
    buf_printf(&tmp, "%s.new-%d", path, (int)getpid());
    int fd = open(tmp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool ok = fd >= 0;
    if (ok) ok = file_write_all(fd, bytes) && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0 && close(fd) != 0) ok = false;
    if (ok && rename(tmp.data, path) != 0) {
        why = errno;
        ok = false;
    }
    if (!ok) {
        unlink(tmp.data);
        err_set(err, "%s: cannot be written: %s", path, strerror(why));
    } else {
        char *copy = mem_text(str_c(path));
        ok = file_sync_dir(dirname(copy), err);
        free(copy);
    }
    buf_free(&tmp);
    return ok;
}

bool file_make_dir(const char *path, unsigned mode, struct err *err) {
    struct stat st;
    if (mkdir(path, mode) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return true;
    return err_set(err, "%s: cannot be made: %s", path, strerror(errno));
}

unsigned file_open_to_others(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? st.st_mode & 077u ? st.st_mode & 07777u : 0 : 0;
}

bool file_close_to_others(const char *path, unsigned *was, struct err *err) {
    *was = file_open_to_others(path);
    if (!*was || chmod(path, 0700) == 0) return true;
    return err_set(err,
                   "%s: others can open it (mode %04o), and it cannot be closed: %s. Let its owner "
                   "run `chmod 700` on it",
                   path, *was, strerror(errno));
}
