/* OAuth 1.0a with HMAC-SHA1 (RFC 5849 §3.4): what is signed, and the header that says so. */
#ifndef NET_OAUTH1_H
#define NET_OAUTH1_H

#include "base/buf.h"

struct oauth1 {
    struct sori_str consumer_key, consumer_secret, token, token_secret;
    struct sori_str nonce, timestamp; /* decimal seconds since 1970 */
};

/* Appends the base string. `url` is absolute, with its query, in the form in which it is sent;
 * `form` is the body where it is application/x-www-form-urlencoded, else empty: other bodies are
 * not signed. */
void oauth1_base(const struct oauth1 *o, struct sori_str method, const char *url,
                 struct sori_str form, struct buf *out);
/* Appends "Authorization: OAuth …". The caller wipes it with secret_wipe_buf. */
void oauth1_header(const struct oauth1 *o, struct sori_str method, const char *url,
                   struct sori_str form, struct buf *out);

#endif
