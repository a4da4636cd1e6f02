/* uses: blog_code */
#include "blog_host.h"

#define ITEM(guid, link, title)                                                                    \
    "<item><guid isPermaLink=\"false\">" guid "</guid><link>https://b.kr" link                     \
    "</link><title>" title "</title><pubDate>Sun, 22 Nov 2026 00:00:00 GMT</pubDate></item>"
#define FEED(items) "<rss><channel><link>https://b.kr</link>" items "</channel></rss>"

static void site(const char *const *options) {
    begin(options);
    on("GET", "https://b.kr", 200, NULL,
       "<html><head><link rel=\"alternate\" type=\"application/rss+xml\" title=\"글\" "
       "href=\"/feed/\">"
       "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"소리 &raquo; Comments Feed\" "
       "href=\"/comments/feed/\"></head></html>");
    on("GET", "wp-json", 404, NULL, "");
    on("GET", "rest_route", 404, NULL, "");
}

static const char *const plain_site[] = {"url=https://b.kr/", "use=auto", NULL};

static void finds_and_reads(void **state) {
    (void)state;
    site(plain_site);
    on("GET", "b.kr/feed/", 200, "etag: W/\"1\"\nlast-modified: Sun, 22 Nov 2026 00:00:00 GMT",
       FEED(ITEM("https://b.kr/?p=7", "/seven/", "일곱")
                ITEM("tag:b.kr,2026:8", "/eight/", "여덟")));
    on("GET", "/comments/feed/", 200, NULL,
       FEED("<item xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">"
            "<link>https://b.kr/seven/#comment-5</link><title>Comment on 일곱</title>"
            "<guid isPermaLink=\"false\">https://b.kr/seven/#comment-5</guid>"
            "<content:encoded><![CDATA[<p>김님의 글 <a "
            "href=\"https://b.kr/seven/#comment-4\">Kim</a>"
            "에 대한 답글.</p>\n<p>저도요!</p>]]></content:encoded></item>"
            "<item><link>https://b.kr/seven/#comment-6</link><description>"
            "In reply to &amp;lt;a href=&amp;quot;https://b.kr/seven/#comment-5&amp;quot;&amp;gt;이"
            "&amp;lt;/a&amp;gt;.\n\n감사해요</description></item>"));
    assert_int_equal(poll_once(), SORI_OK);
    const struct sori_item *p = item("p7", SORI_EVENT_SAID);
    assert_non_null(p);
    assert_int_equal(p->kind, SORI_KIND_POST);
    assert_int_equal(p->said_at, 1795305600000);
    assert_non_null(item("tag:b.kr,2026:8", SORI_EVENT_SAID));
    const struct sori_item *c = item("c5", SORI_EVENT_SAID);
    assert_non_null(c);
    assert_int_equal(c->kind, SORI_KIND_COMMENT);
    check_words(c->text, "저도요!");
    check_words(c->parent, "c4");
    check_words(c->target, "p7");
    check_words(c->space, "blog:b.kr");
    assert_int_equal(c->can, 0);
    assert_int_equal(c->said_at, fake.now); /* it has no date */
    check_words(item("c6", SORI_EVENT_SAID)->text, "감사해요");
    check_words(item("c6", SORI_EVENT_SAID)->parent, "c5");
    end();
}

static void asks_conditionally(void **state) {
    (void)state;
    site(plain_site);
    const char *body = FEED(ITEM("1", "/1", "하나"));
    on("GET", "b.kr/feed/", 200, "etag: W/\"1\"\nlast-modified: yesterday", body);
    on("GET", "/comments/feed/", 404, NULL, "");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 1);
    fake.rule_count--;
    on("GET", "b.kr/feed/", 304, NULL, "");
    fake.now += 1000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 0);
    assert_true(
        s_is(pairs_get((struct sori_pairs){fake.seen_headers, fake.header_count}, "If-None-Match"),
             "W/\"1\""));
    assert_true(s_is(
        pairs_get((struct sori_pairs){fake.seen_headers, fake.header_count}, "If-Modified-Since"),
        "yesterday"));
    /* A new ETag for the same bytes brings nothing; new bytes do. */
    on("GET", "b.kr/feed/", 200, "etag: \"2\"\ncache-control: public, max-age=600", body);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 0);
    on("GET", "b.kr/feed/", 200, NULL, FEED(ITEM("1", "/1", "하나") ITEM("2", "/2", "둘")));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("b.kr/feed/"), 0); /* not before ten minutes have passed */
    fake.now += 600001;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 2);
    end();
}

static void renumbering_is_no_news(void **state) {
    (void)state;
    site(plain_site);
    on("GET", "b.kr/feed/", 200, NULL,
       FEED(ITEM("a1", "/1", "하나") ITEM("a2", "/2", "둘") ITEM("a3", "/old", "셋")));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 3);
    fake.now += 1000;
    on("GET", "b.kr/feed/", 200, NULL,
       FEED(ITEM("b1", "/1/", "하나") ITEM("b2", "/2", "둘 고침") ITEM("b3", "/new", "셋")
                ITEM("b4", "/4", "넷")));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("a1", SORI_EVENT_SAID));
    check_words(item("a2", SORI_EVENT_SAID)->title, "둘 고침");
    assert_non_null(item("a3", SORI_EVENT_SAID));
    assert_non_null(item("b4", SORI_EVENT_SAID));
    assert_null(item("b1", SORI_EVENT_SAID));
    /* And it stays so. */
    fake.now += 1000;
    on("GET", "b.kr/feed/", 200, NULL, FEED(ITEM("b1", "/1/", "하나") ITEM("b5", "/5", "하나")));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("a1", SORI_EVENT_SAID));
    assert_non_null(item("b5", SORI_EVENT_SAID)); /* the same title alone is another post */
    end();
}

static void strange_times_are_those_of_the_fetch(void **state) {
    (void)state;
    site(plain_site);
    on("GET", "b.kr/feed/", 200, NULL,
       FEED("<item><guid>1</guid><pubDate>Sun, 22 Nov 2099 00:00:00 GMT</pubDate></item>"
            "<item><guid>2</guid><pubDate>Thu, 04 Jul 1776 18:30:02 GMT</pubDate></item>"));
    assert_int_equal(poll_once(), SORI_OK);
    int64_t first = fake.now;
    assert_int_equal(item("1", SORI_EVENT_SAID)->said_at, first);
    assert_int_equal(item("2", SORI_EVENT_SAID)->said_at, first);
    assert_true(s_find(item("2", SORI_EVENT_SAID)->note, "1776") <
                item("2", SORI_EVENT_SAID)->note.len);
    fake.now += 5000;
    on("GET", "b.kr/feed/", 200, NULL, FEED("<item><guid>1</guid><title>x</title></item>"));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(item("1", SORI_EVENT_SAID)->said_at, first); /* it does not move */
    end();
}

static void trouble(void **state) {
    (void)state;
    static const struct {
        int status;
        enum sori_status want;
    } cases[] = {{404, SORI_GONE},  {410, SORI_GONE}, {429, SORI_RATE},      {503, SORI_RATE},
                 {500, SORI_RETRY}, {0, SORI_RETRY},  {403, SORI_PERMANENT}, {200, SORI_PERMANENT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const options[] = {"url=https://b.kr", "use=feeds", "feeds=https://b.kr/my.xml",
                                       NULL};
        site(options);
        on("GET", "my.xml", cases[i].status, "retry-after: 120", "<html>no feed</html>");
        assert_int_equal(poll_once(), cases[i].want);
        if (cases[i].want == SORI_RATE) assert_int_equal(fake.rate_until, fake.now + 120000);
        end();
    }
    const char *const rest[] = {"url=https://b.kr", "use=rest", NULL};
    site(rest);
    assert_int_equal(poll_once(), SORI_CONFIG);
    end();
    begin(plain_site);
    on("GET", "https://b.kr", 200, NULL, "<html>nothing here</html>");
    assert_int_equal(poll_once(), SORI_CONFIG);
    assert_true(s_find(fake.why, "set feeds") < fake.why.len);
    end();
}

static void other_hosts_are_strangers(void **state) {
    (void)state;
    const char *const options[] = {"url=https://b.kr", "use=feeds",
                                   "feeds=https://feeds.example.com/b\nhttps://b.kr/2", NULL};
    site(options);
    on("GET", "feeds.example.com", 200, NULL, FEED(ITEM("1", "/1", "하나")));
    on("GET", "b.kr/2", 0, NULL, NULL);
    assert_int_equal(poll_once(), SORI_OK); /* one that fails does not stop the other */
    assert_int_equal(fake.item_count, 1);
    assert_int_equal(fake.last_flags, 0);
    fake.state_count = 0;
    on("GET", "b.kr/2", 200, NULL, FEED(ITEM("2", "/2", "둘")));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 2);
    end();
}

static void options_are_checked(void **state) {
    (void)state;
    begin(plain_site);
    void *other = NULL;
    struct sori_pair bad = {SORI_STR("url"), SORI_STR("folder:/tmp/x")};
    struct sori_config config = {.struct_size = sizeof config, .options = {&bad, 1}};
    assert_int_equal(connector->create(&fake.host, &config, &other), SORI_CONFIG);
    assert_true(fake.why.len > 0);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_reads),
        cmocka_unit_test(asks_conditionally),
        cmocka_unit_test(renumbering_is_no_news),
        cmocka_unit_test(strange_times_are_those_of_the_fetch),
        cmocka_unit_test(trouble),
        cmocka_unit_test(other_hosts_are_strangers),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
