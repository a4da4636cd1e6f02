/* Names to addresses, off the loop: getaddrinfo blocks, so a few threads ask and the loop hears. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { RESOLVE_MAX = 32 };

struct resolved {
    struct sockaddr_storage address[RESOLVE_MAX]; /* with the port set */
    unsigned count;
    bool too_many; /* there were more than fit: nobody could have checked them all */
    char why[128]; /* what the resolver said, where count is 0 */
};

/* Fills `out`; runs on a thread of its own. Replaced only by tests that play a lying name server.
 */
typedef void resolve_lookup(void *ctx, const char *host, uint16_t port, struct resolved *out);

struct resolver;
struct resolve_job;
typedef void resolve_done(void *arg, const struct resolved *result);

/* `lookup` NULL: the machine's own resolver. */
struct resolver *resolver_new(struct event_base *base, resolve_lookup *lookup, void *ctx);
/* Waits for the lookups in hand. No callback comes afterwards. */
void resolver_free(struct resolver *r);
/* Asks; `done` is called from the loop, never from within. The job is its owner's until then. */
struct resolve_job *resolver_ask(struct resolver *r, const char *host, uint16_t port,
                                 resolve_done *done, void *arg);
/* The owner no longer wants to hear of it. */
void resolver_forget(struct resolver *r, struct resolve_job *job);

#endif
