/* uses: facebook_code */
/* What webhooks left to be read, conversations, and the lists of Instagram and Threads. */
#include "facebook_world.h"

#define ERROR(code, sub, words)                                                                    \
    "{\"error\":{\"message\":\"" words "\",\"code\":" #code ",\"error_subcode\":" #sub "}}"
#define EMPTY "{\"data\":[]}"

static const char *const page[] = {"surface=page", "account=1001", "history=604800000",
                                   "subscribe=false", NULL};
static const char *const gram[] = {
    "surface=instagram", "account=1784",    "page=1001", "messages=false",
    "history=604800000", "subscribe=false", NULL};
static const char *const login[] = {"surface=instagram_login", "messages=false",
                                    "history=604800000", NULL};
static const char *const threads[] = {"surface=threads", "history=604800000", NULL};

static void site(const char *const *options) {
    begin(options);
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/1784?", 200, NULL, "{\"id\":\"1784\",\"username\":\"ongyeol\"}");
    const char *const edges[] = {"/feed?",    "/visitor_posts?", "/tagged?", "/published_posts?",
                                 "/ratings?", "/conversations?", "/media?",  "/tags?",
                                 "/threads?", "/mentions?"};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) on("GET", edges[i], 200, NULL, EMPTY);
}

static void task(enum fb_want want, const char *id, const char *other) {
    const char *const names[] = {[FB_WANT_COMMENT] = "comment",
                                 [FB_WANT_POST] = "post",
                                 [FB_WANT_MENTION_POST] = "mention-post",
                                 [FB_WANT_MENTION_COMMENT] = "mention-comment",
                                 [FB_WANT_MEDIA] = "media",
                                 [FB_WANT_MEDIA_COMMENT] = "media-comment",
                                 [FB_WANT_THREAD] = "thread",
                                 [FB_WANT_MESSAGE] = "message",
                                 [FB_WANT_FEED] = "feed",
                                 [FB_WANT_PROFILE] = "profile",
                                 [FB_WANT_WATCH] = "watch"};
    world.due[0] = (struct sori_task){
        s_of(words("%s:%s", names[want], id)),
        s_of(words("%s %s%s%s", names[want], id, other ? " " : "", other ? other : ""))};
    world.due_count = 1;
    world.tasks = world.done = (struct sori_str){NULL, 0};
}

static void an_author_is_read(void **state) {
    (void)state;
    site(page);
    task(FB_WANT_COMMENT, "5_1", "1001_5");
    on("GET", "/5_1?", 200, NULL,
       "{\"id\":\"5_1\",\"message\":\"언제 와요?\",\"from\":{\"id\":\"77\",\"name\":\"김하나\"},"
       "\"created_time\":\"2026-11-22T00:00:00+0000\",\"is_hidden\":true}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("5_1", SORI_EVENT_SAID)->author_name, "김하나");
    check_words(item("5_1", SORI_EVENT_SAID)->target, "1001_5");
    assert_non_null(item("5_1", SORI_EVENT_HIDDEN));
    check_words(world.done, "comment:5_1\n");
    assert_int_equal(world.tasks.len, 0);
    /* A mention in a comment stays a mention. */
    task(FB_WANT_MENTION_COMMENT, "9_1", "8_9");
    on("GET", "/9_1?", 200, NULL,
       "{\"id\":\"9_1\",\"message\":\"@온결\",\"created_time\":\"2026-11-22T00:00:00+0000\"}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(item("9_1", SORI_EVENT_SAID)->kind, SORI_KIND_MENTION);
    task(FB_WANT_MESSAGE, "m_1", NULL);
    on("GET", "/m_1?", 200, NULL,
       "{\"id\":\"m_1\",\"message\":\"안녕\",\"from\":{\"id\":\"88\",\"name\":\"이둘\"},"
       "\"created_time\":\"2026-11-22T00:00:00+0000\"}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("m_1", SORI_EVENT_SAID)->text, "안녕");
    check_words(item("m_1", SORI_EVENT_SAID)->author_name, "이둘");
    end();
}

static void a_task_is_tried_a_few_times(void **state) {
    (void)state;
    site(page);
    task(FB_WANT_COMMENT, "5_1", "1001_5");
    on("GET", "/5_1?", 400, NULL, ERROR(10, 0, "not allowed"));
    for (int64_t i = 1; i < 5; i++) {
        restart();
        world.tasks.len = 0;
        assert_int_equal(poll_once(), SORI_OK);
        /* Later and later. */
        check_words(world.tasks, words("comment:5_1=comment 5_1 1001_5@%lld\n",
                                       (long long)(world.now + i * i * 60000)));
        assert_int_equal(world.done.len, 0);
    }
    assert_int_equal(poll_once(), SORI_OK);
    check_words(world.done, "comment:5_1\n");
    check_has(world.logged, "could not be read in 5 tries");
    /* It does not exist: then it was removed. */
    task(FB_WANT_COMMENT, "5_2", "1001_5");
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("5_2", SORI_EVENT_REMOVED));
    check_words(world.done, "comment:5_2\n");
    /* A mention in someone's post that we cannot see is not removed. */
    task(FB_WANT_MENTION_POST, "9_9", NULL);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 0);
    check_words(world.done, "mention-post:9_9\n");
    /* What nobody understands goes. */
    world.due[0].body = SORI_STR("dance 1");
    world.done.len = 0;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.done.len > 0, 1);
    /* A dead token says so, and the task stays. */
    task(FB_WANT_COMMENT, "5_1", "1001_5");
    on("GET", "/5_1?", 400, NULL, ERROR(190, 463, "x"));
    assert_int_equal(poll_once(), SORI_AUTH);
    assert_int_equal(world.done.len, 0);
    end();
}

static void something_changed_reads_recent_posts(void **state) {
    (void)state;
    site(page);
    on("GET", "/feed?", 200, NULL,
       "{\"data\":[{\"id\":\"1001_5\",\"message\":\"소식\",\"created_time\":"
       "\"2026-11-21T00:00:00+0000\",\"comments\":{\"summary\":{\"total_count\":0}}}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1001_5/comments?"), 0);
    task(FB_WANT_FEED, "feed", NULL);
    on("GET", "/1001_5/comments?", 200, NULL, EMPTY);
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1001_5/comments?"), 1);
    end();
}

static void conversations(void **state) {
    (void)state;
    site(page);
    on("GET", "/conversations?", 200, NULL,
       "{\"data\":[{\"id\":\"t_1\",\"updated_time\":\"2026-11-22T00:50:00+0000\",\"messages\":{"
       "\"data\":[{\"id\":\"m_3\",\"message\":\"셋\",\"from\":{\"id\":\"88\"},\"created_time\":"
       "\"2026-11-22T00:50:00+0000\"}],\"paging\":{\"cursors\":{\"after\":\"M2\"},\"next\":"
       "\"https://x/?after=M2\"}}},{\"id\":\"t_2\",\"updated_time\":\"2026-11-01T00:00:00+0000\","
       "\"messages\":{\"data\":[{\"id\":\"m_0\",\"message\":\"옛\",\"from\":{\"id\":\"89\"},"
       "\"created_time\":\"2026-11-01T00:00:00+0000\"}]}}],\"paging\":{\"cursors\":{\"after\":"
       "\"T2\"},\"next\":\"https://x/?after=T2\"}}");
    on("GET", "/t_1/messages?", 200, NULL,
       "{\"data\":[{\"id\":\"m_2\",\"message\":\"둘\",\"from\":{\"id\":\"1001\"},\"created_time\":"
       "\"2026-11-21T00:50:00+0000\"},{\"id\":\"m_1\",\"message\":\"하나\",\"from\":{\"id\":"
       "\"88\"},\"created_time\":\"2026-11-01T00:50:00+0000\"}],\"paging\":{\"cursors\":{\"after\":"
       "\"M3\"},\"next\":\"https://x/?after=M3\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(item("m_3", SORI_EVENT_SAID)->kind, SORI_KIND_MESSAGE);
    assert_int_equal(item("m_3", SORI_EVENT_SAID)->visibility, SORI_VISIBILITY_PRIVATE);
    assert_int_equal(item("m_2", SORI_EVENT_SAID)->origin, SORI_ORIGIN_US_BY_HAND);
    assert_null(item("m_1", SORI_EVENT_SAID)); /* older than history */
    assert_null(item("m_0", SORI_EVENT_SAID));
    assert_int_equal(asked("after=M3"), 0);
    assert_int_equal(asked("after=T2"), 0);
    check_has(cursor("messages"), words("%lld", (long long)1795308600000 - 600000));
    /* Refused: once a day is enough, and all else is heard. */
    on("GET", "/conversations?", 403, NULL, ERROR(10, 0, "pages_messaging"));
    assert_int_equal(poll_once(), SORI_OK);
    check_has(world.logged, "conversations cannot be read");
    world.now += 120000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/conversations?"), 0);
    world.now += 86400000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/conversations?"), 1);
    end();
}

static void instagram_lists(void **state) {
    (void)state;
    site(gram);
    on("GET", "/media?", 200, NULL,
       "{\"data\":[{\"id\":\"178\",\"caption\":\"새 그릇\",\"timestamp\":"
       "\"2026-11-21T00:00:00+0000\",\"username\":\"ongyeol\",\"comments_count\":4,\"like_count\":"
       "9}]}");
    on("GET", "/178/comments?", 200, NULL,
       "{\"data\":[{\"id\":\"179\",\"text\":\"예뻐요\",\"timestamp\":\"2026-11-21T01:00:00+0000\","
       "\"username\":\"hana\",\"like_count\":2,\"replies\":{\"data\":[{\"id\":\"180\",\"text\":"
       "\"고마워요\",\"timestamp\":\"2026-11-21T02:00:00+0000\",\"username\":\"ongyeol\"}],"
       "\"paging\":{\"cursors\":{\"after\":\"R2\"},\"next\":\"https://x/?after=R2\"}}},{\"id\":"
       "\"182\",\"text\":\"광고\",\"timestamp\":\"2026-11-21T04:00:00+0000\",\"username\":\"ad\","
       "\"hidden\":true}]}");
    on("GET", "/179/replies?", 200, NULL,
       "{\"data\":[{\"id\":\"181\",\"text\":\"저도요\",\"timestamp\":\"2026-11-21T03:00:00+0000\","
       "\"username\":\"dul\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("179", SORI_EVENT_SAID)->target, "178");
    check_words(item("180", SORI_EVENT_SAID)->parent, "179");
    assert_int_equal(item("180", SORI_EVENT_SAID)->origin, SORI_ORIGIN_US_BY_HAND);
    check_words(item("181", SORI_EVENT_SAID)->parent, "179");
    assert_non_null(item("182", SORI_EVENT_HIDDEN));
    assert_true(gauge("178 like 9"));
    assert_true(gauge("178 comment 4"));
    assert_true(gauge("179 like 2"));
    assert_int_equal(asked("/179/replies?"), 1);
    /* One goes, with the next count: nothing announces that. */
    world.now += 120000;
    on("GET", "/media?", 200, NULL,
       "{\"data\":[{\"id\":\"178\",\"caption\":\"새 그릇\",\"timestamp\":"
       "\"2026-11-21T00:00:00+0000\",\"username\":\"ongyeol\",\"comments_count\":1,\"like_count\":"
       "9}]}");
    on("GET", "/178/comments?", 200, NULL,
       "{\"data\":[{\"id\":\"179\",\"text\":\"예뻐요\",\"timestamp\":\"2026-11-21T01:00:00+0000\","
       "\"username\":\"hana\",\"like_count\":2,\"replies\":{\"data\":[{\"id\":\"180\",\"text\":"
       "\"고마워요\",\"timestamp\":\"2026-11-21T02:00:00+0000\",\"username\":\"ongyeol\"}]}}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("181", SORI_EVENT_REMOVED));
    assert_non_null(item("182", SORI_EVENT_REMOVED));
    assert_int_equal(world.item_count, 2);
    end();
}

/* The post of an ad is in no list: whoever speaks under it is heard by polls too, again and again,
 * and a comment that is gone there is noticed. */
static void comments_of_an_ad_are_read(void **state) {
    (void)state;
    site(page);
    task(FB_WANT_WATCH, "1001_77", NULL);
    on("GET", "/1001_77/comments?", 200, NULL,
       "{\"data\":[{\"id\":\"77_1\",\"message\":\"광고 보고 왔어요\",\"from\":{\"id\":\"5\","
       "\"name\":\"김하나\"},\"created_time\":\"2026-11-22T00:00:00+0000\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("77_1", SORI_EVENT_SAID)->text, "광고 보고 왔어요");
    check_words(item("77_1", SORI_EVENT_SAID)->target, "1001_77");
    check_words(world.done, "watch:1001_77\n");
    world.due_count = 0;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1001_77/comments?"), 0); /* nothing says that there is news */
    world.now += 2 * 3600 * 1000;                     /* the slow sweep */
    on("GET", "/1001_77/comments?", 200, NULL, EMPTY);
    on("GET", "/77_1?", 400, NULL, ERROR(100, 33, "Unsupported get request"));
    size_t read = 0, removed = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(poll_once(), SORI_OK);
        read += asked("/1001_77/comments?");
        removed += item("77_1", SORI_EVENT_REMOVED) != NULL;
    }
    assert_true(read == 1 && removed == 1);
    end();
}

static void instagram_mentions(void **state) {
    (void)state;
    site(gram);
    task(FB_WANT_MEDIA_COMMENT, "555", "444");
    on("GET", "mentioned_comment", 200, NULL,
       "{\"mentioned_comment\":{\"id\":\"555\",\"text\":\"@ongyeol 좋아요\",\"username\":\"hana\","
       "\"timestamp\":\"2026-11-22T00:00:00+0000\"},\"id\":\"1784\"}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/1784?fields=mentioned_comment.comment_id%28555%29%7Bid%2Ctext"), 1);
    check_words(item("555", SORI_EVENT_SAID)->text, "@ongyeol 좋아요");
    check_words(item("555", SORI_EVENT_SAID)->target, "444");
    assert_int_equal(item("555", SORI_EVENT_SAID)->kind, SORI_KIND_MENTION);
    task(FB_WANT_MEDIA, "444", NULL);
    on("GET", "mentioned_media", 200, NULL,
       "{\"mentioned_media\":{\"id\":\"444\",\"caption\":\"@ongyeol 그릇\",\"username\":\"dul\","
       "\"timestamp\":\"2026-11-22T00:00:00+0000\"},\"id\":\"1784\"}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("444", SORI_EVENT_SAID)->text, "@ongyeol 그릇");
    end();
}

static void instagram_by_its_own_login(void **state) {
    (void)state;
    site(login);
    on("GET", "/me?", 200, NULL,
       "{\"id\":\"99\",\"user_id\":\"17841\",\"username\":\"ongyeol\",\"name\":\"온결\"}");
    on("GET", "/me/subscribed_apps", 200, NULL, EMPTY);
    on("POST", "/me/subscribed_apps", 200, NULL, "{\"success\":true}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("https://graph.instagram.com/v26.0/17841/media?"), 1);
    check_words(last()->slot, "instagram_token");
    assert_int_equal(last()->scheme, SORI_AUTH_BEARER);
    /* It is subscribed, once. */
    assert_int_equal(asked("POST https://graph.instagram.com/v26.0/me/subscribed_apps "
                           "subscribed_fields=comments%2Clive_comments%2Cmentions"),
                     1);
    world.now += 120000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("subscribed_apps"), 0);
    end();
}

static void threads_lists(void **state) {
    (void)state;
    site(threads);
    on("GET", "/me?", 200, NULL, "{\"id\":\"3003\",\"username\":\"ongyeol\"}");
    on("GET", "/threads?", 200, NULL,
       "{\"data\":[{\"id\":\"900\",\"text\":\"오늘\",\"username\":\"ongyeol\",\"timestamp\":"
       "\"2026-11-21T00:00:00+0000\",\"has_replies\":true},{\"id\":\"899\",\"text\":\"어제\","
       "\"username\":\"ongyeol\",\"timestamp\":\"2026-11-20T00:00:00+0000\",\"has_replies\":false}"
       "]}");
    on("GET", "/mentions?", 200, NULL,
       "{\"data\":[{\"id\":\"950\",\"text\":\"@ongyeol\",\"username\":\"hana\",\"timestamp\":"
       "\"2026-11-21T00:00:00+0000\"}]}");
    on("GET", "/900/conversation?", 200, NULL,
       "{\"data\":[{\"id\":\"901\",\"text\":\"안녕\",\"username\":\"hana\",\"timestamp\":"
       "\"2026-11-21T01:00:00+0000\",\"root_post\":{\"id\":\"900\"},\"replied_to\":{\"id\":\"900\"}"
       ",\"is_reply\":true,\"hide_status\":\"NOT_HUSHED\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(item("900", SORI_EVENT_SAID)->kind, SORI_KIND_POST);
    assert_int_equal(item("950", SORI_EVENT_SAID)->kind, SORI_KIND_MENTION);
    check_words(item("901", SORI_EVENT_SAID)->target, "900");
    assert_int_equal(asked("/899/conversation?"), 0);
    assert_int_equal(asked("reverse=false"), 1);
    /* It does not count replies, so recent threads are read again; only what changed is told. */
    world.now += 120000;
    on("GET", "/900/conversation?", 200, NULL,
       "{\"data\":[{\"id\":\"901\",\"text\":\"안녕\",\"username\":\"hana\",\"timestamp\":"
       "\"2026-11-21T01:00:00+0000\",\"root_post\":{\"id\":\"900\"},\"replied_to\":{\"id\":\"900\"}"
       ",\"is_reply\":true,\"hide_status\":\"HIDDEN\"}]}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(world.item_count, 1);
    assert_non_null(item("901", SORI_EVENT_HIDDEN));
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_author_is_read),
        cmocka_unit_test(a_task_is_tried_a_few_times),
        cmocka_unit_test(something_changed_reads_recent_posts),
        cmocka_unit_test(conversations),
        cmocka_unit_test(instagram_lists),
        cmocka_unit_test(comments_of_an_ad_are_read),
        cmocka_unit_test(instagram_mentions),
        cmocka_unit_test(instagram_by_its_own_login),
        cmocka_unit_test(threads_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
