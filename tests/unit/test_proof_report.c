/* uses: sori_proof sori_lua sori_supervise sori_base */
/* Reports: what is counted where, what is apart, samples of each kind, and the way over the wire.
 */
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"
#include "proof/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static struct buf facts_of(int kind, int tone) {
    struct buf b = {0};
    rec_int(&b, FACT_ON, ENTRY_SAID);
    rec_int(&b, FACT_KIND, kind);
    rec_str(&b, FACT_CHANNEL, SORI_STR("blog"));
    rec_int(&b, FACT_TONE, tone);
    rec_int(&b, FACT_RELATIONSHIP, RELATION_LOYAL);
    rec_str(&b, FACT_TEXT, SORI_STR("배송이 늦어요"));
    return b;
}

static struct buf decision_of(const char *rule, const char *tag) {
    struct buf b = {0};
    rec_int(&b, DEC_STATUS, rule ? DECISION_DECIDED : DECISION_NONE);
    if (rule) rec_str(&b, DEC_RULE, str_c(rule));
    if (tag) {
        size_t mark = rec_begin(&b, DEC_INTENT);
        rec_int(&b, INTENT_VERB, VERB_TAG);
        rec_str(&b, INTENT_NAME, str_c(tag));
        rec_end(&b, mark);
    }
    return b;
}

static int64_t seq;

static void add(struct report *r, int kind, const char *was, const char *was_tag, const char *now,
                const char *now_tag, const char *missed) {
    struct buf facts = facts_of(kind, TONE_NEGATIVE), a = decision_of(was, was_tag),
               b = decision_of(now, now_tag);
    seq++;
    struct past p = {.seq = seq,
                     .at = 1000 + seq,
                     .status = DECISION_DECIDED,
                     .interaction = seq,
                     .facts = buf_view(&facts),
                     .result = buf_view(&a)};
    struct sori_str names[] = {str_c(missed)};
    assert_true(report_takes(r, &p));
    report_add(r, &p, p.result, buf_view(&b), names, missed != NULL);
    buf_free(&facts);
    buf_free(&a);
    buf_free(&b);
}

static const struct count *named(struct counts *c, const char *name) {
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->items[i].name, name) == 0) return &c->items[i];
    fail_msg("no count of %s", name);
    return NULL;
}

static void counts_by_what_it_was(void **state) {
    (void)state;
    struct report r = {.sample_max = 10};
    add(&r, KIND_COMMENT, "a", "x", "a", "x", NULL);
    add(&r, KIND_COMMENT, "a", "x", "b", "y", NULL);
    add(&r, KIND_MESSAGE, "a", "x", "a", "y", NULL);
    add(&r, KIND_MESSAGE, "a", "x", "c", "x", NULL);
    add(&r, KIND_MESSAGE, "a", "x", NULL, NULL, "cell sorries");
    assert_int_equal(r.compared, 5);
    assert_int_equal(r.changed, 2);
    assert_int_equal(r.renamed, 1);
    assert_int_equal(r.asked, 1);
    assert_int_equal(r.asked_changed, 1);
    assert_int_equal(report_share(&r), 6000); /* what asked for the unknown differs too */
    const struct count *a = named(&r.by[BY_RULE], "a");
    assert_true(a->then == 5 && a->now == 2 && a->changed == 2);
    assert_true(named(&r.by[BY_RULE], "b")->now == 1 && named(&r.by[BY_RULE], "b")->changed == 1);
    assert_int_equal(named(&r.by[BY_KIND], "comment")->changed, 1);
    assert_int_equal(named(&r.by[BY_KIND], "message")->changed, 1);
    assert_int_equal(named(&r.by[BY_RELATIONSHIP], "loyal")->then, 5);
    assert_int_equal(named(&r.by[BY_CHANNEL], "blog")->changed, 2);
    assert_int_equal(named(&r.moves, "tag x → tag y")->changed, 2);
    assert_int_equal(named(&r.renames, "a → c")->changed, 1);
    assert_int_equal(named(&r.unknown, "cell sorries")->then, 1);
    assert_int_equal(r.sample_n, 3);
    report_free(&r);
}

static void what_no_policy_decided_is_apart(void **state) {
    (void)state;
    struct report r = {0};
    struct past p = {.status = DECISION_PAST};
    assert_false(report_takes(&r, &p));
    p.status = DECISION_HELD;
    p.facts = SORI_STR("x");
    assert_false(report_takes(&r, &p));
    p.status = DECISION_QUARANTINED;
    assert_false(report_takes(&r, &p));
    p = (struct past){.status = DECISION_NONE};
    assert_false(report_takes(&r, &p));
    assert_true(r.past == 1 && r.held == 1 && r.quarantined == 1 && r.bare == 1 && !r.compared);
    assert_int_equal(report_share(&r), 0);
    report_free(&r);
}

static void samples_show_each_kind_of_change(void **state) {
    (void)state;
    struct report r = {.sample_max = 3};
    for (int i = 0; i < 50; i++) add(&r, KIND_COMMENT, "a", "x", "a", "y", NULL);
    add(&r, KIND_COMMENT, "a", "x", "a", "z", NULL);
    add(&r, KIND_COMMENT, "a", "x", NULL, NULL, NULL);
    bool seen[3] = {false};
    assert_int_equal(r.sample_n, 3);
    for (size_t i = 0; i < 3; i++) seen[r.samples[i].move] = true;
    assert_true(seen[0] && seen[1] && seen[2]);
    report_free(&r);
}

static void names_are_bounded(void **state) {
    (void)state;
    struct counts c = {0};
    char name[16];
    for (int i = 0; i < 3 * COUNTS_MOST; i++) {
        snprintf(name, sizeof name, "rule %d", i);
        counts_of(&c, str_c(name))->then++;
    }
    assert_int_equal(c.n, COUNTS_MOST + 1);
    assert_int_equal(named(&c, "(others)")->then, 2 * COUNTS_MOST);
    struct report r = {.moves = c};
    report_free(&r);
}

static void goes_over_the_wire_and_back(void **state) {
    (void)state;
    struct report r = {.sample_max = 2, .closed = true}, back = {0};
    struct buf one = {0}, two = {0};
    add(&r, KIND_COMMENT, "a", "x", "b", "y", NULL);
    add(&r, KIND_MENTION, "a", "x", "c", "x", NULL);
    buf_puts(&r.samples[0].why, "now rule \"a\": ✗ tone\n");
    r.quarantined = 7;
    r.deaths = 8;
    r.gaps = 2;
    r.gap_at = 1763820000000;
    r.rescored = 5;
    r.rescored_changed = 4;
    r.unscored = 3;
    report_put(&r, &one);
    report_get(buf_view(&one), &back);
    report_put(&back, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    assert_true(back.closed && !back.shadow && back.quarantined == 7 && back.changed == 1);
    assert_true(back.gaps == 2 && back.gap_at == 1763820000000);
    assert_true(back.rescored == 5 && back.rescored_changed == 4 && back.unscored == 3);
    for (size_t len = 0; len < one.len; len++) { /* any part of it ends or fails */
        struct report part = {0};
        report_get((struct sori_str){one.data, len}, &part);
        report_free(&part);
    }
    report_free(&r);
    report_free(&back);
    buf_free(&one);
    buf_free(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_what_it_was),
        cmocka_unit_test(what_no_policy_decided_is_apart),
        cmocka_unit_test(samples_show_each_kind_of_change),
        cmocka_unit_test(names_are_bounded),
        cmocka_unit_test(goes_over_the_wire_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
