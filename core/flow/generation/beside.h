/* A shadow, seen from the core: what the live policy decides is passed on to a process that holds
 * the candidate, as far as there is room; nothing of it comes back but a report. */
#ifndef FLOW_BESIDE_H
#define FLOW_BESIDE_H

#include "flow/flow.h"

/* What was just decided; `facts` without the text. Costs nothing where there is no shadow. */
void beside_seen(struct core *c, const struct entry *e, int64_t generation, struct sori_str facts,
                 struct sori_str decision);
void beside_flush(struct core *c); /* after a batch, and from the tick */
/* "shadow": what (a folder's name) and the bundle as the body begin one; no body asks for the
 * report; stop ends it, with the last report. Answers with a blob "report" or an error. */
void beside_command(struct command *cmd);
/* Its process, or NULL. */
const struct guest *beside_guest(const struct core *c);
/* Takes up the shadow of an earlier life; once a generation is live. */
void beside_start(struct core *c);
void beside_stop(struct core *c);

#endif
