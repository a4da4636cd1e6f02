/* When a stream that was lost is asked for again (CHANNELS §3.4). Pure: the caller has the clock.
 */
#ifndef NET_LADDER_H
#define NET_LADDER_H

#include <stdbool.h>
#include <stdint.h>

enum loss {
    LOSS_ESTABLISHED, /* it was open: at once; again at once only where it had lasted a while */
    LOSS_NETWORK,     /* no connection, no answer: linear, 250 ms more each time, to 16 s */
    LOSS_HTTP,        /* an answer that is no stream: 5 s, doubling to 320 s */
    LOSS_RATE,        /* 429: when it says, else 60 s, doubling */
    LOSS_CROWDED      /* the old connection still counts there: 60 s */
};

enum { LADDER_WINDOW = 45 }; /* connections in 15 minutes, of the 50 that a platform allows */

/* Zero-initialise. Times in ms of one clock, `reset` of the same or 0. */
struct ladder {
    int64_t network, http, rate;  /* the last wait of its kind */
    int64_t opened;               /* 0: not open */
    int64_t began[LADDER_WINDOW]; /* when connections were begun */
    unsigned next;
};

void ladder_begin(struct ladder *l, int64_t now); /* a connection is asked for */
void ladder_open(struct ladder *l, int64_t now);
/* How long to wait, before any jitter. */
int64_t ladder_lost(struct ladder *l, enum loss loss, int64_t now, int64_t reset);
/* With up to a tenth more, so that many do not come back together. */
int64_t ladder_jitter(int64_t wait, uint32_t dice);

#endif
