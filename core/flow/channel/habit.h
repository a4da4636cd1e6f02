/* How long a connection uses to be silent, and whether it now is so for longer. Times are given, ms
 * UTC: nothing here looks at a clock. */
#ifndef FLOW_HABIT_H
#define FLOW_HABIT_H

#include "base/buf.h"

enum {
    HABIT_DAYS = 7,
    HABIT_TIMES = 4,      /* silence of so many times the longest of the last days is told … */
    HABIT_LEAST = 3600000 /* … and none that is shorter than this */
};

struct habit {
    int64_t heard_at;            /* 0: never */
    int64_t day_seen;            /* days since 1970; 0: none */
    int64_t longest[HABIT_DAYS]; /* ms, by day modulo: the longest silence that ended on it */
    bool broken;                 /* it is silent for longer than that, and this was told */
};

enum habit_news { HABIT_NO_NEWS, HABIT_BROKEN, HABIT_BACK };

/* At `now`; `heard`: something came since the last look. BROKEN comes once for one silence, BACK
 * once at its end. */
enum habit_news habit_look(struct habit *h, bool heard, int64_t now);
/* The longest silence of the last days; 0 where there is no habit yet. */
int64_t habit_usual(const struct habit *h);
/* As a line of text and back; what cannot be read is no habit. Whether it is broken is not kept: a
 * restart tells it again. */
void habit_write(const struct habit *h, struct buf *out);
void habit_read(struct habit *h, struct sori_str text);

#endif
