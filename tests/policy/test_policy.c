/* uses: sori_lua sori_base */
/* What a bundle decides, and what becomes of an entry when its code misbehaves. */
#include "policy/bundle.h"
#include "base/clock.h"

#include <malloc.h>

/* Decides and compares with "status rule | verb name text=… | …". */
static void expect(struct policy *p, const char *json, const char *wanted) {
    struct buf d = decide(p, json), got = {0};
    struct sori_str rest = buf_view(&d), rule = rec_get_str(rest, DEC_RULE);
    struct rec_field f;
    buf_printf(&got, "%s%s%.*s", decision_word(rec_get_int(rest, DEC_STATUS, 0)),
               rule.len ? " " : "", STR(rule));
    while (rec_next(&rest, &f) == 1) {
        if (f.tag == DEC_NOTE) buf_printf(&got, " +%.*s", STR(f.s));
        if (f.tag == DEC_OUTCOME) buf_printf(&got, " because %.*s", STR(f.s));
        if (f.tag != DEC_INTENT) continue;
        struct sori_str name = rec_get_str(f.s, INTENT_NAME), text = rec_get_str(f.s, INTENT_TEXT);
        buf_printf(&got, " | %s", verb_word(rec_get_int(f.s, INTENT_VERB, 0)));
        if (name.len) buf_printf(&got, " %.*s", STR(name));
        if (rec_get_int(f.s, INTENT_VALUE, 0))
            buf_printf(&got, " %lld", (long long)rec_get_int(f.s, INTENT_VALUE, 0));
        if (text.len) buf_printf(&got, " \"%.*s\"", STR(text));
        if (rec_get_int(f.s, INTENT_APPROVE, 0)) buf_puts(&got, " approve");
        if (rec_get_int(f.s, INTENT_SLOT, 0))
            buf_printf(&got, " slot %lld", (long long)rec_get_int(f.s, INTENT_SLOT, 0));
    }
    if (strcmp(got.data, wanted) != 0) {
        fprintf(stderr, "%s\n  got    %s\n  wanted %s\n", json, got.data, wanted);
        fail();
    }
    buf_free(&d);
    buf_free(&got);
}

static void conditions(void **state) {
    (void)state;
    const char *files[] = FILES(
        "care:level { likely = \"precision 80%\", mine = 0.31 }\n"
        "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
        "care:rule \"label\" { when = { label = { [\"intent.complaint\"] = \"likely\" } }, act = "
        "{} }\n"
        "care:rule \"mine\" { when = { label = { [\"topic.delivery\"] = \"mine\" } }, act = {} }\n"
        "care:rule \"cell\" { when = { channel = \"cells\", sorries = { below = 2 } }, act = add "
        "\"sorries\" }\n"
        "care:rule \"reach\" { when = { reach = { at_least = 100, below = 200 } }, act = {} }\n"
        "care:rule \"spoke\" { when = { spoke = { 3, 5 } }, act = {} }\n"
        "care:rule \"waited\" { when = { on = { \"overdue\", \"due_soon\" }, waited = { above = "
        "\"30m\" } }, act = {} }\n"
        "care:rule \"flag\" { when = { influencer = false, channel = \"flags\" }, act = {} }\n"
        "care:rule \"sure\" { when = { tone = \"negative\", tone_confidence = { at_least = 0.75 } "
        "}, act = {} }\n"
        "care:rule \"channels\" { when = { channel = { \"blog\", \"x\" }, kind = { \"comment\", "
        "\"mention\" } }, act = {} }\n");
    struct policy *p = must_load(files);
    expect(p, "{\"labels\": {\"intent.complaint\": 0.65}}", "decided label");
    expect(p, "{\"labels\": {\"intent.complaint\": 0.6499}}", "none");
    expect(p, "{\"labels\": {\"topic.delivery\": 3100}}", "decided mine");
    expect(p, "{\"labels\": {\"topic.delivery\": 0.3}}", "none");
    expect(p, "{\"channel\": \"cells\"}", "decided cell | add sorries 1");
    expect(p, "{\"channel\": \"cells\", \"cells\": {\"sorries\": 1}}",
           "decided cell | add sorries 1");
    expect(p, "{\"channel\": \"cells\", \"cells\": {\"sorries\": 2}}", "none");
    expect(p, "{\"author\": {\"reach\": 100}}", "decided reach");
    expect(p, "{\"author\": {\"reach\": 199}}", "decided reach");
    expect(p, "{\"author\": {\"reach\": 200}}", "none");
    expect(p, "{\"author\": {\"reach\": 99}}", "none");
    expect(p, "{\"facts\": {\"spoke\": 5}}", "decided spoke");
    expect(p, "{\"facts\": {\"spoke\": 4}}", "none");
    expect(p, "{\"facts\": {\"on\": \"overdue\", \"waited\": \"31m\"}}", "decided waited");
    expect(p, "{\"facts\": {\"on\": \"overdue\", \"waited\": \"30m\"}}", "none");
    expect(p, "{\"facts\": {\"on\": \"said\", \"waited\": \"31m\"}}", "none");
    expect(p, "{\"channel\": \"flags\"}", "decided flag");
    expect(p, "{\"facts\": {\"tone\": \"negative\", \"tone_confidence\": 0.75}}", "decided sure");
    expect(p, "{\"facts\": {\"tone\": \"negative\", \"tone_confidence\": 0.74}}", "none");
    expect(p, "{\"facts\": {\"tone\": \"negative\"}}", "none");
    /* Told as it is written. */
    struct buf sure = facts_of("{\"facts\": {\"tone\": \"negative\", \"tone_confidence\": 0.74}}"),
               told = {0};
    policy_explain(p, buf_view(&sure), &told);
    assert_non_null(strstr(told.data, "  ✗ tone_confidence: wanted at least 0.7500, saw 0.7400\n"));
    buf_free(&sure);
    buf_free(&told);
    expect(p, "{\"channel\": \"x\", \"kind\": \"mention\"}", "decided channels");
    expect(p, "{\"channel\": \"x\", \"kind\": \"share\"}", "none");
    expect(p, "{\"channel\": \"x\", \"kind\": \"mention\", \"origin\": \"us-by-hand\"}", "none");
    expect(p, "{\"channel\": \"x\", \"kind\": \"mention\", \"origin\": \"us-by-rule\"}", "none");
    expect(p, "{\"channel\": \"x\", \"facts\": {\"on\": \"edited\"}}", "decided channels");
    expect(p, "{\"channel\": \"x\", \"facts\": {\"on\": \"removed\"}}", "none");
    policy_free(p);
}

static void replies(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:note \"first\" { when = {}, act = tag \"seen\" }\n"
              "care:note \"second\" { when = { influencer = true }, act = { tag \"big\", note "
              "\"{author} reads {channel}\" } }\n"
              "care:rule \"private\" { when = { kind = \"message\" }, act = { private_reply { "
              "\"sorry\", slot = 2, lang = \"en\" } } }\n"
              "care:rule \"sorry\" { when = {}, act = { like(), reply { \"sorry\", approve = { "
              "influencer = true, reach = { above = 5 } } }, clock \"60m\" } }\n");
    struct policy *p = must_load(files);
    expect(p, "{\"lang\": \"ko\", \"author\": \"민지\", \"id\": 2}",
           "decided sorry +first | tag seen | like | reply sorry \"민지님, 죄송합니다.\" | clock "
           "3600000");
    expect(p, "{\"lang\": \"ko\", \"author\": \"민지\", \"id\": 3}",
           "decided sorry +first | tag seen | like | reply sorry \"민지님, 미안합니다.\" | clock "
           "3600000");
    expect(p, "{\"lang\": \"fr\", \"id\": 2}",
           "decided sorry +first | tag seen | like | reply sorry \"고객님, 죄송합니다.\" | clock "
           "3600000");
    expect(p, "{\"lang\": \"en\", \"author\": \"A\\nB\"}",
           "decided sorry +first | tag seen | like | reply sorry \"Sorry, A B. {ok}\" | clock "
           "3600000");
    expect(p, "{\"lang\": \"en\"}",
           "decided sorry +first | tag seen | like | hold \"the reply \"sorry\" needs what is not "
           "known: author\" | clock 3600000");
    expect(p, "{\"lang\": \"ko\", \"author\": \"긴이름을가진사람\"}",
           "decided sorry +first | tag seen | like | reply sorry \"긴이름을…님, 죄송합니다.\" | "
           "clock 3600000");
    expect(p, "{\"lang\": \"ko\", \"facts\": {\"text_max\": 5, \"can_like\": false}}",
           "decided sorry +first | tag seen | reply sorry \"고객님, 죄송합니다.\" approve | clock "
           "3600000");
    expect(p,
           "{\"lang\": \"ko\", \"author\": {\"name\": \"A\", \"reach\": 6}, \"channel\": \"x\", "
           "\"contact\": {\"influencer\": true}}",
           "decided sorry +first +second | tag seen | tag big | note \"A reads x\" | like | reply "
           "sorry \"A님, 죄송합니다.\" approve | clock 3600000");
    expect(p,
           "{\"lang\": \"ko\", \"author\": {\"name\": \"A\", \"reach\": 5}, \"contact\": "
           "{\"influencer\": true}}",
           "decided sorry +first +second | tag seen | tag big | note \"A reads ?\" | like | reply "
           "sorry \"A님, 죄송합니다.\" | clock 3600000");
    expect(p, "{\"kind\": \"message\", \"lang\": \"ko\", \"author\": \"A\"}",
           "decided private +first | tag seen | private_reply sorry \"Sorry, A. {ok}\" slot 2");
    policy_free(p);
}

static void words(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:rule \"w\" { when = { words = { \"소송\", \"*배상\", \"sue\", \"law*\", \"Food "
              "Poisoning\", \"C++\", \"죽고 싶\", \"*?\" } }, act = {} }\n");
    static const struct {
        const char *text;
        bool found;
    } rows[] = {{"소송을 하겠습니다", true},
                {"(소송)", true},
                {"집단소송", false},
                {"손해배상 하세요", true},
                {"I will SUE you", true},
                {"no issue", false},
                {"suede", false},
                {"LAWYERS!", true},
                {"outlaw", false},
                {"food  poisoning?", true},
                {"food\\npoisoning", true},
                {"foodpoisoning", false},
                {"I like c++.", true},
                {"ｓｕｅ", true},
                {"죽고 싶어요", true},
                {"죽고 싶지만 떡볶이는", true},
                {"", false},
                {"죽고", false},
                {"\\u200bsue", true},
                {"정말요?ㅋㅋ", true},
                {"봤어요 https://a.example/p?u=9 최고", false},
                {"(HTTP://a.example/?q=sue)", true},
                {"www.a.example/?q=x&b=?!x", false},
                {"https://a.example/p?u=9? 네", true},
                {"이거 맞나요? https://a.example/p?u=9", true},
                {"xhttps://a?b", true}};
    struct policy *p = must_load(files);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[256];
        snprintf(json, sizeof json, "{\"text\": \"%s\"}", rows[i].text);
        expect(p, json, rows[i].found ? "decided w" : "none");
    }
    expect(p, "{}", "none");
    policy_free(p);
}

static const char *const plain =
    "{\"channel\": \"blog\", \"text\": \"aaaaaaaaaaaaaaaaaaaaaaaaaa\", \"lang\": \"ko\"}";
#define TEXT(channel) "{\"channel\": \"" channel "\", \"text\": \"aaaaaaaaaaaaaaaaaaaaaaaaaa\"}"

/* Each channel trips another rule; between them an ordinary entry is decided as before. */
static void held_and_going_on(void **state) {
    (void)state;
    const char *files[] =
        FILES("local count, list = 0, { 1, 2 }\n"
              "care:rule \"loops\" { when = { channel = \"loop\" },\n"
              "  check = { why = \"never\", function(i)\n"
              "    while true do end\n"
              "  end }, act = {} }\n"
              "care:rule \"eats\" { when = { channel = \"eat\" }, act = function(i)\n"
              "  local s = { i.text:rep(40000) }\n"
              "  while true do s[#s + 1] = s[#s] .. #s end\n"
              "end }\n"
              "care:rule \"pattern\" { when = { channel = \"pattern\" }, check = { why = \"a "
              "pattern\", function(i)\n"
              "  return i.text:find((\"a?\"):rep(26) .. (\"a\"):rep(26) .. \"b\")\n"
              "end }, act = {} }\n"
              "care:rule \"remembers\" { when = { channel = \"count\" }, act = function(i)\n"
              "  count = count + 1\n"
              "  if count > 1 then return hold \"again\" end\n"
              "end }\n"
              "care:rule \"writes\" { when = { channel = \"write\" }, act = function() list[1] = 2 "
              "end }\n"
              "care:rule \"misreads\" { when = { channel = \"misread\" }, check = { why = \"x\", "
              "function(i) return i.txet end }, act = {} }\n"
              "care:rule \"sets\" { when = { channel = \"set\" }, act = function(i) i.tone = "
              "\"positive\" end }\n"
              "care:rule \"wrong\" { when = { channel = \"wrong\" }, act = function() return reply "
              "\"sory\" end }\n"
              "care:rule \"nonsense\" { when = { channel = \"nonsense\" }, act = function() return "
              "7 end }\n"
              "care:rule \"swallows\" { when = { channel = \"swallow\" }, act = function()\n"
              "  pcall(function() while true do end end)\n"
              "  return like()\n"
              "end }\n"
              "care:rule \"late\" { when = { channel = \"late\" }, act = function() care:rule "
              "\"new\" end }\n"
              "care:note \"speaks\" { when = { channel = \"speak\" }, act = function() return "
              "reply \"sorry\" end }\n"
              "care:rule \"fine\" { when = { channel = \"blog\" }, check = { why = \"text\", "
              "function(i) return #i.text > 3 end },\n"
              "  act = function(i) return { tag(i.text:sub(1, 2)), assign \"support\" } end }\n"
              "care:rule \"silent\" { when = { channel = \"silent\" }, act = function() return nil "
              "end }\n");
    static const struct {
        const char *json, *wanted;
    } rows[] = {
        {TEXT("loop"), "held loops because rule \"loops\": rules/care.lua:5: stopped: 200,000 "
                       "instructions are used up"},
        {TEXT("eat"), "held eats because rule \"eats\": rules/care.lua:9: stopped: 16 MiB of "
                      "memory are used up"},
        {TEXT("pattern"), "held pattern because rule \"pattern\": rules/care.lua:12: stopped: "
                          "200,000 instructions are used up"},
        {TEXT("count"), "held remembers because rule \"remembers\": changed the variable \"count\" "
                        "(rules/care.lua:14); nothing is kept between decisions but cells"},
        {TEXT("count"), "held remembers because rule \"remembers\": changed the variable \"count\" "
                        "(rules/care.lua:14); nothing is kept between decisions but cells"},
        {TEXT("write"),
         "held writes because rule \"writes\": rules/care.lua:18: writes '1' into the table "
         "\"list\" that is read-only after loading; keep what must be remembered in a cell"},
        {TEXT("misread"), "held misreads because rule \"misreads\": rules/care.lua:19: there is no "
                          "fact 'txet'; did you mean 'text'?"},
        {TEXT("set"), "held sets because rule \"sets\": rules/care.lua:20: an interaction cannot "
                      "be changed; return an intention instead"},
        {TEXT("wrong"), "held wrong because rule \"wrong\": rules/care.lua:21: there is no reply "
                        "'sory'; expected a file replies/sory.ko.md; did you mean 'sorry'?"},
        {TEXT("nonsense"),
         "held nonsense because rule \"nonsense\": rules/care.lua:22: act: an intention is "
         "expected (reply \"…\", assign \"…\", tag \"…\"), not a number"},
        {TEXT("swallow"), "held swallows because rule \"swallows\": rules/care.lua:24: stopped: "
                          "200,000 instructions are used up"},
        {TEXT("late"), "held late because rule \"late\": rules/care.lua:27: rules, levels and "
                       "cells are declared while the bundle loads, not later"},
        {TEXT("speak"), "held speaks because note \"speaks\": rules/care.lua:28: a note may not "
                        "speak, and reply does"},
        {TEXT("silent"), "decided silent"},
        {TEXT("other"), "none"}};
    struct policy *p = must_load(files);
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            int64_t start = clock_cpu_us();
            expect(p, rows[i].json, rows[i].wanted);
            assert_true(clock_cpu_us() - start < 1000000);
            expect(p, plain, "decided fine | tag aa | assign support");
        }
    policy_free(p);
}

/* Deciding again and again holds no more memory than deciding once. */
static void functions_hold_no_memory(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:cell { n = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
              "care:rule \"cond\" { when = { channel = \"x\" }, act = function() return reply { "
              "\"sorry\", approve = { influencer = true } } end }\n"
              "care:rule \"a\" { when = {}, act = function(i) return { reply { \"sorry\", approve "
              "= true }, assign \"lead\", add \"n\",\n"
              "  alert(i.text), tag(i.text) } end }\n");
    struct policy *p = must_load(files);
    expect(p, TEXT("x"),
           "held cond because rule \"cond\": rules/care.lua:3: approve: in a function true or "
           "false is expected");
    expect(p, "{\"text\": \"x {author} {\", \"lang\": \"ko\", \"author\": \"A\"}",
           "decided a | reply sorry \"A님, 죄송합니다.\" approve | assign lead | add n 1 | alert "
           "\"x {author} {\" | tag x {author} {");
    size_t before = 0;
    for (int i = 0; i < 30000; i++) {
        struct buf d = decide(p, "{\"text\": \"x\", \"lang\": \"ko\"}");
        assert_int_equal(rec_get_int(buf_view(&d), DEC_STATUS, 0), DECISION_DECIDED);
        buf_free(&d);
        if (i == 10000) before = mallinfo2().uordblks;
    }
    size_t after = mallinfo2().uordblks;
    if (before && after > before + 200000) fail_msg("%zu bytes more", after - before);
    policy_free(p);
}

struct seen {
    char rule[64];
    int line;
};
static void note_rule(void *ctx, const char *rule, int line) {
    struct seen *s = ctx;
    snprintf(s->rule, sizeof s->rule, "%s", rule);
    s->line = line;
}

static void says_where_it_is(void **state) {
    (void)state;
    const char *files[] = FILES("\ncare:rule \"one\" { when = {}, check = { why = \"x\", "
                                "function() return true end }, act = {} }\n");
    struct policy *p = must_load(files);
    struct seen seen = {"", 0};
    policy_watch(p, note_rule, &seen);
    expect(p, "{}", "decided one");
    assert_string_equal(seen.rule, "one");
    assert_int_equal(seen.line, 3);
    policy_free(p);
}

static void why_is_stable(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:level { likely = \"precision 80%\" }\n"
              "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
              "care:note \"topic\" { when = { words = { \"배송\", \"택배\" } }, act = { tag "
              "\"delivery\" } }\n"
              "care:rule \"order\" { when = { kind = \"comment\" }, check = { why = \"an order "
              "number is in the text\",\n"
              "  function(i) return sori.text.match(i.text, \"%d%d%d%-%d+\") end }, act = {} }\n"
              "care:rule \"unhappy\" { when = { kind = \"comment\", tone = \"negative\", "
              "relationship = { \"consumer\", \"loyal\" },\n"
              "  label = { [\"intent.complaint\"] = \"likely\" }, sorries = { below = 2 } },\n"
              "  act = { reply \"sorry\", assign \"support\", clock \"60m\", add \"sorries\" } }\n"
              "care:rule \"never asked\" { when = {}, act = {} }\n");
    struct policy *p = must_load(files);
    struct buf why = {0}, facts = facts_of("{\"id\": 4, \"lang\": \"ko\", \"author\": \"수민\", "
                                           "\"text\": \"배송이 늦어요\", \"tone\": \"negative\","
                                           " \"contact\": {\"relationship\": \"loyal\"}, "
                                           "\"labels\": {\"intent.complaint\": 0.7}}");
    policy_explain(p, buf_view(&facts), &why);
    assert_string_equal(why.data,
                        "note \"topic\" (rules/care.lua:4)\n"
                        "  ✓ on: wanted said or edited, saw said\n"
                        "  ✓ words: wanted any of 2 words, saw \"배송\"\n"
                        "  → applies\n"
                        "rule \"order\" (rules/care.lua:5)\n"
                        "  ✓ on: wanted said or edited, saw said\n"
                        "  ✓ kind: wanted comment, saw comment\n"
                        "  ✗ check: an order number is in the text\n"
                        "rule \"unhappy\" (rules/care.lua:7)\n"
                        "  ✓ on: wanted said or edited, saw said\n"
                        "  ✓ kind: wanted comment, saw comment\n"
                        "  ✓ tone: wanted negative, saw negative\n"
                        "  ✓ relationship: wanted consumer or loyal, saw loyal\n"
                        "  ✓ intent.complaint: wanted likely, at least 0.6500, saw 0.7000\n"
                        "  ✓ sorries: wanted below 2, saw 0\n"
                        "  → decides\n"
                        "decision: decided by rule \"unhappy\" (rules/care.lua:7)\n"
                        "  tag \"delivery\"\n"
                        "  reply \"sorry\" in ko: 수민님, 죄송합니다.\n"
                        "    ✓ origin: not asked: the account itself says who speaks\n"
                        "    ✓ goal: not asked: the guide does not require one\n"
                        "    ✓ sources: not asked: nothing is corrected or claimed\n"
                        "    ✓ personal: not asked: the guide lists no points\n"
                        "    ✓ tone: no words are banned\n"
                        "    ✓ side: not asked: the guide has no next_step words for ko\n"
                        "    ✓ timing: not asked: the time is not known\n"
                        "    ✓ influence: not asked: the guide has no effort\n"
                        "    ✓ channel: fits; no window closes\n"
                        "    ✓ one_voice: nobody else has this\n"
                        "  assign \"support\"\n"
                        "  clock 1 h\n"
                        "  add \"sorries\" 1\n");
    policy_free(p);
    buf_free(&why);
    buf_free(&facts);
}

/* The same facts in another order of fields and with fields that nobody asks for: same bytes. */
static void same_facts_same_bytes(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:rule \"a\" { when = { tone = \"negative\", words = \"늦\" }, check = { why = "
              "\"w\", function(i) return i.text:match(\"늦\") end },\n"
              "  act = function(i) local t = {} for k, v in pairs { b = 1, a = 2, c = 3 } do t[#t "
              "+ 1] = tag(k .. v .. tostring({})) end return t end }\n");
    struct policy *p = must_load(files), *q = must_load(files);
    struct buf one = {0}, two = {0}, a = {0}, b = {0};
    rec_int(&one, FACT_ON, ENTRY_SAID);
    rec_int(&one, FACT_TONE, TONE_NEGATIVE);
    rec_str(&one, FACT_TEXT, str_c("너무 늦어요"));
    rec_str(&two, FACT_TEXT, str_c("너무 늦어요"));
    rec_int(&two, FACT_TONE, TONE_NEGATIVE);
    rec_str(&two, 59, str_c("a fact of a later version"));
    rec_int(&two, FACT_ON, ENTRY_SAID);
    policy_decide(p, buf_view(&one), &a);
    for (int i = 0; i < 3; i++) {
        buf_clear(&b);
        policy_decide(q, buf_view(&two), &b);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
    }
    assert_true(rec_get_int(buf_view(&a), DEC_TRACE, 0) != 0);
    buf_free(&one), buf_free(&two), buf_free(&a), buf_free(&b);
    policy_free(p);
    policy_free(q);
}

static void any_facts_give_a_decision(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:rule \"a\" { when = { words = \"x\" }, act = reply \"sorry\" }\n"
              "care:rule \"b\" { when = { kind = \"comment\" }, act = alert \"{text} {due} "
              "{waited} {tone}\" }\n");
    struct policy *p = must_load(files);
    srand(11);
    for (int i = 0; i < 20000; i++) {
        struct buf facts = facts_of(
                       "{\"text\": \"x\", \"tone\": \"negative\", \"facts\": {\"waited\": 60000}}"),
                   decision = {0};
        for (int k = rand() % 4; k > 0; k--) facts.data[(size_t)rand() % facts.len] = (char)rand();
        policy_decide(p, (struct sori_str){facts.data, (size_t)rand() % (facts.len + 1)},
                      &decision);
        assert_true(rec_valid(buf_view(&decision), 3));
        int64_t status = rec_get_int(buf_view(&decision), DEC_STATUS, 0);
        assert_true(status == DECISION_DECIDED || status == DECISION_NONE ||
                    status == DECISION_HELD);
        buf_free(&facts), buf_free(&decision);
    }
    struct buf broken = {0};
    policy_decide(p, SORI_STR("\x09\xff"), &broken);
    assert_int_equal(rec_get_int(buf_view(&broken), DEC_STATUS, 0), DECISION_HELD);
    buf_free(&broken);
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions),
        cmocka_unit_test(replies),
        cmocka_unit_test(words),
        cmocka_unit_test(held_and_going_on),
        cmocka_unit_test(says_where_it_is),
        cmocka_unit_test(functions_hold_no_memory),
        cmocka_unit_test(why_is_stable),
        cmocka_unit_test(same_facts_same_bytes),
        cmocka_unit_test(any_facts_give_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
