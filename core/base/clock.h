/* Times: milliseconds since 1970 (UTC) for what people see, monotonic ones for deadlines. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/buf.h"

int64_t clock_now(void);    /* wall, ms */
int64_t clock_mono(void);   /* monotonic, ms */
int64_t clock_cpu_us(void); /* CPU time of this process, µs */

/* "2026-11-22T03:05:00Z", with ".123" where there are milliseconds. */
void clock_rfc3339(struct buf *b, int64_t ms);
/* RFC 3339 with `Z` or an offset; 'T' or a space. False when it is none. */
bool clock_parse_rfc3339(struct sori_str s, int64_t *ms);
/* Days since 1970 of a date of the proleptic Gregorian calendar. */
int64_t clock_days(int64_t year, unsigned month, unsigned day);
/* "90s", "2m", "1h", "7d", "500ms"; plain digits are refused. */
bool clock_parse_span(struct sori_str s, int64_t *ms);

#endif
