/* uses: sori_lua sori_base */
/* The ten checks of the send gate, each passed and failed, in Korean and in English. */
#include "policy/checks.h"

static void origin(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ origin = { ko = { \"온결 리빙\" }, en = { \"Ongyeol\" }, shop = { \"고객지원팀\", "
        "\"Support\" }, x = false } }",
        RULE, "about: a", "온결 리빙입니다. 감사합니다.", "about: a", "Thank you.");
    struct policy *p = must_load(files);
    expect(p, "origin", "{" KO "}", "+says \"온결 리빙\"");
    expect(p, "origin", "{" EN "}",
           "-nothing in it says who speaks: none of the guide's origin words for en");
    expect(p, "origin", "{" KO ", \"connection\": \"shop\"}",
           "-nothing in it says who speaks: none of the guide's origin words for shop");
    expect(p, "origin", "{" EN ", \"channel\": \"x\"}", "+not asked for x");
    policy_free(p);
    const char *en[] = GUIDE_FILES("{ origin = { any = { \"Ongyeol\" } } }", RULE, "about: a",
                                   "고맙습니다.", "about: a", "Ongyeol here. Thank you.");
    p = must_load(en);
    expect(p, "origin", "{" EN "}", "+says \"Ongyeol\"");
    expect(p, "origin", "{" KO "}",
           "-nothing in it says who speaks: none of the guide's origin words for any");
    policy_free(p);
}

static void goal(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES("{ goal = \"required\" }", RULE, "goal: thank", "고맙습니다.",
                                      "about: a", "Thanks.");
    struct policy *p = must_load(files);
    expect(p, "goal", "{" KO "}", "+thank");
    expect(p, "goal", "{" EN "}",
           "-no goal is set: one of inform, guide, document, thank and repair is needed");
    policy_free(p);
    const char *other[] =
        GUIDE_FILES("{ goal = \"required\" }",
                    "care:rule \"say\" { when = { lang = \"en\" }, act = { reply { \"say\", goal = "
                    "\"repair\" } } }\ncare:rule \"rest\" { when = {}, act = { reply \"say\" } }",
                    "about: a", "고맙습니다.", "about: a", "Thanks.");
    p = must_load(other);
    expect(p, "goal", "{" EN "}", "+repair");
    expect(p, "goal", "{" KO "}",
           "-no goal is set: one of inform, guide, document, thank and repair is needed");
    policy_free(p);
}

static void sources(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ claims = { ko = { \"최저가\" }, en = { \"cheapest\" } } }",
        "care:rule \"doc\" { when = { channel = \"doc\" }, direction = \"correct_facts\", act = { "
        "reply { \"say\", source = \"KB-17\" } } }\n"
        "care:rule \"link\" { when = { channel = \"link\" }, direction = \"correct_facts\", act = "
        "{ reply { \"say\", source = \"https://ongyeol.example/kb/17\" } } }\n"
        "care:rule \"other\" { when = { channel = \"other\" }, act = { reply { \"say\", source = "
        "\"https://ongyeol.example/other\" } } }\n"
        "care:rule \"none\" { when = { channel = \"none\" }, direction = \"correct_facts\", act = "
        "{ reply \"say\" } }\n"
        "care:rule \"rest\" { when = {}, act = { reply \"say\" } }",
        "about: a", "자세한 내용: https://ongyeol.example/kb/17", "about: a",
        "We are the cheapest in town.");
    struct policy *p = must_load(files);
    expect(p, "sources", "{" KO ", \"channel\": \"doc\"}", "+KB-17");
    expect(p, "sources", "{" EN ", \"channel\": \"doc\"}", "+KB-17");
    expect(p, "sources", "{" KO ", \"channel\": \"link\"}", "+https://ongyeol.example/kb/17");
    expect(p, "sources", "{" EN ", \"channel\": \"link\"}",
           "-the text does not show its source https://ongyeol.example/kb/17");
    expect(p, "sources", "{" KO ", \"channel\": \"other\"}",
           "-the text does not show its source https://ongyeol.example/other");
    expect(p, "sources", "{" KO ", \"channel\": \"none\"}", "+the text has a link");
    expect(p, "sources", "{" EN ", \"channel\": \"none\"}",
           "-a correction names its source, and this one has none");
    expect(p, "sources", "{" KO "}", "+not asked: nothing is corrected or claimed");
    expect(p, "sources", "{" EN "}", "-\"cheapest\" is a claim that needs a source");
    policy_free(p);
    const char *ko[] =
        GUIDE_FILES("{ claims = { ko = { \"최저가\" } } }", RULE, "about: a",
                    "저희는 최저가를 약속합니다.", "needs: source", "That is not so.");
    p = must_load(ko);
    expect(p, "sources", "{" KO "}", "-\"최저가\" is a claim that needs a source");
    expect(p, "sources", "{" EN "}", "-its template needs a source, and it has none");
    policy_free(p);
}

static void personal(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ points = { delivery = { \"배송\", \"택배\", \"parcel\" }, refund = { \"환불\", "
        "\"refund\" } } }",
        RULE, "about: a", "배송을 확인하겠습니다.", "about: a", "We look into your parcel.");
    struct policy *p = must_load(files);
    expect(p, "personal", "{" KO ", \"text\": \"택배가 안 와요\"}",
           "+names what was raised: \"배송\"");
    expect(p, "personal", "{" EN ", \"text\": \"where is my parcel\"}",
           "+names what was raised: \"parcel\"");
    expect(p, "personal", "{" KO ", \"text\": \"환불해 주세요\"}",
           "-refund was raised, and it names nothing of it");
    expect(p, "personal", "{" EN ", \"text\": \"I want a refund\"}",
           "-refund was raised, and it names nothing of it");
    expect(p, "personal", "{" KO ", \"text\": \"환불이든 배송이든\"}",
           "+names what was raised: \"배송\"");
    expect(p, "personal", "{" KO ", \"text\": \"예뻐요\"}",
           "+not asked: no point of the guide was raised");
    policy_free(p);
}

/* The limit for the same words goes with every reply; the core counts. */
static void same_text(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES("{ same_text = { people = 3, within = \"2h\" } }", RULE,
                                      "about: a", "네.", "about: a", "Yes.");
    struct policy *p = must_load(files);
    struct buf d = decide(p, "{" KO "}");
    struct sori_str same = rec_get_rec(rec_get_rec(buf_view(&d), DEC_INTENT), INTENT_SAME);
    assert_int_equal(rec_get_int(same, 1, 0), 3);
    assert_int_equal(rec_get_int(same, 2, 0), 7200000);
    assert_false(waits(p, "{" KO "}", "personal"));
    buf_free(&d);
    policy_free(p);
}

static void tone(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ banned = { ko = { \"어쩔 수 없\" }, en = { \"calm down\" }, any = { \"ㅋㅋ\" } } }",
        "care:rule \"sorry\" { when = { channel = \"sorry\" }, direction = \"apologise\", act = { "
        "reply \"say\" } }\n" RULE,
        "slot author: text", "저희도 {author} 없습니다.", "about: a", "We are sorry.");
    struct policy *p = must_load(files);
    expect(p, "tone", "{" KO ", \"author\": \"어쩔 수\"}", "-\"어쩔 수 없\" is a banned word");
    expect(p, "tone", "{" EN "}", "+no banned word");
    expect(p, "tone", "{" EN ", \"channel\": \"sorry\"}", "+no banned word; apologises: \"sorry\"");
    policy_free(p);
    const char *other[] = GUIDE_FILES(
        "{ apology = { ko = { \"*죄송\" } } }",
        "care:rule \"sorry\" { when = { channel = \"sorry\" }, direction = \"apologise\", act = { "
        "reply \"say\" } }\n" RULE,
        "about: a", "정말죄송합니다.", "about: a", "Please calm down.");
    p = must_load(other);
    expect(p, "tone", "{" KO ", \"channel\": \"sorry\"}",
           "+no words are banned; apologises: \"*죄송\"");
    expect(p, "tone", "{" EN ", \"channel\": \"sorry\"}",
           "-an apology is meant, and none of its words is there");
    expect(p, "tone", "{" KO "}", "+no words are banned");
    policy_free(p);
    const char *banned[] =
        GUIDE_FILES("{ banned = { en = { \"calm down\" }, any = { \"ㅋㅋ\" } } }", RULE,
                    "slot author: text", "네 {author}", "slot author: text", "{author}, please.");
    p = must_load(banned);
    expect(p, "tone", "{" EN ", \"author\": \"Calm Down\"}", "-\"calm down\" is a banned word");
    expect(p, "tone", "{" KO ", \"author\": \"ㅋㅋ\"}", "-\"ㅋㅋ\" is a banned word");
    policy_free(p);
}

static void side(void **state) {
    (void)state;
    const char *files[] =
        GUIDE_FILES("{ next_step = { ko = { \"연락\" }, en = { \"reach us\" } } }",
                    "care:rule \"thanks\" { when = { channel = \"thanks\" }, act = { reply { "
                    "\"say\", goal = \"thank\" } } }\n" RULE,
                    "about: a", "곧 연락드리겠습니다.", "about: a", "Noted.");
    struct policy *p = must_load(files);
    expect(p, "side", "{" KO "}", "+offers a next step: \"연락\"");
    expect(p, "side", "{" EN "}",
           "-offers no next step, and its template gives no reason why none");
    expect(p, "side", "{" EN ", \"channel\": \"thanks\"}", "+thank needs no next step");
    policy_free(p);
    const char *other[] =
        GUIDE_FILES("{ next_step = { ko = { \"연락\" } } }", RULE, "about: a", "알겠습니다.",
                    "next: nothing, the matter is closed", "Closed.");
    p = must_load(other);
    expect(p, "side", "{" KO "}",
           "-offers no next step, and its template gives no reason why none");
    expect(p, "side", "{" EN "}", "+nothing, the matter is closed");
    policy_free(p);
}

static void timing(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ freeze = { { from = \"2027-04-16\", to = \"2027-04-16\", zone = \"+09:00\", why = "
        "\"추모일\" }, { from = \"2027-05-01T00:00:00Z\", to = \"2027-05-02T00:00:00Z\", why = "
        "\"outage\", what = \"all\" } } }",
        "care:rule \"thanks\" { when = { channel = \"thanks\" }, act = { reply { \"say\", goal = "
        "\"thank\" } } }\ncare:rule \"late\" { when = { on = \"overdue\" }, act = { reply "
        "\"say\" } }\n" RULE,
        "goal: repair", "죄송합니다.", "goal: repair", "Sorry.");
    struct policy *p = must_load(files);
#define AT(channel, now) "{" KO ", \"channel\": \"" channel "\", \"facts\": {\"now\": \"" now "\"}}"
    expect(p, "timing", AT("thanks", "2027-04-15T14:59:59Z"), "+no clock runs");
    expect(p, "timing", AT("thanks", "2027-04-15T15:00:00Z"), "-frozen: 추모일");
    expect(p, "timing", AT("thanks", "2027-04-16T14:59:59Z"), "-frozen: 추모일");
    expect(p, "timing", AT("thanks", "2027-04-16T15:00:00Z"), "+no clock runs");
    expect(p, "timing", AT("care", "2027-04-16T03:00:00Z"), "+no clock runs");
    expect(p, "timing", AT("care", "2027-05-01T03:00:00Z"), "-frozen: outage");
    expect(p, "timing",
           "{" EN ", \"facts\": {\"now\": \"2027-05-02T00:00:00Z\", \"due\": "
           "\"2027-05-02T00:10:00Z\"}}",
           "+inside the clock");
    expect(p, "timing",
           "{" EN ", \"facts\": {\"now\": \"2027-05-02T00:00:00Z\", \"due\": "
           "\"2027-05-01T22:30:00Z\"}}",
           "-the clock ran out 1 h 30 min ago: a person is waited for");
    expect(p, "timing",
           "{" KO ", \"facts\": {\"on\": \"overdue\", \"now\": \"2027-05-02T00:00:00Z\", "
           "\"due\": \"2027-05-01T22:30:00Z\"}}",
           "+late, and about just that");
    const char *first[] = GUIDE_FILES("{}", RULE, "holding: true", "확인하고 있습니다.", "about: a",
                                      "We look into it.");
    struct policy *q = must_load(first);
#define LATE "\"facts\": {\"now\": \"2027-05-02T00:00:00Z\", \"due\": \"2027-05-01T22:30:00Z\"}"
    expect(q, "timing", "{" KO ", " LATE "}", "+late, and a first word: the answer is still owed");
    expect(q, "timing", "{" EN ", " LATE "}",
           "-the clock ran out 1 h 30 min ago: a person is waited for");
    policy_free(q);
    /* The core asks again when it leaves: what is cheerful, and when. */
    struct buf d = decide(p, AT("thanks", "2027-04-15T03:00:00Z")), freezes = {0};
    assert_int_equal(rec_get_int(rec_get_rec(buf_view(&d), DEC_INTENT), INTENT_CHEERFUL, 0), 1);
    policy_freezes(p, 1, &freezes);
    struct sori_str freeze = rec_get_rec(buf_view(&freezes), 1);
    assert_true(str_is(rec_get_str(freeze, 3), "추모일"));
    assert_int_equal(rec_get_int(freeze, 2, 0) - rec_get_int(freeze, 1, 0), 86400000);
    assert_int_equal(rec_get_int(freeze, 4, 0), 0);
    buf_free(&freezes);
    buf_free(&d);
    policy_free(p);
}

static void influence(void **state) {
    (void)state;
    const char *files[] = GUIDE_FILES(
        "{ effort = { personal = 1000, expert = 50000, experts = { \"lead\" } } }",
        "care:rule \"asked\" { when = { channel = \"asked\" }, act = { reply { \"say\", approve = "
        "true } } }\ncare:rule \"lead\" { when = { channel = \"lead\" }, act = { reply { \"say\", "
        "approve = true }, assign \"lead\" } }\ncare:rule \"support\" { when = { channel = "
        "\"support\" }, act = { assign \"support\", reply { \"say\", approve = true } } }\n" RULE,
        "about: a", "네.", "about: a", "Yes.");
    struct policy *p = must_load(files);
#define READ(lang, channel, reach)                                                                 \
    "{" lang ", \"channel\": \"" channel "\", \"author\": {\"reach\": " reach "}}"
    expect(p, "influence", "{" KO "}", "+not asked: how many read it is not known");
    expect(p, "influence", READ(KO, "a", "999"), "+999 readers: a template is enough");
    expect(p, "influence", READ(KO, "a", "1000"), "-1000 readers: a person looks at it first");
    expect(p, "influence", READ(EN, "asked", "1000"), "+1000 readers: a person lets it go");
    expect(p, "influence", READ(EN, "asked", "50000"),
           "-50000 readers: from 50000 on a named expert answers, and none is assigned");
    expect(p, "influence", READ(KO, "support", "50000"),
           "-50000 readers: from 50000 on a named expert answers, and none is assigned");
    expect(p, "influence", READ(KO, "lead", "50000"), "+50000 readers: a named expert lets it go");
    expect(p, "influence", "{" EN ", \"contact\": {\"influencer\": true}}",
           "-an influencer: a person looks at it first");
    policy_free(p);
}

static void channel(void **state) {
    (void)state;
    const char *files[] = FILES("care:rule \"say\" { when = {}, act = { reply \"sorry\" } }");
    struct policy *p = must_load(files);
#define WITH(lang, facts) "{" lang ", \"author\": \"A\", \"facts\": {" facts "}}"
    expect(p, "channel", WITH(KO, "\"can_reply\": true"), "+fits; no window closes");
    expect(p, "channel", WITH(EN, "\"can_reply\": false, \"why_not\": \"too old\""),
           "-the channel does not let us reply: too old");
    expect(p, "channel",
           WITH(EN, "\"can_reply\": false, \"why_not\": \"like: no; reply: too old\""),
           "-the channel does not let us reply: too old");
    expect(p, "channel", WITH(KO, "\"text_max\": 5"),
           "-it has 10 characters, 5 are allowed by the channel");
    expect(p, "channel", WITH(KO, "\"text_max\": 10"), "+fits; no window closes");
    expect(p, "channel", WITH(KO, "\"window_left\": \"2h\""), "+fits; the window is open");
    expect(p, "channel", WITH(KO, "\"window_left\": 0"), "-the window to answer is closed");
    policy_free(p);
}

static void one_voice(void **state) {
    (void)state;
    const char *files[] = FILES("care:rule \"say\" { when = {}, act = { reply \"sorry\" } }");
    struct policy *p = must_load(files);
    expect(p, "one_voice", WITH(KO, "\"case\": \"open\""), "+nobody else has this");
    expect(p, "one_voice", WITH(KO, "\"case\": \"open\", \"owner\": \"민지\""),
           "-민지 has the case");
    expect(p, "one_voice", WITH(EN, "\"case\": \"pending\", \"owner\": \"kim\""),
           "-kim has the case");
    expect(p, "one_voice", WITH(EN, "\"case\": \"answered\", \"owner\": \"kim\""),
           "+nobody else has this");
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origin),   cmocka_unit_test(goal),      cmocka_unit_test(sources),
        cmocka_unit_test(personal), cmocka_unit_test(same_text), cmocka_unit_test(tone),
        cmocka_unit_test(side),     cmocka_unit_test(timing),    cmocka_unit_test(influence),
        cmocka_unit_test(channel),  cmocka_unit_test(one_voice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
