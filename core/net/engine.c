#include "net/engine.h"

#include "net/call.h"
#include "sori/host.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <stdlib.h>

enum {
    TIMEOUT_MS = 60000,
    STRANGER_MS = 15000,
    TIMEOUT_MAX = 600000,
    BODY = 10 << 20,
    STRANGER_BODY = 1 << 20,
    STRANGER_PER_HOST = 4, /* a host that many strangers name is not flooded by us */
    OURS_ROOM = 32768,
    BODY_MAX = WIRE_BODY_MAX - (1 << 20)
};

struct engine {
    struct event_base *base;
    struct web *web;
    struct resolver *resolver;
    struct settings *settings;
    struct call *calls;
    struct refresh *refreshes;
    unsigned open;
    bool stranger;
};

struct web *engine_web(struct engine *e) {
    return e->web;
}
struct resolver *engine_resolver(struct engine *e) {
    return e->resolver;
}
struct call *engine_calls(struct engine *e) {
    return e->calls;
}
struct refresh **engine_refreshes(struct engine *e) {
    return &e->refreshes;
}
struct settings *engine_settings(struct engine *e) {
    return e->settings;
}
unsigned engine_open(const struct engine *e) { return e->open; }

static void web_ended(void *private, CURL *easy, CURLcode code) {
    (void)easy;
    call_hop_done(private, code);
}

struct engine *engine_new(struct event_base *base, bool stranger, resolve_lookup *lookup,
                          void *lookup_ctx) {
    struct engine *e = mem_get(sizeof *e);
    e->base = base;
    e->stranger = stranger;
    e->web = web_new(base, stranger ? STRANGER_PER_HOST : 0, web_ended);
    e->resolver = resolver_new(base, lookup, lookup_ctx);
    e->settings = settings_read((struct sori_str){0}, stranger, NULL);
    return e;
}

bool engine_configure(struct engine *e, struct sori_str record, struct err *err) {
    struct err found = {{0}};
    if (!rec_valid(record, 4)) return err_set(err, "the settings of net are broken");
    settings_drop(e->settings);
    e->settings = settings_read(record, e->stranger, &found);
    return !found.text[0] || err_set(err, "%s", found.text);
}

static void call_free(struct call *c) {
    transfer_end(c, c->engine->web);
    if (c->job) resolver_forget(c->engine->resolver, c->job);
    if (c->timer) event_free(c->timer);
    if ((*c->link = c->next)) c->next->link = c->link;
    c->engine->open--;
    if (c->credential.scheme == AUTH_OURS) { /* tokens are in both */
        secret_wipe_buf(&c->answer.body);
        secret_wipe_buf(&c->request);
        if (c->target.url) explicit_bzero(c->target.url, strlen(c->target.url));
    }
    answer_clear(&c->answer);
    credential_wipe(&c->credential);
    target_free(&c->target);
    settings_drop(c->settings);
    buf_free(&c->request);
    free(c);
}

void engine_free(struct engine *e) {
    while (e->calls) call_free(e->calls);
    rotate_free(e);
    resolver_free(e->resolver);
    web_free(e->web);
    settings_drop(e->settings);
    free(e);
}

void call_finish(struct call *c, enum sori_status status) {
    struct buf record = {0};
    engine_done *done = c->done;
    void *ctx = c->ctx;
    bool ours = c->credential.scheme == AUTH_OURS;
    transfer_end(c, c->engine->web);
    if (ours) buf_room(&record, 4 * OURS_ROOM);
    answer_write(c, &record);
    if (c->over) *c->over = true;
    call_free(c);
    done(ctx, status, buf_view(&record));
    if (ours)
        secret_wipe_buf(&record);
    else
        buf_free(&record);
}

static void late(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct call *c = arg;
    if (c->waits)
        err_set(&c->err, "no new token came within %.1f s", (double)c->timeout_ms / 1000);
    else
        err_set(&c->err, "%.*s: no whole answer within %.1f s", (int)strcspn(c->target.url, "?"),
                c->target.url, (double)c->timeout_ms / 1000);
    answer_clear(&c->answer);
    call_finish(c, SORI_RETRY);
}

void engine_cancel(struct call *c) {
    err_set(&c->err, "%.*s: cancelled", (int)strcspn(c->target.url, "?"), c->target.url);
    answer_clear(&c->answer);
    call_finish(c, SORI_CANCELLED);
}

static void read_fields(struct call *c) {
    struct sori_str r = buf_view(&c->request);
    bool ours = c->credential.scheme == AUTH_OURS;
    c->method = rec_get_str(r, HTTP_METHOD);
    if (c->method.len == 0) c->method = SORI_STR("GET");
    c->body = rec_get_str(r, HTTP_BODY);
    c->name = rec_get_str(r, HTTP_CONNECTION);
    c->effect = rec_get_int(r, HTTP_EFFECT, SORI_HTTP_READ);
    c->flags = rec_get_int(r, HTTP_FLAGS, 0);
    if (!ours)
        c->credential = (struct credential){.scheme = rec_get_int(r, HTTP_SCHEME, SORI_AUTH_NONE),
                                            .connection = c->name,
                                            .slot = rec_get_str(r, HTTP_SLOT),
                                            .user = rec_get_str(r, HTTP_USER)};
    bool stranger = c->engine->stranger;
    int64_t ms = rec_get_int(r, HTTP_TIMEOUT, 0), body = rec_get_int(r, HTTP_MAX_BODY, 0);
    if (ms <= 0) ms = stranger ? STRANGER_MS : TIMEOUT_MS;
    if (body <= 0) body = stranger ? STRANGER_BODY : BODY;
    c->timeout_ms = ms > TIMEOUT_MAX ? TIMEOUT_MAX : ms;
    c->max_body = body > BODY_MAX ? BODY_MAX : (size_t)body;
}

static bool known_method(struct sori_str m) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(m, names[i])) return true;
    return false;
}

/* A request that changes something must say so: only then does the core let it out, and once. */
static bool check_method(struct call *c) {
    bool reads = str_is(c->method, "GET") || str_is(c->method, "HEAD");
    if (!known_method(c->method))
        return err_set(&c->err,
                       "the method \"%.*s\": expected GET, HEAD, POST, PUT, PATCH or DELETE",
                       STR(c->method));
    if (!reads && c->effect != SORI_HTTP_WRITE && c->effect != SORI_HTTP_SETUP)
        return err_set(&c->err, "a %.*s must be declared as a write or a setup", STR(c->method));
    if (reads && c->body.len) return err_set(&c->err, "a %.*s has no body", STR(c->method));
    if (!reads && c->flags & SORI_HTTP_HEAD)
        return err_set(&c->err, "a %.*s is no HEAD", STR(c->method));
    return true;
}

static bool check_credential(struct call *c) {
    struct credential *k = &c->credential;
    if (k->scheme == SORI_AUTH_NONE && k->slot.len == 0) return true;
    if (c->settings->stranger)
        return err_set(&c->err, "a link of a stranger is asked without credentials");
    return credential_check(k, &c->err) && credential_load(k, c->settings, &c->err);
}

static bool known_scheme(int64_t scheme) {
    return scheme >= SORI_AUTH_BEARER && scheme <= SORI_AUTH_INPUT_TOKEN;
}

static enum sori_status check(struct call *c) {
    struct sori_str r = buf_view(&c->request), url = rec_get_str(r, HTTP_URL);
    if (!rec_valid(r, 4)) {
        err_set(&c->err, "the request is broken");
        return SORI_BUG;
    }
    read_fields(c);
    bool ours = c->credential.scheme == AUTH_OURS;
    bool marked = (c->flags & SORI_HTTP_STRANGER) != 0;
    if (marked != c->settings->stranger)
        err_set(&c->err, "a request %s came to the wrong process",
                marked ? "to a stranger's link" : "of a connection");
    else if (marked && c->effect != SORI_HTTP_READ)
        err_set(&c->err, "what a stranger named is only read");
    else if (!marked && !(c->connection = settings_find(c->settings, c->name)))
        err_set(&c->err, "the connection \"%.*s\" is not known here", STR(c->name));
    else if (check_method(c) && target_parse(url, &c->target, &c->err))
        return ours || check_credential(c)          ? SORI_OK
               : known_scheme(c->credential.scheme) ? SORI_AUTH
                                                    : SORI_PERMANENT;
    return SORI_PERMANENT;
}

struct beginning {
    bool ours;
    const struct call_taker *taker;
    engine_done *done;
    void *ctx;
};

static struct call *make(struct engine *e, struct sori_str request, const struct beginning *b) {
    struct call *c = mem_get(sizeof *c);
    c->engine = e;
    c->done = b->done;
    c->ctx = b->ctx;
    if (b->taker) c->taker = *b->taker;
    c->settings = settings_hold(e->settings);
    c->link = &e->calls;
    if ((c->next = e->calls)) c->next->link = &c->next;
    e->calls = c;
    e->open++;
    buf_str(&c->request, request);
    if (b->ours) {
        c->credential.scheme = AUTH_OURS;
        buf_room(&c->answer.body, OURS_ROOM); /* growing would leave copies behind */
    }
    return c;
}

/* True while it goes on. */
static bool begin(struct call *c) {
    bool over = false;
    c->over = &over;
    enum sori_status status = check(c);
    if (status != SORI_OK) {
        call_finish(c, status);
        return false;
    }
    if (!c->taker.take) {
        c->timer = evtimer_new(c->engine->base, late, c);
        struct timeval tv = {.tv_sec = c->timeout_ms / 1000,
                             .tv_usec = c->timeout_ms % 1000 * 1000};
        SORI_ASSERT(c->timer && evtimer_add(c->timer, &tv) == 0);
    }
    call_run(c);
    if (over) return false;
    c->over = NULL;
    return true;
}

struct call *engine_http(struct engine *e, struct sori_str request, engine_done *done, void *ctx) {
    struct call *c = make(e, request, &(struct beginning){.done = done, .ctx = ctx});
    return begin(c) ? c : NULL;
}

void engine_ours(struct engine *e, struct sori_str request, engine_done *done, void *ctx) {
    begin(make(e, request, &(struct beginning){.ours = true, .done = done, .ctx = ctx}));
}

void engine_stream(struct engine *e, struct sori_str request, const struct call_taker *taker,
                   engine_done *done, void *ctx, struct call **call) {
    *call = make(e, request, &(struct beginning){.taker = taker, .done = done, .ctx = ctx});
    begin(*call); /* where it ends at once, `done` set *call to NULL, or freed it */
}

void engine_drop(struct call *c) { call_free(c); }
