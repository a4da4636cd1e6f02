/* uses: sori_gate sori_supervise sori_fence sori_base */
/* What libmicrohttpd gets to see. This test's own recv() stands between the library and its
 * sockets and notes every byte that it reads: whatever was not checked must not be among them. Its
 * own fdatasync() is a slow disk. */
#include "gate/http.h"
#include "scenario/gate_world.h"

#include <sys/mman.h>
#include <sys/syscall.h>

enum { SEEN_BYTES = 256 << 10 };

/* Shared with the gate, which is a child. */
static struct seen {
    size_t len;
    int syncs;
    char bytes[SEEN_BYTES];
} * seen;

/* The gate's clients are on TCP; the library's sockets, and our ends of them, are not. What comes
 * the other way through the same pairs are answers. */
__attribute__((visibility("default"))) ssize_t recv(int fd, void *to, size_t len, int flags) {
    ssize_t n = syscall(SYS_recvfrom, fd, to, len, flags, NULL, NULL);
    int domain = 0;
    socklen_t size = sizeof domain;
    if (n <= 0 || !seen || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return n;
    if (domain != AF_UNIX || (n > 8 && memcmp(to, "HTTP/1.1", 8) == 0)) return n;
    size_t more = (size_t)n < SEEN_BYTES - seen->len ? (size_t)n : SEEN_BYTES - seen->len;
    memcpy(seen->bytes + seen->len, to, more);
    seen->len += more;
    return n;
}

/* The disk takes its time, so that an answer which does not wait for it is seen to be early. */
int fdatasync(int fd) {
    usleep(30000);
    int done = (int)syscall(SYS_fdatasync, fd);
    seen->syncs++;
    return done;
}

static void saw(const char *wanted) {
    if (!str_is((struct sori_str){seen->bytes, seen->len}, wanted))
        fail_msg("the library read:\n%.*s\ninstead of:\n%s", (int)seen->len, seen->bytes, wanted);
    seen->len = 0;
}

static int ask(const char *text, struct buf *answer) {
    buf_clear(answer);
    return say(str_c(text), answer);
}

#define PING   "source=http%3A%2F%2Fother%2F1&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa"
#define CLOSES "Connection: close\r\n\r\n"
#define FIRST  "GET /in/x?crc_token=one HTTP/1.1\r\nHost: g\r\n"

/* The second is one that our check refuses and that the library would serve: bare LF, a folded
 * field, two lengths, two Hosts, a blank before the colon, and one that is simply good. */
static void the_second_in_a_packet_never_gets_there(void **state) {
    static const char *const second[] = {
        "GET /in/x?crc_token=two HTTP/1.1\nHost: g\n\n",
        "GET /in/x?crc_token=two HTTP/1.1\r\nHost: g\r\nX: a\r\n b\r\n\r\n",
        "GET /in/x?crc_token=two HTTP/1.1\r\nHost: g\r\nHost: h\r\n\r\n",
        "GET /in/x?crc_token=two HTTP/1.1\r\nHost: g\r\nX : a\r\n\r\n",
        "\r\n\r\nGET /in/x?crc_token=two HTTP/1.1\r\nHost: g\r\n\r\n",
        "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM
        "Content-Length: 70\r\nContent-Length: 0\r\n\r\n" PING,
        "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Content-Length: 70\r\n\r\n" PING,
        "GET /in/x?crc_token=two HTTP/1.1\r\nHost: g\r\n\r\n",
        "\x16\x03\x01",
    };
    struct buf b = {0}, a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof second / sizeof *second; i++) {
        buf_clear(&b);
        buf_printf(&b, FIRST "\r\n%s", second[i]);
        assert_int_equal(ask(b.data, &a), 200);
        assert_null(strstr(a.data + 10, "HTTP/1.1"));
        saw(FIRST "Content-Length: 0\r\n" CLOSES);
    }
    assert_int_equal(stored(NULL), 0);
    buf_free(&a);
    buf_free(&b);
}

static void bodies_arrive_by_their_length(void **state) {
    static const char plain[] = "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "X-A: b \t c\r\n"
                                "Content-Length: 70\r\n" CLOSES PING;
    struct buf a = {0};
    (void)state;
    assert_int_equal(strlen(PING), 70);
    assert_int_equal(ask("POST /in/blog HTTP/1.1\r\nHost:g\r\n" FORM
                         "Connection: keep-alive, X-A\r\nX-A:\t b \t c \r\nCookie: a=b\r\n"
                         "Content-Length: 70\r\nTE: trailers\r\nUpgrade: h2c\r\n\r\n" PING
                         "GET / HTTP/1.1\r\n\r\n",
                         &a),
                     202);
    saw(plain);
    assert_int_equal(ask("POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "X-A: b \t c\r\n"
                         "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "46\r\n" PING "\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                         &a),
                     202);
    saw(plain);
    assert_int_equal(stored(NULL), 2);
    buf_free(&a);
}

static void yes_is_said_when_it_is_on_disk(void **state) {
    struct buf a = {0};
    (void)state;
    seen->syncs = 0;
    assert_int_equal(post("/in/blog", FORM, PING, &a), 202);
    assert_int_equal(seen->syncs, 1);
    assert_int_equal(post("/in/blog", FORM, "source=no", &a), 400);
    assert_int_equal(seen->syncs, 1);
    buf_free(&a);
}

/* Neither from what is refused, nor from what never became whole. */
static void nothing_else_gets_there(void **state) {
    static const struct {
        int status;
        const char *text;
    } cases[] = {
        {400, "GET /in/x?crc_token=one HTTP/1.1\nHost: g\n\n"},
        {400, FIRST "Host: h\r\n\r\n"},
        {400, FIRST "X : a\r\n\r\n"},
        {400, FIRST "X: a\r\n b\r\n\r\n"},
        {400, FIRST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM
              "Transfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\n\r\n"},
        {400, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM
              "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"},
        {404, "GET /nowhere HTTP/1.1\r\nHost: g\r\n\r\n"},
        {405, "PUT /in/blog HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\nhi"},
        {413, "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Content-Length: 99999999\r\n\r\n"},
        {415, "POST /in/blog HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\nhi"},
    };
    struct buf a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = ask(cases[i].text, &a);
        if (status != cases[i].status)
            fail_msg("%d, expected %d: %s", status, cases[i].status, cases[i].text);
        saw("");
    }
    int fd = dial();
    static const char half[] =
        "POST /in/blog HTTP/1.1\r\nHost: g\r\n" FORM "Content-Length: 70\r\n\r\nsource=";
    assert_int_equal(send(fd, half, strlen(half), MSG_NOSIGNAL), (ssize_t)strlen(half));
    usleep(100000);
    close(fd);
    assert_int_equal(ask(FIRST "\r\n", &a), 200);
    saw(FIRST "Content-Length: 0\r\n" CLOSES);
    buf_free(&a);
}

/* The library has room for the largest head that the check lets through, with the largest head of
 * an answer: a redirection to an address of 2 KB. */
static void the_longest_head_is_served(void **state) {
    struct buf b = {0}, a = {0};
    (void)state;
    buf_puts(&b, "GET /in/blog/tb/http%3A%2F%2F127.0.0.1%3A8801%2F");
    for (int i = 0; i < 2020; i++) buf_putc(&b, 'a');
    buf_puts(&b, "?b=c");
    for (int i = 0; i < 63; i++) buf_printf(&b, "&b%d=c", i);
    buf_puts(&b, " HTTP/1.1\r\nHost: g\r\n");
    for (int i = 0; i < 62; i++) buf_printf(&b, "X-%d: a\r\n", i);
    buf_puts(&b, "X-63: ");
    while (b.len < (16 << 10) - 4) buf_putc(&b, 'a');
    buf_puts(&b, "\r\n\r\n");
    assert_int_equal(b.len, 16 << 10);
    assert_int_equal(ask(b.data, &a), 302);
    assert_true(a.len > 2200);
    assert_true(seen->len > b.len - 2);
    seen->len = 0;
    buf_clear(&b);
    buf_free(&b);
    buf_free(&a);
}

/* More than the sockets between hold at once. */
static void a_large_body_arrives_whole(void **state) {
    struct buf body = {0}, a = {0}, last = {0};
    char hex[65], field[160];
    (void)state;
    while (body.len < 900000) buf_printf(&body, "소리 %zu, ", body.len);
    hmac_hex(body.data, hex);
    snprintf(field, sizeof field, "X-Hub-Signature-256: sha256=%s\r\n", hex);
    assert_int_equal(post("/in/page", field, body.data, &a), 200);
    assert_int_equal(stored(&last), 1);
    assert_true(str_eq(rec_get_str(buf_view(&last), DEL_BODY), buf_view(&body)));
    buf_free(&body);
    buf_free(&a);
    buf_free(&last);
}

static void answer_at_length(void *ctx, const struct head *head, struct sori_str body,
                             struct response *a) {
    assert_true(str_is(head->path, "/all"));
    assert_int_equal(body.len, 0);
    response_set(a, 200, NULL);
    buf_str(&a->body, *(const struct sori_str *)ctx);
}

static void a_large_answer_leaves_whole(void **state) {
    struct http *h = http_open("test", answer_at_length);
    struct buf text = {0}, out = {0};
    struct head head;
    (void)state;
    while (text.len < 3000000) buf_printf(&text, "%zu ", text.len);
    struct sori_str all = buf_view(&text);
    assert_true(head_parse(str_c("GET /all HTTP/1.1\r\nHost: h\r\n\r\n"), &head) > 0);
    http_answer(http_hand(h, &head, (struct sori_str){0}, &all), &out);
    const char *begin = strstr(out.data, "\r\n\r\n");
    assert_non_null(begin);
    assert_true(
        str_eq((struct sori_str){begin + 4, out.len - (size_t)(begin + 4 - out.data)}, all));
    http_close(h);
    buf_free(&text);
    buf_free(&out);
}

static int setup_watched(void **state) {
    seen->len = 0;
    return setup(state);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup_watched, teardown)
    const struct CMUnitTest tests[] = {
        T(the_second_in_a_packet_never_gets_there),
        T(bodies_arrive_by_their_length),
        T(yes_is_said_when_it_is_on_disk),
        T(nothing_else_gets_there),
        T(the_longest_head_is_served),
        T(a_large_body_arrives_whole),
        cmocka_unit_test(a_large_answer_leaves_whole),
    };
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seen == MAP_FAILED) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
