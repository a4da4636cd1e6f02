/* uses: sori_lua sori_base */
/* The bundled policy: loads in a strict workspace, passes its own tests, decides quickly. */
#include "base/clock.h"
#include "base/enums.h"
#include "base/file.h"
#include "base/item.h"
#include "lua/cover/cover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct buf bundle, env;

static int read_all(void **state) {
    (void)state;
    struct err err;
    rec_str(&env, ENV_DEPARTMENT, str_c("support"));
    rec_str(&env, ENV_DEPARTMENT, str_c("lead"));
    rec_str(&env, ENV_DEPARTMENT, str_c("marketing"));
    rec_str(&env, ENV_LANG, str_c("ko"));
    rec_str(&env, ENV_LANG, str_c("en"));
    if (bundle_read("scripts/policy", &bundle, &err)) return 0;
    print_error("%s\n", err.text);
    return 1;
}

static void its_own_tests_pass(void **state) {
    (void)state;
    struct buf report = {0};
    struct policy_report counts = {0};
    bool ok = policy_test(buf_view(&bundle), buf_view(&env), false, &report, &counts);
    if (!ok) print_error("%s", report.data);
    assert_true(ok);
    assert_true(counts.passed >= 240);
    buf_free(&report);
}

/* The times of the response assessment: 60 minutes, 15 where it is dangerous, a day for thanks. */
static void its_clocks(void **state) {
    (void)state;
    static const struct {
        const char *voice;
        int64_t minutes;
    } rows[] = {
        {"{\"kind\": \"comment\", \"tone\": \"negative\", \"text\": \"배송이 늦어요\"}", 60},
        {"{\"kind\": \"comment\", \"tone\": \"neutral\", \"text\": \"이거 세탁기에 돌려도 "
         "되나요\"}",
         60},
        {"{\"kind\": \"comment\", \"tone\": \"negative\", \"text\": \"고소할 겁니다\"}", 15},
        {"{\"kind\": \"comment\", \"tone\": \"positive\", \"text\": \"최고예요\", \"contact\": "
         "{\"influencer\": true}}",
         24 * 60},
    };
    struct buf errors = {0};
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    assert_non_null(p);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf facts = {0}, decision = {0};
        struct err err = {""};
        int64_t minutes = 0;
        if (!policy_facts_from_json(str_c(rows[i].voice), &facts, &err)) fail_msg("%s", err.text);
        policy_decide(p, buf_view(&facts), &decision);
        struct sori_str rest = buf_view(&decision);
        struct rec_field f;
        while (rec_next(&rest, &f) == 1)
            if (f.tag == DEC_INTENT && rec_get_int(f.s, INTENT_VERB, 0) == VERB_CLOCK)
                minutes = rec_get_int(f.s, INTENT_VALUE, 0) / 60000;
        if (minutes != rows[i].minutes) fail_msg("%s: %lld min", rows[i].voice, (long long)minutes);
        buf_free(&facts), buf_free(&decision);
    }
    policy_free(p);
    buf_free(&errors);
}

/* Who changes how long somebody may wait changes one line, and no test. */
static void other_clocks_break_no_test(void **state) {
    (void)state;
    struct buf changed = {0}, report = {0};
    struct policy_report counts = {0};
    struct sori_str rest = buf_view(&bundle);
    struct rec_field f;
    size_t spans = 0;
    while (rec_next(&rest, &f) == 1) {
        struct sori_str path = rec_get_str(f.s, BUNDLE_PATH),
                        bytes = rec_get_str(f.s, BUNDLE_BYTES);
        size_t file = rec_begin(&changed, f.tag);
        rec_str(&changed, BUNDLE_PATH, path);
        char *text = strndup(bytes.ptr, bytes.len),
             *at = str_is(path, "settings.lua") ? strstr(text, "settings.clock = {") : NULL;
        for (char *end = at ? strstr(at, "\n}") : NULL; at && at < end; at++)
            if (at[0] == '"' && at[1] >= '1' && at[1] <= '9') at[1]++, at += 2, spans++;
        rec_str(&changed, BUNDLE_BYTES, str_c(text));
        rec_end(&changed, file);
        free(text);
    }
    assert_int_equal(spans, 7);
    bool ok = policy_test(buf_view(&changed), buf_view(&env), false, &report, &counts);
    if (!ok) print_error("%s", report.data);
    assert_true(ok);
    buf_free(&changed), buf_free(&report);
}

/* What programs are told of a rule, written as people are told it. */
static void put_tried(struct buf *b, struct sori_str rule) {
    struct sori_str rest = rule, why = rec_get_str(rule, TRIED_WHY);
    struct rec_field f;
    bool note = rec_get_int(rule, TRIED_NOTE, 0) != 0;
    buf_printf(b, "%s \"%.*s\" (%.*s)\n", note ? "note" : "rule",
               STR(rec_get_str(rule, TRIED_NAME)), STR(rec_get_str(rule, TRIED_WHERE)));
    while (rec_next(&rest, &f) == 1)
        if (f.tag == TRIED_COND)
            buf_printf(b, "  %s %.*s: wanted %.*s, saw %.*s\n", rec_get_int(f.s, 4, 0) ? "✓" : "✗",
                       STR(rec_get_str(f.s, 1)), STR(rec_get_str(f.s, 2)),
                       STR(rec_get_str(f.s, 3)));
    int64_t answer = rec_get_int(rule, TRIED_CHECK, -1);
    if (answer >= 0) buf_printf(b, "  %s check: %.*s\n", answer ? "✓" : "✗", STR(why));
    if (rec_get_int(rule, TRIED_FIRED, 0)) buf_printf(b, "  → %s\n", note ? "applies" : "decides");
}

/* Programs are told the same as people, of every voice: each rule that was asked, in order. */
static void tried_is_the_account(void **state) {
    (void)state;
    static const char *const voices[] = {
        "{\"kind\": \"comment\", \"tone\": \"negative\", \"text\": \"배송이 늦어요\"}",
        "{\"kind\": \"message\", \"tone\": \"neutral\", \"text\": \"주문번호 202611-0042 입니다\"}",
        "{\"kind\": \"comment\", \"tone\": \"negative\", \"text\": \"흥\", \"contact\": "
        "{\"relationship\": \"anti\"}}",
        "{\"kind\": \"comment\", \"tone\": \"positive\", \"text\": \"최고\", \"contact\": "
        "{\"relationship\": \"consumer\"}}",
    };
    struct buf errors = {0};
    size_t answered = 0, fired = 0;
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    for (size_t i = 0; i < sizeof voices / sizeof *voices; i++) {
        struct buf facts = {0}, tried = {0}, text = {0}, account = {0};
        struct err err = {""};
        if (!policy_facts_from_json(str_c(voices[i]), &facts, &err)) fail_msg("%s", err.text);
        policy_tried(p, buf_view(&facts), &tried);
        policy_explain(p, buf_view(&facts), &account);
        struct sori_str rest = buf_view(&tried);
        struct rec_field f;
        while (rec_next(&rest, &f) == 1) {
            put_tried(&text, f.s);
            answered += rec_get_int(f.s, TRIED_CHECK, -1) >= 0;
            fired += rec_get_int(f.s, TRIED_FIRED, 0) != 0;
        }
        /* Labels stand before it, the decision behind it; a check that was not asked says nothing.
         */
        struct buf told = {0};
        char *from = account.data;
        while (!strncmp(from, "label ", 6)) from = strchr(from, '\n') + 1;
        for (char *line = from, *end; strncmp(line, "decision:", 9) != 0; line = end + 1) {
            end = strchr(line, '\n');
            if (strncmp(line, "  · ", strlen("  · ")) != 0)
                buf_put(&told, line, (size_t)(end - line) + 1);
        }
        assert_string_equal(text.data, told.data);
        buf_free(&facts), buf_free(&tried), buf_free(&text), buf_free(&account), buf_free(&told);
    }
    assert_true(answered >= 2 && fired >= 4);
    policy_free(p);
    buf_free(&errors);
}

/* Every cell of kind × relationship × tone gets a rule, and the text of why ends with the same
 * decision as the decision. */
static void every_cell_is_decided(void **state) {
    (void)state;
    struct buf errors = {0}, facts = {0}, decision = {0}, again = {0}, why = {0};
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    assert_non_null(p);
    for (int kind = KIND_COMMENT; kind <= KIND_TRACKBACK; kind++)
        for (int relation = 0; relation < RELATION_COUNT; relation++)
            for (int tone = TONE_POSITIVE; tone <= TONE_UNSURE; tone++) {
                buf_clear(&facts), buf_clear(&decision), buf_clear(&again), buf_clear(&why);
                rec_int(&facts, FACT_ON, ENTRY_SAID);
                rec_int(&facts, FACT_KIND, kind);
                rec_int(&facts, FACT_TONE, tone);
                rec_int(&facts, FACT_RELATIONSHIP, relation);
                rec_int(&facts, FACT_INFLUENCER, 0);
                rec_int(&facts, FACT_ORIGIN, ORIGIN_PERSON);
                rec_str(&facts, FACT_TEXT, str_c("그냥 지나가다 들렀어요"));
                policy_decide(p, buf_view(&facts), &decision);
                policy_explain(p, buf_view(&facts), &why);
                policy_decide(p, buf_view(&facts), &again);
                assert_int_equal(decision.len, again.len);
                assert_memory_equal(decision.data, again.data, decision.len);
                if (rec_get_int(buf_view(&decision), DEC_STATUS, 0) != DECISION_DECIDED)
                    fail_msg("%s %s %s: %s", kind_word(kind), relation_word(relation),
                             tone_word(tone), why.data);
                struct buf line = {0};
                buf_printf(&line, "decision: decided by rule \"%.*s\" (%.*s)\n",
                           STR(rec_get_str(buf_view(&decision), DEC_RULE)),
                           STR(rec_get_str(buf_view(&decision), DEC_WHERE)));
                assert_non_null(strstr(why.data, line.data));
                buf_free(&line);
            }
    policy_free(p);
    buf_free(&errors), buf_free(&facts), buf_free(&decision), buf_free(&again), buf_free(&why);
}

/* What its rules say, computed: nothing is left open, and no rule stands there for nothing. */
static void coverage_has_no_hole(void **state) {
    (void)state;
    struct buf errors = {0};
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    assert_non_null(p);
    struct cover *c = cover_make(p);
    for (size_t i = 0; i < c->rule_count; i++)
        if (c->rules[i].never)
            fail_msg("\"%s\" can never match: %.*s", c->rules[i].name, STR(c->rules[i].why));
    for (size_t i = 0; i < c->cell_count; i++)
        if (c->cells[i].state != COVER_WHOLE)
            fail_msg("%s %s %s %s is left open: %.*s", entry_word(c->cells[i].on),
                     kind_word(c->cells[i].kind), relation_word(c->cells[i].relation),
                     tone_word(c->cells[i].tone), STR(c->cells[i].open));
    assert_true(c->cell_count >= 300);
    assert_false(c->unfinished);
    cover_free(c);
    policy_free(p);
    buf_free(&errors);
}

static void decides_quickly(void **state) {
    (void)state;
    static const char *const texts[] = {
        "포장이 정말 꼼꼼하고 배송도 빨라서 다음에도 꼭 여기서 주문하려고 해요. 감사합니다!",
        "주문한 지 일주일이 지났는데 아직도 배송 준비 중이라고만 나오네요. 확인 부탁드립니다.",
        "I bought the blue one for my sister and she loves it, thank you for the quick help!",
        "Not sure what to think about the new design to be honest, the old one was fine for me."};
    struct buf errors = {0}, facts[16] = {0}, decision = {0};
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    assert_non_null(p);
    for (int i = 0; i < 16; i++) {
        struct buf *f = &facts[i];
        rec_int(f, FACT_ON, ENTRY_SAID);
        rec_int(f, FACT_KIND, KIND_COMMENT);
        rec_int(f, FACT_TONE, TONE_POSITIVE + i % 4);
        rec_int(f, FACT_RELATIONSHIP, i / 4);
        rec_int(f, FACT_INFLUENCER, 0);
        rec_int(f, FACT_ORIGIN, ORIGIN_PERSON);
        rec_str(f, FACT_LANG, str_c(i % 4 < 2 ? "ko" : "en"));
        rec_str(f, FACT_AUTHOR, str_c("김하늘"));
        rec_str(f, FACT_TEXT, str_c(texts[i % 4]));
        rec_int(f, FACT_NOW, 1763780000000 + i);
        rec_int(f, FACT_CAN_REPLY, 1);
        rec_int(f, FACT_ID, i);
    }
    enum { ROUNDS = 100000 };
    int64_t start = clock_cpu_us();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&decision);
        policy_decide(p, buf_view(&facts[i % 16]), &decision);
    }
    double us = (double)(clock_cpu_us() - start) / ROUNDS;
    print_message("%.2f µs a decision\n", us);
#ifndef SORI_SANITIZED
    assert_true(us < 16); /* 5 on a quiet machine; a busy one must not fail the tests */
#endif
    policy_free(p);
    for (int i = 0; i < 16; i++) buf_free(&facts[i]);
    buf_free(&decision), buf_free(&errors);
}

/* The types for editors are those of the binding. After a change: sori policy types > sdk/lua/… */
static void types_are_current(void **state) {
    (void)state;
    struct buf made = {0}, kept = {0};
    struct err err = {""};
    policy_meta(&made);
    if (!file_read("sdk/lua/sori.meta.lua", 1 << 20, false, &kept, &err)) fail_msg("%s", err.text);
    assert_string_equal(kept.data, made.data);
    buf_free(&made), buf_free(&kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_tests_pass),    cmocka_unit_test(its_clocks),
        cmocka_unit_test(tried_is_the_account),  cmocka_unit_test(other_clocks_break_no_test),
        cmocka_unit_test(every_cell_is_decided), cmocka_unit_test(coverage_has_no_hole),
        cmocka_unit_test(decides_quickly),       cmocka_unit_test(types_are_current),
    };
    return cmocka_run_group_tests(tests, read_all, NULL);
}
