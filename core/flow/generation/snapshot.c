/* What is on disk in one moment: configuration and policy, read once. Whoever asks for a reload
 * gets the fate of just these bytes, whatever is written meanwhile. */
#include "flow/generation/reload.h"

#include "base/file.h"
#include "base/hash.h"
#include "lua/policy.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG_MAX = 1 << 20, DEPTH_MAX = 4, LOOKED_MAX = 512 };

/* ---- a file that somebody is writing ---- */

/* The kernel grants a read lease only where nobody has the file open for writing. Where it cannot
 * say (another owner, a network's file system) the file counts as saved. */
static bool open_for_writing(const char *path) {
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    bool busy = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    if (!busy) (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    close(fd);
    return busy;
}

static bool ends(const char *name, const char *tail) {
    size_t n = strlen(name), t = strlen(tail);
    return n > t && strcmp(name + n - t, tail) == 0;
}

struct look {
    size_t dir; /* length of the workspace's path */
    unsigned left;
    struct buf *busy;
};

static void look_in(struct look *l, struct buf *path, int depth) {
    DIR *d = opendir(path->data);
    size_t len = path->len;
    for (struct dirent *e; d && l->left && (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        buf_printf(path, "/%s", e->d_name);
        bool file = ends(e->d_name, ".lua") || ends(e->d_name, ".md");
        l->left--;
        if (file && open_for_writing(path->data))
            buf_printf(l->busy, "%s", path->data + l->dir + 1);
        else if (!file && depth && e->d_type == DT_DIR)
            look_in(l, path, depth - 1);
        path->len = len;
        path->data[len] = 0;
        if (l->busy->len) break;
    }
    if (d) closedir(d);
}

bool snapshot_busy(struct core *c, struct buf *name) {
    struct buf path = {0};
    struct look l = {strlen(c->dir), LOOKED_MAX, name};
    buf_clear(name);
    buf_printf(&path, "%s/sori.lua", c->dir);
    if (open_for_writing(path.data)) buf_puts(name, "sori.lua");
    buf_clear(&path);
    buf_printf(&path, "%s/policy", c->dir);
    if (!name->len) look_in(&l, &path, DEPTH_MAX);
    buf_free(&path);
    return name->len > 0;
}

/* ---- the bytes ---- */

void snapshot_name(struct sori_str config, struct sori_str bundle, char hash[65]) {
    struct buf both = {0};
    rec_str(&both, MANIFEST_CONFIG, config);
    rec_str(&both, MANIFEST_BUNDLE, bundle);
    hash_sha256_hex(buf_view(&both), hash);
    buf_free(&both);
}

/* Lines of errors, with paths as all errors of policies have them: inside the bundle. */
static void put_error(struct core *c, const char *text, struct buf *errors) {
    struct buf head = {0}, bundle = {0};
    buf_printf(&head, "%s/", c->dir);
    buf_printf(&bundle, "%s/policy/", c->dir);
    while (*text) {
        if (str_starts(str_c(text), buf_view(&bundle)))
            text += bundle.len;
        else if (str_starts(str_c(text), buf_view(&head)))
            text += head.len;
        size_t len = strcspn(text, "\n");
        buf_printf(errors, "%.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
    buf_free(&head);
    buf_free(&bundle);
}

/* `text` begins with the path. */
static void put_config_error(const char *path, const char *text, struct buf *errors) {
    size_t n = strlen(path);
    bool big = strstr(text, "larger than") != NULL;
    if (strncmp(text, path, n) == 0 && text[n] == ':') text += n + 2;
    buf_printf(errors, "sori.lua:1: %s; %s\n", text,
               big ? "nobody writes that much by hand: put the configuration of before back"
                   : "put it back, and let the user that runs Sori read it");
}

void snapshot_take(struct core *c, struct snapshot *s) {
    struct err err;
    struct buf path = {0};
    buf_printf(&path, "%s/sori.lua", c->dir);
    s->has_config = file_read(path.data, CONFIG_MAX, false, &s->config, &err);
    if (!s->has_config) put_config_error(path.data, err.text, &s->errors);
    buf_clear(&path);
    buf_printf(&path, "%s/policy", c->dir);
    s->has_bundle = bundle_read(path.data, &s->bundle, &err);
    if (!s->has_bundle && access(path.data, F_OK) != 0)
        buf_puts(&s->errors,
                 "policy/init.lua:1: there is no policy; `sori new policy policy` in the "
                 "workspace makes one\n");
    else if (!s->has_bundle)
        put_error(c, err.text, &s->errors);
    buf_free(&path);
    /* What cannot be read is a state of the disk as well, and has a name of its own. */
    snapshot_name(s->has_config ? buf_view(&s->config) : buf_view(&s->errors),
                  s->has_bundle ? buf_view(&s->bundle) : buf_view(&s->errors), s->hash);
}

void snapshot_free(struct snapshot *s) {
    buf_free(&s->config);
    buf_free(&s->bundle);
    buf_free(&s->errors);
}
