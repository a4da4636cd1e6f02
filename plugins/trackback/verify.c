#include "verify.h"

#include "common/charset.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"
#include "page.h"

#include <jansson.h>

enum { EXCERPT_CHARS = 250, BEFORE_CHARS = 100, TEXT_MAX = 60 << 10, NAME_MAX = 200, MANY = 100 };

/* ---- the link ---- */

static bool names_target(const struct page *p, struct arena *a, const GumboNode *n,
                         const char *attribute, struct sori_str target) {
    bool there;
    struct sori_str ref = page_attribute(n, attribute, &there);
    if (!there) return false;
    return url_names(target, page_resolve(p, a, s_trim(ref)));
}

static const GumboNode *find_link(const struct page *p, struct sori_str target, size_t *links) {
    const GumboNode *found = NULL;
    struct arena scratch = {0};
    *links = 0;
    for (const GumboNode *n = p->root; n; n = page_next(n, p->root)) {
        if (!page_element(n) || page_is(n, GUMBO_TAG_BASE)) continue;
        *links += page_is(n, GUMBO_TAG_A);
        if (found) continue;
        if (names_target(p, &scratch, n, "href", target) ||
            names_target(p, &scratch, n, "src", target))
            found = n;
        if (*links % 64 == 63) arena_free(&scratch);
    }
    arena_free(&scratch);
    return found;
}

/* ---- microformats, as far as a mention needs them ---- */

static const GumboNode *entry_around(const GumboNode *link, const GumboNode *root) {
    for (const GumboNode *n = link; n; n = n->parent)
        if (page_has_class(n, "h-entry") || page_has_class(n, "hentry")) return n;
    for (const GumboNode *n = root; n; n = page_next(n, root))
        if (page_has_class(n, "h-entry") || page_has_class(n, "hentry")) return n;
    return NULL;
}

static bool says(const GumboNode *link, const GumboNode *entry, const char *property) {
    for (const GumboNode *n = link; n; n = n->parent) {
        if (n != entry && page_has_class(n, property)) return true;
        if (n == entry) break;
    }
    return false;
}

static void read_kind(struct finding *f, const GumboNode *link, const GumboNode *entry) {
    static const struct {
        const char *property;
        uint32_t kind, share;
    } meanings[] = {{"u-in-reply-to", SORI_KIND_COMMENT, SORI_SHARE_NONE},
                    {"u-like-of", SORI_KIND_REACTION, SORI_SHARE_NONE},
                    {"u-repost-of", SORI_KIND_SHARE, SORI_SHARE_SIMPLE},
                    {"u-quotation-of", SORI_KIND_SHARE, SORI_SHARE_SPECIFIC}};
    f->kind = SORI_KIND_TRACKBACK;
    if (!entry) return;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (!says(link, entry, meanings[i].property)) continue;
        f->kind = meanings[i].kind;
        f->share = meanings[i].share;
        return;
    }
}

/* The first element of that class below `top`, not inside another thing that is cited there. */
static const GumboNode *property(const GumboNode *top, const char *name) {
    const GumboNode *n = top ? page_next(top, top) : NULL;
    while (n) {
        if (page_has_class(n, name)) return n;
        bool foreign = page_has_class(n, "h-cite") || page_has_class(n, "h-entry");
        n = foreign ? page_skip(n, top) : page_next(n, top);
    }
    return NULL;
}

static struct sori_str text_of(struct arena *a, const GumboNode *n, size_t max) {
    struct text t = {0};
    if (n) page_text(&t, n, NULL, NULL);
    struct sori_str all = text_keep(&t, a);
    return utf8_cut(all, max);
}

static struct sori_str one_line(struct arena *a, struct sori_str s) {
    struct text t = {0};
    text_fold(&t, s);
    return utf8_cut(text_keep(&t, a), NAME_MAX);
}

static struct sori_str meta(const struct page *p, const char *key) {
    for (const GumboNode *n = p->root; n; n = page_next(n, p->root)) {
        if (!page_is(n, GUMBO_TAG_META)) continue;
        struct sori_str name = page_attribute(n, "name", NULL);
        if (!name.len) name = page_attribute(n, "property", NULL);
        if (s_same(name, key)) return s_trim(page_attribute(n, "content", NULL));
    }
    return (struct sori_str){0};
}

static void read_author(struct finding *f, const struct page *p, struct arena *a,
                        const GumboNode *entry) {
    const GumboNode *card = property(entry, "p-author");
    if (!card) card = property(entry, "h-card");
    if (card) {
        const GumboNode *name = property(card, "p-name"), *link = property(card, "u-url");
        struct sori_str href = page_attribute(link ? link : card, "href", NULL);
        f->author_name = one_line(a, text_of(a, name ? name : card, 1024));
        struct sori_str url = href.len ? page_resolve(p, a, s_trim(href)) : href;
        if (url_is_http(url)) f->author_url = url;
    }
    if (!f->author_name.len) f->author_name = one_line(a, meta(p, "author"));
}

static void read_date(struct finding *f, const struct page *p, struct arena *a,
                      const GumboNode *entry) {
    const GumboNode *n = property(entry, "dt-published");
    struct sori_str date = page_attribute(n, "datetime", NULL);
    if (!date.len && n) date = text_of(a, n, 100);
    if (!date.len) date = meta(p, "article:published_time");
    if (!date.len || !date_parse(s_trim(date), &f->said_at)) f->said_at = 0;
}

static void read_title(struct finding *f, const struct page *p, struct arena *a,
                       const GumboNode *entry) {
    f->title = one_line(a, text_of(a, property(entry, "p-name"), 1024));
    if (f->title.len) return;
    for (const GumboNode *n = p->root; n; n = page_next(n, p->root)) {
        const GumboElement *e = page_element(n);
        if (!page_is(n, GUMBO_TAG_TITLE) || !e->children.length) continue;
        const GumboNode *text = e->children.data[0];
        f->title = one_line(a, s_of(text->v.text.text));
        return;
    }
}

/* ---- what is quoted of it ---- */

static size_t back(struct sori_str s, size_t at, size_t chars) {
    while (at && chars) {
        at--;
        if (((uint8_t)s.ptr[at] & 0xc0) != 0x80) chars--;
        if (s.ptr[at] == '\n') return at + 1;
    }
    return at;
}

static size_t forth(struct sori_str s, size_t at, size_t chars) {
    while (at < s.len && chars && s.ptr[at] != '\n') {
        at++;
        while (at < s.len && ((uint8_t)s.ptr[at] & 0xc0) == 0x80) at++;
        chars--;
    }
    return at;
}

/* The line that holds the link; where it is longer than an excerpt, what stands around the link. */
static struct sori_str excerpt(struct arena *a, const struct page *p, const GumboNode *link) {
    struct text t = {0};
    size_t at = 0;
    page_text(&t, p->root, link, &at);
    struct sori_str s = text_keep(&t, a);
    if (at > s.len) at = s.len;
    size_t from = back(s, at, BEFORE_CHARS);
    size_t to = forth(s, from, EXCERPT_CHARS);
    struct sori_str piece = s_trim((struct sori_str){s.ptr + from, to - from});
    bool head = from && s.ptr[from - 1] != '\n', tail = to < s.len && s.ptr[to] != '\n';
    return arena_format(a, "%s%.*s%s", head ? "…" : "", S(piece), tail ? "…" : "");
}

static void read_text(struct finding *f, const struct page *p, struct arena *a,
                      const GumboNode *link, const GumboNode *entry) {
    static const char *const places[] = {"e-content", "p-content", "p-summary", "p-name"};
    if (f->kind == SORI_KIND_COMMENT || f->kind == SORI_KIND_SHARE)
        for (size_t i = 0; i < 4 && !f->text.len; i++)
            f->text = text_of(a, property(entry, places[i]), TEXT_MAX);
    if (!f->text.len && f->kind != SORI_KIND_REACTION) f->text = excerpt(a, p, link);
}

static void weigh(struct finding *f, struct arena *a, const GumboNode *link, size_t links) {
    struct sori_str rel = page_attribute(link, "rel", NULL);
    const char *follow = html_has_word(rel, "nofollow") ? "rel=nofollow"
                         : html_has_word(rel, "ugc")    ? "rel=ugc"
                                                        : "";
    const char *many = links > MANY ? "more than 100 links on the page" : "";
    f->note = arena_format(a, "%s%s%s", follow, *follow && *many ? ", " : "", many);
}

static void in_html(struct finding *f, struct arena *a, struct sori_str html, struct sori_str url,
                    struct sori_str target) {
    struct page p;
    size_t links;
    f->kind = SORI_KIND_TRACKBACK;
    if (!page_open(&p, html, url)) {
        f->readable = false;
        page_close(&p);
        return;
    }
    const GumboNode *link = find_link(&p, target, &links);
    if (link) {
        const GumboNode *entry = entry_around(link, p.root);
        f->linked = true;
        read_kind(f, link, entry);
        read_author(f, &p, a, entry);
        read_date(f, &p, a, entry);
        read_title(f, &p, a, entry);
        read_text(f, &p, a, link, entry);
        weigh(f, a, link, links);
    }
    page_close(&p);
}

/* ---- other media types ---- */

static bool in_json(const json_t *v, struct sori_str target, int depth) {
    const char *key;
    const json_t *child;
    size_t i;
    if (depth == 0) return false;
    if (json_is_string(v))
        return url_names(target, (struct sori_str){json_string_value(v), json_string_length(v)});
    json_array_foreach(v, i, child) if (in_json(child, target, depth - 1)) return true;
    json_object_foreach((json_t *)(uintptr_t)v, key,
                        child) if (in_json(child, target, depth - 1)) return true;
    return false;
}

/* Plain text: the address stands there, and does not go on. */
static bool in_plain(struct sori_str text, struct sori_str target) {
    while (text.len >= target.len) {
        const char *at = memmem(text.ptr, text.len, target.ptr, target.len);
        if (!at) return false;
        size_t end = (size_t)(at - text.ptr) + target.len;
        bool over = end == text.len || s_blank(text.ptr[end]) || strchr(">\")]},", text.ptr[end]);
        bool stop = end < text.len && strchr(".;:!?'", text.ptr[end]) &&
                    (end + 1 == text.len || s_blank(text.ptr[end + 1]));
        if (over || stop) return true;
        text = s_from(text, end);
    }
    return false;
}

static bool is_type(struct sori_str type, const char *name) {
    size_t n = s_find_char(type, ';');
    return s_same(s_trim(s_head(type, n)), name);
}

struct finding verify(struct arena *a, struct sori_str body, struct sori_str type,
                      struct sori_str url, struct sori_str target) {
    struct finding f = {.kind = SORI_KIND_TRACKBACK, .readable = true};
    size_t semi = s_find_char(type, ';');
    struct sori_str media = s_trim(s_head(type, semi));
    bool html = !media.len || is_type(type, "text/html") || is_type(type, "application/xhtml+xml");
    if (html) {
        struct sori_str text = charset_document(a, body, type, NULL);
        in_html(&f, a, text, url, target);
    } else if (is_type(type, "application/json") || s_ends(media, "+json")) {
        json_t *v =
            json_loadb(body.ptr ? body.ptr : "", body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        f.linked = v && in_json(v, target, 64);
        json_decref(v);
    } else if (is_type(type, "text/plain")) {
        struct sori_str text = charset_document(a, body, type, NULL);
        f.linked = in_plain(text, target);
    } else {
        f.readable = false;
    }
    return f;
}
