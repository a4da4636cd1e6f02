#include "cli/connection/pkce.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/random.h>

enum { CODE_MOST = 3000, WORD_MOST = 200 };

static void base64url(const uint8_t bytes[32], char out[PKCE_TEXT]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *to = out;
    for (size_t i = 0; i < 32; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16 | (i + 1 < 32 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (i + 2 < 32 ? bytes[i + 2] : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = digits[v >> 6 & 63];
        if (i + 2 < 32) *to++ = digits[v & 63];
    }
    *to = 0;
}

static void random_text(char out[PKCE_TEXT]) {
    uint8_t bytes[32];
    for (size_t got = 0; got < sizeof bytes;) {
        ssize_t n = getrandom(bytes + got, sizeof bytes - got, 0);
        SORI_ASSERT(n > 0 || errno == EINTR);
        if (n > 0) got += (size_t)n;
    }
    base64url(bytes, out);
    explicit_bzero(bytes, sizeof bytes);
}

void pkce_begin(struct pkce *p) {
    random_text(p->verifier);
    random_text(p->state);
}

void pkce_forget(struct pkce *p) { explicit_bzero(p, sizeof *p); }

void pkce_challenge(const struct pkce *p, char out[PKCE_TEXT]) {
    uint8_t hash[32];
    hash_sha256(str_c(p->verifier), hash);
    base64url(hash, out);
}

/* ---- the way there ---- */

static void put_param(struct buf *url, const char *name, struct sori_str value) {
    static const char hex[] = "0123456789ABCDEF";
    const char *at = url->data + url->len - 1;
    if (*at != '?' && *at != '&') buf_putc(url, memchr(url->data, '?', url->len) ? '&' : '?');
    buf_printf(url, "%s=", name);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c && strchr("-._~", c)))
            buf_putc(url, (char)c);
        else
            buf_printf(url, "%%%c%c", hex[c >> 4], hex[c & 15]);
    }
}

void pkce_url(const struct pkce *p, const struct pkce_ask *ask, struct buf *url) {
    char challenge[PKCE_TEXT];
    pkce_challenge(p, challenge);
    buf_str(url, ask->authorize);
    put_param(url, "response_type", SORI_STR("code"));
    put_param(url, "client_id", ask->client_id);
    put_param(url, "redirect_uri", ask->redirect);
    put_param(url, "scope", ask->scopes);
    put_param(url, "state", str_c(p->state));
    put_param(url, "code_challenge", str_c(challenge));
    put_param(url, "code_challenge_method", SORI_STR("S256"));
}

/* ---- the way back ---- */

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* False where it cannot be the form of a value. */
static bool decode(struct sori_str s, struct buf *out) {
    buf_room(out, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        int high = s.ptr[i] == '%' && i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.ptr[i + 2]) : -1;
        int c = s.ptr[i] == '%' ? high * 16 + low : s.ptr[i] == '+' ? ' ' : s.ptr[i];
        if (s.ptr[i] == '%' && low < 0) return false;
        if (s.ptr[i] == '%') i += 2;
        if (c >= 0 && c < 0x20) return false;
        buf_putc(out, (char)c);
    }
    return true;
}

/* How many parameters of that name there are; the last one, decoded. */
static int param(struct sori_str query, const char *name, struct buf *value) {
    int n = 0;
    buf_clear(value);
    while (query.len) {
        const char *amp = memchr(query.ptr, '&', query.len);
        struct sori_str one = {query.ptr, amp ? (size_t)(amp - query.ptr) : query.len};
        query.ptr += one.len + (amp != NULL);
        query.len -= one.len + (amp != NULL);
        const char *eq = memchr(one.ptr, '=', one.len);
        struct sori_str key = {one.ptr, eq ? (size_t)(eq - one.ptr) : one.len};
        if (!str_is(key, name)) continue;
        n++;
        buf_clear(value);
        struct sori_str rest = {one.ptr + key.len + 1, eq ? one.len - key.len - 1 : 0};
        if (!decode(rest, value)) return 2;
    }
    return n;
}

static struct sori_str trimmed(struct sori_str s) {
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1])) s.len--;
    while (s.len && strchr(" \t\r\n", s.ptr[0])) s.ptr++, s.len--;
    return s;
}

bool pkce_redirect(struct sori_str r) {
    if (!str_starts(r, SORI_STR("https://")) && !str_starts(r, SORI_STR("http://"))) return false;
    size_t from = r.ptr[4] == 's' ? 8 : 7;
    if (r.len <= from || r.ptr[from] == '/') return false;
    for (size_t i = 0; i < r.len; i++)
        if ((unsigned char)r.ptr[i] <= 0x20 || r.ptr[i] == 0x7f || strchr("?#\"<>\\", r.ptr[i]))
            return false;
    return true;
}

/* What stands behind `redirect` and '?'; browsers put a slash behind a bare host. */
static bool query_of(struct sori_str redirect, struct sori_str pasted, struct sori_str *query) {
    struct sori_str s = trimmed(pasted);
    const char *end = s.len ? memchr(s.ptr, '#', s.len) : NULL;
    if (end) s.len = (size_t)(end - s.ptr);
    if (!str_starts(s, redirect)) return false;
    s.ptr += redirect.len;
    s.len -= redirect.len;
    if (s.len && s.ptr[0] == '/') s.ptr++, s.len--;
    if (!s.len || s.ptr[0] != '?') return false;
    *query = (struct sori_str){s.ptr + 1, s.len - 1};
    return true;
}

static bool is_ours(const struct pkce *p, const struct buf *state) {
    size_t len = strlen(p->state);
    return state->len == len && CRYPTO_memcmp(state->data, p->state, len) == 0;
}

/* A refusal is told in the platform's words; they came by a browser, so they are only shown. */
static bool refusal(struct sori_str query, struct sori_str error, struct err *err) {
    struct buf more = {0};
    if (param(query, "error_description", &more) != 1) buf_clear(&more);
    struct buf one = {0}, other = {0};
    utf8_put_plain(&one, utf8_cut(error, WORD_MOST));
    utf8_put_plain(&other, utf8_cut(buf_view(&more), WORD_MOST));
    struct sori_str word = buf_view(&one), text = buf_view(&other);
    if (str_is(error, "access_denied"))
        err_set(err, "denied: the application was not allowed to speak for that account%s%.*s",
                text.len ? ": " : "", STR(text));
    else
        err_set(err, "the platform refuses to ask: %.*s%s%.*s", STR(word), text.len ? ": " : "",
                STR(text));
    buf_free(&one);
    buf_free(&other);
    buf_free(&more);
    return false;
}

bool pkce_take(const struct pkce *p, struct sori_str redirect, struct sori_str pasted,
               struct buf *code, struct err *err) {
    struct sori_str query;
    struct buf state = {0}, error = {0};
    bool ok = query_of(redirect, pasted, &query) ||
              err_set(err,
                      "this is not where the browser was sent: an address that begins with "
                      "%.*s? was expected",
                      STR(redirect));
    if (ok && (param(query, "state", &state) != 1 || !is_ours(p, &state)))
        ok = err_set(err, "this answers another question than the one that was just asked (its "
                          "state is not ours): open the address above, and copy what follows");
    if (ok && param(query, "error", &error) > 0) ok = refusal(query, buf_view(&error), err);
    if (ok && (param(query, "code", code) != 1 || !code->len || code->len > CODE_MOST))
        ok = err_set(err, "there is no code in this address: copy all of it");
    if (!ok && code->data) explicit_bzero(code->data, code->cap);
    if (!ok) buf_clear(code);
    buf_free(&state);
    buf_free(&error);
    return ok;
}
