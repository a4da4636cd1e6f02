/* The lives of sorid. Each returns an exit code. */
#ifndef MAIN_ROLES_H
#define MAIN_ROLES_H

#include <stdbool.h>

/* The keeper: locks the workspace, keeps listening sockets, starts core and gate and starts them
 * again. Parses nothing and has no database. */
int keeper_main(const char *workspace, bool foreground);

/* The core. `wire_fd` leads to the keeper. */
int core_main(int wire_fd, const char *workspace, bool foreground);

/* Between core and keeper: W_CALL with method M_NET_CONF (gate) or M_METRICS, answered by W_DONE,
 * for M_METRICS with the listening socket attached. */
enum { KEEP_LISTEN = 1 /* str: host:port, empty: stop */, KEEP_GATE = 2 /* rec for the gate */ };

#endif
