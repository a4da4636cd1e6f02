/* The first token of a slot, for the code that a person brought from the platform's page. */
#ifndef NET_GRANT_H
#define NET_GRANT_H

#include "net/engine.h"

/* Takes a GRANT_… record (copied where needed). The slot's file names the client; when `done` says
 * OK it holds the whole token, durably. `done` is called exactly once, unless engine_free comes
 * first: perhaps before this returns. */
void grant_begin(struct engine *e, struct sori_str request, engine_done *done, void *ctx);

#endif
