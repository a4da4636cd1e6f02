/* uses: sori_gate sori_base PkgConfig::JANSSON */
/* Signatures of webhooks over the published vectors, and over every one of them forged. */
#include "gate/sign.h"

#include "specs/specs.h"

#include "sori/plugin.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct { int passed, failed; } tally;

static void expect(bool holds, const char *what, const char *kind) {
    holds ? tally.passed++ : tally.failed++;
    if (!holds) printf("FAILED %s: %s\n", kind, what);
}

static struct sori_str text(const json_t *v) {
    return (struct sori_str){json_string_value(v), json_string_length(v)};
}

static void verify(const char *kind, uint32_t scheme, const char *prefix, const json_t *key,
                   const json_t *body, const json_t *signature) {
    struct secret s = {.line = {text(key)}, .count = 1};
    if (!key || !body || !signature) {
        expect(false, "a vector without key, body or signature", kind);
        return;
    }
    struct sori_str head = str_c(prefix), message = text(body);
    char given[256], *forged = mem_text(message);
    snprintf(given, sizeof given, "%.*s", STR(text(signature)));
    expect(sign_check(&s, scheme, head, str_c(given), message), "its signature is refused", kind);
    forged[message.len / 2] ^= 1;
    expect(!sign_check(&s, scheme, head, str_c(given), (struct sori_str){forged, message.len}),
           "one changed bit of the body is taken", kind);
    bool all = true;
    for (size_t i = 0; given[i]; i++) {
        given[i] ^= 1;
        all &= !sign_check(&s, scheme, head, str_c(given), message);
        given[i] ^= 1;
    }
    for (size_t n = 0; given[n]; n++)
        all &= !sign_check(&s, scheme, head, (struct sori_str){given, n}, message);
    expect(all, "a changed or shortened signature is taken", kind);
    free(forged);
}

static void challenge(const json_t *v) {
    struct secret s = {.line = {text(json_object_get(v, "consumer_secret"))}, .count = 1};
    struct buf out = {0};
    buf_puts(&out, "sha256=");
    sign_sha256_base64(&s, text(json_object_get(v, "crc_token")), &out);
    const json_t *wanted = json_object_get(json_object_get(v, "response"), "response_token");
    expect(str_eq(buf_view(&out), text(wanted)), "another response_token", "x_crc");
    buf_free(&out);
}

static void every(const json_t *all) {
    size_t i;
    const json_t *v;
    json_array_foreach(json_object_get(all, "meta_webhook"), i, v) {
        const json_t *key = json_object_get(v, "app_secret"), *body = json_object_get(v, "body");
        verify("meta sha256", SORI_SIGN_HMAC_SHA256, "sha256=", key, body,
               json_object_get(v, "X-Hub-Signature-256"));
        verify("meta sha1", SORI_SIGN_HMAC_SHA1, "sha1=", key, body,
               json_object_get(v, "X-Hub-Signature"));
    }
    json_array_foreach(json_object_get(all, "x_webhook_signature"), i, v)
        verify("x", SORI_SIGN_HMAC_SHA256_BASE64, "sha256=", json_object_get(v, "consumer_secret"),
               json_object_get(v, "body"), json_object_get(v, "x-twitter-webhooks-signature"));
    json_array_foreach(json_object_get(all, "x_crc"), i, v) challenge(v);
}

int main(void) {
    struct buf path = {0};
    if (!specs_there()) return specs_absent(specs_folder());
    buf_printf(&path, "%s/vectors/signatures.json", specs_folder());
    json_t *all = json_load_file(path.data, 0, NULL);
    if (all) every(all);
    json_decref(all);
    printf("signatures: %d passed, %d failed\n", tally.passed, tally.failed);
    if (tally.passed + tally.failed == 0) printf("FAILED: no case was found in %s\n", path.data);
    buf_free(&path);
    return tally.passed && !tally.failed ? 0 : 1;
}
