/* uses: x_code */
/* The text of a post as X counts, reads and takes it. twitter-text's own cases are in specs/. */
#include "x/text.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct x_text *x;

static int open_x(void **state) {
    (void)state;
    const char *why;
    x = x_text_open(&why);
    return x ? 0 : -1;
}
static int close_x(void **state) {
    (void)state;
    x_text_close(x);
    return 0;
}

/* `n` times `bit`. */
static struct sori_str times(struct arena *a, const char *bit, size_t n) {
    struct text t = {0};
    for (size_t i = 0; i < n; i++) text_lit(&t, bit);
    return text_keep(&t, a);
}

/* ---- weights ---- */

static void texts_have_a_weight(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t weight;
        bool valid;
    } cases[] = {
        {"", 0, false},
        {" \t\xE3\x80\x80", 4, false},
        {"hello", 5, true},
        {"안녕하세요", 10, true},
        {"배송이 늦어 죄송합니다.", 23, true},
        /* Hangul in letters, as some keyboards and files have it, is composed first. */
        {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xAF", 4, true},
        {"Cafe\xCC\x81", 4, true},
        {"\xEF\xAC\xAC", 3, true}, /* a Hebrew letter that becomes three */
        {"ㅋㅋ\xE2\x80\xA6", 6, true},
        {"\xE2\x80\x98x\xE2\x80\x99", 3, true},
        /* Emoji: one, skin, family, flag, keycap with and without its selector, sign, subdivision
         */
        {"👍", 2, true},
        {"👍🏽", 2, true},
        {"👩‍❤️‍💋‍👨", 2, true},
        {"🇰🇷", 2, true},
        {"🇰🇷🇯🇵", 4, true},
        {"🇰", 2, true},
        {"1️⃣", 2, true},
        {"1\xE2\x83\xA3", 2, true},
        {"12", 2, true},
        {"©️", 2, true},
        {"©", 1, true},
        {"❤️", 2, true},
        {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2, true},
        /* joined, but no emoji that exists: counted as the characters they are */
        {"😀‍😀", 5, true},
        /* links weigh the same, long or short, with Korean on both sides */
        {"https://a.kr", 23, true},
        {"여기https://shop.example.kr/a/b?c=d#e에서", 31, true},
        {"a.kr 그리고 b.kr", 23 + 23 + 8, true},
        {"http://no-such-top", 18, true},
        {"foo@bar.com", 11, true},
        {"http://example.co.za", 23, true},
        {"3.14", 4, true},
        {"끝.그리고", 9, true},
        /* what X refuses, and bytes that are no text */
        {"a\xEF\xBB\xBF", 3, false},
        {"a\xEF\xBF\xBF", 3, false},
        {"\xE2\x80\xAEhi", 4, true},
        {"a\xFFz", 4, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct x_weight w = x_weigh(x, s_of(cases[i].text), X_WEIGHT_MAX);
        if (w.weight != cases[i].weight || w.valid != cases[i].valid)
            fail_msg("\"%s\" weighs %zu, valid %d", cases[i].text, w.weight, w.valid);
    }
}

static void a_korean_reply_of_140_fits_and_one_of_141_does_not(void **state) {
    (void)state;
    struct arena a = {0};
    struct sori_str fits = times(&a, "글", 140), long_one = times(&a, "글", 141);
    struct x_weight w = x_weigh(x, fits, X_WEIGHT_MAX);
    assert_true(w.valid && w.weight == 280 && w.permillage == 1000 && w.units == 140);
    w = x_weigh(x, long_one, X_WEIGHT_MAX);
    assert_true(!w.valid && !w.refused && w.weight == 282 && w.permillage == 1007);
    assert_int_equal(w.valid_units, 140);
    assert_int_equal(w.valid_bytes, 420);
    assert_true(x_weigh(x, long_one, 25000).valid);
    struct x_parts p = x_split(x, &a, fits, X_WEIGHT_MAX);
    assert_true(p.n == 1 && s_eq(p.at[0], fits));
    p = x_split(x, &a, long_one, X_WEIGHT_MAX);
    assert_true(p.n == 2 && p.at[0].len == 420 && p.at[1].len == 3);
    arena_free(&a);
}

static void a_valid_range_is_told_in_the_text_as_it_was_given(void **state) {
    (void)state;
    struct arena a = {0};
    struct text t = {0};
    /* 139 syllables in letters of three each, then an emoji, then one syllable too many */
    for (int i = 0; i < 139; i++) text_lit(&t, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB");
    text_lit(&t, "👨‍👩‍👧글");
    struct x_weight w = x_weigh(x, text_view(&t), X_WEIGHT_MAX);
    assert_true(!w.valid && w.weight == 282);
    assert_int_equal(w.valid_units, 139 * 3 + 8);
    assert_int_equal(w.valid_bytes, t.len - 3);
    text_free(&t);
    arena_free(&a);
}

/* ---- what is in a text ---- */

static void expect_found(const char *text, struct x_entities e, const char *want) {
    struct text have = {0};
    for (size_t i = 0; i < e.n; i++)
        text_format(&have, "%s%.*s%.*s@%zu-%zu", i ? " " : "", S(e.at[i].text), S(e.at[i].list),
                    e.at[i].from, e.at[i].to);
    if (!s_is(text_view(&have), want))
        fail_msg("\"%s\": want \"%s\", have \"%.*s\"", text, want, S(text_view(&have)));
    text_free(&have);
}

static void links_names_and_tags_are_found(void **state) {
    (void)state;
    struct arena a = {0};
    static const struct {
        const char *text, *urls, *mentions, *hashtags;
    } cases[] = {
        {"", "", "", ""},
        {"안녕@sori_kr님", "", "sori_kr@2-10", ""},
        {"문의:help@shop.kr #배송 #1 ＃환불", "", "", "배송@16-19 환불@23-26"},
        {"RT@a: xRT@b @c/list-1 @@d", "", "a@2-4 c/list-1@12-21", ""},
        {"@a23456789012345678901", "", "a2345678901234567890@0-21", ""},
        {"@a/b-@c", "", "", ""},
        {"제품은a.kr/가서", "a.kr/@3-8", "", ""},
        {"https://t.co/Ab12입니다", "https://t.co/Ab12@0-17", "", ""},
        {"https://a.kr/_(b)_(c(d))) 끝", "https://a.kr/_(b)_(c(d))@0-24", "", ""},
        {"https://A.KR:8080/?q=1. b.COM?x", "https://A.KR:8080/?q=1@0-22 b.COM@24-29", "", ""},
        {"https://삼성.한국/#팀", "https://삼성.한국/#@0-15", "", ""},
        {"a.kr/#tag #tag", "a.kr/#tag@0-9", "", "tag@10-14"},
        {"#태그a.com", "a.com@3-8", "", "태그a@0-4"},
        {"1#️⃣ #️⃣x", "", "", ""},
        {"http://-a.com http://a_b.com/", "", "", ""},
        {"http://a.b_c.d.com", "http://a.b_c.d.com@0-18", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sori_str text = s_of(cases[i].text);
        expect_found(cases[i].text, x_urls(x, &a, text), cases[i].urls);
        expect_found(cases[i].text, x_mentions(&a, text), cases[i].mentions);
        expect_found(cases[i].text, x_hashtags(x, &a, text), cases[i].hashtags);
    }
    assert_true(s_is(x_reply_to(s_of(" ＠sori_kr 안녕")), "sori_kr"));
    assert_int_equal(x_reply_to(s_of("안녕 @sori_kr")).len, 0);
    assert_int_equal(x_reply_to(s_of("@sori@kr")).len, 0);
    arena_free(&a);
}

static void a_link_has_a_host_that_can_be_asked_for(void **state) {
    (void)state;
    struct arena a = {0};
    struct text t = {0};
    for (int letters = 63; letters <= 64; letters++) {
        t.len = 0;
        text_lit(&t, "https://");
        for (int i = 0; i < letters; i++) text_char(&t, 'a');
        text_lit(&t, ".com");
        assert_int_equal(x_urls(x, &a, text_view(&t)).n, letters == 63);
    }
    for (int letters = 39; letters <= 40; letters++) { /* 63 and 64 bytes in the DNS */
        t.len = 0;
        text_lit(&t, "https://");
        for (int i = 0; i < letters; i++)
            text_lit(&t, (const char *[]){"한", "국", "쇼", "핑", "몰"}[i % 5]);
        text_lit(&t, ".kr");
        assert_int_equal(x_urls(x, &a, text_view(&t)).n, letters == 39);
    }
    for (int path = 4082; path <= 4084; path++) { /* https://a.kr/ is 13 */
        t.len = 0;
        text_lit(&t, "https://a.kr/");
        for (int i = 0; i < path; i++) text_char(&t, 'p');
        assert_int_equal(x_urls(x, &a, text_view(&t)).n, path <= 4083);
    }
    text_free(&t);
    arena_free(&a);
}

static void whole_texts_are_judged(void **state) {
    (void)state;
    static const char *const good[] = {"https://a.kr", "HTTP://1.2.3.4:80/?q#f", "http://[::1]/",
                                       "http://u:p@한국.kr/%EA%B0%80", "http://a_b.c-d.kr/ж"};
    static const char *const bad[] = {"",
                                      "a.kr",
                                      "https://",
                                      "ftp://a.kr",
                                      "https://a",
                                      "http://a.1",
                                      "http://a..kr/",
                                      "http://1.2.3/",
                                      "http://a.kr/가",
                                      "http://a.kr/%G0",
                                      "http://a b",
                                      "//a.kr",
                                      "http://a.k_r/",
                                      "http://-a.kr",
                                      "http://01.2.3.4",
                                      "http://a_.kr/",
                                      "http://a.kr:123456/"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!x_is_url(s_of(good[i]), true)) fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (x_is_url(s_of(bad[i]), true)) fail_msg("%s is taken", bad[i]);
    assert_true(x_is_url(s_of("a.kr/b"), false) && !x_is_url(s_of("ftp://a.kr"), false));
    assert_true(x_is_username(s_of("@sori_kr")) && !x_is_username(s_of("@sori-kr")));
    assert_false(x_is_username(s_of("sori")) || x_is_username(s_of("@a/list")));
    assert_false(x_is_username(s_of("@a23456789012345678901")) || x_is_username(s_of(" @a")));
    assert_true(x_is_hashtag(s_of("#배송")) && !x_is_hashtag(s_of("#배송 ")));
    assert_false(x_is_hashtag(s_of("#123")) || x_is_hashtag(s_of("배송")) ||
                 x_is_hashtag(s_of("#")));
}

/* ---- strangers ---- */

/* 64 KiB of what would make a naive reader try every beginning with every end. In CPU time; each
 * takes some 100 ms at most, all that is quadratic takes minutes. */
static void hostile_texts_take_time_in_proportion(void **state) {
    (void)state;
    static const char *const bits[] = {"@",
                                       "#",
                                       ".",
                                       "a",
                                       "가",
                                       "가.",
                                       "a.",
                                       "_.a",
                                       "a.co/(",
                                       "a.co?",
                                       "a@b.com",
                                       "http://a.co/",
                                       "가나다라마바사아자차카타파하가나다라마바사아자.",
                                       "a.b.com나",
                                       "가.com.",
                                       "RT@a",
                                       "\xCC\x80\xCC\xA7",
                                       "😀\xE2\x80\x8D",
                                       "🇰",
                                       "1️⃣",
                                       "xn--a.",
                                       "vermö.",
                                       "\xE1\x84\x80",
                                       "\n"};
    double allowed = getenv("SORI_SANITIZED") && *getenv("SORI_SANITIZED") ? 10 : 2;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        struct arena a = {0};
        struct sori_str text = times(&a, bits[i], 65536 / strlen(bits[i]));
        clock_t start = clock();
        x_weigh(x, text, X_WEIGHT_MAX);
        x_urls(x, &a, text);
        x_mentions(&a, text);
        x_hashtags(x, &a, text);
        x_split(x, &a, text, X_WEIGHT_MAX);
        x_is_url(text, true);
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        arena_free(&a);
        if (took > allowed) fail_msg("64 KiB of \"%s\" take %.1f s", bits[i], took);
    }
}

/* Whoever opens a file from now on is killed, as in a worker whose instance was made. */
static bool close_files(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool works_at_all(void) {
    const char *why;
    struct x_text *own = x_text_open(&why);
    struct arena a = {0};
    struct sori_str bit =
        s_of("https://삼성.한국/ @a #태그 👨‍👩‍👧 ภาษาไทย 日本語 "
             "e\xCC\x81. ");
    struct sori_str text = times(&a, bit.ptr, 10);
    bool good = own && x_weigh(own, bit, X_WEIGHT_MAX).valid && x_urls(own, &a, text).n == 10 &&
                x_mentions(&a, text).n == 10 && x_hashtags(own, &a, text).n == 10 &&
                x_split(own, &a, text, X_WEIGHT_MAX).n > 1;
    arena_free(&a);
    x_text_close(own);
    return good;
}

static int in_a_child(bool (*deed)(void)) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) _exit(!close_files() ? 2 : deed() ? 0 : 1);
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

static bool read_a_file(void) { return fopen("/etc/hostname", "r") != NULL; }

/* The tables must all be in the libraries: this is the first use of them in that process. */
static void no_file_is_opened(void **state) {
    (void)state;
    int status = in_a_child(works_at_all);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("ended with status %d", status);
    assert_true(WIFSIGNALED(in_a_child(read_a_file)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_have_a_weight),
        cmocka_unit_test(a_korean_reply_of_140_fits_and_one_of_141_does_not),
        cmocka_unit_test(a_valid_range_is_told_in_the_text_as_it_was_given),
        cmocka_unit_test(links_names_and_tags_are_found),
        cmocka_unit_test(a_link_has_a_host_that_can_be_asked_for),
        cmocka_unit_test(whole_texts_are_judged),
        cmocka_unit_test(hostile_texts_take_time_in_proportion),
    };
    /* Before anything else has warmed the libraries. */
    const struct CMUnitTest cold[] = {cmocka_unit_test(no_file_is_opened)};
    return cmocka_run_group_tests_name("cold", cold, NULL, NULL) +
           cmocka_run_group_tests(tests, open_x, close_x);
}
