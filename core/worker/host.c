/* The host table: what a plugin may ask of us. Whatever it passes is looked at with suspicion, but
 * a wild pointer cannot be told from a good one; it ends this process and is named. */
#include "worker/worker.h"

#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MOST = 2048, STATE_MOST = 64 * 1024, STATE_NAME_MOST = 256 };

static struct worker *of(const struct sori_host *host) { return host->ctx; }

static void host_log(const struct sori_host *host, enum sori_log_level level, struct sori_str msg) {
    struct buf clean = {0};
    if (msg.ptr) utf8_clean(&clean, utf8_cut(msg, LINE_MOST));
    worker_log(of(host), level, buf_view(&clean));
    buf_free(&clean);
}

static int64_t host_now(const struct sori_host *host) {
    const struct call *c = &of(host)->call;
    return c->now + (clock_mono() - c->began);
}

static int64_t host_left(const struct sori_host *host) { return call_left(of(host)); }

static bool host_cancelled(const struct sori_host *host) {
    struct worker *w = of(host);
    uint32_t status;
    (void)call_hear(w, 0, 0, &status);
    return w->call.cancelled || call_left(w) < 0;
}

/* The last state_put of that name in this call, else what came with the call. */
static struct sori_str find_state(const struct worker *w, struct sori_str name) {
    struct sori_str value = {NULL, 0}, record = w->call.payload;
    struct rec_field f;
    if (w->call.method == M_POLL) (void)shelf_get(&w->states, name, &value);
    if (w->call.method != M_ACT && w->call.method != M_RECONCILE) return value;
    while (rec_next(&record, &f) == 1)
        if (f.tag == ACT_STATE && f.type == REC_REC && str_eq(rec_get_str(f.s, PAIR_NAME), name))
            return rec_get_str(f.s, PAIR_VALUE);
    return value;
}

static struct sori_str host_state_get(const struct sori_host *host, struct sori_str name) {
    struct worker *w = of(host);
    struct sori_str value = find_state(w, name);
    buf_clear(&w->state_value);
    buf_str(&w->state_value, value);
    return buf_view(&w->state_value);
}

static enum sori_status host_state_put(const struct sori_host *host, struct sori_str name,
                                       struct sori_str value) {
    struct worker *w = of(host);
    if (w->call.method != M_POLL) {
        call_why(w, "state can be written while polling only");
        return SORI_PERMANENT;
    }
    if (!name.len || !name.ptr || name.len > STATE_NAME_MOST || memchr(name.ptr, 0, name.len) ||
        value.len > STATE_MOST || (value.len && !value.ptr)) {
        call_why(w,
                 "a state needs a name of 1 to %d bytes, none of them NUL, and a value of at most "
                 "64 KiB",
                 STATE_NAME_MOST);
        return SORI_PERMANENT;
    }
    const char *why = shelf_put(&w->states, name, value);
    if (why) call_why(w, "the state \"%.*s\" %s", STR(name), why);
    return why ? SORI_PERMANENT : SORI_OK;
}

static void host_fail(const struct sori_host *host, int32_t code, struct sori_str message) {
    struct worker *w = of(host);
    w->call.code = code;
    buf_clear(&w->call.why);
    if (message.ptr) utf8_clean(&w->call.why, utf8_cut(message, LINE_MOST));
}

void host_open(struct worker *w) {
    w->host = (struct sori_host){.struct_size = sizeof w->host,
                                 .abi = SORI_ABI,
                                 .ctx = w,
                                 .log = host_log,
                                 .now = host_now,
                                 .left = host_left,
                                 .cancelled = host_cancelled,
                                 .http = host_http,
                                 .state_get = host_state_get,
                                 .state_put = host_state_put,
                                 .rate = host_rate,
                                 .fail = host_fail,
                                 .extension = host_extension};
}
