/* Scores that are missing in what was recorded: today's models read the stored texts once more, so
 * that a candidate that asks for a label has something to go by. What was scored then stays as it
 * was: only labels that are not there are added, and the tone where nothing was scored at all. */
#ifndef PROOF_RESCORE_H
#define PROOF_RESCORE_H

#include "base/err.h"
#include "base/record.h"

#include <event2/event.h>

struct rescore_model {
    char lang[16];
    char *so, *model; /* paths */
    int64_t floor;    /* /10,000; -1: the model's own */
};

struct rescore_item {
    struct rescore_item *next;
    struct sori_str facts; /* borrowed until it is scored */
    struct buf out;        /* the facts with their scores; empty where there are none */
    void *owner;           /* the caller's */
};
struct rescore_events {
    void *ctx;
    void (*ready)(void *ctx);                          /* all models answer; once */
    void (*failed)(void *ctx, const char *why);        /* before it was ready; once */
    void (*scored)(void *ctx, struct rescore_item *i); /* of each that was put, in any order */
};

struct rescore;
/* `models` are copied. NULL with `err` where a worker cannot even be started. */
struct rescore *rescore_open(struct event_base *base, const char *bin,
                             const struct rescore_model *models, size_t n,
                             const struct rescore_events *events, struct err *err);
/* Workers end at once; nothing is called any more. Takes the pointer, which may be NULL. */
void rescore_close(struct rescore **r);
/* Is there a model for these words, and a label of it missing? */
bool rescore_wants(const struct rescore *r, struct sori_str facts);
void rescore_put(struct rescore *r, struct rescore_item *item);
/* What does not fill a batch waits for this. */
void rescore_flush(struct rescore *r);

#endif
