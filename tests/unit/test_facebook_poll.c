/* uses: facebook_code */
/* Reading a Page: lists to their end, what is new, what became of it, and the platform's limits. */
#include "facebook_world.h"

#define ERROR(code, sub, words)                                                                    \
    "{\"error\":{\"message\":\"" words "\",\"type\":\"OAuthException\",\"code\":" #code            \
    ",\"error_subcode\":" #sub ",\"fbtrace_id\":\"AbC\"}}"
#define SUMMARY(n) "{\"data\":[],\"summary\":{\"total_count\":" #n "}}"
#define EMPTY      "{\"data\":[]}"

static const char *const page[] = {"surface=page",      "account=1001",    "messages=false",
                                   "history=604800000", "subscribe=false", NULL};

static const char *post(const char *id, const char *at, int comments) {
    return words("{\"id\":\"%s\",\"message\":\"오늘의 소식\",\"created_time\":\"%s\",\"from\":{"
                 "\"id\":\"1001\",\"name\":\"온결\"},\"shares\":{\"count\":3},\"reactions\":{"
                 "\"data\":[],\"summary\":{\"total_count\":12}},\"comments\":{\"data\":[],"
                 "\"summary\":{\"total_count\":%d}}}",
                 id, at, comments);
}
static const char *comment(const char *id, const char *at, const char *text, const char *more) {
    return words("{\"id\":\"%s\",\"message\":\"%s\",\"created_time\":\"%s\",\"from\":{\"id\":"
                 "\"77\",\"name\":\"김하나\"},\"can_hide\":true%s}",
                 id, text, at, more);
}
static const char *list(const char *rows, const char *after) {
    if (!after) return words("{\"data\":[%s],\"paging\":{\"cursors\":{\"after\":\"END\"}}}", rows);
    return words("{\"data\":[%s],\"paging\":{\"cursors\":{\"after\":\"%s\"},\"next\":"
                 "\"https://graph.facebook.com/v26.0/x?access_token=HIDDEN&after=%s\"}}",
                 rows, after, after);
}

static void site(void) {
    begin(page);
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/visitor_posts?", 200, NULL, EMPTY);
    on("GET", "/tagged?", 200, NULL, EMPTY);
    on("GET", "/published_posts?", 200, NULL, EMPTY);
    on("GET", "/ratings?", 200, NULL, EMPTY);
}
static void feed(int comments) {
    on("GET", "/feed?", 200, NULL,
       list(post("1001_5", "2026-11-21T00:00:00+0000", comments), NULL));
}

static void a_short_or_empty_page_is_not_the_end(void **state) {
    (void)state;
    site();
    on("GET", "/feed?", 200, NULL, list(post("1001_5", "2026-11-21T00:00:00+0000", 4), "F2"));
    on("GET", "after=F2", 200, NULL, list(post("1001_4", "2026-11-20T00:00:00+0000", 0), NULL));
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), "C2"));
    on("GET", "after=C2", 200, NULL, list("", "C3")); /* all of it hidden by privacy */
    on("GET", "after=C3", 200, NULL,
       list(comment("5_3", "2026-11-21T03:00:00+0000", "셋", ",\"is_hidden\":true"), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_1", SORI_EVENT_SAID));
    assert_non_null(item("5_3", SORI_EVENT_SAID));
    assert_non_null(item("5_3", SORI_EVENT_HIDDEN));
    assert_null(item("5_1", SORI_EVENT_HIDDEN));
    assert_non_null(item("1001_4", SORI_EVENT_SAID));
    assert_int_equal(item("1001_5", SORI_EVENT_SAID)->kind, SORI_KIND_POST);
    assert_int_equal(item("5_1", SORI_EVENT_SAID)->said_at, 1795222800000);
    check_words(item("5_1", SORI_EVENT_SAID)->target, "1001_5");
    assert_int_equal(asked("/feed?"), 2);
    assert_int_equal(asked("/1001_5/comments?"), 3);
    assert_int_equal(asked("/1001_4/comments?"), 0); /* it has none */
    assert_int_equal(asked("filter=stream&order=chronological&limit=100"), 3);
    assert_true(gauge("1001_5 share 3"));
    assert_true(gauge("1001_5 reaction 12"));
    /* Back to `history`, not further: 2026-11-15T01:00:00Z. */
    assert_int_equal(asked("since=1794704400"), asked("/feed?") + asked("/comments?") + 3);
    /* The first import reads all lists; what is ours goes with proof, by the slot of the Page. */
    assert_int_equal(asked("/published_posts?"), 1);
    assert_int_equal(last()->scheme, SORI_AUTH_APPSECRET_PROOF);
    check_words(last()->slot, "page_token");
    check_words(last()->user, "app_secret");
    assert_int_equal(asked("HIDDEN"), 0);
    end();
}

static void only_what_is_new_is_read(void **state) {
    (void)state;
    site();
    feed(1);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 2);
    world.now += 120000;
    restart();
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 0);
    assert_int_equal(world.gauge_count, 0);
    assert_int_equal(asked("/comments?"), 0);
    assert_int_equal(asked("/1001?"), 0); /* who we are is remembered */
    assert_int_equal(asked("/published_posts?"), 0);
    /* One more is counted: from the newest that we have, with an overlap of ten minutes. */
    world.now += 120000;
    feed(2);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(words("%s,%s", comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""),
                  comment("5_2", "2026-11-22T01:01:00+0000", "둘", "")),
            NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("since=1795222200"), 1);
    assert_int_equal(world.item_count, 1);
    check_words(item("5_2", SORI_EVENT_SAID)->text, "둘");
    assert_true(gauge("1001_5 comment 2"));
    end();
}

static void an_expired_cursor_starts_over(void **state) {
    (void)state;
    site();
    feed(2);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), "C2"));
    once("GET", "after=C2", 400, NULL, ERROR(100, 0, "Invalid cursors values"));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1001_5/comments?"), 4); /* 1, C2 expired, 1 again, C2 */
    assert_int_equal(world.item_count, 2);
    assert_int_equal(asked("since=1794704400"), world.request_count - 2);
    end();
}

/* A list of the platform's that is longer than one call allows goes on where it was, also in a new
 * process. */
static void long_lists_go_on(void **state) {
    (void)state;
    site();
    feed(3);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), "C2"));
    on("GET", "after=C2", 200, NULL,
       list(comment("5_2", "2026-11-21T02:00:00+0000", "둘", ""), "C3"));
    on("GET", "after=C3", 200, NULL,
       list(comment("5_3", "2026-11-21T03:00:00+0000", "셋", ""), NULL));
    world.stop_after = 1; /* the core is full: after the first item of each call */
    assert_int_equal(poll_once(), SORI_AGAIN);
    check_has(cursor("list"), "quick");
    int calls = 1;
    bool seen[4] = {false};
    do {
        restart();
        assert_int_equal(calls < 10 ? poll_once() : SORI_BUG, SORI_AGAIN);
        calls++;
        for (int i = 1; i < 4; i++)
            if (item(words("5_%d", i), SORI_EVENT_SAID)) seen[i] = true;
        assert_true(world.item_count <= 1);
    } while (!(seen[1] && seen[2] && seen[3]));
    world.stop_after = 0;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/comments?"), 0);
    end();
}

static void the_sweep_finds_what_became_of_comments(void **state) {
    (void)state;
    site();
    feed(4);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(words("%s,%s,%s,%s", comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""),
                  comment("5_2", "2026-11-21T02:00:00+0000", "둘", ",\"is_hidden\":true"),
                  comment("5_3", "2026-11-21T03:00:00+0000", "셋", ""),
                  comment("5_4", "2026-11-21T04:00:00+0000", "넷", "")),
            NULL));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 6);
    /* An hour later, with the same count: 1 edited, 2 shown again, 3 deleted, 4 out of our sight,
     * and one more. */
    world.now += 3600000;
    on("GET", "/1001_5/comments?", 200, NULL,
       list(words("%s,%s,%s", comment("5_1", "2026-11-21T01:00:00+0000", "하나 고침", ""),
                  comment("5_2", "2026-11-21T02:00:00+0000", "둘", ""),
                  comment("5_5", "2026-11-21T05:00:00+0000", "다섯", "")),
            NULL));
    on("GET", "/5_3?", 400, NULL, ERROR(100, 33, "Unsupported get request"));
    on("GET", "/5_4?", 200, NULL, comment("5_4", "2026-11-21T04:00:00+0000", "넷", ""));
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("5_1", SORI_EVENT_SAID)->text, "하나 고침");
    assert_non_null(item("5_2", SORI_EVENT_SHOWN));
    assert_null(item("5_2", SORI_EVENT_SAID));
    assert_non_null(item("5_3", SORI_EVENT_REMOVED));
    assert_null(item("5_4", SORI_EVENT_REMOVED));
    assert_non_null(item("5_5", SORI_EVENT_SAID));
    assert_int_equal(world.item_count, 4);
    assert_int_equal(asked("/published_posts?"), 1);
    /* What was removed is not asked about again. */
    world.now += 3600000;
    restart();
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/5_3?"), 0);
    assert_int_equal(asked("/5_4?"), 1);
    assert_int_equal(world.item_count, 0);
    /* The post itself goes. */
    world.now += 3600000;
    on("GET", "/feed?", 200, NULL, EMPTY);
    on("GET", "/1001_5/comments?", 400, NULL, ERROR(100, 33, "Unsupported get request"));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 1);
    assert_non_null(item("1001_5", SORI_EVENT_REMOVED));
    world.now += 3600000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1001_5/comments?"), 0);
    end();
}

static void a_lookup_that_fails_removes_nothing(void **state) {
    (void)state;
    site();
    feed(2);
    on("GET", "/1001_5/comments?", 200, NULL,
       list(comment("5_1", "2026-11-21T01:00:00+0000", "하나", ""), NULL));
    assert_int_equal(poll_once(), SORI_OK);
    const char *const answers[] = {ERROR(10, 0, "permission"), ERROR(1, 0, "unknown"),
                                   ERROR(100, 0, "parameter"), "<html>502</html>"};
    on("GET", "/1001_5/comments?", 200, NULL, EMPTY);
    for (size_t i = 0; i < 4; i++) {
        world.now += 3600000;
        on("GET", "/5_1?", i == 3 ? 502 : 400, NULL, answers[i]);
        assert_int_equal(poll_once(), SORI_OK);
        assert_int_equal(asked("/5_1?"), 1);
        assert_int_equal(world.item_count, 0);
    }
    end();
}

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

static void links_without_cursors_and_cut_emoji(void **state) {
    (void)state;
    site();
    on("GET", "/feed?", 200, NULL,
       words("{\"data\":[%s],\"paging\":{\"next\":\"https://graph.facebook.com/v26.0/1001/feed?"
             "access_token=HIDDEN&fields=id&until=1795000000&__paging_token=enc_A1&limit=100\"}}",
             post("1001_5", "2026-11-21T00:00:00+0000", 1)));
    on("GET", "&until=1795000000&__paging_token=enc_A1", 200, NULL, EMPTY);
    on("GET", "/1001_5/comments?", 200, NULL,
       "{\"data\":[{\"id\":\"5_1\",\"message\":\"\\uc548\\ub155 \\ud83d\\ude0a \\ud83d!\","
       "\"created_time\":\"2026-11-21T01:00:00+0000\"},{\"message\":\"no id\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("__paging_token=enc_A1"), 1);
    assert_int_equal(asked("HIDDEN"), 0);
    check_words(item("5_1", SORI_EVENT_SAID)->text, "안녕 😊 \xef\xbf\xbd!");
    check_words(item("5_1", SORI_EVENT_SAID)->author_id, ""); /* nobody is told: a normal state */
    assert_int_equal(world.reject_count, 1);
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

static void after_a_long_absence_nothing_is_missing(void **state) {
    (void)state;
    static const char *const slow[] = {"account=1001",    "messages=false",     "history=604800000",
                                       "subscribe=false", "recheck=2592000000", NULL};
    site();
    connector->destroy(self);
    world.options = slow;
    start();
    feed(0);
    assert_int_equal(poll_once(), SORI_OK);
    int64_t listened = world.now;
    world.now += 5ll * 86400000;
    assert_int_equal(poll_once(), SORI_OK);
    /* Ten minutes before it was last listened: feed, visitors' posts, mentions. */
    assert_int_equal(asked(words("since=%lld", (long long)listened / 1000 - 600)), 3);
    world.now += 120000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked(words("since=%lld", (long long)world.now / 1000 - 3 * 86400)), 3);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_or_empty_page_is_not_the_end),
        cmocka_unit_test(only_what_is_new_is_read),
        cmocka_unit_test(an_expired_cursor_starts_over),
        cmocka_unit_test(long_lists_go_on),
        cmocka_unit_test(the_sweep_finds_what_became_of_comments),
        cmocka_unit_test(a_lookup_that_fails_removes_nothing),
        cmocka_unit_test(the_budget_is_kept_for_replies),
        cmocka_unit_test(rate_codes_wait_for_what_the_headers_say),
        cmocka_unit_test(a_dead_token_breaks_within_one_call),
        cmocka_unit_test(a_list_that_is_refused_hides_no_other),
        cmocka_unit_test(one_post_in_trouble_hides_no_other),
        cmocka_unit_test(broken_posts_starve_no_other),
        cmocka_unit_test(smaller_pages_where_the_platform_asks_for_less),
        cmocka_unit_test(links_without_cursors_and_cut_emoji),
        cmocka_unit_test(without_an_app_secret_the_token_goes_alone),
        cmocka_unit_test(after_a_long_absence_nothing_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
