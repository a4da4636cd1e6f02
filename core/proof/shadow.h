/* A shadow: a candidate decides what the live policy has just decided, and the report grows. What
 * finds no room is counted and dropped. */
#ifndef PROOF_SHADOW_H
#define PROOF_SHADOW_H

#include "base/err.h"
#include "proof/report.h"

#include <event2/event.h>

struct shadow_events {
    void *ctx;
    /* It has loaded; or why it cannot go on (`refused`: the bundle does not load, lines). */
    void (*ready)(void *ctx);
    void (*failed)(void *ctx, bool refused, struct sori_str why);
};
struct shadow;
/* `report` (a record) goes on from an earlier life; empty: a new one. */
struct shadow *shadow_begin(struct event_base *base, const char *bin, struct sori_str bundle,
                            struct sori_str env, struct sori_str report, int64_t since, int64_t gap,
                            const struct shadow_events *events, struct err *err);
void shadow_end(struct shadow **s); /* takes the pointer */
/* BESIDE_ fields. False: there was no room, and all of them were skipped. */
bool shadow_take(struct shadow *s, struct sori_str fields);
/* Everything up to now: what differs, with the conditions, where the live bundle and env are given.
 * `told` is called once, with the report. One at a time. */
typedef void shadow_told(void *ctx, struct report *r);
void shadow_report(struct shadow *s, struct sori_str live_bundle, struct sori_str live_env,
                   shadow_told *told, void *ctx);

#endif
