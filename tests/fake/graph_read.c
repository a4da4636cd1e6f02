/* Reading: things by their id, and the lists that hang on them. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

static void answer(struct reply *r, json_t *json) {
    if (json) reply_json(r, 200, json);
}

static void list(struct fake *f, const struct ask *a, json_t *rows, int64_t limit,
                 struct reply *r) {
    const char *fields = ask_arg(a, "fields");
    struct page_of p = {.path = a->path + 1,
                        .query = a->query,
                        .fields = fields ? fields : "",
                        .after = ask_arg(a, "after"),
                        .limit = ask_number(a, "limit", limit)};
    if (p.limit > 100) p.limit = 100;
    answer(r, gr_list(f, rows, &p, r));
}

static bool within(const struct ask *a, const json_t *row) {
    int64_t since = time_parse(ask_arg(a, "since")), until = time_parse(ask_arg(a, "until"));
    return (since < 0 || gr_at(row) >= since) && (until < 0 || gr_at(row) <= until);
}

/* The rows of the time that is asked for; newest first where `turn`. */
static json_t *chosen(const struct ask *a, json_t *rows, bool turn) {
    json_t *out = json_array();
    size_t n = json_array_size(rows);
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array_get(rows, turn ? n - 1 - i : i);
        if (within(a, row)) json_array_append(out, row);
    }
    json_decref(rows);
    return out;
}

/* ---- the Page ---- */

static bool is_on(struct fake *f, const char *edge, const json_t *post) {
    bool tagged = gr_flag(post, "tagged"), ours = gr_ours(f, post);
    if (gr_flag(post, "ad") || gr_flag(post, "elsewhere")) return false; /* in no list of ours */
    if (strcmp(edge, "tagged") == 0) return tagged;
    if (tagged) return false;
    if (strcmp(edge, "published_posts") == 0) return ours;
    return strcmp(edge, "visitor_posts") != 0 || !ours;
}

static void posts(struct fake *f, const struct ask *a, const char *edge, struct reply *r) {
    json_t *all = gr_where(f, "post", NULL, NULL), *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) if (is_on(f, edge, row)) json_array_append(rows, row);
    json_decref(all);
    list(f, a, chosen(a, rows, true), 25, r);
}

static void conversations(struct fake *f, const struct ask *a, struct reply *r) {
    const char *person = ask_arg(a, "user_id");
    json_t *all = gr_where(f, "conversation", NULL, NULL), *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) {
        const char *with = json_text(json_object_get(row, "from"), "id");
        if (!person || strcmp(person, with) == 0) json_array_append(rows, row);
    }
    json_decref(all);
    list(f, a, chosen(a, rows, true), 25, r);
}

static bool page_edge(struct fake *f, const struct ask *a, const char *edge, struct reply *r) {
    static const char *const lists[] = {"feed", "published_posts", "visitor_posts", "tagged",
                                        "posts"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(edge, lists[i]) == 0) {
            posts(f, a, edge, r);
            return true;
        }
    if (strcmp(edge, "ratings") == 0)
        list(f, a, chosen(a, gr_where(f, "rating", NULL, NULL), true), 25, r);
    else if (strcmp(edge, "conversations") == 0)
        conversations(f, a, r);
    else
        return false;
    return true;
}

/* ---- comments, likes, messages ---- */

static void comments(struct fake *f, const struct ask *a, const json_t *node, struct reply *r) {
    const char *filter = ask_arg(a, "filter"), *order = ask_arg(a, "order");
    int64_t since = time_parse(ask_arg(a, "since"));
    bool by_time = order && strcmp(order, "chronological") == 0;
    /* `since` means nothing in a list that is ranked. */
    list(f, a, gr_comments(f, node, filter, order, by_time ? since : 0), 25, r);
}

static void likes(const json_t *node, struct reply *r) {
    json_t *data = json_array();
    size_t i;
    json_t *id;
    json_array_foreach(json_object_get(node, "likes"), i, id)
        json_array_append_new(data, json_pack("{s:O}", "id", id));
    reply_json(r, 200, json_pack("{s:o}", "data", data));
}

/* ---- Instagram and Threads ---- */

static void mentions(struct fake *f, const struct ask *a, struct reply *r) {
    json_t *all = gr_where(f, "thread", NULL, NULL), *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) if (gr_flag(row, "mentions")) json_array_append(rows, row);
    json_decref(all);
    list(f, a, chosen(a, rows, true), 25, r);
}

static void own(struct fake *f, const struct ask *a, const char *kind, bool ours, struct reply *r) {
    json_t *all = gr_where(f, kind, NULL, NULL), *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) {
        bool top = !*json_text(row, "parent");
        if (top && gr_ours(f, row) == ours) json_array_append(rows, row);
    }
    json_decref(all);
    list(f, a, chosen(a, rows, true), 25, r);
}

static bool account_edge(struct fake *f, const struct ask *a, const json_t *node, const char *edge,
                         struct reply *r) {
    bool threads = strcmp(json_text(node, "id"), fake_get(f, "threads")) == 0;
    if (!threads && strcmp(edge, "media") == 0)
        own(f, a, "media", true, r);
    else if (!threads && strcmp(edge, "tags") == 0)
        own(f, a, "media", false, r);
    else if (threads && strcmp(edge, "threads") == 0)
        own(f, a, "thread", true, r);
    else if (threads && strcmp(edge, "mentions") == 0)
        mentions(f, a, r);
    else if (threads && strcmp(edge, "threads_publishing_limit") == 0)
        reply_json(r, 200,
                   json_pack("{s:[{s:i, s:{s:i, s:i}}]}", "data", "reply_quota_usage", 1,
                             "reply_config", "quota_total", 1000, "quota_duration", 86400));
    else
        return false;
    return true;
}

static void remarks(struct fake *f, const struct ask *a, const json_t *node, struct reply *r) {
    bool nested = gr_is(node, "remark");
    json_t *all = gr_where(f, "remark", nested ? "parent" : "post", json_text(node, "id"));
    json_t *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) if (nested || !*json_text(row, "parent"))
        json_array_append(rows, row);
    json_decref(all);
    list(f, a, chosen(a, rows, !nested), 50, r);
}

static void threads(struct fake *f, const struct ask *a, const json_t *node, bool all_levels,
                    struct reply *r) {
    const char *reverse = ask_arg(a, "reverse");
    bool newest_first = !reverse || strcmp(reverse, "false") != 0;
    json_t *rows = gr_where(f, "thread", all_levels ? "post" : "parent", json_text(node, "id"));
    list(f, a, chosen(a, rows, newest_first), 25, r);
}

bool gr_read(struct fake *f, const struct ask *a, const json_t *node, const char *edge,
             struct reply *r) {
    bool comment_like = gr_is(node, "post") || gr_is(node, "comment");
    if (!*edge) {
        const char *fields = ask_arg(a, "fields");
        answer(r, gr_show(f, node, fields ? fields : "", r));
        return true;
    }
    if (gr_is(node, "page")) return page_edge(f, a, edge, r);
    if (gr_is(node, "account")) return account_edge(f, a, node, edge, r);
    if (comment_like && strcmp(edge, "comments") == 0)
        comments(f, a, node, r);
    else if (comment_like && strcmp(edge, "likes") == 0)
        likes(node, r);
    else if (gr_is(node, "conversation") && strcmp(edge, "messages") == 0)
        list(f, a, chosen(a, gr_where(f, "message", "talk", json_text(node, "id")), true), 25, r);
    else if (gr_is(node, "media") && strcmp(edge, "comments") == 0)
        remarks(f, a, node, r);
    else if (gr_is(node, "remark") && strcmp(edge, "replies") == 0)
        remarks(f, a, node, r);
    else if (gr_is(node, "thread") && strcmp(edge, "replies") == 0)
        threads(f, a, node, false, r);
    else if (gr_is(node, "thread") && strcmp(edge, "conversation") == 0)
        threads(f, a, node, true, r);
    else
        return false;
    return true;
}

bool gr_profile(struct fake *f, const struct ask *a, const char *id, struct reply *r) {
    static const char *const known[] = {"name", "first_name", "last_name", "username"};
    char talk[96];
    snprintf(talk, sizeof talk, "t_%s", id);
    const json_t *with = gr_alive(f, talk);
    if (!with || !ask_is(a, "GET")) return false;
    if (!fake_number(f, "profiles") || !json_object_get(with, "heard")) {
        gr_error(r, 400, 100, 2018218, "GraphMethodException",
                 "(#100) No profile available for this user.");
        return true;
    }
    json_t *out = json_pack("{s:s}", "id", id);
    const char *fields = ask_arg(a, "fields") ? ask_arg(a, "fields") : "name";
    for (struct want w; want_next(&fields, &w);)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(w.name, known[i]) == 0)
                json_object_set_new(out, w.name,
                                    json_string(json_text(json_object_get(with, "from"), "name")));
    reply_json(r, 200, out);
    return true;
}
