/* uses: sori_net sori_base */
/* threads */
/* What had left when a request broke: nothing is sent twice, and many go on beside each other. */
#include "unit/net_world.h"

/* A write that gets 150 ms for an answer that takes 600. */
static struct asked hurried(struct world *w) {
    struct buf r = request(w, "shop", "POST", "/slow");
    struct sori_str old = buf_view(&r);
    struct buf quick = {0};
    struct rec_field f;
    while (rec_next(&old, &f) == 1) {
        if (f.tag == HTTP_TIMEOUT) continue;
        if (f.type == REC_INT)
            rec_int(&quick, f.tag, f.i);
        else
            rec_str(&quick, f.tag, f.s);
    }
    rec_int(&quick, HTTP_TIMEOUT, 150);
    buf_free(&r);
    return ask(w, quick);
}

static void what_left(void **state) {
    struct world *w = *state;
    struct asked a = hurried(w);
    /* On a busy machine the time may be over before a byte has left: then none ever leaves. */
    for (int tries = 0; tries < 10 && !a.sent; tries++) {
        int hits = w->site.hits;
        assert_int_equal(a.status, SORI_RETRY);
        usleep(300 * 1000);
        assert_int_equal(w->site.hits, hits);
        asked_free(&a);
        a = hurried(w);
    }
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 1);
    assert_has(str_c(a.why), "no whole answer within 0.1");
    asked_free(&a);
    a = ask(w, request(w, "shop", "POST", "/cut"));
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 1);
    assert_int_equal(a.http_status, 0);
    asked_free(&a);
    a = ask(w, request(w, "shop", "POST", "/echo"));
    assert_int_equal(a.http_status, 200);
    assert_lacks(asked_body(&a), "Content-Type");
    asked_free(&a);
}

static void nothing_left(void **state) {
    (void)state;
    /* A port that is ours, and on which nobody listens. */
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int dead = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(dead, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(dead, (struct sockaddr *)&at, &len), 0);
    struct event_base *base = event_base_new();
    struct engine *e = engine_new(base, false, NULL, NULL);
    struct buf conf = {0}, host = {0}, r = {0}, url = {0};
    buf_printf(&host, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    rec_end(&conf, mark);
    assert_true(engine_configure(e, buf_view(&conf), NULL));
    buf_printf(&url, "http://%s/", host.data);
    rec_str(&r, HTTP_METHOD, SORI_STR("POST"));
    rec_int(&r, HTTP_EFFECT, SORI_HTTP_WRITE);
    rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
    rec_str(&r, HTTP_URL, buf_view(&url));
    struct asked a = ask_record(base, e, &r);
    assert_int_equal(a.status, SORI_RETRY);
    assert_int_equal(a.sent, 0);
    asked_free(&a);
    engine_free(e);
    event_base_free(base);
    buf_free(&conf);
    buf_free(&host);
    buf_free(&r);
    buf_free(&url);
    close(dead);
}

/* A kept connection that dies under a request: reads come again on a new one, a write never. */
static void never_twice(void **state) {
    struct world *w = *state;
    struct asked a = ask(w, request(w, "shop", "GET", "/dies"));
    assert_int_equal(a.http_status, 200);
    asked_free(&a);
    int before = w->site.hits, connections = w->site.connections;
    a = ask(w, request(w, "shop", "POST", "/dies"));
    assert_int_equal(a.http_status, 200); /* a connection of its own */
    assert_int_equal(w->site.hits, before + 1);
    assert_int_equal(w->site.connections, connections + 1);
    asked_free(&a);
    before = w->site.hits;
    a = ask(w, request(w, "shop", "GET", "/dies"));
    assert_int_equal(a.http_status, 200);
    assert_int_equal(w->site.hits, before + 2); /* once on the dead one, once anew */
    asked_free(&a);
}

static void many_and_cancel(void **state) {
    struct world *w = *state;
    enum { N = 60 };
    struct asked got[N] = {0};
    struct call *calls[N];
    int64_t start = clock_mono();
    for (int i = 0; i < N; i++) {
        struct buf r = request(w, "shop", "GET", "/slow");
        calls[i] = engine_http(w->engine, buf_view(&r), asked_done, &got[i]);
        assert_non_null(calls[i]);
        buf_free(&r);
    }
    assert_int_equal(engine_open(w->engine), N);
    for (int i = 0; i < N; i += 2) engine_cancel(calls[i]);
    while (engine_open(w->engine)) event_base_loop(w->base, EVLOOP_ONCE);
    for (int i = 0; i < N; i++) {
        assert_int_equal(got[i].status, i % 2 ? SORI_OK : SORI_CANCELLED);
        asked_free(&got[i]);
    }
    assert_true(clock_mono() - start < 12000); /* at once, not one after the other (18 s) */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_left),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(never_twice),
        cmocka_unit_test(many_and_cancel),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
