/* Office hours as data, and the clock over them as pure functions: weekly spans, days that differ
 * from their weekday, and the offsets of one time zone. A compiled calendar knows neither a library
 * of zones nor one of holidays: the configuration worker asked those.
 *
 * An instant is open where the clock on the wall then shows a time that is in one of the spans of
 * its day, or in one of the day before that goes on past midnight. So an hour that a zone skips is
 * not worked, one that it repeats is worked twice, and a span belongs to the day on which it
 * begins. A span holds its start and not its end. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/record.h"

/* The compiled form. */
enum {
    CAL_NAME = 1,     /* str */
    CAL_HOURS = 2,    /* str: as written, for people */
    CAL_HOLIDAYS = 3, /* str: as written */
    CAL_ZONE = 4,     /* str */
    CAL_SPAN = 5,   /* rep rec {1 weekday, Monday is 0; 2 from, 3 to: minutes, to at most a day more
                       than from} by day and from */
    CAL_DAY = 6,    /* rep rec {1 day since 1970, 2 name, 3 rep rec {2 from, 3 to}}, ascending; one
                       without spans is closed */
    CAL_OFFSET = 7, /* rep rec {1 from: ms UTC, 2 seconds east}, ascending; the first has no 1 */
    CAL_KNOWN = 8   /* day up to which the dated holidays of its set are known; absent: none are */
};

struct calendar_span {
    int32_t from, to; /* minutes of the day; to may be past midnight */
};
struct calendar_day {
    int64_t day; /* since 1970 */
    struct sori_str name;
    uint32_t first, count; /* its spans */
};
struct calendar_offset {
    int64_t from, ms; /* from then on: local time less UTC */
};
struct calendar {
    struct sori_str record; /* borrowed, and so are all texts */
    struct sori_str name, hours, holidays, zone;
    int64_t known; /* CAL_KNOWN, or INT64_MAX */
    struct calendar_span *span;
    size_t span_count;
    uint32_t week[8]; /* weekday's first span; [7] the end */
    struct calendar_day *day;
    size_t day_count;
    struct calendar_offset *offset;
    size_t offset_count;
};

/* Reads a compiled record, which must outlive it. False: it is none, or holds no open time. */
bool calendar_read(struct sori_str record, struct calendar *c);
void calendar_free(struct calendar *c);

/* In all that follows a calendar that is NULL is open always. No answer is more than twenty years
 * away from `from`. */

/* The instant at which `span_ms` of open time have passed since `from`. Where that is the end of a
 * span it is that end, not the next start. A span of nothing is over at `from`. */
int64_t calendar_due(const struct calendar *c, int64_t from, int64_t span_ms);
/* The open time between two instants, less than 0 where `to` is before `from`. */
int64_t calendar_worked(const struct calendar *c, int64_t from, int64_t to);
bool calendar_open(const struct calendar *c, int64_t at);
/* The same, and until when it stays so. */
bool calendar_until(const struct calendar *c, int64_t at, int64_t *until);
/* What that day is called where it differs from its weekday ("추석"); empty where it does not. */
struct sori_str calendar_day_name(const struct calendar *c, int64_t at);
/* Local time less UTC then, ms. */
int64_t calendar_offset(const struct calendar *c, int64_t at);

/* Do the dated holidays of its set end soon, or are they over? And that as a sentence. */
bool calendar_ends(const struct calendar *c, int64_t now);
void calendar_put_end(struct buf *b, const struct calendar *c);

/* The clock of a case as its row has it; what is not there is INT64_MIN, no clock is 0. */
struct calendar_clock {
    int64_t clock; /* enum clock_state, as stored */
    int64_t due, soon, promised, answered_at;
};
/* What it comes to at `now`: enum clock_state. A promise is broken from the instant of its due on,
 * and kept by an answer until then, that instant included. */
int calendar_clock(const struct calendar_clock *k, int64_t now);

#endif
