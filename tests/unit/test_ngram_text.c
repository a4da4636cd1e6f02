/* uses: ngram_code */
#include "ngram/ngram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The normalised text without its marks, as UTF-8; links are <L>, names <N>. */
static void shown(struct norm *norm, const char *text, char *out, size_t size) {
    norm_text(norm, (struct sori_str){text, strlen(text)});
    size_t n = 0;
    assert_true(norm->n >= 2);
    assert_int_equal(norm->unit[0].code, UNIT_BEGIN);
    assert_int_equal(norm->unit[norm->n - 1].code, UNIT_END);
    for (size_t i = 1; i + 1 < norm->n; i++) {
        uint32_t c = norm->unit[i].code;
        assert_true(n + 8 < size);
        if (c == UNIT_LINK) {
            n += (size_t)snprintf(out + n, size - n, "<L>");
        } else if (c == UNIT_NAME) {
            n += (size_t)snprintf(out + n, size - n, "<N>");
        } else if (c < 0x80) {
            out[n++] = (char)c;
        } else if (c < 0x800) {
            out[n++] = (char)(0xC0 | c >> 6);
            out[n++] = (char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            out[n++] = (char)(0xE0 | c >> 12);
            out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[n++] = (char)(0x80 | (c & 0x3F));
        } else {
            out[n++] = (char)(0xF0 | c >> 18);
            out[n++] = (char)(0x80 | (c >> 12 & 0x3F));
            out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[n++] = (char)(0x80 | (c & 0x3F));
        }
    }
    out[n] = 0;
}

static void texts_are_normalised(void **state) {
    (void)state;
    static const struct {
        const char *text, *wanted;
        size_t usable;
    } cases[] = {
        {"", "", 0},
        {"  배송이   너무\t늦어요 ", "배송이 너무 늦어요", 8},
        {"ＳＯＲＩ　１２３！", "sori 123!", 7},
        {"ㅋㅋㅋㅋㅋㅋ ㅠㅠㅠ!!!!", "ㅋㅋ ㅠㅠ!!", 4},
        {"GREAT Ünïcode ÄÖ Ж Σ", "great ünïcode äö ж σ", 16},
        {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xAF", "한글", 2},
        {"Cafe\xCC\x81 cafe\xCC\x81", "café café", 8},
        {"보세요 https://a.example/x?y=1입니다 끝", "보세요 <L>입니다 끝", 7},
        {"WWW.example.kr 좋음", "<L> 좋음", 2},
        {"@홍길동 안녕 @kim.min-su!", "<N> 안녕 <N>-su!", 4},
        {"mail@example.kr", "mail@example.kr", 13},
        {"a\xE2\x80\x8B"
         "b",
         "ab", 2},
        {"\xFF\xFE 깨진", "\xEF\xBF\xBD\xEF\xBF\xBD 깨진", 2},
        {"👍👍👍", "👍👍", 2},
    };
    struct norm norm;
    assert_true(norm_make(&norm));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[512];
        shown(&norm, cases[i].text, out, sizeof out);
        assert_string_equal(out, cases[i].wanted);
        assert_int_equal(norm.usable, cases[i].usable);
    }
    norm_free(&norm);
}

static void spans_lie_in_the_text(void **state) {
    (void)state;
    struct norm norm;
    assert_true(norm_make(&norm));
    struct spec spec = {4, 2, 0, 1000, 7};
    srand(11);
    for (int round = 0; round < 3000; round++) {
        char text[96];
        size_t len = (size_t)(rand() % 96);
        static const char *const bits[] = {
            "가", "나다", " ", "a", "@b", "http://x", "\xCC\x81", "\xE1\x84\x92", "\xFF", "ㅋㅋㅋ"};
        size_t n = 0;
        while (n < len) {
            const char *bit = bits[rand() % 10];
            if (n + strlen(bit) > sizeof text) break;
            memcpy(text + n, bit, strlen(bit));
            n += strlen(bit);
        }
        norm_text(&norm, (struct sori_str){text, n});
        struct walk walk;
        uint32_t bucket[NGRAM_BLOCK];
        struct span span[NGRAM_BLOCK];
        walk_begin(&walk, &spec, &norm, NULL, 0);
        for (size_t m; (m = walk_next(&walk, bucket, span)) > 0;)
            for (size_t i = 0; i < m; i++) {
                assert_true(bucket[i] < spec.buckets);
                assert_true(span[i].from <= span[i].to && span[i].to <= n);
            }
    }
    norm_free(&norm);
}

static size_t features_of(struct norm *norm, const struct spec *spec, const char *text,
                          uint64_t *sum) {
    norm_text(norm, (struct sori_str){text, strlen(text)});
    struct walk walk;
    uint32_t bucket[NGRAM_BLOCK];
    size_t n = 0, m;
    *sum = 0;
    walk_begin(&walk, spec, norm, NULL, 0);
    for (; (m = walk_next(&walk, bucket, NULL)) > 0; n += m)
        for (size_t i = 0; i < m; i++) *sum += bucket[i];
    return n;
}

static void features_follow_the_spec(void **state) {
    (void)state;
    struct norm norm;
    assert_true(norm_make(&norm));
    uint64_t a, b;
    /* begin + 4 characters + end: 6 single, 5 pairs, 4 triples, 3 fours; then words. */
    struct spec spec = {4, 0, 0, 1u << 20, 1};
    assert_int_equal(features_of(&norm, &spec, "좋 아요", &a), 5 + 4 + 3 + 2);
    assert_int_equal(features_of(&norm, &spec, "좋아요", &b), 5 + 4 + 3 + 2);
    assert_true(a == b);
    spec.spaces = 1;
    assert_int_equal(features_of(&norm, &spec, "좋 아요", &a), 6 + 5 + 4 + 3);
    spec.words = 1;
    assert_int_equal(features_of(&norm, &spec, "좋 아요", &a), 18 + 2);
    spec.words = 2;
    assert_int_equal(features_of(&norm, &spec, "좋 아요", &a), 18 + 2 + 1);
    spec.seed = 2;
    features_of(&norm, &spec, "좋 아요", &b);
    assert_true(a != b);
    norm_free(&norm);
}

static void long_texts_are_cut(void **state) {
    (void)state;
    struct norm norm;
    assert_true(norm_make(&norm));
    size_t size = 3 * NGRAM_TEXT;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) text[i] = (char)('a' + i % 26);
    norm_text(&norm, (struct sori_str){text, size});
    assert_int_equal(norm.n, NGRAM_TEXT + 2);
    free(text);
    norm_free(&norm);
}

static void exp_is_exact_enough(void **state) {
    (void)state;
    static const double known[][2] = {{0, 1},
                                      {1, 2.718281828459045},
                                      {-1, 0.36787944117144233},
                                      {10, 22026.465794806718},
                                      {-20.5, 1.2501528663867426e-09},
                                      {-800, 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double got = number_exp(known[i][0]), gap = got - known[i][1];
        assert_true((gap < 0 ? -gap : gap) <= known[i][1] * 1e-14);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_normalised),     cmocka_unit_test(spans_lie_in_the_text),
        cmocka_unit_test(features_follow_the_spec), cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(exp_is_exact_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
