/* A host for the blog connector's tests: answers by rules, keeps state and cursors as the core
 * would, and writes down what was asked and what was given. */
#ifndef BLOG_HOST_H
#define BLOG_HOST_H

#include "blog/blog.h"
#include "unit/host_parts.h"

struct rule {
    const char *method, *url; /* the URL contains this; the last rule that fits answers */
    int status;               /* 0: no answer came (RETRY) */
    const char *headers;      /* "name: value\n…" or NULL */
    const char *body;
};

struct given {
    struct sori_item item;
};

struct fake {
    struct sori_host host;
    struct arena arena; /* of everything that was written down */
    struct rule rules[64];
    size_t rule_count;
    struct sori_str requests[400]; /* "METHOD URL BODY" */
    size_t request_count;
    struct sori_pair state[64], cursors[16], seen_headers[8];
    size_t state_count, cursor_count, header_count;
    struct sori_item items[600];
    size_t item_count;
    struct sori_str why, made, made_url, said;
    uint32_t last_flags, last_scheme;
    int64_t now, rate_until;
    size_t stop_after; /* the sink says STOP from this many items on; 0 never */
    size_t gauges;
};

static struct fake fake;
static void *self;
static const struct sori_connector *connector;

static struct sori_str keep(struct sori_str s) { return arena_copy(&fake.arena, s); }

static void put_pair(struct sori_pair *list, size_t *count, size_t room, struct sori_str name,
                     struct sori_str value) {
    pair_put(&fake.arena, list, count, room, name, value);
}

static void fake_log(const struct sori_host *h, enum sori_log_level l, struct sori_str m) {
    (void)h, (void)l, (void)m;
}
static int64_t fake_now(const struct sori_host *h) {
    (void)h;
    return fake.now;
}
static int64_t fake_left(const struct sori_host *h) {
    (void)h;
    return 30000;
}
static bool fake_cancelled(const struct sori_host *h) {
    (void)h;
    return false;
}

static enum sori_status fake_http(const struct sori_host *h, const struct sori_http_request *q,
                                  struct sori_http_response *r) {
    (void)h;
    assert_true(fake.request_count < 400);
    assert_int_equal(q->effect == SORI_HTTP_WRITE, !s_is(q->method, "GET"));
    fake.requests[fake.request_count++] =
        arena_format(&fake.arena, "%.*s %.*s %.*s", S(q->method), S(q->url), S(q->body));
    fake.last_flags = q->flags;
    fake.last_scheme = q->auth_scheme;
    fake.header_count = 0;
    for (size_t i = 0; i < q->headers.count; i++)
        put_pair(fake.seen_headers, &fake.header_count, 8, q->headers.items[i].name,
                 q->headers.items[i].value);
    const struct rule *hit = NULL;
    for (size_t i = 0; i < fake.rule_count; i++)
        if (s_is(q->method, fake.rules[i].method) && s_find(q->url, fake.rules[i].url) < q->url.len)
            hit = &fake.rules[i];
    static const struct rule none = {"GET", "", 404, NULL, "<html>not here</html>"};
    if (!hit) hit = &none;
    if (hit->status == 0) return SORI_RETRY;
    answer_put(&fake.arena, r, q->url, hit->status, hit->headers, hit->body);
    return SORI_OK;
}

static struct sori_str fake_state_get(const struct sori_host *h, struct sori_str name) {
    (void)h;
    return pair_of(fake.state, fake.state_count, name);
}
static enum sori_status fake_state_put(const struct sori_host *h, struct sori_str name,
                                       struct sori_str value) {
    (void)h;
    assert_true(value.len <= 65536);
    put_pair(fake.state, &fake.state_count, 64, name, value);
    return SORI_OK;
}
static void fake_rate(const struct sori_host *h, const struct sori_rate *r) {
    (void)h;
    fake.rate_until = r->until;
}
static void fake_fail(const struct sori_host *h, int32_t code, struct sori_str m) {
    (void)h, (void)code;
    fake.why = keep(m);
}

static enum sori_more sink_item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    assert_true(fake.item_count < 600);
    assert_true(i->native_id.len > 0 && i->native_id.len <= 512);
    assert_true(s_starts(i->space, "blog:"));
    struct sori_item copy = *i;
    struct sori_str *const texts[] = {&copy.space,      &copy.native_id, &copy.parent,
                                      &copy.target,     &copy.author_id, &copy.author_name,
                                      &copy.author_url, &copy.title,     &copy.text,
                                      &copy.url,        &copy.why_not,   &copy.note};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) *texts[k] = keep(*texts[k]);
    fake.items[fake.item_count++] = copy;
    return fake.stop_after && fake.item_count >= fake.stop_after ? SORI_STOP : SORI_MORE;
}
static enum sori_more sink_gauge(const struct sori_sink *s, struct sori_str t, struct sori_str c,
                                 int64_t n) {
    (void)s, (void)t, (void)c, (void)n;
    fake.gauges++;
    return SORI_MORE;
}
static enum sori_more sink_gap(const struct sori_sink *s, int64_t f, int64_t t, struct sori_str w) {
    (void)s, (void)f, (void)t, (void)w;
    return SORI_MORE;
}
static enum sori_more sink_cursor(const struct sori_sink *s, struct sori_str name,
                                  struct sori_str value) {
    (void)s;
    assert_true(value.len <= 4096);
    put_pair(fake.cursors, &fake.cursor_count, 16, name, value);
    return SORI_MORE;
}

static const struct sori_sink fake_sink = {.struct_size = sizeof fake_sink,
                                           .item = sink_item,
                                           .gauge = sink_gauge,
                                           .gap = sink_gap,
                                           .cursor = sink_cursor};

static void fake_made(const struct sori_result *r, struct sori_str id, struct sori_str url) {
    (void)r;
    fake.made = keep(id);
    fake.made_url = keep(url);
}
static const struct sori_result fake_result = {.struct_size = sizeof fake_result,
                                               .made = fake_made};

static void fake_say(const struct sori_health *h, enum sori_log_level level, struct sori_str s) {
    (void)h;
    fake.said = arena_format(&fake.arena, "%.*s%d %.*s\n", S(fake.said), (int)level, S(s));
}
static const struct sori_health fake_health = {.struct_size = sizeof fake_health, .say = fake_say};

static void on(const char *method, const char *url, int status, const char *headers,
               const char *body) {
    assert_true(fake.rule_count < 64);
    fake.rules[fake.rule_count++] = (struct rule){method, url, status, headers, body};
}

/* Starts an instance with options "name=value", a NULL at the end. */
static void begin(const char *const *options) {
    fake = (struct fake){.now = 1795309200000}; /* 2026-11-22T01:00:00Z */
    fake.host = (struct sori_host){.struct_size = sizeof fake.host,
                                   .abi = SORI_ABI,
                                   .log = fake_log,
                                   .now = fake_now,
                                   .left = fake_left,
                                   .cancelled = fake_cancelled,
                                   .http = fake_http,
                                   .state_get = fake_state_get,
                                   .state_put = fake_state_put,
                                   .rate = fake_rate,
                                   .fail = fake_fail};
    struct sori_pair pairs[16];
    size_t n = options_read(options, pairs, 16);
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = SORI_STR("shop"),
                                 .options = {pairs, n},
                                 .timezone = SORI_STR("Asia/Seoul")};
    connector = sori_plugin_v0()->interfaces[0].vtable;
    self = NULL;
    assert_int_equal(connector->create(&fake.host, &config, &self), SORI_OK);
}

static void end(void) {
    connector->destroy(self);
    arena_free(&fake.arena);
}

static enum sori_status poll_once(void) {
    struct sori_pair now[16];
    for (size_t i = 0; i < fake.cursor_count; i++) now[i] = fake.cursors[i];
    struct sori_poll poll = {.struct_size = sizeof poll,
                             .cursors = {now, fake.cursor_count},
                             .limit = 500,
                             .live_from = fake.now};
    fake.item_count = 0;
    fake.request_count = 0;
    return connector->poll(self, &poll, &fake_sink);
}

/* The last item of that native id and event, or NULL. */
static __attribute__((unused)) const struct sori_item *item(const char *native, enum sori_event e) {
    for (size_t i = fake.item_count; i > 0; i--)
        if (s_is(fake.items[i - 1].native_id, native) && fake.items[i - 1].event == e)
            return &fake.items[i - 1];
    return NULL;
}

/* How many requests contain this. */
static __attribute__((unused)) size_t asked(const char *what) {
    size_t n = 0;
    for (size_t i = 0; i < fake.request_count; i++)
        n += s_find(fake.requests[i], what) < fake.requests[i].len;
    return n;
}

static __attribute__((unused)) void check_words(struct sori_str have, const char *want) {
    if (!s_is(have, want)) fail_msg("want \"%s\", have \"%.*s\"", want, S(have));
}

#endif
