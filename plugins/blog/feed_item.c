/* Feed entries in the one normal form. */
#include "blog/source.h"
#include "common/html.h"
#include "common/url.h"

#include <inttypes.h>

/* The digits behind `mark` in a URL, or empty. */
static struct sori_str number_after(struct sori_str s, const char *mark) {
    struct sori_str rest = s_from(s, s_find(s, mark) + strlen(mark));
    size_t n = 0;
    while (n < rest.len && s_digit(rest.ptr[n])) n++;
    return s_head(rest, n);
}

struct sori_str feed_native(struct blog *b, const struct feed_entry *e, bool comment) {
    /* Numbered as the REST interface does, so that a site that is heard both ways, or changes
     * from one to the other, gives each comment once. */
    struct sori_str n = number_after(e->url, "#comment-");
    if (!n.len) n = number_after(e->id, "#comment-");
    if (comment && n.len) return arena_format(&b->call, "c%.*s", S(n));
    n = number_after(e->id, "?p=");
    if (!comment && n.len && n.ptr + n.len == e->id.ptr + e->id.len)
        return arena_format(&b->call, "p%.*s", S(n));
    bool plain = e->key.len <= 300;
    for (size_t i = 0; i < e->key.len && plain; i++) plain = (unsigned char)e->key.ptr[i] >= 0x20;
    if (plain) return e->key;
    return arena_format(&b->call, "hash:%016" PRIx64, hash_bytes(0, e->key));
}

/* WordPress puts "In reply to <a href="…#comment-4">Kim</a>." in front of a reply, in the site's
 * language: a first paragraph that holds a link to a comment and little else. Returns the number
 * of that comment and takes the paragraph off. */
static struct sori_str reply_paragraph(struct sori_str *markup) {
    struct sori_str s = s_trim(*markup), none = {NULL, 0};
    if (!s_starts_same(s, "<p>") && !s_starts_same(s, "In reply to")) return none;
    size_t end = s_find(s, "</p>");
    size_t skip = 4;
    if (end == s.len) {
        end = s_find(s, "\n\n");
        skip = 2;
    }
    struct sori_str first = s_head(s, end);
    size_t link = s_find_same(first, "<a href="), close = s_find_same(first, "</a>");
    if (end == s.len || link == first.len || close == first.len) return none;
    /* Words in front of the link are few, and behind it is not more than the end of a sentence. */
    if (link > 60 || first.len - close > 40) return none;
    struct sori_str number = number_after(s_head(s_from(first, link), close - link), "#comment-");
    if (number.len) *markup = s_from(s, end + skip);
    return number;
}

static struct sori_str comment_text(struct blog *b, const struct feed_entry *e,
                                    struct sori_item *item) {
    struct text decoded = {0}, plain = {0};
    struct sori_str markup = e->markup;
    struct sori_str number = reply_paragraph(&markup);
    if (!number.len && s_find(markup, "&lt;a href=") < markup.len) {
        html_decode(&decoded, markup); /* a description: escaped once more */
        markup = text_view(&decoded);
        number = reply_paragraph(&markup);
    }
    if (number.len) {
        item->parent = arena_format(&b->call, "c%.*s", S(number));
        html_plain(&plain, markup);
    } else {
        text_str(&plain, e->text);
    }
    struct sori_str text = text_keep(&plain, &b->call);
    text_free(&decoded);
    return text;
}

static struct sori_str target_of(struct blog *b, const struct feed_entry *e,
                                 const struct source *all, size_t count) {
    struct sori_str page = s_head(e->url, s_find_char(e->url, '#'));
    struct sori_str number = number_after(e->id, "?p=");
    if (number.len) return arena_format(&b->call, "p%.*s", S(number));
    uint64_t link = link_digest(page);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; !all[i].comments && k < all[i].seen_count; k++)
            if (all[i].seen[k].link == link) return all[i].seen[k].native;
    return (struct sori_str){NULL, 0};
}

void feed_item(struct blog *b, const struct source *s, const struct feed_entry *e,
               struct sori_str native, const struct source *all, size_t all_count,
               struct sori_item *item) {
    int64_t now = b->host->now(b->host), day = 86400000;
    *item = (struct sori_item){.struct_size = sizeof *item, .space = b->space};
    item->native_id = native;
    item->title = e->title;
    item->text = e->text;
    /* Naver marks the visits that come from its feeds. */
    item->url = s_head(e->url, s_find(e->url, "?fromRss=true"));
    item->author_name = e->author;
    item->author_url = e->author_url;
    bool usable = e->dated && e->published > 0 && e->published < now + day;
    item->said_at = usable ? e->published : 0;
    if (!usable && e->redated && e->updated > 0 && e->updated < now + day)
        item->said_at = e->updated;
    if (e->redated && e->updated > 0 && e->updated < now + day) item->version = e->updated;
    if (!item->said_at && e->date_text.len)
        item->note = arena_format(&b->call, "dated \"%.*s\", which cannot be", S(e->date_text));
    item->why_not = SORI_STR("reply: a feed can be read, not answered");
    if (!s->comments) {
        item->kind = SORI_KIND_POST;
        item->origin = SORI_ORIGIN_US_BY_HAND;
        return;
    }
    item->kind = SORI_KIND_COMMENT;
    item->author_id = native; /* a name alone is no identity */
    /* WordPress makes up a title, "Comment on X by Y", in the site's language. */
    if (s_find(e->url, "#comment-") < e->url.len) item->title = (struct sori_str){NULL, 0};
    item->text = comment_text(b, e, item);
    item->target = target_of(b, e, all, all_count);
    if (!item->parent.len && e->reply_url.len) {
        struct sori_str n = number_after(e->reply_url, "#comment-");
        if (n.len)
            item->parent = arena_format(&b->call, "c%.*s", S(n));
        else if (!item->target.len)
            item->target = e->reply_id;
    }
}
