/* uses: facebook_code */
/* What becomes of a Page's feed: comments, posts, shares, reactions, reviews, in any order. */
#include "unit/facebook_hook.h"

/* ---- comments, posts, shares ---- */

static void words_of_ours_and_of_visitors(void **state) {
    (void)state;
    change("feed", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"" PAGE "_55\",\"comment_id\":"
           "\"55_67\",\"parent_id\":\"55_66\",\"from\":{\"id\":\"" PAGE "\"},\"message\":\"네!\"");
    assert_int_equal(only()->origin, SORI_ORIGIN_US_BY_HAND);
    assert_str(only()->parent, "55_66");
    assert_false(only()->can & SORI_CAN_HIDE);
    heard_forget();
    change("feed", 1799999999,
           "\"item\":\"status\",\"verb\":\"add\",\"post_id\":\"" PAGE
           "_9\",\"from\":{\"id\":\"77\"},\"message\":\"여기 좋아요\"");
    assert_int_equal(only()->kind, SORI_KIND_MENTION);
    assert_true(only()->can & SORI_CAN_REPLY_PRIVATELY);
    heard_forget();
    change("feed", 1799999999,
           "\"item\":\"photo\",\"verb\":\"add\",\"post_id\":\"" PAGE "_9\",\"from\":{\"id\":" PAGE
           "},\"link\":\"https://e/p.jpg\"");
    assert_int_equal(only()->kind, SORI_KIND_POST);
    assert_int_equal(only()->origin, SORI_ORIGIN_US_BY_HAND);
    assert_int_equal(only()->attachments.count, 1);
    assert_str(only()->attachments.items[0].name, "image");
}

static void what_is_not_told_is_left_to_polling(void **state) {
    (void)state;
    change("feed", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"" PAGE
           "_55\",\"comment_id\":\"55_66\",\"message\":\"누구?\"");
    assert_int_equal(only()->event, SORI_EVENT_SAID);
    assert_int_equal(only()->author_id.len, 0);
    assert_str(heard.task[0].key, "comment:55_66");
    assert_str(heard.task[0].body, "comment 55_66 " PAGE "_55");
    heard_forget();
    change("mention", 1799999999, "\"item\":\"post\",\"verb\":\"add\",\"post_id\":\"4_5\"");
    assert_int_equal(only()->kind, SORI_KIND_MENTION);
    assert_int_equal(only()->event, SORI_EVENT_ARRIVED);
    assert_str(heard.task[0].body, "mention-post 4_5");
    heard_forget();
    change("mention", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"4_5\",\"comment_id\":\"4_5_6\"");
    assert_str(only()->native_id, "5_6");
    assert_str(heard.task[0].body, "mention-comment 5_6 4_5");
    heard_forget(); /* on our own timeline the feed tells of it as a comment */
    change("mention", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"" PAGE
           "_5\",\"comment_id\":\"5_6\"");
    assert_int_equal(only()->kind, SORI_KIND_COMMENT);
    assert_int_equal(only()->event, SORI_EVENT_ARRIVED);
    heard_forget();
    deliver("instagram", "",
            "{\"object\":\"instagram\",\"entry\":[{\"id\":\"17\",\"time\":1799999999,\"changes\":[{"
            "\"field\":\"mentions\",\"value\":{\"media_id\":\"20\",\"comment_id\":\"21\"}}]}]}");
    assert_int_equal(only()->event, SORI_EVENT_ARRIVED);
    assert_str(heard.task[0].body, "media-comment 21 20");
    heard_forget(); /* an edit without its words must not wipe the old ones */
    change("feed", 1799999999,
           "\"item\":\"post\",\"verb\":\"edited\",\"post_id\":\"" PAGE
           "_9\",\"from\":{\"id\":1},\"message\":null");
    assert_int_equal(only()->event, SORI_EVENT_ARRIVED);
    assert_str(heard.task[0].key, "post:" PAGE "_9");
    heard_forget(); /* news of hiding overtake each other: the last word is the platform's */
    change("feed", 1799999999, COMMENT ",\"verb\":\"hide\"");
    assert_int_equal(only()->event, SORI_EVENT_HIDDEN);
    assert_int_equal(heard.tasks, 1);
    assert_true(heard.task[0].due > AT);
    struct fb_task t;
    assert_true(fb_task_read(heard.task[0].body, &t));
    assert_int_equal(t.want, FB_WANT_COMMENT);
    assert_str(t.id, "55_66");
    assert_false(fb_task_read(SORI_STR("comment"), &t));
    assert_false(fb_task_read(SORI_STR("comment a/b"), &t));
    assert_false(fb_task_read(SORI_STR("another 1"), &t));
}

static void shares_with_and_without_words(void **state) {
    (void)state;
#define SHARE                                                                                      \
    "\"item\":\"share\",\"share_id\":9,\"from\":{\"id\":\"77\"},\"post_id\":\"" PAGE "_9\""
    change("feed", 1799999999, SHARE ",\"verb\":\"add\"");
    assert_int_equal(only()->kind, SORI_KIND_SHARE);
    assert_int_equal(only()->share, SORI_SHARE_SIMPLE);
    heard_forget();
    change("feed", 1799999999, SHARE ",\"verb\":\"add\",\"message\":\"이거 보세요\"");
    assert_int_equal(only()->share, SORI_SHARE_SPECIFIC);
    assert_str(only()->native_id, PAGE "_9");
    heard_forget();
    change("feed", 1799999999, SHARE ",\"verb\":\"remove\"");
    assert_int_equal(heard.items, 2); /* of either kind: which it was is not told any more */
    assert_int_equal(heard.item[0].share, SORI_SHARE_SIMPLE);
    assert_int_equal(heard.item[1].share, SORI_SHARE_SPECIFIC);
    assert_int_equal(heard.item[1].event, SORI_EVENT_REMOVED);
}

/* The core's rule: a newer version replaces the text, an older one does not. */
static void edits_in_any_order(void **state) {
    static const char *const told[] = {
        "\"verb\":\"add\",\"created_time\":1799999000,\"message\":\"하나\"",
        "\"verb\":\"edited\",\"created_time\":1799999000,\"message\":\"둘\"",
        ("\"verb\":\"edited\",\"created_time\":1799999000,\"edited_time\":1799999600,"
         "\"message\":\"셋\"")};
    static const long sent[] = {1799999001, 1799999500, 1799999700};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    (void)state;
    for (int o = 0; o < 6; o++) {
        struct sori_str text = {NULL, 0};
        int64_t version = 0;
        heard_forget();
        for (int twice = 0; twice < 2; twice++)
            for (int i = 0; i < 3; i++)
                change("feed", sent[orders[o][i]], COMMENT ",%s", told[orders[o][i]]);
        for (size_t i = 0; i < heard.items; i++) {
            assert_true(heard.item[i].version > 0);
            if (heard.item[i].version <= version) continue;
            version = heard.item[i].version;
            text = heard.item[i].text;
        }
        assert_str(text, "셋");
    }
}

/* ---- reactions ---- */

static void one_tap_counts_once(void **state) {
#define TAP "\"comment_id\":\"55_66\",\"from\":{\"id\":\"77\"},\"created_time\":1799999000"
    (void)state;
    change("feed", 1799999001, "\"item\":\"like\",\"verb\":\"add\"," TAP);
    change("feed", 1799999001,
           "\"item\":\"reaction\",\"verb\":\"add\",\"reaction_type\":\"like\"," TAP);
    assert_int_equal(heard.items, 2);
    assert_int_equal(heard.item[0].version, heard.item[1].version);
    assert_str(heard.item[0].native_id, "reaction:55_66:77");
    assert_true(s_eq(heard.item[0].native_id, heard.item[1].native_id));
    assert_int_equal(standing("55_66", "77", "like"), 1);
}

enum { TAPS = 5 };

static void taps_in_any_order(void **state) {
    /* The time is that of the tap in some payloads, that of the event in others. */
    static const struct {
        long sent;
        const char *value;
    } told[2][TAPS] = {
        {{1001, "\"verb\":\"add\",\"reaction_type\":\"like\",\"created_time\":1000"},
         {1101, "\"verb\":\"edit\",\"reaction_type\":\"anger\",\"created_time\":1000"},
         {1151, "\"verb\":\"edit\",\"reaction_type\":\"wow\",\"created_time\":1000"},
         {1201, "\"verb\":\"remove\",\"reaction_type\":\"wow\",\"created_time\":1000"},
         {1301, "\"verb\":\"add\",\"reaction_type\":\"love\",\"created_time\":1300"}},
        {{1001, "\"verb\":\"add\",\"reaction_type\":\"like\",\"created_time\":1000"},
         {1051, "\"verb\":\"edit\",\"reaction_type\":\"anger\",\"created_time\":1050"},
         {1101, "\"verb\":\"edit\",\"reaction_type\":\"wow\",\"created_time\":1100"},
         {1101, "\"verb\":\"remove\",\"reaction_type\":\"wow\",\"created_time\":1100"},
         {1301, "\"verb\":\"add\",\"reaction_type\":\"love\",\"created_time\":1300"}}};
    (void)state;
    for (int spelled = 0; spelled < 2; spelled++)
        for (unsigned order = 0; order < TAPS * TAPS * TAPS * TAPS; order++) {
            heard_forget();
            unsigned left = order; /* every order, and many repetitions */
            for (int i = 0; i < 4 + TAPS; i++, left /= TAPS) {
                unsigned k = i < 4 ? left % TAPS : (unsigned)i - 4;
                change("feed", told[spelled][k].sent,
                       "\"item\":\"reaction\",\"post_id\":\"1_2\",\"from\":{\"id\":\"77\"},%s",
                       told[spelled][k].value);
            }
            assert_int_equal(standing("1_2", "77", "like"), 0);
            assert_int_equal(standing("1_2", "77", "angry"), 0);
            assert_int_equal(standing("1_2", "77", "wow"), 0);
            assert_int_equal(standing("1_2", "77", "love"), 1);
        }
}

static void classes_have_one_name(void **state) {
    static const char *const names[][2] = {{"LIKE", "like"}, {"anger", "angry"}, {"angry", "angry"},
                                           {"sorry", "sad"}, {"care", "care"},   {"a b", "other"}};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        heard_forget();
        change("feed", 1799999001,
               "\"item\":\"reaction\",\"verb\":\"add\",\"reaction_type\":\"%s\"," TAP, names[i][0]);
        assert_str(only()->reaction, names[i][1]);
    }
}

static void the_page_itself_is_liked(void **state) {
    (void)state;
    change("feed", 1799999001, "\"item\":\"like\",\"verb\":\"add\",\"user_id\":77");
    assert_str(only()->target, PAGE);
    assert_str(only()->author_id, "77");
}

/* ---- ratings ---- */

static void a_review(void **state) {
    (void)state;
    change("ratings", 1799999001,
           "\"item\":\"rating\",\"verb\":\"add\",\"open_graph_story_id\":904,\"reviewer_id\":77,"
           "\"reviewer_name\":\"김하늘\",\"recommendation_type\":\"NEGATIVE\",\"review_text\":"
           "\"불친절해요\",\"created_time\":1799999000");
    assert_int_equal(only()->kind, SORI_KIND_COMMENT);
    assert_str(only()->note, "a review: does not recommend us");
    assert_str(only()->author_name, "김하늘");
    assert_false(only()->can & (SORI_CAN_HIDE | SORI_CAN_REPLY_PRIVATELY));
    heard_forget(); /* older payloads name it as the second half of its post */
    change("ratings", 1799999001,
           "\"item\":\"like\",\"verb\":\"add\",\"post_id\":\"7_904\",\"sender_id\":8");
    assert_str(only()->target, "904");
    heard_forget();
    change("ratings", 1799999001,
           "\"item\":\"reaction\",\"verb\":\"add\",\"post_id\":\"7_904\",\"comment_id\":\"904_3\","
           "\"sender_id\":8");
    assert_str(only()->target, "904_3");
    heard_forget();
    change("ratings", 1799999001,
           "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"7_904\",\"parent_id\":\"7_904\","
           "\"comment_id\":\"904_3\",\"sender_id\":8,\"message\":\"죄송합니다\"");
    assert_str(only()->target, "904");
    assert_str(only()->parent, "904");
}

/* ---- what polling reads gives the same ---- */

static void webhook_and_read_are_one(void **state) {
    struct arena a = {0};
    struct fb_map m = {.a = &a, .surface = FB_PAGE, .own = SORI_STR(PAGE), .now = AT};
    struct sori_item read;
    (void)state;
    change("feed", 1799999999,
           COMMENT ",\"verb\":\"add\",\"message\":\"언제 와요?\",\"created_time\":1799999000");
    json_t *comment = json_loads(
        "{\"id\":\"" PAGE "_55_66\",\"message\":\"언제 와요?\",\"from\":{\"id\":\"77\",\"name\":"
        "\"김하늘\"},\"created_time\":\"2027-01-15T07:43:20+0000\",\"can_hide\":false,"
        "\"can_reply_privately\":true,\"is_hidden\":false}",
        0, NULL);
    assert_true(fb_map_comment(&m, comment, (struct sori_str){NULL, 0}, &read));
    const struct sori_item *told = only();
    assert_true(s_eq(told->space, read.space) && s_eq(told->native_id, read.native_id));
    assert_true(s_eq(told->parent, read.parent) && s_eq(told->target, read.target));
    assert_true(s_eq(told->author_id, read.author_id) && s_eq(told->text, read.text));
    assert_true(told->said_at == read.said_at && told->kind == read.kind);
    assert_int_equal(read.version, 0); /* what was read is the truth, whatever was told */
    assert_false(read.can & SORI_CAN_HIDE);
    assert_true(read.can & SORI_CAN_REPLY_PRIVATELY);
    assert_int_equal(read.window_left_ms, 7 * 86400000ll - 1000000);
    m.now = AT + 8 * 86400000ll;
    assert_true(fb_map_comment(&m, comment, (struct sori_str){NULL, 0}, &read));
    assert_false(read.can & SORI_CAN_REPLY_PRIVATELY);
    assert_true(s_find(read.why_not, "seven days") < read.why_not.len);
    json_decref(comment);
    arena_free(&a);
}

/* Which post a comment was told to stand under, and whether polls are to read it from now on. */
static void under(const char *post, size_t tasks) {
    heard_forget();
    change("feed", 1799999999,
           "\"item\":\"comment\",\"verb\":\"add\",\"from\":{\"id\":\"7\",\"name\":\"하나\"},"
           "\"post_id\":\"" PAGE "_70\",\"comment_id\":\"70_1\",\"message\":\"네\","
           "\"created_time\":1799999998,\"post\":{%s}",
           post);
    assert_int_equal(heard.tasks, tasks);
    if (tasks) assert_str(heard.task[0].body, "watch " PAGE "_70");
}

static void comments_of_ads_are_found_again(void **state) {
    (void)state;
    under("\"is_published\":true,\"promotion_status\":\"inactive\"", 0);
    under("\"is_published\":true", 0);
    under("\"is_published\":false,\"promotion_status\":\"inactive\"", 1);
    under("\"is_published\":false", 0); /* that is known already */
    end(state);
    begin(state);
    under("\"is_published\":true,\"promotion_status\":\"active\"", 1);
    /* Instagram names the ad. */
    heard_forget();
    deliver(
        "instagram", "1784",
        "{\"object\":\"instagram\",\"entry\":[{\"id\":\"1784\",\"time\":1799999999,\"changes\":[{"
        "\"field\":\"comments\",\"value\":{\"id\":\"91\",\"text\":\"예뻐요\",\"from\":{\"id\":"
        "\"8\","
        "\"username\":\"dul\"},\"media\":{\"id\":\"90\",\"media_product_type\":\"AD\",\"ad_id\":"
        "\"5\",\"ad_title\":\"가을\"}}}]}]}");
    assert_int_equal(heard.tasks, 1);
    assert_str(heard.task[0].body, "watch 90");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_of_ours_and_of_visitors, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_told_is_left_to_polling, begin, end),
        cmocka_unit_test_setup_teardown(shares_with_and_without_words, begin, end),
        cmocka_unit_test_setup_teardown(edits_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(one_tap_counts_once, begin, end),
        cmocka_unit_test_setup_teardown(taps_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(classes_have_one_name, begin, end),
        cmocka_unit_test_setup_teardown(the_page_itself_is_liked, begin, end),
        cmocka_unit_test_setup_teardown(a_review, begin, end),
        cmocka_unit_test_setup_teardown(webhook_and_read_are_one, begin, end),
        cmocka_unit_test_setup_teardown(comments_of_ads_are_found_again, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
