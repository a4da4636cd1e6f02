/* What is asked of a token endpoint (RFC 6749 §4.1.3 and §6, RFC 7636 §4.5), and its words when it
 * refuses. Requests are HTTP_… records for engine_ours: what is secret in them is wiped there. */
#ifndef NET_OAUTH2_H
#define NET_OAUTH2_H

#include "net/token.h"

/* What a person brought back from the page on which he allowed the application. */
struct oauth2_code {
    struct sori_str code, verifier, redirect;
};

/* A new pair for the old one's refresh token. */
void oauth2_refresh(const struct token *t, const char *url, struct buf *request);
/* The first pair. `t` says who the client is. */
void oauth2_redeem(const struct token *t, const char *url, const struct oauth2_code *code,
                   struct buf *request);
/* A newer token for one that lives for weeks (enum sori_slot_kind, RENEWED). */
void oauth2_exchange(const struct token *t, const char *url, struct buf *request);

/* Appends what the platform says went wrong, for people: without the secrets of `t` and those of
 * `code` (NULL: none), and cut. */
void oauth2_words(const struct token *t, const struct oauth2_code *code, const json_t *answer,
                  struct buf *out);

#endif
