#include "worker/worker.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEADLINE_DEFAULT_MS = 30000 };

/* The core is gone, or talks another language: nobody is left to tell. */
_Noreturn static void core_is_gone(void) { _exit(1); }

void call_send(struct worker *w, enum wire_type type, uint32_t sub, struct sori_str payload) {
    struct wire_head head = {.type = type, .call = w->call.id, .epoch = w->call.epoch, .sub = sub};
    if (!wire_send(&w->wire, head, payload, -1)) core_is_gone();
}

void worker_log(struct worker *w, enum sori_log_level level, struct sori_str text) {
    struct buf b = {0};
    rec_int(&b, LOG_LEVEL, (int64_t)level);
    rec_str(&b, LOG_TEXT, text);
    call_send(w, W_LOG, 0, buf_view(&b));
    buf_free(&b);
}

/* Takes the payload over without a copy: the wire gets our spare buffer, or loses its map. */
static void adopt(struct worker *w, const struct wire_msg *m) {
    struct call *c = &w->call;
    c->payload = m->payload;
    if (w->wire.map) {
        c->map = w->wire.map;
        c->map_len = w->wire.map_len;
        w->wire.map = NULL;
    } else {
        char *spare = c->in ? c->in : mem_get(sizeof(struct wire_head) + WIRE_INLINE);
        c->in = w->wire.in;
        w->wire.in = spare;
    }
}

/* A call that waited behind another is read from its own copy. */
static void adopt_pending(struct worker *w, struct wire_head *head) {
    struct pending *p = w->pending;
    w->pending = p->next;
    if (!w->pending) w->pending_tail = &w->pending;
    *head = p->head;
    free(w->call.in);
    w->call.in = (char *)(uintptr_t)p->payload.ptr;
    w->call.payload = p->payload;
    free(p);
}

static void wait_behind(struct worker *w, const struct wire_msg *m) {
    struct pending *p = mem_get(sizeof *p);
    /* The buffer may later serve as the wire's own, so it has the full size. */
    char *copy = mem_get(m->payload.len + sizeof(struct wire_head) + WIRE_INLINE);
    if (m->payload.len) memcpy(copy, m->payload.ptr, m->payload.len);
    *p = (struct pending){.head = m->head, .payload = {copy, m->payload.len}};
    *w->pending_tail = p;
    w->pending_tail = &p->next;
}

static void begin(struct worker *w, const struct wire_head *head) {
    struct call *c = &w->call;
    c->id = head->call;
    c->method = head->method;
    c->epoch = head->epoch;
    c->began = clock_mono();
    c->now = rec_get_int(c->payload, CALL_NOW, 0);
    if (!c->now) c->now = clock_now();
    int64_t allowed = rec_get_int(c->payload, CALL_DEADLINE, DEADLINE_DEFAULT_MS);
    c->deadline = c->began + allowed;
    c->cancelled = c->sent_unknown = c->wrote = false;
    c->sub = 0;
    c->code = c->retry_at = c->more = 0;
    c->rates = c->costs = c->streams = 0;
    c->spent = rec_get_int(c->payload, CALL_SPENT, 0);
    buf_clear(&c->why);
    buf_clear(&c->told);
    buf_clear(&c->wanted);
    buf_clear(&w->done);
    blackbox_call(w->box, c->id, c->method);
}

bool call_next(struct worker *w) {
    struct wire_head head;
    if (w->pending) {
        adopt_pending(w, &head);
        begin(w, &head);
        return true;
    }
    while (!w->quit) {
        struct wire_msg m;
        if (wire_recv(&w->wire, &m) != 1) core_is_gone();
        if (m.fd >= 0) close(m.fd);
        if (m.head.type == W_QUIT) return false;
        if (m.head.type != W_CALL) continue; /* a cancel or an answer for a call that is over */
        head = m.head;
        adopt(w, &m);
        begin(w, &head);
        return true;
    }
    return false;
}

static bool take_answer(struct worker *w, const struct wire_msg *m, uint32_t sub,
                        uint32_t *status) {
    if (m->head.call != w->call.id || m->head.sub != sub || sub == 0) return false;
    buf_clear(&w->answer.bytes);
    buf_str(&w->answer.bytes, m->payload);
    *status = m->head.status;
    return true;
}

int call_hear(struct worker *w, uint32_t sub, int64_t wait_ms, uint32_t *status) {
    int64_t until = clock_mono() + wait_ms;
    for (;;) {
        int64_t left = until - clock_mono();
        struct pollfd p = {.fd = w->wire.fd, .events = POLLIN};
        int n = poll(&p, 1, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) core_is_gone();
        if (n == 0) {
            if (clock_mono() >= until) return 0;
            continue;
        }
        struct wire_msg m;
        if (wire_recv(&w->wire, &m) != 1) core_is_gone();
        if (m.fd >= 0) close(m.fd);
        if (m.head.type == W_CALL) wait_behind(w, &m);
        if (m.head.type == W_QUIT) w->quit = true;
        if (m.head.type == W_CANCEL && m.head.call == w->call.id) {
            w->call.cancelled = true;
            if (sub) return 0;
        }
        if (m.head.type == W_HTTP_DONE && take_answer(w, &m, sub, status)) return 1;
    }
}

int64_t call_left(const struct worker *w) { return w->call.deadline - clock_mono(); }

void call_why(struct worker *w, const char *format, ...) {
    if (w->call.why.len) return;
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_puts(&w->call.why, text);
}

/* The scheduler acts by the status, a person by the words: those that the plugin owed. A refused
 * credential has words of the core's own. */
void call_blame(struct worker *w, uint32_t method, uint32_t status) {
    static const char *const words[] = {
        [SORI_RETRY] = "RETRY",        [SORI_RATE] = "RATE",     [SORI_PERMANENT] = "PERMANENT",
        [SORI_GONE] = "GONE",          [SORI_CONFIG] = "CONFIG", [SORI_BUG] = "BUG",
        [SORI_CANCELLED] = "CANCELLED"};
    bool acts = method == M_ACT || method == M_RECONCILE;
    const char *name = method_word(method);
    uint32_t last = acts ? SORI_ACT_UNKNOWN_OUTCOME : SORI_BUG;
    if (status > last || (method == M_ACT && status == SORI_ACT_ABSENT)) {
        buf_clear(&w->call.why);
        call_why(w, "%s answered %d, which is %s; the plugin must answer one of enum %s", name,
                 (int)status, status > last ? "no status" : "for reconcile alone",
                 acts ? "sori_act_status" : "sori_status");
    } else if (method == M_CREATE && status != SORI_OK && status != SORI_CONFIG &&
               status != SORI_BUG) {
        call_why(w, "create answered %d; expected OK, CONFIG or BUG of enum sori_status",
                 (int)status);
    } else if (status < sizeof words / sizeof *words && words[status]) {
        call_why(w, "%s answered %s and the plugin gave no reason (host->fail)", name,
                 words[status]);
    }
}

void call_done(struct worker *w, uint32_t status) {
    struct call *c = &w->call;
    if (w->plugin.desc) call_blame(w, c->method, status);
    rec_str_opt(&w->done, DONE_WHY, buf_view(&c->why));
    rec_int_opt(&w->done, DONE_CODE, c->code);
    rec_int_opt(&w->done, DONE_RETRY_AT, c->retry_at);
    rec_int_opt(&w->done, DONE_SENT_UNKNOWN, c->sent_unknown);
    buf_str(&w->done, buf_view(&c->told));
    buf_str(&w->done, buf_view(&c->wanted));
    if (c->more) {
        size_t mark = rec_begin(&w->done, DONE_SPENT);
        rec_str(&w->done, 1, SORI_STR("other"));
        rec_int(&w->done, 2, c->more);
        rec_end(&w->done, mark);
    }
    struct wire_head head = {.type = W_DONE, .call = c->id, .epoch = c->epoch, .status = status};
    if (!wire_send(&w->wire, head, buf_view(&w->done), -1)) core_is_gone();
    blackbox_call(w->box, 0, M_NONE);
    if (c->map) munmap(c->map, c->map_len);
    c->map = NULL;
}
