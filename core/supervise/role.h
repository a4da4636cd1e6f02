/* The command lines of our own processes, one place for both ends.
 *
 *   sorid [--foreground] WORKSPACE         the keeper
 *   sorid --role core|gate|net|stranger|reader|proof …   (wire on fd 3; keeper or core start it)
 *   sori-worker --kind connector|classifier|policy|conf|scan [--plugin PATH] [--model PATH] …
 */
#ifndef SUPERVISE_ROLE_H
#define SUPERVISE_ROLE_H

/* Fixed descriptors of a started process: 3 the wire, 4 the blackbox (guests), 5 a listening
 * socket (gate) or the lock (core). */
enum { ROLE_EXTRA_FD = 5 };

/* How net leaves, its answers out and its reason logged, where what it is asked needs a new
 * process: a fence only grows narrower. That is no death. */
enum { ROLE_EXIT_ANEW = 64 };

#endif
