/* Asking the reader for history, over the core's socket like any client: one question a
 * connection. */
#ifndef PROOF_ASK_H
#define PROOF_ASK_H

#include "base/err.h"
#include "base/record.h"

#include <event2/event.h>

struct ask;
/* All TELL_ fields of the answer, borrowed, or why there is none. Called once, never from within
 * ask_begin. */
typedef void ask_told(void *ctx, bool ok, struct sori_str fields, const char *why);
/* `args` are ASK_ARG fields. NULL with `err` where nobody listens. */
struct ask *ask_begin(struct event_base *base, const char *socket, const char *name,
                      struct sori_str args, ask_told *told, void *ctx, struct err *err);
/* Asks no more. Takes the pointer; it may be NULL. */
void ask_end(struct ask **a);
void ask_arg(struct buf *args, const char *name, struct sori_str value);
void ask_arg_int(struct buf *args, const char *name, int64_t value);

#endif
