/* The calendars of the live generation, and by which of them a case's clock runs. A case names its
 * calendar by a blob that holds it compiled: so what is left on a clock is known when hours have
 * changed, be it while Sori ran or while it did not. */
#ifndef FLOW_OFFICE_H
#define FLOW_OFFICE_H

#include "base/calendar.h"
#include "flow/flow.h"

struct office {
    struct calendar calendar;
    int64_t blob;
    int64_t from, until; /* a stretch that was looked at: from then until then it is … */
    bool open;
    char *bytes; /* its own record, of one that is not live any more; else NULL */
};

/* Compiled calendars of the configuration, ready for use; when nothing waits for a commit. */
void office_open(struct core *c, struct generation *g);
void office_close(struct generation *g);
/* The calendar of that name, else the department's, else the workspace's; NULL: every minute
 * counts. Both names may be NULL. */
struct office *office_of(struct core *c, const char *department, const char *named);
/* The name, for as long as the core lives, where a configuration that decides has it as a
 * department (as a calendar, or a department for its calendar); else NULL. What a policy's worker
 * says makes no names. */
const char *office_department(struct core *c, struct sori_str name);
const char *office_calendar(struct core *c, struct sori_str name);
/* That of a blob, live or not; NULL where NIL, or where the blob is gone. */
const struct calendar *office_by_blob(struct core *c, int64_t blob);
/* Of a department, or NULL: the workspace. Cheap: asked for every fact record. */
bool office_is_open(struct core *c, const char *department);

#endif
