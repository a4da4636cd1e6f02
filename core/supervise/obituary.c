#include "supervise/life.h"

#include "base/log.h"
#include "base/utf8.h"

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

static void where(const struct obituary *o, char *out, size_t size) {
    int n = snprintf(out, size, "%s%s", o->method ? " in " : "", method_word(o->method));
    if (o->item >= 0 && n > 0 && (size_t)n < size)
        n += snprintf(out + n, size - (size_t)n, ", item %lld", (long long)o->item);
    if (o->rule[0] && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, ", rule \"%s\" line %d", o->rule, o->line);
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

static void compose(struct obituary *o, const struct guest *g) {
    char place[400];
    where(o, place, sizeof place);
    if (g->hung_up && o->signal == SIGKILL && !g->last_words[0])
        snprintf(o->what, sizeof o->what, "closed its wire and was ended%.150s", place);
    else if (g->last_words[0])
        snprintf(o->what, sizeof o->what, "%s%.90s", g->last_words, place);
    else if (o->forbidden && !o->what[0])
        snprintf(o->what, sizeof o->what, "forbidden: a call that the fence refuses%.150s", place);
    else if (o->what[0])
        return; /* its own words; `where` is logged beside them */
    else if (o->signal)
        snprintf(o->what, sizeof o->what, "ended by signal %d (%s)%.150s", o->signal,
                 strsignal(o->signal), place);
    else
        snprintf(o->what, sizeof o->what, "left by itself with exit code %d%.150s", o->exit_code,
                 place);
}

void obituary_write(struct obituary *o, const struct guest *g, const siginfo_t *end) {
    *o = (struct obituary){.item = -1, .deadline = g->killed_late};
    bool exited = end->si_code == CLD_EXITED;
    o->signal = exited ? 0 : end->si_status;
    o->exit_code = exited ? end->si_status : 0;
    if (g->box) read_box(o, g->box);
    /* SIGSYS without a note: the handler itself was taken out of action. */
    if (o->signal == SIGSYS) o->forbidden = true;
    compose(o, g);
    /* Who starts a guest for one errand tells the person himself. */
    if (g->stopping || g->spec.once) return;
    char place[400];
    where(o, place, sizeof place);
    bool said = strstr(o->what, place) != NULL;
    log_line(LOG_ERROR, g->spec.name, "died: %s%s%s%s", o->what, said ? "" : place,
             o->trace[0] ? "; " : "", o->trace);
}
