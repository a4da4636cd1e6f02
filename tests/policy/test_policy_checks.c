/* uses: sori_lua sori_base */
/* The ten checks of the send gate, each passed and failed, in Korean and in English; the guide that
 * they ask, and every mistake in it. */
#include "policy/bundle.h"

#define GUIDE_FILES(guide, rules, ko_head, ko, en_head, en)                                        \
    {                                                                                              \
        "init.lua", "sori.guide " guide "\nreturn { \"rules/care\" }", "rules/care.lua",           \
            "local care = sori.policy \"care\"\n" rules "\nreturn care\n", "replies/say.ko.md",    \
            "---\n" ko_head "\n---\n" ko "\n", "replies/say.en.md",                                \
            "---\n" en_head "\n---\n" en "\n", NULL                                                \
    }

/* One check of the first reply of a decision: "+why" where it is passed, "-why" where not. */
static char *checked(struct policy *p, const char *json, const char *check) {
    struct buf facts = facts_of(json), out = {0}, said = {0};
    policy_checks(p, buf_view(&facts), &out);
    struct sori_str one = rec_get_rec(buf_view(&out), CHECKED_INTENT);
    struct rec_field f;
    size_t count = 0;
    while (rec_next(&one, &f) == 1) {
        if (f.tag != CHECKED_CHECK) continue;
        count++;
        if (str_is(rec_get_str(f.s, 1), check))
            buf_printf(&said, "%c%.*s", rec_get_int(f.s, 2, 0) ? '+' : '-',
                       STR(rec_get_str(f.s, 3)));
    }
    if (count != 10) fail_msg("%zu checks for %s", count, json);
    buf_free(&facts);
    buf_free(&out);
    return said.data;
}

/* What the decision itself says: the names of what failed, and whether it waits. */
static bool waits(struct policy *p, const char *json, const char *check) {
    struct buf d = decide(p, json);
    struct sori_str intent = {0}, rest = buf_view(&d);
    struct rec_field f;
    bool named = false;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == DEC_INTENT && rec_get_int(f.s, INTENT_VERB, 0) == VERB_REPLY) intent = f.s;
    assert_true(intent.len > 0);
    for (rest = intent; rec_next(&rest, &f) == 1;)
        if (f.tag == INTENT_CHECK && f.type == REC_REC)
            named |= str_is(rec_get_str(f.s, 1), check) && rec_get_str(f.s, 2).len > 0;
    bool approve = rec_get_int(intent, INTENT_APPROVE, 0) == 1;
    if (named && !approve) fail_msg("%s: %s failed and nobody is asked", json, check);
    buf_free(&d);
    return named;
}

static void expect(struct policy *p, const char *check, const char *json, const char *wanted) {
    char *got = checked(p, json, check);
    if (!got || strcmp(got, wanted) != 0) {
        fprintf(stderr, "%s: %s\n  got    %s\n  wanted %s\n", check, json, got, wanted);
        fail();
    }
    if (waits(p, json, check) != (wanted[0] == '-')) fail_msg("%s: %s", check, json);
    free(got);
}

#define KO   "\"lang\": \"ko\""
#define EN   "\"lang\": \"en\""
#define RULE "care:rule \"say\" { when = {}, act = { reply \"say\" } }"

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
    /* One that begins soon goes along, for the core. */
    struct buf d = decide(p, AT("thanks", "2027-04-15T03:00:00Z"));
    struct sori_str freeze = rec_get_rec(rec_get_rec(buf_view(&d), DEC_INTENT), INTENT_FREEZE);
    assert_true(str_is(rec_get_str(freeze, 3), "추모일"));
    assert_int_equal(rec_get_int(freeze, 2, 0) - rec_get_int(freeze, 1, 0), 86400000);
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
            "  reply \"say\" in ko, after a person's approval: 바보\n"
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
            "next_step, claims, points, same_text, effort, freeze, surge and goal; did you mean "
            "'goal'?\n");
    static const struct {
        const char *guide, *wanted;
    } all[] = {
        {"{ bannd = {} }",
         "guide: 'bannd' is not understood; expected banned, apology, origin, "
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origin),   cmocka_unit_test(goal),         cmocka_unit_test(sources),
        cmocka_unit_test(personal), cmocka_unit_test(same_text),    cmocka_unit_test(tone),
        cmocka_unit_test(side),     cmocka_unit_test(timing),       cmocka_unit_test(influence),
        cmocka_unit_test(channel),  cmocka_unit_test(one_voice),    cmocka_unit_test(none_and_many),
        cmocka_unit_test(account),  cmocka_unit_test(expectations), cmocka_unit_test(mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
