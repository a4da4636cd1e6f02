#include "almanac/almanac.h"

#include "base/clock.h"

#include "almanac/inner.h"

#include <unicode/ucal.h>

enum { NAME_MAX_CHARS = 64 };

/* Names of zones are ASCII. */
static int32_t wide(struct sori_str s, UChar out[NAME_MAX_CHARS]) {
    size_t n = 0;
    for (; n < s.len && n < NAME_MAX_CHARS; n++) out[n] = (UChar)(unsigned char)s.ptr[n];
    return (int32_t)n;
}

/* ICU takes any name and makes it GMT; only those that it lists are zones. */
static bool is_zone(const UChar *name, int32_t len) {
    UErrorCode code = U_ZERO_ERROR;
    UChar canonical[NAME_MAX_CHARS];
    UBool listed = false;
    ucal_getCanonicalTimeZoneID(name, len, canonical, NAME_MAX_CHARS, &listed, &code);
    return U_SUCCESS(code) && listed;
}

static int64_t seconds_at(UCalendar *c, double ms, UErrorCode *code) {
    ucal_setMillis(c, ms, code);
    return (ucal_get(c, UCAL_ZONE_OFFSET, code) + ucal_get(c, UCAL_DST_OFFSET, code)) / 1000;
}

bool almanac_zone(struct sori_str zone, almanac_offset *each, void *ctx) {
    UErrorCode code = U_ZERO_ERROR;
    UChar name[NAME_MAX_CHARS];
    int32_t len = wide(zone, name);
    almanac_no_folder();
    if (zone.len == 0 || zone.len > NAME_MAX_CHARS || !is_zone(name, len)) return false;
    UCalendar *c = ucal_open(name, len, "en", UCAL_GREGORIAN, &code);
    if (U_FAILURE(code)) return false;
    UDate at = (double)clock_days(ALMANAC_FROM, 1, 1) * 86400000.0,
          end = (double)clock_days(ALMANAC_TO, 1, 1) * 86400000.0;
    int64_t old = seconds_at(c, at, &code);
    each(ctx, INT64_MIN, old);
    while (ucal_getTimeZoneTransitionDate(c, UCAL_TZ_TRANSITION_NEXT, &at, &code) &&
           U_SUCCESS(code) && at < end) {
        int64_t new = seconds_at(c, at, &code);
        if (new != old) each(ctx, (int64_t)at, new);
        old = new;
    }
    ucal_close(c);
    return U_SUCCESS(code);
}

void almanac_zone_names(almanac_name *each, void *ctx) {
    UErrorCode code = U_ZERO_ERROR;
    almanac_no_folder();
    UEnumeration *all = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL, NULL, NULL, &code);
    int32_t len;
    for (const char *name; U_SUCCESS(code) && (name = uenum_next(all, &len, &code));)
        each(ctx, name);
    if (all) uenum_close(all);
}
