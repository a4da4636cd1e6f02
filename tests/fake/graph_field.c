/* What each kind of thing shows, field by field. A field that is not in the table does not exist.
 */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

typedef json_t *shown(struct fake *f, const json_t *thing, const struct want *w);

/* ---- plain members ---- */

static json_t *member(const json_t *thing, const char *name) {
    return json_incref(json_object_get(thing, name));
}

static json_t *f_text(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return *json_text(t, "text") ? member(t, "text") : NULL;
}
static json_t *f_story(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return member(t, "story");
}
static json_t *f_same(struct fake *f, const json_t *t, const struct want *w) {
    (void)f;
    return member(t, w->name);
}
static json_t *f_none(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)t, (void)w;
    return NULL;
}
static json_t *f_true(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)t, (void)w;
    return json_true();
}
static json_t *f_false(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)t, (void)w;
    return json_false();
}
static json_t *f_time(struct fake *f, const json_t *t, const struct want *w) {
    (void)f;
    char text[40];
    bool updated = strcmp(w->name, "updated_time") == 0 && json_object_get(t, "edited");
    time_iso(text, updated ? json_integer_value(json_object_get(t, "edited")) : gr_at(t));
    return json_string(text);
}
static json_t *f_hidden(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_boolean(gr_flag(t, "hidden"));
}
static json_t *f_hide_status(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_string(gr_flag(t, "hidden") ? "HIDDEN" : "NOT_HUSHED");
}
static json_t *f_likes(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_integer((json_int_t)json_array_size(json_object_get(t, "likes")));
}
static json_t *f_other(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_boolean(!gr_ours(f, t));
}

/* ---- people ---- */

static json_t *f_from(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    if (fake_number(f, "no_from") || gr_flag(t, "nameless")) return NULL;
    return member(t, "from");
}
static json_t *f_from_username(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    const json_t *from = json_object_get(t, "from");
    return json_pack("{s:s, s:s}", "id", json_text(from, "id"), "username",
                     json_text(from, "name"));
}
static json_t *f_username(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return member(json_object_get(t, "from"), "name");
}
static json_t *f_owner(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_pack("{s:s}", "id", json_text(json_object_get(t, "from"), "id"));
}
static json_t *f_to(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_pack("{s:[{s:s}]}", "data", "id", json_text(t, "to"));
}

/* ---- what hangs together ---- */

static json_t *f_permalink(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    const char *where = gr_is(t, "media") || gr_is(t, "remark") ? "instagram.com/p"
                        : gr_is(t, "thread")                    ? "threads.net/t"
                                                                : "facebook.com";
    return json_sprintf("https://www.%s/%s", where, json_text(t, "id"));
}
static json_t *reference(const char *id) { return *id ? json_pack("{s:s}", "id", id) : NULL; }
static json_t *f_parent(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return reference(json_text(t, "parent"));
}
static json_t *f_parent_id(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return *json_text(t, "parent") ? member(t, "parent") : NULL;
}
static json_t *f_root(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    const json_t *root = gr_find(f, json_text(t, "post"));
    if (!root) return NULL;
    const json_t *from = json_object_get(root, "from");
    return json_pack("{s:s, s:s, s:s}", "id", json_text(root, "id"), "owner_id",
                     json_text(from, "id"), "username", json_text(from, "name"));
}
static json_t *f_media(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return reference(json_text(t, "post"));
}
static json_t *f_is_reply(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_boolean(*json_text(t, "parent"));
}
static json_t *f_reply_of_ours(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_boolean(*json_text(t, "parent") && gr_ours(f, t));
}
static json_t *f_shares(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    int64_t n = json_integer_value(json_object_get(t, "shares"));
    return n ? json_pack("{s:I}", "count", (json_int_t)n) : NULL;
}
static json_t *f_quoted(struct fake *f, const json_t *t, const struct want *w) {
    (void)f;
    return reference(json_text(t, w->name));
}
static json_t *f_is_quote(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return json_boolean(*json_text(t, "quoted_post"));
}

static size_t below(struct fake *f, const char *kind, const char *member_name, const json_t *t) {
    json_t *rows = gr_where(f, kind, member_name, json_text(t, "id"));
    size_t n = json_array_size(rows);
    json_decref(rows);
    return n;
}
static json_t *f_comment_count(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_integer((json_int_t)below(f, "comment", "parent", t));
}
static json_t *f_remark_count(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_integer((json_int_t)below(f, "remark", "post", t));
}
static json_t *f_has_replies(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_boolean(below(f, "thread", "parent", t) > 0);
}

static json_t *f_can_privately(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    bool young = fake_now() - gr_at(t) < 7ll * GR_DAY;
    return json_boolean(young && !gr_ours(f, t) && !*json_text(t, "answered"));
}

/* ---- lists inside ---- */

static json_t *inside(struct fake *f, const json_t *t, const struct want *w, json_t *rows,
                      const char *edge) {
    char limit[64] = "", path[512];
    struct reply unused = {.status = 200};
    snprintf(path, sizeof path, "v26.0/%s/%s", json_text(t, "id"), edge);
    json_t *query = json_object();
    want_mod(w, "limit", limit);
    if (*limit) json_object_set_new(query, "limit", json_string(limit));
    struct page_of p = {.path = path,
                        .query = query,
                        .fields = w->sub,
                        .limit = *limit ? strtoll(limit, NULL, 10) : -1};
    json_t *list = gr_list(f, rows, &p, &unused);
    buf_free(&unused.body);
    json_decref(query);
    return list;
}

static void summary(const struct want *w, json_t *list, size_t n) {
    char mod[64];
    if (list && want_mod(w, "summary", mod))
        json_object_set_new(list, "summary", json_pack("{s:I}", "total_count", (json_int_t)n));
}

static json_t *f_comments(struct fake *f, const json_t *t, const struct want *w) {
    char filter[64] = "", order[64] = "";
    want_mod(w, "filter", filter);
    json_t *rows = gr_comments(f, t, filter, want_mod(w, "order", order) ? order : NULL, 0);
    size_t n = json_array_size(rows);
    json_t *list = inside(f, t, w, rows, "comments");
    summary(w, list, n);
    return list;
}
static json_t *f_reactions(struct fake *f, const json_t *t, const struct want *w) {
    (void)f;
    json_t *list = json_pack("{s:[]}", "data");
    summary(w, list, json_array_size(json_object_get(t, "likes")));
    return list;
}
static json_t *f_replies(struct fake *f, const json_t *t, const struct want *w) {
    json_t *rows = gr_where(f, "remark", "parent", json_text(t, "id"));
    if (json_array_size(rows) == 0) {
        json_decref(rows);
        return NULL;
    }
    return inside(f, t, w, rows, "replies");
}
static json_t *f_messages(struct fake *f, const json_t *t, const struct want *w) {
    json_t *rows = gr_where(f, "message", "talk", json_text(t, "id")), *out = json_array();
    for (size_t i = json_array_size(rows); i > 0; i--)
        json_array_append(out, json_array_get(rows, i - 1)); /* newest first */
    json_decref(rows);
    return inside(f, t, w, out, "messages");
}
static json_t *f_participants(struct fake *f, const json_t *t, const struct want *w) {
    (void)w;
    return json_pack("{s:[O, {s:s, s:s}]}", "data", json_object_get(t, "from"), "id", gr_page(f),
                     "name", fake_get(f, "name"));
}
static json_t *f_private_conversation(struct fake *f, const json_t *t, const struct want *w) {
    struct reply unused = {.status = 200};
    const json_t *talk = gr_find(f, json_text(t, "answered"));
    json_t *out = talk ? gr_show(f, talk, w->sub, &unused) : NULL;
    buf_free(&unused.body);
    return out;
}

/* ---- our own nodes ---- */

static json_t *f_name(struct fake *f, const json_t *t, const struct want *w) {
    (void)t, (void)w;
    return json_string(fake_get(f, "name"));
}
static json_t *f_linked(struct fake *f, const json_t *t, const struct want *w) {
    struct reply unused = {.status = 200};
    (void)t;
    json_t *out = gr_show(f, gr_find(f, fake_get(f, "account")), w->sub, &unused);
    buf_free(&unused.body);
    return out;
}
static json_t *f_own_id(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return member(t, "id");
}
static json_t *f_mentioned(struct fake *f, const json_t *t, const struct want *w) {
    char id[64];
    struct reply unused = {.status = 200};
    (void)t;
    bool comment = strcmp(w->name, "mentioned_comment") == 0;
    if (!want_mod(w, comment ? "comment_id" : "media_id", id)) return NULL;
    const json_t *thing = gr_alive(f, id);
    json_t *out = thing ? gr_show(f, thing, w->sub, &unused) : NULL;
    buf_free(&unused.body);
    return out;
}
static json_t *f_story_id(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return reference(json_text(t, "id"));
}
static json_t *f_reviewer(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return member(t, "from");
}
static json_t *f_review(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)w;
    return member(t, "text");
}
static json_t *f_state(struct fake *f, const json_t *t, const struct want *w) {
    (void)f, (void)t, (void)w;
    return json_string("FINISHED");
}

static const struct field {
    const char *kind, *name;
    shown *show;
} fields[] = {
    {"post", "message", f_text},
    {"post", "story", f_story},
    {"post", "created_time", f_time},
    {"post", "updated_time", f_time},
    {"post", "tagged_time", f_time},
    {"post", "from", f_from},
    {"post", "permalink_url", f_permalink},
    {"post", "status_type", f_same},
    {"post", "is_hidden", f_hidden},
    {"post", "is_published", f_true},
    {"post", "parent_id", f_none},
    {"post", "shares", f_shares},
    {"post", "reactions", f_reactions},
    {"post", "likes", f_reactions},
    {"post", "comments", f_comments},
    {"post", "attachments", f_none},
    {"post", "full_picture", f_none},
    {"post", "can_reply_privately", f_can_privately},
    {"comment", "message", f_text},
    {"comment", "from", f_from},
    {"comment", "created_time", f_time},
    {"comment", "parent", f_parent},
    {"comment", "attachment", f_none},
    {"comment", "is_hidden", f_hidden},
    {"comment", "can_hide", f_other},
    {"comment", "can_comment", f_true},
    {"comment", "can_like", f_true},
    {"comment", "can_remove", f_true},
    {"comment", "can_reply_privately", f_can_privately},
    {"comment", "like_count", f_likes},
    {"comment", "comment_count", f_comment_count},
    {"comment", "permalink_url", f_permalink},
    {"comment", "message_tags", f_none},
    {"comment", "is_private", f_false},
    {"comment", "private_reply_conversation", f_private_conversation},
    {"comment", "comments", f_comments},
    {"comment", "likes", f_reactions},
    {"rating", "created_time", f_time},
    {"rating", "has_rating", f_false},
    {"rating", "has_review", f_true},
    {"rating", "rating", f_none},
    {"rating", "recommendation_type", f_same},
    {"rating", "review_text", f_review},
    {"rating", "reviewer", f_reviewer},
    {"rating", "open_graph_story", f_story_id},
    {"conversation", "updated_time", f_time},
    {"conversation", "participants", f_participants},
    {"conversation", "messages", f_messages},
    {"message", "created_time", f_time},
    {"message", "from", f_from},
    {"message", "to", f_to},
    {"message", "message", f_text},
    {"message", "attachments", f_none},
    {"media", "caption", f_text},
    {"media", "media_type", f_same},
    {"media", "media_url", f_none},
    {"media", "permalink", f_permalink},
    {"media", "timestamp", f_time},
    {"media", "username", f_username},
    {"media", "owner", f_owner},
    {"media", "comments_count", f_remark_count},
    {"media", "like_count", f_likes},
    {"remark", "text", f_text},
    {"remark", "timestamp", f_time},
    {"remark", "username", f_username},
    {"remark", "from", f_from_username},
    {"remark", "parent_id", f_parent_id},
    {"remark", "hidden", f_hidden},
    {"remark", "like_count", f_likes},
    {"remark", "media", f_media},
    {"remark", "replies", f_replies},
    {"thread", "text", f_text},
    {"thread", "username", f_username},
    {"thread", "timestamp", f_time},
    {"thread", "permalink", f_permalink},
    {"thread", "media_type", f_same},
    {"thread", "media_url", f_none},
    {"thread", "replied_to", f_parent},
    {"thread", "root_post", f_root},
    {"thread", "is_reply", f_is_reply},
    {"thread", "is_reply_owned_by_me", f_reply_of_ours},
    {"thread", "hide_status", f_hide_status},
    {"thread", "reply_audience", f_none},
    {"thread", "has_replies", f_has_replies},
    {"thread", "is_quote_post", f_is_quote},
    {"thread", "quoted_post", f_quoted},
    {"thread", "reposted_post", f_quoted},
    {"thread", "owner", f_owner},
    {"container", "status", f_state},
    {"container", "error_message", f_none},
    {"page", "name", f_name},
    {"page", "instagram_business_account", f_linked},
    {"account", "user_id", f_own_id},
    {"account", "username", f_username},
    {"account", "name", f_name},
    {"account", "mentioned_comment", f_mentioned},
    {"account", "mentioned_media", f_mentioned},
};

static const struct field *field_of(const json_t *thing, const char *name) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0 && gr_is(thing, fields[i].kind)) return &fields[i];
    return NULL;
}

json_t *gr_show(struct fake *f, const json_t *thing, const char *asked, struct reply *r) {
    json_t *out = json_object();
    struct want w;
    if (!gr_is(thing, "rating")) json_object_set(out, "id", json_object_get(thing, "id"));
    if (!asked || !*asked) asked = gr_is(thing, "comment") ? "created_time,from,message" : "";
    while (want_next(&asked, &w)) {
        if (strcmp(w.name, "id") == 0) continue;
        const struct field *field = field_of(thing, w.name);
        if (!field) {
            gr_error(r, 400, 100, 0, "OAuthException",
                     "(#100) Tried accessing nonexisting field (%s) on node type (%s)", w.name,
                     gr_kind(thing));
            json_decref(out);
            return NULL;
        }
        json_t *value = field->show(f, thing, &w);
        if (value) json_object_set_new(out, w.name, value);
    }
    return out;
}
