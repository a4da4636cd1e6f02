#include "blog/feed.h"

#include "common/charset.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"

#include <stdlib.h>

struct feed_entry *feed_add(struct feed *f) {
    if (f->count == FEED_MAX_ENTRIES) {
        if (!f->cut) feed_note(f, "more than 2000 entries: the rest was left out");
        f->cut = true;
        return NULL;
    }
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 32;
        struct feed_entry *more = arena_get(&f->arena, room * sizeof *more);
        if (f->count) memcpy(more, f->entries, f->count * sizeof *more);
        f->entries = more;
        f->room = room;
    }
    struct feed_entry *e = &f->entries[f->count++];
    e->comments = -1;
    return e;
}

void feed_note(struct feed *f, const char *what) {
    if (f->notes.len)
        f->notes = arena_format(&f->arena, "%.*s; %s", S(f->notes), what);
    else
        f->notes = arena_copy(&f->arena, s_of(what));
}

struct sori_str feed_plain(struct feed *f, struct sori_str html) {
    struct text t = {0};
    html_plain(&t, html);
    return text_keep(&t, &f->arena);
}

/* Does decoded text still hold a reference, as titles do that were escaped twice? */
static bool still_escaped(struct sori_str s) {
    for (size_t at = 0; (at += s_find_char(s_from(s, at), '&')) < s.len; at++) {
        struct text one = {0};
        struct sori_str rest = s_from(s, at);
        size_t end = s_find_char(s_head(rest, 12), ';');
        bool hit = false;
        if (end < rest.len && end < 12) {
            html_decode(&one, s_head(rest, end + 1));
            hit = one.len < end + 1;
        }
        text_free(&one);
        if (hit) return true;
    }
    return false;
}

struct sori_str feed_title(struct feed *f, struct sori_str html) {
    struct text plain = {0}, again = {0}, line = {0};
    html_plain(&plain, html);
    struct sori_str s = text_view(&plain);
    if (still_escaped(s)) {
        html_decode(&again, s);
        s = text_view(&again);
    }
    text_fold(&line, s);
    text_free(&plain);
    text_free(&again);
    return text_keep(&line, &f->arena);
}

void feed_date(struct feed *f, struct feed_entry *e, struct sori_str text, bool update) {
    text = s_trim(text);
    int64_t ms;
    if (text.len == 0) return;
    if (e->date_text.len == 0) e->date_text = arena_copy(&f->arena, utf8_cut(text, 100));
    if (!date_parse(text, &ms)) return;
    if (update) {
        e->updated = ms;
        e->redated = true;
    } else {
        e->published = ms;
        e->dated = true;
    }
}

struct sori_str feed_resolve(struct feed *f, struct sori_str base, struct sori_str ref) {
    struct text t = {0};
    if (ref.len > FEED_MAX_URL || base.len > FEED_MAX_URL) return (struct sori_str){NULL, 0};
    url_resolve(&t, base, ref);
    return text_keep(&t, &f->arena);
}

static struct sori_str own_key(struct feed *f, const struct feed_entry *e) {
    uint64_t h = hash_bytes(0, e->title);
    h = hash_bytes(h, s_of("\n"));
    h = hash_bytes(h, e->date_text);
    h = hash_bytes(h, s_of("\n"));
    h = hash_bytes(h, e->text);
    return arena_format(&f->arena, "hash:%016llx", (unsigned long long)h);
}

struct known_key {
    struct sori_str key;
    size_t entry;
};

static int by_key(const void *a, const void *b) {
    const struct known_key *x = a, *y = b;
    size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = n ? memcmp(x->key.ptr, y->key.ptr, n) : 0;
    if (order == 0 && x->key.len != y->key.len) order = x->key.len < y->key.len ? -1 : 1;
    if (order == 0) order = x->entry < y->entry ? -1 : x->entry > y->entry;
    return order;
}

/* Calls that share a key get one of their own; false where all keys were different. */
static bool part_keys(struct feed *f, struct known_key *sorted, bool by_url) {
    bool shared = false;
    for (size_t i = 0; i < f->count; i++) sorted[i] = (struct known_key){f->entries[i].key, i};
    qsort(sorted, f->count, sizeof *sorted, by_key);
    for (size_t i = 0; i < f->count;) {
        size_t end = i + 1;
        while (end < f->count && s_eq(sorted[end].key, sorted[i].key)) end++;
        for (size_t k = i; end - i > 1 && k < end; k++) {
            struct feed_entry *e = &f->entries[sorted[k].entry];
            struct sori_str more = by_url && e->url.len ? e->url : own_key(f, e);
            e->key = arena_format(&f->arena, "%.*s %.*s", S(e->key), S(more));
            shared = true;
        }
        i = end;
    }
    return shared;
}

/* Ids are not always unique: entries of one document that share theirs are told apart by their
 * URL too, then by what they say. What is the same in all three is one entry given twice. */
static void make_keys(struct feed *f) {
    if (f->count == 0) return;
    for (size_t i = 0; i < f->count; i++) {
        struct feed_entry *e = &f->entries[i];
        e->key = e->id.len ? e->id : e->url.len ? e->url : own_key(f, e);
    }
    struct known_key *sorted = arena_get(&f->arena, f->count * sizeof *sorted);
    if (part_keys(f, sorted, true)) {
        feed_note(f, "entries share an id");
        part_keys(f, sorted, false);
    }
}

bool feed_parse(struct feed *f, struct sori_str bytes, struct sori_str content_type,
                struct sori_str base) {
    *f = (struct feed){0};
    if (bytes.len > FEED_MAX_BYTES) {
        feed_note(f, "longer than 10 MiB: the rest was left out");
        bytes.len = FEED_MAX_BYTES;
    }
    struct sori_str how = {NULL, 0};
    struct sori_str utf8 = charset_document(&f->arena, bytes, content_type, &how);
    if (s_starts(how, "read as")) feed_note(f, arena_copy(&f->arena, how).ptr);
    struct sori_str head = s_trim(utf8);
    bool good = head.len && head.ptr[0] == '{' ? feed_parse_json(f, head, base)
                                               : feed_parse_xml(f, utf8, base);
    if (good) make_keys(f);
    return good;
}

void feed_free(struct feed *f) {
    arena_free(&f->arena);
    *f = (struct feed){0};
}
