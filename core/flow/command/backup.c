/* `sori backup`: the store is copied a few milliseconds at a time between everything else, and the
 * answer leaves when the file has its name. One at a time. A copy that is cut short leaves nothing:
 * its half file goes with it. */
#include "flow/flow.h"

#include "base/log.h"

#include <event2/event.h>
#include <stdlib.h>

enum { PAUSE_US = 2000, FAILED = 1 };

struct backup {
    struct store_copy *copy;
    struct command *cmd;
    struct event *timer;
    char *to;
};

static void forget(struct core *c) {
    struct backup *b = c->backup;
    c->backup = NULL;
    store_backup_end(b->copy);
    if (b->timer) event_free(b->timer);
    free(b->to);
    free(b);
}

static void on_step(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    struct backup *b = c->backup;
    struct err err;
    (void)fd;
    (void)what;
    int more = store_backup_step(b->copy, &err);
    if (more > 0) {
        event_add(b->timer, &(struct timeval){.tv_usec = PAUSE_US});
        return;
    }
    if (more == 0) {
        log_line(LOG_INFO, "backup", "written to %s", b->to);
        control_tell(b->cmd, 0, "backup written to %s", b->to);
    } else {
        log_line(LOG_ERROR, "backup", "%s", err.text);
        control_tell(b->cmd, FAILED, "%s", err.text);
    }
    forget(c);
}

void backup_ask(struct command *cmd) {
    struct core *c = cmd->core;
    struct err err;
    if (c->backup) {
        control_tell(cmd, FAILED, "a backup to %s is being written; wait until it is done",
                     c->backup->to);
        return;
    }
    flow_commit(c); /* what was said before the command is in the copy */
    char *to = mem_text(control_arg(cmd, "file"));
    struct store_copy *copy = store_backup_begin(c->store, to, &err);
    if (!copy) {
        control_tell(cmd, FAILED, "%s", err.text);
        free(to);
        return;
    }
    c->backup = mem_get(sizeof *c->backup);
    *c->backup = (struct backup){copy, cmd, evtimer_new(c->base, on_step, c), to};
    event_active(c->backup->timer, EV_TIMEOUT, 0);
}

void backup_stop(struct core *c) {
    if (!c->backup) return;
    control_tell(c->backup->cmd, FAILED, "Sori stops, so no backup was made; give it again");
    forget(c);
}
