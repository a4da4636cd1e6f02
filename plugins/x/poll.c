/* The poll lane: mentions and searches are read, what a stream missed is read after it, and X is
 * told what it shall send. A part that X refuses for now waits for itself; the others go on. */
#include "x/x.h"

#include <stdio.h>

enum { WEEK_MS = 7 * 86400000, SEARCH_LAG_MS = 30000, MISSED_STEP_MS = 30000, QUERY_MAX = 512 };

static struct sori_str nothing(void) { return (struct sori_str){NULL, 0}; }

static struct sori_str state(struct x *x, const char *name) {
    return arena_copy(&x->call, x->host->state_get(x->host, s_of(name)));
}

static void remember(struct x *x, const char *name, struct sori_str value) {
    x->host->state_put(x->host, s_of(name), value);
}

/* ---- one part after the other ---- */

/* How the parts of a poll went. */
struct went {
    size_t good;
    int64_t waiting;        /* until when the first of those that wait for a limit does; 0 none */
    bool more;              /* a part has more to give at once */
    enum sori_status worst; /* of those that failed */
};

static int64_t waits_until(struct x *x, const char *part) {
    char name[64];
    snprintf(name, sizeof name, "wait.%s", part);
    int64_t until = s_number(state(x, name));
    return until > x->host->now(x->host) ? until : 0;
}

/* A part that may not be asked again before that time: the others are. */
static void wait_for(struct x *x, const char *part, int64_t until) {
    char name[64];
    snprintf(name, sizeof name, "wait.%s", part);
    remember(x, name, arena_format(&x->call, "%lld", (long long)until));
}

static void waits(struct went *w, int64_t until) {
    if (!w->waiting || until < w->waiting) w->waiting = until;
}

static int rank(enum sori_status s) {
    switch (s) {
    case SORI_AUTH: return 6;
    case SORI_CONFIG: return 5;
    case SORI_CANCELLED: return 4;
    case SORI_BUG: return 4;
    case SORI_RATE: return 3;
    case SORI_PERMANENT:
    case SORI_GONE: return 2;
    default: return 1;
    }
}

static void ended(struct x *x, struct went *w, const char *part, enum sori_status s) {
    if (s == SORI_OK || s == SORI_AGAIN) {
        w->good++;
        w->more = w->more || s == SORI_AGAIN;
        return;
    }
    if (w->worst == SORI_OK || rank(s) > rank(w->worst)) w->worst = s;
    int64_t now = x->host->now(x->host);
    if (s == SORI_RATE) {
        if (!x->penniless) wait_for(x, part, x->until);
        waits(w, x->until);
    } else {
        x_log(x, SORI_LOG_WARN, "%.*s: %s could not be read; the other parts go on",
              S(x->connection), part);
        if (s == SORI_PERMANENT || s == SORI_GONE) wait_for(x, part, now + 900000);
    }
}

/* ---- the lists ---- */

static struct x_list mentions(struct x *x, uint32_t *room) {
    return (struct x_list){.bucket = "mentions",
                           .name = SORI_STR("mentions"),
                           .path =
                               arena_format(&x->call, "/2/users/%.*s/mentions", S(x->conf.user_id)),
                           .hint = X_HINT_LISTED,
                           .price = X_PRICE_OWN_READ,
                           .room = room};
}

static struct x_list search(struct x *x, struct sori_str query, uint32_t *room) {
    return (struct x_list){
        .bucket = "search",
        .name = arena_format(&x->call, "search/%016llx", (unsigned long long)hash_bytes(0, query)),
        .path = SORI_STR("/2/tweets/search/recent"),
        .query = query,
        .price = X_PRICE_READ,
        .reach = WEEK_MS,
        .room = room};
}

static void read_all(struct x *x, const struct sori_poll *p, const struct sori_sink *sink,
                     uint32_t *room, struct went *w) {
    if (x->conf.receive & X_MENTIONS) {
        int64_t until = waits_until(x, "mentions");
        if (until) {
            waits(w, until);
        } else {
            struct x_list l = mentions(x, room);
            ended(x, w, "mentions", x_read_list(x, &l, p, sink));
        }
    }
    if (!(x->conf.receive & X_SEARCH)) return;
    struct sori_str rest = x->conf.watch, line;
    while (s_next(&rest, '\n', &line)) {
        line = s_trim(line);
        if (!line.len) continue;
        struct x_list l = search(x, line, room);
        /* A limit is for all searches, a mistake for the one that has it. */
        int64_t all = waits_until(x, "search"), one = waits_until(x, l.name.ptr);
        if (all || one) {
            waits(w, all > one ? all : one);
            continue;
        }
        if (line.len > QUERY_MAX && !x->conf.enterprise) {
            x_log(x, SORI_LOG_WARN,
                  "watch \"%.*s…\" is longer than the 512 characters that X "
                  "searches for",
                  S(utf8_cut(line, 60)));
            wait_for(x, l.name.ptr, x->host->now(x->host) + 86400000);
            continue;
        }
        enum sori_status s = x_read_list(x, &l, p, sink);
        ended(x, w, s == SORI_RATE ? "search" : l.name.ptr, s);
    }
}

/* ---- what a stream missed ---- */

/* State "missed": "FROM TO END INDEX TOKEN", until all of it was read. */
struct missed {
    int64_t from, to; /* what is not read yet */
    int64_t end;      /* of the part that is being read, from `from` on; 0: none is */
    int64_t index;    /* of the list that is being read */
    struct sori_str token;
};

static struct missed read_missed(struct x *x, const char *name) {
    struct sori_str s = state(x, name), part;
    struct missed m = {0};
    if (s_next(&s, ' ', &part)) m.from = s_number(part);
    if (s_next(&s, ' ', &part)) m.to = s_number(part);
    if (s_next(&s, ' ', &part)) m.end = s_number(part);
    if (s_next(&s, ' ', &part)) m.index = s_number(part);
    m.token = s;
    return m;
}

/* What is left to read; what the host tells is told again until a poll ends with OK. */
static struct missed missed_of(struct x *x, const struct sori_poll *p) {
    struct missed m = read_missed(x, "missed"), was = read_missed(x, "missed.read");
    int64_t from = SORI_HAS(p, missed_to) ? p->missed_from : 0;
    int64_t to = SORI_HAS(p, missed_to) ? p->missed_to : 0;
    if (from >= was.from && from < was.to) from = was.to;
    if (x->missed_to) { /* by the webhook: what is told of streams besides is told again */
        from = x->missed_from;
        to = x->missed_to;
    }
    if (to <= from || to <= 0) return m;
    if (m.to <= 0) return (struct missed){.from = from, .to = to};
    if (to > m.to) m.to = to;
    if (from < m.from) m = (struct missed){.from = from, .to = m.to};
    return m;
}

static void put_missed(struct x *x, const char *name, const struct missed *m) {
    remember(x, name,
             m->to ? arena_format(&x->call, "%lld %lld %lld %lld %.*s", (long long)m->from,
                                  (long long)m->to, (long long)m->end, (long long)m->index,
                                  S(m->token))
                   : nothing());
}

/* Search lists a post half a minute after it was said. While a stream stays away, what it misses
 * grows: it is read in parts of half a minute at least. */
static bool choose_end(struct missed *m, int64_t now) {
    int64_t settled = now - SEARCH_LAG_MS;
    if (m->end) return true;
    if (settled < m->to && settled - m->from < MISSED_STEP_MS) return false;
    m->end = settled < m->to ? settled : m->to;
    return true;
}

/* The list that fills the gap of number `index`: the watches of the stream, then mentions for the
 * events of our account; false behind the last. What is polled anyway has no gap. */
static bool gap_list(struct x *x, int64_t index, uint32_t *room, struct x_list *l) {
    unsigned ways = x->conf.receive;
    struct sori_str rest = x->conf.watch, line;
    while ((ways & X_STREAM) && !(ways & X_SEARCH) && s_next(&rest, '\n', &line)) {
        line = s_trim(line);
        if (!line.len || line.len > QUERY_MAX) continue;
        if (index-- == 0) {
            *l = search(x, line, room);
            return true;
        }
    }
    if ((ways & X_ACTIVITY) && !(ways & X_MENTIONS) && index-- == 0) {
        *l = mentions(x, room);
        return true;
    }
    return false;
}

/* Reads the part in hand, list by list. False where the rest of it waits for the next call. */
static bool fill_part(struct x *x, struct missed *m, int64_t from, const struct sori_sink *sink,
                      uint32_t *room, struct went *w) {
    struct x_list l;
    while (from < m->end && gap_list(x, m->index, room, &l)) {
        enum sori_status s = x_read_window(x, &l, from, m->end, &m->token, sink);
        bool stays = s == SORI_AGAIN || s == SORI_RATE || s == SORI_RETRY || s == SORI_AUTH ||
                     s == SORI_CANCELLED;
        if (s == SORI_OK || stays)
            ended(x, w, "missed", s);
        else /* this one can never be read: say so, and go on with the next */
            sink->gap(sink, from, m->end,
                      arena_format(&x->call, "X does not let us read %s afterwards: %.*s", l.bucket,
                                   S(l.query)));
        if (stays) return false;
        m->index++;
        m->token = nothing();
    }
    return true;
}

static void fill(struct x *x, const struct sori_poll *p, const struct sori_sink *sink,
                 uint32_t *room, struct went *w) {
    struct missed m = missed_of(x, p);
    int64_t now = x->host->now(x->host), oldest = now - WEEK_MS + 60000;
    if (!m.to) return;
    int64_t from = m.from < oldest ? oldest : m.from;
    if (from > m.from && !m.end)
        sink->gap(sink, m.from, m.to < oldest ? m.to : oldest,
                  SORI_STR("X's search goes back seven days only"));
    bool ready = !waits_until(x, "missed") && choose_end(&m, now);
    if (!ready || !fill_part(x, &m, from, sink, room, w)) {
        put_missed(x, "missed", &m);
        return;
    }
    struct missed was = read_missed(x, "missed.read");
    if (was.to != m.from) was.from = m.from;
    put_missed(x, "missed.read", &(struct missed){.from = was.from, .to = m.end});
    put_missed(x, "missed",
               m.end < m.to ? &(struct missed){.from = m.end, .to = m.to} : &(struct missed){0});
}

/* ---- streams ---- */

static enum sori_status want(struct x *x, const char *name, const char *path, bool fields) {
    const struct sori_stream_host *h =
        x->host->extension ? x->host->extension(x->host, SORI_STREAM_ID) : NULL;
    if (!h) {
        x_fail(x, 0, "this Sori holds no streams: take stream and activity out of receive");
        return SORI_CONFIG;
    }
    struct text q = {0};
    if (fields) x_fields(&q);
    struct sori_stream s = {.struct_size = sizeof s,
                            .auth_scheme = SORI_AUTH_BEARER,
                            .name = s_of(name),
                            .url = arena_format(&x->call, "%.*s%s%s%.*s", S(x->conf.api), path,
                                                q.len ? "?" : "", S(text_view(&q))),
                            .auth_slot = SORI_STR("bearer")};
    text_free(&q);
    return h->want(x->host, &s);
}

static void keep_streams(struct x *x, const struct sori_sink *sink, struct went *w) {
    size_t rules = 0;
    enum sori_status s = waits_until(x, "usage") ? SORI_OK : x_count_streamed(x);
    if (s != SORI_OK) ended(x, w, "usage", s);
    s = SORI_OK;
    if (x->conf.receive & X_STREAM) {
        s = waits_until(x, "rules") ? SORI_OK : x_keep_rules(x, &rules);
        if (s != SORI_OK) ended(x, w, "rules", s);
        /* What X had before keeps flowing while its rules cannot be looked at. */
        if (!rules) rules = (size_t)(s_number(state(x, "rules.count")) > 0);
        if (rules) {
            s = want(x, "stream", "/2/tweets/search/stream", true);
            ended(x, w, "stream", s);
        }
    }
    if (!(x->conf.receive & X_ACTIVITY)) return;
    s = waits_until(x, "events") ? SORI_OK : x_keep_events(x);
    if (s != SORI_OK) ended(x, w, "events", s);
    if (!x->conf.webhook.len) {
        ended(x, w, "activity", want(x, "activity", "/2/activity/stream", false));
        return;
    }
    w->good++;
    s = waits_until(x, "replay") ? SORI_OK : x_replay(x, sink);
    if (s != SORI_OK) ended(x, w, "replay", s);
}

/* ---- the whole ---- */

static struct x_answer who(struct x *x) {
    struct x_request r = {
        .method = "GET", .as = X_AS_USER, .path = SORI_STR("/2/users/me"), .bucket = "users"};
    return x_ask(x, &r);
}

/* X said that an account took its access back: is it ours? */
static enum sori_status revoked(struct x *x, const struct sori_poll *p,
                                const struct sori_sink *sink) {
    enum sori_status s = SORI_OK;
    for (size_t i = 0; i < p->task_count && s == SORI_OK; i++) {
        const struct sori_task *t = (const void *)((const char *)p->tasks + i * p->task_stride);
        if (s_is(t->key, "revoked")) {
            struct x_answer a = who(x);
            s = x_verdict(x, &a, "asking whose access was taken back");
            x_spend(x, "users", X_PRICE_USER);
            x_answer_free(&a);
        }
        if (s == SORI_OK && sink->task_done) sink->task_done(sink, t->key);
    }
    return s;
}

/* The budget is used up: streams are closed by one good poll that does not want them, then nothing
 * is read until the day is over. */
static enum sori_status too_dear(struct x *x) {
    int64_t until = x_midnight(x);
    struct sori_str day = arena_format(&x->call, "%lld", (long long)until);
    if (!s_eq(state(x, "budget"), day)) {
        remember(x, "budget", day);
        x_log(x, SORI_LOG_WARN,
              "%.*s: nine tenths of daily_budget are spent: nothing is read before midnight UTC, "
              "answers go on",
              S(x->connection));
        return SORI_OK;
    }
    struct sori_rate r = {
        .struct_size = sizeof r, .bucket = SORI_STR("budget"), .limit = 1, .until = until};
    x->host->rate(x->host, &r);
    x_fail(x, 0,
           "nine tenths of daily_budget are spent: nothing is read before midnight UTC, answers go "
           "on");
    return SORI_RATE;
}

/* Nothing was done, because all of it waits. */
static enum sori_status all_wait(struct x *x, const struct went *w) {
    if (x->penniless) return SORI_RATE; /* as was told */
    struct sori_rate r = {
        .struct_size = sizeof r, .bucket = SORI_STR("polls"), .limit = 1, .until = w->waiting};
    x->host->rate(x->host, &r);
    if (w->worst == SORI_OK)
        x_fail(x, 0,
               "X asked us to slow down, or takes none of the watches: it is asked again at "
               "%.*s",
               S(x_stamp(&x->call, w->waiting)));
    return SORI_RATE;
}

enum sori_status x_poll(struct x *x, const struct sori_poll *p, const struct sori_sink *sink) {
    x->penniless = false;
    x->until = x->missed_from = x->missed_to = 0;
    enum sori_status s = revoked(x, p, sink);
    if (s != SORI_OK) return s;
    if (!x_may_read(x)) return too_dear(x);
    uint32_t room = p->limit ? p->limit : 500;
    struct went w = {0};
    keep_streams(x, sink, &w);
    if (w.worst != SORI_AUTH && w.worst != SORI_CONFIG) {
        read_all(x, p, sink, &room, &w);
        fill(x, p, sink, &room, &w);
    }
    if (w.worst == SORI_AUTH || w.worst == SORI_CONFIG || w.worst == SORI_CANCELLED) return w.worst;
    if (!w.good && w.waiting) return all_wait(x, &w);
    if (!w.good && w.worst != SORI_OK) return w.worst;
    if (!x_may_read(x)) return SORI_OK; /* the next one says why */
    return w.more ? SORI_AGAIN : SORI_OK;
}
