#include "proof/pool.h"

#include "base/enums.h"
#include "lua/policy.h"
#include "sori/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* A worker has two batches: it decides one while the answer of the other is on its way. */
enum { BATCH = 256, BATCH_BYTES = 72 * 1024, IN_FLIGHT = 2, DEATHS_MOST = 20, NICE = 10 };
enum { LOAD_MS = 20000, ONE_MS = 500, EACH_MS = 50, EXPLAIN_MS = 2000 };

struct batch {
    struct batch *next;
    uint32_t call;
    size_t count;
    struct pool_item *items[BATCH];
};

struct lane {
    struct pool *pool;
    struct guest *guest;
    bool loaded;
    struct pool_item *first, *last; /* waiting */
    size_t waiting;
    struct batch *batches; /* in hand */
    unsigned flying;
};

struct pool {
    struct event_base *base;
    struct pool_events events;
    char *name;
    struct buf bundle, env, watch, info, payload;
    bool closed, open, failed; /* open: `ready` was told */
    unsigned lanes, deaths;
    pool_told *told;
    void *told_ctx;
    const struct lane *told_lane; /* whose call `told_call` it is */
    uint32_t told_call;
    struct lane lane[];
};

static void put_back(struct lane *l, struct pool_item *item) {
    item->next = l->first;
    l->first = item;
    if (!l->last) l->last = item;
    l->waiting++;
}

static void fail(struct pool *p, bool load, struct sori_str why) {
    if (p->failed) return;
    p->failed = true;
    p->events.failed(p->events.ctx, load, why);
}

/* ---- batches ---- */

static struct batch *fill(struct lane *l) {
    struct pool *p = l->pool;
    struct batch *b = mem_get(sizeof *b);
    size_t most = l->first->deaths ? 1 : BATCH;
    buf_clear(&p->payload);
    buf_str(&p->payload, buf_view(&p->watch));
    while (l->first && b->count < most && p->payload.len < BATCH_BYTES &&
           (b->count == 0 || !l->first->deaths)) {
        struct pool_item *item = l->first;
        l->first = item->next;
        if (!l->first) l->last = NULL;
        l->waiting--;
        if (p->closed) {
            rec_int(&p->payload, DECIDE_CONTACT, item->contact);
            rec_str(&p->payload, DECIDE_THEN, item->then);
        }
        rec_str(&p->payload, DECIDE_FACTS, item->facts);
        b->items[b->count++] = item;
    }
    return b;
}

static void pump(struct lane *l) {
    struct pool *p = l->pool;
    while (!p->failed && l->loaded && l->first && l->flying < IN_FLIGHT) {
        struct batch *b = fill(l);
        int64_t deadline = ONE_MS + (int64_t)b->count * EACH_MS;
        b->call = guest_call(l->guest, M_DECIDE, buf_view(&p->payload), deadline, -1);
        if (!b->call) { /* no room on the wire, or it is dying */
            for (size_t i = b->count; i-- > 0;) put_back(l, b->items[i]);
            free(b);
            return;
        }
        b->next = l->batches;
        l->batches = b;
        l->flying++;
    }
}

static struct batch *take(struct lane *l, uint32_t call) {
    for (struct batch **at = &l->batches; *at; at = &(*at)->next)
        if (!call || (*at)->call == call) {
            struct batch *b = *at;
            *at = b->next;
            l->flying--;
            return b;
        }
    return NULL;
}

static void hold(struct pool *p, struct pool_item *item, const char *why) {
    struct buf b = {0};
    rec_int(&b, DEC_STATUS, DECISION_HELD);
    rec_str(&b, DEC_OUTCOME, str_c(why));
    p->events.decided(p->events.ctx, item, buf_view(&b));
    buf_free(&b);
}

static void decided(struct lane *l, const struct wire_msg *m) {
    struct pool *p = l->pool;
    struct batch *b = take(l, m->head.call);
    if (!b) return;
    pump(l); /* the worker first: it need not wait for us */
    struct sori_str rest = m->payload;
    struct rec_field f;
    size_t i = 0;
    uint64_t missed = 0;
    while (i < b->count && rec_next(&rest, &f) == 1) {
        if (f.tag == DECIDE_MISSED && f.type == REC_INT) missed = (uint64_t)f.i;
        if (f.tag != DECIDE_DECISION || f.type != REC_STR) continue;
        b->items[i]->missed = missed;
        missed = 0;
        p->events.decided(p->events.ctx, b->items[i++], f.s);
    }
    for (; i < b->count; i++) hold(p, b->items[i], "the policy worker gave no answer for it");
    free(b);
}

/* ---- a worker's life ---- */

static void load(struct lane *l) {
    struct buf b = {0};
    rec_str(&b, LOAD_BUNDLE, buf_view(&l->pool->bundle));
    rec_rec(&b, LOAD_ENV, buf_view(&l->pool->env));
    guest_call(l->guest, M_POLICY_LOAD, buf_view(&b), LOAD_MS, -1);
    buf_free(&b);
}

static struct lane *lane_of(struct pool *p, const struct guest *g) {
    for (unsigned i = 0; i < p->lanes; i++)
        if (p->lane[i].guest == g) return &p->lane[i];
    return NULL;
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct lane *l = lane_of(ctx, g);
    (void)hello;
    if (!l) return;
    /* What is live goes first: a proof takes what is left of the machine. */
    setpriority(PRIO_PROCESS, (id_t)guest_pid(g), NICE);
    load(l);
}

static void loaded(struct lane *l, const struct wire_msg *m) {
    struct pool *p = l->pool;
    if (m->head.status != SORI_OK) {
        struct buf why = {0};
        struct rec_field f;
        for (struct sori_str rest = m->payload; rec_next(&rest, &f) == 1;)
            if (f.tag == LOAD_ERROR && f.type == REC_STR) buf_printf(&why, "%.*s\n", STR(f.s));
        fail(p, true, buf_view(&why));
        buf_free(&why);
        return;
    }
    l->loaded = true;
    if (!p->info.len) buf_str(&p->info, rec_get_str(m->payload, LOAD_INFO));
    unsigned n = 0;
    for (unsigned i = 0; i < p->lanes; i++) n += p->lane[i].loaded;
    if (n == p->lanes && !p->open) {
        p->open = true;
        p->events.ready(p->events.ctx, buf_view(&p->info));
    }
    if (!p->failed) pump(l);
}

static void explained(struct pool *p, struct sori_str account) {
    pool_told *told = p->told;
    p->told = NULL;
    if (told) told(p->told_ctx, account);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct pool *p = ctx;
    struct lane *l = lane_of(p, g);
    if (!l || p->failed) return;
    if (!l->loaded)
        loaded(l, m);
    else if (p->told && l == p->told_lane && m->head.call == p->told_call)
        explained(p, rec_get_str(m->payload, EXPLAIN_ACCOUNT));
    else
        decided(l, m);
}

/* Gives a dead worker's batch back to the front, the one it died over aside: it is decided alone
 * once more, then it counts as held. */
static void give_back(struct lane *l, struct batch *b, const struct obituary *o) {
    for (size_t i = b->count; i-- > 0;) {
        struct pool_item *item = b->items[i];
        bool suspect = o->call == b->call && (o->item < 0 || (size_t)o->item == i);
        if (suspect && ++item->deaths >= 2) {
            char why[512];
            snprintf(why, sizeof why, "held: %s%s%s", o->what, o->rule[0] ? ", in " : "", o->rule);
            hold(l->pool, item, why);
            continue;
        }
        put_back(l, item);
    }
    free(b);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct pool *p = ctx;
    struct lane *l = lane_of(p, g);
    if (!l || p->failed) return;
    bool was = l->loaded;
    struct batch *b;
    l->loaded = false;
    p->deaths++;
    while ((b = take(l, 0))) give_back(l, b, o);
    if (p->told && l == p->told_lane) explained(p, (struct sori_str){0});
    if (!was || p->deaths >= DEATHS_MOST) {
        struct buf why = {0};
        buf_printf(&why, "the %s's worker %s %s%s%s\n", p->name,
                   was ? "died too often; the last time:" : "died while it loaded the bundle:",
                   o->what, o->rule[0] ? ", in " : "", o->rule);
        fail(p, !was, buf_view(&why));
        buf_free(&why);
    }
}

/* ---- the pool ---- */

struct pool *pool_open(struct event_base *base, const struct pool_spec *spec,
                       const struct pool_events *events, struct err *err) {
    unsigned lanes = spec->lanes ? spec->lanes : 1;
    struct pool *p = mem_get(sizeof *p + lanes * sizeof *p->lane);
    p->base = base;
    p->events = *events;
    p->name = mem_text(str_c(spec->name));
    p->closed = spec->closed;
    p->lanes = lanes;
    buf_str(&p->bundle, spec->bundle);
    buf_str(&p->env, spec->env);
    buf_str(&p->watch, spec->watch);
    struct guest_events on = {.ctx = p, .ready = on_ready, .done = on_done, .lost = on_lost};
    for (unsigned i = 0; i < lanes; i++) {
        char name[80];
        snprintf(name, sizeof name, "policy/%s/%u", spec->name, i + 1);
        struct guest_spec guest = {.kind = GUEST_POLICY, .name = name};
        p->lane[i].pool = p;
        p->lane[i].guest = guest_start(base, spec->bin, &guest, &on, err);
        if (!p->lane[i].guest) {
            pool_close(&p);
            return NULL;
        }
    }
    return p;
}

void pool_close(struct pool **at) {
    struct pool *p = *at;
    *at = NULL;
    if (!p) return;
    for (unsigned i = 0; i < p->lanes; i++) {
        struct batch *b;
        if (p->lane[i].guest) guest_kill(&p->lane[i].guest);
        while ((b = take(&p->lane[i], 0))) free(b);
    }
    struct buf *all[] = {&p->bundle, &p->env, &p->watch, &p->info, &p->payload};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
    free(p->name);
    free(p);
}

void pool_watch(struct pool *p, struct sori_str watch) {
    buf_clear(&p->watch);
    buf_str(&p->watch, watch);
}

void pool_put(struct pool *p, struct pool_item *item) {
    struct lane *l = &p->lane[0];
    if (p->closed && item->contact)
        l = &p->lane[((uint64_t)item->contact * 0x9E3779B97F4A7C15u >> 32) % p->lanes];
    else
        for (unsigned i = 1; i < p->lanes; i++)
            if (p->lane[i].waiting + BATCH * p->lane[i].flying < l->waiting + BATCH * l->flying)
                l = &p->lane[i];
    item->next = NULL;
    if (l->last)
        l->last->next = item;
    else
        l->first = item;
    l->last = item;
    if (++l->waiting >= BATCH) pump(l);
}

void pool_flush(struct pool *p) {
    for (unsigned i = 0; i < p->lanes; i++) pump(&p->lane[i]);
}

size_t pool_waiting(const struct pool *p) {
    size_t n = 0;
    for (unsigned i = 0; i < p->lanes; i++) n += p->lane[i].waiting + BATCH * p->lane[i].flying;
    return n;
}

unsigned pool_deaths(const struct pool *p) { return p->deaths; }

void pool_explain(struct pool *p, struct sori_str facts, pool_told *told, void *ctx) {
    struct buf b = {0};
    p->told = told;
    p->told_ctx = ctx;
    rec_str(&b, DECIDE_FACTS, facts);
    for (unsigned i = 0; i < p->lanes; i++) {
        p->told_lane = &p->lane[i];
        p->told_call = p->lane[i].loaded
                           ? guest_call(p->lane[i].guest, M_EXPLAIN, buf_view(&b), EXPLAIN_MS, -1)
                           : 0;
        if (p->told_call) break;
    }
    buf_free(&b);
    if (!p->told_call) explained(p, (struct sori_str){0});
}
