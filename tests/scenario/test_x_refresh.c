/* uses: sori_net sori_base PkgConfig::CURL PkgConfig::JANSSON */
/* Eight requests meet the same expired OAuth 2.0 token of X at once: it is renewed once, by a
 * refresh token that is good for once, and each request is done once. The fake X counts. */
#include "unit/net_ask.h"

#include "base/clock.h"
#include "sori/plugin.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = 8 };

struct world {
    struct event_base *base;
    struct engine *engine;
    pid_t fake;
    int port;
    char secrets[64];
};

static void start_fake(struct world *w, const char *program) {
    int line[2];
    char text[16] = "";
    assert_int_equal(pipe(line), 0);
    w->fake = fork();
    assert_true(w->fake >= 0);
    if (w->fake == 0) {
        dup2(line[1], 1);
        execl(program, "x", "--seed", "3", (char *)NULL);
        _exit(127);
    }
    close(line[1]);
    assert_true(read(line[0], text, sizeof text - 1) > 0);
    close(line[0]);
    w->port = atoi(text);
}

/* The access token is the fake's first one; when it ends, the file says, or does not. */
static void put_token(struct world *w, int64_t expires_at) {
    char path[128];
    snprintf(path, sizeof path, "%s/x.oauth2", w->secrets);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "{\"access_token\":\"fake-access-0\",\"refresh_token\":\"fake-refresh-0\","
            "\"expires_at\":%lld,\"client_id\":\"fake-client\","
            "\"client_secret\":\"fake-client-secret\"}\n",
            (long long)expires_at);
    fclose(f);
    assert_int_equal(chmod(path, 0600), 0);
}

static void configure(struct world *w) {
    struct buf conf = {0}, text = {0};
    struct err err;
    rec_str(&conf, NETCONF_USER_AGENT, SORI_STR("Sori/test"));
    rec_str(&conf, NETCONF_SECRETS, str_c(w->secrets));
    size_t connection = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("x"));
    buf_printf(&text, "127.0.0.1:%d", w->port);
    rec_str(&conf, NETCONN_ALLOW, buf_view(&text));
    buf_clear(&text);
    buf_printf(&text, "http://127.0.0.1:%d/2/oauth2/token", w->port);
    size_t slot = rec_begin(&conf, NETCONN_SLOT);
    rec_str(&conf, 1, SORI_STR("oauth2"));
    rec_int(&conf, 2, SORI_SLOT_OAUTH2);
    rec_str(&conf, 3, buf_view(&text));
    rec_end(&conf, slot);
    rec_end(&conf, connection);
    if (!engine_configure(w->engine, buf_view(&conf), &err)) fail_msg("%s", err.text);
    buf_free(&conf);
    buf_free(&text);
}

static int begin(void **state) {
    struct world *w = mem_get(sizeof *w);
    char program[512];
    const char *build = getenv("SORI_BUILD");
    snprintf(program, sizeof program, "%s/fake/x", build ? build : "build/release");
    if (access(program, X_OK) != 0) {
        printf("SKIPPED: %s is not built\n", program);
        exit(77);
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    *state = w;
    strcpy(w->secrets, "/tmp/sori-x-XXXXXX");
    assert_non_null(mkdtemp(w->secrets));
    start_fake(w, program);
    w->base = event_base_new();
    w->engine = engine_new(w->base, false, NULL, NULL);
    configure(w);
    return 0;
}

static int end(void **state) {
    struct world *w = *state;
    char path[128];
    engine_free(w->engine);
    event_base_free(w->base);
    kill(w->fake, SIGKILL);
    waitpid(w->fake, NULL, 0);
    snprintf(path, sizeof path, "%s/x.oauth2", w->secrets);
    unlink(path);
    rmdir(w->secrets);
    free(w);
    return 0;
}

static struct buf request(struct world *w, const char *method, const char *path, const char *body) {
    struct buf r = {0}, url = {0};
    buf_printf(&url, "http://127.0.0.1:%d%s", w->port, path);
    rec_str(&r, HTTP_CONNECTION, SORI_STR("x"));
    rec_str(&r, HTTP_METHOD, str_c(method));
    rec_str(&r, HTTP_URL, buf_view(&url));
    rec_int(&r, HTTP_EFFECT, body ? SORI_HTTP_WRITE : SORI_HTTP_READ);
    rec_int(&r, HTTP_SCHEME, SORI_AUTH_BEARER);
    rec_str(&r, HTTP_SLOT, SORI_STR("oauth2"));
    if (body) {
        size_t mark = rec_begin(&r, HTTP_HEADER);
        rec_str(&r, PAIR_NAME, SORI_STR("content-type"));
        rec_str(&r, PAIR_VALUE, SORI_STR("application/json"));
        rec_end(&r, mark);
        rec_str(&r, HTTP_BODY, str_c(body));
    }
    buf_free(&url);
    return r;
}

static json_t *from_fake(struct world *w, const char *path) {
    struct buf r = request(w, "GET", path, NULL);
    struct asked a = ask_record(w->base, w->engine, &r);
    assert_int_equal(a.http_status, 200);
    struct sori_str body = rec_get_str(buf_view(&a.answer), ANS_BODY);
    json_t *j = json_loadb(body.ptr, body.len, 0, NULL);
    assert_non_null(j);
    buf_free(&r);
    asked_free(&a);
    return j;
}

static void expire(struct world *w) {
    char command[256];
    snprintf(command, sizeof command,
             "curl -fsS --noproxy '*' -o /dev/null -d do=expire http://127.0.0.1:%d/_fake/oauth2",
             w->port);
    assert_int_equal(system(command), 0);
}

/* `told`: the file says that the token is over; else X does, by a 401. */
static void eight_at_once(struct world *w, bool told) {
    struct asked a[ALL] = {0};
    put_token(w, told ? clock_now() - 1000 : clock_now() + 3600000);
    expire(w);
    for (int i = 0; i < ALL; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"text\":\"말씀 %d\"}", i);
        struct buf r =
            i % 2 ? request(w, "POST", "/2/tweets", body) : request(w, "GET", "/2/users/me", NULL);
        engine_http(w->engine, buf_view(&r), asked_done, &a[i]);
        buf_free(&r);
    }
    for (int i = 0; i < ALL; i++) {
        while (!a[i].done) event_base_loop(w->base, EVLOOP_ONCE);
        assert_int_equal(a[i].status, SORI_OK);
        assert_int_equal(a[i].http_status, i % 2 ? 201 : 200);
        asked_free(&a[i]);
    }
    json_t *audit = from_fake(w, "/_fake/audit"), *posts = from_fake(w, "/_fake/posts");
    assert_int_equal(json_integer_value(json_object_get(audit, "refreshed")), 1);
    assert_null(json_object_get(audit, "refresh token used twice"));
    assert_null(json_object_get(audit, "refresh refused"));
    assert_int_equal(json_integer_value(json_object_get(audit, "refused: old token")),
                     told ? 0 : ALL);
    assert_int_equal(json_array_size(posts), ALL / 2);
    json_decref(audit);
    json_decref(posts);
}

static void token_is_known_to_be_old(void **state) { eight_at_once(*state, true); }
static void x_says_that_it_is_old(void **state) { eight_at_once(*state, false); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token_is_known_to_be_old, begin, end),
        cmocka_unit_test_setup_teardown(x_says_that_it_is_old, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
