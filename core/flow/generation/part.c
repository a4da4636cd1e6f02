/* Plugins and models as generations use them: copies in data/parts, each under its content's hash.
 * A file that is overwritten in place would change, or crash, what runs; and a step back needs the
 * bytes of then. Copies go when no generation that is kept in memory or among the last ones names
 * them (part_sweep). */
#include "flow/generation/reload.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_MAX = 256 << 20, SHORT = 16 };

/* What a file was when its hash was taken; the same again means the same bytes. */
struct known {
    struct known *next;
    char *path;
    struct stat st;
    char hash[65];
};
struct parts {
    struct known *known;
};

static bool unchanged(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static struct known *known_of(struct core *c, const char *path) {
    if (!c->parts) c->parts = mem_get(sizeof *c->parts);
    for (struct known *k = c->parts->known; k; k = k->next)
        if (strcmp(k->path, path) == 0) return k;
    struct known *k = mem_get(sizeof *k);
    k->path = mem_text(str_c(path));
    k->next = c->parts->known;
    c->parts->known = k;
    return k;
}

/* "blog.so" and its hash: data/parts/blog.3fa9c01277aa0912.so */
static void copy_path(struct core *c, struct sori_str name, const char *hash, struct buf *out) {
    size_t stem = name.len;
    for (size_t i = name.len; i-- > 1;)
        if (name.ptr[i] == '.') {
            stem = i;
            break;
        }
    buf_clear(out);
    buf_printf(out, "%s/parts/%.*s.%.*s%.*s", c->data, (int)stem, name.ptr, SHORT, hash,
               (int)(name.len - stem), name.ptr + stem);
}

/* Its bytes, read unless they were read since it changed, are those of that hash. A copy that is
 * not is none: whoever may write to data/parts decides nothing. */
static bool copy_good(struct core *c, const char *path, const char *hash) {
    struct stat st;
    struct buf bytes = {0};
    if (stat(path, &st) != 0) return false;
    struct known *k = known_of(c, path);
    if (!unchanged(&st, &k->st)) {
        k->hash[0] = 0;
        if (file_read(path, PART_MAX, false, &bytes, NULL))
            hash_sha256_hex(buf_view(&bytes), k->hash);
        k->st = st;
        buf_free(&bytes);
        if (strcmp(k->hash, hash) != 0)
            log_line(LOG_ERROR, "core", "%s is not what was kept there: it is not used", path);
    }
    return strcmp(k->hash, hash) == 0;
}

static struct sori_str base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return str_c(slash ? slash + 1 : path);
}

static bool make_copy(struct core *c, struct sori_str bytes, const char *to, struct err *err) {
    struct buf dir = {0};
    buf_printf(&dir, "%s/parts", c->data);
    bool ok = file_make_dir(dir.data, 0700, err) && file_write(to, bytes, 0500, err);
    buf_free(&dir);
    return ok;
}

bool part_take(struct core *c, const char *path, char hash[65], struct buf *copy, struct err *err) {
    struct stat st;
    struct buf bytes = {0};
    if (stat(path, &st) != 0) return err_set(err, "%s: %s", path, strerror(errno));
    struct known *k = known_of(c, path);
    bool ok = true;
    if (unchanged(&st, &k->st)) {
        copy_path(c, base_name(path), k->hash, copy);
        memcpy(hash, k->hash, 65);
        ok = copy_good(c, copy->data, hash);
    } else
        ok = false;
    if (!ok) {
        ok = file_read(path, PART_MAX, false, &bytes, err);
        if (ok) {
            hash_sha256_hex(buf_view(&bytes), hash);
            copy_path(c, base_name(path), hash, copy);
            ok = copy_good(c, copy->data, hash) || make_copy(c, buf_view(&bytes), copy->data, err);
        }
        if (ok) {
            k->st = st;
            memcpy(k->hash, hash, 65);
        }
    }
    buf_free(&bytes);
    return ok;
}

bool part_kept(struct core *c, struct sori_str name, const char *hash, struct buf *copy) {
    copy_path(c, name, hash, copy);
    return copy_good(c, copy->data, hash);
}

/* ---- what is named by generations ---- */

static bool names(struct sori_str manifest, const char *file) {
    struct rec_field f;
    while (rec_next(&manifest, &f) == 1) {
        if (f.tag != MANIFEST_PART || f.type != REC_REC) continue;
        struct sori_str hash = rec_get_str(f.s, PART_HASH);
        char brief[SHORT + 3];
        snprintf(brief, sizeof brief, ".%.*s", hash.len < SHORT ? (int)hash.len : SHORT, hash.ptr);
        if (hash.len && strstr(file, brief)) return true;
    }
    return false;
}

static bool is_named(struct core *c, const char *file, const struct buf *kept) {
    for (struct generation *g = c->draining; g; g = g->drains_after)
        if (names(buf_view(&g->parts), file)) return true;
    return (c->active && names(buf_view(&c->active->parts), file)) ||
           (c->next && names(buf_view(&c->next->parts), file)) || names(buf_view(kept), file);
}

static void forget(struct core *c, const char *path) {
    for (struct known **p = c->parts ? &c->parts->known : NULL; p && *p; p = &(*p)->next) {
        struct known *k = *p;
        if (strcmp(k->path, path) != 0) continue;
        *p = k->next;
        free(k->path);
        free(k);
        return;
    }
}

void part_sweep(struct core *c, int64_t generations) {
    struct buf dir = {0}, kept = {0}, manifest = {0};
    struct row_generation row;
    struct rec_field f;
    for (int64_t id = c->ids.generation; id > 0 && generations; id--) {
        if (!store_generation(c->store, id, &row)) continue;
        if (row.state == GENERATION_REJECTED || row.manifest == NIL) continue;
        generations--;
        buf_clear(&manifest);
        if (!blob_get(c->store, row.manifest, &manifest)) continue;
        for (struct sori_str all = buf_view(&manifest); rec_next(&all, &f) == 1;)
            if (f.tag == MANIFEST_PART && f.type == REC_REC) rec_rec(&kept, MANIFEST_PART, f.s);
    }
    buf_printf(&dir, "%s/parts", c->data);
    DIR *d = opendir(dir.data);
    size_t len = dir.len;
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || is_named(c, e->d_name, &kept)) continue;
        buf_printf(&dir, "/%s", e->d_name);
        forget(c, dir.data);
        if (unlink(dir.data) == 0)
            log_line(LOG_INFO, "core", "%s is not needed any more", dir.data);
        dir.len = len;
    }
    if (d) closedir(d);
    buf_free(&dir);
    buf_free(&kept);
    buf_free(&manifest);
}
