/* Dates as blogs write them. */
#ifndef COMMON_DATE_H
#define COMMON_DATE_H

#include "common/text.h"

/* Reads RFC 822 in its many spellings, RFC 3339 and ISO 8601 (shortened, week and ordinal forms
 * too), asctime, and the Korean forms with 년, 오전, 오후. No zone means UTC, but Korean time where
 * the words are Korean. False for what is no date, and for 24:00 and second 60. The result may lie
 * before 1970. */
bool date_parse(struct sori_str text, int64_t *ms);

/* Milliseconds of a day of the proleptic Gregorian calendar. Month and day are 1-based. */
int64_t date_of(int64_t year, int month, int day);

/* "2026-11-22T00:56:03" in UTC; `out` has room for 32 bytes. */
void date_format(int64_t ms, char out[32]);

#endif
