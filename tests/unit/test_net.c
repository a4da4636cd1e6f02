/* uses: sori_net sori_base */
/* threads */
/* Requests against a small server: credentials, redirects, limits, what left and what did not. */
#include "unit/net_world.h"

static void plain_get(void **state) {
    struct buf r = request(*state, "shop", "GET", "/echo?q=소리");
    size_t mark = rec_begin(&r, HTTP_HEADER);
    rec_str(&r, PAIR_NAME, SORI_STR("X-Wish"));
    rec_str(&r, PAIR_VALUE, SORI_STR("온결"));
    rec_end(&r, mark);
    struct asked a = ask(*state, r);
    assert_int_equal(a.status, SORI_OK);
    assert_int_equal(a.http_status, 200);
    assert_int_equal(a.sent, 1);
    assert_true(str_is(asked_header(&a, "x-shout"), "Hello"));
    assert_has(asked_body(&a), "GET /echo?q=%ec%86%8c%eb%a6%ac HTTP/1.1");
    assert_has(asked_body(&a), "User-Agent: Sori/test (+https://example.kr)");
    assert_has(asked_body(&a), "Accept-Encoding: gzip, deflate\r\n");
    assert_has(asked_body(&a), "X-Wish: 온결");
    assert_lacks(asked_body(&a), "Authorization");
    asked_free(&a);
    a = ask(*state, request(*state, "shop", "HEAD", "/echo"));
    assert_int_equal(a.http_status, 200);
    assert_int_equal(asked_body(&a).len, 0);
    asked_free(&a);
}

static void hosts(void **state) {
    struct asked a = ask(*state, request(*state, "blind", "GET", "/echo"));
    assert_int_equal(a.status, SORI_PERMANENT);
    assert_int_equal(a.sent, 0);
    assert_has(str_c(a.why), "a loopback address");
    asked_free(&a);
    static const char *const urls[] = {"http://other.example/", "https://example.invalid/",
                                       "http://127.0.0.1:1/", "http://[::1]/",
                                       "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct buf r = {0};
        rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
        rec_str(&r, HTTP_URL, str_c(urls[i]));
        a = ask(*state, r);
        assert_int_equal(a.status, SORI_PERMANENT);
        assert_int_equal(a.sent, 0);
        assert_true(strlen(a.why) > 20);
        asked_free(&a);
    }
    a = ask(*state, request(*state, "unheard-of", "GET", "/echo"));
    assert_int_equal(a.status, SORI_PERMANENT);
    asked_free(&a);
}

/* One connection's mistake leaves the others their voice. */
static void settings_with_a_mistake(void **state) {
    struct world *w = *state;
    struct event_base *base = event_base_new();
    struct engine *e = engine_new(base, false, NULL, NULL);
    struct buf conf = {0}, host = {0};
    struct err err = {{0}};
    buf_printf(&host, "127.0.0.1:%u", (unsigned)w->site.port);
    const char *const allow[] = {"no such:80", host.data};
    for (int i = 0; i < 2; i++) {
        size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
        rec_str(&conf, NETCONN_NAME, i ? SORI_STR("shop") : SORI_STR("odd"));
        rec_str(&conf, NETCONN_ALLOW, str_c(allow[i]));
        rec_end(&conf, mark);
    }
    assert_false(engine_configure(e, buf_view(&conf), &err));
    assert_has(str_c(err.text),
               "odd: \"no such:80\" cannot be reached: expected an exact HOST:PORT");
    struct buf r = request(w, "shop", "GET", "/echo");
    struct asked a = ask_record(base, e, &r);
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    assert_false(engine_configure(e, SORI_STR("\x06\x7f"), &err)); /* broken: nothing changes */
    a = ask_record(base, e, &r);
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    engine_free(e);
    event_base_free(base);
    buf_free(&r);
    buf_free(&conf);
    buf_free(&host);
}

static void malformed(void **state) {
    static const char *const names[][2] = {
        {"Host", "evil"},  {"X-A", "b\r\nX-C: d"},    {"X A", "b"},
        {"", "b"},         {"content-length", "100"}, {"Transfer-Encoding", "chunked"},
        {"Cookie", "a=b"}, {"Referer", "http://a/"}};
    struct world *w = *state;
    int before = w->site.hits;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf r = request(w, "shop", "GET", "/echo");
        size_t mark = rec_begin(&r, HTTP_HEADER);
        rec_str(&r, PAIR_NAME, str_c(names[i][0]));
        rec_str(&r, PAIR_VALUE, str_c(names[i][1]));
        rec_end(&r, mark);
        struct asked a = ask(w, r);
        if (a.status != SORI_PERMANENT) fail_msg("%s: %s", names[i][0], names[i][1]);
        asked_free(&a);
    }
    struct buf r = {0};
    rec_str(&r, HTTP_METHOD, SORI_STR("POST")); /* not declared as a write */
    rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
    struct buf url = {0};
    buf_printf(&url, "http://127.0.0.1:%u/echo", (unsigned)w->site.port);
    rec_str(&r, HTTP_URL, buf_view(&url));
    buf_free(&url);
    struct asked a = ask(w, r);
    assert_int_equal(a.status, SORI_PERMANENT);
    assert_has(str_c(a.why), "declared as a write");
    asked_free(&a);
    r = request(w, "shop", "DANCE", "/echo");
    a = ask(w, r);
    assert_int_equal(a.status, SORI_PERMANENT);
    asked_free(&a);
    r = request(w, "shop", "GET", "/echo");
    rec_int(&r, HTTP_FLAGS, SORI_HTTP_STRANGER);
    a = ask(w, r);
    assert_int_equal(a.status, SORI_PERMANENT);
    asked_free(&a);
    r = (struct buf){0};
    buf_puts(&r, "\x02\xff");
    a = ask(w, r);
    assert_int_equal(a.status, SORI_BUG);
    asked_free(&a);
    assert_int_equal(w->site.hits, before);
}

static void credentials(void **state) {
    struct world *w = *state;
    static const int schemes[] = {SORI_AUTH_BEARER, SORI_AUTH_BASIC, SORI_AUTH_QUERY};
    for (int i = 0; i < 3; i++) {
        struct buf r = request(w, "shop", "GET", "/echo?a=1");
        credential(&r, schemes[i], "token", i == 2 ? "key" : "온결");
        struct asked a = ask(w, r);
        assert_int_equal(a.status, SORI_OK);
        /* The server echoes all it was told: no form of it comes through. */
        struct sori_str all = buf_view(&a.answer);
        assert_lacks(all, SECRET);
        assert_lacks(all, "s3cr3t");
        assert_lacks(all, "czNjcjN0");
        assert_has(asked_body(&a), "****");
        if (i == 2) assert_has(rec_get_str(all, ANS_URL), "/echo?a=1");
        asked_free(&a);
    }
    assert_true(server_saw(&w->site, "Authorization: Bearer s3cr3t+/token&온결-0123456789\r\n"));
    assert_true(server_saw(&w->site, "Authorization: Basic 7Jio6rKwOnMzY3IzdCsvdG9rZW4m7Jio6rKwLTAx"
                                     "MjM0NTY3ODk=\r\n"));
    assert_true(server_saw(&w->site, "GET /echo?a=1&key=s3cr3t%2b%2ftoken%26%ec%98%a8%ea%b2%b0-"
                                     "0123456789 HTTP"));
    static const struct {
        int scheme;
        const char *slot, *user, *why;
        enum sori_status status;
    } bad[] = {{SORI_AUTH_BEARER, "open", "", "others may read", SORI_AUTH},
               {SORI_AUTH_BEARER, "empty", "", "empty", SORI_AUTH},
               {SORI_AUTH_BEARER, "two", "", "control character", SORI_AUTH},
               {SORI_AUTH_BEARER, "none", "", "is missing", SORI_AUTH},
               {SORI_AUTH_BEARER, "../x/y", "", "name of a secret", SORI_AUTH},
               {SORI_AUTH_BASIC, "token", "", "auth_user", SORI_AUTH},
               {SORI_AUTH_BASIC, "token", "a:b", "auth_user", SORI_AUTH},
               {SORI_AUTH_OAUTH1, "line", "", "the slot \"token\"", SORI_AUTH},
               {SORI_AUTH_APPSECRET_PROOF, "token", "", "auth_user", SORI_AUTH},
               {77, "token", "", "unknown", SORI_PERMANENT},
               {SORI_AUTH_NONE, "token", "", "unknown", SORI_PERMANENT}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buf r = request(w, "shop", "GET", "/echo");
        credential(&r, bad[i].scheme, bad[i].slot, bad[i].user);
        struct asked a = ask(w, r);
        if (a.status != bad[i].status) fail_msg("case %zu: %d %s", i, (int)a.status, a.why);
        assert_int_equal(a.sent, 0);
        assert_has(str_c(a.why), bad[i].why);
        assert_lacks(buf_view(&a.answer), "s3cr3t");
        asked_free(&a);
    }
}

static void credentials_stay(void **state) {
    struct world *w = *state;
    int before = w->other.hits;
    struct buf r = request(w, "shop", "GET", "/away");
    credential(&r, SORI_AUTH_BEARER, "line", "");
    struct asked a = ask(w, r);
    assert_int_equal(a.status, SORI_PERMANENT);
    assert_has(str_c(a.why), "a credential is not taken to another place");
    assert_int_equal(w->other.hits, before);
    asked_free(&a);
    /* Without one the redirect is followed, and the plugin's own fields stay behind. */
    r = request(w, "shop", "GET", "/away");
    size_t mark = rec_begin(&r, HTTP_HEADER);
    rec_str(&r, PAIR_NAME, SORI_STR("X-Key"));
    rec_str(&r, PAIR_VALUE, SORI_STR("mine"));
    rec_end(&r, mark);
    a = ask(w, r);
    assert_int_equal(a.http_status, 200);
    assert_int_equal(w->other.hits, before + 1);
    assert_lacks(asked_body(&a), "X-Key");
    assert_lacks(asked_body(&a), "Referer");
    asked_free(&a);
    r = request(w, "shop", "GET", "/once");
    credential(&r, SORI_AUTH_BEARER, "line", "");
    a = ask(w, r);
    assert_int_equal(a.http_status, 200);
    assert_true(server_saw(&w->site, "Bearer line-of-secret\r\n"));
    asked_free(&a);
}

static void redirects(void **state) {
    struct world *w = *state;
    int before = w->site.hits;
    struct asked a = ask(w, request(w, "shop", "GET", "/loop"));
    assert_int_equal(a.status, SORI_PERMANENT);
    assert_int_equal(w->site.hits, before + 6);
    assert_has(str_c(a.why), "redirect in a row");
    asked_free(&a);
    struct buf r = request(w, "shop", "GET", "/loop");
    rec_int(&r, HTTP_FLAGS, SORI_HTTP_NO_REDIRECT);
    a = ask(w, r);
    assert_int_equal(a.http_status, 302);
    assert_true(str_is(asked_header(&a, "location"), "/loop"));
    asked_free(&a);
    a = ask(w, request(w, "shop", "GET", "/once"));
    assert_int_equal(a.http_status, 200);
    assert_has(rec_get_str(buf_view(&a.answer), ANS_URL), "/echo?%ec%98%a8");
    asked_free(&a);
    before = w->site.hits;
    a = ask(w, request(w, "shop", "POST", "/moved")); /* a write is not said twice */
    assert_int_equal(a.status, SORI_OK);
    assert_int_equal(a.http_status, 308);
    assert_int_equal(w->site.hits, before + 1);
    asked_free(&a);
}

static void limits(void **state) {
    struct world *w = *state;
    struct buf r = request(w, "shop", "GET", "/long");
    rec_int(&r, HTTP_MAX_BODY, 1000);
    struct asked a = ask(w, r);
    assert_int_equal(a.status, SORI_OK);
    assert_int_equal(asked_body(&a).len, 1000);
    assert_int_equal(rec_get_int(buf_view(&a.answer), ANS_TRUNCATED, 0), 1);
    asked_free(&a);
    a = ask(w, request(w, "shop", "GET", "/long"));
    assert_int_equal(asked_body(&a).len, 100000);
    assert_int_equal(rec_get_int(buf_view(&a.answer), ANS_TRUNCATED, 0), 0);
    asked_free(&a);
    r = request(w, "shop", "GET", "/bomb");
    rec_int(&r, HTTP_MAX_BODY, 100000);
    a = ask(w, r);
    assert_int_equal(a.status, SORI_OK);
    assert_int_equal(asked_body(&a).len, 100000);
    assert_int_equal(rec_get_int(buf_view(&a.answer), ANS_TRUNCATED, 0), 1);
    asked_free(&a);
    a = ask(w, request(w, "shop", "GET", "/heads"));
    assert_int_equal(a.status, SORI_RETRY);
    asked_free(&a);
}

static void retry_after(void **state) {
    struct world *w = *state;
    int64_t now = clock_now();
    struct asked a = ask(w, request(w, "shop", "GET", "/busy"));
    assert_int_equal(a.http_status, 429);
    int64_t at = rec_get_int(buf_view(&a.answer), ANS_RETRY_AT, 0);
    assert_true(at >= now + 119000 && at < now + 130000);
    asked_free(&a);
    a = ask(w, request(w, "shop", "GET", "/until"));
    at = rec_get_int(buf_view(&a.answer), ANS_RETRY_AT, 0);
    assert_true(at > now + 300LL * 86400000);
    asked_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_get),
        cmocka_unit_test(hosts),
        cmocka_unit_test(malformed),
        cmocka_unit_test(credentials),
        cmocka_unit_test(credentials_stay),
        cmocka_unit_test(redirects),
        cmocka_unit_test(limits),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(settings_with_a_mistake),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
