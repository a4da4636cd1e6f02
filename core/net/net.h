/* net: HTTP out, for everyone. Speaks the wire (M_NET_CONF, then M_HTTP calls, many at once).
 * `stranger` is the second one: no secrets, address rules always on. */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>

/* Serves until the wire ends; returns an exit code. The stranger fences itself before it says
 * hello; the other one when its first M_NET_CONF names the folder of secrets and the folders of
 * folder: URLs, before which it makes no request. When a later M_NET_CONF names folders that lie
 * outside of that fence it finishes what it has in hand and leaves with 0, to be started anew. */
int net_main(int wire_fd, bool stranger);

#endif
