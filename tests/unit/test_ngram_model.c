/* uses: ngram_code */
#include "ngram/ngram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

/* A small set: two files, the second of which lacks neutral. */
static const struct {
    const char *label, *text;
    uint32_t set;
} LINES[] = {
    {"negative", "배송이 너무 늦어서 화가 나요", 0},
    {"negative", "환불해 주세요 최악이에요", 0},
    {"negative", "다시는 안 사요 실망", 0},
    {"positive", "정말 좋아요 감사합니다", 0},
    {"positive", "친절하고 빨라서 최고", 0},
    {"positive", "너무 예뻐요 추천해요", 0},
    {"neutral", "영업 시간이 어떻게 되나요", 0},
    {"neutral", "색상은 두 가지입니다", 0},
    {"neutral", "매장은 어디인가요", 0},
    {"negative", "품질이 나빠요", 1},
    {"negative", "고장 난 물건이 왔어요", 1},
    {"positive", "마음에 들어요", 1},
    {"positive", "선물로 좋아요", 1},
};
enum { COUNT = sizeof LINES / sizeof LINES[0] };

static char said[512];
static void hear(const struct sori_host *host, int32_t code, struct sori_str message) {
    (void)host;
    (void)code;
    snprintf(said, sizeof said, "%.*s", (int)message.len, message.ptr);
}
static bool cancelled(const struct sori_host *host) {
    (void)host;
    return false;
}
static const struct sori_host host = {
    .struct_size = sizeof host, .fail = hear, .cancelled = cancelled};

static enum sori_status take(const struct sori_training *t, struct sori_str bytes) {
    bytes_put(t->ctx, bytes.ptr, bytes.len);
    return SORI_OK;
}

static enum sori_status train(const char *seed, const struct sori_pair *more, struct bytes *out) {
    struct sori_example examples[COUNT * 8];
    for (size_t i = 0; i < COUNT * 8; i++)
        examples[i] =
            (struct sori_example){{LINES[i % COUNT].label, strlen(LINES[i % COUNT].label)},
                                  {LINES[i % COUNT].text, strlen(LINES[i % COUNT].text)},
                                  1,
                                  LINES[i % COUNT].set};
    struct sori_pair options[] = {{SORI_STR("seed"), {seed, strlen(seed)}},
                                  {SORI_STR("buckets"), SORI_STR("2048")},
                                  {SORI_STR("spaces"), SORI_STR("remove")},
                                  more ? *more
                                       : (struct sori_pair){SORI_STR("epochs"), SORI_STR("5")}};
    struct sori_training training = {.struct_size = sizeof training,
                                     .stride = sizeof examples[0],
                                     .items = examples,
                                     .count = COUNT * 8,
                                     .options = {options, 4},
                                     .ctx = out,
                                     .write = take};
    return sori_plugin_v0()->interface_count == 1 ? train_model(&host, &training) : SORI_BUG;
}

static struct bytes file;
static int setup(void **state) {
    (void)state;
    return train("1", NULL, &file) == SORI_OK ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    free(file.data);
    return 0;
}

static void one_seed_gives_the_same_bytes(void **state) {
    (void)state;
    struct bytes again = {0}, other = {0};
    assert_int_equal(train("1", NULL, &again), SORI_OK);
    assert_int_equal(train("2", NULL, &other), SORI_OK);
    assert_int_equal(again.len, file.len);
    assert_memory_equal(again.data, file.data, file.len);
    assert_true(memcmp(other.data, file.data, file.len < other.len ? file.len : other.len) != 0);
    free(again.data);
    free(other.data);
}

static void bad_options_are_refused(void **state) {
    (void)state;
    static const struct sori_pair bad[] = {
        {{"epochs", 6}, {"0", 1}},    {{"epochs", 6}, {"2.5", 3}}, {{"colour", 6}, {"red", 3}},
        {{"spaces", 6}, {"some", 4}}, {{"task", 4}, {"To ne", 5}}, {{"floor", 5}, {"1.5", 3}},
        {{"rate", 4}, {"nan", 3}}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes out = {0};
        said[0] = 0;
        assert_int_equal(train("1", &bad[i], &out), SORI_CONFIG);
        assert_true(strlen(said) > 20);
        assert_int_equal(out.len, 0);
    }
}

static uint32_t label_of(const struct model *m, const char *name) {
    for (uint32_t k = 0; k < m->classes; k++)
        if (m->label[k].len == strlen(name) && memcmp(m->label[k].ptr, name, strlen(name)) == 0)
            return k;
    fail_msg("the model has no label %s", name);
    return 0;
}

static void it_learned(void **state) {
    (void)state;
    struct model m;
    struct norm norm;
    char why[256];
    double p[NGRAM_CLASSES];
    assert_true(model_read(&m, file.data, file.len, why) && norm_make(&norm));
    assert_int_equal(m.classes, 3);
    for (size_t i = 0; i < COUNT; i++) {
        score_text(&m, &norm, (struct sori_str){LINES[i].text, strlen(LINES[i].text)}, p);
        uint32_t want = label_of(&m, LINES[i].label);
        double sum = 0;
        for (uint32_t k = 0; k < m.classes; k++) {
            assert_true(p[k] <= p[want]);
            sum += p[k];
        }
        assert_true(sum > 0.999999 && sum < 1.000001);
    }
    norm_free(&norm);
}

static void too_short_abstains(void **state) {
    (void)state;
    struct model m;
    struct norm norm;
    char why[256];
    double p[NGRAM_CLASSES];
    assert_true(model_read(&m, file.data, file.len, why) && norm_make(&norm));
    static const char *const texts[] = {"", " ", "!", "굿", "👍", "...!?", "https://a.example"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sori_str text = {texts[i], strlen(texts[i])};
        assert_int_equal(score_text(&m, &norm, text, p), SORI_SCORE_ABSTAIN);
        for (uint32_t k = 0; k < m.classes; k++) assert_true(p[k] < m.floor);
    }
    norm_free(&norm);
}

struct sums {
    double of[NGRAM_CLASSES];
    size_t calls, longest;
};
static void add(const struct sori_explain_sink *sink, const struct sori_reason *reason) {
    struct sums *s = sink->ctx;
    assert_true(reason->from <= reason->to && reason->to <= s->longest);
    s->of[reason->label] += (double)reason->weight / 10000;
    s->calls++;
}

static void reasons_sum_to_the_score(void **state) {
    (void)state;
    struct model m;
    struct norm norm;
    char why[256];
    assert_true(model_read(&m, file.data, file.len, why) && norm_make(&norm));
    for (size_t i = 0; i < COUNT; i++) {
        struct sori_str text = {LINES[i].text, strlen(LINES[i].text)};
        double p[NGRAM_CLASSES], q[NGRAM_CLASSES];
        struct sums sums = {.longest = text.len};
        struct sori_explain_sink sink = {sizeof sink, &sums, add};
        score_text(&m, &norm, text, p);
        assert_int_equal(explain_text(&m, &norm, text, &sink), SORI_OK);
        assert_true(sums.calls > 10);
        number_softmax(sums.of, m.classes, 7, q);
        for (uint32_t k = 0; k < m.classes; k++)
            assert_true(q[k] - p[k] < 2e-4 && p[k] - q[k] < 2e-4);
    }
    norm_free(&norm);
}

static void any_changed_byte_is_noticed(void **state) {
    (void)state;
    char why[256];
    struct model m;
    char *copy = malloc(file.len);
    assert_non_null(copy);
    srand(5);
    for (size_t i = 0; i < 9000; i++) {
        memcpy(copy, file.data, file.len);
        size_t at = i < 4096 + 400 ? i : (size_t)rand() % file.len;
        copy[at] = (char)(copy[at] ^ (1 << (rand() % 8)));
        why[0] = 0;
        assert_false(model_read(&m, copy, file.len, why));
        assert_true(strlen(why) > 10);
    }
    for (size_t cut = 0; cut < file.len; cut += 97)
        assert_false(model_read(&m, file.data, cut, why));
    free(copy);
}

/* Mutated headers whose checksums are right again: only the checks of the fields are left to save
 * us, and whatever is accepted must be safe to use. */
static void sealed_nonsense_is_harmless(void **state) {
    (void)state;
    char *copy = malloc(file.len), why[256];
    struct model m;
    struct norm norm;
    assert_true(copy && norm_make(&norm));
    srand(6);
    size_t refused = 0;
    for (int round = 0; round < 4000; round++) {
        memcpy(copy, file.data, file.len);
        for (int k = rand() % 3; k >= 0; k--) {
            size_t at = (size_t)rand() % 1208;
            copy[at] = rand() % 2 ? (char)rand() : (char)(copy[at] + 1);
        }
        uint32_t crc = (uint32_t)crc32(0, (const Bytef *)copy, 4092);
        memcpy(copy + 4092, &crc, 4);
        sha256(copy, file.len - 32, (uint8_t *)copy + file.len - 32);
        if (!model_read(&m, copy, file.len, why)) {
            refused++;
            continue;
        }
        double p[NGRAM_CLASSES];
        score_text(&m, &norm, SORI_STR("환불해 주세요"), p);
        for (uint32_t k = 0; k < m.classes; k++) assert_true(p[k] >= 0 && p[k] <= 1);
    }
    assert_true(refused > 500);
    free(copy);
    norm_free(&norm);
}

/* The same for the precisions: out of order, out of range, of no label. */
static void sealed_precisions_are_checked(void **state) {
    (void)state;
    static const struct sori_precision good[] = {
        {0, 7000, 2000, 90}, {0, 8000, 6000, 40}, {2, 5000, 0, 100}};
    static const struct sori_precision bad[][3] = {
        {{0, 7000, 2000, 90}, {0, 7000, 6000, 40}, {2, 5000, 0, 100}},
        {{0, 7000, 2000, 90}, {0, 8000, 2000, 40}, {2, 5000, 0, 100}},
        {{0, 7000, 2000, 90}, {2, 8000, 6000, 40}, {1, 5000, 0, 100}},
        {{0, 7000, 2000, 90}, {0, 8000, 6000, 40}, {3, 5000, 0, 100}},
        {{0, 7000, -1, 90}, {0, 8000, 6000, 40}, {2, 5000, 0, 100}},
        {{0, 0, 2000, 90}, {0, 8000, 6000, 40}, {2, 5000, 0, 100}},
        {{0, 7000, 2000, 90}, {0, 10001, 6000, 40}, {2, 5000, 0, 100}},
        {{0, 7000, 2000, 90}, {0, 8000, 10001, 40}, {2, 5000, 0, 100}},
        {{0, 7000, 2000, 0}, {0, 8000, 6000, 40}, {2, 5000, 0, 100}}};
    char why[256];
    struct model m, read;
    assert_true(model_read(&m, file.data, file.len, why));
    m.precisions = 3;
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        struct bytes out = {0};
        m.precision = i == 0 ? good : bad[i - 1];
        model_write(&m, &out);
        assert_int_equal(model_read(&read, out.data, out.len, why), i == 0);
        if (i == 0) {
            assert_int_equal(read.precisions, 3);
            assert_memory_equal(read.precision, good, sizeof good);
        } else
            assert_non_null(strstr(why, "precisions"));
        free(out.data);
    }
}

static void put_rows(struct judged *rows, size_t *n, uint32_t set, int32_t score, int right,
                     int wrong) {
    for (int i = 0; i < right + wrong; i++) rows[(*n)++] = (struct judged){set, score, i < right};
}

static void a_curve_is_as_good_as_its_worst_set(void **state) {
    (void)state;
    struct judged rows[1000];
    struct sori_precision out[NGRAM_CURVE];
    size_t n = 0;
    /* Above 0.90 98 of 98, above 0.40 the rest: 98 of 198. */
    put_rows(rows, &n, 0, 4000, 0, 100);
    put_rows(rows, &n, 0, 9000, 98, 0);
    assert_int_equal(precision_curve(rows, n, 1, out), 2);
    assert_int_equal(out[0].label, 1);
    assert_int_equal(out[0].precision, 4900); /* 98 of 200 */
    assert_int_equal(out[0].threshold, 4000);
    assert_int_equal(out[0].rows, 198);
    assert_int_equal(out[1].precision, 9800); /* 98 of 100: two wrong ones are always added */
    assert_int_equal(out[1].threshold, 9000);
    assert_int_equal(out[1].rows, 98);
    /* A second set needs 0.95 for the same and never has more than 60 %. */
    n = 0;
    put_rows(rows, &n, 0, 4000, 0, 100);
    put_rows(rows, &n, 0, 9000, 98, 0);
    put_rows(rows, &n, 7, 9500, 60, 38);
    assert_int_equal(precision_curve(rows, n, 1, out), 1);
    assert_int_equal(out[0].precision, 6000);
    assert_int_equal(out[0].threshold, 9500);
    assert_int_equal(out[0].rows, 98);
    /* A third one is too small to tell; alone it gives no curve at all. */
    put_rows(rows, &n, 9, 9900, 0, 29);
    assert_int_equal(precision_curve(rows, n, 1, out), 1);
    n = 0;
    put_rows(rows, &n, 9, 9900, 29, 0);
    assert_int_equal(precision_curve(rows, n, 1, out), 0);
    assert_int_equal(precision_curve(rows, 0, 1, out), 0);
}

static void files_are_opened_or_refused(void **state) {
    (void)state;
    char path[] = "/tmp/test_ngram_XXXXXX", why[256];
    struct model m;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_false(model_open(&m, (struct sori_str){path, strlen(path)}, why));
    assert_int_equal(write(fd, file.data, file.len), (ssize_t)file.len);
    close(fd);
    assert_true(model_open(&m, (struct sori_str){path, strlen(path)}, why));
    assert_true(m.provenance.len > 40);
    model_close(&m);
    unlink(path);
    assert_false(model_open(&m, (struct sori_str){path, strlen(path)}, why));
    assert_non_null(strstr(why, "cannot be opened"));
    assert_false(model_open(&m, SORI_STR("/tmp"), why));
}

static void sha256_is_right(void **state) {
    (void)state;
    uint8_t out[32];
    sha256("abc", 3, out);
    assert_memory_equal(out, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23",
                        16);
    char text[119];
    memset(text, 'a', sizeof text);
    sha256(text, sizeof text, out);
    assert_memory_equal(out, "\x31\xeb\xa5\x1c\x31\x3a\x5c\x08", 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_the_same_bytes),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(it_learned),
        cmocka_unit_test(too_short_abstains),
        cmocka_unit_test(reasons_sum_to_the_score),
        cmocka_unit_test(any_changed_byte_is_noticed),
        cmocka_unit_test(sealed_nonsense_is_harmless),
        cmocka_unit_test(sealed_precisions_are_checked),
        cmocka_unit_test(a_curve_is_as_good_as_its_worst_set),
        cmocka_unit_test(files_are_opened_or_refused),
        cmocka_unit_test(sha256_is_right),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
