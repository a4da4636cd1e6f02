#include "supervise/life.h"

#include "base/log.h"
#include "base/utf8.h"
#include "supervise/role.h"

#include <signal.h>
#include <stdio.h>

static const char *const methods[] = {
    [M_NONE] = "",
    [M_SCAN] = "scan",
    [M_CREATE] = "create",
    [M_POLL] = "poll",
    [M_DECODE] = "decode",
    [M_ACT] = "act",
    [M_RECONCILE] = "reconcile",
    [M_HEALTH] = "health",
    [M_SCORE] = "score",
    [M_EXPLAIN] = "explain",
    [M_TRAIN] = "train",
    [M_POLICY_LOAD] = "policy load",
    [M_DECIDE] = "decide",
    [M_POLICY_TEST] = "policy test",
    [M_CONF] = "conf",
    [M_NET_CONF] = "net conf",
    [M_HTTP] = "http",
    [M_QUERY] = "query",
    [M_CLIENT] = "client",
    [M_METRICS] = "metrics",
    [M_STATUS] = "status",
    [M_STREAM] = "stream",
    [M_GRANT] = "grant",
};

const char *method_word(uint32_t method) {
    return method < sizeof methods / sizeof *methods ? methods[method] : "?";
}

/* The guest may have written anything, without an end. */
static void copy_text(char *to, size_t size, const char *from, size_t room) {
    struct sori_str s = {from, strnlen(from, room)};
    struct buf clean = {0};
    utf8_clean(&clean, s);
    s = utf8_cut(buf_view(&clean), size - 1);
    if (s.len) memcpy(to, s.ptr, s.len);
    to[s.len] = 0;
    buf_free(&clean);
}

static void where(const struct obituary *o, const struct guest *g, char *out, size_t size) {
    struct buf b = {0};
    if (o->method)
        buf_printf(&b, " in %s", method_word(o->method));
    else if (g->life == LIFE_STARTING)
        buf_puts(&b, " while it was loaded");
    if (o->item >= 0) buf_printf(&b, ", item %lld", (long long)o->item);
    if (o->rule[0]) buf_printf(&b, ", rule \"%s\" line %d", o->rule, o->line);
    snprintf(out, size, "%s", b.data ? b.data : "");
    buf_free(&b);
}

static void read_box(struct obituary *o, const struct blackbox *shared) {
    struct blackbox box;
    memcpy(&box, shared, sizeof box);
    o->call = box.call;
    o->method = box.method;
    o->item = box.item < -1 ? -1 : box.item;
    o->line = box.line < 0 ? 0 : box.line;
    copy_text(o->rule, sizeof o->rule, box.rule, sizeof box.rule);
    copy_text(o->trace, sizeof o->trace, box.trace, sizeof box.trace);
    if (box.end != END_NONE) copy_text(o->what, sizeof o->what, box.what, sizeof box.what);
    o->forbidden = box.end == END_FORBIDDEN;
}

static bool begins_anew(const struct obituary *o, const struct guest *g) {
    return g->spec.kind == GUEST_NET && !o->signal && o->exit_code == ROLE_EXIT_ANEW;
}

static void compose(struct obituary *o, const struct guest *g, bool refused) {
    char place[128], own[sizeof o->what];
    where(o, g, place, sizeof place);
    memcpy(own, o->what, sizeof own);
    size_t size = sizeof o->what;
    if (refused)
        return; /* a whole sentence of its own */
    else if (g->last_words[0])
        snprintf(o->what, size, "%.120s%s", g->last_words, place);
    else if (g->hung_up && o->signal == SIGKILL)
        snprintf(o->what, size, "closed its wire and was ended%s", place);
    else if (o->forbidden)
        snprintf(o->what, size, "%.120s%s",
                 own[0] ? own : "forbidden: a call that the fence refuses", place);
    else if (own[0])
        snprintf(o->what, size, "crashed%s: %.100s", place, own);
    else if (o->signal)
        snprintf(o->what, size, "ended by signal %d (%s)%s", o->signal, strsignal(o->signal),
                 place);
    else if (begins_anew(o, g))
        snprintf(o->what, size, "began anew, for other folders%s", place);
    else
        snprintf(o->what, size, "left by itself with exit code %d%s", o->exit_code, place);
}

void obituary_write(struct obituary *o, const struct guest *g, const siginfo_t *end) {
    *o = (struct obituary){.item = -1, .deadline = g->killed_late};
    bool exited = end->si_code == CLD_EXITED;
    o->signal = exited ? 0 : end->si_status;
    o->exit_code = exited ? end->si_status : 0;
    if (g->box) read_box(o, g->box);
    /* SIGSYS without a note: the handler itself was taken out of action. */
    if (o->signal == SIGSYS) o->forbidden = true;
    compose(o, g, g->box && g->box->end == END_REFUSED);
    /* Who starts a guest for one errand tells the person himself. */
    if (g->stopping || g->spec.once || begins_anew(o, g)) return;
    log_line(LOG_ERROR, g->spec.name, "died: %s%s%s", o->what, o->trace[0] ? "; " : "", o->trace);
}
