/* Instagram: comments, media, mentions. */
#include "facebook/map.h"

static struct sori_str author_name(const json_t *thing, const json_t *from) {
    struct sori_str name = fb_text(from, "username");
    return name.len ? name : fb_text(thing, "username");
}

bool fb_map_media_comment(const struct fb_map *m, const json_t *comment, struct sori_str media,
                          struct sori_str parent, struct sori_item *item) {
    const json_t *from = json_object_get(comment, "from");
    struct sori_str id = fb_id(m->a, comment, "id");
    struct sori_str own_parent = fb_id(m->a, comment, "parent_id");
    struct sori_str own_media = fb_id(m->a, json_object_get(comment, "media"), "id");
    if (!id.len) id = fb_id(m->a, comment, "comment_id");
    if (!fb_item(m, item, SORI_KIND_COMMENT, id)) return false;
    item->target = fb_ref(own_media.len ? own_media : media);
    item->parent = fb_ref(own_parent.len ? own_parent : parent);
    if (!item->parent.len) item->parent = item->target;
    item->text = fb_text(comment, "text");
    item->said_at = fb_time(comment, "timestamp");
    struct sori_str author = fb_id(m->a, from, "id");
    /* `user` is only there where the comment is the account's own. */
    if (!author.len) author = fb_id(m->a, json_object_get(comment, "user"), "id");
    fb_author(m, item, author, author_name(comment, from));
    fb_can_instagram(m, item, fb_is_hidden(comment), false);
    return true;
}

static void files(const struct fb_map *m, const json_t *media, struct sori_item *item) {
    struct fb_files f = {.count = 0};
    bool video = s_is(fb_text(media, "media_type"), "VIDEO");
    fb_file(&f, video ? "video" : "image", fb_text(media, "media_url"));
    fb_files_keep(m, &f, item);
}

bool fb_map_media(const struct fb_map *m, const json_t *media, struct sori_item *item) {
    const json_t *owner = json_object_get(media, "owner");
    struct sori_str id = fb_id(m->a, media, "id");
    if (!fb_item(m, item, SORI_KIND_MENTION, id)) return false;
    item->text = fb_text(media, "caption");
    item->said_at = fb_time(media, "timestamp");
    item->url = fb_text(media, "permalink");
    fb_author(m, item, fb_id(m->a, owner, "id"), fb_text(media, "username"));
    files(m, media, item);
    if (item->origin != SORI_ORIGIN_PERSON) {
        item->kind = SORI_KIND_POST;
        fb_can_nothing(item, "hide, like: Instagram does not offer it for media");
        item->can = SORI_CAN_REPLY;
        item->text_max = FB_TEXT_INSTAGRAM;
        return true;
    }
    item->can = SORI_CAN_REPLY;
    item->text_max = FB_TEXT_INSTAGRAM;
    item->why_not = SORI_STR("hide, delete, like: it is not ours");
    return true;
}

bool fb_map_mentioned(const struct fb_map *m, const json_t *mentioned, struct sori_str media,
                      struct sori_item *item) {
    struct sori_str id = fb_id(m->a, mentioned, "id");
    struct sori_str own_media = fb_id(m->a, json_object_get(mentioned, "media"), "id");
    if (!fb_item(m, item, SORI_KIND_MENTION, id)) return false;
    struct sori_str words = fb_text(mentioned, "text");
    item->text = words.len ? words : fb_text(mentioned, "caption");
    item->said_at = fb_time(mentioned, "timestamp");
    item->url = fb_text(mentioned, "permalink");
    item->target = fb_ref(own_media.len ? own_media : media);
    if (s_eq(item->target, item->native_id)) item->target.len = 0;
    item->parent = item->target;
    fb_author(m, item, fb_id(m->a, json_object_get(mentioned, "from"), "id"),
              author_name(mentioned, json_object_get(mentioned, "from")));
    files(m, mentioned, item);
    item->can = SORI_CAN_REPLY;
    item->text_max = FB_TEXT_INSTAGRAM;
    item->why_not = SORI_STR("hide, delete, like, reply privately: it is not under our own media");
    return true;
}
