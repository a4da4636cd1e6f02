/* uses: sori_lua sori_base */
/* The guide of a bundle: what is asked without one, what the account shows, its mistakes. */
#include "policy/checks.h"

/* Without a guide nothing that it would ask holds a reply, and several may fail at once with one.
 */
static void none_and_many(void **state) {
    (void)state;
    const char *files[] = FILES("care:rule \"say\" { when = {}, act = { reply \"sorry\" } }");
    struct policy *p = must_load(files);
    struct buf d = decide(p, "{" KO ", \"author\": {\"name\": \"A\", \"reach\": 900000}}");
    struct sori_str intent = rec_get_rec(buf_view(&d), DEC_INTENT);
    assert_int_equal(rec_get_int(intent, INTENT_APPROVE, 0), 0);
    assert_int_equal(rec_get_rec(intent, INTENT_CHECK).len, 0);
    buf_free(&d);
    policy_free(p);
    const char *strict[] = GUIDE_FILES(
        "{ goal = \"required\", banned = { ko = { \"바보\" } }, origin = { ko = { \"온결\" } } }",
        "care:rule \"say\" { when = {}, act = { like(), reply \"say\", private_reply \"say\", "
        "tag \"x\" } }",
        "slot author: text", "{author}", "about: a", "Fool.");
    p = must_load(strict);
    struct buf once = decide(p, "{" KO ", \"author\": \"바보\"}"),
               twice = decide(p, "{" KO ", \"author\": \"바보\"}");
    assert_true(str_eq(buf_view(&once), buf_view(&twice)));
    struct buf names = {0};
    struct sori_str rest = buf_view(&once), in;
    struct rec_field f, g;
    while (rec_next(&rest, &f) == 1) {
        if (f.tag != DEC_INTENT) continue;
        buf_printf(&names, " %s", verb_word(rec_get_int(f.s, INTENT_VERB, 0)));
        for (in = f.s; rec_next(&in, &g) == 1;)
            if (g.tag == INTENT_CHECK) buf_printf(&names, "-%.*s", STR(rec_get_str(g.s, 1)));
    }
    assert_string_equal(names.data,
                        " like reply-origin-goal-tone private_reply-origin-goal-tone tag");
    buf_free(&names), buf_free(&once), buf_free(&twice);
    policy_free(p);
}

/* The account of a decision holds all ten, and is the same each time. */
static void account(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ goal = \"required\", banned = { ko = { \"바보\" } } }",
        "care:rule \"say\" { when = {}, direction = \"thank\", act = { reply \"say\" } }",
        "slot author: text", "{author}", "about: a", "Fool.");
    struct policy *p = must_load(files), *q = must_load(files);
    struct buf facts = facts_of("{" KO ", \"author\": \"바보\"}"), one = {0}, two = {0};
    policy_explain(p, buf_view(&facts), &one);
    policy_explain(q, buf_view(&facts), &two);
    assert_string_equal(one.data, two.data);
    const char *at = strstr(one.data, "decision:");
    assert_non_null(at);
    assert_string_equal(
        at, "decision: decided by rule \"say\" (rules/care.lua:2)\n"
            "  direction thank\n"
            "  reply \"say\" in ko, after a person's approval (not passed: goal, tone): 바보\n"
            "    ✓ origin: not asked: the account itself says who speaks\n"
            "    ✗ goal: no goal is set: one of inform, guide, document, thank and repair is "
            "needed\n"
            "    ✓ sources: not asked: nothing is corrected or claimed\n"
            "    ✓ personal: not asked: the guide lists no points\n"
            "    ✗ tone: \"바보\" is a banned word\n"
            "    ✓ side: not asked: the guide has no next_step words for ko\n"
            "    ✓ timing: not asked: the time is not known\n"
            "    ✓ influence: not asked: the guide has no effort\n"
            "    ✓ channel: fits; no window closes\n"
            "    ✓ one_voice: nobody else has this\n");
    buf_free(&facts), buf_free(&one), buf_free(&two);
    policy_free(p), policy_free(q);
}

/* In a bundle's own tests: checks = { … } are those that are not passed, all of them. */
static void expectations(void **state) {
    (void)state;
    static const struct {
        const char *expect, *wanted; /* NULL: it is met */
    } all[] = {
        {"{ checks = { \"goal\", \"tone\" } }", NULL},
        {"{ checks = { \"tone\", \"goal\" }, reply = \"say\" }", NULL},
        {"{ checks = { \"tone\" } }", "checks: expected tone, got goal, tone"},
        {"{ checks = { \"tone\", \"sources\" } }",
         "checks: expected tone, sources, got goal, tone"},
        {"{ checks = false }", "checks: expected none, got goal, tone"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf test = {0}, report = {0}, env = make_env();
        buf_printf(&test,
                   "local care = sori.policy \"care\"\ncare:case \"one\" { given = { lang = "
                   "\"ko\", text = \"바보\" }, expect = %s }\nreturn care\n",
                   all[i].expect);
        const char *files[] = {
            "init.lua",
            "sori.guide { goal = \"required\", banned = { ko = { \"바보\" } } }\nreturn { "
            "\"rules/care\" }",
            "replies/say.ko.md",
            "---\nslot text: text, at most 60\n---\n\"{text}\"라고 하셨네요.\n",
            "rules/care.lua",
            "local care = sori.policy \"care\"\ncare:rule \"say\" { when = {}, act = { reply "
            "\"say\", private_reply \"say\" } }\nreturn care\n",
            "tests/care_test.lua",
            test.data,
            NULL};
        struct buf bundle = make_bundle(files);
        struct policy_report counts = {0};
        bool ok = policy_test(buf_view(&bundle), buf_view(&env), false, &report, &counts);
        if (ok != !all[i].wanted || (all[i].wanted && !strstr(report.data, all[i].wanted)))
            fail_msg("%s: %s", all[i].expect, report.data);
        buf_free(&test), buf_free(&report), buf_free(&bundle), buf_free(&env);
    }
}

static void refuses(const char *guide, const char *wanted) {
    const char *files[] = {"init.lua",
                           guide,
                           "rules/care.lua",
                           "local care = sori.policy \"care\"\nreturn care\n",
                           "settings.lua",
                           "local settings = {}\nsettings.guide = {\n  gaol = \"required\",\n}\n"
                           "return settings\n",
                           NULL};
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (p || strcmp(errors.data, wanted) != 0) {
        fprintf(stderr, "%s\n  got    %s\n  wanted %s\n", guide, errors.data, wanted);
        fail();
    }
    buf_free(&errors);
}

static void mistakes(void **state) {
    (void)state;
    refuses("sori.guide(require(\"settings\").guide)\nreturn { \"rules/care\" }",
            "settings.lua:3: guide: 'gaol' is not understood; expected banned, apology, origin, "
            "automatic, next_step, claims, points, same_text, effort, freeze, surge and goal; did "
            "you mean "
            "'goal'?\n");
    static const struct {
        const char *guide, *wanted;
    } all[] = {
        {"{ bannd = {} }",
         "guide: 'bannd' is not understood; expected banned, apology, origin, automatic, "
         "next_step, claims, points, same_text, effort, freeze, surge and goal; did "
         "you mean 'banned'?"},
        {"{ goal = true }", "guide: goal: \"required\" is expected"},
        {"{ banned = \"바보\" }", "guide: banned: a table is expected, not a string"},
        {"{ banned = { \"바보\" } }", "guide: banned: names are expected, NAME = …"},
        {"{ banned = { ko = {} } }",
         "guide: banned.ko: a list of 1 to 1000 texts is expected, { \"…\", \"…\" }"},
        {"{ banned = { ko = { 1 } } }",
         "guide: banned.ko: entry 1: a text of 1 to 200 bytes is expected"},
        {"{ banned = { en = { \"look* into\" } } }",
         "guide: banned.en: \"look* into\": a star frees an end of a word, \"*죄송\" or "
         "\"apolog*\", and stands nowhere else"},
        {"{ same_text = { people = 3 } }",
         "guide: same_text: both are needed, { people = 20, within = \"24h\" }"},
        {"{ same_text = { people = 0, within = \"1h\" } }",
         "guide: same_text.people: a whole number from 1 to 10000 is expected"},
        {"{ same_text = { people = 3, within = \"1y\" } }",
         "guide: same_text.within: a span up to \"30d\" is expected, like \"24h\""},
        {"{ same_text = { poeple = 3, within = \"1h\" } }",
         "guide: same_text: 'poeple' is not understood; expected people and within; did you mean "
         "'people'?"},
        {"{ effort = {} }", "guide: effort: expected personal = READERS, expert = READERS or both"},
        {"{ effort = { personal = 10, expert = 5 } }",
         "guide: effort: personal begins with more readers than expert"},
        {"{ effort = { persnal = 10 } }",
         "guide: effort: 'persnal' is not understood; expected personal, expert (numbers of "
         "readers) and experts; did you mean 'personal'?"},
        {"{ freeze = \"2027\" }",
         "guide: freeze: a list of up to 64 is expected, { { from = …, to = …, why = … } }"},
        {"{ freeze = { { from = \"2027-04-16\" } } }",
         "guide: freeze: from, to and why are needed"},
        {"{ freeze = { { from = \"2027-04-16\", to = \"2027-04-16\", why = \"w\" } } }",
         "guide: freeze: from: a day or a time is expected, \"2027-04-16\" with zone = \"+09:00\" "
         "or \"2027-04-16T09:00:00+09:00\""},
        {"{ freeze = { { from = \"2027-04-17T00:00:00Z\", to = \"2027-04-16T00:00:00Z\", why = "
         "\"w\" } } }",
         "guide: freeze: it ends before it begins"},
        {"{ freeze = { { from = \"2027-04-16\", to = \"2027-04-16\", zone = \"Z\", why = \"w\", "
         "what = \"al\" } } }",
         "guide: freeze: what: \"cheerful\" or \"all\" is expected, not 'al'; did you mean "
         "'all'?"},
        {"{ freeze = { { form = \"2027-04-16\" } } }",
         "guide: freeze: 'form' is not understood; expected from, to, why, what and zone; did you "
         "mean 'from'?"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char text[1024], wanted[1024];
        snprintf(text, sizeof text, "sori.guide %s\nreturn { \"rules/care\" }", all[i].guide);
        snprintf(wanted, sizeof wanted, "init.lua:1: %s\n", all[i].wanted);
        refuses(text, wanted);
    }
    refuses("sori.guide {}\nsori.guide {}\nreturn { \"rules/care\" }",
            "init.lua:2: sori.guide is said a second time, first in init.lua:1; put both into "
            "one\n");
}

/* What a later Sori finds fault with was live once: it loads, and the faults are warnings. */
static void what_was_live_loads(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        "sori.guide { banned = { ko = { \"바보\" } }, apology = { ko = { \"죄*송\" } } }\nreturn { "
        "\"rules/care\" }",
        "rules/care.lua",
        "local care = sori.policy \"care\"\n" RULE "\nreturn care\n",
        "replies/say.ko.md",
        "---\nmax: 5\nneeds: apology\n---\n바보라고 하셨네요, 고객님.\n",
        NULL};
    struct buf bundle = make_bundle(files), env = make_env(), errors = {0};
    assert_null(policy_load(buf_view(&bundle), buf_view(&env), &errors));
    static const char *const faults[] = {"a star frees an end", "banned word", "needs an apology",
                                         "max: 5 in the head"};
    for (size_t i = 1; i < sizeof faults / sizeof *faults; i++)
        assert_true(strstr(errors.data, faults[i]) || strstr(errors.data, faults[0]));
    buf_clear(&errors);
    struct policy *p = policy_load_kept(buf_view(&bundle), buf_view(&env), &errors);
    if (!p) fail_msg("%s", errors.data);
    struct buf said = {0};
    policy_warnings(p, &said);
    struct sori_str warnings = buf_view(&said);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (!memmem(warnings.ptr, warnings.len, faults[i], strlen(faults[i])))
            fail_msg("no warning \"%s\" in %.*s", faults[i], STR(warnings));
    policy_free(p);
    buf_free(&said);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(none_and_many), cmocka_unit_test(account),
                                       cmocka_unit_test(expectations), cmocka_unit_test(mistakes),
                                       cmocka_unit_test(what_was_live_loads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
