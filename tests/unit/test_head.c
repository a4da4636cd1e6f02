/* uses: sori_gate sori_supervise sori_fence sori_base */
#include "gate/head.h"
#include "gate/site.h"
#include "gate/xmlrpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GOOD "POST /in/a HTTP/1.1\r\nHost: h\r\n"

/* What an ambiguous or broken request must be answered with; len 0: up to the NUL. */
static const struct {
    const char *text;
    size_t len;
    int status;
} refused[] = {
    {GOOD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400},
    {GOOD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5, 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: +5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: -5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 0x5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 5.0\r\n\r\n", 0, 400},
    {GOOD "Content-Length:\r\n\r\n", 0, 400},
    {GOOD "Content-Length: 99999999999999999999\r\n\r\n", 0, 400},
    {GOOD "Content-Length : 5\r\n\r\n", 0, 400},
    {GOOD "Content-Length\t: 5\r\n\r\n", 0, 400},
    {GOOD " Content-Length: 5\r\n\r\n", 0, 400},
    {GOOD "X: a\r\n b\r\n\r\n", 0, 400},
    {GOOD "X: a\r\n\tb\r\n\r\n", 0, 400},
    {GOOD "X: a\nY: b\r\n\r\n", 0, 400},
    {GOOD "X: a\rY: b\r\n\r\n", 0, 400},
    {GOOD "X: a\r\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\nHost: h\n\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: h\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 41, 400},
    {"POST /in/a\0 HTTP/1.1\r\nHost: h\r\n\r\n", 34, 400},
    {"\r\nPOST /in/a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: h\r\nhost: i\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost:\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: a, b\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1\r\nHost: a@b\r\n\r\n", 0, 400},
    {GOOD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400},
    {GOOD "Transfer-Encoding: chunked, chunked\r\n\r\n", 0, 501},
    {GOOD "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, 501},
    {GOOD "Transfer-Encoding: identity\r\n\r\n", 0, 501},
    {GOOD "Transfer-Encoding: xchunked\r\n\r\n", 0, 501},
    {GOOD "Transfer-Encoding:\r\n\r\n", 0, 501},
    {GOOD "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n",
     0, 400},
    {GOOD "Transfer-Encoding : chunked\r\n\r\n", 0, 400},
    {GOOD "Transfer-Encoding: chunked;q=1\r\n\r\n", 0, 501},
    {"POST /in/a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.1 \r\nHost: h\r\n\r\n", 0, 400},
    {"POST  /in/a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a  HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST\t/in/a\tHTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.2\r\nHost: h\r\n\r\n", 0, 505},
    {"POST /in/a HTTP/2.0\r\nHost: h\r\n\r\n", 0, 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505},
    {"POST /in/a http/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a HTTP/1.11\r\nHost: h\r\n\r\n", 0, 400},
    {"post /in/a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"PO(ST /in/a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST http://h/in/a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a#b HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/%zz HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/a% HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in/\xec\x86\x8c HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {"POST /in\\a HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
    {GOOD ": a\r\n\r\n", 0, 400},
    {GOOD "no colon\r\n\r\n", 0, 400},
    {GOOD "X(y): a\r\n\r\n", 0, 400},
    {GOOD "X: a\x7f\r\n\r\n", 0, 400},
    {GOOD "X: a\x01\r\n\r\n", 0, 400},
    {GOOD "Expect: 200-maybe\r\n\r\n", 0, 417},
    {GOOD "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", 0, 400},
    {GOOD "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", 0, 400},
    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15, 400},
    {GOOD "\0: a\r\n\r\n", 41, 400},
};

static void ambiguity_is_refused(void **state) {
    (void)state;
    assert_true(sizeof refused / sizeof refused[0] >= 60);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct head h;
        size_t len = refused[i].len ? refused[i].len : strlen(refused[i].text);
        int got = head_parse((struct sori_str){refused[i].text, len}, &h);
        if (got != -refused[i].status)
            fail_msg("case %zu: %d instead of %d: %s", i, got, -refused[i].status, refused[i].text);
        assert_true(strlen(h.why) > 0);
    }
}

static void good_heads_are_read(void **state) {
    (void)state;
    const char *text =
        "POST /in/shop/tb/http%3A%2F%2Fa?x=1&y HTTP/1.1\r\nHost: [::1]:8080\r\n"
        "Content-Length: 12\r\nX-Name:  \t 소리 \t\r\nExpect: 100-Continue\r\n\r\nbody";
    struct head h;
    struct sori_str v;
    for (size_t n = 0; n < strlen(text) - 4; n++)
        assert_int_equal(head_parse((struct sori_str){text, n}, &h), 0);
    assert_int_equal(head_parse(str_c(text), &h), (int)strlen(text) - 4);
    assert_true(str_is(h.path, "/in/shop/tb/http%3A%2F%2Fa"));
    assert_true(str_is(h.query, "x=1&y"));
    assert_int_equal(h.length, 12);
    assert_true(h.expects);
    assert_true(head_only(&h, "x-NAME", &v) && str_is(v, "소리"));
    assert_true(head_parse(str_c("GET / HTTP/1.0\r\n\r\n"), &h) > 0);
    assert_int_equal(h.length, -1);
}

static void limits_hold(void **state) {
    (void)state;
    struct buf b = {0};
    struct head h;
    buf_puts(&b, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 63; i++) buf_printf(&b, "X%d: y\r\n", i);
    size_t mark = b.len;
    buf_puts(&b, "\r\n");
    assert_true(head_parse(buf_view(&b), &h) > 0);
    b.len = mark;
    buf_puts(&b, "Z: y\r\n\r\n");
    assert_int_equal(head_parse(buf_view(&b), &h), -431);
    buf_clear(&b);
    buf_puts(&b, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
    while (b.len < HEAD_MAX + 1) buf_putc(&b, 'a');
    assert_int_equal(head_parse(buf_view(&b), &h), -431);
    buf_clear(&b);
    buf_puts(&b, "GET /");
    while (b.len < HEAD_TARGET_MAX + 10) buf_putc(&b, 'a');
    buf_puts(&b, " HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(head_parse(buf_view(&b), &h), -414);
    for (int more = 0; more < 2; more++) {
        buf_clear(&b);
        buf_puts(&b, "GET /&?a");
        for (int i = 0; i < 63 + more; i++) buf_puts(&b, "&b=c");
        buf_puts(&b, " HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_int_equal(head_parse(buf_view(&b), &h), more ? -414 : (int)b.len);
    }
    buf_free(&b);
}

static int chunks(const char *text, size_t max, struct buf *out, size_t step) {
    struct head h = {.chunked = true, .length = -1};
    struct body b;
    body_begin(&b, &h);
    int got = 0;
    size_t len = strlen(text);
    for (size_t at = 0; at < len && got == 0; at += step) {
        struct sori_str in = {text + at, len - at < step ? len - at : step};
        got = body_take(&b, &in, max, out);
    }
    return got;
}

static void chunks_are_strict(void **state) {
    (void)state;
    static const char *const bad[] = {"5;x=1\r\nabcde\r\n0\r\n\r\n",
                                      "5 \r\nabcde\r\n0\r\n\r\n",
                                      " 5\r\nabcde\r\n0\r\n\r\n",
                                      "5\nabcde\r\n0\r\n\r\n",
                                      "5\r\nabcde0\r\n\r\n",
                                      "5\r\nabcdef\r\n0\r\n\r\n",
                                      "\r\n",
                                      "0x5\r\nabcde\r\n",
                                      "-1\r\n",
                                      "000000005\r\nabcde\r\n",
                                      "5\r\nabcde\n0\r\n\r\n",
                                      "0\r\nTrailer: x\r\n\r\n",
                                      "0\n\n",
                                      "5\rabcde",
                                      "G\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t step = 1; step < 9; step++) {
            struct buf out = {0};
            if (chunks(bad[i], 100, &out, step) != -1) fail_msg("taken: %s", bad[i]);
            buf_free(&out);
        }
    for (size_t step = 1; step < 20; step++) {
        struct buf out = {0};
        assert_int_equal(chunks("5\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\n", 100, &out, step), 1);
        assert_true(str_is(buf_view(&out), "abcde0123456789"));
        buf_clear(&out);
        assert_int_equal(chunks("5\r\nabcde\r\nFFFFFFFF\r\n", 100, &out, step), -2);
        buf_free(&out);
    }
}

static void sites_end_where_they_end(void **state) {
    (void)state;
    static const struct {
        const char *site, *url;
        bool in;
    } cases[] = {
        {"https://blog.example.kr", "https://blog.example.kr/a", true},
        {"https://blog.example.kr/", "http://BLOG.example.kr:80/a?b", true},
        {"https://blog.example.kr", "https://blog.example.kr", true},
        {"https://blog.example.kr", "https://blog.example.kr.evil.com/", false},
        {"https://blog.example.kr", "https://blog.example.kr@evil.com/", false},
        {"https://blog.example.kr", "https://evil.com/?https://blog.example.kr", false},
        {"https://blog.example.kr", "ftp://blog.example.kr/", false},
        {"http://h:8801", "http://h:8801/x", true},
        {"http://h:8801", "http://h:8802/x", false},
        {"http://h/blog", "http://h/blog/1", true},
        {"http://h/blog", "http://h/blogger", false},
        {"http://h/blog", "http://h/blog/../admin", false},
        {"http://h/blog", "http://h/blog/%2e%2E/admin", false},
        {"http://h/blog", "http://h/blog?p=1", true},
        {"http://h/", "http://h/a b", false},
        {"http://h/", "http://h\\a", false},
        {"http://h/", "javascript:alert(1)", false},
        {"http://h/", "http://", false},
        {"http://h/", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (site_holds(str_c(cases[i].site), str_c(cases[i].url)) != cases[i].in)
            fail_msg("%s in %s", cases[i].url, cases[i].site);
}

static void calls_are_read(void **state) {
    (void)state;
    struct xmlrpc_call c;
    assert_true(xmlrpc_read(
        str_c("<?xml version=\"1.0\"?>\n<!-- hi --><methodCall> <methodName> pingback.ping"
              "</methodName><params><param><value><string>http://a/?x=1&amp;y=&#50;</string>"
              "</value></param>\n<param><value> http://b/<!-- c --> </value></param></params>"
              "</methodCall>"),
        &c));
    assert_true(str_is(buf_view(&c.method), "pingback.ping"));
    assert_int_equal(c.count, 2);
    assert_true(c.is_string[0] && str_is(buf_view(&c.param[0]), "http://a/?x=1&y=2"));
    assert_true(c.is_string[1] && str_is(buf_view(&c.param[1]), "http://b/"));
    xmlrpc_free(&c);
    assert_true(xmlrpc_read(str_c("<methodCall><methodName>m</methodName><params><param><value>"
                                  "<int>4</int></value></param><param><value><struct><member>"
                                  "<name>a</name><value>b</value></member></struct></value>"
                                  "</param></params></methodCall>"),
                            &c));
    assert_int_equal(c.count, 2);
    assert_false(c.is_string[0] || c.is_string[1]);
    xmlrpc_free(&c);
}

static void other_xml_is_none(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "hello",
        "<methodCall/>",
        "<a></b>",
        "<methodCall><methodName>x</methodName>",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><methodCall><methodName>&a;</methodName></methodCall>",
        "<methodCall><methodName>&nbsp;</methodName></methodCall>",
        "<methodCall><methodName>x</methodName></methodCall><methodCall/>",
        "<methodCall><methodName>x</methodName></methodCall>tail",
        "<methodCall><methodName>x</methodName><params a=\"b\"></params></methodCall>",
        "<methodCall><methodName>&#0;</methodName></methodCall>",
        "<methodCall><methodName>&#xD800;</methodName></methodCall>",
        "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
        "<!--",
        "<methodCall><![CDATA[",
        "<methodCall><methodName>\xff</methodName></methodCall>"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct xmlrpc_call c;
        if (xmlrpc_read(str_c(bad[i]), &c)) fail_msg("taken: %s", bad[i]);
        xmlrpc_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ambiguity_is_refused),
        cmocka_unit_test(good_heads_are_read),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(chunks_are_strict),
        cmocka_unit_test(sites_end_where_they_end),
        cmocka_unit_test(calls_are_read),
        cmocka_unit_test(other_xml_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
