/* uses: blog_code */
#include "blog_host.h"

#define ROOT "https://b.kr/wp-json/"
#define COMMENT(id, parent, author, status, type, text)                                            \
    "{\"id\":" #id ",\"post\":6,\"parent\":" #parent ",\"author\":" #author                        \
    ",\"author_name\":\"김 &amp; 이\",\"author_url\":\"https://kim.kr/x\",\"date_gmt\":"         \
    "\"2026-11-22T00:5" #id ":03\",\"content\":{\"rendered\":\"" text                              \
    "\"},\"link\":\"https://b.kr/t/#comment-" #id "\",\"status\":\"" status "\",\"type\":\"" type  \
    "\",\"author_avatar_urls\":{\"24\":\"https://g/avatar/98afc2e6474fc6c67d129b8b3043e959?s=24\"" \
    "}}"

static void site(bool user) {
    const char *const with[] = {"url=https://b.kr", "user=sori", NULL};
    const char *const without[] = {"url=https://b.kr", NULL};
    begin(user ? with : without);
    on("GET", "https://b.kr", 200, "link: <" ROOT ">; rel=\"https://api.w.org/\"", "<html>");
    on("GET", ROOT, 200, NULL, "{\"namespaces\":[\"oembed/1.0\",\"wp/v2\"]}");
    on("GET", "wp/v2/users/me", 200, NULL,
       "{\"id\":2,\"capabilities\":{\"moderate_comments\":true}}");
    on("GET", "wp/v2/posts", 200, NULL,
       "[{\"id\":6,\"link\":\"https://b.kr/t/\",\"title\":{\"rendered\":\"배송 안내\"},"
       "\"excerpt\":{\"rendered\":\"<p>곧 갑니다</p>\"},\"comment_status\":\"open\","
       "\"date_gmt\":\"2026-11-20T00:00:00\",\"modified_gmt\":\"2026-11-20T01:00:00\"}]");
}

static void comments(const char *body) { on("GET", "wp/v2/comments?", 200, NULL, body); }

static void hears_all_kinds(void **state) {
    (void)state;
    site(true);
    comments(
        "[" COMMENT(1, 0, 0, "approved", "comment", "<p>배송이<br />늦어요 &#8217;</p>") "," COMMENT(
            2, 0, 0, "approved", "pingback",
            "[&#8230;] 링크 [&#8230;]") "," COMMENT(3, 1, 2, "approved", "comment",
                                                    "곧 갑니다") "," COMMENT(4, 0, 0, "hold",
                                                                             "comment",
                                                                             "기다림") "]");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("status=all&type=all"), 1);
    const struct sori_item *c = item("c1", SORI_EVENT_SAID);
    assert_non_null(c);
    check_words(c->space, "blog:b.kr");
    check_words(c->text, "배송이\n늦어요 ’");
    check_words(c->author_name, "김 & 이");
    check_words(c->author_id, "g98afc2e6474fc6c67d129b8b3043e959");
    check_words(c->target, "p6");
    check_words(c->title, "배송 안내");
    assert_int_equal(c->kind, SORI_KIND_COMMENT);
    assert_int_equal(c->said_at, 1795308663000);
    assert_int_equal(c->can, SORI_CAN_REPLY | SORI_CAN_HIDE | SORI_CAN_DELETE);
    c = item("c2", SORI_EVENT_SAID);
    assert_int_equal(c->kind, SORI_KIND_TRACKBACK);
    assert_false(c->can & SORI_CAN_REPLY);
    check_words(c->note, "came as pingback");
    check_words(c->author_id, "kim.kr");
    c = item("c3", SORI_EVENT_SAID);
    assert_int_equal(c->origin, SORI_ORIGIN_US_BY_HAND);
    check_words(c->parent, "c1");
    assert_non_null(item("c4", SORI_EVENT_SAID));
    assert_non_null(item("c4", SORI_EVENT_HIDDEN));
    assert_false(item("c4", SORI_EVENT_SAID)->can & SORI_CAN_REPLY);
    assert_int_equal(item("p6", SORI_EVENT_SAID)->kind, SORI_KIND_POST);
    end();
}

static void the_public_sees_less(void **state) {
    (void)state;
    site(false);
    comments("[" COMMENT(1, 0, 0, "approved", "comment", "안녕") "]");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("status=all"), 0);
    assert_int_equal(fake.last_scheme, SORI_AUTH_NONE);
    const struct sori_item *c = item("c1", SORI_EVENT_SAID);
    assert_int_equal(c->can, 0);
    assert_true(s_starts(c->why_not, "reply: no user"));
    end();
}

static void closed_comments_take_no_reply(void **state) {
    (void)state;
    site(true);
    on("GET", "include=6", 200, NULL,
       "[{\"id\":6,\"title\":{\"rendered\":\"t\"},\"comment_status\":\"closed\"}]");
    comments("[" COMMENT(1, 0, 0, "approved", "comment", "안녕") "]");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("c1", SORI_EVENT_SAID)->why_not, "reply: comments are closed");
    end();
}

static void what_becomes_of_comments(void **state) {
    (void)state;
    site(true);
    comments("[" COMMENT(1, 0, 0, "approved", "comment", "하나") "," COMMENT(
        2, 0, 0, "hold", "comment", "둘") "," COMMENT(3, 0, 0, "approved", "comment", "셋") "]");
    assert_int_equal(poll_once(), SORI_OK);
    /* 1 is edited, 2 approved, 3 deleted. */
    fake.now += 60000;
    comments("[" COMMENT(2, 0, 0, "approved", "comment",
                         "둘") "," COMMENT(1, 0, 0, "approved", "comment", "하나 고침") "]");
    on("GET", "wp/v2/comments/3", 404, NULL,
       "{\"code\":\"rest_comment_invalid_id\",\"message\":\"x\",\"data\":{\"status\":404}}");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("c1", SORI_EVENT_SAID)->text, "하나 고침");
    assert_non_null(item("c2", SORI_EVENT_SHOWN));
    assert_non_null(item("c3", SORI_EVENT_REMOVED));
    /* 1 goes to the spam folder, 2 is held again; 3 is not asked about again. */
    fake.now += 60000;
    comments("[" COMMENT(2, 0, 0, "hold", "comment", "둘") "]");
    on("GET", "wp/v2/comments/1", 200, NULL, COMMENT(1, 0, 0, "spam", "comment", "하나"));
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("c1", SORI_EVENT_REMOVED));
    assert_non_null(item("c2", SORI_EVENT_HIDDEN));
    assert_int_equal(asked("comments/3"), 0);
    /* Nothing changes: no state is repeated. */
    fake.now += 60000;
    assert_int_equal(poll_once(), SORI_OK);
    assert_null(item("c2", SORI_EVENT_HIDDEN));
    assert_null(item("c1", SORI_EVENT_REMOVED));
    end();
}

static char *many(int from, int count) {
    struct text t = {0};
    text_char(&t, '[');
    for (int i = 0; i < count; i++)
        text_format(&t,
                    "%s{\"id\":%d,\"post\":6,\"date_gmt\":\"2026-11-22T00:%02d:%02d\",\"content\":{"
                    "\"rendered\":\"n\"},\"status\":\"approved\",\"type\":\"comment\"}",
                    i ? "," : "", from + i, (from + i) / 60, (from + i) % 60);
    text_char(&t, ']');
    return t.data;
}

static void long_lists_go_on(void **state) {
    (void)state;
    site(true);
    char *one = many(100, 100), *two = many(200, 100), *three = many(300, 30);
    const char *pages = "x-wp-totalpages: 3";
    on("GET", "&page=1&after", 200, pages, one);
    on("GET", "&page=2&after", 200, pages, two);
    on("GET", "&page=3&after", 200, pages, three);
    fake.stop_after = 5; /* the core is full: it stops after each page */
    assert_int_equal(poll_once(), SORI_AGAIN);
    assert_int_equal(asked("after="), 1);
    assert_int_equal(poll_once(), SORI_AGAIN);
    assert_int_equal(asked("&page=2&after"), 1);
    fake.stop_after = 0;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("&page=3&after"), 1);
    assert_non_null(item("c329", SORI_EVENT_SAID));
    assert_int_equal(poll_once(), SORI_OK); /* from two minutes before the newest */
    assert_int_equal(asked("&page=1&after=2026-11-22T00:03:29Z"), 1);
    free(one);
    free(two);
    free(three);
    end();
}

/* A comment dated 2099 must not hide what is said until then. */
static void a_date_from_the_future(void **state) {
    (void)state;
    site(true);
    comments(
        "[{\"id\":100,\"post\":6,\"date_gmt\":\"2026-11-22T00:00:40\",\"content\":{\"rendered\":"
        "\"n\"},\"status\":\"approved\",\"type\":\"comment\"},"
        "{\"id\":101,\"post\":6,\"date_gmt\":\"2099-01-01T00:00:00\",\"content\":{\"rendered\":"
        "\"n\"},\"status\":\"approved\",\"type\":\"comment\"}]");
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("c101", SORI_EVENT_SAID));
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("after=2099"), 0);
    assert_int_equal(asked("after=2098"), 0);
    assert_int_equal(asked("after=2026-11-21T23:58:40Z"), 1);
    end();
}

static void many_removals_take_several_polls(void **state) {
    (void)state;
    site(true);
    char *all = many(100, 60);
    comments(all);
    assert_int_equal(poll_once(), SORI_OK);
    comments("[]");
    on("GET", "wp/v2/comments/1", 404, NULL, "{}");
    size_t removed = 0, asked_about = 0;
    for (int i = 0; i < 3; i++) {
        fake.now += 3600001;
        assert_int_equal(poll_once(), SORI_OK);
        removed += fake.item_count;
        asked_about += asked("wp/v2/comments/1");
    }
    assert_int_equal(removed, 60);
    assert_int_equal(asked_about, 60);
    free(all);
    end();
}

static void trouble_is_named(void **state) {
    (void)state;
    site(true);
    on("GET", "users/me", 401, NULL,
       "{\"code\":\"incorrect_password\",\"message\":\"x\",\"data\":{\"status\":401}}");
    assert_int_equal(poll_once(), SORI_AUTH);
    assert_true(s_find(fake.why, "Authorization header") < fake.why.len);
    end();
    site(true);
    on("GET", "wp/v2/comments", 429, "retry-after: 30", "slow down");
    assert_int_equal(poll_once(), SORI_RATE);
    assert_int_equal(fake.rate_until, fake.now + 30000);
    end();
    site(true);
    on("GET", "wp/v2/comments", 502, NULL, "<html>bad gateway</html>");
    assert_int_equal(poll_once(), SORI_RETRY);
    end();
    site(true);
    on("GET", "wp/v2/comments", 403, NULL, "<html>blocked</html>");
    assert_int_equal(poll_once(), SORI_PERMANENT);
    assert_true(s_find(fake.why, "proxy or a security plugin") < fake.why.len);
    end();
}

static void posts_may_be_private(void **state) {
    (void)state;
    site(true);
    on("GET", "orderby=modified", 403, NULL, "<html>blocked</html>");
    comments("[" COMMENT(1, 0, 0, "approved", "comment", "안녕") "]");
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("c1", SORI_EVENT_SAID));
    end();
}

static void what_is_unchanged_is_given_once(void **state) {
    (void)state;
    site(true);
    comments("[" COMMENT(1, 0, 0, "approved", "comment", "안녕") "]");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("users/me"), 1);
    fake.now += 3600001; /* the deep comparison too */
    assert_int_equal(poll_once(), SORI_OK);
    assert_null(item("c1", SORI_EVENT_SAID));
    assert_int_equal(asked("users/me"), 0);
    /* Once a day, and whenever the options change, we look again who we are. */
    fake.now += 86400001;
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("users/me"), 1);
    end();
}

/* ---- acting ---- */

static struct sori_action reply_to(const char *text) {
    return (struct sori_action){.struct_size = sizeof(struct sori_action),
                                .verb = SORI_VERB_REPLY,
                                .id = SORI_STR("a1"),
                                .native_id = SORI_STR("c1"),
                                .target = SORI_STR("p6"),
                                .text = s_of(text),
                                .since = 1795309000000};
}

static enum sori_act_status act_after(int status, const char *body) {
    site(true);
    on("GET", "wp/v2/comments/1", 200, NULL, COMMENT(1, 0, 0, "approved", "comment", "x"));
    on("POST", "wp/v2/comments", status, NULL, body);
    struct sori_action a = reply_to("곧 갑니다 <3 & 감사");
    return connector->act(self, &a, &fake_result);
}

static void replies(void **state) {
    (void)state;
    assert_int_equal(
        act_after(201, "Warning: x\n{\"id\":9,\"link\":\"https://b.kr/t/#comment-9\"}"),
        SORI_ACT_OK);
    check_words(fake.made, "c9");
    check_words(fake.made_url, "https://b.kr/t/#comment-9");
    assert_int_equal(asked("POST " ROOT "wp/v2/comments post=6&parent=1&content=%EA%B3%A7"), 1);
    assert_int_equal(asked("%26lt%3B3%20%26amp%3B"), 1);
    assert_int_equal(fake.last_flags, SORI_HTTP_NO_REDIRECT);
    assert_int_equal(fake.last_scheme, SORI_AUTH_BASIC);
    end();
}

static void refusals_mean_something(void **state) {
    (void)state;
#define REFUSED(code)                                                                              \
    "{\"code\":\"" code "\",\"message\":\"it &#8217; is\",\"data\":{\"status\":1}}"
    static const struct {
        int status;
        const char *body;
        enum sori_act_status want;
    } cases[] = {
        {409, REFUSED("comment_duplicate"), SORI_ACT_DUPLICATE},
        {429, REFUSED("comment_flood"), SORI_ACT_RATE},
        {403, REFUSED("rest_comment_closed"), SORI_ACT_PERMANENT},
        {403, REFUSED("rest_comment_invalid_post_id"), SORI_ACT_GONE},
        {404, REFUSED("rest_comment_invalid_id"), SORI_ACT_GONE},
        {410, REFUSED("rest_trashed"), SORI_ACT_GONE},
        {401, REFUSED("incorrect_password"), SORI_ACT_AUTH},
        {401, "<html>", SORI_ACT_AUTH},
        {403, "<html>", SORI_ACT_PERMANENT},
        {302, "", SORI_ACT_PERMANENT},
        {500, "<html>", SORI_ACT_UNKNOWN_OUTCOME},
        {504, "", SORI_ACT_UNKNOWN_OUTCOME},
        {201, "<html>", SORI_ACT_UNKNOWN_OUTCOME},
        {0, "", SORI_ACT_RETRY}, /* the host knows whether bytes had left */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum sori_act_status have = act_after(cases[i].status, cases[i].body);
        if (have != cases[i].want)
            fail_msg("%d %s: want %d, have %d", cases[i].status, cases[i].body, cases[i].want,
                     have);
        assert_int_equal(fake.made.len, 0);
        if (cases[i].status) assert_true(fake.why.len > 0);
        end();
    }
}

static void nothing_is_said_to_who_is_gone(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum sori_act_status want;
    } cases[] = {
        {404, REFUSED("rest_comment_invalid_id"), SORI_ACT_GONE},
        {200, COMMENT(1, 0, 0, "trash", "comment", "x"), SORI_ACT_GONE},
        {200, COMMENT(1, 0, 0, "hold", "comment", "x"), SORI_ACT_PERMANENT},
        {503, "", SORI_ACT_RETRY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        site(true);
        on("GET", "wp/v2/comments/1", cases[i].status, NULL, cases[i].body);
        struct sori_action a = reply_to("답");
        assert_int_equal(connector->act(self, &a, &fake_result), cases[i].want);
        assert_int_equal(asked("POST"), 0);
        end();
    }
}

static void holds_and_deletes(void **state) {
    (void)state;
    site(true);
    on("POST", "wp/v2/comments/1", 200, NULL, COMMENT(1, 0, 0, "hold", "comment", "x"));
    on("DELETE", "wp/v2/comments/1", 410, NULL, REFUSED("rest_already_trashed"));
    struct sori_action a = reply_to("");
    a.verb = SORI_VERB_HIDE;
    assert_int_equal(connector->act(self, &a, &fake_result), SORI_ACT_OK);
    assert_int_equal(asked("comments/1 status=hold"), 1);
    a.verb = SORI_VERB_DELETE;
    assert_int_equal(connector->act(self, &a, &fake_result), SORI_ACT_OK);
    assert_int_equal(asked("DELETE " ROOT "wp/v2/comments/1"), 1);
    struct sori_pair as = {SORI_STR("as"), SORI_STR("spam")};
    a.args = (struct sori_pairs){&as, 1};
    assert_int_equal(connector->act(self, &a, &fake_result), SORI_ACT_OK);
    assert_int_equal(asked("comments/1 status=spam"), 1);
    a.verb = SORI_VERB_LIKE;
    assert_int_equal(connector->act(self, &a, &fake_result), SORI_ACT_PERMANENT);
    on("GET", "wp/v2/comments/1", 200, NULL, COMMENT(1, 0, 0, "hold", "comment", "x"));
    a.verb = SORI_VERB_HIDE;
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_OK);
    a.verb = SORI_VERB_DELETE;
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_ABSENT);
    end();
}

static enum sori_act_status found_in(const char *all, const char *trash) {
    site(true);
    on("GET", "status=all", 200, NULL, all);
    on("GET", "status=spam", 200, NULL, "[]");
    on("GET", "status=trash", 200, NULL, trash);
    struct sori_action a = reply_to("\"곧\" 갑니다 -- it's 2x <3 & ...\n감사합니다");
    return connector->reconcile(self, &a, &fake_result);
}

static void reconciles(void **state) {
    (void)state;
#define DRESSED                                                                                    \
    "<p>&#8220;곧&#8221; 갑니다 &#8212; it&#8217;s 2&#215; &lt;3 &amp; &#8230;<br "            \
    "/>\\n감사합니다</p>"
    assert_int_equal(found_in("[" COMMENT(7, 1, 2, "approved", "comment", DRESSED) "]", "[]"),
                     SORI_ACT_OK);
    check_words(fake.made, "c7");
    assert_int_equal(asked("after=2026-11-22T00:54:40Z"), 3); /* shown, spam, trash */
    assert_int_equal(asked("POST"), 0);
    end();
    /* A person has binned it since: it had been sent all the same. */
    assert_int_equal(found_in("[]", "[" COMMENT(7, 1, 2, "trash", "comment", DRESSED) "]"),
                     SORI_ACT_OK);
    end();
    /* Of someone else, to another comment, with another text: absent. */
    assert_int_equal(
        found_in("[" COMMENT(7, 1, 3, "approved", "comment", DRESSED) "," COMMENT(
                     8, 4, 2, "approved", "comment",
                     DRESSED) "," COMMENT(9, 1, 2, "approved", "comment", "곧 갑니다") "]",
                 "[]"),
        SORI_ACT_ABSENT);
    assert_int_equal(fake.made.len, 0);
    end();
    assert_int_equal(found_in("[" COMMENT(7, 1, 2, "approved", "comment", DRESSED) "," COMMENT(
                                  8, 1, 2, "approved", "comment", DRESSED) "]",
                              "[]"),
                     SORI_ACT_UNKNOWN_OUTCOME);
    end();
    /* A list that cannot be read proves nothing. */
    site(true);
    on("GET", "status=all", 500, NULL, "");
    struct sori_action a = reply_to("답");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_RETRY);
    end();
}

static void health_says_it_in_sentences(void **state) {
    (void)state;
    site(true);
    on("GET", "users/me", 200, NULL, "{\"id\":2,\"capabilities\":{}}");
    assert_int_equal(connector->health(self, &fake_health), SORI_OK);
    assert_true(s_find(fake.said, "signed in as sori") < fake.said.len);
    assert_true(s_find(fake.said, "may not moderate") < fake.said.len);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_all_kinds),
        cmocka_unit_test(the_public_sees_less),
        cmocka_unit_test(closed_comments_take_no_reply),
        cmocka_unit_test(what_becomes_of_comments),
        cmocka_unit_test(long_lists_go_on),
        cmocka_unit_test(a_date_from_the_future),
        cmocka_unit_test(many_removals_take_several_polls),
        cmocka_unit_test(trouble_is_named),
        cmocka_unit_test(posts_may_be_private),
        cmocka_unit_test(what_is_unchanged_is_given_once),
        cmocka_unit_test(replies),
        cmocka_unit_test(refusals_mean_something),
        cmocka_unit_test(nothing_is_said_to_who_is_gone),
        cmocka_unit_test(holds_and_deletes),
        cmocka_unit_test(reconciles),
        cmocka_unit_test(health_says_it_in_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
