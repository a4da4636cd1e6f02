/* Reading conversations: what Messenger's or Instagram's webhooks did not bring. */
#include "facebook/poll.h"

enum { CONVERSATIONS = 25, PAGES_INSIDE = 20 };

/* Cursor "messages": "SINCE NEWEST PAGE": read down to SINCE; NEWEST is the next SINCE. */
struct place {
    int64_t since, newest;
    struct sori_str page;
};

static struct place place_read(struct turn *t) {
    struct sori_str c = turn_cursor_get(t, "messages"), since = {NULL, 0}, newest = {NULL, 0};
    struct place p = {0};
    if (s_next(&c, ' ', &since) && s_next(&c, ' ', &newest))
        p = (struct place){s_number(since), s_number(newest), c};
    if (p.since <= 0) p = (struct place){.since = t->from};
    if (p.newest < 0) p.newest = 0;
    return p;
}

static void place_keep(struct turn *t, const struct place *p) {
    turn_cursor(t, "messages",
                arena_format(&t->f->call, "%lld %lld %.*s", (long long)p->since,
                             (long long)p->newest, S(p->page)));
}

/* Gives the messages of one page, newest first as they come. True where an older page may hold more
 * that is wanted. */
static bool give_page(struct turn *t, const struct place *p, const json_t *list) {
    size_t i;
    json_t *row;
    bool older = true;
    json_array_foreach(json_object_get(list, "data"), i, row) {
        struct sori_item item;
        if (!fb_map_message(&t->map, row, &item)) {
            turn_reject(t, row, "a message has no id");
            continue;
        }
        if (item.said_at && item.said_at < p->since) {
            older = false;
            continue;
        }
        turn_give(t, &item);
    }
    return older;
}

static enum sori_status conversation(struct turn *t, const struct place *p, const json_t *one) {
    const json_t *messages = json_object_get(one, "messages");
    struct sori_str id = fb_id(&t->f->call, one, "id");
    bool older = give_page(t, p, messages);
    struct sori_str page = messages && older ? turn_next(t, messages) : (struct sori_str){NULL, 0};
    for (int n = 0; page.len && n < PAGES_INSIDE && fb_good_id(id) && !t->stop; n++) {
        struct text query = {0};
        text_lit(&query, "limit=50&fields=");
        percent_encode(&query, s_of(surface_message_fields(t->f->surface)));
        text_format(&query, "&%.*s", S(page));
        struct graph_answer a =
            graph_get(t->g, GRAPH_AS_TOKEN, arena_format(&t->f->call, "%.*s/messages", S(id)),
                      text_view(&query));
        text_free(&query);
        enum sori_status s = SORI_OK;
        page.len = 0;
        if (!graph_good(&a))
            s = turn_trouble(t, &a, "reading a conversation");
        else if (give_page(t, p, a.json))
            page = turn_next(t, a.json);
        graph_free(&a);
        if (s != SORI_OK) return s;
    }
    return SORI_OK;
}

static struct graph_answer ask(struct turn *t, const struct place *p) {
    struct fb *f = t->f;
    struct text query = {0};
    text_format(&query,
                "platform=%s&limit=%d&fields=", f->surface == FB_PAGE ? "MESSENGER" : "INSTAGRAM",
                CONVERSATIONS);
    percent_encode(&query,
                   arena_format(&f->call, "id,updated_time,participants,messages.limit(25){%s}",
                                surface_message_fields(f->surface)));
    if (p->page.len) text_format(&query, "&%.*s", S(p->page));
    /* Instagram's conversations hang on the Page where the token is a Page's. */
    struct sori_str owner = f->surface == FB_INSTAGRAM ? f->page : t->map.own;
    struct sori_str path =
        arena_format(&f->call, "%.*s/conversations", S(owner.len ? owner : SORI_STR("me")));
    struct graph_answer a = graph_get(t->g, GRAPH_AS_TOKEN, path, text_view(&query));
    text_free(&query);
    return a;
}

/* A token that may not read conversations is asked again after a day. */
static enum sori_status refused(struct turn *t, const struct graph_answer *a) {
    const char *doing = "reading conversations";
    enum sori_status s = graph_failed(t->g, a, doing);
    if (s != SORI_PERMANENT && s != SORI_GONE) return turn_trouble(t, a, doing);
    graph_log(t->g, SORI_LOG_WARN,
              "conversations cannot be read with this token (code %d: %.*s): set messages = false "
              "where they are not wanted",
              a->code, S(a->message));
    turn_cursor(t, "no-messages", arena_format(&t->f->call, "%lld", (long long)t->now));
    return SORI_OK;
}

enum sori_status poll_messages(struct turn *t) {
    int64_t without = s_number(turn_cursor_get(t, "no-messages"));
    if (without > 0 && t->now - without < FB_DAY) return SORI_OK;
    struct place p = place_read(t);
    while (true) {
        struct graph_answer a = ask(t, &p);
        enum sori_status s = SORI_OK;
        bool older = true;
        struct sori_str next = {NULL, 0};
        if (graph_good(&a)) {
            t->good++;
            t->trouble = 0;
            size_t i;
            json_t *one;
            json_array_foreach(json_object_get(a.json, "data"), i, one) {
                int64_t at = fb_time(one, "updated_time");
                if (at > p.newest) p.newest = at;
                if (at && at < p.since)
                    older = false;
                else if (s == SORI_OK)
                    s = conversation(t, &p, one);
            }
            if (older) next = turn_next(t, a.json);
        } else if (p.page.len && graph_is_stale_cursor(&a)) {
            t->trouble++;
            p.page.len = 0;
            graph_free(&a);
            if (!turn_over(t)) continue;
            place_keep(t, &p);
            return SORI_OK;
        } else {
            s = refused(t, &a);
            graph_free(&a);
            return s; /* the place stays where it was */
        }
        graph_free(&a);
        if (s != SORI_OK) return s;
        bool circle = next.len && s_eq(next, p.page);
        p.page = next;
        if (!next.len || circle) {
            if (p.newest > p.since + OVERLAP) p.since = p.newest - OVERLAP;
            p = (struct place){.since = p.since};
            place_keep(t, &p);
            return SORI_OK;
        }
        place_keep(t, &p);
        if (turn_over(t)) {
            t->more = true;
            return SORI_OK;
        }
    }
}
