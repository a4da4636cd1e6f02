/* uses: sori_lua sori_base */
/* What strangers write of themselves goes into our words: it may not speak for us, link, call
 * others or hide. And how long what is said is. */
#include "policy/bundle.h"
#include "base/utf8.h"
#include "lua/reply/template.h"

static void expect_reply(struct policy *p, const char *json, const char *wanted) {
    struct buf d = decide(p, json), got = {0};
    struct sori_str rest = buf_view(&d);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == DEC_INTENT)
            buf_printf(&got, "%s%s \"%.*s\"", got.len ? " | " : "",
                       verb_word(rec_get_int(f.s, INTENT_VERB, 0)),
                       STR(rec_get_str(f.s, INTENT_TEXT)));
    if (strcmp(got.data ? got.data : "", wanted) != 0)
        fail_msg("%s\n  got    %s\n  wanted %s", json, got.data ? got.data : "nothing", wanted);
    buf_free(&d), buf_free(&got);
}

#define SAY(ko, en)                                                                                \
    {                                                                                              \
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",                                 \
            "local care = sori.policy \"care\"\ncare:rule \"say\" { when = {}, act = reply "       \
            "\"say\" }\nreturn care\n",                                                            \
            "replies/say.ko.md", ko, "replies/say.en.md", en, NULL                                 \
    }

static void called(struct policy *p, const char *name, const char *wanted) {
    char json[512], said[512];
    snprintf(json, sizeof json, "{\"lang\": \"ko\", \"author\": \"%s\"}", name);
    snprintf(said, sizeof said, "reply \"%s님, 감사합니다.\"", wanted);
    expect_reply(p, json, said);
}

static void names(void **state) {
    (void)state;
    const char *files[] =
        SAY("---\nslot author: name, at most 30, else 고객\n---\n{author}님, 감사합니다.", "Hi.");
    struct policy *p = must_load(files);
    static const char *const good[] = {"김하늘",      "하늘 🌿",  "Emma Stone", "J.K. Rowling",
                                       "민지_92",     "No.1 팬", "하늘♥구름",  "O'Neil-Kim",
                                       "v2.0 사용자", "김.하.늘"},
                             *const bad[] = {"@everyone",
                                             "민지 @samsung",
                                             "＠everyone",
                                             "﹫everyone",
                                             "[공짜](http://evil.kr)",
                                             "[공짜](evil.kr)",
                                             "![x](y)",
                                             "win.example.com",
                                             "WWW.WIN.KR",
                                             "bit.ly/3xYz",
                                             "공짜.한국",
                                             "텔레그램 t.me/abc",
                                             "hxxp://evil",
                                             "#불매운동",
                                             "＃불매운동",
                                             "하늘 #stop",
                                             "대출 010-1234-5678",
                                             "카톡 ０１０１２３４５６７８",
                                             "<b>민지</b>",
                                             "\\u202e민지",
                                             "줄\\n바꿈",
                                             "$TSLA",
                                             " ",
                                             "\\u200b",
                                             "ㅤ",
                                             ""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) called(p, good[i], good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) called(p, bad[i], "고객");
    policy_free(p);
}

/* A slot of the type text may hold marks, and neither links nor calls of whom we do not know. */
static void quoted(void **state) {
    (void)state;
    const char *files[] = SAY("---\nslot author: text, at most 20, else 고객\nslot text: text\n"
                              "---\n{author}님의 “{text}”, 잘 읽었습니다.",
                              "---\nslot title: text, else it\n---\nThank you for {title}.");
    struct policy *p = must_load(files);
    expect_reply(p, "{\"lang\": \"ko\", \"author\": \"민지!!\", \"text\": \"배송 3일, 좋아요 :)\"}",
                 "reply \"민지!!님의 “배송 3일, 좋아요 :)”, 잘 읽었습니다.\"");
    expect_reply(p, "{\"lang\": \"ko\", \"author\": \"@everyone\", \"text\": \"좋아요\"}",
                 "reply \"고객님의 “좋아요”, 잘 읽었습니다.\"");
    expect_reply(p,
                 "{\"lang\": \"ko\", \"author\": \"민지\", \"text\": \"[무료](http://evil.kr)\"}",
                 "hold \"the reply \"say\" cannot be filled: text has a link, a handle or a tag of "
                 "somebody else\"");
    expect_reply(p, "{\"lang\": \"en\", \"title\": \"free at evil.kr/win\"}",
                 "reply \"Thank you for it.\"");
    policy_free(p);
}

/* What is told to our own people is told as it is. */
static void inside(void **state) {
    (void)state;
    const char *files[] = FILES("care:rule \"a\" { when = {}, act = alert \"{author}: {text}\" }");
    struct policy *p = must_load(files);
    expect_reply(p, "{\"author\": \"@hong\", \"text\": \"http://evil.kr\"}",
                 "alert \"@hong: http://evil.kr\"");
    policy_free(p);
}

static void languages(void **state) {
    (void)state;
    const char *files[] = SAY("안녕하세요.", "Hello.");
    struct policy *p = must_load(files);
    expect_reply(p, "{\"lang\": \"en\"}", "reply \"Hello.\"");
    expect_reply(p, "{\"lang\": \"EN\"}", "reply \"Hello.\"");
    expect_reply(p, "{\"lang\": \"en-US\"}", "reply \"Hello.\"");
    expect_reply(p, "{\"lang\": \"en_GB\"}", "reply \"Hello.\"");
    expect_reply(p, "{\"lang\": \"ko-KR\"}", "reply \"안녕하세요.\"");
    expect_reply(p, "{\"lang\": \"eng\"}", "reply \"안녕하세요.\"");
    expect_reply(p, "{\"lang\": \"ja\"}", "reply \"안녕하세요.\"");
    expect_reply(p, "{}", "reply \"안녕하세요.\"");
    policy_free(p);
}

/* A brace that Markdown protects is a brace. */
static void braces(void **state) {
    (void)state;
    const char *files[] = SAY("---\nslot author: name, else 고객\n---\n\\{author\\} {{x}} {author}",
                              "\\{a} `{b}` {{{{");
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    assert_null(p); /* `{b}` is a slot that nobody declared; the others are none */
    assert_string_equal(errors.data,
                        "replies/say.en.md:1: the slot {b} is not declared in the head; add "
                        "\"slot b: TYPE\"\n");
    buf_free(&errors);
    const char *good[] = SAY("---\nslot author: name, else 고객\n---\n\\{author\\} {{x}} {author}",
                             "\\{a} \\*{{b}}");
    p = must_load(good);
    expect_reply(p, "{\"lang\": \"ko\"}", "reply \"{author} {x} 고객\"");
    expect_reply(p, "{\"lang\": \"en\"}", "reply \"{a} *{b}\"");
    policy_free(p);
}

/* What X counts, or more; X's own plugin has the last word. */
static void weights(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t weight;
    } rows[] = {
        {"", 0},
        {"Thank you!", 10},
        {"감사합니다", 10},
        {"https://onkyeol.kr/a/b?c=d#e", 23},
        {"HTTPS://Onkyeol.KR", 23},
        {"https://onkyeol.kr.", 24},
        {"(https://onkyeol.kr)", 25},
        {"https://onkyeol.kr!!!", 26},
        {"https://a.kr,https://b.kr", 47},
        {"https://a.kr에서", 27},
        {"http://a.kr:8080/x", 23},
        {"onkyeol.kr", 23},
        {"여기 onkyeol.kr/반품 참고", 5 + 23 + 4 + 5},
        {"mail@onkyeol.kr", 15},
        {"https://localhost/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 54},
        {"3.5점, 10.25", 12},
        {"끝.그리고", 9},
        {"A.B.C.", 6},
        {"a.kr.1 b.kr-", 23 + 2 + 1 + 23 + 1},
        {"https://", 8},
        {"https://한국.kr", 30},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t got = measure(SORI_STR("x"), str_c(rows[i].text));
        if (got != rows[i].weight)
            fail_msg("%s weighs %lld, not %lld", rows[i].text, (long long)rows[i].weight,
                     (long long)got);
        assert_int_equal(measure(SORI_STR("facebook"), str_c(rows[i].text)),
                         utf8_count(str_c(rows[i].text)));
    }
    /* No text takes long. */
    static const char *const slow[] = {"https://", "a.", "a.kr,", "http://a.kr(", "..", "-a"};
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        struct buf b = {0};
        while (b.len < 64 << 10) buf_puts(&b, slow[i]);
        assert_true(measure(SORI_STR("x"), buf_view(&b)) > 0);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),     cmocka_unit_test(quoted), cmocka_unit_test(inside),
        cmocka_unit_test(languages), cmocka_unit_test(braces), cmocka_unit_test(weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
