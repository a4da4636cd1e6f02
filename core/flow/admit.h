/* What a guest says is measured again at the core's door. An honest worker sends nothing that is
 * refused here; one that was taken over may send anything, and no bytes of it may end the core. */
#ifndef FLOW_ADMIT_H
#define FLOW_ADMIT_H

#include "base/record.h"
#include "sori/item.h"

/* Cuts texts and numbers to what the store holds. False: nothing that could be recorded. */
bool admit_item(struct sori_item *item);
/* A name of 1 to 512 bytes. */
bool admit_name(struct sori_str name);
/* `ms` where it is a span from now on of at most ten years, else the nearer end. */
int64_t admit_span(int64_t ms);

#endif
