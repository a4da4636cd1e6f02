/* The core's figures for the reader: `sori status`, /readyz, /metrics. */
#include "flow/generation/beside.h"
#include "flow/channel/live.h"
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "reader/reader.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

static void put_connection(struct core *c, struct conn *conn, struct buf *b) {
    size_t mark = rec_begin(b, STAT_CONNECTION);
    rec_str(b, SC_NAME, str_c(conn->name));
    rec_str(b, SC_CHANNEL, str_c(conn->plugin->id));
    rec_int(b, SC_STATE, conn->state);
    if (conn->reason) rec_str(b, SC_REASON, str_c(conn->reason));
    rec_int(b, SC_MODE, conn->mode);
    rec_int(b, SC_LAST, conn->last_good);
    bool polls = (conn->flags & SORI_CONNECTOR_POLLS) != 0;
    rec_int(b, SC_NEXT,
            polls
                ? core_now(c) + (conn->poll_due > clock_mono() ? conn->poll_due - clock_mono() : 0)
                : 0);
    rec_int(b, SC_ITEMS, conn->heard);
    rec_int(b, SC_LIVE_FROM, conn->live_from);
    if (c->active && (conn->flags & SORI_CONNECTOR_ACTS)) {
        rec_int(b, SC_HOUR, c->active->conf.hour);
        rec_int(b, SC_CONTACT_GAP, c->active->conf.contact_gap);
    }
    health_put(c, conn, b);
    rec_end(b, mark);
}

static void put_process(struct buf *b, const char *name, int pid, bool ready, unsigned deaths,
                        int64_t cpu, unsigned calls) {
    size_t mark = rec_begin(b, STAT_PROCESS);
    rec_str(b, SP_NAME, str_c(name));
    rec_int(b, SP_PID, pid);
    rec_int(b, SP_READY, ready);
    rec_int(b, SP_DEATHS, (int64_t)deaths);
    rec_int(b, SP_CPU, cpu);
    rec_int(b, SP_CALLS, (int64_t)calls);
    rec_end(b, mark);
}

static void put_guest(struct buf *b, const struct guest *g) {
    if (g)
        put_process(b, guest_name(g), guest_pid(g), guest_is_ready(g), guest_deaths(g),
                    guest_cpu_us(g), guest_open_calls(g));
}

static void put_counter(struct buf *b, const char *name, int64_t value, bool gauge,
                        const char *help) {
    size_t mark = rec_begin(b, STAT_COUNTER);
    rec_str(b, COUNTER_NAME, str_c(name));
    rec_int(b, COUNTER_VALUE, value);
    rec_int(b, COUNTER_GAUGE, gauge);
    rec_str(b, COUNTER_HELP, str_c(help));
    rec_end(b, mark);
}

static void put_memory_part(struct buf *b, const char *part, int64_t bytes) {
    size_t mark = rec_begin(b, STAT_COUNTER);
    rec_str(b, COUNTER_NAME, SORI_STR("sori_memory_bytes"));
    size_t label = rec_begin(b, COUNTER_LABELS);
    rec_str(b, 1, SORI_STR("part"));
    rec_str(b, 2, str_c(part));
    rec_end(b, label);
    rec_int(b, COUNTER_VALUE, bytes > 0 ? bytes : 0);
    rec_int(b, COUNTER_GAUGE, 1);
    rec_str(
        b, COUNTER_HELP,
        SORI_STR("Of the core: page_cache of the database (at most 272 MiB), keys that tell "
                 "what is new (at most 128 MiB), people who are known, flow (all else), free."));
    rec_end(b, mark);
}

/* With what the allocator adds to each. */
static int64_t table_bytes(const struct map *m, size_t each) {
    return (int64_t)(m->cap * sizeof *m->slots + m->count * ((each + 8 + 15) & ~(size_t)15));
}

/* What the allocator gave out, and what of it is known to be for what. */
static void put_memory(struct core *c, struct buf *b) {
    struct mallinfo2 all = mallinfo2();
    const struct store_memory *s = &c->store_memory;
    int64_t people = table_bytes(&c->authors, sizeof(struct author)) +
                     table_bytes(&c->contacts, sizeof(struct contact));
    store_memory(c->store, &c->store_memory);
    put_memory_part(b, "page_cache", s->cache);
    put_memory_part(b, "keys", s->keys);
    put_memory_part(b, "people", people);
    put_memory_part(b, "flow", (int64_t)(all.uordblks + all.hblkhd) - s->cache - s->keys - people);
    put_memory_part(b, "free", (int64_t)all.fordblks);
}

/* Those of a candidate, and those that have had their day, hold nobody up. */
static bool needed(const struct core *c, const struct model *m) {
    return m->wanted && (m->wanted == c->active || m->shared);
}

static void put_draining(struct core *c, struct buf *b) {
    char why[96];
    for (struct generation *g = c->draining; g; g = g->drains_after) {
        if (!g->id || !g->open_batches) continue; /* nothing in hand: the next tick ends it */
        size_t mark = rec_begin(b, STAT_DRAINING);
        snprintf(why, sizeof why, "%u batch%s in the hand of %s", g->open_batches,
                 g->open_batches == 1 ? "" : "es",
                 g->policy ? guest_name(g->policy) : "its policy");
        rec_int(b, 1, g->id);
        rec_int(b, 2, g->row.ended);
        rec_str(b, 3, str_c(why));
        rec_end(b, mark);
    }
}

static void put_reload(struct core *c, struct buf *b) {
    const struct reload *r = c->reload;
    if (!r) return;
    if (r->wish) {
        size_t mark = rec_begin(b, STAT_RELOAD);
        rec_str(b, 1, str_c(reload_word(r->step)));
        rec_int(b, 2, r->since);
        rec_str(b, 3, str_c(r->wish->by));
        rec_end(b, mark);
    }
    size_t draining = 0;
    for (struct generation *g = c->draining; g; g = g->drains_after) draining += g->id != 0;
    int64_t since = c->active && c->active->row.at ? c->active->row.at : core_now(c);
    put_counter(b, "sori_generation_age_seconds", (core_now(c) - since) / 1000, true,
                "Since the live generation went live.");
    put_counter(b, "sori_reloads_total", r->count, false, "Generations that went live.");
    put_counter(b, "sori_reloads_refused_total", r->failures, false, "Reloads that were refused.");
    put_counter(b, "sori_reload_failed", c->refused.len > 0, true,
                "1 while what is on disk is refused.");
    put_counter(b, "sori_generations_taken_back_total", r->taken_back, false,
                "Steps back, by people and by itself.");
    put_counter(b, "sori_generations_draining", (int64_t)draining, true,
                "Generations whose last batches are still decided.");
    put_counter(b, "sori_reload_build_milliseconds", r->build_ms, true,
                "What the last one took to be built and proven.");
    put_counter(b, "sori_reload_drain_milliseconds", r->drain_ms, true,
                "What the one before took to drain.");
}

static void put_status(struct core *c, struct buf *b) {
    bool unstable = c->active && c->active->unstable;
    bool ready = c->active && c->active->ready && !unstable;
    for (size_t i = 0; i < c->model_count; i++)
        ready = ready && (c->model[i]->ready || !needed(c, c->model[i]));
    rec_int(b, STAT_NOW, core_now(c));
    rec_int(b, STAT_STARTED, c->started);
    if (c->active) rec_str(b, STAT_WORKSPACE, c->active->conf.name);
    if (c->active) rec_str(b, STAT_ZONE, c->active->conf.timezone);
    rec_int(b, STAT_GENERATION, c->active ? c->active->id : 0);
    rec_int(b, STAT_READY, ready);
    rec_int(b, STAT_PAUSED, c->paused);
    rec_int(b, STAT_QUEUE, (int64_t)c->entries);
    rec_int(b, STAT_SPOOL, (int64_t)c->window_bytes);
    for (size_t i = 0; i < c->conn_count; i++) put_connection(c, c->conn[i], b);
    put_process(b, "core", (int)getpid(), true, 0, clock_cpu_us(), 0);
    put_guest(b, c->net);
    put_guest(b, c->stranger);
    put_guest(b, c->reader);
    put_guest(b, c->active ? c->active->policy : NULL);
    put_guest(b, beside_guest(c));
    for (size_t i = 0; i < c->model_count; i++) put_guest(b, c->model[i]->guest);
    for (size_t i = 0; i < c->plugin_count; i++) put_guest(b, c->plugin[i]->decode);
    for (size_t i = 0; i < c->conn_count; i++) {
        put_guest(b, c->conn[i]->poll);
        put_guest(b, c->conn[i]->act);
    }
    put_counter(b, "sori_recorded_total", c->count_recorded, false,
                "Items that were new or changed.");
    put_counter(b, "sori_seen_total", c->count_seen, false, "Items that were there already.");
    put_counter(b, "sori_decided_total", c->count_decided, false, "Journal entries decided.");
    put_counter(b, "sori_actions_done_total", c->count_sent, false,
                "Actions that reached their platform.");
    put_counter(b, "sori_faults_total", c->count_faults, false,
                "Crashes, rejects and quarantines.");
    put_counter(b, "sori_undecided", (int64_t)c->entries, true,
                "Journal entries on their way to a decision.");
    put_memory(c, b);
    put_reload(c, b);
    put_draining(c, b);
    if (c->active) rec_int(b, STAT_LIVE_SINCE, c->active->row.at);
    if (c->notice) rec_str(b, STAT_NOTICE, str_c(c->notice));
    if (c->refused.len) {
        rec_int(b, STAT_REFUSED_AT, c->refused_at);
        rec_int(b, STAT_REFUSED_ID, c->refused_id);
    }
    put_counter(b, "sori_policy_unstable", unstable, true,
                "1 where the live policy decided the same facts in two ways.");
    if (unstable) {
        struct buf why = {0};
        buf_printf(&why,
                   "this policy is not deterministic: the same facts gave another decision (%s); "
                   "change the rule that remembers, then sori reload",
                   c->active->unstable);
        rec_str(b, STAT_WRONG, buf_view(&why));
        buf_free(&why);
    }
    if (c->refused.len) rec_str(b, STAT_REFUSED, c->refused);
}

void evaluate_tell(struct core *c) {
    if (!c->reader || !guest_is_ready(c->reader)) return;
    struct buf b = {0};
    put_status(c, &b);
    guest_call(c->reader, M_STATUS, buf_view(&b), 5000, -1);
    buf_free(&b);
}
