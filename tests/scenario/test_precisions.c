/* uses: sori_supervise sori_base */
/* What a classifier says of its own precision and of its labels is looked at before it is believed,
 * and one that was built before there were precisions goes on working. */
#include "guest_lab.h"

#include "sori/classifier.h"

static void create(struct lab *lab, struct event_base *base, const char *plugin, const char *lie) {
    char bin[4096], so[4096];
    snprintf(bin, sizeof bin, "%s/bin", lab_build());
    *lab = (struct lab){.base = base};
    struct guest_spec spec = {.kind = GUEST_CLASSIFIER,
                              .name = "tone/ko",
                              .plugin = lab_so(so, sizeof so, "zoo", plugin),
                              .once = true};
    struct guest_events events = {lab, lab_on_ready, lab_on_part, lab_on_done, lab_on_lost};
    struct err err;
    lab->guest = guest_start(base, bin, &spec, &events, &err);
    if (!lab->guest) fail_msg("%s", err.text);
    if (!lab_until(lab, &lab->ready, 1, 10000)) fail_msg("not ready: %s", lab->obituary.what);
    struct buf b = {0};
    size_t mark = rec_begin(&b, CREATE_OPTION);
    rec_str(&b, PAIR_NAME, str_c("lie"));
    rec_str(&b, PAIR_VALUE, str_c(lie));
    rec_end(&b, mark);
    assert_true(lab_ask(lab, M_CREATE, &b, 5000));
    buf_free(&b);
}

/* The bytes of all precisions in the answer. */
static size_t told(const struct lab *lab) {
    struct sori_str done = buf_view(&lab->done);
    struct rec_field f;
    size_t bytes = 0;
    while (rec_next(&done, &f) == 1)
        if (f.tag == LABELS_LABEL && f.type == REC_REC) bytes += rec_get_rec(f.s, 4).len;
    return bytes;
}

static void lies_are_refused(void **state) {
    (void)state;
    static const char *const lies[] = {"none",   "label", "share", "threshold",
                                       "stride", "null",  "many"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct event_base *base = event_base_new();
        struct lab lab;
        create(&lab, base, "score_liar", lies[i]);
        assert_int_equal(lab.status, i == 0 ? SORI_OK : SORI_BUG);
        char why[512];
        snprintf(why, sizeof why, "%.*s", STR(rec_get_str(buf_view(&lab.done), DONE_WHY)));
        if (i == 0)
            assert_true(told(&lab) > 0);
        else if (!strstr(why, "precisions"))
            fail_msg("%s: %s", lies[i], why);
        lab_end(&lab);
        event_base_free(base);
    }
}

static void so_are_lies_about_labels(void **state) {
    (void)state;
    static const struct {
        const char *lie, *why;
    } lies[] = {{"labels", "65 labels of"},
                {"twice", "labels 0 and 1 are both \"topic.t1\""},
                {"empty", "label 1: its group and its name"},
                {"bytes", "label 1: its group and its name"},
                {"floor", "the floor is nan; expected 0 to 1"}};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct event_base *base = event_base_new();
        struct lab lab;
        create(&lab, base, "score_liar", lies[i].lie);
        assert_int_equal(lab.status, SORI_BUG);
        char why[512];
        snprintf(why, sizeof why, "%.*s", STR(rec_get_str(buf_view(&lab.done), DONE_WHY)));
        if (!strstr(why, lies[i].why)) fail_msg("%s: %s", lies[i].lie, why);
        lab_end(&lab);
        event_base_free(base);
    }
}

static void the_first_headers_still_work(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    create(&lab, base, "score_first", "none");
    assert_int_equal(lab.status, SORI_OK);
    assert_int_equal(told(&lab), 0);
    lab_end(&lab);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lies_are_refused),
                                       cmocka_unit_test(so_are_lies_about_labels),
                                       cmocka_unit_test(the_first_headers_still_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
