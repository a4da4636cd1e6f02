#include "gate/site.h"

#include "gate/head.h"

struct parts {
    struct sori_str host, port, path;
    bool tls;
};

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool skip_scheme(struct sori_str *url, const char *scheme) {
    size_t n = strlen(scheme);
    if (url->len < n || !same_word((struct sori_str){url->ptr, n}, scheme)) return false;
    url->ptr += n;
    url->len -= n;
    return true;
}

static bool split(struct sori_str url, struct parts *p) {
    for (size_t i = 0; i < url.len; i++)
        if ((uint8_t)url.ptr[i] <= 0x20 || url.ptr[i] == 0x7f || url.ptr[i] == '\\') return false;
    p->tls = skip_scheme(&url, "https://");
    if (!p->tls && !skip_scheme(&url, "http://")) return false;
    size_t n = 0;
    while (n < url.len && !strchr("/?#", url.ptr[n])) n++;
    struct sori_str authority = {url.ptr, n};
    p->path = (struct sori_str){url.ptr + n, url.len - n};
    if (n == 0 || memchr(authority.ptr, '@', n)) return false;
    size_t colon = n;
    while (colon && authority.ptr[colon - 1] >= '0' && authority.ptr[colon - 1] <= '9') colon--;
    p->port = (struct sori_str){0};
    p->host = authority;
    if (colon && authority.ptr[colon - 1] == ':') {
        p->port = (struct sori_str){authority.ptr + colon, n - colon};
        p->host.len = colon - 1;
    }
    if (p->port.len == 0 || str_is(p->port, "80") || str_is(p->port, "443"))
        p->port = (struct sori_str){0};
    while (p->host.len && p->host.ptr[p->host.len - 1] == '.') p->host.len--;
    return p->host.len > 0;
}

bool site_is_http(struct sori_str url) {
    struct parts p;
    return url.len <= 2048 && split(url, &p);
}

/* A dot segment, written out or percent-encoded, would leave the site's folder again. */
static bool climbs(struct sori_str path) {
    for (size_t i = 0; i + 1 < path.len && path.ptr[i] != '?' && path.ptr[i] != '#'; i++) {
        if (path.ptr[i] != '/') continue;
        size_t n = 0, at = i + 1;
        while (at < path.len && n < 3) {
            if (path.ptr[at] == '.')
                at++;
            else if (path.len - at >= 3 && path.ptr[at] == '%' && path.ptr[at + 1] == '2' &&
                     lower(path.ptr[at + 2]) == 'e')
                at += 3;
            else
                break;
            n++;
        }
        if (n == 2 && (at == path.len || strchr("/?#", path.ptr[at]))) return true;
    }
    return false;
}

bool site_holds(struct sori_str site, struct sori_str url) {
    struct parts s, u;
    if (!split(site, &s) || !split(url, &u)) return false;
    if (s.host.len != u.host.len || !str_eq(s.port, u.port)) return false;
    for (size_t i = 0; i < s.host.len; i++)
        if (lower(s.host.ptr[i]) != lower(u.host.ptr[i])) return false;
    while (s.path.len && s.path.ptr[s.path.len - 1] == '/') s.path.len--;
    if (!str_starts(u.path, s.path) || climbs(u.path)) return false;
    return u.path.len == s.path.len || strchr("/?#", u.path.ptr[s.path.len]) != NULL;
}
