/* uses: sori_lua sori_base */
/* The look at replies while a bundle loads: what can never be said is refused, what may go wrong is
 * a warning with its place. */
#include "policy/bundle.h"

#define GUIDE                                                                                      \
    "sori.guide { banned = { ko = { \"호갱\" }, any = { \"lol\" } }, apology = { ko = { "        \
    "\"죄송\", "                                                                                 \
    "\"사과\" } } } return { \"rules/care\" }"
#define RULES(act)                                                                                 \
    "local care = sori.policy \"care\"\ncare:rule \"r\" { when = {}, act = " act " }\nreturn care"
#define EXTRA "tests/a_test.lua", "sori.policy(\"a\"):case \"x\" { given = {}, expect = {} }"

static void look(const char *const *files, const char *channel, const char *errors_wanted,
                 const char *warnings_wanted) {
    struct buf bundle = make_bundle(files), env = make_env(), errors = {0}, warnings = {0};
    if (channel) rec_str(&env, ENV_CHANNEL, str_c(channel));
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    if (strcmp(errors.data ? errors.data : "", errors_wanted) != 0)
        fail_msg("errors: got\n%swanted\n%s", errors.data ? errors.data : "", errors_wanted);
    if (p) policy_warnings(p, &warnings);
    if (strcmp(warnings.data ? warnings.data : "", warnings_wanted) != 0)
        fail_msg("warnings: got\n%swanted\n%s", warnings.data ? warnings.data : "",
                 warnings_wanted);
    if (p) policy_free(p);
    buf_free(&bundle), buf_free(&env), buf_free(&errors), buf_free(&warnings);
}

static void clean(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        GUIDE,
        "rules/care.lua",
        RULES("reply \"a\""),
        "replies/a.ko.md",
        "---\nneeds: apology\nmax: 20\nslot author: name, at most 4, else "
        "고객\n---\n{author}님, **죄송**합니다.\n---\n{author}님께 사과드립니다.",
        "replies/a.en.md",
        "---\nneeds: apology\n---\nWe are sorry about this.",
        EXTRA,
        NULL};
    look(files, "x", "", "");
}

static void never_sayable(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        GUIDE,
        "rules/care.lua",
        RULES("reply \"a\""),
        "replies/a.ko.md",
        "---\nneeds: apology\nmax: 5\nslot title: text, else 호갱님\n---\n여섯 글자다\n---\n죄송, "
        "{title}\n---\nlol 죄송",
        "replies/a.en.md",
        "x",
        EXTRA,
        NULL};
    look(files, NULL,
         "replies/a.ko.md:6: this wording has 6 characters and more; max: 5 in the head: shorten "
         "it, or raise max\n"
         "replies/a.ko.md:6: this reply needs an apology, and none of the guide's words for one in "
         "'ko' is here; they stand in init.lua:1\n"
         "replies/a.ko.md:8: \"호갱\" is a banned word of the guide; say it in another way\n"
         "replies/a.ko.md:10: this wording has 6 characters and more; max: 5 in the head: shorten "
         "it, or raise max\n"
         "replies/a.ko.md:10: \"lol\" is a banned word of the guide; say it in another way\n",
         "");
}

static void may_go_wrong(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        GUIDE,
        "rules/care.lua",
        RULES("reply { \"a\", slots = { what = \"x\" } }"),
        "replies/a.ko.md",
        "---\nmax: 20\nslot author: text, at most 30, else 고객\nslot title: text\nslot what: "
        "text, "
        "at most 3\n---\nwhen tone: negative\n{author}님 {what}\n---\nwhen tone: positive\n**굵게 "
        "<b>아님</b>\n",
        "replies/unused.en.md",
        "hello",
        EXTRA,
        NULL};
    look(files, NULL, "",
         "warning: replies/a.ko.md:7: with full slots this wording has 35 characters of max: 20, "
         "and is then held\n"
         "warning: replies/a.ko.md:10: \"**\" is no Markdown here and would be shown as it is\n"
         "warning: replies/a.ko.md:10: \"<b>\" is no Markdown here and would be shown as it is\n"
         "warning: replies/a.ko.md:7: every wording has a when: where none fits, the reply is "
         "held\n"
         "warning: replies/a.ko.md:4: the slot title is declared and stands nowhere\n"
         "warning: replies/a.ko.md:1: the reply 'a' is missing in 'en'; add replies/a.en.md\n"
         "warning: replies/unused.en.md:1: no rule says the reply 'unused'\n"
         "warning: replies/unused.en.md:1: the reply 'unused' is missing in 'ko'; add "
         "replies/unused.ko.md\n");
}

/* A file that no list names would do nothing, and nothing would fail. */
static void read_by_nobody(void **state) {
    (void)state;
    const char *files[] = {"init.lua",
                           "require \"lib.used\"\nreturn { \"rules/care\" }\n",
                           "rules/care.lua",
                           RULES("tag \"a\""),
                           "rules/new.lua",
                           "this is not even Lua",
                           "lib/used.lua",
                           "return 1",
                           "lib/unused.lua",
                           "return 1",
                           "tests/a_test.lua",
                           "require \"tests.helper\"\nlocal t = sori.policy \"t\"\nt:case \"a\" { "
                           "given = {}, expect = {} }\n",
                           "tests/helper.lua",
                           "return 1",
                           NULL};
    look(files, NULL, "",
         "warning: rules/new.lua:1: is read by nobody; add \"rules/new\" to the list in init.lua\n"
         "warning: lib/unused.lua:1: is read by nobody; list it in init.lua, or require "
         "\"lib/unused\" where it is used\n");
}

#define TEN     "가나다라마바사아자차"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
/* 140 letters of Hangul weigh 280. */
#define JUST HUNDRED TEN TEN TEN TEN

static void too_heavy_for_x(void **state) {
    (void)state;
    static const char heavy[] =
        "warning: replies/a.ko.md:1: on x this wording can weigh 281 of 280, and is then held; "
        "give "
        "a shorter one under \"when channel: x\", or say long = \"split\"\n";
    const char *files[] = {"init.lua",
                           GUIDE,
                           "rules/care.lua",
                           RULES("reply \"a\""),
                           "replies/a.ko.md",
                           JUST,
                           "replies/a.en.md",
                           "https://example.kr/a/long/path/that/x/makes/short and words",
                           EXTRA,
                           NULL};
    look(files, "x", "", "");
    files[5] = JUST ".";
    look(files, "x", "", heavy);
    look(files, "facebook", "", "");
    look(files, NULL, "", "");
    files[3] = RULES("reply { \"a\", long = \"split\" }");
    look(files, "x", "", "");
    files[3] = RULES("private_reply \"a\"");
    look(files, "x", "", "");
    files[3] = RULES("function() return reply \"a\" end");
    look(files, "x", "", heavy);
    files[5] = JUST ".\n---\nwhen channel: x\n짧게";
    look(files, "x", "", "");
    files[5] = "짧게\n---\nwhen channel: blog\n" JUST ".";
    look(files, "x", "", "");
}

/* The same weight counts when it is said. */
static void weighed_when_said(void **state) {
    (void)state;
    const char *files[] = {"init.lua",
                           GUIDE,
                           "rules/care.lua",
                           RULES("reply \"a\""),
                           "replies/a.ko.md",
                           JUST ".\n---\nwhen tone: positive\n" JUST
                                "\n---\nwhen tone: neutral\n" JUST " https://a.kr/",
                           "replies/a.en.md",
                           "x",
                           NULL};
    static const struct {
        const char *json, *hold;
    } rows[] = {
        {"{\"channel\": \"x\", \"facts\": {\"text_max\": 280}}",
         "it weighs 281, 280 are allowed by the channel"},
        {"{\"channel\": \"x\", \"tone\": \"positive\", \"facts\": {\"text_max\": 280}}", NULL},
        {"{\"channel\": \"x\", \"tone\": \"neutral\", \"facts\": {\"text_max\": 280}}",
         "it weighs 304, 280 are allowed by the channel"},
        {"{\"channel\": \"x\", \"facts\": {\"text_max\": 10000}}", NULL},
        {"{\"channel\": \"facebook\", \"facts\": {\"text_max\": 140}}",
         "it has 141 characters, 140 are allowed by the channel"},
        {"{\"channel\": \"facebook\", \"facts\": {\"text_max\": 141}}", NULL}};
    struct policy *p = must_load(files);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf d = decide(p, rows[i].json);
        struct sori_str intent = rec_get_rec(buf_view(&d), DEC_INTENT);
        struct sori_str check = rec_get_rec(intent, INTENT_CHECK), why = rec_get_str(check, 2);
        bool held = str_is(rec_get_str(check, 1), "channel");
        assert_int_equal(rec_get_int(intent, INTENT_VERB, 0), VERB_REPLY);
        if (rows[i].hold ? !held || !str_is(why, rows[i].hold) : held)
            fail_msg("%s: %.*s", rows[i].json, STR(why));
        buf_free(&d);
    }
    policy_free(p);
}

static void not_what_it_seems(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        GUIDE,
        "rules/care.lua",
        RULES("reply \"a\""),
        "replies/a.ko.md",
        "---\nmax: 30\ngoal: thank\nmax: 40\nneeds: source\nneeds: apology\ngoal: "
        "repair\n---\n죄송합니다.\n---\n한 줄\n두 \xe2\x80\xae줄, 죄송",
        "replies/a.en.md",
        "Sorry \x1b[31mred",
        EXTRA,
        NULL};
    look(files, NULL,
         "replies/a.ko.md:4: max: is said twice; keep one\n"
         "replies/a.ko.md:7: goal: is said twice; keep one\n"
         "replies/a.en.md:1: a character that is not seen and changes how the rest is shown "
         "(U+001B); write the line anew without it\n",
         "");
    files[5] = "죄송\n---\n한 줄\n두 \xe2\x80\xae줄, 죄송";
    files[7] = "Sorry &amp; thanks";
    look(files, NULL,
         "replies/a.ko.md:4: a character that is not seen and changes how the rest is shown "
         "(U+202E); write the line anew without it\n",
         "");
    files[5] = "죄송 👨‍👩‍👧\t끝";
    look(files, NULL, "",
         "warning: replies/a.en.md:1: \"&amp;\" is no Markdown here and would be shown as it is\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_what_it_seems), cmocka_unit_test(clean),
        cmocka_unit_test(never_sayable),     cmocka_unit_test(may_go_wrong),
        cmocka_unit_test(read_by_nobody),    cmocka_unit_test(too_heavy_for_x),
        cmocka_unit_test(weighed_when_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
