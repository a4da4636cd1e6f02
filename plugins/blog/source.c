#include "blog/source.h"
#include "common/html.h"
#include "common/url.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOOK_AGAIN = 24 * 3600 * 1000 };

uint64_t link_digest(struct sori_str url) {
    struct text t = {0};
    if (!url_normal(&t, url)) text_str(&t, url);
    struct sori_str s = text_view(&t);
    size_t scheme = s_find(s, "://");
    if (scheme < s.len) s = s_from(s, scheme + 3);
    while (s.len && s.ptr[s.len - 1] == '/') s.len--;
    uint64_t h = hash_bytes(0, s);
    text_free(&t);
    return h;
}

static struct sori_str state_name(struct blog *b, struct sori_str url) {
    return arena_format(&b->call, "feed.%016" PRIx64, hash_bytes(0, url));
}

static uint64_t hex_number(struct sori_str s) {
    char digits[17] = {0};
    if (s.len == 0 || s.len > 16) return 0;
    memcpy(digits, s.ptr, s.len);
    return strtoull(digits, NULL, 16);
}

/* First line: BODY DUE ETAG MODIFIED with tabs between; then LINK TITLE SAID_AT NATIVE. */
void source_load(struct blog *b, struct source *s) {
    struct sori_str name = state_name(b, s->url);
    struct sori_str state = arena_copy(&b->call, b->host->state_get(b->host, name));
    struct sori_str line, body, due;
    s->seen = arena_get(&b->call, SEEN_MAX * sizeof *s->seen);
    s->seen_count = 0;
    if (!s_next(&state, '\n', &line)) return;
    if (s_next(&line, '\t', &body) && s_next(&line, '\t', &due)) {
        s->body = hex_number(body);
        s->due = s_number(due);
        s_next(&line, '\t', &s->etag);
        s->modified = line;
    }
    while (s->seen_count < SEEN_MAX && s_next(&state, '\n', &line)) {
        struct sori_str link, title, said;
        if (!s_next(&line, ' ', &link) || !s_next(&line, ' ', &title) ||
            !s_next(&line, ' ', &said) || line.len == 0)
            continue;
        s->seen[s->seen_count++] =
            (struct seen_entry){hex_number(link), hex_number(title), s_number(said), line};
    }
}

static bool one_line(struct sori_str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20) return false;
    return true;
}

enum sori_status source_store(struct blog *b, const struct source *s) {
    struct text t = {0};
    bool sound = one_line(s->etag) && one_line(s->modified);
    struct sori_str none = {NULL, 0}, etag = sound ? s->etag : none,
                    modified = sound ? s->modified : none;
    text_format(&t, "%016" PRIx64 "\t%lld\t%.*s\t%.*s\n", s->body, (long long)s->due, S(etag),
                S(modified));
    for (size_t i = 0; i < s->seen_count && t.len < 60000; i++) {
        const struct seen_entry *e = &s->seen[i];
        if (!one_line(e->native)) continue;
        text_format(&t, "%016" PRIx64 " %016" PRIx64 " %lld %.*s\n", e->link, e->title,
                    (long long)e->said_at, S(e->native));
    }
    enum sori_status status = b->host->state_put(b->host, state_name(b, s->url), text_view(&t));
    text_free(&t);
    return status;
}

/* ---- which feeds ---- */

static void add(struct source *list, size_t *count, struct sori_str url, bool comments) {
    for (size_t i = 0; i < *count; i++)
        if (s_eq(list[i].url, url)) return;
    if (*count < FEEDS_MAX && url_is_http(url))
        list[(*count)++] = (struct source){.url = url, .comments = comments};
}

static bool of_comments(struct sori_str title, struct sori_str href) {
    return s_find_same(title, "comment") < title.len || s_find(title, "댓글") < title.len ||
           s_find_same(href, "comments") < href.len;
}

static void from_page(struct blog *b, struct sori_str html, struct sori_str page,
                      struct source *list, size_t *count) {
    static const char *const types[] = {"application/rss+xml", "application/atom+xml",
                                        "application/feed+json", "application/rdf+xml"};
    struct sori_str before;
    struct html_tag tag;
    while (html_next(&html, &before, &tag)) {
        if (!s_same(tag.name, "link")) continue;
        struct text rel = {0}, type = {0}, href = {0}, title = {0}, full = {0};
        html_attribute(&tag, "rel", &rel);
        html_attribute(&tag, "type", &type);
        html_attribute(&tag, "href", &href);
        html_attribute(&tag, "title", &title);
        bool feed = false;
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            feed = feed || s_starts_same(s_trim(text_view(&type)), types[i]);
        if (feed && href.len && html_has_word(text_view(&rel), "alternate")) {
            url_resolve(&full, page, text_view(&href));
            bool comments = of_comments(text_view(&title), text_view(&href));
            add(list, count, arena_copy(&b->call, text_view(&full)), comments);
        }
        text_free(&rel);
        text_free(&type);
        text_free(&href);
        text_free(&title);
        text_free(&full);
    }
}

static bool is_feed(const struct sori_http_response *r) {
    struct feed f;
    bool feed = r->http_status == 200 &&
                feed_parse(&f, r->body, pairs_get(r->headers, "content-type"), r->url);
    if (r->http_status == 200) feed_free(&f);
    return feed;
}

/* The site itself may be a feed, may name some, or keeps one at a usual place. */
static enum sori_status look(struct blog *b, struct source *list, size_t *count,
                             struct sori_str *tried) {
    static const char *const usual[] = {"feed/", "rss", "index.xml", "atom.xml", "feed.json"};
    struct sori_http_response r;
    enum sori_status s = blog_get(b, b->site, (struct sori_pairs){NULL, 0}, &r);
    if (s != SORI_OK) return s;
    *tried = SORI_STR("the page itself, its <link rel=alternate>, feed/, rss, index.xml, "
                      "atom.xml, feed.json");
    if (r.http_status >= 500 || r.http_status == 429) {
        blog_fail(b, r.http_status, "%.*s answered %d", S(b->site), r.http_status);
        return SORI_RETRY;
    }
    if (is_feed(&r)) {
        add(list, count, b->site, false);
        return SORI_OK;
    }
    struct sori_str page = arena_copy(&b->call, r.url.len ? r.url : b->site);
    struct sori_str html = arena_copy(&b->call, r.body);
    from_page(b, html, page, list, count);
    bool slash = b->site.len && b->site.ptr[b->site.len - 1] == '/';
    for (size_t i = 0; i < sizeof usual / sizeof *usual && *count == 0; i++) {
        struct sori_str url =
            arena_format(&b->call, "%.*s%s%s", S(b->site), slash ? "" : "/", usual[i]);
        s = blog_get(b, url, (struct sori_pairs){NULL, 0}, &r);
        if (s != SORI_OK && s != SORI_RETRY) return s;
        if (s == SORI_OK && is_feed(&r)) add(list, count, url, false);
    }
    return SORI_OK;
}

static void named(struct source *list, size_t *count, struct sori_str urls, bool comments) {
    struct sori_str url;
    while (s_next(&urls, '\n', &url)) add(list, count, s_trim(url), comments);
}

/* State "feeds": the time, then "p URL" or "c URL" a line. */
enum sori_status source_list(struct blog *b, struct source *list, size_t *count, bool all,
                             bool keep, struct sori_str *tried) {
    *count = 0;
    *tried = SORI_STR("the feeds that the options name");
    named(list, count, b->feeds, false);
    named(list, count, b->comments, true);
    if (!all || b->feeds.len) return SORI_OK;
    struct sori_str state = arena_copy(&b->call, b->host->state_get(b->host, SORI_STR("feeds")));
    struct sori_str line = {NULL, 0};
    s_next(&state, '\n', &line);
    int64_t now = b->host->now(b->host), at = s_number(line);
    if (at > 0 && now - at < LOOK_AGAIN && state.len) {
        while (s_next(&state, '\n', &line)) add(list, count, s_from(line, 2), line.ptr[0] == 'c');
        return SORI_OK;
    }
    size_t before = *count;
    enum sori_status s = look(b, list, count, tried);
    if (s != SORI_OK || !keep) return s;
    struct text t = {0};
    text_format(&t, "%lld\n", (long long)now);
    for (size_t i = before; i < *count; i++)
        text_format(&t, "%c %.*s\n", list[i].comments ? 'c' : 'p', S(list[i].url));
    s = b->host->state_put(b->host, SORI_STR("feeds"), text_view(&t));
    text_free(&t);
    return s;
}
