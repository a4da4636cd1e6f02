/* uses: sori_lua sori_base */
/* Cells that evolve by a candidate's own decisions (closed back-tests), and what a decision asked
 * for and did not find. */
#include "policy/bundle.h"

#include "lua/evolve.h"

static struct policy *policy_of_rules(const char *rules) {
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", rules, NULL};
    struct buf bundle = make_bundle(files), env = make_env(), errors = {0};
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    if (!p) fail_msg("%s", errors.data);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
    return p;
}

#define CARE                                                                                       \
    "local care = sori.policy \"care\"\n"                                                          \
    "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"1h\" },\n"                \
    "            talks = { per = \"case\", type = \"int\", keep = \"90d\" } }\n"

static struct buf facts_at(int64_t now, int64_t sorries, bool open) {
    struct buf b = {0};
    rec_int(&b, FACT_ON, ENTRY_SAID);
    rec_int(&b, FACT_KIND, KIND_COMMENT);
    rec_int(&b, FACT_NOW, now);
    if (open) rec_int(&b, FACT_CASE, KASE_OPEN);
    if (sorries) {
        size_t mark = rec_begin(&b, FACT_CELL);
        rec_str(&b, 1, SORI_STR("sorries"));
        rec_int(&b, 2, sorries);
        rec_end(&b, mark);
    }
    rec_str(&b, FACT_TEXT, SORI_STR("배송이 늦어요"));
    return b;
}

struct world {
    struct evolve *e;
    struct policy *then, *now;
};

/* One entry: what was decided then is made by the policy of then. Returns the rule of now. */
static char *step(struct world *w, int64_t contact, int64_t at, int64_t recorded, bool open) {
    static char rule[64];
    struct buf facts = facts_at(at, recorded, open), was = {0}, is = {0}, room = {0};
    policy_decide(w->then, buf_view(&facts), &was);
    struct sori_str seen = evolve_facts(w->e, contact, buf_view(&facts), &room);
    policy_decide(w->now, seen, &is);
    evolve_decided(w->e, contact, seen, buf_view(&was), buf_view(&is));
    snprintf(rule, sizeof rule, "%.*s", STR(rec_get_str(buf_view(&is), DEC_RULE)));
    buf_free(&facts);
    buf_free(&was);
    buf_free(&is);
    buf_free(&room);
    return rule;
}

static struct world world_of(const char *then, const char *now) {
    return (struct world){evolve_new(), policy_of_rules(then), policy_of_rules(now)};
}
static void end(struct world *w) {
    evolve_free(w->e);
    policy_free(w->then);
    policy_free(w->now);
}

#define COUNTS                                                                                     \
    "care:rule \"again\" { when = { sorries = { at_least = 2 } }, act = { assign \"support\" } "   \
    "}\n"                                                                                          \
    "care:rule \"sorry\" { when = { kind = \"comment\" }, act = { add \"sorries\" } }\nreturn "    \
    "care\n"

static void as_recorded_while_nothing_differs(void **state) {
    (void)state;
    struct world w = world_of(CARE COUNTS, CARE COUNTS);
    assert_string_equal(step(&w, 7, 1000, 0, false), "sorry");
    assert_string_equal(step(&w, 7, 2000, 1, false), "sorry");
    assert_string_equal(step(&w, 7, 3000, 2, false), "again");
    assert_int_equal(evolve_count(w.e), 0);
    end(&w);
}

static void its_own_from_the_first_difference_on(void **state) {
    (void)state;
    struct world w = world_of(CARE "care:rule \"thanks\" { when = { kind = \"message\" }, act = { "
                                   "tag \"x\" } }\nreturn care\n",
                              CARE COUNTS);
    /* Nothing was ever written then: the candidate counts by itself, each contact apart. */
    assert_string_equal(step(&w, 7, 1000, 0, false), "sorry");
    assert_string_equal(step(&w, 8, 1500, 0, false), "sorry");
    assert_string_equal(step(&w, 7, 2000, 0, false), "sorry");
    assert_string_equal(step(&w, 7, 3000, 0, false), "again");
    assert_string_equal(step(&w, 8, 3500, 0, false), "sorry");
    assert_string_equal(step(&w, 0, 3600, 0, false), "sorry"); /* nobody is counted for nobody */
    assert_int_equal(evolve_count(w.e), 2);
    /* An hour after the last write it has forgotten. */
    assert_string_equal(step(&w, 7, 3000 + 3600000, 0, false), "sorry");
    end(&w);
}

/* What was recorded of a case ends with that case. */
static void a_recorded_case_ends(void **state) {
    (void)state;
    struct world w = world_of(CARE "return care\n", CARE
                              "care:rule \"again\" { when = { talks = { at_least = 1 } }, act = "
                              "{ add \"sorries\" } }\ncare:rule \"new\" { when = {}, act = { "
                              "add \"sorries\" } }\nreturn care\n");
    static const struct {
        int64_t at;
        bool open;
        const char *rule;
    } steps[] = {
        {1000, true, "again"}, {2000, true, "again"}, {3000, false, "new"}, {4000, true, "new"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct buf facts = facts_at(steps[i].at, 0, steps[i].open), was = {0}, is = {0}, room = {0};
        if (i < 2) {
            size_t mark = rec_begin(&facts, FACT_CELL);
            rec_str(&facts, 1, SORI_STR("talks"));
            rec_int(&facts, 2, 3);
            rec_int(&facts, 3, 1); /* of the case */
            rec_end(&facts, mark);
        }
        policy_decide(w.then, buf_view(&facts), &was);
        struct sori_str seen = evolve_facts(w.e, 7, buf_view(&facts), &room);
        policy_decide(w.now, seen, &is);
        evolve_decided(w.e, 7, seen, buf_view(&was), buf_view(&is));
        struct sori_str rule = rec_get_str(buf_view(&is), DEC_RULE);
        if (!str_is(rule, steps[i].rule)) fail_msg("%zu: %.*s", i, STR(rule));
        buf_free(&facts), buf_free(&was), buf_free(&is), buf_free(&room);
    }
    end(&w);
}

static void begins_with_what_was_recorded(void **state) {
    (void)state;
    struct world w = world_of(CARE "return care\n", CARE COUNTS);
    assert_string_equal(step(&w, 7, 1000, 1, false), "sorry");
    assert_string_equal(step(&w, 7, 2000, 1, false), "again"); /* 1, and the one of its own */
    end(&w);
}

static void case_cells_end_with_their_case(void **state) {
    (void)state;
    struct world w = world_of(
        CARE "return care\n",
        CARE "care:rule \"twice\" { when = { talks = { at_least = 1 } }, act = { tag \"x\" } }\n"
             "care:rule \"first\" { when = { kind = \"comment\" }, act = { add \"talks\" } }\n"
             "return care\n");
    assert_string_equal(step(&w, 7, 1000, 0, false), "first"); /* no case, so nothing is kept */
    assert_string_equal(step(&w, 7, 2000, 0, true), "first");
    assert_string_equal(step(&w, 7, 3000, 0, true), "twice");
    assert_string_equal(step(&w, 7, 4000, 0, false), "first");
    end(&w);
}

static void what_was_missed(void **state) {
    (void)state;
    struct policy *p = policy_of_rules(
        CARE
        "care:rule \"r\" { when = { kind = \"comment\", reach = { at_least = 10 } }, act = { tag "
        "\"x\" } }\n"
        "care:rule \"s\" { when = { sorries = { at_least = 1 } }, check = { why = \"w\", "
        "function(i) return i.answers == 3 end }, act = { tag \"y\" } }\nreturn care\n");
    const struct sori_str names[] = {
        SORI_STR("reach"),      SORI_STR("cell sorries"),        SORI_STR("answers"),
        SORI_STR("cell talks"), SORI_STR("label tone.negative"), SORI_STR("kind")};
    struct buf facts = facts_at(1000, 0, false), decision = {0};
    policy_decide(p, buf_view(&facts), &decision);
    assert_int_equal(policy_missed(p, names, 6), 1 | 2);
    buf_free(&facts);
    buf_clear(&decision);
    facts = facts_at(1000, 4, false);
    rec_int(&facts, FACT_REACH, 4);
    policy_decide(p, buf_view(&facts), &decision);
    assert_int_equal(policy_missed(p, names, 6), 4); /* by a function */
    buf_free(&facts);
    buf_free(&decision);
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_recorded_while_nothing_differs),
        cmocka_unit_test(its_own_from_the_first_difference_on),
        cmocka_unit_test(begins_with_what_was_recorded),
        cmocka_unit_test(a_recorded_case_ends),
        cmocka_unit_test(case_cells_end_with_their_case),
        cmocka_unit_test(what_was_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
