/* uses: sori_lua sori_base */
/* sori.text, as rules use it. */
#include "policy/bundle.h"

/* What the expression gives for the text, as tostring shows it; lists are joined by '|'. */
static void gives(const char *expression, const char *text, const char *wanted) {
    struct buf rules = {0}, facts = {0}, decision = {0};
    buf_printf(&rules,
               "local c = sori.policy \"c\"\n"
               "c:rule \"x\" { when = {}, act = function(i)\n"
               "  local t, v = i.text\n  v = %s\n"
               "  if type(v) == \"table\" then v = table.concat(v, \"|\") end\n"
               "  return note(\"=\" .. tostring(v)) end }\nreturn c",
               expression);
    const char *files[] = {"init.lua", "return { \"c\" }", "c.lua", rules.data, NULL};
    struct policy *p = must_load(files);
    rec_int(&facts, FACT_ON, ENTRY_SAID);
    rec_int(&facts, FACT_KIND, KIND_COMMENT);
    rec_str(&facts, FACT_TEXT, str_c(text));
    policy_decide(p, buf_view(&facts), &decision);
    struct sori_str got = rec_get_str(rec_get_rec(buf_view(&decision), DEC_INTENT), INTENT_TEXT);
    if (!got.len || !str_is((struct sori_str){got.ptr + 1, got.len - 1}, wanted))
        fail_msg("%s of \"%s\" gave %.*s %.*s, not %s", expression, text, STR(got),
                 STR(rec_get_str(buf_view(&decision), DEC_OUTCOME)), wanted);
    policy_free(p);
    buf_free(&rules);
    buf_free(&facts);
    buf_free(&decision);
}

static void has(const char *word, const char *text, bool wanted) {
    char expression[300];
    snprintf(expression, sizeof expression, "sori.text.word(t, \"%s\")", word);
    gives(expression, text, wanted ? "true" : "false");
}

static void korean_words_take_particles(void **state) {
    (void)state;
    static const char *const with[] = {"배송",
                                       "배송이 늦어요",
                                       "배송은요?",
                                       "배송에서는 문제없어요",
                                       "배송을 기다려요",
                                       "빠른 배송",
                                       "'배송'",
                                       "배송입니다",
                                       "배송이라고 했다",
                                       "배송까지만 해줘요",
                                       "배송으로 인한",
                                       "배송, 환불",
                                       "배송도 안 되고",
                                       "배송만큼은",
                                       "배송인데요",
                                       "배송이었"};
    static const char *const without[] = {"배송비가 비싸요", "무료배송",    "배송지 변경",
                                          "배송료",          "배 송",       "배송는",
                                          "배송를",          "배송됨요요요"};
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) has("배송", with[i], true);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) has("배송", without[i], false);
    has("배", "배를 먹었다", true);
    has("배", "배가 아프다", true);
    has("배", "배송", false);
    has("사", "사과를 샀다", false); /* 과 stands behind a closed syllable only */
    has("사과", "사과를 샀다", true);
    has("사과", "사과와 배", true);
    has("서울", "서울로 갔다", true);
    has("서울", "서울으로", false);
    has("집", "집으로", true);
    has("집", "집로", false);
    has("김하늘", "김하늘님께서는", true);
    has("학생", "학생들에게만은", true);
    has("*배송", "무료배송은", true);
    has("배송*", "배송비가", true);
}

static void other_words_end(void **state) {
    (void)state;
    has("sue", "I will SUE you", true);
    has("sue", "an issue", false);
    has("sue", "suede", false);
    has("law*", "lawsuits", true);
    has("money back", "my MONEY \t BACK!", true);
    has("refund", "ｒｅｆｕｎｄ please", true);
    has("cs", "cs팀", false);
    has("?", "왜?", true);
    has("", "x", false);
    gives("sori.text.word(t, { \"환불\", \"refund\" })", "환불을 원해요", "true");
    gives("sori.text.word(t, \"환불\", \"refund\")", "a refund", "true");
    gives("sori.text.word(t, {})", "a refund", "false");
}

static void parts(void **state) {
    (void)state;
    gives("sori.text.contains(t, \"ﾟ\")", "", "false");
    gives("sori.text.contains(t, \"배송비\")", "무료 배송비요", "true");
    gives("sori.text.contains(t, \"hello world\")", "say HELLO \n WORLD", "true");
    gives("sori.text.contains(t, \"aab\")", "aaaaab", "true");
    gives("sori.text.contains(t, \"abab\")", "abaabab", "true");
    gives("sori.text.contains(t, \"abac\")", "abaabab", "false");
    gives("sori.text.contains(t, \"\")", "x", "true");
}

static void the_same_is_written_the_same(void **state) {
    (void)state;
    gives("sori.text.normalise(t)", "  Ｈｅｌｌｏ \t 세상!!!!  ", "hello 세상!!");
    gives("sori.text.normalise(t)", "ㅋㅋㅋㅋㅋㅋ ㅠㅠㅠ 1000000", "ㅋㅋ ㅠㅠ 1000000");
    gives("sori.text.normalise(t)", "\u1112\u1161\u11ab\u1100\u1173\u11af", "한글");
    gives("sori.text.normalise(t)", "환\u200b불\ufeff", "환불");
    gives("sori.text.normalise(t)", "", "");
}

static void links_and_names(void **state) {
    (void)state;
    gives("sori.text.links(t)", "보세요 https://a.kr/x?y=1&z=(2). 그리고 http://b.kr에서",
          "https://a.kr/x?y=1&z=(2)|http://b.kr");
    gives("sori.text.links(t)", "(HTTPS://a.kr/1) <www.b.kr/2>, ahttp://c www.",
          "HTTPS://a.kr/1|www.b.kr/2");
    gives("sori.text.links(t)", "http:// https://", "");
    gives("sori.text.handles(t)", "@sori_kr, @a.b. mail a@b.kr @x@social.example 그리고 @",
          "@sori_kr|@a.b|@x@social.example");
    gives("sori.text.hashtags(t)", "#배송 #배송지연, #1 #a1 x#y ##z", "#배송|#배송지연|#a1|#z");
    gives("#sori.text.links(t)", "http://a.kr http://b.kr", "2");
}

static void nothing_makes_it_slow(void **state) {
    (void)state;
    gives("sori.text.contains((\"a\"):rep(20000), (\"a\"):rep(9999) .. \"b\")", "", "false");
    gives("sori.text.word((\"a\"):rep(20000), (\"a\"):rep(199) .. \"b\", \"*\" .. (\"a\"):rep(190) "
          ".. \"b*\")",
          "", "false");
    gives("#sori.text.links((\"http://a.kr/ \"):rep(1000))", "", "100");
    gives("#sori.text.normalise((\"ㅋ\"):rep(5000))", "", "6");
}

/* Some Macs send syllables in their parts (NFD), and write lists so; nobody sees the difference. */
#define HWANBUL "\u1112\u116a\u11ab\u1107\u116e\u11af" /* 환불 */
static void syllables_in_parts(void **state) {
    (void)state;
    has("환불", HWANBUL "을 원해요", true);
    has(HWANBUL, "환불을 원해요", true);
    has("환부", HWANBUL "을 원해요", false);
    gives("sori.text.contains(t, \"불을\")", HWANBUL "을", "true");
    gives("sori.text.has(t, { \"" HWANBUL "\" })", "전액 환불해 주세요", "true");
    gives("sori.text.has(t, \"환불\")", "전액 " HWANBUL "해 주세요", "true");
    const char *files[] = {"init.lua", "return { \"c\" }", "c.lua",
                           "local c = sori.policy \"c\"\n"
                           "c:label { [\"topic.refund\"] = { \"환불\" } }\n"
                           "c:rule \"x\" { when = { label = { [\"topic.refund\"] = true }, words = "
                           "\"" HWANBUL "\" }, act = {} }\nreturn c",
                           NULL};
    static const char *const texts[] = {"환불 언제 되나요", HWANBUL " 언제 되나요"};
    struct policy *p = must_load(files);
    for (size_t i = 0; i < 2; i++) {
        struct buf facts = {0}, decision = {0};
        rec_int(&facts, FACT_ON, ENTRY_SAID);
        rec_str(&facts, FACT_TEXT, str_c(texts[i]));
        policy_decide(p, buf_view(&facts), &decision);
        assert_true(str_is(rec_get_str(buf_view(&decision), DEC_RULE), "x"));
        buf_free(&facts);
        buf_free(&decision);
    }
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syllables_in_parts),
        cmocka_unit_test(korean_words_take_particles),
        cmocka_unit_test(other_words_end),
        cmocka_unit_test(parts),
        cmocka_unit_test(the_same_is_written_the_same),
        cmocka_unit_test(links_and_names),
        cmocka_unit_test(nothing_makes_it_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
