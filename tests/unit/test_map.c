/* uses: sori_base */
/* Tables whose keys strangers choose: what they hold, and that nobody can make them slow. */
#include "base/clock.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 20000 };

static uint64_t ascending(uint64_t i) { return i; }

/* Digests have a key that is the same everywhere, so that keys of any form can be found for them.
 * These differ in their high bits alone, before and after the multiplication that spreads ids. */
static uint64_t high(uint64_t i) { return i << 48; }
static uint64_t unmultiplied(uint64_t i) {
    uint64_t inverse = 1; /* of the odd constant, by Newton's way */
    for (int k = 0; k < 6; k++) inverse *= 2 - 0x9e3779b97f4a7c15u * inverse;
    return (i << 42) * inverse;
}

static int64_t cost(uint64_t (*key)(uint64_t)) {
    struct map m = {0};
    int64_t from = clock_cpu_us();
    for (uint64_t i = 1; i <= MANY; i++) map_put(&m, key(i), &m);
    int64_t took = clock_cpu_us() - from;
    assert_int_equal(m.count, MANY);
    map_free(&m);
    return took;
}

static void test_strangers(void **state) {
    (void)state;
    int64_t usual = cost(ascending) + 1000;
    assert_true(cost(high) < 20 * usual);
    assert_true(cost(unmultiplied) < 20 * usual);
}

static void test_holds(void **state) {
    static char places[3 * MANY];
    struct map m = {0};
    (void)state;
    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < MANY; i++) map_put(&m, i * 7, &places[i]);
        for (uint64_t i = 0; i < MANY; i += 3) map_del(&m, i * 7);
        map_put(&m, 7, &places[MANY]); /* replaces */
        size_t at = 0, walked = 0;
        while (map_next(&m, &at)) walked++;
        assert_int_equal(walked, m.count);
        assert_int_equal(m.count, MANY - (MANY + 2) / 3);
        assert_ptr_equal(map_get(&m, 7), &places[MANY]);
        for (uint64_t i = 2; i < MANY; i++)
            assert_ptr_equal(map_get(&m, i * 7), i % 3 ? &places[i] : NULL);
        assert_null(map_get(&m, 3));
        map_clear(&m);
        assert_null(map_get(&m, 7));
    }
    map_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_strangers),
                                       cmocka_unit_test(test_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
