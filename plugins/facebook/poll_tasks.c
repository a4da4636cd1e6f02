/* What a webhook told too little about: read by its id, a bounded number of times. */
#include "facebook/poll.h"

enum { TRIES = 5, FIRST_WAIT = 60 * 1000 };

/* State "tries": "KEY N" a line. */
static int64_t tries_of(struct sori_str state, struct sori_str key) {
    struct sori_str line, name;
    while (s_next(&state, '\n', &line))
        if (s_next(&line, '\t', &name) && s_eq(name, key)) return s_number(line);
    return 0;
}

static struct sori_str tries_put(struct arena *a, struct sori_str state, struct sori_str key,
                                 int64_t n) {
    struct text out = {0};
    struct sori_str line;
    if (n > 0) text_format(&out, "%.*s\t%lld\n", S(key), (long long)n);
    while (s_next(&state, '\n', &line) && out.len < 32768) {
        struct sori_str rest = line, name;
        if (s_next(&rest, '\t', &name) && s_eq(name, key)) continue;
        text_str(&out, line);
        text_char(&out, '\n');
    }
    return text_keep(&out, a);
}

/* The fields that are asked for, and where: Instagram's mentions are members of our account. */
static void place_of(struct turn *t, const struct fb_task *k, struct sori_str *path,
                     struct text *query) {
    enum fb_surface surface = t->f->surface;
    struct arena *a = &t->f->call;
    *path = k->id;
    const char *fields = k->want == FB_WANT_MESSAGE ? surface_message_fields(surface)
                         : k->want == FB_WANT_COMMENT || k->want == FB_WANT_MENTION_COMMENT
                             ? surface_comment_fields(surface)
                             : surface_post_fields(surface);
    if (k->want == FB_WANT_MENTION_POST) fields = "id,message,created_time,from,permalink_url";
    text_lit(query, "fields=");
    if (k->want == FB_WANT_MEDIA || k->want == FB_WANT_MEDIA_COMMENT) {
        *path = t->map.own;
        struct sori_str inner =
            k->want == FB_WANT_MEDIA
                ? arena_format(a,
                               "mentioned_media.media_id(%.*s){id,caption,media_type,permalink,"
                               "timestamp,username,owner}",
                               S(k->id))
                : arena_format(a,
                               "mentioned_comment.comment_id(%.*s){id,text,timestamp,username,"
                               "media{id,permalink}}",
                               S(k->id));
        percent_encode(query, inner);
    } else {
        percent_encode(query, s_of(fields));
    }
}

static bool map_read(struct turn *t, const struct fb_task *k, const json_t *json,
                     struct sori_item *item) {
    const struct fb_map *m = &t->map;
    const struct sori_str none = {NULL, 0};
    bool page = t->f->surface == FB_PAGE, good = false;
    switch (k->want) {
    case FB_WANT_MENTION_COMMENT:
    case FB_WANT_COMMENT:
        good = page                          ? fb_map_comment(m, json, k->other, item)
               : t->f->surface == FB_THREADS ? fb_map_thread(m, json, item)
                                             : fb_map_media_comment(m, json, k->other, none, item);
        if (good && k->want == FB_WANT_MENTION_COMMENT) item->kind = SORI_KIND_MENTION;
        return good;
    case FB_WANT_MENTION_POST:
    case FB_WANT_POST:
        return page                          ? fb_map_post(m, json, item)
               : t->f->surface == FB_THREADS ? fb_map_thread(m, json, item)
                                             : fb_map_media(m, json, item);
    case FB_WANT_MEDIA:
        return fb_map_mentioned(m, json_object_get(json, "mentioned_media"), k->id, item);
    case FB_WANT_MEDIA_COMMENT:
        return fb_map_mentioned(m, json_object_get(json, "mentioned_comment"), k->other, item);
    case FB_WANT_THREAD: return fb_map_thread(m, json, item);
    case FB_WANT_MESSAGE: return fb_map_message(m, json, item);
    case FB_WANT_FEED:
    case FB_WANT_WATCH:
    case FB_WANT_PROFILE:
    case FB_WANTS: break;
    }
    return false;
}

static void finished(struct turn *t, const struct sori_task *task, struct sori_str *tries) {
    t->sink->task_done(t->sink, task->key);
    *tries = tries_put(&t->f->call, *tries, task->key, 0);
}

/* Tried again after 1, 4, 9, … minutes; then given up, and said so. */
static void later(struct turn *t, const struct sori_task *task, struct sori_str *tries,
                  const char *why) {
    int64_t n = tries_of(*tries, task->key) + 1;
    if (n >= TRIES) {
        graph_log(t->g, SORI_LOG_WARN, "%.*s could not be read in %d tries and stays as it is: %s",
                  S(task->body), TRIES, why);
        finished(t, task, tries);
        return;
    }
    t->sink->task(t->sink, task->key, task->body, t->now + n * n * FIRST_WAIT);
    *tries = tries_put(&t->f->call, *tries, task->key, n);
}

/* A removal is only what was ours to see: a mention in someone's own post may merely be private. */
static void gone(struct turn *t, const struct fb_task *k) {
    if (k->want != FB_WANT_COMMENT && k->want != FB_WANT_POST && k->want != FB_WANT_THREAD) return;
    struct sori_item said = {.struct_size = sizeof said,
                             .kind = k->want == FB_WANT_POST ? SORI_KIND_POST : SORI_KIND_COMMENT,
                             .space = fb_space(t->f->surface),
                             .native_id = k->id,
                             .target = k->other};
    struct sori_item state = fb_state_item(&said, SORI_EVENT_REMOVED);
    turn_give(t, &state);
}

static enum sori_status person(struct turn *t, const struct sori_task *task, struct sori_str id,
                               struct profiles *profiles, struct sori_str *tries) {
    struct sori_str why = {NULL, 0};
    enum sori_status s = SORI_OK;
    switch (profile_read(t, profiles, id, &why, &s)) {
    case PROFILE_OVER: finished(t, task, tries); break;
    case PROFILE_LATER: later(t, task, tries, why.ptr); break;
    case PROFILE_STOP: break; /* it is due again with the next poll */
    }
    return s == SORI_RATE && t->good ? SORI_OK : s;
}

static enum sori_status one_task(struct turn *t, const struct sori_task *task,
                                 struct profiles *profiles, struct sori_str *tries) {
    struct fb_task k;
    if (!fb_task_read(task->body, &k)) {
        graph_log(t->g, SORI_LOG_WARN, "a task that nobody understands is dropped: %.*s",
                  S(task->body));
        finished(t, task, tries);
        return SORI_OK;
    }
    if (k.want == FB_WANT_FEED) {
        /* Something changed, nobody said what: the comments of all recent posts are read. */
        for (size_t i = 0; i < t->posts.count; i++)
            if (t->posts.items[i].said_at > t->now - RECENT)
                t->posts.items[i].due = t->posts.changed = true;
        finished(t, task, tries);
        return SORI_OK;
    }
    if (k.want == FB_WANT_WATCH) { /* due at once where it is new */
        posts_add(&t->posts, &t->f->call, k.id, t->now);
        finished(t, task, tries);
        return SORI_OK;
    }
    if (k.want == FB_WANT_PROFILE) return person(t, task, k.id, profiles, tries);
    struct sori_str path;
    struct text query = {0};
    place_of(t, &k, &path, &query);
    struct graph_answer a = graph_get(t->g, GRAPH_AS_TOKEN, path, text_view(&query));
    text_free(&query);
    enum sori_status s = SORI_OK;
    struct sori_item item;
    if (graph_good(&a)) {
        t->good++;
        t->trouble = 0;
        if (!map_read(t, &k, a.json, &item)) {
            later(t, task, tries, "the answer has no id");
        } else {
            /* Both ways: news of hiding and showing may have come in the wrong order. */
            bool hidden = fb_is_hidden(a.json);
            struct sori_item state =
                fb_state_item(&item, hidden ? SORI_EVENT_HIDDEN : SORI_EVENT_SHOWN);
            turn_give(t, &item);
            if (k.want == FB_WANT_COMMENT || k.want == FB_WANT_POST || hidden) turn_give(t, &state);
            finished(t, task, tries);
        }
    } else if (graph_is_gone(&a)) {
        gone(t, &k);
        finished(t, task, tries);
    } else {
        s = graph_failed(t->g, &a, "reading what a webhook announced");
        if (s == SORI_PERMANENT || s == SORI_GONE || (s == SORI_RETRY && a.sent == SORI_OK)) {
            later(t, task, tries,
                  arena_format(&t->f->call, "code %d %.*s", a.code, S(a.message)).ptr);
            s = SORI_OK;
        } else if (s == SORI_RATE && t->good) {
            s = SORI_OK; /* it is due again with the next poll */
        }
    }
    graph_free(&a);
    return s;
}

enum sori_status poll_tasks(struct turn *t) {
    const struct sori_poll *p = t->poll;
    if (!SORI_HAS(p, task_count) || !p->task_count) return SORI_OK;
    const struct sori_host *host = t->f->host;
    struct sori_str before = arena_copy(&t->f->call, host->state_get(host, SORI_STR("tries")));
    struct sori_str tries = before;
    struct profiles profiles = {
        .asked = arena_copy(&t->f->call, host->state_get(host, SORI_STR("profiles")))};
    enum sori_status s = SORI_OK;
    for (size_t i = 0; i < p->task_count && s == SORI_OK && !turn_over(t); i++) {
        const struct sori_task *task =
            (const void *)((const char *)p->tasks + i * (size_t)p->task_stride);
        s = one_task(t, task, &profiles, &tries);
    }
    if (s == SORI_OK && !s_eq(before, tries)) s = host->state_put(host, SORI_STR("tries"), tries);
    if (s == SORI_OK && profiles.changed)
        s = host->state_put(host, SORI_STR("profiles"), profiles.asked);
    return s;
}
