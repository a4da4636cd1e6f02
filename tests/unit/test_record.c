/* uses: sori_base */
#include "base/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void round_trip(void **state) {
    (void)state;
    struct buf b = {0};
    rec_int(&b, 1, INT64_MIN);
    rec_str(&b, 2, str_c("소리"));
    size_t mark = rec_begin(&b, 300);
    for (int i = 0; i < 100; i++) rec_int(&b, 7, i - 50);
    rec_end(&b, mark);
    struct sori_str r = buf_view(&b);
    assert_true(rec_valid(r, 3));
    assert_int_equal(rec_get_int(r, 1, 0), INT64_MIN);
    assert_true(str_is(rec_get_str(r, 2), "소리"));
    struct sori_str inner = rec_get_rec(r, 300);
    struct rec_field f;
    int n = 0;
    while (rec_next(&inner, &f) == 1) assert_int_equal(f.i, n++ - 50);
    assert_int_equal(n, 100);
    buf_free(&b);
}

static void any_bytes_end(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        size_t len = (size_t)(rand() % 64);
        for (size_t i = 0; i < len; i++) bytes[i] = (char)rand();
        struct sori_str r = {bytes, len};
        struct rec_field f;
        int steps = 0;
        while (rec_next(&r, &f) == 1) assert_true(++steps <= 64);
    }
}

static void cut_anywhere_is_noticed(void **state) {
    (void)state;
    struct buf b = {0};
    rec_str(&b, 2, str_c("twelve bytes"));
    for (size_t cut = 1; cut < b.len; cut++)
        assert_false(rec_valid((struct sori_str){b.data, cut}, 1));
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(any_bytes_end),
        cmocka_unit_test(cut_anywhere_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
