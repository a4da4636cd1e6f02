#include "net/folders.h"

#include "base/log.h"
#include "base/record.h"
#include "supervise/messages.h"

#include <stdlib.h>
#include <sys/stat.h>

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_root(const struct folders *f, const char *path) {
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->roots[i], path) == 0) return true;
    return false;
}

static void add_root(struct folders *f, struct sori_str text) {
    char *path = mem_text(text);
    bool there = is_folder(path);
    if (!there) log_line(LOG_WARN, "net", "%s: an allowed folder that does not exist", path);
    if (!there || has_root(f, path)) {
        free(path);
        return;
    }
    f->roots = mem_grow(f->roots, (f->count + 2) * sizeof *f->roots);
    f->roots[f->count++] = path;
    f->roots[f->count] = NULL;
}

void folders_read(struct sori_str conf, struct folders *f) {
    *f = (struct folders){0};
    struct rec_field field, inner;
    while (rec_next(&conf, &field) == 1) {
        if (field.tag == NETCONF_SECRETS && field.s.len && !f->secrets) {
            f->secrets = mem_text(field.s);
            if (is_folder(f->secrets)) continue;
            log_line(LOG_WARN, "net", "%s: the folder of secrets does not exist", f->secrets);
            free(f->secrets);
            f->secrets = NULL;
        } else if (field.tag == NETCONF_CONNECTION) {
            while (rec_next(&field.s, &inner) == 1) {
                f->rotates |= inner.tag == NETCONN_SLOT;
                if (inner.tag == NETCONN_ALLOW && inner.s.len && inner.s.ptr[0] == '/')
                    add_root(f, inner.s);
            }
        }
    }
}

void folders_free(struct folders *f) {
    for (size_t i = 0; i < f->count; i++) free(f->roots[i]);
    free(f->roots);
    free(f->secrets);
    *f = (struct folders){0};
}

bool folders_cover(const struct folders *have, const struct folders *wanted) {
    if (wanted->secrets && (!have->secrets || strcmp(have->secrets, wanted->secrets) != 0))
        return false;
    if (wanted->rotates && !have->rotates) return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!has_root(have, wanted->roots[i])) return false;
    return true;
}
