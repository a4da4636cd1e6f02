/* uses: sori_store sori_base */
/* The filter before the key index never hides a key: not while it is being filled, not when it has
 * become too small, not after a restart. */
#include "test_store_util.h"

enum { KEYS = 150000, SPACES = 3 };

static void key_of(int64_t n, char native[24]) {
    snprintf(native, 24, "%lld", (long long)(n * 2654435761 % 1000003 * 1000 + n));
}

static void add_keys(struct fixture *f, int64_t from, int64_t to, bool tidy) {
    static char native[1000][24];
    for (int64_t n = from; n < to;) {
        for (int k = 0; k < 1000 && n < to; k++, n++) {
            key_of(n, native[k]);
            add_interaction(&f->b, n + 1, native[k])->space = n % SPACES;
        }
        must_commit(f);
        if (tidy) store_tidy(f->s);
    }
}

static void expect_keys(struct fixture *f, int64_t from, int64_t to, bool there) {
    struct store_head h;
    char native[24];
    for (int64_t n = from; n < to; n++) {
        key_of(n, native);
        bool seen = store_seen(f->s, n % SPACES, str_c(native), &h);
        if (seen != there) fail_msg("key %lld: %s", (long long)n, seen ? "seen" : "not seen");
        if (seen) assert_int_equal(h.id, n + 1);
        if (there && n % 64 == 0) /* the same id elsewhere is another thing */
            assert_false(store_seen(f->s, (n + 1) % SPACES, str_c(native), &h));
    }
}

static void reopen(struct fixture *f) {
    store_close(f->s);
    f->s = store_open(f->dir, &f->err);
    if (!f->s) fail_msg("%s", f->err.text);
}

static void no_key_is_ever_hidden(void **state) {
    struct fixture *f = *state;
    add_keys(f, 0, 60000, true);
    expect_keys(f, 0, 60000, true);
    expect_keys(f, 60000, 70000, false);
    add_keys(f, 60000, 100000, true); /* it grows on the way, and is filled anew */
    expect_keys(f, 0, 100000, true);
    expect_keys(f, 100000, 110000, false);
    reopen(f); /* filled in part: the rest while new keys come, before and behind */
    expect_keys(f, 0, 100000, true);
    for (int64_t n = 100000; n < KEYS; n += 5000) {
        add_keys(f, n, n + 5000, false);
        expect_keys(f, n - 5000, n + 5000, true);
        store_tidy(f->s);
    }
    expect_keys(f, 0, KEYS, true);
    expect_keys(f, KEYS, KEYS + 10000, false);
}

static void a_refused_key_can_come_again(void **state) {
    struct fixture *f = *state;
    add_interaction(&f->b, 1, "a");
    add_interaction(&f->b, 1, "b");
    must_refuse(f, "interaction");
    struct store_head h;
    assert_false(store_seen(f->s, 1, str_c("a"), &h));
    add_interaction(&f->b, 1, "a");
    must_commit(f);
    assert_true(store_seen(f->s, 1, str_c("a"), &h));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_key_is_ever_hidden, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(a_refused_key_can_come_again, setup_sqlite, teardown),
    };
    return cmocka_run_group_tests_name("store, keys", tests, NULL, NULL);
}
