/* Clock times of a place, by ICU: what stands in a table names no zone. */
#ifndef IMPORT_ZONE_H
#define IMPORT_ZONE_H

#include "sori/types.h"

struct zone;
/* Of an IANA name such as "Europe/London"; Korean time where it is empty or ICU cannot tell. */
struct zone *zone_open(struct sori_str name);
void zone_close(struct zone *z);
/* The instant at which clocks there show `wall`, milliseconds as if they showed UTC. Where they
 * show it twice, the first; where they skip it, as the time before would go on. */
int64_t zone_utc(struct zone *z, int64_t wall);

#endif
