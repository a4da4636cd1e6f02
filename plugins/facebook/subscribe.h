/* What the platform must send to us: which fields, and whether our Page or account is subscribed.
 */
#ifndef FACEBOOK_SUBSCRIBE_H
#define FACEBOOK_SUBSCRIBE_H

#include "facebook/poll.h"

/* The fields that are needed, commas between; empty where the surface has no such layer. */
struct sori_str subscribe_fields(const struct fb *f);
/* The node that is subscribed: our Page, or "me" of Instagram's own login. */
struct sori_str subscribe_node(const struct fb *f, const struct fb_me *me);
/* Of a list "a,b,c" those that `have` (strings, or objects with a name) lacks, blanks between. In
 * the call's arena. */
struct sori_str subscribe_missing(struct fb *f, struct sori_str wanted, const json_t *have);
/* Reads the layer: OK, and what is missing; `*ours`: our application is among the subscribed. */
enum sori_status subscribe_read(struct fb *f, const struct fb_me *me, bool *ours,
                                struct sori_str *missing);
/* Subscribes our Page or account to all of them. */
enum sori_status subscribe_set(struct fb *f, const struct fb_me *me);
/* Once a day, within a poll: subscribes where that is missing. Trouble is logged and no more: what
 * is missing is heard by polling, only later. */
void subscribe_keep(struct turn *t, const struct fb_me *me);

#endif
