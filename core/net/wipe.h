/* What libcurl, OpenSSL and jansson free in net is overwritten first: heads with credentials and
 * what a platform said back stay nowhere in freed memory. */
#ifndef NET_WIPE_H
#define NET_WIPE_H

#include <stdbool.h>

/* Before anything of those libraries is used; curl_global_init is part of it. False: libcurl could
 * not begin. */
bool wipe_begin(void);

/* free, overwritten first. `p` may be NULL. */
void wipe_free(void *p);

#endif
