/* Webhooks, written, signed and repeated as the platform does. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

void gr_escape(struct buf *out, const char *json) {
    for (; *json; json++) {
        if (json[0] == '\\' && json[1] == 'u') {
            buf_puts(out, "\\u");
            for (int i = 2; i < 6; i++)
                buf_putc(out, (char)(json[i] >= 'A' && json[i] <= 'F' ? json[i] | 32 : json[i]));
            json += 5;
        } else if (json[0] == '\\') {
            buf_put(out, json++, 2);
        } else if (*json == '/') {
            buf_puts(out, "\\/");
        } else if (strchr("<%@", *json)) {
            buf_printf(out, "\\u%04X", (unsigned)*json);
        } else {
            buf_putc(out, *json);
        }
    }
}

void gr_send(struct fake *f, const char *body, size_t len, bool flip) {
    struct buf headers = {0}, bytes = {0};
    const char *secret = fake_get(f, "secret");
    if (!*fake_get(f, "hook")) return;
    buf_puts(&headers, "Content-Type: application/json\nUser-Agent: facebookexternalua\n"
                       "X-Hub-Signature: sha1=");
    hmac_hex(&headers, 1, secret, body, len);
    buf_puts(&headers, "\nX-Hub-Signature-256: sha256=");
    hmac_hex(&headers, 256, secret, body, len);
    buf_put(&bytes, body, len);
    if (flip && len) bytes.data[len / 2] ^= 1;
    fake_deliver(f, fake_get(f, "hook"), headers.data, bytes.data, len,
                 (int)fake_number(f, "tries"), 0);
    buf_free(&headers);
    buf_free(&bytes);
}

static void send_json(struct fake *f, json_t *json) {
    char *ascii = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    struct buf out = {0};
    gr_escape(&out, ascii);
    gr_send(f, out.data, out.len, false);
    buf_free(&out);
    free(ascii);
    json_decref(json);
}

static json_t *body_of(struct fake *f, json_t *entries) {
    return json_pack("{s:s, s:o}", "object", fake_get(f, "object"), "entry", entries);
}

/* Keeps it back, or sends it. Steals the entry. */
static void tell(struct fake *f, json_t *entry) {
    json_t *held = json_object_get(fake_world(f), "held");
    if (fake_number(f, "hold"))
        json_array_append_new(held, entry);
    else
        send_json(f, body_of(f, json_pack("[o]", entry)));
}

void gr_release(struct fake *f, bool shuffle, bool one_body, int copies) {
    json_t *held = json_object_get(fake_world(f), "held"), *all = json_array(), *entry;
    size_t i;
    for (int c = 0; c < copies; c++)
        json_array_foreach(held, i, entry) json_array_append(all, entry);
    json_array_clear(held);
    for (i = json_array_size(all); shuffle && i > 1; i--) {
        size_t at = fake_random(f) % i;
        json_t *last = json_incref(json_array_get(all, i - 1));
        json_array_set(all, i - 1, json_array_get(all, at));
        json_array_set_new(all, at, last);
    }
    if (one_body && json_array_size(all))
        send_json(f, body_of(f, json_incref(all)));
    else
        json_array_foreach(all, i, entry) send_json(f, body_of(f, json_pack("[O]", entry)));
    json_decref(all);
}

/* Is the Page (or the account) subscribed to it? */
static bool subscribed(struct fake *f, const char *field) {
    const char *list = fake_get(f, "subscribed");
    size_t n = strlen(field);
    for (const char *at = list; (at = strstr(at, field)); at += n)
        if ((at == list || at[-1] == ',') && (!at[n] || at[n] == ',')) return true;
    return false;
}

static void change(struct fake *f, const char *id, const char *field, json_t *value) {
    if (!subscribed(f, field)) {
        json_decref(value);
        return;
    }
    tell(f, json_pack("{s:s, s:I, s:[{s:s, s:o}]}", "id", id, "time",
                      (json_int_t)(fake_now() / 1000), "changes", "field", field, "value", value));
}

static json_t *snapshot(struct fake *f, const char *post) {
    const json_t *p = gr_find(f, post);
    bool ad = p && gr_flag(p, "ad");
    char updated[40];
    time_iso(updated, p ? gr_at(p) : fake_now());
    return json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "status_type", "mobile_status_update",
                     "is_published", !ad, "updated_time", updated, "permalink_url",
                     "https://www.facebook.com/permalink.php", "promotion_status",
                     ad ? "active" : "inactive", "id", post);
}

static void tell_comment(struct fake *f, const json_t *c, const char *verb) {
    const char *parent = json_text(c, "parent"), *post = json_text(c, "post");
    bool words = strcmp(verb, "add") == 0 || strcmp(verb, "edited") == 0;
    json_t *v =
        json_pack("{s:O, s:o, s:s, s:s, s:I, s:s, s:s, s:s}", "from", json_object_get(c, "from"),
                  "post", snapshot(f, post), "post_id", post, "comment_id", json_text(c, "id"),
                  "created_time", (json_int_t)(gr_at(c) / 1000), "item", "comment", "verb", verb,
                  "parent_id", *parent ? parent : post);
    if (words) json_object_set_new(v, "message", json_string(json_text(c, "text")));
    if (strcmp(verb, "edited") == 0)
        json_object_set_new(v, "edited_time", json_integer(fake_now() / 1000));
    if (gr_flag(c, "nameless") || fake_number(f, "no_from")) json_object_del(v, "from");
    change(f, gr_page(f), "feed", v);
}

static void tell_post(struct fake *f, const json_t *p, const char *verb) {
    json_t *v = json_pack("{s:O, s:s, s:s, s:I, s:s, s:s, s:i}", "from", json_object_get(p, "from"),
                          "message", json_text(p, "text"), "post_id", json_text(p, "id"),
                          "created_time", (json_int_t)(gr_at(p) / 1000), "item",
                          gr_ours(f, p) ? "status" : "post", "verb", verb, "published", 1);
    if (gr_flag(p, "tagged")) {
        json_object_set_new(v, "item", json_string("post"));
        json_object_del(v, "message");
        change(f, gr_page(f), "mention", v);
    } else {
        change(f, gr_page(f), "feed", v);
    }
}

static void tell_message(struct fake *f, const json_t *m) {
    bool ours = gr_ours(f, m);
    json_t *message =
        json_pack("{s:s, s:s}", "mid", json_text(m, "id"), "text", json_text(m, "text"));
    if (!subscribed(f, ours ? "message_echoes" : "messages")) {
        json_decref(message);
        return;
    }
    if (ours) {
        json_object_set_new(message, "is_echo", json_true());
        json_object_set_new(message, "app_id", json_integer(strtoll(fake_get(f, "app"), NULL, 10)));
    }
    tell(f, json_pack("{s:s, s:I, s:[{s:{s:s}, s:{s:s}, s:I, s:o}]}", "id", gr_page(f), "time",
                      (json_int_t)fake_now(), "messaging", "sender", "id",
                      json_text(json_object_get(m, "from"), "id"), "recipient", "id",
                      json_text(m, "to"), "timestamp", (json_int_t)gr_at(m), "message", message));
}

/* Where others name us nothing but ids is told. */
static void tell_mention(struct fake *f, const json_t *thing) {
    bool comment = gr_is(thing, "remark");
    json_t *v = json_pack("{s:s}", "media_id", json_text(thing, comment ? "post" : "id"));
    if (comment) json_object_set_new(v, "comment_id", json_string(json_text(thing, "id")));
    change(f, fake_get(f, "account"), "mentions", v);
}

static void tell_remark(struct fake *f, const json_t *c) {
    const json_t *from = json_object_get(c, "from");
    json_t *v = json_pack("{s:{s:s, s:s}, s:{s:s, s:s}, s:s, s:s}", "from", "id",
                          json_text(from, "id"), "username", json_text(from, "name"), "media", "id",
                          json_text(c, "post"), "media_product_type", "FEED", "id",
                          json_text(c, "id"), "text", json_text(c, "text"));
    if (*json_text(c, "parent"))
        json_object_set_new(v, "parent_id", json_string(json_text(c, "parent")));
    change(f, fake_get(f, "account"), "comments", v);
}

/* Threads has a shape of its own. */
static void tell_thread(struct fake *f, const json_t *t) {
    char at[40];
    const json_t *root = gr_find(f, json_text(t, "post"));
    if (!root) return;
    const json_t *owner = json_object_get(root, "from");
    time_iso(at, gr_at(t));
    send_json(
        f, json_pack("{s:s, s:s, s:s, s:I, s:s, s:{s:{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:s, s:s}, "
                     "s:s, s:s}, s:s}}",
                     "app_id", fake_get(f, "app"), "topic", "moderate", "target_id",
                     json_text(root, "id"), "time", (json_int_t)(fake_now() / 1000),
                     "subscription_id", "234567", "values", "value", "id", json_text(t, "id"),
                     "username", json_text(json_object_get(t, "from"), "name"), "text",
                     json_text(t, "text"), "replied_to", "id", json_text(t, "parent"), "root_post",
                     "id", json_text(root, "id"), "owner_id", json_text(owner, "id"), "username",
                     json_text(owner, "name"), "permalink", "https://www.threads.net/", "timestamp",
                     at, "field", "replies"));
}

void gr_tell(struct fake *f, const json_t *thing, const char *verb) {
    bool add = strcmp(verb, "add") == 0;
    if (gr_is(thing, "comment")) tell_comment(f, thing, verb);
    if (gr_is(thing, "post")) tell_post(f, thing, verb);
    if (gr_is(thing, "message") && add) tell_message(f, thing);
    if (gr_flag(thing, "mentions") && !gr_is(thing, "thread")) {
        if (add) tell_mention(f, thing);
        return;
    }
    const json_t *media = gr_find(f, json_text(thing, "post")); /* only what is under our own */
    if (gr_is(thing, "remark") && add && media && gr_ours(f, media)) tell_remark(f, thing);
    if (gr_is(thing, "thread") && add) tell_thread(f, thing);
}

void gr_tell_reaction(struct fake *f, const json_t *thing, const char *person, const char *name,
                      const char *type, const char *verb) {
    bool comment = gr_is(thing, "comment");
    const char *post = json_text(thing, comment ? "post" : "id");
    json_t *v = json_pack("{s:{s:s, s:s}, s:s, s:s, s:s, s:s, s:s, s:I}", "from", "id", person,
                          "name", name, "post_id", post, "parent_id", json_text(thing, "id"),
                          "reaction_type", type, "item", "reaction", "verb", verb, "created_time",
                          (json_int_t)(fake_now() / 1000));
    if (comment) json_object_set_new(v, "comment_id", json_string(json_text(thing, "id")));
    change(f, gr_page(f), "feed", v);
}

void gr_tell_share(struct fake *f, const json_t *post, const char *share, const char *person,
                   const char *name, const char *text) {
    json_t *v = json_pack("{s:{s:s, s:s}, s:s, s:s, s:s, s:s, s:I, s:s}", "from", "id", person,
                          "name", name, "post_id", json_text(post, "id"), "share_id", share, "item",
                          "share", "verb", "add", "created_time", (json_int_t)(fake_now() / 1000),
                          "link", "https://www.facebook.com/");
    if (*text) json_object_set_new(v, "message", json_string(text));
    change(f, gr_page(f), "feed", v);
}

int gr_handshake(struct fake *f, const char *url, const char *token, bool *same) {
    struct buf whole = {0}, answer = {0};
    char challenge[24];
    snprintf(challenge, sizeof challenge, "0%llu", (unsigned long long)(fake_random(f) >> 16));
    buf_printf(&whole, "%s%chub.mode=subscribe&hub.challenge=%s&hub.verify_token=", url,
               strchr(url, '?') ? '&' : '?', challenge);
    percent_encode(&whole, token);
    int status = fake_fetch(f, "GET", whole.data, "", NULL, 0, &answer);
    *same = answer.data && strcmp(answer.data, challenge) == 0;
    buf_free(&whole);
    buf_free(&answer);
    return status;
}
