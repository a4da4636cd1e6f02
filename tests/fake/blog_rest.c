/* Comments and posts as WordPress's REST interface shows and takes them. */
#include "fake/blog.h"

#include <stdio.h>
#include <stdlib.h>

static bool signed_in(struct fake *f, const struct ask *a) {
    const char *header = ask_header(a, "authorization");
    struct buf plain = {0}, right = {0};
    bool good = false;
    if (header && strncmp(header, "Basic ", 6) == 0 && base64_decode(&plain, header + 6)) {
        buf_printf(&right, "%s:%s", fake_get(f, "user"), fake_get(f, "password"));
        good = strcmp(plain.data, right.data) == 0;
    }
    buf_free(&plain);
    buf_free(&right);
    return good;
}

/* UTC without a zone. */
static json_t *gmt(int64_t ms) {
    char text[40];
    time_iso(text, ms);
    text[19] = '\0';
    return json_string(text);
}

/* Only the members that `_fields` names. */
static json_t *chosen(json_t *whole, const struct ask *a) {
    const char *fields = ask_arg(a, "_fields");
    if (!fields) return whole;
    json_t *out = json_object();
    while (*fields) {
        size_t n = strcspn(fields, ",");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, fields);
        json_object_set(out, name, json_object_get(whole, name));
        fields += n + (fields[n] == ',');
    }
    json_decref(whole);
    return out;
}

static json_t *rendered(const char *text, bool paragraph) {
    struct buf html = {0};
    if (paragraph) buf_puts(&html, "<p>");
    blog_html(&html, text);
    if (paragraph) buf_puts(&html, "</p>\n");
    json_t *out = json_pack("{s:s}", "rendered", html.data ? html.data : "");
    buf_free(&html);
    return out;
}

static json_t *show_comment(struct fake *f, const struct ask *a, const json_t *c) {
    char link[200];
    struct buf avatar = {0};
    const json_t *post = blog_find(blog_posts(f), json_text(c, "post"));
    bool ours = json_is_true(json_object_get(c, "ours"));
    int64_t at = json_integer_value(json_object_get(c, "at"));
    const char *context = ask_arg(a, "context");
    blog_link(f, post, c, link);
    buf_puts(&avatar, "https://secure.gravatar.com/avatar/");
    hmac_hex(&avatar, 1, "avatar", json_text(c, "name"), strlen(json_text(c, "name")));
    avatar.data[35 + 32] = '\0';
    json_t *content = rendered(json_text(c, "text"), true);
    if (context && strcmp(context, "edit") == 0)
        json_object_set(content, "raw", json_object_get(c, "text"));
    json_t *whole = json_pack(
        "{s:I, s:I, s:I, s:i, s:s, s:s, s:o, s:o, s:o, s:s, s:O, s:s, s:{s:s}}", "id",
        (json_int_t)atoll(json_text(c, "id")), "post", (json_int_t)atoll(json_text(c, "post")),
        "parent", (json_int_t)atoll(json_text(c, "parent")), "author", ours ? BLOG_ME : 0,
        "author_name", json_text(c, "name"), "author_url", "", "date", gmt(at + 9 * 3600000),
        "date_gmt", gmt(at), "content", content, "link", link, "status",
        json_object_get(c, "status"), "type", "comment", "author_avatar_urls", "24", avatar.data);
    buf_free(&avatar);
    return chosen(whole, a);
}

static json_t *show_post(struct fake *f, const struct ask *a, const json_t *p) {
    char link[200];
    blog_link(f, p, NULL, link);
    json_t *whole = json_pack(
        "{s:I, s:s, s:o, s:o, s:o, s:o, s:s, s:s}", "id", (json_int_t)atoll(json_text(p, "id")),
        "link", link, "date_gmt", gmt(json_integer_value(json_object_get(p, "at"))), "modified_gmt",
        gmt(json_integer_value(json_object_get(p, "changed"))), "title",
        rendered(json_text(p, "title"), false), "excerpt", rendered(json_text(p, "text"), true),
        "comment_status", "open", "ping_status", "open");
    return chosen(whole, a);
}

/* ---- lists ---- */

static bool named(const char *list, const char *id) {
    size_t n = strlen(id);
    for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, id, n) == 0 && (at[n] == ',' || at[n] == '\0')) return true;
    return false;
}

static bool fits(const struct ask *a, const json_t *row, bool comment) {
    const char *status = ask_arg(a, "status"), *post = ask_arg(a, "post");
    const char *parent = ask_arg(a, "parent"), *include = ask_arg(a, "include");
    const char *has = json_text(row, "status");
    int64_t at = json_integer_value(json_object_get(row, "at"));
    int64_t after = time_parse(ask_arg(a, "after")), before = time_parse(ask_arg(a, "before"));
    if ((after >= 0 && at <= after) || (before >= 0 && at >= before)) return false;
    if (include && !named(include, json_text(row, "id"))) return false;
    if (!comment) return true;
    if (post && strcmp(post, json_text(row, "post")) != 0) return false;
    if (parent && strcmp(parent, json_text(row, "parent")) != 0) return false;
    if (!status || strcmp(status, "approve") == 0) return strcmp(has, "approved") == 0;
    if (strcmp(status, "all") == 0) return strcmp(has, "approved") == 0 || strcmp(has, "hold") == 0;
    return strcmp(status, has) == 0;
}

static int64_t key_of(const struct ask *a, const json_t *row) {
    const char *by = ask_arg(a, "orderby");
    return json_integer_value(
        json_object_get(row, by && strcmp(by, "modified") == 0 ? "changed" : "at"));
}

/* In the table's order among equals; newest first unless order=asc. */
static json_t *sorted(const struct ask *a, json_t *table, bool comment) {
    const char *order = ask_arg(a, "order"), *id;
    bool rising = order && strcmp(order, "asc") == 0;
    json_t *rows = json_array(), *row;
    json_object_foreach(table, id, row) {
        if (!fits(a, row, comment)) continue;
        size_t at = json_array_size(rows);
        while (at > 0) {
            int64_t before = key_of(a, json_array_get(rows, at - 1));
            if (rising ? before <= key_of(a, row) : before > key_of(a, row)) break;
            at--;
        }
        json_array_insert(rows, at, row);
    }
    return rows;
}

static void list(struct fake *f, const struct ask *a, bool comment, struct reply *r) {
    json_t *rows = sorted(a, comment ? blog_comments(f) : blog_posts(f), comment);
    json_t *out = json_array();
    int64_t size = ask_number(a, "per_page", 10), page = ask_number(a, "page", 1);
    int64_t total = (int64_t)json_array_size(rows);
    if (size < 1 || size > 100 || page < 1) {
        blog_error(r, 400, "rest_invalid_param", "Invalid parameter(s): per_page");
    } else if (page > 1 && (page - 1) * size >= total) {
        blog_error(r, 400,
                   comment ? "rest_comment_invalid_page_number" : "rest_post_invalid_page_number",
                   "The page number requested is larger than the number of pages available.");
    } else {
        for (int64_t i = (page - 1) * size; i < page * size && i < total; i++) {
            const json_t *row = json_array_get(rows, (size_t)i);
            json_array_append_new(out, comment ? show_comment(f, a, row) : show_post(f, a, row));
        }
        reply_json(r, 200, json_incref(out));
        reply_header(r, "X-WP-Total", "%lld", (long long)total);
        reply_header(r, "X-WP-TotalPages", "%lld", (long long)((total + size - 1) / size));
    }
    json_decref(out);
    json_decref(rows);
}

/* ---- saying and moderating ---- */

json_t *blog_say(struct fake *f, const char *post, const char *parent, const char *name, bool ours,
                 const char *text, int64_t at) {
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)fake_id(f, "comment", 41));
    bool held = !ours && fake_number(f, "hold");
    json_t *c = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:s}", "id", id, "post", post,
                          "parent", parent, "name", name, "ours", ours, "text", text, "at",
                          (json_int_t)at, "status", held ? "hold" : "approved");
    json_object_set_new(blog_comments(f), id, c);
    return c;
}

/* WordPress keeps &, < and > of a comment as it was written in HTML. */
static char *plain_of(const char *html) {
    static const char *const names[] = {"&lt;", "<", "&gt;", ">", "&amp;", "&"};
    struct buf out = {0};
    while (*html) {
        size_t i = 0;
        while (i < 6 && strncmp(html, names[i], strlen(names[i])) != 0) i += 2;
        buf_putc(&out, i < 6 ? *names[i + 1] : *html);
        html += i < 6 ? strlen(names[i]) : 1;
    }
    buf_putc(&out, '\0');
    return out.data;
}

static bool repeated(struct fake *f, const char *post, const char *parent, const char *text) {
    const char *id;
    json_t *c;
    json_object_foreach(blog_comments(f), id, c) {
        bool same =
            strcmp(json_text(c, "post"), post) == 0 && strcmp(json_text(c, "parent"), parent) == 0;
        if (same && json_is_true(json_object_get(c, "ours")) &&
            strcmp(json_text(c, "text"), text) == 0 && strcmp(json_text(c, "status"), "trash") != 0)
            return true;
    }
    return false;
}

static void create(struct fake *f, const struct ask *a, bool moderator, struct reply *r) {
    const char *post = ask_arg(a, "post"), *parent = ask_arg(a, "parent");
    const char *content = ask_arg(a, "content");
    if (!parent) parent = "0";
    if (!moderator) {
        blog_error(r, 401, "rest_comment_login_required",
                   "Sorry, you must be logged in to comment.");
        return;
    }
    if (!post || !blog_find(blog_posts(f), post)) {
        blog_error(r, 403, "rest_comment_invalid_post_id",
                   "Sorry, you are not allowed to create this comment without a post.");
        return;
    }
    if (!content || !*content) {
        blog_error(r, 400, "rest_comment_content_invalid", "Invalid comment content.");
        return;
    }
    char *text = plain_of(content);
    if (repeated(f, post, parent, text)) {
        blog_error(
            r, 409, "comment_duplicate",
            "Duplicate comment detected; it looks as though you&#8217;ve already said that!");
    } else {
        json_t *c = blog_say(f, post, parent, fake_get(f, "user"), true, text, a->at);
        reply_json(r, 201, show_comment(f, a, c));
    }
    free(text);
}

static void change(struct fake *f, const struct ask *a, json_t *c, struct reply *r) {
    const char *status = ask_arg(a, "status"), *content = ask_arg(a, "content");
    if (ask_is(a, "DELETE")) status = "trash";
    if (status) {
        bool approve = strcmp(status, "approve") == 0 || strcmp(status, "approved") == 0;
        json_object_set_new(c, "status", json_string(approve ? "approved" : status));
    }
    if (content) {
        char *text = plain_of(content);
        json_object_set_new(c, "text", json_string(text));
        free(text);
    }
    reply_json(r, 200, show_comment(f, a, c));
}

static void one(struct fake *f, const struct ask *a, const char *id, bool moderator,
                struct reply *r) {
    json_t *c = blog_find(blog_comments(f), id);
    bool shown = c && strcmp(json_text(c, "status"), "approved") == 0;
    if (!c)
        blog_error(r, 404, "rest_comment_invalid_id", "Invalid comment ID.");
    else if (!moderator && (!shown || !ask_is(a, "GET")))
        blog_error(r, 401, "rest_cannot_read", "Sorry, you are not allowed to read this comment.");
    else if (ask_is(a, "GET"))
        reply_json(r, 200, show_comment(f, a, c));
    else
        change(f, a, c, r);
}

static void me(struct fake *f, bool moderator, struct reply *r) {
    if (!moderator)
        blog_error(r, 401, "rest_not_logged_in", "You are not currently logged in.");
    else
        reply_json(r, 200,
                   json_pack("{s:i, s:s, s:{s:b}}", "id", BLOG_ME, "name", fake_get(f, "user"),
                             "capabilities", "moderate_comments", 1));
}

void blog_rest(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    static const char comments[] = "wp/v2/comments";
    size_t n = strlen(comments);
    bool moderator = signed_in(f, a), wrong = ask_header(a, "authorization") && !moderator;
    bool hidden = ask_arg(a, "status") || ask_arg(a, "type") || ask_arg(a, "context");
    if (wrong)
        blog_error(r, 401, "incorrect_password",
                   "The provided password is an invalid application password.");
    else if (!*path)
        reply_json(r, 200,
                   json_pack("{s:s, s:[s]}", "name", fake_get(f, "name"), "namespaces", "wp/v2"));
    else if (strcmp(path, "wp/v2/users/me") == 0)
        me(f, moderator, r);
    else if (strcmp(path, "wp/v2/posts") == 0 && ask_is(a, "GET"))
        list(f, a, false, r);
    else if (strcmp(path, "wp/v2/pages") == 0 && ask_is(a, "GET"))
        reply_json(r, 200, json_array());
    else if (strcmp(path, comments) == 0 && ask_is(a, "POST"))
        create(f, a, moderator, r);
    else if (strcmp(path, comments) == 0 && hidden && !moderator)
        blog_error(r, 401, "rest_forbidden_param", "Query parameter not permitted: status");
    else if (strcmp(path, comments) == 0)
        list(f, a, true, r);
    else if (strncmp(path, comments, n) == 0 && path[n] == '/')
        one(f, a, path + n + 1, moderator, r);
    else
        blog_error(r, 404, "rest_no_route",
                   "No route was found matching the URL and request method.");
}
