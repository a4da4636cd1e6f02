/* Answers that never end: held, watched for silence, asked for again by the ladder. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/engine.h"

struct stream;

struct stream_events {
    void *ctx;
    /* PART_… fields; borrowed. False where the reader has no room: the stream is closed for a
     * while, and what it would have said is missed. */
    bool (*part)(void *ctx, struct sori_str parts);
    /* It will not be asked for again by itself: ANS_WHY in `answer`. The stream is freed. */
    void (*over)(void *ctx, enum sori_status status, struct sori_str answer);
};

/* Opens what the STREAM_… record says and keeps it open. Never NULL; events come from the loop. */
struct stream *stream_open(struct event_base *base, struct engine *e, struct sori_str want,
                           const struct stream_events *events);
/* Ends it without events. */
void stream_close(struct stream *s);

#endif
