/* The fake Graph API: a Page, an Instagram account and a Threads account of one application, as
 * things in one table. What a person does comes by /_fake/…, what the application does by the API;
 * both change the same things and make the same webhooks. */
#ifndef FAKE_GRAPH_H
#define FAKE_GRAPH_H

#include "fake/fake.h"

enum { GR_DAY = 24 * 3600 * 1000 };

/* ---- things (graph_thing.c) ----
 *
 * A thing is an object {id, kind, text, from{id,name}, at, post, parent, hidden, gone, private, …}.
 * Kinds: page, account, post, comment, rating, conversation, message, media, remark (a comment of
 * Instagram), thread, container. */
json_t *gr_find(struct fake *f, const char *id); /* also what is gone; NULL where there was none */
json_t *gr_alive(struct fake *f, const char *id);
const char *gr_kind(const json_t *thing);
bool gr_is(const json_t *thing, const char *kind);
bool gr_flag(const json_t *thing, const char *name);
int64_t gr_at(const json_t *thing);
/* New, with an id of its own where `id` is NULL; borrowed. */
json_t *gr_make(struct fake *f, const char *kind, const char *id, const char *from,
                const char *name, const char *text, int64_t at);
json_t *gr_comment(struct fake *f, json_t *under, const char *from, const char *name,
                   const char *text, int64_t at);
json_t *gr_remark(struct fake *f, json_t *under, const char *from, const char *name,
                  const char *text, int64_t at);
json_t *gr_thread(struct fake *f, json_t *under, const char *from, const char *name,
                  const char *text, int64_t at);
/* Finds or makes the conversation with a person; the message is added to it. */
json_t *gr_message(struct fake *f, const char *person, const char *name, bool ours,
                   const char *text, int64_t at);
void gr_remove(struct fake *f, json_t *thing);
bool gr_ours(struct fake *f, const json_t *thing);
/* The id that a person of this name has here. */
void gr_person(char out[40], const char *name);
/* Living things of a kind whose member is that value (any where `member` is NULL), oldest first. */
json_t *gr_where(struct fake *f, const char *kind, const char *member, const char *value);
const char *gr_page(struct fake *f);

/* ---- fields and lists (graph_field.c, graph_list.c) ---- */

/* One field that is asked for: "comments.filter(stream).limit(0){id}". */
struct want {
    char name[64], mods[256], sub[1024];
};
bool want_next(const char **fields, struct want *w);
bool want_mod(const struct want *w, const char *mod, char out[64]);
/* As it is shown: its id and the fields that are asked for. NULL, with the error in `r`, where a
 * field does not exist. */
json_t *gr_show(struct fake *f, const json_t *thing, const char *fields, struct reply *r);
/* One page of `rows` (which is taken over): {"data":[…],"paging":{…}}. What privacy withholds is
 * missing after paging, so pages may be short or empty. NULL with an error in `r`. */
struct page_of {
    const char *path; /* of `next`, without the version */
    const json_t *query;
    const char *fields, *after;
    int64_t limit;
};
json_t *gr_list(struct fake *f, json_t *rows, const struct page_of *p, struct reply *r);
/* Comments under a thing: filter, order and since as the edge knows them. */
json_t *gr_comments(struct fake *f, const json_t *under, const char *filter, const char *order,
                    int64_t since);

/* ---- who asks (graph_auth.c) ---- */

void gr_error(struct reply *r, int status, int code, int subcode, const char *type,
              const char *format, ...) __attribute__((format(printf, 6, 7)));
void gr_missing(struct reply *r, const char *id); /* code 100, subcode 33 */
bool gr_error_named(struct fake *f, const char *name, struct reply *r);
/* Checks token and proof. False, with the error in `r`, where they are not accepted. `*kind` is
 * page, user, app, instagram or threads. */
bool gr_enter(struct fake *f, const struct ask *a, const char **kind, struct reply *r);
void gr_usage(struct fake *f, const char *kind, struct reply *r);
void gr_token(struct fake *f, const char *token, const char *kind); /* becomes valid */
void gr_debug_token(struct fake *f, const struct ask *a, struct reply *r);
void gr_refresh(struct fake *f, const struct ask *a, const char *kind, struct reply *r);

/* ---- what can be asked (graph_read.c, graph_act.c, graph_app.c) ---- */

/* Each returns false where it knows no such edge. `node` is NULL where there is no such thing. */
bool gr_read(struct fake *f, const struct ask *a, const json_t *node, const char *edge,
             struct reply *r);
/* GET of somebody who has written a message: {name, first_name, last_name, username, id}. */
bool gr_profile(struct fake *f, const struct ask *a, const char *id, struct reply *r);
bool gr_act(struct fake *f, const struct ask *a, json_t *node, const char *edge, struct reply *r);
bool gr_app(struct fake *f, const struct ask *a, const char *node, const char *edge,
            const char *kind, struct reply *r);

/* ---- webhooks (graph_hook.c) ---- */

/* Tells of what became of a thing: verb add, edited, remove, hide, unhide. */
void gr_tell(struct fake *f, const json_t *thing, const char *verb);
void gr_tell_reaction(struct fake *f, const json_t *thing, const char *person, const char *name,
                      const char *type, const char *verb);
void gr_tell_share(struct fake *f, const json_t *post, const char *share, const char *person,
                   const char *name, const char *text);
/* Bytes as the platform writes them: \uXXXX in lower case, "\/", and < % @ escaped. */
void gr_escape(struct buf *out, const char *ascii_json);
/* Signs and sends these bytes; `flip` changes one of them after the signing. */
void gr_send(struct fake *f, const char *body, size_t len, bool flip);
/* Sends what is held back; shuffled, or all in one body. */
void gr_release(struct fake *f, bool shuffle, bool one_body, int copies);
/* The GET handshake; returns the status, `*same` whether the challenge came back as it was. */
int gr_handshake(struct fake *f, const char *url, const char *token, bool *same);

/* ---- graph_control.c ---- */
bool gr_control(struct fake *f, const struct ask *a, const char *path, struct reply *r);

#endif
