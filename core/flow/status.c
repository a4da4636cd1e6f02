/* The core's figures for the reader: `sori status`, /readyz, /metrics. */
#include "flow/live.h"

#include "base/clock.h"
#include "reader/reader.h"

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

static void put_status(struct core *c, struct buf *b) {
    bool unstable = c->active && c->active->unstable;
    bool ready = c->active && c->active->ready && !unstable;
    for (size_t i = 0; i < c->model_count; i++) ready = ready && c->model[i]->ready;
    rec_int(b, STAT_NOW, core_now(c));
    rec_int(b, STAT_STARTED, c->started);
    if (c->active) rec_str(b, STAT_WORKSPACE, c->active->conf.name);
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
    if (unstable)
        rec_str(b, STAT_WRONG,
                SORI_STR("this policy is not deterministic: the same facts gave another decision; "
                         "change the rule that remembers, then sori reload"));
    if (c->refused.len) rec_str(b, STAT_REFUSED, c->refused);
}

void evaluate_tell(struct core *c) {
    if (!c->reader || !guest_is_ready(c->reader)) return;
    struct buf b = {0};
    put_status(c, &b);
    guest_call(c->reader, M_STATUS, buf_view(&b), 5000, -1);
    buf_free(&b);
}
