/* The core's figures, as it last pushed them: for `status`, /readyz and /metrics. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/enums.h"
#include "store/store.h"
#include "supervise/messages.h"

#include <stdlib.h>
#include <unistd.h>

static struct sori_str stat_view(struct reader *r) { return buf_view(&r->status); }

static void time_opt(struct jw *w, const char *name, int64_t at) {
    if (at) jw_time(w, name, at);
}

static void streams(struct sori_str at, struct jw *w) {
    static const char *const words[] = {"closed", "open", "waiting"};
    struct rec_field f;
    jw_open(w, "streams", '[');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != SC_STREAM || f.type != REC_REC) continue;
        int64_t state = rec_get_int(f.s, 2, 0);
        jw_open(w, NULL, '{');
        jw_str(w, "name", rec_get_str(f.s, 1));
        jw_word(w, "state", words[state > 0 && state < 3 ? state : 0]);
        jw_str(w, "reason", rec_get_str(f.s, 3));
        time_opt(w, "again_at", rec_get_int(f.s, 4, 0));
        time_opt(w, "heard_to", rec_get_int(f.s, 5, 0));
        jw_int(w, "dropped", rec_get_int(f.s, 6, 0));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void budgets(struct sori_str at, struct jw *w) {
    struct rec_field f;
    jw_open(w, "budgets", '[');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != SC_BUDGET || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "bucket", rec_get_str(f.s, 1));
        jw_int(w, "limit", rec_get_int(f.s, 2, 0));
        jw_int(w, "remaining", rec_get_int(f.s, 3, 0));
        time_opt(w, "full_at", rec_get_int(f.s, 4, 0));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void gaps(struct sori_str c, struct jw *w) {
    if (rec_get_int(c, SC_MISSED_FROM, 0)) {
        jw_open(w, "missed", '{');
        jw_time(w, "from", rec_get_int(c, SC_MISSED_FROM, 0));
        jw_time(w, "to", rec_get_int(c, SC_MISSED_TO, 0));
        jw_close(w, '}');
    }
    if (rec_get_int(c, SC_FILLED_AT, 0)) {
        jw_open(w, "filled", '{');
        jw_time(w, "from", rec_get_int(c, SC_FILLED_FROM, 0));
        jw_time(w, "to", rec_get_int(c, SC_FILLED_TO, 0));
        jw_time(w, "at", rec_get_int(c, SC_FILLED_AT, 0));
        jw_close(w, '}');
    }
}

/* What its health check said, and what the core saw of it. */
static void health(struct sori_str c, struct jw *w) {
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    struct rec_field f;
    time_opt(w, "heard_at", rec_get_int(c, SC_HEARD_AT, 0));
    if (rec_get_int(c, SC_SILENT, 0)) jw_int(w, "silent_habit_ms", rec_get_int(c, SC_SILENT, 0));
    streams(c, w);
    gaps(c, w);
    budgets(c, w);
    time_opt(w, "polls_wait_until", rec_get_int(c, SC_HELD_UNTIL, 0));
    jw_int(w, "spent_today_micros", rec_get_int(c, SC_SPENT, 0));
    jw_open(w, "health", '{');
    time_opt(w, "at", rec_get_int(c, SC_LOOKED_AT, 0));
    jw_open(w, "lines", '[');
    for (struct sori_str at = c; rec_next(&at, &f) == 1;) {
        if (f.tag != SC_LINE || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_word(w, "level", levels[rec_get_int(f.s, 1, 1) & 3]);
        jw_str(w, "text", rec_get_str(f.s, 2));
        jw_close(w, '}');
    }
    jw_close(w, ']');
    jw_open(w, "facts", '[');
    for (struct sori_str at = c; rec_next(&at, &f) == 1;) {
        if (f.tag != SC_FACT || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "name", rec_get_str(f.s, PAIR_NAME));
        jw_str(w, "value", rec_get_str(f.s, PAIR_VALUE));
        jw_close(w, '}');
    }
    jw_close(w, ']');
    jw_close(w, '}');
}

/* Object "ceilings": what rules said in the last hour, and what waits for its turn. */
static void ceilings(struct reader *r, struct sori_str c, struct jw *w) {
    int64_t hour = rec_get_int(c, SC_HOUR, NIL);
    struct err err;
    if (hour == NIL || !db_ready(r, &err)) return;
    sqlite3_stmt *s = db_query(
        r->db,
        "WITH p AS (SELECT id FROM connection WHERE name = ?1)"
        " SELECT (SELECT count(*) FROM action WHERE connection = p.id AND sent_at > ?2 AND"
        "   sent_at > 0 AND verb IN (1, 2) AND state IN (3, 4, 5) AND coalesce(actor, '') = ''),"
        "  (SELECT count(*) FROM action WHERE state = 1 AND connection = p.id AND due > ?3"
        "   AND turn > 0),"
        "  (SELECT min(due) FROM action WHERE state = 1 AND connection = p.id AND due > ?3"
        "   AND turn > 0) FROM p",
        "sii", rec_get_str(c, SC_NAME), clock_now() - 3600000, clock_now());
    jw_open(w, "ceilings", '{');
    jw_int(w, "hour", hour);
    jw_int(w, "contact_gap_ms", rec_get_int(c, SC_CONTACT_GAP, 0));
    bool found = db_row(s);
    jw_int(w, "used", found ? db_int(s, 0) : 0);
    jw_int(w, "waiting", found ? db_int(s, 1) : 0);
    jw_time(w, "next", found ? db_int(s, 2) : NIL);
    sqlite3_finalize(s);
    jw_close(w, '}');
}

static void connections(struct reader *r, struct sori_str at, struct jw *w) {
    struct rec_field f;
    jw_open(w, "connections", '[');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != STAT_CONNECTION || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "name", rec_get_str(f.s, SC_NAME));
        jw_str(w, "channel", rec_get_str(f.s, SC_CHANNEL));
        jw_word(w, "state", conn_word(rec_get_int(f.s, SC_STATE, 0)));
        jw_str(w, "reason", rec_get_str(f.s, SC_REASON));
        jw_word(w, "mode", mode_word(rec_get_int(f.s, SC_MODE, 0)));
        jw_time(w, "last", rec_get_int(f.s, SC_LAST, 0));
        jw_time(w, "next", rec_get_int(f.s, SC_NEXT, 0));
        jw_int(w, "items", rec_get_int(f.s, SC_ITEMS, 0));
        jw_time(w, "live_from", rec_get_int(f.s, SC_LIVE_FROM, 0));
        ceilings(r, f.s, w);
        health(f.s, w);
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static bool is_live(struct sori_str at, struct sori_str name) {
    struct rec_field f;
    while (rec_next(&at, &f) == 1)
        if (f.tag == STAT_CONNECTION && f.type == REC_REC &&
            str_eq(rec_get_str(f.s, SC_NAME), name))
            return true;
    return false;
}

/* Those that sori.lua named once: their rows stay, since what was heard, said and refused names
 * them, and one that comes back goes on where it was. */
static void earlier(struct reader *r, struct sori_str at, struct jw *w) {
    enum { NAMED = 20 };
    struct err err;
    int64_t count = 0;
    jw_open(w, "earlier_connections", '{');
    jw_open(w, "newest", '[');
    sqlite3_stmt *s = at.len && db_ready(r, &err)
                          ? db_query(r->db, "SELECT name FROM connection ORDER BY id DESC", "")
                          : NULL;
    while (s && db_row(s)) {
        if (is_live(at, db_str(s, 0)) || ++count > NAMED) continue;
        jw_str(w, NULL, db_str(s, 0));
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
    jw_int(w, "count", count);
    jw_close(w, '}');
}

static void processes(struct sori_str at, const char *name, struct jw *w) {
    struct rec_field f;
    jw_open(w, name, '[');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != STAT_PROCESS || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "name", rec_get_str(f.s, SP_NAME));
        jw_int(w, "pid", rec_get_int(f.s, SP_PID, 0));
        jw_bool(w, "ready", rec_get_int(f.s, SP_READY, 0) != 0);
        jw_int(w, "deaths", rec_get_int(f.s, SP_DEATHS, 0));
        jw_int(w, "cpu_us", rec_get_int(f.s, SP_CPU, 0));
        jw_int(w, "open_calls", rec_get_int(f.s, SP_CALLS, 0));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void counts(struct reader *r, struct jw *w) {
    static const struct {
        const char *name, *sql;
    } table[] = {
        {"interactions", "SELECT count(*) FROM interaction"},
        {"contacts", "SELECT count(*) FROM contact"},
        {"decisions", "SELECT count(*) FROM decision"},
        {"open_cases", "SELECT count(*) FROM kase WHERE state < 3"},
        {"waiting", "SELECT count(*) FROM action WHERE state = 0"},
        {"unknown", "SELECT count(*) FROM action WHERE state = 5"},
        {"held", "SELECT count(*) FROM decision WHERE status IN (4, 5)"},
        {"sent", "SELECT count(*) FROM action WHERE sent_at > 0"},
        {"faults", "SELECT count(*) FROM fault"},
    };
    jw_open(w, "counts", '{');
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        jw_int(w, table[i].name, db_one(r->db, table[i].sql, 0, NIL));
    jw_close(w, '}');
    form_clock_counts(r, clock_now(), w);
}

static void counter_name(struct sori_str counter, struct buf *b) {
    buf_str(b, rec_get_str(counter, COUNTER_NAME));
    struct rec_field f;
    char lead = '{';
    while (rec_next(&counter, &f) == 1) {
        if (f.tag != COUNTER_LABELS || f.type != REC_REC) continue;
        buf_printf(b, "%c%.*s=\"", lead, STR(rec_get_str(f.s, 1)));
        struct sori_str value = rec_get_str(f.s, 2);
        for (size_t i = 0; i < value.len; i++) {
            if (value.ptr[i] == '\\' || value.ptr[i] == '"') buf_putc(b, '\\');
            if (value.ptr[i] == '\n')
                buf_puts(b, "\\n");
            else
                buf_putc(b, value.ptr[i]);
        }
        buf_putc(b, '"');
        lead = ',';
    }
    if (lead == ',') buf_putc(b, '}');
}

static void counters(struct sori_str at, struct jw *w) {
    struct rec_field f;
    jw_open(w, "counters", '{');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != STAT_COUNTER || f.type != REC_REC) continue;
        struct buf name = {0};
        counter_name(f.s, &name);
        jw_int(w, name.data ? name.data : "", rec_get_int(f.s, COUNTER_VALUE, 0));
        buf_free(&name);
    }
    jw_close(w, '}');
}

static void draining(struct sori_str at, struct jw *w) {
    struct rec_field f;
    struct sori_str reload = rec_get_rec(at, STAT_RELOAD);
    if (reload.len) {
        jw_open(w, "reload", '{');
        jw_str(w, "step", rec_get_str(reload, 1));
        jw_time(w, "since", rec_get_int(reload, 2, 0));
        jw_str(w, "by", rec_get_str(reload, 3));
        jw_close(w, '}');
    }
    jw_open(w, "draining", '[');
    while (rec_next(&at, &f) == 1) {
        if (f.tag != STAT_DRAINING || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_int(w, "generation", rec_get_int(f.s, 1, NIL));
        jw_time(w, "since", rec_get_int(f.s, 2, 0));
        jw_str(w, "why", rec_get_str(f.s, 3));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void head(struct reader *r, struct jw *w) {
    struct sori_str s = stat_view(r), refused = rec_get_str(s, STAT_REFUSED);
    jw_str(w, "workspace", rec_get_str(s, STAT_WORKSPACE));
    jw_bool(w, "ready", rec_get_int(s, STAT_READY, 0) != 0);
    jw_int(w, "generation", rec_get_int(s, STAT_GENERATION, NIL));
    jw_time(w, "live_since", rec_get_int(s, STAT_LIVE_SINCE, 0));
    jw_bool(w, "paused", rec_get_int(s, STAT_PAUSED, 0) != 0);
    jw_time(w, "started", rec_get_int(s, STAT_STARTED, 0));
    jw_str(w, "refused", refused);
    time_opt(w, "refused_at", rec_get_int(s, STAT_REFUSED_AT, 0));
    if (refused.len) jw_int(w, "refused_generation", rec_get_int(s, STAT_REFUSED_ID, NIL));
    jw_str(w, "notice", rec_get_str(s, STAT_NOTICE));
    draining(s, w);
    jw_str(w, "wrong", rec_get_str(s, STAT_WRONG));
    jw_int(w, "queue", rec_get_int(s, STAT_QUEUE, 0));
    jw_int(w, "spool_bytes", rec_get_int(s, STAT_SPOOL, 0));
    jw_int(w, "age_ms", r->status_at ? clock_mono() - r->status_at : NIL);
}

int query_status(struct reader *r, struct sori_str question, struct answer *a) {
    (void)question;
    struct buf json = {0};
    struct jw w = {.b = &json};
    jw_open(&w, NULL, '{');
    head(r, &w);
    counts(r, &w);
    connections(r, stat_view(r), &w);
    earlier(r, stat_view(r), &w);
    rejected_put(r, &w);
    processes(stat_view(r), "processes", &w);
    counters(stat_view(r), &w);
    jw_open(&w, "search", '{');
    jw_int(&w, "indexed", r->indexed);
    jw_int(&w, "newest", db_one(r->db, "SELECT max(seq) FROM journal", 0, 0));
    jw_close(&w, '}');
    jw_int(&w, "reader_pid", getpid());
    jw_int(&w, "reader_cpu_us", clock_cpu_us());
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
    return 0;
}

enum { STALE_MS = 10000 };

void figures_ready(struct reader *r, struct buf *json, bool *ready) {
    bool fresh = r->status_at && clock_mono() - r->status_at < STALE_MS;
    *ready = fresh && rec_get_int(stat_view(r), STAT_READY, 0) != 0;
    struct jw w = {.b = json};
    jw_open(&w, NULL, '{');
    jw_bool(&w, "ready", *ready);
    jw_int(&w, "generation", rec_get_int(stat_view(r), STAT_GENERATION, NIL));
    jw_int(&w, "age_ms", r->status_at ? clock_mono() - r->status_at : NIL);
    jw_str(&w, "refused", rec_get_str(stat_view(r), STAT_REFUSED));
    jw_str(&w, "notice", rec_get_str(stat_view(r), STAT_NOTICE));
    jw_str(&w, "wrong", rec_get_str(stat_view(r), STAT_WRONG));
    processes(stat_view(r), "workers", &w);
    jw_close(&w, '}');
    buf_putc(json, '\n');
}

static void metric(struct buf *b, const char *name, const char *type, const char *help) {
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *b, const char *name, const char *help, int64_t value) {
    metric(b, name, "gauge", help);
    buf_printf(b, "%s %lld\n", name, (long long)value);
}

/* The core's own counters; help and type once for each run of one name. */
static void core_counters(struct sori_str at, struct buf *b) {
    struct rec_field f;
    struct sori_str last = {0};
    while (rec_next(&at, &f) == 1) {
        if (f.tag != STAT_COUNTER || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, COUNTER_NAME);
        if (!str_eq(name, last)) {
            char *text = mem_text(name), *help = mem_text(rec_get_str(f.s, COUNTER_HELP));
            metric(b, text, rec_get_int(f.s, COUNTER_GAUGE, 0) ? "gauge" : "counter", help);
            free(text);
            free(help);
        }
        last = name;
        counter_name(f.s, b);
        buf_printf(b, " %lld\n", (long long)rec_get_int(f.s, COUNTER_VALUE, 0));
    }
}

static void labelled(struct buf *b, const char *name, struct sori_str label, const char *key) {
    struct buf counter = {0};
    rec_str(&counter, COUNTER_NAME, str_c(name));
    size_t mark = rec_begin(&counter, COUNTER_LABELS);
    rec_str(&counter, 1, str_c(key));
    rec_str(&counter, 2, label);
    rec_end(&counter, mark);
    counter_name(buf_view(&counter), b);
    buf_free(&counter);
}

static void each(struct sori_str at, struct buf *b, const char *name, const char *key, uint32_t tag,
                 uint32_t field, double scale) {
    struct rec_field f;
    while (rec_next(&at, &f) == 1) {
        if (f.tag != tag || f.type != REC_REC) continue;
        labelled(b, name, rec_get_str(f.s, 1), key);
        buf_printf(b, " %.6g\n", (double)rec_get_int(f.s, field, 0) * scale);
    }
}

void figures_prometheus(struct reader *r, struct buf *out) {
    struct sori_str s = stat_view(r);
    one(out, "sori_ready", "1 while policy and classifiers answer", rec_get_int(s, STAT_READY, 0));
    one(out, "sori_paused", "1 while nothing may leave", rec_get_int(s, STAT_PAUSED, 0));
    one(out, "sori_generation", "the generation that decides", rec_get_int(s, STAT_GENERATION, 0));
    one(out, "sori_queue_entries", "journal entries without a decision",
        rec_get_int(s, STAT_QUEUE, 0));
    one(out, "sori_spool_undrained_bytes", "received and not yet recorded",
        rec_get_int(s, STAT_SPOOL, 0));
    one(out, "sori_figures_age_ms", "since the core last spoke; -1 never",
        r->status_at ? clock_mono() - r->status_at : -1);
    one(out, "sori_search_indexed_seq", "journal entry up to which words are found", r->indexed);
    metric(out, "sori_connection_state", "gauge", "0 stopped, 1 ready, 2 waiting, 3 broken");
    each(s, out, "sori_connection_state", "connection", STAT_CONNECTION, SC_STATE, 1);
    metric(out, "sori_connection_silent_habit_seconds", "gauge",
           "the habit that the connection has broken by being silent for longer; 0 it has not");
    each(s, out, "sori_connection_silent_habit_seconds", "connection", STAT_CONNECTION, SC_SILENT,
         1e-3);
    metric(out, "sori_process_ready", "gauge", "1 while the process answers");
    each(s, out, "sori_process_ready", "process", STAT_PROCESS, SP_READY, 1);
    metric(out, "sori_process_deaths_total", "counter", "deaths since the core's start");
    each(s, out, "sori_process_deaths_total", "process", STAT_PROCESS, SP_DEATHS, 1);
    metric(out, "sori_process_cpu_seconds_total", "counter", "CPU time of the running process");
    each(s, out, "sori_process_cpu_seconds_total", "process", STAT_PROCESS, SP_CPU, 1e-6);
    core_counters(s, out);
}
