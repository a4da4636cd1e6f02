/* Between the files that decode what the gate received. Whatever comes ends in one of four ways:
 * an item, a task for polling, a rejection that keeps its bytes (unknown objects, fields, items and
 * verbs are counted so), or, for receipts that say nothing to anybody, a count in the log. */
#ifndef FACEBOOK_HOOK_H
#define FACEBOOK_HOOK_H

#include "facebook/map.h"

struct hook {
    struct fb *f;
    struct fb_map map; /* of the entry at hand */
    const struct sori_sink *sink;
    struct sori_str account; /* the connection's own id, as its option says; may be empty */
    int64_t received_at;
    int64_t sent_at; /* of the entry: when the platform sent it */
    bool stop;       /* the sink asked to end */
};

/* Gives it to the sink, as something that happened. */
void hook_give(struct hook *h, struct sori_item *item, enum sori_event event);
void hook_task(struct hook *h, enum fb_want want, struct sori_str id, struct sori_str other,
               int64_t due);
/* Has the name of who wrote us looked up, once a day. It does not hurry: no poll is made for it. */
void hook_profile(struct hook *h, struct sori_str person);
/* The comments of a post that no list has are to be read by polls. */
void hook_watch(struct hook *h, struct sori_str post);
/* Kept aside with its bytes, and counted. */
void hook_unknown(struct hook *h, const json_t *raw, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Counted; said in the log each time the count has doubled. */
void hook_ignore(struct hook *h, enum fb_receipt what);

/* Milliseconds since 1970 for `version`: what the value says, else when it was sent. */
int64_t hook_time(const struct hook *h, const json_t *value, const char *name);

/* One change of a Page: fields feed, mention, ratings. */
void hook_feed(struct hook *h, struct sori_str field, const json_t *value);
void hook_mention(struct hook *h, const json_t *value);
void hook_rating(struct hook *h, const json_t *value);
/* A reaction or a like, of a Page's feed or of its ratings. `target` is what was tapped. */
void hook_reaction(struct hook *h, const json_t *value, struct sori_str target);
/* One change of an Instagram account. */
void hook_media(struct hook *h, struct sori_str field, const json_t *value);
/* One event of entry.messaging or, where another application has the conversation, standby. */
void hook_message(struct hook *h, const json_t *event, bool standby);

#endif
