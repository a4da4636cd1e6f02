/* uses: sori_net sori_base PkgConfig::CRYPTO PkgConfig::JANSSON */
/* threads */
/* Credentials of every scheme: what reaches the server, and what comes back. */
#include "unit/net_platform.h"

#include "net/call.h"
#include "net/oauth1.h"

static void facebook_schemes(void **state) {
    struct world *w = *state;
    struct asked a = get(w, "/echo?fields=id", SORI_AUTH_APPSECRET_PROOF, "page", "app");
    assert_int_equal(a.status, SORI_OK);
    const char *proof = "51b54c20b21d46475ff6eb107dd842618fcb80c60e3096cd42ac099cb703fa14";
    assert_has(buf_view(&w->site.seen), "GET /echo?fields=id&appsecret_proof=51b54c20");
    assert_has(buf_view(&w->site.seen), proof);
    assert_has(buf_view(&w->site.seen), "Authorization: Bearer EAAtesttoken123\r\n");
    assert_lacks(buf_view(&a.answer), proof); /* the server echoed both */
    assert_lacks(buf_view(&a.answer), "EAAtesttoken123");
    asked_free(&a);
    a = get(w, "/echo", SORI_AUTH_APP, "app", "42");
    assert_has(buf_view(&w->site.seen), "Authorization: Bearer 42|test-app-secret-1\r\n");
    assert_lacks(buf_view(&a.answer), "test-app-secret-1");
    asked_free(&a);
    a = get(w, "/echo?x=1", SORI_AUTH_INPUT_TOKEN, "page", "42:app");
    assert_has(buf_view(&w->site.seen), "GET /echo?x=1&input_token=EAAtesttoken123 HTTP");
    assert_lacks(buf_view(&a.answer), "test-app-secret-1");
    assert_lacks(buf_view(&a.answer), "EAAtesttoken123");
    asked_free(&a);
    a = get(w, "/echo", SORI_AUTH_INPUT_TOKEN, "page", "app");
    assert_int_equal(a.status, SORI_AUTH);
    asked_free(&a);
    a = get(w, "/echo", SORI_AUTH_APPSECRET_PROOF, "page", "nowhere");
    assert_int_equal(a.status, SORI_AUTH);
    assert_has(str_c(a.why), "shop.nowhere is missing");
    asked_free(&a);
}

/* What the server saw is signed with what it saw. */
static void signed_requests(void **state) {
    struct world *w = *state;
    for (int form = 0; form < 3; form++) {
        buf_clear(&w->site.seen);
        struct buf r = request(w, "shop", form ? "POST" : "GET", "/echo?q=%EC%86%8C+a");
        credential(&r, SORI_AUTH_OAUTH1, "token", "");
        if (form) {
            size_t mark = rec_begin(&r, HTTP_HEADER);
            rec_str(&r, PAIR_NAME, SORI_STR("Content-Type"));
            rec_str(&r, PAIR_VALUE,
                    form == 1 ? SORI_STR("application/x-www-form-urlencoded")
                              : SORI_STR("application/json"));
            rec_end(&r, mark);
            rec_str(&r, HTTP_BODY, SORI_STR("status=a%26b"));
        }
        struct asked a = ask(w, r);
        assert_int_equal(a.http_status, 200);
        assert_lacks(asked_body(&a), "tk1-0123");
        char nonce[40], at[16], signature[64], url[128];
        const char *line = strstr(w->site.seen.data, "Authorization: OAuth ");
        assert_non_null(line);
        assert_int_equal(sscanf(strstr(line, "oauth_nonce"), "oauth_nonce=\"%39[^\"]", nonce), 1);
        assert_int_equal(sscanf(strstr(line, "oauth_timestamp"), "oauth_timestamp=\"%15[^\"]", at),
                         1);
        assert_int_equal(
            sscanf(strstr(line, "oauth_signature="), "oauth_signature=\"%63[^\"]", signature), 1);
        snprintf(url, sizeof url, "http://127.0.0.1:%u/echo?q=%%EC%%86%%8C+a",
                 (unsigned)w->site.port);
        struct oauth1 o = {SORI_STR("ck1"),      SORI_STR("cs1"), SORI_STR("tk1-0123"),
                           SORI_STR("ts1-4567"), str_c(nonce),    str_c(at)};
        struct buf again = {0};
        oauth1_header(&o, form ? SORI_STR("POST") : SORI_STR("GET"), url,
                      form == 1 ? SORI_STR("status=a%26b") : (struct sori_str){0}, &again);
        assert_has(buf_view(&again), signature);
        buf_free(&again);
        asked_free(&a);
    }
    struct asked a = get(w, "/echo", SORI_AUTH_OAUTH1, "page", "");
    assert_int_equal(a.status, SORI_AUTH);
    asked_free(&a);
}

static void escaped_secrets(void **state) {
    struct world *w = *state;
    struct secret s;
    char text[] = "{\"next\":\"https:\\/\\/x\\/?t=ab\\/cd+ef\",\"u\":\"ab%2Fcd%2Bef\"}";
    (void)w;
    assert_true(secret_from(SORI_STR("ab/cd+ef"), &s));
    secret_hide(&s, (struct sori_str){0}, text, strlen(text));
    assert_null(strstr(text, "cd"));
    secret_wipe(&s);
}

#define each(name) cmocka_unit_test_setup_teardown(name, open_platform, end)
int main(void) {
    const struct CMUnitTest tests[] = {each(facebook_schemes), each(signed_requests),
                                       each(escaped_secrets)};
    assert_true(wipe_begin());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
