/* URLs that strangers name: are they http(s) at all, and do they lie on a site of ours? */
#ifndef GATE_SITE_H
#define GATE_SITE_H

#include "base/buf.h"

/* True for http:// or https:// with a host, no user part, and no blanks or control characters. */
bool site_is_http(struct sori_str url);
/* True when `url` is `site` or lies below it: same host and port (http and https tolerated), path
 * beginning at a whole segment. */
bool site_holds(struct sori_str site, struct sori_str url);

#endif
