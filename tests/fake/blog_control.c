/* How a scenario writes on the fake blog and looks at it.
 *   POST /_fake/post     title= message=                   the answer is the id
 *   POST /_fake/comment  message= from=NAME post=ID (else the newest) under=ID (or "reply": ours)
 * at=SECONDS POST /_fake/status   id= status=approved|hold|spam|trash      /_fake/edit id= message=
 *   GET  /_fake/comments   GET /_fake/replies ?to=ID &count=1 */
#include "fake/blog.h"

#include <stdio.h>
#include <stdlib.h>

static const char *words(const struct ask *a) {
    const char *text = ask_arg(a, "message");
    return text ? text : "";
}

static void post(struct fake *f, const struct ask *a, struct reply *r) {
    char id[24];
    const char *title = ask_arg(a, "title");
    int64_t at = a->at + ask_number(a, "at", 0) * 1000;
    snprintf(id, sizeof id, "%llu", (unsigned long long)fake_id(f, "post", 11));
    json_object_set_new(blog_posts(f), id,
                        json_pack("{s:s, s:s, s:s, s:I, s:I}", "id", id, "title",
                                  title ? title : "제목 없음", "text", words(a), "at",
                                  (json_int_t)at, "changed", (json_int_t)at));
    reply_text(r, 200, "text/plain", "%s\n", id);
}

static void comment(struct fake *f, const struct ask *a, struct reply *r) {
    const char *id, *newest = NULL, *post_id = ask_arg(a, "post"), *under = ask_arg(a, "under");
    const char *from = ask_arg(a, "from");
    json_t *row;
    json_object_foreach(blog_posts(f), id, row) newest = id;
    if (under && strcmp(under, "reply") == 0)
        json_object_foreach(blog_comments(f), id,
                            row) if (json_is_true(json_object_get(row, "ours"))) under = id;
    const json_t *parent = under ? blog_find(blog_comments(f), under) : NULL;
    if (parent) post_id = json_text(parent, "post");
    if (!post_id) post_id = newest;
    if (!post_id || !blog_find(blog_posts(f), post_id) || (under && !parent)) {
        reply_text(r, 404, "text/plain", "there is nothing to speak under\n");
        return;
    }
    const json_t *c = blog_say(f, post_id, under ? under : "0", from ? from : "손님", false,
                               words(a), a->at + ask_number(a, "at", 0) * 1000);
    reply_text(r, 200, "text/plain", "%s\n", json_text(c, "id"));
}

static void change(struct fake *f, const struct ask *a, const char *member, const char *value,
                   struct reply *r) {
    const char *id = ask_arg(a, "id");
    json_t *c = id ? blog_find(blog_comments(f), id) : NULL;
    if (c && value) json_object_set_new(c, member, json_string(value));
    reply_text(r, c && value ? 200 : 404, "text/plain", c && value ? "ok\n" : "no such comment\n");
}

static void replies(struct fake *f, const struct ask *a, struct reply *r) {
    const char *id, *to = ask_arg(a, "to");
    json_t *c;
    size_t n = 0;
    struct buf out = {0};
    json_object_foreach(blog_comments(f), id, c) {
        const json_t *about = blog_find(blog_comments(f), json_text(c, "parent"));
        if (!json_is_true(json_object_get(c, "ours"))) continue;
        if (to && strcmp(to, json_text(c, "parent")) != 0) continue;
        n++;
        buf_printf(&out, "%s: %s\n    -> %s\n", json_text(about, "name"), json_text(about, "text"),
                   json_text(c, "text"));
    }
    if (ask_arg(a, "count"))
        reply_text(r, 200, "text/plain", "%zu\n", n);
    else
        reply_text(r, 200, "text/plain; charset=utf-8", "%s",
                   out.data ? out.data : "nothing was said yet\n");
    buf_free(&out);
}

bool blog_control(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    bool get = ask_is(a, "GET");
    if (get && strcmp(path, "/replies") == 0)
        replies(f, a, r);
    else if (get && strcmp(path, "/comments") == 0)
        reply_json(r, 200, json_incref(blog_comments(f)));
    else if (!get && strcmp(path, "/post") == 0)
        post(f, a, r);
    else if (!get && strcmp(path, "/comment") == 0)
        comment(f, a, r);
    else if (!get && strcmp(path, "/status") == 0)
        change(f, a, "status", ask_arg(a, "status"), r);
    else if (!get && strcmp(path, "/edit") == 0)
        change(f, a, "text", ask_arg(a, "message"), r);
    else
        return false;
    return true;
}
