/* Changes of a Page's feed: comments, posts, shares, and what happens to them. */
#include "facebook/hook.h"

enum {
    SETTLE = 30 * 1000 /* before what is hidden or shown is looked up: such news come in heaps */
};

enum verb { VERB_UNKNOWN, VERB_ADD, VERB_EDIT, VERB_REMOVE, VERB_HIDE, VERB_UNHIDE };

static enum verb verb_of(const json_t *value) {
    struct sori_str v = fb_text(value, "verb");
    if (s_is(v, "add")) return VERB_ADD;
    if (s_is(v, "edited") || s_is(v, "edit") || s_is(v, "update")) return VERB_EDIT;
    if (s_is(v, "remove") || s_is(v, "delete")) return VERB_REMOVE;
    return s_is(v, "hide") ? VERB_HIDE : s_is(v, "unhide") ? VERB_UNHIDE : VERB_UNKNOWN;
}

static void unknown(struct hook *h, struct sori_str field, const json_t *value) {
    hook_unknown(h, value, "unknown: field %.*s, item %.*s, verb %.*s", S(s_head(field, 64)),
                 S(s_head(fb_text(value, "item"), 64)), S(s_head(fb_text(value, "verb"), 64)));
}

/* Two generations of payloads name the author in two ways. */
static void author(struct hook *h, const json_t *value, struct sori_item *item) {
    const json_t *from = json_object_get(value, "from");
    struct sori_str id = fb_id(h->map.a, from, "id"), name = fb_text(from, "name");
    if (!id.len) id = fb_id(h->map.a, value, "sender_id");
    if (!id.len) id = fb_id(h->map.a, value, "user_id");
    if (!id.len) id = fb_id(h->map.a, value, "reviewer_id");
    if (!name.len) name = fb_text(value, "sender_name");
    if (!name.len) name = fb_text(value, "reviewer_name");
    fb_author(&h->map, item, id, name);
}

static void files(struct hook *h, const json_t *value, struct sori_item *item) {
    struct fb_files f = {.count = 0};
    size_t i;
    json_t *one;
    fb_file(&f, "image", fb_text(value, "photo"));
    fb_file(&f, "video", fb_text(value, "video"));
    json_array_foreach(json_object_get(value, "photos"), i, one) {
        struct sori_str url = {json_string_value(one), json_string_length(one)};
        if (json_is_string(one)) fb_file(&f, "image", url);
    }
    struct sori_str item_name = fb_text(value, "item");
    const char *type = s_is(item_name, "photo")   ? "image"
                       : s_is(item_name, "video") ? "video"
                                                  : "link";
    fb_file(&f, type, fb_text(value, "link"));
    fb_files_keep(&h->map, &f, item);
}

/* Its own permalink, else one made from its post's, else the address that redirects to it. */
static struct sori_str address(struct hook *h, const json_t *value, const struct sori_item *item) {
    struct sori_str url = fb_text(value, "permalink_url"), id = item->native_id;
    struct sori_str post = fb_text(json_object_get(value, "post"), "permalink_url");
    size_t n = s_find_char(id, '_');
    if (url.len) return url;
    if (post.len && item->kind == SORI_KIND_COMMENT && n < id.len)
        return arena_format(h->map.a, "%.*s%ccomment_id=%.*s", S(post),
                            s_find_char(post, '?') < post.len ? '&' : '?', S(s_from(id, n + 1)));
    return arena_format(h->map.a, "https://www.facebook.com/%.*s", S(id));
}

/* When what is told happened: the time of the edit, or of the sending where that is not told. An
 * addition is as old as the thing. So an edit is newer than its addition, whichever comes first;
 * by a millisecond, because times are told in whole seconds and both may fall into one. */
static int64_t version_of(const struct hook *h, const json_t *value, enum verb verb) {
    int64_t edited = fb_time(value, "edited_time");
    if (verb == VERB_ADD) return hook_time(h, value, "created_time");
    return (edited ? edited : h->sent_at) + 1;
}

static void words(struct hook *h, const json_t *value, enum verb verb, struct sori_item *item) {
    item->text = fb_text(value, "message");
    item->said_at = fb_time(value, "created_time");
    if (!item->said_at && verb == VERB_ADD) item->said_at = h->sent_at;
    item->version = version_of(h, value, verb);
    item->url = address(h, value, item);
    author(h, value, item);
    files(h, value, item);
}

/* Gives what was said or became of it. What is not told is left for polling to read. */
static void give(struct hook *h, const json_t *value, enum verb verb, struct sori_item *item,
                 enum fb_want want) {
    struct sori_str post = item->target;
    bool bare = !item->text.len && !item->attachments.count;
    bool told = json_is_string(json_object_get(value, "message"));
    struct sori_item state;
    switch (verb) {
    case VERB_ADD:
        hook_give(h, item, SORI_EVENT_SAID);
        if (bare || !item->author_id.len) hook_task(h, want, item->native_id, post, 0);
        return;
    case VERB_EDIT:
        /* Without the words nothing can be said about them: an empty text would wipe the old. */
        if (told || (item->attachments.count && want == FB_WANT_COMMENT))
            hook_give(h, item, SORI_EVENT_SAID);
        else
            hook_give(h, item, SORI_EVENT_ARRIVED);
        if (!told || !item->author_id.len) hook_task(h, want, item->native_id, post, 0);
        return;
    case VERB_REMOVE:
        state = fb_state_item(item, SORI_EVENT_REMOVED);
        hook_give(h, &state, SORI_EVENT_REMOVED);
        return;
    case VERB_HIDE:
    case VERB_UNHIDE:
        state = fb_state_item(item, verb == VERB_HIDE ? SORI_EVENT_HIDDEN : SORI_EVENT_SHOWN);
        hook_give(h, &state, (enum sori_event)state.event);
        /* Such news overtake each other and the thing itself: the last word is the platform's. */
        hook_task(h, want, item->native_id, post, h->received_at + SETTLE);
        return;
    case VERB_UNKNOWN: return;
    }
}

/* A post of an ad is in no list of the Page; its comments are found again by polls all the same. */
static void watch_ad(struct hook *h, const json_t *value, struct sori_str id) {
    const json_t *post = json_object_get(value, "post");
    struct sori_str promoted = fb_text(post, "promotion_status");
    if (!promoted.len) promoted = fb_text(value, "promotion_status");
    if (json_is_false(json_object_get(post, "is_published")) ||
        (promoted.len && !s_is(promoted, "inactive") && !s_is(promoted, "ineligible")))
        hook_watch(h, id);
}

static bool comment(struct hook *h, const json_t *value, struct sori_str about) {
    static const struct fb_allowed unsaid = {.reply = FB_MAY_UNSAID};
    struct arena *a = h->map.a;
    enum verb verb = verb_of(value);
    struct sori_str post = fb_ref(fb_id(a, value, "post_id"));
    struct sori_str parent = fb_ref(fb_comment_id(fb_id(a, value, "parent_id")));
    struct sori_item item;
    if (verb == VERB_UNKNOWN ||
        !fb_item(&h->map, &item, SORI_KIND_COMMENT, fb_comment_id(fb_id(a, value, "comment_id"))))
        return false;
    if (!post.len) post = fb_ref(fb_id(a, json_object_get(value, "post"), "id"));
    item.target = about.len ? about : post;
    /* A post may be called by its bare id here: only a comment's own id is another parent. */
    item.parent = parent.len && !s_eq(parent, fb_comment_id(post)) && !s_eq(parent, post)
                      ? parent
                      : item.target;
    if (s_eq(item.parent, item.native_id)) item.parent = item.target;
    words(h, value, verb, &item);
    fb_can_page(&h->map, &item, &unsaid);
    give(h, value, verb, &item, FB_WANT_COMMENT);
    watch_ad(h, value, post);
    return true;
}

/* On our timeline: our own words, or those of a visitor, who speaks to us. */
static bool post(struct hook *h, const json_t *value) {
    static const struct fb_allowed unsaid = {.reply = FB_MAY_UNSAID};
    enum verb verb = verb_of(value);
    struct sori_item item;
    if (verb == VERB_UNKNOWN ||
        !fb_item(&h->map, &item, SORI_KIND_MENTION, fb_id(h->map.a, value, "post_id")))
        return false;
    words(h, value, verb, &item);
    if (item.origin != SORI_ORIGIN_PERSON) item.kind = SORI_KIND_POST;
    fb_can_page(&h->map, &item, &unsaid);
    give(h, value, verb, &item, FB_WANT_POST);
    return true;
}

/* The share is a post of its own. `post_id` names it where its last part is `share_id`; else that
 * names what was shared. Without words of its own it is only counted. */
static bool share(struct hook *h, const json_t *value) {
    static const struct fb_allowed unsaid = {.privately = FB_MAY_NOT, .hide = FB_MAY_NOT};
    struct arena *a = h->map.a;
    enum verb verb = verb_of(value);
    struct sori_str id = fb_ref(fb_id(a, value, "post_id")), share_id = fb_id(a, value, "share_id");
    struct sori_item item;
    bool same = !share_id.len || s_eq(id, share_id) ||
                (id.len > share_id.len && id.ptr[id.len - share_id.len - 1] == '_' &&
                 s_eq(s_from(id, id.len - share_id.len), share_id));
    if (verb == VERB_UNKNOWN || !fb_item(&h->map, &item, SORI_KIND_SHARE, same ? id : share_id))
        return false;
    if (!same) item.target = item.parent = id;
    words(h, value, verb, &item);
    item.share = item.text.len ? SORI_SHARE_SPECIFIC : SORI_SHARE_SIMPLE;
    fb_can_page(&h->map, &item, &unsaid);
    if (verb == VERB_REMOVE) {
        /* Whether it had words is not told any more: neither the count nor the text stays. */
        struct sori_item gone = fb_state_item(&item, SORI_EVENT_REMOVED);
        gone.share = SORI_SHARE_SIMPLE;
        hook_give(h, &gone, SORI_EVENT_REMOVED);
        item.share = SORI_SHARE_SPECIFIC;
    }
    if (item.share == SORI_SHARE_SPECIFIC || verb != VERB_ADD)
        give(h, value, verb, &item, FB_WANT_POST);
    else
        hook_give(h, &item, SORI_EVENT_SAID);
    return true;
}

void hook_mention(struct hook *h, const json_t *value) {
    static const struct fb_allowed unsaid = {
        .privately = FB_MAY_NOT, .hide = FB_MAY_NOT, .remove = FB_MAY_NOT};
    struct arena *a = h->map.a;
    struct sori_str what = fb_text(value, "item"), post_id = fb_ref(fb_id(a, value, "post_id"));
    struct sori_str comment_id = fb_comment_id(fb_id(a, value, "comment_id"));
    bool in_comment = comment_id.len > 0;
    enum verb verb = verb_of(value);
    struct sori_item item;
    bool known = verb != VERB_UNKNOWN && (s_is(what, "post") || s_is(what, "comment"));
    if (!known || !fb_item(&h->map, &item, SORI_KIND_MENTION, in_comment ? comment_id : post_id)) {
        unknown(h, SORI_STR("mention"), value);
        return;
    }
    /* On our own timeline the feed tells the same as a comment: one thing, one kind. */
    bool at_home = in_comment && h->map.own.len &&
                   s_eq(s_head(post_id, s_find_char(post_id, '_')), h->map.own);
    if (at_home) item.kind = SORI_KIND_COMMENT;
    if (in_comment) item.target = item.parent = post_id;
    words(h, value, verb, &item);
    fb_can_page(&h->map, &item, &unsaid);
    enum fb_want want = at_home      ? FB_WANT_COMMENT
                        : in_comment ? FB_WANT_MENTION_COMMENT
                                     : FB_WANT_MENTION_POST;
    bool told = item.text.len > 0;
    if (verb == VERB_ADD && !told) {
        hook_give(h, &item, SORI_EVENT_ARRIVED);
        hook_task(h, want, item.native_id, item.target, 0);
    } else {
        give(h, value, verb, &item, want);
    }
}

/* What was tapped: the comment, else the parent, else the post, else the Page itself. */
static struct sori_str tapped(struct hook *h, const json_t *value) {
    struct arena *a = h->map.a;
    struct sori_str id = fb_comment_id(fb_id(a, value, "comment_id"));
    if (!id.len) id = fb_comment_id(fb_id(a, value, "parent_id"));
    if (!id.len) id = fb_id(a, value, "post_id");
    return id.len ? id : h->map.own;
}

void hook_rating(struct hook *h, const json_t *value) {
    struct arena *a = h->map.a;
    struct sori_str what = fb_text(value, "item"), story = fb_id(a, value, "open_graph_story_id");
    struct sori_str post_id = fb_id(a, value, "post_id");
    enum verb verb = verb_of(value);
    struct sori_item item;
    /* Older payloads name the review only as the second half of its post. */
    if (!story.len) story = s_from(post_id, s_find_char(post_id, '_') + 1);
    if (s_is(what, "rating") && verb != VERB_UNKNOWN && fb_map_rating(&h->map, value, &item)) {
        item.version = version_of(h, value, verb);
        if (!item.said_at && verb == VERB_ADD) item.said_at = h->sent_at;
        if (verb == VERB_ADD || verb == VERB_EDIT)
            hook_give(h, &item, SORI_EVENT_SAID);
        else
            give(h, value, verb, &item, FB_WANT_POST);
    } else if ((s_is(what, "like") || s_is(what, "reaction")) && fb_good_id(story)) {
        bool below = fb_id(a, value, "comment_id").len > 0;
        hook_reaction(h, value, below ? tapped(h, value) : story);
    } else if (!s_is(what, "comment") || !comment(h, value, fb_ref(story))) {
        unknown(h, SORI_STR("ratings"), value);
    }
}

void hook_feed(struct hook *h, struct sori_str field, const json_t *value) {
    struct sori_str item = fb_text(value, "item");
    bool known = false;
    if (s_is(field, "mention")) {
        hook_mention(h, value);
        return;
    }
    if (s_is(field, "ratings")) {
        hook_rating(h, value);
        return;
    }
    if (s_is(field, "feed")) {
        if (s_is(item, "comment")) known = comment(h, value, (struct sori_str){NULL, 0});
        if (s_is(item, "share")) known = share(h, value);
        if (s_is(item, "post") || s_is(item, "status") || s_is(item, "photo") ||
            s_is(item, "video"))
            known = post(h, value);
        if (s_is(item, "like") || s_is(item, "reaction")) {
            hook_reaction(h, value, tapped(h, value));
            return;
        }
    }
    if (!known) unknown(h, field, value);
}
