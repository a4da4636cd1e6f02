/* Secrets of connections and the check of signatures over the raw body. */
#ifndef GATE_SIGN_H
#define GATE_SIGN_H

#include "base/buf.h"
#include "base/err.h"

/* The lines of secrets/CONNECTION.SLOT: one secret, or several while one is being changed. Kept
 * out of swap and core dumps, wiped when freed. */
struct secret {
    struct vault *vault;
    char *bytes; /* a place of the vault */
    struct sori_str line[4];
    size_t count;
};

/* Where secrets are kept: memory locked before the fence, which allows no locking later. */
struct vault;
struct vault *vault_open(void);
void vault_close(struct vault *v);

/* Refuses a file that is missing, empty, a symlink, or readable by others. */
bool gate_secret_read(struct vault *vault, const char *folder, struct sori_str connection,
                      struct sori_str slot, struct secret *out, struct err *err);
void gate_secret_free(struct secret *s);
/* True when `given` is one of the secrets; in constant time. */
bool secret_is(const struct secret *s, struct sori_str given);

/* True when `given` (the whole header value) is the signature of `body` by one of the secrets, as
 * enum sori_sign says. */
bool sign_check(const struct secret *s, uint32_t scheme, struct sori_str prefix,
                struct sori_str given, struct sori_str body);
/* Appends base64(HMAC-SHA256(first secret, message)). */
void sign_sha256_base64(const struct secret *s, struct sori_str message, struct buf *out);

#endif
