#include "net/net.h"

#include "base/log.h"
#include "fence/fence.h"
#include "net/engine.h"
#include "net/folders.h"
#include "net/grant.h"
#include "net/stream.h"
#include "net/wipe.h"
#include "supervise/messages.h"
#include "supervise/role.h"
#include "supervise/wire.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct out {
    struct out *next;
    struct wire_head head;
    struct sori_str payload; /* owned */
};

struct net {
    struct event_base *base;
    struct wire wire;
    struct event *readable, *writable;
    struct engine *engine;
    struct request *requests;
    struct held *streams;
    struct out *first, **last; /* answers that the wire has no room for yet */
    size_t out_bytes;
    struct folders fenced; /* what the fence lets us reach */
    bool stranger, is_fenced, quitting, begins_anew;
    int code;
};

/* A request in hand, by the ids of the wire. */
struct request {
    struct request *next, **link;
    struct net *net;
    struct wire_head head;
    struct call *call; /* NULL while it begins, and for a grant */
};

/* An answer that never ends, by its call. */
struct held {
    struct held *next, **link;
    struct net *net;
    struct wire_head head;
    struct stream *stream;
};

/* Of what streams brought and the core has not read yet: more, and they are closed for a while. */
enum { OUT_MOST = 8 << 20 };

static void leave(struct net *n, int code) {
    n->code = code;
    event_base_loopbreak(n->base);
}

static bool send_now(struct net *n, struct wire_head head, struct sori_str payload) {
    if (wire_send(&n->wire, head, payload, -1)) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (errno != EPIPE && errno != ECONNRESET)
        log_line(LOG_ERROR, "net", "the wire to the core failed: %s", strerror(errno));
    leave(n, errno == EPIPE || errno == ECONNRESET ? 0 : 1);
    return true;
}

static void reply(struct net *n, struct wire_head head, struct sori_str payload) {
    if (!n->first && send_now(n, head, payload)) return;
    struct out *o = mem_get(sizeof *o);
    o->head = head;
    o->payload = mem_copy(payload);
    n->out_bytes += payload.len;
    *n->last = o;
    n->last = &o->next;
    event_add(n->writable, NULL);
}

static void drop_first(struct net *n) {
    struct out *o = n->first;
    if (!(n->first = o->next)) n->last = &n->first;
    n->out_bytes -= o->payload.len;
    free((void *)(uintptr_t)o->payload.ptr);
    free(o);
}

static void leave_when_done(struct net *n) {
    if (n->quitting && !n->requests && !n->first) leave(n, n->begins_anew ? ROLE_EXIT_ANEW : 0);
}

static void on_writable(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct net *n = arg;
    while (n->first && send_now(n, n->first->head, n->first->payload)) drop_first(n);
    if (n->first) event_add(n->writable, NULL);
    leave_when_done(n);
}

static void answered(void *ctx, enum sori_status status, struct sori_str answer) {
    struct request *r = ctx;
    struct net *n = r->net;
    r->head.type = W_DONE;
    r->head.status = status;
    reply(n, r->head, answer);
    if ((*r->link = r->next)) r->next->link = r->link;
    free(r);
    leave_when_done(n);
}

static struct request *hold_request(struct net *n, const struct wire_msg *msg) {
    struct request *r = mem_get(sizeof *r);
    r->net = n;
    r->head = msg->head;
    r->link = &n->requests;
    if ((r->next = n->requests)) r->next->link = &r->next;
    n->requests = r;
    return r;
}

static void begin(struct net *n, const struct wire_msg *msg) {
    struct request *r = hold_request(n, msg);
    struct call *call = engine_http(n->engine, msg->payload, answered, r);
    if (call) r->call = call;
}

static void begin_grant(struct net *n, const struct wire_msg *msg) {
    grant_begin(n->engine, msg->payload, answered, hold_request(n, msg));
}

/* ---- streams ---- */

static bool stream_part(void *ctx, struct sori_str parts) {
    struct held *h = ctx;
    struct wire_head head = h->head;
    head.type = W_SINK;
    reply(h->net, head, parts);
    return h->net->out_bytes < OUT_MOST;
}

static void forget(struct held *h, enum sori_status status, struct sori_str answer) {
    struct net *n = h->net;
    h->head.type = W_DONE;
    h->head.status = status;
    reply(n, h->head, answer);
    if ((*h->link = h->next)) h->next->link = h->link;
    free(h);
}

static void stream_over(void *ctx, enum sori_status status, struct sori_str answer) {
    forget(ctx, status, answer);
}

static void hold(struct net *n, const struct wire_msg *msg) {
    struct held *h = mem_get(sizeof *h);
    h->net = n;
    h->head = msg->head;
    h->link = &n->streams;
    if ((h->next = n->streams)) h->next->link = &h->next;
    n->streams = h;
    h->stream =
        stream_open(n->base, n->engine, msg->payload,
                    &(struct stream_events){.ctx = h, .part = stream_part, .over = stream_over});
}

static void let_go(struct held *h, const char *why) {
    struct buf b = {0};
    rec_str(&b, ANS_WHY, str_c(why));
    stream_close(h->stream);
    forget(h, SORI_CANCELLED, buf_view(&b));
    buf_free(&b);
}

static void let_all_go(struct net *n) {
    while (n->streams) let_go(n->streams, "net is leaving");
}

static void cancel(struct net *n, uint32_t call) {
    for (struct request *r = n->requests; r; r = r->next) {
        if (r->head.call != call) continue;
        if (r->call) engine_cancel(r->call);
        return;
    }
    for (struct held *h = n->streams; h; h = h->next) {
        if (h->head.call != call) continue;
        let_go(h, "closed");
        return;
    }
}

/* A fence can only grow narrower, so folders that are new to it need a new process. */
static bool put_up_fence(struct net *n, struct sori_str conf, struct err *err) {
    struct folders wanted;
    folders_read(conf, &wanted);
    bool ok = true;
    if (!n->is_fenced) {
        ok = n->is_fenced =
            fence_net(wanted.secrets, wanted.rotates, (const char *const *)wanted.roots, err);
        n->fenced = wanted;
        wanted = (struct folders){0};
    } else if (!n->stranger && !folders_cover(&n->fenced, &wanted)) {
        log_line(LOG_INFO, "net", "other folders are allowed now: starting anew");
        n->quitting = n->begins_anew = true;
        let_all_go(n);
    }
    folders_free(&wanted);
    return ok;
}

static void configure(struct net *n, const struct wire_msg *msg) {
    struct err err = {{0}};
    struct buf b = {0};
    struct wire_head head = msg->head;
    bool ok = rec_valid(msg->payload, 4) || err_set(&err, "the settings of net are broken");
    ok = ok && put_up_fence(n, msg->payload, &err) &&
         engine_configure(n->engine, msg->payload, &err);
    head.type = W_DONE;
    head.status = ok ? SORI_OK : SORI_CONFIG;
    if (!ok) rec_str(&b, DONE_WHY, str_c(err.text));
    reply(n, head, buf_view(&b));
    buf_free(&b);
}

static void refuse(struct net *n, const struct wire_msg *msg) {
    struct buf b = {0};
    struct wire_head head = msg->head;
    head.type = W_DONE;
    head.status = SORI_BUG;
    rec_str(&b, DONE_WHY, SORI_STR("net knows only its settings and http requests"));
    reply(n, head, buf_view(&b));
    buf_free(&b);
}

static void take(struct net *n, const struct wire_msg *msg) {
    if (msg->fd >= 0) close(msg->fd); /* nobody passes us one */
    if (msg->head.type == W_QUIT) {
        n->quitting = true;
        let_all_go(n);
    } else if (msg->head.type == W_CANCEL)
        cancel(n, msg->head.call);
    else if (msg->head.type == W_CALL && msg->head.method == M_HTTP)
        begin(n, msg);
    else if (msg->head.type == W_CALL && msg->head.method == M_STREAM && !n->stranger)
        hold(n, msg);
    else if (msg->head.type == W_CALL && msg->head.method == M_GRANT && !n->stranger)
        begin_grant(n, msg);
    else if (msg->head.type == W_CALL && msg->head.method == M_NET_CONF)
        configure(n, msg);
    else if (msg->head.type == W_CALL)
        refuse(n, msg);
    leave_when_done(n);
}

static void on_readable(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct net *n = arg;
    for (int turns = 0; turns < 64; turns++) { /* then the network has its turn */
        struct wire_msg msg;
        int got = wire_recv(&n->wire, &msg);
        if (got == 1) {
            take(n, &msg);
        } else if (got == 0) {
            leave(n, 0);
            return;
        } else {
            if (errno == EAGAIN || errno == EINTR) return;
            log_line(LOG_ERROR, "net", "the wire to the core failed: %s", strerror(errno));
            leave(n, 1);
            return;
        }
    }
}

static void hello(struct net *n) {
    struct buf b = {0};
    rec_str(&b, HELLO_BUILD, str_c(wire_build_id()));
    rec_str(&b, HELLO_FENCE, n->is_fenced ? str_c(fence_text()) : SORI_STR("with its settings"));
    reply(n, (struct wire_head){.type = W_HELLO}, buf_view(&b));
    buf_free(&b);
}

static void net_free(struct net *n) {
    while (n->streams) {
        struct held *h = n->streams;
        n->streams = h->next;
        stream_close(h->stream);
        free(h);
    }
    engine_free(n->engine);
    while (n->first) drop_first(n);
    while (n->requests) {
        struct request *r = n->requests;
        n->requests = r->next;
        free(r);
    }
    folders_free(&n->fenced);
    event_free(n->readable);
    event_free(n->writable);
    wire_close(&n->wire);
    event_base_free(n->base);
}

/* False where the process cannot serve at all. */
static bool net_open(struct net *n, int wire_fd) {
    struct err err;
    if (n->stranger && !(n->is_fenced = fence_net(NULL, false, NULL, &err))) {
        log_line(LOG_ERROR, "net", "%s", err.text);
        return false;
    }
    if (!wipe_begin()) {
        log_line(LOG_ERROR, "net", "libcurl cannot be used");
        return false;
    }
    n->base = event_base_new();
    SORI_ASSERT(n->base);
    wire_open(&n->wire, wire_fd);
    SORI_ASSERT(fcntl(wire_fd, F_SETFL, fcntl(wire_fd, F_GETFL) | O_NONBLOCK) == 0);
    n->last = &n->first;
    n->engine = engine_new(n->base, n->stranger, NULL, NULL);
    n->readable = event_new(n->base, wire_fd, EV_READ | EV_PERSIST, on_readable, n);
    n->writable = event_new(n->base, wire_fd, EV_WRITE, on_writable, n);
    SORI_ASSERT(n->readable && n->writable && event_add(n->readable, NULL) == 0);
    return true;
}

int net_main(int wire_fd, bool stranger) {
    struct net n = {.stranger = stranger};
    signal(SIGPIPE, SIG_IGN);
    /* Ctrl-C and a service manager reach the whole group; a request in hand is the core's to end.
     * When the core is gone so is the wire, and that ends us. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    if (!net_open(&n, wire_fd)) return 1;
    hello(&n);
    event_base_dispatch(n.base);
    int code = n.code;
    /* The wire ends with the process, so that the core hears how it left before it hears that. */
    if (n.begins_anew) _exit(code);
    net_free(&n);
    curl_global_cleanup();
    return code;
}
