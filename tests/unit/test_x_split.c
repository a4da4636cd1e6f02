/* uses: x_code */
/* A long reply in parts that X takes. */
#include "x/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

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

/* `pad` syllables, then `text`: what are the parts? The syllables are left out. */
static void expect_split(size_t pad, const char *text, const char *first, const char *second) {
    struct arena a = {0};
    struct sori_str head = times(&a, "글", pad);
    struct sori_str all = arena_format(&a, "%.*s%s", S(head), text);
    struct x_parts p = x_split(x, &a, all, X_WEIGHT_MAX);
    assert_null(p.refused);
    if (p.n != 2 || !s_is(s_from(p.at[0], head.len), first) || !s_is(p.at[1], second))
        fail_msg("\"%s\": %zu parts, \"%.*s\", \"%.*s\"", text, p.n,
                 S(p.n > 0 ? s_from(p.at[0], head.len) : p.at[0]), S(p.n > 1 ? p.at[1] : all));
    arena_free(&a);
}

static void a_long_text_is_cut_where_a_reader_would_breathe(void **state) {
    (void)state;
    /* at the end of a sentence, though more words would fit */
    expect_split(120, "입니다. 다시 연락을 드리겠습니다 여러분 고맙습니다", "입니다.",
                 "다시 연락을 드리겠습니다 여러분 고맙습니다");
    expect_split(120, "입니까?\" 다시 연락을 드리겠습니다 여러분 고맙습니다", "입니까?\"",
                 "다시 연락을 드리겠습니다 여러분 고맙습니다");
    expect_split(120, "입니다\n\n다시 연락을 드리겠습니다 여러분 고맙습니다", "입니다",
                 "다시 연락을 드리겠습니다 여러분 고맙습니다");
    expect_split(130, "です。明日またご連絡いたします皆様", "です。",
                 "明日またご連絡いたします皆様");
    /* at the end of a word; "2." begins a point of a list */
    expect_split(130, " 2. 다시 연락을 드리겠습니다 고객님", " 2. 다시 연락을",
                 "드리겠습니다 고객님");
    expect_split(130, "와 다시 연락을드리겠습니다 고객님", "와 다시", "연락을드리겠습니다 고객님");
    /* between syllables, where there is no word */
    expect_split(139, "가나", "가", "나");
    /* not inside a link, a name or a character */
    expect_split(135, "https://shop.example.kr/a/b/c", "", "https://shop.example.kr/a/b/c");
    expect_split(125, "https://삼성.한국/a!!!!!!!!!!!", "", "https://삼성.한국/a!!!!!!!!!!!");
    expect_split(130, "@sori_korea_official_1님", "", "@sori_korea_official_1님");
    expect_split(139, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦",
                 "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦");
    expect_split(139, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
                 "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB");
}

static void what_cannot_be_sent_has_no_parts(void **state) {
    (void)state;
    struct arena a = {0};
    assert_true(x_split(x, &a, s_of(""), 280).n == 0);
    struct x_parts p = x_split(x, &a, s_of(" \n\xE3\x80\x80"), 280);
    assert_true(p.n == 0 && !p.refused);
    assert_non_null(strstr(x_split(x, &a, s_of("a\xFF"), 280).refused, "UTF-8"));
    assert_non_null(strstr(x_split(x, &a, s_of("a\xEF\xBB\xBF"), 280).refused, "FEFF"));
    assert_non_null(strstr(x_split(x, &a, s_of("a"), X_LIMIT_MIN - 1).refused, "limit"));
    p = x_split(x, &a, s_of("  안녕  "), 280);
    assert_true(p.n == 1 && s_is(p.at[0], "안녕"));
    arena_free(&a);
}

/* One character as people see it that is longer than any part: it is cut, and nothing hangs. */
static void a_heap_of_marks_is_cut_all_the_same(void **state) {
    (void)state;
    struct arena a = {0};
    struct sori_str marks = arena_format(&a, "가%.*s", S(times(&a, "\xCC\xA7", 1000)));
    struct x_parts p = x_split(x, &a, marks, 280);
    size_t sum = 0;
    for (size_t i = 0; i < p.n; i++) {
        assert_true(x_weigh(x, p.at[i], 280).valid);
        sum += p.at[i].len;
    }
    assert_int_equal(sum, marks.len);
    arena_free(&a);
}

static bool blank(struct sori_str s) {
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c != ' ' && c != '\n' && c != 0x3000) return false;
    }
    return true;
}

/* A cut where no blank was: the next part may not begin with what belongs to the character before.
 */
static bool begins_well(struct sori_str part) {
    size_t at = 0;
    uint32_t c = utf8_next(part, &at);
    return !(c >= 0x300 && c <= 0x36F) && !(c >= 0x1160 && c <= 0x11FF) && c != 0x200D &&
           c != 0xFE0F && c != 0x20E3 && !(c >= 0x1F3FB && c <= 0x1F3FF);
}

static bool is_whole(struct x_entities e, struct sori_str text, const char *cut) {
    for (size_t i = 0; i < e.n; i++) {
        const char *from = e.at[i].text.ptr, *to = from + e.at[i].text.len;
        if (cut > from && cut < to && to <= text.ptr + text.len) return false;
    }
    return true;
}

static void check_parts(struct arena *a, struct sori_str text, size_t limit) {
    struct x_parts p = x_split(x, a, text, limit), again = x_split(x, a, text, limit);
    struct x_entities urls = x_urls(x, a, text), names = x_mentions(a, text);
    const char *end = text.ptr;
    assert_null(p.refused);
    assert_true(p.n == again.n && p.n <= x_weigh(x, text, limit).weight * 4 / limit + 1);
    for (size_t i = 0; i < p.n; i++) {
        struct sori_str part = p.at[i], gap = {end, (size_t)(part.ptr - end)};
        assert_true(part.len > 0 && s_eq(part, again.at[i]));
        assert_true(x_weigh(x, part, limit).valid);
        assert_true(part.ptr >= end && blank(gap));
        assert_true(gap.len > 0 || i == 0 || begins_well(part));
        assert_true(is_whole(urls, text, part.ptr) && is_whole(names, text, part.ptr));
        end = part.ptr + part.len;
        struct sori_str last = {end - 1, 1};
        assert_true(!blank(s_head(part, 1)) && !blank(last));
    }
    assert_true(blank((struct sori_str){end, (size_t)(text.ptr + text.len - end)}));
}

static void parts_lose_nothing_and_are_valid(void **state) {
    (void)state;
    static const char *const bits[] = {"가",
                                       "고객님",
                                       "입니다. ",
                                       " ",
                                       "hello",
                                       "a",
                                       "@sori_kr",
                                       "@",
                                       "#태그",
                                       "https://a.kr/b_(c)",
                                       "https://삼성.한국/é",
                                       "b.co.kr",
                                       ".",
                                       "?",
                                       "!",
                                       "。",
                                       "、",
                                       "」",
                                       "\"",
                                       "\n",
                                       "\xE3\x80\x80",
                                       "👍🏽",
                                       "👨‍👩‍👧",
                                       "🇰🇷",
                                       "1️⃣",
                                       "e\xCC\x81",
                                       "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
                                       "日本語",
                                       "help@shop.kr",
                                       "1.",
                                       "…",
                                       "$",
                                       "t.co/x",
                                       "/",
                                       "-",
                                       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    srand(20);
    for (int round = 0; round < 1500; round++) {
        struct arena a = {0};
        struct text t = {0};
        size_t kinds = sizeof bits / sizeof *bits, few = 1 + (size_t)rand() % kinds;
        size_t first = (size_t)rand() % kinds;
        for (int n = rand() % 400; n > 0; n--)
            text_lit(&t, bits[(first + (size_t)rand() % few) % kinds]);
        struct sori_str text = text_keep(&t, &a);
        check_parts(&a, text, round % 3 ? X_WEIGHT_MAX : X_LIMIT_MIN + (size_t)rand() % 100);
        arena_free(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_text_is_cut_where_a_reader_would_breathe),
        cmocka_unit_test(what_cannot_be_sent_has_no_parts),
        cmocka_unit_test(a_heap_of_marks_is_cut_all_the_same),
        cmocka_unit_test(parts_lose_nothing_and_are_valid),
    };
    return cmocka_run_group_tests(tests, open_x, close_x);
}
