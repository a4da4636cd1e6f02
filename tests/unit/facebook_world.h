/* A host for the facebook connector's tests: answers by rules, keeps state and cursors as the core
 * would, and writes down what was asked, with which credential, and what was given. */
#ifndef FACEBOOK_WORLD_H
#define FACEBOOK_WORLD_H

#include "facebook/facebook.h"
#include "unit/host_parts.h"

#define UNUSED __attribute__((unused))

struct rule {
    const char *method, *url; /* the URL contains this; the last rule that fits answers */
    int status;               /* 0: no answer came (RETRY); -1: refused by the host (PERMANENT) */
    const char *headers;      /* "name: value\n…" or NULL */
    const char *body;
    int times; /* answers so often, then no more; 0: always */
};
struct asked {
    struct sori_str line; /* "METHOD URL BODY" */
    uint32_t effect, scheme, flags;
    struct sori_str slot, user, type;
};

enum lane { LANE_POLL, LANE_ACT, LANE_HEALTH };

struct world {
    struct sori_host host;
    struct arena arena; /* of everything that was written down */
    struct rule rules[128];
    size_t rule_count;
    struct asked requests[400];
    size_t request_count;
    struct sori_pair state[32], cursors[32], facts[32];
    size_t state_count, cursor_count, fact_count;
    struct sori_item items[600];
    size_t item_count, gauge_count, made_count, reject_count;
    struct sori_str gauges[200]; /* "TARGET CLASS N" */
    struct sori_str why, made, made_url, said, logged, rates, tasks, done;
    struct sori_str authors; /* "SPACE ID NAME URL" a line */
    const char *const *options;
    struct sori_task due[8];
    size_t due_count;
    int32_t code;
    int64_t now, live_from, rate_until, left;
    struct budgets budgets;
    size_t stop_after; /* the sink says STOP from this many items on; 0 never */
    bool no_secret;    /* the connection has no app secret */
    enum lane lane;
};

static struct world world;
static void *self;
static const struct sori_connector *connector;

static struct sori_str keep(struct sori_str s) { return arena_copy(&world.arena, s); }
static UNUSED char *words(const char *format, ...) __attribute__((format(printf, 1, 2)));
static UNUSED char *words(const char *format, ...) {
    char *out = arena_get(&world.arena, 8192);
    va_list args;
    va_start(args, format);
    assert_true(vsnprintf(out, 8192, format, args) < 8192);
    va_end(args);
    return out;
}
static void add_line(struct sori_str *to, struct sori_str line) {
    *to = arena_format(&world.arena, "%.*s%.*s\n", S(*to), S(line));
}

static void put_pair(struct sori_pair *list, size_t *count, size_t room, struct sori_str name,
                     struct sori_str value) {
    pair_put(&world.arena, list, count, room, name, value);
}

static void world_log(const struct sori_host *h, enum sori_log_level l, struct sori_str m) {
    (void)h;
    add_line(&world.logged, arena_format(&world.arena, "%d %.*s", (int)l, S(m)));
}
static int64_t world_now(const struct sori_host *h) {
    (void)h;
    return world.now;
}
static int64_t world_left(const struct sori_host *h) {
    (void)h;
    return world.left;
}
static bool world_cancelled(const struct sori_host *h) {
    (void)h;
    return false;
}

static enum sori_status world_http(const struct sori_host *h, const struct sori_http_request *q,
                                   struct sori_http_response *r) {
    (void)h;
    assert_true(world.request_count < 400);
    bool reads = s_is(q->method, "GET");
    assert_int_equal(q->effect == SORI_HTTP_READ, reads);
    /* As the core lets them through. */
    if (q->effect == SORI_HTTP_WRITE) assert_int_equal(world.lane, LANE_ACT);
    if (q->effect == SORI_HTTP_SETUP) assert_int_not_equal(world.lane, LANE_ACT);
    assert_true(s_starts(q->url, "https://"));
    assert_true(s_find_char(q->url, ' ') == q->url.len && s_find_char(q->url, '{') == q->url.len);
    world.requests[world.request_count++] = (struct asked){
        .line = arena_format(&world.arena, "%.*s %.*s %.*s", S(q->method), S(q->url), S(q->body)),
        .effect = q->effect,
        .scheme = q->auth_scheme,
        .flags = q->flags,
        .slot = keep(q->auth_slot),
        .user = keep(q->auth_user),
        .type = keep(pairs_get(q->headers, "content-type"))};
    if (world.no_secret && q->auth_scheme != SORI_AUTH_BEARER) return SORI_PERMANENT;
    struct rule *hit = NULL;
    for (size_t i = 0; i < world.rule_count; i++)
        if (world.rules[i].times >= 0 && s_is(q->method, world.rules[i].method) &&
            s_find(q->url, world.rules[i].url) < q->url.len)
            hit = &world.rules[i];
    static struct rule none = {
        "GET",
        "",
        400,
        NULL,
        "{\"error\":{\"message\":\"Unsupported get request\",\"code\":100,\"error_subcode\":33}}",
        0};
    if (!hit) hit = &none;
    if (hit->times > 0 && --hit->times == 0) hit->times = -1;
    if (hit->status <= 0) return hit->status ? SORI_PERMANENT : SORI_RETRY;
    answer_put(&world.arena, r, q->url, hit->status, hit->headers, hit->body);
    return SORI_OK;
}

static struct sori_str world_state_get(const struct sori_host *h, struct sori_str name) {
    (void)h;
    return pair_of(world.state, world.state_count, name);
}
static enum sori_status world_state_put(const struct sori_host *h, struct sori_str name,
                                        struct sori_str value) {
    (void)h;
    assert_int_equal(world.lane, LANE_POLL);
    assert_true(value.len <= 65536);
    put_pair(world.state, &world.state_count, 32, name, value);
    return SORI_OK;
}
static void world_rate(const struct sori_host *h, const struct sori_rate *r) {
    (void)h;
    add_line(&world.rates,
             arena_format(&world.arena, "%.*s %lld/%lld %lld", S(r->bucket),
                          (long long)r->remaining, (long long)r->limit, (long long)r->until));
    if (r->remaining <= 0) world.rate_until = r->until;
    budgets_note(&world.arena, &world.budgets, r);
}
static bool world_full(const struct sori_host *h, struct sori_str bucket, struct sori_rate *r) {
    (void)h;
    return budgets_full(&world.budgets, bucket, world.now, r);
}
static const void *world_extension(const struct sori_host *h, const char *id) {
    static const struct sori_full_host full = {.struct_size = sizeof full, .full = world_full};
    (void)h;
    return strcmp(id, SORI_FULL_ID) == 0 ? &full : NULL;
}
static void world_fail(const struct sori_host *h, int32_t code, struct sori_str m) {
    (void)h;
    world.code = code;
    world.why = keep(m);
}

static struct sori_item kept_item(const struct sori_item *i) {
    struct sori_item k = *i;
    k.native_id = keep(i->native_id);
    k.parent = keep(i->parent);
    k.target = keep(i->target);
    k.author_id = keep(i->author_id);
    k.author_name = keep(i->author_name);
    k.text = keep(i->text);
    k.url = keep(i->url);
    k.why_not = keep(i->why_not);
    k.note = keep(i->note);
    return k;
}
static enum sori_more sink_item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    assert_true(world.item_count < 600);
    assert_true(i->native_id.len > 0 && i->space.len > 0);
    world.items[world.item_count++] = kept_item(i);
    return world.stop_after && world.item_count >= world.stop_after ? SORI_STOP : SORI_MORE;
}
static enum sori_more sink_gauge(const struct sori_sink *s, struct sori_str t, struct sori_str c,
                                 int64_t n) {
    (void)s;
    assert_true(world.gauge_count < 200);
    world.gauges[world.gauge_count++] =
        arena_format(&world.arena, "%.*s %.*s %lld", S(t), S(c), (long long)n);
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
    put_pair(world.cursors, &world.cursor_count, 32, name, value);
    return SORI_MORE;
}
static enum sori_more sink_reject(const struct sori_sink *s, int64_t line, struct sori_str why,
                                  struct sori_str raw) {
    (void)s, (void)line;
    assert_true(why.len && raw.len);
    world.reject_count++;
    return SORI_MORE;
}
static enum sori_more sink_task(const struct sori_sink *s, struct sori_str key,
                                struct sori_str body, int64_t due) {
    (void)s;
    add_line(&world.tasks,
             arena_format(&world.arena, "%.*s=%.*s@%lld", S(key), S(body), (long long)due));
    return SORI_MORE;
}
static enum sori_more sink_done(const struct sori_sink *s, struct sori_str key) {
    (void)s;
    add_line(&world.done, key);
    return SORI_MORE;
}
static enum sori_more sink_author(const struct sori_sink *s, const struct sori_author *a) {
    (void)s;
    assert_true(a->id.len > 0 && a->struct_size == sizeof *a);
    add_line(&world.authors, arena_format(&world.arena, "%.*s %.*s %.*s %.*s", S(a->space),
                                          S(a->id), S(a->name), S(a->url)));
    return SORI_MORE;
}
static const struct sori_sink world_sink = {.struct_size = sizeof world_sink,
                                            .item = sink_item,
                                            .gauge = sink_gauge,
                                            .gap = sink_gap,
                                            .cursor = sink_cursor,
                                            .reject = sink_reject,
                                            .task = sink_task,
                                            .task_done = sink_done,
                                            .author = sink_author};

static void world_made(const struct sori_result *r, struct sori_str id, struct sori_str url) {
    (void)r;
    assert_int_equal(world.made_count++, 0);
    world.made = keep(id);
    world.made_url = keep(url);
}
static const struct sori_result world_result = {.struct_size = sizeof world_result,
                                                .made = world_made};

static void world_say(const struct sori_health *h, enum sori_log_level level, struct sori_str s) {
    (void)h;
    add_line(&world.said, arena_format(&world.arena, "%d %.*s", (int)level, S(s)));
}
static void world_fact(const struct sori_health *h, struct sori_str name, struct sori_str value) {
    (void)h;
    put_pair(world.facts, &world.fact_count, 32, name, value);
}
static const struct sori_health world_health = {
    .struct_size = sizeof world_health, .say = world_say, .fact = world_fact};

static UNUSED void on(const char *method, const char *url, int status, const char *headers,
                      const char *body) {
    assert_true(world.rule_count < 128);
    world.rules[world.rule_count++] = (struct rule){method, url, status, headers, body, 0};
}
static UNUSED void once(const char *method, const char *url, int status, const char *headers,
                        const char *body) {
    on(method, url, status, headers, body);
    world.rules[world.rule_count - 1].times = 1;
}

/* A new process of the same connection: memory is gone, state and cursors are there. */
static void start(void) {
    struct sori_pair pairs[16];
    size_t n = options_read(world.options, pairs, 16);
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = SORI_STR("page"),
                                 .options = {pairs, n},
                                 .timezone = SORI_STR("Asia/Seoul")};
    connector = sori_plugin_v0()->interfaces[0].vtable;
    self = NULL;
    assert_int_equal(connector->create(&world.host, &config, &self), SORI_OK);
}
static UNUSED void restart(void) {
    connector->destroy(self);
    start();
}

/* Starts an instance with options "name=value", a NULL at the end. */
static UNUSED void begin(const char *const *options) {
    world = (struct world){
        .now = 1795309200000, .live_from = 1795309200000, .left = 60000, .options = options};
    /* now: 2026-11-22T01:00:00Z */
    world.host = (struct sori_host){.struct_size = sizeof world.host,
                                    .abi = SORI_ABI,
                                    .log = world_log,
                                    .now = world_now,
                                    .left = world_left,
                                    .cancelled = world_cancelled,
                                    .http = world_http,
                                    .state_get = world_state_get,
                                    .state_put = world_state_put,
                                    .rate = world_rate,
                                    .fail = world_fail,
                                    .extension = world_extension};
    start();
}
static UNUSED void end(void) {
    connector->destroy(self);
    arena_free(&world.arena);
}

static void forget(void) {
    world.item_count = world.gauge_count = world.request_count = world.reject_count = 0;
    world.made_count = 0;
    world.made = world.why = world.rates = world.said = world.authors = (struct sori_str){NULL, 0};
    world.rate_until = 0;
    world.code = 0;
}

static UNUSED enum sori_status poll_once(void) {
    struct sori_pair now[32];
    for (size_t i = 0; i < world.cursor_count; i++) now[i] = world.cursors[i];
    struct sori_poll poll = {.struct_size = sizeof poll,
                             .task_stride = sizeof(struct sori_task),
                             .cursors = {now, world.cursor_count},
                             .tasks = world.due,
                             .task_count = world.due_count,
                             .limit = 500,
                             .live_from = world.live_from};
    size_t cursors = world.cursor_count, states = world.state_count;
    struct sori_pair was[32], had[32];
    memcpy(was, world.cursors, sizeof was);
    memcpy(had, world.state, sizeof had);
    forget();
    world.lane = LANE_POLL;
    enum sori_status s = connector->poll(self, &poll, &world_sink);
    if (s != SORI_OK && s != SORI_AGAIN) { /* as the core: neither counts then */
        memcpy(world.cursors, was, sizeof was);
        memcpy(world.state, had, sizeof had);
        world.cursor_count = cursors;
        world.state_count = states;
    }
    return s;
}

/* The last item of that native id and event, or NULL. */
static UNUSED const struct sori_item *item(const char *native, enum sori_event e) {
    for (size_t i = world.item_count; i > 0; i--)
        if (s_is(world.items[i - 1].native_id, native) && world.items[i - 1].event == e)
            return &world.items[i - 1];
    return NULL;
}
static UNUSED bool gauge(const char *line) {
    for (size_t i = 0; i < world.gauge_count; i++)
        if (s_is(world.gauges[i], line)) return true;
    return false;
}
/* How many requests contain this. */
static UNUSED size_t asked(const char *what) {
    size_t n = 0;
    for (size_t i = 0; i < world.request_count; i++)
        n += s_find(world.requests[i].line, what) < world.requests[i].line.len;
    return n;
}
static UNUSED const struct asked *last(void) {
    assert_true(world.request_count > 0);
    return &world.requests[world.request_count - 1];
}
static UNUSED struct sori_str cursor(const char *name) {
    return pairs_get((struct sori_pairs){world.cursors, world.cursor_count}, name);
}
static UNUSED struct sori_str fact(const char *name) {
    return pairs_get((struct sori_pairs){world.facts, world.fact_count}, name);
}
static UNUSED void check_words(struct sori_str have, const char *want) {
    if (!s_is(have, want)) fail_msg("want \"%s\", have \"%.*s\"", want, S(have));
}
static UNUSED void check_has(struct sori_str have, const char *want) {
    if (s_find(have, want) == have.len) fail_msg("want …\"%s\"…, have \"%.*s\"", want, S(have));
}
static UNUSED void check_asked(size_t i, const char *want) {
    assert_true(i < world.request_count);
    check_words(world.requests[i].line, want);
}

#endif
