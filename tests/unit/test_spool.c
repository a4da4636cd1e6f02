/* uses: sori_gate sori_base */
#include "gate/spool_dir.h"

#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/sori-spool-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct spool_writer *writer(int64_t segment, int64_t total) {
    struct err err = {{0}};
    struct spool_writer *w = spool_create(folder, segment, total, &err);
    if (!w) fail_msg("%s", err.text);
    return w;
}

static void put(struct spool_writer *w, int n) {
    struct buf b = {0};
    struct err err;
    buf_printf(&b, "%d 배송이 늦어요", n);
    for (int i = 0; i < n % 97; i++) buf_putc(&b, (char)n);
    if (!spool_append(w, buf_view(&b), &err)) fail_msg("%s", err.text);
    buf_free(&b);
}

/* Reads every record of every segment; checks that they count up from `first` by one. */
static int read_all(int first) {
    struct err err;
    int n = first;
    for (int64_t id = spool_next(folder, 0); id >= 0; id = spool_next(folder, id + 1)) {
        struct spool_reader *r = spool_open(folder, id, 0, &err);
        if (!r) fail_msg("%s", err.text);
        struct sori_str s;
        int64_t at;
        while (spool_read(r, &s, &at, &err) == 1) {
            assert_int_equal(atoi(s.ptr), n);
            n++;
        }
        spool_done(r);
    }
    return n - first;
}

static void comes_back_in_order_over_segments(void **state) {
    (void)state;
    struct err err;
    struct spool_writer *w = writer(2048, 1 << 20);
    int64_t first = spool_id(w);
    for (int i = 0; i < 500; i++) put(w, i);
    assert_true(spool_sync(w, &err));
    assert_true(spool_id(w) > first + 5);
    assert_int_equal(read_all(0), 500);
    spool_close(w);
}

static void goes_on_at_an_offset_and_while_it_grows(void **state) {
    (void)state;
    struct err err;
    struct sori_str s;
    int64_t at = 0;
    struct spool_writer *w = writer(1 << 20, 1 << 20);
    struct spool_reader *r = spool_open(folder, spool_id(w), 0, &err);
    assert_non_null(r);
    assert_int_equal(spool_read(r, &s, &at, &err), 0);
    for (int i = 0; i < 50; i++) {
        put(w, i);
        assert_int_equal(spool_read(r, &s, &at, &err), 1);
        assert_int_equal(atoi(s.ptr), i);
        assert_int_equal(spool_read(r, &s, &at, &err), 0);
        struct spool_reader *again = spool_open(folder, spool_id(w), at, &err);
        assert_int_equal(spool_read(again, &s, &at, &err), 0);
        spool_done(again);
    }
    assert_false(spool_finished(folder, spool_id(w)));
    spool_close(w);
    spool_done(r);
}

static void append(struct spool_writer *w, const char *text) {
    struct err err;
    assert_true(spool_append(w, str_c(text), &err));
}

/* A reader leaves a segment only when nobody is appending, and what comes later goes elsewhere. */
static void a_reader_that_moves_on_seals(void **state) {
    (void)state;
    struct err err;
    struct spool_writer *a = writer(1 << 20, 1 << 20), *b = writer(1 << 20, 1 << 20);
    int64_t first = spool_id(a), second = spool_id(b);
    assert_true(second > first);
    assert_false(spool_finished(folder, second)); /* the last one is never left */
    append(a, "one");
    assert_false(spool_finished(folder, first)); /* appended and not yet synced */
    assert_true(spool_sync(a, &err));
    append(a, "two");
    assert_true(spool_sync(a, &err));
    assert_int_equal(spool_id(a), first);
    assert_true(spool_finished(folder, first));
    assert_true(spool_finished(folder, first));
    append(a, "three");
    assert_true(spool_id(a) > second);
    assert_true(spool_sync(a, &err));
    append(b, "four");
    assert_int_equal(spool_id(b), second);
    assert_true(spool_sync(b, &err));
    spool_close(b);
    assert_true(spool_finished(folder, second));
    spool_close(a);
}

/* One reader, two writers that never rest: every record that was synced is read once. */
static void nothing_slips_between_reader_and_writers(void **state) {
    (void)state;
    enum { WRITERS = 2, EACH = 3000 };
    pid_t pids[WRITERS];
    for (int c = 0; c < WRITERS; c++) {
        pids[c] = fork();
        if (pids[c] == 0) {
            struct err err;
            struct spool_writer *w = spool_create(folder, 20000, 1 << 24, &err);
            for (int i = 0; i < EACH && w; i++) {
                char text[32];
                snprintf(text, sizeof text, "%d %d", c, i);
                if (!spool_append(w, str_c(text), &err)) _exit(1);
                if (i % 7 == 0 && !spool_sync(w, &err)) _exit(2);
            }
            if (!w || !spool_sync(w, &err)) _exit(3);
            _exit(0);
        }
    }
    int next[WRITERS] = {0}, ended = 0, idle = 0;
    int64_t id = -1, at = 0;
    struct spool_reader *r = NULL;
    while (idle < 3) {
        struct err err;
        struct sori_str s;
        int status, c, n;
        if (ended < WRITERS) ended += waitpid(-1, &status, WNOHANG) > 0;
        if (!r && (id = spool_next(folder, id + 1)) >= 0) r = spool_open(folder, id, 0, &err);
        if (!r) continue;
        bool over = spool_finished(folder, id);
        int got = spool_read(r, &s, &at, &err);
        assert_true(got >= 0);
        if (got == 1) {
            assert_int_equal(sscanf(s.ptr, "%d %d", &c, &n), 2);
            assert_int_equal(n, next[c]++);
        } else if (over) {
            spool_done(r);
            r = NULL;
        } else if (ended == WRITERS) {
            idle++;
        }
    }
    spool_done(r);
    for (int c = 0; c < WRITERS; c++) assert_int_equal(next[c], EACH);
}

static void many_processes_never_meet(void **state) {
    (void)state;
    enum { CHILDREN = 4, EACH = 20 };
    pid_t pids[CHILDREN];
    for (int c = 0; c < CHILDREN; c++) {
        pids[c] = fork();
        if (pids[c] == 0) {
            struct err err;
            for (int i = 0; i < EACH; i++) {
                struct spool_writer *w = spool_create(folder, 4096, 1 << 22, &err);
                if (!w || !spool_append(w, str_c("x"), &err) || !spool_sync(w, &err)) _exit(1);
                spool_close(w);
            }
            _exit(0);
        }
    }
    for (int c = 0; c < CHILDREN; c++) {
        int status;
        assert_int_equal(waitpid(pids[c], &status, 0), pids[c]);
        assert_int_equal(status, 0);
    }
    int records = 0, segments = 0;
    struct err err;
    for (int64_t id = spool_next(folder, 0); id >= 0; id = spool_next(folder, id + 1)) {
        struct spool_reader *r = spool_open(folder, id, 0, &err);
        assert_non_null(r);
        struct sori_str s;
        int64_t at;
        while (spool_read(r, &s, &at, &err) == 1) records++;
        segments++;
        spool_done(r);
    }
    assert_int_equal(segments, CHILDREN * EACH);
    assert_int_equal(records, CHILDREN * EACH);
}

static void copy_cut(const char *from, const char *to, size_t len, int flip) {
    struct buf b = {0};
    struct err err;
    assert_true(file_read(from, 1 << 20, false, &b, &err));
    if (flip >= 0) b.data[flip] = (char)(b.data[flip] ^ 0x40);
    FILE *f = fopen(to, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b.data, 1, len, f), len);
    fclose(f);
    buf_free(&b);
}

/* Offsets at which the records of segment `id` end. */
static size_t ends(int64_t id, int64_t *out) {
    struct err err;
    struct sori_str s;
    size_t n = 0;
    struct spool_reader *r = spool_open(folder, id, 0, &err);
    while (spool_read(r, &s, &out[n], &err) == 1) n++;
    spool_done(r);
    return n;
}

static void cut_at_every_byte(void **state) {
    (void)state;
    struct err err;
    struct spool_writer *w = writer(1 << 20, 1 << 20);
    for (int i = 0; i < 12; i++) put(w, i);
    int64_t id = spool_id(w), end[16];
    spool_close(w);
    assert_int_equal(ends(id, end), 12);
    char name[SPOOL_NAME], whole[128], cut[128];
    spool_name(name, id);
    snprintf(whole, sizeof whole, "%s/keep", folder);
    snprintf(cut, sizeof cut, "%s/%s", folder, name);
    assert_int_equal(rename(cut, whole), 0);
    for (size_t len = 0; len <= (size_t)end[11]; len++) {
        copy_cut(whole, cut, len, -1);
        struct spool_reader *r = spool_open(folder, id, 0, &err);
        if (len < SPOOL_HEAD) {
            assert_null(r);
            continue;
        }
        int expected = 0, got = 0, more;
        while (expected < 12 && (size_t)end[expected] <= len) expected++;
        struct sori_str s;
        int64_t at;
        while ((more = spool_read(r, &s, &at, &err)) == 1) assert_int_equal(atoi(s.ptr), got++);
        assert_int_equal(more, 0);
        assert_int_equal(got, expected);
        assert_int_equal(at, got ? end[got - 1] : SPOOL_HEAD);
        spool_done(r);
    }
    /* Any flipped byte: what stands before it is read, nothing false ever comes out. */
    for (int flip = SPOOL_HEAD; flip < end[11]; flip++) {
        copy_cut(whole, cut, (size_t)end[11], flip);
        struct spool_reader *r = spool_open(folder, id, 0, &err);
        int expected = 0, got = 0, more;
        while (end[expected] <= flip) expected++;
        struct sori_str s;
        int64_t at;
        while ((more = spool_read(r, &s, &at, &err)) == 1) assert_int_equal(atoi(s.ptr), got++);
        assert_int_equal(got, expected);
        spool_done(r);
    }
}

static void full_is_said_and_room_is_found_again(void **state) {
    (void)state;
    struct err err;
    struct spool_writer *w = writer(4096, 16384);
    int n = 0;
    struct buf b = {0};
    for (int i = 0; i < 500; i++) buf_putc(&b, 'x');
    while (spool_append(w, buf_view(&b), &err)) n++;
    assert_true(n > 20 && n < 33);
    assert_non_null(strstr(err.text, "full"));
    assert_true(spool_sync(w, &err));
    for (int64_t id = spool_next(folder, 0); id < spool_id(w); id = spool_next(folder, id + 1))
        assert_true(spool_finished(folder, id)); /* read: no longer counted */
    usleep(250000);
    assert_true(spool_append(w, buf_view(&b), &err));
    assert_true(spool_sync(w, &err));
    spool_retire(folder, spool_id(w), 1 << 30, 5000);
    int left = 0;
    for (int64_t id = spool_next(folder, 0); id >= 0; id = spool_next(folder, id + 1)) left++;
    assert_int_equal(left, 2);
    spool_close(w);
    buf_free(&b);
}

static void a_limit_of_the_disk_leaves_whole_records(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit then fails, as on a full disk */
        struct err err;
        struct spool_writer *w = spool_create(folder, 1 << 20, 1 << 20, &err);
        struct rlimit limit = {5000, 5000};
        if (!w || setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(9);
        int n = 0;
        char body[400];
        memset(body, 'b', sizeof body);
        for (; n < 100; n++) {
            snprintf(body, sizeof body, "%d", n);
            if (!spool_append(w, (struct sori_str){body, sizeof body}, &err)) break;
        }
        if (!strstr(err.text, "cannot be written")) _exit(8);
        if (!spool_append(w, str_c("12"), &err)) _exit(7); /* a small one still fits */
        if (!spool_sync(w, &err)) _exit(6);
        _exit(n == 12 ? 0 : 5);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read_all(0), 13);
}

static void killed_at_any_moment(void **state) {
    (void)state;
    int known = 0;
    for (int round = 0; round < 25; round++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t pid = fork();
        if (pid == 0) {
            struct err err;
            struct spool_writer *w = spool_create(folder, 3000, 1 << 24, &err);
            if (!w) _exit(1);
            for (int n = known;; n++) {
                put(w, n);
                if (n % 3 == 0) {
                    if (!spool_sync(w, &err)) _exit(1);
                    if (write(pipes[1], &n, sizeof n) != (ssize_t)sizeof n) _exit(1);
                }
            }
        }
        close(pipes[1]);
        /* Mostly after a first sync, however long a busy machine takes to get there. */
        int acknowledged = known - 1;
        if (round % 5)
            assert_int_equal(read(pipes[0], &acknowledged, sizeof acknowledged),
                             sizeof acknowledged);
        usleep((useconds_t)(round * 700));
        kill(pid, SIGKILL);
        int status, n;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(pipes[0], &n, sizeof n) == (ssize_t)sizeof n) acknowledged = n;
        close(pipes[0]);
        int there = read_all(0);
        assert_true(there > acknowledged);
        known = there;
    }
    assert_true(known >= 20); /* at least one for each that got to a sync */
}

static void strange_files_are_let_be(void **state) {
    (void)state;
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s/000000000009.seg", folder);
    FILE *f = fopen(path, "w");
    fputs("this is a text file and much longer than a head of thirty-two bytes", f);
    fclose(f);
    assert_null(spool_open(folder, 9, 0, &err));
    assert_non_null(strstr(err.text, "not a spool segment"));
    struct spool_writer *w = writer(4096, 1 << 20);
    assert_int_equal(spool_id(w), 10);
    assert_false(spool_append(w, (struct sori_str){0}, &err));
    spool_close(w);
    assert_null(spool_open(folder, 77, 0, &err));
    assert_int_equal(spool_next(folder, 11), -1);
    assert_int_equal(spool_next("/nonexistent", 0), -1);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(comes_back_in_order_over_segments),
        T(goes_on_at_an_offset_and_while_it_grows),
        T(a_reader_that_moves_on_seals),
        T(nothing_slips_between_reader_and_writers),
        T(many_processes_never_meet),
        T(cut_at_every_byte),
        T(full_is_said_and_room_is_found_again),
        T(a_limit_of_the_disk_leaves_whole_records),
        T(killed_at_any_moment),
        T(strange_files_are_let_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
