/* What a plugin's descriptor says of its connection's addresses, with the connection's own options
 * put in. */
#ifndef FLOW_SETUP_H
#define FLOW_SETUP_H

#include "flow/flow.h"

/* What sori.lua says of an option of the plugin; empty where nothing. */
struct sori_str setup_option(const struct conn *conn, struct sori_str name);
/* Appends `text`; where it begins with "@NAME" that URL option stands in its place, without its
 * final slash. False where the option is empty. */
bool setup_resolve(const struct conn *conn, struct sori_str text, struct buf *out);

/* Tells net of a slot (a DESC_SLOT record) whose value the platform rotates, with the address
 * where, so that net refreshes it: a NETCONN_SLOT. Other slots are left out. */
void setup_put_slot(const struct conn *conn, struct sori_str slot, struct buf *out);

/* True when the descriptor's setups name this request. `*` is one segment; nothing that two
 * readers of a URL could read differently is taken. */
bool setup_allowed(const struct conn *conn, struct sori_str method, struct sori_str url);

#endif
