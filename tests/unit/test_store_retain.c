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

static void add_generation(struct fixture *f, int64_t id, int64_t state, int64_t decisions) {
    char text[32];
    snprintf(text, sizeof text, "manifest %lld", (long long)id / 2); /* two of each */
    int64_t blob = blob_put(f->s, str_c(text), &f->err);
    *store_add_generation(&f->b) = (struct row_generation){.id = id,
                                                           .at = 1000 * id,
                                                           .ended = 1000 * id + 1000,
                                                           .state = state,
                                                           .decisions = decisions,
                                                           .manifest = blob,
                                                           .report = NIL};
    must_commit(f);
}

static size_t drop_generations(struct fixture *f, struct store_generations keep) {
    size_t all = 0, n;
    while ((n = store_drop_generations(f->s, &keep))) all += n;
    assert_null(store_dead(f->s));
    return all;
}

static void test_generations(void **state) {
    struct fixture *f = *state;
    const int64_t big = INT64_MAX;
    struct row_generation row;
    assert_int_equal(drop_generations(f, (struct store_generations){3, 3, 0, big}), 0);
    for (int64_t id = 1; id <= 10; id++) add_generation(f, id, GENERATION_REJECTED, 0);
    for (int64_t id = 11; id <= 20; id++) add_generation(f, id, GENERATION_RETIRED, 0);
    for (int64_t id = 21; id <= 30; id++) add_generation(f, id, GENERATION_RETIRED, id);
    assert_true(store_generation(f->s, 1, &row));
    int64_t alone = row.manifest; /* 1 is the one half of its pair: 0 is not there */
    assert_true(store_generation(f->s, 30, &row));
    int64_t newest = row.manifest;
    assert_int_equal(drop_generations(f, (struct store_generations){10, 10, 0, big}), 0);
    assert_int_equal(drop_generations(f, (struct store_generations){3, 10, 0, big}), 7);
    assert_false(store_generation(f->s, 7, &row));
    assert_true(store_generation(f->s, 8, &row));
    assert_int_equal(drop_generations(f, (struct store_generations){3, 4, 0, big}), 6);
    assert_false(store_generation(f->s, 16, &row));
    assert_true(store_generation(f->s, 17, &row)); /* shares its bytes with 16 */
    struct buf bytes = {0};
    assert_true(blob_get(f->s, row.manifest, &bytes));
    if (f->dir[0]) assert_false(blob_get(f->s, alone, &bytes));
    /* What decided something goes only where all are too big, and it is old. */
    if (f->dir[0]) {
        assert_int_equal(drop_generations(f, (struct store_generations){3, 4, 26000, big}), 0);
        assert_int_equal(drop_generations(f, (struct store_generations){3, 4, 0, 10}), 0);
        assert_int_equal(drop_generations(f, (struct store_generations){3, 4, 26000, 10}), 8);
        assert_false(store_generation(f->s, 24, &row));
        assert_true(store_generation(f->s, 25, &row));
        assert_int_equal(drop_generations(f, (struct store_generations){0, 0, INT64_MAX, 0}), 8);
    } else
        assert_int_equal(drop_generations(f, (struct store_generations){0, 0, 0, big}), 7);
    assert_true(store_generation(f->s, 30, &row)); /* ids go on from it */
    assert_true(blob_get(f->s, newest, &bytes));
    assert_int_equal(store_ids(f->s).generation, 30);
    buf_free(&bytes);
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

/* Pages grow with what is written, and stop at the bound of their cache; keys are there at once. */
static void test_memory(void **state) {
    struct fixture *f = *state;
    struct store_memory before, after;
    assert_true(store_memory(f->s, &before));
    add_faults(f, 1, 5000);
    assert_true(store_memory(f->s, &after));
    assert_int_equal(after.keys, before.keys);
    assert_in_range(after.keys, 100 << 10, 200 << 10);
    assert_in_range(after.cache, before.cache + 5000 * (int64_t)sizeof(int64_t), STORE_CACHE_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_drops, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(test_drops, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_generations, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(test_generations, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_tasks, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(test_tasks, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup_sqlite, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
