/* The fake blog: posts and comments, behind an interface like WordPress's REST and as feeds. */
#ifndef FAKE_BLOG_H
#define FAKE_BLOG_H

#include "fake/fake.h"

enum { BLOG_ME = 1 }; /* the id of the one user */

/* Tables of the world, by id as text: {id, title, text, at, changed} and {id, post, parent, name,
 * user, text, at, status}. Status is approved, hold, spam or trash. */
json_t *blog_posts(struct fake *f);
json_t *blog_comments(struct fake *f);
json_t *blog_find(json_t *table, const char *id); /* NULL where there is none */
json_t *blog_say(struct fake *f, const char *post, const char *parent, const char *name, bool ours,
                 const char *text, int64_t at);
void blog_link(struct fake *f, const json_t *post, const json_t *comment, char out[200]);
/* Text that is HTML, as it stands in a feed or a page. */
void blog_html(struct buf *out, const char *plain);
void blog_error(struct reply *r, int status, const char *code, const char *message);

void blog_rest(struct fake *f, const struct ask *a, const char *path, struct reply *r);
void blog_feed(struct fake *f, const struct ask *a, bool of_comments, bool atom, struct reply *r);
bool blog_control(struct fake *f, const struct ask *a, const char *path, struct reply *r);

#endif
