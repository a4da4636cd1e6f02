/* RSS of all ages and Atom, from one tree. Elements are matched by the meaning of their namespace
 * and their local name, so that wrong case, undeclared prefixes and mixed vocabularies do not
 * matter. */
#include "blog/feed.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

/* What a namespace is about. HOME is the feed's own vocabulary, RSS and Atom alike. */
enum family {
    HOME,
    ATOM,
    DC,
    TERMS,
    CONTENT,
    SLASH,
    WFW,
    THR,
    FEEDBURNER,
    MEDIA,
    SYNDICATION,
    XHTML,
    OTHER
};

static const struct vocabulary {
    const char *prefix, *space; /* `space` is how the namespace begins */
    enum family family;
} vocabularies[] = {
    {"atom", "http://www.w3.org/2005/atom", ATOM},
    {"atom", "http://purl.org/atom/ns#", ATOM},
    {"atom", "http://purl.org/atom/1", ATOM},
    {"dc", "http://purl.org/dc/elements/", DC},
    {"dcterms", "http://purl.org/dc/terms", TERMS},
    {"content", "http://purl.org/rss/1.0/modules/content", CONTENT},
    {"slash", "http://purl.org/rss/1.0/modules/slash", SLASH},
    {"sy", "http://purl.org/rss/1.0/modules/syndication", SYNDICATION},
    {"wfw", "http://wellformedweb.org/commentapi", WFW},
    {"thr", "http://purl.org/syndication/thread", THR},
    {"feedburner", "http://rssnamespace.org/feedburner", FEEDBURNER},
    {"media", "http://search.yahoo.com/mrss", MEDIA},
    {"media", "http://www.rssboard.org/media-rss", MEDIA},
    {"xhtml", "http://www.w3.org/1999/xhtml", XHTML},
    {NULL, "http://purl.org/rss/1.0/modules", OTHER},
    {NULL, "http://purl.org/rss/1.0", HOME},
    {NULL, "http://purl.org/net/rss1.1", HOME},
    {NULL, "http://my.netscape.com", HOME},
    {NULL, "http://channel.netscape.com", HOME},
    {NULL, "http://backend.userland.com/rss", HOME},
    {NULL, "http://blogs.law.harvard.edu/tech/rss", HOME},
};

struct name {
    enum family family;
    struct sori_str local;
};

static struct name name_of(const xmlNode *n) {
    struct sori_str local = s_of((const char *)n->name);
    if (n->ns && n->ns->href) {
        struct sori_str space = s_of((const char *)n->ns->href);
        for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
            if (s_starts_same(space, vocabularies[i].space))
                return (struct name){vocabularies[i].family, local};
        /* A default namespace that nobody knows was meant as the feed's own. */
        return (struct name){n->ns->prefix ? OTHER : HOME, local};
    }
    size_t colon = s_find_char(local, ':');
    if (colon == local.len) return (struct name){HOME, local};
    struct sori_str prefix = s_head(local, colon);
    local = s_from(local, colon + 1);
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        if (vocabularies[i].prefix && s_same(prefix, vocabularies[i].prefix))
            return (struct name){vocabularies[i].family, local};
    return (struct name){s_same(prefix, "rss") ? HOME : OTHER, local};
}

static bool is_home(struct name n, const char *local) {
    return (n.family == HOME || n.family == ATOM) && s_same(n.local, local);
}

static bool is(struct name n, enum family family, const char *local) {
    return n.family == family && s_same(n.local, local);
}

static xmlNode *first_element(xmlNode *n) {
    while (n && n->type != XML_ELEMENT_NODE) n = n->next;
    return n;
}
#define EACH_CHILD(c, parent)                                                                      \
    for (xmlNode *c = first_element((parent)->children); c; c = first_element(c->next))

/* An attribute by local name, whatever its prefix; empty where there is none. */
static struct sori_str attribute(struct feed *f, const xmlNode *n, const char *local) {
    struct sori_str value = {NULL, 0};
    for (const xmlAttr *a = n->properties; a && !value.len; a = a->next) {
        struct sori_str name = s_of((const char *)a->name);
        size_t colon = s_find_char(name, ':');
        if (!s_same(name, local) && !s_same(s_from(name, colon + 1), local)) continue;
        xmlChar *text = xmlNodeListGetString(n->doc, a->children, 1);
        if (text) value = arena_copy(&f->arena, s_of((const char *)text));
        xmlFree(text);
    }
    return value;
}

static struct sori_str content(struct feed *f, const xmlNode *n) {
    xmlChar *text = xmlNodeGetContent(n);
    struct sori_str value = {NULL, 0};
    if (text) value = arena_copy(&f->arena, s_trim(s_of((const char *)text)));
    xmlFree(text);
    return value;
}

static struct sori_str inner_markup(struct feed *f, const xmlNode *n) {
    xmlBuffer *buffer = xmlBufferCreate();
    struct sori_str value = {NULL, 0};
    if (!buffer) return value;
    for (xmlNode *c = n->children; c; c = c->next) xmlNodeDump(buffer, n->doc, c, 0, 0);
    value = arena_copy(&f->arena, s_of((const char *)xmlBufferContent(buffer)));
    xmlBufferFree(buffer);
    return value;
}

static int base64_value(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* False where the text is no base64, or what it holds is no text. */
static bool from_base64(struct text *out, struct sori_str s) {
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.len && s.ptr[i] != '='; i++) {
        if (s_blank(s.ptr[i])) continue;
        int v = base64_value(s.ptr[i]);
        if (v < 0) return false;
        bits = (bits << 6) | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            text_char(out, (char)(bits >> have));
            bits &= (1u << have) - 1;
        }
    }
    return out->len > 0 && utf8_valid(text_view(out));
}

/* How an element holds its text: as markup, as escaped markup, or as plain words. */
static struct sori_str as_html(struct feed *f, const xmlNode *n, bool atom, bool *plain) {
    struct sori_str type = attribute(f, n, "type"), mode = attribute(f, n, "mode");
    *plain = false;
    if (n->children && first_element(n->children)) return inner_markup(f, n);
    struct sori_str s = content(f, n);
    bool binary = type.len && s_find_char(type, '/') < type.len && !s_starts_same(type, "text/") &&
                  !s_ends(type, "xml");
    if (s_same(mode, "base64") || (atom && binary && mode.len == 0)) {
        struct text decoded = {0};
        if (from_base64(&decoded, s)) return text_keep(&decoded, &f->arena);
        text_free(&decoded);
    }
    bool words = type.len == 0 || s_same(type, "text") || s_same(type, "text/plain");
    *plain = atom && words && !s_same(mode, "escaped");
    return s;
}

static struct sori_str words_of(struct feed *f, const xmlNode *n, bool atom, bool title,
                                struct sori_str *markup) {
    bool plain;
    struct sori_str s = as_html(f, n, atom, &plain);
    if (markup) *markup = s;
    if (!plain) return title ? feed_title(f, s) : feed_plain(f, s);
    if (!title) return s;
    struct text line = {0};
    text_fold(&line, s);
    return text_keep(&line, &f->arena);
}

/* xml:base of the element and what surrounds it, resolved outermost first; else `otherwise`. */
static struct sori_str base_of(struct feed *f, const xmlNode *n, struct sori_str request,
                               struct sori_str otherwise) {
    struct sori_str chain[16];
    size_t depth = 0;
    for (; n && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlAttr *a = n->properties; a && depth < 16; a = a->next) {
            bool xml = (a->ns && a->ns->prefix && strcmp((const char *)a->ns->prefix, "xml") == 0 &&
                        strcmp((const char *)a->name, "base") == 0) ||
                       strcmp((const char *)a->name, "xml:base") == 0;
            if (!xml) continue;
            xmlChar *text = xmlNodeListGetString(n->doc, a->children, 1);
            if (text) chain[depth++] = arena_copy(&f->arena, s_trim(s_of((const char *)text)));
            xmlFree(text);
        }
    struct sori_str base = depth ? request : otherwise;
    while (depth > 0) {
        struct sori_str next = feed_resolve(f, base, chain[--depth]);
        if (url_is_http(next)) base = next;
    }
    return base;
}

/* "mail@example.kr (이름)" and "이름 <mail@example.kr>": the name, else what is there. */
static struct sori_str author_name(struct feed *f, struct sori_str s) {
    size_t open = s_find(s, " ("), angle = s_find_char(s, '<');
    if (open < s.len && s_ends(s, ")"))
        s = s_from(s_head(s, s.len - 1), open + 2);
    else if (angle > 0 && angle < s.len)
        s = s_head(s, angle);
    struct text line = {0};
    text_fold(&line, s_trim(s));
    return text_keep(&line, &f->arena);
}

static void person(struct feed *f, xmlNode *n, struct sori_str *name, struct sori_str *url) {
    struct sori_str mail = {NULL, 0};
    if (!first_element(n->children)) {
        if (!name->len) *name = author_name(f, content(f, n));
        return;
    }
    if (name->len) return;
    EACH_CHILD(c, n) {
        struct name m = name_of(c);
        if (is_home(m, "name")) *name = author_name(f, content(f, c));
        if (is_home(m, "uri") || is_home(m, "url")) *url = content(f, c);
        if (is_home(m, "email")) mail = content(f, c);
    }
    if (!name->len) *name = mail;
}

/* An entry being read: where its links point from, and what is kept until all is known. */
struct reading {
    struct feed *f;
    struct feed_entry *e;
    struct sori_str request, otherwise;
    struct sori_str link, alternate, guid_link, origin, media_title, summary, body, creator,
        created;
    struct sori_str summary_markup, body_markup;
    bool atom, alternate_html;
};

static struct sori_str here(struct reading *r, const xmlNode *n, struct sori_str ref) {
    if (ref.len == 0) return ref;
    return feed_resolve(r->f, base_of(r->f, n, r->request, r->otherwise), ref);
}

static bool html_type(struct sori_str type) {
    return type.len == 0 || s_starts_same(type, "text/html") ||
           s_starts_same(type, "application/xhtml");
}

static void read_link(struct reading *r, xmlNode *n) {
    struct sori_str href = attribute(r->f, n, "href"), rel = attribute(r->f, n, "rel");
    struct sori_str type = attribute(r->f, n, "type");
    if (href.len == 0) {
        struct sori_str text = content(r->f, n);
        if (!r->link.len && !first_element(n->children)) r->link = here(r, n, text);
        return;
    }
    href = here(r, n, s_trim(href));
    rel = s_trim(rel);
    if (rel.len == 0 || s_same(rel, "alternate") ||
        s_same(rel, "http://www.iana.org/assignments/relation/alternate")) {
        bool html = html_type(type);
        if (!r->alternate.len || (html && !r->alternate_html)) {
            r->alternate = href;
            r->alternate_html = html;
        }
    } else if (s_same(rel, "replies")) {
        if (html_type(type))
            r->e->comments_page = href;
        else
            r->e->comments_feed = href;
        int64_t count = s_number(attribute(r->f, n, "count"));
        if (count >= 0) r->e->comments = count;
    }
}

static void read_guid(struct reading *r, xmlNode *n) {
    struct sori_str text = content(r->f, n), permanent = attribute(r->f, n, "isPermaLink");
    if (text.len == 0) return;
    r->e->id = text;
    if (!s_same(s_trim(permanent), "false") && url_is_http(text)) r->guid_link = text;
}

/* The vocabulary of the feed itself. */
static void read_home(struct reading *r, xmlNode *n, struct sori_str local) {
    struct feed *f = r->f;
    struct feed_entry *e = r->e;
    if (s_same(local, "title")) {
        if (!e->title.len) e->title = words_of(f, n, r->atom, true, NULL);
    } else if (s_same(local, "link")) {
        read_link(r, n);
    } else if (s_same(local, "guid")) {
        read_guid(r, n);
    } else if (s_same(local, "id")) {
        struct sori_str id = content(f, n);
        if (id.len) e->id = id;
        if (url_is_http(id)) r->guid_link = id;
    } else if (s_same(local, "description") || s_same(local, "summary")) {
        if (!r->summary.len) r->summary = words_of(f, n, r->atom, false, &r->summary_markup);
    } else if (s_same(local, "content") || s_same(local, "body")) {
        if (!r->body.len && !attribute(f, n, "src").len)
            r->body = words_of(f, n, r->atom, false, &r->body_markup);
    } else if (s_same(local, "author")) {
        person(f, n, &e->author, &e->author_url);
    } else if (s_same(local, "pubDate") || s_same(local, "published") || s_same(local, "issued")) {
        feed_date(f, e, content(f, n), false);
    } else if (s_same(local, "updated") || s_same(local, "modified") || s_same(local, "lastmod")) {
        feed_date(f, e, content(f, n), true);
    } else if (s_same(local, "created")) {
        r->created = content(f, n);
    } else if (s_same(local, "comments") && !e->comments_page.len) {
        e->comments_page = here(r, n, content(f, n));
    }
}

static void read_other(struct reading *r, xmlNode *n, struct name m) {
    struct feed *f = r->f;
    struct feed_entry *e = r->e;
    if (is(m, DC, "creator")) {
        if (!r->creator.len) r->creator = author_name(f, content(f, n));
    } else if (is(m, DC, "title") || is(m, MEDIA, "title")) {
        if (!r->media_title.len) r->media_title = words_of(f, n, false, true, NULL);
    } else if (is(m, DC, "date") || is(m, TERMS, "issued")) {
        if (!e->dated) feed_date(f, e, content(f, n), false);
    } else if (is(m, TERMS, "created")) {
        r->created = content(f, n);
    } else if (is(m, TERMS, "modified")) {
        feed_date(f, e, content(f, n), true);
    } else if (is(m, DC, "description")) {
        if (!r->summary.len) r->summary = words_of(f, n, false, false, &r->summary_markup);
    } else if (is(m, CONTENT, "encoded") || is(m, XHTML, "body") || is(m, XHTML, "div")) {
        if (!r->body.len) r->body = words_of(f, n, false, false, &r->body_markup);
    } else if (is(m, FEEDBURNER, "origLink")) {
        if (!r->origin.len) r->origin = here(r, n, content(f, n));
    } else if (is(m, WFW, "commentRss")) {
        e->comments_feed = here(r, n, content(f, n));
    } else if (is(m, SLASH, "comments") || is(m, THR, "total")) {
        e->comments = s_number(content(f, n));
    } else if (is(m, THR, "in-reply-to")) {
        e->reply_id = attribute(f, n, "ref");
        e->reply_url = here(r, n, attribute(f, n, "href"));
    }
}

static void read_entry(struct feed *f, xmlNode *n, struct name self, struct sori_str request) {
    struct feed_entry *e = feed_add(f);
    if (!e) return;
    struct reading r = {.f = f, .e = e, .request = request};
    r.otherwise = url_is_http(f->url) ? f->url : request;
    r.atom = s_same(self.local, "entry");
    struct sori_str about = attribute(f, n, "about");
    if (!r.atom && about.len) e->id = about;
    EACH_CHILD(c, n) {
        struct name m = name_of(c);
        if (m.family == HOME || m.family == ATOM)
            read_home(&r, c, m.local);
        else
            read_other(&r, c, m);
    }
    if (!e->dated) feed_date(f, e, r.created, false);
    if (!e->title.len) e->title = r.media_title;
    e->text = r.body.len ? r.body : r.summary;
    e->markup = r.body.len ? r.body_markup : r.summary_markup;
    if (!e->author.len) e->author = r.creator.len ? r.creator : f->author;
    e->url = r.link.len ? r.link : r.alternate.len ? r.alternate : r.guid_link;
    if (url_is_http(r.origin)) {
        e->url = r.origin;
        e->original = true;
    }
}

static int64_t period(struct sori_str s) {
    static const struct {
        const char *name;
        int64_t hours;
    } periods[] = {{"hourly", 1}, {"daily", 24}, {"weekly", 168}, {"monthly", 720}};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (s_same(s, periods[i].name)) return periods[i].hours * 3600000;
    return 0;
}

/* What the feed says about itself: read before its entries, which inherit from it. */
static void read_head(struct feed *f, xmlNode *n, struct sori_str request) {
    struct feed_entry scratch = {0};
    struct reading r = {.f = f, .e = &scratch, .request = request, .otherwise = request};
    int64_t every = 0, times = 1, ttl = 0;
    EACH_CHILD(c, n) {
        struct name m = name_of(c);
        bool home = m.family == HOME || m.family == ATOM;
        if (home && s_same(m.local, "title") && !f->title.len)
            f->title = words_of(f, c, s_same(s_of((const char *)n->name), "feed"), true, NULL);
        if (home && s_same(m.local, "link")) {
            if (s_same(attribute(f, c, "rel"), "next"))
                f->next_page = here(&r, c, attribute(f, c, "href"));
            else
                read_link(&r, c);
        }
        if (home && (s_same(m.local, "author") || s_same(m.local, "managingEditor")))
            person(f, c, &f->author, &scratch.author_url);
        if (is(m, DC, "creator") && !f->author.len) f->author = author_name(f, content(f, c));
        if (home && s_same(m.local, "generator")) f->generator = content(f, c);
        if ((home || m.family == DC) && s_same(m.local, "language")) f->language = content(f, c);
        if (home && s_same(m.local, "ttl")) ttl = s_number(content(f, c)) * 60000;
        if (is(m, SYNDICATION, "updatePeriod")) every = period(content(f, c));
        if (is(m, SYNDICATION, "updateFrequency")) times = s_number(content(f, c));
    }
    if (!f->url.len) f->url = r.link.len ? r.link : r.alternate;
    if (every > 0 && times > 0 && every / times > ttl) ttl = every / times;
    if (ttl > f->interval_ms && ttl <= 7 * 86400000ll) f->interval_ms = ttl;
    struct sori_str lang = attribute(f, n, "lang");
    if (lang.len && !f->language.len) f->language = lang;
}

static enum feed_format format_of(struct name m) {
    bool home = m.family == HOME || m.family == ATOM;
    if (s_same(m.local, "rdf")) return FEED_RDF;
    if (home && (s_same(m.local, "feed") || s_same(m.local, "entry"))) return FEED_ATOM;
    if (home && (s_same(m.local, "rss") || s_same(m.local, "channel") || s_same(m.local, "item")))
        return FEED_RSS;
    return FEED_NONE;
}

/* Heads first, so that an entry in front of its channel's link still resolves by it. */
static void walk(struct feed *f, xmlNode *n, struct sori_str request, bool heads, int depth) {
    EACH_CHILD(c, n) {
        struct name m = name_of(c);
        bool home = m.family == HOME || m.family == ATOM;
        bool entry = home && (s_same(m.local, "item") || s_same(m.local, "entry"));
        enum feed_format format = format_of(m);
        if (f->format == FEED_NONE) f->format = format;
        if (heads && home && (s_same(m.local, "channel") || s_same(m.local, "feed")))
            read_head(f, c, request);
        if (!heads && entry) read_entry(f, c, m, request);
        bool words = home && (s_same(m.local, "title") || s_same(m.local, "content") ||
                              s_same(m.local, "summary") || s_same(m.local, "description"));
        if (!words && m.family != XHTML && depth < FEED_MAX_DEPTH)
            walk(f, c, request, heads, depth + 1);
    }
}

bool feed_parse_xml(struct feed *f, struct sori_str utf8, struct sori_str base) {
    struct text clean = {0};
    feed_clean(&clean, utf8);
    xmlParserCtxt *ctxt = xmlNewParserCtxt();
    if (!ctxt || clean.len > INT32_MAX) {
        xmlFreeParserCtxt(ctxt);
        text_free(&clean);
        return false;
    }
    xmlDoc *doc = xmlCtxtReadMemory(ctxt, clean.data, (int)clean.len, NULL, "UTF-8",
                                    XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                        XML_PARSE_NONET | XML_PARSE_NOCDATA);
    if (!ctxt->wellFormed) feed_note(f, "mended: not well-formed XML");
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (root) {
        walk(f, root, base, true, 0);
        walk(f, root, base, false, 0);
    }
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(ctxt);
    text_free(&clean);
    return f->format != FEED_NONE;
}
