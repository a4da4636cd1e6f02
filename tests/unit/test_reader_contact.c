/* uses: sori_reader sori_store sori_supervise sori_fence sori_base PkgConfig::JANSSON */
/* Who stands behind an interaction, up to the newest word; and questions that are none. */
#include "unit/reader_world.h"

static void up_to_the_newest_word(void **state) {
    struct world *w = *state;
    json_t *rows = ask(w, "contact-show", "id", "1");
    const json_t *row = json_array_get(rows, 0), *said = json_object_get(row, "timeline");
    assert_int_equal(w->code, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "spoke")), 3);
    assert_int_equal(json_array_size(said), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(said, i), "id")), 3 - i);
    json_decref(rows);
    rows = ask(w, "why", "id", "2");
    row = json_object_get(json_array_get(rows, 0), "person");
    assert_int_equal(json_integer_value(json_object_get(row, "spoke")), 3);
    json_decref(rows);
}

static void wrong_questions(void **state) {
    struct world *w = *state;
    static const struct {
        const char *query, *name, *value;
        int code;
    } cases[] = {
        {"show", "id", "77", 1},         {"show", "id", "abc", 2},
        {"show", "id", "1.2.3", 2},      {"show", "id", "1.", 2},
        {"show", "id", "1.2", 0},        {"why", "id", "", 2},
        {"show", "id", "1.like", 0},     {"show", "id", "1.reply.2", 0},
        {"show", "id", "1.reply.", 2},   {"show", "id", "1.2.reply", 2},
        {"contact-show", "id", "77", 1}, {"nonsense", NULL, NULL, 2},
        {"search", "text", "!?", 2},     {"inbox", "limit", "many", 2},
        {"inbox", "limit", "0", 2},      {"inbox", "limit", "99999999999999999999999999", 2},
        {"unmatched", "limit", "1x", 2}, {"inbox", "limit", "1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_decref(ask(w, cases[i].query, cases[i].name, cases[i].value));
        if (w->code != cases[i].code)
            fail_msg("%s %s=%s: %d", cases[i].query, cases[i].name, cases[i].value, w->code);
    }
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(up_to_the_newest_word), TEST(wrong_questions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
