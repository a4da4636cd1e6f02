/* WordPress's JSON in the one normal form. */
#include "blog/blog.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"

#include <stdlib.h>

enum { POST_FRESH = 10 * 60 * 1000 };

int64_t json_int(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_integer(v)) return json_integer_value(v);
    if (!json_is_string(v)) return 0;
    int64_t n = s_number((struct sori_str){json_string_value(v), json_string_length(v)});
    return n > 0 ? n : 0;
}

struct sori_str json_words(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_object(v)) v = json_object_get(v, "rendered");
    return json_is_string(v) ? (struct sori_str){json_string_value(v), json_string_length(v)}
                             : (struct sori_str){NULL, 0};
}

static struct sori_str words(struct blog *b, const json_t *object, const char *name) {
    return arena_copy(&b->call, json_words(object, name));
}

static struct sori_str plain(struct blog *b, struct sori_str html) {
    struct text t = {0};
    html_plain(&t, html);
    return text_keep(&t, &b->call);
}

static int64_t gmt(const json_t *object, const char *name) {
    int64_t ms;
    return date_parse(json_words(object, name), &ms) && ms > 0 ? ms : 0;
}

int64_t native_number(struct sori_str native, char letter) {
    if (native.len < 2 || native.ptr[0] != letter) return 0;
    int64_t n = s_number(s_from(native, 1));
    return n > 0 ? n : 0;
}

/* Guests have no id, but their picture's address holds a digest of their mail address: stable, and
 * nothing that has to be protected. Without it every comment is someone of its own. */
static struct sori_str guest(struct blog *b, const json_t *comment) {
    void *at = json_object_iter(json_object_get(comment, "author_avatar_urls"));
    const char *address = json_string_value(json_object_iter_value(at));
    struct sori_str s = s_of(address);
    size_t begin = s_find(s, "/avatar/") + 8, n = 0;
    s = s_from(s, begin);
    while (n < s.len &&
           (s_digit(s.ptr[n]) || (s_lower(s.ptr[n]) >= 'a' && s_lower(s.ptr[n]) <= 'f')))
        n++;
    if (n >= 32) return arena_format(&b->call, "g%.*s", (int)n, s.ptr);
    return arena_format(&b->call, "c%lld", (long long)json_int(comment, "id"));
}

static void author(struct blog *b, const struct wp_site *site, const json_t *comment,
                   struct sori_item *item) {
    int64_t id = json_int(comment, "author");
    item->author_name = plain(b, json_words(comment, "author_name"));
    item->author_url = words(b, comment, "author_url");
    if (item->kind == SORI_KIND_TRACKBACK) {
        item->author_id = url_host(url_split(item->author_url).authority);
    } else if (id > 0) {
        item->author_id = arena_format(&b->call, "u%lld", (long long)id);
        if (id == site->me) item->origin = SORI_ORIGIN_US_BY_HAND;
    } else {
        item->author_id = guest(b, comment);
    }
}

static void capabilities(const struct wp_site *site, const struct blog_post *post,
                         struct sori_str status, struct sori_item *item) {
    if (site->moderator) item->can |= SORI_CAN_HIDE | SORI_CAN_DELETE;
    if (!site->me)
        item->why_not = SORI_STR("reply: no user and application password are configured");
    else if (item->kind != SORI_KIND_COMMENT)
        item->why_not = SORI_STR("reply: nobody reads answers to a pingback or trackback");
    else if (s_is(status, "hold"))
        item->why_not = SORI_STR("reply: waits for approval at the site");
    else if (post && post->found && !post->open)
        item->why_not = SORI_STR("reply: comments are closed");
    else
        item->can |= SORI_CAN_REPLY;
}

void wp_item(struct blog *b, const struct wp_site *site, const json_t *comment,
             struct sori_item *item) {
    struct sori_str type = json_words(comment, "type");
    bool link = s_is(type, "pingback") || s_is(type, "trackback") || s_is(type, "webmention");
    int64_t parent = json_int(comment, "parent"), post = json_int(comment, "post");
    *item = (struct sori_item){.struct_size = sizeof *item, .space = b->space};
    item->kind = link ? SORI_KIND_TRACKBACK : SORI_KIND_COMMENT;
    item->native_id = arena_format(&b->call, "c%lld", (long long)json_int(comment, "id"));
    if (parent > 0) item->parent = arena_format(&b->call, "c%lld", (long long)parent);
    if (post > 0) item->target = arena_format(&b->call, "p%lld", (long long)post);
    author(b, site, comment, item);
    const struct blog_post *about = post > 0 ? wp_post(b, site, post) : NULL;
    if (about) item->title = about->title;
    item->text = plain(b, json_words(comment, "content"));
    item->said_at = gmt(comment, "date_gmt");
    item->url = words(b, comment, "link");
    if (link) item->note = arena_format(&b->call, "came as %.*s", S(type));
    capabilities(site, about, json_words(comment, "status"), item);
}

void wp_post_item(struct blog *b, const json_t *post, struct sori_item *item) {
    *item = (struct sori_item){.struct_size = sizeof *item, .space = b->space};
    item->kind = SORI_KIND_POST;
    item->origin = SORI_ORIGIN_US_BY_HAND;
    item->native_id = arena_format(&b->call, "p%lld", (long long)json_int(post, "id"));
    item->title = plain(b, json_words(post, "title"));
    item->text = plain(b, json_words(post, "excerpt"));
    item->said_at = gmt(post, "date_gmt");
    item->version = gmt(post, "modified_gmt");
    item->url = words(b, post, "link");
}

/* ---- posts, remembered ---- */

static struct blog_post *cached(struct blog *b, int64_t id) {
    for (size_t i = 0; i < b->cached; i++)
        if (b->cache[i].id == id) return &b->cache[i];
    return NULL;
}

static struct blog_post *place(struct blog *b, int64_t id) {
    struct blog_post *p = cached(b, id);
    if (!p && b->cached < POST_CACHE) p = &b->cache[b->cached++];
    if (!p) p = &b->cache[b->next_place++ % POST_CACHE];
    free((void *)(uintptr_t)p->title.ptr);
    *p = (struct blog_post){.id = id, .read_at = b->host->now(b->host)};
    return p;
}

static void remember(struct blog *b, const json_t *post) {
    struct sori_str title = plain(b, json_words(post, "title")), url = json_words(post, "link");
    struct blog_post *p = place(b, json_int(post, "id"));
    char *both = malloc(title.len + url.len + 1);
    if (!both) abort();
    memcpy(both, title.ptr ? title.ptr : "", title.len);
    memcpy(both + title.len, url.ptr ? url.ptr : "", url.len);
    p->title = (struct sori_str){both, title.len};
    p->url = (struct sori_str){both + title.len, url.len};
    p->found = true;
    p->open = s_is(json_words(post, "comment_status"), "open");
}

static bool wanted(struct blog *b, int64_t id) {
    struct blog_post *p = cached(b, id);
    return id > 0 && (!p || b->host->now(b->host) - p->read_at > POST_FRESH);
}

static enum sori_status ask_posts(struct blog *b, const struct wp_site *site, const char *path,
                                  const int64_t *ids, size_t count) {
    struct text query = {0};
    text_lit(&query, "per_page=100&_fields=id,link,title,comment_status&include=");
    for (size_t i = 0; i < count; i++)
        text_format(&query, "%s%lld", i ? "," : "", (long long)ids[i]);
    struct wp_answer a =
        wp_ask(b, site, "GET", path, text_view(&query), (struct sori_str){NULL, 0});
    size_t i;
    json_t *post;
    json_array_foreach(a.json, i, post) remember(b, post);
    /* A site that does not tell about posts still tells about comments. */
    enum sori_status s = a.sent;
    wp_answer_free(&a);
    text_free(&query);
    return s;
}

enum sori_status wp_learn_posts(struct blog *b, const struct wp_site *site, const json_t *page) {
    int64_t ids[100], left[100];
    size_t n = 0, still = 0, i;
    json_t *comment;
    json_array_foreach(page, i, comment) {
        int64_t id = json_int(comment, "post");
        bool known = !wanted(b, id);
        for (size_t k = 0; k < n && !known; k++) known = ids[k] == id;
        if (!known && n < 100) ids[n++] = id;
    }
    if (n == 0) return SORI_OK;
    enum sori_status s = ask_posts(b, site, "wp/v2/posts", ids, n);
    for (size_t k = 0; k < n; k++)
        if (wanted(b, ids[k])) left[still++] = ids[k];
    if (s == SORI_OK && still) s = ask_posts(b, site, "wp/v2/pages", left, still);
    for (size_t k = 0; k < still; k++)
        if (wanted(b, left[k])) place(b, left[k]); /* not found: not asked for again soon */
    return s;
}

const struct blog_post *wp_post(struct blog *b, const struct wp_site *site, int64_t id) {
    (void)site;
    const struct blog_post *p = cached(b, id);
    return p && p->found ? p : NULL;
}

/* ---- comparing ---- */

struct sori_str wp_essence(struct blog *b, struct sori_str s) {
    struct text t = {0};
    for (size_t at = 0; at < s.len;) {
        uint32_t c = utf8_next(s, &at);
        if (c <= 0x20 || c == 0xA0 || c == 0x200B) continue;
        if (c == 0x201C || c == 0x201D || c == 0x201E || c == 0x2033 || c == 0xAB || c == 0xBB)
            c = '"';
        if (c == 0x2018 || c == 0x2019 || c == 0x201A || c == 0x2032 || c == '`') c = '\'';
        if (c == 0x2013 || c == 0x2014) c = '-';
        if (c == 0xD7) c = 'x';
        if (c == '\'' && t.len && t.data[t.len - 1] == '\'') {
            t.data[t.len - 1] = '"'; /* two single quotes become a double one */
            continue;
        }
        if (c == '-' && t.len && t.data[t.len - 1] == '-') continue;
        if (c == 0x2026)
            text_lit(&t, "...");
        else
            text_code(&t, c);
    }
    return text_keep(&t, &b->call);
}
