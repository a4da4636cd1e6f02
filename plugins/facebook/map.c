/* What every item has: its space, its author, what can be done with it and until when. */
#include "facebook/map.h"

struct sori_str fb_space(enum fb_surface surface) {
    if (surface == FB_PAGE) return SORI_STR("facebook:graph");
    return surface == FB_THREADS ? SORI_STR("facebook:threads") : SORI_STR("facebook:instagram");
}

struct sori_str fb_token_slot(enum fb_surface surface) {
    if (surface == FB_THREADS) return SORI_STR("threads_token");
    return surface == FB_INSTAGRAM_LOGIN ? SORI_STR("instagram_token") : SORI_STR("page_token");
}

enum fb_surface fb_surface_of(struct sori_pairs options) {
    struct sori_str s = pairs_get(options, "surface");
    if (s_is(s, "instagram")) return FB_INSTAGRAM;
    if (s_is(s, "instagram_login")) return FB_INSTAGRAM_LOGIN;
    return s_is(s, "threads") ? FB_THREADS : FB_PAGE;
}

bool fb_item(const struct fb_map *m, struct sori_item *item, enum sori_kind kind,
             struct sori_str id) {
    *item = (struct sori_item){.struct_size = sizeof *item,
                               .kind = (uint32_t)kind,
                               .space = fb_space(m->surface),
                               .native_id = id};
    return fb_good_id(id);
}

bool fb_is_own(const struct fb_map *m, struct sori_str id) { return id.len && s_eq(id, m->own); }

struct sori_str fb_ref(struct sori_str id) {
    return fb_good_id(id) ? id : (struct sori_str){NULL, 0};
}

void fb_author(const struct fb_map *m, struct sori_item *item, struct sori_str id,
               struct sori_str name) {
    item->author_id = id.len <= FB_NATIVE_MOST ? id : (struct sori_str){NULL, 0};
    item->author_name = name;
    bool named = name.len && s_eq(name, m->own_name) && m->surface != FB_PAGE;
    if (fb_is_own(m, id) || named) item->origin = SORI_ORIGIN_US_BY_HAND;
}

struct sori_item fb_state_item(const struct sori_item *said, enum sori_event event) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = said->kind,
                             .share = said->share,
                             .observed = said->observed,
                             .event = (uint32_t)event,
                             .origin = said->origin,
                             .visibility = said->visibility,
                             .space = said->space,
                             .native_id = said->native_id,
                             .version = said->version,
                             .parent = said->parent,
                             .target = said->target,
                             .author_id = said->author_id,
                             .author_name = said->author_name,
                             .said_at = said->said_at,
                             .note = said->note};
    return item;
}

bool fb_is_hidden(const json_t *thing) {
    struct sori_str status = fb_text(thing, "hide_status");
    return fb_true(thing, "is_hidden") || fb_true(thing, "hidden") || s_is(status, "HIDDEN") ||
           s_is(status, "COVERED") || s_is(status, "BLOCKED");
}

/* ---- capabilities ---- */

static void why(const struct fb_map *m, struct sori_item *item, const char *reason) {
    if (item->why_not.len)
        item->why_not = arena_format(m->a, "%.*s; %s", S(item->why_not), reason);
    else
        item->why_not = s_of(reason);
}

/* Grants it, or says why not: the platform's own word first. */
static void grant(const struct fb_map *m, struct sori_item *item, uint32_t bit, enum fb_may may,
                  const char *otherwise) {
    if (may == FB_MAY_NOT)
        why(m, item, otherwise);
    else
        item->can |= bit;
}

/* One private reply to a comment, for seven days after it. */
static void grant_private(const struct fb_map *m, struct sori_item *item, enum fb_may may) {
    int64_t left = item->said_at + FB_PRIVATE_DAYS * (int64_t)FB_DAY - m->now;
    if (may == FB_MAY_NOT)
        why(m, item, "reply privately: the platform does not allow it here, or it was done");
    else if (item->said_at && left <= 0)
        why(m, item, "reply privately: seven days have passed");
    else {
        item->can |= SORI_CAN_REPLY_PRIVATELY;
        item->window_left_ms = item->said_at ? left : FB_PRIVATE_DAYS * (int64_t)FB_DAY;
    }
}

void fb_can_nothing(struct sori_item *item, const char *why_not) {
    item->can = 0;
    item->why_not = s_of(why_not);
}

void fb_can_page(const struct fb_map *m, struct sori_item *item, const struct fb_allowed *said) {
    bool own = item->origin != SORI_ORIGIN_PERSON;
    item->text_max = FB_TEXT_COMMENT;
    grant(m, item, SORI_CAN_REPLY, said->reply, "reply: comments are closed");
    grant(m, item, SORI_CAN_LIKE, said->like, "like: the platform does not allow it here");
    grant(m, item, SORI_CAN_DELETE, said->remove, "delete: the platform does not allow it here");
    grant(m, item, SORI_CAN_HIDE, own ? FB_MAY_NOT : said->hide,
          own ? "hide: our own" : "hide: the platform does not allow it here");
    if (!own) grant_private(m, item, said->privately);
}

void fb_can_instagram(const struct fb_map *m, struct sori_item *item, bool hidden, bool live) {
    bool own = item->origin != SORI_ORIGIN_PERSON;
    item->text_max = FB_TEXT_INSTAGRAM;
    grant(m, item, SORI_CAN_REPLY, hidden || live ? FB_MAY_NOT : FB_MAY,
          hidden ? "reply: the comment is hidden" : "reply: it was said in a live video");
    grant(m, item, SORI_CAN_HIDE, own ? FB_MAY_NOT : FB_MAY, "hide: our own");
    item->can |= SORI_CAN_DELETE;
    why(m, item, "like: Instagram has no likes by API");
    if (!own) grant_private(m, item, FB_MAY_UNSAID);
}

void fb_can_thread(const struct fb_map *m, struct sori_item *item, bool top_level) {
    bool own = item->origin != SORI_ORIGIN_PERSON;
    item->text_max = FB_TEXT_THREADS;
    item->can = SORI_CAN_REPLY;
    grant(m, item, SORI_CAN_HIDE, own || !top_level ? FB_MAY_NOT : FB_MAY,
          own ? "hide: our own" : "hide: only direct replies to our own threads can be hidden");
    why(m, item, "like, delete: Threads does not offer it");
}

void fb_can_message(const struct fb_map *m, struct sori_item *item, bool standby) {
    int64_t left = item->said_at + FB_DAY - m->now;
    item->text_max = m->surface == FB_PAGE ? FB_TEXT_MESSAGE : FB_TEXT_INSTAGRAM_MESSAGE;
    item->visibility = SORI_VISIBILITY_PRIVATE;
    if (item->origin != SORI_ORIGIN_PERSON)
        fb_can_nothing(item, "reply: our own");
    else if (standby)
        fb_can_nothing(item, "reply: another application has this conversation");
    else if (!item->author_id.len)
        fb_can_nothing(item, "reply: the platform does not tell who wrote");
    else if (item->said_at && left <= 0)
        why(m, item, "reply: 24 hours have passed; a person may answer for seven days");
    else {
        item->can = SORI_CAN_REPLY;
        item->window_left_ms = item->said_at ? left : FB_DAY;
    }
}

/* ---- attachments ---- */

void fb_file(struct fb_files *f, const char *type, struct sori_str url) {
    if (!url.len || f->count == FB_ATTACHMENTS) return;
    for (size_t i = 0; i < f->count; i++)
        if (s_eq(f->items[i].value, url)) return;
    f->items[f->count++] = (struct sori_pair){s_of(type), url};
}

static const char *file_type(struct sori_str type) {
    if (s_starts(type, "photo") || s_starts(type, "image")) return "image";
    if (s_starts(type, "video")) return "video";
    if (s_starts(type, "audio")) return "audio";
    return s_is(type, "sticker") || s_starts(type, "animated_image") ? "image" : "link";
}

void fb_files_of(struct fb_files *f, const json_t *attachment, unsigned depth) {
    const json_t *more = fb_at(attachment, "subattachments", "data");
    const json_t *media = json_object_get(attachment, "media");
    struct sori_str image = fb_text(json_object_get(media, "image"), "src");
    struct sori_str source = fb_text(media, "source"), url = fb_text(attachment, "url");
    const char *type = file_type(fb_text(attachment, "type"));
    fb_file(f, type, source.len ? source : image.len && strcmp(type, "image") == 0 ? image : url);
    size_t i;
    json_t *one;
    if (depth < 2) json_array_foreach(more, i, one) fb_files_of(f, one, depth + 1);
}

void fb_files_keep(const struct fb_map *m, const struct fb_files *f, struct sori_item *item) {
    if (!f->count) return;
    struct sori_pair *own = arena_get(m->a, f->count * sizeof *own);
    memcpy(own, f->items, f->count * sizeof *own);
    item->attachments = (struct sori_pairs){own, f->count};
}

/* ---- reactions ---- */

struct sori_str fb_class(struct arena *a, struct sori_str type) {
    if (!type.len || type.len > 32) return type.len ? SORI_STR("other") : SORI_STR("like");
    if (s_same(type, "sorry")) return SORI_STR("sad");
    if (s_same(type, "anger")) return SORI_STR("angry");
    char lower[32];
    for (size_t i = 0; i < type.len; i++) {
        if (!s_alpha(type.ptr[i]) && type.ptr[i] != '_') return SORI_STR("other");
        lower[i] = s_lower(type.ptr[i]);
    }
    return arena_copy(a, (struct sori_str){lower, type.len});
}
