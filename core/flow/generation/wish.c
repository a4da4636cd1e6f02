/* Who asked for what. A wish holds the bytes that were on disk when it was made; wishes for the
 * same bytes become one, and all are done in the order in which they were made. So everybody learns
 * the fate of just their change, whatever was saved since. What comes of it: status, history, and
 * what was stepped back from stays away. */
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

enum { WAITING_MOST = 16 };

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

void reload_plugin_drop(struct plugin *p) {
    buf_free(&p->descriptor);
    free(p->path);
    free(p->id);
    free(p);
}

static void begin(struct core *c);

void wish_end(struct core *c, bool ok, struct sori_str text, struct sori_str lines) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    if (w->back && w->from == FROM_PERSON && r->put_off) {
        if (!ok) watch_recall(c); /* no step back: what is on disk counts again */
        r->put_off = false;
    }
    if (r->guest) guest_kill(&r->guest);
    if (r->scanning) reload_plugin_drop(r->scanning);
    r->scanning = NULL;
    while (r->found_n) reload_plugin_drop(r->found[--r->found_n]);
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
    if (w->from != FROM_START && !w->plan) evaluate_tell(c); /* who asks now sees what is live */
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
    wish_end(c, false, buf_view(&errors), (struct sori_str){0});
    buf_free(&errors);
}

/* The disk is what is live: whatever was wrong with it before is mended. */
void wish_disk_is_good(struct core *c) {
    struct reload *r = c->reload;
    free((char *)(uintptr_t)c->refused.ptr);
    c->refused = (struct sori_str){0};
    r->refused[0] = 0;
    if (!r->away_told) return;
    free(c->notice);
    c->notice = NULL;
    r->away_told = false;
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

void wish_put_off(struct core *c, const char *hash) {
    struct reload *r = c->reload;
    if (strcmp(away(c), hash) == 0) return;
    snprintf(r->away, sizeof r->away, "%s", hash);
    struct row_meta *m = store_add_meta(&c->batch);
    m->name = SORI_STR("put_off");
    m->value = keep(c, str_c(hash));
    flow_dirty(c);
}

static bool is_put_off(struct core *c, const char *hash) { return strcmp(away(c), hash) == 0; }

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
    if (live && !w->plan) wish_disk_is_good(c);
    buf_printf(&said, "nothing changed%s: generation %lld goes on",
               away ? " since the step back" : "", (long long)c->active->id);
    if (live && !w->plan && story_explained(c, c->active, w))
        buf_puts(&said, "; the watch had taken this change, and the history says now why");
    if (!w->plan) log_line(LOG_INFO, "reload", "%.*s", STR(buf_view(&said)));
    wish_end(c, true, buf_view(&said), (struct sori_str){0});
    buf_free(&said);
    return true;
}

void wish_away_notice(struct core *c, int64_t live) {
    struct buf text = {0};
    buf_printf(&text,
               "the files on disk differ from generation %lld, which is live: they were stepped "
               "back from and stay away, over a restart too, until one of them is saved with a "
               "change or `sori reload` takes them; `sori reload --plan` shows what they would "
               "change",
               (long long)live);
    free(c->notice);
    c->notice = mem_text(buf_view(&text));
    c->reload->away_told = true;
    buf_free(&text);
}

/* Sori starts over what was stepped back from: the step back holds until a file changes. */
static void hold_step_back(struct core *c, struct wish *w) {
    int64_t live = store_active_generation(c->store);
    if (w->from != FROM_START || w->back || live == NIL || !is_put_off(c, w->disk.hash)) return;
    wish_away_notice(c, live);
    log_line(LOG_WARN, "core", "%s", c->notice);
    w->back = live;
}

static void begin(struct core *c) {
    struct reload *r = c->reload;
    struct wish *w = r->wish;
    r->no_import = r->no_policy = r->no_conf = r->no_models = false;
    r->step = STEP_CONF;
    r->deadline = clock_mono() + RELOAD_MS;
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
        c->reload->step_event = reload_timer(c);
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
    if (w->back) reload_make_way(c);
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
