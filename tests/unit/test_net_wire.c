/* uses: sori_net sori_supervise sori_fence sori_base */
/* The process itself, behind its fence and over the wire: hello, settings, requests, cancel, quit.
 */
#include "unit/net_server.h"

#include "net/net.h"
#include "sori/host.h"
#include "supervise/messages.h"
#include "supervise/role.h"
#include "supervise/wire.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct process {
    struct wire wire;
    pid_t pid;
};

static atomic_bool held; /* what is slow is not answered yet */

static bool serve(struct server *s, struct sori_str r, int nth, struct buf *out) {
    (void)s;
    (void)nth;
    while (strstr(r.ptr, " /slow") && held) usleep(10 * 1000);
    size_t big = strstr(r.ptr, " /big") ? 300000 : 2;
    buf_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", big);
    memset(buf_room(out, big), 'z', big);
    out->len += big;
    out->data[out->len] = 0;
    return true;
}

/* Before any server is there: a fork beside threads may find the allocator locked for good. */
static struct process start(bool stranger) {
    struct process p = {0};
    int fds[2];
    struct err err;
    assert_true(wire_pair(fds, &err));
    p.pid = fork();
    assert_true(p.pid >= 0);
    if (p.pid == 0) {
        close(fds[0]);
        _exit(net_main(fds[1], stranger));
    }
    close(fds[1]);
    struct timeval tv = {.tv_sec = 20};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    wire_open(&p.wire, fds[0]);
    struct wire_msg msg;
    assert_int_equal(wire_recv(&p.wire, &msg), 1);
    assert_int_equal(msg.head.type, W_HELLO);
    assert_true(str_is(rec_get_str(msg.payload, HELLO_BUILD), wire_build_id()));
    assert_true(rec_get_str(msg.payload, HELLO_FENCE).len > 4);
    return p;
}

static int finish(struct process *p) {
    int status = 0;
    wire_close(&p->wire);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    return status;
}

static void call(struct process *p, enum wire_method method, uint32_t id, struct sori_str payload) {
    struct wire_head head = {.type = W_CALL, .method = method, .call = id, .epoch = 7, .sub = 3};
    assert_true(wire_send(&p->wire, head, payload, -1));
}

static struct wire_msg done(struct process *p, uint32_t id, enum sori_status status) {
    struct wire_msg msg;
    assert_int_equal(wire_recv(&p->wire, &msg), 1);
    assert_int_equal(msg.head.type, W_DONE);
    assert_int_equal(msg.head.call, id);
    assert_int_equal(msg.head.epoch, 7);
    assert_int_equal(msg.head.sub, 3);
    if (msg.head.status != status) {
        struct sori_str why = rec_get_str(msg.payload, ANS_WHY);
        fail_msg("status %u: %.*s", msg.head.status, STR(why));
    }
    return msg;
}

static void ask(struct process *p, uint32_t id, const char *method, const char *url, int64_t flags,
                const char *body) {
    struct buf r = {0};
    rec_str(&r, HTTP_METHOD, str_c(method));
    rec_str(&r, HTTP_URL, str_c(url));
    rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
    rec_int(&r, HTTP_FLAGS, flags);
    rec_int(&r, HTTP_EFFECT, strcmp(method, "GET") != 0);
    rec_str_opt(&r, HTTP_BODY, str_c(body));
    call(p, M_HTTP, id, buf_view(&r));
    buf_free(&r);
}

static void settings(struct process *p, uint32_t id, uint16_t port, const char *const *folders,
                     enum sori_status status) {
    struct buf conf = {0}, host = {0};
    if (folders) rec_str(&conf, NETCONF_SECRETS, str_c(folders[0]));
    buf_printf(&host, "127.0.0.1:%u", (unsigned)port);
    rec_str(&conf, NETCONF_ALLOW_ALL, buf_view(&host));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    for (; folders && *folders; folders++) rec_str(&conf, NETCONN_ALLOW, str_c(*folders));
    rec_end(&conf, mark);
    call(p, M_NET_CONF, id, buf_view(&conf));
    done(p, id, status);
    buf_free(&conf);
    buf_free(&host);
}

static void connections(void **state) {
    (void)state;
    struct process p = start(false);
    struct server site;
    assert_true(server_start(&site, "127.0.0.1", 0, serve));
    char folder[] = "/tmp/sori-wire-XXXXXX", later[] = "/tmp/sori-wire-XXXXXX", url[128];
    assert_true(mkdtemp(folder) && mkdtemp(later));
    const char *const folders[] = {folder, "/tmp/sori-wire-none", NULL};
    ask(&p, 1, "GET", "http://127.0.0.1:80/", 0, ""); /* before there are settings */
    done(&p, 1, SORI_PERMANENT);
    settings(&p, 2, site.port, folders, SORI_OK);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/big", (unsigned)site.port);
    ask(&p, 3, "GET", url, 0, "");
    struct wire_msg msg = done(&p, 3, SORI_OK);
    assert_int_equal(rec_get_str(msg.payload, ANS_BODY).len, 300000); /* by memfd */
    snprintf(url, sizeof url, "http://localhost:%u/", (unsigned)site.port);
    ask(&p, 4, "GET", url, 0, ""); /* its address is allowed, its name is not */
    done(&p, 4, SORI_PERMANENT);
    snprintf(url, sizeof url, "folder://%s/1.txt", folder);
    ask(&p, 5, "PUT", url, 0, "안녕하세요");
    msg = done(&p, 5, SORI_OK);
    assert_int_equal(rec_get_int(msg.payload, ANS_STATUS, 0), 201);
    ask(&p, 6, "GET", url, 0, "");
    msg = done(&p, 6, SORI_OK);
    assert_true(str_is(rec_get_str(msg.payload, ANS_BODY), "안녕하세요"));
    struct buf r = {0}; /* the fence lets the credential be read, locked and used */
    snprintf(url, sizeof url, "%s/shop.token", folder);
    FILE *f = fopen(url, "w");
    assert_true(f && fputs("hush-hush", f) >= 0 && fclose(f) == 0 && chmod(url, 0600) == 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)site.port);
    rec_str(&r, HTTP_URL, str_c(url));
    rec_str(&r, HTTP_CONNECTION, SORI_STR("shop"));
    rec_int(&r, HTTP_SCHEME, SORI_AUTH_BEARER);
    rec_str(&r, HTTP_SLOT, SORI_STR("token"));
    call(&p, M_HTTP, 77, buf_view(&r));
    done(&p, 77, SORI_OK);
    assert_true(server_saw(&site, "Authorization: Bearer hush-hush\r\n"));
    buf_free(&r);
    snprintf(url, sizeof url, "folder://%s/1.txt", later);
    ask(&p, 7, "GET", url, 0, "");
    done(&p, 7, SORI_PERMANENT);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/slow", (unsigned)site.port);
    held = true;
    ask(&p, 8, "GET", url, 0, "");
    ask(&p, 9, "GET", url, 0, "");
    usleep(100 * 1000);
    assert_true(wire_send(&p.wire, (struct wire_head){.type = W_CANCEL, .call = 8},
                          (struct sori_str){0}, -1));
    done(&p, 8, SORI_CANCELLED);
    assert_true(wire_send(&p.wire, (struct wire_head){.type = W_QUIT}, (struct sori_str){0}, -1));
    usleep(200 * 1000);
    held = false;
    done(&p, 9, SORI_OK); /* what is in hand is finished first */
    struct wire_msg none;
    assert_int_equal(wire_recv(&p.wire, &none), 0);
    assert_int_equal(finish(&p), 0);
    server_stop(&site);
    rmdir(later);
    snprintf(url, sizeof url, "rm -r %s", folder);
    assert_int_equal(system(url), 0);
}

static void new_folders(void **state) {
    (void)state;
    char one[] = "/tmp/sori-wire-XXXXXX", two[] = "/tmp/sori-wire-XXXXXX";
    assert_true(mkdtemp(one) && mkdtemp(two));
    struct process p = start(false);
    settings(&p, 1, 9, (const char *const[]){one, NULL}, SORI_OK);
    settings(&p, 2, 10, (const char *const[]){one, NULL}, SORI_OK);
    ask(&p, 3, "GET", "gopher://a/", 0, "");
    done(&p, 3, SORI_PERMANENT); /* still there */
    settings(&p, 4, 9, (const char *const[]){one, two, NULL}, SORI_OK);
    struct wire_msg msg;
    assert_int_equal(wire_recv(&p.wire, &msg), 0);
    assert_int_equal(WEXITSTATUS(finish(&p)), ROLE_EXIT_ANEW);
    rmdir(one);
    rmdir(two);
}

static void strangers(void **state) {
    (void)state;
    struct process p = start(true);
    struct server site;
    char url[128];
    assert_true(server_start(&site, "127.0.0.1", 0, serve));
    settings(&p, 1, site.port, NULL, SORI_OK);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)site.port);
    ask(&p, 2, "GET", url, SORI_HTTP_STRANGER, "");
    done(&p, 2, SORI_OK);
    ask(&p, 3, "GET", url, 0, ""); /* came to the wrong process */
    done(&p, 3, SORI_PERMANENT);
    ask(&p, 4, "GET", "http://localhost/", SORI_HTTP_STRANGER,
        ""); /* the machine's resolver works */
    struct wire_msg msg = done(&p, 4, SORI_PERMANENT);
    struct sori_str why = rec_get_str(msg.payload, ANS_WHY);
    assert_non_null(memmem(why.ptr, why.len, "a loopback address", 18));
    ask(&p, 5, "GET", "http://no-such-host.invalid/", SORI_HTTP_STRANGER, "");
    done(&p, 5, SORI_RETRY);
    assert_true(wire_send(&p.wire, (struct wire_head){.type = W_QUIT}, (struct sori_str){0}, -1));
    assert_int_equal(finish(&p), 0);
    server_stop(&site);
}

static void the_end_of_the_core(void **state) {
    (void)state;
    struct process p = start(true);
    assert_int_equal(finish(&p), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(connections), cmocka_unit_test(new_folders),
                                       cmocka_unit_test(strangers),
                                       cmocka_unit_test(the_end_of_the_core)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
