/* JSON Feed 1.0 and 1.1. */
#include "blog/feed.h"
#include "common/html.h"

#include <jansson.h>

static struct sori_str text_of(struct feed *f, const json_t *value) {
    if (json_is_string(value))
        return arena_copy(&f->arena,
                          (struct sori_str){json_string_value(value), json_string_length(value)});
    if (json_is_integer(value))
        return arena_format(&f->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value)) return arena_format(&f->arena, "%.17g", json_real_value(value));
    return (struct sori_str){NULL, 0};
}

static struct sori_str member(struct feed *f, const json_t *object, const char *name) {
    return s_trim(text_of(f, json_object_get(object, name)));
}

/* "authors": [{…}] of 1.1, "author": {…} of 1.0 */
static void author_of(struct feed *f, const json_t *object, struct sori_str *name,
                      struct sori_str *url) {
    const json_t *person = json_array_get(json_object_get(object, "authors"), 0);
    if (!person) person = json_object_get(object, "author");
    if (json_is_string(person)) {
        *name = text_of(f, person);
    } else if (json_is_object(person)) {
        *name = member(f, person, "name");
        *url = member(f, person, "url");
    }
}

static void read_item(struct feed *f, const json_t *item, struct sori_str base,
                      struct sori_str author_url) {
    struct feed_entry *e = json_is_object(item) ? feed_add(f) : NULL;
    if (!e) return;
    e->id = member(f, item, "id");
    struct sori_str url = member(f, item, "url");
    if (!url.len) url = member(f, item, "external_url");
    if (url.len) e->url = feed_resolve(f, base, url);
    e->title = feed_title(f, member(f, item, "title"));
    struct sori_str html = member(f, item, "content_html");
    e->text = html.len ? feed_plain(f, html) : member(f, item, "content_text");
    if (!e->text.len) e->text = member(f, item, "summary");
    e->markup = html;
    author_of(f, item, &e->author, &e->author_url);
    if (!e->author.len) {
        e->author = f->author;
        e->author_url = author_url;
    }
    feed_date(f, e, member(f, item, "date_published"), false);
    feed_date(f, e, member(f, item, "date_modified"), true);
}

bool feed_parse_json(struct feed *f, struct sori_str utf8, struct sori_str base) {
    json_error_t error;
    json_t *root = json_loadb(utf8.ptr, utf8.len, JSON_ALLOW_NUL, &error);
    const json_t *items = json_object_get(root, "items");
    if (!json_is_array(items)) {
        if (!root)
            feed_note(f, arena_format(&f->arena, "JSON line %d: %s", error.line, error.text).ptr);
        json_decref(root);
        return false;
    }
    f->format = FEED_JSON;
    f->title = feed_title(f, member(f, root, "title"));
    struct sori_str home = member(f, root, "home_page_url"), author_url = {NULL, 0};
    if (home.len) f->url = feed_resolve(f, base, home);
    f->language = member(f, root, "language");
    author_of(f, root, &f->author, &author_url);
    struct sori_str next = member(f, root, "next_url");
    if (next.len) f->next_page = feed_resolve(f, base, next);
    struct sori_str from = f->url.len ? f->url : base;
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) read_item(f, item, from, author_url);
    json_decref(root);
    return true;
}
