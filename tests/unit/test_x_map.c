/* uses: x_code */
/* Posts, events, lines and old bodies of X as items. */
#include "x_host.h"

static const char *const self_serve[] = {"user_id=" ME, "handle=ExampleUser", NULL};
static const char *const enterprise[] = {"user_id=" ME, "handle=ExampleUser", "plan=enterprise",
                                         NULL};

#define USERS                                                                                      \
    "\"users\":[{\"id\":\"" OTHER "\",\"name\":\"김하늘\",\"username\":\"sky\",\"protected\":"  \
    "false,\"public_metrics\":{\"followers_count\":970}},{\"id\":\"" ME                            \
    "\",\"name\":\"온결\",\"username\":\"ExampleUser\"}]"
#define LINE(fields, includes)                                                                     \
    "{\"data\":{\"id\":\"2080765813578191303\",\"author_id\":\"" OTHER                             \
    "\",\"created_at\":\"2026-07-24T21:23:23.000Z\",\"lang\":\"ko\"," fields                       \
    "},\"includes\":{" USERS includes "},\"matching_rules\":[{\"id\":\"1\",\"tag\":\"t\"}]}"
#define MENTION(start, end)                                                                        \
    "\"entities\":{\"mentions\":[{\"start\":" #start ",\"end\":" #end                              \
    ",\"username\":\"ExampleUser\",\"id\":\"" ME "\"}]}"
#define P "2080765813578191303"

static void start(void) { assert_int_equal(begin_as("", NULL), SORI_OK); }

static const struct sori_item *heard(const char *const *options, const char *line) {
    fake.item_count = fake.reject_count = 0;
    assert_int_equal(decode_as(options, s_of(line), "stream"), SORI_OK);
    assert_int_equal(fake.reject_count, 0);
    const struct sori_item *i = item(P, SORI_EVENT_SAID);
    assert_non_null(i);
    return i;
}

static void a_mention_is_heard_whole(void **state) {
    (void)state;
    start();
    const struct sori_item *i =
        heard(self_serve, LINE("\"text\":\"@ExampleUser 배송이 &lt;3일&gt; &amp;amp; 늦어요 "
                               "https://t.co/abcdefghij\",\"entities\":{\"mentions\":[{\"start\":0,"
                               "\"end\":12,\"username\":\"exampleuser\"}],\"urls\":[{\"start\":44,"
                               "\"end\":67,\"url\":\"https://t.co/abcdefghij\",\"expanded_url\":"
                               "\"https://shop.kr/a?b=1&c=2\"}]}",
                               ""));
    assert_int_equal(i->kind, SORI_KIND_MENTION);
    check_words(i->text, "@ExampleUser 배송이 <3일> &amp; 늦어요 https://shop.kr/a?b=1&c=2");
    check_words(i->author_id, OTHER);
    check_words(i->author_name, "김하늘");
    check_words(i->author_url, "https://x.com/sky");
    check_words(i->url, "https://x.com/sky/status/" P);
    check_words(i->lang, "ko");
    assert_int_equal(i->author_reach, 970);
    assert_int_equal(i->said_at, 1784928203000);
    assert_int_equal(i->observed, SORI_OBSERVED_EVENT);
    assert_int_equal(i->version, 1);
    assert_int_equal(i->text_max, 280);
    assert_int_equal(i->can, SORI_CAN_REPLY | SORI_CAN_REPLY_PRIVATELY);
    check_has(i->why_not, "like: X took likes away");
    i = heard(enterprise, LINE("\"text\":\"@ExampleUser hi\"," MENTION(0, 12), ""));
    assert_int_equal(i->can, SORI_CAN_REPLY | SORI_CAN_REPLY_PRIVATELY | SORI_CAN_LIKE);
    end();
}

static void links_are_found_where_offsets_lie(void **state) {
    (void)state;
    start();
    /* Behind emoji and references offsets are right, wrong, or beyond the end. */
    static const char *const starts[] = {"9", "0", "5000", "-3"};
    for (size_t k = 0; k < 4; k++) {
        char line[2048];
        snprintf(line, sizeof line,
                 LINE("\"text\":\"👨‍👩‍👧 가 &amp; https://t.co/abcdefghij "
                      "끝\",\"entities\":"
                      "{\"urls\":[{\"start\":%s,\"end\":1,\"url\":\"https://t.co/abcdefghij\","
                      "\"expanded_url\":\"https://b.kr\"}]}",
                      ""),
                 starts[k]);
        check_words(heard(self_serve, line)->text, "👨‍👩‍👧 가 & https://b.kr 끝");
    }
    /* One link that begins like another. */
    check_words(heard(self_serve,
                      LINE("\"text\":\"https://t.co/abc1 https://t.co/abc\",\"entities\":{\"urls\":"
                           "[{\"start\":99,\"end\":1,\"url\":\"https://t.co/abc\","
                           "\"expanded_url\":\"https://short.kr\"}]}",
                           ""))
                    ->text,
                "https://t.co/abc1 https://short.kr");
    end();
}

static void long_posts_say_all(void **state) {
    (void)state;
    start();
    const struct sori_item *i =
        heard(self_serve, LINE("\"text\":\"짧은…\",\"note_tweet\":{\"text\":\"아주 긴 글 "
                               "@ExampleUser\",\"entities\":{\"mentions\":[{\"start\":7,\"end\":19,"
                               "\"username\":\"ExampleUser\",\"id\":\"" ME "\"}]}}",
                               ""));
    check_words(i->text, "아주 긴 글 @ExampleUser");
    assert_int_equal(i->kind, SORI_KIND_MENTION);
    i = heard(self_serve, LINE("\"text\":\"짧은…\",\"note_post\":{\"text\":\"아주 긴 글\"}", ""));
    check_words(i->text, "아주 긴 글");
    end();
}

static void replies_and_who_may_answer_them(void **state) {
    (void)state;
    start();
#define REPLY                                                                                      \
    "\"text\":\"@ExampleUser 좋아요 @ExampleUser\",\"conversation_id\":\"50000000000\","        \
    "\"in_reply_to_user_id\":\"" ME "\",\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":"   \
    "\"50000000000\"}]"
    /* A name that X put in front summons nobody. */
    const struct sori_item *i =
        heard(self_serve, LINE(REPLY ",\"display_text_range\":[13,16]," MENTION(0, 12), ""));
    assert_int_equal(i->kind, SORI_KIND_COMMENT);
    check_words(i->parent, "50000000000");
    check_words(i->target, "50000000000");
    assert_int_equal(i->can, SORI_CAN_REPLY_PRIVATELY | SORI_CAN_HIDE);
    check_has(i->why_not, "reply: X lets programs answer only");
    check_has(i->why_not, "https://x.com/intent/post?in_reply_to=" P);
    i = heard(self_serve, LINE(REPLY "," MENTION(0, 12), ""));
    assert_false(i->can & SORI_CAN_REPLY);
    /* One in its own words does. */
    i = heard(self_serve, LINE(REPLY "," MENTION(17, 29), ""));
    assert_true(i->can & SORI_CAN_REPLY);
    i = heard(enterprise, LINE(REPLY "," MENTION(0, 12), ""));
    assert_true(i->can & SORI_CAN_REPLY);
    i = heard(enterprise, LINE(REPLY ",\"reply_settings\":\"following\"", ""));
    assert_false(i->can & SORI_CAN_REPLY);
    check_has(i->why_not, "reply: the author lets only chosen people answer");
    /* Deeper down: whose conversation it is says its first post. */
#define DEEP                                                                                         \
    "\"text\":\"@x 그래요\",\"conversation_id\":\"50000000000\",\"in_reply_to_user_id\":\"333\"," \
    "\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"60000000000\"}]"
    i = heard(self_serve, LINE(DEEP, ""));
    assert_int_equal(i->kind, SORI_KIND_POST);
    assert_false(i->can & SORI_CAN_HIDE);
    i = heard(self_serve, LINE(DEEP, ",\"tweets\":[{\"id\":\"50000000000\",\"author_id\":\"" ME
                                     "\",\"text\":\"공지\"}]"));
    assert_int_equal(i->kind, SORI_KIND_COMMENT);
    assert_true(i->can & SORI_CAN_HIDE);
    check_words(i->parent, "60000000000");
    check_words(i->target, "50000000000");
    /* Somebody else's thread with us in it. */
    i = heard(self_serve, LINE(DEEP "," MENTION(9, 21), ""));
    assert_int_equal(i->kind, SORI_KIND_MENTION);
    end();
}

static void quotes_and_reposts(void **state) {
    (void)state;
    start();
#define QUOTE(type)                                                                                \
    "\"text\":\"이 말이 맞네 https://t.co/abcdefghij\",\"entities\":{\"urls\":[{\"start\":9," \
    "\"end\":32,\"url\":\"https://t.co/abcdefghij\",\"expanded_url\":"                             \
    "\"https://twitter.com/ExampleUser/status/50000000000\"}]},\"referenced_tweets\":"             \
    "[{\"type\":\"" type "\",\"id\":\"50000000000\"}]"
#define OURS                                                                                       \
    ",\"tweets\":[{\"id\":\"50000000000\",\"author_id\":\"" ME                                     \
    "\",\"text\":\"새 제품 &amp; 소식\",\"public_metrics\":{\"like_count\":3}}]"
    const struct sori_item *i = heard(self_serve, LINE(QUOTE("quoted"), OURS));
    assert_int_equal(i->kind, SORI_KIND_SHARE);
    assert_int_equal(i->share, SORI_SHARE_SPECIFIC);
    check_words(i->text, "이 말이 맞네");
    check_words(i->target, "50000000000");
    assert_true(i->can & SORI_CAN_REPLY);
    /* Ours, which it speaks about, comes with it; and first. */
    check_words(fake.items[0].native_id, "50000000000");
    assert_int_equal(fake.items[0].kind, SORI_KIND_POST);
    assert_int_equal(fake.items[0].origin, SORI_ORIGIN_US_BY_HAND);
    assert_int_equal(fake.items[0].can, SORI_CAN_DELETE);
    /* Without the post beside it the link says whose it is. */
    i = heard(self_serve, LINE(QUOTE("quoted"), ""));
    assert_int_equal(i->share, SORI_SHARE_SPECIFIC);
    /* A quote of somebody else. */
    i = heard(self_serve, LINE(QUOTE("quoted"), ",\"tweets\":[{\"id\":\"50000000000\","
                                                "\"author_id\":\"333\",\"text\":\"x\"}]"));
    assert_int_equal(i->kind, SORI_KIND_POST);
    check_words(i->target, "50000000000");
    check_words(i->text, "이 말이 맞네");
    /* A repost says nothing of its own. */
    i = heard(self_serve, LINE(QUOTE("retweeted"), OURS));
    assert_int_equal(i->kind, SORI_KIND_SHARE);
    assert_int_equal(i->share, SORI_SHARE_SIMPLE);
    check_words(i->text, "새 제품 & 소식");
    check_words(i->target, "50000000000");
    i = heard(self_serve, LINE(QUOTE("retweeted"), ""));
    check_words(i->text, "");
    end();
}

static void an_edit_is_the_same_post(void **state) {
    (void)state;
    start();
    assert_int_equal(decode_as(self_serve,
                               s_of(LINE("\"text\":\"고친 글\",\"edit_history_tweet_ids\":[\"7\","
                                         "\"8\",\"" P "\"]",
                                         "")),
                               "stream"),
                     SORI_OK);
    const struct sori_item *i = item("7", SORI_EVENT_SAID);
    assert_non_null(i);
    assert_int_equal(i->version, 3);
    check_words(i->url, "https://x.com/sky/status/" P);
    /* An answer to the newest version is an answer to the first. */
    i = heard(self_serve,
              LINE("\"text\":\"네\",\"referenced_posts\":[{\"type\":\"replied_to\",\"id\":\"8\"}]",
                   ",\"posts\":[{\"id\":\"8\",\"author_id\":\"" ME
                   "\",\"text\":\"공지\",\"edit_history_post_ids\":[\"7\",\"8\"]}]"));
    check_words(i->parent, "7");
    assert_int_equal(i->kind, SORI_KIND_COMMENT);
    end();
}

static void pictures_protection_and_ourselves(void **state) {
    (void)state;
    start();
    const struct sori_item *i =
        heard(self_serve, LINE("\"text\":\"보세요\",\"attachments\":{\"media_keys\":[\"3_1\","
                               "\"7_2\",\"9_9\"]}",
                               ",\"media\":[{\"media_key\":\"3_1\",\"type\":\"photo\",\"url\":"
                               "\"https://pbs/a.png\"},{\"media_key\":\"7_2\",\"type\":\"video\","
                               "\"preview_image_url\":\"https://pbs/b.jpg\"}]"));
    assert_int_equal(i->attachments.count, 2);
    check_words(i->attachments.items[0].name, "image/png");
    check_words(i->attachments.items[1].value, "https://pbs/b.jpg");
    check_words(i->note, "with a video");
    i = heard(self_serve, "{\"data\":{\"id\":\"" P "\",\"author_id\":\"5\",\"text\":\"비밀\"},"
                          "\"includes\":{\"users\":[{\"data\":{\"id\":\"5\",\"username\":\"p\","
                          "\"protected\":true}}]}}");
    assert_int_equal(i->visibility, SORI_VISIBILITY_PRIVATE);
    check_words(i->author_name, "p");
    assert_int_equal(i->said_at, 1784928203373); /* by the id */
    i = heard(self_serve,
              "{\"data\":{\"id\":" P ",\"author_id\":" ME ",\"text\":\"공지\\u0000\"}}");
    assert_int_equal(i->origin, SORI_ORIGIN_US_BY_HAND);
    assert_int_equal(i->kind, SORI_KIND_POST);
    assert_int_equal(i->can, SORI_CAN_DELETE);
    check_words(i->text, "공지");
    end();
}

static void what_is_no_post_is_kept(void **state) {
    (void)state;
    start();
    static const struct {
        const char *body, *why;
    } list[] = {
        {"{\"errors\":[{\"title\":\"operational-disconnect\",\"detail\":\"restart\"}]}",
         "X says on the stream: operational-disconnect: restart"},
        {"not json", "no JSON"},
        {"{\"data\":{\"event_type\":\"follow.follow\",\"payload\":{}}}", "a relation"},
        {"{\"data\":{\"event_type\":\"new.thing\",\"payload\":{}}}", "not known to this version"},
        {"{\"data\":{\"id\":\"abc\"}}", "neither"},
        {"{}", "neither"},
        {"{\"data\":{\"event_type\":\"post.create\"}}", "without an id"},
        {"{\"data\":{\"event_type\":\"post.repost.create\",\"payload\":{\"id\":\"1\"}}}",
         "a repost of nothing"},
        {"{\"data\":{\"event_type\":\"post.delete\",\"payload\":{}}}", "without an id"},
        {"{\"data\":{\"event_type\":\"dm.received\",\"payload\":{}}}", "without id or text"},
        {"{\"data\":{\"event_type\":\"dm.read\",\"payload\":{}}}", "no words in it"},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        fake.reject_count = 0;
        assert_int_equal(decode_as(self_serve, s_of(list[k].body), "webhook"), SORI_OK);
        assert_int_equal(fake.reject_count, 1);
        check_has(fake.rejects[0].why, list[k].why);
        assert_true(fake.rejects[0].raw.len > 0);
    }
    assert_int_equal(fake.item_count, 0);
    assert_int_equal(decode_as(self_serve, s_of("\r\n"), "stream"), SORI_OK);
    assert_int_equal(decode_as(self_serve,
                               s_of("{\"data\":{\"event_type\":\"oauth.revoke\",\"payload\":{}}}"),
                               "webhook"),
                     SORI_OK);
    check_words(fake.task, "revoked");
    end();
}

static void likes_messages_and_the_old_shape(void **state) {
    (void)state;
    start();
    decode_as(self_serve,
              s_of("{\"data\":{\"filter\":{\"user_id\":\"" ME
                   "\",\"direction\":\"inbound\"},\"event_type\":\"like.create\",\"payload\":"
                   "{\"id\":\"8771\",\"timestamp_ms\":\"1784927565236\",\"liked_post_author_id\":"
                   "\"" ME "\",\"liked_post_id\":\"2079814480427442556\"},\"includes\":{\"users\":"
                   "[{\"id\":\"" ME "\"},{\"id\":\"" OTHER "\",\"username\":\"sky\"}]}}}"),
              "webhook");
    const struct sori_item *i = item("like/8771", SORI_EVENT_SAID);
    assert_non_null(i);
    assert_int_equal(i->kind, SORI_KIND_REACTION);
    check_words(i->target, "2079814480427442556");
    check_words(i->author_id, OTHER);
    assert_int_equal(i->version, 1784927565236);
    decode_as(
        self_serve,
        s_of("{\"for_user_id\":\"" ME "\",\"tweet_create_events\":[{\"id_str\":\"" P
             "\",\"text\":\"@ExampleUser 잘린…\",\"truncated\":true,\"extended_tweet\":"
             "{\"full_text\":\"@ExampleUser 이제 &gt; 다 https://t.co/abcdefghij\",\"entities\":"
             "{\"user_mentions\":[{\"id_str\":\"" ME "\",\"screen_name\":\"ExampleUser\","
             "\"indices\":[0,12]}],\"urls\":[{\"url\":\"https://t.co/abcdefghij\","
             "\"expanded_url\":\"https://"
             "b.kr\",\"indices\":[24,47]}]}},\"user\":{\"id_str\":\"" OTHER
             "\",\"name\":\"김하늘\",\"screen_name\":\"sky\",\"followers_count\":9}}],"
             "\"tweet_delete_events\":[{\"status\":{\"id\":\"77\",\"user_id\":\"" OTHER
             "\"},\"timestamp_ms\":\"1\"}],\"favorite_events\":[{\"id\":\"f1\",\"timestamp_ms\":5,"
             "\"favorited_status\":{\"id_str\":\"78\",\"user\":{\"id_str\":\"" ME
             "\"}},\"user\":{\"id_str\":\"" OTHER "\",\"screen_name\":\"sky\"}}],"
             "\"direct_message_events\":[{\"type\":\"message_create\",\"id\":\"79\","
             "\"created_timestamp\":\"1784928224372\",\"message_create\":{\"sender_id\":\"" OTHER
             "\",\"message_data\":{\"text\":\"안녕 &amp; 하세요\"}}}],\"users\":{\"" OTHER
             "\":{\"id\":\"" OTHER "\",\"name\":\"김하늘\",\"screen_name\":\"sky\"}},"
             "\"follow_events\":[{\"type\":\"follow\"}]}"),
        "webhook");
    i = item(P, SORI_EVENT_SAID);
    assert_non_null(i);
    check_words(i->text, "@ExampleUser 이제 > 다 https://b.kr");
    assert_int_equal(i->kind, SORI_KIND_MENTION);
    check_words(i->author_url, "https://x.com/sky");
    assert_non_null(item("77", SORI_EVENT_REMOVED));
    i = item("like/f1", SORI_EVENT_SAID);
    assert_non_null(i);
    check_words(i->target, "78");
    i = item("dm/79", SORI_EVENT_SAID);
    assert_non_null(i);
    check_words(i->text, "안녕 & 하세요");
    check_words(i->author_name, "김하늘");
    assert_int_equal(i->visibility, SORI_VISIBILITY_PRIVATE);
    assert_int_equal(i->can, SORI_CAN_REPLY);
    assert_int_equal(fake.reject_count, 1);
    check_has(fake.rejects[0].why, "follow_events");
    end();
}

/* The same voice by webhook, stream and poll is one interaction: same space, id and version. */
static void all_ways_name_it_the_same(void **state) {
    (void)state;
    start();
#define SAME                                                                                       \
    "{\"id\":\"" P "\",\"author_id\":\"" OTHER                                                     \
    "\",\"text\":\"@ExampleUser 안녕\",\"edit_history_tweet_ids\":[\"" P "\"]," MENTION(0, 12) "}"
    decode_as(self_serve, s_of("{\"data\":" SAME "}"), "stream");
    decode_as(self_serve,
              s_of("{\"data\":{\"event_type\":\"post.mention.create\",\"payload\":" SAME "}}"),
              "webhook");
    end();
    begin(self_serve);
    on("GET", "/mentions", 200, NULL, "{\"data\":[" SAME "],\"meta\":{\"newest_id\":\"" P "\"}}");
    assert_int_equal(poll_once(), SORI_OK);
    const struct sori_item *i = item(P, SORI_EVENT_SAID);
    assert_non_null(i);
    struct sori_item polled = *i;
    decode_as(self_serve, s_of("{\"data\":" SAME "}"), "stream");
    decode_as(self_serve,
              s_of("{\"data\":{\"event_type\":\"post.mention.create\",\"payload\":" SAME "}}"),
              "webhook");
    assert_int_equal(fake.item_count, 3);
    for (size_t k = 0; k < 3; k++) {
        check_words(fake.items[k].native_id, P);
        assert_true(s_eq(fake.items[k].text, polled.text));
        assert_int_equal(fake.items[k].version, polled.version);
        assert_int_equal(fake.items[k].kind, polled.kind);
        assert_int_equal(fake.items[k].can, polled.can);
    }
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mention_is_heard_whole),
        cmocka_unit_test(links_are_found_where_offsets_lie),
        cmocka_unit_test(long_posts_say_all),
        cmocka_unit_test(replies_and_who_may_answer_them),
        cmocka_unit_test(quotes_and_reposts),
        cmocka_unit_test(an_edit_is_the_same_post),
        cmocka_unit_test(pictures_protection_and_ourselves),
        cmocka_unit_test(what_is_no_post_is_kept),
        cmocka_unit_test(likes_messages_and_the_old_shape),
        cmocka_unit_test(all_ways_name_it_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
