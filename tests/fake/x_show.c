/* A post of the fake X as it is shown: the people that a reply goes to in front, short links,
 * &amp;, and of its members only what was asked for by a field or an expansion. */
#include "fake/x.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOTE_FROM = 280, NOTE_SHOWN = 276 };

struct x_view x_view_of(const struct ask *a) {
    const char *fields = json_text(a->query, "tweet.fields");
    return (struct x_view){fields, json_text(a->query, "expansions")};
}

static bool wants(const struct x_view *v, const char *field) {
    return !v->fields || x_has(v->fields, field);
}

static bool expands(const struct x_view *v, const char *what) {
    return !v->expansions || x_has(v->expansions, what);
}

/* ---- the text ---- */

static bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Where we are in the text: offsets count code points. */
struct dressing {
    struct fake *f;
    struct buf *out;
    size_t code;
    json_t *urls, *names, *tags;
};

static void put_link(struct dressing *d, const char *p, size_t len) {
    char link[32];
    snprintf(link, sizeof link, "https://t.co/fake%06zu", json_array_size(d->urls) + 1);
    json_array_append_new(d->urls,
                          json_pack("{s:I, s:I, s:s, s:s%, s:s%}", "start", (json_int_t)d->code,
                                    "end", (json_int_t)(d->code + strlen(link)), "url", link,
                                    "expanded_url", p, len, "display_url", p, len));
    buf_puts(d->out, link);
    d->code += strlen(link);
}

static void note_name(struct dressing *d, const char *name, size_t len) {
    json_t *one = json_pack("{s:I, s:I, s:s%}", "start", (json_int_t)d->code, "end",
                            (json_int_t)(d->code + len + 1), "username", name, len);
    json_t *user = x_user_named(d->f, name, len);
    if (user) json_object_set(one, "id", json_object_get(user, "id"));
    json_array_append_new(d->names, one);
}

static void note_words(struct dressing *d, const char *raw, const char *p) {
    bool first = p == raw || p[-1] == ' ' || p[-1] == '\n';
    size_t len = 0;
    if (!first || (*p != '@' && *p != '#')) return;
    if (*p == '@') {
        while (name_char(p[1 + len])) len++;
        if (len) note_name(d, p + 1, len);
        return;
    }
    len = strcspn(p + 1, " \n#@");
    if (len)
        json_array_append_new(d->tags,
                              json_pack("{s:I, s:I, s:s%}", "start", (json_int_t)d->code, "end",
                                        (json_int_t)(d->code + 1), "tag", p + 1, len));
}

static json_t *dress(struct fake *f, const char *raw, struct buf *out) {
    struct dressing d = {f, out, 0, json_array(), json_array(), json_array()};
    for (const char *p = raw; *p;) {
        size_t n = 1;
        if (strncmp(p, "http://", 7) == 0 || strncmp(p, "https://", 8) == 0) {
            n = strcspn(p, " \t\r\n");
            put_link(&d, p, n);
            p += n;
            continue;
        }
        note_words(&d, raw, p);
        const char *escaped = *p == '&' ? "&amp;" : *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : NULL;
        while ((p[n] & 0xC0) == 0x80) n++;
        if (escaped)
            buf_puts(out, escaped);
        else
            buf_put(out, p, n);
        d.code += escaped ? strlen(escaped) : 1;
        p += n;
    }
    json_t *entities = json_object();
    if (json_array_size(d.urls)) json_object_set(entities, "urls", d.urls);
    if (json_array_size(d.names)) json_object_set(entities, "mentions", d.names);
    if (json_array_size(d.tags)) json_object_set(entities, "hashtags", d.tags);
    json_decref(d.urls);
    json_decref(d.names);
    json_decref(d.tags);
    return entities;
}

/* A reply begins with whom it answers, a quote ends with a link to what it quotes, a repost is the
 * beginning of what it repeats. */
static char *full_text(struct fake *f, const json_t *post) {
    struct buf b = {0};
    const json_t *above = x_post(f, json_text(post, "reply_to")),
                 *quoted = x_post(f, json_text(post, "quote_of")),
                 *original = x_post(f, json_text(post, "repost_of"));
    const char *raw = json_text(post, "raw");
    if (original) {
        const json_t *user = x_user(f, json_text(original, "author_id"));
        const char *text = json_text(original, "raw");
        size_t n = strlen(text) < 60 ? strlen(text) : 60;
        while (n < strlen(text) && (text[n] & 0xC0) == 0x80) n++;
        buf_printf(&b, "RT @%s: %.*s%s", json_text(user, "username"), (int)n, text,
                   text[n] ? "…" : "");
        return b.data;
    }
    const json_t *user = above ? x_user(f, json_text(above, "author_id")) : NULL;
    if (user && raw[0] != '@' && json_object_get(above, "author_id") &&
        strcmp(json_text(above, "author_id"), json_text(post, "author_id")) != 0)
        buf_printf(&b, "@%s ", json_text(user, "username"));
    buf_puts(&b, raw);
    if (quoted)
        buf_printf(&b, " https://x.com/%s/status/%s",
                   json_text(x_user(f, json_text(quoted, "author_id")), "username"),
                   json_text(quoted, "id"));
    if (!b.data) buf_puts(&b, "");
    return b.data;
}

bool x_summons(struct fake *f, const json_t *post) {
    const char *handle = fake_get(f, "handle");
    const json_t *quoted = x_post(f, json_text(post, "quote_of"));
    if (quoted && x_ours(f, quoted)) return true;
    for (const char *p = json_text(post, "raw"); (p = strchr(p, '@')); p++)
        if (strncasecmp(p + 1, handle, strlen(handle)) == 0 && !name_char(p[1 + strlen(handle)]))
            return true;
    return false;
}

static void put_text(struct fake *f, const json_t *post, json_t *out, const struct x_view *v) {
    struct buf shown = {0};
    char *full = full_text(f, post);
    json_t *entities = dress(f, full, &shown);
    buf_putc(&shown, '\0');
    if (x_weight(full) > NOTE_FROM) {
        size_t n = NOTE_SHOWN / 2;
        while (n < strlen(shown.data) && (shown.data[n] & 0xC0) == 0x80) n++;
        json_object_set_new(out, "text", json_sprintf("%.*s…", (int)n, shown.data));
        if (wants(v, "note_tweet"))
            json_object_set_new(out, "note_tweet",
                                json_pack("{s:s, s:O}", "text", shown.data, "entities", entities));
    } else {
        json_object_set_new(out, "text", json_string(shown.data));
    }
    if (wants(v, "entities") && json_object_size(entities))
        json_object_set(out, "entities", entities);
    json_decref(entities);
    buf_free(&shown);
    free(full);
}

/* ---- its members ---- */

static void refer(json_t *list, const char *type, const char *id) {
    if (*id) json_array_append_new(list, json_pack("{s:s, s:s}", "type", type, "id", id));
}

static size_t answers(struct fake *f, const char *member, const json_t *post) {
    size_t i, n = 0;
    const json_t *one;
    json_array_foreach(x_list(f, "posts"), i, one) n +=
        !json_object_get(one, "removed") &&
        strcmp(json_text(one, member), json_text(post, "id")) == 0;
    return n;
}

static json_t *metrics(struct fake *f, const json_t *post) {
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "retweet_count",
                     (int)answers(f, "repost_of", post), "reply_count",
                     (int)answers(f, "reply_to", post), "like_count",
                     (int)json_integer_value(json_object_get(post, "likes")), "quote_count",
                     (int)answers(f, "quote_of", post), "bookmark_count", 0, "impression_count", 0);
}

static void put_references(struct fake *f, const json_t *post, json_t *out,
                           const struct x_view *v) {
    json_t *list = json_array();
    const json_t *above = x_post(f, json_text(post, "reply_to"));
    refer(list, "retweeted", json_text(post, "repost_of"));
    refer(list, "quoted", json_text(post, "quote_of"));
    refer(list, "replied_to", json_text(post, "reply_to"));
    if (json_array_size(list) && wants(v, "referenced_tweets"))
        json_object_set(out, "referenced_tweets", list);
    if (above && wants(v, "in_reply_to_user_id"))
        json_object_set(out, "in_reply_to_user_id", json_object_get(above, "author_id"));
    json_decref(list);
}

json_t *x_show(struct fake *f, const json_t *post, const struct x_view *v) {
    static const char *const plain[] = {"author_id", "conversation_id", "lang", "reply_settings"};
    json_t *out = json_object();
    json_object_set(out, "id", json_object_get(post, "id"));
    json_object_set(out, "edit_history_tweet_ids", json_object_get(post, "history"));
    put_text(f, post, out, v);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (wants(v, plain[i])) json_object_set(out, plain[i], json_object_get(post, plain[i]));
    if (wants(v, "created_at"))
        json_object_set_new(out, "created_at",
                            x_stamp(json_integer_value(json_object_get(post, "at"))));
    if (wants(v, "public_metrics")) json_object_set_new(out, "public_metrics", metrics(f, post));
    if (wants(v, "possibly_sensitive"))
        json_object_set_new(out, "possibly_sensitive", json_false());
    put_references(f, post, out, v);
    return out;
}

/* ---- what stands beside ---- */

static void add_user(struct fake *f, json_t *users, const char *id) {
    json_t *user = x_user(f, id);
    size_t i;
    const json_t *one;
    json_array_foreach(users, i, one) if (one == user) return;
    if (user) json_array_append(users, user);
}

static void missing(json_t *errors, const char *id) {
    json_array_append_new(
        errors, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s+}", "value", id, "resource_id", id,
                          "parameter", "referenced_tweets.id", "resource_type", "tweet", "title",
                          "Not Found Error", "type",
                          "https://api.twitter.com/2/problems/resource-not-found", "detail",
                          "Could not find tweet with referenced_tweets.id: ", id));
}

void x_beside(struct fake *f, json_t *answer, const json_t *posts, const struct x_view *v) {
    static const char *const ways[] = {"reply_to", "quote_of", "repost_of"};
    json_t *users = json_array(), *tweets = json_array(), *errors = json_array();
    size_t i;
    const json_t *post;
    json_array_foreach((json_t *)(uintptr_t)posts, i, post) {
        if (expands(v, "author_id")) add_user(f, users, json_text(post, "author_id"));
        for (size_t k = 0; k < 3; k++) {
            const char *id = json_text(post, ways[k]);
            const json_t *other = *id ? x_live_post(f, id) : NULL;
            if (!*id) continue;
            if (k == 0 && other && expands(v, "in_reply_to_user_id"))
                add_user(f, users, json_text(other, "author_id"));
            if (!expands(v, "referenced_tweets.id")) continue;
            if (!other) {
                missing(errors, id);
                continue;
            }
            json_array_append_new(tweets, x_show(f, other, v));
            if (expands(v, "referenced_tweets.id.author_id"))
                add_user(f, users, json_text(other, "author_id"));
        }
    }
    json_t *includes = json_object();
    if (json_array_size(users)) json_object_set(includes, "users", users);
    if (json_array_size(tweets)) json_object_set(includes, "tweets", tweets);
    if (json_object_size(includes)) json_object_set(answer, "includes", includes);
    if (json_array_size(errors)) json_object_set(answer, "errors", errors);
    json_decref(includes);
    json_decref(users);
    json_decref(tweets);
    json_decref(errors);
}

/* ---- the two spellings ---- */

static const char *post_word(const char *name) {
    static const char *const words[][2] = {
        {"referenced_tweets", "referenced_posts"},
        {"edit_history_tweet_ids", "edit_history_post_ids"},
        {"note_tweet", "note_post"},
        {"retweet_count", "repost_count"},
        {"tweet_count", "post_count"},
        {"pinned_tweet_id", "pinned_post_id"},
        {"tweets", "posts"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i][0]) == 0) return words[i][1];
    return name;
}

static json_t *respelled(const json_t *from) {
    const char *name;
    json_t *value;
    size_t i;
    if (json_is_object(from)) {
        json_t *out = json_object();
        json_object_foreach((json_t *)(uintptr_t)from, name, value)
            json_object_set_new(out, post_word(name), respelled(value));
        return out;
    }
    if (json_is_array(from)) {
        json_t *out = json_array();
        json_array_foreach((json_t *)(uintptr_t)from, i, value)
            json_array_append_new(out, respelled(value));
        return out;
    }
    return json_deep_copy(from);
}

json_t *x_spell(struct fake *f, json_t *answer) {
    if (!x_is(f, "spelling", "post")) return answer;
    json_t *out = respelled(answer);
    json_decref(answer);
    return out;
}
