/* uses: facebook_code */
/* Decoding of webhook bodies: the envelope, ids and times, private messages, and bytes that mean
 * harm. */
#include "unit/facebook_hook.h"

#include <time.h>

/* ---- the envelope ---- */

static void entries_of_all_forms(void **state) {
    (void)state;
    deliver("instagram_login", "",
            "{\"object\":\"instagram\",\"entry\":[{\"id\":\"17\",\"time\":1799999999,\"field\":"
            "\"comments\",\"value\":{\"id\":\"18\",\"text\":\"배송 언제 와요?\",\"from\":{\"id\":"
            "\"9\",\"username\":\"haneul\"},\"media\":{\"id\":\"20\"}}}]}");
    assert_str(only()->text, "배송 언제 와요?");
    assert_str(only()->space, "facebook:instagram");
    assert_str(only()->target, "20");
    assert_str(only()->author_name, "haneul");
    assert_true(only()->can & SORI_CAN_REPLY);
    heard_forget();
    deliver("instagram", "17",
            "{\"object\":\"instagram\",\"entry\":[{\"id\":\"17\",\"time\":1799999999,\"changes\":[{"
            "\"field\":\"live_comments\",\"value\":{\"id\":\"18\",\"text\":\"와\",\"from\":{\"id\":"
            "\"9\"},\"media\":{\"id\":\"20\"}}}]}]}");
    assert_false(only()->can & SORI_CAN_REPLY);
    assert_str(only()->note, "said in a live video");
    heard_forget();
    deliver("page", "",
            "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1799999999,\"changed_fields\":["
            "\"feed\",\"mention\"]}]}");
    assert_int_equal(heard.items, 0);
    assert_int_equal(heard.tasks, 2);
    assert_str(heard.task[0].body, "feed feed");
    assert_str(heard.task[1].key, "feed:mention");
    heard_forget();
    deliver("page", "", "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1}]}");
    assert_int_equal(heard.rejects, 1);
    heard_forget();
    deliver("page", "", "{\"object\":\"page\",\"entry\":[]}");
    assert_int_equal(heard.rejects, 1);
}

static void threads_have_a_shape_of_their_own(void **state) {
    static const char value[] =
        "{\"value\":{\"id\":\"81\",\"username\":\"haneul\",\"text\":\"좋아요\",\"replied_to\":{"
        "\"id\":\"80\"},\"root_post\":{\"id\":\"80\",\"owner_id\":\"5\",\"username\":\"ongyeol\"},"
        "\"permalink\":\"https://www.threads.net/@haneul/post/x\",\"timestamp\":"
        "\"2026-11-22T01:02:03+0000\"},\"field\":\"replies\"}";
    char body[2048];
    (void)state;
    for (int array = 0; array < 2; array++) {
        heard_forget();
        snprintf(body, sizeof body,
                 "{\"app_id\":\"1\",\"topic\":\"moderate\",\"target_id\":\"5\",\"time\":1799999999,"
                 "\"subscription_id\":\"3\",\"values\":%s%s%s}",
                 array ? "[" : "", value, array ? "]" : "");
        deliver("threads", "5", body);
        assert_int_equal(only()->kind, SORI_KIND_COMMENT);
        assert_str(only()->space, "facebook:threads");
        assert_str(only()->parent, "80");
        assert_str(only()->target, "80");
        assert_str(only()->author_id, "haneul");
        assert_int_equal(only()->said_at, 1795309323000);
        assert_int_equal(only()->text_max, 500);
        assert_true(only()->can & SORI_CAN_HIDE);
    }
    heard_forget();
    deliver("threads", "5",
            "{\"time\":1799999999,\"values\":{\"field\":\"replies\",\"value\":{\"id\":\"82\","
            "\"username\":\"ongyeol\",\"text\":\"고맙습니다\",\"replied_to\":{\"id\":\"81\"},"
            "\"root_post\":{\"id\":\"80\",\"owner_id\":\"5\",\"username\":\"ongyeol\"}}}}");
    assert_int_equal(only()->origin, SORI_ORIGIN_US_BY_HAND);
    assert_false(only()->can & SORI_CAN_HIDE);
    for (int home = 0; home < 2; home++) { /* below our own thread it is a reply as well */
        heard_forget();
        snprintf(body, sizeof body,
                 "{\"time\":1799999999,\"values\":{\"field\":\"mentions\",\"value\":{\"id\":\"83\","
                 "\"username\":\"haneul\",\"text\":\"@ongyeol\",\"replied_to\":{\"id\":\"80\"},"
                 "\"root_post\":{\"id\":\"80\",\"owner_id\":\"%d\"}}}}",
                 home ? 5 : 6);
        deliver("threads", "5", body);
        assert_int_equal(only()->kind, home ? SORI_KIND_COMMENT : SORI_KIND_MENTION);
        assert_int_equal(only()->origin, SORI_ORIGIN_PERSON);
    }
    heard_forget();
    deliver("threads", "5",
            "{\"time\":1799999999,\"values\":{\"field\":\"delete\",\"value\":{\"id\":\"81\"}}}");
    assert_int_equal(only()->event, SORI_EVENT_REMOVED);
}

static void a_thousand_changes(void **state) {
    struct text body = {0};
    struct timespec from, to;
    (void)state;
    text_lit(&body, "{\"object\":\"page\",\"entry\":[{\"id\":\"" PAGE "\",\"time\":1799999999,"
                    "\"changes\":[");
    for (int i = 0; i < 1000; i++)
        text_format(&body,
                    "%s{\"field\":\"feed\",\"value\":{\"item\":\"comment\",\"verb\":\"add\","
                    "\"post_id\":\"" PAGE "_55\",\"comment_id\":\"55_%d\",\"parent_id\":\"" PAGE
                    "_55\",\"from\":{\"id\":\"77%d\",\"name\":\"김하늘\"},\"created_time\":"
                    "1799999000,\"message\":\"배송이 너무 늦어요, 언제 오나요? %d\"}}",
                    i ? "," : "", 1000 + i, i, i);
    text_lit(&body, "]}]}");
    clock_gettime(CLOCK_MONOTONIC, &from);
    deliver("page", PAGE, body.data);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_int_equal(heard.items, 1000);
    assert_int_equal(heard.rejects + heard.tasks, 0);
    assert_str(heard.item[999].native_id, "55_1999");
    print_message("1,000 changes: %.2f ms\n", (double)(to.tv_sec - from.tv_sec) * 1e3 +
                                                  (double)(to.tv_nsec - from.tv_nsec) / 1e6);
    heard_forget();
    heard.stop_after = 10; /* the sink is full: what was given stays, the rest is not given */
    deliver("page", PAGE, body.data);
    assert_int_equal(heard.items, 10);
    text_free(&body);
}

static void others_are_kept_aside(void **state) {
    (void)state;
    deliver("page", "999",
            "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1,\"changes\":[{\"field\":"
            "\"feed\",\"value\":{" COMMENT ",\"verb\":\"add\"}}]}]}");
    assert_int_equal(heard.items, 0);
    assert_int_equal(heard.rejects, 1);
    assert_true(s_find(heard.reject[0].why, "account 1,") < heard.reject[0].why.len);
    heard_forget();
    deliver("page", "", "{\"object\":\"instagram\",\"entry\":[{\"id\":\"1\"}]}");
    assert_int_equal(heard.rejects, 1);
    heard_forget();
    change("feed", 1799999999, "\"item\":\"experience\",\"verb\":\"add\",\"post_id\":\"1_2\"");
    change("feed", 1799999999, COMMENT ",\"verb\":\"follow\"");
    change("parking", 1799999999, "\"item\":\"x\"");
    assert_int_equal(heard.items, 0);
    assert_int_equal(heard.rejects, 3);
    assert_str(heard.reject[1].why, "unknown: field feed, item comment, verb follow");
    assert_true(s_find(heard.reject[1].raw, "김하늘") < heard.reject[1].raw.len);
}

/* ---- ids and times ---- */

static void ids_are_text(void **state) {
    (void)state;
    change("feed", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"" PAGE "_55\",\"comment_id\":"
           "\"" PAGE "_55_66\",\"parent_id\":\"" PAGE "_55_60\",\"sender_id\":9007199254740993,"
           "\"sender_name\":\"김하늘\",\"message\":\"네\"");
    assert_str(only()->native_id, "55_66");
    assert_str(only()->parent, "55_60");
    assert_str(only()->target, PAGE "_55");
    assert_str(only()->author_id, "9007199254740993");
    assert_str(only()->author_name, "김하늘");
    heard_forget();
    change("feed", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"comment_id\":\"55 66\",\"message\":\"네\"");
    assert_int_equal(heard.rejects, 1);
}

static void four_spellings_of_time(void **state) {
    static const char *const spelled[] = {"1799999000", "\"1799999000\"", "1799999000000",
                                          "\"2027-01-15T07:43:20+0000\"",
                                          "\"2027-01-15T07:43:20.000Z\""};
    (void)state;
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        heard_forget();
        change("feed", 1799999999,
               COMMENT ",\"verb\":\"add\",\"message\":\"a\",\"created_time\":%s", spelled[i]);
        assert_int_equal(only()->said_at, 1799999000000);
    }
    heard_forget(); /* not told: when it was sent; never a time of the far future */
    change("feed", 1799999999,
           COMMENT ",\"verb\":\"add\",\"message\":\"a\",\"created_time\":"
                   "9223372036854775807");
    assert_int_equal(only()->said_at, 1799999999000);
}

/* ---- messages ---- */

static void messages_and_their_window(void **state) {
    (void)state;
    message("page", "messaging",
            "\"timestamp\":1799996400000,\"message\":{\"mid\":\"m_1\","
            "\"text\":\"주문 123-456 언제 와요?\"}");
    assert_int_equal(only()->kind, SORI_KIND_MESSAGE);
    assert_int_equal(only()->visibility, SORI_VISIBILITY_PRIVATE);
    assert_int_equal(only()->window_left_ms, 23 * 3600000);
    assert_int_equal(only()->text_max, 2000);
    assert_int_equal(only()->can, SORI_CAN_REPLY);
    heard_forget();
    message("page", "messaging",
            "\"timestamp\":1799900000000,\"message\":{\"mid\":\"m_1\","
            "\"text\":\"어제\"}");
    assert_int_equal(only()->can, 0);
    assert_true(s_starts(only()->why_not, "reply: 24 hours"));
    heard_forget();
    message("page", "standby",
            "\"timestamp\":1799999999000,\"message\":{\"mid\":\"m_1\","
            "\"text\":\"네\"}");
    assert_int_equal(only()->can, 0);
    assert_true(s_starts(only()->why_not, "reply: another application"));
    heard_forget();
    message("instagram", "messaging",
            "\"timestamp\":1799999999000,\"message\":{\"mid\":\"aWdf==\",\"text\":\"네\","
            "\"is_echo\":true,\"reply_to\":{\"mid\":\"m_0\"}}");
    assert_int_equal(only()->origin, SORI_ORIGIN_US_BY_HAND);
    assert_str(only()->parent, "m_0");
    assert_str(only()->space, "facebook:instagram");
}

/* Who wrote is looked up once a day, with a poll that is made anyway. */
static void who_wrote_is_asked_for(void **state) {
    (void)state;
#define WORD(mid) "\"timestamp\":1799999999000,\"message\":{\"mid\":\"" mid "\",\"text\":\"네\"}"
    message("page", "messaging", WORD("m_1"));
    assert_int_equal(heard.tasks, 1);
    assert_str(heard.task[0].key, "profile:77");
    assert_str(heard.task[0].body, "profile 77");
    assert_true(heard.task[0].due > AT && heard.task[0].due < AT + 60000);
    message("page", "messaging", WORD("m_2"));
    assert_int_equal(heard.tasks, 1);
    message("instagram", "messaging", WORD("m_3")); /* 77 is somebody else there */
    assert_int_equal(heard.tasks, 2);
    const char *body = "{\"object\":\"page\",\"entry\":[{\"id\":\"" PAGE
                       "\",\"time\":1799999999999,\"messaging\":[{\"sender\":{\"id\":\"77\"},"
                       "\"recipient\":{\"id\":\"" PAGE "\"}," WORD("m_4") "}]}]}";
    assert_int_equal(heard_deliver(self, s_of(body), "page", "", AT + FB_DAY + 1), SORI_OK);
    assert_int_equal(heard.tasks, 3);
    heard_forget(); /* what we wrote, in another tool */
    message("page", "messaging",
            "\"timestamp\":1799999999000,\"message\":{\"mid\":\"m_5\",\"text\":\"네\","
            "\"is_echo\":true}");
    assert_int_equal(heard.tasks, 0);
}

static void what_happens_to_messages(void **state) {
    (void)state;
#define AT_1 "\"timestamp\":1799999998000,"
    message("page", "messaging", AT_1 "\"message\":{\"mid\":\"m_1\",\"text\":\"하나\"}");
    message("page", "messaging",
            AT_1 "\"message_edit\":{\"mid\":\"m_1\",\"text\":\"둘\",\"num_edit\":1}");
    message("page", "messaging", AT_1 "\"message\":{\"mid\":\"m_1\",\"is_deleted\":true}");
    message("page", "messaging",
            AT_1 "\"postback\":{\"title\":\"상담\",\"payload\":\"TALK\",\"mid\":\"m_2\"}");
    message("page", "messaging", AT_1 "\"postback\":{\"payload\":\"TALK\"}");
    assert_int_equal(heard.items, 5);
    assert_true(heard.item[1].version > heard.item[0].version);
    assert_int_equal(heard.item[2].event, SORI_EVENT_REMOVED);
    assert_str(heard.item[3].text, "상담");
    assert_str(heard.item[4].text, "TALK");
    assert_true(s_starts(heard.item[4].native_id, "postback:77:1799999998000:"));
    heard_forget(); /* of two edits in one millisecond the later one is newer */
    for (int n = 2; n; n--)
        message("page", "messaging",
                AT_1 "\"message_edit\":{\"mid\":\"m_1\",\"text\":\"%d\",\"num_edit\":%d}", n, n);
    assert_true(heard.item[0].version > heard.item[1].version);
    heard_forget();
    message("page", "messaging",
            AT_1 "\"reaction\":{\"mid\":\"m_1\",\"action\":\"react\",\"reaction\":\"sad\"}");
    assert_int_equal(standing("m_1", "77", "sad"), 1);
    message("page", "messaging",
            "\"timestamp\":1799999999000,\"reaction\":{\"mid\":\"m_1\","
            "\"action\":\"unreact\"}");
    assert_int_equal(standing("m_1", "77", "sad"), 0);
    heard_forget();
    message("page", "messaging",
            AT_1 "\"policy_enforcement\":{\"action\":\"block\",\"reason\":"
                 "\"too much spam\"}");
    assert_int_equal(heard.rejects, 1);
    assert_str(heard.reject[0].why, "unknown: policy_enforcement block too much spam");
}

static void receipts_are_counted(void **state) {
    (void)state;
    for (int i = 0; i < 9; i++)
        message("page", "messaging", "\"read\":{\"watermark\":1},\"timestamp\":%d", i);
    message("page", "messaging", "\"delivery\":{\"mids\":[\"m_1\"]},\"timestamp\":1");
    assert_int_equal(heard.items + heard.rejects + heard.tasks, 0);
    assert_non_null(strstr(heard.log, "delivery receipts"));
    message("page", "messaging", "\"read\":{},\"timestamp\":1");
    assert_non_null(strstr(heard.log, ": 1")); /* the tenth is no power of two */
    for (int i = 0; i < 6; i++) message("page", "messaging", "\"read\":{},\"timestamp\":1");
    assert_non_null(strstr(heard.log, "read receipts"));
    assert_non_null(strstr(heard.log, ": 16"));
}

/* ---- bytes that mean harm ---- */

static void hostile(const char *body, size_t len, size_t rejects) {
    static const char *const surfaces[] = {"page", "instagram", "threads"};
    for (size_t i = 0; i < 3; i++) {
        heard_forget();
        struct sori_str s = {body, len};
        assert_int_equal(heard_deliver(self, s, surfaces[i], "", AT), SORI_OK);
        assert_int_equal(heard.items, 0);
        assert_true(heard.rejects >= rejects);
    }
}

static void nothing_crashes(void **state) {
    static const char *const bodies[] = {
        "",
        "[",
        "null",
        "[]",
        "\"page\"",
        "{\"object\":1,\"entry\":{}}",
        "{\"object\":\"page\",\"entry\":[null,1,\"a\",[],{}]}",
        "{\"object\":\"instagram\",\"entry\":[{\"id\":[],\"changes\":[1,null,{\"field\":[]}]}]}",
        "{\"object\":\"page\",\"entry\":[{\"id\":{},\"messaging\":[1,null,[],{\"message\":1},{"
        "\"postback\":null,\"message\":{}},{\"reaction\":[]}],\"changed_fields\":[{}]}]}",
        "{\"object\":\"page\",\"entry\":[{\"changes\":[{\"field\":\"feed\",\"value\":{\"item\":"
        "\"comment\",\"verb\":\"add\",\"comment_id\":-1,\"from\":[]}}]}]}",
        "{\"values\":[null,1,{\"field\":\"replies\",\"value\":[]}]}",
        "{\"object\":\"page\",\"entry\":[{\"id\":1e400}]}",
        "{\"object\":\"page\",\"entry\":[{\"id\":99999999999999999999}]}",
        "{\"object\":\"page\",\"entry\":[{\"id\":\"\\ud800\"}]}"};
    struct text deep = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        hostile(bodies[i], strlen(bodies[i]), 1);
    for (int i = 0; i < 200000; i++) text_char(&deep, '[');
    hostile(deep.data, deep.len, 1);
    text_free(&deep);
    text_lit(&deep, "{\"object\":\"page\",\"entry\":[{\"id\":\"");
    for (int i = 0; i < 100000; i++) text_char(&deep, '7');
    text_lit(&deep, "\",\"changes\":[{\"field\":\"feed\",\"value\":null}]}]}");
    hostile(deep.data, deep.len, 1);
    text_free(&deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_of_all_forms, begin, end),
        cmocka_unit_test_setup_teardown(threads_have_a_shape_of_their_own, begin, end),
        cmocka_unit_test_setup_teardown(a_thousand_changes, begin, end),
        cmocka_unit_test_setup_teardown(others_are_kept_aside, begin, end),
        cmocka_unit_test_setup_teardown(ids_are_text, begin, end),
        cmocka_unit_test_setup_teardown(four_spellings_of_time, begin, end),
        cmocka_unit_test_setup_teardown(messages_and_their_window, begin, end),
        cmocka_unit_test_setup_teardown(who_wrote_is_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(what_happens_to_messages, begin, end),
        cmocka_unit_test_setup_teardown(receipts_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(nothing_crashes, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
