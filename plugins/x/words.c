/* What a post says, for people: links as they lead, references decoded, the link of a quote gone.
 */
#include "x/x.h"

enum { LINKS_MAX = 64 };

/* A link of a post: where it stands (bytes), and what stands there instead. */
struct link {
    size_t from, to;
    struct sori_str into;
};

void x_unescape(struct text *out, struct sori_str text) {
    for (size_t i = 0; i < text.len;) {
        struct sori_str rest = s_from(text, i);
        size_t plain = s_find_char(rest, '&');
        text_put(out, rest.ptr, plain);
        i += plain;
        if (i >= text.len) break;
        rest = s_from(text, i);
        bool amp = s_starts(rest, "&amp;");
        if (amp || s_starts(rest, "&lt;") || s_starts(rest, "&gt;")) {
            text_char(out, amp ? '&' : rest.ptr[1] == 'l' ? '<' : '>');
            i += amp ? 5 : 4;
        } else {
            text_char(out, '&');
            i++;
        }
    }
}

/* The byte at which code point `index` begins; the end where there are fewer. */
static size_t byte_of(struct sori_str s, int64_t index) {
    size_t at = 0;
    while (index-- > 0 && at < s.len) (void)utf8_next(s, &at);
    return at;
}

static bool ends_link(struct sori_str s, size_t at) {
    return at >= s.len || !(s_alpha(s.ptr[at]) || s_digit(s.ptr[at]));
}

/* X's own offsets, where they point at the link; else where the link stands, from `after` on: they
 * have been seen to be wrong behind &amp; and in long posts. */
static bool place(struct sori_str text, const json_t *entity, struct sori_str url, size_t after,
                  struct link *l) {
    size_t from = byte_of(text, x_int(entity, "start"));
    struct sori_str there = s_head(s_from(text, from), url.len);
    if (there.len != url.len || memcmp(there.ptr, url.ptr, url.len) != 0 ||
        !ends_link(text, from + url.len)) {
        for (from = after; from < text.len; from++) {
            const char *hit = memmem(text.ptr + from, text.len - from, url.ptr, url.len);
            if (!hit) return false;
            from = (size_t)(hit - text.ptr);
            if (ends_link(text, from + url.len)) break;
        }
        if (from >= text.len) return false;
    }
    l->from = from;
    l->to = from + url.len;
    return true;
}

static bool leads_to(struct sori_str url, struct sori_str id) {
    size_t at = s_find(url, "/status/");
    if (!id.len || at >= url.len) return false;
    struct sori_str rest = s_from(url, at + 8);
    return rest.len >= id.len && memcmp(rest.ptr, id.ptr, id.len) == 0 &&
           (rest.len == id.len || !s_digit(rest.ptr[id.len]));
}

static size_t links_of(struct sori_str text, const json_t *urls, struct sori_str without,
                       struct link *links) {
    size_t count = 0, index;
    const json_t *entity;
    json_array_foreach((json_t *)(uintptr_t)urls, index, entity) {
        struct sori_str url = x_str(entity, "url"), into = x_str(entity, "expanded_url");
        if (!into.len) into = x_str(entity, "unwound_url");
        struct link l = {.into = into};
        size_t after = count ? links[count - 1].to : 0;
        if (count == LINKS_MAX || !url.len || !into.len || !place(text, entity, url, after, &l))
            continue;
        if (l.from < after) continue; /* out of order or twice */
        if (leads_to(into, without) && s_trim(s_from(text, l.to)).len == 0)
            l.into = (struct sori_str){NULL, 0};
        links[count++] = l;
    }
    return count;
}

struct sori_str x_words(struct arena *a, const json_t *post, struct sori_str without) {
    const json_t *note = x_either(post, "note_tweet", "note_post");
    bool has_note = x_str(note, "text").len > 0;
    const json_t *from = has_note ? note : post;
    struct sori_str text = x_str(from, "text");
    const json_t *urls = json_object_get(json_object_get(from, "entities"), "urls");
    struct link links[LINKS_MAX];
    size_t count = links_of(text, urls, without, links), at = 0;
    struct text out = {0};
    for (size_t i = 0; i < count; i++) {
        x_unescape(&out, (struct sori_str){text.ptr + at, links[i].from - at});
        text_str(&out, links[i].into);
        at = links[i].to;
    }
    x_unescape(&out, s_from(text, at));
    /* A NUL cannot be shown, and ends strings elsewhere. */
    for (size_t i = 0; i < out.len; i++)
        if (!out.data[i]) out.data[i] = ' ';
    struct sori_str kept = s_trim(text_view(&out));
    kept = arena_copy(a, kept);
    text_free(&out);
    return kept;
}
