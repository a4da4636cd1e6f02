/* uses: sori_supervise sori_base */
/* The n-gram classifier as a real guest: behind its fence it opens its model once, composes text,
 * scores and explains. */
#include "guest_lab.h"

#include "sori/classifier.h"

enum { LABELS = 3 };

static void start(struct lab *lab, struct event_base *base, const char *file, char model[4096]) {
    char bin[4096], so[4096];
    snprintf(bin, sizeof bin, "%s/bin", lab_build());
    snprintf(model, 4096, "%s/models/%s", lab_build(), file);
    *lab = (struct lab){.base = base};
    struct guest_spec spec = {.kind = GUEST_CLASSIFIER,
                              .name = "tone/ko",
                              .plugin = lab_so(so, sizeof so, "plugins", "ngram"),
                              .model = model,
                              .once = true};
    struct guest_events events = {lab, lab_on_ready, lab_on_part, lab_on_done, lab_on_lost};
    struct err err;
    lab->guest = guest_start(base, bin, &spec, &events, &err);
    if (!lab->guest) fail_msg("%s", err.text);
    if (!lab_until(lab, &lab->ready, 1, 10000)) fail_msg("not ready: %s", lab->obituary.what);
}

static void create(struct lab *lab, const char *model) {
    struct buf b = {0};
    rec_str(&b, CREATE_MODEL, str_c(model));
    assert_true(lab_ask(lab, M_CREATE, &b, 5000));
    if (lab->status != SORI_OK)
        fail_msg("create: %.*s", STR(rec_get_str(buf_view(&lab->done), DONE_WHY)));
    buf_free(&b);
}

static void put_text(struct buf *b, const char *text) {
    size_t mark = rec_begin(b, SCORE_TEXT);
    rec_str(b, TEXT_TEXT, str_c(text));
    rec_end(b, mark);
}

/* The scores of row `want`. */
static void scores(const struct lab *lab, size_t want, int64_t score[LABELS], int64_t *status) {
    struct sori_str done = buf_view(&lab->done);
    struct rec_field f, s;
    size_t row = 0;
    while (rec_next(&done, &f) == 1) {
        if (f.tag != SCORE_ROW || row++ != want) continue;
        size_t k = 0;
        while (rec_next(&f.s, &s) == 1) {
            if (s.tag == ROW_STATUS) *status = s.i;
            if (s.tag == ROW_SCORE) {
                assert_true(k < LABELS);
                score[k++] = s.i;
            }
        }
        assert_int_equal(k, LABELS);
        return;
    }
    fail_msg("there is no row %zu", want);
}

static void it_scores_behind_its_fence(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    char model[4096];
    start(&lab, base, "tone.ko", model);
    create(&lab, model);
    struct buf b = {0};
    put_text(&b, "최악이에요 다시는 안 사요");
    /* The same, decomposed: 최악 in jamo. */
    put_text(&b,
             "\xE1\x84\x8E\xE1\x85\xAC\xE1\x84\x8B\xE1\x85\xA1\xE1\x86\xA8이에요 다시는 안 사요");
    put_text(&b, "정말 좋아요 감사합니다");
    put_text(&b, "");
    assert_true(lab_ask(&lab, M_SCORE, &b, 5000));
    assert_int_equal(lab.status, SORI_OK);
    int64_t a[LABELS], c[LABELS], good[LABELS], none[LABELS], status = -1;
    scores(&lab, 0, a, &status);
    assert_int_equal(status, SORI_SCORE_OK);
    scores(&lab, 1, c, &status);
    for (int k = 0; k < LABELS; k++) assert_int_equal(a[k], c[k]);
    scores(&lab, 2, good, &status);
    /* negative, positive, neutral */
    assert_true(a[0] > 8000 && good[1] > 8000);
    scores(&lab, 3, none, &status);
    assert_int_equal(status, SORI_SCORE_ABSTAIN);
    buf_clear(&b);
    rec_str(&b, TEXT_TEXT, str_c("최악이에요 다시는 안 사요"));
    assert_true(lab_ask(&lab, M_EXPLAIN, &b, 5000));
    assert_int_equal(lab.status, SORI_OK);
    assert_true(lab.done.len > 200);
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

/* What the policy's levels are resolved with: rising precisions, rising thresholds, rows. */
static void it_says_how_precise_it_is(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    char model[4096];
    start(&lab, base, "tone.ko", model);
    create(&lab, model);
    struct sori_str done = buf_view(&lab.done);
    struct rec_field f, point;
    int64_t best[LABELS] = {0};
    size_t label = 0;
    while (rec_next(&done, &f) == 1) {
        if (f.tag != LABELS_LABEL) continue;
        int64_t threshold = -1, rows = INT32_MAX;
        assert_true(label < LABELS);
        for (struct sori_str points = rec_get_rec(f.s, 4); rec_next(&points, &point) == 1;) {
            assert_int_equal(point.tag, 2);
            assert_true(rec_get_int(point.s, 1, 0) > best[label]);
            assert_true(rec_get_int(point.s, 2, -1) > threshold);
            best[label] = rec_get_int(point.s, 1, 0);
            threshold = rec_get_int(point.s, 2, -1);
            rows = rec_get_int(point.s, 3, 0);
            assert_true(rows >= 30);
        }
        label++;
    }
    assert_int_equal(label, LABELS);
    assert_true(best[0] >= 9000); /* negative */
    assert_true(best[2] < 5000);  /* neutral, which it hardly knows */
    lab_end(&lab);
    event_base_free(base);
}

static void a_bad_model_is_a_sentence(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    char model[4096];
    /* The card beside the model: a file, but none. */
    start(&lab, base, "tone.ko.md", model);
    struct buf b = {0};
    rec_str(&b, CREATE_MODEL, str_c(model));
    assert_true(lab_ask(&lab, M_CREATE, &b, 5000));
    assert_int_equal(lab.status, SORI_CONFIG);
    char *why = mem_text(rec_get_str(buf_view(&lab.done), DONE_WHY));
    assert_non_null(strstr(why, "too short to be a model"));
    free(why);
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

static void it_is_fast_enough(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    char model[4096];
    start(&lab, base, "tone.ko", model);
    create(&lab, model);
    struct buf b = {0};
    for (int i = 0; i < 200; i++)
        put_text(&b, "배송이 너무 늦어서 환불하고 싶어요. 답변 좀 주세요 ㅠㅠ");
    int64_t before = guest_cpu_us(lab.guest);
    enum { ROUNDS = 100 };
    for (int i = 0; i < ROUNDS; i++) assert_true(lab_ask(&lab, M_SCORE, &b, 5000));
    double us = (double)(guest_cpu_us(lab.guest) - before) / (200.0 * ROUNDS);
    print_message("%.2f us a text in the worker, wire included\n", us);
#ifndef SORI_SANITIZED
    /* Ten times what it takes on an idle machine. */
    assert_true(us < 40);
#endif
    buf_free(&b);
    lab_end(&lab);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_scores_behind_its_fence), cmocka_unit_test(it_says_how_precise_it_is),
        cmocka_unit_test(a_bad_model_is_a_sentence), cmocka_unit_test(it_is_fast_enough)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
