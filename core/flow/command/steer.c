/* reload and rollback as a person asks for them: answered when it is decided what becomes of them.
 */
#include "flow/generation/reload.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFUSED = 3, FAILED = 1, USAGE = 2, BUSY_TRIES = 20, BUSY_MS = 100 };

static void reloaded(void *ctx, const struct fate *fate) {
    struct command *cmd = ctx;
    struct buf text = {0}, more = {0};
    size_t mark = rec_begin(&more, TELL_FATE);
    rec_int(&more, 1, fate->generation);
    rec_str(&more, 2, fate->lines);
    rec_end(&more, mark);
    if (!fate->ok && fate->generation)
        buf_printf(&text, "refused; generation %lld goes on untouched:\n",
                   (long long)fate->generation);
    buf_str(&text, fate->text);
    while (text.len && text.data[text.len - 1] == '\n') text.len--;
    control_tell_text(cmd, fate->ok ? 0 : REFUSED, buf_view(&text), buf_view(&more));
    buf_free(&text);
    buf_free(&more);
}

/* Half a file is no change: who writes it gets a moment to end. */
struct patience {
    struct command *cmd;
    struct event *timer;
    unsigned tries;
};

static void ask_now(struct command *cmd) {
    struct sori_str why = control_arg(cmd, "why");
    struct reload_ask ask = {.by = cmd->user,
                             .why = why.len ? why : SORI_STR(WHY_PERSON),
                             .from = FROM_PERSON,
                             .plan = str_is(control_arg(cmd, "plan"), "1"),
                             .done = reloaded,
                             .ctx = cmd};
    log_line(LOG_INFO, "reload", "%.*s asks for %s: %.*s", STR(cmd->user),
             ask.plan ? "the plan" : "what is on disk now", STR(ask.why));
    reload_ask(cmd->core, &ask);
}

static void look_again(evutil_socket_t fd, short what, void *ctx) {
    struct patience *p = ctx;
    struct buf name = {0};
    struct timeval soon = {0, BUSY_MS * 1000};
    (void)fd;
    (void)what;
    bool busy = snapshot_busy(p->cmd->core, &name);
    if (busy && p->tries++ < BUSY_TRIES) {
        evtimer_add(p->timer, &soon);
    } else {
        if (busy)
            control_tell(
                p->cmd, REFUSED,
                "refused; generation %lld goes on untouched:\n%.*s:1: is open for writing by "
                "another program, and half a file is no change; save and close it, then "
                "`sori reload`",
                (long long)(p->cmd->core->active ? p->cmd->core->active->id : 0),
                STR(buf_view(&name)));
        else
            ask_now(p->cmd);
        event_free(p->timer);
        free(p);
    }
    buf_free(&name);
}

void steer_reload(struct command *cmd) {
    struct patience *p = mem_get(sizeof *p);
    p->cmd = cmd;
    p->timer = evtimer_new(cmd->core->base, look_again, p);
    look_again(-1, 0, p);
}

void steer_rollback(struct command *cmd) {
    struct sori_str to = control_arg(cmd, "to"), why = control_arg(cmd, "why");
    struct buf text = {0};
    char *number = mem_text(to), *end = NULL;
    long long wanted = to.len ? strtoll(number, &end, 10) : 0;
    bool good = !to.len || (*end == 0 && wanted > 0);
    if (!good)
        buf_printf(&text, "rollback: \"%s\" is no generation; `sori history` has their numbers",
                   number);
    int64_t id = good ? story_before(cmd->core, wanted, &text) : 0;
    free(number);
    if (id) {
        buf_printf(&text, "rollback to generation %lld%s%.*s", (long long)id, why.len ? ": " : "",
                   STR(why));
        struct reload_ask ask = {.by = cmd->user,
                                 .why = buf_view(&text),
                                 .from = FROM_PERSON,
                                 .back = id,
                                 .done = reloaded,
                                 .ctx = cmd};
        reload_ask(cmd->core, &ask);
    } else
        control_tell(cmd, good ? FAILED : USAGE, "%.*s", STR(buf_view(&text)));
    buf_free(&text);
}
