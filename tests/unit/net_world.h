/* A small server, a net before it with credentials, and how to ask: shared by the tests of net. */
#ifndef UNIT_NET_WORLD_H
#define UNIT_NET_WORLD_H

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

static inline void head(struct buf *out, const char *status, size_t length, const char *more) {
    buf_printf(out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, length, more);
}

static inline void put_gzip(struct buf *out, size_t zeros) {
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

static inline bool is(struct sori_str request, const char *start) {
    return str_starts(request, str_c(start));
}

static inline bool serve(struct server *s, struct sori_str r, int nth, struct buf *out) {
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

static inline void put_file(const char *folder, const char *name, const char *text, mode_t mode) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static inline int begin(void **state) {
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

static inline int end(void **state) {
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

static inline struct buf request(struct world *w, const char *connection, const char *method,
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

static inline struct asked ask(struct world *w, struct buf r) {
    struct asked a = ask_record(w->base, w->engine, &r);
    buf_free(&r);
    return a;
}

static inline void credential(struct buf *r, int scheme, const char *slot, const char *user) {
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

#endif
