/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* An author's name that is learnt later, by an item or apart from items, is written once; what is
 * no news costs nothing. */
#include "flow/act/act.h"
#include "flow/record.h"
#include "flow_world.h"

static void say(const char *id, const char *name) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_MESSAGE,
                             .native_id = str_c(id),
                             .author_id = SORI_STR("psid"),
                             .author_name = str_c(name),
                             .text = SORI_STR("언제 와요?"),
                             .said_at = 1};
    record_item(&core, &conn, &item, (struct arrival){NIL, NIL});
}

static void tell(const char *space, const char *id, const char *name, const char *url) {
    struct buf b = {0};
    size_t mark = rec_begin(&b, SINK_AUTHOR);
    rec_str_opt(&b, 1, str_c(space));
    rec_str_opt(&b, 2, str_c(id));
    rec_str_opt(&b, 3, str_c(name));
    rec_str_opt(&b, 4, str_c(url));
    rec_end(&b, mark);
    record_sink(&core, &conn, buf_view(&b), (struct arrival){NIL, NIL}, NULL);
    buf_free(&b);
}

/* Everything is on disk; then the row of the one author. */
static struct row_author stored(void) {
    struct row_author row;
    flow_commit(&core);
    assert_true(store_author_by_id(core.store, core.ids.author, &row));
    return row;
}

static void a_later_item_brings_it(void **state) {
    (void)state;
    say("m1", "");
    assert_int_equal(stored().name.len, 0);
    say("m2", "김하늘");
    assert_true(str_is(stored().name, "김하늘"));
    say("m3", "김하늘");
    say("m4", "하늘");
    assert_int_equal(core.batch.set_author_n, 0); /* no item says more than is known */
}

static void a_known_item_brings_it(void **state) {
    (void)state;
    say("m1", "");
    flow_commit(&core);
    int64_t entries = core.ids.seq;
    say("m1", "김하늘");
    assert_int_equal(core.ids.seq, entries); /* it is the same word */
    assert_true(str_is(stored().name, "김하늘"));
    say("m1", "김하늘");
    assert_int_equal(core.batch.set_author_n, 0);
}

static void it_is_told_apart_from_items(void **state) {
    (void)state;
    tell("", "psid", "김하늘", "");
    assert_int_equal(core.ids.author, 0); /* who never said a thing is nobody */
    say("m1", "");
    tell("", "psid", "김하늘", ""); /* in the same batch as the row */
    assert_true(str_is(stored().name, "김하늘"));
    tell("", "psid", "김하늘", "");
    tell("", "psid", "", "");
    tell("", "", "이", "");
    tell("other:space", "psid", "이", "");
    assert_int_equal(core.batch.set_author_n, 0);
    tell("", "psid", "김바다", "https://example.com/bada");
    struct row_author row = stored();
    assert_true(str_is(row.name, "김바다"));
    assert_true(str_is(row.url, "https://example.com/bada"));
    tell("", "psid", "김바다", "");
    assert_int_equal(core.batch.set_author_n, 0);
}

/* After a restart nobody is in memory. */
static void what_is_on_disk_counts(void **state) {
    (void)state;
    say("m1", "김하늘");
    flow_commit(&core);
    map_clear(&core.authors);
    say("m2", "김하늘");
    tell("", "psid", "김하늘", "");
    assert_int_equal(core.batch.set_author_n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_later_item_brings_it, begin, end),
        cmocka_unit_test_setup_teardown(a_known_item_brings_it, begin, end),
        cmocka_unit_test_setup_teardown(it_is_told_apart_from_items, begin, end),
        cmocka_unit_test_setup_teardown(what_is_on_disk_counts, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
