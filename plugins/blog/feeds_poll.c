/* Hearing a site through its feeds: asked conditionally, as rarely as they wish, and without a
 * burst of news when a feed renumbers itself. */
#include "blog/source.h"
#include "common/date.h"
#include "common/url.h"

enum { DAY = 24 * 3600 * 1000, AFTER_ERROR = 5 * 60 * 1000 };

static int64_t max_age(struct sori_pairs headers) {
    struct sori_str v = pairs_get(headers, "cache-control");
    struct sori_str rest = s_from(v, s_find_same(v, "max-age=") + 8);
    size_t n = 0;
    while (n < rest.len && s_digit(rest.ptr[n])) n++;
    int64_t seconds = s_number(s_head(rest, n));
    return seconds > 0 && seconds < 7 * 86400 ? seconds * 1000 : 0;
}

static uint64_t title_digest(const struct feed_entry *e) {
    return e->title.len ? hash_bytes(0, e->title) : 0;
}

static const struct seen_entry *seen_native(const struct source *s, struct sori_str native) {
    for (size_t i = 0; i < s->seen_count; i++)
        if (s_eq(s->seen[i].native, native)) return &s->seen[i];
    return NULL;
}

/* What the new document says, entry by entry, before it is compared with what was seen. */
struct fresh {
    struct sori_str native;
    uint64_t link, title;
};

static size_t alike(const struct fresh *f, size_t count, uint64_t link, uint64_t title) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += (link && f[i].link == link) || (title && f[i].title == title);
    return n;
}

/* The entry under the id that we knew it by: by its address where that is its alone; by its title
 * too where not one id of the document is known. */
static const struct seen_entry *renamed(const struct source *s, const struct fresh *f, size_t count,
                                        size_t at, bool all_new) {
    for (size_t i = 0; i < s->seen_count; i++) {
        const struct seen_entry *e = &s->seen[i];
        bool still = false;
        for (size_t k = 0; k < count && !still; k++) still = s_eq(f[k].native, e->native);
        if (still) continue;
        if (f[at].link && e->link == f[at].link && alike(f, count, f[at].link, 0) == 1) return e;
        if (all_new && f[at].title && e->title == f[at].title &&
            alike(f, count, 0, f[at].title) == 1)
            return e;
    }
    return NULL;
}

static void give_all(struct blog *b, struct source *s, const struct feed *f,
                     const struct sori_sink *sink, const struct source *all, size_t all_count) {
    struct fresh *fresh = arena_get(&b->call, (f->count + 1) * sizeof *fresh);
    struct seen_entry *now = arena_get(&b->call, SEEN_MAX * sizeof *now);
    bool all_new = true;
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct feed_entry *e = &f->entries[i];
        fresh[i] = (struct fresh){feed_native(b, e, s->comments),
                                  e->url.len ? link_digest(e->url) : 0, title_digest(e)};
        all_new = all_new && !seen_native(s, fresh[i].native);
    }
    for (size_t k = f->count; k > 0; k--) { /* the oldest first */
        size_t i = k - 1;
        const struct feed_entry *e = &f->entries[i];
        const struct seen_entry *old = seen_native(s, fresh[i].native);
        if (!old) old = renamed(s, fresh, f->count, i, all_new);
        struct sori_str native = arena_copy(&b->call, old ? old->native : fresh[i].native);
        struct sori_item item;
        feed_item(b, s, e, native, all, all_count, &item);
        /* An entry without a usable date was said when it was first met. */
        if (!item.said_at)
            item.said_at = old && old->said_at > 0 ? old->said_at : b->host->now(b->host);
        sink->item(sink, &item);
        if (e->comments >= 0 && !s->comments)
            sink->gauge(sink, native, SORI_STR("comments"), e->comments);
        if (kept < SEEN_MAX)
            now[kept++] = (struct seen_entry){fresh[i].link, fresh[i].title, item.said_at, native};
    }
    /* What has slid out of the document is kept while there is room. */
    for (size_t i = 0; i < s->seen_count && kept < SEEN_MAX; i++) {
        bool there = false;
        for (size_t k = 0; k < kept && !there; k++) there = s_eq(now[k].native, s->seen[i].native);
        if (!there) now[kept++] = s->seen[i];
    }
    s->seen = now;
    s->seen_count = kept;
}

static enum sori_status ask(struct blog *b, const struct source *s, struct sori_http_response *r) {
    struct sori_pair h[3] = {
        {SORI_STR("Accept"),
         SORI_STR("application/atom+xml, application/rss+xml, application/rdf+xml, "
                  "application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1")}};
    size_t n = 1;
    if (s->etag.len) h[n++] = (struct sori_pair){SORI_STR("If-None-Match"), s->etag};
    if (s->modified.len) h[n++] = (struct sori_pair){SORI_STR("If-Modified-Since"), s->modified};
    return blog_get(b, s->url, (struct sori_pairs){h, n}, r);
}

static enum sori_status bad_answer(struct blog *b, struct source *s,
                                   const struct sori_http_response *r) {
    int64_t now = b->host->now(b->host), wait = AFTER_ERROR, at;
    struct sori_str after = s_trim(pairs_get(r->headers, "retry-after"));
    if (s_number(after) > 0) wait = s_number(after) * 1000;
    if (s_number(after) < 0 && date_parse(after, &at) && at > now) wait = at - now;
    s->due = now + (r->http_status == 410 ? 7 * (int64_t)DAY : wait);
    blog_fail(b, r->http_status, "%.*s answered %d%s", S(s->url), r->http_status,
              r->http_status == 410 ? ": the feed is gone for good; take it out of feeds" : "");
    if (r->http_status == 429 || r->http_status == 503) {
        struct sori_rate rate = {.struct_size = sizeof rate, .until = s->due};
        b->host->rate(b->host, &rate);
        return SORI_RATE;
    }
    if (r->http_status == 401 || r->http_status == 403) return SORI_PERMANENT;
    return r->http_status == 404 || r->http_status == 410 ? SORI_GONE : SORI_RETRY;
}

static enum sori_status read_source(struct blog *b, struct source *s, const struct sori_sink *sink,
                                    const struct source *all, size_t all_count) {
    struct sori_http_response r;
    int64_t now = b->host->now(b->host);
    enum sori_status status = ask(b, s, &r);
    if (status != SORI_OK) return status;
    int64_t rest = max_age(r.headers);
    if (r.http_status == 304) {
        s->due = now + rest;
        return SORI_OK;
    }
    if (r.http_status != 200) return bad_answer(b, s, &r);
    s->etag = arena_copy(&b->call, pairs_get(r.headers, "etag"));
    s->modified = arena_copy(&b->call, pairs_get(r.headers, "last-modified"));
    uint64_t body = hash_bytes(0, r.body);
    if (body == s->body) { /* some servers have a new ETag for the same bytes each time */
        s->due = now + rest;
        return SORI_OK;
    }
    struct feed f;
    if (!feed_parse(&f, r.body, pairs_get(r.headers, "content-type"), r.url.len ? r.url : s->url)) {
        blog_fail(b, r.http_status, "%.*s is no feed%s%.*s", S(s->url), f.notes.len ? ": " : "",
                  S(f.notes));
        feed_free(&f);
        s->due = now + AFTER_ERROR;
        return SORI_PERMANENT;
    }
    if (f.notes.len) blog_log(b, SORI_LOG_DEBUG, "%.*s: %.*s", S(s->url), S(f.notes));
    s->body = body;
    give_all(b, s, &f, sink, all, all_count);
    /* WordPress says "hourly" of every feed; for comments that is too rare to be meant. */
    int64_t wish = s->comments ? 0 : f.interval_ms;
    if (wish > rest) rest = wish;
    s->due = now + (rest > DAY ? DAY : rest);
    feed_free(&f);
    return SORI_OK;
}

enum sori_status feeds_poll(struct blog *b, const struct sori_poll *poll,
                            const struct sori_sink *sink, bool all) {
    (void)poll;
    struct source list[FEEDS_MAX] = {0};
    size_t count, good = 0;
    struct sori_str tried;
    enum sori_status status = source_list(b, list, &count, all, true, &tried), failed = SORI_OK;
    if (status != SORI_OK) return status;
    if (count == 0) {
        blog_fail(b, 0, "no feed was found at %.*s (looked at %.*s): set feeds", S(b->site),
                  S(tried));
        return SORI_CONFIG;
    }
    for (size_t i = 0; i < count; i++) source_load(b, &list[i]);
    /* Posts first: comments say which of them they are about. */
    for (int comments = 0; comments < 2; comments++)
        for (size_t i = 0; i < count; i++) {
            struct source *s = &list[i];
            if (s->comments != (comments == 1)) continue;
            if (s->due > b->host->now(b->host)) {
                good++;
                continue;
            }
            status = read_source(b, s, sink, list, count);
            if (status == SORI_CANCELLED) return status;
            if (status == SORI_OK)
                good++;
            else
                failed = status;
            if (status != SORI_OK && good)
                blog_log(b, SORI_LOG_WARN, "%.*s could not be read", S(s->url));
            enum sori_status put = source_store(b, s);
            if (put != SORI_OK) return put;
        }
    return good ? SORI_OK : failed;
}

enum sori_status feeds_health(struct blog *b, const struct sori_health *health) {
    struct source list[FEEDS_MAX] = {0};
    size_t count;
    struct sori_str tried;
    enum sori_status status = source_list(b, list, &count, b->use == USE_FEEDS, false, &tried);
    if (status != SORI_OK) return status;
    for (size_t i = 0; i < count; i++) {
        struct sori_http_response r;
        status = blog_get(b, list[i].url, (struct sori_pairs){NULL, 0}, &r);
        struct feed f = {0};
        bool feed = status == SORI_OK && r.http_status == 200 &&
                    feed_parse(&f, r.body, pairs_get(r.headers, "content-type"), r.url);
        struct sori_str line = arena_format(&b->call, "%.*s: %s, %zu entries%s%.*s", S(list[i].url),
                                            feed ? "a feed" : "no feed could be read", f.count,
                                            f.notes.len ? "; " : "", S(f.notes));
        health->say(health, feed ? SORI_LOG_INFO : SORI_LOG_ERROR, line);
        feed_free(&f);
    }
    return SORI_OK;
}
