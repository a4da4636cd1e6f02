#include "gate/spool_dir.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void spool_put32(char *to, uint32_t v) {
    for (int i = 0; i < 4; i++) to[i] = (char)(v >> (8 * i));
}

uint32_t spool_get32(const char *from) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) v |= (uint32_t)(uint8_t)from[i] << (8 * i);
    return v;
}

void spool_put64(char *to, uint64_t v) {
    spool_put32(to, (uint32_t)v);
    spool_put32(to + 4, (uint32_t)(v >> 32));
}

uint64_t spool_get64(const char *from) {
    return spool_get32(from) | (uint64_t)spool_get32(from + 4) << 32;
}

void spool_name(char to[SPOOL_NAME], int64_t id) {
    for (int i = 11; i >= 0; i--, id /= 10) to[i] = (char)('0' + id % 10);
    memcpy(to + 12, ".seg", 5);
}

int64_t spool_name_id(const char *name) {
    if (strlen(name) != SPOOL_NAME - 1 || strcmp(name + 12, ".seg") != 0) return -1;
    int64_t id = 0;
    for (int i = 0; i < 12; i++) {
        if (name[i] < '0' || name[i] > '9') return -1;
        id = id * 10 + (name[i] - '0');
    }
    return id;
}

int64_t spool_next(const char *dir, int64_t from) {
    DIR *d = opendir(dir);
    if (!d) return -1;
    int64_t best = -1;
    struct dirent *e;
    while ((e = readdir(d))) {
        int64_t id = spool_name_id(e->d_name);
        if (id >= from && id >= 0 && (best < 0 || id < best)) best = id;
    }
    closedir(d);
    return best;
}

static int open_segment(const char *dir, int64_t id) {
    char name[SPOOL_NAME];
    spool_name(name, id);
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    int fd = open(path.data, O_RDONLY | O_CLOEXEC);
    buf_free(&path);
    return fd;
}

bool spool_sealed(unsigned mode) { return (mode & S_IWUSR) == 0; }

static bool seal(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) return false;
    if (spool_sealed(st.st_mode)) return true;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) return false;
    bool done = fchmod(fd, 0400) == 0;
    flock(fd, LOCK_UN);
    return done;
}

/* Ids follow each other, so the next one is asked for by name; readers ask this before each record.
 * The folder is searched, for a gap that a person's rm has left, only where nothing was written
 * just now. */
static bool has_later(const char *dir, int64_t id, int fd) {
    struct stat st;
    int later = open_segment(dir, id + 1);
    if (later >= 0) close(later);
    if (later >= 0) return true;
    int64_t age = fstat(fd, &st) == 0 ? clock_now() / 1000 - st.st_mtime : 0;
    return (age < 0 || age > 2) && spool_next(dir, id + 1) >= 0;
}

bool spool_finished(const char *dir, int64_t id) {
    int fd = open_segment(dir, id);
    if (fd < 0) return errno == ENOENT && spool_next(dir, id + 1) >= 0;
    struct stat st;
    bool left = fstat(fd, &st) == 0 && spool_sealed(st.st_mode);
    bool done = left || (has_later(dir, id, fd) && seal(fd));
    close(fd);
    return done;
}

struct aged {
    int64_t id, bytes, changed;
};

static int newest_first(const void *a, const void *b) {
    int64_t x = ((const struct aged *)a)->id, y = ((const struct aged *)b)->id;
    return x < y ? 1 : x > y ? -1 : 0;
}

static size_t list_below(DIR *d, int64_t before_id, struct aged **out) {
    size_t n = 0, cap = 0;
    struct dirent *e;
    while ((e = readdir(d))) {
        int64_t id = spool_name_id(e->d_name);
        struct stat st;
        if (id < 0 || id >= before_id || fstatat(dirfd(d), e->d_name, &st, 0) != 0) continue;
        if (n == cap) *out = mem_grow(*out, (cap = cap ? 2 * cap : 64) * sizeof **out);
        (*out)[n++] = (struct aged){
            id, st.st_size, (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000};
    }
    return n;
}

void spool_retire(const char *dir, int64_t before_id, int64_t keep_ms, int64_t keep_bytes) {
    DIR *d = opendir(dir);
    if (!d) return;
    struct aged *old = NULL;
    size_t n = list_below(d, before_id, &old);
    if (n) qsort(old, n, sizeof *old, newest_first);
    int64_t now = clock_now(), kept = 0;
    size_t first = 0; /* of those that go */
    for (; first < n; first++) {
        kept += old[first].bytes;
        if (kept > keep_bytes || now - old[first].changed > keep_ms) break;
    }
    /* The oldest goes first, so that a crash leaves no gap. */
    while (n > first) {
        char name[SPOOL_NAME];
        if (!spool_finished(dir, old[--n].id)) continue;
        spool_name(name, old[n].id);
        unlinkat(dirfd(d), name, 0);
    }
    free(old);
    closedir(d);
}
