/* uses: sori_lua sori_base */
/* What tools see of a bundle: its own tests, its description, and the JSON of an interaction. */
#include "policy/bundle.h"

#include <jansson.h>

static void tests_of_a_bundle(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        "return { \"rules/care\" }",
        "rules/care.lua",
        "local care = sori.policy \"care\"\ncare:rule \"all\" { when = {}, act = { tag \"a\", "
        "clock \"5430s\" } }\nreturn care",
        "tests/care_test.lua",
        "local care = sori.policy \"care\"\n"
        "care:case \"good\" { given = { text = \"x\" }, expect = { rule = \"all\", tag = \"a\", "
        "clock = \"5430s\", silent = true, reply = false } }\n"
        "care:case \"bad\" { given = { text = \"x\" }, expect = { rule = \"some\", tag = { \"a\", "
        "\"b\" }, reply = \"sorry\", notse = {} } }\n",
        NULL};
    struct buf bundle = make_bundle(files), env = make_env(), report = {0};
    struct policy_report counts = {0};
    assert_false(policy_test(buf_view(&bundle), buf_view(&env), false, &report, &counts));
    assert_int_equal(counts.passed, 1);
    assert_int_equal(counts.failed, 1);
    assert_string_equal(report.data,
                        "tests/care_test.lua:3: \"bad\" fails:\n"
                        "    notse: expected notes, got a word that a test does not know\n"
                        "    reply: expected \"sorry\", got none\n"
                        "    rule: expected \"some\", got \"all\"\n"
                        "    tag: expected \"b\", got \"a\"\n"
                        "    there is no rule \"some\"\n"
                        "    decided: decided by \"all\" (rules/care.lua:2)\n"
                        "      tag \"a\"\n"
                        "      clock 1 h 30 min 30 s\n"
                        "1 passed, 1 failed\n");
    buf_clear(&report);
    policy_test(buf_view(&bundle), buf_view(&env), true, &report, &counts);
    json_t *j = json_loads(report.data, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(j, "failed")), 1);
    assert_int_equal(json_array_size(json_object_get(j, "items")), 2);
    json_decref(j);
    buf_free(&bundle), buf_free(&env), buf_free(&report);
}

static void described(void **state) {
    (void)state;
    const char *files[] = FILES("care:level { likely = \"precision 80%\" }\n"
                                "care:rule \"a\" { when = { label = { [\"intent.complaint\"] = "
                                "\"likely\" } }, act = { reply \"sorry\", assign \"lead\" } }\n");
    struct policy *p = must_load(files);
    struct buf json = {0};
    policy_describe(p, &json);
    json_t *j = json_loads(json.data, 0, NULL);
    assert_non_null(j);
    json_t *label = json_array_get(json_object_get(j, "labels"), 0);
    assert_string_equal(json_string_value(json_object_get(label, "label")), "intent.complaint");
    assert_true(json_number_value(json_object_get(label, "threshold")) == 0.65);
    assert_string_equal(json_string_value(json_array_get(json_object_get(j, "departments"), 0)),
                        "lead");
    assert_int_equal(json_array_size(json_object_get(j, "replies")), 2);
    assert_non_null(strstr(json_string_value(json_object_get(j, "warnings")), "no tests"));
    json_decref(j);
    buf_free(&json);
    policy_free(p);
}

static void json_of_interactions(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{\"kind\": \"coment\"}",
                                      "{\"facts\": {\"knid\": 1}}",
                                      "{\"facts\": 3}",
                                      "{\"labels\": {\"a\": 2e9}}",
                                      "{\"cells\": {\"a\": \"b\"}}",
                                      "{\"said_at\": \"yesterday\"}",
                                      "{\"text\": 5}",
                                      "{\"contact\": {\"influencer\": \"yes\"}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buf facts = {0};
        struct err err = {""};
        assert_false(policy_facts_from_json(str_c(bad[i]), &facts, &err));
        assert_true(err.text[0] && facts.len == 0);
        buf_free(&facts);
    }
    struct buf facts = facts_of(
        "{\"id\": 900, \"channel\": \"blog\", \"kind\": \"comment\", \"origin\": \"person\", "
        "\"share\": \"\", \"author\": {\"id\": \"7\", \"name\": \"민지\", \"reach\": 10},"
        " \"contact\": {\"id\": 3, \"relationship\": \"loyal\", \"influencer\": true}, \"text\": "
        "\"소리\", \"said_at\": \"2026-11-22T03:05:00Z\", \"title\": null}");
    struct sori_str r = buf_view(&facts);
    assert_int_equal(rec_get_int(r, FACT_RELATIONSHIP, -1), RELATION_LOYAL);
    assert_int_equal(rec_get_int(r, FACT_ID, -1), 900);
    assert_int_equal(rec_get_int(r, FACT_SAID_AT, 0), 1795316700000);
    assert_int_equal(rec_get_int(r, FACT_ON, 0), ENTRY_SAID);
    assert_true(str_is(rec_get_str(r, FACT_AUTHOR), "민지"));
    buf_free(&facts);
    static const struct {
        const char *json;
        int tone;
    } tones[] = {{"{\"labels\": {\"tone.negative\": 0.9, \"tone.positive\": 0.1}}", TONE_NEGATIVE},
                 {"{\"labels\": {\"tone.negative\": 0.5, \"tone.positive\": 0.4}}", TONE_UNSURE},
                 {"{\"labels\": {\"tone.negative\": 0.9}, \"tone\": \"neutral\"}", TONE_NEUTRAL},
                 {"{\"labels\": {\"spam.yes\": 0.9}}", -1}};
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++) {
        facts = facts_of(tones[i].json);
        assert_int_equal(rec_get_int(buf_view(&facts), FACT_TONE, -1), tones[i].tone);
        buf_free(&facts);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tests_of_a_bundle),
                                       cmocka_unit_test(described),
                                       cmocka_unit_test(json_of_interactions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
