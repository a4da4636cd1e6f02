/* Texts: digests, encodings, times. */
#include "fake/fake.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned digest(unsigned char out[EVP_MAX_MD_SIZE], int sha, const char *key,
                       const void *bytes, size_t len) {
    unsigned n = 0;
    const EVP_MD *md = sha == 1 ? EVP_sha1() : EVP_sha256();
    if (!HMAC(md, key, (int)strlen(key), bytes, len, out, &n)) abort();
    return n;
}

void hmac_hex(struct buf *out, int sha, const char *key, const void *bytes, size_t len) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned n = digest(raw, sha, key, bytes, len);
    for (unsigned i = 0; i < n; i++) buf_printf(out, "%02x", raw[i]);
}

void hmac_base64(struct buf *out, int sha, const char *key, const void *bytes, size_t len) {
    unsigned char raw[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
    unsigned n = digest(raw, sha, key, bytes, len);
    buf_put(out, text, (size_t)EVP_EncodeBlock(text, raw, (int)n));
}

bool base64_decode(struct buf *out, const char *text) {
    size_t len = strlen(text), pad = 0;
    if (len == 0 || len % 4) return false;
    unsigned char *room = (unsigned char *)buf_room(out, len);
    int n = EVP_DecodeBlock(room, (const unsigned char *)text, (int)len);
    if (n < 0) return false;
    while (pad < 2 && text[len - 1 - pad] == '=') pad++;
    out->len += (size_t)n - pad;
    out->data[out->len] = '\0';
    return true;
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void percent_decode(struct buf *out, const char *text, size_t len, bool plus_is_blank) {
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex(text[i + 1]) : -1;
        int low = high >= 0 ? hex(text[i + 2]) : -1;
        if (low >= 0) {
            buf_putc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_putc(out, plus_is_blank && text[i] == '+' ? ' ' : text[i]);
        }
    }
}

void percent_encode(struct buf *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                     strchr("-._~", c) != NULL;
        if (plain)
            buf_putc(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

json_t *form_parse(const char *body, size_t len) {
    json_t *form = json_object();
    const char *end = body + len;
    while (body < end) {
        const char *stop = memchr(body, '&', (size_t)(end - body));
        if (!stop) stop = end;
        const char *is = memchr(body, '=', (size_t)(stop - body));
        struct buf name = {0}, value = {0};
        percent_decode(&name, body, (size_t)((is ? is : stop) - body), true);
        if (is) percent_decode(&value, is + 1, (size_t)(stop - is - 1), true);
        json_t *text = json_stringn(value.data ? value.data : "", value.len);
        if (name.len && text)
            json_object_set_new(form, name.data, text);
        else
            json_decref(text);
        buf_free(&name);
        buf_free(&value);
        body = stop + 1;
    }
    return form;
}

static void broken_down(struct tm *tm, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, tm);
}

void time_iso(char out[40], int64_t ms) {
    struct tm tm;
    broken_down(&tm, ms);
    strftime(out, 40, "%Y-%m-%dT%H:%M:%S+0000", &tm);
}

void time_iso_ms(char out[40], int64_t ms) {
    struct tm tm;
    broken_down(&tm, ms);
    size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 40 - n, ".%03dZ", (int)(ms % 1000));
}

int64_t time_parse(const char *text) {
    struct tm tm = {0};
    char *end;
    if (!text || !*text) return -1;
    long long seconds = strtoll(text, &end, 10);
    if (!*end) return seconds < 0 ? -1 : (int64_t)seconds * 1000;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest) return -1;
    int64_t ms = (int64_t)timegm(&tm) * 1000;
    if (*rest == '.') {
        rest++;
        for (int64_t unit = 100; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            ms += (*rest - '0') * unit;
    }
    int hours = 0, minutes = 0;
    if (*rest == '+' || *rest == '-') {
        if (sscanf(rest + 1, "%2d:%2d", &hours, &minutes) < 2 &&
            sscanf(rest + 1, "%2d%2d", &hours, &minutes) < 1)
            return -1;
        int64_t zone = (hours * 60 + minutes) * 60000;
        return *rest == '+' ? ms - zone : ms + zone;
    }
    return *rest == '\0' || strcmp(rest, "Z") == 0 ? ms : -1;
}

const char *json_text(const json_t *object, const char *name) {
    const char *s = json_string_value(json_object_get(object, name));
    return s ? s : "";
}

json_t *json_bytes(const char *bytes, size_t len) {
    json_t *text = json_stringn(bytes ? bytes : "", len);
    return text ? text : json_sprintf("(%zu bytes that are no UTF-8)", len);
}
