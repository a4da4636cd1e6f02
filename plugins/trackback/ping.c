#include "ping.h"

#include "common/charset.h"
#include "common/html.h"
#include "common/url.h"

#include <libxml/parser.h>
#include <stdlib.h>

enum { ID_MAX = 512, TITLE_CHARS = 250, EXCERPT_CHARS = 255 };

static const char *const protocols[] = {"trackback", "pingback", "webmention"};

/* ---- forms ---- */

static int hex_of(char c) {
    if (s_digit(c)) return c - '0';
    c = s_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void percent_decode(struct text *out, struct sori_str in) {
    for (size_t i = 0; i < in.len; i++) {
        int hi = i + 2 < in.len && in.ptr[i] == '%' ? hex_of(in.ptr[i + 1]) : -1;
        int lo = hi >= 0 ? hex_of(in.ptr[i + 2]) : -1;
        if (lo >= 0) {
            text_char(out, (char)(hi << 4 | lo));
            i += 2;
        } else {
            text_char(out, in.ptr[i] == '+' ? ' ' : in.ptr[i]);
        }
    }
}

static struct sori_str raw_field(struct arena *a, struct sori_str form, const char *name) {
    struct sori_str part;
    while (s_next(&form, '&', &part)) {
        struct text key = {0}, value = {0};
        size_t n = s_find_char(part, '=');
        percent_decode(&key, s_head(part, n));
        bool found = s_is(text_view(&key), name);
        text_free(&key);
        if (!found) continue;
        percent_decode(&value, s_from(part, n + 1));
        return text_keep(&value, a);
    }
    return (struct sori_str){0};
}

static struct sori_str cut_chars(struct sori_str s, size_t chars) {
    size_t at = 0;
    while (at < s.len && chars--) utf8_next(s, &at);
    return s_head(s, at);
}

/* A field for people: by the charset that was said or the one that fits, entities decoded (real
 * senders leave them in), on one line. */
static struct sori_str word_field(struct arena *a, struct sori_str form, const char *name,
                                  struct sori_str label, size_t chars) {
    struct text utf8 = {0}, plain = {0}, line = {0};
    struct charset_tally tally = {0};
    struct sori_str raw = raw_field(a, form, name);
    bool decoded = label.len && charset_decode(&utf8, raw, label, &tally);
    if (!decoded || tally.bad) {
        utf8.len = 0;
        charset_guess(&utf8, raw);
    }
    html_plain(&plain, text_view(&utf8));
    text_fold(&line, text_view(&plain));
    text_free(&utf8);
    text_free(&plain);
    return cut_chars(text_keep(&line, a), chars);
}

/* ---- XML-RPC; the gate has checked that it is a call with two strings ---- */

static void take_params(struct arena *a, xmlNode *node, struct sori_str out[2], int *n) {
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        if (xmlStrEqual(node->name, BAD_CAST "value")) {
            xmlChar *text = xmlNodeGetContent(node);
            if (*n < 2) out[*n] = arena_copy(a, s_trim(s_of((const char *)text)));
            ++*n;
            xmlFree(text);
        } else {
            take_params(a, node->children, out, n);
        }
    }
}

static bool read_call(struct arena *a, struct sori_str body, struct ping *p) {
    struct sori_str found[2] = {{0}, {0}};
    int n = 0;
    if (body.len == 0 || body.len > 65536) return false;
    xmlDoc *doc = xmlReadMemory(body.ptr, (int)body.len, NULL, "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc) return false;
    take_params(a, xmlDocGetRootElement(doc), found, &n);
    xmlFreeDoc(doc);
    p->source = found[0];
    p->target = found[1];
    return n == 2;
}

/* ---- deliveries ---- */

static void read_trackback(struct arena *a, const struct sori_delivery *d, struct ping *p) {
    struct sori_str label = charset_of_type(pairs_get(d->headers, "content-type"));
    p->source = s_trim(raw_field(a, d->body, "url"));
    p->target = d->path;
    p->blog_name = word_field(a, d->body, "blog_name", label, TITLE_CHARS);
    p->title = word_field(a, d->body, "title", label, TITLE_CHARS);
    p->excerpt = word_field(a, d->body, "excerpt", label, EXCERPT_CHARS);
}

/* An address that stands on one line of a task, and of a request. */
static bool is_address(struct sori_str url) {
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] == 0x7f) return false;
    return url_is_http(url);
}

bool ping_read(struct arena *a, const struct sori_delivery *d, struct ping *p, const char **why) {
    *p = (struct ping){.arrived_at = d->received_at};
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (s_is(d->form, protocols[i])) p->protocol = protocols[i];
    *why = "no form of this plugin";
    if (!p->protocol) return false;
    if (p->protocol == protocols[0]) {
        read_trackback(a, d, p);
    } else if (p->protocol == protocols[1]) {
        *why = "no XML-RPC call with two strings";
        if (!read_call(a, d->body, p)) return false;
    } else {
        p->source = s_trim(raw_field(a, d->body, "source"));
        p->target = s_trim(raw_field(a, d->body, "target"));
    }
    *why = "source or target is no http address";
    return is_address(p->source) && is_address(p->target);
}

static void put_normal(struct text *out, struct sori_str url, size_t max) {
    size_t from = out->len;
    if (!url_normal(out, url)) text_str(out, url);
    struct sori_str all = {out->data + from, out->len - from};
    if (all.len <= max) return;
    uint64_t rest = hash_bytes(0, all);
    out->len = from + utf8_cut(all, max - 20).len;
    text_format(out, "#~%016llx", (unsigned long long)rest);
}

struct sori_str ping_id(struct arena *a, const struct ping *p) {
    struct text t = {0};
    put_normal(&t, p->source, (ID_MAX - 1) / 2);
    text_char(&t, ' ');
    put_normal(&t, p->target, (ID_MAX - 1) / 2);
    return text_keep(&t, a);
}

/* ---- tasks: one line a field ---- */

static void put_line(struct text *t, const char *name, struct sori_str value) {
    if (!value.len) return;
    text_format(t, "%s ", name);
    for (size_t i = 0; i < value.len; i++)
        text_char(t, value.ptr[i] == '\n' || value.ptr[i] == '\r' ? ' ' : value.ptr[i]);
    text_char(t, '\n');
}

static void put_number(struct text *t, const char *name, int64_t n) {
    if (n) text_format(t, "%s %lld\n", name, (long long)n);
}

struct sori_str ping_write(struct arena *a, const struct ping *p) {
    struct text t = {0};
    put_line(&t, "protocol", s_of(p->protocol));
    put_line(&t, "source", p->source);
    put_line(&t, "target", p->target);
    put_line(&t, "blog_name", p->blog_name);
    put_line(&t, "title", p->title);
    put_line(&t, "excerpt", p->excerpt);
    put_number(&t, "arrived_at", p->arrived_at);
    put_number(&t, "stage", p->stage);
    put_number(&t, "attempt", p->attempt);
    put_number(&t, "missed", p->missed);
    return text_keep(&t, a);
}

static void take_line(struct ping *p, struct sori_str name, struct sori_str value) {
    int64_t n = s_number(value);
    if (s_is(name, "protocol"))
        for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
            if (s_is(value, protocols[i])) p->protocol = protocols[i];
    if (s_is(name, "source")) p->source = value;
    if (s_is(name, "target")) p->target = value;
    if (s_is(name, "blog_name")) p->blog_name = value;
    if (s_is(name, "title")) p->title = value;
    if (s_is(name, "excerpt")) p->excerpt = value;
    if (s_is(name, "arrived_at") && n > 0) p->arrived_at = n;
    if (s_is(name, "stage") && n > 0 && n < 100) p->stage = (int)n;
    if (s_is(name, "attempt") && n > 0 && n < 100) p->attempt = (int)n;
    if (s_is(name, "missed") && n > 0 && n < 100) p->missed = (int)n;
}

bool ping_parse(struct sori_str body, struct ping *p) {
    struct sori_str line;
    *p = (struct ping){0};
    while (s_next(&body, '\n', &line)) {
        size_t n = s_find_char(line, ' ');
        take_line(p, s_head(line, n), s_from(line, n + 1));
    }
    return p->protocol && url_is_http(p->source) && url_is_http(p->target);
}
