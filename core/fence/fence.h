/* Fences: what a process of ours may still do. Applied by the process itself, before it touches
 * anything that a stranger wrote; never undone. Each is no-new-privs, not dumpable, limits,
 * Landlock where the kernel has it, and an allow-list of system calls (seccomp). A call that is not
 * on the list ENDS the process and is named: in the blackbox (fd 4), where there is one, else
 * on stderr, as "forbidden: socket" or "forbidden: openat /etc/passwd". Exit code FENCE_EXIT.
 *
 * Threads: call it while there is one thread only. Files and sockets that are open already stay
 * usable. Debug builds with a sanitizer have no memory limit and let it read /proc/self. */
#ifndef FENCE_FENCE_H
#define FENCE_FENCE_H

#include "base/err.h"

#include <stddef.h>

enum { FENCE_EXIT = 99 };

/* ---- workers: two stages ------------------------------------------------------------------- */

/* Stage 1, before dlopen: files may be opened for reading below the library folders, and `plugin`
 * and `model` (absolute paths or NULL) themselves; no sockets, no processes, no threads. `memory`
 * is the limit of the address space in bytes, 0 for 512 MiB. */
bool fence_worker_load(const char *plugin, const char *model, size_t memory, struct err *err);
/* Stage 2, after the instance was made: no file is opened any more, nothing becomes executable. A
 * few files that libraries ask for by themselves (/dev/urandom, iconv modules, time zones) are
 * answered "no such file" instead of ending the process. */
bool fence_worker_run(struct err *err);

/* ---- our own processes ---------------------------------------------------------------------- */

/* All paths are absolute; lists end with NULL and may be NULL. A listed path must exist. A path
 * that does not exist later, or one outside the lists, is refused by Landlock with EACCES; where
 * the kernel has no Landlock the lists do nothing, and fence_text() says so. Threads are allowed;
 * processes, exec, ptrace, mount and the like are not. */

/* net: connects anywhere by IP (its own guard decides where), reads certificates and resolver
 * files, reads `secrets` (a folder, NULL for the stranger net; written to only where it
 * `rewrites` tokens) and reads and writes the `roots` of folder URLs. Binds no listening port. */
bool fence_net(const char *secrets, bool rewrites, const char *const *roots, struct err *err);

/* gate: accepts on sockets that are already bound; makes no connection, and no socket. Writes below
 * `spool`, reads below `secrets`. */
bool fence_gate(const char *spool, const char *secrets, struct err *err);

/* reader: reads and writes below `data` (SQLite needs -wal, -shm and the search file); accepts on
 * sockets that are passed to it; makes no connection. */
bool fence_reader(const char *data, struct err *err);

/* The fence in force, for people: "landlock 7, seccomp", "none". Constant. */
const char *fence_text(void);

#endif
