/* uses: sori_lua sori_base PkgConfig::JANSSON */
/* clock, pause_clock and stop_clock: what they take, what becomes of them, what is said about the
 * rest; office hours and the clock as facts. */
#include "bundle.h"

#include <string.h>

static struct policy *load_clock(const char *act, struct buf *errors) {
    char text[512];
    snprintf(text, sizeof text,
             "local care = sori.policy \"care\"\n"
             "care:rule \"r\" { when = { kind = \"comment\" }, act = { %s } }\nreturn care\n",
             act);
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", text, NULL};
    struct buf bundle = make_bundle(files), env = make_env();
    rec_str(&env, ENV_CALENDAR, str_c("night"));
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), errors);
    buf_free(&bundle);
    buf_free(&env);
    return p;
}

static void what_they_say(void **state) {
    static const struct {
        const char *act;
        int verb;
        const char *name, *text;
        int64_t value;
    } table[] = {
        {"clock \"60m\"", VERB_CLOCK, "", "", 3600000},
        {"clock { \"4h\", calendar = \"night\" }", VERB_CLOCK, "night", "", 14400000},
        {"clock { calendar = \"support\", \"1d\" }", VERB_CLOCK, "support", "", 86400000},
        {"pause_clock \"asked {author} for the number\"", VERB_PAUSE_CLOCK, "",
         "asked 김하나 for the number", 0},
        {"stop_clock()", VERB_STOP_CLOCK, "", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf errors = {0}, facts = {0}, decision = {0}, text = {0};
        struct policy *p = load_clock(table[i].act, &errors);
        if (!p) fail_msg("%s: %s", table[i].act, errors.data);
        rec_int(&facts, FACT_ON, ENTRY_SAID);
        rec_int(&facts, FACT_KIND, KIND_COMMENT);
        rec_int(&facts, FACT_ORIGIN, ORIGIN_PERSON);
        rec_str(&facts, FACT_AUTHOR, str_c("김하나"));
        policy_decide(p, buf_view(&facts), &decision);
        struct sori_str intent = rec_get_rec(buf_view(&decision), DEC_INTENT);
        assert_int_equal(rec_get_int(intent, INTENT_VERB, 0), table[i].verb);
        assert_true(str_is(rec_get_str(intent, INTENT_NAME), table[i].name));
        assert_true(str_is(rec_get_str(intent, INTENT_TEXT), table[i].text));
        assert_int_equal(rec_get_int(intent, INTENT_VALUE, 0), table[i].value);
        policy_explain(p, buf_view(&facts), &text);
        if (table[i].name[0]) assert_non_null(strstr(text.data, table[i].name));
        policy_free(p);
        buf_free(&errors);
        buf_free(&facts);
        buf_free(&decision);
        buf_free(&text);
    }
}

static void what_is_wrong(void **state) {
    static const char *const table[][2] = {
        {"clock { \"1h\", calendar = \"nigth\" }",
         "rules/care.lua:2: rule \"r\": clock: there is no calendar 'nigth'; expected a department "
         "or a calendar of sori.lua; did you mean 'night'?"},
        {"clock { calendar = \"night\" }",
         "clock: expected \"60m\" or { \"60m\", calendar = \"NAME\" }"},
        {"clock { \"1h\", kalender = \"night\" }", "clock: expected \"60m\" or {"},
        {"clock { \"1h\", calendar = 5 }", "clock: expected \"60m\" or {"},
        {"clock { \"soon\" }", "clock: 'soon' is no span; expected \"30m\", \"2h\" or \"7d\""},
        {"clock(60)", "clock: expected \"60m\" or {"},
        {"clock \"0m\"", "clock: '0m' is no span"},
        {"pause_clock()", "pause_clock: a text is expected, not"},
        {"pause_clock \"{nobody}\"", "unknown slot {nobody}"},
        {"stop_clock \"now\"", "stop_clock takes nothing; write stop_clock()"},
        {"stop_clock", "an intention stands without its brackets"},
    };
    (void)state;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf errors = {0};
        struct policy *p = load_clock(table[i][0], &errors);
        if (p || !errors.data || !strstr(errors.data, table[i][1])) {
            print_error("%s\n  said: %s\n  not:  %s\n", table[i][0], errors.data, table[i][1]);
            failed++;
        }
        if (p) policy_free(p);
        buf_free(&errors);
    }
    assert_int_equal(failed, 0);
}

static void facts_of_time(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:rule \"closed\" { when = { hours_open = false }, act = tag \"a\" }\n"
              "care:rule \"late\" { when = { clock = { \"breached\", \"due_soon\" } },"
              " act = tag \"b\" }\n");
    struct policy *p = must_load(files);
    static const struct {
        int64_t open, clock;
        const char *rule;
    } table[] = {{0, CLOCK_BREACHED, "closed"}, {1, CLOCK_BREACHED, "late"},
                 {1, CLOCK_DUE_SOON, "late"},   {1, CLOCK_RUNNING, ""},
                 {1, CLOCK_PAUSED, ""},         {-1, CLOCK_MET, ""}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf facts = {0}, decision = {0};
        rec_int(&facts, FACT_ON, ENTRY_SAID);
        rec_int(&facts, FACT_ORIGIN, ORIGIN_PERSON);
        if (table[i].open >= 0) rec_int(&facts, FACT_HOURS_OPEN, table[i].open);
        rec_int(&facts, FACT_CLOCK, table[i].clock);
        policy_decide(p, buf_view(&facts), &decision);
        assert_true(str_is(rec_get_str(buf_view(&decision), DEC_RULE), table[i].rule));
        buf_free(&facts);
        buf_free(&decision);
    }
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_they_say),
                                       cmocka_unit_test(what_is_wrong),
                                       cmocka_unit_test(facts_of_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
