/* Reload: a candidate generation is built and proven beside the live one, and swapped in between
 * two entries, or refused with every file:line. Whoever asks while one is under way is answered by
 * the next, which holds their change. The live generation is not touched before the swap. */
#include "flow/reload.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

enum { CONF_MS = 5000, SCAN_MS = 10000, DEADLINE_MS = 60000 };

static void step(struct core *c);

static void on_step(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    step(ctx);
}

void reload_go_on(struct core *c) {
    struct timeval at_once = {0, 0};
    evtimer_add(c->reload->step_event, &at_once);
}

static void answer(struct core *c, bool ok, struct sori_str text) {
    struct reload *r = c->reload;
    struct asker *list = r->askers;
    r->askers = NULL;
    while (list) {
        struct asker *a = list;
        list = a->next;
        a->done(a->ctx, ok, text);
        free(a);
    }
}

static void begin(struct core *c);

static void end(struct core *c, bool ok, struct sori_str text) {
    struct reload *r = c->reload;
    if (r->rollback_to && r->put_off) {
        if (!ok) watch_recall(c); /* no step back: what is on disk counts again */
        r->put_off = false;
    }
    if (r->guest) guest_kill(&r->guest);
    free(r->scanning);
    r->scanning = NULL;
    if (r->next) { /* its worker may be calling us: the tick lets it go */
        r->next->ready = false;
        r->next->drains_after = c->draining;
        c->draining = r->next;
    }
    r->next = c->next = NULL;
    answer(c, ok, text);
    if (!r->again) {
        r->step = STEP_CONF;
        r->core = NULL; /* idle */
        return;
    }
    r->askers = r->later; /* the last one first: what they want now is what is done */
    r->later = NULL;
    begin(c);
}

void reload_fail(struct core *c) {
    struct reload *r = c->reload;
    free((char *)(uintptr_t)c->refused.ptr);
    c->refused = mem_copy(buf_view(&r->errors));
    c->refused_at = core_now(c);
    log_line(LOG_ERROR, "reload", "refused, %s:",
             c->active ? "the old generation goes on untouched" : "nothing is running yet");
    for (struct sori_str rest = c->refused; rest.len;) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t n = end ? (size_t)(end - rest.ptr) : rest.len;
        log_line(LOG_ERROR, "reload", "%.*s", (int)n, rest.ptr);
        n += end != NULL;
        rest = (struct sori_str){rest.ptr + n, rest.len - n};
    }
    end(c, false, c->refused);
}

/* ---- the workers of the first two steps ---- */

static void add_errors(struct reload *r, struct sori_str payload, uint32_t tag) {
    struct rec_field f;
    while (rec_next(&payload, &f) == 1)
        if (f.tag == tag && f.type == REC_STR) buf_printf(&r->errors, "%.*s\n", STR(f.s));
}

static void conf_done(struct core *c, const struct wire_msg *msg) {
    struct reload *r = c->reload;
    struct err err;
    struct buf record = {0};
    if (msg->head.status != SORI_OK) {
        add_errors(r, msg->payload, CONF_ERROR);
        if (!r->errors.len)
            buf_printf(&r->errors, "sori.lua: could not be read: %.*s\n",
                       STR(rec_get_str(msg->payload, DONE_WHY)));
    } else {
        buf_str(&record, rec_get_rec(msg->payload, CONF_RECORD));
        if (!conf_open(&record, &r->next->conf, &err))
            buf_printf(&r->errors, "sori.lua: %s\n", err.text);
    }
    buf_free(&record);
    r->step = STEP_SCAN;
    r->guest_over = true;
    reload_go_on(c);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct core *c = ctx;
    struct reload *r = c->reload;
    if (r->step == STEP_CONF) {
        struct buf b = {0};
        rec_str(&b, CONF_SOURCE, buf_view(&r->next->config_source));
        rec_str(&b, CONF_NAME, SORI_STR("sori.lua"));
        guest_call(g, M_CONF, buf_view(&b), CONF_MS, -1);
        buf_free(&b);
        return;
    }
    struct sori_str descriptor = rec_get_rec(hello, HELLO_PLUGIN);
    if (r->scanning && descriptor.len)
        generation_learn_plugin(c, str_c(r->scanning),
                                generation_plugin_path(c, str_c(r->scanning)), descriptor);
    r->guest_over = true;
    reload_go_on(c);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct core *c = ctx;
    (void)g;
    if (c->reload->step == STEP_CONF) {
        conf_done(c, msg);
    } else if (msg->head.status != SORI_OK) {
        buf_printf(&c->reload->errors, "plugin %s: %.*s\n", c->reload->scanning,
                   STR(rec_get_str(msg->payload, DONE_WHY)));
        c->reload->guest_over = true;
        reload_go_on(c);
    }
}

static bool names_import(const struct conf *conf) {
    for (size_t i = 0; i < conf->connection_count; i++)
        if (str_is(conf->connections[i].channel, "import")) return true;
    return false;
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct core *c = ctx;
    struct reload *r = c->reload;
    if (g != r->guest || r->guest_over) return;
    if (r->scanning && strcmp(r->scanning, "import") == 0 && !names_import(&r->next->conf)) {
        log_line(LOG_WARN, "reload", "files cannot be imported: %s", o->what);
        r->no_import = true; /* nobody asked for it: the rest goes on */
    } else
        buf_printf(&r->errors, "%s: %s\n", r->scanning ? r->scanning : "sori.lua", o->what);
    r->step = STEP_SCAN;
    r->guest_over = true;
    reload_go_on(c);
}

static bool start_worker(struct core *c, enum guest_kind kind, const char *plugin) {
    struct reload *r = c->reload;
    struct err err;
    struct guest_spec spec = {
        .kind = kind, .name = kind == GUEST_CONF ? "conf" : "scan", .plugin = plugin, .once = true};
    struct guest_events events = {.ctx = c, .ready = on_ready, .done = on_done, .lost = on_lost};
    r->guest_over = false;
    r->guest = guest_start(c->base, c->bin, &spec, &events, &err);
    if (!r->guest) buf_printf(&r->errors, "%s\n", err.text);
    return r->guest != NULL;
}

/* Scans the next plugin that nobody has looked at. False: all are known. */
static bool scan_next(struct core *c) {
    struct reload *r = c->reload;
    const struct conf *conf = &r->next->conf;
    free(r->scanning);
    r->scanning = NULL;
    for (size_t i = 0; i <= conf->connection_count && !r->errors.len; i++) {
        /* `import` is always there: many organisations begin by hand. */
        struct sori_str id =
            i < conf->connection_count ? conf->connections[i].channel : SORI_STR("import");
        if (generation_plugin_known(c, id)) continue;
        const char *path = generation_plugin_path(c, id);
        if (i == conf->connection_count && (!path || r->no_import)) continue;
        if (!path) {
            buf_printf(&r->errors,
                       "sori.lua:%d: connection \"%.*s\": no plugin is called \"%.*s\"; "
                       "`sori plugin list` shows what there is\n",
                       conf->connections[i].line, STR(conf->connections[i].name), STR(id));
            return false;
        }
        if (c->plugin_count == sizeof c->plugin / sizeof *c->plugin) {
            buf_printf(&r->errors,
                       "sori.lua: \"%.*s\": %zu channels are the most that one Sori takes; "
                       "those that were dropped count until it is started again\n",
                       STR(id), c->plugin_count);
            return false;
        }
        r->scanning = mem_text(id);
        return start_worker(c, GUEST_SCAN, path);
    }
    return false;
}

/* ---- the steps ---- */

static void to_policy(struct core *c) {
    struct reload *r = c->reload;
    struct err err;
    r->step = STEP_POLICY;
    generation_env(c, r->next);
    c->next = r->next;
    if (policy_start(c, r->next, &err)) return;
    buf_printf(&r->errors, "policy: %s\n", err.text);
    reload_fail(c);
}

static void step(struct core *c) {
    struct reload *r = c->reload;
    if (!r->core) return;
    if (r->guest && r->guest_over) guest_kill(&r->guest);
    if (clock_mono() > r->deadline)
        buf_puts(&r->errors, "the reload took longer than 60 seconds and was given up\n");
    if (r->errors.len) {
        reload_fail(c);
        return;
    }
    if (r->guest) return;
    if (r->step == STEP_CONF) {
        start_worker(c, GUEST_CONF, NULL);
    } else if (r->step == STEP_SCAN && !scan_next(c)) {
        if (!r->errors.len && generation_check(c, r)) generation_models(c, r);
        r->step = STEP_MODELS;
        reload_go_on(c);
        return;
    } else if (r->step == STEP_MODELS) {
        bool late = clock_mono() > r->deadline - DEADLINE_MS + 20000;
        if (generation_models_ready(c, r, late)) {
            to_policy(c);
            return;
        }
        struct timeval soon = {0, 20000};
        if (!r->errors.len) evtimer_add(r->step_event, &soon);
    }
    if (r->errors.len) reload_go_on(c);
}

void reload_proved(struct core *c, bool ok, struct sori_str payload) {
    struct reload *r = c->reload;
    if (!ok) {
        add_errors(r, payload, LOAD_ERROR);
        if (!r->errors.len)
            buf_printf(&r->errors, "policy: %.*s\n", STR(rec_get_str(payload, DONE_WHY)));
        reload_go_on(c);
        return;
    }
    struct buf said = {0}, plan = {0};
    buf_str(&plan, rec_get_str(payload, LOAD_PLAN));
    generation_swap(c, r, &said);
    log_line(LOG_INFO, "reload", "%.*s", STR(buf_view(&said)));
    if (plan.len) buf_printf(&said, "\n%.*s", (int)plan.len - 1, plan.data);
    buf_free(&plan);
    end(c, true, buf_view(&said));
    buf_free(&said);
}

static void begin(struct core *c) {
    struct reload *r = c->reload;
    r->core = c;
    r->by = r->askers->by;
    r->why = r->askers->why;
    r->rollback_to = r->askers->rollback_to;
    r->again = r->no_import = false;
    r->step = STEP_CONF;
    r->deadline = clock_mono() + DEADLINE_MS;
    buf_clear(&r->errors);
    r->next = mem_get(sizeof *r->next);
    if (!generation_read(c, r)) {
        reload_go_on(c);
        return;
    }
    reload_go_on(c);
}

void reload_ask(struct core *c, struct sori_str by, struct sori_str why, int64_t rollback_to,
                reload_done *done, void *ctx) {
    if (!c->reload) {
        c->reload = mem_get(sizeof *c->reload);
        c->reload->step_event = evtimer_new(c->base, on_step, c);
    }
    struct reload *r = c->reload;
    struct asker *a = mem_get(sizeof *a);
    *a = (struct asker){.done = done,
                        .ctx = ctx,
                        .by = intern(c, by),
                        .why = intern(c, why),
                        .rollback_to = rollback_to};
    if (rollback_to && watch_forget(c)) r->put_off = true;
    if (r->core) { /* under way: the next one holds this change */
        a->next = r->later;
        r->later = a;
        r->again = true;
        return;
    }
    a->next = r->askers;
    r->askers = a;
    begin(c);
}
