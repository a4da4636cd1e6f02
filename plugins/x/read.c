/* Reading a list of posts by since_id. Pages run from new to old: where to begin next time is said
 * by the first page, and counts only when the last one was read. A list that is too long for one
 * call is gone on with at the next, from the page it stopped at. */
#include "x/x.h"

enum { OVERLAP_MS = 30000, LEAST_LEFT_MS = 15000, PAGE = 100, MENTIONS_KEPT = 800 };

/* Where a list stands. Two cursors: NAME is "ID READ_AT", NAME/page is "NEWEST READ_AT FROM TOKEN"
 * while pages are left, FROM being "ID" (since then) or "@MS" (from that time). */
struct place {
    struct sori_str newest; /* read to its end up to here; empty: never */
    int64_t read_at;        /* when that was */
    struct sori_str first;  /* newest of the first page of the reading at hand */
    int64_t first_at;
    struct sori_str from, token;
    bool resumed;
};

static struct sori_str word(struct sori_str *rest) {
    struct sori_str part = {NULL, 0};
    s_next(rest, ' ', &part);
    return part;
}

static struct sori_str page_name(struct x *x, const struct x_list *l) {
    return arena_format(&x->call, "%.*s/page", S(l->name));
}

static struct place find_place(struct x *x, const struct x_list *l, struct sori_pairs cursors) {
    struct place p = {0};
    struct sori_str at = pairs_get(cursors, l->name.ptr);
    p.newest = word(&at);
    p.read_at = s_number(word(&at));
    struct sori_str page = pairs_get(cursors, page_name(x, l).ptr);
    if (!page.len) return p;
    p.first = word(&page);
    p.first_at = s_number(word(&page));
    p.from = word(&page);
    p.token = page;
    p.resumed = p.token.len > 0;
    if (!x_is_id(p.first)) p.first = (struct sori_str){NULL, 0};
    return p;
}

/* Where a fresh reading begins; tells the gap where X has forgotten what we want. */
static void begin(struct x *x, const struct x_list *l, const struct sori_poll *poll,
                  const struct sori_sink *sink, struct place *p) {
    int64_t now = x->host->now(x->host), oldest = l->reach ? now - l->reach + 60000 : 0;
    p->first_at = now;
    p->first = p->token = (struct sori_str){NULL, 0};
    if (!x_is_id(p->newest)) {
        int64_t start = poll->live_from - x->conf.history;
        if (start < oldest) start = oldest;
        p->from = arena_format(&x->call, "@%lld", (long long)start);
        return;
    }
    int64_t last = x_id_time(p->newest);
    if (l->reach && last && last < oldest) {
        p->from = arena_format(&x->call, "@%lld", (long long)oldest);
        if (p->read_at > 0 && p->read_at < oldest)
            sink->gap(sink, p->read_at, oldest, SORI_STR("X's search goes back seven days only"));
        return;
    }
    /* The newest seconds may not have been listed yet when we looked. */
    struct sori_str settled =
        x_time_id(&x->call, p->read_at > OVERLAP_MS ? p->read_at - OVERLAP_MS : 0);
    p->from = p->read_at > 0 && x_id_compare(settled, p->newest) < 0 ? settled : p->newest;
}

static struct x_answer ask(struct x *x, const struct x_list *l, struct sori_str from, int64_t to,
                           struct sori_str token) {
    struct text q = {0};
    bool search = l->query.len > 0;
    if (search) x_param(&q, "query", l->query);
    x_param(&q, "max_results", SORI_STR("100"));
    if (from.len && from.ptr[0] == '@')
        x_param(&q, "start_time", x_stamp(&x->call, s_number(s_from(from, 1))));
    else if (from.len)
        x_param(&q, "since_id", from);
    /* X counts in seconds, and the end is not part of it: what was said in its second is. */
    if (to) x_param(&q, "end_time", x_stamp(&x->call, to + 999));
    if (token.len) x_param(&q, search ? "next_token" : "pagination_token", token);
    x_fields(&q);
    struct x_request r = {.method = "GET",
                          .as = search ? X_AS_APP : X_AS_USER,
                          .path = l->path,
                          .query = text_view(&q),
                          .bucket = l->bucket};
    struct x_answer a = x_ask(x, &r);
    text_free(&q);
    return a;
}

/* What a page held. */
struct page {
    struct sori_str newest; /* in the call's arena */
    struct sori_str next;
    size_t posts;
    bool stopped; /* the sink wants no more: the page is not done */
};

/* Posts that were paid for already are read again for nothing. */
static struct page give(struct x *x, const struct x_list *l, const json_t *json,
                        struct sori_str paid, const struct sori_sink *sink) {
    struct x_page view =
        x_page_of(&x->conf, &x->call, json_object_get(json, "includes"), l->hint, false);
    const json_t *meta = json_object_get(json, "meta"), *data = json_object_get(json, "data"),
                 *post;
    struct page p = {.newest = x_id(&x->call, meta, "newest_id"),
                     .next = arena_copy(&x->call, x_str(meta, "next_token"))};
    int64_t cost = 0;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)data, i, post) {
        struct sori_str id = x_id(&x->call, post, "id");
        enum sori_more more;
        if (!x_is_id(p.newest) || (x_is_id(id) && x_id_compare(id, p.newest) > 0)) p.newest = id;
        if (!paid.len || x_id_compare(id, paid) > 0) cost += l->price;
        p.posts++;
        if (!x_give(&view, post, sink, &more))
            x_keep(&view, sink, "a post without an id", post);
        else if (more == SORI_STOP)
            p.stopped = true;
        if (p.stopped) break;
    }
    if (!x_is_id(p.newest)) p.newest = (struct sori_str){NULL, 0};
    p.newest = arena_copy(&x->call, p.newest);
    x_spend(x, l->bucket, cost);
    x_count_polled(x, (size_t)(cost / l->price));
    return p;
}

static void take_room(const struct x_list *l, size_t posts) {
    *l->room = posts >= *l->room ? 0 : *l->room - (uint32_t)posts;
}

static void finish(struct x *x, const struct x_list *l, const struct place *p,
                   const struct sori_sink *sink) {
    struct sori_str newest = p->newest;
    if (p->first.len && (!newest.len || x_id_compare(p->first, newest) > 0)) newest = p->first;
    /* Nothing was ever there: the next reading begins where this one looked. */
    if (!newest.len) newest = x_time_id(&x->call, p->first_at - OVERLAP_MS);
    sink->cursor(sink, l->name,
                 arena_format(&x->call, "%.*s %lld", S(newest), (long long)p->first_at));
    sink->cursor(sink, page_name(x, l), (struct sori_str){NULL, 0});
}

static void pause_at(struct x *x, const struct x_list *l, const struct place *p,
                     const struct sori_sink *sink) {
    sink->cursor(sink, page_name(x, l),
                 arena_format(&x->call, "%.*s %lld %.*s %.*s",
                              S(p->first.len ? p->first : SORI_STR("-")), (long long)p->first_at,
                              S(p->from), S(p->token)));
}

/* X refuses a since_id that its search has forgotten, and a token that grew old. */
static bool begin_again(struct x *x, const struct x_list *l, const struct x_answer *a,
                        struct place *p, bool *again) {
    if (*again || a->sent != SORI_OK || a->status != 400) return false;
    bool aged = l->reach && p->from.len && p->from.ptr[0] != '@' &&
                s_find(a->detail, "since_id") < a->detail.len;
    if (!aged && !p->resumed) return false;
    *again = true;
    if (aged)
        p->from =
            arena_format(&x->call, "@%lld", (long long)(x->host->now(x->host) - l->reach + 60000));
    p->token = (struct sori_str){NULL, 0};
    p->resumed = false;
    return true;
}

enum sori_status x_read_list(struct x *x, const struct x_list *l, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    struct place p = find_place(x, l, poll->cursors);
    if (!p.resumed) begin(x, l, poll, sink, &p);
    bool again = false;
    for (size_t total = 0;;) {
        if (*l->room == 0 || x->host->left(x->host) < LEAST_LEFT_MS || !x_may_read(x)) {
            if (p.token.len) pause_at(x, l, &p, sink);
            return SORI_AGAIN;
        }
        struct x_answer a = ask(x, l, p.from, 0, p.token);
        if (begin_again(x, l, &a, &p, &again)) {
            x_answer_free(&a);
            continue;
        }
        enum sori_status s = x_verdict(x, &a, l->bucket);
        struct page page = {0};
        if (s == SORI_OK) page = give(x, l, a.json, p.newest, sink);
        x_answer_free(&a);
        if (s != SORI_OK) {
            if (p.token.len) pause_at(x, l, &p, sink);
            return s;
        }
        if (!p.token.len) p.first = page.newest;
        take_room(l, page.posts);
        total += page.posts;
        if (page.stopped) {
            if (p.token.len) pause_at(x, l, &p, sink);
            return SORI_AGAIN;
        }
        p.token = page.next;
        p.resumed = false;
        if (!p.token.len) {
            if (!l->reach && total >= MENTIONS_KEPT && p.read_at > 0)
                sink->gap(sink, p.read_at, p.first_at,
                          SORI_STR("X lists the newest 800 mentions only"));
            finish(x, l, &p, sink);
            return SORI_OK;
        }
    }
}

enum sori_status x_read_window(struct x *x, const struct x_list *l, int64_t from, int64_t to,
                               struct sori_str *token, const struct sori_sink *sink) {
    struct sori_str since = arena_format(&x->call, "@%lld", (long long)from);
    for (;;) {
        if (*l->room == 0 || x->host->left(x->host) < LEAST_LEFT_MS || !x_may_read(x))
            return SORI_AGAIN;
        struct x_answer a = ask(x, l, since, to, *token);
        if (a.sent == SORI_OK && a.status == 400 && token->len) {
            x_answer_free(&a);
            *token = (struct sori_str){NULL, 0};
            continue;
        }
        enum sori_status s = x_verdict(x, &a, l->bucket);
        struct page page = {0};
        if (s == SORI_OK) page = give(x, l, a.json, (struct sori_str){NULL, 0}, sink);
        x_answer_free(&a);
        if (s != SORI_OK) return s;
        take_room(l, page.posts);
        if (page.stopped) return SORI_AGAIN;
        *token = page.next;
        if (!token->len) return SORI_OK;
    }
}
