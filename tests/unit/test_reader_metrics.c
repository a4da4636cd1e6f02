/* uses: sori_reader sori_store sori_gate sori_supervise sori_fence sori_base */
/* What stands before /metrics: every head is checked, one request a connection, and nobody holds a
 * place for long. */
#include "base/clock.h"
#include "reader/part.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    struct metrics *metrics;
    struct reader reader;
    struct sockaddr_in at;
} here;

static int setup(void **state) {
    socklen_t len = sizeof here.at;
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    here.at =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&here.at, sizeof here.at) != 0 || listen(fd, 64) != 0)
        return -1;
    getsockname(fd, (struct sockaddr *)&here.at, &len);
    here.metrics = metrics_start(fd);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    metrics_stop(here.metrics);
    return 0;
}

static void turn(int64_t ms) {
    int64_t until = clock_mono() + ms;
    do {
        struct pollfd fds[METRICS_FDS];
        size_t n = metrics_watch(here.metrics, fds);
        (void)poll(fds, n, 10);
        metrics_serve(here.metrics, &here.reader, fds, n);
    } while (clock_mono() < until);
}

static int visit(const char *bytes) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)connect(fd, (struct sockaddr *)&here.at, sizeof here.at);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    assert_int_equal(poll(&p, 1, 1000), 1);
    size_t len = strlen(bytes);
    if (len) assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
    return fd;
}

/* Everything that came, until they closed; `over` says whether they did. */
static void hear(int fd, char *text, size_t size, bool *over) {
    size_t got = 0;
    ssize_t n = -1;
    for (int i = 0; i < 40; i++) {
        turn(10);
        while (got + 1 < size && (n = recv(fd, text + got, size - 1 - got, MSG_DONTWAIT)) > 0)
            got += (size_t)n;
        if (n == 0) break;
    }
    text[got] = 0;
    *over = n == 0;
}

static int status_of(const char *bytes) {
    char text[8192];
    bool over;
    int fd = visit(bytes);
    hear(fd, text, sizeof text, &over);
    close(fd);
    assert_true(over);
    return strlen(text) > 12 ? atoi(text + 9) : 0;
}

#define HOST "Host: 127.0.0.1\r\n"

static void heads(void **state) {
    static const struct {
        int status;
        const char *bytes;
    } cases[] = {
        {200, "GET /healthz HTTP/1.1\r\n" HOST "\r\n"},
        {200, "GET /healthz HTTP/1.0\r\n\r\n"},
        {200, "GET /healthz?x=1 HTTP/1.1\r\n" HOST "Accept: */*\r\n\r\n"},
        {200, "GET /healthz HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"},
        {404, "GET /healthz/ HTTP/1.1\r\n" HOST "\r\n"},
        {404, "GET /%68ealthz HTTP/1.1\r\n" HOST "\r\n"},
        {405, "POST /healthz HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"},
        {405, "HEAD /healthz HTTP/1.1\r\n" HOST "\r\n"},
        {413, "GET /healthz HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"},
        {413, "GET /healthz HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST HOST "\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST "A : b\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST "A: b\r\n folded\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\n" HOST "\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 5\r\n\r\n"},
        {400, "GET /healthz HTTP/1.1\r\n" HOST
              "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "GET  /healthz HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET http://a/healthz HTTP/1.1\r\n" HOST "\r\n"},
        {505, "GET /healthz HTTP/2.0\r\n" HOST "\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = status_of(cases[i].bytes);
        if (status != cases[i].status)
            fail_msg("%d, expected %d, for: %s", status, cases[i].status, cases[i].bytes);
    }
}

/* The second is never read as a request, and the answer to the first arrives whole. */
static void two_in_one_packet(void **state) {
    char text[8192];
    bool over;
    (void)state;
    int fd = visit("GET /healthz HTTP/1.1\r\n" HOST "\r\n"
                   "GET /nothing HTTP/1.1\r\n" HOST "\r\n");
    hear(fd, text, sizeof text, &over);
    close(fd);
    assert_true(over);
    assert_non_null(strstr(text, "\r\n\r\nok\n"));
    assert_null(strstr(text + 1, "HTTP/1.1"));
    assert_non_null(strstr(text, "Connection: close"));
}

static void too_long(void **state) {
    (void)state;
    char *bytes = calloc(1, 5000);
    strcpy(bytes, "GET /healthz HTTP/1.1\r\n" HOST "A: ");
    memset(bytes + strlen(bytes), 'a', 4096);
    assert_int_equal(status_of(bytes), 431);
    free(bytes);
}

/* Drippers have all places: who asks well is answered all the same, and they are gone in time. */
static void slow_visitors(void **state) {
    int slow[METRICS_FDS];
    char text[64];
    bool over;
    (void)state;
    for (size_t i = 0; i < METRICS_FDS - 1; i++) slow[i] = visit("GET /hea");
    turn(1200);
    for (size_t i = 0; i < METRICS_FDS - 1; i++) (void)send(slow[i], "l", 1, MSG_NOSIGNAL);
    assert_int_equal(status_of("GET /healthz HTTP/1.1\r\n" HOST "\r\n"), 200);
    for (int k = 0; k < 5; k++) {
        turn(900);
        for (size_t i = 0; i < METRICS_FDS - 1; i++) (void)send(slow[i], "t", 1, MSG_NOSIGNAL);
    }
    for (size_t i = 0; i < METRICS_FDS - 1; i++) {
        hear(slow[i], text, sizeof text, &over);
        assert_true(over || recv(slow[i], text, 1, MSG_DONTWAIT) <= 0);
        close(slow[i]);
    }
    struct pollfd fds[METRICS_FDS];
    assert_int_equal(metrics_watch(here.metrics, fds), 1); /* nobody is left */
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(heads), T(two_in_one_packet), T(too_long),
                                       T(slow_visitors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
