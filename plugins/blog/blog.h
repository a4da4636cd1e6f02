/* The blog connector: a site that is heard through WordPress's REST interface where it has one,
 * through its feeds where it has none. One instance serves one connection in one process. */
#ifndef BLOG_BLOG_H
#define BLOG_BLOG_H

#include "common/charset.h"
#include "common/text.h"
#include "sori/plugin.h"

#include <jansson.h>

enum blog_use { USE_AUTO, USE_REST, USE_FEEDS };

enum { POST_CACHE = 512, KNOWN_MAX = 3800, FEEDS_MAX = 16 };

/* What is remembered of a post while the process lives: whether it takes comments, its title. */
struct blog_post {
    int64_t id, read_at;
    bool found, open;
    struct sori_str title, url; /* malloc'd together behind `title.ptr` */
};

struct blog {
    const struct sori_host *host;
    struct charsets *charsets;
    struct arena kept; /* the options */
    enum blog_use use;
    struct sori_str site, user, rest_option, feeds, comments, agent, space;
    bool posts;
    int64_t recheck, window, history; /* ms */
    int64_t live_from;
    struct arena call;         /* freed at the end of each call */
    struct blog_post *cache;   /* POST_CACHE of them */
    size_t cached, next_place; /* the oldest is replaced */
};

/* Who we are at the site, as state "site" remembers it for all lanes. */
struct wp_site {
    struct sori_str root; /* "https://x/wp-json/" or "https://x/?rest_route=/"; empty: no REST */
    int64_t read_at;      /* when this was found out */
    int64_t me;           /* our user's id; 0 without credentials */
    bool moderator;
};

/* An answer, decoded as far as possible. Free `json` with json_decref. */
struct wp_answer {
    enum sori_status sent; /* what host->http said */
    int status;
    json_t *json;         /* NULL where the answer is no JSON */
    struct sori_str code; /* of an error: "comment_duplicate"; empty else */
    struct sori_str message;
    int64_t total_pages; /* X-WP-TotalPages; -1 where absent */
    int64_t retry_after; /* ms; 0 where absent */
};

/* ---- wp.c: requests, and who we are ---- */

/* GET or POST of a path below the REST root; `path` is "wp/v2/comments", `query` "a=b&c=d". A body
 * makes it a writing request. */
struct wp_answer wp_ask(struct blog *b, const struct wp_site *site, const char *method,
                        const char *path, struct sori_str query, struct sori_str body);
void wp_answer_free(struct wp_answer *a);
/* Finds the REST root and our user, from state where that is fresh; `fresh` asks again. OK with an
 * empty root where the site has no REST interface. */
enum sori_status wp_find(struct blog *b, struct wp_site *site, bool fresh);
/* Writes down what was found, for the next calls and the other lanes: poll only. */
enum sori_status wp_remember(struct blog *b, const struct wp_site *site);
/* Says why, and the status that a poll or a health check ends with. */
enum sori_status wp_failed(struct blog *b, const struct wp_answer *a, const char *doing);
void blog_fail(struct blog *b, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void blog_log(struct blog *b, enum sori_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A plain GET of a page or feed; the host's own answer. */
enum sori_status blog_get(struct blog *b, struct sori_str url, struct sori_pairs headers,
                          struct sori_http_response *answer);

/* ---- wp_map.c: JSON to items ---- */

int64_t json_int(const json_t *object, const char *name);
struct sori_str json_words(const json_t *object, const char *name); /* borrowed; empty if none */
/* Fills an item from a comment; strings live in the call's arena. */
void wp_item(struct blog *b, const struct wp_site *site, const json_t *comment,
             struct sori_item *item);
void wp_post_item(struct blog *b, const json_t *post, struct sori_item *item);
/* The post of a comment, from memory or by asking; NULL where the site does not tell. */
const struct blog_post *wp_post(struct blog *b, const struct wp_site *site, int64_t id);
/* Learns the posts that a page of comments speaks about, in as few requests as possible. */
enum sori_status wp_learn_posts(struct blog *b, const struct wp_site *site, const json_t *page);
/* Number behind a native id "c12" or "p12" of that letter; 0 where it is none. */
int64_t native_number(struct sori_str native, char letter);
/* Text as it can be compared after WordPress has dressed it up: no blanks, plain quotes. */
struct sori_str wp_essence(struct blog *b, struct sori_str plain);

/* ---- wp_poll.c, wp_act.c, feeds_poll.c ---- */

enum sori_status wp_poll(struct blog *b, struct wp_site *site, const struct sori_poll *poll,
                         const struct sori_sink *sink);
enum sori_act_status wp_act(struct blog *b, const struct sori_action *action,
                            const struct sori_result *result);
enum sori_act_status wp_reconcile(struct blog *b, const struct sori_action *action,
                                  const struct sori_result *result);
enum sori_status wp_health(struct blog *b, const struct sori_health *health);
/* `all` reads the discovered feeds too, not only those that the options name. */
enum sori_status feeds_poll(struct blog *b, const struct sori_poll *poll,
                            const struct sori_sink *sink, bool all);
enum sori_status feeds_health(struct blog *b, const struct sori_health *health);

#endif
