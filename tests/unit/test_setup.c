/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Which requests a poll may make to set something up: those that the descriptor names, and none
 * that only look like them. */
#include "flow/channel/setup.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct plugin plugin;
static struct conn conn = {.plugin = &plugin};

static int fill(void **state) {
    (void)state;
    static const char *const setups[] = {"POST @api/*/subscribed_apps",
                                         "DELETE @api/*/subscribed_apps",
                                         "POST https://api.x.com/2/tweets/search/stream/rules",
                                         "PUT https://api.x.com/2/webhooks/*", "GET @none/x"};
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++)
        rec_str(&plugin.descriptor, DESC_SETUP, str_c(setups[i]));
    size_t mark = rec_begin(&conn.options, CREATE_OPTION);
    rec_str(&conn.options, PAIR_NAME, SORI_STR("api"));
    rec_str(&conn.options, PAIR_VALUE, SORI_STR("https://graph.example:8443/v26.0/"));
    rec_end(&conn.options, mark);
    return 0;
}

static void expect(const char *method, const char *url, bool want) {
    if (setup_allowed(&conn, str_c(method), str_c(url)) != want)
        fail_msg("%s %s: expected %s", method, url, want ? "leave" : "a refusal");
}

static void named_ones(void **state) {
    (void)state;
    expect("POST", "https://graph.example:8443/v26.0/1234/subscribed_apps", true);
    expect("POST", "https://graph.example:8443/v26.0/1234/subscribed_apps?fields=feed,mention",
           true);
    expect("DELETE", "https://graph.example:8443/v26.0/1234/subscribed_apps", true);
    expect("POST", "https://api.x.com/2/tweets/search/stream/rules?dry_run=true", true);
    expect("PUT", "https://api.x.com/2/webhooks/1146654567674912769", true);
}

static void others(void **state) {
    (void)state;
    static const struct {
        const char *method, *url;
    } cases[] = {{"PUT", "https://graph.example:8443/v26.0/1234/subscribed_apps"},
                 {"post", "https://api.x.com/2/tweets/search/stream/rules"},
                 {"POST", "https://graph.example:8443/v26.0/1234/comments"},
                 {"POST", "https://graph.example:8443/v26.0/1234/subscribed_apps/"},
                 {"POST", "https://graph.example:8443/v26.0/1234/subscribed_apps/x"},
                 {"POST", "https://graph.example:8443/v26.0//subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/1/2/subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/1%2F2/subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/../subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/%2e%2e/subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/./subscribed_apps"},
                 {"POST", "https://graph.example:8443/v26.0/1\\subscribed_apps"},
                 {"POST", "https://graph.example/v26.0/1/subscribed_apps"},
                 {"POST", "http://graph.example:8443/v26.0/1/subscribed_apps"},
                 {"POST", "https://graph.example:8443@evil.example/v26.0/1/subscribed_apps"},
                 {"POST", "https://api.x.com/2/tweets"},
                 {"POST", "https://api.x.com/2/tweets?/2/tweets/search/stream/rules"},
                 {"POST", "https://api.x.com/2/tweets#/2/tweets/search/stream/rules"},
                 {"POST", "https://api.x.com.evil.example/2/tweets/search/stream/rules"},
                 {"POST", "https://API.x.com/2/tweets/search/stream/rules"},
                 {"PUT", "https://api.x.com/2/webhooks/"},
                 {"PUT", "https://api.x.com/2/webhooks"},
                 {"GET", "/x"},
                 {"GET", ""},
                 {"", "https://api.x.com/2/webhooks/1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].method, cases[i].url, false);
}

static void resolved(void **state) {
    (void)state;
    struct buf b = {0};
    assert_true(setup_resolve(&conn, SORI_STR("@api/oauth/refresh?x=1"), &b));
    assert_string_equal(b.data, "https://graph.example:8443/v26.0/oauth/refresh?x=1");
    buf_clear(&b);
    assert_false(setup_resolve(&conn, SORI_STR("@none/x"), &b));
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(named_ones), cmocka_unit_test(others),
                                       cmocka_unit_test(resolved)};
    return cmocka_run_group_tests(tests, fill, NULL);
}
