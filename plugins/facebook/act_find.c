/* Had it happened? The list where it would be is read to its end, and what is there compared. Only
 * a complete list proves that something is absent. */
#include "facebook/act.h"

enum { PAGES = 50, SLACK = 2 * 60 * 1000 };
static const struct sori_str nothing = {NULL, 0};

/* One search: what was met so far. */
struct search {
    struct deed *d;
    const char *text, *time; /* how the list calls its members */
    struct sori_str parent;  /* a row with another parent is not it; empty: any */
    bool top;                /* a row with a parent is not it */
    size_t matches;
    size_t unsure; /* the same words, and nobody says by whom */
    struct sori_str id, url;
};

static int64_t since_of(const struct deed *d) {
    int64_t since = SORI_HAS(d->action, since) ? d->action->since : 0;
    return since > SLACK ? since - SLACK : 0;
}

/* 1 ours, 0 another's, -1 not told. */
static int is_ours(const struct deed *d, const json_t *row) {
    if (fb_true(row, "is_reply_owned_by_me")) return 1;
    const json_t *from = json_object_get(row, "from");
    struct sori_str id = fb_id(d->g->call, from, "id"), name = fb_text(from, "username");
    if (!name.len) name = fb_text(row, "username");
    if (id.len && (s_eq(id, d->me.id) || s_eq(id, d->f->page))) return 1;
    if (name.len && d->me.username.len) return s_eq(name, d->me.username);
    return id.len ? 0 : -1;
}

static struct sori_str parent_of(const struct deed *d, const json_t *row) {
    struct sori_str id = fb_id(d->g->call, json_object_get(row, "parent"), "id");
    if (!id.len) id = fb_id(d->g->call, row, "parent_id");
    if (!id.len) id = fb_id(d->g->call, json_object_get(row, "replied_to"), "id");
    return d->f->surface == FB_PAGE ? fb_comment_id(id) : id;
}

static void look_at(struct search *s, const json_t *row) {
    struct deed *d = s->d;
    int64_t at = fb_time(row, s->time);
    if (at && at < since_of(d)) return;
    if (!text_is_ours(d->g->call, d->action->text, fb_text(row, s->text))) return;
    struct sori_str parent = parent_of(d, row);
    if (s->top && parent.len && !s_eq(parent, d->action->native_id)) return;
    if (s->parent.len && parent.len && !s_eq(parent, s->parent)) return;
    int ours = is_ours(d, row);
    if (ours == 0) return;
    if (ours < 0) {
        s->unsure++;
        return;
    }
    struct sori_str id = fb_id(d->g->call, row, "id");
    if (!fb_good_id(id)) return;
    if (d->f->surface == FB_PAGE && strcmp(s->text, "message") == 0) id = fb_comment_id(id);
    s->matches++;
    s->id = arena_copy(d->g->call, id);
    struct sori_str url = fb_text(row, "permalink_url");
    if (!url.len) url = fb_text(row, "permalink");
    s->url = arena_copy(d->g->call, url);
}

static void look_in(struct search *s, const json_t *list) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(list, "data"), i, row) {
        look_at(s, row);
        /* Instagram keeps replies inside their comment. */
        const json_t *inside = json_object_get(row, "replies");
        if (inside) look_in(s, inside);
    }
}

static struct sori_str next_of(struct deed *d, const json_t *answer) {
    struct turn t = {.f = d->f};
    return turn_next(&t, answer);
}

/* Reads a list to its end. OK: all of it was read. */
static enum sori_act_status read_all(struct search *s, struct sori_str path,
                                     struct sori_str query) {
    struct deed *d = s->d;
    struct sori_str page = nothing;
    for (int n = 0; n < PAGES; n++) {
        struct sori_str whole =
            page.len ? arena_format(d->g->call, "%.*s&%.*s", S(query), S(page)) : query;
        struct graph_answer a = graph_get(d->g, GRAPH_AS_TOKEN, path, whole);
        if (!graph_good(&a)) {
            enum sori_act_status failed = graph_refused(d->g, &a, true, "looking for what we said");
            graph_free(&a);
            return failed;
        }
        look_in(s, a.json);
        struct sori_str next = next_of(d, a.json);
        graph_free(&a);
        if (!next.len || s_eq(next, page)) return SORI_ACT_OK;
        page = next;
    }
    graph_fail(d->g, 0, "more than %d pages since then: not all were read", PAGES);
    return SORI_ACT_UNKNOWN_OUTCOME;
}

static enum sori_act_status verdict(struct search *s, enum sori_act_status read) {
    struct deed *d = s->d;
    if (read == SORI_ACT_PERMANENT) return SORI_ACT_UNKNOWN_OUTCOME; /* it may not be listed */
    if (read != SORI_ACT_OK) return read;
    if (s->matches == 1) {
        deed_made(d, s->id, s->url.len ? s->url : deed_url(d, s->id));
        return SORI_ACT_OK;
    }
    if (s->matches > 1) {
        graph_fail(d->g, 0, "%zu of ours with this text are there", s->matches);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (s->unsure) {
        graph_fail(d->g, 0,
                   "this text is there, but %s does not tell by whom: does the token have "
                   "pages_read_engagement?",
                   d->g->place);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    return SORI_ACT_ABSENT;
}

static struct sori_str with_fields(const struct deed *d, const char *before, const char *fields) {
    struct text q = {0};
    text_lit(&q, before);
    text_lit(&q, "fields=");
    percent_encode(&q, s_of(fields));
    int64_t since = since_of(d);
    if (since && d->f->surface == FB_PAGE)
        text_format(&q, "&since=%lld", (long long)(since / 1000));
    return text_keep(&q, d->g->call);
}

/* Facebook keeps two levels: what answers a reply stands under the comment that begins the thread.
 */
static struct sori_str thread_of(const struct deed *d) {
    const struct sori_action *a = d->action;
    bool reply = deed_on(d) == ON_COMMENT && a->parent.len && !s_eq(a->parent, a->target) &&
                 !s_eq(a->parent, a->native_id);
    return reply ? a->parent : a->native_id;
}

enum sori_act_status find_reply(struct deed *d) {
    struct search s = {.d = d, .text = "text", .time = "timestamp"};
    struct sori_str under = thread_of(d), path, query;
    if (d->f->surface == FB_PAGE) {
        s.text = "message";
        s.time = "created_time";
        bool post = deed_on(d) == ON_POST || deed_on(d) == ON_MENTION;
        s.top = post;
        path = arena_format(d->g->call, "%.*s/comments", S(under));
        query = with_fields(d, "filter=stream&order=chronological&limit=100&",
                            "id,message,from,created_time,parent{id},permalink_url");
    } else if (d->f->surface == FB_THREADS) {
        s.parent = d->action->native_id;
        path = arena_format(d->g->call, "%.*s/replies", S(d->action->native_id));
        query = with_fields(d, "reverse=false&limit=100&",
                            "id,text,username,timestamp,permalink,replied_to,is_reply_owned_by_me");
    } else if (deed_on(d) == ON_MENTION) {
        graph_fail(d->g, 0,
                   "answers to a mention stand under another's post, which Instagram does "
                   "not list for us");
        return SORI_ACT_UNKNOWN_OUTCOME;
    } else {
        bool post = deed_on(d) == ON_POST;
        path = arena_format(d->g->call, "%.*s/%s", S(under), post ? "comments" : "replies");
        query = with_fields(d, "limit=50&", "id,text,timestamp,username,from,parent_id");
    }
    enum sori_act_status read = read_all(&s, path, query);
    return verdict(&s, read);
}

enum sori_act_status find_published(struct deed *d) {
    bool page = d->f->surface == FB_PAGE;
    struct search s = {.d = d,
                       .text = page ? "message" : "text",
                       .time = page ? "created_time" : "timestamp",
                       .top = !page};
    struct sori_str query =
        page ? with_fields(d, "limit=100&", "id,message,from,created_time,permalink_url")
             : with_fields(d, "limit=100&", "id,text,username,timestamp,permalink,replied_to");
    if (!page && since_of(d))
        query =
            arena_format(d->g->call, "%.*s&since=%lld", S(query), (long long)(since_of(d) / 1000));
    struct sori_str path =
        arena_format(d->g->call, "%.*s/%s", S(d->me.id), page ? "feed" : "threads");
    enum sori_act_status read = read_all(&s, path, query);
    return verdict(&s, read);
}

/* ---- messages ---- */

enum sori_act_status find_message(struct deed *d) {
    struct search s = {.d = d, .text = "message", .time = "created_time"};
    struct text q = {0};
    text_format(&q, "platform=%s", d->f->surface == FB_PAGE ? "MESSENGER" : "INSTAGRAM");
    form_add(&q, "user_id", d->action->author_id);
    form_add(&q, "fields", SORI_STR("messages.limit(100){id,created_time,from,message}"));
    struct sori_str path = arena_format(d->g->call, "%.*s/conversations", S(deed_mailbox(d)));
    struct graph_answer a = graph_get(d->g, GRAPH_AS_TOKEN, path, text_view(&q));
    text_free(&q);
    enum sori_act_status read = SORI_ACT_OK;
    const json_t *all = json_object_get(a.json, "data");
    if (!graph_good(&a)) read = graph_refused(d->g, &a, true, "looking for our message");
    bool more = false;
    size_t i;
    json_t *one;
    if (read == SORI_ACT_OK) json_array_foreach(all, i, one) {
            const json_t *list = json_object_get(one, "messages");
            const json_t *rows = json_object_get(list, "data");
            const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
            look_in(&s, list);
            more = more || (next_of(d, list).len && fb_time(last, "created_time") >= since_of(d));
        }
    bool none = json_array_size(all) == 0;
    graph_free(&a);
    if (read == SORI_ACT_OK && s.matches == 0 && (more || none)) {
        graph_fail(d->g, 0, "the conversation with this person could not be read to its end");
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    return verdict(&s, read);
}

/* A Page's comment knows the conversation that its private reply began. */
enum sori_act_status find_private_reply(struct deed *d) {
    if (d->f->surface != FB_PAGE) return find_message(d);
    struct search s = {.d = d, .text = "message", .time = "created_time"};
    struct text q = {0};
    form_add(&q, "fields",
             SORI_STR("can_reply_privately,private_reply_conversation{messages.limit(100){id,"
                      "created_time,from,message}}"));
    struct graph_answer a = graph_get(d->g, GRAPH_AS_TOKEN, d->action->native_id, text_view(&q));
    text_free(&q);
    enum sori_act_status read = SORI_ACT_OK;
    if (!graph_good(&a)) read = graph_refused(d->g, &a, true, "looking for our private reply");
    const json_t *list = fb_at(a.json, "private_reply_conversation", "messages");
    look_in(&s, list);
    bool open = fb_true(a.json, "can_reply_privately");
    graph_free(&a);
    if (read == SORI_ACT_OK && s.matches == 0 && !open) {
        graph_fail(d->g, 0, "Facebook does not show whether this comment was answered privately");
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    return verdict(&s, read);
}

/* ---- states ---- */

/* Do we stand among those who like it? -1: it could not be told. */
static int likes_it(struct deed *d, enum sori_act_status *failed) {
    struct sori_str page = nothing;
    for (int n = 0; n < PAGES; n++) {
        struct sori_str query =
            arena_format(d->g->call, "fields=id&limit=100%s%.*s", page.len ? "&" : "", S(page));
        struct graph_answer a = graph_get(d->g, GRAPH_AS_TOKEN, deed_path(d, "/likes"), query);
        if (!graph_good(&a)) {
            *failed = graph_refused(d->g, &a, true, "looking for our like");
            graph_free(&a);
            return -1;
        }
        bool found = false;
        size_t i;
        json_t *row;
        json_array_foreach(json_object_get(a.json, "data"), i, row) found =
            found || s_eq(fb_id(d->g->call, row, "id"), d->me.id);
        struct sori_str next = next_of(d, a.json);
        graph_free(&a);
        if (found) return 1;
        if (!next.len || s_eq(next, page)) return 0;
        page = next;
    }
    *failed = SORI_ACT_UNKNOWN_OUTCOME;
    return -1;
}

static enum sori_act_status find_like(struct deed *d, bool on) {
    enum sori_act_status failed = SORI_ACT_UNKNOWN_OUTCOME;
    int now = likes_it(d, &failed);
    if (now < 0) return failed;
    return (now == 1) == on ? SORI_ACT_OK : SORI_ACT_ABSENT;
}

enum sori_act_status find_state(struct deed *d) {
    uint32_t verb = d->action->verb;
    if (verb == SORI_VERB_LIKE || verb == SORI_VERB_UNLIKE)
        return find_like(d, verb == SORI_VERB_LIKE);
    enum fb_surface surface = d->f->surface;
    const char *fields = surface == FB_PAGE      ? "fields=id,is_hidden,message"
                         : surface == FB_THREADS ? "fields=id,hide_status,text"
                                                 : "fields=id,hidden,text";
    struct graph_answer a = graph_get(d->g, GRAPH_AS_TOKEN, d->action->native_id, s_of(fields));
    enum sori_act_status s = SORI_ACT_ABSENT;
    if (graph_is_gone(&a))
        s = verb == SORI_VERB_DELETE ? SORI_ACT_OK : SORI_ACT_GONE;
    else if (!graph_good(&a))
        s = graph_refused(d->g, &a, true, "looking how it stands");
    else if (verb == SORI_VERB_EDIT)
        s = text_is_ours(d->g->call, d->action->text, fb_text(a.json, "message")) ? SORI_ACT_OK
                                                                                  : SORI_ACT_ABSENT;
    else if (verb == SORI_VERB_HIDE || verb == SORI_VERB_UNHIDE)
        s = fb_is_hidden(a.json) == (verb == SORI_VERB_HIDE) ? SORI_ACT_OK : SORI_ACT_ABSENT;
    graph_free(&a);
    return s == SORI_ACT_PERMANENT ? SORI_ACT_UNKNOWN_OUTCOME : s;
}
