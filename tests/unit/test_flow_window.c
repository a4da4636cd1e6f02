/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Windows of negative words: the last hour and a usual one, of all and of topics; counted again at
 * a start, from a sample where there is too much. And who answers whom. */
#include "flow/person/answers.h"
#include "flow/window.h"

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
static const int64_t noon = 1795348800000; /* 2026-11-22T12:00:00Z */

/* "topic.a:3/0.50 …", after the two facts of all. */
static struct buf told(struct windows *w, int64_t now) {
    struct buf facts = {0}, out = {0};
    windows_put(w, now, &facts);
    struct sori_str rest = buf_view(&facts);
    struct rec_field f;
    buf_printf(&out, "%lld/%lld", (long long)rec_get_int(rest, FACT_NEGATIVES_HOUR, -1),
               (long long)rec_get_int(rest, FACT_NEGATIVES_USUAL, -1));
    while (rec_next(&rest, &f) == 1) {
        if (f.tag != FACT_WINDOW) continue;
        int64_t usual = rec_get_int(f.s, 3, -1);
        buf_printf(&out, " %.*s:%lld/%lld.%02lld", STR(rec_get_str(f.s, 1)),
                   (long long)rec_get_int(f.s, 2, -1), (long long)(usual / 100),
                   (long long)(usual % 100));
    }
    buf_free(&facts);
    return out;
}

static void expect(struct windows *w, int64_t now, const char *wanted) {
    struct buf got = told(w, now);
    if (strcmp(got.data, wanted) != 0) fail_msg("got %s, wanted %s", got.data, wanted);
    buf_free(&got);
}

/* A negative word with one label of a list, and one of a classifier with that score. */
static void say(struct windows *w, int64_t now, const char *listed, const char *scored, int score) {
    struct buf facts = {0}, decision = {0};
    if (listed) rec_str(&decision, DEC_LABEL, str_c(listed));
    if (scored) {
        size_t mark = rec_begin(&facts, FACT_LABEL);
        rec_str(&facts, 1, str_c(scored));
        rec_int(&facts, 2, score);
        rec_end(&facts, mark);
    }
    windows_count(w, now, buf_view(&facts), buf_view(&decision));
    buf_free(&facts), buf_free(&decision);
}

static void an_hour_passes(void **state) {
    (void)state;
    struct store *s = store_open_memory();
    struct windows *w = windows_start(s, noon);
    expect(w, noon, "0/0");
    say(w, noon, "topic.delivery", NULL, 0);
    say(w, noon + 30 * MINUTE, "topic.delivery", "topic.refund", 5000);
    say(w, noon + 30 * MINUTE, "intent.threat", "topic.refund", 4999);
    say(w, noon + 30 * MINUTE, NULL, "tone.negative", 9000);
    expect(w, noon + 30 * MINUTE, "4/0 topic.delivery:2/0.00 topic.refund:1/0.00");
    expect(w, noon + 59 * MINUTE, "4/0 topic.delivery:2/0.00 topic.refund:1/0.00");
    /* The hour that is over is the usual one now. */
    expect(w, noon + 60 * MINUTE, "3/4 topic.delivery:1/2.00 topic.refund:1/1.00");
    expect(w, noon + 89 * MINUTE, "3/4 topic.delivery:1/2.00 topic.refund:1/1.00");
    expect(w, noon + 90 * MINUTE, "0/4");
    say(w, noon + 4 * HOUR, "topic.delivery", NULL, 0);
    expect(w, noon + 4 * HOUR, "1/1 topic.delivery:1/0.50");
    say(w, noon + 3 * HOUR, "topic.delivery", NULL, 0); /* a clock that went back */
    expect(w, noon + 4 * HOUR, "2/1 topic.delivery:2/0.50");
    expect(w, noon + 20 * DAY, "0/0");
    say(w, noon + 20 * DAY, "topic.delivery", NULL, 0);
    expect(w, noon + 20 * DAY, "1/0 topic.delivery:1/0.00");
    windows_free(w);
    store_close(s);
}

/* A hostile bundle finds a new topic in every word. */
static void topics_are_bounded(void **state) {
    (void)state;
    struct store *s = store_open_memory();
    struct windows *w = windows_start(s, noon);
    for (int i = 0; i < 3; i++) say(w, noon, "topic.real", NULL, 0);
    for (int i = 0; i < 100000; i++) {
        char name[40];
        snprintf(name, sizeof name, "topic.x%d", i);
        say(w, noon + i / 10, name, NULL, 0);
    }
    struct buf got = told(w, noon + 20000), facts = {0};
    assert_non_null(strstr(got.data, "100003/0 topic.real:3/0.00 "));
    windows_put(w, noon + 20000, &facts);
    size_t n = 0;
    struct rec_field f;
    for (struct sori_str rest = buf_view(&facts); rec_next(&rest, &f) == 1;)
        n += f.tag == FACT_WINDOW;
    assert_int_equal(n, 32);
    assert_true(facts.len < 32 * 40);
    buf_free(&got), buf_free(&facts);
    windows_free(w);
    store_close(s);
}

static struct store *filled(int64_t first_at, const int64_t *ago, size_t n, const char *topic) {
    struct store *s = store_open_memory();
    struct store_batch b = {.epoch = store_epoch(s)};
    struct err err;
    struct buf facts = {0}, result = {0}, other = {0};
    rec_int(&facts, FACT_ON, ENTRY_SAID);
    rec_int(&other, FACT_ON, ENTRY_EDITED);
    rec_str(&result, DEC_LABEL, str_c(topic));
    *store_add_journal(&b) = (struct row_journal){.seq = 1, .at = first_at, .kind = ENTRY_SAID};
    for (size_t i = 0; i < n; i++)
        *store_add_decision(&b) = (struct row_decision){.seq = (int64_t)i + 1,
                                                        .at = noon - ago[i],
                                                        .generation = 1,
                                                        .status = 1,
                                                        .tone = TONE_NEGATIVE,
                                                        .facts = buf_view(&facts),
                                                        .result = buf_view(&result)};
    *store_add_decision(&b) = (struct row_decision){.seq = (int64_t)n + 1,
                                                    .at = noon - MINUTE,
                                                    .generation = 1,
                                                    .status = 1,
                                                    .tone = TONE_NEGATIVE,
                                                    .facts = buf_view(&other),
                                                    .result = buf_view(&result)};
    *store_add_decision(&b) = (struct row_decision){.seq = (int64_t)n + 2,
                                                    .at = noon - MINUTE,
                                                    .generation = 1,
                                                    .status = 1,
                                                    .tone = TONE_POSITIVE,
                                                    .facts = buf_view(&facts),
                                                    .result = buf_view(&result)};
    if (!store_commit(s, &b, &err)) fail_msg("%s", err.text);
    store_batch_free(&b);
    buf_free(&facts), buf_free(&result), buf_free(&other);
    return s;
}

static void counted_again_at_a_start(void **state) {
    (void)state;
    static const int64_t ago[] = {5 * MINUTE,  59 * MINUTE, 61 * MINUTE, 2 * DAY,
                                  2 * DAY + 1, 6 * DAY,     20 * DAY};
    struct store *s = filled(noon - 10 * HOUR, ago, 3, "topic.delivery");
    struct windows *w = windows_start(s, noon + 1);
    /* 10 hours are known, 3 words were said in those that are over. */
    expect(w, noon + 1, "2/0 topic.delivery:2/0.30");
    windows_free(w);
    store_close(s);
    s = filled(noon - 100 * DAY, ago, 7, "topic.delivery");
    w = windows_start(s, noon + 1);
    expect(w, noon + 1, "2/0 topic.delivery:2/0.03"); /* 6 of 167 hours */
    say(w, noon + 2, "topic.delivery", NULL, 0);
    expect(w, noon + 2, "3/0 topic.delivery:3/0.03");
    expect(w, noon + 59 * MINUTE, "1/0 topic.delivery:1/0.03");
    say(w, noon + HOUR, "topic.delivery", NULL, 0);
    expect(w, noon + HOUR, "1/0 topic.delivery:1/0.04");
    windows_free(w);
    store_close(s);
}

/* 3,000 words in each of the last two hours: the first 600 of an hour, and of a minute, speak for
 * the others. */
static void a_sample_speaks_for_the_rest(void **state) {
    (void)state;
    enum { N = 6000 };
    static int64_t ago[N];
    for (int64_t i = 0; i < N; i++) ago[i] = 2 * HOUR - i * (2 * HOUR / N);
    struct store *s = filled(noon - 2 * HOUR, ago, N, "topic.delivery");
    struct windows *w = windows_start(s, noon);
    struct buf got = told(w, noon);
    int64_t all = 0, usual = 0, topic = 0;
    long long x, y, z;
    assert_int_equal(sscanf(got.data, "%lld/%lld topic.delivery:%lld/", &x, &y, &z), 3);
    all = x, usual = y, topic = z;
    if (all < 2850 || all > 3150 || usual < 2900 || usual > 3100 || topic != all)
        fail_msg("%s", got.data);
    buf_free(&got);
    windows_free(w);
    store_close(s);
}

/* ---- answers ---- */

static void answers_of_others(void **state) {
    (void)state;
    struct store *s = store_open_memory();
    struct answers *a = answers_start(s);
    assert_int_equal(answers_to(a, 7, 1), 0);
    answers_count(a, 7, 1); /* the one who asked, again */
    answers_count(a, 7, 2);
    answers_count(a, 7, 3);
    answers_count(a, 7, 3);
    assert_int_equal(answers_to(a, 7, 1), 3);
    assert_int_equal(answers_to(a, 7, 9), 4);
    assert_int_equal(answers_to(a, 8, 1), 0);
    /* Far more words than are remembered: what was forgotten is unknown, not none. */
    for (int64_t id = 100; id < 30000; id++) answers_count(a, id, 5);
    assert_int_equal(answers_to(a, 7, 1), -1);
    assert_int_equal(answers_to(a, 101, 1), -1);
    assert_int_equal(answers_to(a, 29999, 1), 1);
    assert_int_equal(answers_to(a, 29999, 5), 0);
    assert_int_equal(answers_to(a, 40000, 5), 0);
    assert_int_equal(answers_to(NULL, 1, 1), -1);
    answers_free(a);
    store_close(s);
}

/* Every entry's facts carry the topics, so names that a worker made up must not be long. */
static void long_names_are_no_topics(void **state) {
    (void)state;
    enum { LONG = 100000 };
    struct store *s = store_open_memory();
    struct windows *w = windows_start(s, noon);
    struct buf name = {0}, facts = {0};
    buf_puts(&name, "topic.");
    memset(buf_room(&name, LONG + 1), 'x', LONG);
    name.len += LONG;
    name.data[name.len] = 0;
    say(w, noon, name.data, name.data, 9000);
    say(w, noon, "topic.delivery", NULL, 0);
    expect(w, noon, "2/0 topic.delivery:1/0.00");
    windows_put(w, noon, &facts);
    assert_true(facts.len < 1000);
    buf_free(&name), buf_free(&facts);
    windows_free(w);
    store_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_passes),           cmocka_unit_test(topics_are_bounded),
        cmocka_unit_test(counted_again_at_a_start), cmocka_unit_test(a_sample_speaks_for_the_rest),
        cmocka_unit_test(answers_of_others),        cmocka_unit_test(long_names_are_no_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
