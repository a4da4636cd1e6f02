/* uses: x_code */
/* Acting on X: what leaves, what does not, and how X's refusals are told apart. */
#include "x_act.h"

static const char *const enterprise[] = {"user_id=" ME, "plan=enterprise", NULL};

static const char *syllables(size_t n) {
    struct sori_str s = {arena_get(&fake.arena, n * 3 + 1), n * 3};
    for (size_t i = 0; i < n; i++) memcpy((char *)(uintptr_t)s.ptr + i * 3, "가", 3);
    return s.ptr;
}

static void a_reply_of_140_syllables_goes_whole(void **state) {
    (void)state;
    begin(refuse);
    on("POST", "/2/tweets", 201, NULL, "{\"data\":{\"id\":\"2080000000000000001\",\"text\":\"\"}}");
    struct sori_action a = action(SORI_VERB_REPLY, syllables(140));
    assert_int_equal(act(&a), SORI_ACT_OK);
    assert_int_equal(fake.request_count, 1);
    check_has(fake.requests[0], "\"reply\":{\"in_reply_to_tweet_id\":\"" POST_ID "\"}} token");
    check_words(fake.made, "2080000000000000001");
    check_words(fake.made_url, "https://x.com/ExampleUser/status/2080000000000000001");
    assert_int_equal(fake.spent, 10000);
    /* One of 141 is refused before anything is asked of X. */
    a.text = s_of(syllables(141));
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    assert_int_equal(fake.request_count, 1);
    check_has(fake.why, "weighs 282 of 280");
    /* A link weighs 23, and costs twenty times as much. */
    a.text = SORI_STR("https://온결.example.kr/아주/긴/길/아주/긴/길/아주/긴/길");
    assert_int_equal(act(&a), SORI_ACT_OK);
    assert_int_equal(fake.spent, 210000);
    a.text = SORI_STR(" \n");
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    a.text = SORI_STR("\xEF\xBB\xBF안녕");
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    assert_int_equal(fake.request_count, 2);
    end();
}

static void the_action_may_ask_for_a_thread(void **state) {
    (void)state;
    const struct sori_pair wish = {SORI_STR("long"), SORI_STR("split")};
    begin(refuse);
    on("GET", "/tweets?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    once("POST", "/2/tweets", 201, NULL, "{\"data\":{\"id\":\"2080000000000000001\"}}");
    once("POST", "/2/tweets", 201, NULL, "{\"data\":{\"id\":\"2080000000000000002\"}}");
    struct sori_action a = action(SORI_VERB_REPLY, syllables(141));
    a.args = (struct sori_pairs){&wish, 1};
    assert_int_equal(act(&a), SORI_ACT_OK);
    assert_int_equal(fake.writes, 2);
    check_has(fake.requests[1], POST_ID);
    check_has(fake.requests[2], "\"in_reply_to_tweet_id\":\"2080000000000000001\"");
    check_words(fake.made, "2080000000000000001");
    assert_int_equal(fake.makes, 1);
    end();
}

static void refusals_are_told_apart(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *headers, *body;
        enum sori_act_status want;
        const char *why;
    } list[] = {
        {401, NULL, "{\"title\":\"Unauthorized\"}", SORI_ACT_AUTH, "Unauthorized"},
        {403, NULL, "{\"detail\":\"You are not permitted to perform this action.\"}",
         SORI_ACT_PERMANENT, "https://x.com/intent/post?in_reply_to=" POST_ID},
        {403, NULL,
         "{\"detail\":\"You attempted to reply to a Tweet that is deleted or not visible to "
         "you.\"}",
         SORI_ACT_GONE, "deleted"},
        {404, NULL, "{\"errors\":[{\"message\":\"gone\"}]}", SORI_ACT_GONE, "gone"},
        {400, NULL, "{\"title\":\"Invalid Request\"}", SORI_ACT_PERMANENT, "Invalid Request"},
        {429, "x-rate-limit-limit: 100\nx-rate-limit-remaining: 0\nx-rate-limit-reset: 1795309500",
         "Too Many Requests", SORI_ACT_RATE, "slow down"},
        {402, NULL, "{\"title\":\"CreditsDepleted\",\"detail\":\"no credits\"}", SORI_ACT_RATE,
         "nothing is broken"},
        {429, NULL, "{\"type\":\"https://api.twitter.com/2/problems/usage-capped\"}", SORI_ACT_RATE,
         "quota"},
        {403, NULL, "{\"type\":\"https://api.x.com/2/problems/unsupported-authentication\"}",
         SORI_ACT_CONFIG, "403"},
        {503, NULL, "oops", SORI_ACT_UNKNOWN_OUTCOME, "it may have been done"},
        {201, NULL, "{}", SORI_ACT_UNKNOWN_OUTCOME, "it may have been done"},
        {0, NULL, NULL, SORI_ACT_RETRY, ""},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        begin(refuse);
        on("POST", "/2/tweets", list[k].status, list[k].headers, list[k].body);
        struct sori_action a = action(SORI_VERB_REPLY, "안녕하세요");
        assert_int_equal(act(&a), list[k].want);
        if (*list[k].why) check_has(fake.why, list[k].why);
        if (k == 5) assert_true(fake.rate_until == 1795309500000);
        if (k == 6 || k == 7) assert_true(fake.rate_until > fake.now + HOUR);
        assert_int_equal(fake.makes, 0);
        end();
    }
    /* A reset that is past, or not said: a minute at least. */
    begin(refuse);
    on("POST", "/2/tweets", 429, "x-rate-limit-remaining: 0\nx-rate-limit-reset: 1795309100",
       "{\"title\":\"Too Many Requests\"}");
    struct sori_action a = action(SORI_VERB_REPLY, "안녕하세요");
    assert_int_equal(act(&a), SORI_ACT_RATE);
    assert_true(fake.rate_until == fake.now + MINUTE);
    end();
}

/* The process that heard of the limit crashes; the next one asks X no sooner. */
static void a_limit_outlives_the_process(void **state) {
    (void)state;
    begin(refuse);
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = SORI_STR("shop-x"),
                                 .options = options_of(refuse)};
    once("POST", "/2/tweets", 429,
         "x-user-limit-24hour-limit: 100\nx-user-limit-24hour-remaining: "
         "0\nx-user-limit-24hour-reset: 1795309500",
         "Too Many Requests");
    on("POST", "/2/tweets", 201, NULL, "{\"data\":{\"id\":\"2080000000000000009\"}}");
    on("GET", "/tweets?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    struct sori_action a = action(SORI_VERB_REPLY, "안녕하세요");
    assert_int_equal(act(&a), SORI_ACT_RATE);
    connector->destroy(self);
    assert_int_equal(connector->create(&fake.host, &config, &self), SORI_OK);
    forget();
    assert_int_equal(act(&a), SORI_ACT_RATE);
    assert_int_equal(fake.request_count, 0);
    assert_true(fake.rate_until == 1795309500000);
    check_has(fake.why, "slow down");
    fake.now = 1795309500000;
    assert_int_equal(act(&a), SORI_ACT_OK);
    end();
}

static void the_same_words_are_ours_or_somebody_elses(void **state) {
    (void)state;
    begin(refuse);
    on("POST", "/2/tweets", 403, NULL,
       "{\"detail\":\"You are not allowed to create a Tweet with duplicate content.\"}");
    once("GET", "/tweets?", 200, NULL,
         "{\"data\":[{\"id\":\"2080000000000000009\",\"text\":\"@sky 감사합니다\","
         "\"referenced_posts\":[{\"type\":\"replied_to\",\"id\":\"" POST_ID "\"}]}]}");
    struct sori_action a = action(SORI_VERB_REPLY, "감사합니다");
    assert_int_equal(act(&a), SORI_ACT_DUPLICATE);
    check_words(fake.made, "2080000000000000009");
    once("GET", "/tweets?", 200, NULL,
         "{\"data\":[{\"id\":\"2080000000000000009\",\"text\":\"@kim 감사합니다\","
         "\"referenced_posts\":[{\"type\":\"replied_to\",\"id\":\"5\"}]}]}");
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    check_has(fake.why, "other words");
    end();
}

static void states_are_harmless_to_repeat(void **state) {
    (void)state;
    static const struct {
        uint32_t verb;
        const char *request;
    } list[] = {
        {SORI_VERB_HIDE, "PUT https://api.x.com/2/tweets/" POST_ID "/hidden {\"hidden\":true}"},
        {SORI_VERB_UNHIDE, "PUT https://api.x.com/2/tweets/" POST_ID "/hidden {\"hidden\":false}"},
        {SORI_VERB_LIKE, "POST https://api.x.com/2/users/" ME "/likes {\"tweet_id\":\"" POST_ID},
        {SORI_VERB_UNLIKE, "DELETE https://api.x.com/2/users/" ME "/likes/" POST_ID},
        {SORI_VERB_DELETE, "DELETE https://api.x.com/2/tweets/" POST_ID},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        begin(enterprise);
        const char *method = k < 2 ? "PUT" : k == 2 ? "POST" : "DELETE";
        once(method, "/2/", 200, NULL, "{\"data\":{}}");
        once(method, "/2/", 503, NULL, "{}");
        struct sori_action a = action(list[k].verb, "");
        assert_int_equal(act(&a), SORI_ACT_OK);
        check_has(fake.requests[0], list[k].request);
        assert_int_equal(act(&a), SORI_ACT_RETRY);
        if (list[k].verb != SORI_VERB_DELETE)
            assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_ABSENT);
        end();
    }
    /* What is gone is deleted. */
    begin(refuse);
    struct sori_action a = action(SORI_VERB_DELETE, "");
    assert_int_equal(act(&a), SORI_ACT_OK);
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_OK);
    once("GET", "/2/tweets/" POST_ID, 200, NULL, "{\"data\":{\"id\":\"1\"}}");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_ABSENT);
    once("GET", "/2/tweets/" POST_ID, 200, NULL,
         "{\"errors\":[{\"type\":\"https://api.x.com/2/problems/resource-not-found\"}]}");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_OK);
    /* What self-serve lost is refused before anything is asked. */
    fake.request_count = 0;
    a.verb = SORI_VERB_LIKE;
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    a.verb = SORI_VERB_EDIT;
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    a.verb = SORI_VERB_HIDE;
    a.native_id = SORI_STR("../../2/users");
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    assert_int_equal(fake.request_count, 0);
    end();
}

static void messages_go_to_people(void **state) {
    (void)state;
    begin(refuse);
    on("POST", "/2/dm_conversations/with/" OTHER "/messages", 201, NULL,
       "{\"data\":{\"dm_conversation_id\":\"1-2\",\"dm_event_id\":\"2080000000000000003\"}}");
    struct sori_action a = action(SORI_VERB_PRIVATE_REPLY, "주문 번호를 알려 주세요");
    assert_int_equal(act(&a), SORI_ACT_OK);
    check_words(fake.made, "dm/2080000000000000003");
    a.verb = SORI_VERB_REPLY;
    a.kind = SORI_KIND_MESSAGE;
    a.native_id = SORI_STR("dm/55");
    assert_int_equal(act(&a), SORI_ACT_OK);
    /* After a lost answer it is looked for first. */
    once("GET", "/dm_events?", 200, NULL,
         "{\"data\":[{\"id\":\"2080000000000000004\",\"sender_id\":\"" ME
         "\",\"event_type\":\"MessageCreate\",\"created_at\":\"2026-11-22T00:30:00.000Z\","
         "\"text\":\"주문 번호를 알려  주세요\"}]}");
    a.attempt = 2;
    assert_int_equal(act(&a), SORI_ACT_OK);
    check_words(fake.made, "dm/2080000000000000004");
    assert_int_equal(fake.writes, 2);
    /* The same words before the question are another message. */
    once("GET", "/dm_events?", 200, NULL,
         "{\"data\":[{\"id\":\"2080000000000000004\",\"sender_id\":\"" ME
         "\",\"created_at\":\"2026-11-21T00:30:00.000Z\",\"text\":\"주문 번호를 알려 주세요\"}],"
         "\"meta\":{\"next_token\":\"t\"}}");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_ABSENT);
    end();
    const char *const silent[] = {"user_id=" ME, "messages=false", NULL};
    begin(silent);
    assert_int_equal(act(&a), SORI_ACT_PERMANENT);
    assert_int_equal(fake.request_count, 0);
    end();
}

static void the_budget_ends_the_day(void **state) {
    (void)state;
    const char *const poor[] = {"user_id=" ME, "daily_budget=0.05", NULL};
    begin(poor);
    on("POST", "/2/tweets", 201, NULL, "{\"data\":{\"id\":\"2080000000000000001\"}}");
    fake.spent = 40000; /* reading has ended; answers go on */
    struct sori_action a = action(SORI_VERB_REPLY, "안녕하세요");
    assert_int_equal(act(&a), SORI_ACT_OK);
    assert_int_equal(act(&a), SORI_ACT_RATE);
    assert_true(fake.rate_until == 1795392000000); /* midnight UTC */
    check_has(fake.why, "daily_budget is spent");
    assert_int_equal(fake.request_count, 1);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_of_140_syllables_goes_whole),
        cmocka_unit_test(the_action_may_ask_for_a_thread),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(a_limit_outlives_the_process),
        cmocka_unit_test(the_same_words_are_ours_or_somebody_elses),
        cmocka_unit_test(states_are_harmless_to_repeat),
        cmocka_unit_test(messages_go_to_people),
        cmocka_unit_test(the_budget_ends_the_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
