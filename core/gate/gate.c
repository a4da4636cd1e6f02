#include "gate/gate.h"

#include "base/file.h"
#include "base/log.h"
#include "fence/fence.h"
#include "gate/serve.h"
#include "sori/status.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SEGMENT_BYTES = 16 << 20, TOTAL_DEFAULT = 1 << 30, TOTAL_LEAST = 1 << 20 };

struct gate {
    struct event_base *base;
    struct server *server;
    struct wire wire;
    struct event *from_wire, *on_term, *on_int;
    struct spool_writer *spool;
    struct vault *vault;
    struct buf folder, secrets; /* those that the fence was put up around */
    bool fenced;
    int code; /* of the exit */
};

static void done(struct gate *g, uint32_t call, enum sori_status status, struct sori_str why) {
    struct buf b = {0};
    rec_str_opt(&b, DONE_WHY, why);
    struct wire_head head = {.type = W_DONE, .call = call, .status = status};
    if (!wire_send(&g->wire, head, buf_view(&b), -1))
        log_line(LOG_WARN, "gate", "the keeper could not be answered: %s", strerror(errno));
    buf_free(&b);
}

static void hello(struct gate *g) {
    struct buf b = {0};
    rec_str(&b, HELLO_BUILD, str_c(wire_build_id()));
    rec_str(&b, HELLO_FENCE, str_c(fence_text()));
    if (!wire_send(&g->wire, (struct wire_head){.type = W_HELLO}, buf_view(&b), -1))
        log_line(LOG_WARN, "gate", "the keeper could not be greeted: %s", strerror(errno));
    buf_free(&b);
}

/* The spool is opened and the fence put up with the first configuration, before the first byte of
 * a stranger is read. Its folders stay the same until the gate is started anew. */
static bool settle(struct gate *g, struct sori_str record, struct err *err) {
    struct sori_str folder = rec_get_str(record, GATE_SPOOL);
    struct sori_str secrets = rec_get_str(record, GATE_SECRETS);
    int64_t total = rec_get_int(record, GATE_SPOOL_MAX, TOTAL_DEFAULT);
    if (g->spool) {
        if (str_eq(folder, buf_view(&g->folder)) && str_eq(secrets, buf_view(&g->secrets)))
            return true;
        return err_set(err, "gate: the folders of spool and secrets cannot change while it runs");
    }
    if (folder.len == 0 || secrets.len == 0)
        return err_set(err, "gate: the configuration names no folder for spool or secrets");
    if (total < TOTAL_LEAST) total = TOTAL_LEAST;
    int64_t segment = total / 8 < SEGMENT_BYTES ? total / 8 : SEGMENT_BYTES;
    buf_clear(&g->folder);
    buf_clear(&g->secrets);
    buf_str(&g->folder, folder);
    buf_str(&g->secrets, secrets);
    if (!file_make_dir(g->secrets.data, 0700, err)) return false;
    g->spool = spool_create(g->folder.data, segment, total, err);
    return g->spool != NULL;
}

static bool fence(struct gate *g, struct err *err) {
    if (g->fenced) return true;
    char *secrets = realpath(g->secrets.data, NULL), *spool = realpath(g->folder.data, NULL);
    bool ok = secrets && spool;
    if (!ok) err_set(err, "%s: cannot be found: %s", g->secrets.data, strerror(errno));
    if (ok) ok = fence_gate(spool, secrets, err);
    free(secrets);
    free(spool);
    g->fenced = ok;
    return ok;
}

static void configure(struct gate *g, const struct wire_msg *msg) {
    struct err err = {{0}};
    struct buf refused = {0};
    struct gate_conf *conf = NULL;
    bool ok =
        rec_valid(msg->payload, 4) || err_set(&err, "gate: the configuration record is broken");
    if (ok) ok = settle(g, msg->payload, &err);
    if (ok) ok = fence(g, &err);
    if (ok) conf = gate_conf_read(msg->payload, g->vault, &refused, &err);
    if (!conf) {
        log_line(LOG_ERROR, "gate", "%s", err.text);
        done(g, msg->head.call, SORI_CONFIG, str_c(err.text));
        if (g->fenced) return;
        /* Nothing can be received as it is. What stands in the way (a full disk) may pass: the
         * keeper starts a new gate, and asks again, after a wait that grows. */
        g->code = 1;
        event_base_loopbreak(g->base);
        return;
    }
    struct sori_str lines = buf_view(&refused);
    while (lines.len) {
        size_t n = (size_t)((const char *)memchr(lines.ptr, '\n', lines.len) - lines.ptr);
        log_line(LOG_ERROR, "gate", "%.*s", (int)n, lines.ptr);
        lines.ptr += n + 1;
        lines.len -= n + 1;
    }
    log_line(LOG_INFO, "gate", "receiving for %zu connections (%s)", conf->count, fence_text());
    server_use(g->server, conf, g->spool);
    gate_conf_drop(conf);
    done(g, msg->head.call, SORI_OK, buf_view(&refused));
    buf_free(&refused);
}

static void leave(struct gate *g) {
    event_del(g->from_wire);
    server_stop(g->server);
}

static void on_wire(evutil_socket_t fd, short what, void *ctx) {
    struct gate *g = ctx;
    struct wire_msg msg;
    (void)fd;
    (void)what;
    int got = wire_recv(&g->wire, &msg);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        if (got < 0) log_line(LOG_ERROR, "gate", "the keeper's wire broke: %s", strerror(errno));
        leave(g);
        return;
    }
    if (msg.fd >= 0) close(msg.fd);
    if (msg.head.type == W_CALL && msg.head.method == M_NET_CONF)
        configure(g, &msg);
    else if (msg.head.type == W_QUIT)
        leave(g);
    else if (msg.head.type == W_CALL)
        done(g, msg.head.call, SORI_PERMANENT, SORI_STR("the gate does not know this call"));
}

static void on_signal(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    leave(ctx);
}

int gate_main(int wire_fd, int listen_fd) {
    struct gate g = {.base = event_base_new()};
    if (!g.base || event_base_priority_init(g.base, 2) != 0) {
        log_line(LOG_ERROR, "gate", "the event loop cannot be made");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    g.vault = vault_open();
    wire_open(&g.wire, wire_fd);
    g.server = server_start(g.base, listen_fd);
    g.from_wire = event_new(g.base, wire_fd, EV_READ | EV_PERSIST, on_wire, &g);
    g.on_term = evsignal_new(g.base, SIGTERM, on_signal, &g);
    g.on_int = evsignal_new(g.base, SIGINT, on_signal, &g);
    SORI_ASSERT(g.from_wire && g.on_term && g.on_int);
    event_priority_set(g.from_wire, 0);
    event_add(g.from_wire, NULL);
    event_add(g.on_term, NULL);
    event_add(g.on_int, NULL);
    hello(&g);
    event_base_dispatch(g.base);
    server_free(g.server);
    spool_close(g.spool);
    vault_close(g.vault);
    event_free(g.from_wire);
    event_free(g.on_term);
    event_free(g.on_int);
    event_base_free(g.base);
    wire_close(&g.wire);
    buf_free(&g.folder);
    buf_free(&g.secrets);
    return g.code;
}
