/* Work that a connector leaves for a later poll of its connection. */
#ifndef FLOW_TASK_H
#define FLOW_TASK_H

#include "flow/flow.h"

/* A task is left (SINK_TASK), or done. */
void task_take(struct core *c, struct conn *conn, struct sori_str r);
void task_done(struct core *c, struct conn *conn, struct sori_str key);
/* Puts those that are due into the call of a poll: after a death, one alone. */
void task_hand(struct core *c, struct conn *conn, struct buf *poll);
/* The poll is over: what was handed out and neither done nor left anew has had one try more, unless
 * the poll never came to it. */
enum task_end { TASKS_KEPT, TASKS_LEFT, TASKS_DIED };
void task_over(struct core *c, struct conn *conn, enum task_end end);

#endif
