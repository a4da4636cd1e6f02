/* reload WORKSPACE COUNT KEEPER_PID SEED PEOPLE SORI: makes COUNT generations live, one after
 * another, while interactions flow; then looks at the store from outside. Every interaction that
 * the flood gave is made again here and must be there, decided once, by a generation that was live
 * then and by the rule of just that generation. Prints what it took, and what the core held
 * meanwhile. */
#include "base/clock.h"
#include "base/file.h"
#include "flood.h"
#include "reader/reader.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MARKS = 5, DRAIN_MS = 15000 };

struct bench {
    const char *workspace, *sori;
    int64_t count;
    int keeper, core;
    uint64_t seed, people;
    struct wire wire;
    uint32_t calls;
    int64_t by_watch; /* reloads that the watch made before they were asked for */
    sqlite3 *db;
    double *ms; /* of each reload */
    json_t *marks;
};

_Noreturn static void die(const char *what, const char *more) {
    fprintf(stderr, "reload: %s%s%s\n", what, more ? ": " : "", more ? more : "");
    exit(1);
}

/* ---- the core ---- */

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

static long entries(int pid, const char *dir) {
    char path[64];
    long n = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, dir);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) n += e->d_name[0] != '.';
    if (d) closedir(d);
    return n;
}

/* The keeper's child whose role is the core. */
static int core_of(int keeper) {
    char path[64];
    struct buf children = {0}, line = {0};
    int found = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", keeper, keeper);
    if (!file_read(path, 65536, false, &children, NULL)) die("no keeper", path);
    for (char *at = children.data, *end; at && *at && !found; at = end + (*end == ' ')) {
        long pid = strtol(at, &end, 10);
        if (end == at) break;
        snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
        buf_clear(&line);
        if (!file_read(path, 65536, false, &line, NULL)) continue;
        for (size_t i = 0; i + 1 < line.len; i++)
            if (!line.data[i]) line.data[i] = ' ';
        if (strstr(line.data, "--role core")) found = (int)pid;
    }
    buf_free(&children);
    buf_free(&line);
    return found;
}

static void open_wire(struct bench *b) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/data/sori.sock", b->workspace);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        die(at.sun_path, strerror(errno));
    wire_open(&b->wire, fd);
}

static void put_arg(struct buf *q, const char *name, const char *value) {
    size_t mark = rec_begin(q, ASK_ARG);
    rec_str(q, PAIR_NAME, str_c(name));
    rec_str(q, PAIR_VALUE, str_c(value));
    rec_end(q, mark);
}

/* Asks for a reload and waits for what became of it. */
static void reload(struct bench *b, const char *why) {
    struct buf q = {0};
    struct wire_msg msg;
    rec_str(&q, ASK_NAME, SORI_STR("reload"));
    put_arg(&q, "why", why);
    rec_str(&q, ASK_USER, SORI_STR("bench"));
    struct wire_head head = {.type = W_CALL, .method = M_QUERY, .call = ++b->calls};
    if (!wire_send(&b->wire, head, buf_view(&q), -1)) die("the core is gone", NULL);
    buf_free(&q);
    for (;;) {
        int got = wire_recv(&b->wire, &msg);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) die("the core went away", NULL);
        if (msg.head.type == W_DONE) break;
    }
    struct sori_str text = rec_get_str(msg.payload, TELL_TEXT);
    /* The watch was faster where this program had to wait for a processor. */
    bool known = str_starts(text, SORI_STR("nothing changed: generation "));
    b->by_watch += known;
    if (msg.head.status || (!known && !str_starts(text, SORI_STR("generation ")))) {
        fprintf(stderr, "%.*s%.*s\n", STR(text), STR(rec_get_str(msg.payload, TELL_ERROR)));
        die("a reload was not taken", why);
    }
}

static void write_rule(const struct bench *b, int64_t i) {
    struct buf path = {0}, text = {0};
    struct err err;
    buf_printf(&path, "%s/policy/rules/bench.lua", b->workspace);
    buf_printf(&text,
               "local t = sori.policy \"bench\"\n"
               "t:rule \"r%lld\" { when = { kind = { \"comment\", \"mention\", \"message\", "
               "\"share\" } }, act = { tag \"seen\" } }\nreturn t\n",
               (long long)i);
    char *to = path.data;
    struct buf beside = {0};
    buf_printf(&beside, "%s/rule.new", b->workspace);
    FILE *f = fopen(beside.data, "w");
    if (!f || fwrite(text.data, 1, text.len, f) != text.len || fclose(f) != 0 ||
        rename(beside.data, to) != 0) {
        err_set(&err, "%s: %s", to, strerror(errno));
        die(err.text, NULL);
    }
    buf_free(&path);
    buf_free(&text);
    buf_free(&beside);
}

/* ---- the store ---- */

static int64_t number(struct bench *b, const char *sql) {
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK) die(sql, sqlite3_errmsg(b->db));
    if (sqlite3_step(s) == SQLITE_ROW) n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void open_db(struct bench *b) {
    struct buf path = {0};
    buf_printf(&path, "%s/data/sori.db", b->workspace);
    if (sqlite3_open_v2(path.data, &b->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(path.data, sqlite3_errmsg(b->db));
    sqlite3_busy_timeout(b->db, 5000);
    buf_free(&path);
}

/* The store's cache is memory that is bounded by itself: it is told apart. */
static long cache_kb(const struct bench *b) {
    struct buf command = {0};
    double bytes = -1;
    sleep(2); /* figures are a second old */
    buf_printf(&command, "'%s' status -w '%s' --json", b->sori, b->workspace);
    FILE *p = popen(command.data, "r");
    json_t *all = p ? json_loadf(p, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (p) pclose(p);
    bytes = (double)json_integer_value(
        json_object_get(json_object_get(all, "counters"), "sori_store_cache_bytes"));
    json_decref(all);
    buf_free(&command);
    return (long)(bytes / 1024);
}

static void mark(struct bench *b, int64_t generations, int64_t since) {
    double ms = 0;
    for (int64_t i = since; i < generations; i++) ms += b->ms[i];
    long cache = cache_kb(b), anon = value_of(b->core, "status", "RssAnon:");
    open_db(b);
    json_array_append_new(
        b->marks,
        json_pack("{s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "generations",
                  (json_int_t)generations, "reload_ms_mean", ms / (double)(generations - since),
                  "core_anon_kb", (json_int_t)anon, "store_cache_kb", (json_int_t)cache,
                  "core_other_kb", (json_int_t)(anon - cache), "core_fds",
                  (json_int_t)entries(b->core, "fd"), "blobs",
                  (json_int_t)number(b, "SELECT count(*) FROM blob"), "blob_kb",
                  (json_int_t)number(b, "SELECT sum(length(data)) / 1024 FROM blob"), "decisions",
                  (json_int_t)number(b, "SELECT count(*) FROM decision")));
    sqlite3_close(b->db);
    b->db = NULL;
}

/* What the flood gave up to its cursor, made again: who speaks must be in the store, once. */
static int64_t lost(struct bench *b, int64_t given, int64_t *speaking) {
    sqlite3_stmt *s = NULL;
    int64_t missing = 0;
    *speaking = 0;
    if (sqlite3_prepare_v2(
            b->db,
            "SELECT count(*) FROM interaction i JOIN decision d ON d.seq = i.said WHERE "
            "i.space = (SELECT space FROM interaction WHERE connection = (SELECT id "
            "FROM connection WHERE name = 'flood') LIMIT 1) AND i.native = ?",
            -1, &s, NULL) != SQLITE_OK)
        die("the store", sqlite3_errmsg(b->db));
    for (int64_t i = 0; i < given; i++) {
        struct flood_room room;
        struct sori_item item;
        flood_item(b->seed, (uint64_t)i, b->people, &room, &item);
        if (!item.text.len) continue; /* a tap: counted, never decided */
        ++*speaking;
        sqlite3_bind_text(s, 1, item.native_id.ptr, (int)item.native_id.len, SQLITE_TRANSIENT);
        missing += sqlite3_step(s) != SQLITE_ROW || sqlite3_column_int64(s, 0) != 1;
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return missing;
}

static void settle(struct bench *b) {
    static const char undecided[] =
        "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind IN (1, 2, 3) "
        "AND d.seq IS NULL";
    int64_t until = clock_mono() + 60000, before = -1;
    for (;;) {
        int64_t now = number(b, "SELECT max(seq) FROM journal");
        if (now == before && number(b, undecided) == 0) return;
        if (clock_mono() > until) return;
        before = now;
        usleep(1500000);
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static json_t *judge(struct bench *b) {
    char sql[512];
    int64_t speaking;
    /* 'at' is what the flood's last poll committed. */
    int64_t given =
        number(b, "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name='at'");
    int64_t missing = lost(b, given, &speaking);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM decision d JOIN generation g ON g.id = d.generation WHERE d.at < "
        "g.at OR (g.ended IS NOT NULL AND d.at > g.ended + %d)",
        DRAIN_MS);
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "given", (json_int_t)given,
        "speaking", (json_int_t)speaking, "decisions",
        (json_int_t)number(b, "SELECT count(*) FROM decision"), "lost", (json_int_t)missing,
        "decided_twice",
        (json_int_t)number(b, "SELECT count(*) - count(DISTINCT seq) FROM decision"), "undecided",
        (json_int_t)number(b, "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) "
                              "WHERE j.kind IN (1, 2, 3) AND d.seq IS NULL"),
        "generation_missing",
        (json_int_t)number(b, "SELECT count(*) FROM decision d LEFT JOIN generation g ON g.id = "
                              "d.generation WHERE g.id IS NULL"),
        "outside_its_time", (json_int_t)number(b, sql), "rule_of_another",
        (json_int_t)number(b, "SELECT count(*) FROM decision d JOIN generation g ON g.id = "
                              "d.generation WHERE d.status = 1 AND g.reason GLOB 'r*' AND d.rule "
                              "<> g.reason"),
        "story_differs",
        (json_int_t)number(b, "SELECT abs((SELECT count(*) FROM decision) - (SELECT "
                              "sum(decisions) FROM generation))"));
}

static bool all_well(json_t *found) {
    static const char *const zero[] = {"lost",
                                       "decided_twice",
                                       "undecided",
                                       "generation_missing",
                                       "outside_its_time",
                                       "rule_of_another",
                                       "story_differs"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        if (json_integer_value(json_object_get(found, zero[i])) != 0) return false;
    return json_integer_value(json_object_get(found, "speaking")) > 0;
}

static void report(struct bench *b, double seconds) {
    open_db(b);
    settle(b);
    json_t *found = judge(b);
    qsort(b->ms, (size_t)b->count, sizeof *b->ms, by_size);
    json_t *half = json_array_get(b->marks, MARKS - 2), *last = json_array_get(b->marks, MARKS - 1);
    int64_t grown = json_integer_value(json_object_get(last, "core_other_kb")) -
                    json_integer_value(json_object_get(half, "core_other_kb"));
    json_t *all =
        json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:b, s:o, s:o, s:b}", "by_watch",
                  (json_int_t)b->by_watch, "generations", (json_int_t)b->count, "seconds", seconds,
                  "reloads_per_s", (double)b->count / seconds, "reload_ms_p50", b->ms[b->count / 2],
                  "reload_ms_p99", b->ms[b->count * 99 / 100], "reload_ms_max", b->ms[b->count - 1],
                  "core_grew_kb_in_second_half", (json_int_t)grown, "same_core",
                  core_of(b->keeper) == b->core, "found", json_incref(found), "marks", b->marks,
                  "ok", all_well(found) && core_of(b->keeper) == b->core);
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    bool ok = json_is_true(json_object_get(all, "ok"));
    json_decref(found);
    json_decref(all);
    exit(ok ? 0 : 1);
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: reload WORKSPACE COUNT KEEPER_PID SEED PEOPLE SORI", NULL);
    struct bench b = {.workspace = argv[1],
                      .count = atoll(argv[2]),
                      .keeper = atoi(argv[3]),
                      .seed = (uint64_t)atoll(argv[4]),
                      .people = (uint64_t)atoll(argv[5]),
                      .sori = argv[6],
                      .marks = json_array()};
    if (b.count < 10) die("at least 10 generations", NULL);
    b.core = core_of(b.keeper);
    b.ms = mem_get((size_t)b.count * sizeof *b.ms);
    open_wire(&b);
    const int64_t marks[MARKS] = {1, b.count / 10, b.count / 4, b.count / 2, b.count};
    int64_t began = clock_mono();
    for (int64_t i = 1, m = 0; i <= b.count; i++) {
        char why[24];
        struct timespec from, to;
        snprintf(why, sizeof why, "r%lld", (long long)i);
        write_rule(&b, i);
        clock_gettime(CLOCK_MONOTONIC, &from);
        reload(&b, why);
        clock_gettime(CLOCK_MONOTONIC, &to);
        b.ms[i - 1] =
            (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        for (; m < MARKS && marks[m] == i; m++) mark(&b, marks[m], m ? marks[m - 1] : 0);
        if (i % 500 == 0)
            fprintf(stderr, "%lld of %lld generations, %.0f a second\n", (long long)i,
                    (long long)b.count, (double)i * 1000 / (double)(clock_mono() - began));
    }
    double seconds = (double)(clock_mono() - began) / 1000;
    /* The flood ends: its connection watches no more, and what it gave is decided. */
    struct buf path = {0}, text = {0};
    struct err err;
    buf_printf(&path, "%s/sori.lua", b.workspace);
    if (!file_read(path.data, 1 << 20, false, &text, &err)) die(err.text, NULL);
    char *at = strstr(text.data, "every = \"1s\"");
    if (!at) die("sori.lua has no every", NULL);
    memcpy(at + 9, "9d", 2);
    if (!file_write(path.data, buf_view(&text), 0600, &err)) die(err.text, NULL);
    reload(&b, "the end");
    report(&b, seconds);
}
