/* uses: x_code */
/* Polling X: since_id, limits, gaps, budget. */
#include "x_host.h"

static const char *const mentions[] = {"user_id=" ME, "handle=ExampleUser", "receive=mentions",
                                       NULL};
static const char *const both[] = {"user_id=" ME, "receive=mentions\nsearch",
                                   "watch=온결 리빙\nfrom:kim", NULL};

#define POST(id) "{\"id\":\"" id "\",\"author_id\":\"" OTHER "\",\"text\":\"@ExampleUser 안녕\"}"
/* Ids of 2026-11-22T00:58:50Z. */
#define N1 "2124306575651766273"
#define N2 "2124306575651766274"
#define N3 "2124306575651766275"

static struct sori_str cursor(const char *name) {
    return pairs_get((struct sori_pairs){fake.cursors, fake.cursor_count}, name);
}

static struct sori_str state_of(const char *name) {
    return pairs_get((struct sori_pairs){fake.state, fake.state_count}, name);
}

static void newest_counts_when_all_pages_were_read(void **state) {
    (void)state;
    begin(mentions);
    once("GET", "/mentions?", 200, NULL,
         "{\"data\":[" POST(N3) "," POST(N2) "],\"meta\":{\"newest_id\":\"" N3
                                             "\",\"next_token\":\"t1\"}}");
    once("GET", "pagination_token=t1", 503, NULL, "{}");
    /* The second page fails: what was given stays, the cursor does not move. */
    assert_int_equal(poll_once(), SORI_RETRY);
    assert_int_equal(fake.item_count, 2);
    assert_int_equal(cursor("mentions").len, 0);
    check_has(fake.requests[0], "start_time=2026-11-21T01%3A00%3A00Z");
    check_has(fake.requests[0], "max_results=100");
    check_has(fake.requests[0], "expansions=author_id%2Creferenced_tweets.id");
    check_has(fake.requests[0], " token");
    once("GET", "/mentions?", 200, NULL,
         "{\"data\":[" POST(N3) "],\"meta\":{\"newest_id\":\"" N3 "\",\"next_token\":\"t1\"}}");
    once("GET", "pagination_token=t1", 200, NULL,
         "{\"data\":[" POST(N1) "],\"meta\":{\"newest_id\":\"" N1 "\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 2);
    check_words(cursor("mentions"), N3 " 1795309200000");
    assert_int_equal(fake.spent, 4000);
    /* Nothing new: the old id stays, and is asked for from there. */
    on("GET", "/mentions?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    fake.now += 10 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], "since_id=" N3);
    check_words(cursor("mentions"), N3 " 1795309800000");
    assert_int_equal(fake.spent, 4000);
    end();
}

static void the_newest_seconds_are_read_again(void **state) {
    (void)state;
    begin(mentions);
    /* Said ten seconds before it was read: another of that time may not have been listed yet. */
    struct arena a = {0};
    struct sori_str id = x_time_id(&a, fake.now - 10 * SECOND);
    struct sori_str body = arena_format(
        &a, "{\"data\":[{\"id\":\"%.*s\",\"text\":\"가\"}],\"meta\":{\"newest_id\":\"%.*s\"}}",
        S(id), S(id));
    on("GET", "/mentions?", 200, NULL, body.ptr);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.spent, 1000);
    struct sori_str since = x_time_id(&a, fake.now - 30 * SECOND);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], arena_format(&a, "since_id=%.*s&", S(since)).ptr);
    assert_int_equal(fake.spent, 1000); /* read twice, paid once */
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], arena_format(&a, "since_id=%.*s&", S(id)).ptr);
    arena_free(&a);
    end();
}

static void a_long_list_is_gone_on_with(void **state) {
    (void)state;
    begin(mentions);
    once("GET", "/mentions?", 200, NULL,
         "{\"data\":[" POST(N3) "," POST(N2) "],\"meta\":{\"newest_id\":\"" N3
                                             "\",\"next_token\":\"t1\"}}");
    assert_int_equal(poll_with((struct sori_poll){.limit = 2}), SORI_AGAIN);
    assert_int_equal(fake.request_count, 1);
    assert_int_equal(cursor("mentions").len, 0);
    check_has(cursor("mentions/page"), N3);
    once("GET", "pagination_token=t1", 200, NULL, "{\"data\":[" POST(N1) "],\"meta\":{}}");
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], "start_time=2026-11-21T01%3A00%3A00Z");
    check_words(cursor("mentions"), N3 " 1795309200000");
    assert_int_equal(cursor("mentions/page").len, 0);
    /* A sink that wants no more: the page is read again. */
    once("GET", "/mentions?", 200, NULL,
         "{\"data\":[" POST(N3) "," POST(N2) "],\"meta\":{\"newest_id\":\"" N3 "\"}}");
    fake.stop_after = 1;
    assert_int_equal(poll_once(), SORI_AGAIN);
    assert_int_equal(fake.item_count, 1);
    check_words(cursor("mentions"), N3 " 1795309200000");
    /* A token that grew old begins the reading again. */
    fake.stop_after = 0;
    sink_cursor(NULL, SORI_STR("mentions/page"), SORI_STR(N3 " 1795309200000 " N1 " t9"));
    once("GET", "pagination_token=t9", 400, NULL, "{\"title\":\"Invalid Request\"}");
    once("GET", "since_id=" N1, 200, NULL,
         "{\"data\":[" POST(N3) "],\"meta\":{\"newest_id\":\"" N3 "\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.item_count, 1);
    end();
}

static void search_forgets_after_seven_days(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=search", "watch=온결 리빙", NULL};
    begin(with);
    on("GET", "/search/recent?", 200, NULL, "{\"data\":[" POST(N1) "],\"meta\":{}}");
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], "query=%EC%98%A8%EA%B2%B0%20%EB%A6%AC%EB%B9%99");
    check_has(fake.requests[0], " bearer");
    assert_int_equal(fake.spent, 5000);
    int64_t read_at = fake.now;
    fake.now += 9 * DAY;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("since_id"), 0);
    check_has(fake.requests[0], "start_time=2026-11-24T01%3A01%3A00Z");
    assert_true(fake.gap_from == read_at && fake.gap_to == fake.now - 7 * DAY + MINUTE);
    /* X itself says that it has forgotten. */
    fake.now -= 8 * DAY;
    fake.rule_count = 0;
    once("GET", "since_id", 400, NULL,
         "{\"errors\":[{\"message\":\"'since_id' must be a tweet id created after x\"}],"
         "\"title\":\"Invalid Request\",\"detail\":\"One or more parameters are invalid.\"}");
    on("GET", "start_time", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 2);
    end();
}

static void one_limit_holds_up_nothing_else(void **state) {
    (void)state;
    begin(both);
    on("GET", "/search/recent?", 429,
       "x-rate-limit-limit: 300\nx-rate-limit-remaining: 0\nx-rate-limit-reset: 1795309500",
       "Too Many Requests");
    on("GET", "/mentions?", 200, "x-rate-limit-limit: 300\nx-rate-limit-remaining: 299",
       "{\"data\":[" POST(N1) "],\"meta\":{\"newest_id\":\"" N1 "\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 1); /* a limit is for all searches */
    check_has(cursor("mentions"), N1);
    assert_true(fake.rate_until == 1795309500000);
    fake.now += 299 * SECOND;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 0);
    assert_int_equal(asked("/mentions"), 1);
    fake.now += 2 * SECOND;
    on("GET", "/search/recent?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 2);
    /* A watch that X cannot read is said, and left alone for a while. */
    once("GET", "from%3Akim", 400, NULL, "{\"title\":\"Invalid Request\",\"detail\":\"query\"}");
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.log, "could not be read");
    assert_int_equal(asked("/search/recent"), 2);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 1);
    end();
    /* Where all that there is waits, the poll does too, and says so. */
    const char *const with[] = {"user_id=" ME, "receive=search", "watch=a\nb", NULL};
    begin(with);
    on("GET", "/search/recent?", 429, NULL, "Too Many Requests");
    assert_int_equal(poll_once(), SORI_RATE);
    assert_true(fake.rate_until == fake.now + MINUTE);
    check_has(fake.why, "slow down");
    end();
}

static void what_breaks_all_is_said(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum sori_status want;
    } list[] = {{401, "{\"title\":\"Unauthorized\"}", SORI_AUTH},
                {503, "{}", SORI_RETRY},
                {0, NULL, SORI_RETRY},
                {200, "<html>", SORI_RETRY},
                {403, "{\"title\":\"Forbidden\"}", SORI_PERMANENT}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        begin(mentions);
        on("GET", "/mentions?", list[k].status, NULL, list[k].body);
        assert_int_equal(poll_once(), list[k].want);
        assert_true(list[k].status == 0 || fake.why.len > 0);
        assert_int_equal(fake.cursor_count, 0);
        end();
    }
    /* Credits: a state, no failure; asked again later. */
    begin(mentions);
    on("GET", "/mentions?", 403, NULL,
       "{\"type\":\"https://api.x.com/2/problems/usage-capped\",\"title\":\"UsageCapExceeded\"}");
    assert_int_equal(poll_once(), SORI_RATE);
    assert_true(fake.rate_until > fake.now + HOUR);
    check_has(fake.why, "nothing is broken");
    end();
}

static void the_budget_keeps_a_tenth_for_answers(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=mentions\nactivity", "events=dm.received",
                                "daily_budget=0.01", NULL};
    begin(with);
    on("GET", "/activity/subscriptions", 200, NULL,
       "{\"data\":[{\"subscription_id\":\"1\",\"event_type\":\"dm.received\",\"tag\":\"mine\","
       "\"filter\":{\"user_id\":\"" ME "\"}}],\"meta\":{}}");
    on("GET", "/mentions?", 200, NULL,
       "{\"data\":[" POST(N1) "," POST(N2) "," POST(N3) "],\"meta\":{\"newest_id\":\"" N3 "\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.spent, 3000);
    assert_int_equal(fake.stream_count, 1);
    fake.spent = 9000;
    /* One good poll that wants no stream closes it, then it waits for midnight. */
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.request_count, 0);
    assert_int_equal(fake.stream_count, 0);
    check_has(fake.log, "nine tenths of daily_budget");
    assert_int_equal(poll_once(), SORI_RATE);
    assert_true(fake.rate_until == 1795392000000);
    check_has(fake.why, "answers go on");
    fake.spent = 0;
    fake.now += DAY;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.stream_count, 1);
    end();
}

static void streams_cost_what_x_counts(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=mentions\nactivity", "events=dm.received",
                                "daily_budget=1.00", NULL};
    begin(with);
    on("GET", "/activity/subscriptions", 200, NULL,
       "{\"data\":[{\"subscription_id\":\"1\",\"event_type\":\"dm.received\",\"tag\":\"mine\","
       "\"filter\":{\"user_id\":\"" ME "\"}}],\"meta\":{}}");
    on("GET", "/mentions?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    once("GET", "/mentions?", 200, NULL,
         "{\"data\":[" POST(N1) "," POST(N2) "],\"meta\":{\"newest_id\":\"" N2 "\"}}");
#define USAGE(n)                                                                                   \
    "{\"data\":{\"daily_project_usage\":{\"usage\":[{\"date\":\"2026-11-21T00:00:00.000Z\","       \
    "\"usage\":900},{\"date\":\"2026-11-22T00:00:00.000Z\",\"usage\":" #n "}]}}}"
    once("GET", "/2/usage/tweets?", 200, NULL, USAGE(0));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.spent, 2000); /* the two that were polled */
    /* X counted 12, of which 2 were polled. */
    once("GET", "/2/usage/tweets?", 200, NULL, USAGE(12));
    fake.now += 9 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/2/usage"), 0);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.spent, 2000 + 10 * 5000);
    once("GET", "/2/usage/tweets?", 200, NULL, USAGE(13));
    fake.now += 10 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(fake.spent, 2000 + 11 * 5000);
    /* Where X does not tell, reading goes on. */
    fake.now += 10 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/mentions"), 1);
    end();
}

static void a_gap_of_the_stream_is_read(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=stream\nactivity", "events=dm.received",
                                "watch=온결\nfrom:kim", NULL};
    begin(with);
    on("GET", "/stream/rules", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"value\":\"온결\",\"tag\":\"x\"},{\"id\":\"2\",\"value\":"
       "\"from:kim\",\"tag\":\"x\"}],\"meta\":{}}");
    on("GET", "/activity/subscriptions", 200, NULL,
       "{\"data\":[{\"subscription_id\":\"1\",\"event_type\":\"dm.received\",\"tag\":\"mine\","
       "\"filter\":{\"user_id\":\"" ME "\"}}],\"meta\":{}}");
    int64_t to = fake.now, from = to - 20000;
    struct sori_poll p = {.missed_from = from, .missed_to = to};
    /* Search lists what was just said half a minute later: until then it is remembered. */
    assert_int_equal(poll_with(p), SORI_OK);
    assert_int_equal(fake.stream_count, 2);
    assert_int_equal(asked("/search/recent"), 0);
    fake.now += MINUTE;
    on("GET", "/search/recent?", 200, NULL, "{\"data\":[" POST(N1) "],\"meta\":{}}");
    on("GET", "/mentions?", 200, NULL, "{\"data\":[" POST(N2) "],\"meta\":{}}");
    once("GET", "from%3Akim", 429, NULL, "{\"title\":\"Too Many Requests\"}");
    assert_int_equal(poll_once(), SORI_OK);
    check_has(fake.requests[0], "start_time=2026-11-22T00%3A59%3A40Z&end_time=2026-11-22T01%3A00");
    assert_int_equal(fake.item_count, 1);
    assert_int_equal(asked("/mentions"), 0);
    assert_true(state_of("missed").len > 0);
    fake.now += 2 * MINUTE;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 1); /* where it stopped */
    assert_int_equal(asked("/mentions"), 1);
    assert_int_equal(fake.item_count, 2);
    assert_int_equal(state_of("missed").len, 0);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/search/recent"), 0);
    assert_int_equal(poll_with(p), SORI_OK); /* told once more: it was read */
    assert_int_equal(asked("/search/recent"), 0);
    /* X counts in seconds, its end apart: what was said in the last one, in part, is asked for. */
    p = (struct sori_poll){.missed_from = fake.now - 50600, .missed_to = fake.now - 40400};
    assert_int_equal(poll_with(p), SORI_OK);
    check_has(fake.requests[0],
              "start_time=2026-11-22T01%3A02%3A09Z&end_time=2026-11-22T01%3A02%3A20Z");
    /* Older than search remembers: said to be a gap. */
    p = (struct sori_poll){.missed_from = fake.now - 9 * DAY, .missed_to = fake.now - 8 * DAY};
    assert_int_equal(poll_with(p), SORI_OK);
    check_has(fake.gap, "seven days");
    end();
}

/* A stream that stays away: what it misses is read in parts while it grows, each page by the bounds
 * that the first one had, and nothing twice. */
static void a_gap_that_grows_is_read(void **state) {
    (void)state;
    const char *const with[] = {"user_id=" ME, "receive=stream", "watch=온결", NULL};
    begin(with);
    on("GET", "/stream/rules", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"value\":\"온결\",\"tag\":\"x\"}],\"meta\":{}}");
    int64_t from = fake.now;
    struct sori_poll p = {.missed_from = from, .missed_to = from + 1000};
    assert_int_equal(poll_with(p), SORI_OK);
    fake.now += MINUTE; /* 01:01:00: the first half a minute is listed */
    on("GET", "/search/recent?", 200, NULL, "{\"data\":[" POST(N1) "],\"meta\":{}}");
    once("GET", "/search/recent?", 200, NULL,
         "{\"data\":[" POST(N2) "],\"meta\":{\"next_token\":\"page2page2page2\"}}");
    once("GET", "page2page2page2", 429, NULL, "{\"title\":\"Too Many Requests\"}");
    p.missed_to = fake.now;
    assert_int_equal(poll_with(p), SORI_OK);
    check_has(fake.requests[0],
              "start_time=2026-11-22T01%3A00%3A00Z&end_time=2026-11-22T01%3A00%3A30Z");
    fake.now += 2 * MINUTE;
    p = (struct sori_poll){.missed_from = from, .missed_to = fake.now};
    assert_int_equal(poll_with(p), SORI_OK); /* its second page, by the same bounds */
    assert_int_equal(asked("page2page2page2"), 1);
    assert_int_equal(asked("end_time=2026-11-22T01%3A00%3A30Z"), 1);
    p.missed_to = fake.now;
    assert_int_equal(poll_with(p), SORI_OK); /* and what came since */
    assert_int_equal(asked("start_time=2026-11-22T01%3A00%3A30Z&end_time=2026-11-22T01%3A02%3A30Z"),
                     1);
    fake.now += MINUTE;
    assert_int_equal(poll_once(), SORI_OK); /* it is back: the rest */
    assert_int_equal(asked("start_time=2026-11-22T01%3A02%3A30Z&end_time=2026-11-22T01%3A03%3A00Z"),
                     1);
    assert_int_equal(state_of("missed").len, 0);
    p = (struct sori_poll){.missed_from = from, .missed_to = from + 180000};
    assert_int_equal(poll_with(p), SORI_OK); /* told once more: all of it was read */
    assert_int_equal(asked("/search/recent"), 0);
    end();
}

static void whose_access_was_taken_back(void **state) {
    (void)state;
    begin(mentions);
    on("GET", "/mentions?", 200, NULL, "{\"meta\":{\"result_count\":0}}");
    on("GET", "/2/users/me", 401, NULL, "{\"title\":\"Unauthorized\"}");
    struct sori_task task = {SORI_STR("revoked"), SORI_STR("oauth.revoke")};
    struct sori_poll p = {.tasks = &task, .task_count = 1};
    assert_int_equal(poll_with(p), SORI_AUTH);
    assert_int_equal(fake.done.len, 0);
    on("GET", "/2/users/me", 200, NULL, "{\"data\":{\"id\":\"" ME "\"}}");
    assert_int_equal(poll_with(p), SORI_OK);
    check_words(fake.done, "revoked");
    end();
}

static void wrong_options_do_not_start(void **state) {
    (void)state;
    static const char *const list[][3] = {{"user_id=abc", NULL, "no number"},
                                          {"user_id=1", "receive=mention", "none of"},
                                          {"user_id=1", "daily_budget=5,00", "no amount"},
                                          {"user_id=1", "webhook=https://a.kr:8443/x", "no port"},
                                          {"user_id=1", "webhook=http://a.kr/x", "https"}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        const char *const with[] = {list[k][0], list[k][1], NULL};
        assert_int_equal(begin_as("shop-x", with), SORI_CONFIG);
        check_has(fake.why, list[k][2]);
        arena_free(&fake.arena);
    }
    assert_int_equal(x_dollars(s_of("5.25")), 5250000);
    assert_int_equal(x_dollars(s_of("0.000001")), 1);
    assert_int_equal(x_dollars(s_of("")), 0);
    static const char *const wrong[] = {".", "1.", "-1", "1e3", "1.0000001", "99999999", "1.2.3"};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        assert_int_equal(x_dollars(s_of(wrong[k])), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_counts_when_all_pages_were_read),
        cmocka_unit_test(the_newest_seconds_are_read_again),
        cmocka_unit_test(a_long_list_is_gone_on_with),
        cmocka_unit_test(search_forgets_after_seven_days),
        cmocka_unit_test(one_limit_holds_up_nothing_else),
        cmocka_unit_test(what_breaks_all_is_said),
        cmocka_unit_test(the_budget_keeps_a_tenth_for_answers),
        cmocka_unit_test(streams_cost_what_x_counts),
        cmocka_unit_test(a_gap_of_the_stream_is_read),
        cmocka_unit_test(a_gap_that_grows_is_read),
        cmocka_unit_test(whose_access_was_taken_back),
        cmocka_unit_test(wrong_options_do_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
