/* The writing end of the spool. */
#include "gate/spool_dir.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RESCAN_MS = 200, RESCAN_BYTES = 4 << 20, SPARE_IDS = 10000 };

struct spool_writer {
    DIR *dir; /* the folder; opened before the fence and kept */
    char temporary[32];
    int fd; /* the segment, locked, or -1 */
    int64_t id, offset;
    int64_t segment_bytes, total_bytes;
    int64_t used; /* bytes not sealed when last counted, and our own since */
    int64_t since_count, counted_at;
    bool dirty, locked, broken;
};

static bool final_failure(struct spool_writer *w, struct err *err, const char *what) {
    w->broken = true;
    return err_set(err,
                   "spool: segment %lld cannot be %s: %s. Nothing more is acknowledged; Sori must "
                   "be started again",
                   (long long)w->id, what, strerror(errno));
}

/* Counts the bytes that no reader has left behind, and finds the highest id. */
static int64_t count(struct spool_writer *w) {
    int64_t highest = 0, used = 0;
    struct dirent *e;
    rewinddir(w->dir);
    while ((e = readdir(w->dir))) {
        int64_t id = spool_name_id(e->d_name);
        struct stat st;
        if (id < 0 || fstatat(dirfd(w->dir), e->d_name, &st, 0) != 0) continue;
        if (id > highest) highest = id;
        if (!spool_sealed(st.st_mode)) used += st.st_size;
    }
    w->used = used;
    w->since_count = 0;
    w->counted_at = clock_mono();
    return highest;
}

static bool write_head(int fd, int64_t id) {
    char head[SPOOL_HEAD] = SPOOL_MAGIC;
    spool_put64(head + 8, (uint64_t)id);
    spool_put64(head + 16, (uint64_t)clock_now());
    spool_put32(head + 24, SPOOL_VERSION);
    spool_put32(head + 28, hash_crc32(0, (struct sori_str){head, 28}));
    return pwrite(fd, head, sizeof head, 0) == (ssize_t)sizeof head && fdatasync(fd) == 0;
}

/* Links the temporary file, already locked, to the first free id. The head names the id, so it is
 * written anew for each try. */
static bool claim_id(struct spool_writer *w, int fd, int64_t from) {
    int dir = dirfd(w->dir);
    for (int64_t id = from; id < from + SPARE_IDS; id++) {
        char name[SPOOL_NAME];
        spool_name(name, id);
        if (!write_head(fd, id)) return false;
        if (linkat(dir, w->temporary, dir, name, 0) == 0) {
            w->id = id;
            return true;
        }
        if (errno != EEXIST) return false;
    }
    return false;
}

static bool open_next(struct spool_writer *w, struct err *err) {
    int dir = dirfd(w->dir);
    int64_t highest = count(w);
    int fd = openat(dir, w->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && claim_id(w, fd, highest + 1);
    int why = errno;
    if (fd >= 0) unlinkat(dir, w->temporary, 0);
    if (ok && fsync(dir) != 0) {
        why = errno;
        ok = false;
    }
    if (!ok) {
        if (fd >= 0) close(fd);
        return err_set(err, "spool: a new segment cannot be made: %s", strerror(why));
    }
    w->fd = fd;
    w->locked = true;
    w->offset = SPOOL_HEAD;
    w->used += SPOOL_HEAD;
    return true;
}

static void unlock(struct spool_writer *w) {
    if (w->locked) flock(w->fd, LOCK_UN);
    w->locked = false;
}

/* False where the segment is no longer ours to append to: a reader has sealed it, or is about to.
 */
static bool lock(struct spool_writer *w) {
    struct stat st;
    if (w->locked) return true;
    if (flock(w->fd, LOCK_EX | LOCK_NB) != 0) return false;
    w->locked = true;
    return fstat(w->fd, &st) == 0 && !spool_sealed(st.st_mode);
}

/* What a writer that was killed between openat and linkat left behind. */
static void sweep(struct spool_writer *w) {
    struct dirent *e;
    rewinddir(w->dir);
    while ((e = readdir(w->dir))) {
        if (strncmp(e->d_name, "new-", 4) != 0) continue;
        int fd = openat(dirfd(w->dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0) continue;
        struct stat st;
        bool old = fstat(fd, &st) == 0 && clock_now() / 1000 - st.st_mtime > 60;
        if (old && flock(fd, LOCK_EX | LOCK_NB) == 0) unlinkat(dirfd(w->dir), e->d_name, 0);
        close(fd);
    }
}

struct spool_writer *spool_create(const char *dir, int64_t segment_bytes, int64_t total_bytes,
                                  struct err *err) {
    if (!file_make_dir(dir, 0700, err)) return NULL;
    DIR *d = opendir(dir);
    if (!d) {
        err_set(err, "%s: cannot be opened: %s", dir, strerror(errno));
        return NULL;
    }
    struct spool_writer *w = mem_get(sizeof *w);
    *w = (struct spool_writer){
        .dir = d, .fd = -1, .segment_bytes = segment_bytes, .total_bytes = total_bytes};
    struct hash_key unique = hash_random_key();
    snprintf(w->temporary, sizeof w->temporary, "new-%016llx", (unsigned long long)unique.k0);
    sweep(w);
    if (!open_next(w, err)) {
        closedir(d);
        free(w);
        return NULL;
    }
    unlock(w);
    return w;
}

void spool_close(struct spool_writer *w) {
    if (!w) return;
    if (w->fd >= 0) {
        if (w->dirty && !w->broken) fdatasync(w->fd);
        close(w->fd);
    }
    closedir(w->dir);
    free(w);
}

int64_t spool_id(const struct spool_writer *w) { return w->id; }

int spool_percent(struct spool_writer *w) {
    if (clock_mono() - w->counted_at >= RESCAN_MS) count(w);
    return (int)(w->used * 100 / w->total_bytes);
}

static bool has_room(struct spool_writer *w, int64_t need) {
    bool full = w->used + need > w->total_bytes;
    if (w->since_count > RESCAN_BYTES || (full && clock_mono() - w->counted_at >= RESCAN_MS)) {
        count(w);
        full = w->used + need > w->total_bytes;
    }
    return !full;
}

/* The old segment is made durable before the new one begins, so that a sync of the new one covers
 * everything appended. */
static bool rotate(struct spool_writer *w, struct err *err) {
    if (w->fd >= 0) {
        if (w->dirty && fdatasync(w->fd) != 0) return final_failure(w, err, "synced");
        close(w->fd);
        w->fd = -1;
        w->dirty = w->locked = false;
    }
    return open_next(w, err);
}

static bool put_record(struct spool_writer *w, struct sori_str payload) {
    char frame[SPOOL_FRAME], tail[SPOOL_TAIL];
    spool_put32(frame, (uint32_t)payload.len);
    spool_put32(frame + 4, hash_crc32(0, payload));
    spool_put32(tail, SPOOL_END);
    struct iovec v[3] = {{frame, sizeof frame}, {NULL, payload.len}, {tail, sizeof tail}};
    memcpy(&v[1].iov_base, &payload.ptr, sizeof payload.ptr);
    struct iovec *at = v;
    int left = 3;
    int64_t offset = w->offset;
    while (left) {
        ssize_t n = pwritev(w->fd, at, left, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        offset += n;
        while (left && (size_t)n >= at->iov_len) {
            n -= (ssize_t)at->iov_len;
            at++;
            left--;
        }
        if (left) {
            at->iov_base = (char *)at->iov_base + n;
            at->iov_len -= (size_t)n;
        }
    }
    w->offset = offset;
    return true;
}

bool spool_append(struct spool_writer *w, struct sori_str payload, struct err *err) {
    if (w->broken) return err_set(err, "spool: an earlier sync failed; nothing more is taken");
    if (payload.len == 0 || payload.len > SPOOL_RECORD_MAX)
        return err_set(err, "spool: a record of %zu bytes; 1 to %d were expected", payload.len,
                       SPOOL_RECORD_MAX);
    int64_t need = (int64_t)payload.len + SPOOL_FRAME + SPOOL_TAIL;
    if (!has_room(w, need))
        return err_set(err, "spool: full: %lld of %lld bytes are in use", (long long)w->used,
                       (long long)w->total_bytes);
    bool full = w->offset > SPOOL_HEAD && w->offset + need > w->segment_bytes;
    if ((w->fd < 0 || full || !lock(w)) && !rotate(w, err)) return false;
    if (!put_record(w, payload)) {
        int why = errno;
        /* What was partly written is cut off; should even that fail, the next record overwrites
         * it, and readers stop at it because its crc does not match. */
        if (ftruncate(w->fd, w->offset) != 0) errno = why;
        return err_set(err, "spool: segment %lld cannot be written: %s", (long long)w->id,
                       strerror(why));
    }
    w->dirty = true;
    w->used += need;
    w->since_count += need;
    return true;
}

bool spool_sync(struct spool_writer *w, struct err *err) {
    if (w->broken) return err_set(err, "spool: an earlier sync failed");
    if (w->dirty && fdatasync(w->fd) != 0) return final_failure(w, err, "synced");
    w->dirty = false;
    unlock(w);
    return true;
}
