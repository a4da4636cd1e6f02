#include "cli/connection/connection.h"

#include "base/file.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CONFIG_MOST = 1 << 20, DAY_S = 86400 };

/* ---- as a record, as text ---- */

static void put_option(struct buf *record, const char *name, struct sori_str value) {
    size_t mark = rec_begin(record, CONN_OPTION);
    rec_str(record, 1, str_c(name));
    rec_str(record, 2, value);
    rec_end(record, mark);
}

void connecting_record(const struct connecting *x, struct buf *record) {
    rec_str(record, CONN_NAME, str_c(x->name));
    rec_str(record, CONN_CHANNEL, str_c(x->channel));
    for (size_t i = 0; i < x->allow_count; i++) rec_str(record, CONN_ALLOW, str_c(x->allows[i]));
    for (size_t i = 0; i < x->options.count; i++)
        put_option(record, x->options.items[i].name, buf_view(&x->options.items[i].value));
}

static void put_text(struct buf *out, struct sori_str s) {
    buf_putc(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\%03u", c);
        else
            buf_putc(out, (char)c);
    }
    buf_putc(out, '"');
}

static void put_list(struct buf *out, struct sori_str lines) {
    buf_puts(out, "{ ");
    for (bool first = true; lines.len; first = false) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.ptr) : lines.len;
        if (!first) buf_puts(out, ", ");
        put_text(out, (struct sori_str){lines.ptr, len});
        lines.ptr += len + (end != NULL);
        lines.len -= len + (end != NULL);
    }
    buf_puts(out, " }");
}

static void put_value(const struct connecting *x, struct buf *out, const struct given_value *v) {
    struct sori_str value = buf_view(&v->value);
    int64_t type = rec_get_int(option_find(buf_view(&x->descriptor), str_c(v->name)), OPT_TYPE,
                               SORI_OPTION_STRING);
    buf_printf(out, "  %s = ", v->name);
    if (type == SORI_OPTION_LIST)
        put_list(out, value);
    else if (type == SORI_OPTION_BOOL)
        buf_str(out, value);
    else
        put_text(out, value);
    buf_puts(out, ",\n");
}

void connecting_block(const struct connecting *x, struct buf *out) {
    const struct given_value *mode = given_find(&x->own, SORI_STR("mode"));
    buf_printf(out, "connection \"%s\" {\n  channel = ", x->name);
    put_text(out, str_c(x->channel));
    buf_puts(out, ", mode = ");
    put_text(out, mode ? buf_view(&mode->value) : SORI_STR("approve"));
    buf_puts(out, ",\n");
    for (size_t i = 0; i < x->own.count; i++) {
        const struct given_value *v = &x->own.items[i];
        if (v == mode) continue;
        buf_printf(out, "  %s = ", v->name);
        if (!strcmp(v->name, "site"))
            put_list(out, buf_view(&v->value));
        else
            put_text(out, buf_view(&v->value));
        buf_puts(out, ",\n");
    }
    for (size_t i = 0; i < x->options.count; i++) put_value(x, out, &x->options.items[i]);
    if (x->allow_count) {
        struct buf lines = {0};
        for (size_t i = 0; i < x->allow_count; i++)
            buf_printf(&lines, "%s%s", i ? "\n" : "", x->allows[i]);
        buf_puts(out, "  allow = ");
        put_list(out, buf_view(&lines));
        buf_puts(out, ",\n");
        buf_free(&lines);
    }
    buf_puts(out, "}\n");
}

/* ---- credentials ---- */

static void slot_path(struct buf *out, const char *folder, const struct connecting *x,
                      const char *slot) {
    buf_clear(out);
    buf_printf(out, "%s/%s.%s", folder, x->name, slot);
}

static void secrets_folder(const struct connecting *x, struct buf *out) {
    buf_clear(out);
    buf_printf(out, "%s/secrets", x->workspace);
}

/* What was left by one that was ended in the middle, a day ago or more: credentials that nobody
 * needs. */
static void drop_left(const char *path) {
    struct stat st;
    DIR *folder = lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
                          time(NULL) - st.st_mtime > DAY_S
                      ? opendir(path)
                      : NULL;
    for (struct dirent *e; folder && (e = readdir(folder));)
        if (e->d_name[0] != '.') unlinkat(dirfd(folder), e->d_name, 0);
    if (folder) closedir(folder);
    if (folder) rmdir(path);
}

static void drop_all_left(const char *secrets) {
    static const char stage[] = ".adding-";
    DIR *folder = opendir(secrets);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        if (strncmp(e->d_name, stage, sizeof stage - 1) != 0) continue;
        struct buf path = {0};
        buf_printf(&path, "%s/%s", secrets, e->d_name);
        drop_left(path.data);
        buf_free(&path);
    }
    if (folder) closedir(folder);
}

/* Beside what it will become, so that one link puts it there. */
static bool make_stage(struct connecting *x, struct err *err) {
    struct buf folder = {0};
    secrets_folder(x, &folder);
    bool ok = file_make_dir(folder.data, 0700, err);
    if (ok) drop_all_left(folder.data);
    buf_printf(&x->stage, "%s/.adding-XXXXXX", folder.data);
    if (ok && !mkdtemp(x->stage.data))
        ok = err_set(err, "%s: no folder can be made: %s", folder.data, strerror(errno));
    if (!ok) buf_free(&x->stage);
    buf_free(&folder);
    return ok;
}

bool connecting_stage(struct connecting *x, struct sori_str slot, struct sori_str bytes,
                      struct err *err) {
    if (!x->stage.len && !make_stage(x, err)) return false;
    struct buf path = {0};
    char *name = mem_text(slot);
    slot_path(&path, x->stage.data, x, name);
    bool ok = file_write(path.data, bytes, 0600, err);
    if (ok) given_set(&x->secrets, slot, (struct sori_str){0});
    free(name);
    buf_free(&path);
    return ok;
}

void connecting_drop(struct connecting *x, struct given *from, struct sori_str name) {
    struct given_value *v = given_find(from, name);
    if (!v) return;
    if (from == &x->secrets && x->stage.len) {
        struct buf path = {0};
        slot_path(&path, x->stage.data, x, v->name);
        unlink(path.data);
        buf_free(&path);
    }
    free(v->name);
    buf_free(&v->value);
    *v = from->items[--from->count];
}

void connecting_unstage(struct connecting *x) {
    struct buf path = {0};
    for (size_t i = 0; x->stage.len && i < x->secrets.count; i++) {
        slot_path(&path, x->stage.data, x, x->secrets.items[i].name);
        unlink(path.data);
    }
    if (x->stage.len) rmdir(x->stage.data);
    buf_free(&x->stage);
    buf_free(&path);
}

static void take_back(const struct connecting *x, const char *folder, size_t count) {
    struct buf path = {0};
    for (size_t i = 0; i < count; i++) {
        slot_path(&path, folder, x, x->secrets.items[i].name);
        unlink(path.data);
    }
    buf_free(&path);
}

/* Links them from the stage: none is overwritten, and the last one that can be placed is known. */
static bool place(const struct connecting *x, const char *folder, struct err *err) {
    struct buf from = {0}, to = {0};
    size_t placed = 0;
    bool ok = true;
    for (; ok && placed < x->secrets.count; placed += ok) {
        slot_path(&from, x->stage.data, x, x->secrets.items[placed].name);
        slot_path(&to, folder, x, x->secrets.items[placed].name);
        if (link(from.data, to.data) != 0)
            ok = err_set(err,
                         errno == EEXIST
                             ? "%s is there already: move it away, or choose another name for "
                               "the connection"
                             : "%s cannot be made",
                         to.data);
    }
    ok = ok && (!x->secrets.count || file_sync_dir(folder, err));
    if (!ok) take_back(x, folder, placed);
    buf_free(&from);
    buf_free(&to);
    return ok;
}

bool connecting_replace(struct connecting *x, struct sori_str slot, struct err *err) {
    struct buf from = {0}, to = {0}, folder = {0};
    char *name = mem_text(slot);
    secrets_folder(x, &folder);
    slot_path(&from, x->stage.data, x, name);
    slot_path(&to, folder.data, x, name);
    bool ok = rename(from.data, to.data) == 0 ||
              err_set(err, "%s: cannot be written: %s", to.data, strerror(errno));
    ok = ok && file_sync_dir(folder.data, err);
    free(name);
    buf_free(&from);
    buf_free(&to);
    buf_free(&folder);
    return ok;
}

/* ---- sori.lua ---- */

/* What it would be, read as Sori reads it: sound, and with the connection in it. */
static bool check_config(const struct connecting *x, struct sori_str source, struct err *err) {
    struct buf record = {0}, errors = {0};
    struct conf conf = {0};
    bool ok = conf_read(source, "sori.lua", &record, &errors), found = false;
    if (!ok) {
        char *end = errors.data ? strchr(errors.data, '\n') : NULL;
        if (end) *end = 0;
        err_set(err, "%s", errors.data ? errors.data : "sori.lua cannot be read");
    }
    ok = ok && conf_open(&record, &conf, err);
    for (size_t i = 0; ok && i < conf.connection_count; i++)
        found |= str_is(conf.connections[i].name, x->name) &&
                 str_is(conf.connections[i].channel, x->channel);
    if (ok) conf_close(&conf);
    if (ok && !found)
        ok = err_set(err, "sori.lua does not take a further block at its end; put it in yourself");
    buf_free(&record);
    buf_free(&errors);
    return ok;
}

static bool append(const struct connecting *x, const char *path, struct buf *source,
                   struct err *err) {
    struct stat st;
    if (stat(path, &st) != 0) return err_set(err, "%s: %s", path, strerror(errno));
    if (!file_read(path, CONFIG_MOST, false, source, err)) return false;
    if (source->len && source->data[source->len - 1] != '\n') buf_putc(source, '\n');
    buf_putc(source, '\n');
    connecting_block(x, source);
    return check_config(x, buf_view(source), err);
}

static bool check_whole(const struct connecting *x, struct err *err) {
    struct buf record = {0}, options = {0}, errors = {0};
    connecting_record(x, &record);
    bool ok =
        conf_options(buf_view(&record), buf_view(&x->descriptor), CREATE_OPTION, &options, &errors);
    if (!ok) {
        char *end = errors.data ? strchr(errors.data, '\n') : NULL;
        char *from = errors.data ? strstr(errors.data, "\": ") : NULL;
        if (end) *end = 0;
        err_set(err, "%s", from ? from + 3 : "its options do not fit");
    }
    struct rec_field f;
    for (struct sori_str d = buf_view(&x->descriptor); ok && rec_next(&d, &f) == 1;)
        if (f.tag == DESC_SLOT && f.type == REC_REC && rec_get_int(f.s, 3, 0) &&
            !given_find(&x->secrets, rec_get_str(f.s, 1)))
            ok = err_set(err, "the credential %.*s is missing: --slot %.*s=FILE",
                         STR(rec_get_str(f.s, 1)), STR(rec_get_str(f.s, 1)));
    buf_free(&record);
    buf_free(&options);
    buf_free(&errors);
    return ok;
}

bool connecting_write(struct connecting *x, struct err *err) {
    struct buf path = {0}, folder = {0}, source = {0};
    struct stat st = {0};
    buf_printf(&path, "%s/sori.lua", x->workspace);
    secrets_folder(x, &folder);
    char *real = realpath(path.data, NULL); /* a link stays one */
    bool ok = real && stat(real, &st) == 0;
    if (!ok) err_set(err, "%s: %s", path.data, strerror(errno));
    ok = ok && check_whole(x, err) && append(x, real, &source, err) && place(x, folder.data, err);
    if (ok && !file_write(real, buf_view(&source), st.st_mode & 0777, err)) {
        take_back(x, folder.data, x->secrets.count);
        ok = false;
    }
    x->written = ok;
    if (ok) connecting_unstage(x);
    free(real);
    buf_free(&path);
    buf_free(&folder);
    buf_free(&source);
    return ok;
}
