/* What can be done at the fake X: posting, deleting, hiding, liking, messages. */
#include "fake/x.h"

#include <stdio.h>

enum { WEIGHT_MAX = 280, MESSAGE_MAX = 10000 };

static void forbidden(struct x_call *c, const char *words) {
    x_problem(c->f, c->r, 403, NULL, "Forbidden", "%s", words);
}

static bool enterprise(struct x_call *c) { return x_is(c->f, "plan", "enterprise"); }

static const json_t *body_of(struct x_call *c) {
    if (json_is_object(c->a->json)) return c->a->json;
    x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
              "the body is no JSON object (its Content-Type must be application/json)");
    return NULL;
}

/* Members that the interface does not know are refused, as X does. */
static bool only(struct x_call *c, const json_t *object, const char *names) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) if (!x_has(names, name)) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "$.%s: is not defined in the schema and the schema does not allow additional "
                  "properties",
                  name);
        return false;
    }
    return true;
}

/* ---- posts ---- */

/* A text without what X puts in front of a reply. */
static const char *bare(const char *text) {
    while (*text == '@') {
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    return text;
}

static bool said_before(struct x_call *c, const char *text, const char *above) {
    size_t i;
    const json_t *post;
    json_array_foreach(x_list(c->f, "posts"), i, post) {
        if (x_ours(c->f, post) && !json_object_get(post, "removed") &&
            strcmp(bare(json_text(post, "raw")), bare(text)) == 0 &&
            strcmp(json_text(post, "reply_to"), above) == 0)
            return true;
    }
    return false;
}

/* May we answer it? Of our own thread always. */
static bool may_answer(struct x_call *c, const char *above) {
    const json_t *post = x_live_post(c->f, above);
    if (!post) {
        forbidden(c, "You attempted to reply to a Tweet that is deleted or not visible to you.");
        return false;
    }
    if (x_ours(c->f, post) || enterprise(c)) return true;
    if (!x_summons(c->f, post)) {
        x_count(c->f, "reply without a summons");
        forbidden(c, "Reply to this conversation is not allowed because you have not been "
                     "mentioned or otherwise engaged by the author of the post you are replying "
                     "to.");
        return false;
    }
    return true;
}

static bool good_text(struct x_call *c, const char *text, bool reply) {
    size_t weight = x_weight(reply ? bare(text) : text);
    if (!*text) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "One or more parameters to your request was invalid.");
        return false;
    }
    if (weight <= WEIGHT_MAX) return true;
    x_count(c->f, "text too long");
    x_problem(c->f, c->r, 403, NULL, "Forbidden",
              "Your post text is too long (%zu of %d). It is not allowed.", weight, WEIGHT_MAX);
    return false;
}

void x_create(struct x_call *c) {
    const json_t *body = body_of(c);
    if (!body || !only(c, body,
                       "text,reply,quote_tweet_id,reply_settings,for_super_followers_only,"
                       "media,poll,geo,nullcast"))
        return;
    const json_t *reply = json_object_get(body, "reply");
    if (reply && !only(c, reply,
                       "in_reply_to_tweet_id,exclude_reply_user_ids,"
                       "auto_populate_reply_metadata"))
        return;
    const char *above = json_text(reply, "in_reply_to_tweet_id"), *text = json_text(body, "text");
    if (reply && !x_known_id(above)) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "$.reply.in_reply_to_tweet_id: does not match the regex pattern "
                  "^[0-9]{1,19}$");
        return;
    }
    if (json_object_get(body, "quote_tweet_id") && !enterprise(c)) {
        forbidden(c, "You are not permitted to perform this action.");
        return;
    }
    if (!good_text(c, text, *above != '\0') || (*above && !may_answer(c, above))) return;
    if (said_before(c, text, above)) {
        x_count(c->f, "duplicate content");
        forbidden(c, "You are not allowed to create a Tweet with duplicate content.");
        return;
    }
    json_t *said =
        json_pack("{s:s, s:s, s:s, s:s}", "author", fake_get(c->f, "user_id"), "text", text,
                  "reply_to", above, "quote_of", json_text(body, "quote_tweet_id"));
    const json_t *post = x_make(c->f, said);
    json_decref(said);
    struct x_view plain = {"", ""};
    json_t *shown = x_show(c->f, post, &plain);
    x_answer(c, 201, json_pack("{s:o}", "data", shown));
    x_published(c->f, post);
}

void x_delete(struct x_call *c) {
    json_t *post = x_live_post(c->f, c->part[0]);
    if (post && !x_ours(c->f, post)) {
        forbidden(c, "You are not permitted to delete this Tweet.");
        return;
    }
    /* What is not there counts as deleted. */
    if (post) {
        json_object_set_new(post, "removed", json_true());
        x_event(c->f, "post.delete", fake_get(c->f, "user_id"),
                json_pack("{s:O, s:O}", "id", json_object_get(post, "id"), "author_id",
                          json_object_get(post, "author_id")),
                NULL);
    }
    x_answer(c, 200, json_pack("{s:{s:b}}", "data", "deleted", 1));
}

void x_hide(struct x_call *c) {
    const json_t *body = body_of(c), *hidden = json_object_get(body, "hidden");
    if (!body) return;
    json_t *post = x_live_post(c->f, c->part[0]);
    const json_t *root = post ? x_post(c->f, json_text(post, "conversation_id")) : NULL;
    if (!json_is_boolean(hidden)) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "$.hidden: is missing but it is required");
    } else if (!post) {
        x_problem(c->f, c->r, 404, "resource-not-found", "Not Found Error",
                  "Could not find tweet with id: [%s].", c->part[0]);
    } else if (!root || !x_ours(c->f, root) || x_ours(c->f, post)) {
        forbidden(c, "You are not allowed to hide this reply: it is in no conversation of yours.");
    } else {
        json_object_set(post, "hidden", (json_t *)(uintptr_t)hidden);
        x_answer(c, 200, json_pack("{s:{s:O}}", "data", "hidden", hidden));
    }
}

/* ---- likes ---- */

static bool may_like(struct x_call *c) {
    if (!enterprise(c)) {
        x_problem(c->f, c->r, 403, "client-forbidden", "Client Forbidden",
                  "This endpoint is not available to your access level.");
        return false;
    }
    if (strcmp(c->part[0], fake_get(c->f, "user_id")) == 0) return true;
    forbidden(c, "The `id` query parameter must be the authenticating user.");
    return false;
}

static void liked(struct x_call *c, const char *id, bool on) {
    json_t *post = x_live_post(c->f, id), *likes = x_table(c->f, "liked");
    int64_t n = json_integer_value(json_object_get(post, "likes"));
    bool was = json_object_get(likes, id) != NULL;
    if (!post) {
        x_problem(c->f, c->r, 404, "resource-not-found", "Not Found Error",
                  "Could not find tweet with tweet_id: [%s].", id);
        return;
    }
    if (was != on) json_object_set_new(post, "likes", json_integer(n + (on ? 1 : -1)));
    if (on)
        json_object_set_new(likes, id, json_true());
    else
        json_object_del(likes, id);
    x_answer(c, 200, json_pack("{s:{s:b}}", "data", "liked", (int)on));
}

void x_like(struct x_call *c) {
    const json_t *body = may_like(c) ? body_of(c) : NULL;
    if (body && only(c, body, "tweet_id")) liked(c, json_text(body, "tweet_id"), true);
}

void x_unlike(struct x_call *c) {
    if (may_like(c)) liked(c, c->part[1], false);
}

/* ---- messages ---- */

static size_t code_points(const char *s) {
    size_t n = 0;
    for (; *s; s++) n += (*s & 0xC0) != 0x80;
    return n;
}

void x_send(struct x_call *c) {
    const json_t *body = body_of(c);
    const char *text = json_text(body, "text"), *us = fake_get(c->f, "user_id");
    char id[24];
    if (!body || !only(c, body, "text,attachments")) return;
    if (!*text || code_points(text) > MESSAGE_MAX) {
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "$.text: must be between 1 and %d characters long", MESSAGE_MAX);
        return;
    }
    if (!x_user(c->f, c->part[0])) {
        x_problem(c->f, c->r, 403, NULL, "Forbidden", "You cannot send messages to this user: %s",
                  c->part[0]);
        return;
    }
    x_new_id(c->f, fake_now(), id);
    json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", id, "sender_id", us, "with",
                                c->part[0], "text", text, "at", (json_int_t)fake_now());
    json_array_append_new(x_list(c->f, "messages"), message);
    json_t *data = json_pack("{s:s}", "dm_event_id", id);
    json_object_set_new(data, "dm_conversation_id", json_sprintf("%s-%s", c->part[0], us));
    x_answer(c, 201, json_pack("{s:o}", "data", data));
    x_message_event(c->f, message);
}

void x_conversation(struct x_call *c) {
    const char *fields = json_text(c->a->query, "dm_event.fields");
    const json_t *all = x_list(c->f, "messages");
    json_t *data = json_array();
    for (size_t i = json_array_size(all); i-- > 0;) {
        const json_t *m = json_array_get(all, i);
        if (strcmp(json_text(m, "with"), c->part[0]) != 0) continue;
        json_t *one = json_pack("{s:O, s:s, s:O}", "id", json_object_get(m, "id"), "event_type",
                                "MessageCreate", "text", json_object_get(m, "text"));
        if (x_has(fields, "sender_id"))
            json_object_set(one, "sender_id", json_object_get(m, "sender_id"));
        if (x_has(fields, "created_at"))
            json_object_set_new(one, "created_at",
                                x_stamp(json_integer_value(json_object_get(m, "at"))));
        json_array_append_new(data, one);
    }
    json_t *answer = json_pack("{s:{s:i}}", "meta", "result_count", (int)json_array_size(data));
    if (json_array_size(data)) json_object_set(answer, "data", data);
    json_decref(data);
    x_answer(c, 200, answer);
}
