/* The real gate on loopback, its configuration, and a client. For the tests of the gate. */
#ifndef SCENARIO_GATE_WORLD_H
#define SCENARIO_GATE_WORLD_H

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

static inline void put_form(struct buf *b, const char *form, const char *path, const char *type,
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

static inline void put_hook(struct buf *b, const char *name, int answer, int sign,
                            const char *header) {
    size_t mark = rec_begin(b, GATE_CONNECTION);
    rec_str(b, GC_NAME, str_c(name));
    put_form(b, "hook", "", "", answer, sign, header, "sha256=", "app");
    rec_end(b, mark);
}

static inline void configuration(struct buf *b, int64_t spool_max) {
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

static inline void put_secret(const char *name, const char *text, unsigned mode) {
    char path[160];
    struct err err;
    snprintf(path, sizeof path, "%s/secrets/%s", gate.folder, name);
    assert_true(file_write(path, str_c(text), mode, &err));
}

static inline bool configure(int64_t spool_max, struct buf *why) {
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

static inline void start(void) {
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

static inline int setup_sized(int64_t spool_max) {
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

static inline int setup(void **state) {
    (void)state;
    return setup_sized(64 << 20);
}

static inline int teardown(void **state) {
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

static inline int dial(void) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)gate.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval tv = {12, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) fail_msg("connect");
    return fd;
}

static inline int hear(int fd, struct buf *answer) {
    for (;;) {
        ssize_t n = recv(fd, buf_room(answer, 4096), 4096, 0);
        if (n <= 0) break;
        answer->len += (size_t)n;
        answer->data[answer->len] = 0;
    }
    close(fd);
    return answer->len > 12 ? atoi(answer->data + 9) : 0;
}

static inline int say(struct sori_str bytes, struct buf *answer) {
    int fd = dial();
    while (bytes.len) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) break;
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return hear(fd, answer);
}

static inline int post(const char *path, const char *fields, const char *body, struct buf *answer) {
    struct buf b = {0};
    buf_clear(answer);
    buf_printf(&b, "POST %s HTTP/1.1\r\nHost: gate\r\n%sContent-Length: %zu\r\n\r\n%s", path,
               fields, strlen(body), body);
    int status = say(buf_view(&b), answer);
    buf_free(&b);
    return status;
}

static inline int get(const char *path, struct buf *answer) {
    struct buf b = {0};
    buf_clear(answer);
    buf_printf(&b, "GET %s HTTP/1.1\r\nHost: gate\r\n\r\n", path);
    int status = say(buf_view(&b), answer);
    buf_free(&b);
    return status;
}

/* Counts records; the last one's payload is appended to `last`. */
static inline int stored(struct buf *last) {
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

static inline void hmac_hex(const char *body, char out[65]) {
    uint8_t raw[32];
    unsigned n = 32;
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const uint8_t *)body, strlen(body), raw, &n);
    for (int i = 0; i < 32; i++) snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

#endif
