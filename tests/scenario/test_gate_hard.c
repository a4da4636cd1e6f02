/* uses: sori_gate sori_supervise sori_fence sori_base */
/* The real gate under those who mean it ill, and under kills. */
#include "scenario/gate_world.h"

/* Whatever two readers could read as two requests is one refusal and an end. */
static void ambiguous_requests_are_refused_once(void **state) {
    (void)state;
    static const char *const fields[] = {
        "Content-Length: 0\r\nContent-Length: 44\r\n",
        "Content-Length: 44\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length : 44\r\n",
        "Content-Length: 44\nX: y\r\n",
        "Content-Length: 44\rX: y\r\n",
        "Content-Length: 4, 4\r\n",
        "Content-Length: 0x2c\r\n",
        "X: y\r\n Content-Length: 44\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Host: other\r\nContent-Length: 0\r\n",
        "Expect: 100-continue, x\r\nContent-Length: 0\r\n",
    };
    struct buf b = {0}, a = {0};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        buf_clear(&b);
        buf_clear(&a);
        buf_printf(&b, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "%s\r\n0\r\n\r\n", fields[i]);
        buf_puts(&b, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Content-Length: 72\r\n\r\n"
                     "source=http%3A%2F%2Fother%2F1&target=http%3A%2F%2F127.0.0.1%3A8801%2Faaa");
        int status = say(buf_view(&b), &a);
        if (status < 400 || strstr(a.data + 10, "HTTP/1.1")) fail_msg("%s%s", fields[i], a.data);
    }
    assert_int_equal(stored(NULL), 0);
    buf_free(&b);
    buf_free(&a);
}

/* Two requests in one packet: the first is answered, the second is nothing. */
static void what_follows_a_request_is_no_request(void **state) {
    (void)state;
    struct buf b = {0}, a = {0};
    const char *body = "source=http%3A%2F%2Fother%2F1&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa";
    for (int i = 0; i < 2; i++)
        buf_printf(&b, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
    assert_int_equal(say(buf_view(&b), &a), 202);
    assert_null(strstr(a.data + 10, "HTTP/1.1"));
    assert_non_null(strstr(a.data, "Connection: close"));
    assert_int_equal(stored(NULL), 1);
    /* A body that looks like a request stays a body, however it is framed. */
    buf_clear(&b);
    buf_clear(&a);
    buf_puts(&b, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM
                 "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                 "POST /in/blog HTTP/1.1\r\nHost: g\r\n\r\n");
    assert_int_equal(say(buf_view(&b), &a), 400);
    assert_null(strstr(a.data + 10, "HTTP/1.1"));
    buf_clear(&b);
    buf_clear(&a);
    buf_printf(&b,
               "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n"
               "%zx\r\n%s\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
               strlen(body), body);
    assert_int_equal(say(buf_view(&b), &a), 202);
    assert_null(strstr(a.data + 10, "HTTP/1.1"));
    assert_int_equal(stored(NULL), 2);
    buf_free(&b);
    buf_free(&a);
}

/* False where it took longer than it should, as it may on a machine that stood still. */
static bool slow_once(void) {
    enum { SLOW = 300 };
    bool timely;
    int slow[SLOW];
    struct buf a = {0};
    int64_t begin = clock_mono();
    for (int i = 0; i < SLOW; i++) {
        slow[i] = dial();
        send(slow[i], "POST /in/blog HTTP/1.1\r\nHo", 26, MSG_NOSIGNAL);
        if (i == 250) usleep(1100000);
    }
    int64_t honest = clock_mono();
    assert_int_equal(post("/in/blog", FORM,
                          "source=http%3A%2F%2Fo%2F&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa", &a),
                     202);
    timely = clock_mono() - honest < 1000;
    int late = 0;
    for (int i = 0; i < SLOW; i++) {
        buf_clear(&a);
        late += hear(slow[i], &a) == 408;
    }
    assert_true(late > 0);
    timely = timely && clock_mono() - begin < 9000;
    /* One byte at a time does not help: the deadline is for the whole head. */
    int fd = dial();
    begin = clock_mono();
    for (int i = 0; i < 40; i++) {
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) break;
        usleep(200000);
    }
    buf_clear(&a);
    hear(fd, &a);
    timely = timely && clock_mono() - begin < 9500;
    buf_free(&a);
    return timely;
}

static void slow_ones_are_ended_and_hold_up_nobody(void **state) {
    (void)state;
    if (!slow_once() && !slow_once()) assert_true(slow_once());
}

static void full_is_503(void **state) {
    (void)state;
    struct buf a = {0}, body = {0};
    buf_puts(&body, "source=http%3A%2F%2Fo%2F&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa&x=");
    while (body.len < 50000) buf_putc(&body, 'y');
    int kept = 0, status;
    while ((status = post("/in/blog", FORM, body.data, &a)) == 202) kept++;
    assert_int_equal(status, 503);
    assert_non_null(strstr(a.data, "Retry-After: "));
    assert_int_equal(stored(NULL), kept);
    assert_true(kept >= 15 && kept <= 21);
    buf_free(&a);
    buf_free(&body);
}

static int setup_small(void **state) {
    (void)state;
    return setup_sized(1 << 20);
}

/* Every answer that said yes is in the spool, wherever the kill fell. */
static void killed_in_the_middle_of_it(void **state) {
    (void)state;
    struct buf a = {0}, why = {0};
    for (int round = 0; round < 6; round++) {
        int before = stored(NULL), pipes[2], yes = 0, status;
        assert_int_equal(pipe(pipes), 0);
        pid_t sender = fork();
        if (sender == 0) {
            close(pipes[0]);
            for (;;) {
                int s =
                    post("/in/blog", FORM,
                         "source=http%3A%2F%2Fo%2F&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa", &a);
                if (s != 202 || write(pipes[1], "y", 1) != 1) _exit(0);
            }
        }
        close(pipes[1]);
        char c;
        assert_int_equal(read(pipes[0], &c, 1), 1); /* a first one was taken */
        yes++;
        usleep((useconds_t)(round * 13000));
        kill(gate.pid, SIGKILL);
        waitpid(gate.pid, &status, 0);
        kill(sender, SIGKILL);
        waitpid(sender, &status, 0);
        while (read(pipes[0], &c, 1) == 1) yes++;
        close(pipes[0]);
        assert_true(yes > 0);
        assert_true(stored(NULL) >= before + yes);
        wire_close(&gate.wire);
        start();
        buf_clear(&why);
        assert_true(configure(64 << 20, &why));
    }
    buf_free(&a);
    buf_free(&why);
}

static void a_new_configuration_comes_into_force(void **state) {
    (void)state;
    struct buf a = {0}, why = {0};
    const char *body = "{}";
    char hex[65], field[160];
    hmac_hex(body, hex);
    snprintf(field, sizeof field, "X-Hub-Signature-256: sha256=%s\r\n", hex);
    assert_int_equal(post("/in/naked", field, body, &a), 404);
    put_secret("naked.app", SECRET, 0600);
    assert_true(configure(64 << 20, &why));
    assert_int_equal(post("/in/naked", field, body, &a), 200);
    put_secret("naked.app", "changed\n" SECRET "\n", 0600);
    assert_true(configure(64 << 20, &why));
    assert_int_equal(post("/in/naked", field, body, &a), 200);
    put_secret("naked.app", "changed\n", 0600);
    assert_true(configure(64 << 20, &why));
    assert_int_equal(post("/in/naked", field, body, &a), 401);
    assert_int_equal(stored(NULL), 2);
    buf_free(&a);
    buf_free(&why);
}

/* Where the spool cannot be made (a full disk) the gate ends, so that its keeper tries again. */
static void no_spool_no_gate(void **state) {
    struct wire_msg msg;
    struct buf b = {0};
    int status = 0;
    (void)state;
    strcpy(gate.folder, "/dev/null/nowhere");
    gate.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    start();
    configuration(&b, 64 << 20);
    assert_true(wire_send(&gate.wire,
                          (struct wire_head){.type = W_CALL, .method = M_NET_CONF, .call = 1},
                          buf_view(&b), -1));
    buf_free(&b);
    do assert_int_equal(wire_recv(&gate.wire, &msg), 1);
    while (msg.head.type != W_DONE);
    assert_int_equal(msg.head.status, SORI_CONFIG);
    alarm(60);
    assert_int_equal(waitpid(gate.pid, &status, 0), gate.pid);
    alarm(0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    wire_close(&gate.wire);
    close(gate.listening);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_follows_a_request_is_no_request),
        T(ambiguous_requests_are_refused_once),
        T(slow_ones_are_ended_and_hold_up_nobody),
        cmocka_unit_test_setup_teardown(full_is_503, setup_small, teardown),
        cmocka_unit_test(no_spool_no_gate),
        T(killed_in_the_middle_of_it),
        T(a_new_configuration_comes_into_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
