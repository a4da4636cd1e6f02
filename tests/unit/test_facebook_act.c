/* uses: facebook_code */
/* Acting on a Page, Instagram and Threads. */
#include "facebook_deed.h"

static void replies_to_a_comment(void **state) {
    (void)state;
    site(page);
    on("POST", "/5_1/comments", 200, NULL, "{\"id\":\"1001_5_9\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "5_9"); /* as the mapping names it */
    check_words(world.made_url, "https://www.facebook.com/5_9");
    check_words(last()->line,
                "POST https://graph.facebook.com/v26.0/5_1/comments message=%EC%A3%84%EC%86%A1"
                "%ED%95%A9%EB%8B%88%EB%8B%A4%20%26%20%EA%B3%A7%20%EB%B3%B4%EB%82%B4%20%EB%93%9C"
                "%EB%A6%B4%EA%B2%8C%EC%9A%94%21");
    check_words(last()->type, "application/x-www-form-urlencoded");
    assert_int_equal(last()->effect, SORI_HTTP_WRITE);
    assert_int_equal(last()->scheme, SORI_AUTH_APPSECRET_PROOF);
    assert_true(last()->flags & SORI_HTTP_NO_REDIRECT);
    /* A comment on a post is the same, under the post. */
    action.kind = SORI_KIND_MENTION;
    action.native_id = SORI_STR("1001_8");
    on("POST", "/1001_8/comments", 200, NULL, "{\"id\":\"8_2\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "8_2");
    end();
}

static void changes_of_state(void **state) {
    (void)state;
    site(page);
    const struct {
        uint32_t verb;
        const char *line;
    } ways[] = {{SORI_VERB_LIKE, "POST https://graph.facebook.com/v26.0/5_1/likes "},
                {SORI_VERB_UNLIKE, "DELETE https://graph.facebook.com/v26.0/5_1/likes "},
                {SORI_VERB_HIDE, "POST https://graph.facebook.com/v26.0/5_1 is_hidden=true"},
                {SORI_VERB_UNHIDE, "POST https://graph.facebook.com/v26.0/5_1 is_hidden=false"},
                {SORI_VERB_DELETE, "DELETE https://graph.facebook.com/v26.0/5_1 "},
                {SORI_VERB_EDIT, "POST https://graph.facebook.com/v26.0/5_1 message=ok"}};
    action.text = SORI_STR("ok");
    on("POST", "/5_1", 200, NULL, "{\"success\":true}");
    on("DELETE", "/5_1", 200, NULL, "true");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        assert_int_equal(act(ways[i].verb), SORI_ACT_OK);
        check_words(last()->line, ways[i].line);
        assert_int_equal(world.made_count, 0);
    }
    on("POST", "/5_1", 200, NULL, "{\"success\":false}");
    assert_int_equal(act(SORI_VERB_HIDE), SORI_ACT_PERMANENT);
    /* What is gone needs no deleting, and cannot be liked. */
    on("DELETE", "/5_1", 400, NULL, ERROR(100, 33, "Unsupported delete request"));
    on("POST", "/5_1", 400, NULL, ERROR(100, 33, "Unsupported post request"));
    assert_int_equal(act(SORI_VERB_DELETE), SORI_ACT_OK);
    assert_int_equal(act(SORI_VERB_LIKE), SORI_ACT_GONE);
    end();
}

static void a_private_reply_within_seven_days(void **state) {
    (void)state;
    site(page);
    on("POST", "/1001/messages", 200, NULL, "{\"recipient_id\":\"88\",\"message_id\":\"m_1\"}");
    action.text = SORI_STR("안녕하세요 \"김\"님");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_OK);
    check_words(world.made, "m_1");
    check_words(last()->type, "application/json");
    check_has(last()->line,
              "messages {\"recipient\":{\"comment_id\":\"5_1\"},\"message\":{\"text\":"
              "\"안녕하세요 \\\"김\\\"님\"}}");
    action.kind = SORI_KIND_MENTION; /* a visitor's post on our timeline */
    action.native_id = SORI_STR("1001_8");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_OK);
    check_has(last()->line, "{\"post_id\":\"1001_8\"}");
    action.native_id = SORI_STR("5_1"); /* a comment that mentions us */
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_OK);
    check_has(last()->line, "{\"comment_id\":\"5_1\"}");
    action.said_at = world.now - 7ll * 86400000 - 1000;
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    check_has(world.why, "seven days");
    /* Once only: the platform knows. */
    action.said_at = world.now - 3600000;
    on("POST", "/1001/messages", 400, NULL, ERROR(10900, 0, "Activity already replied to"));
    on("GET", "/5_1?", 200, NULL,
       "{\"can_reply_privately\":false,\"private_reply_conversation\":{\"messages\":{\"data\":[{"
       "\"id\":\"m_7\",\"message\":\"안녕하세요  \\\"김\\\"님\",\"from\":{\"id\":\"1001\"},"
       "\"created_time\":\"2026-11-22T00:59:00+0000\"}]}}}");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_DUPLICATE);
    check_words(world.made, "m_7");
    on("GET", "/5_1?", 200, NULL, "{\"can_reply_privately\":false}");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_PERMANENT);
    check_has(world.why, "already answered privately");
    end();
}

static void messages_within_their_window(void **state) {
    (void)state;
    site(page);
    on("POST", "/1001/messages", 200, NULL, "{\"recipient_id\":\"77\",\"message_id\":\"m_2\"}");
    action.kind = SORI_KIND_MESSAGE;
    action.native_id = SORI_STR("m_1");
    action.text = SORI_STR("네");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "m_2");
    check_has(last()->line,
              "messages {\"recipient\":{\"id\":\"77\"},\"messaging_type\":\"RESPONSE\","
              "\"message\":{\"text\":\"네\"}}");
    /* After 24 hours only a person of ours, with the tag that says so, and only for seven days. */
    action.said_at = world.now - 25ll * 3600000;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    check_has(world.why, "24 hours");
    action.by = SORI_ORIGIN_US_BY_HAND;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_has(last()->line, "\"messaging_type\":\"MESSAGE_TAG\",\"tag\":\"HUMAN_AGENT\"");
    action.said_at = world.now - 8ll * 86400000;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    action.said_at = world.now - 3600000;
    action.author_id.len = 0;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    /* No state of a message can be changed. */
    const uint32_t none[] = {SORI_VERB_LIKE, SORI_VERB_HIDE, SORI_VERB_DELETE, SORI_VERB_EDIT};
    for (size_t i = 0; i < 4; i++) assert_int_equal(act(none[i]), SORI_ACT_PERMANENT);
    end();
}

static void text_limits_come_before_the_network(void **state) {
    (void)state;
    struct text t = {0};
    for (int i = 0; i < 8001; i++) text_lit(&t, "가");
    site(page);
    on("POST", "/5_1/comments", 200, NULL, "{\"id\":\"5_9\"}");
    action.text = text_view(&t);
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    check_has(world.why, "8001 characters");
    action.text.len = 24000;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    action.text.len = 0;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    action.text = (struct sori_str){t.data, 3 * 2001};
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_PERMANENT);
    end();
    site(threads);
    action.text = (struct sori_str){t.data, 3 * 501};
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(asked("POST"), 0);
    end();
    text_free(&t);
}

static void refusals_in_the_operators_words(void **state) {
    (void)state;
    const struct {
        int status;
        const char *body;
        enum sori_act_status is;
        const char *words;
    } ways[] = {
        {400, ERROR(190, 460, "x"), SORI_ACT_AUTH, "changed the password"},
        {400, ERROR(200, 0, "Requires pages_manage_engagement"), SORI_ACT_PERMANENT,
         "pages_manage_engagement"},
        {400, ERROR(10, 2018278, "x"), SORI_ACT_PERMANENT, "24 hours"},
        {400, ERROR(10, 0, "Needs pages_messaging"), SORI_ACT_PERMANENT, "pages_messaging"},
        {400, ERROR(551, 0, "x"), SORI_ACT_PERMANENT, "cannot be reached"},
        {400, ERROR(1609005, 0, "x"), SORI_ACT_PERMANENT, "link"},
        {400, ERROR(100, 33, "x"), SORI_ACT_GONE, "no longer exists"},
        {400, ERROR(100, 0, "Param message"), SORI_ACT_PERMANENT, "Param message"},
        {400, ERROR(4, 0, "x"), SORI_ACT_RATE, "too many calls"},
        {400, ERROR(368, 0, "x"), SORI_ACT_RATE, "breach"},
        /* It may have been done before this was answered. */
        {500, ERROR(2, 0, "x"), SORI_ACT_UNKNOWN_OUTCOME, "passing trouble"},
        {500, ERROR(1, 0, "x"), SORI_ACT_UNKNOWN_OUTCOME, "passing trouble"},
        {503, "<html>", SORI_ACT_UNKNOWN_OUTCOME, "503"},
        {200, "{\"ok\":1}", SORI_ACT_UNKNOWN_OUTCOME, "without saying"},
        {200, "<html>", SORI_ACT_UNKNOWN_OUTCOME, "without saying"},
        {400,
         "{\"error\":{\"message\":\"inner\",\"code\":1357,\"error_user_msg\":\"이 댓글에는 답글을 "
         "달 수 없습니다\"}}",
         SORI_ACT_PERMANENT, "이 댓글에는 답글을 달 수 없습니다"},
        {400, "{\"error\":{\"message\":\"try later\",\"code\":1357,\"is_transient\":true}}",
         SORI_ACT_UNKNOWN_OUTCOME, "passing trouble"},
        {0, "", SORI_ACT_RETRY, NULL},
    };
    site(page);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        on("POST", "/5_1/comments", ways[i].status, NULL, ways[i].body);
        assert_int_equal(act(SORI_VERB_REPLY), ways[i].is);
        if (ways[i].words) check_has(world.why, ways[i].words);
        if (ways[i].is == SORI_ACT_RATE) world.now += 21600000; /* nothing is asked before */
        assert_int_equal(world.made_count, 0);
    }
    /* What changes nothing when done twice may simply be tried again. */
    on("POST", "/5_1/likes", 500, NULL, ERROR(2, 0, "x"));
    assert_int_equal(act(SORI_VERB_LIKE), SORI_ACT_RETRY);
    on("POST", "/5_1", 503, NULL, "<html>");
    assert_int_equal(act(SORI_VERB_HIDE), SORI_ACT_RETRY);
    end();
}

static void on_instagram(void **state) {
    (void)state;
    site(gram);
    action.native_id = SORI_STR("17900");
    action.target = action.parent = SORI_STR("17800");
    action.text = SORI_STR("ok");
    on("POST", "graph.facebook.com", 200, NULL, "{\"id\":\"17901\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "17901");
    check_words(last()->line, "POST https://graph.facebook.com/v26.0/17900/replies message=ok");
    assert_int_equal(act(SORI_VERB_HIDE), SORI_ACT_OK);
    check_words(last()->line, "POST https://graph.facebook.com/v26.0/17900 hide=true");
    assert_int_equal(act(SORI_VERB_LIKE), SORI_ACT_PERMANENT);
    assert_int_equal(act(SORI_VERB_EDIT), SORI_ACT_PERMANENT);
    /* A mention is answered at our account, with the comment where it was in one. */
    action.kind = SORI_KIND_MENTION;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(last()->line, "POST https://graph.facebook.com/v26.0/1784/mentions "
                              "media_id=17800&comment_id=17900&message=ok");
    action.target.len = 0;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(last()->line,
                "POST https://graph.facebook.com/v26.0/1784/mentions media_id=17900&message=ok");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    action.kind = SORI_KIND_POST;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(last()->line, "POST https://graph.facebook.com/v26.0/17900/comments message=ok");
    /* Messages leave through the Page. */
    action.kind = SORI_KIND_COMMENT;
    on("POST", "/1001/messages", 200, NULL, "{\"recipient_id\":\"5\",\"message_id\":\"aW1\"}");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_OK);
    check_has(last()->line, "/1001/messages {\"recipient\":{\"comment_id\":\"17900\"}");
    /* Found by our user name, among the replies. */
    action.target = SORI_STR("17800");
    on("GET", "/17900/replies?", 200, NULL,
       LIST("{\"id\":\"1\",\"text\":\"ok\",\"username\":\"other\",\"timestamp\":"
            "\"2026-11-22T00:58:00+0000\"},{\"id\":\"2\",\"text\":\"ok\",\"username\":"
            "\"ongyeol\",\"timestamp\":\"2026-11-22T00:58:00+0000\"}"));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "2");
    end();
}

static void on_threads(void **state) {
    (void)state;
    site(threads);
    action.native_id = SORI_STR("900");
    action.text = SORI_STR("고맙습니다");
    on("POST", "/3003/threads", 200, NULL, "{\"id\":\"500\"}");
    on("POST", "/3003/threads_publish", 200, NULL, "{\"id\":\"901\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "901");
    assert_int_equal(asked("POST"), 2);
    assert_int_equal(asked("/v1.0/3003/threads media_type=TEXT&text=%EA%B3%A0%EB%A7%99%EC%8A%B5"
                           "%EB%8B%88%EB%8B%A4&reply_to_id=900"),
                     1);
    check_words(last()->line, "POST https://graph.threads.net/v1.0/3003/threads_publish "
                              "creation_id=500");
    check_words(last()->slot, "threads_token");
    assert_int_equal(last()->scheme, SORI_AUTH_BEARER);
    /* Not ready at first. */
    once("POST", "/3003/threads_publish", 400, NULL, ERROR(24, 4279009, "Media Not Found"));
    on("GET", "/500?", 200, NULL, "{\"status\":\"FINISHED\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "901");
    on("POST", "/3003/threads_publish", 400, NULL, ERROR(24, 4279009, "Media Not Found"));
    on("GET", "/500?", 200, NULL, "{\"status\":\"IN_PROGRESS\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_RETRY);
    /* The container is nothing yet; the publication may be something. */
    on("POST", "/3003/threads_publish", 500, NULL, "<html>");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_UNKNOWN_OUTCOME);
    on("GET", "/900/replies?", 200, NULL,
       LIST("{\"id\":\"901\",\"text\":\"고맙습니다\",\"username\":\"ongyeol\",\"timestamp\":"
            "\"2026-11-22T00:58:00+0000\",\"replied_to\":{\"id\":\"900\"},\"permalink\":"
            "\"https://www.threads.net/@ongyeol/post/x\"}"));
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_OK);
    check_words(world.made, "901");
    check_words(world.made_url, "https://www.threads.net/@ongyeol/post/x");
    on("POST", "/3003/threads", 500, NULL, "<html>");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_RETRY);
    on("POST", "/900/manage_reply", 200, NULL, "{\"success\":true}");
    assert_int_equal(act(SORI_VERB_HIDE), SORI_ACT_OK);
    check_words(last()->line, "POST https://graph.threads.net/v1.0/900/manage_reply hide=true");
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_PERMANENT);
    assert_int_equal(act(SORI_VERB_LIKE), SORI_ACT_PERMANENT);
    assert_int_equal(act(SORI_VERB_DELETE), SORI_ACT_PERMANENT);
    end();
}

static void bad_ids_never_become_paths(void **state) {
    (void)state;
    site(page);
    const char *const bad[] = {"", "5_1/../me", "5 1", "5_1?x=1", "5%2f1", "5_1#"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        action.native_id = s_of(bad[i]);
        assert_int_equal(act(SORI_VERB_DELETE), SORI_ACT_PERMANENT);
        assert_int_equal(world.request_count, 0);
    }
    action.native_id = SORI_STR("5_1");
    assert_int_equal(act(99), SORI_ACT_PERMANENT);
    end();
}

/* What met the limit crashes; the next one asks no sooner. Reading has its own limits. */
static void a_limit_outlives_the_process(void **state) {
    (void)state;
    site(page);
    on("POST", "/5_1/comments", 200, NULL, "{\"id\":\"5_9\"}");
    once("POST", "/5_1/comments", 400, "retry-after: 120", ERROR(32, 0, "Page limit reached"));
    on("POST", "/me/messages", 200, NULL, "{\"recipient_id\":\"77\",\"message_id\":\"m_1\"}");
    on("POST", "/1001/messages", 200, NULL, "{\"recipient_id\":\"77\",\"message_id\":\"m_1\"}");
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_RATE);
    restart();
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_RATE);
    assert_int_equal(world.request_count, 0);
    assert_int_equal(world.rate_until, world.now + 120000);
    check_has(world.why, "3 minutes");
    assert_int_equal(reconcile(SORI_VERB_REPLY), SORI_ACT_RATE);
    assert_int_equal(world.request_count, 0);
    assert_int_equal(act(SORI_VERB_PRIVATE_REPLY), SORI_ACT_OK); /* messages are counted apart */
    action.by = SORI_ORIGIN_US_BY_HAND;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK); /* a person's own word is tried */
    action.by = SORI_ORIGIN_US_BY_RULE;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_RATE);
    world.now += 120000;
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    /* So is a limit that reading met. */
    const struct sori_rate read = {.struct_size = sizeof read,
                                   .bucket = SORI_STR("code 32"),
                                   .limit = 100,
                                   .until = world.now + 60000};
    world.host.rate(&world.host, &read);
    assert_int_equal(act(SORI_VERB_REPLY), SORI_ACT_OK);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_to_a_comment),
        cmocka_unit_test(changes_of_state),
        cmocka_unit_test(a_private_reply_within_seven_days),
        cmocka_unit_test(messages_within_their_window),
        cmocka_unit_test(text_limits_come_before_the_network),
        cmocka_unit_test(refusals_in_the_operators_words),
        cmocka_unit_test(on_instagram),
        cmocka_unit_test(on_threads),
        cmocka_unit_test(bad_ids_never_become_paths),
        cmocka_unit_test(a_limit_outlives_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
