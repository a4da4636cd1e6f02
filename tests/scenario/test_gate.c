/* uses: sori_gate sori_supervise sori_fence sori_base */
/* The real gate on loopback: requests in, answers out, and what is in the spool. */
#include "gate/gate.h"

#include "base/clock.h"
#include "base/file.h"
#include "gate/spool.h"
#include "sori/plugin.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    char folder[64];
    pid_t pid;
    struct wire wire;
    int listening, port;
} gate;

#define SITE   "http://127.0.0.1:8801"
#define SECRET "a-secret-of-the-app"

static void put_form(struct buf *b, const char *form, const char *path, const char *type,
                     int answer, int sign, const char *header, const char *prefix,
                     const char *slot) {
    size_t mark = rec_begin(b, GC_RECEIVE);
    rec_str(b, RECV_FORM, str_c(form));
    rec_str_opt(b, RECV_PATH, str_c(path));
    rec_str_opt(b, RECV_TYPE, str_c(type));
    rec_int(b, RECV_ANSWER, answer);
    rec_int(b, RECV_SIGN, sign);
    rec_str_opt(b, RECV_HEADER, str_c(header));
    rec_str_opt(b, RECV_PREFIX, str_c(prefix));
    rec_str_opt(b, RECV_SLOT, str_c(slot));
    rec_end(b, mark);
}

static void put_hook(struct buf *b, const char *name, int answer, int sign, const char *header) {
    size_t mark = rec_begin(b, GATE_CONNECTION);
    rec_str(b, GC_NAME, str_c(name));
    put_form(b, "hook", "", "", answer, sign, header, "sha256=", "app");
    rec_end(b, mark);
}

static void configuration(struct buf *b, int64_t spool_max) {
    char path[128];
    size_t mark = rec_begin(b, GATE_CONNECTION);
    rec_str(b, GC_NAME, str_c("blog"));
    rec_str(b, GC_SITE, str_c(SITE));
    put_form(b, "trackback", "/tb/", "", SORI_ANSWER_TRACKBACK, 0, "", "", "");
    put_form(b, "pingback", "", "text/xml", SORI_ANSWER_XMLRPC, 0, "", "", "");
    put_form(b, "webmention", "", "application/x-www-form-urlencoded", SORI_ANSWER_WEBMENTION, 0,
             "", "", "");
    rec_end(b, mark);
    put_hook(b, "page", SORI_ANSWER_META_CHALLENGE, SORI_SIGN_HMAC_SHA256, "X-Hub-Signature-256");
    put_hook(b, "x", SORI_ANSWER_X_CRC, SORI_SIGN_HMAC_SHA256_BASE64,
             "x-twitter-webhooks-signature");
    put_hook(b, "naked", SORI_ANSWER_EMPTY, SORI_SIGN_HMAC_SHA256, "X-Hub-Signature-256");
    put_hook(b, "open", SORI_ANSWER_EMPTY, SORI_SIGN_HMAC_SHA256, "X-Hub-Signature-256");
    snprintf(path, sizeof path, "%s/spool", gate.folder);
    rec_str(b, GATE_SPOOL, str_c(path));
    snprintf(path, sizeof path, "%s/secrets", gate.folder);
    rec_str(b, GATE_SECRETS, str_c(path));
    rec_int(b, GATE_SPOOL_MAX, spool_max);
}

static void put_secret(const char *name, const char *text, unsigned mode) {
    char path[160];
    struct err err;
    snprintf(path, sizeof path, "%s/secrets/%s", gate.folder, name);
    assert_true(file_write(path, str_c(text), mode, &err));
}

static bool configure(int64_t spool_max, struct buf *why) {
    struct buf b = {0};
    struct wire_msg msg;
    configuration(&b, spool_max);
    assert_true(wire_send(&gate.wire,
                          (struct wire_head){.type = W_CALL, .method = M_NET_CONF, .call = 1},
                          buf_view(&b), -1));
    buf_free(&b);
    do {
        assert_int_equal(wire_recv(&gate.wire, &msg), 1);
    } while (msg.head.type != W_DONE);
    buf_str(why, rec_get_str(msg.payload, DONE_WHY));
    return msg.head.status == SORI_OK;
}

static void start(void) {
    int fds[2];
    struct err err;
    assert_true(wire_pair(fds, &err));
    gate.pid = fork();
    if (gate.pid == 0) {
        close(fds[0]);
        int null = open("/dev/null", O_WRONLY);
        if (!getenv("SORI_LOUD")) dup2(null, 2);
        _exit(gate_main(fds[1], gate.listening));
    }
    close(fds[1]);
    wire_open(&gate.wire, fds[0]);
}

static int setup_sized(int64_t spool_max) {
    char path[128];
    struct err err;
    struct buf why = {0};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    strcpy(gate.folder, "/tmp/sori-gate-XXXXXX");
    if (!mkdtemp(gate.folder)) return -1;
    snprintf(path, sizeof path, "%s/secrets", gate.folder);
    file_make_dir(path, 0700, &err);
    put_secret("page.app", SECRET "\n", 0600);
    put_secret("page.verify_token", "token-of-ours\n", 0600);
    put_secret("x.app", SECRET, 0600);
    put_secret("open.app", SECRET, 0644);
    gate.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(gate.listening, (struct sockaddr *)&at, sizeof at);
    listen(gate.listening, 1024);
    getsockname(gate.listening, (struct sockaddr *)&at, &len);
    gate.port = ntohs(at.sin_port);
    start();
    assert_true(configure(spool_max, &why));
    assert_non_null(strstr(why.data, "naked"));
    assert_non_null(strstr(why.data, "chmod 600"));
    buf_free(&why);
    return 0;
}

static int setup(void **state) {
    (void)state;
    return setup_sized(64 << 20);
}

static int teardown(void **state) {
    char command[128];
    int status;
    (void)state;
    kill(gate.pid, SIGTERM);
    waitpid(gate.pid, &status, 0);
    wire_close(&gate.wire);
    close(gate.listening);
    snprintf(command, sizeof command, "rm -rf '%s'", gate.folder);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return system(command);
}

static int dial(void) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)gate.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval tv = {12, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) fail_msg("connect");
    return fd;
}

static int hear(int fd, struct buf *answer) {
    for (;;) {
        ssize_t n = recv(fd, buf_room(answer, 4096), 4096, 0);
        if (n <= 0) break;
        answer->len += (size_t)n;
        answer->data[answer->len] = 0;
    }
    close(fd);
    return answer->len > 12 ? atoi(answer->data + 9) : 0;
}

static int say(struct sori_str bytes, struct buf *answer) {
    int fd = dial();
    while (bytes.len) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) break;
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return hear(fd, answer);
}

static int post(const char *path, const char *fields, const char *body, struct buf *answer) {
    struct buf b = {0};
    buf_clear(answer);
    buf_printf(&b, "POST %s HTTP/1.1\r\nHost: gate\r\n%sContent-Length: %zu\r\n\r\n%s", path,
               fields, strlen(body), body);
    int status = say(buf_view(&b), answer);
    buf_free(&b);
    return status;
}

static int get(const char *path, struct buf *answer) {
    struct buf b = {0};
    buf_clear(answer);
    buf_printf(&b, "GET %s HTTP/1.1\r\nHost: gate\r\n\r\n", path);
    int status = say(buf_view(&b), answer);
    buf_free(&b);
    return status;
}

/* Counts records; the last one's payload is appended to `last`. */
static int stored(struct buf *last) {
    char dir[128];
    struct err err;
    int n = 0;
    snprintf(dir, sizeof dir, "%s/spool", gate.folder);
    for (int64_t id = spool_next(dir, 0); id >= 0; id = spool_next(dir, id + 1)) {
        struct spool_reader *r = spool_open(dir, id, 0, &err);
        struct sori_str s;
        int64_t at;
        assert_non_null(r);
        while (spool_read(r, &s, &at, &err) == 1) {
            n++;
            if (!last) continue;
            buf_clear(last);
            buf_str(last, s);
        }
        spool_done(r);
    }
    return n;
}

static void hmac_hex(const char *body, char out[65]) {
    uint8_t raw[32];
    unsigned n = 32;
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const uint8_t *)body, strlen(body), raw, &n);
    for (int i = 0; i < 32; i++) snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

static void signed_bodies_alone_are_kept(void **state) {
    (void)state;
    struct buf a = {0}, last = {0};
    char hex[65], field[160];
    const char *body = "{\"object\":\"page\",\"text\":\"환불해 주세요\"}";
    hmac_hex(body, hex);
    snprintf(field, sizeof field, "X-Hub-Signature-256: sha256=%s\r\n", hex);
    assert_int_equal(post("/in/page", field, body, &a), 200);
    assert_int_equal(stored(&last), 1);
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_CONNECTION), "page"));
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_FORM), "hook"));
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_BODY), body));
    assert_true(rec_get_int(buf_view(&last), DEL_AT, 0) > 0);

    char twice[400];
    char *forged = strdup(body);
    forged[12] ^= 1;
    assert_int_equal(post("/in/page", field, forged, &a), 401);
    free(forged);
    for (size_t i = 0; i < 64; i += 7) {
        char other[160];
        strcpy(other, field);
        char *at = strstr(other, "sha256=") + 7 + i;
        *at = *at == 'a' ? 'b' : 'a';
        assert_int_equal(post("/in/page", other, body, &a), 401);
    }
    assert_int_equal(post("/in/page", "", body, &a), 401);
    assert_int_equal(post("/in/page", "X-Hub-Signature-256: \r\n", body, &a), 401);
    assert_int_equal(post("/in/page", "X-Hub-Signature-256: sha256=\r\n", body, &a), 401);
    snprintf(twice, sizeof twice, "%s%s", field, field);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    snprintf(twice, sizeof twice, "X-Hub-Signature-256: %s\r\n", hex);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    snprintf(twice, sizeof twice, "X-Hub-Signature-256: sha256=%.40s\r\n", hex);
    assert_int_equal(post("/in/page", twice, body, &a), 401);
    assert_int_equal(post("/in/naked", field, body, &a), 404);
    assert_int_equal(post("/in/open", field, body, &a), 404);
    assert_int_equal(stored(NULL), 1);
    buf_free(&a);
    buf_free(&last);
}

static void challenges_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
    assert_int_equal(get("/in/page?hub.verify_token=token-of-ours&hub.challenge=0012%2Bx"
                         "&hub.mode=subscribe",
                         &a),
                     200);
    assert_non_null(strstr(a.data, "\r\n\r\n0012+x"));
    assert_int_equal(get("/in/page?hub.mode=subscribe&hub.verify_token=other&hub.challenge=1", &a),
                     403);
    assert_null(strstr(a.data, "\r\n\r\n1"));
    assert_int_equal(get("/in/x?crc_token=hello", &a), 200);
    uint8_t raw[32];
    char b64[64];
    unsigned n = 32;
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const uint8_t *)"hello", 5, raw, &n);
    EVP_EncodeBlock((unsigned char *)b64, raw, 32);
    char wanted[128];
    snprintf(wanted, sizeof wanted, "{\"response_token\":\"sha256=%s\"}", b64);
    assert_non_null(strstr(a.data, wanted));
    assert_int_equal(get("/in/x", &a), 400);
    assert_int_equal(stored(NULL), 0);
    buf_free(&a);
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define TB   "/in/blog/tb/http%3A%2F%2F127.0.0.1%3A8801%2F%3Fp%3D1"

static void trackbacks_are_answered(void **state) {
    (void)state;
    struct buf a = {0}, last = {0};
    assert_int_equal(post(TB, FORM, "url=http%3A%2F%2Fother%2Fpost&title=%EC%86%8C%EB%A6%AC", &a),
                     200);
    assert_non_null(strstr(a.data, "<error>0</error>"));
    assert_int_equal(stored(&last), 1);
    assert_true(str_is(rec_get_str(buf_view(&last), DEL_PATH), SITE "/?p=1"));
    assert_int_equal(post(TB, FORM, "url=http%3A%2F%2Fother%2Fpost", &a), 200);
    assert_non_null(
        strstr(a.data, "<error>0</error>")); /* a duplicate is known in the record only */
    assert_int_equal(post(TB, FORM, "title=x", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post(TB, FORM, "url=ftp%3A%2F%2Fother%2F", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post("/in/blog/tb/http%3A%2F%2Fevil%2F", FORM, "url=http%3A%2F%2Fo%2F", &a),
                     200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(post("/in/blog/tb/", FORM, "url=http%3A%2F%2Fo%2F", &a), 404);
    assert_int_equal(stored(NULL), 2);
    assert_int_equal(get(TB, &a), 302);
    assert_non_null(strstr(a.data, "Location: " SITE "/?p=1\r\n"));
    assert_int_equal(get("/in/blog/tb/http%3A%2F%2Fevil%2F", &a), 200);
    assert_non_null(strstr(a.data, "<error>1</error>"));
    assert_int_equal(get("/in/blog/tb/"
                         "http%3A%2F%2F127.0.0.1%3A8801%2F%0d%0aX:y",
                         &a),
                     200);
    assert_null(strstr(a.data, "\nX:y"));
    buf_free(&a);
    buf_free(&last);
}

static const char *ping(const char *source, const char *target) {
    static char text[1024];
    snprintf(text, sizeof text,
             "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params>"
             "<param><value><string>%s</string></value></param><param><value><string>%s</string>"
             "</value></param></params></methodCall>",
             source, target);
    return text;
}

static void pingbacks_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
#define XML "Content-Type: text/xml; charset=utf-8\r\n"
    assert_int_equal(post("/in/blog", XML, ping("http://other/p", SITE "/?p=1"), &a), 200);
    assert_null(strstr(a.data, "fault"));
    assert_int_equal(stored(NULL), 1);
    assert_int_equal(post("/in/blog", XML, ping(SITE "/", SITE "/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>33</int>"));
    assert_int_equal(post("/in/blog", XML, ping("http://other/p", "http://elsewhere/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>32</int>"));
    assert_int_equal(post("/in/blog", XML, ping("file:///etc/passwd", SITE "/"), &a), 200);
    assert_non_null(strstr(a.data, "<int>16</int>"));
    assert_int_equal(post("/in/blog", XML,
                          "<methodCall><methodName>system.multicall</methodName><params/>"
                          "</methodCall>",
                          &a),
                     200);
    assert_non_null(strstr(a.data, "<int>-32601</int>"));
    assert_int_equal(post("/in/blog", XML, "not xml", &a), 200);
    assert_non_null(strstr(a.data, "<int>-32700</int>"));
    char *big = malloc(10000);
    memset(big, ' ', 9999);
    big[9999] = 0;
    assert_int_equal(post("/in/blog", XML, big, &a), 413);
    free(big);
    assert_int_equal(stored(NULL), 1);
    buf_free(&a);
}

static void webmentions_are_answered(void **state) {
    (void)state;
    struct buf a = {0};
    const char *good = "source=http%3A%2F%2Fother%2Fp&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa";
    assert_int_equal(post("/in/blog", FORM, good, &a), 202);
    assert_int_equal(post("/in/blog", FORM, "source=http%3A%2F%2Fother%2Fp", &a), 400);
    assert_int_equal(
        post("/in/blog", FORM, "source=mailto%3Aa&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa", &a),
        400);
    assert_int_equal(
        post("/in/blog", FORM,
             "source=http%3A%2F%2F127.0.0.1%3A8801%2Fa&target=http%3A%2F%2F127.0.0.1%3A8801%2Fa",
             &a),
        400);
    assert_int_equal(
        post("/in/blog", FORM, "source=http%3A%2F%2Fo%2F&target=http%3A%2F%2Felse%2F", &a), 400);
    assert_int_equal(stored(NULL), 1);
    assert_int_equal(post("/in/nobody", FORM, good, &a), 404);
    assert_int_equal(post("/in/blog/other", FORM, good, &a), 404);
    assert_int_equal(post("/", FORM, good, &a), 404);
    assert_int_equal(post("/in/blog", "Content-Type: application/json\r\n", "{}", &a), 415);
    assert_int_equal(get("/in/blog", &a), 405);
    assert_non_null(strstr(a.data, "Allow: POST\r\n"));
    assert_int_equal(stored(NULL), 1);
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

static void slow_ones_are_ended_and_hold_up_nobody(void **state) {
    (void)state;
    enum { SLOW = 300 };
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
    assert_true(clock_mono() - honest < 1000);
    int late = 0;
    for (int i = 0; i < SLOW; i++) {
        buf_clear(&a);
        late += hear(slow[i], &a) == 408;
    }
    assert_true(late > 0);
    assert_true(clock_mono() - begin < 9000);
    /* One byte at a time does not help: the deadline is for the whole head. */
    int fd = dial();
    begin = clock_mono();
    for (int i = 0; i < 40; i++) {
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) break;
        usleep(200000);
    }
    buf_clear(&a);
    hear(fd, &a);
    assert_true(clock_mono() - begin < 9500);
    buf_free(&a);
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
        usleep((useconds_t)(40000 + round * 13000));
        kill(gate.pid, SIGKILL);
        waitpid(gate.pid, &status, 0);
        kill(sender, SIGKILL);
        waitpid(sender, &status, 0);
        char c;
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

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(signed_bodies_alone_are_kept),
        T(challenges_are_answered),
        T(trackbacks_are_answered),
        T(pingbacks_are_answered),
        T(webmentions_are_answered),
        T(what_follows_a_request_is_no_request),
        T(slow_ones_are_ended_and_hold_up_nobody),
        cmocka_unit_test_setup_teardown(full_is_503, setup_small, teardown),
        T(killed_in_the_middle_of_it),
        T(a_new_configuration_comes_into_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
