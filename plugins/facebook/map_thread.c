/* Threads: one form for everything, our own threads, replies, quotes, reposts and mentions. */
#include "facebook/map.h"

static struct sori_str id_in(const struct fb_map *m, const json_t *thing, const char *name) {
    return fb_ref(fb_id(m->a, json_object_get(thing, name), "id"));
}

static void kind_of(const struct fb_map *m, const json_t *thread, struct sori_item *item) {
    const json_t *root = json_object_get(thread, "root_post");
    struct sori_str quoted = id_in(m, thread, "quoted_post");
    struct sori_str reposted = id_in(m, thread, "reposted_post");
    struct sori_str replied = id_in(m, thread, "replied_to");
    if (replied.len || fb_true(thread, "is_reply")) {
        item->kind = SORI_KIND_COMMENT;
        item->target = fb_ref(fb_id(m->a, root, "id"));
        item->parent = replied.len ? replied : item->target;
    } else if (reposted.len) {
        item->kind = SORI_KIND_SHARE;
        item->share = SORI_SHARE_SIMPLE;
        item->target = reposted;
    } else if (quoted.len || fb_true(thread, "is_quote_post")) {
        item->kind = SORI_KIND_SHARE;
        item->share = SORI_SHARE_SPECIFIC;
        item->target = quoted;
    } else if (item->origin != SORI_ORIGIN_PERSON) {
        item->kind = SORI_KIND_POST;
    }
}

/* Only what answers our own thread directly can be hidden. */
static bool is_top_level(const struct fb_map *m, const json_t *thread,
                         const struct sori_item *item) {
    const json_t *root = json_object_get(thread, "root_post");
    struct sori_str owner = fb_id(m->a, root, "owner_id"), name = fb_text(root, "username");
    bool others = (owner.len && m->own.len && !s_eq(owner, m->own)) ||
                  (name.len && m->own_name.len && !s_eq(name, m->own_name));
    return item->kind == SORI_KIND_COMMENT && s_eq(item->parent, item->target) && !others;
}

bool fb_map_thread(const struct fb_map *m, const json_t *thread, struct sori_item *item) {
    struct sori_str id = fb_id(m->a, thread, "id");
    const json_t *owner = json_object_get(thread, "owner");
    struct fb_files files = {.count = 0};
    if (!fb_item(m, item, SORI_KIND_MENTION, id)) return false;
    item->text = fb_text(thread, "text");
    item->said_at = fb_time(thread, "timestamp");
    item->url = fb_text(thread, "permalink");
    struct sori_str name = fb_text(thread, "username"), author = fb_id(m->a, owner, "id");
    /* Webhooks and replies name people by their user name alone, so everybody else goes by it. */
    if (fb_true(thread, "is_reply_owned_by_me")) author = m->own;
    fb_author(m, item, fb_is_own(m, author) || !name.len ? author : name, name);
    if (name.len) item->author_url = arena_format(m->a, "https://www.threads.net/@%.*s", S(name));
    kind_of(m, thread, item);
    if (s_eq(item->target, item->native_id)) item->target.len = 0;
    if (s_eq(item->parent, item->native_id)) item->parent.len = 0;
    bool video = s_is(fb_text(thread, "media_type"), "VIDEO");
    fb_file(&files, video ? "video" : "image", fb_text(thread, "media_url"));
    fb_files_keep(m, &files, item);
    fb_can_thread(m, item, is_top_level(m, thread, item));
    return true;
}
