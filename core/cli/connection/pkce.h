/* A person allows the application at the platform's own page (RFC 6749 §4.1, with PKCE, RFC 7636):
 * the address of that page, and what the browser brought back. Nothing here asks anybody. */
#ifndef CLI_PKCE_H
#define CLI_PKCE_H

#include "base/buf.h"
#include "base/err.h"

/* 32 random bytes each, in base64url. The verifier is secret; the state tells our own question's
 * answer from anybody else's. */
enum { PKCE_TEXT = 44 };
struct pkce {
    char verifier[PKCE_TEXT], state[PKCE_TEXT];
};

struct pkce_ask {
    struct sori_str authorize, client_id, redirect, scopes;
};

void pkce_begin(struct pkce *p);
void pkce_forget(struct pkce *p);
/* What the page is told instead of the verifier: S256. */
void pkce_challenge(const struct pkce *p, char out[PKCE_TEXT]);
/* Appends the page's address for this one question. */
void pkce_url(const struct pkce *p, const struct pkce_ask *ask, struct buf *url);
/* Appends the code of the address that the browser was sent to, which begins with `redirect`. False
 * where it is another address, another question's answer, or a refusal: `err` says which, and never
 * holds the code. The state is compared in constant time. */
bool pkce_take(const struct pkce *p, struct sori_str redirect, struct sori_str pasted,
               struct buf *code, struct err *err);
/* Can `redirect` be registered and used: an http or https address without blanks, a query or a
 * fragment. */
bool pkce_redirect(struct sori_str redirect);

#endif
