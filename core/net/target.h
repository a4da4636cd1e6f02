/* Where a request goes: a URL taken apart strictly, in one way only, so that what is checked is
 * what is connected to. */
#ifndef NET_TARGET_H
#define NET_TARGET_H

#include "base/buf.h"
#include "base/err.h"

/* Zero-initialise; target_free releases. */
struct target {
    char *url;     /* in normal form: ASCII host, no fragment */
    char *host;    /* lower case, ASCII, no final dot, IPv6 without brackets */
    uint16_t port; /* never 0 */
    bool tls;
    bool own_port; /* the scheme's own: 80 or 443 */
    bool folder;   /* a folder: URL; `path` alone is set besides url */
    char *path;    /* of a folder: URL, percent-decoded once, absolute */
};

/* Refuses whatever is not a plain http:, https: or folder: URL, says why. */
bool target_parse(struct sori_str url, struct target *t, struct err *err);
void target_free(struct target *t);
/* Same scheme, host and port. */
bool target_same_origin(const struct target *a, const struct target *b);

/* Appends the one spelling of a host that is compared: IDN to ASCII, lower case, numbers of every
 * notation as dotted quads, IPv6 as inet_ntop writes it. False when it is no host. */
bool target_host(struct sori_str host, struct buf *out);

#endif
