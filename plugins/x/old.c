/* Bodies of the Account Activity API, which the X Activity API replaces: posts in their older shape
 * become posts of today's shape, and go the same way. */
#include "common/date.h"
#include "x/x.h"

static struct sori_str id_of(struct x *x, const json_t *object, const char *name) {
    char text[64];
    snprintf(text, sizeof text, "%s_str", name);
    struct sori_str id = x_id(&x->call, object, text);
    return id.len ? id : x_id(&x->call, object, name);
}

static json_t *string(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

static void put(json_t *object, const char *name, struct sori_str value) {
    if (value.len) json_object_set_new(object, name, string(value));
}

static json_t *span(const json_t *entity) {
    const json_t *at = json_object_get(entity, "indices");
    json_t *out = json_object();
    json_object_set(out, "start", json_array_get(at, 0));
    json_object_set(out, "end", json_array_get(at, 1));
    return out;
}

static json_t *entities(struct x *x, const json_t *old) {
    json_t *mentions = json_array(), *urls = json_array(), *all = json_object();
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(old, "user_mentions"), i, one) {
        json_t *m = span(one);
        put(m, "username", x_str(one, "screen_name"));
        put(m, "id", id_of(x, one, "id"));
        json_array_append_new(mentions, m);
    }
    json_array_foreach(json_object_get(old, "urls"), i, one) {
        json_t *u = span(one);
        put(u, "url", x_str(one, "url"));
        put(u, "expanded_url", x_str(one, "expanded_url"));
        json_array_append_new(urls, u);
    }
    json_object_set_new(all, "mentions", mentions);
    json_object_set_new(all, "urls", urls);
    return all;
}

static json_t *person(struct x *x, const json_t *old) {
    json_t *user = json_object(), *metrics = json_object();
    put(user, "id", id_of(x, old, "id"));
    put(user, "name", x_str(old, "name"));
    put(user, "username", x_str(old, "screen_name"));
    json_object_set_new(metrics, "followers_count", json_integer(x_int(old, "followers_count")));
    json_object_set_new(user, "public_metrics", metrics);
    if (json_is_true(json_object_get(old, "protected")))
        json_object_set_new(user, "protected", json_true());
    return user;
}

static void refer(json_t *post, const char *type, struct sori_str id) {
    json_t *list = json_object_get(post, "referenced_tweets"), *one;
    if (!id.len) return;
    if (!list) {
        list = json_array();
        json_object_set_new(post, "referenced_tweets", list);
    }
    one = json_object();
    put(one, "type", s_of(type));
    put(one, "id", id);
    json_array_append_new(list, one);
}

enum { NESTING = 3 };

static json_t *post_of(struct x *x, const json_t *old, json_t *posts, json_t *users, int depth);

/* A post inside a post stands beside it today. */
static void inner(struct x *x, json_t *post, const json_t *old, const char *name, const char *type,
                  json_t *posts, json_t *users, int depth) {
    const json_t *other = json_object_get(old, name);
    if (!json_is_object(other) || depth >= NESTING) return;
    refer(post, type, id_of(x, other, "id"));
    json_array_append_new(posts, post_of(x, other, posts, users, depth + 1));
}

static json_t *post_of(struct x *x, const json_t *old, json_t *posts, json_t *users, int depth) {
    json_t *post = json_object();
    const json_t *user = json_object_get(old, "user"),
                 *whole = json_object_get(old, "extended_tweet");
    const json_t *words = whole ? whole : old;
    struct sori_str text = x_str(words, "full_text");
    put(post, "id", id_of(x, old, "id"));
    put(post, "author_id", id_of(x, user, "id"));
    put(post, "text", text.len ? text : x_str(old, "text"));
    put(post, "lang", x_str(old, "lang"));
    put(post, "in_reply_to_user_id", id_of(x, old, "in_reply_to_user_id"));
    refer(post, "replied_to", id_of(x, old, "in_reply_to_status_id"));
    if (!json_object_get(old, "quoted_status"))
        refer(post, "quoted", id_of(x, old, "quoted_status_id"));
    inner(x, post, old, "retweeted_status", "retweeted", posts, users, depth);
    inner(x, post, old, "quoted_status", "quoted", posts, users, depth);
    json_object_set_new(post, "entities", entities(x, json_object_get(words, "entities")));
    json_object_set(post, "display_text_range", json_object_get(words, "display_text_range"));
    if (json_is_object(user)) json_array_append_new(users, person(x, user));
    return post;
}

static void posts_said(struct x *x, const struct x_conf *conf, const json_t *list,
                       const struct sori_sink *sink) {
    size_t i;
    const json_t *old;
    json_array_foreach(list, i, old) {
        json_t *includes = json_object(), *posts = json_array(), *users = json_array();
        json_object_set_new(includes, "tweets", posts);
        json_object_set_new(includes, "users", users);
        json_t *post = post_of(x, old, posts, users, 0);
        struct x_page page = x_page_of(conf, &x->call, includes, X_HINT_NONE, true);
        enum sori_more more;
        if (!x_give(&page, post, sink, &more)) x_keep(&page, sink, "a post without an id", old);
        json_decref(post);
        json_decref(includes);
    }
}

static void posts_gone(struct x *x, const struct x_conf *conf, const json_t *list,
                       const struct sori_sink *sink) {
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one) {
        const json_t *status = json_object_get(one, "status");
        struct sori_item item = {.struct_size = sizeof item,
                                 .kind = SORI_KIND_POST,
                                 .observed = SORI_OBSERVED_EVENT,
                                 .event = SORI_EVENT_REMOVED,
                                 .space = SORI_STR(X_SPACE),
                                 .native_id = id_of(x, status, "id"),
                                 .author_id = id_of(x, status, "user_id")};
        if (s_eq(item.author_id, conf->user_id)) item.origin = SORI_ORIGIN_US_BY_HAND;
        struct x_page page = x_page_of(conf, &x->call, NULL, X_HINT_NONE, true);
        if (x_is_id(item.native_id))
            sink->item(sink, &item);
        else
            x_keep(&page, sink, "a removal without an id", one);
    }
}

static void likes(struct x *x, const struct x_conf *conf, const json_t *list,
                  const struct sori_sink *sink) {
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one) {
        const json_t *status = json_object_get(one, "favorited_status");
        json_t *user = person(x, json_object_get(one, "user"));
        struct x_page page = x_page_of(conf, &x->call, NULL, X_HINT_NONE, true);
        struct sori_str post = id_of(x, status, "id"), id = x_id(&x->call, one, "id"),
                        of = id_of(x, json_object_get(status, "user"), "id");
        struct sori_item item = {.struct_size = sizeof item,
                                 .kind = SORI_KIND_REACTION,
                                 .observed = SORI_OBSERVED_EVENT,
                                 .space = SORI_STR(X_SPACE),
                                 .native_id = arena_format(&x->call, "like/%.*s", S(id)),
                                 .target = post,
                                 .parent = post,
                                 .reaction = SORI_STR("like"),
                                 .reaction_value = 1,
                                 .said_at = x_int(one, "timestamp_ms"),
                                 .author_id = arena_copy(&x->call, x_str(user, "id"))};
        item.version = item.said_at;
        x_author(&page, &item, user);
        item.visibility = SORI_VISIBILITY_PUBLIC;
        if (x_is_id(post) && id.len && s_eq(of, conf->user_id))
            sink->item(sink, &item);
        else
            x_keep(&page, sink, "a like that is not of a post of ours", one);
        json_decref(user);
    }
}

/* People beside messages stand under their ids, in the older shape. */
static json_t *people(struct x *x, const json_t *users) {
    json_t *all = json_object();
    const char *id;
    json_t *old;
    json_object_foreach((json_t *)(uintptr_t)users, id, old)
        json_object_set_new(all, id, person(x, old));
    return all;
}

void x_decode_old(struct x *x, const struct x_conf *conf, const json_t *root,
                  const struct sori_sink *sink) {
    static const char *const known[] = {"for_user_id",         "user_has_blocked",     "users",
                                        "tweet_create_events", "favorite_events",      "apps",
                                        "tweet_delete_events", "direct_message_events"};
    struct x_page page = x_page_of(conf, &x->call, NULL, X_HINT_NONE, true);
    posts_said(x, conf, json_object_get(root, "tweet_create_events"), sink);
    posts_gone(x, conf, json_object_get(root, "tweet_delete_events"), sink);
    likes(x, conf, json_object_get(root, "favorite_events"), sink);
    json_t *users = people(x, json_object_get(root, "users"));
    x_messages(&page, json_object_get(root, "direct_message_events"), users, sink);
    json_decref(users);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)root, name, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || strcmp(name, known[i]) == 0;
        if (!is_known)
            x_keep(&page, sink, arena_format(&x->call, "%s: no interaction", name).ptr, value);
    }
}
