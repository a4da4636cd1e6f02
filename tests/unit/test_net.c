/* uses: sori_net sori_base */
/* Requests against a small server: credentials, redirects, limits, what left and what did not. */
#include "unit/net_server.h"
#include "unit/net_ask.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

static const char SECRET[] = "s3cr3t+/token&온결-0123456789";

struct world {
    struct event_base *base;
    struct engine *engine;
    struct server site, other;
    char secrets[64];
};

static void head(struct buf *out, const char *status, size_t length, const char *more) {
    buf_printf(out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, length, more);
}

static void put_gzip(struct buf *out, size_t zeros) {
    struct buf plain = {0};
    memset(buf_room(&plain, zeros), 'a', zeros);
    size_t room = zeros / 100 + 1000;
    char *packed = mem_get(room);
    z_stream z = {.next_in = (void *)plain.data, .avail_in = (uInt)zeros};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (void *)packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t len = room - z.avail_out;
    deflateEnd(&z);
    head(out, "200 OK", len, "Content-Encoding: gzip\r\n");
    buf_put(out, packed, len);
    free(packed);
    buf_free(&plain);
}

static bool is(struct sori_str request, const char *start) {
    return str_starts(request, str_c(start));
}

static bool serve(struct server *s, struct sori_str r, int nth, struct buf *out) {
    if (is(r, "GET /echo") || is(r, "POST /echo") || is(r, "HEAD /echo")) {
        head(out, "200 OK", is(r, "HEAD") ? 0 : r.len, "X-Shout: Hello \r\n");
        if (!is(r, "HEAD")) buf_str(out, r);
    } else if (is(r, "GET /loop")) {
        head(out, "302 Found", 0, "Location: /loop\r\n");
    } else if (is(r, "GET /once")) {
        head(out, "307 Temporary Redirect", 0, "Location: echo?온결 리빙\r\n");
    } else if (is(r, "GET /away")) {
        struct buf to = {0};
        buf_printf(&to, "Location: http://127.0.0.1:%s/echo\r\n", getenv("OTHER_PORT"));
        head(out, "302 Found", 0, to.data);
        buf_free(&to);
    } else if (is(r, "POST /moved")) {
        head(out, "308 Permanent Redirect", 0, "Location: /echo\r\n");
    } else if (is(r, "GET /busy")) {
        head(out, "429 Too Many Requests", 0, "Retry-After: 120\r\n");
    } else if (is(r, "GET /until")) {
        head(out, "503 Service Unavailable", 0, "Retry-After: Wed, 21 Oct 2037 07:28:00 GMT\r\n");
    } else if (is(r, "GET /long")) {
        head(out, "200 OK", 100000, "");
        memset(buf_room(out, 100000), 'x', 100000);
        out->len += 100000;
        out->data[out->len] = 0;
    } else if (is(r, "GET /bomb")) {
        put_gzip(out, 8 << 20);
    } else if (is(r, "GET /heads")) {
        buf_puts(out, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 20000; i++) buf_printf(out, "X-%d: 0123456789abcdef\r\n", i);
        buf_puts(out, "\r\n");
    } else if (is(r, "GET /slow") || is(r, "POST /slow")) {
        usleep(600 * 1000);
        head(out, "200 OK", 0, "");
    } else if (strstr(r.ptr, " /dies")) {
        if (nth > 0) return false; /* the kept connection is dead by the second request */
        head(out, "200 OK", 0, "");
    } else if (is(r, "POST /cut")) {
        buf_puts(out, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
        return false;
    } else {
        head(out, "404 Not Found", 0, "Connection: close\r\n");
    }
    (void)s;
    return true;
}

static void put_file(const char *folder, const char *name, const char *text, mode_t mode) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static int begin(void **state) {
    struct world *w = mem_get(sizeof *w);
    *state = w;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    assert_true(server_start(&w->site, "127.0.0.1", 0, serve));
    assert_true(server_start(&w->other, "127.0.0.1", 0, serve));
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)w->other.port);
    setenv("OTHER_PORT", port, 1);
    /* If these were heard, nothing would come back. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    strcpy(w->secrets, "/tmp/sori-net-XXXXXX");
    assert_non_null(mkdtemp(w->secrets));
    put_file(w->secrets, "shop.token", SECRET, 0600);
    put_file(w->secrets, "shop.line", "line-of-secret\n", 0400);
    put_file(w->secrets, "shop.open", SECRET, 0640);
    put_file(w->secrets, "shop.empty", "\n", 0600);
    put_file(w->secrets, "shop.two", "one\ntwo\n", 0600);
    w->base = event_base_new();
    w->engine = engine_new(w->base, false, NULL, NULL);
    struct buf conf = {0};
    struct err err;
    rec_str(&conf, NETCONF_USER_AGENT, SORI_STR("Sori/test (+https://example.kr)"));
    rec_str(&conf, NETCONF_SECRETS, str_c(w->secrets));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_HOST, SORI_STR("*.example.invalid"));
    struct buf host = {0};
    for (int i = 0; i < 2; i++) {
        buf_clear(&host);
        buf_printf(&host, "127.0.0.1:%u", (unsigned)(i ? w->site.port : w->other.port));
        rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    }
    rec_end(&conf, mark);
    mark = rec_begin(&conf, NETCONF_CONNECTION); /* the same host, without leave for the address */
    rec_str(&conf, NETCONN_NAME, SORI_STR("blind"));
    rec_str(&conf, NETCONN_HOST, buf_view(&host));
    rec_end(&conf, mark);
    if (!engine_configure(w->engine, buf_view(&conf), &err)) fail_msg("%s", err.text);
    buf_free(&conf);
    buf_free(&host);
    return 0;
}

static int end(void **state) {
    struct world *w = *state;
    engine_free(w->engine);
    event_base_free(w->base);
    server_stop(&w->site);
    server_stop(&w->other);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", w->secrets);
    free(w);
    return system(command);
}

static struct buf request(struct world *w, const char *connection, const char *method,
                          const char *path) {
    struct buf r = {0}, url = {0};
    buf_printf(&url, "http://127.0.0.1:%u%s", (unsigned)w->site.port, path);
    rec_str(&r, HTTP_METHOD, str_c(method));
    rec_str(&r, HTTP_URL, buf_view(&url));
    rec_str(&r, HTTP_CONNECTION, str_c(connection));
    rec_int(&r, HTTP_EFFECT, strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0);
    rec_int(&r, HTTP_TIMEOUT, 5000);
    buf_free(&url);
    return r;
}

static struct asked ask(struct world *w, struct buf r) {
    struct asked a = ask_record(w->base, w->engine, &r);
    buf_free(&r);
    return a;
}

static void credential(struct buf *r, int scheme, const char *slot, const char *user) {
    rec_int(r, HTTP_SCHEME, scheme);
    rec_str(r, HTTP_SLOT, str_c(slot));
    rec_str(r, HTTP_USER, str_c(user));
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        struct sori_str text_ = (text);                                                            \
        if (!text_.ptr || !memmem(text_.ptr, text_.len, part, strlen(part)))                       \
            fail_msg("\"%s\" is not in: %.*s", part, STR(text_));                                  \
    } while (0)
#define assert_lacks(text, part)                                                                   \
    do {                                                                                           \
        struct sori_str text_ = (text);                                                            \
        if (text_.ptr && memmem(text_.ptr, text_.len, part, strlen(part)))                         \
            fail_msg("\"%s\" is in: %.*s", part, STR(text_));                                      \
    } while (0)

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
    } bad[] = {
        {SORI_AUTH_BEARER, "open", "", "others may read", SORI_AUTH},
        {SORI_AUTH_BEARER, "empty", "", "empty", SORI_AUTH},
        {SORI_AUTH_BEARER, "two", "", "control character", SORI_AUTH},
        {SORI_AUTH_BEARER, "none", "", "is missing", SORI_AUTH},
        {SORI_AUTH_BEARER, "../x/y", "", "name of a secret", SORI_AUTH},
        {SORI_AUTH_BASIC, "token", "", "auth_user", SORI_AUTH},
        {SORI_AUTH_BASIC, "token", "a:b", "auth_user", SORI_AUTH},
        {SORI_AUTH_OAUTH1, "token", "", "bearer (1), basic (2) or query (3)", SORI_PERMANENT},
        {SORI_AUTH_APPSECRET_PROOF, "token", "", "unknown", SORI_PERMANENT},
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

static void what_left(void **state) {
    struct world *w = *state;
    struct buf r = request(w, "shop", "POST", "/slow");
    rec_int(&r, HTTP_TIMEOUT, 1);
    struct sori_str old = buf_view(&r);
    struct buf quick = {0};
    struct rec_field f;
    while (rec_next(&old, &f) == 1) { /* the same with 150 ms alone */
        if (f.tag == HTTP_TIMEOUT) continue;
        if (f.type == REC_INT)
            rec_int(&quick, f.tag, f.i);
        else
            rec_str(&quick, f.tag, f.s);
    }
    rec_int(&quick, HTTP_TIMEOUT, 150);
    buf_free(&r);
    struct asked a = ask(w, quick);
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 1);
    assert_has(str_c(a.why), "no whole answer within 0.1");
    asked_free(&a);
    a = ask(w, request(w, "shop", "POST", "/cut"));
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 1);
    assert_int_equal(a.http_status, 0);
    asked_free(&a);
    a = ask(w, request(w, "shop", "POST", "/echo"));
    assert_int_equal(a.http_status, 200);
    assert_lacks(asked_body(&a), "Content-Type");
    asked_free(&a);
}

static void nothing_left(void **state) {
    struct world *w = *state;
    struct server dead; /* a port on which nobody listens any more */
    assert_true(server_start(&dead, "127.0.0.1", 0, serve));
    server_stop(&dead);
    struct event_base *base = event_base_new();
    struct engine *e = engine_new(base, false, NULL, NULL);
    struct buf conf = {0}, host = {0}, r = {0}, url = {0};
    buf_printf(&host, "127.0.0.1:%u", (unsigned)dead.port);
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    rec_end(&conf, mark);
    assert_true(engine_configure(e, buf_view(&conf), NULL));
    buf_printf(&url, "http://%s/", host.data);
    rec_str(&r, HTTP_METHOD, SORI_STR("POST"));
    rec_int(&r, HTTP_EFFECT, SORI_HTTP_WRITE);
    rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
    rec_str(&r, HTTP_URL, buf_view(&url));
    struct asked a = ask_record(base, e, &r);
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 0);
    asked_free(&a);
    engine_free(e);
    event_base_free(base);
    buf_free(&conf);
    buf_free(&host);
    buf_free(&r);
    buf_free(&url);
    (void)w;
}

/* A kept connection that dies under a request: reads come again on a new one, a write never. */
static void never_twice(void **state) {
    struct world *w = *state;
    struct asked a = ask(w, request(w, "shop", "GET", "/dies"));
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    int before = w->site.hits, connections = w->site.connections;
    a = ask(w, request(w, "shop", "POST", "/dies"));
    assert_int_equal(a.http_status, 200); /* a connection of its own */
    assert_int_equal(w->site.hits, before + 1);
    assert_int_equal(w->site.connections, connections + 1);
    asked_free(&a);
    before = w->site.hits;
    a = ask(w, request(w, "shop", "GET", "/dies"));
    assert_int_equal(a.http_status, 200);
    assert_int_equal(w->site.hits, before + 2); /* once on the dead one, once anew */
    asked_free(&a);
}

static void many_and_cancel(void **state) {
    struct world *w = *state;
    enum { N = 60 };
    struct asked got[N] = {0};
    struct call *calls[N];
    int64_t start = clock_mono();
    for (int i = 0; i < N; i++) {
        struct buf r = request(w, "shop", "GET", "/slow");
        calls[i] = engine_http(w->engine, buf_view(&r), asked_done, &got[i]);
        assert_non_null(calls[i]);
        buf_free(&r);
    }
    assert_int_equal(engine_open(w->engine), N);
    for (int i = 0; i < N; i += 2) engine_cancel(calls[i]);
    while (engine_open(w->engine)) event_base_loop(w->base, EVLOOP_ONCE);
    for (int i = 0; i < N; i++) {
        assert_int_equal(got[i].status, i % 2 ? SORI_OK : SORI_CANCELLED);
        asked_free(&got[i]);
    }
    assert_true(clock_mono() - start < 4000); /* at once, not one after the other (18 s) */
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
        cmocka_unit_test(what_left),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(never_twice),
        cmocka_unit_test(many_and_cancel),
        cmocka_unit_test(settings_with_a_mistake),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
