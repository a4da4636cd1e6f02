/* A post of X as an item: which kind of voice it is, who speaks, to what, and what it says. */
#include "common/date.h"
#include "x/x.h"

/* People and posts beside an answer stand as they are, or each in a "data" of its own. */
static const json_t *bare(const json_t *object) {
    const json_t *inner = json_object_get(object, "data");
    return json_is_object(inner) ? inner : object;
}

static const json_t *by_id(struct arena *a, const json_t *list, struct sori_str id) {
    size_t i;
    const json_t *one;
    if (!id.len) return NULL;
    json_array_foreach((json_t *)(uintptr_t)list, i, one) {
        const json_t *object = bare(one);
        if (s_eq(x_id(a, object, "id"), id)) return object;
    }
    return NULL;
}

struct x_page x_page_of(const struct x_conf *conf, struct arena *a, const json_t *includes,
                        enum x_hint hint, bool event) {
    return (struct x_page){.conf = conf,
                           .arena = a,
                           .posts = x_either(includes, "tweets", "posts"),
                           .users = json_object_get(includes, "users"),
                           .media = json_object_get(includes, "media"),
                           .hint = hint,
                           .event = event};
}

const json_t *x_page_user(const struct x_page *page, struct sori_str id) {
    /* In messages people stand under their ids. */
    if (json_is_object(page->users)) {
        const json_t *user = id.len ? json_object_getn(page->users, id.ptr, id.len) : NULL;
        return user ? bare(user) : NULL;
    }
    return by_id(page->arena, page->users, id);
}

static bool is_us(const struct x_page *page, struct sori_str id) {
    return id.len && s_eq(id, page->conf->user_id);
}

static bool same_handle(const struct x_page *page, struct sori_str name) {
    struct sori_str ours = page->conf->handle;
    if (!ours.len || ours.len != name.len) return false;
    for (size_t i = 0; i < name.len; i++)
        if (s_lower(ours.ptr[i]) != s_lower(name.ptr[i])) return false;
    return true;
}

void x_author(const struct x_page *page, struct sori_item *item, const json_t *user) {
    struct sori_str handle = x_str(user, "username");
    item->author_name = x_str(user, "name");
    if (!item->author_name.len) item->author_name = handle;
    item->author_reach = x_int(json_object_get(user, "public_metrics"), "followers_count");
    item->author_url =
        handle.len ? arena_format(page->arena, "https://x.com/%.*s", S(handle))
        : user && x_is_id(item->author_id)
            ? arena_format(page->arena, "https://x.com/i/user/%.*s", S(item->author_id))
            : (struct sori_str){NULL, 0};
    if (json_is_true(json_object_get(user, "protected")))
        item->visibility = SORI_VISIBILITY_PRIVATE;
}

/* ---- what a post refers to ---- */

struct reference {
    struct sori_str id;   /* as the post says */
    const json_t *post;   /* NULL: deleted, protected, or not sent along */
    struct sori_str name; /* its native id: an edited post goes by its first id */
};

static struct sori_str first_id(const struct x_page *page, const json_t *post) {
    const json_t *ids = x_either(post, "edit_history_tweet_ids", "edit_history_post_ids");
    const json_t *first = json_array_get(ids, 0);
    if (json_is_string(first) && json_string_length(first))
        return (struct sori_str){json_string_value(first), json_string_length(first)};
    return x_id(page->arena, post, "id");
}

static struct reference refers(const struct x_page *page, const json_t *post, const char *how) {
    size_t i;
    const json_t *one;
    const json_t *list = x_either(post, "referenced_tweets", "referenced_posts");
    struct reference r = {0};
    json_array_foreach((json_t *)(uintptr_t)list, i, one) if (s_is(x_str(one, "type"), how)) {
        r.id = x_id(page->arena, one, "id");
    }
    if (!r.id.len && s_is(s_of(how), "replied_to"))
        r.id = x_id(page->arena, post,
                    json_object_get(post, "in_reply_to_post_id") ? "in_reply_to_post_id"
                                                                 : "in_reply_to_tweet_id");
    r.post = by_id(page->arena, page->posts, r.id);
    r.name = r.post ? first_id(page, r.post) : r.id;
    return r;
}

static bool wrote(const struct x_page *page, const json_t *post) {
    return is_us(page, x_id(page->arena, post, "author_id"));
}

/* A link to a status of ours, where what it leads to was not sent along. */
static bool links_to_ours(const struct x_page *page, const json_t *post, struct sori_str id) {
    size_t i;
    const json_t *one;
    const json_t *urls = json_object_get(json_object_get(post, "entities"), "urls");
    json_array_foreach((json_t *)(uintptr_t)urls, i, one) {
        struct sori_str url = x_str(one, "expanded_url"), handle;
        size_t host = s_find(url, ".com/"), at = s_find(url, "/status/");
        if (host >= url.len || at >= url.len || at < host + 5) continue;
        handle = (struct sori_str){url.ptr + host + 5, at - host - 5};
        struct sori_str rest = s_from(url, at + 8);
        if (same_handle(page, handle) && s_eq(s_head(rest, id.len), id)) return true;
    }
    return false;
}

/* ---- who is spoken to ---- */

static int64_t display_start(const json_t *post) {
    const json_t *from = json_array_get(json_object_get(post, "display_text_range"), 0);
    return json_is_integer(from) ? json_integer_value(from) : -1;
}

/* Where the people end that X itself put in front of a reply; 0 where it is none. */
static int64_t lead_end(const json_t *post, const json_t *mentions, bool reply) {
    int64_t end = 0, told = display_start(post);
    if (!reply) return 0;
    if (told >= 0) return told;
    for (size_t round = json_array_size(mentions); round > 0; round--) {
        size_t i;
        const json_t *one;
        json_array_foreach((json_t *)(uintptr_t)mentions, i,
                           one) if (x_int(one, "start") == end && x_int(one, "end") > end) {
            end = x_int(one, "end") + 1;
            break;
        }
    }
    return end;
}

static void find_mentions(const struct x_page *page, const json_t *post, bool reply,
                          struct x_post *p) {
    const json_t *note = x_either(post, "note_tweet", "note_post");
    const json_t *places[2] = {post, note};
    for (int k = 0; k < 2; k++) {
        const json_t *mentions =
            json_object_get(json_object_get(places[k], "entities"), "mentions");
        int64_t lead = lead_end(places[k], mentions, reply);
        size_t i;
        const json_t *one;
        json_array_foreach((json_t *)(uintptr_t)mentions, i, one) {
            struct sori_str id = x_id(page->arena, one, "id");
            if (!is_us(page, id) && (id.len || !same_handle(page, x_str(one, "username"))))
                continue;
            p->mentions_us = true;
            if (x_int(one, "start") >= lead) p->summons = true;
        }
    }
    /* X says that we are mentioned; where it sends no places, only a reply may be automatic. */
    if (page->hint == X_HINT_MENTION) p->mentions_us = p->summons = true;
    if (page->hint == X_HINT_LISTED && !p->mentions_us) {
        p->mentions_us = true;
        p->summons = !reply;
    }
}

/* ---- the item ---- */

static void set_time(const struct x_page *page, const json_t *post, struct sori_item *item,
                     struct sori_str id) {
    (void)page;
    if (!date_parse(x_str(post, "created_at"), &item->said_at)) item->said_at = x_id_time(id);
    const json_t *ids = x_either(post, "edit_history_tweet_ids", "edit_history_post_ids");
    size_t versions = json_array_size(ids);
    item->version = versions > 1 ? (int64_t)versions : 1;
}

/* Kinds of language that are none: undetermined, only a picture, only tags. */
static struct sori_str language(const json_t *post) {
    struct sori_str lang = x_str(post, "lang");
    return lang.len == 2 ? lang : (struct sori_str){NULL, 0};
}

static void attach(const struct x_page *page, const json_t *post, struct sori_item *item) {
    const json_t *keys = json_object_get(json_object_get(post, "attachments"), "media_keys");
    size_t count = json_array_size(keys), i, k, n = 0;
    const json_t *one, *media;
    if (!count || !page->media) return;
    struct sori_pair *pairs = arena_get(page->arena, count * sizeof *pairs);
    json_array_foreach((json_t *)(uintptr_t)keys, i, one) {
        json_array_foreach((json_t *)(uintptr_t)page->media, k, media) {
            if (!json_is_string(one) || !s_is(x_str(media, "media_key"), json_string_value(one)))
                continue;
            struct sori_str url = x_str(media, "url"), type = x_str(media, "type");
            if (!url.len) url = x_str(media, "preview_image_url");
            if (!url.len) continue;
            /* Of a film X shows a picture. */
            pairs[n++] = (struct sori_pair){
                s_ends(url, ".png") ? SORI_STR("image/png") : SORI_STR("image/jpeg"), url};
            if (!s_is(type, "photo"))
                item->note = arena_format(page->arena, "with %s",
                                          s_is(type, "video") ? "a video" : "a moving picture");
        }
    }
    item->attachments = (struct sori_pairs){pairs, n};
}

static void place_share(struct sori_item *item, uint32_t share, struct sori_str target) {
    item->kind = SORI_KIND_SHARE;
    item->share = share;
    item->target = target;
}

static void place_reply(struct sori_item *item, uint32_t kind, const struct reference *reply,
                        struct sori_str root) {
    item->kind = kind;
    item->parent = reply->name;
    if (!s_eq(root, item->native_id)) item->target = root;
    if (!item->target.len) item->target = reply->name;
}

/* Did we begin the conversation? */
static bool ours_from_root(const struct x_page *page, const json_t *post,
                           const struct reference *reply, struct sori_str root) {
    if (!reply->id.len || !root.len) return false;
    const json_t *first = by_id(page->arena, page->posts, root);
    if (first) return wrote(page, first);
    bool to_us =
        is_us(page, x_id(page->arena, post, "in_reply_to_user_id")) || page->hint == X_HINT_REPLY;
    return to_us && s_eq(reply->id, root);
}

bool x_map(const struct x_page *page, const json_t *post, struct sori_item *item) {
    struct arena *a = page->arena;
    *item = (struct sori_item){.struct_size = sizeof *item,
                               .observed = page->event ? SORI_OBSERVED_EVENT : SORI_OBSERVED_STATE,
                               .event = SORI_EVENT_SAID,
                               .space = SORI_STR(X_SPACE)};
    struct x_post p = {.id = x_id(a, post, "id")};
    if (!json_is_object(post) || !x_is_id(p.id)) return false;
    item->native_id = p.native = first_id(page, post);
    item->author_id = x_id(a, post, "author_id");
    p.ours = is_us(page, item->author_id);
    p.user = x_page_user(page, item->author_id);
    p.reply_settings = x_str(post, "reply_settings");
    if (p.ours) item->origin = SORI_ORIGIN_US_BY_HAND;
    x_author(page, item, p.user);
    set_time(page, post, item, p.id);
    item->lang = language(post);
    struct sori_str handle = x_str(p.user, "username");
    item->url = arena_format(a, "https://x.com/%.*s/status/%.*s",
                             S(handle.len ? handle : SORI_STR("i")), S(p.id));

    struct reference share = refers(page, post, "retweeted"), quote = refers(page, post, "quoted"),
                     reply = refers(page, post, "replied_to");
    if (page->hint == X_HINT_REPOST && !share.id.len) return false;
    if (share.id.len) {
        /* What is cut after "RT @name:" is not theirs: the original says it whole. */
        place_share(item, SORI_SHARE_SIMPLE, share.name);
        item->text = share.post ? x_words(a, share.post, (struct sori_str){NULL, 0})
                                : (struct sori_str){NULL, 0};
        return true;
    }
    struct sori_str root = x_id(a, post, "conversation_id");
    bool to_us = is_us(page, x_id(a, post, "in_reply_to_user_id")) || page->hint == X_HINT_REPLY ||
                 (reply.post && wrote(page, reply.post));
    find_mentions(page, post, reply.id.len > 0, &p);
    p.quotes_us = quote.id.len &&
                  (page->hint == X_HINT_QUOTE ||
                   (quote.post ? wrote(page, quote.post) : links_to_ours(page, post, quote.id)));
    p.our_thread = ours_from_root(page, post, &reply, root);
    if (p.quotes_us) p.summons = true;
    item->text = x_words(a, post, quote.id);
    attach(page, post, item);
    if (p.quotes_us && !p.ours) {
        place_share(item, SORI_SHARE_SPECIFIC, quote.name);
        item->parent = reply.name;
    } else if (reply.id.len && (to_us || p.our_thread || p.ours)) {
        place_reply(item, SORI_KIND_COMMENT, &reply, root);
    } else if (reply.id.len) {
        place_reply(item, p.mentions_us ? SORI_KIND_MENTION : SORI_KIND_POST, &reply, root);
    } else {
        item->kind = p.mentions_us && !p.ours ? SORI_KIND_MENTION : SORI_KIND_POST;
    }
    if (quote.id.len && !p.quotes_us) item->target = item->target.len ? item->target : quote.name;
    x_can(page, &p, item);
    return true;
}

/* Totals that X states of our own posts. */
static enum sori_more totals(const struct x_page *page, const json_t *post,
                             const struct sori_item *item, const struct sori_sink *sink) {
    static const struct {
        const char *name, *other, *cls;
    } list[] = {{"like_count", NULL, "like"},
                {"retweet_count", "repost_count", "share"},
                {"reply_count", NULL, "comment"},
                {"quote_count", NULL, "quote"}};
    const json_t *metrics = json_object_get(post, "public_metrics");
    enum sori_more more = SORI_MORE;
    if (page->event || !metrics || !sink->gauge) return more;
    for (size_t i = 0; i < sizeof list / sizeof *list && more == SORI_MORE; i++) {
        const json_t *n = json_object_get(metrics, list[i].name);
        if (!n && list[i].other) n = json_object_get(metrics, list[i].other);
        if (json_is_integer(n) && json_integer_value(n) >= 0)
            more = sink->gauge(sink, item->native_id, s_of(list[i].cls), json_integer_value(n));
    }
    return more;
}

static enum sori_more give_one(const struct x_page *page, const json_t *post,
                               const struct sori_item *item, const struct sori_sink *sink) {
    enum sori_more more = sink->item(sink, item);
    bool theirs = item->origin == SORI_ORIGIN_PERSON || item->kind == SORI_KIND_SHARE;
    return more == SORI_STOP || theirs ? more : totals(page, post, item, sink);
}

bool x_give(const struct x_page *page, const json_t *post, const struct sori_sink *sink,
            enum sori_more *more) {
    struct sori_item item;
    *more = SORI_MORE;
    if (!x_map(page, post, &item)) return false;
    /* What is spoken about comes first, so that a comment never waits for its post. */
    static const char *const ways[] = {"retweeted", "quoted", "replied_to"};
    struct x_page beside = *page;
    beside.hint = X_HINT_NONE;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && *more == SORI_MORE; i++) {
        struct reference r = refers(page, post, ways[i]);
        struct sori_item own;
        if (r.post && wrote(page, r.post) && x_map(&beside, r.post, &own))
            *more = give_one(&beside, r.post, &own, sink);
    }
    if (*more == SORI_MORE) *more = give_one(page, post, &item, sink);
    return true;
}
