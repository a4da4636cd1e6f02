/* uses: sori_supervise sori_base */
/* The example connector as a real guest: a folder is listed, read and answered over the wire. */
#include "guest_lab.h"

#include "base/item.h"
#include "sori/plugin.h"

static const char listing[] = "one.json\t90\t1000\nreply-5.json\t10\t1500\nnotes.txt\t5\t1700\n"
                              "two.json\t80\t2000\nbroken.json\t10\t1900\n";
static const char one[] =
    "{\"id\": \"1\", \"text\": \"\\ubc30\\uc1a1\\uc774 \\\"늦어요\\\"\\n😀\\ud83d\\ude00\","
    " \"author\": {\"id\": \"kim\", \"name\": \"김하늘\"}, \"said_at\": \"2026-11-22T03:05:00Z\"}";
static const char two[] = "{\"kind\": \"message\", \"tags\": [\"text\", {\"text\": \"no\"}],"
                          " \"text\": \"고마워요\", \"id\": \"2\"}";

static bool url_is(const struct wire_msg *m, const char *tail) {
    struct sori_str url = rec_get_str(m->payload, HTTP_URL);
    size_t n = strlen(tail);
    return url.len >= n && memcmp(url.ptr + url.len - n, tail, n) == 0;
}

static void folder(struct lab *lab, const struct wire_msg *m) {
    struct buf answer = {0};
    const char *body = url_is(m, "/one.json")      ? one
                       : url_is(m, "/two.json")    ? two
                       : url_is(m, "/broken.json") ? "{\"id\" \"\\u12"
                       : url_is(m, "voices/")      ? listing
                                                   : NULL;
    bool put = str_is(rec_get_str(m->payload, HTTP_METHOD), "PUT");
    rec_int(&answer, ANS_STATUS, put ? 201 : body ? 200 : 404);
    if (body) rec_str(&answer, ANS_BODY, str_c(body));
    if (put) {
        assert_int_equal(rec_get_int(m->payload, HTTP_EFFECT, 0), SORI_HTTP_WRITE);
        assert_true(url_is(m, "/voices/reply-77.json"));
        assert_true(str_is(rec_get_str(m->payload, HTTP_BODY),
                           "{\"to\": \"1\", \"text\": \"죄송합니다 \\u0022곧\\u0022\"}\n"));
    }
    guest_http_done(lab->guest, m->head.call, m->head.sub, SORI_OK, buf_view(&answer));
    buf_free(&answer);
}

static void start(struct lab *lab, struct event_base *base) {
    char so[4096];
    lab_start(lab, base, GUEST_CONNECTOR, "hello/test/poll",
              lab_so(so, sizeof so, "plugins", "hello"), true);
    lab->http = folder;
    assert_true(lab_until(lab, &lab->ready, 1, 10000));
    struct buf create = {0};
    rec_str(&create, CREATE_CONNECTION, str_c("test"));
    size_t mark = rec_begin(&create, CREATE_OPTION);
    rec_str(&create, PAIR_NAME, str_c("url"));
    rec_str(&create, PAIR_VALUE, str_c("folder:///srv/voices"));
    rec_end(&create, mark);
    assert_true(lab_ask(lab, M_CREATE, &create, 5000));
    assert_int_equal(lab->status, SORI_OK);
    buf_free(&create);
}

static void test_poll(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start(&lab, base);
    struct sori_str desc = rec_get_rec(buf_view(&lab.hello), HELLO_PLUGIN);
    assert_true(str_is(rec_get_str(desc, DESC_ID), "hello"));
    assert_true(lab_ask(&lab, M_POLL, NULL, 5000));
    assert_int_equal(lab.status, SORI_OK);
    struct sori_str sinks = buf_view(&lab.sinks);
    struct rec_field f;
    struct sori_item item;
    assert_int_equal(rec_next(&sinks, &f), 1);
    assert_int_equal(f.tag, SINK_ITEM);
    assert_true(item_get(f.s, &item));
    assert_true(str_is(item.native_id, "1"));
    assert_true(str_is(item.text, "배송이 \"늦어요\"\n😀😀"));
    assert_true(str_is(item.author_name, "김하늘"));
    assert_int_equal(item.said_at, 1795316700000);
    assert_int_equal(rec_next(&sinks, &f), 1);
    assert_true(item_get(f.s, &item));
    assert_true(str_is(item.text, "고마워요"));
    assert_int_equal(item.kind, SORI_KIND_MESSAGE);
    assert_int_equal(rec_next(&sinks, &f), 1);
    assert_int_equal(f.tag, SINK_REJECT);
    assert_int_equal(rec_next(&sinks, &f), 1);
    assert_int_equal(f.tag, SINK_CURSOR);
    assert_true(str_is(rec_get_str(f.s, PAIR_VALUE), "2000"));
    assert_int_equal(rec_next(&sinks, &f), 0);
    lab_end(&lab);
    event_base_free(base);
}

static void test_act(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct lab lab;
    start(&lab, base);
    struct buf action = {0};
    rec_int(&action, ACT_VERB, SORI_VERB_REPLY);
    rec_str(&action, ACT_ID, str_c("77"));
    rec_str(&action, ACT_NATIVE, str_c("1"));
    rec_str(&action, ACT_TEXT, str_c("죄송합니다 \"곧\""));
    assert_true(lab_ask(&lab, M_RECONCILE, &action, 5000));
    assert_int_equal(lab.status, SORI_ACT_ABSENT);
    assert_true(lab_ask(&lab, M_ACT, &action, 5000));
    assert_int_equal(lab.status, SORI_ACT_OK);
    assert_true(str_is(rec_get_str(buf_view(&lab.done), DONE_NATIVE), "77"));
    buf_free(&action);
    lab_end(&lab);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_poll), cmocka_unit_test(test_act)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
