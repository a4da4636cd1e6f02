/* uses: facebook_code */
/* Reading a Page: lists to their end, what is new, and what became of it. */
#include "facebook_page.h"

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
        cmocka_unit_test(links_without_cursors_and_cut_emoji),
        cmocka_unit_test(after_a_long_absence_nothing_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
