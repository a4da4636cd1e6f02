/* Reading comments: what is new on the posts that are due, and all of a post when its turn in the
 * sweep comes. A comment that we knew and did not meet in a complete list is asked about by its id:
 * privacy hides rows too, and only "it does not exist" means removed. */
#include "facebook/poll.h"

/* Cursor "reading": "POST FULL SINCE STAGE PAGE", empty when none is being read. */
struct reading {
    struct sori_str post;
    bool full; /* the complete list: afterwards what is absent is looked for */
    int64_t since;
    bool absent; /* the list is read; the absent ones are being asked about */
    struct sori_str page;
};

static bool reading_read(struct turn *t, struct reading *r) {
    struct sori_str c = turn_cursor_get(t, "reading"), full, since, stage;
    if (!s_next(&c, ' ', &r->post) || !s_next(&c, ' ', &full) || !s_next(&c, ' ', &since) ||
        !s_next(&c, ' ', &stage))
        return false;
    r->full = s_is(full, "full");
    r->since = s_number(since);
    r->absent = s_is(stage, "absent");
    r->page = c;
    return r->since >= 0 && posts_find(&t->posts, r->post) != NULL;
}

static void reading_keep(struct turn *t, const struct reading *r) {
    turn_cursor(t, "reading",
                arena_format(&t->f->call, "%.*s %s %lld %s %.*s", S(r->post),
                             r->full ? "full" : "new", (long long)r->since,
                             r->absent ? "absent" : "list", S(r->page)));
}

uint32_t turn_digest(const struct sori_item *item) {
    const struct sori_str parts[] = {item->text,   item->title,  item->author_id, item->author_name,
                                     item->parent, item->target, item->why_not,   item->url};
    uint64_t h = item->can + 1u;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        h = hash_bytes(hash_bytes(h, parts[i]), SORI_STR("\n"));
    for (size_t i = 0; i < item->attachments.count; i++)
        h = hash_bytes(h, item->attachments.items[i].name); /* their URLs change with every read */
    return (uint32_t)(h ^ (h >> 32));
}

void turn_comment(struct turn *t, const json_t *raw, struct sori_str post,
                  const struct sori_item *item) {
    bool hidden = fb_is_hidden(raw);
    int64_t likes = fb_number(raw, "like_count");
    struct known_one one = {.post = known_post(post),
                            .said_at = (uint32_t)(item->said_at / 1000),
                            .digest = turn_digest(item) + (uint32_t)likes * 2654435761u,
                            .hidden = hidden,
                            .seen = true};
    bool followed = known_id_of(item->native_id, &one.id);
    const struct known_one *there = followed ? known_find(&t->known, one.id) : NULL;
    bool news = !there || there->digest != one.digest;
    bool was_hidden = there && there->hidden;
    if (news) turn_give(t, item);
    if (news && likes > 0) turn_gauge(t, item->native_id, "like", likes);
    if (hidden != was_hidden) {
        struct sori_item state = fb_state_item(item, hidden ? SORI_EVENT_HIDDEN : SORI_EVENT_SHOWN);
        turn_give(t, &state);
    }
    if (followed) known_note(&t->known, &one);
}

static void removed(struct turn *t, struct sori_str native, struct sori_str post, uint32_t kind) {
    struct sori_item said = {.struct_size = sizeof said,
                             .kind = kind,
                             .space = fb_space(t->f->surface),
                             .native_id = native,
                             .target = post};
    struct sori_item state = fb_state_item(&said, SORI_EVENT_REMOVED);
    turn_give(t, &state);
}

static bool map_one(struct turn *t, const json_t *raw, struct sori_str post, struct sori_str parent,
                    struct sori_item *item) {
    switch (t->f->surface) {
    case FB_PAGE: return fb_map_comment(&t->map, raw, post, item);
    case FB_THREADS: return fb_map_thread(&t->map, raw, item);
    case FB_INSTAGRAM:
    case FB_INSTAGRAM_LOGIN: break;
    }
    return fb_map_media_comment(&t->map, raw, post, parent, item);
}

static void one_row(struct turn *t, struct watched *w, const struct reading *r, const json_t *raw,
                    struct sori_str parent) {
    struct sori_item item;
    if (!map_one(t, raw, r->post, parent, &item)) {
        turn_reject(t, raw, "a comment of a list has no id");
        return;
    }
    if (s_eq(item.native_id, r->post)) return; /* a conversation may begin with the post itself */
    if (item.said_at > w->newest) {
        w->newest = item.said_at - item.said_at % 1000;
        t->posts.changed = true;
    }
    if (item.said_at && item.said_at < t->from) return;
    turn_comment(t, raw, r->post, &item);
}

/* Instagram: replies are inside their comment, the first fifty of them. */
static enum sori_status replies(struct turn *t, struct watched *w, const struct reading *r,
                                const json_t *comment) {
    struct sori_str parent = fb_id(&t->f->call, comment, "id");
    const json_t *inside = json_object_get(comment, "replies");
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(inside, "data"), i, row) one_row(t, w, r, row, parent);
    struct sori_str page = inside ? turn_next(t, inside) : (struct sori_str){NULL, 0};
    while (page.len && !t->stop && fb_good_id(parent)) {
        struct text query = {0};
        text_lit(&query, "limit=50&fields=");
        percent_encode(&query, s_of(surface_comment_fields(t->f->surface)));
        text_format(&query, "&%.*s", S(page));
        struct graph_answer a =
            graph_get(t->g, GRAPH_AS_TOKEN, arena_format(&t->f->call, "%.*s/replies", S(parent)),
                      text_view(&query));
        text_free(&query);
        struct sori_str next = {NULL, 0};
        enum sori_status s = SORI_OK;
        if (graph_good(&a)) {
            json_array_foreach(json_object_get(a.json, "data"), i, row)
                one_row(t, w, r, row, parent);
            next = turn_next(t, a.json);
        } else {
            s = turn_trouble(t, &a, "reading replies to a comment");
        }
        graph_free(&a);
        if (s != SORI_OK) return s;
        page = s_eq(next, page) ? (struct sori_str){NULL, 0} : next;
    }
    return SORI_OK;
}

static struct sori_str query_of(struct turn *t, const struct reading *r) {
    enum fb_surface surface = t->f->surface;
    struct text q = {0};
    if (surface == FB_PAGE)
        text_format(&q, "filter=stream&order=chronological&limit=%u&live_filter=no_filter",
                    turn_rows(t, 100));
    else if (surface == FB_THREADS)
        text_format(&q, "reverse=false&limit=%u", turn_rows(t, 100));
    else
        text_format(&q, "limit=%u", turn_rows(t, 50));
    const char *fields = surface_comment_fields(surface);
    text_lit(&q, "&fields=");
    percent_encode(&q, s_of(fields));
    if (fb_is_instagram(surface))
        percent_encode(&q, arena_format(&t->f->call, ",replies.limit(50){%s}", fields));
    if (surface == FB_PAGE && r->since > 0)
        text_format(&q, "&since=%lld", (long long)(r->since / 1000));
    if (r->page.len) text_format(&q, "&%.*s", S(r->page));
    return text_keep(&q, &t->f->call);
}

/* Done with this post: `w` may be gone afterwards. */
static void finish(struct turn *t, struct watched *w, const struct reading *r) {
    w->due = w->trouble = false;
    if (r->full) {
        w->sweep = false;
        w->swept = t->now;
    }
    t->posts.changed = true;
}

static void post_gone(struct turn *t, struct watched *w, const struct reading *r) {
    removed(t, r->post, (struct sori_str){NULL, 0}, SORI_KIND_POST);
    finish(t, w, r);
    w->said_at = 0; /* it is not followed any more */
}

/* This post could not be read. The others come first from now on; one that is refused for good
 * waits until its comments are counted differently, or for the next sweep. */
static void put_off(struct turn *t, struct watched *w) {
    w->skipped = true;
    if (t->g->used >= USED_STOP) return; /* it is not to blame */
    w->trouble = t->posts.changed = true;
    w->sweep = false;
    if (t->last != SORI_RETRY) w->due = false;
}

/* One page of the list. `*over`: the reading of this post is finished or left out. */
static enum sori_status page_of(struct turn *t, struct watched *w, struct reading *r, bool *over) {
    const char *edge = t->f->surface == FB_THREADS ? "conversation" : "comments";
    struct graph_answer a =
        graph_get(t->g, GRAPH_AS_TOKEN, arena_format(&t->f->call, "%.*s/%s", S(r->post), edge),
                  query_of(t, r));
    enum sori_status s = SORI_OK;
    if (graph_good(&a)) {
        t->good++;
        t->trouble = 0;
        size_t i;
        json_t *row;
        json_array_foreach(json_object_get(a.json, "data"), i, row) {
            one_row(t, w, r, row, (struct sori_str){NULL, 0});
            if (s == SORI_OK && fb_is_instagram(t->f->surface)) s = replies(t, w, r, row);
        }
        struct sori_str next = turn_next(t, a.json);
        bool circle = next.len && s_eq(next, r->page);
        r->page = next;
        if (!next.len || circle) {
            r->page = (struct sori_str){NULL, 0};
            r->absent = r->full;
            *over = !r->full;
        }
    } else if (turn_shrink(t, &a)) {
        graph_free(&a);
        return SORI_OK;
    } else if (r->page.len && graph_is_stale_cursor(&a)) {
        graph_log(t->g, SORI_LOG_INFO,
                  "comments of %.*s: the place in the list has expired: from its start",
                  S(r->post));
        r->page = (struct sori_str){NULL, 0};
        t->trouble++;
    } else if (graph_is_gone(&a)) {
        t->good++;
        post_gone(t, w, r);
        w->skipped = *over = true;
    } else {
        s = turn_trouble(t, &a, "reading comments");
        if (s == SORI_OK) put_off(t, w);
        *over = true;
    }
    graph_free(&a);
    return s;
}

/* Asks about one comment that the complete list lacks. */
static enum sori_status look_up(struct turn *t, struct known_one one, struct sori_str post) {
    struct sori_str native = known_native(&t->f->call, one.id);
    struct text query = {0};
    text_lit(&query, "fields=");
    percent_encode(&query, s_of(surface_comment_fields(t->f->surface)));
    struct graph_answer a = graph_get(t->g, GRAPH_AS_TOKEN, native, text_view(&query));
    text_free(&query);
    enum sori_status s = SORI_OK;
    if (graph_is_gone(&a)) {
        t->good++;
        removed(t, native, post, SORI_KIND_COMMENT);
        known_drop(&t->known, one.id);
    } else {
        struct sori_item item;
        if (!graph_good(&a))
            s = turn_trouble(t, &a, "reading a comment again");
        else if (map_one(t, a.json, post, (struct sori_str){NULL, 0}, &item))
            turn_comment(t, a.json, post, &item);
        if (graph_good(&a)) t->good++;
        one.seen = true; /* it is there, or cannot be told now: asked again by the next sweep */
        struct known_one *there = known_find(&t->known, one.id);
        if (there && !there->seen) {
            there->seen = true;
            known_touch(&t->known, there);
        }
    }
    graph_free(&a);
    return s;
}

static enum sori_status absent_ones(struct turn *t, const struct reading *r, bool *over) {
    uint32_t post = known_post(r->post);
    int64_t from = (r->since + OVERLAP) / 1000;
    while (!turn_over(t)) {
        const struct known_one *next = NULL;
        for (size_t i = 0; i < t->known.count && !next; i++) {
            const struct known_one *one = &t->known.items[i];
            if (one->post == post && !one->seen && one->said_at >= from) next = one;
        }
        *over = !next;
        if (!next) return SORI_OK;
        enum sori_status s = look_up(t, *next, r->post);
        if (s != SORI_OK) return s;
    }
    return SORI_OK;
}

/* The next post to read: first what has something new, then whose turn it is in the sweep. */
static bool choose(struct turn *t, unsigned *swept, struct reading *r) {
    struct watched *w = NULL;
    for (int trouble = 0; trouble < 2; trouble++)
        for (size_t i = 0; i < t->posts.count && !w; i++) {
            struct watched *one = &t->posts.items[i];
            if (one->due && !one->skipped && one->trouble == (trouble == 1)) w = one;
        }
    bool full = t->f->surface != FB_PAGE; /* the others cannot be asked for new ones only */
    for (size_t i = 0; i < t->posts.count && !w && *swept < SWEEP_POSTS && t->g->used < USED_SLOW;
         i++)
        if (t->posts.items[i].sweep && !t->posts.items[i].skipped) {
            w = &t->posts.items[i];
            full = true;
            (*swept)++;
        }
    if (!w) return false;
    int64_t window = t->now - t->f->window;
    int64_t since = full ? window : w->newest - OVERLAP;
    *r = (struct reading){.post = w->id, .full = full, .since = since > t->from ? since : t->from};
    if (full) known_begin(&t->known, known_post(w->id));
    return true;
}

enum sori_status poll_comments(struct turn *t) {
    struct reading r = {0};
    unsigned swept = 0;
    bool open = reading_read(t, &r);
    while (open || choose(t, &swept, &r)) {
        open = true;
        struct watched *w = posts_find(&t->posts, r.post);
        bool over = false;
        enum sori_status s = SORI_OK;
        while (!over && s == SORI_OK && !turn_over(t))
            s = r.absent ? absent_ones(t, &r, &over) : page_of(t, w, &r, &over);
        if (s != SORI_OK) return s;
        if (!over) {
            reading_keep(t, &r);
            t->more = true;
            return SORI_OK;
        }
        if (!w->skipped) finish(t, w, &r);
        open = false;
        if (turn_over(t)) {
            t->more = true;
            break;
        }
    }
    turn_cursor(t, "reading", (struct sori_str){NULL, 0});
    return SORI_OK;
}
