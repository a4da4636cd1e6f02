#include "cli/plugin/trial.h"

#include "base/clock.h"
#include "conf/conf.h"
#include "flow/channel/setup.h"
#include "sori/plugin.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 60000 };

const char *trial_status(uint32_t status) {
    static const char *const words[] = {"OK",        "AGAIN", "RETRY",     "RATE",   "AUTH",
                                        "PERMANENT", "GONE",  "CANCELLED", "CONFIG", "BUG"};
    return status < sizeof words / sizeof *words ? words[status] : "a status that is none";
}

/* ---- requests ---- */

static void answer(struct trial *t, uint32_t status, const char *why) {
    struct buf b = {0};
    rec_str(&b, ANS_WHY, str_c(why));
    guest_http_done(t->plugin, t->from_call, t->from_sub, status, buf_view(&b));
    buf_free(&b);
}

/* The descriptor and the options, as the rules of setups take them. Borrowed. */
struct as_conn {
    struct plugin plugin;
    struct conn conn;
};

static const struct conn *as_conn(const struct trial *t, struct as_conn *x) {
    *x = (struct as_conn){.plugin = {.descriptor = t->descriptor}};
    x->conn = (struct conn){.plugin = &x->plugin, .options = t->options};
    return &x->conn;
}

/* Why this request may not leave, or NULL. */
static const char *refusal(const struct trial *t, struct sori_str request, bool strange) {
    int64_t effect = rec_get_int(request, HTTP_EFFECT, SORI_HTTP_READ);
    struct sori_str method = rec_get_str(request, HTTP_METHOD);
    bool reads = str_is(method, "GET") || str_is(method, "HEAD");
    struct as_conn x;
    if (effect == SORI_HTTP_READ && reads) return NULL;
    if (effect != SORI_HTTP_SETUP || !t->sets_up) return "a try only reads";
    if (strange || !setup_allowed(as_conn(t, &x), method, rec_get_str(request, HTTP_URL)))
        return "a setup was refused: the plugin's descriptor does not name it";
    return NULL;
}

static void pass_request(struct trial *t, const struct wire_msg *m) {
    bool strange = rec_get_int(m->payload, HTTP_FLAGS, 0) & SORI_HTTP_STRANGER;
    const char *why = refusal(t, m->payload, strange);
    t->from_call = m->head.call;
    t->from_sub = m->head.sub;
    if (why) {
        answer(t, SORI_PERMANENT, why);
        return;
    }
    /* In front: the first field of a name counts. */
    struct buf b = {0};
    rec_str(&b, HTTP_CONNECTION, str_c(t->name));
    buf_str(&b, m->payload);
    t->asked = strange ? t->stranger : t->net;
    t->asked_call = t->asked ? guest_call(t->asked, M_HTTP, buf_view(&b), CALL_MS, -1) : 0;
    buf_free(&b);
    if (!t->asked_call) answer(t, SORI_RETRY, "net is not running");
}

/* ---- guests ---- */

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct trial *t = ctx;
    if (g == t->plugin && !t->descriptor.len) {
        buf_str(&t->descriptor, rec_get_rec(hello, HELLO_PLUGIN));
        t->id = rec_get_str(buf_view(&t->descriptor), DESC_ID);
    }
    if (g == t->waits_for) t->done = true;
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct trial *t = ctx;
    if (g != t->plugin) return;
    if (m->head.type == W_HTTP) {
        pass_request(t, m);
        return;
    }
    struct sori_str at = m->payload;
    struct rec_field f;
    while (t->part && rec_next(&at, &f) == 1) {
        if (f.tag == SINK_END) t->status = (uint32_t)rec_get_int(f.s, 2, SORI_OK);
        t->part(t->ctx, &f);
    }
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct trial *t = ctx;
    if (g == t->asked && t->asked_call && m->head.call == t->asked_call) {
        guest_http_done(t->plugin, t->from_call, t->from_sub, m->head.status, m->payload);
        t->asked_call = 0;
    } else if (g == t->waits_for) {
        t->status = m->head.status;
        buf_clear(&t->result);
        buf_str(&t->result, m->payload);
        t->done = true;
    }
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct trial *t = ctx;
    snprintf(t->lost, sizeof t->lost, "%s: %s%s%s", guest_name(g), o->what, o->trace[0] ? "\n" : "",
             o->trace);
    if (g == t->asked && t->asked_call) {
        t->asked_call = 0;
        answer(t, SORI_RETRY, o->what);
    }
    if (g == t->plugin) t->plugin_lost = true;
    if (g == t->waits_for || g == t->plugin) t->done = true;
}

static void on_stop(evutil_socket_t fd, short what, void *ctx) {
    struct trial *t = ctx;
    (void)fd;
    (void)what;
    snprintf(t->lost, sizeof t->lost, "stopped");
    t->done = true;
}

static void run(struct trial *t, struct guest *g) {
    t->waits_for = g;
    t->done = false;
    t->lost[0] = 0;
    while (!t->done && event_base_loop(t->base, EVLOOP_ONCE) == 0) {
    }
}

static bool start(struct trial *t, struct guest **g, enum guest_kind kind, const char *so,
                  struct err *err) {
    struct guest_spec spec = {.kind = kind, .once = true, .plugin = so};
    spec.name = so ? so : kind == GUEST_NET ? "net" : "stranger net";
    struct guest_events events = {t, on_ready, on_part, on_done, on_lost};
    *g = guest_start(t->base, t->bin.data, &spec, &events, err);
    if (!*g) return false;
    run(t, *g);
    return t->lost[0] ? err_set(err, "%s", t->lost) : true;
}

static bool call(struct trial *t, struct guest *g, enum wire_method method, struct buf *b,
                 struct err *err) {
    rec_int(b, CALL_NOW, clock_now());
    rec_int(b, CALL_DEADLINE, CALL_MS);
    if (!guest_call(g, method, buf_view(b), CALL_MS, -1))
        return err_set(err, "%s takes no call", guest_name(g));
    run(t, g);
    return t->lost[0] ? err_set(err, "%s", t->lost) : true;
}

bool trial_call(struct trial *t, enum wire_method method, struct buf *b, struct err *err) {
    return call(t, t->plugin, method, b, err);
}

bool trial_load(struct trial *t, const char *so, struct err *err) {
    t->base = event_base_new();
    if (!t->base) return err_set(err, "no event loop could be made");
    if (t->stop_fd > 0) {
        t->stop = event_new(t->base, t->stop_fd, EV_READ, on_stop, t);
        if (t->stop) event_add(t->stop, NULL);
    }
    return cli_bin(&t->bin, err) && start(t, &t->plugin, GUEST_CONNECTOR, so, err);
}

/* ---- its surroundings ---- */

/* "@url": the hosts of that option's URLs, one a line. */
static void put_hosts(const struct trial *t, struct sori_str host, struct buf *b) {
    if (!host.len || host.ptr[0] != '@') {
        rec_str(b, NETCONN_HOST, host);
        return;
    }
    struct sori_str urls = {0}, key = {host.ptr + 1, host.len - 1};
    struct rec_field f;
    for (struct sori_str at = buf_view(&t->options); rec_next(&at, &f) == 1;)
        if (str_eq(rec_get_str(f.s, PAIR_NAME), key)) urls = rec_get_str(f.s, PAIR_VALUE);
    while (urls.len) {
        const char *end = memchr(urls.ptr, '\n', urls.len);
        struct sori_str one = {urls.ptr, end ? (size_t)(end - urls.ptr) : urls.len};
        urls.ptr += one.len + (end != NULL);
        urls.len -= one.len + (end != NULL);
        const char *from = one.len ? memmem(one.ptr, one.len, "://", 3) : NULL;
        if (!from) continue;
        one.len -= (size_t)(from + 3 - one.ptr);
        one.ptr = from + 3;
        size_t n = 0;
        while (n < one.len && !strchr("/?#", one.ptr[n])) n++;
        if (n) rec_str(b, NETCONN_HOST, (struct sori_str){one.ptr, n});
    }
}

static bool start_net(struct trial *t, struct guest **g, enum guest_kind kind, struct err *err) {
    if (!start(t, g, kind, NULL, err)) return false;
    struct buf b = {0};
    size_t mark = rec_begin(&b, NETCONF_CONNECTION);
    rec_str(&b, NETCONN_NAME, str_c(t->name));
    struct rec_field f;
    struct as_conn x;
    for (struct sori_str d = buf_view(&t->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_HOST)
            put_hosts(t, f.s, &b);
        else if (f.tag == DESC_SLOT && f.type == REC_REC && t->secrets)
            setup_put_slot(as_conn(t, &x), f.s, &b);
    buf_str(&b, buf_view(&t->allow));
    rec_end(&b, mark);
    for (struct sori_str a = buf_view(&t->allow); rec_next(&a, &f) == 1;)
        rec_str(&b, NETCONF_ALLOW_ALL, f.s);
    rec_str(&b, NETCONF_USER_AGENT, SORI_STR("Sori/" SORI_VERSION));
    if (kind == GUEST_STRANGER_NET)
        rec_int(&b, NETCONF_STRANGER, 1);
    else if (t->secrets)
        rec_str(&b, NETCONF_SECRETS, str_c(t->secrets));
    bool ok = call(t, *g, M_NET_CONF, &b, err);
    if (ok && t->status != SORI_OK)
        ok = err_set(err, "%.*s", STR(rec_get_str(buf_view(&t->result), DONE_WHY)));
    buf_free(&b);
    return ok;
}

bool trial_resolve(const struct trial *t, struct sori_str text, struct buf *out) {
    struct as_conn x;
    return setup_resolve(as_conn(t, &x), text, out);
}

bool trial_grant(struct trial *t, struct buf *request, struct err *err) {
    return (t->net || start_net(t, &t->net, GUEST_NET, err)) &&
           call(t, t->net, M_GRANT, request, err);
}

/* The place is the command line, not a file: "sori.lua:1: " goes from each line. */
static bool blame_options(struct buf *errors, struct err *err) {
    static const char place[] = "sori.lua:1: ";
    struct buf b = {0};
    char *rest = NULL;
    for (char *line = strtok_r(errors->data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        buf_printf(&b, "%s%s", b.len ? "\n      " : "",
                   strncmp(line, place, sizeof place - 1) ? line : line + sizeof place - 1);
    err_set(err, "%s", b.data ? b.data : "its options do not fit");
    buf_free(&b);
    return false;
}

bool trial_options(struct trial *t, const char *const *sets, size_t n, struct err *err) {
    struct buf record = {0}, errors = {0};
    rec_str(&record, CONN_NAME, str_c(t->name));
    rec_str(&record, CONN_CHANNEL, t->id);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        const char *eq = strchr(sets[i], '=');
        if (!eq) {
            ok = err_set(err, "--set %s: expected KEY=VALUE", sets[i]);
            break;
        }
        size_t mark = rec_begin(&record, CONN_OPTION);
        rec_str(&record, 1, (struct sori_str){sets[i], (size_t)(eq - sets[i])});
        rec_str(&record, 2, str_c(eq + 1));
        rec_end(&record, mark);
    }
    if (ok && !conf_options(buf_view(&record), buf_view(&t->descriptor), CREATE_OPTION, &t->options,
                            &errors))
        ok = blame_options(&errors, err);
    buf_free(&record);
    buf_free(&errors);
    return ok;
}

bool trial_allow(struct trial *t, const char *const *allows, size_t n, struct err *err) {
    for (size_t i = 0; i < n; i++) {
        if (!strchr(allows[i], '/')) {
            rec_str(&t->allow, NETCONN_ALLOW, str_c(allows[i]));
            continue;
        }
        char *real = realpath(allows[i], NULL);
        if (!real) return err_set(err, "--allow %s: there is no such folder", allows[i]);
        rec_str(&t->allow, NETCONN_ALLOW, str_c(real));
        free(real);
    }
    return true;
}

bool trial_open(struct trial *t, bool decodes, struct err *err) {
    if (!decodes && (!start_net(t, &t->net, GUEST_NET, err) ||
                     !start_net(t, &t->stranger, GUEST_STRANGER_NET, err)))
        return false;
    struct buf b = {0};
    if (!decodes) rec_str(&b, CREATE_CONNECTION, str_c(t->name));
    buf_str(&b, buf_view(&t->options));
    rec_str(&b, CREATE_TIMEZONE, t->timezone ? str_c(t->timezone) : SORI_STR("UTC"));
    bool ok = call(t, t->plugin, M_CREATE, &b, err);
    if (ok && t->status != SORI_OK)
        ok = err_set(err, "create: %.*s", STR(rec_get_str(buf_view(&t->result), DONE_WHY)));
    buf_free(&b);
    return ok;
}

void trial_close(struct trial *t) {
    guest_kill(&t->plugin);
    guest_kill(&t->net);
    guest_kill(&t->stranger);
    if (t->stop) event_free(t->stop);
    if (t->base) event_base_free(t->base);
    struct buf *all[] = {&t->bin, &t->descriptor, &t->options, &t->allow, &t->result};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
}
