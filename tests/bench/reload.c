/* reload WORKSPACE COUNT KEEPER_PID SEED PEOPLE SORI [CALM_SECONDS]: makes COUNT generations live,
 * one after another, while interactions flow; then looks at the store from outside. Every
 * interaction that the flood gave is made again here and must be there, decided once, by a
 * generation that was live then and by the rule of just that generation.
 *
 * What grows with interactions is told apart from what grows with generations: before, the same
 * flood flows with one generation for CALM_SECONDS; afterwards a tenth of COUNT is made live while
 * nothing is heard. */
#include "reload.h"

#include "base/clock.h"
#include "base/file.h"
#include "reader/reader.h"
#include "supervise/messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    MARKS = 5,
    /* Flat: while nothing is heard, nothing is left of a generation, but for what is just under
     * way; while something is, no more than that in all. */
    STILL_BYTES = 65536,
    STILL_BYTES_EACH = 8,
    LOAD_BYTES = 2 << 20
};

void die(const char *what, const char *more) {
    fprintf(stderr, "reload: %s%s%s\n", what, more ? ": " : "", more ? more : "");
    exit(1);
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
    b->made++;
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

/* Makes the next `n` generations live. */
static void make(struct bench *b, int64_t n, int64_t *number, double *ms) {
    for (; n > 0; n--, ++*number) {
        char why[24];
        struct timespec from, to;
        snprintf(why, sizeof why, "r%lld", (long long)*number);
        write_rule(b, *number);
        clock_gettime(CLOCK_MONOTONIC, &from);
        reload(b, why);
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (ms)
            ms[*number - 1] =
                (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        if (*number % 500 == 0) fprintf(stderr, "%lld generations\n", (long long)*number);
    }
}

/* The flood ends: its connection watches no more, and what it gave is decided. */
static void end_flood(struct bench *b) {
    struct buf path = {0}, text = {0};
    struct err err;
    buf_printf(&path, "%s/sori.lua", b->workspace);
    if (!file_read(path.data, 1 << 20, false, &text, &err)) die(err.text, NULL);
    char *at = strstr(text.data, "every = \"1s\"");
    if (!at) die("sori.lua has no every", NULL);
    memcpy(at + 9, "9d", 2);
    if (!file_write(path.data, buf_view(&text), 0600, &err)) die(err.text, NULL);
    reload(b, "the end");
    buf_free(&path);
    buf_free(&text);
    db_open(b);
    settle(b);
    db_close(b);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* What the core holds besides the database's pages and the people it knows, since the first. */
static int64_t grown(const struct look *from, const struct look *to) {
    return to->bytes[PART_FLOW] - from->bytes[PART_FLOW];
}

struct looks {
    struct look calm[2], load[MARKS], still[2];
};

static json_t *memory(const struct looks *l, bool *flat) {
    const struct look *tenth = &l->load[1], *half = &l->load[MARKS - 2], *all = &l->load[MARKS - 1];
    int64_t heard = l->calm[1].heard - l->calm[0].heard,
            made = l->still[1].generations - l->still[0].generations;
    int64_t people = l->still[1].bytes[PART_PEOPLE] - l->still[0].bytes[PART_PEOPLE];
    *flat = grown(tenth, all) <= LOAD_BYTES && people == 0 &&
            grown(&l->still[0], &l->still[1]) <= STILL_BYTES + made * STILL_BYTES_EACH;
    return json_pack(
        "{s:I, s:o, s:I, s:o, s:[I,I,I], s:f, s:b}", "heard_while_one_generation_was_live",
        (json_int_t)heard, "bytes_per_interaction", look_each(&l->calm[0], &l->calm[1], heard),
        "generations_while_nothing_was_heard", (json_int_t)made, "bytes_per_generation",
        look_each(&l->still[0], &l->still[1], made), "flow_kb_at_10_50_100_percent",
        (json_int_t)(tenth->bytes[PART_FLOW] / 1024), (json_int_t)(half->bytes[PART_FLOW] / 1024),
        (json_int_t)(all->bytes[PART_FLOW] / 1024), "flow_bytes_per_generation_under_load",
        (double)grown(tenth, all) / (double)(all->generations - tenth->generations), "flat", *flat);
}

static void report(struct bench *b, const struct looks *l, double seconds) {
    bool flat;
    db_open(b);
    settle(b);
    json_t *in_store = found(b), *held = memory(l, &flat);
    bool ok = flat && found_well(in_store) && core_of(b->keeper) == b->core;
    qsort(b->ms, (size_t)b->count, sizeof *b->ms, by_size);
    json_t *all =
        json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:b, s:o, s:o, s:o, s:b}", "generations",
                  (json_int_t)b->count, "by_watch", (json_int_t)b->by_watch, "seconds", seconds,
                  "reloads_per_s", (double)b->count / seconds, "reload_ms_p50", b->ms[b->count / 2],
                  "reload_ms_p99", b->ms[b->count * 99 / 100], "reload_ms_max", b->ms[b->count - 1],
                  "same_core", core_of(b->keeper) == b->core, "found", in_store, "looks", b->looks,
                  "memory", held, "ok", ok);
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(all);
    exit(ok ? 0 : 1);
}

int main(int argc, char **argv) {
    if (argc != 7 && argc != 8)
        die("usage: reload WORKSPACE COUNT KEEPER_PID SEED PEOPLE SORI [CALM_SECONDS]", NULL);
    struct bench b = {.workspace = argv[1],
                      .count = atoll(argv[2]),
                      .keeper = atoi(argv[3]),
                      .seed = (uint64_t)atoll(argv[4]),
                      .people = (uint64_t)atoll(argv[5]),
                      .sori = argv[6],
                      .looks = json_array()};
    struct looks l;
    if (b.count < 10) die("at least 10 generations", NULL);
    b.core = core_of(b.keeper);
    b.ms = mem_get((size_t)b.count * sizeof *b.ms);
    open_wire(&b);
    const unsigned calm = argc == 8 ? (unsigned)atoi(argv[7]) : 0;
    sleep(calm / 2); /* all statements are prepared, all tables have a size */
    l.calm[0] = look(&b, "one generation, flood");
    sleep(calm);
    l.calm[1] = look(&b, "one generation, flood");
    const int64_t marks[MARKS] = {1, b.count / 10, b.count / 4, b.count / 2, b.count};
    int64_t number = 1, looking = 0, began = clock_mono();
    for (int m = 0; m < MARKS; m++) {
        make(&b, marks[m] - (number - 1), &number, b.ms);
        int64_t from = clock_mono();
        l.load[m] = look(&b, "reloads, flood");
        looking += clock_mono() - from;
    }
    double seconds = (double)(clock_mono() - began - looking) / 1000;
    end_flood(&b);
    l.still[0] = look(&b, "one generation, nothing heard");
    make(&b, b.count / 10, &number, NULL);
    l.still[1] = look(&b, "reloads, nothing heard");
    report(&b, &l, seconds);
}
