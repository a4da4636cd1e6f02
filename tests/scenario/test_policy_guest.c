/* uses: sori_supervise sori_lua sori_base */
/* The policy worker: a bundle is loaded and tested, entries are decided in order, a bad bundle is
 * refused with its place. */
#include "guest_lab.h"

#include "policy/bundle.h"
#include "sori/plugin.h"

static const char *const good[] = {
    "init.lua", "return { \"rules/care\" }", "rules/care.lua",
    "local care = sori.policy \"care\"\n"
    "care:rule \"a question\" { when = { kind = \"message\" }, act = { assign \"support\" } }\n"
    "return care\n",
    NULL};
static const char *const bad[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                                  "local care = sori.policy \"care\"\ncare:rule \"x\" {\n", NULL};

static void start(struct lab *lab, struct event_base *base) {
    lab_start(lab, base, GUEST_POLICY, "policy", NULL, true);
    assert_true(lab_until(lab, &lab->ready, 1, 20000));
}

static void load_bundle(struct lab *lab, const char *const *files) {
    struct buf bundle = make_bundle(files), env = make_env(), b = {0};
    rec_str(&b, LOAD_BUNDLE, buf_view(&bundle));
    rec_rec(&b, LOAD_ENV, buf_view(&env));
    rec_int(&b, LOAD_RUN_TESTS, 1);
    assert_true(lab_ask(lab, M_POLICY_LOAD, &b, 20000));
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&b);
}

static void put_facts(struct buf *b, int kind) {
    struct buf facts = {0};
    rec_int(&facts, FACT_ON, ENTRY_SAID);
    rec_int(&facts, FACT_KIND, kind);
    rec_str(&facts, FACT_TEXT, str_c("배송은 언제 오나요?"));
    rec_str(b, DECIDE_FACTS, buf_view(&facts));
    buf_free(&facts);
}

static void test_decides_in_order(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start(&lab, base);
    load_bundle(&lab, good);
    assert_int_equal(lab.status, SORI_OK);
    assert_true(rec_get_str(buf_view(&lab.done), LOAD_INFO).len > 0);
    struct buf b = {0};
    for (int i = 0; i < 1500; i++) put_facts(&b, i % 2 ? KIND_MESSAGE : KIND_COMMENT);
    assert_true(lab_ask(&lab, M_DECIDE, &b, 20000));
    struct sori_str at = buf_view(&lab.done);
    struct rec_field f;
    int n = 0;
    while (rec_next(&at, &f) == 1) {
        if (f.tag != DECIDE_DECISION || f.type != REC_STR) continue;
        int64_t wanted = n++ % 2 ? DECISION_DECIDED : DECISION_NONE;
        assert_int_equal(rec_get_int(f.s, DEC_STATUS, 0), wanted);
    }
    assert_int_equal(n, 1500);
    /* One in 1,000 is decided again in a spare state, which is renewed after 64 of them: each time
     * the decision is the same. */
    for (int round = 0; round < 44; round++) {
        assert_true(lab_ask(&lab, M_DECIDE, &b, 20000));
        assert_int_equal(lab.status, SORI_OK);
        assert_int_equal(rec_get_int(buf_view(&lab.done), DECIDE_UNSTABLE, 0), 0);
    }
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

/* The answer to a load lists what its levels became, for whoever asked for the reload. */
static void test_says_what_levels_mean(void **state) {
    (void)state;
    static const char *const levels[] = {
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",
        "local care = sori.policy \"care\"\n"
        "care:level { likely = \"precision 80%\" }\n"
        "care:rule \"sad\" { when = { label = { [\"tone.negative\"] = \"likely\" } },\n"
        "                   act = { assign \"support\" } }\n"
        "return care\n",
        NULL};
    struct event_base *base = event_base_new();
    struct lab lab;
    start(&lab, base);
    load_bundle(&lab, levels);
    assert_int_equal(lab.status, SORI_OK);
    char plan[200];
    snprintf(plan, sizeof plan, "%.*s", STR(rec_get_str(buf_view(&lab.done), LOAD_PLAN)));
    assert_string_equal(plan, "likely = precision 80 % → tone.negative ≥ 0.6500 (0 rows)\n");
    load_bundle(&lab, good);
    assert_int_equal(rec_get_str(buf_view(&lab.done), LOAD_PLAN).len, 0);
    lab_end(&lab);
    event_base_free(base);
}

static void test_refuses_a_bad_bundle(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start(&lab, base);
    load_bundle(&lab, bad);
    assert_int_equal(lab.status, SORI_CONFIG);
    struct sori_str error = rec_get_str(buf_view(&lab.done), LOAD_ERROR);
    assert_true(error.len > 15 && memcmp(error.ptr, "rules/care.lua:", 15) == 0);
    struct buf b = {0};
    put_facts(&b, KIND_MESSAGE);
    assert_true(lab_ask(&lab, M_DECIDE, &b, 5000));
    assert_int_equal(lab.status, SORI_PERMANENT);
    load_bundle(&lab, good); /* the same process takes a good one afterwards */
    assert_int_equal(lab.status, SORI_OK);
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_decides_in_order),
                                       cmocka_unit_test(test_says_what_levels_mean),
                                       cmocka_unit_test(test_refuses_a_bad_bundle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
