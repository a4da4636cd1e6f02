/* The fake blog: pages, feeds, and which request goes where. */
#include "fake/blog.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct fake_setting settings[] = {
    {"user", "sori", "the user that may moderate"},
    {"password", "abcd efgh ijkl mnop", "the application password of the user"},
    {"name", "온결 리빙 이야기", "name of the blog"},
    {"rest", "1", "0: only the feeds are there"},
    {"hold", "0", "1: comments of guests wait for approval"},
    {NULL, NULL, NULL},
};

json_t *blog_posts(struct fake *f) { return json_object_get(fake_world(f), "posts"); }
json_t *blog_comments(struct fake *f) { return json_object_get(fake_world(f), "comments"); }
json_t *blog_find(json_t *table, const char *id) { return json_object_get(table, id); }

static void begin(struct fake *f) {
    json_object_set_new(fake_world(f), "posts", json_object());
    json_object_set_new(fake_world(f), "comments", json_object());
}

void blog_link(struct fake *f, const json_t *post, const json_t *comment, char out[200]) {
    int n = snprintf(out, 200, "http://127.0.0.1:%d/post-%s/", fake_port(f), json_text(post, "id"));
    if (comment && n > 0 && n < 200)
        snprintf(out + n, (size_t)(200 - n), "#comment-%s", json_text(comment, "id"));
}

void blog_html(struct buf *out, const char *plain) {
    for (; *plain; plain++) {
        if (*plain == '&')
            buf_puts(out, "&amp;");
        else if (*plain == '<')
            buf_puts(out, "&lt;");
        else if (*plain == '>')
            buf_puts(out, "&gt;");
        else
            buf_putc(out, *plain);
    }
}

void blog_error(struct reply *r, int status, const char *code, const char *message) {
    reply_json(r, status,
               json_pack("{s:s, s:s, s:{s:i}}", "code", code, "message", message, "data", "status",
                         status));
}

/* ---- feeds ---- */

static void rfc822(char out[64], int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(out, 64, "%a, %d %b %Y %H:%M:%S +0000", &tm);
}

static void element(struct buf *out, const char *name, const char *text) {
    buf_printf(out, "<%s>", name);
    blog_html(out, text);
    buf_printf(out, "</%s>", name);
}

static void entry(struct fake *f, struct buf *out, const json_t *row, bool comment, bool atom) {
    char link[200], when[64];
    const json_t *post = comment ? blog_find(blog_posts(f), json_text(row, "post")) : row;
    int64_t at = json_integer_value(json_object_get(row, "at"));
    struct buf text = {0};
    blog_link(f, post, comment ? row : NULL, link);
    const char *name = comment ? json_text(row, "name") : fake_get(f, "user");
    const char *title = comment ? name : json_text(row, "title");
    buf_puts(&text, "<p>");
    blog_html(&text, json_text(row, "text"));
    buf_puts(&text, "</p>");
    if (atom) {
        time_iso_ms(when, at);
        buf_printf(out,
                   "<entry><id>%s</id><link href=\"%s\"/><published>%s</published>"
                   "<updated>%s</updated>",
                   link, link, when, when);
        element(out, "title", title);
        buf_puts(out, "<author>");
        element(out, "name", name);
        buf_puts(out, "</author><content type=\"html\">");
        blog_html(out, text.data);
        buf_puts(out, "</content></entry>");
    } else {
        rfc822(when, at);
        buf_printf(out,
                   "<item><link>%s</link><guid isPermaLink=\"false\">%s</guid>"
                   "<pubDate>%s</pubDate>",
                   link, link, when);
        element(out, "title", title);
        element(out, "dc:creator", name);
        element(out, "description", json_text(row, "text"));
        element(out, "content:encoded", text.data);
        buf_puts(out, "</item>");
    }
    buf_free(&text);
}

static void entries(struct fake *f, struct buf *out, bool of_comments, bool atom) {
    json_t *rows[100];
    size_t n = 0;
    const char *id;
    json_t *row;
    json_object_foreach(of_comments ? blog_comments(f) : blog_posts(f), id, row) {
        if (of_comments && strcmp(json_text(row, "status"), "approved") != 0) continue;
        if (n == 100) memmove(rows, rows + 1, --n * sizeof *rows);
        rows[n++] = row;
    }
    for (; n > 0; n--) entry(f, out, rows[n - 1], of_comments, atom);
}

void blog_feed(struct fake *f, const struct ask *a, bool of_comments, bool atom, struct reply *r) {
    struct buf out = {0}, tag = {0};
    buf_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    if (atom)
        buf_printf(&out,
                   "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>http://127.0.0.1:%d/</id>",
                   fake_port(f));
    else
        buf_printf(&out,
                   "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/"
                   "content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>"
                   "<link>http://127.0.0.1:%d/</link>",
                   fake_port(f));
    element(&out, "title", fake_get(f, "name"));
    entries(f, &out, of_comments, atom);
    buf_puts(&out, atom ? "</feed>\n" : "</channel></rss>\n");
    hmac_hex(&tag, 1, "etag", out.data, out.len);
    const char *known = ask_header(a, "if-none-match");
    bool same = known && strstr(known, tag.data);
    reply_text(r, same ? 304 : 200,
               atom ? "application/atom+xml; charset=UTF-8" : "application/rss+xml; charset=UTF-8",
               "%s", same ? "" : out.data);
    reply_header(r, "ETag", "\"%s\"", tag.data);
    buf_free(&tag);
    buf_free(&out);
}

/* ---- pages ---- */

static void page(struct fake *f, struct reply *r) {
    bool rest = fake_number(f, "rest") != 0;
    struct buf title = {0};
    blog_html(&title, fake_get(f, "name"));
    reply_text(r, 200, "text/html; charset=UTF-8",
               "<!doctype html><html lang=\"ko\"><head><title>%s</title>"
               "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed/\">"
               "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"comments\" "
               "href=\"/comments/feed/\"></head><body><h1>%s</h1></body></html>",
               title.data, title.data);
    if (rest)
        reply_header(r, "Link", "<http://127.0.0.1:%d/wp-json/>; rel=\"https://api.w.org/\"",
                     fake_port(f));
    buf_free(&title);
}

static void serve(struct fake *f, const struct ask *a, struct reply *r) {
    static const char root[] = "/wp-json/";
    char p[4][ASK_PART];
    if (strcmp(a->path, "/") == 0 || ask_path(a, "/post-*/", p))
        page(f, r);
    else if (strcmp(a->path, "/feed/") == 0)
        blog_feed(f, a, false, false, r);
    else if (strcmp(a->path, "/feed/atom/") == 0)
        blog_feed(f, a, false, true, r);
    else if (strcmp(a->path, "/comments/feed/") == 0)
        blog_feed(f, a, true, false, r);
    else if (strcmp(a->path, "/comments/feed/atom/") == 0)
        blog_feed(f, a, true, true, r);
    else if (fake_number(f, "rest") && strncmp(a->path, root, strlen(root)) == 0)
        blog_rest(f, a, a->path + strlen(root), r);
    else
        reply_text(r, 404, "text/html; charset=UTF-8", "<h1>Not found</h1>");
}

int main(int argc, char **argv) {
    static const struct fake_site site = {.name = "blog",
                                          .settings = settings,
                                          .begin = begin,
                                          .serve = serve,
                                          .control = blog_control};
    return fake_main(argc, argv, &site);
}
