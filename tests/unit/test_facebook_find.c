/* uses: facebook_code */
/* Had it happened? What is found where a reply, a message or a state would be. */
#include "facebook_deed.h"

static void the_same_text_in_a_row(void **state) {
    (void)state;
    site(page);
    on("POST", "/5_1/comments", 400, NULL, ERROR(506, 0, "Duplicate status message"));
    /* Our first attempt, whose answer was lost. */
    on("GET", "/5_1/comments?", 200, NULL, LIST(ROW("5_9", "1001", "58:00", OURS)));
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_DUPLICATE);
    check_words(world.made, "5_9");
    /* The same words were for someone else. */
    on("GET", "/5_1/comments?", 200, NULL, LIST(""));
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    check_has(world.why, "another text");
    end();
}

static void a_lost_reply_is_found(void **state) {
    (void)state;
    site(page);
    on("GET", "/5_1/comments?", 200, NULL,
       "{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"A2\"},\"next\":\"https://x/"
       "?after=A2\"}}");
    /* Of someone else; of ours and older; of ours with other words; and the one. */
    on("GET", "after=A2", 200, NULL,
       LIST(ROW("5_2", "77", "58:00", OURS) "," ROW("5_3", "1001", "30:00", OURS) "," ROW(
           "5_4", "1001", "58:00", "다른 말") "," ROW("5_5", "1001", "58:30", OURS)));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "5_5");
    assert_int_equal(asked("since=1795308480"), 2); /* two minutes before: clocks differ */
    assert_int_equal(asked("filter=stream"), 2);
    /* A composed and a decomposed Hangul are the same words. */
    on("GET", "after=A2", 200, NULL, LIST(ROW("5_6", "1001", "58:30", "\\u1100\\u1161 \\u00e9")));
    action.text = SORI_STR("가 e\xcc\x81");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "5_6");
    /* A mention of the person is shown as a name. */
    on("GET", "after=A2", 200, NULL, LIST(ROW("5_7", "1001", "58:30", "김하나 곧 갑니다")));
    action.text = SORI_STR("@[77] 곧 갑니다");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "5_7");
    end();
}

static void what_a_search_cannot_tell(void **state) {
    (void)state;
    site(page);
    on("GET", "/5_1/comments?", 200, NULL, LIST(ROW("5_2", "77", "58:00", OURS)));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_ABSENT);
    on("GET", "/5_1/comments?", 200, NULL,
       LIST(ROW("5_2", "1001", "58:00", OURS) "," ROW("5_3", "1001", "58:01", OURS)));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    check_has(world.why, "2 of ours");
    on("GET", "/5_1/comments?", 200, NULL,
       "{\"data\":[{\"id\":\"5_2\",\"message\":\"" OURS
       "\",\"created_time\":\"2026-11-22T00:58:00+0000\"}]}");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    check_has(world.why, "does not tell by whom");
    on("GET", "/5_1/comments?", 400, NULL, ERROR(32, 0, "x"));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_RATE);
    world.budgets.count = 0; /* the wait that it asked for is over */
    on("GET", "/5_1/comments?", 400, NULL, ERROR(190, 0, "x"));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_AUTH);
    on("GET", "/5_1/comments?", 502, NULL, "<html>");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_RETRY);
    on("GET", "/5_1/comments?", 400, NULL, ERROR(10, 0, "x"));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    /* A second page that fails: the list is not complete, so nothing is absent. */
    on("GET", "/5_1/comments?", 200, NULL,
       "{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"A2\"},\"next\":\"https://x/"
       "?after=A2\"}}");
    on("GET", "after=A2", 500, NULL, "<html>");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_RETRY);
    end();
}

/* Facebook keeps two levels: a reply to a reply stands beside it. */
static void a_reply_to_a_reply(void **state) {
    (void)state;
    site(page);
    action.native_id = SORI_STR("5_20");
    action.parent = SORI_STR("5_1");
    on("POST", "/5_20/comments", 200, NULL, "{\"id\":\"5_9\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    on("GET", "/5_1/comments?", 200, NULL, LIST(ROW("5_9", "1001", "58:00", OURS)));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "5_9");
    /* Under a post only what stands directly below it is meant. */
    action.native_id = action.target = SORI_STR("1001_5");
    action.parent.len = 0;
    action.kind = SORI_KIND_POST;
    on("GET", "/1001_5/comments?", 200, NULL, LIST(ROW("5_9", "1001", "58:00", OURS)));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_ABSENT);
    end();
}

static void states_are_read_back(void **state) {
    (void)state;
    site(page);
    on("GET", "/5_1?", 200, NULL, "{\"id\":\"5_1\",\"is_hidden\":true,\"message\":\"새 글\"}");
    assert_int_equal(reconcile(SORI_VERB_HIDE), SORI_ACT_OK);
    assert_int_equal(reconcile(SORI_VERB_UNHIDE), SORI_ACT_ABSENT);
    assert_int_equal(reconcile(SORI_VERB_DELETE), SORI_ACT_ABSENT);
    action.text = SORI_STR("새 글");
    assert_int_equal(reconcile(SORI_VERB_EDIT), SORI_ACT_OK);
    action.text = SORI_STR("더 새 글");
    assert_int_equal(reconcile(SORI_VERB_EDIT), SORI_ACT_ABSENT);
    on("GET", "/5_1?", 400, NULL, ERROR(100, 33, "x"));
    assert_int_equal(reconcile(SORI_VERB_DELETE), SORI_ACT_OK);
    assert_int_equal(reconcile(SORI_VERB_HIDE), SORI_ACT_GONE);
    on("GET", "/5_1/likes?", 200, NULL, LIST("{\"id\":\"9\"},{\"id\":\"1001\"}"));
    assert_int_equal(reconcile(SORI_VERB_LIKE), SORI_ACT_OK);
    assert_int_equal(reconcile(SORI_VERB_UNLIKE), SORI_ACT_ABSENT);
    on("GET", "/5_1/likes?", 200, NULL, LIST("{\"id\":\"9\"}"));
    assert_int_equal(reconcile(SORI_VERB_LIKE), SORI_ACT_ABSENT);
    end();
}

static void messages_are_found_in_their_conversation(void **state) {
    (void)state;
    site(page);
    action.kind = SORI_KIND_MESSAGE;
    action.native_id = SORI_STR("m_1");
    action.text = SORI_STR("네");
    on("GET", "/1001/conversations?", 200, NULL,
       "{\"data\":[{\"id\":\"t_1\",\"messages\":{\"data\":[{\"id\":\"m_2\",\"message\":\"네\","
       "\"from\":{\"id\":\"1001\"},\"created_time\":\"2026-11-22T00:58:00+0000\"},{\"id\":\"m_1\","
       "\"message\":\"네\",\"from\":{\"id\":\"77\"},\"created_time\":\"2026-11-22T00:57:00+0000\"}"
       "]}}]}");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "m_2");
    assert_int_equal(asked("platform=MESSENGER&user_id=77"), 1);
    on("GET", "/1001/conversations?", 200, NULL, LIST(""));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    /* A private reply: still open means that none was sent. */
    action.kind = SORI_KIND_COMMENT;
    action.native_id = SORI_STR("5_1");
    on("GET", "/5_1?", 200, NULL, "{\"can_reply_privately\":true}");
    assert_int_equal(reconcile(SORI_VERB_PRIVATE_REPLY), SORI_ACT_ABSENT);
    on("GET", "/5_1?", 200, NULL, "{\"can_reply_privately\":false}");
    assert_int_equal(reconcile(SORI_VERB_PRIVATE_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_text_in_a_row),
        cmocka_unit_test(a_lost_reply_is_found),
        cmocka_unit_test(what_a_search_cannot_tell),
        cmocka_unit_test(a_reply_to_a_reply),
        cmocka_unit_test(states_are_read_back),
        cmocka_unit_test(messages_are_found_in_their_conversation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
