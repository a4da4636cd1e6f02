/* uses: x_code */
/* Acting on X: no moment of dying says a thing twice, and what was said is known again. */
#include "x_act.h"

#include "common/date.h"

static const char *const split[] = {"user_id=" ME, "handle=ExampleUser", "long_reply=split", NULL};

/* A small X: what was posted, dressed up as X does, and listed with a delay. */
static struct {
    struct {
        char id[24], parent[24];
        struct sori_str text;
        int64_t at;
    } posts[64];
    size_t count;
    int requests, trouble_at; /* the request in which it happens, from 1; 0 never */
    enum trouble { LOST_AFTER, LOST_BEFORE, DIES_AFTER, DIES_BEFORE, SLOW, BROKEN_AFTER } trouble;
    bool dead, doubt, wrote;
} x;

enum { LAG_MS = 20000 };

static struct sori_str dressed(struct sori_str text) {
    struct text out = {0};
    text_lit(&out, "@sky ");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '&')
            text_lit(&out, "&amp;");
        else if (text.ptr[i] == '<')
            text_lit(&out, "&lt;");
        else
            text_char(&out, text.ptr[i]);
    }
    return text_keep(&out, &fake.arena);
}

static void answer(struct sori_http_response *r, int status, struct sori_str body) {
    *r = (struct sori_http_response){.struct_size = sizeof *r, .http_status = status, .body = body};
}

static void list_posts(const struct sori_http_request *q, struct sori_http_response *r) {
    json_t *data = json_array();
    struct sori_str from = s_from(q->url, s_find(q->url, "start_time=") + 11);
    char stamp[32];
    snprintf(stamp, sizeof stamp, "%.*s:%.*s:%.*s", 13, from.ptr, 2, from.ptr + 16, 2,
             from.ptr + 21);
    int64_t since = 0;
    assert_true(date_parse(s_of(stamp), &since));
    for (size_t i = x.count; i > 0; i--) {
        if (x.posts[i - 1].at < since || x.posts[i - 1].at > fake.now - LAG_MS) continue;
        struct sori_str text = dressed(x.posts[i - 1].text);
        json_t *post =
            json_pack("{s:s, s:s%}", "id", x.posts[i - 1].id, "text", text.ptr, text.len);
        if (*x.posts[i - 1].parent)
            json_object_set_new(
                post, "referenced_tweets",
                json_pack("[{s:s, s:s}]", "type", "replied_to", "id", x.posts[i - 1].parent));
        json_array_append_new(data, post);
    }
    json_t *root = json_pack("{s:o}", "data", data);
    char *body = json_dumps(root, 0);
    answer(r, 200, arena_copy(&fake.arena, s_of(body)));
    free(body);
    json_decref(root);
}

static void store(struct sori_str body, struct sori_http_response *r) {
    json_t *root = json_loadb(body.ptr, body.len, 0, NULL);
    assert_non_null(root);
    assert_true(x.count < 64);
    size_t n = x.count++;
    snprintf(x.posts[n].id, sizeof x.posts[n].id, "208000000000000%04zu", n + 1);
    struct sori_str parent = x_str(json_object_get(root, "reply"), "in_reply_to_tweet_id");
    snprintf(x.posts[n].parent, sizeof x.posts[n].parent, "%.*s", S(parent));
    x.posts[n].text = keep(x_str(root, "text"));
    x.posts[n].at = fake.now;
    answer(r, 201, arena_format(&fake.arena, "{\"data\":{\"id\":\"%s\"}}", x.posts[n].id));
    json_decref(root);
}

static bool small_x(const struct sori_http_request *q, struct sori_http_response *r) {
    bool writes = q->effect == SORI_HTTP_WRITE, now = ++x.requests == x.trouble_at;
    fake.now += 100;
    if (x.dead) return false;
    x.wrote |= writes;
    if (now && x.trouble == DIES_BEFORE) {
        x.dead = true;
        return false;
    }
    if (now && x.trouble == LOST_BEFORE) {
        x.doubt |= writes;
        return false;
    }
    if (now && x.trouble == SLOW) {
        answer(r, 429, SORI_STR("{\"title\":\"Too Many Requests\"}"));
        return true;
    }
    if (writes)
        store(q->body, r);
    else
        list_posts(q, r);
    if (!now) return true;
    if (x.trouble == BROKEN_AFTER) {
        answer(r, 503, SORI_STR("{}"));
        return true;
    }
    x.dead = x.trouble == DIES_AFTER;
    x.doubt |= writes;
    return false;
}

/* What the core does with an action until it is settled. */
static bool carried_out(struct sori_action a) {
    for (int step = 0; step < 12; step++) {
        x.dead = x.doubt = x.wrote = false;
        enum sori_act_status s = act(&a);
        if (x.dead) s = x.wrote ? SORI_ACT_UNKNOWN_OUTCOME : SORI_ACT_RETRY;
        if (x.doubt && s != SORI_ACT_OK) s = SORI_ACT_UNKNOWN_OUTCOME;
        if (s == SORI_ACT_OK || s == SORI_ACT_DUPLICATE) return true;
        int64_t sent_at = fake.now;
        a.since = 0;
        while (s == SORI_ACT_UNKNOWN_OUTCOME) {
            fake.now += 30000; /* as the verb's settle_ms says */
            x.dead = false;
            a.since = sent_at - 300000;
            enum sori_act_status found = connector->reconcile(self, &a, &fake_result);
            if (found == SORI_ACT_OK) return true;
            if (found == SORI_ACT_ABSENT)
                s = SORI_ACT_ABSENT;
            else if (found != SORI_ACT_RETRY && found != SORI_ACT_RATE)
                return false;
        }
        if (s != SORI_ACT_ABSENT && s != SORI_ACT_RETRY && s != SORI_ACT_RATE) return false;
        fake.now += s == SORI_ACT_RATE ? 60000 : 1000;
        a.since = 0;
        a.attempt++;
    }
    return false;
}

static void whatever_happens_each_part_is_said_once(void **state) {
    (void)state;
    static const char *const texts[] = {
        "짧은 답 & <인사>, 자세히는 https://b.kr/a?b=1 에서 보세요",
        "첫째 문단입니다. 배송이 늦어 정말 죄송합니다. 고객님께서 기다리신 시간만큼 저희도 마음이 "
        "무겁습니다. 지금 물류 창고에서 확인하고 있습니다. 주문하신 물건은 오늘 오후에 출고되어 "
        "내일 오전에 받아 보실 수 있습니다. 둘째 문단입니다. 만약 내일까지 받지 못하시면 "
        "https://b.kr/help 로 알려 주세요. 같은 일이 다시 없도록 포장과 운송을 모두 살피겠습니다. "
        "셋째 문단입니다. 기다려 주셔서 고맙습니다. 다음 주문에 쓰실 수 있는 쿠폰을 넣어 드렸으니 "
        "편하게 써 주시기를 바랍니다. 온결 리빙 드림. 언제나 고객님 곁에 있겠습니다. 감사합니다.",
    };
    for (size_t t = 0; t < 2; t++) {
        size_t parts = 0;
        for (int at = 0; at <= 12; at++)
            for (int trouble = LOST_AFTER; trouble <= BROKEN_AFTER; trouble++) {
                memset(&x, 0, sizeof x);
                x.trouble_at = at;
                x.trouble = (enum trouble)trouble;
                begin(split);
                fake.server = small_x;
                struct sori_action a = action(SORI_VERB_REPLY, texts[t]);
                if (!carried_out(a))
                    fail_msg("text %zu, trouble %d in request %d: %.*s", t, trouble, at,
                             S(fake.why));
                if (!at) parts = x.count;
                assert_int_equal(x.count, parts);
                assert_int_equal(parts > 1, t == 1);
                check_words(fake.made, x.posts[0].id);
                assert_string_equal(x.posts[0].parent, POST_ID);
                for (size_t i = 1; i < x.count; i++)
                    assert_string_equal(x.posts[i].parent, x.posts[i - 1].id);
                end();
            }
    }
}

static void what_was_said_is_known_in_any_dress(void **state) {
    (void)state;
    static const struct {
        const char *sent, *listed;
        enum sori_act_status want;
    } list[] = {
        {"보러 오세요 b.kr/new", "@sky @kim 보러 오세요 https://t.co/abcdefghij", SORI_ACT_OK},
        /* Decomposed letters, as some keyboards send them. */
        {"\xE1\x84\x80\xE1\x85\xA1", "@sky 가", SORI_ACT_OK},
        {"@sky A &amp; B", "@sky A &amp;amp; B", SORI_ACT_OK},
        {"두 줄\n입니다", "@sky 두 줄\n\n입니다", SORI_ACT_OK},
        {"네", "@sky 네네", SORI_ACT_ABSENT},
        {"https://b.kr/1", "@sky https://t.co/abcdefghij", SORI_ACT_OK},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        begin(refuse);
        struct sori_str body = arena_format(
            &fake.arena,
            "{\"data\":[{\"id\":\"2080000000000000009\",\"text\":\"%s\",\"entities\":{\"urls\":"
            "[{\"start\":0,\"end\":1,\"url\":\"https://t.co/abcdefghij\",\"expanded_url\":"
            "\"https://b.kr/"
            "x\"}]},\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"" POST_ID
            "\"}]}],\"meta\":{}}",
            list[k].listed[0] == '@' && strchr(list[k].listed, '\n') ? "@sky 두 줄\\n\\n입니다"
                                                                     : list[k].listed);
        on("GET", "/tweets?", 200, NULL, body.ptr);
        struct sori_action a = action(SORI_VERB_REPLY, list[k].sent);
        assert_int_equal(connector->reconcile(self, &a, &fake_result), list[k].want);
        end();
    }
    /* Two of them: a person decides. */
    begin(refuse);
#define ONE(id)                                                                                    \
    "{\"id\":\"" id                                                                                \
    "\",\"text\":\"네\",\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"" POST_ID "\"}]}"
    on("GET", "/tweets?", 200, NULL,
       "{\"data\":[" ONE("2080000000000000009") "," ONE("2080000000000000008") "]}");
    struct sori_action a = action(SORI_VERB_REPLY, "네");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_UNKNOWN_OUTCOME);
    end();
    /* A list that cannot be read proves nothing. */
    begin(refuse);
    on("GET", "/tweets?", 503, NULL, "{}");
    assert_int_equal(connector->reconcile(self, &a, &fake_result), SORI_ACT_RETRY);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_each_part_is_said_once),
        cmocka_unit_test(what_was_said_is_known_in_any_dress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
