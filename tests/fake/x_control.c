/* What scenarios ask of the fake X: that somebody says something, edits, likes, writes a message;
 * and what it holds. */
#include "fake/x.h"

static void ok(struct reply *r) { reply_text(r, 200, "text/plain", "ok\n"); }

static void say(struct fake *f, const struct ask *a, struct reply *r) {
    const char *author = json_text(a->form, "author");
    x_meet(f, *author ? author : "900", json_text(a->form, "name"), json_text(a->form, "username"));
    if (!*author) json_object_set_new(a->form, "author", json_string("900"));
    const json_t *post = x_make(f, a->form);
    if (!ask_arg(a, "quiet")) x_published(f, post);
    reply_text(r, 200, "text/plain", "%s\n", json_text(post, "id"));
}

static void like(struct fake *f, json_t *post, const char *author) {
    json_t *user = x_meet(f, author, NULL, NULL);
    char id[24];
    x_new_id(f, fake_now(), id);
    int64_t n = json_integer_value(json_object_get(post, "likes"));
    json_object_set_new(post, "likes", json_integer(n + 1));
    x_event(f, "like.create", fake_get(f, "user_id"),
            json_pack("{s:s, s:o, s:o, s:O, s:O}", "id", id, "created_at", x_stamp(fake_now()),
                      "timestamp_ms", json_sprintf("%lld", (long long)fake_now()),
                      "liked_tweet_author_id", json_object_get(post, "author_id"), "liked_tweet_id",
                      json_object_get(post, "id")),
            json_pack("{s:[O]}", "users", user));
}

/* What is done to a post. */
static bool change(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    bool edit = strcmp(path, "/edit") == 0, remove = strcmp(path, "/remove") == 0;
    if (!edit && !remove && strcmp(path, "/like") != 0) return false;
    json_t *post = x_live_post(f, json_text(a->form, "id"));
    if (!post) {
        reply_text(r, 404, "text/plain", "there is no such post\n");
        return true;
    }
    if (edit) {
        x_edit(f, post, json_text(a->form, "text"));
        x_published(f, post);
    } else if (remove) {
        json_object_set_new(post, "removed", json_true());
    } else {
        like(f, post, *json_text(a->form, "author") ? json_text(a->form, "author") : "900");
    }
    reply_text(r, 200, "text/plain", "%s\n", json_text(post, "id"));
    return true;
}

static void message(struct fake *f, const struct ask *a, struct reply *r) {
    char id[24];
    const char *author = json_text(a->form, "author");
    x_meet(f, author, json_text(a->form, "name"), NULL);
    x_new_id(f, fake_now(), id);
    json_t *m = json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", id, "sender_id", author, "with",
                          author, "text", json_text(a->form, "text"), "at", (json_int_t)fake_now());
    json_array_append_new(x_list(f, "messages"), m);
    x_message_event(f, m);
    reply_text(r, 200, "text/plain", "%s\n", id);
}

static void person(struct fake *f, const struct ask *a, struct reply *r) {
    json_t *user = x_meet(f, json_text(a->form, "id"), json_text(a->form, "name"),
                          json_text(a->form, "username"));
    if (ask_arg(a, "protected"))
        json_object_set_new(user, "protected",
                            json_boolean(strcmp(ask_arg(a, "protected"), "true") == 0));
    ok(r);
}

static void posts(struct fake *f, const struct ask *a, struct reply *r) {
    const char *author = ask_arg(a, "author"), *above = ask_arg(a, "reply_to");
    json_t *found = json_array(), *post;
    size_t i;
    json_array_foreach(x_list(f, "posts"), i, post) {
        bool gone = json_object_get(post, "removed") != NULL;
        if (gone && !ask_arg(a, "removed")) continue;
        if (author && strcmp(author, json_text(post, "author_id")) != 0) continue;
        if (above && strcmp(above, json_text(post, "reply_to")) != 0) continue;
        json_array_append(found, post);
    }
    reply_json(r, 200, found);
}

static void check_webhooks(struct fake *f, struct reply *r) {
    json_t *list = x_list(f, "webhooks");
    size_t good = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *hook = json_incref(json_array_get(list, i));
        good += x_crc(f, hook);
        json_decref(hook);
    }
    reply_text(r, 200, "text/plain", "%zu\n", good);
}

bool x_control(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    if (strcmp(path, "/say") == 0) {
        say(f, a, r);
    } else if (strcmp(path, "/message") == 0) {
        message(f, a, r);
    } else if (strcmp(path, "/person") == 0) {
        person(f, a, r);
    } else if (strcmp(path, "/oauth2") == 0) {
        return x_tokens_control(f, a, r);
    } else if (strcmp(path, "/crc") == 0) {
        check_webhooks(f, r);
    } else if (strcmp(path, "/goodbye") == 0) {
        x_goodbye(f);
        ok(r);
    } else if (strcmp(path, "/posts") == 0) {
        posts(f, a, r);
    } else if (strcmp(path, "/replies") == 0) {
        x_replies(f, a, r);
    } else if (strcmp(path, "/messages") == 0) {
        reply_json(r, 200, json_incref(x_list(f, "messages")));
    } else if (strcmp(path, "/audit") == 0) {
        reply_json(r, 200, json_incref(x_table(f, "audit")));
    } else {
        return change(f, a, path, r);
    }
    return true;
}
