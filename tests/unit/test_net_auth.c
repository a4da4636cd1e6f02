/* uses: sori_net sori_base PkgConfig::CRYPTO PkgConfig::JANSSON */
/* threads */
/* Credentials of every scheme, and tokens that the platform rotates: what reaches the server, what
 * comes back, and what is on disk when. */
#include "unit/net_world.h"

#include "net/call.h"
#include "net/oauth1.h"
#include "net/token.h"
#include "net/wipe.h"
#include "sori/plugin.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* A platform whose newest access token is accessN and newest refresh token refreshN. */
static struct platform {
    pthread_mutex_t lock;
    int newest, refreshes, refused, used_twice;
    int status;  /* what the token endpoint answers with, where not 0 */
    int slow_ms; /* how long it thinks */
    bool hang_up;
    const char *page; /* what a proxy in front of it says with a 400, where not NULL */
} platform = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void answer(struct buf *out, const char *status, const char *body) {
    head(out, status, strlen(body), "Content-Type: application/json\r\n");
    buf_puts(out, body);
}

static bool grant(struct sori_str r, struct buf *out) {
    char want[64], body[256];
    usleep((useconds_t)platform.slow_ms * 1000);
    pthread_mutex_lock(&platform.lock);
    platform.refreshes++;
    snprintf(want, sizeof want, "refresh_token=refresh%d", platform.newest);
    bool known = strstr(r.ptr, want) != NULL, hang_up = platform.hang_up;
    if (hang_up) {
    } else if (platform.page) {
        answer(out, "400 Bad Request", platform.page);
    } else if (platform.status) {
        answer(out, "503 Service Unavailable", "{}");
    } else if (!known) {
        platform.used_twice++;
        answer(out, "400 Bad Request",
               "{\"error\":\"invalid_request\",\"error_description\":\"Value passed for the token "
               "refresh0 was invalid.\"}");
    } else {
        platform.newest++;
        snprintf(body, sizeof body,
                 "{\"token_type\":\"bearer\",\"expires_in\":7200,\"access_token\":\"access%d\","
                 "\"refresh_token\":\"refresh%d\"}",
                 platform.newest, platform.newest);
        answer(out, "200 OK", body);
    }
    pthread_mutex_unlock(&platform.lock);
    return !hang_up;
}

static bool api(struct server *s, struct sori_str r, int nth, struct buf *out) {
    char want[64], body[128];
    if (is(r, "POST /token")) return grant(r, out);
    if (is(r, "GET /renew")) {
        bool right = strstr(r.ptr, "GET /renew?grant_type=ig&access_token=long0 ") != NULL;
        platform.refreshes++;
        answer(out, right ? "200 OK" : "400 Bad Request",
               right ? "{\"access_token\":\"long1\",\"expires_in\":5184000}" : "{\"error\":{}}");
        return true;
    }
    if (!is(r, "GET /me") && !is(r, "POST /me")) return serve(s, r, nth, out);
    pthread_mutex_lock(&platform.lock);
    snprintf(want, sizeof want, "Authorization: Bearer access%d\r\n", platform.newest);
    bool known = strstr(r.ptr, want) != NULL;
    if (!known) platform.refused++;
    snprintf(body, sizeof body, "{\"you\":\"access%d\"}", platform.newest);
    pthread_mutex_unlock(&platform.lock);
    answer(out, known ? "200 OK" : "401 Unauthorized", known ? body : "{}");
    return true;
}

static void put_slot(struct buf *conf, const char *name, int64_t kind, const char *url) {
    size_t mark = rec_begin(conf, NETCONN_SLOT);
    rec_str(conf, 1, str_c(name));
    rec_int(conf, 2, kind);
    rec_str(conf, 3, str_c(url));
    rec_end(conf, mark);
}

static void put_token(struct world *w, int64_t expires_at, const char *more) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"access_token\":\"access0\",\"refresh_token\":\"refresh0\",\"expires_at\":%lld,"
             "\"client_id\":\"me\"%s}\n",
             (long long)expires_at, more);
    put_file(w->secrets, "shop.oauth2", text, 0600);
}

static int open_platform(void **state) {
    int code = begin(state);
    struct world *w = *state;
    struct err err;
    struct buf conf = {0}, host = {0}, url = {0};
    server_stop(&w->site);
    assert_true(server_start(&w->site, "127.0.0.1", 0, api));
    buf_printf(&host, "127.0.0.1:%u", (unsigned)w->site.port);
    rec_str(&conf, NETCONF_SECRETS, str_c(w->secrets));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    buf_printf(&url, "http://%s/token", host.data);
    put_slot(&conf, "oauth2", SORI_SLOT_OAUTH2, url.data);
    buf_clear(&url);
    buf_printf(&url, "http://%s/renew?grant_type=ig", host.data);
    put_slot(&conf, "weeks", SORI_SLOT_RENEWED, url.data);
    rec_end(&conf, mark);
    if (!engine_configure(w->engine, buf_view(&conf), &err)) fail_msg("%s", err.text);
    buf_free(&conf);
    buf_free(&host);
    buf_free(&url);
    platform = (struct platform){.lock = PTHREAD_MUTEX_INITIALIZER};
    put_file(w->secrets, "shop.consumer_key", "ck1", 0600);
    put_file(w->secrets, "shop.consumer_secret", "cs1", 0600);
    put_file(w->secrets, "shop.token", "tk1-0123", 0600);
    put_file(w->secrets, "shop.token_secret", "ts1-4567", 0600);
    put_file(w->secrets, "shop.page", "EAAtesttoken123", 0600);
    put_file(w->secrets, "shop.app", "test-app-secret-1", 0600);
    put_token(w, clock_now() + 3600000, "");
    return code;
}

static struct asked get(struct world *w, const char *path, int scheme, const char *slot,
                        const char *user) {
    struct buf r = request(w, "shop", "GET", path);
    credential(&r, scheme, slot, user);
    return ask(w, r);
}

static json_t *on_disk(struct world *w) {
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/shop.oauth2", w->secrets);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    json_t *j = json_load_file(path, 0, NULL);
    assert_non_null(j);
    return j;
}

/* ---- schemes ---- */

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

/* ---- rotated tokens ---- */

static void fresh_token_is_used(void **state) {
    struct asked a = get(*state, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.http_status, 200);
    assert_int_equal(platform.refreshes, 0);
    assert_lacks(buf_view(&a.answer), "access0");
    asked_free(&a);
}

struct many {
    struct asked a[8];
};

/* Eight requests meet the same old token at once. */
static void one_refresh_for_all(void **state) {
    struct world *w = *state;
    for (int late = 0; late < 2; late++) { /* known to be old, or found to be old by a 401 */
        platform =
            (struct platform){.lock = PTHREAD_MUTEX_INITIALIZER, .slow_ms = 150, .newest = 0};
        put_token(w, late ? clock_now() + 3600000 : clock_now() - 1000, "");
        if (late) { /* the platform gave out other ones since */
            platform.newest = 0;
            put_file(w->secrets, "shop.oauth2",
                     "{\"access_token\":\"gone-gone\",\"refresh_token\":\"refresh0\","
                     "\"client_id\":\"me\"}",
                     0600);
        }
        struct many m = {0};
        for (int i = 0; i < 8; i++) {
            struct buf r = request(w, "shop", i % 2 ? "POST" : "GET", "/me");
            credential(&r, SORI_AUTH_BEARER, "oauth2", "");
            engine_http(w->engine, buf_view(&r), asked_done, &m.a[i]);
            buf_free(&r);
        }
        for (int i = 0; i < 8; i++) {
            while (!m.a[i].done) event_base_loop(w->base, EVLOOP_ONCE);
            assert_int_equal(m.a[i].status, SORI_OK);
            assert_int_equal(m.a[i].http_status, 200);
            asked_free(&m.a[i]);
        }
        assert_int_equal(platform.refreshes, 1);
        assert_int_equal(platform.used_twice, 0);
        assert_int_equal(platform.refused, late ? 8 : 0);
        json_t *j = on_disk(w);
        assert_string_equal(json_string_value(json_object_get(j, "access_token")), "access1");
        assert_string_equal(json_string_value(json_object_get(j, "refresh_token")), "refresh1");
        assert_string_equal(json_string_value(json_object_get(j, "client_id")), "me");
        int64_t left = json_integer_value(json_object_get(j, "expires_at")) - clock_now();
        assert_true(left > 7190000 && left <= 7200000);
        json_decref(j);
    }
}

static void client_with_a_secret(void **state) {
    struct world *w = *state;
    put_token(w, 1700000000000, ",\"client_secret\":\"s e\"");
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    assert_has(buf_view(&w->site.seen), "Authorization: Basic bWU6cyUyMGU=\r\n"); /* me:s%20e */
    assert_lacks(buf_view(&w->site.seen), "client_id");
}

static void refused_refresh(void **state) {
    struct world *w = *state;
    put_token(w, 1700000000000, "");
    platform.newest = 5; /* ours was used up long ago */
    for (int i = 0; i < 3; i++) {
        struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
        assert_int_equal(a.status, SORI_AUTH);
        assert_has(str_c(a.why), "invalid_request");
        assert_has(str_c(a.why), "`sori connection authorise shop`");
        assert_lacks(str_c(a.why), "refresh0");
        asked_free(&a);
    }
    assert_int_equal(platform.refreshes, 1); /* it is not asked again with what was refused */
    put_file(w->secrets, "shop.oauth2",
             "{\"access_token\":\"access5\",\"refresh_token\":\"refresh5\",\"client_id\":\"me\"}",
             0600);
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.http_status, 200); /* a person wrote a new one: it heals by itself */
    asked_free(&a);
}

/* After a restart, what the platform has refused is known, and not shown to it again; mended, be it
 * only the client's secret, it is. */
static void a_refusal_outlives_the_process(void **state) {
    struct world *w = *state;
    put_token(w, 1700000000000, "");
    platform.newest = 5;
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.status, SORI_AUTH);
    asked_free(&a);
    rotate_free(w->engine); /* as a new process begins */
    a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.status, SORI_AUTH);
    assert_has(str_c(a.why), "invalid_request");
    assert_has(str_c(a.why), "`sori connection authorise shop`");
    assert_lacks(str_c(a.why), "refresh0");
    asked_free(&a);
    assert_int_equal(platform.refreshes, 1);
    put_token(w, 1700000000000, ",\"client_secret\":\"s\"");
    a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    asked_free(&a);
    assert_int_equal(platform.refreshes, 2);
}

/* A page of somebody in between, and a moment's trouble, are no refusals. */
static void not_every_400_is_a_no(void **state) {
    static const char *const pages[] = {"<html>Bad Request</html>", "{}",
                                        "{\"error\":\"temporarily_unavailable\"}"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        put_token(w, 1700000000000, "");
        platform.page = pages[i];
        struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
        assert_int_equal(a.status, SORI_RETRY);
        asked_free(&a);
        rotate_free(w->engine);
    }
    platform.page = NULL;
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
}

/* A person authorised anew while the old grant was being renewed: theirs is the newer will. */
static void what_a_person_wrote_stays(void **state) {
    struct world *w = *state;
    platform.slow_ms = 300;
    put_token(w, 1700000000000, "");
    struct buf r = request(w, "shop", "GET", "/me");
    credential(&r, SORI_AUTH_BEARER, "oauth2", "");
    struct asked a = {0};
    engine_http(w->engine, buf_view(&r), asked_done, &a);
    buf_free(&r);
    put_file(w->secrets, "shop.oauth2",
             "{\"access_token\":\"access1\",\"refresh_token\":\"theirs\",\"client_id\":\"new\"}",
             0600);
    while (!a.done) event_base_loop(w->base, EVLOOP_ONCE);
    assert_int_equal(platform.refreshes, 1);
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    json_t *j = on_disk(w);
    assert_string_equal(json_string_value(json_object_get(j, "refresh_token")), "theirs");
    assert_string_equal(json_string_value(json_object_get(j, "client_id")), "new");
    json_decref(j);
}

/* The client's secret was mended while the token was renewed: both are kept. */
static void what_a_person_mended_stays(void **state) {
    struct world *w = *state;
    platform.slow_ms = 300;
    put_token(w, 1700000000000, "");
    struct buf r = request(w, "shop", "GET", "/me");
    credential(&r, SORI_AUTH_BEARER, "oauth2", "");
    struct asked a = {0};
    engine_http(w->engine, buf_view(&r), asked_done, &a);
    buf_free(&r);
    put_token(w, 1700000000000, ",\"client_secret\":\"mended\"");
    while (!a.done) event_base_loop(w->base, EVLOOP_ONCE);
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    json_t *j = on_disk(w);
    assert_string_equal(json_string_value(json_object_get(j, "refresh_token")), "refresh1");
    assert_string_equal(json_string_value(json_object_get(j, "client_secret")), "mended");
    json_decref(j);
}

static void platform_is_down(void **state) {
    struct world *w = *state;
    put_token(w, 1700000000000, "");
    platform.status = 503;
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 0);
    assert_has(str_c(a.why), "HTTP 503");
    asked_free(&a);
    json_t *j = on_disk(w);
    assert_string_equal(json_string_value(json_object_get(j, "refresh_token")), "refresh0");
    json_decref(j);
}

static void line_is_cut(void **state) {
    struct world *w = *state;
    put_token(w, 1700000000000, "");
    platform.hang_up = true;
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.status, SORI_RETRY);
    asked_free(&a);
}

static void broken_files(void **state) {
    struct world *w = *state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"access0-plain", "no line of JSON"},
        {"[1]", "no line of JSON"},
        {"{\"refresh_token\":\"r\"}", "lacks access_token"},
        {"{\"access_token\":\"value0z\"}", "lacks refresh_token"},
        {"{\"access_token\":\"value0z\",\"refresh_token\":\"value0z\"}", "lacks client_id"},
        {"{\"access_token\":\"value0z\",\"refresh_token\":\"value0z\",\"client_id\":\"c\","
         "\"expires_at\":\"soon\"}",
         "expires_at"},
        {"{\"access_token\":\"value0 z\",\"refresh_token\":\"value0z\",\"client_id\":\"c\"}",
         "has a blank"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_file(w->secrets, "shop.oauth2", cases[i].text, 0600);
        struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
        assert_int_equal(a.status, SORI_AUTH);
        assert_has(str_c(a.why), cases[i].says);
        assert_lacks(str_c(a.why), "value0");
        assert_lacks(str_c(a.why), "access0");
        asked_free(&a);
    }
}

/* The disk refuses: what the platform gave is kept and written later, and only then used. */
static void disk_refuses(void **state) {
    struct world *w = *state;
    if (geteuid() == 0) skip(); /* root writes anywhere */
    put_token(w, 1700000000000, "");
    assert_int_equal(chmod(w->secrets, 0500), 0);
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.status, SORI_RETRY);
    asked_free(&a);
    assert_int_equal(chmod(w->secrets, 0700), 0);
    a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(a.http_status, 200);
    assert_int_equal(platform.refreshes, 1);
    asked_free(&a);
}

static void token_of_weeks(void **state) {
    struct world *w = *state;
    char text[200];
    snprintf(text, sizeof text, "{\"access_token\":\"long0\",\"expires_at\":%lld,\"since\":%lld}",
             (long long)clock_now() + 86400000, (long long)clock_now() - 86400000LL * 59);
    put_file(w->secrets, "shop.weeks", text, 0600);
    struct asked a = get(w, "/echo", SORI_AUTH_BEARER, "weeks", "");
    assert_int_equal(a.http_status, 200); /* the old one still serves */
    asked_free(&a);
    for (int i = 0; i < 100 && !strstr(text, "long1"); i++) {
        char path[100];
        event_base_loop(w->base, EVLOOP_NONBLOCK);
        usleep(10000);
        snprintf(path, sizeof path, "%s/shop.weeks", w->secrets);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        assert_non_null(fgets(text, sizeof text, f));
        fclose(f);
    }
    assert_non_null(strstr(text, "long1"));
    a = get(w, "/echo", SORI_AUTH_BEARER, "weeks", "");
    asked_free(&a);
    assert_has(buf_view(&w->site.seen), "Bearer long1");
    assert_int_equal(platform.refreshes, 1);
}

#define each(name) cmocka_unit_test_setup_teardown(name, open_platform, end)
int main(void) {
    const struct CMUnitTest tests[] = {each(facebook_schemes),
                                       each(signed_requests),
                                       each(escaped_secrets),
                                       each(fresh_token_is_used),
                                       each(one_refresh_for_all),
                                       each(client_with_a_secret),
                                       each(refused_refresh),
                                       each(platform_is_down),
                                       each(line_is_cut),
                                       each(refused_refresh),
                                       each(a_refusal_outlives_the_process),
                                       each(not_every_400_is_a_no),
                                       each(what_a_person_wrote_stays),
                                       each(what_a_person_mended_stays),
                                       each(line_is_cut),
                                       each(broken_files),
                                       each(disk_refuses),
                                       each(token_of_weeks)};
    assert_true(wipe_begin());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
