/* Links in a text. With a scheme in front any host counts; without one only the parts of it that
 * are written in Latin letters do, so that two sentences without a blank are no link. */
#include "text_parts.h"

#include <string.h>

enum { URL_BYTES = 4096, SHORT_LINK = 40, SCHEME = 8 /* of https:// */ };

void entity_add(struct arena *a, struct entity_list *l, struct x_entity e) {
    if (l->n == l->room) {
        size_t room = l->room ? l->room * 2 : 8;
        struct x_entity *more = arena_get(a, room * sizeof *more);
        if (l->n) memcpy(more, l->at, l->n * sizeof *more);
        l->at = more;
        l->room = room;
    }
    l->at[l->n++] = e;
}

static bool one_of(uint32_t c, const char *set) {
    return c != 0 && c < 0x80 && strchr(set, (int)c) != NULL;
}

static bool is_cyrillic(uint32_t c) { return c >= 0x400 && c <= 0x4FF; }

static bool is_path(uint32_t c) {
    return is_ascii_alnum(c) || one_of(c, "!*';:=+,.$/%#[]-_~@|&") || c == 0x2013 ||
           is_cyrillic(c) || is_latin_accent(c);
}
static bool ends_path(uint32_t c) {
    return is_ascii_alnum(c) || one_of(c, "+-=_#/") || is_cyrillic(c) || is_latin_accent(c);
}
static bool is_query(uint32_t c) {
    return is_ascii_alnum(c) || one_of(c, "!?*'@();:&=+$/%#[]-_.,~|");
}
static bool ends_query(uint32_t c) { return is_ascii_alnum(c) || one_of(c, "-_&=#/"); }

static size_t skip_path(const struct codes *t, size_t i) {
    while (i < t->n && is_path(t->c[i])) i++;
    return i;
}

/* Parentheses with something in them, one more level allowed: as Wikipedia writes them. Where they
 * end, or 0. */
static size_t parens_end(const struct codes *t, size_t i) {
    size_t inner = skip_path(t, i + 1);
    if (inner < t->n && t->c[inner] == ')') return inner > i + 1 ? inner + 1 : 0;
    if (inner >= t->n || t->c[inner] != '(') return 0;
    size_t end = skip_path(t, inner + 1);
    if (end == inner + 1 || end >= t->n || t->c[end] != ')') return 0;
    end = skip_path(t, end + 1);
    return end < t->n && t->c[end] == ')' ? end + 1 : 0;
}

/* From the slash at `i`. Marks that end sentences are not the end of a path. */
static size_t path_end(const struct codes *t, size_t i) {
    size_t end = i + 1;
    for (size_t k = i + 1; k < t->n;) {
        if (t->c[k] == '(') {
            k = parens_end(t, k);
            if (k == 0) break;
            end = k;
        } else if (is_path(t->c[k])) {
            k++;
            if (ends_path(t->c[k - 1])) end = k;
        } else {
            break;
        }
    }
    return end;
}

/* From the question mark at `i`; `i` where there is no query. */
static size_t query_end(const struct codes *t, size_t i) {
    size_t end = i;
    for (size_t k = i + 1; k < t->n && is_query(t->c[k]); k++)
        if (ends_query(t->c[k])) end = k + 1;
    return end;
}

static size_t scheme_end(const struct codes *t, size_t i) {
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t s = 0; s < 2; s++) {
        size_t k = 0;
        while (schemes[s][k] && i + k < t->n && t->c[i + k] < 0x80 &&
               s_lower((char)t->c[i + k]) == schemes[s][k])
            k++;
        if (!schemes[s][k]) return i + k;
    }
    return i;
}

struct link {
    size_t from, host, host_end, path, end; /* path = end where there is none */
};

static bool link_at(const struct codes *t, const size_t *hosts, size_t i, struct link *l) {
    size_t host = scheme_end(t, i), k = hosts[host];
    if (k == 0) return false;
    *l = (struct link){.from = i, .host = host, .host_end = k};
    if (k + 1 < t->n && t->c[k] == ':' && s_digit(t->c[k + 1] < 0x80 ? (char)t->c[k + 1] : 0))
        for (k++; k < t->n && t->c[k] < 0x80 && s_digit((char)t->c[k]);) k++;
    l->path = t->n + 1;
    if (k < t->n && t->c[k] == '/') {
        l->path = k;
        k = path_end(t, k);
    }
    if (k < t->n && t->c[k] == '?') k = query_end(t, k);
    l->end = k;
    if (l->path > t->n) l->path = k;
    return true;
}

/* X's own short links are letters and digits; what follows is the text around. False where the
 * letters are more than any short link has. */
static bool cut_short_link(const struct codes *t, struct link *l) {
    static const char host[] = "t.co";
    if (l->host_end - l->host != 4 || l->path != l->host_end || l->path == l->end) return true;
    for (size_t i = 0; i < 4; i++)
        if (t->c[l->host + i] >= 0x80 || s_lower((char)t->c[l->host + i]) != host[i]) return true;
    size_t slug = l->path + 1, end = slug;
    while (end < l->end && is_ascii_alnum(t->c[end])) end++;
    if (end == slug) return true;
    if (end - slug > SHORT_LINK) return false;
    if (end < t->n && t->c[end] == '?') end = query_end(t, end);
    l->end = end;
    return true;
}

/* Without a scheme: every part of the host that is Latin labels and a top-level domain is a link of
 * its own, and the last one takes the path. */
static void add_latin_hosts(struct x_text *x, struct arena *a, const struct codes *t,
                            const struct link *l, struct entity_list *out) {
    size_t before = out->n, from = l->host, best = 0;
    for (size_t i = l->host; i < l->host_end; i++) {
        uint32_t c = t->c[i];
        if (c == '.' && i > from) { /* a label ends: does a domain? The last that does, counts. */
            size_t top = host_top_end(x, t, i + 1);
            if (top && top <= l->host_end) best = top;
            if (i + 1 < l->host_end &&
                (is_ascii_alnum(t->c[i + 1]) || t->c[i + 1] == '-' || is_latin_accent(t->c[i + 1])))
                continue;
        } else if (is_ascii_alnum(c) || c == '-' || is_latin_accent(c)) {
            continue;
        }
        if (best) {
            entity_add(a, out, (struct x_entity){.from = from, .to = best});
            if (best > i) i = best - 1;
            best = 0;
        }
        from = i + 1;
    }
    if (best) entity_add(a, out, (struct x_entity){.from = from, .to = best});
    if (out->n > before && l->path < l->end) out->at[out->n - 1].to = l->end;
}

static bool may_precede(uint32_t c) {
    return !(is_ascii_alnum(c) || is_at_sign(c) || is_hash_sign(c) || c == '$' || is_refused(c));
}

static void add_link(struct x_text *x, struct arena *a, const struct codes *t, struct link l,
                     struct entity_list *out) {
    size_t ascii, host = l.host_end - l.host;
    if (!host_is_askable(t, l.host, l.host_end, &ascii)) return;
    if (l.end - l.from - host + ascii + (l.host == l.from ? SCHEME : 0) > URL_BYTES) return;
    if (l.host == l.from) {
        uint32_t c = l.from > 0 ? t->c[l.from - 1] : ' ';
        if (!one_of(c, "-_./")) add_latin_hosts(x, a, t, &l, out);
    } else if (cut_short_link(t, &l)) {
        entity_add(a, out, (struct x_entity){.from = l.from, .to = l.end});
    }
}

struct x_entities urls_find(struct x_text *x, struct arena *a, const struct codes *t) {
    size_t dot = 0;
    while (dot < t->n && t->c[dot] != '.') dot++;
    if (dot == t->n) return (struct x_entities){NULL, 0};
    const size_t *hosts = hosts_find(x, a, t);
    struct entity_list out = {0};
    struct link l;
    /* The character in front is part of the match: it is not shared with the match before. At the
     * very start nothing needs to be in front, but X tries the other way first. */
    size_t last = 0;
    if (t->n > 1 && may_precede(t->c[0]) && link_at(t, hosts, 1, &l)) {
        add_link(x, a, t, l, &out);
        last = l.end;
    } else if (link_at(t, hosts, 0, &l)) {
        add_link(x, a, t, l, &out);
        last = l.end;
    }
    for (size_t i = last + 1; i < t->n; i++) {
        if (!may_precede(t->c[i - 1]) || !link_at(t, hosts, i, &l)) continue;
        add_link(x, a, t, l, &out);
        last = l.end;
        i = last;
    }
    return (struct x_entities){out.at, out.n};
}

struct x_entities x_urls(struct x_text *x, struct arena *a, struct sori_str text) {
    struct codes t = codes_of(a, text);
    struct x_entities found = urls_find(x, a, &t);
    struct x_entity *at = arena_get(a, (found.n + 1) * sizeof *at);
    for (size_t i = 0; i < found.n; i++) {
        at[i] = found.at[i];
        at[i].text = codes_view(&t, at[i].from, at[i].to);
    }
    return (struct x_entities){at, found.n};
}
