/* Office hours and single days, as people write them. */
#ifndef CONF_HOURS_H
#define CONF_HOURS_H

#include "base/buf.h"

struct hours_span {
    int day, from, to; /* Monday is 0; minutes, `to` may be past midnight */
};
enum { HOURS_MAX = 112 };
struct hours {
    struct hours_span span[HOURS_MAX]; /* by day and start; none overlap */
    size_t count;
};

/* "mon-fri 09:00-12:00 13:00-18:00; sat,sun 22:00-06:00". On failure says in `why` what is wrong
 * with which part and what was expected. */
bool hours_read(struct sori_str s, struct hours *h, struct buf *why);

/* "2026-12-24", closed, or with its own hours, "2026-12-24 09:00-12:00": all spans have day 0. */
bool hours_date(struct sori_str s, int64_t *day, struct hours *h, struct buf *why);

#endif
