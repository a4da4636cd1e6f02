/* What X sends us is kept in step with the options: the rules of the stream, the webhook, and the
 * events that are subscribed to. Only what carries our tag is ever taken away. */
#include "x/x.h"

enum { HOUR_MS = 3600000, LISTS_MAX = 20 };

static struct sori_str tag(struct x *x) {
    return arena_format(&x->call, "sori/%.*s", S(utf8_cut(x->connection, 100)));
}

/* ---- lists at X ---- */

/* All pages of a list, as one array. */
static json_t *whole_list(struct x *x, enum x_as as, const char *path, const char *bucket,
                          const char *doing, bool paged, enum sori_status *status) {
    json_t *all = json_array();
    struct sori_str token = {NULL, 0};
    *status = SORI_OK;
    for (int page = 0; page < LISTS_MAX; page++) {
        struct text q = {0};
        if (paged) x_param(&q, "max_results", SORI_STR("1000"));
        if (token.len) x_param(&q, "pagination_token", token);
        struct x_request r = {.method = "GET",
                              .as = as,
                              .path = s_of(path),
                              .query = text_view(&q),
                              .bucket = bucket};
        struct x_answer a = x_ask(x, &r);
        text_free(&q);
        *status = x_verdict(x, &a, doing);
        if (*status == SORI_OK) {
            json_array_extend(all, json_object_get(a.json, "data"));
            token = arena_copy(&x->call, x_str(json_object_get(a.json, "meta"), "next_token"));
        }
        x_answer_free(&a);
        if (*status != SORI_OK) {
            json_decref(all);
            return NULL;
        }
        if (!token.len) break;
    }
    return all;
}

json_t *x_rules(struct x *x, enum sori_status *status) {
    return whole_list(x, X_AS_APP, "/2/tweets/search/stream/rules", "rules", "reading the rules",
                      true, status);
}

json_t *x_subscriptions(struct x *x, enum sori_status *status) {
    return whole_list(x, X_AS_APP, "/2/activity/subscriptions", "subscriptions",
                      "reading the subscriptions", true, status);
}

json_t *x_webhooks(struct x *x, enum sori_status *status) {
    return whole_list(x, X_AS_APP, "/2/webhooks", "webhooks", "reading the webhooks", false,
                      status);
}

bool x_is_rule(const json_t *rules, struct sori_str value) {
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)rules, i,
                       one) if (s_eq(x_str(one, "value"), value)) return true;
    return false;
}

/* ---- doing it once an hour ---- */

/* State NAME: "HASH AT". Due where the options changed or the hour is over. */
static bool is_due(struct x *x, const char *name, uint64_t hash) {
    struct sori_str s = arena_copy(&x->call, x->host->state_get(x->host, s_of(name))), part;
    struct sori_str now = arena_format(&x->call, "%016llx", (unsigned long long)hash);
    if (!s_next(&s, ' ', &part) || !s_eq(part, now)) return true;
    int64_t at = s_number(s), clock = x->host->now(x->host);
    return at < 0 || at > clock || clock - at >= HOUR_MS;
}

static int64_t done_at(struct x *x, const char *name) {
    struct sori_str s = x->host->state_get(x->host, s_of(name)), part;
    int64_t at = s_next(&s, ' ', &part) ? s_number(s) : 0;
    return at > 0 ? at : x->host->now(x->host);
}

static void was_done(struct x *x, const char *name, uint64_t hash) {
    x->host->state_put(x->host, s_of(name),
                       arena_format(&x->call, "%016llx %lld", (unsigned long long)hash,
                                    (long long)x->host->now(x->host)));
}

static json_t *text_json(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

/* ---- rules ---- */

/* A good status does not mean that every rule was taken: each refusal is said. */
static void say_refusals(struct x *x, const json_t *answer) {
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(answer, "errors"), i, one) {
        struct sori_str detail = x_str(one, "detail");
        const json_t *first = json_array_get(json_object_get(one, "details"), 0);
        if (!detail.len && json_is_string(first)) detail = s_of(json_string_value(first));
        x_log(x, SORI_LOG_WARN, "%.*s: X does not take the rule \"%.*s\": %.*s %.*s",
              S(x->connection), S(utf8_cut(x_str(one, "value"), 200)), S(x_str(one, "title")),
              S(utf8_cut(detail, 300)));
    }
    const json_t *summary = json_object_get(json_object_get(answer, "meta"), "summary");
    if (x_int(summary, "not_created") + x_int(summary, "not_deleted") > 0)
        x_log(x, SORI_LOG_WARN, "%.*s: of the rules X took %lld, and %lld not", S(x->connection),
              (long long)(x_int(summary, "created") + x_int(summary, "deleted")),
              (long long)(x_int(summary, "not_created") + x_int(summary, "not_deleted")));
}

/* Sends {"add": …} or {"delete": …}. A 400 may still have taken some of them. */
static enum sori_status change_rules(struct x *x, const json_t *body) {
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_SETUP,
                          .as = X_AS_APP,
                          .path = SORI_STR("/2/tweets/search/stream/rules"),
                          .body = body,
                          .bucket = "rules changed"};
    struct x_answer a = x_ask(x, &r);
    bool partly = a.sent == SORI_OK && json_object_get(a.json, "errors") &&
                  (x_good(&a) || a.status == 400 || a.status == 409 || a.status == 422);
    if (partly) say_refusals(x, a.json);
    enum sori_status s = partly ? SORI_OK : x_verdict(x, &a, "changing the rules of the stream");
    x_answer_free(&a);
    return s;
}

/* Rules of ours that no watch asks for any longer. */
static json_t *rules_to_drop(struct x *x, const json_t *rules, struct sori_str mine) {
    json_t *ids = json_array();
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)rules, i, one) {
        struct sori_str rest = x->conf.watch, line, value = x_str(one, "value");
        bool wanted = !s_eq(x_str(one, "tag"), mine);
        while (!wanted && s_next(&rest, '\n', &line)) wanted = s_eq(s_trim(line), value);
        if (!wanted) json_array_append_new(ids, text_json(x_id(&x->call, one, "id")));
    }
    return ids;
}

static json_t *rules_to_add(struct x *x, const json_t *rules, struct sori_str mine) {
    json_t *add = json_array();
    struct sori_str rest = x->conf.watch, line;
    while (s_next(&rest, '\n', &line)) {
        line = s_trim(line);
        if (line.len && !x_is_rule(rules, line) && !x_is_rule(add, line))
            json_array_append_new(
                add, json_pack("{s:o, s:o}", "value", text_json(line), "tag", text_json(mine)));
    }
    return add;
}

static size_t rules_there(struct x *x, const json_t *rules) {
    struct sori_str rest = x->conf.watch, line;
    size_t n = 0;
    while (s_next(&rest, '\n', &line)) n += x_is_rule(rules, s_trim(line));
    return n;
}

enum sori_status x_keep_rules(struct x *x, size_t *count) {
    uint64_t hash = hash_bytes(hash_bytes(0, x->conf.watch), x->conf.api);
    *count = 0;
    if (!is_due(x, "rules", hash)) return SORI_OK;
    enum sori_status s;
    json_t *rules = x_rules(x, &s);
    if (!rules) return s;
    struct sori_str mine = tag(x);
    json_t *drop = rules_to_drop(x, rules, mine), *add = rules_to_add(x, rules, mine);
    json_t *body = json_pack("{s:{s:O}}", "delete", "ids", drop);
    bool changed = json_array_size(drop) || json_array_size(add);
    if (json_array_size(drop)) s = change_rules(x, body);
    json_decref(body);
    body = json_pack("{s:O}", "add", add);
    if (s == SORI_OK && json_array_size(add)) s = change_rules(x, body);
    json_decref(body);
    json_decref(drop);
    json_decref(add);
    if (s == SORI_OK && changed) { /* what it took, not what we sent */
        json_decref(rules);
        rules = x_rules(x, &s);
    }
    if (s == SORI_OK) {
        *count = rules_there(x, rules);
        was_done(x, "rules", hash);
        x->host->state_put(x->host, SORI_STR("rules.count"), arena_format(&x->call, "%zu", *count));
        if (!*count)
            x_log(x, SORI_LOG_WARN, "%.*s: X has none of the watches as a rule: no stream",
                  S(x->connection));
    }
    json_decref(rules);
    return s;
}

/* ---- the webhook ---- */

const json_t *x_webhook(const struct x *x, const json_t *webhooks) {
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)webhooks, i,
                       one) if (s_eq(x_str(one, "url"), x->conf.webhook)) return one;
    return NULL;
}

static enum sori_status create_webhook(struct x *x, struct sori_str *id) {
    json_t *body = json_pack("{s:o}", "url", text_json(x->conf.webhook));
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_SETUP,
                          .as = X_AS_APP,
                          .path = SORI_STR("/2/webhooks"),
                          .body = body,
                          .bucket = "webhooks"};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    enum sori_status s =
        x_verdict(x, &a,
                  "registering the webhook (X asks it for a CRC at once: is Sori's gate "
                  "reached at this address?)");
    const json_t *data = json_object_get(a.json, "data");
    if (s == SORI_OK) *id = arena_copy(&x->call, x_id(&x->call, data ? data : a.json, "id"));
    x_answer_free(&a);
    return s;
}

static enum sori_status validate_webhook(struct x *x, struct sori_str id) {
    struct x_request r = {.method = "PUT",
                          .effect = SORI_HTTP_SETUP,
                          .as = X_AS_APP,
                          .path = arena_format(&x->call, "/2/webhooks/%.*s", S(id)),
                          .bucket = "webhooks"};
    struct x_answer a = x_ask(x, &r);
    /* 204 has no body. */
    bool good = a.sent == SORI_OK && a.status >= 200 && a.status < 300;
    enum sori_status s = good ? SORI_OK : x_verdict(x, &a, "having the webhook validated again");
    x_answer_free(&a);
    return s;
}

static enum sori_status keep_webhook(struct x *x, struct sori_str *id) {
    enum sori_status s;
    json_t *list = x_webhooks(x, &s);
    if (!list) return s;
    const json_t *ours = x_webhook(x, list);
    *id = arena_copy(&x->call, x_id(&x->call, ours, "id"));
    if (!ours)
        s = create_webhook(x, id);
    else if (json_is_false(json_object_get(ours, "valid"))) {
        s = validate_webhook(x, *id);
        /* It was valid when it was looked at last. */
        if (s == SORI_OK) x_replay_from(x, done_at(x, "events"));
    }
    json_decref(list);
    if (s == SORI_OK && !x_is_id(*id)) {
        x_fail(x, 0, "X registered the webhook without giving it an id");
        s = SORI_RETRY;
    }
    if (s == SORI_OK) x->host->state_put(x->host, SORI_STR("webhook"), *id);
    return s;
}

/* ---- subscriptions ---- */

struct sori_str x_events(const struct x_conf *conf) {
    const struct sori_str usual =
        SORI_STR("post.mention.create\npost.reply.create\npost.quote.create\npost.repost.create\n"
                 "like.create\npost.create\npost.delete\ndm.received\ndm.sent");
    return s_trim(conf->events).len ? conf->events : usual;
}

const json_t *x_subscription(const struct x *x, const json_t *list, struct sori_str event) {
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)list, i, one) {
        const json_t *user = json_object_get(json_object_get(one, "filter"), "user_id");
        if (s_eq(x_str(one, "event_type"), event) && json_is_string(user) &&
            s_eq(s_of(json_string_value(user)), x->conf.user_id))
            return one;
    }
    return NULL;
}

static bool is_private(struct sori_str event) {
    return !s_is(event, "post.create") && !s_is(event, "post.delete") &&
           !s_starts(event, "profile.") && !s_starts(event, "follow.");
}

static enum sori_status subscribe(struct x *x, struct sori_str event, struct sori_str webhook) {
    json_t *body = json_pack("{s:o, s:{s:o}, s:o}", "event_type", text_json(event), "filter",
                             "user_id", text_json(x->conf.user_id), "tag", text_json(tag(x)));
    if (s_is(event, "like.create"))
        json_object_set_new(json_object_get(body, "filter"), "direction", json_string("inbound"));
    if (webhook.len) json_object_set_new(body, "webhook_id", text_json(webhook));
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_SETUP,
                          .as = is_private(event) ? X_AS_USER : X_AS_APP,
                          .path = SORI_STR("/2/activity/subscriptions"),
                          .body = body,
                          .bucket = "subscriptions"};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    enum sori_status s = x_verdict(x, &a, "subscribing to an event");
    if (s == SORI_PERMANENT || s == SORI_GONE || s == SORI_CONFIG) {
        x_log(x, SORI_LOG_WARN, "%.*s: X does not let us subscribe to %.*s: %.*s %.*s",
              S(x->connection), S(event), S(a.title), S(utf8_cut(a.detail, 300)));
        s = SORI_OK;
    }
    x_answer_free(&a);
    return s;
}

static enum sori_status unsubscribe(struct x *x, struct sori_str id) {
    struct x_request r = {.method = "DELETE",
                          .effect = SORI_HTTP_SETUP,
                          .as = X_AS_APP,
                          .path = arena_format(&x->call, "/2/activity/subscriptions/%.*s", S(id)),
                          .bucket = "subscriptions"};
    struct x_answer a = x_ask(x, &r);
    bool good = a.sent == SORI_OK && ((a.status >= 200 && a.status < 300) || a.status == 404);
    enum sori_status s = good ? SORI_OK : x_verdict(x, &a, "taking a subscription back");
    x_answer_free(&a);
    return s;
}

static bool is_wanted(struct x *x, struct sori_str event) {
    struct sori_str rest = x_events(&x->conf), line;
    while (s_next(&rest, '\n', &line))
        if (s_eq(s_trim(line), event)) return true;
    return false;
}

/* Ours, and either not wanted any longer or on its way to another place. */
static enum sori_status drop_strays(struct x *x, json_t *list, struct sori_str webhook) {
    struct sori_str mine = tag(x);
    enum sori_status s = SORI_OK;
    for (size_t i = json_array_size(list); i-- > 0 && s == SORI_OK;) {
        const json_t *one = json_array_get(list, i);
        if (!s_eq(x_str(one, "tag"), mine)) continue;
        if (is_wanted(x, x_str(one, "event_type")) &&
            s_eq(x_id(&x->call, one, "webhook_id"), webhook))
            continue;
        s = unsubscribe(x, arena_copy(&x->call, x_id(&x->call, one, "subscription_id")));
        if (s == SORI_OK) json_array_remove(list, i);
    }
    return s;
}

enum sori_status x_keep_events(struct x *x) {
    struct sori_str events = x_events(&x->conf), webhook = {NULL, 0}, line;
    uint64_t hash = hash_bytes(hash_bytes(0, events), x->conf.webhook);
    hash = hash_bytes(hash, x->conf.user_id);
    if (!is_due(x, "events", hash)) return SORI_OK;
    enum sori_status s = x->conf.webhook.len ? keep_webhook(x, &webhook) : SORI_OK;
    if (s != SORI_OK) return s;
    json_t *list = x_subscriptions(x, &s);
    if (!list) return s;
    s = drop_strays(x, list, webhook);
    while (s == SORI_OK && s_next(&events, '\n', &line)) {
        line = s_trim(line);
        if (line.len && !x_subscription(x, list, line)) s = subscribe(x, line, webhook);
    }
    json_decref(list);
    if (s == SORI_OK) was_done(x, "events", hash);
    return s;
}
