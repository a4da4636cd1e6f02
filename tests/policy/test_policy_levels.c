/* uses: sori_lua sori_base */
/* Levels: `likely = "precision 80%"` becomes the score from which every model that gives the label
 * is right that often; where one of them never is, the bundle is refused with what it reaches. */
#include "bundle.h"

#include <string.h>

struct curve {
    const char *label, *model;
    int points[3][3]; /* precision, threshold, rows */
};

static const struct curve two_models[] = {
    {"tone.negative", "ko", {{7000, 1828, 1422}, {8000, 4052, 160}, {9000, 7764, 79}}},
    {"tone.positive", "ko", {{7000, 5837, 55}, {7800, 7645, 40}}},
    {"tone.negative", "en", {{7000, 5020, 275}, {8400, 9099, 1042}}},
    {"tone.positive", "en", {{9500, 8404, 369}}},
    {"tone.neutral", "en", {{8800, 8471, 34}}},
    {"topic.delivery", "ko", {{0}}},
    {"topic.delivery", "en", {{9000, 5000, 50}}},
};

static struct buf env_of(const struct curve *curves, size_t n) {
    struct buf e = {0};
    for (size_t i = 0; i < n; i++) {
        size_t mark = rec_begin(&e, ENV_LABEL);
        rec_str(&e, 1, str_c(curves[i].label));
        for (int k = 0; k < 3 && curves[i].points[k][0]; k++) {
            size_t point = rec_begin(&e, 2);
            for (int j = 0; j < 3; j++) rec_int(&e, (uint32_t)j + 1, curves[i].points[k][j]);
            rec_end(&e, point);
        }
        rec_str(&e, 3, str_c(curves[i].model));
        rec_end(&e, mark);
    }
    return e;
}

static struct policy *load_with(const char *rules, const struct buf *env, struct buf *errors) {
    const char *files[] = FILES("");
    char text[2048];
    snprintf(text, sizeof text, "local care = sori.policy \"care\"\n%s\nreturn care\n", rules);
    files[3] = text;
    struct buf bundle = make_bundle(files);
    struct policy *p = policy_load(buf_view(&bundle), buf_view(env), errors);
    buf_free(&bundle);
    return p;
}

static struct policy *with_models(const char *rules, size_t models, struct buf *errors) {
    struct buf env = env_of(two_models, models);
    struct policy *p = load_with(rules, &env, errors);
    buf_free(&env);
    return p;
}
enum { ALL = sizeof two_models / sizeof two_models[0] };

static const char rules[] =
    "care:level { maybe = \"precision 70%\", likely = \"precision 80%\", mine = 0.31 }\n"
    "care:rule \"likely\" { when = { label = { [\"tone.negative\"] = \"likely\" } },\n"
    "                        act = { tag \"likely\" } }\n"
    "care:rule \"maybe\" { when = { label = { [\"tone.negative\"] = \"maybe\" } },\n"
    "                       act = { tag \"maybe\" } }\n"
    "care:rule \"mine\" { when = { label = { [\"tone.negative\"] = \"mine\" } },\n"
    "                      act = { tag \"mine\" } }\n";

static void decides(struct policy *p, int score, const char *rule) {
    struct buf facts = {0}, decision = {0};
    char json[200];
    snprintf(
        json, sizeof json,
        "{\"kind\":\"comment\",\"text\":\"배송이 늦어요\",\"labels\":{\"tone.negative\":%d.%04d}}",
        score / 10000, score % 10000);
    facts = facts_of(json);
    policy_decide(p, buf_view(&facts), &decision);
    struct sori_str got = rec_get_str(buf_view(&decision), DEC_RULE);
    char text[64];
    snprintf(text, sizeof text, "%.*s", STR(got));
    assert_string_equal(text, rule);
    buf_free(&facts);
    buf_free(&decision);
}

static void one_model_gives_its_threshold(void **state) {
    (void)state;
    struct buf errors = {0};
    struct policy *p = with_models(rules, 1, &errors);
    if (!p) fail_msg("%s", errors.data);
    decides(p, 4052, "likely");
    decides(p, 4051, "maybe");
    decides(p, 3100, "maybe");
    decides(p, 1827, "");
    policy_free(p);
    buf_free(&errors);
}

static void of_two_models_the_higher_one_counts(void **state) {
    (void)state;
    struct buf errors = {0}, plan = {0}, json = {0};
    struct policy *p = with_models(rules, ALL, &errors);
    if (!p) fail_msg("%s", errors.data);
    decides(p, 9099, "likely");
    decides(p, 9098, "maybe");
    decides(p, 5020, "maybe");
    decides(p, 5019, "mine");
    decides(p, 3099, "");
    policy_plan(p, &plan);
    assert_string_equal(plan.data,
                        "likely = precision 80 % → tone.negative ≥ 0.9099 (en 1,042 rows)\n"
                        "maybe = precision 70 % → tone.negative ≥ 0.5020 (en 275 rows)\n");
    policy_describe(p, &json);
    assert_non_null(strstr(json.data, "\"level\": \"likely\""));
    assert_non_null(strstr(json.data, "\"rows\": 1042"));
    assert_non_null(strstr(json.data, "\"model\": \"en\""));
    policy_free(p);
    buf_free(&errors);
    buf_free(&plan);
    buf_free(&json);
}

/* `why` shows the number that a level became. */
static void why_shows_the_number(void **state) {
    (void)state;
    struct buf errors = {0}, why = {0};
    struct policy *p = with_models(rules, ALL, &errors);
    struct buf facts = facts_of("{\"kind\":\"comment\",\"text\":\"배송이 늦어요\",\"labels\":"
                                "{\"tone.negative\":0.95}}");
    policy_explain(p, buf_view(&facts), &why);
    assert_non_null(strstr(why.data, "likely, at least 0.9099"));
    policy_free(p);
    buf_free(&facts);
    buf_free(&errors);
    buf_free(&why);
}

static void what_is_not_reached_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *rules, *error;
    } cases[] = {
        {"care:level { sure = \"precision 95%\" }\n"
         "care:rule \"x\" { when = { label = { [\"tone.negative\"] = \"sure\" } }, act = { tag "
         "\"a\" } }",
         "rules/care.lua:3: rule \"x\": label tone.negative never reaches \"sure\" (precision 95%) "
         "with the model ko; its best is 90%: ask for no more than that, or train the model with "
         "more examples\n"},
        {"care:level { good = \"precision 85%\" }\n"
         "care:rule \"x\" { when = { label = { [\"tone.negative\"] = \"good\" } }, act = { tag "
         "\"a\" } }",
         "rules/care.lua:3: rule \"x\": label tone.negative never reaches \"good\" (precision 85%) "
         "with the model en; its best is 84%: ask for no more than that, or train the model with "
         "more examples\n"},
        {"care:level { good = \"precision 85%\" }\n"
         "care:rule \"x\" { when = { label = { [\"topic.delivery\"] = \"good\" } }, act = { tag "
         "\"a\" } }",
         "rules/care.lua:3: rule \"x\": label topic.delivery: the model ko has no calibration for "
         "it, so \"good\" (precision 85%) cannot be found; give a number from 0 to 1\n"},
        {"care:rule \"x\" { when = { label = { [\"tone.angry\"] = 0.5 } }, act = { tag \"a\" } }",
         "rules/care.lua:2: rule \"x\": no classifier and no list of words gives the label "
         "'tone.angry'; available: "
         "tone.negative, tone.positive, tone.neutral, topic.delivery\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf errors = {0};
        assert_null(with_models(cases[i].rules, ALL, &errors));
        assert_string_equal(errors.data, cases[i].error);
        buf_free(&errors);
    }
}

/* `sori policy test DIR` has no models: a level is its own number, and no plan is made up. */
static void without_models_a_level_is_its_number(void **state) {
    (void)state;
    struct buf env = {0}, errors = {0}, plan = {0};
    rec_int(&env, ENV_OPEN, POLICY_OPEN_LABELS);
    struct policy *p = load_with(rules, &env, &errors);
    if (!p) fail_msg("%s", errors.data);
    decides(p, 8000, "likely");
    decides(p, 7999, "maybe");
    policy_plan(p, &plan);
    assert_int_equal(plan.len, 0);
    policy_free(p);
    buf_free(&env);
    buf_free(&errors);
    buf_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_model_gives_its_threshold),
        cmocka_unit_test(of_two_models_the_higher_one_counts),
        cmocka_unit_test(why_shows_the_number),
        cmocka_unit_test(what_is_not_reached_is_refused),
        cmocka_unit_test(without_models_a_level_is_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
