#include "proof/shadow.h"

#include "proof/differ.h"
#include "proof/pool.h"
#include "supervise/messages.h"

#include <stdlib.h>

/* Some seconds of heavy traffic; then it takes no more until there is room again. */
enum { WAITING_MOST = 16384, BYTES_MOST = 48 << 20, SAMPLES = 50 };

struct seen {
    struct past p;
    struct pool_item item;
    struct load *load;
};
/* What came in one message. */
struct load {
    struct load *next;
    struct buf fields;
    struct seen *seen;
    size_t open;
};

struct shadow {
    struct event_base *base;
    char *bin;
    struct shadow_events events;
    struct pool *pool, *live;
    struct buf about, live_about, account;
    struct event *step;
    void (*next)(struct shadow *);
    struct load *loads;
    size_t waiting, bytes, explaining;
    struct report report;
    shadow_told *told;
    void *told_ctx;
};

static void soon(struct shadow *s, void (*next)(struct shadow *)) {
    s->next = next;
    event_active(s->step, EV_TIMEOUT, 0);
}

static void on_step(evutil_socket_t fd, short what, void *ctx) {
    struct shadow *s = ctx;
    void (*next)(struct shadow *) = s->next;
    (void)fd;
    (void)what;
    s->next = NULL;
    if (next) next(s);
}

/* ---- what is decided beside ---- */

static void load_free(struct load *l) {
    buf_free(&l->fields);
    free(l->seen);
    free(l);
}

static void close_seen(struct shadow *s, struct seen *seen) {
    struct load *l = seen->load;
    s->waiting--;
    if (--l->open) return;
    struct load **at = &s->loads;
    while (*at != l) at = &(*at)->next;
    *at = l->next;
    s->bytes -= l->fields.len;
    load_free(l);
}

static void on_decided(void *ctx, struct pool_item *item, struct sori_str decision) {
    struct shadow *s = ctx;
    struct seen *seen = item->owner;
    report_add(&s->report, &seen->p, seen->p.result, decision, NULL, 0);
    s->report.generation = seen->p.generation;
    close_seen(s, seen);
}

static size_t count_entries(struct sori_str fields) {
    struct rec_field f;
    size_t n = 0;
    while (rec_next(&fields, &f) == 1) n += f.tag == BESIDE_ENTRY && f.type == REC_REC;
    return n;
}

bool shadow_take(struct shadow *s, struct sori_str fields) {
    size_t n = count_entries(fields), at = 0;
    struct rec_field f;
    s->report.skipped += rec_get_int(fields, BESIDE_SKIPPED, 0);
    if (s->waiting + n > WAITING_MOST || s->bytes + fields.len > BYTES_MOST) {
        s->report.skipped += (int64_t)n;
        return false;
    }
    if (!n) return true;
    struct load *l = mem_get(sizeof *l);
    buf_str(&l->fields, fields);
    l->seen = mem_get(n * sizeof *l->seen);
    s->bytes += fields.len;
    l->open = 1;
    l->next = s->loads;
    s->loads = l;
    for (struct sori_str rest = buf_view(&l->fields); rec_next(&rest, &f) == 1;) {
        if (f.tag != BESIDE_ENTRY || f.type != REC_REC) continue;
        struct seen *seen = &l->seen[at++];
        seen->load = l;
        past_read(f.s, &seen->p);
        if (!report_takes(&s->report, &seen->p)) continue;
        seen->item = (struct pool_item){.facts = seen->p.facts, .owner = seen};
        l->open++;
        s->waiting++;
        pool_put(s->pool, &seen->item);
    }
    pool_flush(s->pool);
    s->waiting++;
    close_seen(s, &l->seen[0]); /* all are handed out */
    return true;
}

/* ---- the report ---- */

static void explain(struct shadow *s);

static void tell(struct shadow *s) {
    shadow_told *told = s->told;
    pool_close(&s->live);
    s->told = NULL;
    s->explaining = 0;
    if (told) told(s->told_ctx, &s->report);
}

static struct sample *sample(struct shadow *s) { return &s->report.samples[s->explaining - 1]; }

static void told_live(void *ctx, struct sori_str account) {
    struct shadow *s = ctx;
    differ_put(account, buf_view(&s->account), buf_view(&s->live_about), buf_view(&s->about),
               &sample(s)->why);
    soon(s, explain);
}

static void ask_live(struct shadow *s) {
    pool_explain(s->live, buf_view(&sample(s)->facts), told_live, s);
}

static void told_now(void *ctx, struct sori_str account) {
    struct shadow *s = ctx;
    buf_clear(&s->account);
    buf_str(&s->account, account);
    soon(s, ask_live);
}

/* `explaining` counts samples from 1. */
static void explain(struct shadow *s) {
    if (!s->live || !s->told) {
        tell(s);
        return;
    }
    do s->explaining++;
    while (s->explaining <= s->report.sample_n && sample(s)->why.len);
    if (s->explaining > s->report.sample_n)
        tell(s);
    else
        pool_explain(s->pool, buf_view(&sample(s)->facts), told_now, s);
}

static void live_ready(void *ctx, struct sori_str about) {
    struct shadow *s = ctx;
    buf_clear(&s->live_about);
    buf_str(&s->live_about, about);
    soon(s, explain);
}

static void live_failed(void *ctx, bool load, struct sori_str why) {
    (void)load;
    (void)why;
    soon(ctx, tell); /* without accounts */
}

void shadow_report(struct shadow *s, struct sori_str live_bundle, struct sori_str live_env,
                   shadow_told *told, void *ctx) {
    struct err err;
    s->told = told;
    s->told_ctx = ctx;
    s->report.deaths = (int64_t)pool_deaths(s->pool);
    size_t open = 0;
    for (size_t i = 0; i < s->report.sample_n; i++) open += !s->report.samples[i].why.len;
    if (live_bundle.len && open) {
        struct pool_spec spec = {
            .name = "live", .bin = s->bin, .bundle = live_bundle, .env = live_env, .lanes = 1};
        struct pool_events events = {.ctx = s, .ready = live_ready, .failed = live_failed};
        s->live = pool_open(s->base, &spec, &events, &err);
        if (s->live) return;
    }
    soon(s, tell);
}

/* ---- its life ---- */

static void on_ready(void *ctx, struct sori_str about) {
    struct shadow *s = ctx;
    buf_str(&s->about, about);
    s->events.ready(s->events.ctx);
}

static void on_failed(void *ctx, bool load, struct sori_str why) {
    struct shadow *s = ctx;
    s->events.failed(s->events.ctx, load, why);
}

struct shadow *shadow_begin(struct event_base *base, const char *bin, struct sori_str bundle,
                            struct sori_str env, struct sori_str report, int64_t since, int64_t gap,
                            const struct shadow_events *events, struct err *err) {
    struct shadow *s = mem_get(sizeof *s);
    struct pool_spec spec = {
        .name = "shadow", .bin = bin, .bundle = bundle, .env = env, .lanes = 1};
    struct pool_events on = {
        .ctx = s, .ready = on_ready, .failed = on_failed, .decided = on_decided};
    s->base = base;
    s->bin = mem_text(str_c(bin));
    s->events = *events;
    report_get(report, &s->report);
    s->report.shadow = true;
    if (!s->report.samples) s->report.sample_max = SAMPLES; /* else there is room for so many */
    if (!s->report.since) s->report.since = since;
    s->report.gaps += gap != 0;
    if (gap) s->report.gap_at = gap;
    s->step = evtimer_new(base, on_step, s);
    s->pool = pool_open(base, &spec, &on, err);
    if (!s->pool) shadow_end(&s);
    return s;
}

void shadow_end(struct shadow **at) {
    struct shadow *s = *at;
    *at = NULL;
    if (!s) return;
    pool_close(&s->pool);
    pool_close(&s->live);
    if (s->step) event_free(s->step);
    while (s->loads) {
        struct load *l = s->loads;
        s->loads = l->next;
        load_free(l);
    }
    buf_free(&s->about);
    buf_free(&s->live_about);
    buf_free(&s->account);
    report_free(&s->report);
    free(s->bin);
    free(s);
}
