/* Who asks the fake X: an application's bearer token, a signature by OAuth 1.0a that is really
 * checked, or an OAuth 2.0 token that is known, alive and not expired. */
#include "fake/x.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLOCK_SKEW_S = 300 };

static int refused(struct fake *f, struct reply *r, const char *why) {
    char what[200];
    snprintf(what, sizeof what, "refused: %s", why);
    x_count(f, what);
    x_problem(f, r, 401, NULL, "Unauthorized", "Unauthorized");
    return 0;
}

/* ---- OAuth 1.0a ---- */

/* OAuth name="value", … as an object, values decoded. */
static json_t *header_fields(const char *p) {
    json_t *out = json_object();
    while (*p) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, "=,");
        if (p[n] != '=' || p[n + 1] != '"') break;
        const char *value = p + n + 2;
        size_t len = strcspn(value, "\"");
        struct buf name = {0}, decoded = {0};
        percent_decode(&name, p, n, false);
        percent_decode(&decoded, value, len, false);
        buf_putc(&name, '\0');
        json_object_set_new(out, name.data,
                            json_stringn(decoded.data ? decoded.data : "", decoded.len));
        buf_free(&name);
        buf_free(&decoded);
        p = value + len + (value[len] == '"');
    }
    return out;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Encoded pairs, sorted by name, then value: until then a byte that sorts before all others stands
 * where '=' will. */
static size_t add_pairs(char **pairs, size_t n, const json_t *from) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)from, name, value) {
        struct buf b = {0};
        if (strcmp(name, "realm") == 0 || strcmp(name, "oauth_signature") == 0) continue;
        percent_encode(&b, name);
        buf_putc(&b, '\x01');
        percent_encode(&b, json_string_value(value) ? json_string_value(value) : "");
        buf_putc(&b, '\0');
        pairs[n++] = b.data;
    }
    return n;
}

static void parameters(struct buf *out, const struct ask *a, const json_t *oauth) {
    size_t room = json_object_size(a->query) + json_object_size(a->form) + json_object_size(oauth);
    char **pairs = mem_get((room + 1) * sizeof *pairs);
    size_t n = add_pairs(pairs, 0, a->query);
    n = add_pairs(pairs, n, a->form);
    n = add_pairs(pairs, n, oauth);
    qsort(pairs, n, sizeof *pairs, by_bytes);
    for (size_t i = 0; i < n; i++) {
        *strchr(pairs[i], '\x01') = '=';
        buf_printf(out, "%s%s", i ? "&" : "", pairs[i]);
        free(pairs[i]);
    }
    free(pairs);
}

static bool right_signature(struct fake *f, const struct ask *a, const json_t *oauth) {
    struct buf base = {0}, list = {0}, url = {0}, key = {0}, right = {0};
    buf_printf(&url, "http://%s%s", ask_header(a, "host") ? ask_header(a, "host") : "", a->path);
    parameters(&list, a, oauth);
    buf_putc(&list, '\0');
    buf_printf(&base, "%s&", a->method);
    percent_encode(&base, url.data);
    buf_putc(&base, '&');
    percent_encode(&base, list.data);
    percent_encode(&key, fake_get(f, "consumer_secret"));
    buf_putc(&key, '&');
    percent_encode(&key, fake_get(f, "token_secret"));
    buf_putc(&key, '\0');
    hmac_base64(&right, 1, key.data, base.data, base.len);
    buf_putc(&right, '\0');
    bool same = strcmp(right.data, json_text(oauth, "oauth_signature")) == 0;
    buf_free(&base);
    buf_free(&list);
    buf_free(&url);
    buf_free(&key);
    buf_free(&right);
    return same;
}

static int oauth1(struct fake *f, const struct ask *a, struct reply *r, const char *header) {
    json_t *o = header_fields(header), *nonces = x_table(f, "nonces");
    const char *nonce = json_text(o, "oauth_nonce"), *why = NULL;
    int64_t skew = fake_now() / 1000 - strtoll(json_text(o, "oauth_timestamp"), NULL, 10);
    if (strcmp(json_text(o, "oauth_consumer_key"), fake_get(f, "consumer_key")) != 0)
        why = "consumer key";
    else if (strcmp(json_text(o, "oauth_token"), fake_get(f, "token")) != 0)
        why = "token";
    else if (strcmp(json_text(o, "oauth_signature_method"), "HMAC-SHA1") != 0)
        why = "signature method";
    else if (*json_text(o, "oauth_version") && strcmp(json_text(o, "oauth_version"), "1.0") != 0)
        why = "version";
    else if (skew > CLOCK_SKEW_S || skew < -CLOCK_SKEW_S)
        why = "timestamp";
    else if (!*nonce || json_object_get(nonces, nonce))
        why = "nonce used twice";
    else if (!right_signature(f, a, o))
        why = "signature";
    if (!why) json_object_set_new(nonces, nonce, json_true());
    json_decref(o);
    return why ? refused(f, r, why) : X_OAUTH1;
}

/* ---- bearers ---- */

static const json_t *live_token(struct fake *f, const char *token) {
    const json_t *t = json_object_get(x_table(f, "oauth2"), token);
    bool dead = !t || json_object_get(t, "revoked") ||
                json_integer_value(json_object_get(t, "until")) <= fake_now();
    return dead ? NULL : t;
}

static const char *bearer_of(const struct ask *a) {
    const char *header = ask_header(a, "authorization");
    return header && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : "";
}

int x_who(struct fake *f, const struct ask *a, struct reply *r) {
    const char *header = ask_header(a, "authorization");
    if (!header) return refused(f, r, "no authorization");
    if (strncasecmp(header, "OAuth ", 6) == 0) return oauth1(f, a, r, header + 6);
    const char *token = bearer_of(a);
    if (*token && strcmp(token, fake_get(f, "bearer")) == 0) return X_APP;
    if (*token && live_token(f, token)) return X_OAUTH2;
    return refused(f, r, json_object_get(x_table(f, "oauth2"), token) ? "old token" : "bearer");
}

bool x_scope(struct fake *f, const struct ask *a, const char *scopes) {
    const char *have = json_text(live_token(f, bearer_of(a)), "scope");
    while (*scopes) {
        size_t n = strcspn(scopes, " ");
        bool found = false;
        for (const char *at = have; *at && !found; at += strcspn(at, " "), at += *at == ' ')
            found = strcspn(at, " ") == n && strncmp(at, scopes, n) == 0;
        if (!found) return false;
        scopes += n + (scopes[n] == ' ');
    }
    return true;
}
