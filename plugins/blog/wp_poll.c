/* Hearing a WordPress site: posts, new comments of all kinds, and what became of older ones. */
#include "blog/known.h"
#include "common/date.h"

#include <stdio.h>

enum {
    PAGE = 100,
    OVERLAP = 2 * 60 * 1000, /* comments become visible a little after their time */
    LIGHT_EVERY = 20 * 1000, /* the newest page is compared this often at most */
    LOOKUPS = 25,            /* single comments asked about in one poll */
    ENOUGH_LEFT = 5 * 1000,  /* ms: no further request is begun with less */
    POST_PAGES = 5
};

static const char fields[] = "_fields=id,post,parent,author,author_name,author_url,"
                             "author_avatar_urls,date_gmt,content,link,status,type";

/* One poll under way. */
struct sweep {
    struct blog *b;
    struct wp_site *site;
    const struct sori_sink *sink;
    struct known known;
    bool stop;       /* the sink asks to end: what was given stays */
    bool unfinished; /* more is to be compared than one call allows */
};

static bool give(struct sweep *s, const struct sori_item *item) {
    if (s->sink->item(s->sink, item) == SORI_STOP) s->stop = true;
    return !s->stop;
}

static bool time_over(struct sweep *s) {
    return s->b->host->cancelled(s->b->host) || s->b->host->left(s->b->host) < ENOUGH_LEFT;
}

/* A state change of something that is or was there; the text is not repeated. */
static void give_state(struct sweep *s, const struct sori_item *like, enum sori_event event) {
    struct sori_item item = *like;
    item.event = event;
    give(s, &item);
}

static void removed(struct sweep *s, int64_t id) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .event = SORI_EVENT_REMOVED,
                             .space = s->b->space};
    item.native_id = arena_format(&s->b->call, "c%lld", (long long)id);
    give(s, &item);
    known_drop(&s->known, id);
}

static uint32_t digest_of(const struct sori_item *item) {
    const struct sori_str parts[] = {item->text,   item->author_name, item->author_url,
                                     item->parent, item->target,      item->why_not};
    uint64_t h = item->can + 1u;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        h = hash_bytes(h, parts[i]);
        h = hash_bytes(h, s_of("\n"));
    }
    return (uint32_t)(h ^ (h >> 32));
}

static void one_comment(struct sweep *s, const json_t *comment) {
    int64_t id = json_int(comment, "id");
    struct sori_str status = json_words(comment, "status");
    if (id <= 0) return;
    if (s_is(status, "spam") || s_is(status, "trash")) {
        if (known_find(&s->known, id)) removed(s, id);
        return;
    }
    struct sori_item item;
    wp_item(s->b, s->site, comment, &item);
    struct known_comment now = {.id = id,
                                .said_at = item.said_at,
                                .status = s_is(status, "hold") ? KNOWN_HELD : KNOWN_SHOWN,
                                .digest = digest_of(&item)},
                         before;
    known_note(&s->known, &now, &before);
    if (!before.id || before.digest != now.digest) give(s, &item);
    if (now.status == before.status) return;
    if (now.status == KNOWN_HELD) give_state(s, &item, SORI_EVENT_HIDDEN);
    if (before.status == KNOWN_HELD) give_state(s, &item, SORI_EVENT_SHOWN);
}

/* Asks for one page of comments and gives it to the sink. `*count` is what the page held. */
static enum sori_status page_of(struct sweep *s, struct sori_str query, size_t *count,
                                int64_t *newest, int64_t *oldest, int64_t *pages) {
    struct blog *b = s->b;
    struct wp_answer a =
        wp_ask(b, s->site, "GET", "wp/v2/comments", query, (struct sori_str){NULL, 0});
    *count = 0;
    if (a.sent != SORI_OK || a.status != 200 || !json_is_array(a.json)) {
        bool past_end = a.sent == SORI_OK && s_is(a.code, "rest_comment_invalid_page_number");
        enum sori_status failed = past_end ? SORI_OK : wp_failed(b, &a, "reading comments");
        wp_answer_free(&a);
        return failed;
    }
    enum sori_status status = wp_learn_posts(b, s->site, a.json);
    int64_t now = b->host->now(b->host);
    size_t i;
    json_t *comment;
    json_array_foreach(a.json, i, comment) {
        int64_t at = 0;
        date_parse(json_words(comment, "date_gmt"), &at);
        one_comment(s, comment);
        /* A date from the future would hide all that is said until then. */
        if (at > *newest && at <= now) *newest = at;
        if (*oldest == 0 || at < *oldest) *oldest = at;
    }
    *count = json_array_size(a.json);
    *pages = a.total_pages;
    wp_answer_free(&a);
    return status;
}

static const char *scope(const struct sweep *s) {
    /* Without a moderator's rights the parameters themselves are refused. */
    return s->site->moderator ? "&status=all&type=all" : "";
}

/* Cursor "comments": "AFTER PAGE NEWEST" in ms; PAGE > 1 while a long list is being read. */
struct place {
    int64_t after, page, newest;
};

static struct place place_from(struct sweep *s, const struct sori_poll *poll) {
    struct sori_str c = pairs_get(poll->cursors, "comments"), after, page;
    struct place p = {0, 1, 0};
    if (s_next(&c, ' ', &after) && s_next(&c, ' ', &page)) {
        p.after = s_number(after);
        p.page = s_number(page);
        p.newest = s_number(c);
    }
    if (p.after <= 0 || p.page < 1 || p.newest < 0) {
        int64_t since = poll->live_from > 0 ? poll->live_from : s->b->host->now(s->b->host);
        p = (struct place){since > s->b->history ? since - s->b->history : 1, 1, 0};
    }
    return p;
}

static void keep_place(struct sweep *s, const struct place *p) {
    struct sori_str value = arena_format(&s->b->call, "%lld %lld %lld", (long long)p->after,
                                         (long long)p->page, (long long)p->newest);
    s->sink->cursor(s->sink, SORI_STR("comments"), value);
}

/* What is new since last time, oldest first, to the end. A list that is longer than one call goes
 * on at its page: the lower bound stays where it was until the last page was read. */
static enum sori_status new_comments(struct sweep *s, const struct sori_poll *poll) {
    struct place p = place_from(s, poll);
    enum sori_status status = SORI_OK;
    while (true) {
        char after[32];
        date_format(p.after, after);
        struct sori_str query = arena_format(
            &s->b->call, "per_page=%d&page=%lld&after=%sZ&orderby=date_gmt&order=asc%s&%s", PAGE,
            (long long)p.page, after, scope(s), fields);
        size_t count;
        int64_t oldest = 0, pages = -1;
        status = page_of(s, query, &count, &p.newest, &oldest, &pages);
        if (status != SORI_OK) return status;
        bool last = count < PAGE || (pages >= 0 && p.page >= pages);
        p.page++;
        if (last) {
            if (p.newest > 0) p.after = p.newest - OVERLAP;
            p.page = 1;
        }
        keep_place(s, &p);
        if (last) return SORI_OK;
        if (s->stop || time_over(s)) return SORI_AGAIN;
    }
}

/* A comment that should have been in a list and was not: what became of it? */
static enum sori_status look_up(struct sweep *s, int64_t id) {
    char path[64];
    snprintf(path, sizeof path, "wp/v2/comments/%lld", (long long)id);
    struct wp_answer a =
        wp_ask(s->b, s->site, "GET", path, s_of(fields), (struct sori_str){NULL, 0});
    enum sori_status status = a.sent;
    if (a.sent == SORI_OK) {
        bool unreadable = s_is(a.code, "rest_cannot_read") || s_is(a.code, "rest_forbidden");
        if (a.status == 200 && a.json) {
            one_comment(s, a.json);
        } else if (a.status == 404 || a.status == 410) {
            removed(s, id);
        } else if ((a.status == 401 || a.status == 403) && unreadable && !s->site->moderator) {
            removed(s, id); /* The public cannot read it any more: held, spam or trash. */
        } else {
            status = wp_failed(s->b, &a, "reading a comment again");
        }
    }
    wp_answer_free(&a);
    return status;
}

static enum sori_status missing(struct sweep *s, int64_t from) {
    int64_t ids[LOOKUPS];
    size_t n = 0;
    for (size_t i = 0; i < s->known.count && n < LOOKUPS; i++)
        if (!s->known.items[i].seen && s->known.items[i].said_at > from)
            ids[n++] = s->known.items[i].id;
    s->unfinished = s->unfinished || n == LOOKUPS;
    for (size_t i = 0; i < n && !s->stop; i++) {
        if (time_over(s)) {
            s->unfinished = true;
            break;
        }
        enum sori_status status = look_up(s, ids[i]);
        if (status != SORI_OK) return status;
    }
    return SORI_OK;
}

/* Reads recent comments again, newest first: the newest page, or all back to `from`. What we knew
 * of that stretch and did not meet is asked about. */
static enum sori_status again(struct sweep *s, int64_t from, bool deep) {
    for (size_t i = 0; i < s->known.count; i++) s->known.items[i].seen = false;
    int64_t newest = 0, oldest = 0, pages = -1;
    size_t count = PAGE;
    bool whole = false;
    for (int page = 1; count == PAGE && !s->stop && (page == 1 || deep); page++) {
        if (page > 1 && time_over(s)) {
            s->unfinished = true;
            break;
        }
        struct sori_str query =
            arena_format(&s->b->call, "per_page=%d&page=%d&orderby=date_gmt&order=desc%s&%s", PAGE,
                         page, scope(s), fields);
        enum sori_status status = page_of(s, query, &count, &newest, &oldest, &pages);
        if (status != SORI_OK) return status;
        whole = count < PAGE;
        if (oldest && oldest < from) break;
    }
    if (s->stop) return SORI_OK;
    return missing(s, whole ? 0 : oldest);
}

/* Our own posts, newest change first: what comments are about. Cursor "posts": the newest change.
 */
static enum sori_status posts(struct sweep *s, const struct sori_poll *poll) {
    struct blog *b = s->b;
    int64_t seen = s_number(pairs_get(poll->cursors, "posts")), newest = seen;
    bool more = true;
    for (int page = 1; more && page <= POST_PAGES && !s->stop && !time_over(s); page++) {
        struct sori_str query = arena_format(
            &b->call,
            "per_page=20&page=%d&orderby=modified&order=desc&_fields=id,link,date_gmt,modified_gmt,"
            "title,excerpt,comment_status",
            page);
        struct wp_answer a =
            wp_ask(b, s->site, "GET", "wp/v2/posts", query, (struct sori_str){NULL, 0});
        bool good = a.sent == SORI_OK && a.status == 200 && json_is_array(a.json);
        enum sori_status status = good || s_is(a.code, "rest_post_invalid_page_number")
                                      ? SORI_OK
                                      : wp_failed(b, &a, "reading posts");
        more = good && json_array_size(a.json) == 20;
        size_t i;
        json_t *post;
        json_array_foreach(good ? a.json : NULL, i, post) {
            struct sori_item item;
            wp_post_item(b, post, &item);
            if (item.version <= seen) more = false;
            if (item.version <= seen || item.native_id.len < 2) continue;
            if (item.version > newest) newest = item.version;
            give(s, &item);
        }
        wp_answer_free(&a);
        /* A site that keeps its list of posts to itself may still show comments. */
        if (status == SORI_PERMANENT || status == SORI_GONE) {
            blog_log(b, SORI_LOG_WARN, "%.*s does not list its posts", S(b->site));
            return SORI_OK;
        }
        if (status != SORI_OK) return status;
    }
    if (newest > seen && !(more && s->stop))
        s->sink->cursor(s->sink, SORI_STR("posts"),
                        arena_format(&b->call, "%lld", (long long)newest));
    return SORI_OK;
}

static enum sori_status state_put(struct blog *b, const char *name, struct sori_str value) {
    return b->host->state_put(b->host, s_of(name), value);
}

static enum sori_status sweeps(struct sweep *s, const struct sori_poll *poll) {
    struct blog *b = s->b;
    int64_t now = b->host->now(b->host);
    /* Cursor "again": "LIGHT DEEP", when they were last done. */
    struct sori_str c = pairs_get(poll->cursors, "again"), light_at = {NULL, 0};
    s_next(&c, ' ', &light_at);
    int64_t light = s_number(light_at), deep = s_number(c);
    bool first = light < 0; /* all there is has just been read */
    bool do_deep = !first && now - deep >= b->recheck;
    if (!first && !do_deep && now - light < LIGHT_EVERY) return SORI_OK;
    enum sori_status status = first ? SORI_OK : again(s, now - b->window, do_deep);
    if (status != SORI_OK || s->stop) return status;
    struct sori_str value =
        arena_format(&b->call, "%lld %lld", (long long)now,
                     (long long)(first || (do_deep && !s->unfinished) ? now : deep));
    s->sink->cursor(s->sink, SORI_STR("again"), value);
    return SORI_OK;
}

enum sori_status wp_poll(struct blog *b, struct wp_site *site, const struct sori_poll *poll,
                         const struct sori_sink *sink) {
    struct sweep s = {.b = b, .site = site, .sink = sink};
    known_load(&s.known, b->host->state_get(b->host, SORI_STR("known")));
    enum sori_status status = wp_remember(b, site);
    if (status == SORI_OK && b->posts) status = posts(&s, poll);
    if (status == SORI_OK && !s.stop) status = new_comments(&s, poll);
    if (status == SORI_OK && !s.stop) status = sweeps(&s, poll);
    if ((status == SORI_OK || status == SORI_AGAIN) && s.known.changed) {
        struct text stored = {0};
        known_store(&s.known, b->host->now(b->host) - b->window, &stored);
        enum sori_status put = state_put(b, "known", text_view(&stored));
        text_free(&stored);
        if (put != SORI_OK) status = put;
    }
    if (status == SORI_OK && s.stop) status = SORI_AGAIN;
    known_free(&s.known);
    return status;
}
