/* What the files of polling share: the posts whose comments are followed, the comments that were
 * seen, and one poll under way. */
#ifndef FACEBOOK_POLL_H
#define FACEBOOK_POLL_H

#include "facebook/facebook.h"

enum {
    POSTS_MAX = 600,
    KNOWN_SHARDS = 4,
    KNOWN_SHARD_MAX = 2200,        /* comments: what fits into one state */
    OVERLAP = 10 * 60 * 1000,      /* things become visible a little after their time */
    RECENT = 3 * 24 * 3600 * 1000, /* posts of so long are looked at with every poll */
    REQUESTS = 60,                 /* of one poll, about */
    SWEEP_POSTS = 10,              /* read again by one poll */
    ENOUGH_LEFT = 8 * 1000,        /* ms: nothing more is begun with less */
    SHRINK_MOST = 4,
    USED_SLOW = 75, /* percent of the budget: from here on no sweeps */
    USED_STOP = 90  /* percent: the rest is kept for replies */
};

/* ---- surface.c: what differs between the surfaces, and who we are ---- */

enum edge_kind { EDGE_POSTS, EDGE_MENTIONS, EDGE_RATINGS };
struct edge {
    const char *path, *fields;
    enum edge_kind kind;
    bool quick;    /* read with every poll, not only by the sweep */
    bool needed;   /* without it nothing is heard: its refusal breaks the connection */
    bool since;    /* knows the parameter */
    unsigned page; /* rows of one */
};
const struct edge *surface_edges(enum fb_surface surface, size_t *count);
/* Fields of one comment, post or message, as it is asked for by its id. */
const char *surface_comment_fields(enum fb_surface surface);
const char *surface_post_fields(enum fb_surface surface);
const char *surface_message_fields(enum fb_surface surface);

/* Our account as the platform knows it. Views into the call's arena. */
struct fb_me {
    struct sori_str id, username, name;
};
/* Begins a call of any lane: how the connection asks. */
void fb_begin(struct fb *f);
/* Who we are: from state, else by asking. `fresh` asks in any case. Not OK where it was needed and
 * could not be found out. */
enum sori_status fb_who(struct fb *f, bool fresh, struct fb_me *me);
/* Writes it down for the other lanes: in poll only. */
enum sori_status fb_who_keep(struct fb *f, const struct fb_me *me);

/* ---- posts.c: the posts that are followed, as state "posts" ---- */

struct watched {
    struct sori_str id;                  /* in the call's arena */
    int64_t said_at;                     /* of the post, ms; as all times here in whole seconds */
    int64_t newest;                      /* the newest comment that was read; 0 none yet */
    int64_t swept;                       /* when all its comments were last compared */
    int64_t comments, shares, reactions; /* as the platform counts; -1 not known */
    uint32_t digest;                     /* of what was given of it */
    bool due;                            /* there is something new to read */
    bool sweep;                          /* its turn in the sweep has not come yet */
    bool trouble;                        /* it gave trouble the last time: the others come first */
    bool skipped;                        /* it gave trouble in this call */
};
struct posts {
    struct watched *items; /* newest first */
    size_t count, room;
    bool changed;
};
void posts_load(struct posts *p, struct arena *a, struct sori_str state);
void posts_store(struct posts *p, struct text *out);
struct watched *posts_find(struct posts *p, struct sori_str id);
/* Finds or adds it. */
struct watched *posts_add(struct posts *p, struct arena *a, struct sori_str id, int64_t said_at);
/* Forgets those before `since`, and the oldest beyond POSTS_MAX; never one with something to read.
 */
void posts_trim(struct posts *p, int64_t since);
void posts_free(struct posts *p);

/* ---- known.c: comments that were seen, as states "known.0" and on ---- */

struct known_id {
    uint64_t a, b; /* "a_b", or "b" alone where `a` is 0 */
};
struct known_one {
    struct known_id id;
    uint32_t post;     /* hash of the post's id */
    uint32_t said_at;  /* seconds */
    uint32_t digest;   /* of what was given of it */
    bool hidden, seen; /* seen: in the complete reading under way */
};
struct known {
    struct known_one *items; /* sorted by id */
    size_t count, room;
    bool changed[KNOWN_SHARDS];
};
/* Ids that are no one or two numbers are not followed: false. */
bool known_id_of(struct sori_str native, struct known_id *id);
struct sori_str known_native(struct arena *a, struct known_id id);
uint32_t known_post(struct sori_str post);
void known_load(struct known *k, struct sori_str state);
void known_store(struct known *k, unsigned shard, struct text *out);
/* NULL where it is not there. */
struct known_one *known_find(struct known *k, struct known_id id);
/* Adds or replaces it. */
void known_note(struct known *k, const struct known_one *one);
void known_drop(struct known *k, struct known_id id);
void known_touch(struct known *k, const struct known_one *one);
/* All of that post become unseen. */
void known_begin(struct known *k, uint32_t post);
void known_trim(struct known *k, int64_t since);
void known_free(struct known *k);

/* ---- one poll under way ---- */

struct turn {
    struct fb *f;
    struct graph *g;
    const struct sori_poll *poll;
    const struct sori_sink *sink;
    struct fb_map map;
    struct posts posts;
    struct known known;
    int64_t now;
    int64_t from;            /* nothing before it is read */
    enum sori_status last;   /* of the newest trouble */
    unsigned shrink;         /* pages are halved so often, because the platform asked for less */
    struct sori_str without; /* edges that this token may not read */
    bool stop;               /* the sink asks to end: what was given stays */
    bool more;               /* there is work left that should go on at once */
    unsigned good;           /* requests that were answered well */
    unsigned trouble;        /* in a row */
};
/* Should this call end, or may one more request be made? */
bool turn_over(struct turn *t);
/* After an answer that was not good. OK: leave this one thing out and go on; else the call ends
 * with that status. */
enum sori_status turn_trouble(struct turn *t, const struct graph_answer *a, const char *doing);
/* True where the platform wants smaller pages: the same is to be asked again. */
bool turn_shrink(struct turn *t, const struct graph_answer *a);
unsigned turn_rows(const struct turn *t, unsigned rows);
void turn_give(struct turn *t, const struct sori_item *item);
void turn_gauge(struct turn *t, struct sori_str target, const char *cls, int64_t n);
void turn_cursor(struct turn *t, const char *name, struct sori_str value);
struct sori_str turn_cursor_get(struct turn *t, const char *name);

/* What could not be understood is kept aside with its bytes. */
void turn_reject(struct turn *t, const json_t *raw, const char *why);
/* Gives an item that is new or changed, and its state where that changed. `raw` tells whether it is
 * hidden, and what the platform counts. */
void turn_comment(struct turn *t, const json_t *raw, struct sori_str post,
                  const struct sori_item *item);
/* One post, medium or thread of a list or by its id. */
void turn_post(struct turn *t, const struct edge *e, const json_t *raw);
uint32_t turn_digest(const struct sori_item *item);
/* Where the next page of this answer begins, as parameters ("after=…"); empty at its end. */
struct sori_str turn_next(struct turn *t, const json_t *answer);

/* ---- poll_profile.c: who wrote us a message ---- */

enum profile_end {
    PROFILE_OVER,  /* said, refused, or asked for within the last day */
    PROFILE_LATER, /* to be tried again; `why` says why */
    PROFILE_STOP   /* the poll ends with `status` */
};
struct profiles {
    struct sori_str asked; /* state "profiles": "ID TIME" a line, newest first */
    bool changed;
};
/* Reads the profile of a person and says who it is. Refusals are usual: the id alone stays then. */
enum profile_end profile_read(struct turn *t, struct profiles *p, struct sori_str id,
                              struct sori_str *why, enum sori_status *status);

/* Parts of a poll. OK: done, or as much as one call allows (then `more` may be set). */
enum sori_status poll_tasks(struct turn *t);
enum sori_status poll_list(struct turn *t);     /* posts and mentions */
enum sori_status poll_comments(struct turn *t); /* of the posts that have something new */
enum sori_status poll_messages(struct turn *t);

#endif
