/* Hearing by asking: what webhooks did not bring, what came before the connection, and what became
 * of older things. One call does a bounded part; cursors and states say where the next goes on:
 *   tasks     what webhooks left to be read
 *   list      posts and mentions; a post whose comments were counted differently becomes due
 *   comments  of the posts that are due, then of those whose turn it is in the slow sweep
 *   messages  conversations that changed */
#include "facebook/subscribe.h"

#include <stdio.h>
#include <stdlib.h>

static void names(char out[16], unsigned shard) { snprintf(out, 16, "known.%u", shard); }

bool turn_over(struct turn *t) {
    const struct sori_host *host = t->f->host;
    return t->stop || t->g->requests >= REQUESTS || t->g->used >= USED_STOP || t->trouble >= 3 ||
           host->left(host) < ENOUGH_LEFT || host->cancelled(host);
}

enum sori_status turn_trouble(struct turn *t, const struct graph_answer *a, const char *doing) {
    enum sori_status s = graph_failed(t->g, a, doing);
    if (s == SORI_OK) return SORI_BUG;
    t->last = s;
    /* The budget is used up: what was read is kept, and the rest waits. */
    if (s == SORI_RATE) return t->good ? SORI_OK : s;
    if (s != SORI_RETRY && s != SORI_PERMANENT && s != SORI_GONE) return s;
    /* One thing that cannot be read hides no other; several in a row are the platform itself. */
    t->trouble++;
    if (t->good == 0 && (s == SORI_RETRY || t->trouble >= 3)) return s;
    graph_log(t->g, SORI_LOG_WARN, "%s: left out this time: HTTP %d, code %d, subcode %d %.*s",
              doing, a->status, a->code, a->subcode, S(a->message));
    return SORI_OK;
}

/* "Please reduce the amount of data you're asking for": code 1, and it stays so until one does. The
 * smaller pages are kept as cursor "shrink"; each sweep tries larger ones again. */
bool turn_shrink(struct turn *t, const struct graph_answer *a) {
    bool asks =
        a->code == 1 && s_find_same(a->message, "reduce the amount of data") < a->message.len;
    if (!asks || t->shrink >= SHRINK_MOST) return false;
    t->shrink++;
    turn_cursor(t, "shrink", arena_format(&t->f->call, "%u", t->shrink));
    return true;
}

unsigned turn_rows(const struct turn *t, unsigned rows) { return rows >> t->shrink; }

void turn_give(struct turn *t, const struct sori_item *item) {
    if (t->sink->item(t->sink, item) == SORI_STOP) t->stop = true;
}

void turn_gauge(struct turn *t, struct sori_str target, const char *cls, int64_t n) {
    if (t->sink->gauge(t->sink, target, s_of(cls), n) == SORI_STOP) t->stop = true;
}

void turn_cursor(struct turn *t, const char *name, struct sori_str value) {
    t->sink->cursor(t->sink, s_of(name), value);
}

struct sori_str turn_cursor_get(struct turn *t, const char *name) {
    return pairs_get(t->poll->cursors, name);
}

void turn_reject(struct turn *t, const json_t *raw, const char *why) {
    char *dump = json_dumps(raw, JSON_COMPACT | JSON_ENCODE_ANY);
    if (t->sink->reject(t->sink, 0, s_of(why), s_of(dump)) == SORI_STOP) t->stop = true;
    free(dump);
}

/* The values of `next` that say where it begins; its token and fields are not among them. */
static struct sori_str from_link(struct turn *t, struct sori_str link) {
    static const char *const kept[] = {"after", "until", "__paging_token", "offset", "page"};
    struct sori_str query = s_from(link, s_find_char(link, '?') + 1), part;
    struct text out = {0};
    while (s_next(&query, '&', &part)) {
        struct sori_str name = s_head(part, s_find_char(part, '='));
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            if (s_is(name, kept[i])) {
                if (out.len) text_char(&out, '&');
                text_str(&out, part);
            }
    }
    return text_keep(&out, &t->f->call);
}

struct sori_str turn_next(struct turn *t, const json_t *answer) {
    const json_t *paging = json_object_get(answer, "paging");
    struct sori_str next = fb_text(paging, "next"), none = {NULL, 0};
    /* No `next` is the end; a short or an empty page is not. */
    if (!next.len) return none;
    struct sori_str after = fb_text(json_object_get(paging, "cursors"), "after");
    if (!after.len) return from_link(t, next);
    struct text out = {0};
    form_add(&out, "after", after);
    return text_keep(&out, &t->f->call);
}

/* ---- one call ---- */

static void load(struct turn *t) {
    const struct sori_host *host = t->f->host;
    posts_load(&t->posts, &t->f->call, host->state_get(host, SORI_STR("posts")));
    for (unsigned i = 0; i < KNOWN_SHARDS; i++) {
        char name[16];
        names(name, i);
        known_load(&t->known, host->state_get(host, s_of(name)));
    }
}

static enum sori_status keep(struct turn *t) {
    const struct sori_host *host = t->f->host;
    enum sori_status s = SORI_OK;
    int64_t since = t->now - t->f->window - FB_DAY;
    posts_trim(&t->posts, since);
    known_trim(&t->known, since);
    if (t->posts.changed) {
        struct text out = {0};
        posts_store(&t->posts, &out);
        s = host->state_put(host, SORI_STR("posts"), text_view(&out));
        text_free(&out);
    }
    for (unsigned i = 0; i < KNOWN_SHARDS && s == SORI_OK; i++) {
        if (!t->known.changed[i]) continue;
        char name[16];
        names(name, i);
        struct text out = {0};
        known_store(&t->known, i, &out);
        s = host->state_put(host, s_of(name), text_view(&out));
        text_free(&out);
    }
    return s;
}

/* Cursor "quiet": until when nothing is read, because the budget belongs to replies. */
static bool quiet(struct turn *t) {
    int64_t until = s_number(turn_cursor_get(t, "quiet"));
    if (until <= t->now) return false;
    struct sori_rate rate = {.struct_size = sizeof rate,
                             .bucket = SORI_STR("polling"),
                             .limit = 100,
                             .remaining = 0,
                             .until = until};
    t->f->host->rate(t->f->host, &rate);
    graph_fail(
        t->g, 0,
        "%s allows no more reading for now; it goes on in %lld minutes. Webhooks and replies "
        "are not held up",
        t->g->place, (long long)((until - t->now) / 60000 + 1));
    return true;
}

static void be_quiet(struct turn *t) {
    if (t->g->used < USED_STOP) return;
    int64_t until = t->now + 10 * 60 * 1000;
    if (t->g->quiet_until > t->now) until = t->g->quiet_until;
    turn_cursor(t, "quiet", arena_format(&t->f->call, "%lld", (long long)until));
    graph_log(
        t->g, SORI_LOG_WARN,
        "%d %% of the calls that %s allows are used: reading stops for %lld minutes, the rest "
        "is kept for replies",
        t->g->used, t->g->place, (long long)((until - t->now) / 60000));
}

static enum sori_status parts(struct turn *t) {
    enum sori_status s = poll_tasks(t);
    if (s == SORI_OK && !turn_over(t)) s = poll_list(t);
    if (s == SORI_OK && !turn_over(t)) s = poll_comments(t);
    if (s == SORI_OK && !turn_over(t) && t->f->messages && t->f->surface != FB_THREADS)
        s = poll_messages(t);
    return s;
}

enum sori_status fb_poll(struct fb *f, const struct sori_poll *poll, const struct sori_sink *sink) {
    fb_begin(f);
    f->live_from = poll->live_from;
    int64_t now = f->host->now(f->host), live = poll->live_from > 0 ? poll->live_from : now;
    struct turn t = {.f = f, .g = &f->graph, .poll = poll, .sink = sink, .now = now};
    t.from = live > f->history ? live - f->history : 0;
    int64_t shrink = s_number(turn_cursor_get(&t, "shrink"));
    t.shrink = shrink > 0 && shrink <= SHRINK_MOST ? (unsigned)shrink : 0;
    if (quiet(&t)) return SORI_RATE;
    struct fb_me me;
    enum sori_status s = fb_who(f, false, &me);
    if (s == SORI_OK) s = fb_who_keep(f, &me);
    if (s != SORI_OK) return s;
    t.map = (struct fb_map){
        .a = &f->call, .surface = f->surface, .own = me.id, .own_name = me.username, .now = now};
    load(&t);
    subscribe_keep(&t, &me);
    s = parts(&t);
    if (s == SORI_OK) s = keep(&t);
    if (s == SORI_OK) be_quiet(&t);
    posts_free(&t.posts);
    known_free(&t.known);
    if (s != SORI_OK) return s;
    if (f->host->cancelled(f->host)) return SORI_CANCELLED;
    return t.stop || (t.more && t.trouble == 0 && f->graph.used < USED_SLOW) ? SORI_AGAIN : SORI_OK;
}
