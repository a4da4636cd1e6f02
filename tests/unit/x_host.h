/* A host for the X connector's tests: answers by rules, keeps state, cursors, streams and costs as
 * the core would, and writes down what was asked and what was given. */
#ifndef X_HOST_H
#define X_HOST_H

#include "x/x.h"
#include "unit/host_parts.h"

#define ME     "1111111111111111111"
#define OTHER  "2222222222222222222"
#define SECOND 1000ll
#define MINUTE 60000ll
#define HOUR   3600000ll
#define DAY    86400000ll

struct rule {
    const char *method, *url; /* the request's URL contains this */
    int status;               /* 0: no answer came (RETRY) */
    const char *headers;      /* "name: value\n…" or NULL */
    const char *body;
    bool once; /* used up by one answer; goes before those that stay */
    bool used;
};

struct reject {
    struct sori_str why, raw;
};

struct fake {
    struct sori_host host;
    struct sori_stream_host stream_host;
    struct sori_cost_host cost_host;
    struct sori_full_host full_host;
    struct budgets budgets;
    struct arena arena; /* of everything that was written down */
    struct rule rules[64];
    size_t rule_count;
    struct sori_str requests[400]; /* "METHOD URL BODY SLOT" */
    size_t request_count;
    size_t writes, setups;
    struct sori_pair state[64], cursors[32], seen[8];
    size_t state_count, cursor_count;
    struct sori_item items[2048];
    size_t item_count;
    struct reject rejects[2048];
    size_t reject_count;
    struct sori_str streams[4];
    size_t stream_count;
    struct sori_pair facts[16];
    size_t fact_count;
    struct sori_str why, made, made_url, said, log, gap, task, done;
    int64_t gap_from, gap_to;
    int64_t now, left, rate_until, spent;
    size_t stop_after; /* the sink says STOP from this many items on; 0 never */
    size_t gauges, makes;
    /* Called instead of the rules where it is set; false: no answer. */
    bool (*server)(const struct sori_http_request *q, struct sori_http_response *r);
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
    (void)h, (void)l;
    fake.log = arena_format(&fake.arena, "%.*s%.*s\n", S(fake.log), S(m));
}
static int64_t fake_now(const struct sori_host *h) {
    (void)h;
    return fake.now;
}
static int64_t fake_left(const struct sori_host *h) {
    (void)h;
    return fake.left;
}
static bool fake_cancelled(const struct sori_host *h) {
    (void)h;
    return false;
}

static struct rule *rule_for(const struct sori_http_request *q) {
    struct rule *hit = NULL;
    for (size_t i = 0; i < fake.rule_count; i++) {
        struct rule *r = &fake.rules[i];
        if (r->used || !s_is(q->method, r->method) || s_find(q->url, r->url) >= q->url.len)
            continue;
        if (r->once) {
            r->used = true;
            return r;
        }
        hit = r;
    }
    return hit;
}

/* "METHOD @api/…" with "*" for one segment, as the core reads it. */
static bool setup_named(const struct sori_http_request *q) {
    for (const char *const *s = sori_plugin_v0()->setups; *s; s++) {
        struct sori_str want = s_of(*s), method, url = q->url;
        s_next(&want, ' ', &method);
        const char *api = "https://api.x.com";
        if (!s_eq(method, q->method) || !s_starts(url, api) || !s_starts(want, "@api")) continue;
        url = s_head(s_from(url, strlen(api)), s_find_char(s_from(url, strlen(api)), '?'));
        want = s_from(want, 4);
        struct sori_str a, b;
        bool same = true;
        while (same && url.len && want.len) {
            s_next(&url, '/', &a);
            s_next(&want, '/', &b);
            same = s_is(b, "*") ? a.len > 0 : s_eq(a, b);
        }
        if (same && !url.len && !want.len) return true;
    }
    return false;
}

/* Where SORI_X_REQUESTS names a file, every request goes there too, to be held against X's own
 * document. */
static void write_down(const struct sori_http_request *q) {
    const char *path = getenv("SORI_X_REQUESTS");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f) return;
    fprintf(f, "%.*s\t%.*s\t%.*s\n", S(q->method), S(q->url), S(q->body));
    fclose(f);
}

static enum sori_status fake_http(const struct sori_host *h, const struct sori_http_request *q,
                                  struct sori_http_response *r) {
    (void)h;
    assert_true(fake.request_count < 400);
    assert_int_equal(q->effect == SORI_HTTP_READ, s_is(q->method, "GET"));
    assert_true(q->auth_slot.len > 0);
    assert_true(s_is(q->auth_slot, "token") ? q->auth_scheme == SORI_AUTH_OAUTH1
                                            : q->auth_scheme == SORI_AUTH_BEARER);
    fake.requests[fake.request_count++] = arena_format(
        &fake.arena, "%.*s %.*s %.*s %.*s", S(q->method), S(q->url), S(q->body), S(q->auth_slot));
    assert_true(q->effect != SORI_HTTP_SETUP || setup_named(q));
    fake.writes += q->effect == SORI_HTTP_WRITE;
    fake.setups += q->effect == SORI_HTTP_SETUP;
    write_down(q);
    if (fake.server) return fake.server(q, r) ? SORI_OK : SORI_RETRY;
    const struct rule *hit = rule_for(q);
    static const struct rule none = {"GET", "",   404, NULL, "{\"title\":\"no such thing\"}",
                                     false, false};
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
    assert_true(value.len <= 65536 && name.len <= 256);
    put_pair(fake.state, &fake.state_count, 64, name, value);
    return SORI_OK;
}
static void fake_rate(const struct sori_host *h, const struct sori_rate *r) {
    (void)h;
    if (r->remaining <= 0 && r->until > fake.rate_until) fake.rate_until = r->until;
    budgets_note(&fake.arena, &fake.budgets, r);
}
static bool fake_full(const struct sori_host *h, struct sori_str bucket, struct sori_rate *r) {
    (void)h;
    return budgets_full(&fake.budgets, bucket, fake.now, r);
}
static void fake_fail(const struct sori_host *h, int32_t code, struct sori_str m) {
    (void)h, (void)code;
    fake.why = keep(m);
}
static enum sori_status fake_want(const struct sori_host *h, const struct sori_stream *s) {
    (void)h;
    assert_true(fake.stream_count < 4);
    assert_true(s_is(s->auth_slot, "bearer"));
    fake.streams[fake.stream_count++] =
        arena_format(&fake.arena, "%.*s %.*s", S(s->name), S(s->url));
    return SORI_OK;
}
static void fake_spend(const struct sori_host *h, struct sori_str what, int64_t micros) {
    (void)h;
    assert_true(what.len > 0 && micros > 0);
    fake.spent += micros;
}
static int64_t fake_spent(const struct sori_host *h) {
    (void)h;
    return fake.spent;
}
static const void *fake_extension(const struct sori_host *h, const char *id) {
    (void)h;
    if (strcmp(id, SORI_STREAM_ID) == 0) return &fake.stream_host;
    if (strcmp(id, SORI_COST_ID) == 0) return &fake.cost_host;
    if (strcmp(id, SORI_FULL_ID) == 0) return &fake.full_host;
    return NULL;
}

static enum sori_more sink_item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    assert_true(fake.item_count < sizeof fake.items / sizeof *fake.items);
    assert_true(i->native_id.len > 0 && i->native_id.len <= 512);
    assert_true(s_is(i->space, "x:"));
    assert_true(utf8_valid(i->text));
    struct sori_item copy = *i;
    struct sori_str *const texts[] = {
        &copy.space,       &copy.native_id,  &copy.parent, &copy.target,  &copy.author_id,
        &copy.author_name, &copy.author_url, &copy.title,  &copy.text,    &copy.url,
        &copy.why_not,     &copy.note,       &copy.lang,   &copy.reaction};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) *texts[k] = keep(*texts[k]);
    size_t n = i->attachments.count;
    struct sori_pair *pairs = arena_get(&fake.arena, n * sizeof *pairs + 1);
    for (size_t k = 0; k < n; k++)
        pairs[k] = (struct sori_pair){keep(i->attachments.items[k].name),
                                      keep(i->attachments.items[k].value)};
    copy.attachments = (struct sori_pairs){pairs, n};
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
    (void)s;
    fake.gap = keep(w);
    fake.gap_from = f;
    fake.gap_to = t;
    return SORI_MORE;
}
static enum sori_more sink_cursor(const struct sori_sink *s, struct sori_str name,
                                  struct sori_str value) {
    (void)s;
    assert_true(value.len <= 4096);
    put_pair(fake.cursors, &fake.cursor_count, 32, name, value);
    return SORI_MORE;
}
static enum sori_more sink_reject(const struct sori_sink *s, int64_t line, struct sori_str why,
                                  struct sori_str raw) {
    (void)s, (void)line;
    assert_true(fake.reject_count < 2048);
    assert_true(why.len > 0);
    fake.rejects[fake.reject_count++] = (struct reject){keep(why), keep(raw)};
    return SORI_MORE;
}
static enum sori_more sink_task(const struct sori_sink *s, struct sori_str key,
                                struct sori_str body, int64_t due) {
    (void)s, (void)body, (void)due;
    fake.task = keep(key);
    return SORI_MORE;
}
static enum sori_more sink_task_done(const struct sori_sink *s, struct sori_str key) {
    (void)s;
    fake.done = keep(key);
    return SORI_MORE;
}

static const struct sori_sink fake_sink = {.struct_size = sizeof fake_sink,
                                           .item = sink_item,
                                           .gauge = sink_gauge,
                                           .gap = sink_gap,
                                           .cursor = sink_cursor,
                                           .reject = sink_reject,
                                           .task = sink_task,
                                           .task_done = sink_task_done};

static void fake_made(const struct sori_result *r, struct sori_str id, struct sori_str url) {
    (void)r;
    fake.made = keep(id);
    fake.made_url = keep(url);
    fake.makes++;
}
static const struct sori_result fake_result = {.struct_size = sizeof fake_result,
                                               .made = fake_made};

static void fake_say(const struct sori_health *h, enum sori_log_level level, struct sori_str s) {
    (void)h;
    fake.said = arena_format(&fake.arena, "%.*s%d %.*s\n", S(fake.said), (int)level, S(s));
}
static void fake_fact(const struct sori_health *h, struct sori_str name, struct sori_str value) {
    (void)h;
    put_pair(fake.facts, &fake.fact_count, 16, name, value);
}
static const struct sori_health fake_health = {
    .struct_size = sizeof fake_health, .say = fake_say, .fact = fake_fact};

static void put_rule(struct rule r) {
    assert_true(fake.rule_count < 64);
    fake.rules[fake.rule_count++] = r;
}
static __attribute__((unused)) void on(const char *method, const char *url, int status,
                                       const char *headers, const char *body) {
    put_rule((struct rule){method, url, status, headers, body, false, false});
}
static __attribute__((unused)) void once(const char *method, const char *url, int status,
                                         const char *headers, const char *body) {
    put_rule((struct rule){method, url, status, headers, body, true, false});
}

static struct sori_pair option_pairs[24];

static struct sori_pairs options_of(const char *const *options) {
    return (struct sori_pairs){option_pairs, options_read(options, option_pairs, 24)};
}

/* Starts an instance of connection `name` with options "name=value", a NULL at the end. */
static enum sori_status begin_as(const char *name, const char *const *options) {
    fake = (struct fake){.now = 1795309200000, .left = 60000}; /* 2026-11-22T01:00:00Z */
    fake.stream_host =
        (struct sori_stream_host){.struct_size = sizeof fake.stream_host, .want = fake_want};
    fake.cost_host = (struct sori_cost_host){
        .struct_size = sizeof fake.cost_host, .spend = fake_spend, .spent = fake_spent};
    fake.full_host =
        (struct sori_full_host){.struct_size = sizeof fake.full_host, .full = fake_full};
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
                                   .fail = fake_fail,
                                   .extension = fake_extension};
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = s_of(name),
                                 .options = options_of(options),
                                 .timezone = SORI_STR("Asia/Seoul")};
    connector = sori_plugin_v0()->interfaces[0].vtable;
    self = NULL;
    return connector->create(&fake.host, &config, &self);
}

static __attribute__((unused)) void begin(const char *const *options) {
    assert_int_equal(begin_as("shop-x", options), SORI_OK);
}

static void end(void) {
    connector->destroy(self);
    arena_free(&fake.arena);
}

static void forget(void) {
    fake.item_count = fake.request_count = fake.stream_count = fake.reject_count = 0;
    fake.writes = fake.setups = fake.gauges = 0;
    fake.rate_until = 0;
    fake.why = fake.log = fake.gap = (struct sori_str){NULL, 0};
}

/* One poll; where it does not end well, its cursors and state are dropped as the core does. */
static __attribute__((unused)) enum sori_status poll_with(struct sori_poll poll) {
    struct sori_pair now[32], cursors[32], state[64];
    size_t cursor_count = fake.cursor_count, state_count = fake.state_count;
    memcpy(now, fake.cursors, sizeof now);
    memcpy(cursors, fake.cursors, sizeof cursors);
    memcpy(state, fake.state, sizeof state);
    forget();
    poll.struct_size = sizeof poll;
    poll.cursors = (struct sori_pairs){now, cursor_count};
    poll.task_stride = sizeof(struct sori_task);
    if (!poll.limit) poll.limit = 500;
    if (!poll.live_from) poll.live_from = 1795309200000;
    enum sori_status s = connector->poll(self, &poll, &fake_sink);
    if (s != SORI_OK && s != SORI_AGAIN) {
        memcpy(fake.cursors, cursors, sizeof cursors);
        memcpy(fake.state, state, sizeof state);
        fake.cursor_count = cursor_count;
        fake.state_count = state_count;
    }
    return s;
}
static __attribute__((unused)) enum sori_status poll_once(void) {
    return poll_with((struct sori_poll){0});
}

static __attribute__((unused)) enum sori_status decode_as(const char *const *options,
                                                          struct sori_str body, const char *form) {
    struct sori_delivery d = {.struct_size = sizeof d,
                              .connection = SORI_STR("shop-x"),
                              .options = options_of(options),
                              .form = s_of(form),
                              .body = body,
                              .received_at = fake.now};
    return connector->decode(self, &d, &fake_sink);
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
static __attribute__((unused)) void check_has(struct sori_str have, const char *want) {
    if (s_find(have, want) >= have.len) fail_msg("want \"…%s…\", have \"%.*s\"", want, S(have));
}

#endif
