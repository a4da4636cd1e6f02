/* uses: sori_lua sori_base */
/* Replies: what a rule gives them, which wording is taken for whom, Markdown as plain text. */
#include "policy/bundle.h"
#include "lua/reply/template.h"

/* A rule file and one reply in two languages. */
#define REPLIES(rules, ko, en)                                                                     \
    {                                                                                              \
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",                                 \
            "local care = sori.policy \"care\"\n" rules "\nreturn care\n", "replies/fact.ko.md",   \
            ko, "replies/fact.en.md", en, NULL                                                     \
    }

static void expect(struct policy *p, const char *json, const char *wanted) {
    struct buf d = decide(p, json), got = {0};
    struct sori_str rest = buf_view(&d);
    struct rec_field f;
    buf_puts(&got, decision_word(rec_get_int(rest, DEC_STATUS, 0)));
    while (rec_next(&rest, &f) == 1) {
        if (f.tag == DEC_OUTCOME) buf_printf(&got, " because %.*s", STR(f.s));
        if (f.tag != DEC_INTENT) continue;
        buf_printf(&got, " | %s \"%.*s\"", verb_word(rec_get_int(f.s, INTENT_VERB, 0)),
                   STR(rec_get_str(f.s, INTENT_TEXT)));
        struct sori_str goal = rec_get_str(f.s, INTENT_GOAL),
                        source = rec_get_str(f.s, INTENT_SOURCE);
        if (goal.len) buf_printf(&got, " goal %.*s", STR(goal));
        if (source.len) buf_printf(&got, " source %.*s", STR(source));
    }
    if (strcmp(got.data, wanted) != 0)
        fail_msg("%s\n  got    %s\n  wanted %s", json, got.data, wanted);
    buf_free(&d), buf_free(&got);
}

static void refused(const char *const *files, const char *wanted) {
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (p || strcmp(errors.data, wanted) != 0)
        fail_msg("got    %swanted %s", errors.data ? errors.data : "nothing\n", wanted);
    buf_free(&errors);
}

#define KO                                                                                         \
    "---\ngoal: inform\nsource: docs/battery\nslot truth: text, at most 20\nslot parcels: "        \
    "number, "                                                                                     \
    "else 몇\nslot page: url, else \nslot day: date, else \nslot author: name, at most 8, else "  \
    "고객\n---\n{author}님, {truth} {parcels}개 {day} {page}"
#define EN "---\nslot truth: text\nslot day: date, else soon\n---\n{truth}, {day}."

static void what_a_rule_gives(void **state) {
    (void)state;
    const char *files[] = REPLIES(
        "care:rule \"all\" { when = { channel = \"all\" }, act = reply { \"fact\", goal = "
        "\"guide\", "
        "source = \"https://a.kr/1\", slots = { truth = \"배터리는 탈착됩니다\", parcels = 3, page "
        "= \"https://a.kr/x\", day = \"2026-11-22\" } } }\n"
        "care:rule \"some\" { when = { channel = \"some\" }, act = reply { \"fact\", slots = { "
        "truth = \"그렇습니다\" } } }\n"
        "care:rule \"made\" { when = { channel = \"made\" }, act = function(i) return reply { "
        "\"fact\", slots = { truth = i.text, parcels = i.title, page = i.url } } end }\n"
        "care:rule \"typo\" { when = { channel = \"typo\" }, act = function(i) return reply { "
        "\"fact\", slots = { trut = i.text } } end }\n",
        KO, EN);
    struct policy *p = must_load(files);
    expect(
        p, "{\"channel\": \"all\", \"lang\": \"ko\", \"author\": \"민지\"}",
        "decided | reply \"민지님, 배터리는 탈착됩니다 3개 2026년 11월 22일 https://a.kr/x\" goal "
        "guide source https://a.kr/1");
    expect(p, "{\"channel\": \"all\", \"lang\": \"en\"}",
           "decided | reply \"배터리는 탈착됩니다, 22 November 2026.\" goal guide source "
           "https://a.kr/1");
    expect(p, "{\"channel\": \"some\", \"lang\": \"ko\"}",
           "decided | reply \"고객님, 그렇습니다 몇개  \" goal inform source docs/battery");
    /* What says its name with a link or a handle is not called by it. */
    expect(p, "{\"channel\": \"some\", \"lang\": \"ko\", \"author\": \"www.win.kr\"}",
           "decided | reply \"고객님, 그렇습니다 몇개  \" goal inform source docs/battery");
    expect(p, "{\"channel\": \"some\", \"lang\": \"ko\", \"author\": \"@all\"}",
           "decided | reply \"고객님, 그렇습니다 몇개  \" goal inform source docs/battery");
    expect(p, "{\"channel\": \"made\", \"text\": \"a\\nb\", \"title\": \"4.5\", \"lang\": \"ko\"}",
           "decided | reply \"고객님, a b 4.5개  \" goal inform source docs/battery");
    expect(
        p,
        "{\"channel\": \"made\", \"text\": \"가나다라마바사아자차카타파하가나다라마바사\", "
        "\"lang\": "
        "\"ko\"}",
        "decided | hold \"the reply \"fact\" cannot be filled: truth has 21 characters of at most "
        "20\"");
    expect(p,
           "{\"channel\": \"made\", \"text\": \"x\", \"title\": \"many\", \"url\": "
           "\"javascript:x\", \"lang\": \"ko\"}",
           "decided | hold \"the reply \"fact\" cannot be filled: parcels is no number; page is no "
           "link; it begins with https:// or http://\"");
    expect(p, "{\"channel\": \"made\", \"lang\": \"ko\"}",
           "decided | hold \"the reply \"fact\" needs what is not known: truth\"");
    expect(p, "{\"channel\": \"typo\", \"text\": \"x\"}",
           "held because rule \"typo\": rules/care.lua:5: the reply 'fact' has no slot trut that a "
           "rule fills; did you mean 'truth'?");
    policy_free(p);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    const char *files[] = REPLIES(
        "care:rule \"a\" { when = {}, act = reply { \"fact\", slots = { truth = "
        "\"가나다라마바사아자차카타파하가나다라마바사\", parcels = \"x\" } } }\n"
        "care:rule \"b\" { when = {}, act = reply \"fact\" }\n"
        "care:rule \"c\" { when = {}, act = reply { \"fact\", goal = \"sell\", source = \"\", "
        "slots = { "
        "truth = \"x\", day = \"2026-02-30\", author = \"A\", tru = \"y\", page = {} } } }\n"
        "care:rule \"d\" { when = {}, act = reply { \"fact\", lang = \"en\", slots = { truth = "
        "\"x\", "
        "page = \"ftp://x\" } } }\n"
        "care:rule \"e\" { when = {}, act = reply { \"fact\", slots = 4 } }\n",
        KO, EN);
    refused(
        files,
        "rules/care.lua:2: rule \"a\": slot truth of the reply 'fact': 21 characters; at most "
        "20 fit\n"
        "rules/care.lua:2: rule \"a\": slot parcels of the reply 'fact': \"x\" is no number\n"
        "rules/care.lua:3: rule \"b\": the reply 'fact' needs the slot truth "
        "(replies/fact.ko.md:4); give it with slots = { truth = … }\n"
        "rules/care.lua:3: rule \"b\": the reply 'fact' needs the slot truth "
        "(replies/fact.en.md:2); give it with slots = { truth = … }\n"
        "rules/care.lua:4: rule \"c\": goal: one of inform, guide, document, thank and repair is "
        "expected\n"
        "rules/care.lua:4: rule \"c\": slots: expected { name = \"a text\" } or { name = 3 }, not "
        "a table\n"
        "rules/care.lua:4: rule \"c\": source: a link or the name of a document is expected, at "
        "most 500 bytes\n"
        "rules/care.lua:6: rule \"e\": slots: expected { name = \"a text\" }, not a number\n");
    const char *slots[] = REPLIES(
        "care:rule \"c\" { when = {}, act = reply { \"fact\", slots = { truth = \"x\", day = "
        "\"2026-02-30\", author = \"A\", tru = \"y\" } } }\n",
        KO, EN);
    refused(slots,
            "rules/care.lua:2: rule \"c\": the reply 'fact' takes the slot author from the "
            "facts\n"
            "rules/care.lua:2: rule \"c\": the reply 'fact' has no slot tru that a rule fills; "
            "did you mean 'truth'?\n"
            "rules/care.lua:2: rule \"c\": slot day of the reply 'fact': \"2026-02-30\" is no "
            "date; write it like 2026-11-22\n"
            "rules/care.lua:2: rule \"c\": slot day of the reply 'fact': \"2026-02-30\" is no "
            "date; write it like 2026-11-22\n");
    const char *heads[] =
        REPLIES("care:rule \"c\" { when = {}, act = {} }\n",
                "---\nslot Truth: text\nslot day: time\nslot author: date\nslot x: text\nslot x: "
                "url\ngoal: "
                "sel\nneeds: apolgy\nsource:\nwhen tone: negative\n---\n{author} {wo} {x}",
                "when mood: bad\nx\n---\nwhen tone: angry\nx\n---\nwhen tone:\nx\n");
    refused(
        heads,
        "replies/fact.ko.md:2: slot Truth: the name of a fact, or a name of a-z, 0-9 and _ that "
        "a rule fills, is expected\n"
        "replies/fact.ko.md:3: slot day: there is no type 'time'; text, number, url, date or "
        "name is expected of what a rule fills\n"
        "replies/fact.ko.md:4: slot author: the type 'date' does not fit this fact; text, name, "
        "url, word, number, span or time is expected\n"
        "replies/fact.ko.md:6: slot x is declared twice\n"
        "replies/fact.ko.md:7: goal: one of inform, guide, document, thank and repair is "
        "expected\n"
        "replies/fact.ko.md:8: needs: apology or source is expected; did you mean 'apology'?\n"
        "replies/fact.ko.md:9: source: a text of at most 500 bytes is expected\n"
        "replies/fact.ko.md:10: when stands above one wording, right after its line of three "
        "dashes\n"
        "replies/fact.en.md:1: when mood: expected when tone, relationship, kind or channel\n"
        "replies/fact.en.md:4: tone: there is no 'angry'; expected one of: none, positive, "
        "neutral, negative, unsure\n"
        "replies/fact.en.md:7: when tone: a word, or words with commas between them, are "
        "expected\n");
}

static void wordings(void **state) {
    (void)state;
    const char *files[] = REPLIES(
        "care:rule \"r\" { when = {}, act = reply \"fact\" }\n",
        "for all\n---\nwhen tone: negative\nsorry\n---\nwhen tone: negative, unsure\nwhen "
        "relationship: loyal\nsorry, friend\n---\nwhen relationship: loyal\nfriend\n---\nwhen "
        "channel: x\nshort\n",
        "when tone: positive\nthanks\n");
    struct policy *p = must_load(files);
#define SAYS(tone, relation, more, text)                                                           \
    expect(p,                                                                                      \
           "{\"lang\": \"ko\", \"tone\": \"" tone                                                  \
           "\", \"contact\": {\"relationship\": \"" relation "\"}" more "}",                       \
           "decided | reply \"" text "\"")
    SAYS("neutral", "neutral", "", "for all");
    SAYS("negative", "neutral", "", "sorry");
    SAYS("negative", "loyal", "", "sorry, friend");
    SAYS("unsure", "loyal", "", "sorry, friend");
    SAYS("unsure", "neutral", "", "for all");
    SAYS("positive", "loyal", "", "friend");
    SAYS("neutral", "neutral", ", \"channel\": \"x\"", "short");
    /* Two ask for as much: the interaction's id chooses. */
    SAYS("negative", "anti", ", \"channel\": \"x\", \"id\": 4", "sorry");
    SAYS("negative", "anti", ", \"channel\": \"x\", \"id\": 5", "short");
    expect(p, "{\"lang\": \"en\", \"tone\": \"positive\"}", "decided | reply \"thanks\"");
    expect(p, "{\"lang\": \"en\", \"tone\": \"negative\"}",
           "decided | hold \"the reply \"fact\" has no wording for this (replies/fact.en.md)\"");
    policy_free(p);
}

static void markdown(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"정말 **죄송합니다**, *꼭* 답을 드릴게요", "정말 죄송합니다, 꼭 답을 드릴게요"},
        {"정말**꼭**요 _이번_에는, __한번__ 더", "정말꼭요 _이번_에는, 한번 더"},
        {"snake_case_name과 2 * 3 * 4, a*b", "snake_case_name과 2 * 3 * 4, a*b"},
        {"***아주*** 감사", "아주 감사"},
        {"[환불 안내](https://a.kr/r_e_f)를 보세요", "환불 안내 (https://a.kr/r_e_f)를 보세요"},
        {"[https://a.kr](https://a.kr) <https://b.kr> ![사진](https://c.kr/p)",
         "https://a.kr https://b.kr 사진 (https://c.kr/p)"},
        {"[**굵은** 링크](https://a.kr)", "굵은 링크 (https://a.kr)"},
        {"[닫히지 않은 (괄호) [이것](저것 그것)", "[닫히지 않은 (괄호) [이것](저것 그것)"},
        {"# 제목\n#해시태그 C# ##\n> 인용\n* 하나\n  + 둘\n- 셋\n1. 넷",
         "제목\n#해시태그 C# ##\n인용\n- 하나\n  - 둘\n- 셋\n1. 넷"},
        {"`code` 와 ``", "code 와 ``"},
        {"\\*별\\* \\_밑줄\\_ \\\\ C:\\x", "*별* _밑줄_ \\ C:\\x"},
        {"{can_reply} {text_max} *{author}*님", "{can_reply} {text_max} {author}님"},
        {"줄바꿈  \n다음 줄\r\n\r\n새 문단", "줄바꿈\n다음 줄\n\n새 문단"},
        {"**안 닫힘 *하나", "**안 닫힘 *하나"},
        {"* * *\n**\n*\n_", "- * *\n**\n*\n_"},
        {"<b>굵게</b> <http 아님> 1 < 2", "<b>굵게</b> <http 아님> 1 < 2"},
        {"😀 **😀**", "😀 😀"},
        {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        markdown_plain(str_c(rows[i][0]), &out);
        if (strcmp(out.data ? out.data : "", rows[i][1]) != 0)
            fail_msg("%s\n  got    %s\n  wanted %s", rows[i][0], out.data, rows[i][1]);
        buf_free(&out);
    }
}

/* No text takes more than its length allows, or reads beyond its end. */
static void hostile_markdown(void **state) {
    (void)state;
    static const char *const bad[] = {"*a ", "[", "![[",  "`",      "<http", "*_",       "**a*_b__",
                                      "\\",  "{", "[a](", "](x) [", "_*",    "*[`<http{"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buf text = {0}, out = {0};
        while (text.len < 256 * 1024) buf_puts(&text, bad[i]);
        markdown_plain(buf_view(&text), &out);
        assert_true(out.len <= text.len * 2);
        buf_free(&text), buf_free(&out);
    }
    srand(7);
    for (int i = 0; i < 20000; i++) {
        static const char chars[] = "*_[](){}`<>\\#!- \na";
        char s[24];
        size_t n = (size_t)rand() % sizeof s;
        for (size_t k = 0; k < n; k++) s[k] = chars[(size_t)rand() % (sizeof chars - 1)];
        struct buf out = {0};
        char *exact = mem_text((struct sori_str){s, n}); /* a sanitizer sees its end */
        markdown_plain((struct sori_str){exact, n}, &out);
        free(exact);
        buf_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_rule_gives), cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(wordings),          cmocka_unit_test(markdown),
        cmocka_unit_test(hostile_markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
