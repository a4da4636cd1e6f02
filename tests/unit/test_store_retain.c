/* uses: sori_store sori_base */
/* Faults are kept for a while, and not in any number. Both drivers. */
#include "test_store_util.h"

static void add_faults(struct fixture *f, int64_t from, int64_t to) {
    for (int64_t id = from; id <= to; id++)
        *store_add_fault(&f->b) =
            (struct row_fault){.id = id, .at = 1000 + id, .guest = SORI_STR("guest"), .seq = NIL};
    must_commit(f);
}

static size_t drop_all(struct fixture *f, int64_t before, int64_t up_to) {
    size_t all = 0, n;
    while ((n = store_drop_faults(f->s, before, up_to))) {
        assert_true(n <= 500); /* nobody waits for more at once */
        all += n;
    }
    assert_null(store_dead(f->s));
    return all;
}

static void test_drops(void **state) {
    struct fixture *f = *state;
    assert_int_equal(drop_all(f, INT64_MAX, INT64_MAX), 0);
    add_faults(f, 1, 1300);
    assert_int_equal(drop_all(f, 0, INT64_MAX), 0);     /* none is so old */
    assert_int_equal(drop_all(f, INT64_MAX, 0), 0);     /* none is so far back */
    assert_int_equal(drop_all(f, 1011, INT64_MAX), 10); /* 1 to 10 */
    assert_int_equal(drop_all(f, INT64_MAX, 610), 600);
    assert_int_equal(drop_all(f, 1011, 610), 0);
    assert_int_equal(drop_all(f, 1701, 650), 40); /* both must hold */
    add_faults(f, 1301, 1310);
    assert_int_equal(drop_all(f, INT64_MAX, INT64_MAX), 659); /* the newest stays */
    assert_int_equal(store_ids(f->s).fault, 1310);
    assert_int_equal(drop_all(f, INT64_MAX, INT64_MAX), 0);
    add_faults(f, 1311, 1312);
    assert_int_equal(store_ids(f->s).fault, 1312);
}

static void test_tasks(void **state) {
    struct fixture *f = *state;
    static char key[40][8];
    for (int i = 0; i < 40; i++) {
        snprintf(key[i], sizeof key[i], "k%d", i);
        *store_add_task(&f->b) = (struct row_task){.connection = 1 + i % 4, .key = str_c(key[i])};
    }
    must_commit(f);
    assert_int_equal(store_task_count(f->s, 1), 10);
    *store_add_task(&f->b) = (struct row_task){.connection = 1, .key = str_c(key[0]), .due = 5};
    *store_add_del_task(&f->b) = (struct del_task){.connection = 1, .key = str_c(key[4])};
    must_commit(f);
    assert_int_equal(store_task_count(f->s, 1), 9);
    assert_int_equal(store_task_count(f->s, 9), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_drops, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(test_drops, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_tasks, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(test_tasks, setup_memory, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
