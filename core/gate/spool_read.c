/* The reading end of the spool: follows a segment while it grows, believes nothing that its crc
 * does not confirm. */
#include "gate/spool_dir.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 256 << 10 };

struct spool_reader {
    int fd;
    int64_t id;
    int64_t at;    /* where the next record begins */
    int64_t start; /* offset of window.data[0] in the segment */
    struct buf window;
};

struct spool_reader *spool_open(const char *dir, int64_t id, int64_t offset, struct err *err) {
    char name[SPOOL_NAME], head[SPOOL_HEAD];
    spool_name(name, id);
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    int fd = open(path.data, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        err_set(err, "%s: cannot be opened: %s", path.data, strerror(errno));
        buf_free(&path);
        return NULL;
    }
    bool ours = pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
                memcmp(head, SPOOL_MAGIC, 8) == 0 &&
                spool_get32(head + 28) == hash_crc32(0, (struct sori_str){head, 28}) &&
                spool_get64(head + 8) == (uint64_t)id;
    if (!ours) {
        err_set(err, "%s: not a spool segment of this Sori: its head is broken", path.data);
        close(fd);
        buf_free(&path);
        return NULL;
    }
    buf_free(&path);
    struct spool_reader *r = mem_get(sizeof *r);
    *r = (struct spool_reader){.fd = fd, .id = id, .at = offset < SPOOL_HEAD ? SPOOL_HEAD : offset};
    r->start = r->at;
    return r;
}

void spool_done(struct spool_reader *r) {
    if (!r) return;
    close(r->fd);
    buf_free(&r->window);
    free(r);
}

static size_t in_window(const struct spool_reader *r) {
    return r->window.len - (size_t)(r->at - r->start);
}

/* Reads on until `need` bytes from `at` are there: 1 they are, 0 the file ends before, -1 error. */
static int fill(struct spool_reader *r, size_t need) {
    if (in_window(r) >= need) return 1;
    size_t have = in_window(r);
    if (have) memmove(r->window.data, r->window.data + (r->at - r->start), have);
    r->window.len = have;
    r->start = r->at;
    while (r->window.len < need) {
        size_t want = need - r->window.len < WINDOW ? WINDOW : need - r->window.len;
        char *to = buf_room(&r->window, want);
        ssize_t n = pread(r->fd, to, want, r->start + (int64_t)r->window.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) return 0;
        r->window.len += (size_t)n;
    }
    return 1;
}

/* Bytes that do not add up are a break only when nobody can still be writing them. They are read
 * anew next time. */
static int doubtful(struct spool_reader *r, struct err *err, const char *what) {
    r->window.len = 0;
    r->start = r->at;
    if (flock(r->fd, LOCK_SH | LOCK_NB) != 0) return 0;
    flock(r->fd, LOCK_UN);
    err_set(err, "spool: segment %lld is broken at byte %lld: %s", (long long)r->id,
            (long long)r->at, what);
    return -1;
}

int spool_read(struct spool_reader *r, struct sori_str *payload, int64_t *offset, struct err *err) {
    int got = fill(r, SPOOL_FRAME);
    if (got < 0) {
        err_set(err, "spool: segment %lld cannot be read: %s", (long long)r->id, strerror(errno));
        return -1;
    }
    *offset = r->at;
    if (got == 0) {
        r->window.len = 0; /* what is there of a frame may still change */
        r->start = r->at;
        return 0;
    }
    const char *frame = r->window.data + (r->at - r->start);
    uint32_t len = spool_get32(frame), crc = spool_get32(frame + 4);
    if (len == 0 || len > SPOOL_RECORD_MAX) return doubtful(r, err, "an impossible length");
    size_t whole = SPOOL_FRAME + (size_t)len + SPOOL_TAIL;
    got = fill(r, whole);
    if (got < 0) {
        err_set(err, "spool: segment %lld cannot be read: %s", (long long)r->id, strerror(errno));
        return -1;
    }
    if (got == 0) {
        r->window.len = 0;
        r->start = r->at;
        return 0;
    }
    const char *body = r->window.data + (r->at - r->start) + SPOOL_FRAME;
    *payload = (struct sori_str){body, len};
    if (spool_get32(body + len) != SPOOL_END) return doubtful(r, err, "no END behind a record");
    if (hash_crc32(0, *payload) != crc) return doubtful(r, err, "the crc of a record is wrong");
    r->at += (int64_t)whole;
    *offset = r->at;
    return 1;
}
