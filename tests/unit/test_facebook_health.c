/* uses: facebook_code */
/* Whose token, until when, what it may do, and which layer of subscriptions is missing. */
#include "facebook_world.h"

#define ERROR(code, sub, words)                                                                    \
    "{\"error\":{\"message\":\"" words "\",\"code\":" #code ",\"error_subcode\":" #sub "}}"
#define SCOPES                                                                                     \
    "\"pages_show_list\",\"pages_read_engagement\",\"pages_read_user_content\","                   \
    "\"pages_manage_engagement\",\"pages_manage_metadata\""
#define FIELDS                                                                                     \
    "\"feed\",\"mention\",\"ratings\",\"messages\",\"message_echoes\",\"message_edits\","          \
    "\"message_reactions\",\"messaging_postbacks\""

static const char *const page[] = {"account=1001", "app=4004", NULL};
static const char *const hands_off[] = {"account=1001", "app=4004", "subscribe=false", NULL};

static void site(const char *const *options) {
    begin(options);
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/debug_token", 200, NULL,
       "{\"data\":{\"app_id\":\"4004\",\"type\":\"PAGE\",\"is_valid\":true,\"expires_at\":0,"
       "\"data_access_expires_at\":1800000000,\"profile_id\":\"1001\",\"scopes\":[" SCOPES
       ",\"pages_messaging\"]}}");
    on("GET", "/4004/subscriptions", 200, NULL,
       "{\"data\":[{\"object\":\"page\",\"callback_url\":\"https://h.kr/in/page\",\"active\":true,"
       "\"fields\":[" FIELDS "]}]}");
    on("GET", "/1001/subscribed_apps", 200, NULL,
       "{\"data\":[{\"id\":\"4004\",\"subscribed_fields\":[" FIELDS "]}]}");
    on("GET", "/4004/permissions", 200, NULL,
       "{\"data\":[{\"permission\":\"pages_read_user_content\",\"status\":\"live\"}]}");
}
static enum sori_status health(void) {
    forget();
    world.fact_count = 0;
    world.lane = LANE_HEALTH;
    return connector->health(self, &world_health);
}

static void all_is_well(void **state) {
    (void)state;
    site(page);
    assert_int_equal(health(), SORI_OK);
    check_words(fact("account"), "온결 리빙 (1001)");
    check_words(fact("token.expires_at"), "0");
    check_words(fact("token.data_until"), "1800000000000");
    check_words(fact("token.missing"), "");
    check_words(fact("subscription.app"), "yes");
    check_words(fact("subscription.page"), "yes");
    check_words(fact("subscription.live"), "yes");
    check_has(world.said, "1 access to data: 54 days are left");
    check_has(world.said, "https://h.kr/in/page");
    assert_int_equal(s_find(world.said, "\n3 "), world.said.len); /* no error */
    /* Each with the credential that it takes, which is never seen here. */
    for (size_t i = 0; i < world.request_count; i++) {
        const struct asked *a = &world.requests[i];
        bool debug = s_find(a->line, "debug_token") < a->line.len;
        bool app = s_find(a->line, "/4004/") < a->line.len;
        assert_int_equal(a->scheme, debug ? SORI_AUTH_INPUT_TOKEN
                                    : app ? SORI_AUTH_APP
                                          : SORI_AUTH_APPSECRET_PROOF);
        check_words(a->user, debug ? "4004:app_secret" : app ? "4004" : "app_secret");
        check_words(a->slot, app ? "app_secret" : "page_token");
    }
    end();
}

static void what_the_token_lacks(void **state) {
    (void)state;
    site(page);
    on("GET", "/debug_token", 200, NULL,
       "{\"data\":{\"app_id\":\"4005\",\"type\":\"USER\",\"is_valid\":true,\"expires_at\":"
       "1795400000,\"data_access_expires_at\":1795200000,\"scopes\":[" SCOPES "]}}");
    assert_int_equal(health(), SORI_OK);
    check_words(fact("token.missing"), "pages_messaging");
    check_words(fact("token.expires_at"), "1795400000000");
    check_has(world.said, "3 the token lacks these permissions: pages_messaging");
    check_has(world.said, "3 this is a token of type USER, not of a Page");
    check_has(world.said, "made by the app 4005, not by 4004");
    check_has(world.said, "2 the token ends: 25 hours are left");
    check_has(world.said, "3 access to data: it is over");
    on("GET", "/debug_token", 200, NULL,
       "{\"data\":{\"is_valid\":false,\"error\":{\"code\":190,\"subcode\":460,\"message\":\"The "
       "session has been invalidated because the user changed their password\"}}}");
    assert_int_equal(health(), SORI_AUTH);
    check_has(world.why, "changed the password");
    on("GET", "/1001?", 400, NULL, ERROR(190, 463, "expired"));
    assert_int_equal(health(), SORI_AUTH);
    check_has(world.why, "expired");
    end();
}

static void which_layer_is_missing(void **state) {
    (void)state;
    site(hands_off);
    on("GET", "/4004/subscriptions", 200, NULL, "{\"data\":[{\"object\":\"user\"}]}");
    on("GET", "/1001/subscribed_apps", 200, NULL, "{\"data\":[]}");
    on("GET", "/4004/permissions", 200, NULL,
       "{\"data\":[{\"permission\":\"pages_read_user_content\",\"status\":\"unapproved\"}]}");
    assert_int_equal(health(), SORI_OK);
    check_words(fact("subscription.app"), "no");
    check_words(fact("subscription.page"), "no");
    check_words(fact("subscription.live"), "no");
    check_has(world.said, "3 the app has no webhook for \"page\"");
    check_has(world.said, "verify_token");
    check_has(world.said, "3 the Page is not subscribed to the app: set subscribe = true");
    check_has(world.said, "3 the app has no advanced access to pages_read_user_content");
    assert_int_equal(asked("POST"), 0);
    /* Fields are missing; another app than ours is subscribed; the rest is not told. */
    on("GET", "/4004/subscriptions", 200, NULL,
       "{\"data\":[{\"object\":\"page\",\"active\":true,\"fields\":[{\"name\":\"feed\"},{\"name\":"
       "\"mention\"},{\"name\":\"ratings\"}]}]}");
    on("GET", "/1001/subscribed_apps", 200, NULL,
       "{\"data\":[{\"id\":\"9\",\"subscribed_fields\":[\"feed\"]}]}");
    on("GET", "/4004/permissions", 400, NULL, ERROR(100, 0, "x"));
    assert_int_equal(health(), SORI_OK);
    check_words(fact("subscription.app"), "no");
    check_has(world.said, "subscribe to messages message_echoes");
    check_words(fact("subscription.page"), "no");
    check_words(fact("subscription.live"), "unknown");
    /* The secret is another app's. */
    on("GET", "/4004/subscriptions", 400, NULL, ERROR(190, 0, "Invalid OAuth access token"));
    on("GET", "/1001/subscribed_apps", 400, NULL, ERROR(200, 0, "pages_manage_metadata"));
    assert_int_equal(health(), SORI_OK);
    check_words(fact("subscription.app"), "unknown");
    check_words(fact("subscription.page"), "unknown");
    end();
}

static void the_page_is_subscribed(void **state) {
    (void)state;
    site(page);
    on("GET", "/1001/subscribed_apps", 200, NULL,
       "{\"data\":[{\"id\":\"4004\",\"subscribed_fields\":[" FIELDS "]}]}");
    once("GET", "/1001/subscribed_apps", 200, NULL,
         "{\"data\":[{\"id\":\"4004\",\"subscribed_fields\":[\"feed\"]}]}");
    on("POST", "/1001/subscribed_apps", 200, NULL, "{\"success\":true}");
    assert_int_equal(health(), SORI_OK);
    check_words(fact("subscription.page"), "yes");
    assert_int_equal(asked("POST https://graph.facebook.com/v26.0/1001/subscribed_apps "
                           "subscribed_fields=feed%2Cmention%2Cratings%2Cmessages"),
                     1);
    for (size_t i = 0; i < world.request_count; i++)
        if (s_starts(world.requests[i].line, "POST"))
            assert_int_equal(world.requests[i].effect, SORI_HTTP_SETUP);
    on("GET", "/1001/subscribed_apps", 200, NULL, "{\"data\":[]}");
    on("POST", "/1001/subscribed_apps", 403, NULL, ERROR(200, 0, "pages_manage_metadata"));
    assert_int_equal(health(), SORI_OK);
    check_words(fact("subscription.page"), "no");
    check_has(world.said, "subscribing did not change that");
    end();
}

static void what_cannot_be_asked(void **state) {
    (void)state;
    static const char *const plain[] = {"account=1001", NULL};
    static const char *const threads[] = {"surface=threads", "account=77", NULL};
    site(plain); /* without the app's id */
    assert_int_equal(health(), SORI_OK);
    check_has(world.said, "2 the token is accepted. Set app");
    check_words(fact("subscription.app"), "unknown");
    check_words(fact("subscription.page"), "yes");
    check_words(fact("subscription.live"), "unknown");
    end();
    site(threads);
    on("GET", "/77?", 200, NULL, "{\"id\":\"3003\",\"username\":\"ongyeol\"}");
    assert_int_equal(health(), SORI_OK);
    check_words(fact("account"), "ongyeol (3003)");
    check_has(world.said, "3 the token is for 3003, account says 77");
    check_words(fact("subscription.page"), "unknown");
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(what_the_token_lacks),
        cmocka_unit_test(which_layer_is_missing),
        cmocka_unit_test(the_page_is_subscribed),
        cmocka_unit_test(what_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
