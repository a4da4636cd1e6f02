/* uses: sori_base */
/* A line of the log is one line, and obeys nobody. */
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void logged(const char *text, char *out, size_t size) {
    int ends[2], old = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_line(LOG_WARN, "test", "%s", text);
    dup2(old, STDERR_FILENO);
    close(ends[1]);
    close(old);
    ssize_t n = read(ends[0], out, size - 1);
    assert_true(n > 0);
    out[n] = 0;
    close(ends[0]);
}

static void shows(const char *text, const char *expected) {
    char out[8192];
    logged(text, out, sizeof out);
    const char *said = strstr(out, "warn  test: ");
    assert_non_null(said);
    assert_string_equal(said + strlen("warn  test: "), expected);
}

static void test_shown(void **state) {
    (void)state;
    shows("\xeb\xb0\xb0\xec\x86\xa1 ok \xf0\x9f\x99\x82",
          "\xeb\xb0\xb0\xec\x86\xa1 ok \xf0\x9f\x99\x82\n");
    shows("a\nERROR core: forged", "a\\x0aERROR core: forged\n");
    shows("\x1b[31m\x7f", "\\x1b[31m\\x7f\n");
    shows("\xc2\x9b"
          "2J",
          "\\xc2\\x9b2J\n"); /* CSI in one character */
    shows("\xe2\x80\xae"
          "gnp",
          "\\xe2\\x80\\xaegnp\n"); /* right to left from here */
    shows("\xe2\x80\xa8", "\\xe2\\x80\\xa8\n");
    shows("\xff\xc3", "\\xff\\xc3\n");
    shows("\xef\xbf\xbd", "\xef\xbf\xbd\n");
}

static void test_long(void **state) {
    char text[20000], out[32768];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    logged(text, out, sizeof out);
    assert_true(strlen(out) < 4200);
}

/* A pipe that nobody reads is no reason to wait: what finds no room is counted, and told once. */
static void test_full(void **state) {
    static char out[1 << 20];
    char text[20000];
    int ends[2], old = dup(STDERR_FILENO);
    (void)state;
    memset(text, '\x01', sizeof text - 1); /* four bytes each when it is shown */
    text[sizeof text - 1] = 0;
    assert_int_equal(pipe(ends), 0);
    int size = fcntl(ends[1], F_SETPIPE_SZ, 4 * PIPE_BUF);
    assert_true(size >= 4 * PIPE_BUF);
    dup2(ends[1], STDERR_FILENO);
    alarm(20);
    for (int i = 0; i < 100; i++) log_line(LOG_WARN, "test", "%d %s", i, text);
    alarm(0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    ssize_t before = read(ends[0], out, sizeof out - 1);
    size_t lines = 0;
    for (ssize_t i = 0; i < before; i++) lines += out[i] == '\n';
    log_line(LOG_WARN, "test", "flows again");
    log_line(LOG_WARN, "test", "and again");
    ssize_t after = read(ends[0], out, sizeof out - 1);
    dup2(old, STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    close(old);
    assert_true(before > 0 && after > 0);
    assert_in_range(lines, 1, 99);
    out[after] = 0;
    char told[80];
    snprintf(told, sizeof told, "%zu lines", 100 - lines);
    char *lost = strstr(out, told), *flows = strstr(out, "warn  test: flows again\n");
    assert_non_null(lost);
    assert_non_null(flows);
    assert_true(lost < flows);
    assert_null(strstr(lost + strlen(told), " lines"));
    assert_non_null(strstr(flows, "warn  test: and again\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shown), cmocka_unit_test(test_long),
                                       cmocka_unit_test(test_full)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
