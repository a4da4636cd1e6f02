/* Deliveries of X, by webhook or as lines of a stream: which of the four envelopes it is says the
 * body itself. Pure: the same bytes give the same items. What is not understood is kept. */
#include "x/x.h"

void x_keep(const struct x_page *page, const struct sori_sink *sink, const char *why,
            const json_t *what) {
    char *raw = json_dumps(what, JSON_COMPACT | JSON_ENCODE_ANY);
    struct sori_str bytes = arena_copy(page->arena, s_of(raw));
    free(raw);
    sink->reject(sink, 0, s_of(why), bytes);
}

/* ---- messages ---- */

static bool message_of(const struct x_page *page, const json_t *event, const json_t *users,
                       struct sori_item *item) {
    struct arena *a = page->arena;
    const json_t *body = json_object_get(event, "message_create");
    const json_t *data = json_object_get(body, "message_data");
    bool old = body != NULL;
    struct sori_str id = x_id(a, event, "id");
    if (!x_is_id(id) || (!old && !json_object_get(event, "text"))) return false;
    *item = (struct sori_item){.struct_size = sizeof *item,
                               .kind = SORI_KIND_MESSAGE,
                               .observed = page->event ? SORI_OBSERVED_EVENT : SORI_OBSERVED_STATE,
                               .visibility = SORI_VISIBILITY_PRIVATE,
                               .space = SORI_STR(X_SPACE),
                               .version = 1,
                               .native_id = arena_format(a, "dm/%.*s", S(id)),
                               .author_id = x_id(a, old ? body : event, "sender_id"),
                               .text = x_words(a, old ? data : event, (struct sori_str){NULL, 0}),
                               .said_at = x_int(event, "created_timestamp"),
                               .text_max = X_MESSAGE_MAX};
    if (!item->said_at) item->said_at = x_id_time(id);
    bool ours = s_eq(item->author_id, page->conf->user_id);
    struct x_page with = *page;
    if (users) with.users = users;
    x_author(&with, item, x_page_user(&with, item->author_id));
    item->visibility = SORI_VISIBILITY_PRIVATE;
    item->url = SORI_STR("https://x.com/messages");
    if (ours) {
        item->origin = SORI_ORIGIN_US_BY_HAND;
        item->addressee = x_id(a, old ? json_object_get(body, "target") : event, "recipient_id");
        item->why_not = SORI_STR("reply: this is our own");
    } else if (page->conf->messages) {
        item->can = SORI_CAN_REPLY;
        item->why_not = SORI_STR("like, hide, delete: this is a message");
    } else {
        item->why_not = SORI_STR("reply: messages = false in the connection's options");
    }
    return true;
}

void x_messages(const struct x_page *page, const json_t *events, const json_t *users,
                const struct sori_sink *sink) {
    size_t i;
    const json_t *event;
    json_array_foreach((json_t *)(uintptr_t)events, i, event) {
        struct sori_item item;
        if (message_of(page, event, users, &item))
            sink->item(sink, &item);
        else
            x_keep(page, sink, "an event of a conversation, no message", event);
    }
}

/* ---- the X Activity API ---- */

static void like(const struct x_page *page, const json_t *event, const struct sori_sink *sink) {
    struct arena *a = page->arena;
    const json_t *payload = json_object_get(event, "payload");
    const json_t *filter = json_object_get(event, "filter");
    struct sori_str of = x_id(a, payload, "liked_tweet_author_id"),
                    post = x_id(a, payload, "liked_tweet_id"), id = x_id(a, payload, "id");
    if (!of.len) of = x_id(a, payload, "liked_post_author_id");
    if (!post.len) post = x_id(a, payload, "liked_post_id");
    if (!x_is_id(post) || !id.len || id.len > 200) {
        x_keep(page, sink, "like.create without what was liked", event);
        return;
    }
    if (s_is(x_str(filter, "direction"), "outbound") ||
        (of.len && !s_eq(of, page->conf->user_id))) {
        x_keep(page, sink, "like.create: we liked something; only likes of ours are counted",
               event);
        return;
    }
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_REACTION,
                             .observed = SORI_OBSERVED_EVENT,
                             .space = SORI_STR(X_SPACE),
                             .native_id = arena_format(a, "like/%.*s", S(id)),
                             .target = post,
                             .parent = post,
                             .reaction = SORI_STR("like"),
                             .reaction_value = 1,
                             .said_at = x_int(payload, "timestamp_ms")};
    item.version = item.said_at;
    item.author_id = x_id(a, payload, "user_id");
    /* X names nobody; whoever stands beside it and did not write the post is who liked it. */
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)page->users, i, one) {
        const json_t *inner = json_object_get(one, "data");
        struct sori_str who = x_id(a, json_is_object(inner) ? inner : one, "id");
        if (!item.author_id.len && who.len && !s_eq(who, of)) item.author_id = who;
    }
    x_author(page, &item, x_page_user(page, item.author_id));
    sink->item(sink, &item);
}

static void removed(const struct x_page *page, struct sori_str id, struct sori_str author,
                    const struct sori_sink *sink) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_POST,
                             .observed = SORI_OBSERVED_EVENT,
                             .event = SORI_EVENT_REMOVED,
                             .space = SORI_STR(X_SPACE),
                             .native_id = id,
                             .author_id = author};
    if (s_eq(author, page->conf->user_id)) item.origin = SORI_ORIGIN_US_BY_HAND;
    sink->item(sink, &item);
}

static void post_deleted(const struct x_page *page, const json_t *event,
                         const struct sori_sink *sink) {
    const json_t *payload = json_object_get(event, "payload");
    struct sori_str id = x_id(page->arena, payload, "id");
    if (x_is_id(id))
        removed(page, id, x_id(page->arena, payload, "author_id"), sink);
    else
        x_keep(page, sink, "post.delete without an id", event);
}

static void post_said(struct x_page *page, enum x_hint hint, const json_t *event,
                      const struct sori_sink *sink) {
    enum sori_more more;
    page->hint = hint;
    if (!x_give(page, json_object_get(event, "payload"), sink, &more))
        x_keep(page, sink, "a post without an id, or a repost of nothing", event);
}

static void unknown(const struct x_page *page, struct sori_str type, const json_t *event,
                    const struct sori_sink *sink) {
    const char *what = s_starts(type, "follow.")    ? "a relation, no interaction"
                       : s_starts(type, "profile.") ? "a change of a profile, no interaction"
                       : s_starts(type, "chat.")    ? "an encrypted conversation: X sends no words"
                       : s_starts(type, "dm.")      ? "no words in it"
                                                    : "not known to this version";
    x_keep(page, sink, arena_format(page->arena, "event %.*s: %s", S(type), what).ptr, event);
}

static void activity(struct x *x, const struct x_conf *conf, const json_t *event,
                     const struct sori_sink *sink) {
    static const struct {
        const char *type;
        enum x_hint hint;
    } posts[] = {{"post.create", X_HINT_NONE},
                 {"post.mention.create", X_HINT_MENTION},
                 {"post.reply.create", X_HINT_REPLY},
                 {"post.quote.create", X_HINT_QUOTE},
                 {"post.repost.create", X_HINT_REPOST}};
    const json_t *payload = json_object_get(event, "payload");
    struct sori_str type = x_str(event, "event_type");
    struct x_page page =
        x_page_of(conf, &x->call, json_object_get(event, "includes"), X_HINT_NONE, true);
    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++)
        if (s_is(type, posts[i].type)) {
            post_said(&page, posts[i].hint, event, sink);
            return;
        }
    const json_t *messages = json_object_get(payload, "direct_message_events");
    if (s_is(type, "post.delete")) {
        post_deleted(&page, event, sink);
    } else if (s_is(type, "like.create")) {
        like(&page, event, sink);
    } else if ((s_is(type, "dm.received") || s_is(type, "dm.sent")) && json_is_array(messages)) {
        x_messages(&page, messages, json_object_get(payload, "users"), sink);
    } else if (s_is(type, "dm.received") || s_is(type, "dm.sent")) {
        struct sori_item item;
        if (message_of(&page, payload, NULL, &item))
            sink->item(sink, &item);
        else
            x_keep(&page, sink, "a message without id or text", event);
    } else if (s_is(type, "oauth.revoke")) {
        /* The next poll finds out whether it was our access that was taken back. */
        if (sink->task) sink->task(sink, SORI_STR("revoked"), SORI_STR("oauth.revoke"), 0);
        x_keep(&page, sink, "event oauth.revoke: an account took its access back", event);
    } else {
        unknown(&page, type, event, sink);
    }
}

/* Envelopes carry "includes" beside the payload, or beside "data". */
static void activities(struct x *x, const struct x_conf *conf, const json_t *root,
                       const struct sori_sink *sink) {
    const json_t *data = json_object_get(root, "data");
    const json_t *beside = json_object_get(root, "includes");
    if (beside && !json_object_get(data, "includes"))
        json_object_set((json_t *)(uintptr_t)data, "includes", (json_t *)(uintptr_t)beside);
    activity(x, conf, data, sink);
}

/* ---- streams ---- */

static void problems(struct x *x, const struct x_page *page, const json_t *errors,
                     const json_t *root, const struct sori_sink *sink) {
    const json_t *first = json_array_get(errors, 0);
    struct sori_str title = x_str(first, "title"), detail = x_str(first, "detail");
    if (!detail.len) detail = x_str(first, "message");
    struct sori_str why =
        arena_format(&x->call, "X says on the stream: %.*s%s%.*s", S(title),
                     title.len && detail.len ? ": " : "", S(utf8_cut(detail, 300)));
    x_keep(page, sink, why.ptr, root);
}

static void one(struct x *x, const struct x_conf *conf, const json_t *root,
                const struct sori_sink *sink) {
    const json_t *data = json_object_get(root, "data"), *errors = json_object_get(root, "errors");
    struct x_page page =
        x_page_of(conf, &x->call, json_object_get(root, "includes"), X_HINT_NONE, true);
    enum sori_more more;
    if (json_object_get(root, "for_user_id"))
        x_decode_old(x, conf, root, sink);
    else if (json_object_get(data, "event_type"))
        activities(x, conf, root, sink);
    else if (json_is_object(data) && x_give(&page, data, sink, &more))
        return;
    else if (json_array_size(errors))
        problems(x, &page, errors, root, sink);
    else
        x_keep(&page, sink, "neither an event nor a post of X", root);
}

enum sori_status x_decode(struct x *x, const struct sori_delivery *d,
                          const struct sori_sink *sink) {
    struct x_conf conf = x_conf_read(d->options);
    if (s_trim(d->body).len == 0) return SORI_OK; /* a keep-alive */
    json_t *root = x_json(d->body), *event;
    size_t i;
    if (json_is_array(root)) {
        json_array_foreach(root, i, event) one(x, &conf, event, sink);
    } else if (json_is_object(root)) {
        one(x, &conf, root, sink);
    } else {
        sink->reject(sink, 0, SORI_STR("the body is no JSON"), d->body);
    }
    json_decref(root);
    return SORI_OK;
}
