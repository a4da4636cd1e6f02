/* Requests of guests on their way to net and back. The plugin names a connection's credential by
 * slot; which connection that is, the core says, from the lane that asked. A writing request passes
 * only inside an action's lease, after sent_at is on disk. */
#include "flow/channel/live.h"
#include "flow/channel/route.h"
#include "flow/channel/setup.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "sori/host.h"
#include "sori/plugin.h"
#include "sori/status.h"

#include <stdlib.h>

struct route {
    struct route *next;
    struct guest *net, *guest;
    uint32_t net_call, call, sub;
    bool write;
    int64_t connection;
};

static void answer(struct guest *g, const struct wire_head *head, enum sori_status status,
                   const char *why) {
    struct buf b = {0};
    rec_str(&b, ANS_WHY, str_c(why));
    guest_http_done(g, head->call, head->sub, status, buf_view(&b));
    buf_free(&b);
}

/* Of one guest: a worker asks one after the other, and net serves everybody. */
enum { AT_ONCE = 8 };

static bool crowds(const struct core *c, const struct guest *g) {
    unsigned open = 0;
    for (const struct route *r = c->routes; r; r = r->next) open += r->guest == g;
    return open >= AT_ONCE;
}

/* Subscriptions, rules, the address of a webhook: from the poll lane, where polls and health checks
 * run, to what the descriptor names, one line of the log each. */
static bool may_set_up(struct core *c, struct conn *conn, struct guest *g,
                       const struct wire_msg *msg) {
    struct sori_str method = rec_get_str(msg->payload, HTTP_METHOD);
    struct sori_str url = rec_get_str(msg->payload, HTTP_URL);
    struct sori_str shown = utf8_cut(url, 200);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.ptr[i] == '?' || (unsigned char)shown.ptr[i] < 0x20) shown.len = i;
    bool stranger = (rec_get_int(msg->payload, HTTP_FLAGS, 0) & SORI_HTTP_STRANGER) != 0;
    bool lane = g == conn->poll && !stranger;
    if (!lane || !setup_allowed(conn, method, url)) {
        log_line(LOG_WARN, conn->name, "refused to set up: %.*s %.*s", STR(utf8_cut(method, 16)),
                 STR(shown));
        answer(g, &msg->head, SORI_PERMANENT,
               lane ? "a setup was refused: the plugin's descriptor does not name it"
                    : "a setup was refused: only polls and health checks set up");
        return false;
    }
    if (c->paused) {
        answer(g, &msg->head, SORI_CANCELLED, "everything outgoing is paused");
        return false;
    }
    if (!str_is(method, "GET"))
        log_line(LOG_INFO, conn->name, "sets up: %.*s %.*s", STR(method), STR(shown));
    return true;
}

/* On to net. */
static void pass(struct core *c, struct conn *conn, struct guest *g, const struct wire_msg *msg,
                 bool write) {
    bool stranger = (rec_get_int(msg->payload, HTTP_FLAGS, 0) & SORI_HTTP_STRANGER) != 0;
    struct guest *net = stranger ? c->stranger : c->net;
    /* In front: the first field of a name counts, so no guest can speak as another connection. */
    struct buf b = {0};
    rec_str(&b, HTTP_CONNECTION, str_c(conn->name));
    buf_str(&b, msg->payload);
    int64_t timeout = rec_get_int(msg->payload, HTTP_TIMEOUT, 0);
    if (timeout <= 0 || timeout > 120000) timeout = 60000;
    uint32_t call =
        net && guest_is_ready(net) ? guest_call(net, M_HTTP, buf_view(&b), timeout + 5000, -1) : 0;
    buf_free(&b);
    if (!call) {
        answer(g, &msg->head, SORI_RETRY, "net is not ready; nothing left this machine");
        return;
    }
    struct route *r = mem_get(sizeof *r);
    *r = (struct route){c->routes, net, g, call, msg->head.call, msg->head.sub, write, conn->id};
    c->routes = r;
}

void route_write(struct core *c, struct conn *conn, struct guest *g, const struct wire_msg *msg) {
    pass(c, conn, g, msg, true);
}

void route_refuse(struct core *c, struct guest *g, const struct wire_msg *msg) {
    answer(g, &msg->head, c->paused ? SORI_CANCELLED : SORI_PERMANENT,
           c->paused
               ? "everything outgoing is paused"
               : "a writing request was refused: it is allowed only once an action is leased");
}

void route_request(struct core *c, struct conn *conn, struct guest *g, const struct wire_msg *msg) {
    int64_t flags = rec_get_int(msg->payload, HTTP_FLAGS, 0);
    bool stranger = (flags & SORI_HTTP_STRANGER) != 0;
    struct sori_str method = rec_get_str(msg->payload, HTTP_METHOD);
    /* Whatever a plugin says of its effect: only GET and HEAD cannot speak. */
    bool reads = str_is(method, "GET") || str_is(method, "HEAD");
    int64_t effect = rec_get_int(msg->payload, HTTP_EFFECT, SORI_HTTP_READ);
    bool write = !reads || effect != SORI_HTTP_READ;
    if (crowds(c, g)) {
        answer(g, &msg->head, SORI_RETRY, "too many requests at once; nothing left this machine");
        return;
    }
    if (effect == SORI_HTTP_SETUP) {
        if (!may_set_up(c, conn, g, msg)) return;
        pass(c, conn, g, msg, false);
    } else if (!write) {
        pass(c, conn, g, msg, false);
    } else {
        enum may may = stranger || g != conn->act ? MAY_NOT : act_may_send(c, conn, msg);
        if (may == MAY) pass(c, conn, g, msg, true);
        if (may == MAY_NOT) route_refuse(c, g, msg);
    }
}

void route_forget(struct core *c, const struct guest *g) {
    for (struct route **p = &c->routes; *p;) {
        struct route *r = *p;
        if (r->guest != g) {
            p = &r->next;
            continue;
        }
        guest_cancel(r->net, r->net_call);
        *p = r->next;
        free(r);
    }
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct core *c = ctx;
    if (g == c->net && msg->head.type == W_SINK) stream_part(c, msg);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct core *c = ctx;
    if (g == c->net && stream_done(c, msg)) return;
    for (struct route **p = &c->routes; *p; p = &(*p)->next) {
        struct route *r = *p;
        if (r->net != g || r->net_call != msg->head.call) continue;
        *p = r->next;
        if (msg->head.status != SORI_OK)
            log_line(LOG_WARN, guest_name(r->guest), "a request was not answered: %.*s",
                     STR(rec_get_str(msg->payload, ANS_WHY)));
        int64_t until = rec_get_int(msg->payload, ANS_TOKEN_UNTIL, 0);
        struct conn *conn = until ? conn_by_id(c, r->connection) : NULL;
        if (conn) live_of(c, conn)->token_until = until;
        guest_http_done(r->guest, r->call, r->sub, msg->head.status, msg->payload);
        free(r);
        return;
    }
}

/* Net died: reading requests may be asked again; a writing one may have left. */
static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct core *c = ctx;
    (void)o;
    if (g == c->net) stream_net_lost(c);
    for (struct route **p = &c->routes; *p;) {
        struct route *r = *p;
        if (r->net != g) {
            p = &r->next;
            continue;
        }
        *p = r->next;
        struct buf b = {0};
        rec_str(&b, ANS_WHY, SORI_STR("net ended while the request was under way"));
        if (r->write) rec_int(&b, ANS_SENT, 1);
        guest_http_done(r->guest, r->call, r->sub, SORI_RETRY, buf_view(&b));
        buf_free(&b);
        free(r);
    }
}

/* ---- configuration ---- */

static struct sori_str host_of(struct sori_str url) {
    for (size_t i = 0; i + 3 <= url.len; i++)
        if (memcmp(url.ptr + i, "://", 3) == 0) {
            struct sori_str h = {url.ptr + i + 3, url.len - i - 3};
            for (size_t k = 0; k < h.len; k++)
                if (h.ptr[k] == '/' || h.ptr[k] == '?' || h.ptr[k] == '#') h.len = k;
            return h;
        }
    return (struct sori_str){0};
}

static void put_host(struct conn *conn, struct sori_str host, struct buf *b) {
    if (host.len && host.ptr[0] == '@') {
        /* A list option names several hosts, one a line. */
        struct sori_str urls = setup_option(conn, (struct sori_str){host.ptr + 1, host.len - 1});
        while (urls.len) {
            const char *end = memchr(urls.ptr, '\n', urls.len);
            struct sori_str one = {urls.ptr, end ? (size_t)(end - urls.ptr) : urls.len};
            rec_str_opt(b, NETCONN_HOST, host_of(one));
            urls.ptr += one.len + (end != NULL);
            urls.len -= one.len + (end != NULL);
        }
    } else
        rec_str(b, NETCONN_HOST, host);
}

static void put_connection(struct conn *conn, struct buf *b) {
    struct rec_field f;
    size_t mark = rec_begin(b, NETCONF_CONNECTION);
    rec_str(b, NETCONN_NAME, str_c(conn->name));
    for (struct sori_str d = buf_view(&conn->plugin->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_HOST)
            put_host(conn, f.s, b);
        else if (f.tag == DESC_SLOT && f.type == REC_REC)
            setup_put_slot(conn, f.s, b);
    for (struct sori_str r = buf_view(&conn->record); rec_next(&r, &f) == 1;)
        if (f.tag == CONN_ALLOW) rec_str(b, NETCONN_ALLOW, f.s);
    rec_end(b, mark);
}

static void configure(struct core *c, struct guest *g, bool stranger) {
    struct buf b = {0}, secrets = {0};
    struct rec_field f;
    rec_int(&b, NETCONF_STRANGER, stranger);
    rec_str(&b, NETCONF_USER_AGENT, SORI_STR("Sori/" SORI_VERSION));
    if (!stranger) {
        buf_printf(&secrets, "%s/secrets", c->dir);
        rec_str(&b, NETCONF_SECRETS, buf_view(&secrets));
    }
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        put_connection(conn, &b);
        if (!stranger) continue;
        for (struct sori_str r = buf_view(&conn->record); rec_next(&r, &f) == 1;)
            if (f.tag == CONN_ALLOW && f.s.len && f.s.ptr[0] != '/')
                rec_str(&b, NETCONF_ALLOW_ALL, f.s);
    }
    guest_call(g, M_NET_CONF, buf_view(&b), 5000, -1);
    buf_free(&b);
    buf_free(&secrets);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct core *c = ctx;
    (void)hello;
    configure(c, g, g == c->stranger);
    poll_pump(c);
}

void route_configure(struct core *c) {
    if (c->net && guest_is_ready(c->net)) configure(c, c->net, false);
    if (c->stranger && guest_is_ready(c->stranger)) configure(c, c->stranger, true);
}

/* Folders that folder: URLs of any connection may reach: net's fence is built from them. */
static const char **folder_roots(struct core *c) {
    const char **roots = mem_get((c->conn_count * 8 + 1) * sizeof *roots);
    size_t n = 0;
    struct rec_field f;
    for (size_t i = 0; i < c->conn_count; i++)
        for (struct sori_str r = buf_view(&c->conn[i]->record); rec_next(&r, &f) == 1;)
            if (f.tag == CONN_ALLOW && f.s.len && f.s.ptr[0] == '/' && n < c->conn_count * 8)
                roots[n++] = intern(c, f.s);
    return roots;
}

bool route_start(struct core *c, struct err *err) {
    struct buf secrets = {0};
    buf_printf(&secrets, "%s/secrets", c->dir);
    const char **roots = folder_roots(c);
    struct guest_spec spec = {
        .kind = GUEST_NET, .name = "net", .folder = secrets.data, .roots = roots};
    struct guest_events events = {
        .ctx = c, .ready = on_ready, .part = on_part, .done = on_done, .lost = on_lost};
    c->net = guest_start(c->base, c->bin, &spec, &events, err);
    free(roots);
    buf_free(&secrets);
    spec = (struct guest_spec){.kind = GUEST_STRANGER_NET, .name = "net/stranger"};
    c->stranger = c->net ? guest_start(c->base, c->bin, &spec, &events, err) : NULL;
    return c->stranger != NULL;
}
