#include "zone.h"

#include <stdlib.h>
#include <unicode/ucal.h>

enum { NAME_MOST = 64, HOUR_MS = 3600000 };

struct zone {
    UCalendar *calendar; /* NULL: Korean time, which has no summer */
};

struct zone *zone_open(struct sori_str name) {
    UChar id[NAME_MOST];
    UErrorCode status = U_ZERO_ERROR;
    struct zone *z = calloc(1, sizeof *z);
    if (!z || !name.len || name.len >= NAME_MOST) return z;
    /* ICU would look for newer zones in a folder first; a plugin has no files, the library does. */
    setenv("ICU_TIMEZONE_FILES_DIR", "", 1);
    for (size_t i = 0; i < name.len; i++) id[i] = (UChar)(unsigned char)name.ptr[i];
    z->calendar = ucal_open(id, (int32_t)name.len, "", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) z->calendar = NULL;
    return z;
}

void zone_close(struct zone *z) {
    if (!z) return;
    if (z->calendar) ucal_close(z->calendar);
    free(z);
}

static int64_t offset_at(struct zone *z, int64_t utc) {
    UErrorCode status = U_ZERO_ERROR;
    if (!z || !z->calendar) return 9 * HOUR_MS;
    ucal_setMillis(z->calendar, (double)utc, &status);
    int64_t offset = ucal_get(z->calendar, UCAL_ZONE_OFFSET, &status);
    offset += ucal_get(z->calendar, UCAL_DST_OFFSET, &status);
    return U_FAILURE(status) ? 0 : offset;
}

int64_t zone_utc(struct zone *z, int64_t wall) {
    /* A zone does not change twice within two days, so the offset of the day before or that of the
     * day after holds; where both do, the former gives the earlier instant. */
    int64_t before = offset_at(z, wall - 24 * HOUR_MS), after = offset_at(z, wall + 24 * HOUR_MS);
    if (offset_at(z, wall - before) == before) return wall - before;
    if (offset_at(z, wall - after) == after) return wall - after;
    return wall - before;
}
