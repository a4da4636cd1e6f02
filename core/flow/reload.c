/* Reload: a candidate generation is built and proven beside the live one, and swapped in between
 * two entries, or refused with every file:line. The live generation is not touched before the swap.
 *
 * Who asks while one is under way waits: each wish holds the bytes that were on disk when it was
 * made, wishes for the same bytes become one, and all are done in the order in which they were
 * made. So everybody learns the fate of just their change, whatever was saved since. */
#include "flow/prove.h"
#include "flow/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONF_MS = 5000, DEADLINE_MS = 60000, MODELS_MS = 20000, WAITING_MOST = 16, BUSY_TRIES = 20 };

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

const char *reload_word(enum reload_step step) {
    static const char *const words[] = {"idle", "reading the configuration", "loading plugins",
                                        "loading models", "proving the policy"};
    return words[step];
}

/* ---- the end of a wish ---- */

static void wish_free(struct wish *w) {
    snapshot_free(&w->disk);
    free(w->by);
    free(w->why);
    free(w);
}

static void answer(struct core *c, struct wish *w, bool ok, struct sori_str text,
                   struct sori_str lines) {
    struct fate fate = {
        .ok = ok, .generation = c->active ? c->active->id : 0, .text = text, .lines = lines};
    while (w->askers) {
        struct asker *a = w->askers;
        w->askers = a->next;
        a->done(a->ctx, &fate);
        free(a);
    }
}

static void plugin_drop(struct plugin *p) {
    buf_free(&p->descriptor);
    free(p->path);
    free(p->id);
    free(p);
}

static void begin(struct core *c);

static void end(struct core *c, bool ok, struct sori_str text, struct sori_str lines) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    if (w->back && w->from == FROM_PERSON && r->put_off) {
        if (!ok) watch_recall(c); /* no step back: what is on disk counts again */
        r->put_off = false;
    }
    if (r->guest) guest_kill(&r->guest);
    if (r->scanning) plugin_drop(r->scanning);
    r->scanning = NULL;
    while (r->found_n) plugin_drop(r->found[--r->found_n]);
    if (r->next) { /* its worker may be calling us: the tick lets it go */
        generation_give_up(c, r);
        r->next->ready = false;
        r->next->drains_after = c->draining;
        c->draining = r->next;
    }
    r->next = c->next = NULL;
    r->step = STEP_IDLE;
    r->wish = r->later;
    if (r->later) r->later = r->later->next;
    if (r->wish) r->wish->next = NULL;
    answer(c, w, ok, text, lines);
    wish_free(w);
    if (r->wish && r->step == STEP_IDLE) begin(c);
}

static void say_errors(struct sori_str errors, const char *head) {
    log_line(LOG_ERROR, "reload", "%s", head);
    while (errors.len) {
        const char *stop = memchr(errors.ptr, '\n', errors.len);
        size_t n = stop ? (size_t)(stop - errors.ptr) : errors.len;
        log_line(LOG_ERROR, "reload", "%.*s", (int)n, errors.ptr);
        n += stop != NULL;
        errors = (struct sori_str){errors.ptr + n, errors.len - n};
    }
}

/* What is on disk was refused: status shows it until it is mended, history keeps it. */
static void disk_refused(struct core *c, struct sori_str errors) {
    struct reload *r = c->reload;
    bool told = strcmp(r->refused, r->wish->disk.hash) == 0 && str_eq(errors, c->refused);
    free((char *)(uintptr_t)c->refused.ptr);
    c->refused = mem_copy(errors);
    c->refused_at = core_now(c);
    memcpy(r->refused, r->wish->disk.hash, sizeof r->refused);
    if (!told) c->refused_id = story_refused(c, r->wish, errors);
}

void reload_fail(struct core *c) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    struct buf errors = {0};
    buf_str(&errors, buf_view(&r->errors));
    if (!w->plan) {
        r->failures++;
        if (!w->back) disk_refused(c, buf_view(&errors));
        say_errors(buf_view(&errors), c->active ? "refused, the old generation goes on untouched:"
                                                : "refused, nothing is running yet:");
    }
    end(c, false, buf_view(&errors), (struct sori_str){0});
    buf_free(&errors);
}

/* The disk is what is live: whatever was wrong with it before is mended. */
static void disk_is_good(struct core *c) {
    free((char *)(uintptr_t)c->refused.ptr);
    c->refused = (struct sori_str){0};
    c->reload->refused[0] = 0;
}

/* ---- what was stepped back from stays away until files change ---- */

/* Memory knows before the disk does. */
static const char *away(struct core *c) {
    struct reload *r = c->reload;
    struct buf old = {0};
    if (!r->away_known && store_meta(c->store, "put_off", &old))
        snprintf(r->away, sizeof r->away, "%.*s", STR(buf_view(&old)));
    r->away_known = true;
    buf_free(&old);
    return r->away;
}

static void put_off(struct core *c, const char *hash) {
    struct reload *r = c->reload;
    if (strcmp(away(c), hash) == 0) return;
    snprintf(r->away, sizeof r->away, "%s", hash);
    struct row_meta *m = store_add_meta(&c->batch);
    m->name = SORI_STR("put_off");
    m->value = keep(c, str_c(hash));
    flow_dirty(c);
}

static bool is_put_off(struct core *c, const char *hash) { return strcmp(away(c), hash) == 0; }

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
    buf_putc(&r->errors, '\n');
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
    if (r->scanning) plugin_drop(r->scanning); /* it was refused */
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
        bool late = clock_mono() > r->deadline - DEADLINE_MS + MODELS_MS;
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
    bool new = generation_swap(c, r, lines);
    bool renews = w->back && new &&old && w->from != FROM_START;
    if (renews) {
        story_close_row(c, was, true);
        put_off(c, disk);
        r->taken_back++;
    } else if (!w->back) {
        put_off(c, "");
        disk_is_good(c);
    }
    if (!w->back || w->from == FROM_PERSON) {
        free(c->notice);
        c->notice = NULL;
    }
    if (new) {
        r->count++;
        buf_printf(&said, "generation %lld is live (%s)", (long long)c->active->id, w->why);
    } else
        buf_printf(&said, "nothing changed: generation %lld goes on", (long long)c->active->id);
    log_line(LOG_INFO, "reload", "%.*s", STR(buf_view(&said)));
    if (new &&lines.len) {
        buf_putc(&said, '\n');
        plan_text(lines, &said);
        said.len -= said.data[said.len - 1] == '\n';
    }
    end(c, true, buf_view(&said), lines);
    buf_free(&said);
}

static void planned(struct core *c, struct sori_str lines) {
    struct buf said = {0};
    buf_printf(&said, "the plan; generation %lld goes on, nothing is changed\n",
               (long long)(c->active ? c->active->id : 0));
    plan_text(lines, &said);
    said.len -= said.data[said.len - 1] == '\n';
    end(c, true, buf_view(&said), lines);
    buf_free(&said);
}

/* It may go live, or its plan is what was asked for. */
static void proven(struct core *c) {
    struct reload *r = c->reload;
    struct buf lines = {0};
    plan_make(c, c->active, r->next, &lines);
    if (r->wish->plan)
        planned(c, buf_view(&lines));
    else
        made(c, buf_view(&lines));
    buf_free(&lines);
}

static void by_history(struct core *c, bool ok, struct sori_str why) {
    struct reload *r = c->reload;
    r->deadline = clock_mono() + DEADLINE_MS;
    log_line(ok ? LOG_INFO : LOG_WARN, "reload", "%.*s", STR(why));
    if (ok) {
        proven(c);
        return;
    }
    buf_str(&r->errors, why);
    reload_go_on(c);
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
    buf_clear(&r->next->levels);
    buf_str(&r->next->levels, rec_get_str(payload, LOAD_PLAN));
    /* A step back is never held up. */
    struct err err;
    if (r->wish->back || !prove_wanted(c, r->next)) {
        proven(c);
    } else if (!prove_begin(c, r->next, by_history, &err)) {
        buf_printf(&r->errors, "history could not be asked: %s\n", err.text);
        reload_go_on(c);
    }
}

/* ---- the beginning ---- */

static bool all_well(struct core *c) {
    bool well = c->active && c->active->ready;
    for (size_t i = 0; i < c->model_count; i++)
        well = well && (c->model[i]->wanted != c->active || c->model[i]->ready);
    return well;
}

/* Nothing to prove: these bytes are live already, or were stepped back from and nobody insists. */
static bool is_known(struct core *c, struct wish *w) {
    struct buf said = {0};
    if (!c->active || w->back || w->disk.errors.len) return false;
    bool live = strcmp(w->disk.hash, c->active->disk) == 0 && all_well(c) &&
                generation_parts_same(c, c->active);
    bool away = !live && w->from == FROM_WATCH && is_put_off(c, w->disk.hash);
    if (!live && !away) return false;
    if (live && !w->plan) disk_is_good(c);
    buf_printf(&said, "nothing changed%s: generation %lld goes on",
               away ? " since the step back" : "", (long long)c->active->id);
    if (!w->plan) log_line(LOG_INFO, "reload", "%.*s", STR(buf_view(&said)));
    end(c, true, buf_view(&said), (struct sori_str){0});
    buf_free(&said);
    return true;
}

/* Sori starts over what was stepped back from: the step back holds until a file changes. */
static void hold_step_back(struct core *c, struct wish *w) {
    int64_t live = store_active_generation(c->store);
    if (w->from != FROM_START || w->back || live == NIL || !is_put_off(c, w->disk.hash)) return;
    char text[256];
    snprintf(text, sizeof text,
             "the files on disk are those that were stepped back from: generation %lld goes on. "
             "Change a file, or `sori reload`, to take them",
             (long long)live);
    log_line(LOG_WARN, "core", "%s", text);
    free(c->notice);
    c->notice = mem_text(str_c(text));
    w->back = live;
}

static void begin(struct core *c) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    r->no_import = r->no_policy = r->no_conf = r->no_models = false;
    r->step = STEP_CONF;
    r->deadline = clock_mono() + DEADLINE_MS;
    r->since = core_now(c);
    buf_clear(&r->errors);
    if (is_known(c, w)) return;
    hold_step_back(c, w);
    r->next = c->next = mem_get(sizeof *r->next);
    if (w->back) {
        r->no_conf = r->no_policy = !generation_kept(c, w->back, r->next, &r->errors);
    } else {
        buf_str(&r->errors, buf_view(&w->disk.errors));
        buf_str(&r->next->config_source, buf_view(&w->disk.config));
        buf_str(&r->next->bundle, buf_view(&w->disk.bundle));
        r->no_conf = !w->disk.has_config;
        r->no_policy = !w->disk.has_bundle;
    }
    snapshot_name(buf_view(&r->next->config_source), buf_view(&r->next->bundle), r->next->disk);
    reload_go_on(c);
}

static struct wish *last_waiting(struct reload *r) {
    struct wish *w = r->later;
    while (w && w->next) w = w->next;
    return w;
}

static bool means_the_same(const struct wish *a, const struct wish *b) {
    return a->back == b->back && a->plan == b->plan && a->from == b->from &&
           strcmp(a->disk.hash, b->disk.hash) == 0 && strcmp(a->by, b->by) == 0 &&
           strcmp(a->why, b->why) == 0;
}

static size_t waiting(const struct reload *r) {
    size_t n = 0;
    for (const struct wish *w = r->later; w; w = w->next) n++;
    return n;
}

void reload_ask(struct core *c, const struct reload_ask *ask) {
    if (!c->reload) {
        c->reload = mem_get(sizeof *c->reload);
        c->reload->step_event = evtimer_new(c->base, on_step, c);
    }
    struct reload *r = c->reload;
    struct wish *w = mem_get(sizeof *w);
    w->by = mem_text(ask->by);
    w->why = mem_text(ask->why);
    w->from = ask->from;
    w->plan = ask->plan;
    w->back = ask->back;
    snapshot_take(c, &w->disk);
    struct asker *a = mem_get(sizeof *a);
    *a = (struct asker){.done = ask->done, .ctx = ask->ctx};
    if (w->back && w->from == FROM_PERSON && watch_forget(c)) r->put_off = true;
    struct wish *last = last_waiting(r);
    if (last && means_the_same(last, w)) {
        a->next = last->askers;
        last->askers = a;
        wish_free(w);
        return;
    }
    w->askers = a;
    if (!r->wish) {
        r->wish = w;
        begin(c);
    } else if (waiting(r) < WAITING_MOST) {
        *(last ? &last->next : &r->later) = w;
    } else {
        answer(c, w, false,
               SORI_STR("too many different changes wait for their turn; ask again in a moment\n"),
               (struct sori_str){0});
        wish_free(w);
    }
}
