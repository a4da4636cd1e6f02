/* uses: sori_lua sori_base */
/* The tests of a bundle: golden decisions, why an expected rule did not decide, what tests reach.
 */
#include "lua/case/case.h"
#include "policy/bundle.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy_inner.h"

#include <jansson.h>

#define RULES                                                                                      \
    "local care = sori.policy \"care\"\n"                                                          \
    "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"9d\" } }\n"               \
    "care:note \"parcel\" { when = { words = \"배송\" }, act = { tag \"delivery\" } }\n"         \
    "care:rule \"opponent\" { when = { relationship = \"anti\" }, act = {} }\n"                    \
    "care:rule \"unhappy\" { when = { tone = \"negative\", relationship = \"consumer\" },\n"       \
    "  act = { reply \"sorry\", assign \"support\", clock \"60m\", add \"sorries\" } }\n"          \
    "care:rule \"number\" { when = { kind = \"message\" },\n"                                      \
    "  check = { why = \"a number is in the text\",\n"                                             \
    "            function(i)\n"                                                                    \
    "              if i.text == \"no\" then\n"                                                     \
    "                return false\n"                                                               \
    "              end\n"                                                                          \
    "              return sori.text.match(i.text, \"%d\")\n"                                       \
    "            end },\n"                                                                         \
    "  act = { tag \"number\" } }\n"                                                               \
    "return care\n"
#define HEAD "local care = sori.policy \"care\"\n"
#define GOLD                                                                                       \
    "== a parcel\n"                                                                                \
    "decided by \"unhappy\"\n"                                                                     \
    "  note \"parcel\"\n"                                                                          \
    "  tag \"delivery\"\n"                                                                         \
    "  reply \"sorry\" in ko: 이수민님, 죄송합니다.\n"                                    \
    "  assign \"support\"\n"                                                                       \
    "  clock 1 h\n"                                                                                \
    "  add \"sorries\" 1\n"
#define PARCEL                                                                                     \
    "care:case \"a parcel\" { golden = true, given = { tone = \"negative\", relationship = "       \
    "\"consumer\", lang = \"ko\", author = \"이수민\", id = 2, text = \"배송이 안 와요\" } }\n"

static struct case_run *run(const char *tests, const char *golden, bool cover) {
    const char *files[] = {"init.lua",
                           "return { \"rules/care\" }",
                           "replies/sorry.ko.md",
                           "---\nslot author: text, else 고객\n---\n{author}님, 죄송합니다.\n",
                           "rules/care.lua",
                           RULES,
                           "tests/care_test.lua",
                           tests,
                           golden ? "tests/golden/care_test.txt" : NULL,
                           golden,
                           NULL};
    struct buf bundle = make_bundle(files), env = {0};
    rec_str(&env, ENV_DEPARTMENT, str_c("support"));
    rec_str(&env, ENV_LANG, str_c("ko"));
    struct case_run *r = case_run_all(buf_view(&bundle), buf_view(&env), cover);
    buf_free(&bundle);
    buf_free(&env);
    return r;
}

static void says(const char *tests, const char *golden, const char *wanted) {
    struct case_run *r = run(tests, golden, false);
    struct buf text = {0};
    case_put_text(r, &text);
    assert_string_equal(text.data, wanted);
    buf_free(&text);
    case_run_free(r);
}

static void golden_decisions(void **state) {
    (void)state;
    says(HEAD PARCEL, GOLD, "1 passed, 0 failed\n");
    /* Line ends of another system, and what an editor leaves behind. */
    says(HEAD PARCEL,
         "== a parcel\r\ndecided by \"unhappy\"\r\n  note \"parcel\"\r\n  tag \"delivery\"\r\n"
         "  reply \"sorry\" in ko: 이수민님, 죄송합니다.\r\n  assign \"support\"\r\n  clock 1 h\r\n"
         "  add \"sorries\" 1\r\n\r\n",
         "1 passed, 0 failed\n");
    says(HEAD PARCEL,
         "== a parcel\ndecided by \"unhappy\"\n  tag \"delivery\"\n"
         "  reply \"sorry\" in ko: 이수민님, 미안합니다.\n  assign \"support\"\n  clock 1 h\n"
         "  add \"sorries\" 1\n",
         "tests/care_test.lua:2: \"a parcel\" fails:\n"
         "    the golden decision (tests/golden/care_test.txt:1) is another one; where this is "
         "meant, `sori policy test DIR --update`:\n"
         "        decided by \"unhappy\"\n"
         "      +   note \"parcel\"\n"
         "          tag \"delivery\"\n"
         "      -   reply \"sorry\" in ko: 이수민님, 미안합니다.\n"
         "      +   reply \"sorry\" in ko: 이수민님, 죄송합니다.\n"
         "          assign \"support\"\n"
         "          clock 1 h\n"
         "          add \"sorries\" 1\n"
         "0 passed, 1 failed\n");
    says(HEAD "care:case \"silence\" { golden = true, given = { relationship = \"anti\" } }\n",
         NULL,
         "tests/care_test.lua:2: \"silence\" fails:\n"
         "    no golden decision is kept in tests/golden/care_test.txt yet; `sori policy test DIR "
         "--update` writes this one:\n"
         "      + decided by \"opponent\"\n"
         "0 passed, 1 failed\n");
    says(HEAD PARCEL, GOLD "\n== gone\nnone\n",
         "warning: tests/golden/care_test.txt:10: no case has a golden decision \"gone\"; --update "
         "takes it out\n"
         "1 passed, 0 failed\n");
}

/* What --update writes is what the next run reads. */
static void written_and_read(void **state) {
    (void)state;
    const char *tests =
        HEAD PARCEL "care:case \"other\" { golden = true, given = { text = \"x\" } }\n"
                    "care:case \"plain\" { given = {}, expect = { rule = false } }\n";
    struct case_run *r = run(tests, NULL, false);
    struct buf path = {0}, bytes = {0};
    assert_int_equal(r->failed, 2);
    case_golden_file(r, "tests/care_test.lua", &path, &bytes);
    assert_string_equal(path.data, "tests/golden/care_test.txt");
    assert_string_equal(bytes.data, GOLD "\n== other\nnone\n");
    says(tests, bytes.data, "3 passed, 0 failed\n");
    case_run_free(r);
    buf_free(&path), buf_free(&bytes);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *tests, *error;
    } wrong[] = {
        {HEAD PARCEL PARCEL,
         "tests/care_test.lua:3: case \"a parcel\": line 2 has a golden decision "
         "under this name; choose another\n"},
        {HEAD "care:case \"a\" { given = {}, golden = 3 }\n",
         "tests/care_test.lua:2: case \"a\": golden is true or false\n"},
        {HEAD "care:case \"a\" { given = {}, exepct = {} }\n",
         "tests/care_test.lua:2: case \"a\": 'exepct' is not understood; expected given, expect "
         "and "
         "golden; did you mean 'expect'?\n"},
        {HEAD "care:case \"a\" { given = {} }\n",
         "tests/care_test.lua:2: case \"a\": expect = { … } is missing\n"},
        {HEAD "care:case \"a\\nb\" { given = {}, golden = true }\n", "case"},
        {HEAD "for i = 1, 10001 do care:case(\"c\" .. i) { given = {}, expect = {} } end\n",
         "more than 10000 cases in one bundle"},
        {HEAD "while true do end\n", "tests/care_test.lua:2: stopped: "},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct case_run *r = run(wrong[i].tests, NULL, true);
        if (!strstr(r->errors, wrong[i].error)) fail_msg("%zu: %s", i, r->errors);
        assert_int_equal(r->passed + r->failed, 0);
        assert_false(r->covered);
        case_run_free(r);
    }
}

/* A rule that was expected and did not decide says why. */
static void why_not(void **state) {
    (void)state;
    says(HEAD
         "care:case \"a\" { given = { tone = \"negative\", relationship = \"loyal\" }, expect = { "
         "rule = \"unhappy\" } }\n"
         "care:case \"b\" { given = { kind = \"message\", text = \"no\" }, expect = { rule = "
         "\"number\" } }\n"
         "care:case \"c\" { given = { kind = \"message\", relationship = \"anti\", text = \"1\" }, "
         "expect = { rule = \"number\" } }\n"
         "care:case \"d\" { given = {}, expect = { rule = \"unhapy\" } }\n"
         "care:case \"e\" { given = { origin = \"us-by-hand\" }, expect = { rule = \"unhappy\" } "
         "}\n",
         NULL,
         "tests/care_test.lua:2: \"a\" fails:\n"
         "    rule: expected \"unhappy\", got none\n"
         "    the rule \"unhappy\" (rules/care.lua:5) does not decide:\n"
         "      ✗ relationship: wanted consumer, saw loyal\n"
         "    decided: none\n"
         "tests/care_test.lua:3: \"b\" fails:\n"
         "    rule: expected \"number\", got none\n"
         "    the rule \"number\" (rules/care.lua:7) does not decide:\n"
         "      ✗ check: a number is in the text\n"
         "    decided: none\n"
         "tests/care_test.lua:4: \"c\" fails:\n"
         "    rule: expected \"number\", got \"opponent\"\n"
         "    the rule \"number\" (rules/care.lua:7) does not decide:\n"
         "      \"opponent\" (rules/care.lua:4) comes first and decides\n"
         "    decided: decided by \"opponent\" (rules/care.lua:4)\n"
         "tests/care_test.lua:5: \"d\" fails:\n"
         "    rule: expected \"unhapy\", got none\n"
         "    there is no rule \"unhapy\"; did you mean \"unhappy\"?\n"
         "    decided: none\n"
         "tests/care_test.lua:6: \"e\" fails:\n"
         "    rule: expected \"unhappy\", got none\n"
         "    the rule \"unhappy\" (rules/care.lua:5) does not decide:\n"
         "      ✗ origin: no rule fires on what our own side said\n"
         "    decided: none\n"
         "0 passed, 5 failed\n");
}

/* Nothing of a test steers a terminal. */
static void harmless_to_read(void **state) {
    (void)state;
    says(HEAD "care:case \"a\\27[2Jb\" { given = { relationship = \"anti\" }, expect = { rule = "
              "\"x\\27]0;y\\7\" } }\n",
         NULL,
         "tests/care_test.lua:2: \"a\\x1b[2Jb\" fails:\n"
         "    rule: expected \"x\\x1b]0;y\\x07\", got \"opponent\"\n"
         "    there is no rule \"x\\x1b]0;y\\x07\"\n"
         "    decided: decided by \"opponent\" (rules/care.lua:4)\n"
         "0 passed, 1 failed\n");
}

static void reached(void **state) {
    (void)state;
    struct case_run *r = run(
        HEAD PARCEL "care:case \"n\" { given = { kind = \"message\", tone = \"neutral\", text = "
                    "\"7\" }, expect = { rule = \"number\" } }\n",
        GOLD, true);
    struct buf text = {0};
    assert_int_equal(r->failed, 0);
    assert_int_equal(r->rules, 4);
    assert_int_equal(r->rules_hit, 3);
    assert_int_equal(r->missed_count, 1);
    assert_string_equal(r->missed[0], "rules/care.lua:4: rule \"opponent\"");
    assert_int_equal(r->cells, 96);
    assert_int_equal(r->cells_hit, 2);
    /* "return false" is the one line that never ran. */
    assert_int_equal(r->lines - r->lines_hit, 1);
    for (size_t i = 0; i < r->file_count; i++)
        if (r->files[i].missed_count) {
            assert_string_equal(r->files[i].file, "rules/care.lua");
            assert_int_equal(r->files[i].missed[0], 11);
        }
    case_put_text(r, &text);
    assert_non_null(strstr(text.data, "  rules/care.lua, lines 11\n"));
    assert_non_null(strstr(text.data, "rules 3/4 hit, lines 9"));
    buf_clear(&text);
    case_put_json(r, &text);
    json_t *j = json_loads(text.data, 0, NULL);
    json_t *c = json_object_get(j, "coverage");
    assert_int_equal(json_integer_value(json_object_get(c, "rules_hit")), 3);
    assert_true(json_is_true(
        json_object_get(json_array_get(json_object_get(j, "items"), 0), "golden_same")));
    json_decref(j);
    case_run_free(r);
    buf_free(&text);
}

static void count_line(void *ctx, const char *file, int line, bool ran) {
    (void)file, (void)line;
    *(size_t *)ctx += ran;
}

/* Counting lines changes no decision and no budget: the stop comes at the same instruction. */
static void counting_changes_nothing(void **state) {
    (void)state;
    const char *rules = "local care = sori.policy \"care\"\n"
                        "care:rule \"loop\" { when = {}, check = { why = \"much\", function(i)\n"
                        "  local n = 0\n"
                        "  for k = 1, i.reach do\n"
                        "    n = n + k % 7\n"
                        "    if n > 1e9 then n = 0 end\n"
                        "  end\n"
                        "  return n > 0 end }, act = { tag \"a\" } }\nreturn care";
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", rules, NULL};
    struct buf bundle = make_bundle(files), env = make_env(), errors = {0};
    size_t ran = 0;
    struct policy *plain = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    struct policy *counted =
        policy_load_lines(buf_view(&bundle), buf_view(&env), &errors, count_line, &ran);
    assert_true(plain && counted);
    size_t held = 0, decided = 0;
    for (int reach = 30000; reach < 45000; reach += 59) {
        struct buf facts = {0}, one = {0}, two = {0};
        rec_int(&facts, FACT_ON, ENTRY_SAID);
        rec_int(&facts, FACT_REACH, reach);
        policy_decide(plain, buf_view(&facts), &one);
        policy_decide(counted, buf_view(&facts), &two);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.data, two.data, one.len);
        *(rec_get_int(buf_view(&one), DEC_STATUS, 0) == DECISION_HELD ? &held : &decided) += 1;
        buf_free(&facts), buf_free(&one), buf_free(&two);
    }
    assert_true(held && decided && ran > 100000);
    policy_free(plain), policy_free(counted);
    buf_free(&bundle), buf_free(&env), buf_free(&errors);
}

/* Ten thousand cases are run, twice and counted, in seconds. */
static void a_giant_suite(void **state) {
    (void)state;
    int64_t start = clock_cpu_us();
    struct case_run *r =
        run(HEAD "for i = 1, 9000 do care:case(\"c\" .. i) { given = { tone = "
                 "\"negative\", relationship = \"consumer\", text = \"배송 \" .. i }, "
                 "expect = { rule = \"unhappy\" } } end\n",
            NULL, true);
    if (r->errors[0]) fail_msg("%s", r->errors);
    assert_int_equal(r->passed, 9000);
    case_run_free(r);
    int64_t took = (clock_cpu_us() - start) / 1000;
    print_message("9,000 cases in %lld ms\n", (long long)took);
#ifndef SORI_SANITIZED
    assert_true(took < 10000);
#endif
}

/* What a module keeps is read-only by the time it is asked for, and is what it was all the same. */
static void expectations_of_a_module(void **state) {
    (void)state;
    static const char shared[] =
        "return { given = { tone = \"negative\", relationship = \"consumer\", text = \"배송\", "
        "lang = "
        "\"ko\" },\n"
        "  right = { rule = \"unhappy\", notes = { \"parcel\" }, tag = { \"delivery\" } },\n"
        "  notes = { \"nothing of that name\" }, tags = { \"other\" }, wrong = { rule = \"number\" "
        "} "
        "}\n";
    const char *files[] = {
        "init.lua",
        "return { \"rules/more\", \"rules/care\" }",
        "lib/shared.lua",
        shared,
        "replies/sorry.ko.md",
        "죄송합니다.\n",
        "rules/care.lua",
        RULES,
        "rules/more.lua",
        "local shared, more = require \"lib.shared\", sori.policy \"more\"\n"
        "more:rule \"kept\" { when = { kind = \"post\" }, act = function(i) return "
        "tag(shared.tags[1]) end }\nreturn more\n",
        "tests/care_test.lua",
        "local shared = require \"lib.shared\"\n" HEAD
        "care:case \"right\" { given = shared.given, expect = shared.right }\n"
        "care:case \"rule\" { given = shared.given, expect = shared.wrong }\n"
        "care:case \"notes\" { given = shared.given, expect = { notes = "
        "shared.notes } }\n"
        "care:case \"tags\" { given = shared.given, expect = { tag = shared.tags "
        "} }\n",
        NULL};
    struct buf bundle = make_bundle(files), env = {0};
    rec_str(&env, ENV_DEPARTMENT, str_c("support"));
    rec_str(&env, ENV_LANG, str_c("ko"));
    struct case_run *r = case_run_all(buf_view(&bundle), buf_view(&env), false);
    assert_string_equal(r->errors, "");
    assert_int_equal(r->passed, 1);
    assert_int_equal(r->failed, 3);
    case_run_free(r);
    buf_free(&bundle), buf_free(&env);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(expectations_of_a_module),
                                       cmocka_unit_test(golden_decisions),
                                       cmocka_unit_test(written_and_read),
                                       cmocka_unit_test(refused),
                                       cmocka_unit_test(why_not),
                                       cmocka_unit_test(reached),
                                       cmocka_unit_test(harmless_to_read),
                                       cmocka_unit_test(counting_changes_nothing),
                                       cmocka_unit_test(a_giant_suite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
