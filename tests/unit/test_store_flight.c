/* uses: sori_store sori_base */
/* threads */
/* A commit in flight: the batch is written by the store's own thread while the caller reads what
 * was there before, and everything else waits until it is whole on disk. */
#include "test_store_util.h"

#include "base/arena.h"

#include <poll.h>
#include <sys/eventfd.h>

enum { MANY = 20000 };

static void add(struct fixture *f, struct arena *names, int64_t id) {
    char native[32];
    snprintf(native, sizeof native, "n%lld", (long long)id);
    struct row_interaction *r = store_add_interaction(&f->b);
    *r = (struct row_interaction){.id = id,
                                  .space = 1,
                                  .native = arena_copy(names, str_c(native)),
                                  .kind = KIND_COMMENT,
                                  .connection = 1,
                                  .author = NIL,
                                  .parent = NIL,
                                  .target = NIL,
                                  .said_at = 1,
                                  .heard_at = 1,
                                  .state = STATE_LIVE,
                                  .said = NIL,
                                  .last = NIL,
                                  .prev_by_author = NIL,
                                  .caps = SORI_STR("")};
}

static void forget(struct fixture *f, struct arena *names) {
    store_batch_clear(&f->b);
    arena_free(names);
}

static void begin_world(struct fixture *f) {
    *store_add_space(&f->b) = (struct row_space){.id = 1, .name = SORI_STR("hello:shop")};
    *store_add_connection(&f->b) = (struct row_connection){
        .id = 1, .name = SORI_STR("shop"), .plugin = SORI_STR("hello"), .space = 1, .live_from = 1};
    must_commit(f);
}

static bool seen(struct fixture *f, const char *native) {
    struct store_head h;
    return store_seen(f->s, 1, str_c(native), &h);
}

static void a_flight_lands_whole_and_says_so(void **state) {
    struct fixture *f = *state;
    struct arena names = {0};
    struct err err = {{0}};
    struct pollfd over = {.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .events = POLLIN};
    begin_world(f);
    for (int64_t i = 1; i <= MANY; i++) add(f, &names, i);
    f->b.epoch = store_epoch(f->s);
    assert_true(store_commit_begin(f->s, &f->b, over.fd));
    assert_int_equal(poll(&over, 1, 60000), 1);
    assert_false(store_committing(f->s));
    assert_true(store_commit_end(f->s, &err));
    assert_true(seen(f, "n1"));
    assert_true(seen(f, "n20000"));
    assert_int_equal(store_ids(f->s).interaction, MANY);
    forget(f, &names);
    close(over.fd);
}

/* While it flies a head is answered from before it, at once; what must be right waits. */
static void early_reads_do_not_wait_and_others_do(void **state) {
    struct fixture *f = *state;
    struct arena names = {0};
    struct err err = {{0}};
    begin_world(f);
    add(f, &names, 1);
    must_commit(f);
    forget(f, &names);
    unsigned early = 0;
    for (int round = 0; round < 20 && !early; round++) {
        int64_t from = 2 + (int64_t)round * MANY;
        for (int64_t i = 0; i < MANY; i++) add(f, &names, from + i);
        f->b.epoch = store_epoch(f->s);
        assert_true(store_commit_begin(f->s, &f->b, -1));
        bool old = seen(f, "n1");
        struct row_interaction row;
        bool new = store_interaction(f->s, from + MANY - 1, &row);
        if (store_committing(f->s)) {
            early++;
            assert_true(old);
            assert_false(new);
        }
        assert_int_equal(store_ids(f->s).interaction, from + MANY - 1); /* waits */
        assert_false(store_committing(f->s));
        assert_true(store_interaction(f->s, from + MANY - 1, &row));
        assert_true(store_commit_end(f->s, &err));
        forget(f, &names);
    }
    assert_true(early > 0);
}

static void a_refused_flight_leaves_nothing_and_the_store_alive(void **state) {
    struct fixture *f = *state;
    struct arena names = {0};
    struct err err = {{0}};
    begin_world(f);
    add(f, &names, 1);
    add(f, &names, 2);
    add(f, &names, 2);
    f->b.epoch = store_epoch(f->s);
    assert_true(store_commit_begin(f->s, &f->b, -1));
    assert_false(store_commit_end(f->s, &err));
    assert_memory_equal(err.text, "refused: ", 9);
    assert_null(store_dead(f->s));
    assert_int_equal(store_ids(f->s).interaction, 0);
    forget(f, &names);
    add(f, &names, 1);
    must_commit(f);
    forget(f, &names);
}

static void a_backup_beside_flights_is_whole(void **state) {
    struct fixture *f = *state;
    struct arena names = {0};
    struct err err = {{0}};
    char to[80];
    begin_world(f);
    snprintf(to, sizeof to, "%s/copy.db", f->dir);
    for (int64_t i = 1; i <= MANY; i++) add(f, &names, i);
    must_commit(f);
    forget(f, &names);
    struct store_copy *copy = store_backup_begin(f->s, to, &err);
    assert_non_null(copy);
    int more = 1;
    for (int64_t from = MANY + 1; more > 0; from += 100) {
        bool flies = from < 3 * MANY;
        for (int64_t i = 0; flies && i < 100; i++) add(f, &names, from + i);
        f->b.epoch = store_epoch(f->s);
        if (flies) assert_true(store_commit_begin(f->s, &f->b, -1));
        more = store_backup_step(copy, &err);
        if (flies) assert_true(store_commit_end(f->s, &err));
        forget(f, &names);
    }
    store_backup_end(copy);
    if (more != 0) fail_msg("%s", err.text);
    struct buf findings = {0};
    if (!store_check(to, &findings, &err)) fail_msg("%s%s", findings.data, err.text);
    buf_free(&findings);
}

static void in_memory_nothing_flies(void **state) {
    struct fixture *f = *state;
    assert_false(store_commit_begin(f->s, &f->b, -1));
    assert_false(store_committing(f->s));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flight_lands_whole_and_says_so, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(early_reads_do_not_wait_and_others_do, setup_sqlite,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_refused_flight_leaves_nothing_and_the_store_alive,
                                        setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(a_backup_beside_flights_is_whole, setup_sqlite, teardown),
        cmocka_unit_test_setup_teardown(in_memory_nothing_flies, setup_memory, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
