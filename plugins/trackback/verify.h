/* Does a source really link to the page of ours, and what does its author mean by it? CHANNELS §9
 * and §10. Pure: bytes in, finding out. */
#ifndef TRACKBACK_VERIFY_H
#define TRACKBACK_VERIFY_H

#include "common/text.h"
#include "sori/item.h"

struct finding {
    bool linked;
    bool readable; /* a media type that links can be looked for in */
    uint32_t kind, share;
    struct sori_str author_name, author_url, title, text;
    int64_t said_at;
    struct sori_str note; /* what weakens the link: "rel=nofollow", "more than 100 links" */
};

/* `type` is the Content-Type value, `url` the final one. Results live in `a`. */
struct finding verify(struct arena *a, struct sori_str body, struct sori_str type,
                      struct sori_str url, struct sori_str target);

#endif
