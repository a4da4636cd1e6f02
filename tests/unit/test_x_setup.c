/* uses: x_code */
/* What X sends us is kept in step: rules, webhook, subscriptions; and health says what is missing.
 */
#include "x_host.h"

static const char *const stream[] = {"user_id=" ME, "handle=ExampleUser", "receive=stream",
                                     "watch=온결 리빙\nfrom:kim -is:retweet", NULL};

static void rules_follow_the_watches(void **state) {
    (void)state;
    begin(stream);
    once(
        "GET", "/stream/rules", 200, NULL,
        "{\"data\":[{\"id\":\"11\",\"value\":\"온결 리빙\",\"tag\":\"sori/shop-x\"},{\"id\":\"12\","
        "\"value\":\"old\",\"tag\":\"sori/shop-x\"},{\"id\":\"13\",\"value\":\"old\",\"tag\":"
        "\"somebody's\"}],\"meta\":{\"next_token\":\"rules-page-two-x\"}}");
    once("GET", "pagination_token=rules-page-two-x", 200, NULL,
         "{\"data\":[{\"id\":\"14\",\"value\":\"x\"}],\"meta\":{}}");
    once("POST", "/stream/rules", 200, NULL, "{\"meta\":{\"summary\":{\"deleted\":1}}}");
    once("POST", "/stream/rules", 201, NULL,
         "{\"data\":[{\"id\":\"15\"}],\"meta\":{\"summary\":{\"created\":1}}}");
    on("GET", "/stream/rules", 200, NULL,
       "{\"data\":[{\"id\":\"11\",\"value\":\"온결 리빙\"},{\"id\":\"15\",\"value\":"
       "\"from:kim -is:retweet\"}],\"meta\":{}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.setups, 2);
    assert_int_equal(fake.writes, 0);
    check_has(fake.requests[2], "POST https://api.x.com/2/tweets/search/stream/rules "
                                "{\"delete\":{\"ids\":[\"12\"]}} bearer");
    check_has(fake.requests[3], "{\"add\":[{\"value\":\"from:kim -is:retweet\",\"tag\":"
                                "\"sori/shop-x\"}]}");
    assert_int_equal(fake.stream_count, 1);
    check_has(fake.streams[0], "stream https://api.x.com/2/tweets/search/stream?tweet.fields=");
    /* Within the hour nothing is asked, and the stream stays wanted. */
    fake.now += 59 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 0);
    assert_int_equal(fake.stream_count, 1);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/stream/rules"), 1);
    end();
}

static void what_x_does_not_take_is_said(void **state) {
    (void)state;
    static const int status[] = {201, 400};
    for (size_t k = 0; k < 2; k++) { /* by its summary, whatever the status */
        begin(stream);
        once("GET", "/stream/rules", 200, NULL, "{\"meta\":{}}");
        once("POST", "/stream/rules", status[k], NULL,
             "{\"errors\":[{\"value\":\"from:kim -is:retweet\",\"title\":\"UnprocessableEntity\","
             "\"details\":[\"no viable alternative\"],\"type\":"
             "\"https://api.twitter.com/2/problems/invalid-rules\"}],\"meta\":{\"summary\":"
             "{\"created\":1,\"not_created\":1,\"valid\":1,\"invalid\":1}}}");
        on("GET", "/stream/rules", 200, NULL,
           "{\"data\":[{\"id\":\"11\",\"value\":\"온결 리빙\"}],\"meta\":{}}");
        assert_int_equal(poll_once(), SORI_OK);
        check_has(fake.log, "does not take the rule \"from:kim -is:retweet\": UnprocessableEntity "
                            "no viable alternative");
        check_has(fake.log, "of the rules X took 1, and 1 not");
        assert_int_equal(fake.stream_count, 1);
        end();
    }
    /* None at all: a stream without rules would be refused. */
    begin(stream);
    on("GET", "/stream/rules", 200, NULL, "{\"meta\":{}}");
    on("POST", "/stream/rules", 201, NULL, "{\"errors\":[{\"value\":\"a\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.stream_count, 0);
    check_has(fake.log, "no stream");
    end();
    /* A broken application token breaks the connection; a slow one waits. */
    begin(stream);
    on("GET", "/stream/rules", 401, NULL, "{\"title\":\"Unauthorized\"}");
    assert_int_equal(poll_once(), SORI_AUTH);
    fake.rule_count = 0;
    on("GET", "/stream/rules", 429, NULL, "slow");
    assert_int_equal(poll_once(), SORI_RATE);
    end();
}

static const char *const hooked[] = {"user_id=" ME, "receive=activity",
                                     "webhook=https://hooks.example.kr/in/shop-x",
                                     "events=post.delete\nlike.create", NULL};

static void the_webhook_is_registered_and_used(void **state) {
    (void)state;
    begin(hooked);
    on("GET", "/2/webhooks", 200, NULL, "{\"data\":[],\"meta\":{\"result_count\":0}}");
    on("POST", "/2/webhooks", 200, NULL, "{\"data\":{\"id\":\"900\",\"valid\":true}}");
    on("GET", "/2/activity/subscriptions", 200, NULL,
       "{\"data\":[{\"subscription_id\":\"31\",\"event_type\":\"post.delete\",\"tag\":"
       "\"sori/shop-x\",\"webhook_id\":\"800\",\"filter\":{\"user_id\":\"" ME "\"}},"
       "{\"subscription_id\":\"32\",\"event_type\":\"post.create\",\"tag\":\"sori/shop-x\","
       "\"webhook_id\":\"900\",\"filter\":{\"user_id\":\"" ME "\"}},{\"subscription_id\":\"33\","
       "\"event_type\":\"like.create\",\"tag\":\"sori/other\",\"filter\":{\"user_id\":\"5\"}}]}");
    on("DELETE", "/2/activity/subscriptions/", 200, NULL, "{\"data\":{\"deleted\":true}}");
    on("POST", "/2/activity/subscriptions", 200, NULL, "{\"data\":{}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("POST https://api.x.com/2/webhooks "
                           "{\"url\":\"https://hooks.example.kr/in/shop-x\"}"),
                     1);
    assert_int_equal(asked("DELETE https://api.x.com/2/activity/subscriptions/31"), 1);
    assert_int_equal(asked("DELETE https://api.x.com/2/activity/subscriptions/32"), 1);
    assert_int_equal(asked("DELETE"), 2);
    /* Public events by the application, private ones by the user. */
    assert_int_equal(asked("{\"event_type\":\"post.delete\",\"filter\":{\"user_id\":\"" ME
                           "\"},\"tag\":\"sori/shop-x\",\"webhook_id\":\"900\"} bearer"),
                     1);
    assert_int_equal(asked("{\"event_type\":\"like.create\",\"filter\":{\"user_id\":\"" ME
                           "\",\"direction\":\"inbound\"},\"tag\":\"sori/shop-x\",\"webhook_id\":"
                           "\"900\"} token"),
                     1);
    assert_int_equal(fake.stream_count, 0);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 0);
    end();
}

static void an_invalid_webhook_is_validated_again(void **state) {
    (void)state;
    begin(hooked);
    on("GET", "/2/webhooks", 200, NULL,
       "{\"data\":[{\"id\":\"900\",\"url\":\"https://hooks.example.kr/in/shop-x\",\"valid\":"
       "false}]}");
    on("PUT", "/2/webhooks/900", 204, NULL, "");
    on("GET", "/2/activity/subscriptions", 200, NULL, "{\"data\":[]}");
    /* An event that this contract does not have is said, and no reason to fail. */
    on("POST", "/2/activity/subscriptions", 403, NULL, "{\"title\":\"Client Forbidden\"}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("PUT"), 1);
    check_has(fake.log, "does not let us subscribe to like.create: Client Forbidden");
    end();
    /* X could not reach us: nothing is subscribed, and it is tried again. */
    begin(hooked);
    on("GET", "/2/webhooks", 200, NULL, "{\"data\":[]}");
    on("POST", "/2/webhooks", 400, NULL, "{\"title\":\"CrcValidationFailed\"}");
    poll_once();
    assert_int_equal(asked("subscriptions"), 0);
    check_has(fake.why, "CrcValidationFailed");
    check_has(fake.why, "is Sori's gate reached");
    end();
}

static void again_as_a_new_process(void) {
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = SORI_STR("shop-x"),
                                 .options = options_of(hooked)};
    connector->destroy(self);
    assert_int_equal(connector->create(&fake.host, &config, &self), SORI_OK);
}

/* Half an hour without us, then two polls, a minute apart. */
static void away_and_back(void) {
    fake.now += 30 * MINUTE;
    again_as_a_new_process();
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/replay"), 0);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
}

static void what_the_webhook_missed_is_sent_again(void **state) {
    (void)state;
    begin(hooked);
    on("GET", "/2/webhooks", 200, NULL,
       "{\"data\":[{\"id\":\"900\",\"url\":\"https://hooks.example.kr/in/shop-x\",\"valid\":"
       "true}]}");
    on("GET", "/2/activity/subscriptions", 200, NULL, "{\"data\":[]}");
    on("POST", "/2/activity/subscriptions", 200, NULL, "{\"data\":{}}");
    once("POST", "/2/webhooks/replay", 200, NULL,
         "{\"job_id\":\"1\",\"created_at\":\"2026-11-22T01:31:00Z\"}");
    assert_int_equal(poll_once(), SORI_OK);
    fake.now += MINUTE;
    again_as_a_new_process(); /* at once: nothing was missed */
    assert_int_equal(poll_once(), SORI_OK);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 0);
    away_and_back(); /* last heard at 01:02, back at 01:32 */
    assert_int_equal(asked("POST https://api.x.com/2/webhooks/replay {\"webhook_id\":\"900\","
                           "\"from_date\":\"202611220101\",\"to_date\":\"202611220133\"} bearer"),
                     1);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/replay"), 0);
    /* Where X does not do that, mentions are read. */
    on("POST", "/2/webhooks/replay", 403, NULL, "{\"title\":\"Client Forbidden\"}");
    on("GET", "/mentions?", 200, NULL, "{\"data\":[],\"meta\":{\"result_count\":0}}");
    away_and_back();
    check_has(fake.log, "mentions are read instead");
    assert_int_equal(asked("/mentions?"), 1);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 0);
    /* X keeps a day. */
    fake.now += 2 * DAY;
    away_and_back();
    check_has(fake.gap, "for a day only");
    end();
}

static void without_a_webhook_events_come_by_stream(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=activity", "auth=oauth2", NULL};
    begin(with);
    on("GET", "/2/activity/subscriptions", 200, NULL, "{\"data\":[]}");
    on("POST", "/2/activity/subscriptions", 200, NULL, "{\"data\":{}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.setups, 9);
    assert_int_equal(asked(" oauth2"), 7);
    assert_int_equal(asked("webhook_id"), 0);
    check_words(fake.streams[0], "activity https://api.x.com/2/activity/stream");
    end();
}

static struct sori_str fact(const char *name) {
    return pairs_get((struct sori_pairs){fake.facts, fake.fact_count}, name);
}

static void health_tells_each_layer(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME,
                                "receive=stream\nactivity",
                                "watch=a\nb",
                                "webhook=https://h.kr/in/x",
                                "events=post.create\ndm.received",
                                NULL};
    begin(with);
    on("GET", "/2/users/me", 200, "x-access-level: read",
       "{\"data\":{\"id\":\"" ME "\",\"name\":\"온결 리빙\",\"username\":\"ongyeol\"}}");
    on("GET", "/stream/rules", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"value\":\"a\"}],\"meta\":{}}");
    on("GET", "/2/webhooks", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"url\":\"https://h.kr/in/x\",\"valid\":false}]}");
    on("GET", "/subscriptions", 200, NULL,
       "{\"data\":[{\"event_type\":\"post.create\",\"filter\":{\"user_id\":\"" ME "\"}}]}");
    assert_int_equal(connector->health(self, &fake_health), SORI_OK);
    check_words(fact("account"), "온결 리빙 (@ongyeol, " ME ")");
    check_words(fact("token.missing"), "tweet.write dm.write");
    check_words(fact("token.expires_at"), "0");
    check_words(fact("subscription.rules"), "no");
    check_words(fact("subscription.webhook"), "no");
    check_words(fact("subscription.events"), "no");
    check_has(fake.said, "X has no rule \"b\"");
    check_has(fake.said, "holds our webhook for invalid");
    check_has(fake.said, "not subscribed to: dm.received");
    on("GET", "/2/users/me", 200, "x-access-level: read-write-directmessages",
       "{\"data\":{\"id\":\"" ME "\",\"name\":\"온결 리빙\",\"username\":\"ongyeol\"}}");
    on("GET", "/stream/rules", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"value\":\"a\"},{\"id\":\"2\",\"value\":\"b\"}],\"meta\":{}}");
    on("GET", "/2/webhooks", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"url\":\"https://h.kr/in/x\",\"valid\":true}]}");
    on("GET", "/subscriptions", 200, NULL,
       "{\"data\":[{\"event_type\":\"post.create\",\"filter\":{\"user_id\":\"" ME
       "\"}},{\"event_type\":\"dm.received\",\"filter\":{\"user_id\":\"" ME "\"}}]}");
    assert_int_equal(connector->health(self, &fake_health), SORI_OK);
    check_words(fact("token.missing"), "");
    check_words(fact("subscription.rules"), "yes");
    check_words(fact("subscription.webhook"), "yes");
    check_words(fact("subscription.events"), "yes");
    on("GET", "/2/users/me", 401, NULL, "{\"title\":\"Unauthorized\"}");
    assert_int_equal(connector->health(self, &fake_health), SORI_AUTH);
    on("GET", "/2/users/me", 200, NULL, "{\"data\":{\"id\":\"5\",\"username\":\"other\"}}");
    assert_int_equal(connector->health(self, &fake_health), SORI_CONFIG);
    check_has(fake.why, "the token speaks for user 5");
    end();
}

static void the_guide_asks_for_what_there_is(void **state) {
    (void)state;
    const struct sori_plugin *p = sori_plugin_v0();
    for (uint32_t i = 0; i < p->guide_count; i++) {
        const struct sori_step *step = &p->guide[i];
        bool named = step->kind == SORI_STEP_SAY || step->kind == SORI_STEP_HOOK ||
                     step->kind == SORI_STEP_CHECK;
        for (uint32_t k = 0; step->kind == SORI_STEP_OPTION && k < p->options.count; k++)
            named |= strcmp(p->options.items[k].name, step->name) == 0;
        for (uint32_t k = 0; step->kind == SORI_STEP_SLOT && k < p->slot_count; k++)
            named |= strcmp(p->slots[k].name, step->name) == 0;
        assert_true(named);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_follow_the_watches),
        cmocka_unit_test(what_x_does_not_take_is_said),
        cmocka_unit_test(the_webhook_is_registered_and_used),
        cmocka_unit_test(an_invalid_webhook_is_validated_again),
        cmocka_unit_test(what_the_webhook_missed_is_sent_again),
        cmocka_unit_test(without_a_webhook_events_come_by_stream),
        cmocka_unit_test(health_tells_each_layer),
        cmocka_unit_test(the_guide_asks_for_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
