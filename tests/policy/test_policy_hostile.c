/* uses: sori_lua sori_base */
/* Bundles of somebody who means harm: each is refused or its entry held, with rule and line; what
 * is next to it is decided. */
#include "policy/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef SORI_SANITIZED
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

static struct buf said_often(const char *text, size_t times) {
    struct buf b = {0}, said = {0};
    rec_int(&b, FACT_ON, ENTRY_SAID);
    rec_int(&b, FACT_KIND, KIND_COMMENT);
    rec_int(&b, FACT_ID, 7);
    while (times--) buf_puts(&said, text);
    rec_str(&b, FACT_TEXT, buf_view(&said));
    buf_free(&said);
    return b;
}

static void refused(const char *rules, const char *wanted) {
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", rules, NULL};
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (p || !errors.data || !strstr(errors.data, wanted) || errors.len > 128 * 1024)
        fail_msg("%s\n  gave (%zu bytes) %.500s\n  not %s", rules, errors.len,
                 errors.data ? errors.data : "nothing", wanted);
    buf_free(&errors);
}

/* Decides with the rule file; the entry is held, small, and says `wanted`. */
static void held(const char *rules, const char *text, size_t times, const char *wanted) {
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", rules, NULL};
    struct policy *p = must_load(files);
    struct buf facts = said_often(text, times), decision = {0};
    for (int i = 0; i < 2; i++) {
        buf_clear(&decision);
        policy_decide(p, buf_view(&facts), &decision);
        struct sori_str why = rec_get_str(buf_view(&decision), DEC_OUTCOME);
        if (rec_get_int(buf_view(&decision), DEC_STATUS, 0) != DECISION_HELD || !why.len ||
            !memmem(why.ptr, why.len, wanted, strlen(wanted)) || decision.len > 16 * 1024)
            fail_msg("%s\n  gave %zu bytes: %.*s\n  not %s", rules, decision.len,
                     why.len > 400 ? 400 : (int)why.len, why.ptr ? why.ptr : "", wanted);
    }
    struct buf next = said_often("next", 1);
    buf_clear(&decision);
    policy_decide(p, buf_view(&next), &decision);
    assert_true(rec_get_int(buf_view(&decision), DEC_STATUS, 0) != 0);
    buf_free(&next);
    buf_free(&facts);
    buf_free(&decision);
    policy_free(p);
}

#define CARE       "local c = sori.policy \"care\"\n"
#define RULE(code) CARE "c:rule \"x\" { when = {}, act = function(i) " code " end }\nreturn c"

static void forged_intentions(void **state) {
    (void)state;
    held(RULE("local a = like() a[1] = 99999999 return a"), "x", 1, "rules/care.lua:2: act: this");
    held(RULE("local a = like() a[1] = -1 return a"), "x", 1, "was changed after it was made");
    held(RULE("local a = like() a[1] = \"x\" return { a }"), "x", 1, "was changed");
    held(RULE("local a = like() a[1] = nil return a"), "x", 1, "was changed");
    held(RULE("local a = tag \"x\" a[3] = {} return a"), "x", 1, "a text is expected");
}

static void decisions_stay_small(void **state) {
    (void)state;
    held(RULE("local n, t = note((\"x\"):rep(1000000)), {} for k = 1, 64 do t[k] = n end return t"),
         "x", 1, "note: a text of 1000000 bytes; at most 65536 are taken");
    held(RULE("local n, t = note((\"x\"):rep(60000)), {} for k = 1, 64 do t[k] = n end return t"),
         "x", 1, "rules/care.lua:2: stopped: what is decided is larger than 256 KiB");
    held(RULE("return tag((\"x\"):rep(300))"), "x", 1, "tag: a name has 1 to 200 bytes");
    held(RULE("return tag \"a\\27[31m\""), "x", 1, "no control characters");
    held(RULE("return assign \"sup\\226\\128\\174port\""), "x", 1, "no control characters");
    held(RULE("return tag \"\\255\""), "x", 1, "of UTF-8");
}

static void lists_of_words(void **state) {
    (void)state;
    held(CARE "for r = 1, 10 do local w = {} for k = 1, 4000 do w[k] = \"*aaaaaaaa\" .. r * k end\n"
              "c:rule(\"x\" .. r) { when = { words = w }, act = {} } end return c",
         "aaaaaaaaa", 2000, "rule \"x1\": rules/care.lua:3: words: stopped: 2000000 comparisons");
    refused(CARE "local t = {} for i = 1, 100000 do t[i] = \"t\" .. i end\n"
                 "c:rule \"x\" { when = { text = t }, act = {} } return c",
            "rules/care.lua:3: rule \"x\": text: more than 4096 words");
}

static void kept_iterators(void **state) {
    (void)state;
    refused(CARE "local it = pairs { \"a\", \"b\" }\n"
                 "c:rule \"x\" { when = {}, act = function(i) return tag(tostring(it())) end }",
            "a function keeps what pairs or gmatch made");
    refused(CARE "local it = (\"abc\"):gmatch(\".\")\n"
                 "c:rule \"x\" { when = {}, act = function(i) return tag(tostring(it())) end }",
            "a function keeps what pairs or gmatch made");
}

/* An intention that was made while loading is read-only, and still one. */
static void kept_intentions(void **state) {
    (void)state;
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                           CARE "local t = tag \"kept\"\n"
                                "c:rule \"x\" { when = {}, act = function(i) return t end }",
                           NULL};
    struct policy *p = must_load(files);
    struct buf facts = said_often("x", 1), text = {0};
    policy_explain(p, buf_view(&facts), &text);
    assert_non_null(strstr(text.data, "decision: decided"));
    assert_non_null(strstr(text.data, "tag \"kept\""));
    buf_free(&text);
    buf_free(&facts);
    policy_free(p);
}

static void names(void **state) {
    (void)state;
    refused(CARE "c:rule \"evil\\27[31m\\nfake\" { when = {}, act = {} }",
            "rules/care.lua:2: rule: a name has 1 to 200 bytes");
    refused(CARE "c:rule((\"x\"):rep(1000000)) { when = {}, act = {} }", "this one has 1000000");
    refused(CARE "c:cell { [\"a\\n\"] = { per = \"contact\", type = \"int\", keep = \"1d\" } }",
            "rules/care.lua:2: cell: a name has");
    refused(CARE "local t = {} for i = 1, 100000 do t[\"k\" .. i] = 0.5 end c:level(t)",
            "more is wrong here than can be listed");
}

static void refused_reply(const char *head, const char *part, size_t times, const char *wanted) {
    struct buf reply = {0}, errors = {0};
    buf_puts(&reply, head);
    while (times--) buf_puts(&reply, part);
    const char *files[] = {"init.lua",
                           "return { \"rules/care\" }",
                           "rules/care.lua",
                           CARE "c:rule \"x\" { when = {}, act = { reply \"r\" } }",
                           "replies/r.ko.md",
                           reply.data,
                           NULL};
    struct policy *p = load(files, &errors);
    if (p || !errors.data || !strstr(errors.data, wanted))
        fail_msg("%s: %.500s", wanted, errors.data ? errors.data : "nothing");
    buf_free(&reply);
    buf_free(&errors);
}

static void replies(void **state) {
    (void)state;
    refused_reply("---\nslot id: number\n---\n", "{id}", 60000,
                  "replies/r.ko.md:4: more than 256 slots and pieces in one text");
    refused_reply("", "a\n---\n", 40000, "replies/r.ko.md:201: more than 100 wordings");
}

/* What a stranger is called cannot turn our words around, nor steer a terminal. */
static void names_in_replies(void **state) {
    (void)state;
    const char *files[] = FILES("care:rule \"x\" { when = {}, act = { reply \"sorry\" } }");
    struct policy *p = must_load(files);
    struct buf facts = said_often("x", 1), decision = {0};
    rec_str(&facts, FACT_LANG, str_c("en"));
    rec_str(&facts, FACT_AUTHOR,
            str_c("a\xe2\x80\xae"
                  "b\x1b[2J\xc2\x9b"
                  "c\xff\xe2\x81\xa6"));
    policy_decide(p, buf_view(&facts), &decision);
    const char *wanted = "Sorry, ab [2J c\xef\xbf\xbd. {ok}";
    if (!memmem(decision.data, decision.len, wanted, strlen(wanted)))
        fail_msg("%.*s", (int)decision.len, decision.data);
    buf_free(&facts);
    buf_free(&decision);
    policy_free(p);
}

/* The core reads the folder: what lies there must not keep it. */
static void folders(void **state) {
    (void)state;
    char dir[] = "/tmp/sori-bundle-XXXXXX", path[128];
    struct buf bundle = {0};
    struct err err;
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < 10001; i++) {
        snprintf(path, sizeof path, "%s/%d.txt", dir, i);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    assert_false(bundle_read(dir, &bundle, &err));
    assert_non_null(strstr(err.text, "more than 10000 entries; a bundle is .lua files and"));
    for (int i = 0; i < 10001; i++) {
        snprintf(path, sizeof path, "%s/%d.txt", dir, i);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/a.lua", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(bundle_read(dir, &bundle, &err));
    assert_non_null(strstr(err.text, "is no plain file"));
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && ftruncate(fd, 1 << 30) == 0);
    close(fd);
    assert_false(bundle_read(dir, &bundle, &err));
    assert_non_null(
        strstr(err.text, "a.lua:1: is larger than the 256 KiB that a file of a bundle may"));
    unlink(path);
    rmdir(dir);
    assert_int_equal(bundle.len, 0);
    buf_free(&bundle);
}

/* Texts that were made while loading are as long in every decision, and one comparison of them is
 * one instruction. */
static void long_texts(void **state) {
    (void)state;
    struct timespec before, after;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    held(CARE
         "local a = (\"\\0\"):rep(1000000) local b = a .. \"x\"\n"
         "c:rule \"x\" { when = {}, act = function(i) while true do local x = a < b end end }\n"
         "return c",
         "x", 1, "rules/care.lua:3: stopped: ");
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    int64_t ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    if (ms > 350 && !SANITIZED) fail_msg("three decisions took %lld ms", (long long)ms);
    refused(CARE "local a = (\"a\"):rep(1000000) a = a .. a .. a\nreturn c",
            "rules/care.lua:2: stopped: one text has more than 2 MiB");
}

/* All memory that an entry may have is used up, again and again: the next does not pay for what it
 * left on the stack. */
static void left_behind(void **state) {
    (void)state;
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                           CARE "c:rule \"x\" { when = {}, act = function(i)\n"
                                "local s = { (\"x\"):rep(1000000) }\n"
                                "while i.text == \"hog\" do s[#s + 1] = s[#s] .. #s end\n"
                                "return tag \"fine\" end }\nreturn c",
                           NULL};
    struct policy *p = must_load(files);
    struct buf hog = said_often("hog", 1), next = said_often("x", 1), decision = {0};
    for (int i = 0; i < 5; i++) {
        buf_clear(&decision);
        policy_decide(p, buf_view(&hog), &decision);
        struct sori_str why = rec_get_str(buf_view(&decision), DEC_OUTCOME);
        if (!str_is(why, "rule \"x\": rules/care.lua:4: stopped: 16 MiB of memory are used up"))
            fail_msg("time %d: %.*s", i + 1, STR(why));
        buf_clear(&decision);
        policy_decide(p, buf_view(&next), &decision);
        if (rec_get_int(buf_view(&decision), DEC_STATUS, 0) != DECISION_DECIDED)
            fail_msg("time %d, the next: %.*s", i + 1,
                     STR(rec_get_str(buf_view(&decision), DEC_OUTCOME)));
    }
    buf_free(&hog), buf_free(&next), buf_free(&decision);
    policy_free(p);
}

/* What is no word in C is none here: a NUL ends no name. */
static void names_with_nul(void **state) {
    (void)state;
    refused(
        CARE
        "c:cell { [\"n\\0x\"] = { per = \"contact\", type = \"int\", keep = \"1d\" } } return c",
        "rules/care.lua:2: cell: a name has 1 to 200 bytes");
    refused(CARE "c:cell { n = { per = \"case\\0x\", type = \"int\", keep = \"1d\" } } return c",
            "rules/care.lua:2: cell n: per is");
    refused(CARE "c:cell { n = { per = \"case\", type = \"int\\0\", keep = \"1d\" } } return c",
            "rules/care.lua:2: cell n: type = \"int\" is expected");
    refused(CARE "c:cell { n = { per = \"case\", type = \"int\", keep = \"1d\\0\" } } return c",
            "rules/care.lua:2: cell n: keep is a span");
    refused(CARE "c:level { likely = \"precision 80%\\0\" } return c",
            "rules/care.lua:2: level likely: expected");
    refused(CARE "c:rule \"x\" { when = {}, act = {}, direction = \"answer\\0x\" } return c",
            "rules/care.lua:2: rule \"x\": direction: there is no");
    refused(CARE "c:rule \"x\" { when = { [\"kind\\0x\"] = \"comment\" }, act = {} } return c",
            "rules/care.lua:2: rule \"x\": unknown condition");
}

/* A table is made by a loop in no time; what reads it stays in proportion. */
static void endless_conditions(void **state) {
    (void)state;
    static const char many[] =
        CARE "local t = {} for i = 1, 15000 do t[\"topic.a\" .. i] = %s end\n"
             "c:rule \"x\" { when = %s, act = {} }\nreturn c";
    static const char *const ways[][2] = {
        {"true", "t"}, {"0.5", "{ label = t }"}, {"{ at_least = 5 }", "{ surge = t }"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char rules[512];
        snprintf(rules, sizeof rules, many, ways[i][0], ways[i][1]);
        refused(rules, "more than 256 conditions in one table");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_conditions),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(left_behind),
        cmocka_unit_test(names_with_nul),
        cmocka_unit_test(forged_intentions),
        cmocka_unit_test(decisions_stay_small),
        cmocka_unit_test(lists_of_words),
        cmocka_unit_test(kept_iterators),
        cmocka_unit_test(kept_intentions),
        cmocka_unit_test(names),
        cmocka_unit_test(replies),
        cmocka_unit_test(names_in_replies),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
