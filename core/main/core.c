/* The core's life: open the store, take up what a crash left, bring up a generation, and turn the
 * event loop until told to stop. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "flow/generation/beside.h"
#include "flow/known.h"
#include "flow/generation/prove.h"
#include "flow/receive.h"
#include "flow/generation/reload.h"
#include "gate/gate.h"
#include "gate/spool.h"
#include "main/roles.h"
#include "reader/reader.h"
#include "supervise/wire.h"

#include <errno.h>
#include <malloc.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TICK_MS = 100, STATUS_EVERY = 10, LISTEN_AGAIN_MS = 2000, KEEP_BYTES = 64 << 20 };

/* ---- the keeper ---- */

static void put_receives(const struct conn *conn, struct buf *b) {
    struct rec_field f;
    for (struct sori_str d = buf_view(&conn->plugin->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_RECEIVE) rec_rec(b, GC_RECEIVE, f.s);
}

static void put_sites(const struct conn *conn, struct buf *b) {
    struct rec_field f;
    for (struct sori_str r = buf_view(&conn->record); rec_next(&r, &f) == 1;)
        if (f.tag == CONN_SITE) rec_str(b, GC_SITE, f.s);
    for (struct sori_str o = buf_view(&conn->options); rec_next(&o, &f) == 1;)
        if (f.type == REC_REC && str_is(rec_get_str(f.s, PAIR_NAME), "url"))
            rec_str(b, GC_SITE, rec_get_str(f.s, PAIR_VALUE));
}

static void put_gate(struct core *c, struct buf *b) {
    struct buf path = {0};
    rec_str(b, GATE_SPOOL, str_c(c->spool));
    buf_printf(&path, "%s/secrets", c->dir);
    rec_str(b, GATE_SECRETS, buf_view(&path));
    buf_free(&path);
    rec_int(b, GATE_SPOOL_MAX, c->active->conf.spool_max);
    rec_str(b, GATE_PUBLIC, c->active->conf.gate_public);
    for (size_t i = 0; i < c->conn_count; i++) {
        struct buf receives = {0};
        put_receives(c->conn[i], &receives);
        if (receives.len) {
            size_t mark = rec_begin(b, GATE_CONNECTION);
            rec_str(b, GC_NAME, str_c(c->conn[i]->name));
            if (aside_full(c->conn[i]->plugin)) rec_int(b, GC_BUSY, 1);
            put_sites(c->conn[i], b);
            buf_str(b, buf_view(&receives));
            rec_end(b, mark);
        }
        buf_free(&receives);
    }
}

void keeper_tell(struct core *c) {
    struct wire w;
    if (c->keeper_fd < 0) return;
    wire_open(&w, c->keeper_fd);
    struct buf b = {0}, gate = {0};
    put_gate(c, &gate);
    rec_str(&b, KEEP_LISTEN, c->active->conf.gate_listen);
    rec_rec(&b, KEEP_GATE, buf_view(&gate));
    wire_send(&w, (struct wire_head){.type = W_CALL, .method = M_NET_CONF, .call = 1}, buf_view(&b),
              -1);
    buf_clear(&b);
    rec_str(&b, KEEP_LISTEN, c->active->conf.metrics_listen);
    wire_send(&w, (struct wire_head){.type = W_CALL, .method = M_METRICS, .call = 2}, buf_view(&b),
              -1);
    buf_free(&b);
    buf_free(&gate);
    free(w.in);
}

static void give_metrics(struct core *c) {
    if (c->reader && guest_is_ready(c->reader))
        guest_call(c->reader, M_METRICS, (struct sori_str){0}, 5000, c->metrics_fd);
}

/* An address that is taken now (by what is just ending, often) may be free in a moment: until then
 * the keeper is asked again and again, and the trouble is told once. */
static void listened(struct core *c, const struct wire_msg *msg) {
    char **told = &c->unheard[msg->head.method == M_METRICS];
    struct sori_str why = rec_get_str(msg->payload, DONE_WHY);
    if (msg->head.status) c->listen_due = clock_mono() + LISTEN_AGAIN_MS;
    if (msg->head.status && (!*told || !str_is(why, *told)))
        log_line(LOG_ERROR, "keeper", "%.*s; it is tried again every %d s", STR(why),
                 LISTEN_AGAIN_MS / 1000);
    if (!msg->head.status && *told) log_line(LOG_INFO, "keeper", "it is listened on now");
    free(*told);
    *told = msg->head.status ? mem_text(why) : NULL;
}

static void from_keeper(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    struct wire_msg msg;
    (void)fd;
    (void)what;
    int got = wire_recv(&c->keeper, &msg);
    if (got == 0) { /* no keeper, no core: nobody would restart us or listen */
        event_base_loopbreak(c->base);
        c->stopping = true;
        return;
    }
    if (got < 0) return;
    if (msg.head.type == W_DONE) listened(c, &msg);
    if (msg.head.type == W_DONE && msg.head.method == M_METRICS && !msg.head.status) {
        if (c->metrics_fd >= 0) close(c->metrics_fd);
        c->metrics_fd = msg.fd; /* -1: nobody listens any more, the reader neither */
        give_metrics(c);
    } else if (msg.fd >= 0)
        close(msg.fd);
}

/* ---- the reader ---- */

static void reader_ready(void *ctx, struct guest *g, struct sori_str hello) {
    (void)g;
    (void)hello;
    give_metrics(ctx);
    evaluate_tell(ctx); /* before anybody's question: who asks a new reader sees what is live */
}

static void reader_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    (void)ctx;
    (void)g;
    (void)msg;
}

static void reader_lost(void *ctx, struct guest *g, const struct obituary *o) {
    (void)ctx;
    (void)g;
    (void)o;
}

static void start_reader(struct core *c) {
    struct err err;
    struct guest_spec spec = {.kind = GUEST_READER, .name = "reader", .folder = c->data};
    struct guest_events events = {
        .ctx = c, .ready = reader_ready, .part = NULL, .done = reader_done, .lost = reader_lost};
    c->reader = guest_start(c->base, c->bin, &spec, &events, &err);
    if (!c->reader) log_line(LOG_ERROR, "reader", "cannot be started: %s", err.text);
}

/* ---- the loop ---- */

static void on_commit(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    flow_take_off(ctx);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    (void)fd;
    (void)what;
    c->ticks++;
    if (c->listen_due && clock_mono() >= c->listen_due) {
        c->listen_due = 0;
        keeper_tell(c);
    }
    generation_tick(c);
    due_pump(c);
    receive_pump(c);
    poll_pump(c);
    classify_pump(c);
    decide_pump(c);
    act_pump(c);
    person_flush(c, false);
    retain_pump(c);
    if (c->ticks % STATUS_EVERY == 0) beside_flush(c);
    if (c->ticks % STATUS_EVERY == 0) evaluate_tell(c);
    if (c->ticks % 600 == 0 && c->active) {
        int64_t first = store_first_segment(c->store);
        spool_retire(c->spool, first == NIL ? c->segment : first, c->active->conf.raw_keep,
                     c->active->conf.spool_max);
    }
}

static void on_stop(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    (void)fd;
    (void)what;
    c->stopping = true;
    event_base_loopbreak(c->base);
}

static void signalled(void *ctx, const struct fate *fate) {
    (void)ctx;
    (void)fate; /* nobody waits for an answer: the log has it, and status */
}

static void on_hup(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    struct reload_ask ask = {.by = SORI_STR("SIGHUP"),
                             .why = SORI_STR("SIGHUP"),
                             .from = FROM_PERSON,
                             .done = signalled,
                             .ctx = ctx};
    reload_ask(ctx, &ask);
}

static void begin_flow(struct core *c) {
    struct err err;
    evaluate_start(c);
    known_facts(c);
    person_recover(c);
    act_start(c);
    receive_start(c);
    if (!serve_start(c, &err)) {
        log_line(LOG_ERROR, "core", "%s", err.text);
        exit(3);
    }
    watch_start(c);
    beside_start(c);
    log_line(LOG_INFO, "core", "ready: generation %lld, %zu connection%s", (long long)c->active->id,
             c->conn_count, c->conn_count == 1 ? "" : "s");
    poll_pump(c);
    receive_pump(c);
    evaluate_tell(c); /* who asks now sees what is live, and why */
}

static void ask_first(struct core *c, const char *why, int64_t back);

/* Where the files on disk are bad, the last good generation goes on, and says so loudly. */
static void first_done(void *ctx, const struct fate *fate) {
    struct core *c = ctx;
    if (fate->ok) {
        begin_flow(c);
        return;
    }
    int64_t live = store_active_generation(c->store);
    if (live != NIL && !c->fell_back) {
        char text[256];
        c->fell_back = true;
        snprintf(text, sizeof text,
                 "the files on disk are refused; starting with generation %lld, the last good one. "
                 "Mend them, then `sori reload`",
                 (long long)live);
        log_line(LOG_ERROR, "core", "%s", text);
        free(c->notice);
        c->notice = mem_text(str_c(text));
        ask_first(c, "the last good one, since the files were refused", live);
        return;
    }
    flow_commit(c); /* history keeps why */
    fprintf(stderr, "sorid: this workspace cannot run as it is:\n%.*s", STR(fate->text));
    exit(3);
}

static void ask_first(struct core *c, const char *why, int64_t back) {
    struct reload_ask ask = {.by = SORI_STR("start"),
                             .why = str_c(why),
                             .from = FROM_START,
                             .back = back,
                             .done = first_done,
                             .ctx = c};
    reload_ask(c, &ask);
}

static void load_spaces(void *ctx, const void *row) {
    const struct row_space *r = row;
    record_know_space(ctx, r->id, r->name);
}

static bool open_core(struct core *c, const char *workspace, struct err *err) {
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0) return err_set(err, "/proc/self/exe: %s", strerror(errno));
    self[n] = 0;
    struct buf b = {0};
    c->dir = mem_text(str_c(workspace));
    c->bin = mem_text(str_c(dirname(self)));
    buf_printf(&b, "%s/data", workspace);
    c->data = mem_text(buf_view(&b));
    buf_clear(&b);
    buf_printf(&b, "%s/data/spool", workspace);
    c->spool = mem_text(buf_view(&b));
    buf_clear(&b);
    buf_printf(&b, "%s/../plugins", c->bin);
    char *real = realpath(b.data, NULL);
    c->plugins = real ? real : mem_text(buf_view(&b));
    buf_free(&b);
    c->store = store_open(c->data, err);
    if (!c->store) return false;
    struct buf paused = {0};
    if (store_meta(c->store, "paused", &paused))
        c->paused = paused.len == 1 && paused.data[0] == '1';
    buf_free(&paused);
    c->ids = store_ids(c->store);
    c->last_at = c->ids.last_at == NIL ? 0 : c->ids.last_at;
    c->undecided_from = 0;
    c->undecided_to = c->ids.seq;
    c->started = core_now(c);
    store_spaces(c->store, load_spaces, c);
    return true;
}

static void hear_signals(struct core *c) {
    static const struct {
        int signal;
        event_callback_fn run;
    } heard[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_hup}};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGIO, SIG_IGN); /* a lease that was broken while files were looked at */
    for (size_t i = 0; i < 3; i++)
        event_add(evsignal_new(c->base, heard[i].signal, heard[i].run, c), NULL);
}

static void close_core(struct core *c) {
    backup_stop(c);
    beside_stop(c);
    prove_stop(c);
    for (size_t i = c->conn_count; i-- > 0;) {
        poll_stop(c, c->conn[i]);
        act_stop(c, c->conn[i]);
    }
    flow_commit(c);
    person_flush(c, true);
    store_close(c->store);
    log_line(LOG_INFO, "core", "stopped; everything that was said is on disk");
}

int core_main(int wire_fd, const char *workspace, bool foreground) {
    struct err err;
    struct core *c = mem_get(sizeof *c);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    /* The store's thread takes and gives back much memory at every commit: it is kept. */
    mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    mallopt(M_TOP_PAD, KEEP_BYTES / 4);
    c->foreground = foreground;
    c->metrics_fd = c->listen_fd = -1;
    c->base = event_base_new();
    flow_commit_start(c);
    hear_signals(c);
    if (!open_core(c, workspace, &err)) {
        fprintf(stderr, "sorid: %s\n", err.text);
        return 3;
    }
    c->keeper_fd = wire_fd;
    wire_open(&c->keeper, wire_fd);
    evutil_make_socket_nonblocking(wire_fd);
    c->keeper_event = event_new(c->base, wire_fd, EV_READ | EV_PERSIST, from_keeper, c);
    event_add(c->keeper_event, NULL);
    c->commit_timer = evtimer_new(c->base, on_commit, c);
    struct timeval every = {0, TICK_MS * 1000};
    c->tick = event_new(c->base, -1, EV_PERSIST, on_tick, c);
    event_add(c->tick, &every);
    start_reader(c);
    story_recover(c);
    ask_first(c, "start", 0);
    event_base_dispatch(c->base);
    close_core(c);
    return 0;
}
