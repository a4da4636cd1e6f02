/* Who wrote us a message: webhooks of conversations bring an id and no name. The platform tells it
 * of people who wrote first, and not of all of them; who was asked for is not asked for again for a
 * day, whatever the answer was. */
#include "facebook/poll.h"

enum { STATE_MOST = 32 * 1024 };

static bool asked_lately(const struct turn *t, struct sori_str asked, struct sori_str id) {
    struct sori_str line, name;
    while (s_next(&asked, '\n', &line)) {
        if (!s_next(&line, '\t', &name) || !s_eq(name, id)) continue;
        int64_t age = t->now - s_number(line);
        return age >= 0 && age < FB_PROFILE_AGAIN;
    }
    return false;
}

/* The newest first; what is over a day old, and what is too much, goes. */
static void note(struct turn *t, struct profiles *p, struct sori_str id) {
    struct text out = {0};
    struct sori_str rest = p->asked, line;
    text_format(&out, "%.*s\t%lld\n", S(id), (long long)t->now);
    while (s_next(&rest, '\n', &line)) {
        struct sori_str at = line, name;
        bool good = s_next(&at, '\t', &name) && !s_eq(name, id);
        if (!good || t->now - s_number(at) >= FB_PROFILE_AGAIN) continue;
        if (out.len + line.len + 1 > STATE_MOST) break;
        text_str(&out, line);
        text_char(&out, '\n');
    }
    p->asked = text_keep(&out, &t->f->call);
    p->changed = true;
}

static void tell(struct turn *t, struct sori_str id, const json_t *who) {
    struct arena *a = &t->f->call;
    struct sori_author author = {
        .struct_size = sizeof author, .space = fb_space(t->f->surface), .id = id};
    struct sori_str username = fb_text(who, "username"), first = fb_text(who, "first_name"),
                    last = fb_text(who, "last_name");
    author.name = s_trim(fb_text(who, "name"));
    if (!author.name.len) author.name = s_trim(arena_format(a, "%.*s %.*s", S(first), S(last)));
    if (!author.name.len) author.name = username;
    if (fb_is_instagram(t->f->surface) && fb_good_id(username))
        author.url = arena_format(a, "https://www.instagram.com/%.*s", S(username));
    if (!author.name.len) return; /* answered, and nothing was said */
    if (t->sink->author(t->sink, &author) == SORI_STOP) t->stop = true;
}

enum profile_end profile_read(struct turn *t, struct profiles *p, struct sori_str id,
                              struct sori_str *why, enum sori_status *status) {
    *status = SORI_OK;
    if (!SORI_HAS(t->sink, author) || asked_lately(t, p->asked, id)) return PROFILE_OVER;
    const char *query = fb_is_instagram(t->f->surface) ? "fields=name,username"
                                                       : "fields=name,first_name,last_name";
    struct graph_answer a = graph_get(t->g, GRAPH_AS_TOKEN, id, s_of(query));
    enum profile_end end = PROFILE_OVER;
    if (graph_good(&a)) {
        t->good++;
        t->trouble = 0;
        tell(t, id, a.json);
    } else if (!graph_is_gone(&a)) {
        enum sori_status s = graph_failed(t->g, &a, "reading who wrote a message");
        bool refused = s == SORI_PERMANENT || s == SORI_GONE;
        if (refused)
            graph_log(t->g, SORI_LOG_DEBUG, "the profile of %.*s is not for us: code %d %.*s",
                      S(id), a.code, S(a.message));
        else if (s == SORI_RETRY && a.sent == SORI_OK)
            end = PROFILE_LATER;
        else
            end = PROFILE_STOP;
        if (end == PROFILE_LATER)
            *why = arena_format(&t->f->call, "code %d %.*s", a.code, S(a.message));
        if (end == PROFILE_STOP) *status = s;
    }
    graph_free(&a);
    if (end == PROFILE_OVER) note(t, p, id);
    return end;
}
