#include "proof/proof.h"

#include "base/log.h"
#include "proof/backtest.h"
#include "proof/shadow.h"
#include "sori/status.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 5 };

struct proof {
    struct event_base *base;
    struct wire wire;
    char bin[PATH_MAX];
    struct backtest *test;
    struct shadow *shadow;
    struct wire_head loads, asks; /* the open M_BACKTEST or M_SHADOW, and M_REPORT; call 0: none */
};

static void done(struct proof *p, const struct wire_head *call, uint32_t status,
                 struct sori_str payload) {
    struct wire_head head = {
        .type = W_DONE, .call = call->call, .epoch = call->epoch, .status = status};
    if (!wire_send(&p->wire, head, payload, -1)) event_base_loopbreak(p->base); /* no core */
}

static void done_why(struct proof *p, struct wire_head *call, uint32_t status,
                     struct sori_str lines) {
    struct buf b = {0};
    while (lines.len) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.ptr) : lines.len;
        rec_str(&b, LOAD_ERROR, (struct sori_str){lines.ptr, len});
        lines.ptr += len + (end != NULL);
        lines.len -= len + (end != NULL);
    }
    done(p, call, status, buf_view(&b));
    call->call = 0;
    buf_free(&b);
}

static void done_report(struct proof *p, struct wire_head *call, const struct report *r) {
    struct buf report = {0}, b = {0};
    report_put(r, &report);
    rec_rec(&b, PROOF_REPORT, buf_view(&report));
    done(p, call, SORI_OK, buf_view(&b));
    call->call = 0;
    buf_free(&report);
    buf_free(&b);
}

/* ---- back-test: once, then the process ends ---- */

static void test_over(void *ctx, enum backtest_end end, struct report *r, struct sori_str why) {
    struct proof *p = ctx;
    if (end == BACKTEST_DONE)
        done_report(p, &p->loads, r);
    else
        done_why(p, &p->loads, end == BACKTEST_REFUSED ? SORI_CONFIG : SORI_RETRY, why);
}

static void begin_test(struct proof *p, const struct wire_msg *m) {
    struct err err;
    char *socket = mem_text(rec_get_str(m->payload, PROOF_SOCKET));
    struct backtest_spec spec = {.socket = socket,
                                 .bin = p->bin,
                                 .bundle = rec_get_str(m->payload, PROOF_BUNDLE),
                                 .env = rec_get_rec(m->payload, PROOF_ENV),
                                 .since = rec_get_int(m->payload, PROOF_SINCE, 0),
                                 .closed = rec_get_int(m->payload, PROOF_CLOSED, 0) != 0,
                                 .samples = (size_t)rec_get_int(m->payload, PROOF_SAMPLES, 3)};
    struct backtest_events events = {.ctx = p, .over = test_over};
    p->loads = m->head;
    p->test = backtest_begin(p->base, &spec, &events, &err);
    if (!p->test) done_why(p, &p->loads, SORI_RETRY, str_c(err.text));
    free(socket);
}

/* ---- shadow ---- */

static void shadow_ready(void *ctx) {
    struct proof *p = ctx;
    if (p->loads.call) done(p, &p->loads, SORI_OK, (struct sori_str){0});
    p->loads.call = 0;
}

/* Later than its load nobody waits for an answer: the core hears it as the end of the process. */
static void shadow_failed(void *ctx, bool refused, struct sori_str why) {
    struct proof *p = ctx;
    if (p->loads.call) {
        done_why(p, &p->loads, refused ? SORI_CONFIG : SORI_RETRY, why);
        return;
    }
    log_line(LOG_ERROR, "proof", "the shadow is given up: %.*s", STR(why));
    event_base_loopbreak(p->base);
}

static void begin_shadow(struct proof *p, const struct wire_msg *m) {
    struct err err;
    struct shadow_events events = {.ctx = p, .ready = shadow_ready, .failed = shadow_failed};
    shadow_end(&p->shadow);
    if (p->asks.call) done_why(p, &p->asks, SORI_AGAIN, SORI_STR("it was loaded anew meanwhile"));
    p->loads = m->head;
    p->shadow = shadow_begin(
        p->base, p->bin, rec_get_str(m->payload, PROOF_BUNDLE), rec_get_rec(m->payload, PROOF_ENV),
        rec_get_rec(m->payload, PROOF_REPORT), rec_get_int(m->payload, PROOF_SINCE, 0),
        rec_get_int(m->payload, PROOF_GAP, 0), &events, &err);
    if (!p->shadow) done_why(p, &p->loads, SORI_RETRY, str_c(err.text));
}

static void reported(void *ctx, struct report *r) {
    struct proof *p = ctx;
    done_report(p, &p->asks, r);
}

static void report(struct proof *p, const struct wire_msg *m) {
    if (!p->shadow || p->asks.call) {
        struct wire_head head = m->head;
        done_why(p, &head, SORI_AGAIN, SORI_STR("a report is being made"));
        return;
    }
    p->asks = m->head;
    shadow_report(p->shadow, rec_get_str(m->payload, PROOF_BUNDLE),
                  rec_get_rec(m->payload, PROOF_ENV), reported, p);
}

/* ---- the wire ---- */

/* False: it is time to go. */
static bool take(struct proof *p, const struct wire_msg *m) {
    if (m->head.type == W_QUIT) return false;
    if (m->head.type != W_CALL) return true;
    switch (m->head.method) {
    case M_BACKTEST: begin_test(p, m); break;
    case M_SHADOW: begin_shadow(p, m); break;
    case M_BESIDE:
        done(p, &m->head, p->shadow && shadow_take(p->shadow, m->payload) ? SORI_OK : SORI_RATE,
             (struct sori_str){0});
        break;
    case M_REPORT: report(p, m); break;
    default: done(p, &m->head, SORI_PERMANENT, (struct sori_str){0});
    }
    return true;
}

static void on_wire(evutil_socket_t fd, short what, void *ctx) {
    struct proof *p = ctx;
    struct wire_msg m;
    (void)fd;
    (void)what;
    int got = wire_recv(&p->wire, &m);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got == 1 && m.fd >= 0) close(m.fd);
    if (got != 1 || !take(p, &m)) event_base_loopbreak(p->base);
}

static void hello(struct proof *p) {
    struct buf b = {0};
    rec_str(&b, HELLO_BUILD, str_c(wire_build_id()));
    rec_str(&b, HELLO_FENCE, SORI_STR("none"));
    (void)wire_send(&p->wire, (struct wire_head){.type = W_HELLO}, buf_view(&b), -1);
    buf_free(&b);
}

/* Where sori-worker is: beside this program. */
static bool find_bin(struct proof *p) {
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) return false;
    self[n] = 0;
    strcpy(p->bin, dirname(self));
    return true;
}

int proof_main(int wire_fd) {
    struct proof p = {0};
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_NAME, "proof");
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    p.base = event_base_new();
    if (!p.base || !find_bin(&p)) return 1;
    wire_open(&p.wire, wire_fd);
    hello(&p);
    struct event *in = event_new(p.base, wire_fd, EV_READ | EV_PERSIST, on_wire, &p);
    event_add(in, NULL);
    event_base_dispatch(p.base);
    backtest_end(&p.test);
    shadow_end(&p.shadow);
    event_free(in);
    wire_close(&p.wire);
    event_base_free(p.base);
    return 0;
}
