#include "net/oauth1.h"

#include "net/secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

struct param {
    struct sori_str name, value; /* encoded; in the buffer of the list */
};
struct params {
    struct buf text;
    struct param *items;
    size_t count, cap;
};

static void encode(struct buf *out, struct sori_str s) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool bare = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c && strchr("-._~", c));
        if (bare) {
            buf_putc(out, (char)c);
        } else {
            buf_putc(out, '%');
            buf_putc(out, hex[c >> 4]);
            buf_putc(out, hex[c & 15]);
        }
    }
}

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Of a query or a form: '+' is a blank there. */
static void decode(struct buf *out, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        int high = s.ptr[i] == '%' && i + 2 < s.len ? digit(s.ptr[i + 1]) : -1;
        int low = high >= 0 ? digit(s.ptr[i + 2]) : -1;
        if (low >= 0) {
            buf_putc(out, (char)(high * 16 + low));
            i += 2;
        } else
            buf_putc(out, s.ptr[i] == '+' ? ' ' : s.ptr[i]);
    }
}

/* Positions in the text are kept as lengths until it no longer grows. */
static void add(struct params *p, struct sori_str name, struct sori_str value) {
    if (p->count == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 16;
        p->items = mem_grow(p->items, p->cap * sizeof *p->items);
    }
    struct param *one = &p->items[p->count++];
    size_t at = p->text.len;
    encode(&p->text, name);
    one->name.len = p->text.len - at;
    at = p->text.len;
    encode(&p->text, value);
    one->value.len = p->text.len - at;
}

static void add_form(struct params *p, struct sori_str form) {
    struct buf name = {0}, value = {0};
    while (form.len) {
        const char *end = memchr(form.ptr, '&', form.len);
        struct sori_str pair = {form.ptr, end ? (size_t)(end - form.ptr) : form.len};
        const char *is = memchr(pair.ptr, '=', pair.len);
        struct sori_str key = {pair.ptr, is ? (size_t)(is - pair.ptr) : pair.len};
        struct sori_str rest = {pair.ptr + key.len + (is != NULL),
                                pair.len - key.len - (is != NULL)};
        buf_clear(&name);
        buf_clear(&value);
        decode(&name, key);
        decode(&value, rest);
        if (pair.len) add(p, buf_view(&name), buf_view(&value));
        form.ptr += pair.len + (end != NULL);
        form.len -= pair.len + (end != NULL);
    }
    secret_wipe_buf(&name);
    secret_wipe_buf(&value);
}

static int compare(struct sori_str a, struct sori_str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int in_order(const void *a, const void *b) {
    const struct param *one = a, *two = b;
    int order = compare(one->name, two->name);
    return order ? order : compare(one->value, two->value);
}

static void add_protocol(const struct oauth1 *o, struct params *p) {
    add(p, SORI_STR("oauth_consumer_key"), o->consumer_key);
    add(p, SORI_STR("oauth_nonce"), o->nonce);
    add(p, SORI_STR("oauth_signature_method"), SORI_STR("HMAC-SHA1"));
    add(p, SORI_STR("oauth_timestamp"), o->timestamp);
    add(p, SORI_STR("oauth_token"), o->token);
    add(p, SORI_STR("oauth_version"), SORI_STR("1.0"));
}

/* Scheme and host in lower case, a port only where it is not the scheme's own, no query. */
static void put_base_url(struct buf *out, const char *url) {
    const char *host = strstr(url, "://"), *path;
    size_t scheme = host ? (size_t)(host - url) : 0;
    host = host ? host + 3 : url;
    path = host + strcspn(host, "/?#");
    size_t length = (size_t)(path - host), query = strcspn(path, "?#");
    const char *own = scheme == 5 ? ":443" : ":80";
    size_t tail = strlen(own);
    if (length > tail && memcmp(path - tail, own, tail) == 0) length -= tail;
    struct buf plain = {0};
    for (size_t i = 0; i < scheme; i++) buf_putc(&plain, (char)(url[i] | 0x20));
    buf_puts(&plain, "://");
    for (size_t i = 0; i < length; i++)
        buf_putc(&plain, host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] + 32) : host[i]);
    if (query == 0) buf_putc(&plain, '/');
    buf_put(&plain, path, query);
    encode(out, buf_view(&plain));
    buf_free(&plain);
}

void oauth1_base(const struct oauth1 *o, struct sori_str method, const char *url,
                 struct sori_str form, struct buf *out) {
    struct params p = {0};
    struct buf joined = {0};
    const char *query = strchr(url, '?');
    buf_room(&p.text, 4 * (strlen(url) + form.len) + 1024); /* so that no copy is left behind */
    if (query) add_form(&p, (struct sori_str){query + 1, strcspn(query + 1, "#")});
    add_form(&p, form);
    add_protocol(o, &p);
    char *at = p.text.data;
    for (size_t i = 0; i < p.count; i++) {
        p.items[i].name.ptr = at;
        p.items[i].value.ptr = at + p.items[i].name.len;
        at += p.items[i].name.len + p.items[i].value.len;
    }
    qsort(p.items, p.count, sizeof *p.items, in_order);
    buf_room(&joined, p.text.len + 2 * p.count + 1);
    for (size_t i = 0; i < p.count; i++) {
        if (i) buf_putc(&joined, '&');
        buf_str(&joined, p.items[i].name);
        buf_putc(&joined, '=');
        buf_str(&joined, p.items[i].value);
    }
    buf_room(out, 3 * (joined.len + strlen(url)) + 64);
    buf_str(out, method);
    buf_putc(out, '&');
    put_base_url(out, url);
    buf_putc(out, '&');
    encode(out, buf_view(&joined));
    secret_wipe_buf(&joined);
    secret_wipe_buf(&p.text);
    free(p.items);
}

static void put_word(struct buf *out, const char *name, struct sori_str value, bool last) {
    buf_printf(out, "%s=\"", name);
    encode(out, value);
    buf_puts(out, last ? "\"" : "\", ");
}

void oauth1_header(const struct oauth1 *o, struct sori_str method, const char *url,
                   struct sori_str form, struct buf *out) {
    struct buf base = {0}, key = {0};
    unsigned char mac[EVP_MAX_MD_SIZE], text[EVP_MAX_MD_SIZE * 2];
    unsigned int length = 0;
    oauth1_base(o, method, url, form, &base);
    buf_room(&key, 3 * (o->consumer_secret.len + o->token_secret.len) + 2);
    encode(&key, o->consumer_secret);
    buf_putc(&key, '&');
    encode(&key, o->token_secret);
    SORI_ASSERT(HMAC(EVP_sha1(), key.data, (int)key.len, (const unsigned char *)base.data, base.len,
                     mac, &length));
    int n = EVP_EncodeBlock(text, mac, (int)length);
    buf_room(out, 3 * (o->consumer_key.len + o->token.len) + 512);
    buf_puts(out, "Authorization: OAuth ");
    put_word(out, "oauth_consumer_key", o->consumer_key, false);
    put_word(out, "oauth_nonce", o->nonce, false);
    put_word(out, "oauth_signature", (struct sori_str){(const char *)text, (size_t)n}, false);
    put_word(out, "oauth_signature_method", SORI_STR("HMAC-SHA1"), false);
    put_word(out, "oauth_timestamp", o->timestamp, false);
    put_word(out, "oauth_token", o->token, false);
    put_word(out, "oauth_version", SORI_STR("1.0"), true);
    secret_wipe_buf(&base);
    secret_wipe_buf(&key);
}
