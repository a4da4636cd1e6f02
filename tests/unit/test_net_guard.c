/* uses: sori_net sori_base */
/* Which addresses are public, how hosts are spelled, and what an allow list matches. */
#include "net/guard.h"
#include "net/target.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *why(const char *text) {
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return guard_why((const struct sockaddr *)&four);
    if (inet_pton(AF_INET6, text, &six.sin6_addr) != 1) fail_msg("%s is no address", text);
    return guard_why((const struct sockaddr *)&six);
}

static void refused_addresses(void **state) {
    (void)state;
    static const char *const table[] = {"0.0.0.0",
                                        "0.255.255.255",
                                        "10.0.0.0",
                                        "10.255.255.255",
                                        "100.64.0.0",
                                        "100.127.255.255",
                                        "100.100.100.200",
                                        "127.0.0.1",
                                        "127.255.255.255",
                                        "169.254.0.1",
                                        "169.254.169.254",
                                        "168.63.129.16",
                                        "172.16.0.0",
                                        "172.31.255.255",
                                        "192.0.0.1",
                                        "192.0.0.192",
                                        "192.0.2.1",
                                        "192.88.99.1",
                                        "192.168.0.1",
                                        "192.168.255.255",
                                        "198.18.0.1",
                                        "198.19.255.255",
                                        "198.51.100.7",
                                        "203.0.113.9",
                                        "224.0.0.1",
                                        "239.255.255.255",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::2",
                                        "::127.0.0.1",
                                        "::8.8.8.8",
                                        "::ffff:127.0.0.1",
                                        "::ffff:8.8.8.8",
                                        "::ffff:0:127.0.0.1",
                                        "64:ff9b::7f00:1",
                                        "64:ff9b::808:808",
                                        "64:ff9b:1::1",
                                        "100::1",
                                        "2001::1",
                                        "2001:0:7f00:1::",
                                        "2001:2::1",
                                        "2001:10::1",
                                        "2001:20::1",
                                        "2001:db8::1",
                                        "2002:7f00:1::",
                                        "2002:808:808::",
                                        "3fff::1",
                                        "3fff:fff::1",
                                        "5f00::1",
                                        "fc00::1",
                                        "fd00:ec2::254",
                                        "fdff::1",
                                        "fe80::1",
                                        "febf::1",
                                        "fec0::1",
                                        "feff::1",
                                        "ff02::1",
                                        "ff0e::1",
                                        "4000::1",
                                        "8000::1",
                                        "1::1"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!why(table[i])) fail_msg("%s counts as public", table[i]);
}

static void public_addresses(void **state) {
    (void)state;
    static const char *const table[] = {"1.1.1.1",         "8.8.8.8",
                                        "9.255.255.255",   "11.0.0.0",
                                        "100.63.255.255",  "100.128.0.0",
                                        "126.255.255.255", "128.0.0.1",
                                        "169.253.255.255", "169.255.0.0",
                                        "172.15.255.255",  "172.32.0.0",
                                        "192.0.1.1",       "192.0.3.0",
                                        "192.167.255.255", "192.169.0.0",
                                        "198.17.255.255",  "198.20.0.0",
                                        "223.255.255.255", "211.249.220.24",
                                        "2001:200::1",     "2001:4860:4860::8888",
                                        "2001:db9::1",     "2003::1",
                                        "2606:4700::1111", "2a00:1450::1",
                                        "3ffe::1"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (why(table[i])) fail_msg("%s counts as %s", table[i], why(table[i]));
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_non_null(guard_why(&local));
}

static void spellings(void **state) {
    (void)state;
    static const char *const table[][2] = {{"Example.COM", "example.com"},
                                           {"example.com.", "example.com"},
                                           {"127.0.0.1", "127.0.0.1"},
                                           {"127.1", "127.0.0.1"},
                                           {"2130706433", "127.0.0.1"},
                                           {"0x7f000001", "127.0.0.1"},
                                           {"0x7F.1", "127.0.0.1"},
                                           {"0177.0.0.1", "127.0.0.1"},
                                           {"017700000001", "127.0.0.1"},
                                           {"127.0.0.1.", "127.0.0.1"},
                                           {"0", "0.0.0.0"},
                                           {"①②⑦.⓪.⓪.①", "127.0.0.1"},
                                           {"１２７。０。０。１", "127.0.0.1"},
                                           {"ｌｏｃａｌｈｏｓｔ", "localhost"},
                                           {"온결.한국", "xn--ot5bk5e.xn--3e0b707e"},
                                           {"::1", "::1"},
                                           {"0:0:0:0:0:0:0:1", "::1"},
                                           {"::FFFF:7f00:1", "::ffff:127.0.0.1"},
                                           {"1.2.3.4.5", NULL},
                                           {"256.1.1.1", NULL},
                                           {"127.0.0.08", NULL},
                                           {"a..b", NULL},
                                           {".a", NULL},
                                           {"", NULL},
                                           {".", NULL},
                                           {"a b", NULL},
                                           {"a%00b", NULL},
                                           {"fe80::1%eth0", NULL},
                                           {"a/b", NULL},
                                           {"a@b", NULL},
                                           {"a:80", NULL},
                                           {"exa\\mple", NULL}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = {0};
        bool ok = target_host(str_c(table[i][0]), &out);
        if (ok != (table[i][1] != NULL)) fail_msg("%s: %s", table[i][0], ok ? out.data : "no host");
        if (ok && strcmp(table[i][1], "xn--ot5bk5e.xn--3e0b707e") != 0)
            assert_string_equal(out.data, table[i][1]);
        if (ok)
            assert_int_equal(strspn(out.data, "abcdefghijklmnopqrstuvwxyz0123456789.-:"), out.len);
        buf_free(&out);
    }
}

static void lists(void **state) {
    (void)state;
    struct guard_list l = {0};
    assert_true(guard_add(&l, str_c("graph.example.com")));
    assert_true(guard_add(&l, str_c("*.cdn.example")));
    assert_true(guard_add(&l, str_c("Blog.Example.KR:8443")));
    assert_true(guard_add(&l, str_c("127.0.0.1:8801")));
    assert_true(guard_add(&l, str_c("[::1]:8802")));
    static const char *const bad[] = {"",       "a:0", "a:65536", "a:", "a:x",  "[::1",
                                      "[::1]x", "a b", "*.",      "*",  "a:-1", "http://a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (guard_add(&l, str_c(bad[i]))) fail_msg("\"%s\" was taken", bad[i]);
    assert_int_equal(l.count, 5);
    assert_true(guard_names(&l, "graph.example.com", 443, true));
    assert_false(guard_names(&l, "graph.example.com", 8443, false));
    assert_false(guard_names(&l, "x.graph.example.com", 443, true));
    assert_true(guard_names(&l, "a.cdn.example", 443, true));
    assert_true(guard_names(&l, "b.a.cdn.example", 443, true));
    assert_false(guard_names(&l, "cdn.example", 443, true));
    assert_false(guard_names(&l, "evilcdn.example", 443, true));
    assert_true(guard_names(&l, "blog.example.kr", 8443, false));
    assert_false(guard_names(&l, "blog.example.kr", 443, true));
    assert_true(guard_exact(&l, "127.0.0.1", 8801));
    assert_false(guard_exact(&l, "127.0.0.1", 8802));
    assert_false(guard_exact(&l, "graph.example.com", 0));
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(8802)};
    six.sin6_addr.s6_addr[15] = 1;
    assert_true(guard_exact_address(&l, (const struct sockaddr *)&six));
    six.sin6_port = htons(8801);
    assert_false(guard_exact_address(&l, (const struct sockaddr *)&six));
    assert_true(guard_add_exact(&l, str_c("10.0.0.1:80")));
    assert_false(guard_add_exact(&l, str_c("10.0.0.1")) || guard_add_exact(&l, str_c("*.a.kr:80")));
    assert_int_equal(l.count, 6);
    guard_free(&l);
}

static void urls(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "example.com",
                                      "//example.com/",
                                      "http:/example.com",
                                      "http:example.com",
                                      "http://",
                                      "http:///example.com",
                                      "http://user@example.com/",
                                      "http://u:p@example.com/",
                                      "http://@example.com/",
                                      "http://a@b@c/",
                                      "https://example.com\\@127.0.0.1/",
                                      "http://exa mple.com/",
                                      "http://example.com/\r\nX: y",
                                      "ftp://example.com/",
                                      "file:///etc/passwd",
                                      "gopher://127.0.0.1/",
                                      "dict://a/",
                                      "http://example.com:0/",
                                      "http://example.com:99999/",
                                      "http://example.com:x/",
                                      "http://[::1/",
                                      "http://[fe80::1%25eth0]/",
                                      "http://%31%32%37.0.0.1/",
                                      "http://a..b/",
                                      "http://1.2.3.4.5/",
                                      "folder://host/x",
                                      "folder:/x",
                                      "javascript:alert(1)",
                                      "folder:///a%00b",
                                      "folder:///a%zz",
                                      "http://exa\tmple.com/",
                                      "http://#x",
                                      "http://?x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct target t;
        struct err err = {{0}};
        if (target_parse(str_c(bad[i]), &t, &err)) fail_msg("%s was taken as %s", bad[i], t.url);
        assert_true(err.text[0] != 0);
    }
    static const char *const good[][3] = {
        {"http://example.com", "example.com", "http://example.com/"},
        {"HTTPS://Example.COM:443/a?b#c", "example.com", "https://example.com:443/a?b"},
        {"http://127.1:8080/x", "127.0.0.1", "http://127.0.0.1:8080/x"},
        {"http://①②⑦.0.0.1/", "127.0.0.1", "http://127.0.0.1/"},
        {"http://0x7f.1./", "127.0.0.1", "http://127.0.0.1/"},
        {"http://[::1]:81/", "::1", "http://[::1]:81/"},
        {"http://blog.example.kr/글", "blog.example.kr", "http://blog.example.kr/%ea%b8%80"}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct target t;
        struct err err = {{0}};
        if (!target_parse(str_c(good[i][0]), &t, &err)) fail_msg("%s: %s", good[i][0], err.text);
        assert_string_equal(t.host, good[i][1]);
        assert_string_equal(t.url, good[i][2]);
        target_free(&t);
    }
    struct target t;
    assert_true(target_parse(str_c("folder:///tmp/%EC%86%8C%EB%A6%AC/"), &t, NULL));
    assert_true(t.folder);
    assert_string_equal(t.path, "/tmp/소리/");
    target_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_addresses),
        cmocka_unit_test(public_addresses),
        cmocka_unit_test(spellings),
        cmocka_unit_test(lists),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
