/* uses: trackback_code */
#include "trackback/discover.h"
#include "trackback/ping.h"
#include "trackback/verify.h"

#include "sori/plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TARGET "https://blog.example.kr/2026/delivery"

/* A host and a sink that remember what they were told. */
static struct {
    int64_t now;
    enum sori_status http;
    int status;
    const char *body, *type;
    int requests;
    uint32_t flags;
    char asked[256];
} world;

static struct {
    int items, tasks, done, rejects;
    struct sori_item item;
    char native[600], text[600], title[300], author[300], author_id[300], note[300], key[600];
    char body[2000];
    int64_t due;
} got;

static int64_t now(const struct sori_host *h) {
    (void)h;
    return world.now;
}
static int64_t left(const struct sori_host *h) {
    (void)h;
    return 60000;
}
static bool cancelled(const struct sori_host *h) {
    (void)h;
    return false;
}
static enum sori_status http(const struct sori_host *h, const struct sori_http_request *q,
                             struct sori_http_response *r) {
    (void)h;
    world.requests++;
    world.flags = q->flags;
    snprintf(world.asked, sizeof world.asked, "%.*s", S(q->url));
    static struct sori_pair header;
    header = (struct sori_pair){SORI_STR("content-type"), s_of(world.type)};
    r->http_status = world.status;
    r->headers = (struct sori_pairs){&header, 1};
    r->body = s_of(world.body);
    r->url = q->url;
    return world.http;
}
static const struct sori_host host = {
    .struct_size = sizeof host, .now = now, .left = left, .cancelled = cancelled, .http = http};

#define KEEP(to, s) snprintf(to, sizeof to, "%.*s", S(s))
static enum sori_more on_item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    got.items++;
    got.item = *i;
    KEEP(got.native, i->native_id);
    KEEP(got.text, i->text);
    KEEP(got.title, i->title);
    KEEP(got.author, i->author_name);
    KEEP(got.author_id, i->author_id);
    KEEP(got.note, i->note);
    return SORI_MORE;
}
static enum sori_more on_task(const struct sori_sink *s, struct sori_str key, struct sori_str body,
                              int64_t due) {
    (void)s;
    got.tasks++;
    KEEP(got.key, key);
    KEEP(got.body, body);
    got.due = due;
    return SORI_MORE;
}
static enum sori_more on_done(const struct sori_sink *s, struct sori_str key) {
    (void)s;
    (void)key;
    got.done++;
    return SORI_MORE;
}
static enum sori_more on_reject(const struct sori_sink *s, int64_t line, struct sori_str why,
                                struct sori_str raw) {
    (void)s;
    (void)line;
    (void)why;
    (void)raw;
    got.rejects++;
    return SORI_MORE;
}
static const struct sori_sink sink = {.struct_size = sizeof sink,
                                      .item = on_item,
                                      .task = on_task,
                                      .task_done = on_done,
                                      .reject = on_reject};

static const struct sori_connector *connector(void) {
    return sori_plugin_v0()->interfaces[0].vtable;
}

static void deliver(const char *form, const char *path, const char *type, const char *body) {
    struct sori_pair header = {SORI_STR("content-type"), s_of(type)};
    struct sori_delivery d = {.struct_size = sizeof d,
                              .form = s_of(form),
                              .path = s_of(path),
                              .headers = {&header, 1},
                              .body = s_of(body),
                              .received_at = 1700000000000};
    memset(&got, 0, sizeof got);
    assert_int_equal(connector()->decode(NULL, &d, &sink), SORI_OK);
}

static void visit(int status, const char *type, const char *body) {
    void *self;
    struct sori_config config = {.struct_size = sizeof config};
    char key[600], task_body[2000];
    strcpy(key, got.key);
    strcpy(task_body, got.body);
    struct sori_task task = {s_of(key), s_of(task_body)};
    struct sori_poll poll = {
        .struct_size = sizeof poll, .task_stride = sizeof task, .tasks = &task, .task_count = 1};
    world.status = status;
    world.type = type;
    world.body = body;
    memset(&got, 0, sizeof got);
    assert_int_equal(connector()->create(&host, &config, &self), SORI_OK);
    assert_int_equal(connector()->poll(self, &poll, &sink), SORI_OK);
    connector()->destroy(self);
}

static int begin(void **state) {
    (void)state;
    memset(&world, 0, sizeof world);
    world.now = 1700000100000;
    return 0;
}

#define WM                                                                                         \
    "source=https%3A%2F%2Fother.example%2Fp&target=https%3A%2F%2Fblog.example.kr%2F2026%"          \
    "2Fdelivery"
#define URLENC "application/x-www-form-urlencoded"

static void three_protocols_name_one_interaction(void **state) {
    (void)state;
    char first[600];
    deliver("webmention", "", URLENC, WM);
    assert_int_equal(got.items, 1);
    assert_int_equal(got.tasks, 1);
    assert_int_equal(got.item.event, SORI_EVENT_ARRIVED);
    assert_int_equal(got.item.kind, SORI_KIND_TRACKBACK);
    assert_string_equal(got.native, "https://other.example/p " TARGET);
    assert_string_equal(got.note, "arrived as webmention");
    strcpy(first, got.native);
    deliver("pingback", "", "text/xml",
            "<methodCall><methodName>pingback.ping</methodName><params><param><value>"
            "<string>HTTPS://Other.example:443/p</string></value></param><param><value>" TARGET
            "</value></param></params></methodCall>");
    assert_string_equal(got.native, first);
    assert_string_equal(got.note, "arrived as pingback");
    deliver(
        "trackback", TARGET, URLENC "; charset=utf-8",
        "url=https%3a%2f%2fother.example%2fp&blog_name=%EA%B0%80%EA%B2%8C&title=A+%26%238220%3Bx"
        "&excerpt=%ED%99%98%EB%B6%88%26amp%3B");
    assert_string_equal(got.native, first);
    assert_string_equal(got.key, first);
    assert_string_equal(got.author, "가게");
    assert_string_equal(got.title, "A “x");
    assert_string_equal(got.text, "환불&");
}

static void old_korean_forms_are_read(void **state) {
    (void)state;
    /* "안녕 똠" in CP949, first labelled, then not */
    const char *body = "url=http%3A%2F%2Fo.kr%2F1&title=%BE%C8%B3%E7+%8C%63";
    deliver("trackback", TARGET, URLENC "; charset=euc-kr", body);
    assert_string_equal(got.title, "안녕 똠");
    deliver("trackback", TARGET, URLENC, body);
    assert_string_equal(got.title, "안녕 똠");
}

static void what_cannot_be_read_is_kept_aside(void **state) {
    (void)state;
    deliver("webmention", "", URLENC, "source=x&target=y");
    assert_int_equal(got.rejects, 1);
    assert_int_equal(got.items + got.tasks, 0);
    deliver("pingback", "", "text/xml", "<methodCall>");
    assert_int_equal(got.rejects, 1);
    deliver("other", "", "", "");
    assert_int_equal(got.rejects, 1);
}

static void long_addresses_keep_an_id(void **state) {
    (void)state;
    char body[3000] = "target=https%3A%2F%2Fblog.example.kr%2F&source=http%3A%2F%2Fo.kr%2F";
    char one[600];
    size_t n = strlen(body);
    memset(body + n, 'a', 1500);
    deliver("webmention", "", URLENC, body);
    strcpy(one, got.native);
    assert_true(strlen(one) <= 512);
    body[n + 1499] = 'b';
    deliver("webmention", "", URLENC, body);
    assert_true(strlen(got.native) <= 512);
    assert_string_not_equal(one, got.native);
}

static void a_link_makes_it_live_and_is_looked_at_again(void **state) {
    (void)state;
    deliver("webmention", "", URLENC, WM);
    visit(200, "text/html; charset=utf-8",
          "<!doctype html><title>다른 가게의 글</title><p>첫 문단</p>"
          "<p>배송 이야기는 <a href='/x'>여기</a> 말고 "
          "<a href='http://blog.example.kr/2026/delivery/#top'>이 글</a>에 있어요.</p><p>끝");
    assert_int_equal(world.flags & SORI_HTTP_STRANGER, SORI_HTTP_STRANGER);
    assert_string_equal(world.asked, "https://other.example/p");
    assert_int_equal(got.items, 1);
    assert_int_equal(got.item.event, SORI_EVENT_SAID);
    assert_int_equal(got.item.observed, SORI_OBSERVED_STATE);
    assert_int_equal(got.item.kind, SORI_KIND_TRACKBACK);
    assert_string_equal(got.native, "https://other.example/p " TARGET);
    assert_string_equal(got.title, "다른 가게의 글");
    assert_string_equal(got.text, "배송 이야기는 여기 말고 이 글에 있어요.");
    assert_string_equal(got.author, "other.example");
    assert_int_equal(got.tasks, 1);
    assert_true(got.due == world.now + 86400000);
    world.now = got.due;
    visit(200, "text/html", "<a href='" TARGET "'>x</a>");
    assert_int_equal(got.item.event, SORI_EVENT_SAID);
    assert_int_equal(got.tasks, 1);
    assert_true(got.due == world.now + 6LL * 86400000);
    /* once gone may be a slip; twice gone is gone */
    visit(404, "text/html", "");
    assert_int_equal(got.items, 0);
    assert_int_equal(got.tasks, 1);
    visit(200, "text/html", "<p>nothing");
    assert_int_equal(got.items, 1);
    assert_int_equal(got.item.event, SORI_EVENT_REMOVED);
    assert_int_equal(got.done, 1);
}

static void without_a_link_it_is_dropped(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *type, *body;
    } cases[] = {
        {200, "text/html", "<!-- <a href='" TARGET "'>x</a> --> <p>" TARGET "</p>"},
        {200, "text/html", "<a href='" TARGET "-other'>x</a>"},
        {200, "text/html", "<a href='https://blog.example.kr.evil.com/2026/delivery'>x</a>"},
        {200, "text/html", "<a title='" TARGET "'>x</a>"},
        {200, "text/plain", TARGET "x"},
        {200, "application/json", "{\"a\": \"see " TARGET "\"}"},
        {200, "image/png", TARGET},
        {410, "text/html", ""},
        {200, "text/html", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        deliver("webmention", "", URLENC, WM);
        visit(cases[i].status, cases[i].type, cases[i].body);
        if (got.items != 1 || got.item.event != SORI_EVENT_REMOVED || got.done != 1)
            fail_msg("case %zu", i);
    }
    deliver("webmention", "", URLENC, WM);
    world.http = SORI_PERMANENT; /* a private address */
    visit(0, "", "");
    assert_int_equal(got.item.event, SORI_EVENT_REMOVED);
}

static void other_media_types_count_too(void **state) {
    (void)state;
    deliver("webmention", "", URLENC, WM);
    visit(200, "application/json", "{\"a\":[1,{\"b\":\"" TARGET "\"}]}");
    assert_int_equal(got.item.event, SORI_EVENT_SAID);
    deliver("webmention", "", URLENC, WM);
    visit(200, "text/plain", "read " TARGET ".");
    assert_int_equal(got.item.event, SORI_EVENT_SAID);
    deliver("webmention", "", URLENC, WM);
    visit(200, "text/html", "<base href='https://blog.example.kr/2026/'><img src='delivery'>");
    assert_int_equal(got.item.event, SORI_EVENT_SAID);
}

static void silence_waits_longer_and_longer(void **state) {
    (void)state;
    deliver("webmention", "", URLENC, WM);
    int64_t last = 0;
    int tries = 0;
    for (;;) {
        visit(503, "text/html", "");
        tries++;
        if (got.done) break;
        assert_int_equal(got.tasks, 1);
        assert_true(got.due - world.now >= last);
        last = got.due - world.now;
        assert_true(tries < 20);
    }
    assert_int_equal(tries, 8);
    assert_int_equal(got.item.event, SORI_EVENT_REMOVED);
}

static void meaning_comes_from_microformats(void **state) {
    (void)state;
    static const struct {
        const char *link;
        uint32_t kind, share;
    } cases[] = {
        {"<a class='u-in-reply-to' href='" TARGET "'>re</a>", SORI_KIND_COMMENT, 0},
        {"<div class='u-in-reply-to h-cite'><a class='u-url' href='" TARGET "'>re</a></div>",
         SORI_KIND_COMMENT, 0},
        {"<a class='u-like-of' href='" TARGET "'>♥</a>", SORI_KIND_REACTION, 0},
        {"<a class='u-repost-of' href='" TARGET "'>rt</a>", SORI_KIND_SHARE, SORI_SHARE_SIMPLE},
        {"<a class='u-quotation-of' href='" TARGET "'>q</a>", SORI_KIND_SHARE, SORI_SHARE_SPECIFIC},
        {"<a class='not-u-like-of' href='" TARGET "'>q</a>", SORI_KIND_TRACKBACK, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text page = {0};
        text_format(&page,
                    "<article class='h-entry'><a class='p-author h-card' href='https://me.kr/'>"
                    "<img src=a.png>김소리</a>%s<div class='e-content'>잘 읽었어요. 환불은요?</div>"
                    "<time class='dt-published' datetime='2026-11-20T09:00:00+09:00'>x</time>"
                    "</article>",
                    cases[i].link);
        deliver("webmention", "", URLENC, WM);
        visit(200, "text/html", page.data);
        text_free(&page);
        if (got.item.kind != cases[i].kind || got.item.share != cases[i].share)
            fail_msg("case %zu: kind %u", i, got.item.kind);
        assert_string_equal(got.author, "김소리");
        assert_string_equal(got.author_id, "https://me.kr/");
        assert_true(got.item.said_at == 1763596800000 + (int64_t)365 * 86400000);
        if (i == 0) assert_string_equal(got.text, "잘 읽었어요. 환불은요?");
        if (i == 2) assert_int_equal(got.item.reaction_value, 1);
    }
}

static void deep_and_wide_pages_end(void **state) {
    (void)state;
    struct arena a = {0};
    struct text t = {0};
    while (t.len < 900000) text_lit(&t, "<b>");
    text_lit(&t, "<a href='" TARGET "'>x</a>");
    struct finding f =
        verify(&a, text_view(&t), s_of("text/html"), s_of("http://o/"), s_of(TARGET));
    (void)f;
    t.len = 0;
    for (int i = 0; i < 20000; i++) text_format(&t, "<b a%d><i b%d>", i, i);
    while (t.len < 900000) text_lit(&t, "<p>");
    f = verify(&a, text_view(&t), s_of("text/html"), s_of("http://o/"), s_of(TARGET));
    assert_false(f.linked);
    text_free(&t);
    arena_free(&a);
}

static void endpoints_are_found(void **state) {
    (void)state;
    struct arena a = {0};
    const char *html =
        "<html><head><base href='https://b.kr/base/'><link rel='pingback' "
        "href='/x.php?a=1&amp;b=2'>"
        "</head><body><a rel=\"nofollow WebMention\" href>self</a>"
        "<!--\n<rdf:RDF xmlns:rdf='x'>\n<rdf:Description dc:identifier=\"http://b.kr/p/2\" "
        "trackback:ping=\"http://b.kr/tb/2\" /></rdf:RDF>\n<rdf:RDF>\n<rdf:Description "
        "dc:identifier=\"http://b.kr/p/1\" trackback:ping=\"http://b.kr/tb/1?k=&amp;z\" />"
        "</rdf:RDF>--></body></html>";
    struct endpoints e = discover(&a, s_of(html), (struct sori_pairs){0}, s_of("https://b.kr/p/1"));
    assert_true(s_is(e.webmention, "https://b.kr/base/"));
    assert_true(s_is(e.pingback, "https://b.kr/x.php?a=1&b=2"));
    assert_true(s_is(e.trackback, "http://b.kr/tb/1?k=&z"));
    struct sori_pair headers[] = {
        {SORI_STR("LINK"), SORI_STR("<a>; title=\"x, <y>; rel=webmention\", </wm>; a; rel=\"x "
                                    "webmention\"")},
        {SORI_STR("X-Pingback"), SORI_STR("https://b.kr/ping")},
        {SORI_STR("Link"), SORI_STR("</late>; rel=webmention")},
    };
    e = discover(&a, s_of(html), (struct sori_pairs){headers, 3}, s_of("https://b.kr/p/1"));
    assert_true(s_is(e.webmention, "https://b.kr/wm"));
    assert_true(s_is(e.pingback, "https://b.kr/ping"));
    e = discover(&a,
                 s_of("<a rel=not-webmention href=x><link rel=webmention>&lt;link rel=webmention"
                      " href=y&gt;"),
                 (struct sori_pairs){0}, s_of("https://b.kr/p/1"));
    assert_int_equal(e.webmention.len, 0);
    arena_free(&a);
}

int main(void) {
#define T(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        T(three_protocols_name_one_interaction),
        T(old_korean_forms_are_read),
        T(what_cannot_be_read_is_kept_aside),
        T(long_addresses_keep_an_id),
        T(a_link_makes_it_live_and_is_looked_at_again),
        T(without_a_link_it_is_dropped),
        T(other_media_types_count_too),
        T(silence_waits_longer_and_longer),
        T(meaning_comes_from_microformats),
        T(deep_and_wide_pages_end),
        T(endpoints_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
