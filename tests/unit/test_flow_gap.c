/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* What a stream missed: from a while before its last sign of life, because a platform tells what
 * was said some seconds after it was said, and a line may have come half. */
#include "flow/channel/live.h"

#include "flow_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LATE_MS = 10000 };

static struct hose hose = {.name = (char *)(uintptr_t) "words", .wanted = true};

static int64_t missed_from(void) {
    struct buf poll = {0};
    stream_gap(&core, &conn, &poll);
    int64_t from = rec_get_int(buf_view(&poll), POLL_MISSED_FROM, 0);
    buf_free(&poll);
    return from;
}

static void a_gap_begins_before_the_last_sign(void **state) {
    (void)state;
    int64_t last = core_now(&core) - 30000;
    live_of(&core, &conn)->hoses = &hose;
    hose.heard = last;
    int64_t from = missed_from();
    assert_true(from > 0 && from <= last - LATE_MS);
    /* Filled up to now, it does not begin before what was filled again and again. */
    struct live *l = live_of(&core, &conn);
    int64_t to = l->missed_to;
    hose.wanted = false;
    stream_polled(&core, &conn, (struct sori_str){0}, true);
    assert_int_equal(l->missed_from, 0);
    assert_true(l->filled_from == from && l->filled_to == to);
    l->hoses = NULL;
}

/* Net tells when it opened: what was said before that may still be told late. */
static void a_stream_that_was_never_open_missed_nothing(void **state) {
    (void)state;
    live_of(&core, &conn)->hoses = &hose;
    hose.heard = 0;
    hose.wanted = true;
    assert_int_equal(missed_from(), 0);
    live_of(&core, &conn)->hoses = NULL;
}

/* A poll as the plugin ends it: all read, and the stream still wanted. */
static void poll_to_the_end(void) {
    struct buf done = {0};
    (void)missed_from();
    size_t mark = rec_begin(&done, DONE_STREAM);
    rec_str(&done, STREAM_NAME, SORI_STR("words"));
    rec_end(&done, mark);
    stream_polled(&core, &conn, buf_view(&done), true);
    buf_free(&done);
}

static size_t lines_of(FILE *log, const char *what) {
    char line[512];
    size_t n = 0;
    rewind(log);
    while (fgets(line, sizeof line, log)) n += strstr(line, what) != NULL;
    return n;
}

/* However many polls fill a long absence, it is told at its beginning and at its end. */
static void an_absence_is_told_once(void **state) {
    (void)state;
    FILE *log = tmpfile();
    int was = dup(2);
    assert_true(log && was >= 0 && dup2(fileno(log), 2) == 2);
    live_of(&core, &conn)->hoses = &hose;
    hose.state = STREAM_WAITING;
    for (int absence = 1; absence <= 2; absence++) {
        for (int i = 0; i < 5; i++) {
            hose.heard = core_now(&core) - 30000;
            poll_to_the_end();
        }
        hose.state = STREAM_OPEN;
        live_of(&core, &conn)->missed_from = core_now(&core) - 20000;
        live_of(&core, &conn)->missed_to = core_now(&core);
        poll_to_the_end();
        poll_to_the_end();
        hose.state = STREAM_CLOSED;
    }
    dup2(was, 2);
    close(was);
    assert_int_equal(lines_of(log, "until it is back"), 2);
    assert_int_equal(lines_of(log, "filled what its stream missed"), 2);
    fclose(log);
    live_of(&core, &conn)->hoses = NULL;
    buf_free(&hose.want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_gap_begins_before_the_last_sign, begin, end),
        cmocka_unit_test_setup_teardown(a_stream_that_was_never_open_missed_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_absence_is_told_once, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
