/* uses: blog_code */
#include "common/charset.h"
#include "common/html.h"
#include "common/url.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_text(struct text *have, const char *want) {
    if (!s_is(text_view(have), want))
        fail_msg("want \"%s\", have \"%.*s\"", want, S(text_view(have)));
    text_free(have);
}

/* ---- HTML ---- */

static void plain(const char *html, const char *want) {
    struct text t = {0};
    html_plain(&t, s_of(html));
    check_text(&t, want);
}

static void html_to_text(void **state) {
    (void)state;
    plain("<p>배송이 &quot;아직&quot; 안 왔어요&hellip;</p>\n<p>언제 와요?</p>",
          "배송이 \"아직\" 안 왔어요…\n\n언제 와요?");
    plain("a<br>b<br/>c", "a\nb\nc");
    plain("  a \n b&nbsp;&nbsp;c ", "a b c");
    plain("x<b>y</b>z", "xyz");
    plain("<script>alert('<p>')</script>after<style>p{}</style>", "after");
    plain("<!-- no --><a title=\"a > b\" href='x'>link</a>", "link");
    plain("1 < 2 &amp;&lt; 3 > 2", "1 < 2 &< 3 > 2");
    plain("don&#146;t &#x2019; &copy 2026 &unknown; &#55296;",
          "don’t ’ © 2026 &unknown; \xEF\xBF\xBD");
    plain("<ul><li>하나</li><li>둘</li></ul>", "하나\n둘");
    plain("<p", "");
    plain("a <b", "a");
    plain("<img alt=\"quote never ends>text", "text");
}

static void attributes(void **state) {
    (void)state;
    struct sori_str html = s_of("x<LINK rel='alternate feed' HREF = \"/a?b=1&amp;c=2\" type=a/b>y");
    struct sori_str before;
    struct html_tag tag;
    struct text t = {0};
    assert_true(html_next(&html, &before, &tag));
    assert_true(s_is(before, "x"));
    assert_true(s_same(tag.name, "link"));
    assert_true(html_attribute(&tag, "href", &t));
    check_text(&t, "/a?b=1&c=2");
    assert_true(html_attribute(&tag, "type", &t));
    check_text(&t, "a/b");
    assert_true(html_attribute(&tag, "rel", &t));
    assert_true(html_has_word(text_view(&t), "FEED"));
    assert_false(html_has_word(text_view(&t), "fee"));
    text_free(&t);
    assert_false(html_attribute(&tag, "title", &t));
    assert_false(html_next(&html, &before, &tag));
    assert_true(s_is(before, "y"));
}

/* ---- URLs ---- */

static void resolved(const char *base, const char *ref, const char *want) {
    struct text t = {0};
    url_resolve(&t, s_of(base), s_of(ref));
    check_text(&t, want);
}

static void resolving(void **state) {
    (void)state;
    const char *base = "http://a/b/c/d;p?q"; /* the examples of RFC 3986 §5.4 */
    resolved(base, "g:h", "g:h");
    resolved(base, "g", "http://a/b/c/g");
    resolved(base, "./g/", "http://a/b/c/g/");
    resolved(base, "/g", "http://a/g");
    resolved(base, "//g", "http://g");
    resolved(base, "?y", "http://a/b/c/d;p?y");
    resolved(base, "g?y#s", "http://a/b/c/g?y#s");
    resolved(base, "#s", "http://a/b/c/d;p?q#s");
    resolved(base, "", "http://a/b/c/d;p?q");
    resolved(base, "..", "http://a/b/");
    resolved(base, "../../../g", "http://a/g");
    resolved(base, "/./g/../h", "http://a/h");
    resolved("http://a", "g", "http://a/g");
    resolved("no url", "g", "g");
}

static void normal(const char *url, const char *want) {
    struct text t = {0};
    assert_true(url_normal(&t, s_of(url)));
    check_text(&t, want);
}

static void comparing(void **state) {
    (void)state;
    normal("HTTP://Example.KR:80/%7ekim/%c3%a9/./a/../b?x=%2f",
           "http://example.kr/~kim/%C3%A9/b?x=%2F");
    normal("https://한글.kr:443", "https://xn--bj0bj06e.kr/");
    normal("http://user@host.:8080/a b", "http://user@host:8080/a%20b");
    struct text t = {0};
    assert_false(url_normal(&t, s_of("javascript:alert(1)")));
    assert_false(url_normal(&t, s_of("http://")));
    assert_int_equal(t.len, 0);
    assert_true(url_names(s_of("https://a.kr/글"), s_of("http://A.kr/%ea%b8%80/")));
    assert_true(url_names(s_of("http://a.kr/x"), s_of("http://a.kr/x#more")));
    assert_false(url_names(s_of("http://a.kr/x#1"), s_of("http://a.kr/x#2")));
    assert_false(url_names(s_of("http://a.kr/x"), s_of("http://a.kr/X")));
    assert_false(url_names(s_of("http://a.kr/x"), s_of("http://a.kr/x?y")));
    assert_false(url_names(s_of("http://a.kr/x"), s_of("http://b.kr/x")));
}

/* ---- charsets ---- */

static size_t encoded(const char *charset, const char *text, char *out, size_t room) {
    iconv_t cd = iconv_open(charset, "UTF-8");
    assert_true(cd != (iconv_t)-1);
    char *in = (char *)(uintptr_t)text, *to = out;
    size_t left = strlen(text), space = room;
    assert_int_equal(iconv(cd, &in, &left, &to, &space), 0);
    iconv_close(cd);
    return room - space;
}

static void document(struct sori_str bytes, const char *type, const char *want) {
    struct arena a = {0};
    struct sori_str how = {NULL, 0}, have = charset_document(&a, bytes, s_of(type), &how);
    if (s_find(have, want) == have.len)
        fail_msg("want \"%s\" in \"%.*s\" (%.*s)", want, S(have), S(how));
    assert_true(utf8_valid(have));
    arena_free(&a);
}

static void korean_charsets(void **state) {
    (void)state;
    /* 똠 and 펲 are in CP949 alone, whatever the label says. */
    const char *text =
        "<?xml version=\"1.0\" encoding=\"euc-kr\"?><a>똠방각하 펲시콜라 배송 문의</a>";
    char bytes[512];
    size_t n = encoded("CP949", text, bytes, sizeof bytes);
    struct sori_str s = {bytes, n};
    document(s, "", "똠방각하 펲시콜라 배송 문의");
    document(s, "text/xml; charset=ks_c_5601-1987", "똠방각하");
    document(s, "text/xml; charset=\"EUC-KR\"", "똠방각하");
    document(s, "text/xml; charset=utf-8", "똠방각하"); /* the header is wrong */
    size_t at = s_find(s, "<a>") + 3;
    document(s_from(s, at), "text/xml", "똠방각하"); /* nothing is stated */
    bytes[n - 6] = (char)0xFF; /* one bad byte does not change the reading of the rest */
    document(s, "", "똠방각하 펲시콜라");
    document(s_of("<?xml version=\"1.0\" encoding=\"euc-kr\"?><a>이미 UTF-8</a>"), "",
             "이미 UTF-8");
}

static void other_charsets(void **state) {
    (void)state;
    char bytes[512];
    const char *wide[] = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"};
    for (size_t i = 0; i < 4; i++) {
        size_t n = encoded(wide[i], "<?xml version=\"1.0\"?><a>소리 😀</a>", bytes, sizeof bytes);
        document((struct sori_str){bytes, n}, "text/xml; charset=utf-8", "소리 😀");
    }
    size_t n = encoded("SHIFT_JIS", "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a>日本語</a>",
                       bytes, sizeof bytes);
    document((struct sori_str){bytes, n}, "", "日本語");
    n = encoded("GB18030", "<?xml version=\"1.0\" encoding=\"gb2312\"?><a>中文</a>", bytes,
                sizeof bytes);
    document((struct sori_str){bytes, n}, "", "中文");
    document(s_of("<a>caf\xE9 \x93quoted\x94</a>"), "text/xml", "café “quoted”");
    document(s_of("\xEF\xBB\xBF<a>표시</a>"), "text/xml; charset=euc-kr", "표시");
    document(s_of("<a>x</a>"), "text/xml; charset=utf-16", "<a>x</a>");
    document(s_of("<a>x\xFF\xC0</a>"), "text/xml; charset=no-such", "<a>x");
}

static void guessing(void **state) {
    (void)state;
    char bytes[128];
    struct text t = {0};
    size_t n = encoded("CP949", "블로그 이름", bytes, sizeof bytes);
    assert_string_equal(charset_guess(&t, (struct sori_str){bytes, n}), "cp949");
    check_text(&t, "블로그 이름");
    assert_string_equal(charset_guess(&t, s_of("caf\xE9")), "windows-1252");
    check_text(&t, "café");
    assert_string_equal(charset_guess(&t, s_of("소리")), "utf-8");
    check_text(&t, "소리");
    assert_true(s_is(charset_of_type(s_of("text/html; Charset='euc-kr' ; x=y")), "euc-kr"));
    assert_true(s_is(charset_of_type(s_of("text/html;charset=utf-8;x")), "utf-8"));
    assert_int_equal(charset_of_type(s_of("text/html")).len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_to_text),    cmocka_unit_test(attributes),
        cmocka_unit_test(resolving),       cmocka_unit_test(comparing),
        cmocka_unit_test(korean_charsets), cmocka_unit_test(other_charsets),
        cmocka_unit_test(guessing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
