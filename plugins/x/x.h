/* The X connector (API v2): posts, mentions, replies, quotes, reposts, likes and direct messages,
 * heard by polling, by streams and by webhooks; answered where X lets programs answer. One instance
 * serves one connection in one process; `decode` serves all of them. */
#ifndef X_X_H
#define X_X_H

#include "common/text.h"
#include "sori/plugin.h"

#include <jansson.h>

/* All posts, messages and people of X live in one space. */
#define X_SPACE "x:"

/* How a connection hears, as bits: option `receive`. */
enum { X_MENTIONS = 1, X_SEARCH = 2, X_STREAM = 4, X_ACTIVITY = 8 };

enum { X_REPLY_MAX = 280, X_PARTS_MAX = 25, X_MESSAGE_MAX = 10000 };

/* The options of a connection; strings are borrowed. */
struct x_conf {
    struct sori_str api; /* "https://api.x.com", no slash at its end */
    struct sori_str user_id, handle, watch, webhook, events;
    unsigned receive;
    bool enterprise; /* plan: replies to anyone, likes */
    bool split;      /* long_reply: a thread instead of a refusal */
    bool oauth2;     /* which credential speaks for our user */
    bool messages;   /* direct messages may be sent */
    int64_t history; /* ms */
    int64_t budget;  /* millionths of a dollar a day; 0: none */
};
struct x_conf x_conf_read(struct sori_pairs options);
/* What `daily_budget` amounts to in millionths; -1 where it is no amount. */
int64_t x_dollars(struct sori_str s);

struct x {
    const struct sori_host *host;
    struct arena kept;   /* the options and the connection's name */
    struct arena call;   /* freed at the end of each call */
    struct x_text *text; /* NULL in the decode lane, which weighs nothing */
    struct sori_str connection;
    struct x_conf conf;
    int64_t until;  /* where X asked us to slow down in this call: until when */
    bool penniless; /* in this call X said that credits are used up: all waits, no part by itself */
    int64_t began, awake; /* replay.c: first poll of this process; all is heard since; 0 not */
    int64_t missed_from, missed_to; /* found out in this call; 0 nothing */
};

void x_fail(struct x *x, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void x_log(struct x *x, enum sori_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- json.c: answers of X, in both spellings (tweet, post) ---- */

json_t *x_json(struct sori_str bytes); /* NULL: no JSON. Free with json_decref */
/* Borrowed; empty where the member is no string. */
struct sori_str x_str(const json_t *object, const char *name);
/* A member that may be a string or a number, as text. */
struct sori_str x_id(struct arena *a, const json_t *object, const char *name);
int64_t x_int(const json_t *object, const char *name); /* a number, or one in a string; else 0 */
const json_t *x_either(const json_t *object, const char *one, const char *other);
/* When an id was made: X's ids carry it. 0 for what is no id. */
int64_t x_id_time(struct sori_str id);
/* The smallest id of that time. */
struct sori_str x_time_id(struct arena *a, int64_t ms);
/* Orders ids by age: they are numbers without leading zeros. */
int x_id_compare(struct sori_str a, struct sori_str b);
bool x_is_id(struct sori_str s);

/* ---- words.c: what a post says ---- */

/* The text of a post: the long form where there is one, links as they lead, &amp; &lt; &gt; decoded
 * once. `without` is the id of a post whose link at the end is dropped (a quote's); may be empty.
 */
struct sori_str x_words(struct arena *a, const json_t *post, struct sori_str without);
/* Appends `text` with its references &amp; &lt; &gt; decoded once. */
void x_unescape(struct text *out, struct sori_str text);

/* ---- map.c: a post becomes an item ---- */

/* What an event or an endpoint says about a post beyond the post itself. */
enum x_hint {
    X_HINT_NONE,
    X_HINT_MENTION,
    X_HINT_REPLY,
    X_HINT_QUOTE,
    X_HINT_REPOST,
    X_HINT_LISTED
};

/* One answer, line or event: posts and what came beside them. */
struct x_page {
    const struct x_conf *conf;
    struct arena *arena;
    const json_t *posts, *users, *media; /* of `includes`; NULL where absent */
    enum x_hint hint;
    bool event; /* it happened now; else it was read */
};
struct x_page x_page_of(const struct x_conf *conf, struct arena *a, const json_t *includes,
                        enum x_hint hint, bool event);
const json_t *x_page_user(const struct x_page *page, struct sori_str id); /* NULL: not there */
/* Fills author fields of an item from a user object, which may be NULL. */
void x_author(const struct x_page *page, struct sori_item *item, const json_t *user);
/* False where the post has no id, or is not what the hint says. Strings live in the arena or in
 * the post. */
bool x_map(const struct x_page *page, const json_t *post, struct sori_item *item);
/* The item, the posts of ours that it refers to, and totals of ours. False as x_map; `*more` is the
 * sink's last answer. */
bool x_give(const struct x_page *page, const json_t *post, const struct sori_sink *sink,
            enum sori_more *more);

/* ---- can.c: what may be done with an item, and why not ---- */

/* What x_map found out about a post. */
struct x_post {
    struct sori_str id, native;
    bool ours;        /* we wrote it */
    bool mentions_us; /* in its own words, or among the people that a reply goes to */
    bool summons;     /* X lets self-serve programs answer: mentioned in its own words, or quoted */
    bool quotes_us;
    bool our_thread; /* it is a reply in a conversation that we began */
    struct sori_str reply_settings;
    const json_t *user; /* NULL: not known */
};
void x_can(const struct x_page *page, const struct x_post *post, struct sori_item *item);

/* ---- decode.c, old.c ---- */

enum sori_status x_decode(struct x *x, const struct sori_delivery *delivery,
                          const struct sori_sink *sink);
/* Account Activity bodies, as they were before the X Activity API. */
void x_decode_old(struct x *x, const struct x_conf *conf, const json_t *root,
                  const struct sori_sink *sink);
/* Old-style message events; `users` maps ids to people. Gives what is a message, keeps the rest. */
void x_messages(const struct x_page *page, const json_t *events, const json_t *users,
                const struct sori_sink *sink);
void x_keep(const struct x_page *page, const struct sori_sink *sink, const char *why,
            const json_t *what);

/* ---- ask.c: requests, and how they end ---- */

/* Who asks: the application (bearer), or our user (OAuth 1.0a or 2.0, as the options say). */
enum x_as { X_AS_APP, X_AS_USER };

struct x_request {
    const char *method; /* "GET" */
    enum sori_http_effect effect;
    enum x_as as;
    struct sori_str path, query; /* "/2/users/me", "a=b&c=d" without '?' */
    const json_t *body;          /* NULL: none */
    const char *bucket;          /* what its rate limit is for: "mentions" */
};

/* An answer, decoded as far as possible. Free with x_answer_free. */
struct x_answer {
    enum sori_status sent; /* what host->http said */
    int status;
    json_t *json;                        /* NULL where the answer is no JSON */
    struct sori_str title, detail, type; /* of the first problem; in the call's arena */
    int64_t until;                       /* where a limit is used up: when it is full again, ms */
    struct sori_str access;              /* x-access-level: "read-write-directmessages" */
    const char *bucket;
};
struct x_answer x_ask(struct x *x, const struct x_request *r);
void x_answer_free(struct x_answer *a);
bool x_good(const struct x_answer *a); /* 2xx and JSON */
/* Says why, and the status that a call ends with; OK where the answer is good. Limits and spent
 * credits are told to the host. */
enum sori_status x_verdict(struct x *x, const struct x_answer *a, const char *doing);
/* Appends "name=value" to a query, percent-encoded. */
void x_param(struct text *query, const char *name, struct sori_str value);
/* The fields and expansions that a post is asked for with. */
void x_fields(struct text *query);
/* "2026-11-22T00:56:03Z" */
struct sori_str x_stamp(struct arena *a, int64_t ms);

/* ---- cost.c: what calls cost, and the day's budget ---- */

enum x_price {
    X_PRICE_OWN_READ = 1000, /* millionths of a dollar */
    X_PRICE_READ = 5000,
    X_PRICE_USER = 10000,
    X_PRICE_REPLY = 10000,
    X_PRICE_POST = 15000,
    X_PRICE_LINK = 200000
};
void x_spend(struct x *x, const char *what, int64_t micros);
/* Reading ends at nine tenths of the budget: the rest is for answers. */
bool x_may_read(struct x *x);
bool x_may_spend(struct x *x, int64_t micros);
int64_t x_midnight(struct x *x); /* when the next day begins, UTC */

/* ---- usage.c: what streams cost ---- */

/* Posts that were read, and paid, by polling. */
void x_count_polled(struct x *x, size_t posts);
/* Every ten minutes, where there is a budget and a stream: what X counted beyond that is spent. */
enum sori_status x_count_streamed(struct x *x);

/* ---- read.c: reading by since_id ---- */

/* A list of posts that is read from where it was left. */
struct x_list {
    const char *bucket;
    struct sori_str name; /* of its cursor */
    struct sori_str path;
    struct sori_str query; /* search: what is searched; else empty */
    enum x_hint hint;
    int64_t price;
    int64_t reach;  /* how far back X remembers, ms; 0: by number */
    uint32_t *room; /* items that this call may still give */
};
/* OK: read to its end. AGAIN: more is there. RATE and others: nothing of the cursor is lost. */
enum sori_status x_read_list(struct x *x, const struct x_list *list, const struct sori_poll *poll,
                             const struct sori_sink *sink);
/* Reads [from, to) of a list; `*token` is where to go on, empty at the end. */
enum sori_status x_read_window(struct x *x, const struct x_list *list, int64_t from, int64_t to,
                               struct sori_str *token, const struct sori_sink *sink);

/* ---- setup.c: what X sends us ---- */

/* Each brings X in step with the options, at most once an hour unless they changed. */
enum sori_status x_keep_rules(struct x *x, size_t *rules);
enum sori_status x_keep_events(struct x *x);
/* Lists as they are at X; NULL with `*status` set where they cannot be read. Free with
 * json_decref. */
json_t *x_rules(struct x *x, enum sori_status *status);
json_t *x_subscriptions(struct x *x, enum sori_status *status);
json_t *x_webhooks(struct x *x, enum sori_status *status);
bool x_is_rule(const json_t *rules, struct sori_str value);
/* Our webhook among them, or NULL. */
const json_t *x_webhook(const struct x *x, const json_t *webhooks);
/* The subscription of that event for our user, or NULL. */
const json_t *x_subscription(const struct x *x, const json_t *list, struct sori_str event);
struct sori_str x_events(const struct x_conf *conf); /* one a line */

/* ---- replay.c: what X sent to our webhook while nobody was there ---- */

/* Has it sent again, once, a minute after we are back. */
enum sori_status x_replay(struct x *x, const struct sori_sink *sink);
/* X took our webhook for invalid from about then on. */
void x_replay_from(struct x *x, int64_t at);

/* ---- poll.c, act.c, made.c, health.c ---- */

enum sori_status x_poll(struct x *x, const struct sori_poll *poll, const struct sori_sink *sink);
enum sori_act_status x_act(struct x *x, const struct sori_action *action,
                           const struct sori_result *result);
enum sori_act_status x_reconcile(struct x *x, const struct sori_action *action,
                                 const struct sori_result *result);
enum sori_status x_health(struct x *x, const struct sori_health *health);

#endif
