#include "net/target.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <idn2.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>

enum { URL_MAX = 8192, HOST_MAX = 253 };

static bool plain_host(const char *host, size_t len) {
    if (len == 0 || len > HOST_MAX) return false;
    for (size_t i = 0; i < len; i++) {
        char c = host[i];
        bool dot = c == '.' && i > 0 && host[i - 1] != '.';
        if (!dot && c != '-' && c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static bool put_v6(const char *text, struct buf *out) {
    struct in6_addr six;
    char normal[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, text, &six) != 1) return false;
    if (!inet_ntop(AF_INET6, &six, normal, sizeof normal)) return false;
    buf_puts(out, normal);
    return true;
}

/* A name whose last label is a number can only be an IPv4 address (WHATWG URL): inet_aton reads the
 * decimal, octal, hexadecimal and short forms that resolvers also take. */
static bool put_v4_or_name(const char *host, size_t len, struct buf *out) {
    const char *last = memrchr(host, '.', len);
    last = last ? last + 1 : host;
    bool numeric = *last >= '0' && *last <= '9';
    for (const char *p = last; numeric && *p; p++)
        numeric = (*p >= '0' && *p <= '9') || (p == last + 1 && *p == 'x' && *last == '0') ||
                  (last[0] == '0' && last[1] == 'x' && *p >= 'a' && *p <= 'f');
    if (!numeric) {
        buf_put(out, host, len);
        return true;
    }
    struct in_addr four;
    char normal[INET_ADDRSTRLEN];
    if (inet_aton(host, &four) == 0 || !inet_ntop(AF_INET, &four, normal, sizeof normal))
        return false;
    buf_puts(out, normal);
    return true;
}

bool target_host(struct sori_str host, struct buf *out) {
    if (host.len == 0 || host.len > URL_MAX || memchr(host.ptr, 0, host.len) ||
        memchr(host.ptr, '%', host.len))
        return false;
    char *copy = mem_text(host);
    if (strchr(copy, ':')) {
        bool six = put_v6(copy, out);
        free(copy);
        return six;
    }
    char *ascii = NULL;
    int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    bool wide = false;
    for (size_t i = 0; i < host.len; i++) wide |= (unsigned char)host.ptr[i] >= 0x80;
    if (wide && idn2_to_ascii_8z(copy, &ascii, flags) != IDN2_OK) {
        free(copy);
        return false;
    }
    const char *name = ascii ? ascii : copy;
    struct buf low = {0};
    for (const char *p = name; *p; p++)
        buf_putc(&low, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
    if (low.len > 1 && low.data[low.len - 1] == '.') low.data[--low.len] = 0;
    bool ok = low.len && plain_host(low.data, low.len) && put_v4_or_name(low.data, low.len, out);
    buf_free(&low);
    if (ascii) idn2_free(ascii);
    free(copy);
    return ok;
}

static bool starts(struct sori_str url, const char *head) {
    size_t n = strlen(head);
    return url.len >= n && strncasecmp(url.ptr, head, n) == 0;
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* folder:///absolute/path: decoded once; what the path may reach is decided where it is served. */
static bool parse_folder(struct sori_str url, struct target *t, struct err *err) {
    struct buf path = {0};
    for (size_t i = strlen("folder://"); i < url.len; i++) {
        int high = url.ptr[i] == '%' && i + 2 < url.len ? hex(url.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex(url.ptr[i + 2]) : -1;
        if (url.ptr[i] == '%' && (low < 0 || high * 16 + low == 0)) {
            buf_free(&path);
            return err_set(err, "%.*s: a broken %%-escape in a folder: URL", STR(url));
        }
        buf_putc(&path, low >= 0 ? (char)(high * 16 + low) : url.ptr[i]);
        if (low >= 0) i += 2;
    }
    t->folder = true;
    t->url = mem_text(url);
    t->path = mem_text(buf_view(&path));
    buf_free(&path);
    return true;
}

/* What every reader of URLs agrees on, checked on the text itself before any of them is asked. */
static bool check_text(struct sori_str url, struct err *err) {
    if (url.len == 0 || url.len > URL_MAX)
        return err_set(err, "a URL of %zu bytes: expected 1 to %d", url.len, URL_MAX);
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= 0x20 || c == 0x7f || c == '\\')
            return err_set(err, "a URL with a blank, control character or backslash at byte %zu",
                           i + 1);
    }
    if (starts(url, "folder:///")) return true;
    size_t head = starts(url, "https://") ? 8 : starts(url, "http://") ? 7 : 0;
    if (head == 0)
        return err_set(err, "%.*s: only http://, https:// and folder:/// URLs are fetched",
                       (int)(url.len > 200 ? 200 : url.len), url.ptr);
    size_t end = head;
    while (end < url.len && !strchr("/?#", url.ptr[end])) end++;
    if (end == head) return err_set(err, "a URL without a host");
    if (memchr(url.ptr + head, '%', end - head))
        return err_set(err, "a URL whose host is percent-encoded or has a zone is not fetched");
    if (memchr(url.ptr + head, '@', end - head))
        return err_set(err, "a URL with a user name or password in it is not fetched");
    return true;
}

/* The parser keeps the parts; the host is written back in its one spelling. */
static bool take_parts(CURLU *parts, struct target *t, struct err *err) {
    char *host = NULL, *port = NULL, *scheme = NULL;
    struct buf normal = {0}, written = {0};
    bool ok = curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    struct sori_str name = str_c(host);
    bool six = name.len > 2 && name.ptr[0] == '[';
    if (six) name = (struct sori_str){name.ptr + 1, name.len - 2};
    if (ok && !target_host(name, &normal))
        ok = err_set(err, "\"%s\" is not a host that can be asked", host);
    else if (!ok)
        err_set(err, "a URL whose parts cannot be told apart");
    if (ok) {
        buf_printf(&written, strchr(normal.data, ':') ? "[%s]" : "%s", normal.data);
        t->host = mem_text(buf_view(&normal));
        t->port = (uint16_t)strtoul(port, NULL, 10);
        t->tls = strcmp(scheme, "https") == 0;
        t->own_port = t->port == (t->tls ? 443 : 80);
        ok = t->port != 0 || err_set(err, "port 0 is no port");
        char *url = NULL;
        ok = ok && ((curl_url_set(parts, CURLUPART_HOST, written.data, 0) == CURLUE_OK &&
                     curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
                     curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK) ||
                    err_set(err, "\"%s\" is not a host that can be asked", host));
        if (url) t->url = mem_text(str_c(url));
        curl_free(url);
    }
    buf_free(&normal);
    buf_free(&written);
    curl_free(host);
    curl_free(port);
    curl_free(scheme);
    return ok;
}

bool target_parse(struct sori_str url, struct target *t, struct err *err) {
    *t = (struct target){0};
    if (!check_text(url, err)) return false;
    if (starts(url, "folder:")) return parse_folder(url, t, err);
    char *copy = mem_text(url);
    CURLU *parts = curl_url();
    CURLUcode code =
        parts ? curl_url_set(parts, CURLUPART_URL, copy, CURLU_URLENCODE) : CURLUE_OUT_OF_MEMORY;
    bool ok = code == CURLUE_OK
                  ? take_parts(parts, t, err)
                  : err_set(err, "a URL that cannot be read: %s", curl_url_strerror(code));
    curl_url_cleanup(parts);
    free(copy);
    if (!ok) target_free(t);
    return ok;
}

void target_free(struct target *t) {
    free(t->url);
    free(t->host);
    free(t->path);
    *t = (struct target){0};
}

bool target_same_origin(const struct target *a, const struct target *b) {
    return a->tls == b->tls && a->port == b->port && strcmp(a->host, b->host) == 0;
}
