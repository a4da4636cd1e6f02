/* uses: sori_base */
/* A line of the log is one line, and obeys nobody. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shown), cmocka_unit_test(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
