/* What arrived: one announcement in one of three protocols, and the task that it leaves behind. */
#ifndef TRACKBACK_PING_H
#define TRACKBACK_PING_H

#include "common/text.h"
#include "sori/connector.h"

struct ping {
    const char *protocol; /* "trackback", "pingback", "webmention" */
    struct sori_str source, target, blog_name, title, excerpt;
    int64_t arrived_at;
    /* of the task */
    int stage;   /* 0 first verification, 1 after a day, 2 after a week */
    int attempt; /* how often it could not be fetched in a row */
    int missed;  /* how often the link was not found in a row, after it had been */
};

/* Reads a delivery; false with `why` where it is none. Strings live in `a` or the delivery. */
bool ping_read(struct arena *a, const struct sori_delivery *d, struct ping *ping, const char **why);
/* The id of the interaction: normalised source, a blank, normalised target; at most 512 bytes. */
struct sori_str ping_id(struct arena *a, const struct ping *ping);
/* The body of a task, and back. */
struct sori_str ping_write(struct arena *a, const struct ping *ping);
bool ping_parse(struct sori_str body, struct ping *ping);

#endif
