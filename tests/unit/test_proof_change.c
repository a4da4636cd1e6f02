/* uses: sori_proof sori_lua sori_supervise sori_base */
/* What counts as a change of a decision, and what is said of it. */
#include "base/enums.h"
#include "lua/policy.h"
#include "proof/change.h"
#include "proof/differ.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct intent {
    int verb;
    const char *name, *text;
    int64_t value;
};

static struct buf decision(int status, const char *rule, const char *direction,
                           const struct intent *intents, size_t n) {
    struct buf b = {0};
    rec_int(&b, DEC_STATUS, status);
    if (rule) {
        rec_str(&b, DEC_RULE, str_c(rule));
        rec_str(&b, DEC_WHERE, str_c("rules/a.lua:3"));
    }
    for (size_t i = 0; i < n; i++) {
        size_t mark = rec_begin(&b, DEC_INTENT);
        rec_int(&b, INTENT_VERB, intents[i].verb);
        if (intents[i].text) rec_str(&b, INTENT_TEXT, str_c(intents[i].text));
        if (intents[i].name) rec_str(&b, INTENT_NAME, str_c(intents[i].name));
        if (intents[i].value) rec_int(&b, INTENT_VALUE, intents[i].value);
        rec_end(&b, mark);
    }
    if (direction) rec_str(&b, DEC_DIRECTION, str_c(direction));
    rec_int(&b, DEC_TRACE, 42);
    return b;
}

static const struct intent sorry[] = {{VERB_REPLY, "sorry", "죄송합니다", 0},
                                      {VERB_ASSIGN, "support", NULL, 0},
                                      {VERB_CLOCK, NULL, NULL, 3600000}};
#define SORRY decision(DECISION_DECIDED, "unhappy", "apologise", sorry, 3)

static void check_change(struct buf a, struct buf b, enum change wanted, const char *move) {
    struct buf text = {0};
    assert_int_equal(change_of(buf_view(&a), buf_view(&b)), wanted);
    assert_int_equal(change_of(buf_view(&b), buf_view(&a)), wanted);
    if (move) {
        change_move(buf_view(&a), buf_view(&b), &text);
        assert_string_equal(text.data, move);
    }
    buf_free(&text);
    buf_free(&a);
    buf_free(&b);
}

static void same_bytes_and_other_lines_are_no_change(void **state) {
    (void)state;
    check_change(SORRY, SORRY, CHANGES_NOTHING, NULL);
    struct buf moved = {0}, was = SORRY;
    struct rec_field f;
    for (struct sori_str rest = buf_view(&was); rec_next(&rest, &f) == 1;) {
        if (f.tag == DEC_WHERE)
            rec_str(&moved, DEC_WHERE, str_c("rules/b.lua:99"));
        else if (f.tag == DEC_TRACE)
            rec_int(&moved, DEC_TRACE, 43);
        else if (f.type == REC_INT)
            rec_int(&moved, f.tag, f.i);
        else if (f.type == REC_STR)
            rec_str(&moved, f.tag, f.s);
        else
            rec_rec(&moved, f.tag, f.s);
    }
    rec_str(&moved, DEC_LABEL, str_c("topic.delivery"));
    check_change(was, moved, CHANGES_NOTHING, NULL);
}

static void another_name_is_a_rename(void **state) {
    (void)state;
    check_change(SORRY, decision(DECISION_DECIDED, "apology", "apologise", sorry, 3), CHANGES_NAME,
                 NULL);
    struct buf noted = SORRY;
    rec_str(&noted, DEC_NOTE, str_c("many readers"));
    check_change(SORRY, noted, CHANGES_NAME, NULL);
}

static void what_is_done_is_a_change(void **state) {
    (void)state;
    struct intent other[3];
    memcpy(other, sorry, sizeof other);
    other[2].value = 5400000;
    check_change(SORRY, decision(DECISION_DECIDED, "unhappy", "apologise", other, 3),
                 CHANGES_MEANING, "clock 1h → clock 90m");
    memcpy(other, sorry, sizeof other);
    other[0].text = "정말 죄송합니다";
    check_change(SORRY, decision(DECISION_DECIDED, "unhappy", "apologise", other, 3),
                 CHANGES_MEANING, "words of reply sorry");
    check_change(SORRY, decision(DECISION_DECIDED, "unhappy", "apologise", sorry, 2),
                 CHANGES_MEANING, "clock 1h → nothing");
    const struct intent turned[] = {sorry[1], sorry[0], sorry[2]};
    check_change(SORRY, decision(DECISION_DECIDED, "unhappy", "apologise", turned, 3),
                 CHANGES_MEANING, "the order of what is done");
    check_change(SORRY, decision(DECISION_DECIDED, "unhappy", "monitor", sorry, 3), CHANGES_MEANING,
                 "direction: apologise → monitor");
    check_change(SORRY, decision(DECISION_NONE, NULL, NULL, NULL, 0), CHANGES_MEANING,
                 "decided: reply sorry, assign support, clock 1h → no rule");
    check_change(decision(DECISION_NONE, NULL, NULL, NULL, 0),
                 decision(DECISION_DECIDED, "let it stand", NULL, NULL, 0), CHANGES_MEANING,
                 "no rule → decided");
    check_change(SORRY, decision(DECISION_HELD, "unhappy", NULL, NULL, 0), CHANGES_MEANING,
                 "decided: reply sorry, assign support, clock 1h → held, stopped");
}

/* A report shows the words themselves, where they are all that differs. */
static void words_before_and_after(void **state) {
    (void)state;
    struct intent other[3];
    memcpy(other, sorry, sizeof other);
    other[0].text = "정말 죄송합니다";
    struct buf was = SORRY, is = decision(DECISION_DECIDED, "unhappy", "apologise", other, 3);
    struct sori_str before, after;
    assert_true(change_texts(buf_view(&was), buf_view(&is), &before, &after));
    assert_true(str_is(before, sorry[0].text) && str_is(after, "정말 죄송합니다"));
    assert_false(change_texts(buf_view(&was), buf_view(&was), &before, &after));
    buf_free(&is);
    memcpy(other, sorry, sizeof other);
    other[2].value = 5400000;
    is = decision(DECISION_DECIDED, "unhappy", "apologise", other, 3);
    assert_false(change_texts(buf_view(&was), buf_view(&is), &before, &after));
    buf_free(&was);
    buf_free(&is);
}

static void what_it_does_fits_a_line(void **state) {
    (void)state;
    struct intent many[40];
    struct buf text = {0}, d;
    for (size_t i = 0; i < 40; i++) many[i] = (struct intent){VERB_TAG, "배송이 늦습니다", NULL, 0};
    d = decision(DECISION_DECIDED, "r", NULL, many, 40);
    change_does(buf_view(&d), &text);
    assert_true(text.len <= CHANGE_WORDS);
    buf_free(&d);
    buf_clear(&text);
    d = decision(DECISION_NONE, NULL, NULL, many, 1);
    change_does(buf_view(&d), &text);
    assert_string_equal(text.data, "no rule: tag 배송이 늦습니다");
    buf_free(&d);
    buf_free(&text);
}

static void the_conditions_that_made_the_difference(void **state) {
    (void)state;
    static const char then[] = "note \"long\" (rules/a.lua:2)\n"
                               "  ✓ words: wanted 배송, saw \"배송\"\n"
                               "  → applies\n"
                               "rule \"unhappy\" (rules/a.lua:4)\n"
                               "  ✓ tone: wanted negative, saw negative\n"
                               "  → decides\n"
                               "decision: decided by rule \"unhappy\" (rules/a.lua:4)\n";
    static const char now[] = "note \"long\" (rules/a.lua:2)\n"
                              "  ✓ words: wanted 배송, saw \"배송\"\n"
                              "  → applies\n"
                              "rule \"unhappy\" (rules/a.lua:4)\n"
                              "  ✗ tone: wanted positive, saw negative\n"
                              "rule \"rest\" (rules/a.lua:9)\n"
                              "  → decides\n";
    struct buf out = {0};
    differ_put(str_c(then), str_c(now), SORI_STR("\"unhappy\", \"rest\""),
               SORI_STR("\"unhappy\", \"rest\""), &out);
    assert_string_equal(out.data, "now rule \"unhappy\": ✗ tone: wanted positive, saw negative\n");
    buf_clear(&out);
    differ_put(str_c(then), str_c(now), SORI_STR("\"unhappy\""), SORI_STR("\"rest\""), &out);
    assert_non_null(strstr(out.data, "rule \"rest\" is new"));
    buf_clear(&out);
    differ_put(str_c(then), SORI_STR(""), SORI_STR("\"unhappy\""), SORI_STR("\"unhappy 2\""), &out);
    assert_non_null(strstr(out.data, "rule \"unhappy\" is not there any more"));
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_and_other_lines_are_no_change),
        cmocka_unit_test(another_name_is_a_rename),
        cmocka_unit_test(what_is_done_is_a_change),
        cmocka_unit_test(words_before_and_after),
        cmocka_unit_test(what_it_does_fits_a_line),
        cmocka_unit_test(the_conditions_that_made_the_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
