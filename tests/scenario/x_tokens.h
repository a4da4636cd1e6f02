/* A fake X and the engine of net, with the token of one connection in a folder of its own: what
 * tests of tokens stand on. */
#ifndef SCENARIO_X_TOKENS_H
#define SCENARIO_X_TOKENS_H

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

struct world {
    struct event_base *base;
    struct engine *engine;
    pid_t fake;
    int port;
    char secrets[64];
};

static inline void start_fake(struct world *w, const char *program) {
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

static inline void put_file(struct world *w, const char *line) {
    char path[128];
    snprintf(path, sizeof path, "%s/x.oauth2", w->secrets);
    unlink(path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s\n", line);
    fclose(f);
    assert_int_equal(chmod(path, 0600), 0);
}

/* The slot's file as it is now; nobody else may read it. */
static inline json_t *get_file(struct world *w) {
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/x.oauth2", w->secrets);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(file);
    return file;
}

/* The access token is the fake's first one; when it ends, the file says, or does not. */
static inline void put_token(struct world *w, int64_t expires_at) {
    char line[512];
    snprintf(line, sizeof line,
             "{\"access_token\":\"fake-access-0\",\"refresh_token\":\"fake-refresh-0\","
             "\"expires_at\":%lld,\"client_id\":\"fake-client\","
             "\"client_secret\":\"fake-client-secret\"}",
             (long long)expires_at);
    put_file(w, line);
}

static inline void configure(struct world *w) {
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

static inline int begin(void **state) {
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

static inline int end(void **state) {
    struct world *w = *state;
    char path[128];
    engine_free(w->engine);
    event_base_free(w->base);
    kill(w->fake, SIGKILL);
    waitpid(w->fake, NULL, 0);
    snprintf(path, sizeof path, "%s/x.oauth2", w->secrets);
    unlink(path);
    snprintf(path, sizeof path, "%s/.x.oauth2.renewing", w->secrets);
    unlink(path);
    rmdir(w->secrets);
    free(w);
    return 0;
}

static inline struct buf request(struct world *w, const char *method, const char *path,
                                 const char *body) {
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

/* What the fake answers to curl, as text; `more`: further arguments of curl. */
static inline char *tell(struct world *w, const char *path, const char *more) {
    char command[1024], *text = mem_get(65536);
    snprintf(command, sizeof command, "curl -sS --noproxy '*' %s 'http://127.0.0.1:%d%s'", more,
             w->port, path);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    size_t n = fread(text, 1, 65535, p);
    text[n] = 0;
    assert_int_equal(pclose(p), 0);
    return text;
}

static inline json_t *from_fake(struct world *w, const char *path) {
    char *text = tell(w, path, "");
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    free(text);
    return j;
}

/* How often the fake saw this. */
static inline int64_t audit(struct world *w, const char *what) {
    json_t *all = from_fake(w, "/_fake/audit");
    int64_t n = json_integer_value(json_object_get(all, what));
    json_decref(all);
    return n;
}

static inline void expire(struct world *w) { free(tell(w, "/_fake/oauth2", "-d do=expire")); }

#endif
