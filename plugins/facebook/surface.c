/* What differs between Pages, Instagram and Threads when they are read, and who we are there. */
#include "facebook/poll.h"

#define PAGE_POST                                                                                  \
    "id,message,story,created_time,updated_time,from,permalink_url,status_type,is_hidden,"         \
    "is_published,parent_id,shares,reactions.summary(total_count).limit(0),"                       \
    "comments.filter(stream).summary(total_count).limit(0)"
#define PAGE_COMMENT                                                                               \
    "id,message,from,created_time,parent{id},attachment,is_hidden,can_hide,can_comment,can_like,"  \
    "can_remove,can_reply_privately,like_count,comment_count,permalink_url,message_tags,is_"       \
    "private"
#define GRAM_MEDIA                                                                                 \
    "id,caption,media_type,media_url,permalink,timestamp,username,owner,comments_count,like_count"
#define GRAM_COMMENT "id,text,timestamp,username,from,parent_id,hidden,like_count,media"
#define THREAD                                                                                     \
    "id,text,username,timestamp,permalink,media_type,media_url,replied_to,root_post,is_reply,"     \
    "is_reply_owned_by_me,hide_status,reply_audience,has_replies,is_quote_post,quoted_post,"       \
    "reposted_post"
#define MESSAGE "id,created_time,from,to,message,attachments"

static const struct edge page_edges[] = {
    {"feed", PAGE_POST, EDGE_POSTS, true, true, true, 100},
    {"visitor_posts", PAGE_POST, EDGE_POSTS, true, false, true, 100},
    {"tagged", "id,message,tagged_time,created_time,from,permalink_url", EDGE_MENTIONS, true, false,
     true, 100},
    {"published_posts", PAGE_POST, EDGE_POSTS, false, false, true, 100},
    {"ratings",
     "created_time,has_rating,has_review,rating,recommendation_type,review_text,reviewer,"
     "open_graph_story{id}",
     EDGE_RATINGS, false, false, false, 100},
};
static const struct edge gram_edges[] = {
    {"media", GRAM_MEDIA, EDGE_POSTS, true, true, true, 50},
    {"tags", GRAM_MEDIA, EDGE_MENTIONS, true, false, false, 50},
};
static const struct edge thread_edges[] = {
    {"threads", THREAD, EDGE_POSTS, true, true, true, 100},
    {"mentions", THREAD, EDGE_MENTIONS, true, false, true, 100},
};

const struct edge *surface_edges(enum fb_surface surface, size_t *count) {
    if (surface == FB_PAGE) {
        *count = sizeof page_edges / sizeof *page_edges;
        return page_edges;
    }
    if (surface == FB_THREADS) {
        *count = sizeof thread_edges / sizeof *thread_edges;
        return thread_edges;
    }
    *count = sizeof gram_edges / sizeof *gram_edges;
    return gram_edges;
}

const char *surface_comment_fields(enum fb_surface surface) {
    return surface == FB_PAGE ? PAGE_COMMENT : surface == FB_THREADS ? THREAD : GRAM_COMMENT;
}

const char *surface_post_fields(enum fb_surface surface) {
    return surface == FB_PAGE ? PAGE_POST : surface == FB_THREADS ? THREAD : GRAM_MEDIA;
}

const char *surface_message_fields(enum fb_surface surface) {
    (void)surface;
    return MESSAGE;
}

void fb_begin(struct fb *f) {
    struct graph *g = &f->graph;
    struct sori_str base = f->host_url;
    while (base.len && base.ptr[base.len - 1] == '/') base.len--;
    g->host = f->host;
    g->call = &f->call;
    g->base = arena_format(&f->call, "%.*s/%.*s", S(base), S(f->version));
    g->app = f->app;
    g->token = fb_token_slot(f->surface);
    g->place = f->surface == FB_PAGE      ? "Facebook"
               : f->surface == FB_THREADS ? "Threads"
                                          : "Instagram";
    /* The proof is of tokens that Facebook's own login gives. */
    g->proof = f->surface == FB_PAGE || f->surface == FB_INSTAGRAM;
    graph_begin(g);
}

/* State "me": "ASKED OPTIONS ID USERNAME NAME"; "-" for what is not known. */
static bool remembered(struct fb *f, uint64_t options, struct fb_me *me) {
    struct sori_str s = arena_copy(&f->call, f->host->state_get(f->host, SORI_STR("me")));
    struct sori_str asked, made, id, username;
    if (!s_next(&s, ' ', &asked) || !s_next(&s, ' ', &made) || !s_next(&s, ' ', &id) ||
        !s_next(&s, ' ', &username))
        return false;
    if (!s_eq(made, arena_format(&f->call, "%llx", (unsigned long long)options))) return false;
    *me = (struct fb_me){id, s_is(username, "-") ? (struct sori_str){NULL, 0} : username, s};
    int64_t age = f->host->now(f->host) - s_number(asked);
    return fb_good_id(id) && age >= 0 && age < FB_DAY;
}

static uint64_t options_of(const struct fb *f) {
    uint64_t h = hash_bytes((uint64_t)f->surface + 1, f->account);
    h = hash_bytes(hash_bytes(h, SORI_STR("\n")), f->page);
    return hash_bytes(hash_bytes(h, SORI_STR("\n")), f->host_url);
}

enum sori_status fb_who_keep(struct fb *f, const struct fb_me *me) {
    struct fb_me before;
    if (!fb_good_id(me->id) || remembered(f, options_of(f), &before)) return SORI_OK;
    struct sori_str value =
        arena_format(&f->call, "%lld %llx %.*s %.*s %.*s", (long long)f->host->now(f->host),
                     (unsigned long long)options_of(f), S(me->id),
                     S(fb_good_id(me->username) ? me->username : SORI_STR("-")), S(me->name));
    return f->host->state_put(f->host, SORI_STR("me"), value);
}

static void ask_for(struct fb *f, struct sori_str *path, struct sori_str *query) {
    bool linked = f->surface == FB_INSTAGRAM && !f->account.len;
    *path = f->account.len ? f->account : linked && f->page.len ? f->page : SORI_STR("me");
    *query = f->surface == FB_PAGE              ? SORI_STR("fields=id,name")
             : linked                           ? SORI_STR("fields=instagram_business_account%7B"
                                                                                     "id,username,name%7D")
             : f->surface == FB_INSTAGRAM_LOGIN ? SORI_STR("fields=id,user_id,username,name")
                                                : SORI_STR("fields=id,username,name");
}

enum sori_status fb_who(struct fb *f, bool fresh, struct fb_me *me) {
    *me = (struct fb_me){.id = f->account};
    if (!fresh && remembered(f, options_of(f), me)) return SORI_OK;
    struct sori_str path, query;
    ask_for(f, &path, &query);
    struct graph_answer a = graph_get(&f->graph, GRAPH_AS_TOKEN, path, query);
    enum sori_status s = SORI_OK;
    if (graph_good(&a)) {
        const json_t *who = json_object_get(a.json, "instagram_business_account");
        if (!who) who = a.json;
        struct sori_str id = fb_id(&f->call, who, "user_id");
        if (!id.len) id = fb_id(&f->call, who, "id");
        *me =
            (struct fb_me){arena_copy(&f->call, id), arena_copy(&f->call, fb_text(who, "username")),
                           arena_copy(&f->call, fb_text(who, "name"))};
        if (!fb_good_id(me->id)) me->id = f->account;
    } else {
        s = graph_failed(&f->graph, &a, "reading who we are");
    }
    graph_free(&a);
    if (s == SORI_OK && !me->id.len && f->surface == FB_INSTAGRAM) {
        graph_fail(&f->graph, 0,
                   "the Page of this token has no Instagram account linked to it: "
                   "link one in the Page's settings, or set account");
        return SORI_CONFIG;
    }
    if (s == SORI_OK && !me->id.len) {
        graph_fail(&f->graph, 0, "%s does not say whose token this is: set account",
                   f->graph.place);
        return SORI_CONFIG;
    }
    /* What the options say is enough to go on with. */
    bool can_go_on = (s == SORI_PERMANENT || s == SORI_GONE) && f->account.len && !fresh;
    return can_go_on ? SORI_OK : s;
}
