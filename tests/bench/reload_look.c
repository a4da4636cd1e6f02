#include "reload.h"

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKS = 4 };

static const char *const part_name[PARTS] = {"page_cache", "keys", "people", "flow", "free"};

static long value_of(int pid, const char *file, const char *name) {
    char path[64];
    struct buf b = {0};
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    long n = -1;
    if (file_read(path, 1 << 20, false, &b, NULL)) {
        const char *at = strstr(b.data, name);
        if (at) n = strtol(at + strlen(name), NULL, 10);
    }
    buf_free(&b);
    return n;
}

static long entries(const char *dir) {
    long n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) n += e->d_name[0] != '.';
    if (d) closedir(d);
    return n;
}

/* Calls `each` for the children of a process until it returns false. */
static void children(int pid, bool (*each)(void *ctx, int child), void *ctx) {
    char path[64];
    struct buf list = {0};
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    if (file_read(path, 65536, false, &list, NULL))
        for (char *at = list.data, *end; at && *at; at = end + (*end == ' ')) {
            long child = strtol(at, &end, 10);
            if (end == at || !each(ctx, (int)child)) break;
        }
    buf_free(&list);
}

static bool is_core(void *ctx, int pid) {
    char path[64];
    struct buf line = {0};
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    bool read = file_read(path, 65536, false, &line, NULL);
    for (size_t i = 0; read && i + 1 < line.len; i++)
        if (!line.data[i]) line.data[i] = ' ';
    bool is = read && strstr(line.data, "--role core");
    if (is) *(int *)ctx = pid;
    buf_free(&line);
    return !is;
}

int core_of(int keeper) {
    int found = 0;
    children(keeper, is_core, &found);
    return found;
}

static bool count_one(void *ctx, int pid) {
    ++*(int *)ctx;
    children(pid, count_one, ctx);
    return true;
}

/* ---- memory ---- */

static bool get_memory(const struct bench *b, int64_t bytes[PARTS]) {
    struct buf command = {0};
    buf_printf(&command, "'%s' status -w '%s' --json", b->sori, b->workspace);
    FILE *p = popen(command.data, "r");
    json_t *all = p ? json_loadf(p, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (p) pclose(p);
    buf_free(&command);
    bool ok = true;
    for (int i = 0; i < PARTS; i++) {
        char name[64];
        snprintf(name, sizeof name, "sori_memory_bytes{part=\"%s\"}", part_name[i]);
        json_t *n = json_object_get(json_object_get(all, "counters"), name);
        ok = ok && json_is_integer(n);
        bytes[i] = json_integer_value(n);
    }
    json_decref(all);
    return ok;
}

static void look_memory(const struct bench *b, struct look *l) {
    for (int i = 0; i < LOOKS; i++) {
        int64_t bytes[PARTS];
        usleep(i ? 1100000 : 2000000); /* figures are a second old */
        if (!get_memory(b, bytes)) die("sori status does not tell of sori_memory_bytes", NULL);
        for (int k = 0; k < PARTS; k++)
            if (!i || bytes[k] < l->bytes[k]) l->bytes[k] = bytes[k];
    }
}

/* ---- the disk ---- */

static int64_t folder_kb(const struct bench *b, const char *name, const char *only) {
    struct buf path = {0};
    int64_t bytes = 0;
    buf_printf(&path, "%s/data%s", b->workspace, name);
    DIR *d = opendir(path.data);
    for (struct dirent *e; d && (e = readdir(d));) {
        struct stat st;
        bool wanted = !only || strcmp(e->d_name, only) == 0;
        if (wanted && fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            bytes += st.st_size;
    }
    if (d) closedir(d);
    buf_free(&path);
    return bytes / 1024;
}

static void put(json_t *row, const char *name, int64_t n) {
    json_object_set_new(row, name, json_integer((json_int_t)n));
}

static void put_disk(struct bench *b, json_t *row) {
    put(row, "db_kb", folder_kb(b, "", "sori.db"));
    put(row, "wal_kb", folder_kb(b, "", "sori.db-wal"));
    put(row, "parts_kb", folder_kb(b, "/parts", NULL));
    put(row, "generations_kept", db_number(b, "SELECT count(*) FROM generation"));
    put(row, "manifests_kb",
        db_number(b, "SELECT coalesce(sum(length(data)), 0) / 1024 FROM blob WHERE id IN (SELECT "
                     "manifest FROM generation UNION SELECT report FROM generation)"));
}

/* ---- all ---- */

struct look look(struct bench *b, const char *phase) {
    struct look l = {.generations = b->made};
    json_t *row = json_pack("{s:s}", "phase", phase);
    char path[64];
    int processes = 1;
    look_memory(b, &l);
    db_open(b);
    l.heard = db_number(b, "SELECT count(*) FROM interaction");
    put(row, "generations", l.generations);
    put(row, "heard", l.heard);
    put(row, "core_anon_kb", value_of(b->core, "status", "RssAnon:"));
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s_kb", part_name[i]);
        put(row, path, l.bytes[i] / 1024);
    }
    snprintf(path, sizeof path, "/proc/%d/fd", b->core);
    put(row, "core_fds", entries(path));
    put(row, "core_threads", value_of(b->core, "status", "Threads:"));
    children(b->keeper, count_one, &processes);
    put(row, "processes", processes);
    put_disk(b, row);
    db_close(b);
    json_array_append_new(b->looks, row);
    return l;
}

json_t *look_each(const struct look *from, const struct look *to, int64_t n) {
    json_t *all = json_object();
    for (int i = 0; i < PARTS; i++)
        json_object_set_new(
            all, part_name[i],
            json_real(n > 0 ? (double)(to->bytes[i] - from->bytes[i]) / (double)n : 0.0));
    return all;
}
