/* A step that asks the platform: its answer explained, and what to do where it is not as it should
 * be. */
#include "cli/connection/guide.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

void guide_forget(struct guide *g) {
    json_decref(g->health);
    g->health = NULL;
    g->told = false;
}

enum { SETTLES = 6, SETTLE_MS = 1000 };

/* Just after it was taken on its processes are still starting. */
static json_t *core_look(struct connecting *x, struct err *err) {
    json_t *health = core_health(x->workspace, x->name, err);
    for (int i = 0; i < SETTLES && health && str_is(cli_text(health, "status"), "retry"); i++) {
        struct pollfd stop = {.fd = x->stop->signals, .events = POLLIN};
        if (poll(&stop, 1, SETTLE_MS) > 0) break;
        json_decref(health);
        health = core_health(x->workspace, x->name, err);
    }
    return health;
}

/* Once it is written a running core has the credentials in its hand, so it looks itself: what the
 * platform rotates must not be rotated by two. */
static json_t *look(struct guide *g, struct err *err) {
    struct connecting *x = g->x;
    struct buf record = {0}, secrets = {0};
    char *zone = mem_text(x->conf.timezone);
    if (x->written)
        buf_printf(&secrets, "%s/secrets", x->workspace);
    else
        buf_str(&secrets, buf_view(&x->stage));
    connecting_record(x, &record);
    struct health_want want = {.so = x->so.data,
                               .name = x->name,
                               .secrets = secrets.len ? secrets.data : NULL,
                               .timezone = zone,
                               .record = buf_view(&record),
                               .part = !x->written,
                               .stop_fd = x->stop->signals};
    struct err gone;
    struct cli_core *core = x->written ? cli_connect(x->workspace, &gone) : NULL;
    cli_disconnect(core);
    json_t *health = core ? core_look(x, err) : health_once(&want, err);
    free(zone);
    buf_free(&record);
    buf_free(&secrets);
    return health;
}

/* Before the webhook's turn only what is known to be of account and token, and what is wrong. */
static json_t *early(const json_t *health) {
    json_t *facts = json_object(), *lines = json_array(), *value;
    const char *name;
    size_t i;
    json_object_foreach(json_object_get(health, "facts"), name,
                        value) if (!str_starts(str_c(name), SORI_STR("subscription.")))
        json_object_set(facts, name, value);
    json_array_foreach(json_object_get(health, "lines"), i,
                       value) if (!str_is(cli_text(value, "level"), "info"))
        json_array_append(lines, value);
    json_t *out = json_copy((json_t *)(uintptr_t)health);
    json_object_set_new(out, "facts", facts);
    json_object_set_new(out, "lines", lines);
    return out;
}

static void tell(struct guide *g, bool all) {
    struct buf b = {0};
    if (!all) {
        json_t *part = early(g->health);
        health_put(&b, part, cli_is_color(stdout));
        if (json_array_size(json_object_get(part, "lines")))
            buf_puts(&b, "  (what is said of webhooks and subscriptions comes later)\n");
        json_decref(part);
    } else if (!g->told) {
        health_put(&b, g->health, cli_is_color(stdout));
        g->told = true;
    }
    fwrite(b.data, 1, b.len, stdout);
    buf_free(&b);
}

enum verdict { WELL, NOT_WELL };

static enum verdict judge(struct guide *g, const struct step *s) {
    struct err err = {.text = ""};
    bool layer = str_starts(s->name, SORI_STR("subscription."));
    if (!g->health) g->health = look(g, &err);
    if (!g->health) {
        printf("  it cannot be looked at: %s\n", err.text);
        return NOT_WELL;
    }
    tell(g, layer || !s->name.len);
    char *name = mem_text(s->name);
    struct sori_str value = health_fact(g->health, name);
    free(name);
    if (!str_is(cli_text(g->health, "status"), "ok")) return NOT_WELL;
    if (!s->name.len) return WELL;
    if (layer)
        printf("  → %.*s: %.*s\n", STR(s->name),
               STR(value.len ? value : SORI_STR("not asked for by these options")));
    if (!value.len) return layer ? WELL : NOT_WELL;
    return str_is(value, "no") ? NOT_WELL : WELL;
}

/* An option or a credential anew: its name is asked for. */
static bool change(struct guide *g) {
    struct connecting *x = g->x;
    struct buf line = {0};
    bool ok = terminal_ask(x->terminal, "  which one? ", false, &line);
    struct sori_str name = buf_view(&line), d = buf_view(&x->descriptor);
    struct given *from = option_find(d, name).len ? &x->options
                         : slot_find(d, name).len ? &x->secrets
                                                  : NULL;
    if (ok && !from) {
        printf("  there is no option and no credential \"%s\"\n", line.data ? line.data : "");
    } else if (ok) {
        connecting_drop(x, from, name);
        ok = from == &x->options ? guide_option(g, name, (struct sori_str){0})
                                 : guide_slot(g, name, (struct sori_str){0});
    }
    buf_free(&line);
    return ok;
}

bool guide_check(struct guide *g, const struct step *s) {
    static const char *const before[] = {"again", "change something", "go on", "stop", NULL};
    static const char *const after[] = {"again", "go on", "stop", NULL};
    struct connecting *x = g->x;
    if (x->terminal && !g->health) puts("\nAsking the platform …");
    fflush(stdout);
    if (s->text.len && !g->told) guide_say(s->text, 2);
    for (;;) {
        if (judge(g, s) == WELL) return true;
        if (terminal_is_stopped(x->stop)) return false;
        if (!x->terminal && (g->yes || x->written)) {
            printf("  going on; `sori connection check %s` looks again\n", x->name);
            return true;
        }
        if (!x->terminal)
            return err_set(g->err,
                           "the check of %.*s did not go well, so nothing was written; "
                           "--yes writes it all the same",
                           STR(s->name.len ? s->name : SORI_STR("the connection")));
        int chosen = terminal_choose(x->terminal, x->written ? after : before);
        const char *word = chosen < 0 ? "stop" : x->written ? after[chosen] : before[chosen];
        if (word[0] == 's') x->terminal->stopped = true;
        if (word[0] == 's' || (word[0] == 'c' && !change(g))) return false;
        if (word[0] == 'g') return true;
        guide_forget(g);
    }
}
