/* Between the files that make items: what all of them fill in the same way. */
#ifndef FACEBOOK_MAP_H
#define FACEBOOK_MAP_H

#include "facebook/facebook.h"

/* An empty item of our space; false where `id` cannot be a native id. */
bool fb_item(const struct fb_map *m, struct sori_item *item, enum sori_kind kind,
             struct sori_str id);
/* Who said it, and whether that is us. */
void fb_author(const struct fb_map *m, struct sori_item *item, struct sori_str id,
               struct sori_str name);
bool fb_is_own(const struct fb_map *m, struct sori_str id);
/* A reference to another thing, or nothing where it could not be its id. */
struct sori_str fb_ref(struct sori_str id);

/* ---- capabilities ---- */

/* What the platform said about one thing; MAY_UNSAID where it did not say. */
enum fb_may { FB_MAY_UNSAID = 0, FB_MAY_NOT = 1, FB_MAY = 2 };
struct fb_allowed {
    enum fb_may reply, privately, like, hide, remove;
};
/* Sets `can`, `why_not`, `window_left_ms` and `text_max` of a comment or a visitor's post of a
 * Page. Needs the author, `said_at` and `origin` first. */
void fb_can_page(const struct fb_map *m, struct sori_item *item, const struct fb_allowed *said);
void fb_can_instagram(const struct fb_map *m, struct sori_item *item, bool hidden, bool live);
void fb_can_thread(const struct fb_map *m, struct sori_item *item, bool top_level);
/* `standby`: another application holds the conversation. */
void fb_can_message(const struct fb_map *m, struct sori_item *item, bool standby);
/* Nothing can be done; why not, a constant. */
void fb_can_nothing(struct sori_item *item, const char *why_not);

/* ---- attachments ---- */

enum { FB_ATTACHMENTS = 32 };
struct fb_files {
    struct sori_pair items[FB_ATTACHMENTS];
    size_t count;
};
void fb_file(struct fb_files *f, const char *type, struct sori_str url);
/* Those of a Graph read: {type, media{image{src}}, url, target{url}, subattachments{data}}. */
void fb_files_of(struct fb_files *f, const json_t *attachment, unsigned depth);
/* Moves them into the arena and the item. */
void fb_files_keep(const struct fb_map *m, const struct fb_files *f, struct sori_item *item);

/* A class of reaction under one name: "sorry" is sad, "anger" is angry. Lower case, in the arena
 * or constant. */
struct sori_str fb_class(struct arena *a, struct sori_str type);

#endif
