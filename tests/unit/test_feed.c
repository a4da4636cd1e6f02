/* uses: blog_code */
#include "blog/feed.h"
#include "common/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct feed parsed(const char *text) {
    struct feed f;
    if (!feed_parse(&f, s_of(text), s_of("text/xml"), s_of("https://blog.example.kr/feed")))
        fail_msg("no feed: %.*s", S(f.notes));
    return f;
}

static void same(struct sori_str have, const char *want) {
    if (!s_is(have, want)) fail_msg("want \"%s\", have \"%.*s\"", want, S(have));
}

static void rss(void **state) {
    (void)state;
    struct feed f =
        parsed("\n <?xml version=\"1.0\"?><rss version=\"2.0\" "
               "xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\">"
               "<channel><title>온결 &amp;amp; "
               "리빙</title><link>https://blog.example.kr</link><ttl>60</ttl>"
               "<item><title>새 그릇 &lt;b&gt;입고&lt;/b&gt; "
               "&amp;amp;#8217;</title><link>/글?a=1&b=2</link>"
               "<guid>https://blog.example.kr/?p=7</guid><pubDate>Sun, 22 Nov 2026 09:00:00 "
               "+0900</pubDate>"
               "<description><![CDATA[<p>하나&nbsp;둘</p>]]></description>"
               "<author>kim@example.kr (김소리)</author><slash:comments>3</slash:comments>"
               "<wfw:commentRss>https://blog.example.kr/7/feed</wfw:commentRss></item>"
               "<item><guid isPermaLink=\"false\">2</guid></item></channel></rss>");
    assert_int_equal(f.count, 2);
    assert_int_equal(f.format, FEED_RSS);
    assert_int_equal(f.interval_ms, 3600000);
    same(f.title, "온결 & 리빙");
    struct feed_entry *e = &f.entries[0];
    same(e->title, "새 그릇 입고 ’");
    same(e->url, "https://blog.example.kr/글?a=1&b=2");
    same(e->id, "https://blog.example.kr/?p=7");
    same(e->text, "하나 둘");
    same(e->author, "김소리");
    same(e->comments_feed, "https://blog.example.kr/7/feed");
    assert_int_equal(e->comments, 3);
    assert_true(e->dated);
    assert_int_equal(e->published, date_of(2026, 11, 22));
    assert_int_equal(f.entries[1].url.len, 0);
    feed_free(&f);
}

static void atom(void **state) {
    (void)state;
    struct feed f = parsed(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
        "xmlns:thr=\"http://purl.org/syndication/thread/1.0\""
        " xml:base=\"https://a.kr/x/\"><author><name>모두</name></author><entry>"
        "<title type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">1 &lt; "
        "<i>2</i></div></title>"
        "<link rel=\"self\" href=\"self\"/><link type=\"application/json\" href=\"j\"/>"
        "<link href=\"post\"/><id>tag:a.kr,2026:1</id><updated>2026-11-22T01:00:00Z</updated>"
        "<content type=\"html\">&lt;p&gt;본문&lt;/p&gt;</content>"
        "<thr:in-reply-to ref=\"tag:a.kr,2026:0\" href=\"/0#comment-4\"/></entry>"
        "<entry><title type=\"text\">a <![CDATA[<b>]]> &amp;amp;</title></entry></feed>");
    assert_int_equal(f.count, 2);
    struct feed_entry *e = &f.entries[0];
    same(e->title, "1 < 2");
    same(e->url, "https://a.kr/x/post");
    same(e->text, "본문");
    same(e->author, "모두");
    same(e->reply_id, "tag:a.kr,2026:0");
    same(e->reply_url, "https://a.kr/0#comment-4");
    assert_true(e->redated && !e->dated);
    same(f.entries[1].title, "a <b> &amp;");
    feed_free(&f);
}

static void json_feed(void **state) {
    (void)state;
    struct feed f = parsed(
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"소리\","
        "\"home_page_url\":\"https://b.kr/"
        "\",\"next_url\":\"?page=2\",\"authors\":[{\"name\":\"이\"}],"
        "\"items\":[{\"id\":9007199254740993,\"url\":\"post/1\",\"title\":\"첫 글 &amp; 인사\","
        "\"content_html\":\"<p>안녕<br>하세요</"
        "p>\",\"date_published\":\"2026-11-22T09:00:00+09:00\","
        "\"date_modified\":\"2026-11-23T00:00:00Z\"},"
        "{\"id\":\"x\",\"external_url\":\"https://c.kr/\",\"content_text\":\"1 < 2\","
        "\"author\":{\"name\":\"박\",\"url\":\"https://p.kr\"}},{\"summary\":\"요약만\"},7]}");
    assert_int_equal(f.format, FEED_JSON);
    assert_int_equal(f.count, 3);
    same(f.next_page, "https://blog.example.kr/feed?page=2");
    same(f.entries[0].id, "9007199254740993");
    same(f.entries[0].url, "https://b.kr/post/1");
    same(f.entries[0].title, "첫 글 & 인사");
    same(f.entries[0].text, "안녕\n하세요");
    same(f.entries[0].author, "이");
    assert_int_equal(f.entries[0].published, date_of(2026, 11, 22));
    assert_int_equal(f.entries[0].updated, date_of(2026, 11, 23));
    same(f.entries[1].url, "https://c.kr/");
    same(f.entries[1].text, "1 < 2");
    same(f.entries[1].author, "박");
    same(f.entries[1].author_url, "https://p.kr");
    same(f.entries[2].text, "요약만");
    assert_true(s_starts(f.entries[2].key, "hash:"));
    feed_free(&f);
}

static void json_that_is_none(void **state) {
    (void)state;
    const char *const bad[] = {"{", "{\"items\":7}", "{}", "{\"items\":[", "[1]", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct feed f;
        assert_false(feed_parse(&f, s_of(bad[i]), s_of(""), s_of("https://x.kr/")));
        assert_int_equal(f.count, 0);
        feed_free(&f);
    }
}

static void shared_ids(void **state) {
    (void)state;
    struct feed f = parsed("<rss><channel><item><guid>1</guid><link>http://a.kr/1</link></item>"
                           "<item><guid>1</guid><link>http://a.kr/2</link></item>"
                           "<item><guid>1</guid><link>http://a.kr/2</link><title>또</title></item>"
                           "<item><guid>2</guid></item></channel></rss>");
    assert_int_equal(f.count, 4);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < i; k++) assert_false(s_eq(f.entries[i].key, f.entries[k].key));
    same(f.entries[0].key, "1 http://a.kr/1");
    same(f.entries[3].key, "2");
    feed_free(&f);
}

static void mended(void **state) {
    (void)state;
    /* Two roots, a bare ampersand, an unknown reference, a control character, no end. */
    struct feed f =
        parsed("<rss><channel><item><title>A & B &nosuch; \x01끝</title></item></channel>"
               "</rss><rss><channel><item><title>둘<b></title></item>"
               "<item><media:title>셋</media:title><link>http://a.kr/?a=1&copy=2</link>"
               "</item><item><title>잘린");
    assert_int_equal(f.count, 4);
    same(f.entries[0].title, "A & B &nosuch; 끝");
    same(f.entries[1].title, "둘");
    same(f.entries[2].title, "셋");
    same(f.entries[3].title, "잘린");
    assert_true(f.notes.len > 0);
    feed_free(&f);
}

static void entities(void **state) {
    (void)state;
    /* Nothing is fetched, nothing expands beyond what stands there. */
    struct feed f = parsed(
        "<!DOCTYPE rss [<!ENTITY name \"소리\"><!ENTITY x SYSTEM \"file:///etc/passwd\">"
        "<!ENTITY a \"&name;&name;\"><!ENTITY quoted \"x > y\">]><rss><channel>"
        "<item><title>&name; &x; &a; &eacute; &#x30; &quoted;</title></item></channel></rss>");
    assert_int_equal(f.count, 1);
    same(f.entries[0].title, "소리 &x; &a; é 0 x > y");
    feed_free(&f);
}

static void bounds(void **state) {
    (void)state;
    struct text t = {0};
    text_lit(&t, "<rss><channel>");
    for (int i = 0; i < 2500; i++) text_format(&t, "<item><guid>%d</guid></item>", i);
    text_lit(&t, "</channel></rss>");
    struct feed f = parsed(t.data);
    assert_int_equal(f.count, FEED_MAX_ENTRIES);
    assert_true(f.cut);
    feed_free(&f);
    t.len = 0;
    text_lit(&t, "<rss><channel><item><title>앞</title></item>");
    for (int i = 0; i < 100000; i++) text_lit(&t, "<x>");
    f = parsed(t.data);
    assert_int_equal(f.count, 1);
    feed_free(&f);
    text_free(&t);
}

static void pages_are_no_feeds(void **state) {
    (void)state;
    struct feed f;
    assert_false(feed_parse(&f, s_of("<!DOCTYPE html><html><body><p>x</body></html>"),
                            s_of("text/html"), s_of("https://x.kr/")));
    feed_free(&f);
    assert_false(feed_parse(&f, s_of("404 not found"), s_of(""), s_of("")));
    feed_free(&f);
}

static void put_times(struct text *t, const char *part, size_t n) {
    while (n--) text_str(t, s_of(part));
}

/* Documents that once took a minute or all memory: each within its bounds, and what stands next to
 * the trouble is read. The time is wide, for busy machines; before, all were beyond it. */
static void bombs(void **state) {
    (void)state;
    static const struct {
        const char *before, *part;
        size_t n;
        const char *after;
        size_t most; /* bytes of title and text together */
    } cases[] = {
        {"", "&amp;", 1000000, "", 1000000},  /* a title whose references end nowhere near */
        {"", "&amp; ", 1000000, "", 2000000}, /* the same, with words between */
        {"", "&bomb;", 1000000, "", 8000000}, /* declared, and 190 times as long */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = {0};
        text_lit(&t, "<!DOCTYPE r [<!ENTITY bomb \"");
        put_times(&t, ">", 190);
        text_lit(&t, "\">]><rss><channel><title>t</title><item><title>");
        text_str(&t, s_of(cases[i].before));
        put_times(&t, cases[i].part, cases[i].n);
        text_str(&t, s_of(cases[i].after));
        text_lit(&t, "</title></item><item><title>next</title></item></channel></rss>");
        clock_t start = clock();
        struct feed f;
        assert_true(feed_parse(&f, text_view(&t), s_of("text/xml"), s_of("https://x.kr/")));
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        assert_int_equal(f.count, 2);
        if (took > 8 || f.entries[0].title.len > cases[i].most)
            fail_msg("%zu: %.1f s, %zu bytes", i, took, f.entries[0].title.len);
        same(f.entries[1].title, "next");
        feed_free(&f);
        text_free(&t);
    }
}

/* libxml2 compares each attribute with each: 200,000 of them once took minutes. */
static void many_attributes(void **state) {
    (void)state;
    for (int spaces = 0; spaces < 2; spaces++) {
        struct text t = {0};
        text_lit(&t, "<rss><channel><item><title>a</title><b");
        for (int i = 0; i < 200000; i++)
            text_format(&t, spaces ? " xmlns:a%d=\"x\"" : " a%d='x'", i);
        text_lit(&t, "/></item><item><title>next</title></item></channel></rss>");
        clock_t start = clock();
        struct feed f = parsed(t.data);
        assert_true(clock() - start < 4 * CLOCKS_PER_SEC);
        assert_int_equal(f.count, 2);
        same(f.entries[1].title, "next");
        feed_free(&f);
        text_free(&t);
    }
}

/* A base of megabytes is not copied into each of 2,000 links. */
static void long_urls(void **state) {
    (void)state;
    struct text t = {0};
    text_lit(&t, "<rss xml:base=\"http://x.kr/");
    put_times(&t, "a/", 100000);
    text_lit(&t, "\"><channel>");
    put_times(&t, "<item><link>y</link></item>", 100);
    text_lit(&t, "</channel></rss>");
    struct feed f = parsed(t.data);
    assert_int_equal(f.count, 100);
    for (size_t i = 0; i < f.count; i++) assert_true(f.entries[i].url.len < 8192);
    feed_free(&f);
    text_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rss),
        cmocka_unit_test(atom),
        cmocka_unit_test(json_feed),
        cmocka_unit_test(json_that_is_none),
        cmocka_unit_test(shared_ids),
        cmocka_unit_test(mended),
        cmocka_unit_test(entities),
        cmocka_unit_test(bounds),
        cmocka_unit_test(bombs),
        cmocka_unit_test(long_urls),
        cmocka_unit_test(many_attributes),
        cmocka_unit_test(pages_are_no_feeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
