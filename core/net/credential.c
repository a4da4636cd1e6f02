#include "net/credential.h"

#include "base/clock.h"
#include "net/oauth1.h"
#include "net/token.h"
#include "sori/plugin.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

/* A token that ends within this time is not worth sending. */
enum { EARLY_MS = 30000, DAY_MS = 86400000 };

/* "ID:SLOT" of INPUT_TOKEN. */
static bool halves(struct sori_str user, struct sori_str *id, struct sori_str *slot) {
    const char *colon = user.len ? memrchr(user.ptr, ':', user.len) : NULL;
    if (!colon) return false;
    *id = (struct sori_str){user.ptr, (size_t)(colon - user.ptr)};
    *slot = (struct sori_str){colon + 1, user.len - id->len - 1};
    return id->len && slot->len;
}

bool credential_check(const struct credential *c, struct err *err) {
    static const char *const needs[] = {
        [SORI_AUTH_BASIC] = "basic authentication needs auth_user, the user's name",
        [SORI_AUTH_QUERY] = "a credential in the query needs auth_user, its parameter",
        [SORI_AUTH_APPSECRET_PROOF] = "appsecret_proof needs auth_user, the slot of the "
                                      "application's secret",
        [SORI_AUTH_APP] = "an application's token needs auth_user, the application's id",
        [SORI_AUTH_INPUT_TOKEN] = "input_token needs auth_user, \"ID:SLOT\" of the application"};
    struct sori_str id, slot;
    if (c->scheme < SORI_AUTH_BEARER || c->scheme > SORI_AUTH_INPUT_TOKEN)
        return err_set(err, "the credential scheme %lld is unknown: expected 1 to %d",
                       (long long)c->scheme, SORI_AUTH_INPUT_TOKEN);
    const char *need = needs[c->scheme];
    if (need && !c->user.len) return err_set(err, "%s", need);
    if (c->scheme == SORI_AUTH_INPUT_TOKEN && !halves(c->user, &id, &slot))
        return err_set(err, "%s", need);
    if (c->scheme == SORI_AUTH_OAUTH1 && !str_is(c->slot, "token"))
        return err_set(err, "OAuth 1.0a signs with the slot \"token\" and its three companions");
    const char *not = c->scheme == SORI_AUTH_BASIC   ? ":"
                      : c->scheme == SORI_AUTH_QUERY ? "=&#?%"
                      : c->scheme == SORI_AUTH_APP   ? "|"
                                                     : "";
    for (size_t i = 0; i < c->user.len; i++) {
        char ch = c->user.ptr[i];
        if ((unsigned char)ch < 0x20 || ch == 0x7f || strchr(not, ch))
            return err_set(err, "auth_user has a character that it cannot have");
    }
    return true;
}

/* A third of its life is left, or nobody knows how long it lives: a day old then. */
static bool wilts(const struct token *t, int64_t now) {
    if (!t->expires_at) return now - t->since > DAY_MS;
    return t->expires_at - now < (t->expires_at - t->since) / 3;
}

static bool load_rotated(struct credential *c, const char *folder, struct sori_str name,
                         struct slot *slot, struct secret *out, struct err *err) {
    struct token t;
    if (!token_read(folder, c->connection, name, slot->kind, &t, err)) return false;
    int64_t now = clock_now();
    c->rotated = slot;
    c->until = t.expires_at;
    c->stale = t.expires_at && now > t.expires_at - EARLY_MS;
    c->wilting = slot->kind == SORI_SLOT_RENEWED && wilts(&t, now);
    bool ok = secret_from(str_c(t.access), out) || err_set(err, "no memory to hold a secret");
    token_free(&t);
    return ok;
}

static bool load(struct credential *c, const struct settings *s, struct sori_str name,
                 struct secret *out, struct err *err) {
    const struct connection *conn = settings_find(s, c->connection);
    struct slot *slot = conn ? settings_slot(conn, name) : NULL;
    if (slot) return load_rotated(c, s->secrets, name, slot, out, err);
    return secret_read(s->secrets, c->connection, name, out, err);
}

static bool make_proof(struct credential *c, struct err *err) {
    static const char hex[] = "0123456789abcdef";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    char text[2 * EVP_MAX_MD_SIZE];
    SORI_ASSERT(HMAC(EVP_sha256(), c->more[0].text, (int)c->more[0].len,
                     (const unsigned char *)c->secret.text, c->secret.len, mac, &n));
    for (unsigned i = 0; i < n; i++) {
        text[2 * i] = hex[mac[i] >> 4];
        text[2 * i + 1] = hex[mac[i] & 15];
    }
    bool ok = secret_from((struct sori_str){text, (size_t)2 * n}, &c->more[1]) ||
              err_set(err, "no memory to hold a secret");
    explicit_bzero(text, sizeof text);
    return ok;
}

bool credential_load(struct credential *c, const struct settings *s, struct err *err) {
    static const struct sori_str three[] = {
        {"consumer_key", 12}, {"consumer_secret", 15}, {"token_secret", 12}};
    struct sori_str id, slot;
    credential_wipe(c);
    bool ok = load(c, s, c->slot, &c->secret, err);
    if (c->scheme == SORI_AUTH_OAUTH1)
        for (size_t i = 0; ok && i < 3; i++)
            ok = secret_read(s->secrets, c->connection, three[i], &c->more[i], err);
    if (ok && c->scheme == SORI_AUTH_APPSECRET_PROOF)
        ok =
            secret_read(s->secrets, c->connection, c->user, &c->more[0], err) && make_proof(c, err);
    if (ok && c->scheme == SORI_AUTH_INPUT_TOKEN && halves(c->user, &id, &slot))
        ok = secret_read(s->secrets, c->connection, slot, &c->more[0], err);
    return ok;
}

void credential_wipe(struct credential *c) {
    secret_wipe(&c->secret);
    for (size_t i = 0; i < CREDENTIAL_MORE; i++) secret_wipe(&c->more[i]);
    c->rotated = NULL;
    c->stale = c->wilting = false;
}

static struct sori_str view(const struct secret *s) { return (struct sori_str){s->text, s->len}; }

static void sign(const struct credential *c, struct sori_str method, const char *url,
                 struct sori_str form, struct buf *header) {
    unsigned char dice[16];
    char nonce[33], at[24];
    SORI_ASSERT(RAND_bytes(dice, sizeof dice) == 1);
    for (size_t i = 0; i < sizeof dice; i++) snprintf(nonce + 2 * i, 3, "%02x", dice[i]);
    snprintf(at, sizeof at, "%lld", (long long)(clock_now() / 1000));
    struct oauth1 o = {.consumer_key = view(&c->more[0]),
                       .consumer_secret = view(&c->more[1]),
                       .token = view(&c->secret),
                       .token_secret = view(&c->more[2]),
                       .nonce = str_c(nonce),
                       .timestamp = str_c(at)};
    oauth1_header(&o, method, url, form, header);
}

static void app_token(struct sori_str id, const struct secret *s, struct buf *header) {
    buf_room(header, id.len + s->len + 64);
    buf_puts(header, "Authorization: Bearer ");
    buf_str(header, id);
    buf_putc(header, '|');
    buf_put(header, s->text, s->len);
}

void credential_header(const struct credential *c, struct sori_str method, const char *url,
                       struct sori_str form, struct buf *header) {
    struct sori_str id, slot;
    switch (c->scheme) {
    case SORI_AUTH_BEARER:
    case SORI_AUTH_APPSECRET_PROOF: secret_bearer(&c->secret, header); break;
    case SORI_AUTH_BASIC: secret_basic(&c->secret, c->user, header); break;
    case SORI_AUTH_OAUTH1: sign(c, method, url, form, header); break;
    case SORI_AUTH_APP: app_token(c->user, &c->secret, header); break;
    case SORI_AUTH_INPUT_TOKEN:
        if (halves(c->user, &id, &slot)) app_token(id, &c->more[0], header);
        break;
    default: break;
    }
}

void credential_query(const struct credential *c, struct buf *query) {
    const struct secret *s = c->scheme == SORI_AUTH_APPSECRET_PROOF ? &c->more[1] : &c->secret;
    struct sori_str name = c->scheme == SORI_AUTH_QUERY             ? c->user
                           : c->scheme == SORI_AUTH_APPSECRET_PROOF ? SORI_STR("appsecret_proof")
                           : c->scheme == SORI_AUTH_INPUT_TOKEN     ? SORI_STR("input_token")
                                                                    : (struct sori_str){0};
    if (!name.len) return;
    buf_room(query, name.len + s->len + 2);
    buf_str(query, name);
    buf_putc(query, '=');
    buf_put(query, s->text, s->len);
}

void credential_hide(const struct credential *c, char *text, size_t len) {
    if (!text) return;
    secret_hide(&c->secret, c->user, text, len);
    for (size_t i = 0; i < CREDENTIAL_MORE; i++)
        if (c->more[i].text) secret_hide(&c->more[i], c->user, text, len);
}
