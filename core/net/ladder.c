#include "net/ladder.h"

enum {
    NETWORK_STEP = 250,
    NETWORK_MOST = 16000,
    HTTP_FIRST = 5000,
    HTTP_MOST = 320000,
    RATE_FIRST = 60000,
    RATE_MOST = 3600000,
    RESET_MOST = 86400000, /* a platform that says longer is asked once a day */
    LASTED = 30000,        /* shorter than this is no connection that was good */
    WINDOW_MS = 900000
};

void ladder_begin(struct ladder *l, int64_t now) {
    l->began[l->next] = now;
    l->next = (l->next + 1) % LADDER_WINDOW;
}

void ladder_open(struct ladder *l, int64_t now) {
    l->opened = now;
    l->http = l->rate = 0;
}

static int64_t linear(int64_t *last) {
    *last += NETWORK_STEP;
    if (*last > NETWORK_MOST) *last = NETWORK_MOST;
    return *last;
}

static int64_t doubled(int64_t *last, int64_t first, int64_t most) {
    *last = *last ? *last * 2 : first;
    if (*last > most) *last = most;
    return *last;
}

static int64_t established(struct ladder *l, int64_t now) {
    bool lasted = l->opened && now - l->opened >= LASTED;
    l->opened = 0;
    if (lasted) l->network = 0;
    if (lasted || l->network == 0) {
        l->network = lasted ? 0 : 1; /* the next one that does not last climbs */
        return 0;
    }
    if (l->network == 1) l->network = 0;
    return linear(&l->network);
}

int64_t ladder_lost(struct ladder *l, enum loss loss, int64_t now, int64_t reset) {
    int64_t wait = 0;
    if (loss != LOSS_ESTABLISHED) l->opened = 0;
    switch (loss) {
    case LOSS_ESTABLISHED: wait = established(l, now); break;
    case LOSS_NETWORK:
        if (l->network == 1) l->network = 0;
        wait = linear(&l->network);
        break;
    case LOSS_HTTP: wait = doubled(&l->http, HTTP_FIRST, HTTP_MOST); break;
    case LOSS_RATE: wait = doubled(&l->rate, RATE_FIRST, RATE_MOST); break;
    case LOSS_CROWDED: wait = RATE_FIRST; break;
    }
    if (reset > now && loss == LOSS_RATE)
        wait = reset - now < RESET_MOST ? reset - now : RESET_MOST;
    else if (reset > now + wait)
        wait = reset - now < RESET_MOST ? reset - now : RESET_MOST;
    int64_t oldest = l->began[l->next]; /* of the last LADDER_WINDOW */
    if (oldest && oldest + WINDOW_MS > now + wait) wait = oldest + WINDOW_MS - now;
    return wait;
}

int64_t ladder_jitter(int64_t wait, uint32_t dice) {
    return wait + wait / 10 * (int64_t)(dice % 1000) / 1000;
}
