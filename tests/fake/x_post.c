/* People and posts of the fake X: their ids, how they are made and found. */
#include "fake/x.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- ids and times: X's ids carry when they were made ---- */

static const int64_t EPOCH = INT64_C(1288834974657);

void x_new_id(struct fake *f, int64_t ms, char out[24]) {
    int64_t low = (int64_t)(fake_id(f, "low", 1) % 4194304);
    snprintf(out, 24, "%lld", (long long)((ms - EPOCH) * 4194304 + low));
}

bool x_known_id(const char *id) {
    size_t n = strspn(id, "0123456789");
    return n >= 1 && n <= 19 && !id[n];
}

int64_t x_id_ms(const char *id) {
    int64_t n = x_known_id(id) ? strtoll(id, NULL, 10) : 0;
    return n > 0 ? n / 4194304 + EPOCH : 0;
}

int x_id_compare(const char *a, const char *b) {
    size_t na = strlen(a), nb = strlen(b);
    return na != nb ? (na < nb ? -1 : 1) : strcmp(a, b);
}

json_t *x_stamp(int64_t ms) {
    char text[40];
    time_iso_ms(text, ms);
    return json_string(text);
}

/* ---- people ---- */

json_t *x_user(struct fake *f, const char *id) {
    return json_object_get(x_table(f, "users"), id ? id : "");
}

json_t *x_user_named(struct fake *f, const char *name, size_t len) {
    const char *id;
    json_t *user;
    json_object_foreach(x_table(f, "users"), id, user) {
        const char *own = json_text(user, "username");
        if (strlen(own) == len && strncasecmp(own, name, len) == 0) return user;
    }
    return NULL;
}

json_t *x_meet(struct fake *f, const char *id, const char *name, const char *username) {
    json_t *user = x_user(f, id);
    if (!user) {
        char handle[40];
        snprintf(handle, sizeof handle, "user%.19s", id);
        user = json_pack("{s:s, s:s, s:s, s:b, s:b, s:s, s:{s:i, s:i, s:i, s:i}}", "id", id, "name",
                         handle, "username", handle, "verified", 0, "protected", 0,
                         "profile_image_url", "https://pbs.example/normal.jpg", "public_metrics",
                         "followers_count", 12, "following_count", 34, "tweet_count", 56,
                         "listed_count", 0);
        json_object_set_new(x_table(f, "users"), id, user);
    }
    if (name && *name) json_object_set_new(user, "name", json_string(name));
    if (username && *username) json_object_set_new(user, "username", json_string(username));
    return user;
}

/* ---- how long a text is ---- */

static uint32_t next_code(const char **p) {
    const unsigned char *s = (const unsigned char *)*p;
    uint32_t c = *s++;
    int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    if (more) c &= 0x3Fu >> more;
    for (; more && (*s & 0xC0) == 0x80; more--) c = c << 6 | (*s++ & 0x3Fu);
    *p = (const char *)s;
    return c;
}

size_t x_weight(const char *text) {
    size_t weight = 0;
    while (*text) {
        if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) {
            weight += 23;
            text += strcspn(text, " \t\r\n");
            continue;
        }
        uint32_t c = next_code(&text);
        bool light = c <= 0x10FF || (c >= 0x2000 && c <= 0x200D) || (c >= 0x2010 && c <= 0x201F) ||
                     (c >= 0x2032 && c <= 0x2037);
        weight += light ? 1 : 2;
    }
    return weight;
}

/* ---- posts ---- */

json_t *x_post(struct fake *f, const char *id) {
    size_t i, k;
    json_t *post, *edit;
    json_array_foreach(x_list(f, "posts"), i, post)
        json_array_foreach(json_object_get(post, "history"), k,
                           edit) if (strcmp(json_string_value(edit), id) == 0) return post;
    return NULL;
}

json_t *x_live_post(struct fake *f, const char *id) {
    json_t *post = x_post(f, id);
    return post && !json_object_get(post, "removed") ? post : NULL;
}

bool x_ours(struct fake *f, const json_t *post) {
    return strcmp(json_text(post, "author_id"), fake_get(f, "user_id")) == 0;
}

json_t *x_make(struct fake *f, const json_t *said) {
    char fresh[24];
    const char *id = json_text(said, "id"), *above = json_text(said, "reply_to");
    int64_t at = strtoll(json_text(said, "at"), NULL, 10);
    if (!at) at = *id ? x_id_ms(id) : fake_now();
    if (!*id) {
        x_new_id(f, at, fresh);
        id = fresh;
    }
    const json_t *parent = *above ? x_post(f, above) : NULL;
    const char *thread = parent ? json_text(parent, "conversation_id") : *above ? above : id;
    json_t *post = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:[s]}", "id", id,
                             "author_id", json_text(said, "author"), "raw", json_text(said, "text"),
                             "at", (json_int_t)at, "conversation_id", thread, "reply_to", above,
                             "quote_of", json_text(said, "quote_of"), "repost_of",
                             json_text(said, "repost_of"), "history", id);
    const char *lang = json_text(said, "lang"), *who = json_text(said, "reply_settings");
    json_object_set_new(post, "lang", json_string(*lang ? lang : "ko"));
    json_object_set_new(post, "reply_settings", json_string(*who ? who : "everyone"));
    json_array_append_new(x_list(f, "posts"), post);
    return post;
}

/* An edit has an id of its own; what was said is found by all of them. */
void x_edit(struct fake *f, json_t *post, const char *text) {
    char id[24];
    x_new_id(f, fake_now(), id);
    json_object_set_new(post, "id", json_string(id));
    json_object_set_new(post, "raw", json_string(text));
    json_array_append_new(json_object_get(post, "history"), json_string(id));
}
