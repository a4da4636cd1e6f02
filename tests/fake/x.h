/* The fake X: API v2 as CHANNELS of the platform describe it, with a memory of people, posts,
 * messages, rules, subscriptions and webhooks. Scenarios bring it to life with:
 *   POST /_fake/say      author= text= [name= username= id= at= reply_to= quote_of= repost_of=
 *                        lang= reply_settings= quiet=1 (nobody is told)]; answers with its id
 *   POST /_fake/edit     id= text=          POST /_fake/remove  id=
 *   POST /_fake/like     id= author=        POST /_fake/message author= text= [name=]
 *   POST /_fake/person   id= name= username= [protected=true]
 *   POST /_fake/oauth2   do=issue | expire | revoke (with an oauth.revoke event)
 *   POST /_fake/crc      webhooks are validated again
 *   POST /_fake/goodbye  an operational-disconnect on the stream of posts, and its end
 *   GET  /_fake/posts    [author= reply_to= removed=1]    GET /_fake/messages
 *   GET  /_fake/audit    how often tokens were renewed, and what was wrong with signatures */
#ifndef FAKE_X_H
#define FAKE_X_H

#include "fake/fake.h"

/* What is known of people and things, all of it in the frame's world:
 *   users {id: user}, posts [post] with raw text, messages [message], rules, subscriptions,
 *   webhooks, likes, hidden, nonces, oauth2 (tokens), rates, audit. */
json_t *x_list(struct fake *f, const char *name);  /* made where there is none; borrowed */
json_t *x_table(struct fake *f, const char *name); /* the same, an object */
void x_count(struct fake *f, const char *what);    /* into the audit */
bool x_is(struct fake *f, const char *setting, const char *value);
/* Is the word in the comma list? */
bool x_has(const char *list, const char *word);

/* ---- x_post.c ---- */

void x_new_id(struct fake *f, int64_t ms, char out[24]);
int64_t x_id_ms(const char *id); /* when it was made; 0 where it is no id */
int x_id_compare(const char *a, const char *b);
json_t *x_stamp(int64_t ms);
json_t *x_user(struct fake *f, const char *id); /* borrowed; NULL where unknown */
json_t *x_user_named(struct fake *f, const char *name, size_t len);
json_t *x_meet(struct fake *f, const char *id, const char *name, const char *username);
bool x_known_id(const char *id); /* 1 to 19 digits */
/* By its newest id or an older one; borrowed. Removed posts too. */
json_t *x_post(struct fake *f, const char *id);
json_t *x_live_post(struct fake *f, const char *id);
json_t *x_make(struct fake *f, const json_t *said); /* borrowed */
void x_edit(struct fake *f, json_t *post, const char *text);
bool x_ours(struct fake *f, const json_t *post);
/* How much a text weighs; good for plain texts and links. */
size_t x_weight(const char *text);

/* ---- x_show.c: a post as X shows it ---- */

struct x_view {
    const char *fields, *expansions; /* comma lists, "" none; NULL: everything */
};
struct x_view x_view_of(const struct ask *a);
json_t *x_show(struct fake *f, const json_t *post, const struct x_view *v);
/* What is shown beside posts: {"includes"?, "errors"?} are set in `answer`. */
void x_beside(struct fake *f, json_t *answer, const json_t *posts, const struct x_view *v);
/* Gives an answer the words of the setting `spelling`. */
json_t *x_spell(struct fake *f, json_t *answer);
/* Does the post mention our user in its own words, not only as one that a reply goes to? */
bool x_summons(struct fake *f, const json_t *post);

/* ---- x_match.c: X's query language, as far as tests need it ---- */

enum x_match { X_NO, X_YES, X_BAD };
enum x_match x_matches(struct fake *f, const char *query, const json_t *post, const char **why);

/* ---- x_auth.c ---- */

enum { X_APP = 1, X_OAUTH1 = 2, X_OAUTH2 = 4, X_USER = X_OAUTH1 | X_OAUTH2 };

/* One call of the interface. */
struct x_call {
    struct fake *f;
    const struct ask *a;
    struct reply *r;
    char part[4][ASK_PART];
    int kind; /* who asks: one of the above */
};
/* Who asks; 0 after an answer was given. */
int x_who(struct fake *f, const struct ask *a, struct reply *r);
bool x_scope(struct fake *f, const struct ask *a, const char *scopes); /* of an OAuth 2.0 token */
/* Tokens: POST /2/oauth2/token, POST /oauth2/token, GET /i/oauth2/authorize. False: another path.
 */
bool x_tokens(struct fake *f, const struct ask *a, struct reply *r);
void x_tokens_begin(struct fake *f);
bool x_tokens_control(struct fake *f, const struct ask *a, struct reply *r);

/* ---- x_problem.c ---- */

/* An error in the setting `envelope`'s form. `type`: the end of its address; NULL about:blank. */
void x_problem(struct fake *f, struct reply *r, int status, const char *type, const char *title,
               const char *format, ...) __attribute__((format(printf, 6, 7)));
void x_invalid(struct x_call *c, const char *parameter, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void x_not_found(struct x_call *c, const char *kind, const char *parameter, const char *id);
bool x_error(struct fake *f, const char *name, struct reply *r);
/* Counts the call; false where the window is used up: 429 was answered. */
bool x_rate(struct x_call *c, const char *bucket, int app, int user);

/* ---- the calls ---- */

void x_answer(struct x_call *c, int status, json_t *answer);
void x_me(struct x_call *c);
void x_mentions(struct x_call *c);
void x_own(struct x_call *c);
void x_search(struct x_call *c);
void x_lookup(struct x_call *c);
void x_create(struct x_call *c);
void x_delete(struct x_call *c);
void x_hide(struct x_call *c);
void x_like(struct x_call *c);
void x_unlike(struct x_call *c);
void x_send(struct x_call *c);
void x_conversation(struct x_call *c);
void x_stream(struct x_call *c);
void x_rules(struct x_call *c);
void x_change_rules(struct x_call *c);
void x_usage(struct x_call *c);
void x_hang_up(struct x_call *c);
void x_activity(struct x_call *c);
void x_subscriptions(struct x_call *c);
void x_subscribe(struct x_call *c);
void x_unsubscribe(struct x_call *c);
void x_webhooks(struct x_call *c);
void x_register(struct x_call *c);
void x_validate(struct x_call *c);
void x_replay(struct x_call *c);
void x_unregister(struct x_call *c);

/* What scenarios ask for: /_fake/PATH beyond the frame's own. False: there is no such path. */
bool x_control(struct fake *f, const struct ask *a, const char *path, struct reply *r);

/* ---- what others are told ---- */

void x_published(struct fake *f, const json_t *post); /* x_stream.c: streams, events */
void x_goodbye(struct fake *f);
/* x_event.c: subscribers hear of it; steals the payload. */
void x_event(struct fake *f, const char *type, const char *user, json_t *payload, json_t *includes);
void x_post_events(struct fake *f, const json_t *post);
void x_message_event(struct fake *f, const json_t *message);
bool x_crc(struct fake *f, json_t *webhook);
/* x_replies.c: GET /_fake/replies [to=ID count=1] */
void x_replies(struct fake *f, const struct ask *a, struct reply *r);

#endif
