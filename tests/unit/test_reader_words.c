/* uses: sori_reader sori_store sori_supervise sori_fence sori_base */
#include "reader/part.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void terms_are(const char *text, const char *wanted) {
    struct buf b = {0};
    words_terms(str_c(text), &b);
    assert_string_equal(b.data ? b.data : "", wanted);
    buf_free(&b);
}

static void terms(void **state) {
    (void)state;
    terms_are("환불이요", "환불 불이 이요 요 ");
    terms_are("네", "네 ");
    terms_are("Refund, please!", "refund please ");
    terms_are("A/S센터 010-1234", "a s 센터 터 010 1234 ");
    terms_are("カメラ", "カメ メラ ラ ");
    terms_are("ÉCOLE Žena", "école žena ");
    terms_are("🙂 … !?", "");
    terms_are("", "");
}

static void decomposed_hangul_is_the_same_word(void **state) {
    (void)state;
    /* 환불 as macOS writes it in file names: conjoining Jamo. */
    terms_are("\xe1\x84\x92\xe1\x85\xaa\xe1\x86\xab\xe1\x84\x87\xe1\x85\xae\xe1\x86\xaf",
              "환불 불 ");
}

static void match_is(const char *query, const char *wanted) {
    struct buf b = {0};
    assert_true(words_match(str_c(query), &b));
    assert_string_equal(b.data, wanted);
    buf_free(&b);
}

static void expressions(void **state) {
    (void)state;
    match_is("환불", "\"환불\"");
    match_is("환", "\"환\"*");
    match_is("배송지 변경", "\"배송\" AND \"송지\" AND \"변경\"");
    match_is("Refund OR \"x\"", "\"refund\"* AND \"or\"* AND \"x\"*");
    struct buf b = {0};
    assert_false(words_match(str_c("?! 🙂"), &b));
    buf_free(&b);
}

static void holds_what_it_says(void **state) {
    (void)state;
    assert_true(words_hold(str_c("환불이요, 지금요"), str_c("환불")));
    assert_true(words_hold(str_c("제품을 환불받고 싶어요"), str_c("환불 제품")));
    /* All pairs are there, the word is not. */
    assert_false(words_hold(str_c("송지 않은 배송"), str_c("배송지")));
    assert_true(words_hold(str_c("Refunds now"), str_c("refund")));
    assert_false(words_hold(str_c("prefund"), str_c("refund")));
    assert_true(words_hold(str_c("prefund refund"), str_c("refund")));
    assert_false(words_hold(str_c("환불"), str_c("환불 교환")));
}

static void any_bytes_end(void **state) {
    (void)state;
    unsigned seed = 5;
    for (int round = 0; round < 5000; round++) {
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)((seed = seed * 1103515245u + 12345u) >> 16);
        struct sori_str s = {bytes, seed % sizeof bytes};
        struct buf b = {0};
        words_terms(s, &b);
        words_match(s, &b);
        words_hold(s, s);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms),         cmocka_unit_test(decomposed_hangul_is_the_same_word),
        cmocka_unit_test(expressions),   cmocka_unit_test(holds_what_it_says),
        cmocka_unit_test(any_bytes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
