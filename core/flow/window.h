/* Negative words of the last hour beside those of a usual one: of all, and of each topic. */
#ifndef FLOW_WINDOW_H
#define FLOW_WINDOW_H

#include "base/buf.h"
#include "store/store.h"

struct windows;

/* Counted again from the decisions of the last week; where an hour has more of them than are worth
 * reading, from its beginning. `now`: ms UTC. */
struct windows *windows_start(struct store *s, int64_t now);
void windows_free(struct windows *w);
/* A negative word was said and decided: `facts` has the labels of classifiers, `decision` those of
 * lists. */
void windows_count(struct windows *w, int64_t now, struct sori_str facts, struct sori_str decision);
/* Appends FACT_NEGATIVES_HOUR, FACT_NEGATIVES_USUAL and, for each topic that has something in the
 * last hour, FACT_WINDOW: at most 32, those with most. */
void windows_put(struct windows *w, int64_t now, struct buf *facts);

/* Of one topic: negative words in the last hour, and in a usual one times 100. Gives how many hours
 * the usual one rests on. */
int64_t windows_of(struct windows *w, int64_t now, struct sori_str topic, int64_t *hour,
                   int64_t *usual);

#endif
