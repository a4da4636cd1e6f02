/* uses: facebook_code */
/* Reading a Page within the platform's limits, and what is left of it where something is broken. */
#include "facebook_page.h"

static void the_budget_is_kept_for_replies(void **state) {
    (void)state;
    site();
    feed(1);
    const char *usage = "x-business-use-case-usage: {\"1001\":[{\"type\":\"pages\",\"call_count\":"
                        "92,\"total_cputime\":10,\"total_time\":95,"
                        "\"estimated_time_to_regain_access\":0}]}\n"
                        "x-app-usage: {\"call_count\":28,\"total_time\":25,\"total_cputime\":25}";
    on("GET", "/tagged?", 200, usage, EMPTY);
    assert_int_equal(poll_once(), SORI_OK);
    check_has(world.rates, "pages 5/100 0");
    check_has(world.rates, "app 72/100 0");
    assert_int_equal(asked("/comments?"), 0);
    assert_non_null(item("1001_5", SORI_EVENT_SAID)); /* what was read is kept */
    check_has(world.logged, "95 %");
    /* Then nothing is asked for ten minutes, and the connection says why. */
    world.now += 60000;
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(world.request_count, 0);
    assert_int_equal(world.rate_until, world.now + 9 * 60000);
    check_has(world.why, "replies are not held up");
    world.now += 10 * 60000;
    on("GET", "/tagged?", 200, NULL, EMPTY);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_1", SORI_EVENT_SAID));
    /* Shut out for a time, whatever the shares say. */
    world.now += 120000;
    on("GET", "/tagged?", 200,
       "x-business-use-case-usage: {\"1001\":[{\"type\":\"pages\",\"call_count\":40,"
       "\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":25}]}",
       EMPTY);
    assert_int_equal(poll_once(), SORI_OK);
    check_has(world.rates, words("pages 0/100 %lld", (long long)(world.now + 25 * 60000)));
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(world.rate_until, world.now + 25 * 60000);
    end();
}

static void rate_codes_wait_for_what_the_headers_say(void **state) {
    (void)state;
    site();
    on("GET", "/feed?", 400,
       "x-business-use-case-usage: {\"1001\":[{\"type\":\"pages\",\"call_count\":100,"
       "\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":37}]}",
       ERROR(80001, 0, "There have been too many calls to this Page account"));
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(world.rate_until, world.now + 37 * 60000);
    check_has(world.why, "too many calls to this Page");
    /* In the middle of a call what was read stays, and the next one waits. */
    feed(1);
    on("GET", "/1001_5/comments?", 400, NULL, ERROR(32, 0, "Page request limit reached"));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("1001_5", SORI_EVENT_SAID));
    restart();
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(world.rate_until, world.now + 3600000);
    assert_int_equal(world.request_count, 0);
    /* Codes 4, 17, 32 and 613 without headers have their own waits; HTTP says 400 for them all. */
    const struct {
        const char *body;
        int64_t wait;
    } codes[] = {{ERROR(4, 0, "x"), 3600000},    {ERROR(17, 0, "x"), 3600000},
                 {ERROR(32, 0, "x"), 3600000},   {ERROR(613, 0, "x"), 300000},
                 {ERROR(341, 0, "x"), 21600000}, {ERROR(368, 0, "x"), 21600000}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        world.now += 86400000 / 2;
        on("GET", "/feed?", 400, NULL, codes[i].body);
        assert_int_equal(poll_once(), SORI_RATE);
        assert_int_equal(world.rate_until, world.now + codes[i].wait);
    }
    check_has(world.logged, "3 reading feed: the platform has blocked this account");
    world.now += 86400000;
    on("GET", "/feed?", 429, "retry-after: 120", "slow");
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(world.rate_until, world.now + 120000);
    end();
}

static void a_dead_token_breaks_within_one_call(void **state) {
    (void)state;
    site();
    const struct {
        const char *body, *words;
    } ways[] = {{ERROR(190, 460, "The session has been invalidated"), "changed the password"},
                {ERROR(190, 458, "x"), "removed the app"},
                {ERROR(190, 459, "x"), "log in"},
                {ERROR(190, 463, "x"), "expired"},
                {ERROR(190, 492, "x"), "no longer has a role"},
                {ERROR(190, 0, "x"), "not accepted"},
                {ERROR(102, 0, "x"), "session"},
                {ERROR(100, 0, "Invalid appsecret_proof provided in the API argument"),
                 "take both from the same app"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        on("GET", "/feed?", 400, NULL, ways[i].body);
        assert_int_equal(poll_once(), SORI_AUTH);
        check_has(world.why, ways[i].words);
        assert_int_equal(asked("/feed?"), 1);
        assert_int_equal(asked("/tagged?"), 0);
    }
    check_has(world.why, "code 100");
    /* A new token: it goes on. */
    feed(0);
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("1001_5", SORI_EVENT_SAID));
    end();
}

static void a_list_that_is_refused_hides_no_other(void **state) {
    (void)state;
    site();
    feed(1);
    on("GET", "/visitor_posts?", 403, NULL, ERROR(10, 0, "pages_read_user_content is required"));
    on("GET", "/tagged?", 500, NULL, ERROR(1, 0, "An unknown error occurred"));
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_1", SORI_EVENT_SAID));
    check_has(world.logged, "visitor_posts cannot be read with this token (code 10");
    check_words(cursor("without"), "visitor_posts");
    world.now += 120000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/visitor_posts?"), 0);
    assert_int_equal(asked("/tagged?"), 1); /* a passing trouble is asked again at once */
    /* The sweep asks again, and finds it allowed. */
    world.now += 3600000;
    on("GET", "/visitor_posts?", 200, NULL, EMPTY);
    assert_int_equal(poll_once(), SORI_OK);
    check_words(cursor("without"), "");
    /* Without the feed nothing is heard. */
    world.now += 120000;
    on("GET", "/feed?", 400, NULL, ERROR(200, 0, "Requires pages_read_engagement"));
    assert_int_equal(poll_once(), SORI_PERMANENT);
    check_has(world.why, "pages_read_engagement");
    end();
}

static void one_post_in_trouble_hides_no_other(void **state) {
    (void)state;
    site();
    on("GET", "/feed?", 200, NULL,
       list(words("%s,%s", post("1001_6", "2026-11-21T05:00:00+0000", 1),
                  post("1001_5", "2026-11-21T00:00:00+0000", 1)),
            NULL));
    on("GET", "/1001_6/comments?", 500, NULL, "<html>");
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_1", SORI_EVENT_SAID));
    /* It stays due, and is read as soon as it can be. */
    world.now += 120000;
    on("GET", "/1001_6/comments?", 200, NULL,
       list(comment("6_1", "2026-11-21T06:00:00+0000", "여섯", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("6_1", SORI_EVENT_SAID));
    assert_int_equal(asked("/1001_5/comments?"), 0);
    end();
}

/* Newest first, and the newest three are broken, in one way or the other. */
static void broken_posts_starve_no_other(void **state) {
    (void)state;
    for (int forever = 0; forever < 2; forever++) {
        site();
        on("GET", "/feed?", 200, NULL,
           list(words("%s,%s,%s,%s", post("1001_9", "2026-11-21T09:00:00+0000", 1),
                      post("1001_8", "2026-11-21T08:00:00+0000", 1),
                      post("1001_7", "2026-11-21T07:00:00+0000", 1),
                      post("1001_5", "2026-11-21T00:00:00+0000", 1)),
                NULL));
        for (int i = 7; i < 10; i++)
            on("GET", words("/1001_%d/comments?", i), forever ? 400 : 500, NULL,
               forever ? ERROR(12, 0, "not supported here") : ERROR(1, 0, "An unknown error"));
        on("GET", "/1001_5/comments?", 200, NULL,
           list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
        assert_int_equal(poll_once(), SORI_OK);
        assert_null(item("5_1", SORI_EVENT_SAID)); /* three in a row: the call ends */
        world.now += 120000;
        restart();
        assert_int_equal(poll_once(), SORI_OK);
        assert_non_null(item("5_1", SORI_EVENT_SAID));
        world.now += 120000;
        assert_int_equal(poll_once(), SORI_OK);
        /* What is refused for good is left alone until something changes. */
        assert_int_equal(asked("/1001_9/comments?"), forever ? 0 : 1);
        end();
    }
}

static void smaller_pages_where_the_platform_asks_for_less(void **state) {
    (void)state;
    site();
    feed(1);
    on("GET", "/feed?limit=100&fields", 500, NULL,
       ERROR(1, 0, "Please reduce the amount of data you're asking for, then retry your request"));
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_1", SORI_EVENT_SAID));
    assert_int_equal(asked("/feed?limit=100"), 1);
    assert_int_equal(asked("/feed?limit=50"), 1);
    assert_int_equal(asked("limit=50&live_filter=no_filter"), 1);
    world.now += 120000;
    restart();
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/feed?limit=100"), 0);
    assert_int_equal(asked("/feed?limit=50"), 1);
    world.now += 3600000; /* the sweep tries larger ones */
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/feed?limit=100"), 1);
    end();
}

static void without_an_app_secret_the_token_goes_alone(void **state) {
    (void)state;
    site();
    feed(0);
    world.no_secret = true;
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("1001_5", SORI_EVENT_SAID));
    assert_int_equal(last()->scheme, SORI_AUTH_BEARER);
    assert_int_equal(asked("/1001?"), 2); /* found out once */
    assert_int_equal(asked("/feed?"), 1);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_budget_is_kept_for_replies),
        cmocka_unit_test(rate_codes_wait_for_what_the_headers_say),
        cmocka_unit_test(a_dead_token_breaks_within_one_call),
        cmocka_unit_test(a_list_that_is_refused_hides_no_other),
        cmocka_unit_test(one_post_in_trouble_hides_no_other),
        cmocka_unit_test(broken_posts_starve_no_other),
        cmocka_unit_test(smaller_pages_where_the_platform_asks_for_less),
        cmocka_unit_test(without_an_app_secret_the_token_goes_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
