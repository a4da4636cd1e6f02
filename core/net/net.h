/* net: HTTP out, for everyone. Speaks the wire (M_NET_CONF, then M_HTTP calls, many at once).
 * `stranger` is the second one: no secrets, address rules always on. */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>

int net_main(int wire_fd, bool stranger);

#endif
