/* Reload: a candidate generation is built and proven beside the live one, and swapped in between
 * two entries, or refused with every file:line. The live generation is not touched before the swap.
 */
#include "flow/generation/prove.h"
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONF_MS = 5000, MODELS_MS = 20000 };

static void step(struct core *c);

static void on_step(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    step(ctx);
}

struct event *reload_timer(struct core *c) {
    return evtimer_new(c->base, on_step, c);
}

void reload_go_on(struct core *c) {
    struct timeval at_once = {0, 0};
    evtimer_add(c->reload->step_event, &at_once);
}

const char *reload_word(enum reload_step step) {
    static const char *const words[] = {"idle", "reading the configuration", "loading plugins",
                                        "loading models", "proving the policy"};
    return words[step];
}

/* ---- the workers of the first steps ---- */

static void add_errors(struct reload *r, struct sori_str payload, uint32_t tag) {
    struct rec_field f;
    struct buf last = {0};
    for (; rec_next(&payload, &f) == 1;) {
        if (f.tag != tag || f.type != REC_STR || str_eq(f.s, buf_view(&last))) continue;
        buf_printf(&r->errors, "%.*s\n", STR(f.s));
        buf_clear(&last);
        buf_str(&last, f.s);
    }
    buf_free(&last);
}

static void guest_is_over(struct core *c) {
    c->reload->guest_over = true;
    reload_go_on(c);
}

static void conf_done(struct core *c, const struct wire_msg *msg) {
    struct reload *r = c->reload;
    struct err err;
    struct buf record = {0};
    if (msg->head.status != SORI_OK) {
        size_t before = r->errors.len;
        add_errors(r, msg->payload, CONF_ERROR);
        if (r->errors.len == before)
            buf_printf(&r->errors, "sori.lua: could not be read: %.*s\n",
                       STR(rec_get_str(msg->payload, DONE_WHY)));
        r->no_conf = true;
    } else {
        buf_str(&record, rec_get_rec(msg->payload, CONF_RECORD));
        if (!conf_open(&record, &r->next->conf, &err)) {
            buf_printf(&r->errors, "sori.lua: %s\n", err.text);
            r->no_conf = true;
        }
    }
    buf_free(&record);
    r->step = STEP_SCAN;
    guest_is_over(c);
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
    if (r->scanning && descriptor.len) {
        buf_str(&r->scanning->descriptor, descriptor);
        r->found[r->found_n++] = r->scanning;
        r->scanning = NULL;
    }
    guest_is_over(c);
}

/* What its worker says of it names the copy; people know the file. */
static void plugin_error(struct reload *r, struct sori_str why) {
    const struct plugin *p = r->scanning;
    const char *slash = strrchr(p->path, '/'), *copy = slash ? slash + 1 : p->path;
    size_t n = strlen(copy);
    buf_printf(&r->errors, "%s: plugin %s: ", r->where, p->id);
    while (why.len) {
        bool here = why.len >= n && memcmp(why.ptr, copy, n) == 0;
        if (here)
            buf_printf(&r->errors, "%s.so", p->id);
        else
            buf_putc(&r->errors, *why.ptr);
        why.ptr += here ? n : 1;
        why.len -= here ? n : 1;
    }
    buf_printf(
        &r->errors,
        "; `sori plugin check %s` tries it alone: mend and build it again, or put the one of "
        "before back\n",
        p->id);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct core *c = ctx;
    struct reload *r = c->reload;
    (void)g;
    if (r->step == STEP_CONF) {
        conf_done(c, msg);
    } else if (msg->head.status != SORI_OK && r->scanning) {
        plugin_error(r, rec_get_str(msg->payload, DONE_WHY));
        guest_is_over(c);
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
    if (r->scanning && strcmp(r->scanning->id, "import") == 0 && !names_import(&r->next->conf)) {
        log_line(LOG_WARN, "reload", "files cannot be imported: %s", o->what);
        r->no_import = true; /* nobody asked for it: the rest goes on */
    } else if (r->scanning)
        plugin_error(r, str_c(o->what));
    else {
        buf_printf(&r->errors, "sori.lua: %s\n", o->what);
        r->no_conf = true;
    }
    if (r->step == STEP_CONF) r->step = STEP_SCAN;
    guest_is_over(c);
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

/* The configuration that is live needs no second reading. */
static bool read_conf(struct core *c) {
    struct reload *r = c->reload;
    struct err err;
    if (!c->active ||
        !str_eq(buf_view(&c->active->config_source), buf_view(&r->next->config_source)))
        return start_worker(c, GUEST_CONF, NULL);
    struct buf record = {0};
    buf_str(&record, buf_view(&c->active->conf.bytes));
    if (!conf_open(&record, &r->next->conf, &err)) {
        buf_printf(&r->errors, "sori.lua: %s\n", err.text);
        r->no_conf = true;
    }
    buf_free(&record);
    r->step = STEP_SCAN;
    reload_go_on(c);
    return true;
}

/* True where a scan worker was started for it. */
static bool scan(struct core *c, struct sori_str id, const char *where, bool optional) {
    struct reload *r = c->reload;
    struct buf copy = {0};
    char hash[65];
    bool started = false;
    if (part_hash(buf_view(&r->next->parts), PART_PLUGIN, id).len) return false;
    if (generation_part(c, r, PART_PLUGIN, id, where, optional, &copy, hash)) {
        struct plugin *p = generation_plugin(c, r, id);
        generation_put_part(r->next, PART_PLUGIN, id, hash);
        if (p && strcmp(p->hash, hash) == 0) {
            buf_free(&copy);
            return false;
        }
        r->scanning = mem_get(sizeof *r->scanning);
        r->scanning->id = mem_text(id);
        r->scanning->path = mem_text(buf_view(&copy));
        memcpy(r->scanning->hash, hash, sizeof hash);
        snprintf(r->where, sizeof r->where, "%s", where);
        started = start_worker(c, GUEST_SCAN, copy.data);
    }
    buf_free(&copy);
    return started;
}

/* Scans the next plugin that is new, or whose bytes are. False: all are known. */
static bool scan_next(struct core *c) {
    struct reload *r = c->reload;
    const struct conf *conf = &r->next->conf;
    char where[256];
    if (r->scanning) reload_plugin_drop(r->scanning); /* it was refused */
    r->scanning = NULL;
    for (size_t i = 0; i < conf->connection_count; i++) {
        const struct conf_connection *k = &conf->connections[i];
        snprintf(where, sizeof where, "sori.lua:%d: connection \"%.*s\"", k->line, STR(k->name));
        if (c->plugin_count + r->found_n >= sizeof c->plugin / sizeof *c->plugin &&
            !plugin_by_id(c, k->channel)) {
            buf_printf(&r->errors,
                       "%s: %zu channels are the most that one Sori takes; those that were dropped "
                       "count until it is started again\n",
                       where, sizeof c->plugin / sizeof *c->plugin);
            return false;
        }
        if (scan(c, k->channel, where, false)) return true;
    }
    /* `import` is always there: many organisations begin by hand. */
    return !r->no_import && scan(c, SORI_STR("import"), "import", true);
}

/* ---- the steps ---- */

static void to_policy(struct core *c) {
    struct reload *r = c->reload;
    struct err err;
    if (r->no_policy) {
        reload_fail(c);
        return;
    }
    r->step = STEP_POLICY;
    generation_env(c, r);
    r->next->unproven = r->errors.len > 0; /* its tests would fail for another's faults */
    if (policy_start(c, r->next, &err)) return;
    buf_printf(&r->errors, "policy: %s\n", err.text);
    reload_fail(c);
}

static void scanned(struct core *c) {
    struct reload *r = c->reload;
    if (!r->no_conf) {
        generation_check(c, r);
        generation_models(c, r);
    }
    r->step = STEP_MODELS;
    reload_go_on(c);
}

static void step(struct core *c) {
    struct reload *r = c->reload;
    if (!r->wish) return;
    if (r->guest && r->guest_over) guest_kill(&r->guest);
    if (clock_mono() > r->deadline) {
        buf_puts(&r->errors,
                 "the reload took longer than 60 seconds and was given up; the log says "
                 "what it waited for\n");
        reload_fail(c);
        return;
    }
    if (r->guest) return;
    if (r->step == STEP_CONF) {
        if (r->no_conf)
            to_policy(c);
        else if (!read_conf(c))
            reload_fail(c);
    } else if (r->step == STEP_SCAN) {
        if (r->no_conf || !scan_next(c)) scanned(c);
    } else if (r->step == STEP_MODELS) {
        bool late = clock_mono() > r->deadline - RELOAD_MS + MODELS_MS;
        if (generation_models_ready(c, r, late)) {
            to_policy(c);
            return;
        }
        struct timeval soon = {0, 10000};
        evtimer_add(r->step_event, &soon);
    } else if (r->step == STEP_POLICY)
        reload_fail(c); /* it was proven, with errors */
}

/* ---- proven ---- */

static void made(struct core *c, struct sori_str lines) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    struct generation *old = c->active;
    struct buf said = {0};
    char disk[65];
    int64_t was = old ? old->id : 0;
    memcpy(disk, w->from == FROM_SORI && old ? old->disk : w->disk.hash, sizeof disk);
    r->build_ms = core_now(c) - r->since;
    bool swapped = generation_swap(c, r, lines);
    bool renews = w->back && swapped && old && w->from != FROM_START;
    if (renews) {
        story_close_row(c, was, true);
        wish_put_off(c, disk);
        r->taken_back++;
    } else if (!w->back) {
        wish_put_off(c, "");
        wish_disk_is_good(c);
    }
    if (!w->back || w->from == FROM_PERSON) {
        free(c->notice);
        c->notice = NULL;
        r->away_told = false;
    }
    bool differs = renews && w->from == FROM_PERSON && strcmp(disk, c->active->disk) != 0;
    if (differs) wish_away_notice(c, c->active->id);
    if (swapped) {
        r->count++;
        buf_printf(&said, "generation %lld is live (%s)", (long long)c->active->id, w->why);
    } else
        buf_printf(&said, "nothing changed: generation %lld goes on", (long long)c->active->id);
    log_line(LOG_INFO, "reload", "%.*s", STR(buf_view(&said)));
    if (swapped && lines.len) {
        buf_putc(&said, '\n');
        plan_text(lines, &said);
        said.len -= said.data[said.len - 1] == '\n';
    }
    if (differs) buf_printf(&said, "\n%s", c->notice);
    wish_end(c, true, buf_view(&said), lines);
    buf_free(&said);
}

static void planned(struct core *c, struct sori_str lines) {
    struct buf said = {0};
    buf_printf(&said, "the plan; generation %lld goes on, nothing is changed\n",
               (long long)(c->active ? c->active->id : 0));
    plan_text(lines, &said);
    said.len -= said.data[said.len - 1] == '\n';
    wish_end(c, true, buf_view(&said), lines);
    buf_free(&said);
}

/* It may go live, or its plan is what was asked for. */
static void proven(struct core *c) {
    struct reload *r = c->reload;
    struct buf lines = {0};
    if (c->active)
        plan_make(c, c->active, r->next, &lines);
    else
        plan_at_start(c, r->next, &lines);
    if (r->wish->plan)
        planned(c, buf_view(&lines));
    else
        made(c, buf_view(&lines));
    buf_free(&lines);
}

static bool step_back_waits(const struct reload *r) {
    for (const struct wish *w = r->later; w; w = w->next)
        if (w->back) return true;
    return false;
}

static void by_history(struct core *c, bool ok, struct sori_str why) {
    struct reload *r = c->reload;
    r->deadline = clock_mono() + RELOAD_MS;
    log_line(ok ? LOG_INFO : LOG_WARN, "reload", "%.*s", STR(why));
    if (ok) {
        proven(c);
        return;
    }
    buf_str(&r->errors, why);
    reload_go_on(c);
}

void reload_make_way(struct core *c) {
    if (!c->prove) return;
    prove_stop(c);
    by_history(c, false,
               SORI_STR("history was not asked to the end, since a step back was asked for "
                        "meanwhile; `sori reload` asks it again\n"));
}

void reload_proved(struct core *c, bool ok, struct sori_str payload) {
    struct reload *r = c->reload;
    size_t before = r->errors.len;
    prove_stop(c); /* its own worker died meanwhile */
    if (!ok) {
        add_errors(r, payload, LOAD_ERROR);
        if (r->errors.len == before)
            buf_printf(&r->errors, "policy: %.*s\n", STR(rec_get_str(payload, DONE_WHY)));
    }
    if (r->errors.len) {
        reload_go_on(c); /* outside of its worker's callback */
        return;
    }
    struct rec_field f;
    buf_clear(&r->next->levels);
    buf_str(&r->next->levels, rec_get_str(payload, LOAD_PLAN));
    buf_clear(&r->next->freezes);
    for (struct sori_str all = payload; rec_next(&all, &f) == 1;)
        if (f.tag == LOAD_FREEZE && f.type == REC_REC) rec_rec(&r->next->freezes, f.tag, f.s);
    /* A step back is never held up. */
    struct err err;
    if (r->wish->back || !prove_wanted(c, r->next)) {
        proven(c);
    } else if (step_back_waits(r)) {
        by_history(c, false,
                   SORI_STR("history was not asked, since a step back waits; `sori reload` asks "
                            "it again\n"));
    } else if (!prove_begin(c, r->next, by_history, &err)) {
        buf_printf(&r->errors, "history could not be asked: %s\n", err.text);
        reload_go_on(c);
    }
}
