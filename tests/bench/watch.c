/* watch WORKSPACE ITEMS KEEPER_PID TIMEOUT_S SORI: waits until the running Sori has heard ITEMS
 * from the connection "flood" and decided all of them, durably; then prints what it took as JSON.
 * Looks at the store from outside and at /proc, so that it believes nothing that Sori says of
 * itself; the names of processes alone come from `sori status`. */
#include "base/buf.h"
#include "base/clock.h"

#include <dirent.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 256 };

struct process {
    int pid;
    char name[80];
    double cpu_us;
    long pss_kb;
    bool seen;
};

struct watch {
    const char *workspace, *sori;
    int64_t items;
    int keeper;
    sqlite3 *db;
    struct process process[PROCESSES];
    size_t processes;
    long peak_kb;
    int64_t cache; /* bytes of the database's pages that the core holds */
};

static bool read_small(const char *path, char *out, size_t size) {
    FILE *f = fopen(path, "r");
    if (!f) return false;
    size_t n = fread(out, 1, size - 1, f);
    fclose(f);
    out[n] = 0;
    return n > 0;
}

/* Parent and CPU time from /proc/PID/stat; the name in it may hold anything, so look behind its
 * last bracket. */
static int parent_of(int pid, double *cpu_us, char name[80]) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_small(path, text, sizeof text)) return -1;
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (!open || !close) return -1;
    int parent = -1;
    unsigned long user = 0, system = 0;
    if (sscanf(close + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &parent, &user,
               &system) != 3)
        return -1;
    *cpu_us = (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
    *close = 0;
    snprintf(name, 80, "%s", open + 1);
    return parent;
}

static long pss_of(int pid) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    if (!read_small(path, text, sizeof text)) return 0;
    const char *at = strstr(text, "\nPss:");
    return at ? strtol(at + 5, NULL, 10) : 0;
}

static struct process *process_of(struct watch *w, int pid, const char *name) {
    for (size_t i = 0; i < w->processes; i++)
        if (w->process[i].pid == pid) return &w->process[i];
    if (w->processes == PROCESSES) return NULL;
    struct process *p = &w->process[w->processes++];
    *p = (struct process){.pid = pid};
    snprintf(p->name, sizeof p->name, "%s", name);
    return p;
}

static bool known(const struct watch *w, int pid) {
    for (size_t i = 0; i < w->processes; i++)
        if (w->process[i].pid == pid && w->process[i].seen) return true;
    return false;
}

/* The keeper and all below it. Children have larger numbers than their parents except after the
 * numbers wrapped; a second round catches those. */
static void look(struct watch *w) {
    for (size_t i = 0; i < w->processes; i++) w->process[i].seen = false;
    long sum = 0;
    for (int round = 0; round < 2; round++) {
        DIR *dir = opendir("/proc");
        if (!dir) return;
        for (struct dirent *e; (e = readdir(dir));) {
            int pid = atoi(e->d_name);
            char name[80];
            double cpu;
            if (pid <= 0 || known(w, pid)) continue;
            int parent = parent_of(pid, &cpu, name);
            if (parent < 0 || (pid != w->keeper && !known(w, parent))) continue;
            struct process *p = process_of(w, pid, pid == w->keeper ? "keeper" : name);
            if (!p) continue;
            p->seen = true;
            p->cpu_us = cpu;
            p->pss_kb = pss_of(pid);
            sum += p->pss_kb;
        }
        closedir(dir);
    }
    if (sum > w->peak_kb) w->peak_kb = sum;
}

static int64_t number(const struct watch *w, const char *sql, int64_t k) {
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(w->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(stmt, 1, k);
        if (sqlite3_step(stmt) == SQLITE_ROW) n = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return n;
}

/* said, edited, removed, hidden, shown: what this connector can make. */
#define UNDECIDED                                                                                  \
    "SELECT count(*) FROM journal j WHERE j.seq > ?1 AND j.kind IN (1, 2, 3, 4, 5) AND NOT "       \
    "EXISTS "                                                                                      \
    "(SELECT 1 FROM decision d WHERE d.seq = j.seq)"

static bool finished(struct watch *w) {
    if (!w->db) {
        char path[4096];
        snprintf(path, sizeof path, "%s/data/sori.db", w->workspace);
        if (sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
            sqlite3_close(w->db);
            w->db = NULL;
            return false;
        }
        sqlite3_busy_timeout(w->db, 1000);
    }
    if (number(w, "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name = 'at'", 0) <
        w->items)
        return false;
    int64_t last = number(w, "SELECT max(seq) FROM journal", 0);
    return number(w, UNDECIDED, last - 100000) == 0;
}

static void name_processes(struct watch *w) {
    struct buf command = {0};
    buf_printf(&command, "'%s' status --json -w '%s'", w->sori, w->workspace);
    FILE *f = popen(command.data, "r");
    json_t *status = f ? json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (f) pclose(f);
    size_t i;
    json_t *row;
    json_t *list = json_is_array(status) ? json_array_get(status, 0) : status;
    w->cache = json_integer_value(json_object_get(json_object_get(list, "counters"),
                                                  "sori_memory_bytes{part=\"page_cache\"}"));
    json_array_foreach(json_object_get(list, "processes"), i, row) {
        int pid = (int)json_integer_value(json_object_get(row, "pid"));
        const char *name = json_string_value(json_object_get(row, "name"));
        for (size_t k = 0; name && k < w->processes; k++)
            if (w->process[k].pid == pid)
                snprintf(w->process[k].name, sizeof w->process[k].name, "%s", name);
    }
    json_decref(status);
    buf_free(&command);
}

static double ms_of(const struct watch *w, int64_t k) {
    return (double)number(w, "SELECT at FROM decision ORDER BY at LIMIT 1 OFFSET ?1", k);
}

static void report(struct watch *w, int64_t end) {
    int64_t start = number(w, "SELECT min(said_at) FROM interaction WHERE said_at > 0", 0);
    int64_t n = number(w, "SELECT count(*) FROM decision", 0);
    double first = ms_of(w, n / 10) - ms_of(w, 0),
           last = ms_of(w, n - 1) - ms_of(w, n - 1 - n / 10);
    double total = (double)(end - start) / 1000;
    json_t *cpu = json_object();
    for (size_t i = 0; i < w->processes; i++) {
        double before = json_number_value(json_object_get(cpu, w->process[i].name));
        json_object_set_new(cpu, w->process[i].name,
                            json_real(before + w->process[i].cpu_us / (double)w->items));
    }
    json_t *all = json_pack(
        "{s:f, s:o, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "items_per_s",
        (double)w->items / total, "cpu_us_per_item", cpu, "peak_mb", (double)w->peak_kb / 1024,
        "page_cache_mb", (double)w->cache / 1048576, "last_over_first_tenth",
        last > 0 ? first / last : 0.0, "seconds", total, "items", (json_int_t)w->items,
        "interactions", (json_int_t)number(w, "SELECT count(*) FROM interaction", 0), "decisions",
        (json_int_t)n, "undecided", (json_int_t)number(w, UNDECIDED, 0), "actions",
        (json_int_t)number(w, "SELECT count(*) FROM action", 0));
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(all);
}

int main(int argc, char **argv) {
    static struct watch w;
    if (argc != 6) {
        fprintf(stderr, "usage: watch WORKSPACE ITEMS KEEPER_PID TIMEOUT_S SORI\n");
        return 2;
    }
    w.workspace = argv[1];
    w.items = atoll(argv[2]);
    w.keeper = atoi(argv[3]);
    w.sori = argv[5];
    int64_t limit = clock_mono() + atoll(argv[4]) * 1000, end = 0;
    for (int round = 0; clock_mono() < limit; round++) {
        if (finished(&w)) {
            end = clock_now();
            break;
        }
        if (round % 4 == 0) look(&w);
        char path[64], state[1024];
        snprintf(path, sizeof path, "/proc/%d/stat", w.keeper);
        if (!read_small(path, state, sizeof state)) {
            fprintf(stderr, "watch: sori ended before all was decided\n");
            return 1;
        }
        usleep(200000);
    }
    if (!end) {
        fprintf(
            stderr, "watch: not all %lld items were decided in %s s (heard %lld, undecided %lld)\n",
            (long long)w.items, argv[4],
            w.db ? (long long)number(
                       &w, "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name='at'", 0)
                 : 0LL,
            w.db ? (long long)number(&w, UNDECIDED, 0) : 0LL);
        return 1;
    }
    look(&w);
    name_processes(&w);
    report(&w, end);
    sqlite3_close(w.db);
    return 0;
}
