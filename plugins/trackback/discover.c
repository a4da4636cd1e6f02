#include "discover.h"

#include "common/html.h"
#include "common/url.h"
#include "page.h"

static bool is_webmention_rel(struct sori_str rel) {
    return html_has_word(rel, "webmention") || html_has_word(rel, "http://webmention.org/") ||
           html_has_word(rel, "http://webmention.org");
}

/* ---- Link: <url>; rel="a b"; title="x, y", <url>; … ---- */

static struct sori_str link_url(struct sori_str *v) {
    struct sori_str none = {0};
    while (v->len && (s_blank(*v->ptr) || *v->ptr == ',')) *v = s_from(*v, 1);
    if (v->len == 0 || *v->ptr != '<') return none;
    size_t end = s_find_char(*v, '>');
    if (end == v->len) return none;
    struct sori_str url = {v->ptr + 1, end - 1};
    *v = s_from(*v, end + 1);
    return url;
}

static struct sori_str link_value(struct sori_str *v, struct text *scratch) {
    scratch->len = 0;
    if (v->len && *v->ptr == '"') {
        *v = s_from(*v, 1);
        while (v->len && *v->ptr != '"') {
            if (*v->ptr == '\\' && v->len > 1) *v = s_from(*v, 1);
            text_char(scratch, *v->ptr);
            *v = s_from(*v, 1);
        }
        *v = s_from(*v, 1);
    } else {
        while (v->len && *v->ptr != ';' && *v->ptr != ',' && !s_blank(*v->ptr)) {
            text_char(scratch, *v->ptr);
            *v = s_from(*v, 1);
        }
    }
    return text_view(scratch);
}

/* Reads the parameters of one link; true where its first rel speaks of webmention. */
static bool link_params(struct sori_str *v, struct text *scratch) {
    bool found = false, seen_rel = false;
    for (;;) {
        while (v->len && (s_blank(*v->ptr) || *v->ptr == ';')) *v = s_from(*v, 1);
        if (v->len == 0 || *v->ptr == ',') return found;
        size_t n = 0;
        while (n < v->len && v->ptr[n] != '=' && v->ptr[n] != ';' && v->ptr[n] != ',') n++;
        struct sori_str name = s_trim(s_head(*v, n));
        *v = s_from(*v, n);
        if (v->len == 0 || *v->ptr != '=') continue;
        *v = s_from(*v, 1);
        while (v->len && s_blank(*v->ptr)) *v = s_from(*v, 1);
        struct sori_str value = link_value(v, scratch);
        if (!s_same(name, "rel") || seen_rel) continue;
        seen_rel = true;
        found = is_webmention_rel(value);
    }
}

static bool in_link_header(struct sori_str value, struct text *scratch, struct sori_str *out) {
    while (value.len) {
        size_t before = value.len;
        struct sori_str url = link_url(&value);
        bool has_url = url.ptr != NULL;
        if (has_url && link_params(&value, scratch)) {
            *out = url;
            return true;
        }
        if (!has_url) value = s_from(value, s_find_char(value, ',') + 1);
        if (value.len >= before) return false;
    }
    return false;
}

static void from_headers(struct arena *a, struct sori_pairs headers, struct sori_str url,
                         struct endpoints *e) {
    struct text scratch = {0}, full = {0};
    for (size_t i = 0; i < headers.count; i++) {
        const struct sori_pair *h = &headers.items[i];
        struct sori_str found;
        if (s_same(h->name, "x-pingback") && !e->pingback.len)
            e->pingback = arena_copy(a, s_trim(h->value));
        if (!s_same(h->name, "link") || e->webmention.len) continue;
        if (!in_link_header(h->value, &scratch, &found)) continue;
        url_resolve(&full, url, s_trim(found));
        e->webmention = text_keep(&full, a);
    }
    text_free(&scratch);
}

/* ---- RDF, usually inside a comment ---- */

static struct sori_str rdf_value(struct arena *a, struct sori_str block, const char *name) {
    struct text key = {0}, out = {0};
    text_format(&key, "%s=", name);
    size_t at = s_find(block, key.data);
    struct sori_str rest = s_from(block, at + key.len);
    text_free(&key);
    if (rest.len < 2 || (*rest.ptr != '"' && *rest.ptr != '\'')) return (struct sori_str){0};
    char quote = *rest.ptr;
    rest = s_from(rest, 1);
    html_decode(&out, s_head(rest, s_find_char(rest, quote)));
    return text_keep(&out, a);
}

static struct sori_str in_rdf(struct arena *a, struct sori_str html, struct sori_str url) {
    for (;;) {
        html = s_from(html, s_find(html, "<rdf:RDF"));
        size_t end = s_find(html, "</rdf:RDF>");
        if (html.len == 0 || end == html.len) return (struct sori_str){0};
        struct sori_str block = s_head(html, end);
        struct sori_str page = rdf_value(a, block, "dc:identifier");
        struct sori_str ping = rdf_value(a, block, "trackback:ping");
        if (!ping.len) ping = rdf_value(a, block, "about");
        if (page.len && ping.len && url_names(url, s_trim(page))) return s_trim(ping);
        html = s_from(html, end);
    }
}

/* ---- elements ---- */

static void from_element(const struct page *p, struct arena *a, const GumboNode *n,
                         struct endpoints *e) {
    bool there, link = page_is(n, GUMBO_TAG_LINK);
    if (!link && !page_is(n, GUMBO_TAG_A)) return;
    struct sori_str href = page_attribute(n, "href", &there);
    if (!there) return;
    struct sori_str rel = page_attribute(n, "rel", NULL);
    href = s_trim(href);
    if (!e->webmention.len && is_webmention_rel(rel)) e->webmention = page_resolve(p, a, href);
    if (!e->pingback.len && link && html_has_word(rel, "pingback"))
        e->pingback = page_resolve(p, a, href);
    if (!e->trackback.len && html_has_word(rel, "trackback"))
        e->trackback = page_resolve(p, a, href);
}

struct endpoints discover(struct arena *a, struct sori_str html, struct sori_pairs headers,
                          struct sori_str url) {
    struct endpoints e = {0};
    struct page p;
    from_headers(a, headers, url, &e);
    e.trackback = in_rdf(a, html, url);
    if (page_open(&p, html, url))
        for (const GumboNode *n = p.root; n; n = page_next(n, p.root)) from_element(&p, a, n, &e);
    page_close(&p);
    return e;
}
