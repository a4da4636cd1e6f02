#include "facebook/subscribe.h"

struct sori_str subscribe_fields(const struct fb *f) {
    switch (f->surface) {
    case FB_PAGE:
        return f->messages ? SORI_STR("feed,mention,ratings,messages,message_echoes,"
                                      "message_edits,message_reactions,messaging_postbacks")
                           : SORI_STR("feed,mention,ratings");
    case FB_INSTAGRAM: return SORI_STR("feed");
    case FB_INSTAGRAM_LOGIN:
        return f->messages ? SORI_STR("comments,live_comments,mentions,messages,message_reactions")
                           : SORI_STR("comments,live_comments,mentions");
    case FB_THREADS: break;
    }
    return (struct sori_str){NULL, 0};
}

struct sori_str subscribe_node(const struct fb *f, const struct fb_me *me) {
    if (f->surface == FB_PAGE) return me->id;
    return f->surface == FB_INSTAGRAM && f->page.len ? f->page : SORI_STR("me");
}

static bool holds(const json_t *have, struct sori_str name) {
    size_t i;
    json_t *one;
    json_array_foreach(have, i, one) {
        const char *s = json_string_value(json_is_object(one) ? json_object_get(one, "name") : one);
        if (s && s_is(name, s)) return true;
    }
    return false;
}

struct sori_str subscribe_missing(struct fb *f, struct sori_str wanted, const json_t *have) {
    struct text out = {0};
    struct sori_str one;
    while (s_next(&wanted, ',', &one)) {
        if (holds(have, one)) continue;
        if (out.len) text_char(&out, ' ');
        text_str(&out, one);
    }
    return text_keep(&out, &f->call);
}

static struct sori_str path_of(struct fb *f, const struct fb_me *me) {
    return arena_format(&f->call, "%.*s/subscribed_apps", S(subscribe_node(f, me)));
}

enum sori_status subscribe_read(struct fb *f, const struct fb_me *me, bool *ours,
                                struct sori_str *missing) {
    *ours = false;
    *missing = (struct sori_str){NULL, 0};
    struct graph_answer a =
        graph_get(&f->graph, GRAPH_AS_TOKEN, path_of(f, me), (struct sori_str){NULL, 0});
    enum sori_status s = SORI_OK;
    const json_t *fields = NULL;
    if (graph_good(&a)) {
        size_t i;
        json_t *one;
        json_array_foreach(json_object_get(a.json, "data"), i, one) {
            /* A Page's token shows the apps of its own app's maker; without our id any will do. */
            if (f->app.len && !s_eq(fb_id(&f->call, one, "id"), f->app)) continue;
            *ours = true;
            fields = json_object_get(one, "subscribed_fields");
        }
        *missing = subscribe_missing(f, subscribe_fields(f), fields);
    } else {
        s = graph_failed(&f->graph, &a, "reading what is subscribed");
    }
    graph_free(&a);
    return s;
}

enum sori_status subscribe_set(struct fb *f, const struct fb_me *me) {
    struct text form = {0};
    form_add(&form, "subscribed_fields", subscribe_fields(f));
    struct graph_answer a =
        graph_send(&f->graph, SORI_HTTP_SETUP, "POST", path_of(f, me), text_view(&form));
    text_free(&form);
    enum sori_status s = graph_good(&a) ? SORI_OK : graph_failed(&f->graph, &a, "subscribing");
    graph_free(&a);
    return s;
}

/* Cursor "subscribed": when this was last looked at. */
void subscribe_keep(struct turn *t, const struct fb_me *me) {
    struct fb *f = t->f;
    if (!f->subscribe || !subscribe_fields(f).len) return;
    int64_t looked = s_number(turn_cursor_get(t, "subscribed"));
    if (looked > 0 && t->now - looked < FB_DAY) return;
    bool ours;
    struct sori_str missing;
    enum sori_status s = subscribe_read(f, me, &ours, &missing);
    if (s == SORI_OK && (!ours || missing.len)) {
        s = subscribe_set(f, me);
        if (s == SORI_OK)
            graph_log(&f->graph, SORI_LOG_INFO, "subscribed to %.*s", S(subscribe_fields(f)));
    }
    if (s != SORI_OK)
        graph_log(
            &f->graph, SORI_LOG_WARN,
            "webhooks could not be subscribed: polling hears the same, later; `sori connection "
            "check` tells what is missing");
    turn_cursor(t, "subscribed", arena_format(&f->call, "%lld", (long long)t->now));
}
