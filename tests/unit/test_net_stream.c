/* uses: sori_net sori_base PkgConfig::JANSSON */
/* threads */
/* Streams: lines cut anywhere, silence and keep-alives, losses and the ladder back. */
#include "unit/net_world.h"

#include "net/ladder.h"
#include "net/stream.h"

/* What the server sends (\1 waits 40 ms, \2 a second, \3 until the other side has left), connection
 * by connection; the last one is repeated. */
static struct script {
    const char *say[4];
    int count;
    _Atomic int asked;
    int64_t at[16];
} script;

static void *speak(void *arg) {
    int fd = (int)(intptr_t)arg;
    char in[4096];
    int n = script.asked++;
    if (n < 16) script.at[n] = clock_mono();
    if (recv(fd, in, sizeof in, 0) > 0) {
        const char *p = script.say[n < script.count ? n : script.count - 1];
        while (p && *p) {
            size_t run = strcspn(p, "\1\2\3");
            if (run && send(fd, p, run, MSG_NOSIGNAL) < 0) break;
            p += run;
            struct pollfd left = {.fd = fd, .events = POLLIN};
            int how = *p ? *p++ : 0;
            if (how && poll(&left, 1, how == 1 ? 40 : how == 2 ? 1000 : -1) > 0) break;
        }
    }
    close(fd);
    return NULL;
}

struct heard {
    struct buf lines; /* one after the other, with '|' */
    struct buf states;
    int opens, waits, beats, dropped;
    int64_t until, told_at; /* told_at: when it was said until when it waits */
    bool over, full;
    enum sori_status status;
    struct buf why;
};

struct scene {
    struct event_base *base;
    struct engine *engine;
    struct stream *stream;
    struct heard heard;
    int fd;
    uint16_t port;
    pthread_t thread;
    char secrets[64];
};

static void *listen_on(void *arg) {
    struct scene *s = arg;
    pthread_t speaker[64];
    int count = 0, one = 1;
    for (int fd; count < 64 && (fd = accept(s->fd, NULL, NULL)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof one);
        assert_int_equal(pthread_create(&speaker[count++], NULL, speak, (void *)(intptr_t)fd), 0);
    }
    while (count) pthread_join(speaker[--count], NULL);
    return NULL;
}

static bool on_part(void *ctx, struct sori_str parts) {
    struct heard *h = ctx;
    struct rec_field f;
    assert_true(rec_valid(parts, 4));
    while (rec_next(&parts, &f) == 1) {
        if (f.tag == PART_LINE) {
            buf_str(&h->lines, f.s);
            buf_putc(&h->lines, '|');
        }
        if (f.tag == PART_BEAT) h->beats++;
        if (f.tag == PART_DROPPED) h->dropped += (int)f.i;
        if (f.tag != PART_STATE) continue;
        int64_t state = rec_get_int(f.s, 1, -1);
        if (state == STREAM_OPEN) h->opens++;
        if (state != STREAM_WAITING) continue;
        h->waits++;
        h->until = rec_get_int(f.s, 3, 0);
        h->told_at = clock_now();
        buf_clear(&h->why);
        buf_str(&h->why, rec_get_str(f.s, 2));
    }
    return !h->full;
}

static void on_over(void *ctx, enum sori_status status, struct sori_str answer) {
    struct heard *h = ctx;
    h->over = true;
    h->status = status;
    buf_clear(&h->why);
    buf_str(&h->why, rec_get_str(answer, ANS_WHY));
}

static struct scene *start(const struct script *what, int silence_ms, int line_max) {
    struct scene *s = mem_get(sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    struct err err;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    script.asked = 0;
    script.count = what->count;
    memcpy(script.say, what->say, sizeof script.say);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    getsockname(s->fd, (struct sockaddr *)&at, &len);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, listen_on, s), 0);
    strcpy(s->secrets, "/tmp/sori-stream-XXXXXX");
    assert_non_null(mkdtemp(s->secrets));
    put_file(s->secrets, "x.bearer", "very-secret-token", 0600);
    s->base = event_base_new();
    s->engine = engine_new(s->base, false, NULL, NULL);
    struct buf conf = {0}, text = {0}, want = {0};
    buf_printf(&text, "127.0.0.1:%u", (unsigned)s->port);
    rec_str(&conf, NETCONF_SECRETS, str_c(s->secrets));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("x"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&text));
    rec_end(&conf, mark);
    assert_true(engine_configure(s->engine, buf_view(&conf), &err));
    buf_clear(&text);
    buf_printf(&text, "http://127.0.0.1:%u/2/stream", (unsigned)s->port);
    rec_str(&want, STREAM_CONNECTION, SORI_STR("x"));
    rec_str(&want, STREAM_NAME, SORI_STR("filtered"));
    rec_str(&want, STREAM_URL, buf_view(&text));
    rec_int(&want, STREAM_SCHEME, SORI_AUTH_BEARER);
    rec_str(&want, STREAM_SLOT, SORI_STR("bearer"));
    rec_int(&want, STREAM_SILENCE, silence_ms);
    rec_int(&want, STREAM_LINE_MAX, line_max);
    s->stream =
        stream_open(s->base, s->engine, buf_view(&want),
                    &(struct stream_events){.ctx = &s->heard, .part = on_part, .over = on_over});
    buf_free(&conf);
    buf_free(&text);
    buf_free(&want);
    return s;
}

static void run_for(struct scene *s, int ms) {
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    event_base_loopexit(s->base, &tv);
    event_base_dispatch(s->base);
}

/* Runs until that is so, however long a busy machine takes to get there. */
#define RUN_UNTIL(s, so)                                                                           \
    for (int turn_ = 0; turn_ < 1000 && !(so); turn_++) run_for(s, 20)

static bool heard_lines(const struct scene *s, const char *lines) {
    return s->heard.lines.data && strcmp(s->heard.lines.data, lines) == 0;
}

static void finish(struct scene *s) {
    if (!s->heard.over) stream_close(s->stream);
    engine_free(s->engine);
    event_base_free(s->base);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    buf_free(&s->heard.lines);
    buf_free(&s->heard.states);
    buf_free(&s->heard.why);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", s->secrets);
    assert_int_equal(system(command), 0);
    free(s);
}

#define HEAD_OK "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n"

static void lines(void **state) {
    (void)state;
    /* Cut inside of 한 (ED 95 9C), inside of \r\n, and a keep-alive between. */
    struct script what = {.say = {HEAD_OK "{\"a\":\"\xed\1\x95\x9c\"}\r\1\n\1\r\n{\"b\":1}\n\n\2"
                                          "very-secret-token\r\nhalf\3"},
                          .count = 1};
    struct scene *s = start(&what, 0, 0);
    RUN_UNTIL(s, heard_lines(s, "{\"a\":\"한\"}|{\"b\":1}|*****************|"));
    run_for(s, 300);
    assert_int_equal(s->heard.opens, 1);
    assert_string_equal(s->heard.lines.data, "{\"a\":\"한\"}|{\"b\":1}|*****************|");
    assert_int_equal(s->heard.waits, 0);
    assert_true(s->heard.beats > 0);
    finish(s);
}

static void long_lines(void **state) {
    (void)state;
    struct script what = {.say = {HEAD_OK "12345678901234567890\r\n0123456789\nok\r\n\3"},
                          .count = 1};
    struct scene *s = start(&what, 0, 12);
    RUN_UNTIL(s, heard_lines(s, "0123456789|ok|"));
    assert_string_equal(s->heard.lines.data, "0123456789|ok|");
    assert_int_equal(s->heard.dropped, 1);
    finish(s);
}

/* Keep-alives hold it; silence ends it, and it is asked for again at once. False where the speaker
 * was held up by the machine for longer than silence may last. */
static bool silent_once(void) {
    struct script what = {.say = {HEAD_OK "\2\r\n\2\r\n\2a\r\n\3", HEAD_OK "b\r\n\3"}, .count = 2};
    struct scene *s = start(&what, 2000, 0);
    RUN_UNTIL(s, s->heard.waits || heard_lines(s, "a|"));
    bool held = s->heard.opens == 1 && !s->heard.waits;
    if (held) {
        RUN_UNTIL(s, heard_lines(s, "a|b|"));
        assert_int_equal(s->heard.opens, 2);
        assert_int_equal(s->heard.waits, 1);
        assert_string_equal(s->heard.lines.data, "a|b|");
        assert_has(buf_view(&s->heard.why), "no byte came");
        assert_true(s->heard.until - s->heard.told_at < 100);
    }
    finish(s);
    return held;
}

static void silence(void **state) {
    (void)state;
    if (!silent_once() && !silent_once()) assert_true(silent_once());
}

static void losses(void **state) {
    (void)state;
    static const struct {
        const char *say, *why;
        int least, most;
    } cases[] = {
        {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "HTTP 503", 5000, 5500},
        {"HTTP/1.1 409 Conflict\r\nContent-Length: 8\r\n\r\nno rules", "no rules", 5000, 5500},
        {"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", "HTTP 429", 60000, 66000},
        {"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 18\r\n\r\nTooManyConnections",
         "HTTP 429", 60000, 66000},
        {"HTTP/1.1 429 Too Many Requests\r\nx-rate-limit-reset: 4102444800\r\nContent-Length: "
         "0\r\n\r\n",
         "HTTP 429", 86400000, 95040000},
        {"", "", 250, 275}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct script what = {.say = {cases[i].say, "\3"}, .count = 2};
        struct scene *s = start(&what, 0, 0);
        RUN_UNTIL(s, s->heard.waits);
        assert_int_equal(s->heard.waits, 1);
        assert_has(buf_view(&s->heard.why), cases[i].why);
        int64_t wait = s->heard.until - s->heard.told_at;
        if (wait < cases[i].least - 300 || wait > cases[i].most)
            fail_msg("case %zu: waits %lld ms", i, (long long)wait);
        finish(s);
    }
}

static void refused(void **state) {
    (void)state;
    struct script what = {
        .say = {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 24\r\n\r\nbad: very-secret-token, x"},
        .count = 1};
    struct scene *s = start(&what, 0, 0);
    RUN_UNTIL(s, s->heard.over);
    run_for(s, 200);
    assert_true(s->heard.over);
    assert_int_equal(s->heard.status, SORI_AUTH);
    assert_has(buf_view(&s->heard.why), "HTTP 401");
    assert_lacks(buf_view(&s->heard.why), "very-secret-token");
    assert_int_equal(script.asked, 1);
    finish(s);
}

static void established_loss(void **state) {
    (void)state;
    struct script what = {.say = {HEAD_OK "a\r\n", HEAD_OK "b\r\n\3"}, .count = 2};
    struct scene *s = start(&what, 0, 0);
    RUN_UNTIL(s, heard_lines(s, "a|b|"));
    assert_int_equal(s->heard.opens, 2);
    assert_string_equal(s->heard.lines.data, "a|b|");
    finish(s);
}

/* Whoever cannot take more is not drowned: the stream is closed for a while. */
static void slow_reader(void **state) {
    (void)state;
    struct script what = {.say = {HEAD_OK "a\r\n\1b\r\n\1c\r\n\3"}, .count = 1};
    struct scene *s = start(&what, 0, 0);
    s->heard.full = true;
    RUN_UNTIL(s, s->heard.waits);
    assert_int_equal(s->heard.waits, 1);
    assert_has(buf_view(&s->heard.why), "too slow");
    finish(s);
}

static void ladder(void **state) {
    (void)state;
    struct ladder l = {0};
    int64_t now = 1000000;
    ladder_open(&l, now);
    assert_int_equal(ladder_lost(&l, LOSS_ESTABLISHED, now + 100000, 0), 0);
    for (int i = 1; i <= 70; i++) {
        int64_t want = i * 250 > 16000 ? 16000 : i * 250;
        assert_int_equal(ladder_lost(&l, LOSS_NETWORK, now, 0), want);
    }
    static const int64_t http[] = {5000, 10000, 20000, 40000, 80000, 160000, 320000, 320000};
    for (size_t i = 0; i < sizeof http / sizeof *http; i++)
        assert_int_equal(ladder_lost(&l, LOSS_HTTP, now, 0), http[i]);
    assert_int_equal(ladder_lost(&l, LOSS_RATE, now, 0), 60000);
    assert_int_equal(ladder_lost(&l, LOSS_RATE, now, 0), 120000);
    assert_int_equal(ladder_lost(&l, LOSS_RATE, now, now + 7000), 7000);
    assert_int_equal(ladder_lost(&l, LOSS_CROWDED, now, 0), 60000);
    ladder_open(&l, now); /* good again: from the beginning */
    assert_int_equal(ladder_lost(&l, LOSS_ESTABLISHED, now + 60000, 0), 0);
    assert_int_equal(ladder_lost(&l, LOSS_HTTP, now, 0), 5000);
    assert_int_equal(ladder_lost(&l, LOSS_NETWORK, now, 0), 250);
    /* One that opens and closes at once does not spin. */
    struct ladder spin = {0};
    int64_t waits = 0;
    for (int i = 0; i < 60; i++) {
        ladder_begin(&spin, now + waits);
        ladder_open(&spin, now + waits);
        waits += ladder_lost(&spin, LOSS_ESTABLISHED, now + waits, 0);
    }
    assert_true(waits >= 900000); /* never more than 50 in 15 minutes */
    for (uint32_t dice = 0; dice < 5000; dice += 7) {
        int64_t with = ladder_jitter(10000, dice);
        assert_true(with >= 10000 && with <= 11000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ladder),      cmocka_unit_test(lines),
        cmocka_unit_test(long_lines),  cmocka_unit_test(silence),
        cmocka_unit_test(losses),      cmocka_unit_test(refused),
        cmocka_unit_test(slow_reader), cmocka_unit_test(established_loss)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
