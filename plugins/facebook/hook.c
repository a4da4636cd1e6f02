/* Webhook bodies: the envelope and what becomes of its parts. A part that cannot be read never
 * takes the others with it. */
#include "facebook/hook.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- ways out ---- */

void hook_give(struct hook *h, struct sori_item *item, enum sori_event event) {
    item->observed = SORI_OBSERVED_EVENT;
    item->event = (uint32_t)event;
    if (h->sink->item(h->sink, item) == SORI_STOP) h->stop = true;
}

void hook_task(struct hook *h, enum fb_want want, struct sori_str id, struct sori_str other,
               int64_t due) {
    fb_task_put(h->sink, h->map.a, want, id, other, due);
}

/* Was the same left not long ago? The same id is another one at another account. */
static bool asked_before(struct hook *h, enum fb_want want, struct sori_str id) {
    uint64_t seed = (uint64_t)h->map.surface + 1 + (uint64_t)want * 16;
    uint64_t who = hash_bytes(hash_bytes(seed, h->map.own), id);
    struct fb_asked *asked = &h->f->asked[who % FB_ASKED_ROOM];
    int64_t age = h->received_at - asked->at;
    if (asked->who == who && age >= 0 && age < FB_PROFILE_AGAIN) return true;
    *asked = (struct fb_asked){.who = who, .at = h->received_at};
    return false;
}

void hook_profile(struct hook *h, struct sori_str person) {
    enum { WITH_THE_NEXT_POLL = 5000 };
    if (!person.len || !SORI_HAS(h->sink, author)) return;
    if (asked_before(h, FB_WANT_PROFILE, person)) return;
    hook_task(h, FB_WANT_PROFILE, person, (struct sori_str){NULL, 0},
              h->received_at + WITH_THE_NEXT_POLL);
}

void hook_watch(struct hook *h, struct sori_str post) {
    if (post.len && !asked_before(h, FB_WANT_WATCH, post))
        hook_task(h, FB_WANT_WATCH, post, (struct sori_str){NULL, 0}, 0);
}

void hook_unknown(struct hook *h, const json_t *raw, const char *format, ...) {
    char why[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    char *bytes = raw ? json_dumps(raw, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct sori_str line = utf8_cut(s_of(why), sizeof why - 4);
    if (h->sink->reject(h->sink, 0, line, s_of(bytes)) == SORI_STOP) h->stop = true;
    free(bytes);
}

void hook_ignore(struct hook *h, enum fb_receipt what) {
    static const char *const names[FB_RECEIPTS] = {"read receipts", "delivery receipts"};
    uint64_t n = ++h->f->receipts[what];
    const struct sori_host *host = h->f->host;
    if (n & (n - 1)) return;
    char line[96];
    snprintf(line, sizeof line, "%s that were counted and passed over, so far: %llu", names[what],
             (unsigned long long)n);
    host->log(host, SORI_LOG_INFO, s_of(line));
}

int64_t hook_time(const struct hook *h, const json_t *value, const char *name) {
    int64_t at = fb_time(value, name);
    return at ? at : h->sent_at;
}

/* ---- entries of Pages and Instagram ---- */

static bool is_instagram(const struct hook *h) { return fb_is_instagram(h->map.surface); }

static void one_change(struct hook *h, const json_t *change) {
    struct sori_str field = fb_text(change, "field");
    const json_t *value = json_object_get(change, "value");
    if (!json_is_object(value))
        hook_unknown(h, change, "unknown: field %.*s without a value that can be read",
                     S(s_head(field, 64)));
    else if (is_instagram(h))
        hook_media(h, field, value);
    else
        hook_feed(h, field, value);
}

/* "Include values" is switched off: polling has to look. */
static void changed_fields(struct hook *h, const json_t *fields) {
    size_t i;
    json_t *field;
    json_array_foreach(fields, i, field) {
        struct sori_str name = {json_string_value(field), json_string_length(field)};
        if (json_is_string(field) && fb_good_id(name))
            hook_task(h, FB_WANT_FEED, name, (struct sori_str){NULL, 0}, 0);
        else
            hook_unknown(h, field, "unknown: a changed field without a name");
    }
}

static size_t events(struct hook *h, const json_t *list, bool standby) {
    size_t i;
    json_t *event;
    json_array_foreach(list, i, event) {
        if (h->stop) break;
        hook_message(h, event, standby);
    }
    return json_array_size(list);
}

/* An entry of another account that shares the application's one callback is not ours to answer. */
static bool is_ours(struct hook *h, const json_t *entry, struct sori_str id) {
    if (!h->account.len || s_eq(h->account, id)) return true;
    hook_unknown(h, entry,
                 "it is about account %.*s, this connection is account %.*s: the application is "
                 "subscribed to both, so give that one a connection and a callback of its own",
                 S(s_head(id, 64)), S(s_head(h->account, 64)));
    return false;
}

static void one_entry(struct hook *h, const json_t *entry) {
    struct sori_str id = fb_id(h->map.a, entry, "id");
    const json_t *changes = json_object_get(entry, "changes"), *change;
    size_t i, n = json_array_size(changes);
    if (!json_is_object(entry) || !is_ours(h, entry, id)) {
        if (!json_is_object(entry)) hook_unknown(h, entry, "unknown: an entry that is no object");
        return;
    }
    h->map.own = id;
    h->sent_at = fb_time(entry, "time");
    if (!h->sent_at) h->sent_at = h->received_at;
    json_array_foreach(changes, i, change) {
        if (h->stop) return;
        one_change(h, change);
    }
    n += events(h, json_object_get(entry, "messaging"), false);
    n += events(h, json_object_get(entry, "standby"), true);
    n += json_array_size(json_object_get(entry, "changed_fields"));
    changed_fields(h, json_object_get(entry, "changed_fields"));
    if (n) return;
    if (json_object_get(entry, "field")) /* flat, as with Instagram Login */
        one_change(h, entry);
    else
        hook_unknown(h, entry, "unknown: an entry without changes or messages");
}

/* ---- Threads ---- */

/* Replies are told of what is below our own threads, so their root tells who we are. */
static void thread_owner(struct hook *h, const json_t *value, bool reply) {
    const json_t *root = json_object_get(value, "root_post");
    struct sori_str owner = fb_id(h->map.a, root, "owner_id");
    h->map.own = h->account.len ? h->account : reply ? owner : (struct sori_str){NULL, 0};
    h->map.own_name =
        fb_is_own(&h->map, owner) ? fb_text(root, "username") : (struct sori_str){NULL, 0};
}

static void thread_change(struct hook *h, const json_t *change) {
    const json_t *value = json_object_get(change, "value");
    struct sori_str field = fb_text(change, "field");
    struct sori_item item;
    bool known = s_is(field, "replies") || s_is(field, "mentions") || s_is(field, "publish");
    bool gone = s_is(field, "delete");
    if (!json_is_object(value) || !(known || gone)) {
        hook_unknown(h, change, "unknown: field %.*s of Threads", S(s_head(field, 64)));
        return;
    }
    thread_owner(h, value, s_is(field, "replies"));
    if (!fb_map_thread(&h->map, value, &item)) {
        hook_unknown(h, change, "unknown: field %.*s of Threads without an id",
                     S(s_head(field, 64)));
        return;
    }
    if (gone) {
        item = fb_state_item(&item, SORI_EVENT_REMOVED);
        hook_give(h, &item, SORI_EVENT_REMOVED);
        return;
    }
    bool quoted = item.kind == SORI_KIND_SHARE, ours = item.origin != SORI_ORIGIN_PERSON;
    /* Below our own threads the same is told as a reply: one thing, one kind. */
    const json_t *root = json_object_get(value, "root_post");
    bool at_home = fb_is_own(&h->map, fb_id(h->map.a, root, "owner_id"));
    if (s_is(field, "mentions") && !quoted && !ours && !at_home) item.kind = SORI_KIND_MENTION;
    if (s_is(field, "publish") && item.kind == SORI_KIND_MENTION) {
        item.kind = SORI_KIND_POST;
        item.origin = SORI_ORIGIN_US_BY_HAND;
    }
    if (!item.said_at) item.said_at = h->sent_at;
    hook_give(h, &item, SORI_EVENT_SAID);
    if (!item.author_id.len)
        hook_task(h, FB_WANT_THREAD, item.native_id, (struct sori_str){NULL, 0}, 0);
}

static void threads(struct hook *h, const json_t *body) {
    const json_t *values = json_object_get(body, "values"), *change;
    size_t i;
    h->sent_at = fb_time(body, "time");
    if (!h->sent_at) h->sent_at = h->received_at;
    if (json_is_object(values)) {
        thread_change(h, values);
    } else if (json_array_size(values)) {
        json_array_foreach(values, i, change) {
            if (h->stop) return;
            thread_change(h, change);
        }
    } else {
        hook_unknown(h, body, "unknown: a Threads notification without values");
    }
}

/* ---- bodies ---- */

static void entries(struct hook *h, const json_t *body) {
    struct sori_str object = fb_text(body, "object");
    const json_t *list = json_object_get(body, "entry"), *entry;
    const char *wanted = is_instagram(h) ? "instagram" : "page";
    size_t i;
    if (!s_is(object, wanted)) {
        hook_unknown(h, body,
                     "unknown: object %.*s at a connection that hears %s; another one belongs to a "
                     "connection of its own",
                     S(s_head(object, 64)), wanted);
        return;
    }
    if (!json_array_size(list)) hook_unknown(h, body, "unknown: a notification without entries");
    json_array_foreach(list, i, entry) {
        if (h->stop) return;
        one_entry(h, entry);
    }
}

static void one_body(struct hook *h, const json_t *body) {
    if (!json_is_object(body))
        hook_unknown(h, body, "unknown: the body is no JSON object");
    else if (h->map.surface == FB_THREADS)
        threads(h, body);
    else
        entries(h, body);
}

enum sori_status fb_decode(struct fb *f, const struct sori_delivery *d,
                           const struct sori_sink *sink) {
    struct arena arena = {0};
    json_error_t wrong = {.line = 0};
    struct hook h = {
        .f = f,
        .map = {.a = &arena, .surface = fb_surface_of(d->options), .now = d->received_at},
        .sink = sink,
        .account = s_trim(pairs_get(d->options, "account")),
        .received_at = d->received_at};
    json_t *body =
        d->body.len ? json_loadb(d->body.ptr, d->body.len, JSON_ALLOW_NUL, &wrong) : NULL;
    if (body) {
        one_body(&h, body);
    } else {
        struct sori_str why = arena_format(&arena, "the body is no JSON: line %d, byte %d: %s",
                                           wrong.line, wrong.position, wrong.text);
        sink->reject(sink, wrong.line, why, d->body);
    }
    json_decref(body);
    arena_free(&arena);
    return SORI_OK;
}
