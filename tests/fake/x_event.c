/* What happens around our account is told to whoever subscribed: to a webhook, signed as X signs,
 * or as a line of the stream of activities. */
#include "fake/x.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct x_view everything = {NULL, NULL};

/* ---- subscriptions ---- */

static bool known_event(const char *type) {
    return x_has("post.create,post.delete,post.mention.create,post.reply.create,post.quote.create,"
                 "post.repost.create,like.create,dm.received,dm.sent,dm.read,follow.follow,"
                 "follow.unfollow,oauth.revoke,chat.received,chat.sent,profile.update.bio,"
                 "profile.update.screenname,profile.update.handle",
                 type);
}

static bool is_private(const char *type) {
    return !x_has("post.create,post.delete,follow.follow,follow.unfollow,oauth.revoke", type) &&
           strncmp(type, "profile.", 8) != 0;
}

void x_subscriptions(struct x_call *c) {
    json_t *list = x_list(c->f, "subscriptions");
    json_t *answer = json_pack("{s:{s:i}}", "meta", "result_count", (int)json_array_size(list));
    if (json_array_size(list)) json_object_set(answer, "data", list);
    reply_json(c->r, 200, answer);
}

static bool same_subscription(const json_t *a, const json_t *b) {
    return strcmp(json_text(a, "event_type"), json_text(b, "event_type")) == 0 &&
           json_equal(json_object_get(a, "filter"), json_object_get(b, "filter"));
}

static const json_t *webhook_of(struct fake *f, const char *id) {
    size_t i;
    const json_t *one;
    json_array_foreach(x_list(f, "webhooks"), i,
                       one) if (strcmp(json_text(one, "id"), id) == 0) return one;
    return NULL;
}

/* NULL where it is taken. */
static const char *against(struct x_call *c, const json_t *body) {
    const char *type = json_text(body, "event_type"), *hook = json_text(body, "webhook_id");
    const json_t *filter = json_object_get(body, "filter"), *one;
    size_t i;
    if (!known_event(type)) return "$.event_type: does not have a value in the enumeration";
    if (!x_known_id(json_text(filter, "user_id"))) return "$.filter.user_id: is missing";
    if (*hook && !webhook_of(c->f, hook)) return "$.webhook_id: there is no such webhook";
    json_array_foreach(
        x_list(c->f, "subscriptions"), i,
        one) if (same_subscription(one, body)) return "DuplicateSubscriptionFailed: this "
                                                      "subscription exists already";
    if (json_array_size(x_list(c->f, "subscriptions")) >= 1500)
        return "the limit of subscriptions is reached";
    return NULL;
}

void x_subscribe(struct x_call *c) {
    const json_t *body = json_is_object(c->a->json) ? c->a->json : NULL;
    const char *type = json_text(body, "event_type"), *why = against(c, body);
    bool user = c->kind == X_OAUTH2 || (c->kind == X_OAUTH1 && !x_is(c->f, "private", "oauth2"));
    if (why) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request", "%s", why);
        return;
    }
    if (is_private(type) && !user) {
        x_problem(c->f, c->r, 403, "unsupported-authentication", "Unsupported Authentication",
                  "%s is a private event: subscribe to it as the user that it belongs to", type);
        return;
    }
    char id[24];
    x_new_id(c->f, fake_now(), id);
    json_t *one = json_deep_copy(body);
    json_object_set_new(one, "subscription_id", json_string(id));
    json_object_set_new(one, "created_at", x_stamp(fake_now()));
    json_object_set_new(one, "updated_at", x_stamp(fake_now()));
    json_t *list = x_list(c->f, "subscriptions");
    json_array_append_new(list, one);
    int n = (int)json_array_size(list);
    reply_json(c->r, 200,
               json_pack("{s:{s:O, s:i}, s:{s:i}}", "data", "subscription", one,
                         "total_subscriptions_for_instance_id", n, "meta", "total_subscriptions",
                         n));
}

void x_unsubscribe(struct x_call *c) {
    json_t *list = x_list(c->f, "subscriptions"), *one;
    size_t i;
    json_array_foreach(list, i, one) {
        if (strcmp(json_text(one, "subscription_id"), c->part[0]) != 0) continue;
        json_array_remove(list, i);
        reply_json(c->r, 200,
                   json_pack("{s:{s:b}, s:{s:i}}", "data", "deleted", 1, "meta",
                             "total_subscriptions", (int)json_array_size(list)));
        return;
    }
    x_problem(c->f, c->r, 404, "resource-not-found", "Not Found Error",
              "Could not find subscription with id: [%s].", c->part[0]);
}

/* ---- events ---- */

/* Where X reaches an address that the world sees: the setting `public`, "https://a=http://b". */
static char *reached(struct fake *f, const char *url) {
    const char *map = fake_get(f, "public"), *is = strchr(map, '=');
    size_t n = is ? (size_t)(is - map) : 0;
    struct buf b = {0};
    if (n && strncmp(url, map, n) == 0)
        buf_printf(&b, "%s%s", is + 1, url + n);
    else
        buf_puts(&b, url);
    return b.data;
}

static void deliver(struct fake *f, const json_t *hook, const char *body) {
    struct buf head = {0};
    char *url = reached(f, json_text(hook, "url"));
    buf_puts(&head, "Content-Type: application/json\nx-twitter-webhooks-signature: sha256=");
    hmac_base64(&head, 256, fake_get(f, "consumer_secret"), body, strlen(body));
    buf_putc(&head, '\0');
    fake_deliver(f, url, head.data, body, strlen(body), (int)fake_number(f, "tries"), 0);
    buf_free(&head);
    free(url);
}

/* Events that were sent, or would have been, are kept to be sent again. */
static void keep(struct fake *f, const char *hook, const char *body) {
    enum { KEPT = 2000 };
    json_t *list = x_list(f, "events");
    if (json_array_size(list) >= KEPT) json_array_remove(list, 0);
    json_array_append_new(list, json_pack("{s:I, s:s, s:s}", "at", (json_int_t)fake_now(),
                                          "webhook_id", hook, "body", body));
}

static int64_t minute_of(const char *text) {
    struct tm tm = {0};
    const char *end = strptime(text, "%Y%m%d%H%M", &tm);
    return strlen(text) == 12 && end && !*end ? (int64_t)timegm(&tm) * 1000 : 0;
}

void x_replay(struct x_call *c) {
    const char *id = json_text(c->a->json, "webhook_id");
    int64_t from = minute_of(json_text(c->a->json, "from_date")),
            to = minute_of(json_text(c->a->json, "to_date")), now = fake_now();
    const json_t *hook = webhook_of(c->f, id), *event;
    size_t i;
    if (!hook || !from || to <= from || to > now || now - from > 24 * 3600000) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "webhook_id, or from_date and to_date as yyyymmddhhmm within the last 24 hours");
        return;
    }
    json_array_foreach(x_list(c->f, "events"), i, event) {
        int64_t at = json_integer_value(json_object_get(event, "at"));
        if (at < from || at >= to || strcmp(json_text(event, "webhook_id"), id) != 0) continue;
        deliver(c->f, hook, json_text(event, "body"));
        x_count(c->f, "events sent again");
    }
    char job[24];
    x_new_id(c->f, now, job);
    reply_json(c->r, 200, json_pack("{s:s, s:o}", "job_id", job, "created_at", x_stamp(now)));
}

static void tell(struct fake *f, const json_t *sub, json_t *data) {
    char uuid[24];
    x_new_id(f, fake_now(), uuid);
    json_object_set_new(data, "event_uuid", json_string(uuid));
    json_object_set(data, "filter", json_object_get(sub, "filter"));
    json_object_set_new(data, "tag", json_string(json_text(sub, "tag")));
    json_t *root = x_spell(f, json_pack("{s:o}", "data", data));
    char *body = json_dumps(root, JSON_COMPACT);
    const char *id = json_text(sub, "webhook_id");
    const json_t *hook = *id ? webhook_of(f, id) : NULL;
    if (hook) keep(f, id, body);
    if (hook && json_is_true(json_object_get(hook, "valid"))) {
        deliver(f, hook, body);
    } else if (!*id) {
        struct buf line = {0};
        buf_printf(&line, "%s\r\n", body);
        fake_stream_send(f, "activity", line.data, line.len);
        buf_free(&line);
    }
    free(body);
    json_decref(root);
}

void x_event(struct fake *f, const char *type, const char *user, json_t *payload,
             json_t *includes) {
    size_t i;
    const json_t *sub;
    json_array_foreach(x_list(f, "subscriptions"), i, sub) {
        const char *whose = json_text(json_object_get(sub, "filter"), "user_id");
        if (strcmp(json_text(sub, "event_type"), type) != 0 || strcmp(whose, user) != 0) continue;
        json_t *data = json_pack("{s:s, s:O}", "event_type", type, "payload", payload);
        if (includes) json_object_set(data, "includes", includes);
        tell(f, sub, data);
    }
    json_decref(payload);
    json_decref(includes);
}

static void post_event(struct fake *f, const char *type, const json_t *post) {
    json_t *beside = json_object(), *one = json_pack("[O]", post);
    x_beside(f, beside, one, &everything);
    json_t *includes = json_object_get(beside, "includes");
    x_event(f, type, fake_get(f, "user_id"), x_show(f, post, &everything),
            includes ? json_incref(includes) : json_object());
    json_decref(beside);
    json_decref(one);
}

static bool to_ours(struct fake *f, const json_t *post, const char *how) {
    const json_t *other = x_post(f, json_text(post, how));
    return other && x_ours(f, other);
}

void x_post_events(struct fake *f, const json_t *post) {
    if (x_ours(f, post)) {
        post_event(f, "post.create", post);
        return;
    }
    if (to_ours(f, post, "repost_of")) post_event(f, "post.repost.create", post);
    if (to_ours(f, post, "quote_of")) post_event(f, "post.quote.create", post);
    if (to_ours(f, post, "reply_to")) post_event(f, "post.reply.create", post);
    if (x_summons(f, post) && strcasestr(json_text(post, "raw"), fake_get(f, "handle")))
        post_event(f, "post.mention.create", post);
}

void x_message_event(struct fake *f, const json_t *m) {
    const char *us = fake_get(f, "user_id"), *sender = json_text(m, "sender_id");
    bool ours = strcmp(us, sender) == 0;
    json_t *users = json_object(), *message;
    json_object_set_new(users, sender, json_pack("{s:O}", "data", x_user(f, sender)));
    message =
        json_pack("{s:s, s:O, s:o, s:{s:{s:s}, s:s, s:{s:O}}}", "type", "message_create", "id",
                  json_object_get(m, "id"), "created_timestamp",
                  json_sprintf("%lld", (long long)json_integer_value(json_object_get(m, "at"))),
                  "message_create", "target", "recipient_id", ours ? json_text(m, "with") : us,
                  "sender_id", sender, "message_data", "text", json_object_get(m, "text"));
    x_event(f, ours ? "dm.sent" : "dm.received", us,
            json_pack("{s:[o], s:o}", "direct_message_events", message, "users", users), NULL);
}

/* ---- the check of a webhook ---- */

/* A random token goes there; what comes back must be its digest under the consumer secret. */
bool x_crc(struct fake *f, json_t *hook) {
    struct buf url = {0}, answer = {0}, right = {0};
    char token[64], *there = reached(f, json_text(hook, "url"));
    snprintf(token, sizeof token, "%016llx+/=%08llx", (unsigned long long)fake_random(f),
             (unsigned long long)fake_random(f) & 0xffffffff);
    buf_printf(&url, "%s?crc_token=", there);
    percent_encode(&url, token);
    buf_putc(&url, '\0');
    buf_puts(&right, "sha256=");
    hmac_base64(&right, 256, fake_get(f, "consumer_secret"), token, strlen(token));
    buf_putc(&right, '\0');
    int status = fake_fetch(f, "GET", url.data, NULL, NULL, 0, &answer);
    json_t *json = answer.len ? json_loadb(answer.data, answer.len, 0, NULL) : NULL;
    bool good = status == 200 && strcmp(json_text(json, "response_token"), right.data) == 0;
    x_count(f, good ? "crc good" : "crc failed");
    json_object_set_new(hook, "valid", json_boolean(good));
    json_decref(json);
    buf_free(&url);
    buf_free(&answer);
    buf_free(&right);
    free(there);
    return good;
}
