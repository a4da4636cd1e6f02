/* What a request is signed with: read from secrets/ for this one request, applied in transfer.c,
 * hidden from everything that goes back. */
#ifndef NET_CREDENTIAL_H
#define NET_CREDENTIAL_H

#include "net/secret.h"
#include "net/settings.h"
#include "sori/host.h"

/* Of a request of ours to a token endpoint: its head and body hold what is secret. */
enum { AUTH_OURS = 100 };

/* OAuth 1.0a has the most: three beside the token. */
enum { CREDENTIAL_MORE = 3 };

struct credential {
    int64_t scheme;                         /* enum sori_auth_scheme, or AUTH_OURS */
    struct sori_str connection, slot, user; /* borrowed */
    struct secret secret;                   /* of `slot`; of a rotated one, its access token */
    struct secret more[CREDENTIAL_MORE]; /* application's secret, proof; OAuth 1.0a's other three */
    struct slot *rotated;                /* of the settings; NULL where it is plain text */
    bool stale;                          /* its time is over: a new one is needed first */
    bool wilting;                        /* still good, and time for a new one */
    int64_t until;                       /* ms UTC: the end of a rotated one; 0 not known */
};

/* Checks that scheme, slot and user go together; reads nothing. */
bool credential_check(const struct credential *c, struct err *err);
/* Reads what the scheme needs. Called again after a refresh. */
bool credential_load(struct credential *c, const struct settings *settings, struct err *err);
void credential_wipe(struct credential *c);

/* The whole Authorization line into `header`, or nothing. `url` with the query that
 * credential_query gave; `form` as in oauth1.h. */
void credential_header(const struct credential *c, struct sori_str method, const char *url,
                       struct sori_str form, struct buf *header);
/* Appends "name=value" to `query`, value not yet encoded, or nothing. */
void credential_query(const struct credential *c, struct buf *query);
/* Overwrites every secret in the text. */
void credential_hide(const struct credential *c, char *text, size_t len);

#endif
