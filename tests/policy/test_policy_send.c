/* uses: sori_lua sori_base */
/* What the send gate asks of replies that leave by themselves, of private ones and of long ones,
 * and a guide that nobody would ever be held against. */
#include "policy/checks.h"

#define MODE(lang, mode) "{" lang ", \"connection\": \"page\", \"facts\": {\"mode\": \"" mode "\"}}"

static void automatic(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ automatic = { ko = { \"자동 응답\" }, [\"other\"] = false }, origin = { ko = { "
        "\"온결\" } } }",
        "care:rule \"mine\" { when = { kind = \"message\" }, act = { reply { \"say\", approve = "
        "true } } }\n" RULE,
        "about: a", "온결입니다.", "about: a", "Hello.");
    struct policy *p = must_load(files);
    expect(p, "origin", MODE(KO, "auto"),
           "-it leaves by itself and does not say so: none of the guide's automatic words for ko");
    expect(p, "origin", MODE(KO, "approve"), "+says \"온결\"");
    expect(p, "origin", MODE(EN, "auto"), "+not asked: the account itself says who speaks");
    expect(p, "origin",
           "{" KO ", \"connection\": \"page\", \"kind\": \"message\", \"facts\": {\"mode\": "
           "\"auto\"}}",
           "+says \"온결\"");
    expect(p, "origin", "{" KO ", \"connection\": \"other\", \"facts\": {\"mode\": \"auto\"}}",
           "+says \"온결\"");
    policy_free(p);
    const char *said[] =
        GUIDE_FILES("{ automatic = { any = { \"자동 응답\", \"automatic\" } } }", RULE, "about: a",
                    "[자동 응답] 확인하고 있습니다.", "about: a", "This is an automatic reply.");
    p = must_load(said);
    expect(p, "origin", MODE(KO, "auto"), "+says that it is automatic: \"자동 응답\"");
    expect(p, "origin", MODE(EN, "auto"), "+says that it is automatic: \"automatic\"");
    policy_free(p);
}

/* The length that a channel tells is of what stands in public; the core knows the other. */
static void private_length(void **state) {
    (void)state;
    const char *files[] =
        GUIDE_FILES("{}", "care:rule \"say\" { when = {}, act = { private_reply \"say\" } }",
                    "about: a", "열 글자를 넘는 답장입니다.", "about: a", "Hello.");
    struct policy *p = must_load(files);
    char *got = checked(p, "{" KO ", \"facts\": {\"text_max\": 5, \"can_reply_privately\": true}}",
                        "channel");
    assert_string_equal(got, "+fits as far as is known; no window closes");
    free(got);
    policy_free(p);
}

/* Two thousand times a thousand looks. */
#define HEAVY                                                                                      \
    "{ banned = { ko = (function() local t = {} for i = 1, 999 do t[i] = \"*가나\" .. i end "    \
    "t[1000] = \"바보\" return t end)() } }"

/* A text that nobody can look through in time is not taken for a polite one. */
static void too_much_to_look_through(void **state) {
    (void)state;
    struct buf text = {0}, errors = {0};
    buf_puts(&text, "---\nabout: a\n---\n");
    for (int i = 0; i < 20000; i++) buf_puts(&text, "가");
    buf_puts(&text, " 바보");
    const char *files[] = GUIDE_FILES(HEAVY, RULE, "about: a", "네.", "about: a", "Hi.");
    files[5] = text.data;
    struct policy *p = load(files, &errors);
    assert_null(p); /* what stands in a file is told when it is loaded */
    assert_non_null(strstr(errors.data, "too long to be looked through for banned words"));
    buf_clear(&errors);
    const char *made[] = GUIDE_FILES(
        HEAVY,
        "care:rule \"say\" { when = {}, act = function(i) return reply { \"say\", slots = { all = "
        "string.rep(\"가\", 20000) .. \" 바보\" } } end }",
        "slot all: text, at most 30000", "{all}", "slot all: text", "Hi {all}");
    p = load(made, &errors);
    if (!p) fail_msg("%s", errors.data);
    expect(p, "tone", "{" KO "}", "-it is too long to be looked through for banned words");
    policy_free(p);
    buf_free(&text), buf_free(&errors);
}

/* A language that no reply is in is a slip of the pen. */
static void languages_of_nobody(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ banned = { kr = { \"바보\" }, en = { \"fool\" }, any = { \"lol\" } }, next_step = { "
        "eng = { \"ask\" } }, origin = { [\"my-page\"] = { \"온결\" } } }",
        RULE, "about: a", "네.", "about: a", "Yes.");
    struct policy *p = must_load(files);
    struct buf warnings = {0};
    policy_warnings(p, &warnings);
    assert_non_null(strstr(warnings.data, "init.lua:1: guide: banned.kr: no reply is in 'kr'; "
                                          "expected a language, ko or en, or any\n"));
    assert_non_null(strstr(warnings.data, "guide: next_step.eng: no reply is in 'eng'"));
    assert_null(strstr(warnings.data, "my-page"));
    assert_null(strstr(warnings.data, "banned.en"));
    assert_null(strstr(warnings.data, "apology"));
    buf_free(&warnings);
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(automatic),
        cmocka_unit_test(private_length),
        cmocka_unit_test(too_much_to_look_through),
        cmocka_unit_test(languages_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
