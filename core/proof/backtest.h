/* A back-test: a candidate policy decides what was decided, from the facts as they stood then. */
#ifndef PROOF_BACKTEST_H
#define PROOF_BACKTEST_H

#include "base/err.h"
#include "proof/report.h"
#include "proof/rescore.h"

#include <event2/event.h>

struct backtest_spec {
    const char *socket, *bin;    /* data/sori.sock; where sori-worker is */
    struct sori_str bundle, env; /* env empty: the live generation's */
    int64_t since;               /* ms UTC; 0 all */
    bool closed;                 /* cells evolve by the candidate */
    size_t samples;
    const struct rescore_model *models; /* texts without scores get them from these; borrowed */
    size_t model_count;
    unsigned lanes; /* 0: as many as there are processors */
};
enum backtest_end { BACKTEST_DONE, BACKTEST_REFUSED /* the bundle */, BACKTEST_FAILED };
struct backtest_events {
    void *ctx;
    /* Now and then: how much of the journal was gone through, of 10,000. May be NULL. */
    void (*progress)(void *ctx, const struct report *r, int64_t done);
    /* Once. `why` for people where it is not done, a line each. The back-test is over. */
    void (*over)(void *ctx, enum backtest_end end, struct report *r, struct sori_str why);
};
struct backtest;
/* Begins; strings of `spec` are copied. NULL with `err` where it cannot even begin. */
struct backtest *backtest_begin(struct event_base *base, const struct backtest_spec *spec,
                                const struct backtest_events *events, struct err *err);
/* Takes the pointer; it may be NULL. Not from within its own events. */
void backtest_end(struct backtest **b);

#endif
