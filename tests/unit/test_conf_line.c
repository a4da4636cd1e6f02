/* uses: sori_conf sori_base */
/* Errors that are found long after sori.lua was read name the line of the block all the same. */
#include "conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int line(const char *source) {
    return conf_line(str_c(source), "classifier", SORI_STR("tone"));
}

static void found(void **state) {
    (void)state;
    assert_int_equal(line("classifier \"tone\" { }"), 1);
    assert_int_equal(line("a = 1\n\n  classifier   'tone' { }"), 3);
    assert_int_equal(line("\nclassifier(\"tone\")"), 2);
    assert_int_equal(line("\nx() classifier\t\"tone\" {}"), 2);
}

static void others_are_left_out(void **state) {
    (void)state;
    assert_int_equal(line("-- classifier \"tone\" {}\nclassifier \"tone\" {}"), 2);
    assert_int_equal(line("classifier \"toneless\" {}\nclassifier \"tone\" {}"), 2);
    assert_int_equal(line("classifiers \"tone\"\nmyclassifier \"tone\"\nclassifier \"tone\""), 3);
    assert_int_equal(line("\n\nlocal name = \"tone\" classifier(name)"), 1);
    assert_int_equal(line(""), 1);
    assert_int_equal(line("classifier"), 1);
    assert_int_equal(line("\nclassifier \"ton"), 1);
    assert_int_equal(line("\nclassifier \"tone"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(found),
                                       cmocka_unit_test(others_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
