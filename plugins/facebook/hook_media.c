/* Changes of an Instagram account: comments, those in live videos, mentions. There are no verbs:
 * edits, removals and hiding are noticed by polling. */
#include "facebook/hook.h"

static void comment(struct hook *h, struct sori_str field, const json_t *value) {
    struct sori_item item;
    struct sori_str none = {NULL, 0};
    bool live = s_is(field, "live_comments");
    if (!fb_map_media_comment(&h->map, value, none, none, &item)) {
        hook_unknown(h, value, "unknown: field %.*s without an id", S(s_head(field, 64)));
        return;
    }
    /* When it was written is not told. */
    if (!item.said_at) item.said_at = h->sent_at;
    item.can = 0;
    item.why_not = none;
    fb_can_instagram(&h->map, &item, false, live);
    struct sori_str ad = fb_text(json_object_get(value, "media"), "ad_title");
    if (live)
        item.note = SORI_STR("said in a live video");
    else if (ad.len)
        item.note = arena_format(h->map.a, "about the ad \"%.*s\"", S(utf8_cut(ad, 200)));
    hook_give(h, &item, SORI_EVENT_SAID);
    if (fb_id(h->map.a, json_object_get(value, "media"), "ad_id").len) hook_watch(h, item.target);
    if (!item.author_id.len || !item.target.len)
        hook_task(h, FB_WANT_COMMENT, item.native_id, item.target, 0);
}

/* Nothing but ids: polling reads who says what. */
static void mention(struct hook *h, const json_t *value) {
    struct sori_str media = fb_ref(fb_id(h->map.a, value, "media_id"));
    struct sori_str comment_id = fb_id(h->map.a, value, "comment_id");
    struct sori_item item;
    if (!fb_item(&h->map, &item, SORI_KIND_MENTION, comment_id.len ? comment_id : media)) {
        hook_unknown(h, value, "unknown: field mentions without an id");
        return;
    }
    if (comment_id.len) item.target = item.parent = media;
    item.said_at = h->sent_at;
    hook_give(h, &item, SORI_EVENT_ARRIVED);
    hook_task(h, comment_id.len ? FB_WANT_MEDIA_COMMENT : FB_WANT_MEDIA, item.native_id,
              item.target, 0);
}

void hook_media(struct hook *h, struct sori_str field, const json_t *value) {
    if (s_is(field, "comments") || s_is(field, "live_comments"))
        comment(h, field, value);
    else if (s_is(field, "mentions"))
        mention(h, value);
    else if (json_object_get(value, "sender") && json_object_get(value, "recipient"))
        hook_message(h, value, false); /* a message in the flat form */
    else
        hook_unknown(h, value, "unknown: field %.*s of Instagram", S(s_head(field, 64)));
}
