/* uses: sori_gate sori_supervise sori_fence sori_base */
/* The real gate with the form that the facebook connector declares. Meta signs the bytes that it
 * sends: texts with escapes and raw ones are taken as they are, and one changed byte is refused and
 * leaves nothing behind. */
#include "scenario/gate_world.h"

#include <dlfcn.h>

#define TOKEN "확인 token/1"

static const struct sori_receive *declared(void) {
    char path[512];
    const char *build = getenv("SORI_BUILD");
    snprintf(path, sizeof path, "%s/plugins/facebook.so", build ? build : ".");
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so) fail_msg("%s", dlerror());
    const struct sori_plugin *(*entry)(void);
    *(void **)&entry = dlsym(so, "sori_plugin_v0");
    assert_non_null(entry);
    const struct sori_plugin *p = entry();
    assert_int_equal(p->receive_count, 1);
    return &p->receives[0];
}

/* The same gate, with one connection more, made from the plugin's own table. */
static int setup_meta(void **state) {
    const struct sori_receive *r = declared();
    char path[128], secret[64];
    struct buf b = {0};
    struct wire_msg msg;
    if (setup(state) != 0) return -1;
    snprintf(secret, sizeof secret, "meta.%s", r->sign_slot);
    put_secret(secret, SECRET "\n", 0600);
    put_secret("meta.verify_token", TOKEN "\n", 0600);
    size_t mark = rec_begin(&b, GATE_CONNECTION);
    rec_str(&b, GC_NAME, SORI_STR("meta"));
    put_form(&b, r->form, r->path, r->content_type ? r->content_type : "", (int)r->answer,
             (int)r->sign, r->sign_header, r->sign_prefix, r->sign_slot);
    rec_end(&b, mark);
    snprintf(path, sizeof path, "%s/spool", gate.folder);
    rec_str(&b, GATE_SPOOL, str_c(path));
    snprintf(path, sizeof path, "%s/secrets", gate.folder);
    rec_str(&b, GATE_SECRETS, str_c(path));
    rec_int(&b, GATE_SPOOL_MAX, 64 << 20);
    struct wire_head head = {.type = W_CALL, .method = M_NET_CONF, .call = 2};
    assert_true(wire_send(&gate.wire, head, buf_view(&b), -1));
    buf_free(&b);
    do {
        assert_int_equal(wire_recv(&gate.wire, &msg), 1);
    } while (msg.head.type != W_DONE || msg.head.call != 2);
    return msg.head.status == SORI_OK ? 0 : -1;
}

static int send_signed(const char *body, const char *signature, struct buf *a) {
    char field[160];
    snprintf(field, sizeof field,
             "Content-Type: application/json\r\nX-Hub-Signature: sha1=00\r\n"
             "X-Hub-Signature-256: sha256=%s\r\n",
             signature);
    return post("/in/meta", field, body, a);
}

static const char *const bodies[] = {
    /* As Meta writes it: lower-case escapes, "\/", and < % @ escaped too. */
    "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1,\"changes\":[{\"field\":\"feed\","
    "\"value\":{\"item\":\"comment\",\"verb\":\"add\",\"comment_id\":\"5_6\",\"message\":"
    "\"\\ubc30\\uc1a1 \\uc5b8\\uc81c \\uc640\\uc694? \\ud83d\\ude22 \\u003C3 50\\u0025 a\\u0040b "
    "https:\\/\\/e.kr\\/p\"}}]}]}",
    /* Raw UTF-8, as other senders and tests of the platform's own tools do. */
    "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1,\"changes\":[{\"field\":\"feed\","
    "\"value\":{\"item\":\"comment\",\"verb\":\"add\",\"comment_id\":\"5_6\",\"message\":"
    "\"배송 언제 와요? 😢 <3 50% a@b https://e.kr/p\"}}]}]}"};

static void bytes_as_they_came(void **state) {
    (void)state;
    struct buf a = {0}, last = {0};
    for (int i = 0; i < 2; i++) {
        char hex[65];
        hmac_hex(bodies[i], hex);
        assert_int_equal(send_signed(bodies[i], hex, &a), 200);
        assert_int_equal(stored(&last), i + 1);
        struct sori_str kept = rec_get_str(buf_view(&last), DEL_BODY);
        assert_true(str_is(kept, bodies[i]));
        assert_true(str_is(rec_get_str(buf_view(&last), DEL_FORM), "hook"));
        assert_non_null(strstr(a.data, "Content-Length: 0\r\n"));
    }
    buf_free(&a);
    buf_free(&last);
}

static void one_changed_byte(void **state) {
    (void)state;
    struct buf a = {0};
    for (int i = 0; i < 2; i++) {
        char hex[65], other[65], forged[1024];
        size_t len = strlen(bodies[i]);
        hmac_hex(bodies[i], hex);
        hmac_hex(bodies[1 - i], other);
        for (size_t at = 3; at < len; at += len / 23) {
            strcpy(forged, bodies[i]);
            forged[at] ^= 1;
            assert_int_equal(send_signed(forged, hex, &a), 401);
        }
        /* The same text in the other spelling is not what was signed. */
        assert_int_equal(send_signed(bodies[i], other, &a), 401);
        assert_int_equal(post("/in/meta", "Content-Type: application/json\r\n", bodies[i], &a),
                         401);
    }
    assert_int_equal(stored(NULL), 0);
    buf_free(&a);
}

static void the_handshake(void **state) {
    (void)state;
    struct buf a = {0};
#define GOOD "hub.verify_token=%ED%99%95%EC%9D%B8%20token%2F1"
    assert_int_equal(get("/in/meta?hub.mode=subscribe&hub.challenge=0115820144401&" GOOD, &a), 200);
    assert_non_null(strstr(a.data, "\r\n\r\n0115820144401"));
    assert_non_null(strstr(a.data, "text/plain"));
    assert_int_equal(get("/in/meta?" GOOD "&hub.challenge=a%2Db&hub%2Emode=subscribe", &a), 200);
    assert_non_null(strstr(a.data, "\r\n\r\na-b"));
    assert_int_equal(
        get("/in/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=another", &a), 403);
    assert_null(strstr(a.data, "\r\n\r\n1"));
    assert_int_equal(get("/in/meta?hub.mode=subscribe&hub.challenge=1", &a), 403);
    assert_int_equal(get("/in/meta?hub.mode=unsubscribe&hub.challenge=1&" GOOD, &a), 403);
    assert_int_equal(stored(NULL), 0);
    buf_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_as_they_came, setup_meta, teardown),
        cmocka_unit_test_setup_teardown(one_changed_byte, setup_meta, teardown),
        cmocka_unit_test_setup_teardown(the_handshake, setup_meta, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
