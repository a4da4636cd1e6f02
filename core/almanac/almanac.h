/* What calendars need to know of the world, compiled once by who reads the configuration: the
 * offsets of time zones and the public holidays of Korea. Opens no file: what ICU knows stands in
 * its own library. */
#ifndef ALMANAC_ALMANAC_H
#define ALMANAC_ALMANAC_H

#include "base/buf.h"

/* Calendars are compiled for these years; outside of them a zone keeps its nearest offset, and
 * there are no holidays. The same configuration so gives the same bytes whenever it is read. */
enum { ALMANAC_FROM = 2020, ALMANAC_TO = 2050 };

/* Each change of the zone's offset to UTC, ascending; the first, with `at` INT64_MIN, is what holds
 * before. False: no zone of that name. */
typedef void almanac_offset(void *ctx, int64_t at_ms, int64_t seconds_east);
bool almanac_zone(struct sori_str zone, almanac_offset *each, void *ctx);
/* Every zone's name, in no order. */
typedef void almanac_name(void *ctx, const char *name);
void almanac_zone_names(almanac_name *each, void *ctx);

/* Public holidays, ascending, one a day; `day` counts from 1970. False: this machine's ICU does not
 * know the Korean lunar calendar. */
typedef void almanac_holiday(void *ctx, int64_t day, struct sori_str name);
bool almanac_korea(almanac_holiday *each, void *ctx);
/* The day up to which what the government sets by date (elections, single extra days) is known. */
int64_t almanac_korea_known(void);

#endif
