/* Where a page wants to be told that it was mentioned: CHANNELS §7 to §9. */
#ifndef TRACKBACK_DISCOVER_H
#define TRACKBACK_DISCOVER_H

#include "common/text.h"

/* Absolute URLs; empty where the page names none. */
struct endpoints {
    struct sori_str webmention, pingback, trackback;
};

/* `html` is UTF-8 (empty where the answer was no HTML), `headers` have names in any case, `url` is
 * the final one, after redirects. Results live in `a`. */
struct endpoints discover(struct arena *a, struct sori_str html, struct sori_pairs headers,
                          struct sori_str url);

#endif
