/* Private messages, as /conversations lists them. */
#include "facebook/map.h"

static void file_of(struct fb_files *f, const json_t *one) {
    fb_file(f, "image", fb_text(json_object_get(one, "image_data"), "url"));
    fb_file(f, "video", fb_text(json_object_get(one, "video_data"), "url"));
    fb_file(f, "file", fb_text(one, "file_url"));
}

bool fb_map_message(const struct fb_map *m, const json_t *message, struct sori_item *item) {
    const json_t *from = json_object_get(message, "from");
    struct fb_files files = {.count = 0};
    size_t i;
    json_t *one;
    if (!fb_item(m, item, SORI_KIND_MESSAGE, fb_id(m->a, message, "id"))) return false;
    struct sori_str name = fb_text(from, "name");
    item->text = fb_text(message, "message");
    item->said_at = fb_time(message, "created_time");
    fb_author(m, item, fb_id(m->a, from, "id"), name.len ? name : fb_text(from, "username"));
    json_array_foreach(fb_at(message, "attachments", "data"), i, one) file_of(&files, one);
    json_array_foreach(fb_at(message, "shares", "data"), i, one)
        fb_file(&files, "link", fb_text(one, "link"));
    fb_files_keep(m, &files, item);
    if (fb_true(message, "is_unsupported"))
        item->note = SORI_STR("the platform does not pass on messages of this kind");
    if (item->origin == SORI_ORIGIN_US_BY_HAND)
        item->addressee = fb_id(m->a, json_array_get(fb_at(message, "to", "data"), 0), "id");
    fb_can_message(m, item, false);
    return true;
}
