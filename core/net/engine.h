/* Requests of any number at once on one loop: the whole of net without its wire. */
#ifndef NET_ENGINE_H
#define NET_ENGINE_H

#include "base/err.h"
#include "base/record.h"
#include "net/resolve.h"
#include "sori/status.h"

struct engine;
struct call;

/* A request ended. `answer` has the ANS_… fields and is borrowed for the call. */
typedef void engine_done(void *ctx, enum sori_status status, struct sori_str answer);

/* `lookup` NULL: the machine's own resolver. curl_global_init was called. */
struct engine *engine_new(struct event_base *base, bool stranger, resolve_lookup *lookup,
                          void *lookup_ctx);
/* Ends what is in hand without answers. */
void engine_free(struct engine *e);

/* Takes a NETCONF_… record; calls in hand finish under the old one. False with `err` where the
 * record is broken (nothing changes), or an entry cannot be meant (the others hold). */
bool engine_configure(struct engine *e, struct sori_str record, struct err *err);

/* Begins a request (HTTP_… record, copied). `done` is called exactly once, unless engine_free comes
 * first: perhaps before this returns, which is then NULL. */
struct call *engine_http(struct engine *e, struct sori_str request, engine_done *done, void *ctx);
/* Ends it with CANCELLED; `done` is called from within. */
void engine_cancel(struct call *c);
unsigned engine_open(const struct engine *e); /* requests in hand */

#endif
