/* Which addresses may be spoken to. The rules apply after the name was resolved, to every address
 * and every hop; what is not known to be a public unicast address is refused. */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include "base/buf.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* What kind of address this is, "a loopback address", where strangers and plugins may not lead us;
 * NULL when it is public. Constant. */
const char *guard_why(const struct sockaddr *address);

/* A host that may be named, or an exact host:port whose private address is allowed. */
struct guard_entry {
    char *host;    /* lower case, ASCII, no final dot, no brackets; "*.example.com" has `wide` */
    uint16_t port; /* 0: the scheme's own port */
    bool wide;     /* `host` is ".example.com" and everything below it matches */
};
struct guard_list {
    struct guard_entry *items;
    size_t count;
};

/* Reads "host", "host:port", "[v6]:port" or "*.host" and appends it; false when it is none. */
bool guard_add(struct guard_list *list, struct sori_str text);
/* The same for what must be exact: a host with its port. */
bool guard_add_exact(struct guard_list *list, struct sori_str text);
void guard_free(struct guard_list *list);

/* True when the list names this host; entries without a port match only the scheme's own. */
bool guard_names(const struct guard_list *list, const char *host, uint16_t port, bool own_port);
/* True when the list has this host with exactly this port. */
bool guard_exact(const struct guard_list *list, const char *host, uint16_t port);
/* True when the list has this address, written in numbers, with exactly this port. */
bool guard_exact_address(const struct guard_list *list, const struct sockaddr *address);

/* "127.0.0.1:80" or "[::1]:80". */
void guard_print(struct buf *b, const struct sockaddr *address);

#endif
