/* Facebook Pages, Instagram and Threads as one channel. One instance serves one connection in one
 * process; the decode lane's instance has no connection, its options come with each delivery.
 *
 * The way of a thing that was said: JSON → map_*.c → sori_item. What comes by webhook (hook_*.c)
 * and what is read by the API (poll_*.c) goes through the same functions, so that both give the
 * same interaction. */
#ifndef FACEBOOK_FACEBOOK_H
#define FACEBOOK_FACEBOOK_H

#include "common/text.h"
#include "facebook/graph.h"
#include "sori/plugin.h"

#include <jansson.h>

enum fb_surface { FB_PAGE, FB_INSTAGRAM, FB_INSTAGRAM_LOGIN, FB_THREADS };

static inline bool fb_is_instagram(enum fb_surface s) {
    return s == FB_INSTAGRAM || s == FB_INSTAGRAM_LOGIN;
}

/* Where ids are unique: over the whole platform, so that a comment which is seen by webhook, by
 * polling and through a second connection is one interaction. */
struct sori_str fb_space(enum fb_surface surface);
/* The slot that holds the connection's token: "page_token", "instagram_token", "threads_token". */
struct sori_str fb_token_slot(enum fb_surface surface);
enum fb_surface fb_surface_of(struct sori_pairs options);

enum {
    FB_DAY = 24 * 3600 * 1000,
    FB_PRIVATE_DAYS = 7, /* a private reply to a comment is possible for so long */
    FB_TEXT_COMMENT = 8000,
    FB_TEXT_MESSAGE = 2000,
    FB_TEXT_INSTAGRAM = 2200,
    FB_TEXT_INSTAGRAM_MESSAGE = 1000,
    FB_TEXT_THREADS = 500,
    FB_NATIVE_MOST = 512
};

/* What comes by webhook and says nothing to anybody. */
/* Whose profile was wanted lately, by a digest: a task each is enough for a day. */
enum { FB_ASKED_ROOM = 2048, FB_PROFILE_AGAIN = FB_DAY };
struct fb_asked {
    uint64_t who;
    int64_t at;
};

enum fb_receipt { FB_RECEIPT_READ, FB_RECEIPT_DELIVERY, FB_RECEIPTS };

struct fb {
    const struct sori_host *host;
    struct arena kept; /* the options */
    struct arena call; /* freed at the end of each call */
    struct graph graph;
    enum fb_surface surface;
    struct sori_str account; /* our page's or user's id, as the option says; may be empty */
    struct sori_str page;    /* surface instagram: the page that the account is linked to, or "" */
    struct sori_str app;     /* the application's id; may be empty */
    struct sori_str host_url, version;    /* "https://graph.facebook.com", "v26.0" */
    bool posts, messages;                 /* record posts; read conversations */
    bool subscribe;                       /* have our page or account send to the app */
    int64_t history, recheck, window;     /* ms, as in the options' help */
    int64_t live_from;                    /* set by each poll */
    uint64_t receipts[FB_RECEIPTS];       /* decode lane: how many were passed over */
    struct fb_asked asked[FB_ASKED_ROOM]; /* decode lane */
};

/* ---- what is left by decode for poll: sori_task ----
 *
 * A task's body is "WHAT ID [OTHER]"; its key is "WHAT:ID". */
enum fb_want {
    FB_WANT_COMMENT = 1,         /* "comment ID [POST]": author or state is missing */
    FB_WANT_POST = 2,            /* "post ID": the same of a post */
    FB_WANT_MENTION_POST = 3,    /* "mention-post ID": a post of others that mentions us */
    FB_WANT_MENTION_COMMENT = 4, /* "mention-comment ID [POST]" */
    FB_WANT_MEDIA = 5,           /* "media ID": Instagram, a mention in a caption */
    FB_WANT_MEDIA_COMMENT = 6,   /* "media-comment ID MEDIA": Instagram, a mention in a comment */
    FB_WANT_THREAD = 7,          /* "thread ID": Threads, one reply or mention */
    FB_WANT_MESSAGE = 8,         /* "message MID": a message whose text did not come along */
    FB_WANT_FEED = 9,            /* "feed FIELD": something of that field changed, values are off */
    FB_WANT_PROFILE = 10,        /* "profile ID": who wrote us a message; the id alone came along */
    FB_WANT_WATCH = 11,          /* "watch POST": its comments are read, though no list has it */
    FB_WANTS
};
struct fb_task {
    enum fb_want want;
    struct sori_str id, other;
};
/* Leaves it, due at a time or 0 for now; replaces an equal one. What could not be a task (an id
 * with blanks, or too long) is left out. */
void fb_task_put(const struct sori_sink *sink, struct arena *a, enum fb_want want,
                 struct sori_str id, struct sori_str other, int64_t due);
/* False for what is no task of ours. Views into `body`. */
bool fb_task_read(struct sori_str body, struct fb_task *task);

/* ---- json.c: JSON of strangers, read without trust ---- */

/* Text of a member; empty for anything that is no string. Borrowed from the JSON. */
struct sori_str fb_text(const json_t *object, const char *name);
/* An id, which may be a string or a whole number; else empty. In the arena where it was a number.
 * "null", 0 and negative numbers are no ids. */
struct sori_str fb_id(struct arena *a, const json_t *object, const char *name);
struct sori_str fb_id_value(struct arena *a, const json_t *value);
/* A time in any of the platform's spellings (seconds, milliseconds, either as text, ISO 8601); 0
 * where it is none. */
int64_t fb_time(const json_t *object, const char *name);
/* true, "true", 1 and "1". */
bool fb_true(const json_t *object, const char *name);
int64_t fb_number(const json_t *object, const char *name); /* 0 where it is none */
/* Path of up to three members; NULL where one is missing. */
const json_t *fb_at(const json_t *object, const char *first, const char *second);

/* ---- ids ---- */

/* "PAGE_POST_COMMENT", the retired spelling, becomes "POST_COMMENT"; anything else stays. */
struct sori_str fb_comment_id(struct sori_str id);
/* May this be a native id, and as it is a segment of a path? Printable ASCII without blanks and
 * none of / ? # & % " and backslash, 1 to FB_NATIVE_MOST bytes. Message ids may hold ":" and "$".
 */
bool fb_good_id(struct sori_str id);

/* ---- map_*.c: JSON to items ----
 *
 * Every function fills the whole item (observed STATE, event SAID unless it says otherwise); its
 * strings live in the arena or in the JSON. False, with nothing to give, where there is no id. */
struct fb_map {
    struct arena *a;
    enum fb_surface surface;
    struct sori_str own;      /* our id on this surface, to know our own words; may be empty */
    struct sori_str own_name; /* our user name, for Threads and Instagram; may be empty */
    int64_t now;              /* when it was received or read: windows are counted from here */
};

/* Page: a comment of /comments or by its id. `post` may be empty: taken from its id. */
bool fb_map_comment(const struct fb_map *m, const json_t *comment, struct sori_str post,
                    struct sori_item *item);
/* Page: a post of /feed, /tagged and the like: kind post where it is ours, else mention. */
bool fb_map_post(const struct fb_map *m, const json_t *post, struct sori_item *item);
/* Page: a rating of /ratings (an "open_graph_story" or, of today, a recommendation). */
bool fb_map_rating(const struct fb_map *m, const json_t *rating, struct sori_item *item);
/* Page and Instagram: a message of /conversations. */
bool fb_map_message(const struct fb_map *m, const json_t *message, struct sori_item *item);
/* Instagram: a comment of /comments or /replies; `media` and `parent` may be empty. A member
 * "hidden" is told by fb_is_hidden. */
bool fb_map_media_comment(const struct fb_map *m, const json_t *comment, struct sori_str media,
                          struct sori_str parent, struct sori_item *item);
/* Instagram: a medium; kind post where it is ours, else mention. */
bool fb_map_media(const struct fb_map *m, const json_t *media, struct sori_item *item);
/* Instagram: what `mentioned_comment` or `mentioned_media` answered: kind mention. */
bool fb_map_mentioned(const struct fb_map *m, const json_t *mentioned, struct sori_str media,
                      struct sori_item *item);
/* Threads: any post: ours (kind post), a reply (comment), a quote or repost (share), or else a
 * mention. */
bool fb_map_thread(const struct fb_map *m, const json_t *thread, struct sori_item *item);

/* Is the thing that was read hidden (`is_hidden`, `hidden`, `hide_status`)? */
bool fb_is_hidden(const json_t *thing);
/* What the item's state now is, as an item of its own: the same id, event HIDDEN, SHOWN or REMOVED;
 * no text. */
struct sori_item fb_state_item(const struct sori_item *said, enum sori_event event);

/* ---- hook_*.c ---- */

enum sori_status fb_decode(struct fb *f, const struct sori_delivery *delivery,
                           const struct sori_sink *sink);

/* ---- poll_*.c, act_*.c, health.c ---- */

enum sori_status fb_poll(struct fb *f, const struct sori_poll *poll, const struct sori_sink *sink);
enum sori_act_status fb_act(struct fb *f, const struct sori_action *action,
                            const struct sori_result *result);
enum sori_act_status fb_reconcile(struct fb *f, const struct sori_action *action,
                                  const struct sori_result *result);
enum sori_status fb_health(struct fb *f, const struct sori_health *health);

#endif
