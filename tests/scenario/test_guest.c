/* uses: sori_supervise sori_base */
/* How a guest is started, fed and followed: what it inherits, a wire that is full, the death of
 * its parent, and the configuration worker as the simplest of its kinds. */
#include "guest_lab.h"

#include "sori/plugin.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void start_beast(struct lab *lab, struct event_base *base, const char *what) {
    char so[4096];
    lab_start(lab, base, GUEST_CONNECTOR, "beast", lab_so(so, sizeof so, "zoo", "beast"), true);
    assert_true(lab_until(lab, &lab->ready, 1, 20000));
    struct buf b = {0};
    const char *const options[][2] = {{"what", what}, {"where", "poll"}};
    for (int i = 0; i < 2; i++) {
        size_t mark = rec_begin(&b, CREATE_OPTION);
        rec_str(&b, PAIR_NAME, str_c(options[i][0]));
        rec_str(&b, PAIR_VALUE, str_c(options[i][1]));
        rec_end(&b, mark);
    }
    assert_true(lab_ask(lab, M_CREATE, &b, 5000));
    buf_free(&b);
}

/* The bytes of a /proc file of that process; empty where it may not be read. */
static size_t proc(int pid, const char *file, char *out, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0) close(fd);
    out[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void test_what_it_inherits(void **state) {
    (void)state;
    setenv("SECRET_TOKEN", "do-not-pass-this", 1);
    int leak = fcntl(0, F_DUPFD, 20); /* not close-on-exec */
    assert_true(leak > 4);
    struct event_base *base = event_base_new();
    struct lab lab;
    start_beast(&lab, base, "nothing");
    char text[8192], path[64];
    int pid = guest_pid(lab.guest);
    size_t n = proc(pid, "environ", text, sizeof text);
    assert_null(n ? memmem(text, n, "do-not-pass-this", 16) : NULL);
    proc(pid, "oom_score_adj", text, sizeof text);
    assert_string_equal(text, "500\n");
    proc(pid, "limits", text, sizeof text);
    assert_non_null(strstr(text, "Max core file size        0 "));
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) assert_true(atoi(e->d_name) <= 4);
    if (d) closedir(d);
    assert_non_null(strstr(guest_fence(lab.guest), "seccomp"));
    lab_end(&lab);
    event_base_free(base);
    close(leak);
}

static void test_full_wire_never_blocks(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start_beast(&lab, base, "loop");
    assert_true(lab_call(&lab, M_POLL, NULL, 600000) != 0);
    struct buf big = {0};
    memset(buf_room(&big, 90000), 'x', 90000);
    big.len = 90000;
    int64_t began = clock_mono();
    unsigned taken = 0;
    while (taken < 1000 && guest_call(lab.guest, M_POLL, buf_view(&big), 600000, -1)) taken++;
    assert_in_range(taken, 8, 999);
    assert_true(clock_mono() - began < 60000); /* one that waits for it waits for ever */
    assert_int_equal(guest_open_calls(lab.guest), taken + 1);
    assert_true(guest_cpu_us(lab.guest) >= 0);
    buf_free(&big);
    lab_end(&lab);
    event_base_free(base);
}

/* Calls that waited are all served, in order, once the guest reads again. */
static void test_waiting_calls_are_served(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start_beast(&lab, base, "nothing");
    struct buf big = {0};
    static char body[150000]; /* travels as a memfd */
    rec_str(&big, 98, (struct sori_str){body, sizeof body});
    uint32_t sent = 0, last = 0;
    while (sent < 100) {
        uint32_t id = guest_call(lab.guest, M_POLL, buf_view(&big), 20000, -1);
        if (!id) break;
        last = id;
        sent++;
    }
    assert_true(lab_until(&lab, &lab.dones, sent + 1, 20000));
    assert_int_equal(lab.dones, sent + 1);
    assert_int_equal(lab.last_call, last);
    assert_int_equal(guest_open_calls(lab.guest), 0);
    buf_free(&big);
    lab_end(&lab);
    event_base_free(base);
}

static void test_dies_with_its_parent(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct event_base *base = event_base_new();
        struct lab lab;
        start_beast(&lab, base, "loop");
        (void)lab_call(&lab, M_POLL, NULL, 600000);
        int pid = guest_pid(lab.guest);
        if (write(ends[1], &pid, sizeof pid) != sizeof pid) _exit(1);
        raise(SIGKILL);
    }
    int pid = 0, status;
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    waitpid(parent, &status, 0);
    char text[256];
    bool gone = false;
    for (int i = 0; i < 1000 && !gone; i++) {
        /* An orphan that nobody reaps is a zombie: dead all the same. */
        gone = proc(pid, "stat", text, sizeof text) == 0 || strstr(text, ") Z ");
        if (!gone) usleep(20000);
    }
    assert_true(gone);
    close(ends[0]);
    close(ends[1]);
}

static void test_not_there(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct guest_spec spec = {.kind = GUEST_CONF, .name = "conf"};
    struct guest_events events = {0};
    struct err err;
    assert_null(guest_start(base, "/nonexistent/bin", &spec, &events, &err));
    assert_non_null(strstr(err.text, "/nonexistent/bin/sori-worker"));
    event_base_free(base);
}

/* Callbacks may end the very guest that calls them. */
static void kill_in_lost(void *ctx, struct guest *g, const struct obituary *o) {
    (void)g, (void)o;
    struct lab *lab = ctx;
    lab->lost++;
    guest_kill(&lab->guest);
}
static void stop_in_lost(void *ctx, struct guest *g, const struct obituary *o) {
    (void)g, (void)o;
    struct lab *lab = ctx;
    lab->lost++;
    guest_stop(&lab->guest);
}
static void kill_in_ready(void *ctx, struct guest *g, struct sori_str hello) {
    (void)g, (void)hello;
    struct lab *lab = ctx;
    lab->ready++;
    guest_kill(&lab->guest);
}
static void stop_in_ready(void *ctx, struct guest *g, struct sori_str hello) {
    (void)g, (void)hello;
    struct lab *lab = ctx;
    lab->ready++;
    guest_stop(&lab->guest);
}

static void test_ended_in_a_callback(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    const struct guest_events events[] = {{.lost = kill_in_lost},
                                          {.lost = stop_in_lost},
                                          {.ready = kill_in_ready},
                                          {.ready = stop_in_ready}};
    char bin[4096];
    snprintf(bin, sizeof bin, "%s/bin", lab_build());
    for (size_t i = 0; i < 4; i++) {
        struct lab lab = {.base = base};
        struct guest_events e = events[i];
        e.ctx = &lab;
        /* The first two are refused at once: that is no plugin. */
        struct guest_spec spec = {.kind = i < 2 ? GUEST_SCAN : GUEST_CONF,
                                  .name = "short-lived",
                                  .plugin = i < 2 ? "/etc/hostname" : NULL};
        struct err err;
        lab.guest = guest_start(base, bin, &spec, &e, &err);
        assert_non_null(lab.guest);
        assert_true(lab_until(&lab, i < 2 ? &lab.lost : &lab.ready, 1, 20000));
        assert_null(lab.guest);
        (void)lab_until(&lab, &lab.dones, 1, 200); /* its death passes */
        for (int k = 0; k < 1000 && event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED); k++)
            (void)lab_until(&lab, &lab.dones, 1, 20);
        assert_int_equal(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
        assert_int_equal(lab.lost, i < 2);
    }
    event_base_free(base);
}

static void test_conf_worker(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    lab_start(&lab, base, GUEST_CONF, "conf", NULL, true);
    assert_true(lab_until(&lab, &lab.ready, 1, 20000));
    struct buf b = {0};
    rec_str(&b, CONF_SOURCE,
            str_c("workspace { name = \"온결 리빙\", timezone = \"Asia/Seoul\", "
                  "languages = { \"ko\" } }\n"));
    assert_true(lab_ask(&lab, M_CONF, &b, 5000));
    assert_int_equal(lab.status, SORI_OK);
    assert_true(rec_get_rec(buf_view(&lab.done), CONF_RECORD).len > 0);
    buf_clear(&b);
    rec_str(&b, CONF_SOURCE, str_c("workspace {\n  nmae = 1,\n"));
    assert_true(lab_ask(&lab, M_CONF, &b, 5000));
    assert_int_equal(lab.status, SORI_CONFIG);
    struct sori_str error = rec_get_str(buf_view(&lab.done), CONF_ERROR);
    assert_true(error.len > 9 && memcmp(error.ptr, "sori.lua:", 9) == 0);
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_inherits),
        cmocka_unit_test(test_full_wire_never_blocks),
        cmocka_unit_test(test_waiting_calls_are_served),
        cmocka_unit_test(test_dies_with_its_parent),
        cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_ended_in_a_callback),
        cmocka_unit_test(test_conf_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
