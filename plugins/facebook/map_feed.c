/* What the Graph API reads of a Page: comments, posts, ratings. */
#include "facebook/map.h"

static enum fb_may may(const json_t *thing, const char *name) {
    const json_t *v = json_object_get(thing, name);
    return json_is_true(v) ? FB_MAY : json_is_false(v) ? FB_MAY_NOT : FB_MAY_UNSAID;
}

static struct fb_allowed allowed(const json_t *thing) {
    return (struct fb_allowed){.reply = may(thing, "can_comment"),
                               .privately = may(thing, "can_reply_privately"),
                               .like = may(thing, "can_like"),
                               .hide = may(thing, "can_hide"),
                               .remove = may(thing, "can_remove")};
}

/* The address that leads there: the platform's own, else the one that it redirects from. */
static struct sori_str address(const struct fb_map *m, const json_t *thing, struct sori_str id) {
    struct sori_str url = fb_text(thing, "permalink_url");
    if (s_starts(url, "/")) return arena_format(m->a, "https://www.facebook.com%.*s", S(url));
    return url.len ? url : arena_format(m->a, "https://www.facebook.com/%.*s", S(id));
}

/* The post in front of a comment's id, as posts are named; empty where it is not told. */
static struct sori_str post_of(const struct fb_map *m, struct sori_str comment) {
    size_t n = s_find_char(comment, '_');
    if (n == comment.len || !m->own.len) return (struct sori_str){NULL, 0};
    return fb_ref(arena_format(m->a, "%.*s_%.*s", S(m->own), S(s_head(comment, n))));
}

bool fb_map_comment(const struct fb_map *m, const json_t *comment, struct sori_str post,
                    struct sori_item *item) {
    struct sori_str id = fb_comment_id(fb_id(m->a, comment, "id"));
    const json_t *from = json_object_get(comment, "from");
    struct fb_allowed said = allowed(comment);
    struct fb_files files = {.count = 0};
    if (!fb_item(m, item, SORI_KIND_COMMENT, id)) return false;
    item->target = fb_ref(post.len ? post : post_of(m, id));
    item->parent = fb_ref(fb_comment_id(fb_id(m->a, json_object_get(comment, "parent"), "id")));
    if (!item->parent.len) item->parent = item->target;
    item->text = fb_text(comment, "message");
    item->said_at = fb_time(comment, "created_time");
    item->url = address(m, comment, id);
    if (fb_true(comment, "is_private")) item->visibility = SORI_VISIBILITY_PRIVATE;
    fb_author(m, item, fb_id(m->a, from, "id"), fb_text(from, "name"));
    fb_files_of(&files, json_object_get(comment, "attachment"), 0);
    fb_files_keep(m, &files, item);
    fb_can_page(m, item, &said);
    return true;
}

bool fb_map_post(const struct fb_map *m, const json_t *post, struct sori_item *item) {
    struct sori_str id = fb_id(m->a, post, "id");
    const json_t *from = json_object_get(post, "from");
    struct fb_allowed said = allowed(post);
    struct fb_files files = {.count = 0};
    size_t i;
    json_t *one;
    if (!fb_item(m, item, SORI_KIND_MENTION, id)) return false;
    struct sori_str author = fb_id(m->a, from, "id"), message = fb_text(post, "message");
    item->text = message.len ? message : fb_text(post, "story");
    item->said_at = fb_time(post, "created_time");
    if (!item->said_at) item->said_at = fb_time(post, "tagged_time");
    item->url = address(m, post, id);
    fb_author(m, item, author, fb_text(from, "name"));
    /* Without an author the id tells: what is on our own timeline begins with our id, but visitors
     * write there too, and only those have an author who is not us. */
    bool ours = item->origin != SORI_ORIGIN_PERSON ||
                (!author.len && m->own.len && s_eq(s_head(id, s_find_char(id, '_')), m->own));
    if (ours) {
        item->kind = SORI_KIND_POST;
        item->origin = SORI_ORIGIN_US_BY_HAND;
    }
    json_array_foreach(fb_at(post, "attachments", "data"), i, one) fb_files_of(&files, one, 0);
    fb_file(&files, "image", fb_text(post, "full_picture"));
    fb_files_keep(m, &files, item);
    fb_can_page(m, item, &said);
    return true;
}

/* The reviewer of a read, of a webhook, or of the newer payloads that name authors alike. */
static void reviewer(const struct fb_map *m, const json_t *rating, struct sori_item *item) {
    const json_t *by = json_object_get(rating, "reviewer");
    if (!by) by = json_object_get(rating, "from");
    struct sori_str id = fb_id(m->a, by, "id"), name = fb_text(by, "name");
    if (!id.len) id = fb_id(m->a, rating, "reviewer_id");
    fb_author(m, item, id, name.len ? name : fb_text(rating, "reviewer_name"));
}

static struct sori_str verdict(const struct fb_map *m, const json_t *rating) {
    struct sori_str words = fb_text(rating, "recommendation_type");
    int64_t stars = fb_number(rating, "rating");
    if (s_same(words, "positive")) return SORI_STR("a review: recommends us");
    if (s_same(words, "negative")) return SORI_STR("a review: does not recommend us");
    if (stars < 1 || stars > 5) return SORI_STR("a review");
    return arena_format(m->a, "a review: %d of 5 stars", (int)stars);
}

bool fb_map_rating(const struct fb_map *m, const json_t *rating, struct sori_item *item) {
    static const struct fb_allowed said = {
        .privately = FB_MAY_NOT, .like = FB_MAY_NOT, .hide = FB_MAY_NOT, .remove = FB_MAY_NOT};
    struct sori_str id = fb_id(m->a, json_object_get(rating, "open_graph_story"), "id");
    if (!id.len) id = fb_id(m->a, rating, "open_graph_story_id");
    if (!fb_item(m, item, SORI_KIND_COMMENT, id)) return false;
    item->target = fb_ref(m->own);
    item->text = fb_text(rating, "review_text");
    item->said_at = fb_time(rating, "created_time");
    item->url = address(m, rating, id);
    item->note = verdict(m, rating);
    reviewer(m, rating, item);
    fb_can_page(m, item, &said);
    return true;
}
