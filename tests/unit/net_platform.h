/* A platform that gives out tokens, and a net that has credentials for it: shared by the tests of
 * credentials. */
#ifndef UNIT_NET_PLATFORM_H
#define UNIT_NET_PLATFORM_H

#include "unit/net_world.h"

#include "net/wipe.h"
#include "sori/plugin.h"

#include <jansson.h>

/* A platform whose newest access token is accessN and newest refresh token refreshN. */
static struct platform {
    pthread_mutex_t lock;
    int newest, refreshes, refused, used_twice;
    int status;  /* what the token endpoint answers with, where not 0 */
    int slow_ms; /* how long it thinks */
    bool hang_up;
    const char *page; /* what a proxy in front of it says with a 400, where not NULL */
} platform = {.lock = PTHREAD_MUTEX_INITIALIZER};

static inline void answer(struct buf *out, const char *status, const char *body) {
    head(out, status, strlen(body), "Content-Type: application/json\r\n");
    buf_puts(out, body);
}

static inline bool grant(struct sori_str r, struct buf *out) {
    char want[64], body[256];
    usleep((useconds_t)platform.slow_ms * 1000);
    pthread_mutex_lock(&platform.lock);
    platform.refreshes++;
    snprintf(want, sizeof want, "refresh_token=refresh%d", platform.newest);
    bool known = strstr(r.ptr, want) != NULL, hang_up = platform.hang_up;
    if (hang_up) {
    } else if (platform.page) {
        answer(out, "400 Bad Request", platform.page);
    } else if (platform.status) {
        answer(out, "503 Service Unavailable", "{}");
    } else if (!known) {
        platform.used_twice++;
        answer(out, "400 Bad Request",
               "{\"error\":\"invalid_request\",\"error_description\":\"Value passed for the token "
               "refresh0 was invalid.\"}");
    } else {
        platform.newest++;
        snprintf(body, sizeof body,
                 "{\"token_type\":\"bearer\",\"expires_in\":7200,\"access_token\":\"access%d\","
                 "\"refresh_token\":\"refresh%d\"}",
                 platform.newest, platform.newest);
        answer(out, "200 OK", body);
    }
    pthread_mutex_unlock(&platform.lock);
    return !hang_up;
}

static inline bool api(struct server *s, struct sori_str r, int nth, struct buf *out) {
    char want[64], body[128];
    if (is(r, "POST /token")) return grant(r, out);
    if (is(r, "GET /renew")) {
        bool right = strstr(r.ptr, "GET /renew?grant_type=ig&access_token=long0 ") != NULL;
        platform.refreshes++;
        answer(out, right ? "200 OK" : "400 Bad Request",
               right ? "{\"access_token\":\"long1\",\"expires_in\":5184000}" : "{\"error\":{}}");
        return true;
    }
    if (!is(r, "GET /me") && !is(r, "POST /me")) return serve(s, r, nth, out);
    pthread_mutex_lock(&platform.lock);
    snprintf(want, sizeof want, "Authorization: Bearer access%d\r\n", platform.newest);
    bool known = strstr(r.ptr, want) != NULL;
    if (!known) platform.refused++;
    snprintf(body, sizeof body, "{\"you\":\"access%d\"}", platform.newest);
    pthread_mutex_unlock(&platform.lock);
    answer(out, known ? "200 OK" : "401 Unauthorized", known ? body : "{}");
    return true;
}

static inline void put_slot(struct buf *conf, const char *name, int64_t kind, const char *url) {
    size_t mark = rec_begin(conf, NETCONN_SLOT);
    rec_str(conf, 1, str_c(name));
    rec_int(conf, 2, kind);
    rec_str(conf, 3, str_c(url));
    rec_end(conf, mark);
}

static inline void put_token(struct world *w, int64_t expires_at, const char *more) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"access_token\":\"access0\",\"refresh_token\":\"refresh0\",\"expires_at\":%lld,"
             "\"client_id\":\"me\"%s}\n",
             (long long)expires_at, more);
    put_file(w->secrets, "shop.oauth2", text, 0600);
}

static inline int open_platform(void **state) {
    int code = begin(state);
    struct world *w = *state;
    struct err err;
    struct buf conf = {0}, host = {0}, url = {0};
    server_stop(&w->site);
    assert_true(server_start(&w->site, "127.0.0.1", 0, api));
    buf_printf(&host, "127.0.0.1:%u", (unsigned)w->site.port);
    rec_str(&conf, NETCONF_SECRETS, str_c(w->secrets));
    size_t mark = rec_begin(&conf, NETCONF_CONNECTION);
    rec_str(&conf, NETCONN_NAME, SORI_STR("shop"));
    rec_str(&conf, NETCONN_ALLOW, buf_view(&host));
    buf_printf(&url, "http://%s/token", host.data);
    put_slot(&conf, "oauth2", SORI_SLOT_OAUTH2, url.data);
    buf_clear(&url);
    buf_printf(&url, "http://%s/renew?grant_type=ig", host.data);
    put_slot(&conf, "weeks", SORI_SLOT_RENEWED, url.data);
    rec_end(&conf, mark);
    if (!engine_configure(w->engine, buf_view(&conf), &err)) fail_msg("%s", err.text);
    buf_free(&conf);
    buf_free(&host);
    buf_free(&url);
    platform = (struct platform){.lock = PTHREAD_MUTEX_INITIALIZER};
    put_file(w->secrets, "shop.consumer_key", "ck1", 0600);
    put_file(w->secrets, "shop.consumer_secret", "cs1", 0600);
    put_file(w->secrets, "shop.token", "tk1-0123", 0600);
    put_file(w->secrets, "shop.token_secret", "ts1-4567", 0600);
    put_file(w->secrets, "shop.page", "EAAtesttoken123", 0600);
    put_file(w->secrets, "shop.app", "test-app-secret-1", 0600);
    put_token(w, clock_now() + 3600000, "");
    return code;
}

static inline struct asked get(struct world *w, const char *path, int scheme, const char *slot,
                               const char *user) {
    struct buf r = request(w, "shop", "GET", path);
    credential(&r, scheme, slot, user);
    return ask(w, r);
}

static inline json_t *on_disk(struct world *w) {
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/shop.oauth2", w->secrets);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    json_t *j = json_load_file(path, 0, NULL);
    assert_non_null(j);
    return j;
}

#endif
