/* uses: sori_lua sori_base */
/* Directions, labels from lists of words, and what a reply is given. */
#include "policy/bundle.h"

static void no_policy(const char *const *files, const char *wanted) {
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (p || strcmp(errors.data, wanted) != 0)
        fail_msg("got    %swanted %s", errors.data ? errors.data : "nothing\n", wanted);
    buf_free(&errors);
}

/* The values of one repeated text field, with commas. */
static struct buf texts_of(struct sori_str record, uint32_t tag) {
    struct buf b = {0};
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag && f.type == REC_STR) buf_printf(&b, "%s%.*s", b.len ? "," : "", STR(f.s));
    if (!b.data) buf_puts(&b, "");
    return b;
}

static void expect_field(struct policy *p, const char *json, uint32_t tag, const char *wanted) {
    struct buf d = decide(p, json), got = texts_of(buf_view(&d), tag);
    if (strcmp(got.data, wanted) != 0)
        fail_msg("%s: field %u is \"%s\", wanted \"%s\"", json, tag, got.data, wanted);
    buf_free(&d), buf_free(&got);
}

static void expect_why(struct policy *p, const char *json, const char *part) {
    struct buf why = {0}, facts = facts_of(json);
    policy_explain(p, buf_view(&facts), &why);
    if (!strstr(why.data, part)) fail_msg("%s is not in\n%s", part, why.data);
    buf_free(&why), buf_free(&facts);
}

static void directions(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:note \"n\" { direction = \"notify\", when = { kind = \"message\" }, act = tag "
              "\"m\" }\n"
              "care:note \"plain\" { when = {}, act = tag \"p\" }\n"
              "care:rule \"a\" { direction = \"support\", when = { tone = \"negative\" }, act = {} "
              "}\n"
              "care:rule \"b\" { when = { tone = \"positive\" }, act = {} }\n");
    struct policy *p = must_load(files);
    expect_field(p, "{\"tone\": \"negative\", \"kind\": \"message\"}", DEC_DIRECTION, "support");
    expect_field(p, "{\"tone\": \"positive\", \"kind\": \"message\"}", DEC_DIRECTION, "notify");
    expect_field(p, "{\"kind\": \"message\"}", DEC_DIRECTION, "notify");
    expect_field(p, "{\"tone\": \"positive\"}", DEC_DIRECTION, "");
    expect_why(p, "{\"tone\": \"negative\"}",
               "decision: decided by rule \"a\" (rules/care.lua:4)\n  direction support\n");
    policy_free(p);
    const char *wrong[] = FILES("care:rule \"a\" { when = {},\n  direction = \"suport\",\n  act = "
                                "{} }\n");
    no_policy(wrong, "rules/care.lua:3: rule \"a\": direction: there is no 'suport'; did you mean "
                     "'support'?\n");
    const char *number[] = FILES("care:rule \"a\" { when = {}, act = {}, direction = 3 }\n");
    no_policy(number, "rules/care.lua:2: rule \"a\": direction: a word is expected, like "
                      "\"support\", not a number\n");
}

static void labels_of_lists(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:level { likely = \"precision 80%\" }\n"
              "care:label { [\"topic.parcel\"] = { \"배송\", \"parcel\" },\n"
              "  [\"topic.delivery\"] = { \"택배\" }, [\"intent.threat\"] = \"소송\" }\n"
              "care:rule \"threat\" { when = { label = { [\"intent.threat\"] = \"likely\" } }, "
              "act = {} }\n"
              "care:rule \"sure\" { when = { label = { [\"topic.delivery\"] = 0.7 } }, act = {} }\n"
              "care:rule \"there\" { when = { label = { [\"topic.parcel\"] = true } }, act = {} }\n"
              "care:rule \"asked\" { when = { kind = \"message\" }, check = { why = \"no label\", "
              "function(i) return i.label[\"topic.parcel\"] == 0 and i.label[\"no.such\"] == nil "
              "end }, act = {} }\n"
              "care:rule \"not\" { when = { channel = \"x\", label = { [\"topic.parcel\"] = false "
              "} }, act = {} }\n");
    struct policy *p = must_load(files);
    expect_field(p, "{\"text\": \"소송을 하겠어요, 배송도 늦고\"}", DEC_RULE, "threat");
    expect_field(p, "{\"text\": \"소송을 하겠어요, 배송도 늦고\"}", DEC_LABEL,
                 "intent.threat,topic.parcel");
    expect_field(p, "{\"text\": \"택배가 안 와요\"}", DEC_RULE, "sure");
    expect_field(p, "{\"text\": \"my Parcel\"}", DEC_RULE, "there");
    expect_field(p, "{\"text\": \"my Parcel\"}", DEC_LABEL, "topic.parcel");
    expect_field(p, "{\"text\": \"hello\"}", DEC_RULE, "");
    expect_field(p, "{\"text\": \"hello\"}", DEC_LABEL, "");
    expect_field(p, "{\"text\": \"hello\", \"kind\": \"message\"}", DEC_RULE, "asked");
    expect_field(p, "{\"text\": \"hello\", \"channel\": \"x\"}", DEC_RULE, "not");
    /* Without a text nothing is known, and what is not known is neither there nor not there. */
    expect_field(p, "{\"channel\": \"x\"}", DEC_RULE, "");
    /* A classifier's word counts, and the list is not asked. */
    expect_field(p, "{\"text\": \"택배\", \"labels\": {\"topic.delivery\": 0.2}}", DEC_RULE, "");
    expect_field(p, "{\"text\": \"택배\", \"labels\": {\"topic.delivery\": 0.2}}", DEC_LABEL, "");
    expect_field(p, "{\"text\": \"hello\", \"labels\": {\"topic.delivery\": 0.8}}", DEC_RULE,
                 "sure");
    expect_field(p, "{\"text\": \"hello\", \"labels\": {\"topic.parcel\": 0.5}}", DEC_RULE,
                 "there");
    expect_field(p, "{\"text\": \"hello\", \"labels\": {\"topic.parcel\": 0.4999}}", DEC_RULE, "");
    expect_why(p, "{\"text\": \"택배가 안 와요\"}",
               "label topic.delivery: \"택배\" is in the text (rules/care.lua:4)\n");
    expect_why(p, "{\"text\": \"택배가 안 와요\"}",
               "  ✓ topic.delivery: wanted at least 0.7000, saw \"택배\"\n");
    expect_why(p, "{\"text\": \"hello\"}", "  ✗ topic.parcel: wanted there, saw none of them\n");
    expect_why(p, "{\"text\": \"hello\"}",
               "  ✗ intent.threat: wanted likely, at least 1.0000, saw none of them\n");
    policy_free(p);
}

static void wrong_labels(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:label { topic = { \"x\" }, [\"a.b\"] = {}, [\"c.d\"] = 4, [7] = \"x\",\n"
              "  [\"e.f\"] = \"x\" }\n"
              "care:label { [\"e.f\"] = \"y\", [\"g.h\"] = { 1 } }\n"
              "care:rule \"a\" { when = { label = { [\"e.g\"] = true } }, act = {} }\n");
    no_policy(files,
              "rules/care.lua:2: label: expected { [\"topic.delivery\"] = { \"word\", … } }\n"
              "rules/care.lua:2: label: expected a text or a list of 1 to 4,096 texts\n"
              "rules/care.lua:2: label: expected a text or a list of 1 to 4,096 texts\n"
              "rules/care.lua:2: label topic: a group, a dot and a name are expected, like "
              "\"topic.delivery\"\n"
              "rules/care.lua:4: label e.f has its words in rules/care.lua:3; one list holds them "
              "all\n"
              "rules/care.lua:4: label: entry 1 is no text\n"
              "rules/care.lua:5: rule \"a\": no classifier and no list of words gives the label "
              "'e.g'; available: tone.negative, tone.positive, intent.complaint, topic.delivery, "
              "e.f; did you mean 'e.f'?\n");
}

#define VOICE(text, windows)  "{\"text\": \"" text "\", \"windows\": {" windows "}}"
#define DELIVERY(hour, usual) "\"topic.parcel\": {\"hour\": " #hour ", \"usual\": " #usual "}"

static void surges(void **state) {
    (void)state;
    const char *files[] = FILES(
        "care:label { [\"topic.parcel\"] = \"배송\", [\"topic.refund\"] = \"환불\" }\n"
        "care:rule \"refund\" { when = { surge = { [\"topic.refund\"] = { at_least = 2 } } }, "
        "act = {} }\n"
        "care:rule \"any\" { when = { surge = { [\"topic.*\"] = { at_least = 5, times = 3 } } "
        "}, act = {} }\n");
    struct policy *p = must_load(files);
    expect_field(p, VOICE("배송이 늦어요", DELIVERY(14, 2.1)), DEC_RULE, "any");
    expect_field(p, VOICE("배송이 늦어요", DELIVERY(5, 1.66)), DEC_RULE, "any");
    expect_field(p, VOICE("배송이 늦어요", DELIVERY(5, 1.67)), DEC_RULE, "");
    expect_field(p, VOICE("배송이 늦어요", DELIVERY(4, 0)), DEC_RULE, "");
    expect_field(p, VOICE("배송이 늦어요", DELIVERY(5, 0)), DEC_RULE, "any");
    expect_field(p, VOICE("hello", DELIVERY(14, 2.1)), DEC_RULE, "");
    expect_field(p, VOICE("환불", DELIVERY(14, 2.1)), DEC_RULE, "");
    expect_field(p, VOICE("환불", "\"topic.refund\": {\"hour\": 2}"), DEC_RULE, "refund");
    expect_field(p, "{\"text\": \"배송\"}", DEC_RULE, "");
    /* By a classifier's label; and the second of two topics. */
    expect_field(p,
                 "{\"text\": \"x\", \"labels\": {\"topic.delivery\": 0.5}, \"windows\": "
                 "{\"topic.parcel\": {\"hour\": 99, \"usual\": 0}, \"topic.delivery\": "
                 "{\"hour\": 5, \"usual\": 1}}}",
                 DEC_RULE, "any");
    expect_field(p,
                 "{\"text\": \"x\", \"labels\": {\"topic.delivery\": 0.4}, \"windows\": "
                 "{\"topic.delivery\": {\"hour\": 5, \"usual\": 1}}}",
                 DEC_RULE, "");
    expect_why(p, VOICE("배송이 늦어요", DELIVERY(14, 2.1)),
               "  ✓ surge: wanted topic.* at least 5 in an hour and 3.00 times the usual, saw "
               "topic.parcel: 14 in the last hour, usually 2.1\n");
    expect_why(p, VOICE("배송이 늦어요", DELIVERY(4, 2.1)),
               "  ✗ surge: wanted topic.* at least 5 in an hour and 3.00 times the usual, saw "
               "topic.parcel: 4 in the last hour, usually 2.1\n");
    /* Of the first day nothing is a multiple. */
    expect_field(p, VOICE("배송", "\"topic.parcel\": {\"hour\": 99}"), DEC_RULE, "");
    expect_why(p, VOICE("배송", "\"topic.parcel\": {\"hour\": 99}"),
               "saw topic.parcel: 99 in the last hour, what is usual is known after 24 hours\n");
    expect_why(p, VOICE("hello", DELIVERY(14, 2.1)), "saw nothing of it in the last hour\n");
    policy_free(p);
    const char *wrong[] = FILES(
        "care:rule \"a\" { when = { surge = { [\"topic.parcl\"] = { at_least = 0 }, tone = {}, "
        "[1] = {} } }, act = {} }\n"
        "care:rule \"b\" { when = { surge = { [\"topic.*\"] = { at_leats = 1, times = \"3\", "
        "at_least = 1.5 } } }, act = {} }\n"
        "care:rule \"c\" { when = { surge = 5, surges = {} }, act = {} }\n"
        "care:rule \"d\" { when = { surge = { [\"topic.*\"] = 5 } }, act = {} }\n"
        "care:cell { surge = { per = \"contact\", type = \"int\", keep = \"1d\" } }\n");
    no_policy(
        wrong,
        "rules/care.lua:6: cell surge: this is the name of a fact; choose another\n"
        "rules/care.lua:2: rule \"a\": surge: expected { [\"topic.*\"] = { at_least = 5, "
        "times = 3 } }\n"
        "rules/care.lua:2: rule \"a\": surge: windows are counted of topics: "
        "\"topic.delivery\", or \"topic.*\" for each of them, is expected, not 'tone'\n"
        "rules/care.lua:2: rule \"a\": no classifier and no list of words gives the label "
        "'topic.parcl'; available: tone.negative, tone.positive, intent.complaint, "
        "topic.delivery\n"
        "rules/care.lua:3: rule \"b\": surge: at_least is a number, like { at_least = 5, "
        "times = 3 }\n"
        "rules/care.lua:3: rule \"b\": surge: unknown bound 'at_leats'; expected at_least and "
        "times; did you mean 'at_least'?\n"
        "rules/care.lua:3: rule \"b\": surge: times is a number, like { at_least = 5, times = "
        "3 }\n"
        "rules/care.lua:4: rule \"c\": surge: expected { [\"topic.*\"] = { at_least = 5, "
        "times = 3 } }\n"
        "rules/care.lua:4: rule \"c\": unknown condition 'surges'; expected a fact, a declared "
        "cell, label, words or surge; did you mean 'surge'?\n"
        "rules/care.lua:5: rule \"d\": surge: expected { at_least = 5, times = 3 }, not a "
        "number\n");
}

/* Figures of windows may be anything, and so may be the number of labels. */
static void hostile_windows(void **state) {
    (void)state;
    const char *files[] = FILES(
        "local lists = {} for n = 1, 64 do lists[\"topic.n\" .. n] = { \"배송\", \"w\" .. n } "
        "end\n"
        "care:label(lists)\n"
        "care:rule \"a\" { when = { surge = { [\"topic.*\"] = { at_least = 1000000000, times = "
        "1000000 } } }, act = {} }\n");
    struct policy *p = must_load(files);
    static const int64_t odd[] = {INT64_MIN, -1, 0, 1, 999999999, 1000000000, INT64_MAX};
    enum { ODD = sizeof odd / sizeof *odd };
    for (int i = 0; i < ODD * ODD * ODD; i++) {
        struct buf facts = {0}, d = {0}, why = {0};
        rec_int(&facts, FACT_ON, ENTRY_SAID);
        rec_str(&facts, FACT_TEXT, str_c("배송이 늦어요"));
        size_t mark = rec_begin(&facts, FACT_WINDOW);
        rec_str(&facts, 1, str_c(i % 2 ? "topic.n7" : "topic.n64"));
        rec_int(&facts, 2, odd[i % ODD]);
        rec_int(&facts, 3, odd[i / ODD % ODD]);
        rec_int(&facts, 4, odd[i / ODD / ODD]);
        rec_end(&facts, mark);
        rec_rec(&facts, FACT_WINDOW, SORI_STR("\x09\xff"));
        policy_decide(p, buf_view(&facts), &d);
        policy_explain(p, buf_view(&facts), &why);
        int64_t status = rec_get_int(buf_view(&d), DEC_STATUS, 0);
        assert_true(status == DECISION_DECIDED || status == DECISION_NONE);
        struct buf found = texts_of(buf_view(&d), DEC_LABEL);
        assert_non_null(strstr(found.data, "topic.n64"));
        buf_free(&facts), buf_free(&d), buf_free(&why), buf_free(&found);
    }
    policy_free(p);
    const char *many[] =
        FILES("local lists = {} for n = 1, 65 do lists[\"topic.n\" .. n] = \"x\" end\n"
              "care:label(lists)\n");
    no_policy(many, "rules/care.lua:3: more than 64 labels in one bundle\n");
}

/* Tests of a bundle can ask for all of it. */
static void asked_in_tests(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        "return { \"rules/care\" }",
        "rules/care.lua",
        "local care = sori.policy \"care\"\n"
        "care:label { [\"topic.parcel\"] = \"배송\" }\n"
        "care:rule \"surge\" { when = { kind = \"message\", surge = { [\"topic.parcel\"] = { times "
        "= 3.6 } } }, act = {} }\n"
        "care:rule \"a\" { direction = \"answer\", when = { label = { [\"topic.parcel\"] = true } "
        "}, act = reply \"fact\" }\nreturn care\n",
        "replies/fact.ko.md",
        "---\ngoal: inform\nsource: https://a.kr\n---\nyes",
        "tests/care_test.lua",
        "local care = sori.policy \"care\"\n"
        "care:case \"good\" { given = { text = \"배송이\" }, expect = { direction = \"answer\", "
        "labels = { \"topic.parcel\" }, goal = \"inform\", source = \"https://a.kr\" } }\n"
        "care:case \"surge\" { given = { text = \"배송\", kind = \"message\", windows = { "
        "[\"topic.parcel\"] = { hour = 9, usual = 2.5 } } }, expect = { rule = \"surge\" } }\n"
        "care:case \"none\" { given = { text = \"x\" }, expect = { direction = false, goal = "
        "false, "
        "source = false, labels = {} } }\n"
        "care:case \"bad\" { given = { text = \"배송이\" }, expect = { direction = \"thank\", goal "
        "= \"guide\", labels = { \"topic.refund\" }, source = false } }\n",
        NULL};
    static const char *const told[] = {"direction: expected \"thank\", got \"answer\"",
                                       "goal: expected \"guide\", got \"inform\"",
                                       "labels: expected topic.refund, got without it",
                                       "source: expected none, got \"https://a.kr\""};
    struct buf bundle = make_bundle(files), env = make_env(), report = {0};
    struct policy_report counts = {0};
    assert_false(policy_test(buf_view(&bundle), buf_view(&env), false, &report, &counts));
    assert_int_equal(counts.passed, 3);
    assert_int_equal(counts.failed, 1);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strstr(report.data, told[i])) fail_msg("%s is not in\n%s", told[i], report.data);
    buf_free(&bundle), buf_free(&env), buf_free(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions),      cmocka_unit_test(labels_of_lists),
        cmocka_unit_test(wrong_labels),    cmocka_unit_test(surges),
        cmocka_unit_test(hostile_windows), cmocka_unit_test(asked_in_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
