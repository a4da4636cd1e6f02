/* Policies at work for a proof: fenced workers with one bundle, low in priority, that decide what
 * they are given. What crashes or hangs one of them is decided as held, the rest goes on. */
#ifndef PROOF_POOL_H
#define PROOF_POOL_H

#include "base/err.h"
#include "supervise/guest.h"

struct pool_item {
    struct pool_item *next;
    struct sori_str facts; /* borrowed until it is decided */
    int64_t contact;       /* where cells evolve; and what was decided then */
    struct sori_str then;
    uint64_t missed; /* bits of the pool's `watch` */
    unsigned deaths;
    void *owner; /* the caller's */
};

struct pool_spec {
    const char *name;            /* for messages: "candidate" */
    const char *bin;             /* where sori-worker is */
    struct sori_str bundle, env; /* copied */
    unsigned lanes;
    bool closed;           /* cells evolve by what it decides: one contact, one lane, in order */
    struct sori_str watch; /* rep DECIDE_WATCH; copied */
};
struct pool_events {
    void *ctx;
    void (*ready)(void *ctx, struct sori_str info); /* all lanes have loaded it; once */
    /* It cannot go on: the bundle does not load, or its workers die too often. Once; then it takes
     * and gives nothing more. `load` is true for the former, `why` its error lines. */
    void (*failed)(void *ctx, bool load, struct sori_str why);
    /* `decision` is borrowed. */
    void (*decided)(void *ctx, struct pool_item *item, struct sori_str decision);
};

struct pool;
struct pool *pool_open(struct event_base *base, const struct pool_spec *spec,
                       const struct pool_events *events, struct err *err);
/* Workers end at once; nothing is called any more. Takes the pointer. */
void pool_close(struct pool **p);
/* From now on; "rep DECIDE_WATCH". */
void pool_watch(struct pool *p, struct sori_str watch);
/* In the order given, for each contact. What does not fill a batch waits for pool_flush. */
void pool_put(struct pool *p, struct pool_item *item);
void pool_flush(struct pool *p);
size_t pool_waiting(const struct pool *p);
unsigned pool_deaths(const struct pool *p);
/* The account of a decision (policy_explain). Calls `told` once; empty where the worker died over
 * it. One at a time. */
typedef void pool_told(void *ctx, struct sori_str account);
void pool_explain(struct pool *p, struct sori_str facts, pool_told *told, void *ctx);

#endif
