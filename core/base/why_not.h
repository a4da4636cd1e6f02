/* Why a channel does not let us do something with an item, as connectors say it in `why_not`:
 * "reply: comments are closed; hide, like: it is not ours". */
#ifndef BASE_WHY_NOT_H
#define BASE_WHY_NOT_H

#include "sori/types.h"

/* The reason for one verb, without its name, borrowed from `all`. Where none is given for it, what
 * there is as it stands; never empty. */
struct sori_str why_not(struct sori_str all, int64_t verb);

#endif
