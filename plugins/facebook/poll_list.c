/* Reading the lists of posts and mentions: the recent ones with every poll, all of the window by
 * the slow sweep. */
#include "facebook/poll.h"

enum {
    LIGHT_EVERY = 15 * 1000, /* the lists are read this often at most */
    DUE_MOST = 100           /* posts with comments to read: those come before more posts */
};

/* Cursor "list": "KIND STARTED EDGE SINCE PAGE", empty when none is being read. */
struct place {
    bool sweep;
    int64_t started, edge, since;
    struct sori_str page;
};

static bool place_read(struct turn *t, struct place *p) {
    struct sori_str c = turn_cursor_get(t, "list"), kind, started, edge, since;
    if (!s_next(&c, ' ', &kind) || !s_next(&c, ' ', &started) || !s_next(&c, ' ', &edge) ||
        !s_next(&c, ' ', &since))
        return false;
    *p = (struct place){s_is(kind, "sweep"), s_number(started), s_number(edge), s_number(since), c};
    return p->started > 0 && p->edge >= 0 && p->since >= 0;
}

static void place_keep(struct turn *t, const struct place *p) {
    turn_cursor(t, "list",
                arena_format(&t->f->call, "%s %lld %lld %lld %.*s", p->sweep ? "sweep" : "quick",
                             (long long)p->started, (long long)p->edge, (long long)p->since,
                             S(p->page)));
}

static bool place_begin(struct turn *t, struct place *p) {
    int64_t listed = s_number(turn_cursor_get(t, "listed"));
    int64_t swept = s_number(turn_cursor_get(t, "swept"));
    *p = (struct place){.started = t->now, .since = t->from};
    if (listed <= 0) return true; /* the first import */
    bool sweeping = false;
    for (size_t i = 0; i < t->posts.count; i++) sweeping = sweeping || t->posts.items[i].sweep;
    p->sweep = !sweeping && t->now - swept >= t->f->recheck && t->g->used < USED_SLOW;
    if (!p->sweep && t->now - listed < LIGHT_EVERY) return false;
    int64_t since = p->sweep                   ? t->now - t->f->window
                    : listed < t->now - RECENT ? listed - OVERLAP
                                               : t->now - RECENT;
    if (since > p->since) p->since = since;
    if (p->sweep && t->shrink) {
        t->shrink--;
        turn_cursor(t, "shrink", arena_format(&t->f->call, "%u", t->shrink));
    }
    return true;
}

/* Cursor "without": edges that this token may not read, asked again by each sweep. */
static bool without(const struct turn *t, const char *edge) {
    struct sori_str list = t->without, one;
    while (s_next(&list, ' ', &one))
        if (s_is(one, edge)) return true;
    return false;
}

static void go_without(struct turn *t, const struct edge *e, bool gone) {
    if (gone == without(t, e->path)) return;
    struct sori_str list = t->without, one;
    struct text out = {0};
    while (s_next(&list, ' ', &one)) {
        if (s_is(one, e->path)) continue;
        if (out.len) text_char(&out, ' ');
        text_str(&out, one);
    }
    if (gone) text_format(&out, "%s%s", out.len ? " " : "", e->path);
    t->without = text_keep(&out, &t->f->call);
    turn_cursor(t, "without", t->without);
}

static size_t due_count(const struct turn *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->posts.count; i++) n += t->posts.items[i].due;
    return n;
}

/* ---- one row ---- */

static int64_t total_of(const json_t *raw, const char *name) {
    const json_t *n = json_object_get(fb_at(raw, name, "summary"), "total_count");
    return json_is_integer(n) ? json_integer_value(n) : -1;
}

static int64_t count_of(const json_t *raw, const char *name) {
    const json_t *n = json_object_get(raw, name);
    return json_is_integer(n) ? json_integer_value(n) : -1;
}

static void gauge_if(struct turn *t, struct sori_str target, const char *cls, int64_t now,
                     int64_t *before) {
    if (now < 0 || now == *before) return;
    turn_gauge(t, target, cls, now);
    *before = now;
    t->posts.changed = true;
}

static void follow(struct turn *t, const json_t *raw, const struct sori_item *item) {
    struct watched *w = posts_find(&t->posts, item->native_id);
    bool fresh = !w;
    if (!w) w = posts_add(&t->posts, &t->f->call, item->native_id, item->said_at);
    uint32_t digest = turn_digest(item);
    bool given = t->f->posts || item->kind != SORI_KIND_POST;
    if (given && (fresh || w->digest != digest)) turn_give(t, item);
    if (fresh || w->digest != digest) t->posts.changed = true;
    w->digest = digest;
    bool page = t->f->surface == FB_PAGE, threads = t->f->surface == FB_THREADS;
    const json_t *shares = fb_at(raw, "shares", "count");
    if (page)
        gauge_if(t, w->id, "share", json_is_integer(shares) ? json_integer_value(shares) : -1,
                 &w->shares);
    gauge_if(t, w->id, page ? "reaction" : "like",
             page ? total_of(raw, "reactions") : count_of(raw, "like_count"), &w->reactions);
    int64_t before = w->comments < 0 ? 0 : w->comments;
    int64_t n = page ? total_of(raw, "comments") : count_of(raw, "comments_count");
    /* Threads does not count; where nobody has replied it says so. */
    if (threads && !fb_true(raw, "has_replies")) n = 0;
    bool changed = n < 0 ? item->said_at > t->now - RECENT || fresh : n != before;
    if (fresh) w->due = changed;
    if (changed && !w->due) w->due = t->posts.changed = true;
    if (!threads) gauge_if(t, w->id, "comment", n, &w->comments);
}

void turn_post(struct turn *t, const struct edge *e, const json_t *raw) {
    struct sori_item item;
    bool page = t->f->surface == FB_PAGE;
    bool good = e->kind == EDGE_RATINGS       ? fb_map_rating(&t->map, raw, &item)
                : page                        ? fb_map_post(&t->map, raw, &item)
                : t->f->surface == FB_THREADS ? fb_map_thread(&t->map, raw, &item)
                                              : fb_map_media(&t->map, raw, &item);
    if (!good) {
        turn_reject(t, raw, "a row of a list has no id");
        return;
    }
    if (item.said_at && item.said_at < t->from) return;
    if (e->kind == EDGE_POSTS)
        follow(t, raw, &item);
    else
        turn_comment(t, raw, s_of(e->path), &item);
}

/* ---- one page ---- */

static int64_t time_of(const json_t *raw) {
    static const char *const names[] = {"created_time", "timestamp", "tagged_time"};
    for (size_t i = 0; i < 3; i++) {
        int64_t at = fb_time(raw, names[i]);
        if (at) return at;
    }
    return 0;
}

/* A list without which the rest can be heard could not be read. */
static enum sori_status leave_out(struct turn *t, const struct edge *e,
                                  const struct graph_answer *a) {
    const char *doing = arena_format(&t->f->call, "reading %s", e->path).ptr;
    enum sori_status s = graph_failed(t->g, a, doing);
    if (s == SORI_RETRY) return turn_trouble(t, a, doing);
    if (s != SORI_PERMANENT && s != SORI_GONE) return s;
    if (!without(t, e->path))
        graph_log(t->g, SORI_LOG_WARN,
                  "%s cannot be read with this token (code %d: %.*s); the rest is read", e->path,
                  a->code, S(a->message));
    go_without(t, e, true);
    return SORI_OK;
}

static enum sori_status page_of(struct turn *t, const struct edge *e, struct place *p) {
    struct text query = {0};
    text_format(&query, "limit=%u&fields=", turn_rows(t, e->page));
    percent_encode(&query, s_of(e->fields));
    if (e->since && p->since > 0) text_format(&query, "&since=%lld", (long long)(p->since / 1000));
    if (p->page.len) text_format(&query, "&%.*s", S(p->page));
    struct sori_str path = arena_format(&t->f->call, "%.*s/%s", S(t->map.own), e->path);
    struct graph_answer a = graph_get(t->g, GRAPH_AS_TOKEN, path, text_view(&query));
    text_free(&query);
    enum sori_status s = SORI_OK;
    struct sori_str next = {NULL, 0};
    if (graph_good(&a)) {
        t->good++;
        t->trouble = 0;
        if (p->sweep) go_without(t, e, false);
        const json_t *rows = json_object_get(a.json, "data");
        bool past = json_array_size(rows) > 0; /* all of it is older than what is wanted */
        size_t i;
        json_t *row;
        json_array_foreach(rows, i, row) {
            int64_t at = time_of(row);
            if (!at || at >= p->since) past = false;
            turn_post(t, e, row);
        }
        if (!past) next = turn_next(t, a.json);
        if (next.len && s_eq(next, p->page)) next.len = 0; /* it would go in circles */
    } else if (turn_shrink(t, &a)) {
        graph_free(&a);
        return SORI_OK;
    } else if (p->page.len && graph_is_stale_cursor(&a)) {
        graph_log(t->g, SORI_LOG_INFO, "%s: the place in the list has expired: from its start",
                  e->path);
        p->page = (struct sori_str){NULL, 0};
        t->trouble++;
        graph_free(&a);
        return SORI_OK;
    } else {
        s = e->needed ? graph_failed(t->g, &a, arena_format(&t->f->call, "reading %s", e->path).ptr)
                      : leave_out(t, e, &a);
        if (t->g->used >= USED_STOP && t->good) { /* this page is asked for again later */
            graph_free(&a);
            return SORI_OK;
        }
    }
    graph_free(&a);
    if (s != SORI_OK) return s;
    p->page = next;
    if (!next.len) p->edge++;
    return SORI_OK;
}

static void finish(struct turn *t, const struct place *p) {
    struct sori_str at = arena_format(&t->f->call, "%lld", (long long)p->started);
    bool first = s_number(turn_cursor_get(t, "listed")) <= 0;
    turn_cursor(t, "list", (struct sori_str){NULL, 0});
    turn_cursor(t, "listed", at);
    if (p->sweep || first) turn_cursor(t, "swept", at);
    if (!p->sweep) return;
    for (size_t i = 0; i < t->posts.count; i++)
        if (t->posts.items[i].said_at >= t->now - t->f->window)
            t->posts.items[i].sweep = t->posts.changed = true;
}

enum sori_status poll_list(struct turn *t) {
    struct place p;
    t->without = turn_cursor_get(t, "without");
    if (!place_read(t, &p) && !place_begin(t, &p)) return SORI_OK;
    size_t count;
    const struct edge *edges = surface_edges(t->f->surface, &count);
    while (p.edge < (int64_t)count) {
        const struct edge *e = &edges[p.edge];
        bool first = s_number(turn_cursor_get(t, "listed")) <= 0;
        if (!p.sweep && !(e->quick || first)) {
            p.edge++;
            continue;
        }
        if (!p.sweep && !first && without(t, e->path)) {
            p.edge++;
            continue;
        }
        if (turn_over(t) || due_count(t) > DUE_MOST) {
            place_keep(t, &p);
            t->more = true;
            return SORI_OK;
        }
        enum sori_status s = page_of(t, e, &p);
        if (s != SORI_OK) return s;
    }
    finish(t, &p);
    return SORI_OK;
}
