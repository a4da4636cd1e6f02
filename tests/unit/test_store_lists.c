/* uses: sori_store sori_base */
/* What waits: actions, undecided entries, timers and tasks, over both drivers. */
#include "test_store_util.h"

#define BIT(state) (1u << (state))

static size_t seen_n;
static int64_t seen_id[64];
static void note_action(void *ctx, const void *row) {
    (void)ctx;
    seen_id[seen_n++] = ((const struct row_action *)row)->id;
}
static void expect_ids(size_t n, const int64_t *ids) {
    assert_int_equal(seen_n, n);
    for (size_t i = 0; i < n; i++) assert_int_equal(seen_id[i], ids[i]);
    seen_n = 0;
}
#define EXPECT(...)                                                                                \
    expect_ids(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static void one_action_holds_a_key(void **state) {
    struct fixture *f = *state;
    add_action(&f->b, 70, 900, 0, ACTION_READY);
    must_commit(f);
    add_action(&f->b, 71, 900, 0, ACTION_READY);
    must_refuse(f, "action");
    /* Stale makes way for another in the same commit, in the order of adding… */
    change_action(&f->b, 70, BIT(ACTION_READY), ACTION_STALE);
    add_action(&f->b, 71, 900, 0, ACTION_READY);
    /* …and one that this commit added can be changed by it, and make way again. */
    change_action(&f->b, 71, BIT(ACTION_READY), ACTION_MOOT);
    add_action(&f->b, 72, 900, 0, ACTION_WAITING);
    must_commit(f);
    assert_int_equal(f->b.missed, 0);
    /* A stale one cannot come back while another holds the key. */
    change_action(&f->b, 70, BIT(ACTION_STALE), ACTION_READY);
    must_refuse(f, "action");
    add_action(&f->b, 73, 900, 1, ACTION_READY);
    must_commit(f);
    store_actions_of(f->s, 900, note_action, NULL);
    EXPECT(72, 73, 70, 71);
}

static void an_action_changes_only_from_what_it_was(void **state) {
    struct fixture *f = *state;
    struct row_action got;
    add_action(&f->b, 1, 10, 0, ACTION_READY);
    must_commit(f);
    struct set_action *a = change_action(&f->b, 1, BIT(ACTION_READY), ACTION_LEASED);
    a->epoch = 5, a->lease_until = 99;
    change_action(&f->b, 1, BIT(ACTION_READY), ACTION_MOOT); /* too late */
    a = change_action(&f->b, 1, BIT(ACTION_LEASED), ACTION_SENT);
    a->epoch_is = 4; /* another's lease */
    change_action(&f->b, 99, ~0u, ACTION_MOOT);
    f->b.epoch = store_epoch(f->s);
    assert_true(store_commit(f->s, &f->b, &f->err));
    assert_int_equal(f->b.missed, 3);
    store_batch_clear(&f->b);
    assert_true(store_action(f->s, 1, &got));
    assert_int_equal(got.state, ACTION_LEASED);
    assert_int_equal(got.lease_until, 99);
    assert_true(str_is(got.body, "죄송합니다")); /* what is not named stays */
    a = change_action(&f->b, 1, BIT(ACTION_LEASED), ACTION_SENT);
    a->epoch_is = 5, a->sent_at = 500, a->native = str_c("n-1");
    must_commit(f);
    assert_true(store_action_by_native(f->s, 1, str_c("n-1"), &got));
    assert_int_equal(got.state, ACTION_SENT);
    assert_false(store_action_by_native(f->s, 2, str_c("n-1"), &got));
    a = change_action(&f->b, 1, BIT(ACTION_SENT), ACTION_READY);
    a->sent_at = 0, a->reason = str_c("nothing left");
    must_commit(f);
    assert_int_equal(store_last_reply(f->s, 1), NIL);
}

static void actions_are_listed(void **state) {
    struct fixture *f = *state;
    add_action(&f->b, 1, 1, 0, ACTION_READY)->due = 300;
    add_action(&f->b, 2, 2, 0, ACTION_READY)->due = 200;
    add_action(&f->b, 3, 3, 0, ACTION_READY)->due = 900;
    add_action(&f->b, 4, 4, 0, ACTION_READY)->connection = 2;
    add_action(&f->b, 5, 5, 0, ACTION_UNKNOWN)->connection = 2;
    add_action(&f->b, 6, 6, 0, ACTION_UNKNOWN);
    add_action(&f->b, 7, 7, 0, ACTION_WAITING)->kase = 40;
    add_action(&f->b, 8, 8, 0, ACTION_DONE)->kase = 40;
    must_commit(f);
    store_ready(f->s, 1, 500, 10, note_action, NULL);
    EXPECT(2, 1);
    store_ready(f->s, 1, 500, 1, note_action, NULL);
    EXPECT(2);
    store_actions(f->s, BIT(ACTION_UNKNOWN) | BIT(ACTION_WAITING), NIL, 10, note_action, NULL);
    EXPECT(7, 6, 5);
    store_actions(f->s, BIT(ACTION_UNKNOWN) | BIT(ACTION_READY) | BIT(ACTION_DONE), 1, 10,
                  note_action, NULL);
    EXPECT(2, 1, 3, 8, 6);
    store_actions(f->s, ~0u, NIL, 3, note_action, NULL);
    EXPECT(7, 2, 1);
    store_actions_of_kase(f->s, 40, note_action, NULL);
    EXPECT(7, 8);
}

static void replies_are_counted(void **state) {
    struct fixture *f = *state;
    for (int64_t k = 1; k <= 6; k++)
        add_action(&f->b, k, k, 0, k == 5 ? ACTION_FAILED : ACTION_DONE)->sent_at = 100 * k;
    must_commit(f);
    f->b.epoch = store_epoch(f->s);
    struct row_action *like = add_action(&f->b, 7, 7, 0, ACTION_DONE);
    like->verb = VERB_LIKE, like->sent_at = 9999;
    add_action(&f->b, 8, 8, 0, ACTION_SENT)->sent_at = 0;
    must_commit(f);
    assert_int_equal(store_replies_since(f->s, 1, 0), 5);
    assert_int_equal(store_replies_since(f->s, 1, 300), 3);
    assert_int_equal(store_replies_since(f->s, 2, 0), 0);
    assert_int_equal(store_last_reply(f->s, 1), 600);
    assert_int_equal(store_last_reply(f->s, 2), NIL);
}

static void note_seq(void *ctx, const void *row) {
    (void)ctx;
    seen_id[seen_n++] = ((const struct row_journal *)row)->seq;
}

static void undecided_entries_are_found(void **state) {
    struct fixture *f = *state;
    for (int64_t seq = 1; seq <= 13; seq++) add_journal(&f->b, seq, seq, 0, "글");
    add_decision(&f->b, 2, 0);
    add_decision(&f->b, 7, 0);
    must_commit(f);
    store_undecided(f->s, 0, 100, note_seq, NULL);
    EXPECT(1, 3, 4, 5, 6, 8);
    store_undecided(f->s, 4, 3, note_seq, NULL);
    EXPECT(4, 5, 6);
    store_undecided(f->s, 9, 3, note_seq, NULL);
    assert_int_equal(seen_n, 0);
}

static void note_timer(void *ctx, const void *row) {
    (void)ctx;
    seen_id[seen_n++] = ((const struct row_timer *)row)->id;
}

static void timers_come_due(void **state) {
    struct fixture *f = *state;
    static const int64_t due[] = {300, 100, 200, 100};
    for (int64_t k = 0; k < 4; k++)
        *store_add_timer(&f->b) = (struct row_timer){
            .id = k + 1, .due = due[k], .kind = ENTRY_OVERDUE, .subject = 40, .version = 1};
    must_commit(f);
    store_timers(f->s, 200, 10, note_timer, NULL);
    EXPECT(2, 4, 3);
    store_add_del_timer(&f->b)->id = 2;
    store_add_del_timer(&f->b)->id = 4;
    store_add_del_timer(&f->b)->id = 77;
    must_commit(f);
    store_timers(f->s, 1000, 10, note_timer, NULL);
    EXPECT(3, 1);
}

static void note_task(void *ctx, const void *row) {
    struct buf *b = ctx;
    buf_str(b, ((const struct row_task *)row)->key);
    buf_putc(b, ' ');
}

static void put_task(struct store_batch *b, const char *key, int64_t due) {
    *store_add_task(b) = (struct row_task){.connection = 1, .key = str_c(key), .due = due};
}
static void drop_task(struct store_batch *b, const char *key) {
    *store_add_del_task(b) = (struct del_task){1, str_c(key)};
}

static void tasks_are_put_and_finished_in_order(void **state) {
    struct fixture *f = *state;
    struct buf got = {0};
    put_task(&f->b, "b", 5);
    put_task(&f->b, "a", 5);
    put_task(&f->b, "late", 50);
    put_task(&f->b, "c", 3);
    drop_task(&f->b, "c"); /* put, then finished */
    must_commit(f);
    store_tasks(f->s, 1, 10, 10, note_task, &got);
    assert_string_equal(got.data, "a b ");
    drop_task(&f->b, "a"); /* finished, then put again */
    put_task(&f->b, "a", 6);
    drop_task(&f->b, "none");
    must_commit(f);
    buf_clear(&got);
    store_tasks(f->s, 1, 100, 10, note_task, &got);
    assert_string_equal(got.data, "b a late ");
    buf_free(&got);
}

#define BOTH(test)                                                                                 \
    {"sqlite: " #test, test, setup_sqlite, teardown, NULL}, {                                      \
        "memory: " #test, test, setup_memory, teardown, NULL                                       \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(one_action_holds_a_key),
        BOTH(an_action_changes_only_from_what_it_was),
        BOTH(actions_are_listed),
        BOTH(replies_are_counted),
        BOTH(undecided_entries_are_found),
        BOTH(timers_come_due),
        BOTH(tasks_are_put_and_finished_in_order),
    };
    return cmocka_run_group_tests_name("store lists", tests, NULL, NULL);
}
