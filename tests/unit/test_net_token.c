/* uses: sori_net sori_base PkgConfig::CRYPTO PkgConfig::JANSSON */
/* threads */
/* Tokens that the platform rotates: what it is asked, what is used, and what is on disk when. */
#include "unit/net_platform.h"

#include "net/call.h"
#include "net/token.h"

#include <signal.h>
#include <sys/resource.h>

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

/* A request that waits for a renewal, long enough that somebody can write meanwhile. */
static void ask_slowly(struct world *w, struct asked *a) {
    platform.slow_ms = 300;
    put_token(w, 1700000000000, "");
    struct buf r = request(w, "shop", "GET", "/me");
    credential(&r, SORI_AUTH_BEARER, "oauth2", "");
    engine_http(w->engine, buf_view(&r), asked_done, a);
    buf_free(&r);
}

static void answered_well(struct world *w, struct asked *a) {
    while (!a->done) event_base_loop(w->base, EVLOOP_ONCE);
    assert_int_equal(a->http_status, 200);
    asked_free(a);
}

/* A person authorised anew while the old grant was being renewed: theirs is the newer will. */
static void what_a_person_wrote_stays(void **state) {
    struct world *w = *state;
    struct asked a = {0};
    ask_slowly(w, &a);
    put_file(w->secrets, "shop.oauth2",
             "{\"access_token\":\"access1\",\"refresh_token\":\"theirs\",\"client_id\":\"new\"}",
             0600);
    answered_well(w, &a);
    assert_int_equal(platform.refreshes, 1);
    json_t *j = on_disk(w);
    assert_string_equal(json_string_value(json_object_get(j, "refresh_token")), "theirs");
    assert_string_equal(json_string_value(json_object_get(j, "client_id")), "new");
    json_decref(j);
}

/* The client's secret was mended while the token was renewed: both are kept. */
static void what_a_person_mended_stays(void **state) {
    struct world *w = *state;
    struct asked a = {0};
    ask_slowly(w, &a);
    put_token(w, 1700000000000, ",\"client_secret\":\"mended\"");
    answered_well(w, &a);
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

/* The disk refuses: the platform is not asked for what could not be kept, and is once it can. */
static void disk_refuses(void **state) {
    struct world *w = *state;
    struct rlimit before;
    put_token(w, 1700000000000, "");
    signal(SIGXFSZ, SIG_IGN); /* no byte of any file may be written, by root neither */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max}), 0);
    struct asked a = get(w, "/me", SORI_AUTH_BEARER, "oauth2", "");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(platform.refreshes, 0);
    asked_free(&a);
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
    for (int i = 0; i < 3000 && !strstr(text, "long1"); i++) {
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
    const struct CMUnitTest tests[] = {each(fresh_token_is_used),
                                       each(one_refresh_for_all),
                                       each(client_with_a_secret),
                                       each(refused_refresh),
                                       each(a_refusal_outlives_the_process),
                                       each(not_every_400_is_a_no),
                                       each(what_a_person_wrote_stays),
                                       each(what_a_person_mended_stays),
                                       each(platform_is_down),
                                       each(line_is_cut),
                                       each(broken_files),
                                       each(disk_refuses),
                                       each(token_of_weeks)};
    assert_true(wipe_begin());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
