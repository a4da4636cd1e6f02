/* uses: sori_gate sori_supervise sori_fence sori_base */
/* The real gate: signatures, and each channel's own answers. */
#include "scenario/gate_world.h"

static void signed_bodies_alone_are_kept(void **state) {
    (void)state;
    struct buf a = {0}, last = {0};
    char hex[65], field[160];
    const char *body = "{\"object\":\"page\",\"text\":\"환불해 주세요\"}";
    hmac_hex(body, hex);
    snprintf(field, sizeof field, "X-Hub-Signature-256: sha256=%s\r\n", hex);
    assert_int_equal(post("/in/page", field, body, &a), 200);
    assert_int_equal(stored(&last), 1);
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_CONNECTION), "page"));
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_FORM), "hook"));
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_BODY), body));
    assert_true(rec_get_int(buf_view(&last), DEL_AT, 0) > 0);

    char twice[400];
    char *forged = strdup(body);
    forged[12] ^= 1;
    assert_int_equal(post("/in/page", field, forged, &a), 401);
    free(forged);
    for (size_t i = 0; i < 64; i += 7) {
        char other[160];
        strcpy(other, field);
        char *at = strstr(other, "sha256=") + 7 + i;
        *at = *at == 'a' ? 'b' : 'a';
        assert_int_equal(post("/in/page", other, body, &a), 401);
    }
    assert_int_equal(post("/in/page", "", body, &a), 401);
    assert_int_equal(post("/in/page", "X-Hub-Signature-256: \r\n", body, &a), 401);
    assert_int_equal(post("/in/page", "X-Hub-Signature-256: sha256=\r\n", body, &a), 401);
    snprintf(twice, sizeof twice, "%s%s", field, field);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    snprintf(twice, sizeof twice, "X-Hub-Signature-256: %s\r\n", hex);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    snprintf(twice, sizeof twice, "X-Hub-Signature-256: sha256=%.40s\r\n", hex);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    assert_int_equal(post("/in/naked", field, body, &a), 404);
    assert_int_equal(post("/in/open", field, body, &a), 404);
    assert_int_equal(stored(NULL), 1);
    buf_free(&a);
    buf_free(&last);
}

static void challenges_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
    assert_int_equal(get("/in/page?hub.verify_token=token-of-ours&hub.challenge=0012%2Bx"
                         "&hub.mode=subscribe",
                         &a),
                     200);
    assert_non_null(strstr(a.data, "\r\n\r\n0012+x"));
    assert_int_equal(get("/in/page?hub.mode=subscribe&hub.verify_token=other&hub.challenge=1", &a),
                     403);
    assert_null(strstr(a.data, "\r\n\r\n1"));
    assert_int_equal(get("/in/x?crc_token=hello", &a), 200);
    uint8_t raw[32];
    char b64[64];
    unsigned n = 32;
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const uint8_t *)"hello", 5, raw, &n);
    EVP_EncodeBlock((unsigned char *)b64, raw, 32);
    char wanted[128];
    snprintf(wanted, sizeof wanted, "{\"response_token\":\"sha256=%s\"}", b64);
    assert_non_null(strstr(a.data, wanted));
    assert_int_equal(get("/in/x", &a), 400);
    assert_int_equal(stored(NULL), 0);
    buf_free(&a);
}

#define TB "/in/blog/tb/http%3A%2F%2F127.0.0.1%3A8801%2F%3Fp%3D1"

static void trackbacks_are_answered(void **state) {
    (void)state;
    struct buf a = {0}, last = {0};
    assert_int_equal(post(TB, FORM, "url=http%3A%2F%2Fother%2Fpost&title=%EC%86%8C%EB%A6%AC", &a),
                     200);
    assert_non_null(strstr(a.data, "<error>0</error>"));
    assert_int_equal(stored(&last), 1);
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_PATH), SITE "/?p=1"));
    assert_int_equal(post(TB, FORM, "url=http%3A%2F%2Fother%2Fpost", &a), 200);
    assert_non_null(
        strstr(a.data, "<error>0</error>")); /* a duplicate is known in the record only */
    assert_int_equal(post(TB, FORM, "title=x", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post(TB, FORM, "url=ftp%3A%2F%2Fother%2F", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post("/in/blog/tb/http%3A%2F%2Fevil%2F", FORM, "url=http%3A%2F%2Fo%2F", &a),
                     200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post("/in/blog/tb/", FORM, "url=http%3A%2F%2Fo%2F", &a), 404);
    assert_int_equal(stored(NULL), 2);
    assert_int_equal(get(TB, &a), 302);
    assert_non_null(strstr(a.data, "Location: " SITE "/?p=1\r\n"));
    assert_int_equal(get("/in/blog/tb/http%3A%2F%2Fevil%2F", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(get("/in/blog/tb/"
                         "http%3A%2F%2F127.0.0.1%3A8801%2F%0d%0aX:y",
                         &a),
                     200);
    assert_null(strstr(a.data, "\nX:y"));
    buf_free(&a);
    buf_free(&last);
}

static const char *ping(const char *source, const char *target) {
    static char text[1024];
    snprintf(text, sizeof text,
             "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params>"
             "<param><value><string>%s</string></value></param><param><value><string>%s</string>"
             "</value></param></params></methodCall>",
             source, target);
    return text;
}

static void pingbacks_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
#define XML "Content-Type: text/xml; charset=utf-8\r\n"
    assert_int_equal(post("/in/blog", XML, ping("http://other/p", SITE "/?p=1"), &a), 200);
    assert_null(strstr(a.data, "fault"));
    assert_int_equal(stored(NULL), 1);
    assert_int_equal(post("/in/blog", XML, ping(SITE "/", SITE "/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>33</int>"));
    assert_int_equal(post("/in/blog", XML, ping("http://other/p", "http://elsewhere/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>32</int>"));
    assert_int_equal(post("/in/blog", XML, ping("file:///etc/passwd", SITE "/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>16</int>"));
    assert_int_equal(post("/in/blog", XML,
                          "<methodCall><methodName>system.multicall</methodName><params/>"
                          "</methodCall>",
                          &a),
                     200);
    assert_non_null(strstr(a.data, "<int>-32601</int>"));
    assert_int_equal(post("/in/blog", XML, "not xml", &a), 200);
    assert_non_null(strstr(a.data, "<int>-32700</int>"));
    char *big = malloc(10000);
    memset(big, ' ', 9999);
    big[9999] = 0;
    assert_int_equal(post("/in/blog", XML, big, &a), 413);
    free(big);
    assert_int_equal(stored(NULL), 1);
    buf_free(&a);
}

static void webmentions_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
    const char *good = "source=http%3A%2F%2Fother%2Fp&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa";
    assert_int_equal(post("/in/blog", FORM, good, &a), 202);
    assert_int_equal(post("/in/blog", FORM, "source=http%3A%2F%2Fother%2Fp", &a), 400);
    assert_int_equal(
        post("/in/blog", FORM, "source=mailto%3Aa&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa", &a),
        400);
    assert_int_equal(
        post("/in/blog", FORM,
             "source=http%3A%2F%2F127.0.0.1%3A8801%2Fa&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa",
             &a),
        400);
    assert_int_equal(
        post("/in/blog", FORM, "source=http%3A%2F%2Fo%2F&target=http%3A%2F%2Felse%2F", &a), 400);
    assert_int_equal(stored(NULL), 1);
    assert_int_equal(post("/in/nobody", FORM, good, &a), 404);
    assert_int_equal(post("/in/blog/other", FORM, good, &a), 404);
    assert_int_equal(post("/", FORM, good, &a), 404);
    assert_int_equal(post("/in/blog", "Content-Type: application/json\r\n", "{}", &a), 415);
    assert_int_equal(get("/in/blog", &a), 405);
    assert_non_null(strstr(a.data, "Allow: POST\r\n"));
    assert_int_equal(stored(NULL), 1);
    buf_free(&a);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(signed_bodies_alone_are_kept), T(challenges_are_answered),  T(trackbacks_are_answered),
        T(pingbacks_are_answered),       T(webmentions_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
