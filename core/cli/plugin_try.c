/* plugin try: one poll or one delivery of a plugin in its worker, with net beside it and no store.
 * What it found goes to stdout as JSON lines, everything else to stderr. */
#include "cli/once.h"
#include "cli/plugin_words.h"

#include "base/clock.h"
#include "base/file.h"
#include "conf/conf.h"
#include "sori/plugin.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 60000, SETS_MAX = 64, ALLOWS_MAX = 32, BODY_MAX = 64 << 20 };

static const char name[] = "try";

struct attempt {
    struct event_base *base;
    struct guest *plugin, *net, *stranger;
    struct buf bin, so, descriptor, options,
        allow;               /* options: CREATE_OPTION; allow: NETCONN_ALLOW */
    struct sori_str id;      /* the plugin's, inside `descriptor` */
    struct guest *waits_for; /* whose readiness or answer ends the loop */
    bool done, plugin_lost;
    uint32_t status;
    struct buf result;
    /* The plugin blocks on its one request, so one is under way at most. */
    struct guest *asked;
    uint32_t asked_call, from_call, from_sub;
    size_t items, rejected;
    char lost[1600];
};

/* ---- what it found ---- */

static void print_sink(struct attempt *t, const struct rec_field *f) {
    json_t *j;
    switch (f->tag) {
    case SINK_ITEM:
        t->items++;
        j = plugin_item_json(f->s, t->id, str_c(name), clock_now());
        if (!j) return;
        json_dumpf(j, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(j);
        return;
    case SINK_REJECT:
        t->rejected++;
        fprintf(stderr, "refused%s%.0lld: %.*s\n", rec_get_int(f->s, 1, 0) ? " line " : "",
                (long long)rec_get_int(f->s, 1, 0), STR(rec_get_str(f->s, 2)));
        return;
    case SINK_CURSOR:
        fprintf(stderr, "cursor %.*s = %.*s\n", STR(rec_get_str(f->s, PAIR_NAME)),
                STR(rec_get_str(f->s, PAIR_VALUE)));
        return;
    case SINK_GAUGE:
        fprintf(stderr, "gauge %.*s %.*s = %lld\n", STR(rec_get_str(f->s, 1)),
                STR(rec_get_str(f->s, 2)), (long long)rec_get_int(f->s, 3, 0));
        return;
    case SINK_GAP: fprintf(stderr, "gap: %.*s\n", STR(rec_get_str(f->s, 3))); return;
    case SINK_TASK: fprintf(stderr, "left for later: %.*s\n", STR(rec_get_str(f->s, 1))); return;
    case SINK_END:
        t->status = (uint32_t)rec_get_int(f->s, 2, SORI_OK);
        if (t->status > SORI_AGAIN) fprintf(stderr, "decode: %.*s\n", STR(rec_get_str(f->s, 3)));
        return;
    default: return;
    }
}

/* ---- guests ---- */

static bool start(struct attempt *t, struct guest **g, enum guest_kind kind, struct err *err);

static void answer(struct attempt *t, uint32_t status, const char *why) {
    struct buf b = {0};
    rec_str(&b, ANS_WHY, str_c(why));
    guest_http_done(t->plugin, t->from_call, t->from_sub, status, buf_view(&b));
    buf_free(&b);
}

static void pass_request(struct attempt *t, const struct wire_msg *m) {
    bool strange = rec_get_int(m->payload, HTTP_FLAGS, 0) & SORI_HTTP_STRANGER;
    t->from_call = m->head.call;
    t->from_sub = m->head.sub;
    if (rec_get_int(m->payload, HTTP_EFFECT, 0) != SORI_HTTP_READ) {
        answer(t, SORI_PERMANENT, "a try only reads");
        return;
    }
    struct buf b = {0};
    buf_str(&b, m->payload);
    rec_str(&b, HTTP_CONNECTION, str_c(name));
    t->asked = strange ? t->stranger : t->net;
    t->asked_call = t->asked ? guest_call(t->asked, M_HTTP, buf_view(&b), CALL_MS, -1) : 0;
    buf_free(&b);
    if (!t->asked_call) answer(t, SORI_RETRY, "net is not running");
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct attempt *t = ctx;
    if (g == t->plugin && !t->descriptor.len) {
        buf_str(&t->descriptor, rec_get_rec(hello, HELLO_PLUGIN));
        t->id = rec_get_str(buf_view(&t->descriptor), DESC_ID);
    }
    if (g == t->waits_for) t->done = true;
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct attempt *t = ctx;
    if (g != t->plugin) return;
    if (m->head.type == W_HTTP) {
        pass_request(t, m);
        return;
    }
    struct sori_str at = m->payload;
    struct rec_field f;
    while (rec_next(&at, &f) == 1) print_sink(t, &f);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct attempt *t = ctx;
    if (g == t->asked && m->head.call == t->asked_call) {
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
    struct attempt *t = ctx;
    snprintf(t->lost, sizeof t->lost, "%s: %s%s%s", guest_name(g), o->what, o->trace[0] ? "\n" : "",
             o->trace);
    if (g == t->asked && t->asked_call) {
        t->asked_call = 0;
        answer(t, SORI_RETRY, o->what);
    }
    if (g == t->plugin) t->plugin_lost = true;
    if (g == t->waits_for || g == t->plugin) t->done = true;
}

static void run(struct attempt *t, struct guest *g) {
    t->waits_for = g;
    t->done = false;
    t->lost[0] = 0;
    while (!t->done && event_base_loop(t->base, EVLOOP_ONCE) == 0) {
    }
}

static bool start(struct attempt *t, struct guest **g, enum guest_kind kind, struct err *err) {
    struct guest_spec spec = {.kind = kind, .once = true};
    spec.name = kind == GUEST_CONNECTOR ? t->so.data : kind == GUEST_NET ? "net" : "stranger net";
    spec.plugin = kind == GUEST_CONNECTOR ? t->so.data : NULL;
    struct guest_events events = {t, on_ready, on_part, on_done, on_lost};
    *g = guest_start(t->base, t->bin.data, &spec, &events, err);
    if (!*g) return false;
    run(t, *g);
    return t->lost[0] ? err_set(err, "%s", t->lost) : true;
}

/* A call to its end; its payload is `b` and the time. */
static bool call(struct attempt *t, struct guest *g, enum wire_method method, struct buf *b,
                 struct err *err) {
    rec_int(b, CALL_NOW, clock_now());
    rec_int(b, CALL_DEADLINE, CALL_MS);
    if (!guest_call(g, method, buf_view(b), CALL_MS, -1))
        return err_set(err, "%s takes no call", guest_name(g));
    run(t, g);
    return t->lost[0] ? err_set(err, "%s", t->lost) : true;
}

/* ---- its surroundings ---- */

static struct sori_str option_of(const struct attempt *t, struct sori_str key) {
    struct sori_str at = buf_view(&t->options);
    struct rec_field f;
    while (rec_next(&at, &f) == 1)
        if (str_eq(rec_get_str(f.s, PAIR_NAME), key)) return rec_get_str(f.s, PAIR_VALUE);
    return (struct sori_str){NULL, 0};
}

/* "@url": the hosts of that option's URLs, one a line. */
static void put_hosts(const struct attempt *t, struct sori_str host, struct buf *b) {
    if (!host.len || host.ptr[0] != '@') {
        rec_str(b, NETCONN_HOST, host);
        return;
    }
    struct sori_str urls = option_of(t, (struct sori_str){host.ptr + 1, host.len - 1});
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

static bool start_net(struct attempt *t, struct guest **g, enum guest_kind kind, struct err *err) {
    if (!start(t, g, kind, err)) return false;
    struct buf b = {0};
    size_t mark = rec_begin(&b, NETCONF_CONNECTION);
    rec_str(&b, NETCONN_NAME, str_c(name));
    struct rec_field f;
    for (struct sori_str d = buf_view(&t->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_HOST) put_hosts(t, f.s, &b);
    buf_str(&b, buf_view(&t->allow));
    rec_end(&b, mark);
    for (struct sori_str a = buf_view(&t->allow); rec_next(&a, &f) == 1;)
        rec_str(&b, NETCONF_ALLOW_ALL, f.s);
    rec_str(&b, NETCONF_USER_AGENT, SORI_STR("Sori/" SORI_VERSION));
    if (kind == GUEST_STRANGER_NET) rec_int(&b, NETCONF_STRANGER, 1);
    bool ok = call(t, *g, M_NET_CONF, &b, err);
    if (ok && t->status != SORI_OK)
        ok = err_set(err, "%.*s", STR(rec_get_str(buf_view(&t->result), DONE_WHY)));
    buf_free(&b);
    return ok;
}

/* The place is the command line, not a file: "sori.lua:1: " goes from each line. */
static bool blame(struct buf *errors, struct err *err) {
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

/* --set KEY=VALUE … after the plugin's own table. */
static bool read_options(struct attempt *t, const struct cli_opt *set, struct err *err) {
    struct buf record = {0}, errors = {0};
    rec_str(&record, CONN_NAME, str_c(name));
    rec_str(&record, CONN_CHANNEL, t->id);
    bool ok = true;
    for (size_t i = 0; ok && i < set->all_n; i++) {
        const char *eq = strchr(set->all[i], '=');
        if (!eq) {
            ok = err_set(err, "--set %s: expected KEY=VALUE", set->all[i]);
            break;
        }
        size_t mark = rec_begin(&record, CONN_OPTION);
        rec_str(&record, 1, (struct sori_str){set->all[i], (size_t)(eq - set->all[i])});
        rec_str(&record, 2, str_c(eq + 1));
        rec_end(&record, mark);
    }
    if (ok && !conf_options(buf_view(&record), buf_view(&t->descriptor), CREATE_OPTION, &t->options,
                            &errors)) {
        ok = blame(&errors, err);
    }
    buf_free(&record);
    buf_free(&errors);
    return ok;
}

static bool read_allow(struct attempt *t, const struct cli_opt *allow, struct err *err) {
    for (size_t i = 0; i < allow->all_n; i++) {
        const char *a = allow->all[i];
        if (!strchr(a, '/')) {
            rec_str(&t->allow, NETCONN_ALLOW, str_c(a));
            continue;
        }
        char *real = realpath(a, NULL);
        if (!real) return err_set(err, "--allow %s: there is no such folder", a);
        rec_str(&t->allow, NETCONN_ALLOW, str_c(real));
        free(real);
    }
    return true;
}

/* ---- one poll, one delivery ---- */

static bool create(struct attempt *t, bool decodes, struct err *err) {
    struct buf b = {0};
    if (!decodes) rec_str(&b, CREATE_CONNECTION, str_c(name));
    buf_str(&b, buf_view(&t->options));
    rec_str(&b, CREATE_TIMEZONE, SORI_STR("UTC"));
    bool ok = call(t, t->plugin, M_CREATE, &b, err);
    if (ok && t->status != SORI_OK)
        ok = err_set(err, "create: %.*s", STR(rec_get_str(buf_view(&t->result), DONE_WHY)));
    buf_free(&b);
    return ok;
}

static bool poll_once(struct attempt *t, struct err *err) {
    struct buf b = {0};
    rec_int(&b, POLL_LIMIT, 100);
    bool ok = call(t, t->plugin, M_POLL, &b, err);
    buf_free(&b);
    return ok;
}

struct delivery {
    const char *file, *form, *path, *query;
};

static bool decode_once(struct attempt *t, const struct delivery *d, struct err *err) {
    struct buf b = {0}, body = {0};
    bool ok = file_read(d->file, BODY_MAX, false, &body, err);
    if (ok) {
        size_t mark = rec_begin(&b, DECODE_DELIVERY);
        rec_str(&b, DEL_CONNECTION, str_c(name));
        struct rec_field f;
        for (struct sori_str o = buf_view(&t->options); rec_next(&o, &f) == 1;)
            rec_rec(&b, DEL_OPTION, f.s);
        rec_str(&b, DEL_FORM, str_c(d->form ? d->form : "import"));
        rec_str(&b, DEL_PATH, str_c(d->path));
        rec_str(&b, DEL_QUERY, str_c(d->query));
        rec_str(&b, DEL_BODY, buf_view(&body));
        rec_int(&b, DEL_AT, clock_now());
        rec_end(&b, mark);
        ok = call(t, t->plugin, M_DECODE, &b, err);
    }
    buf_free(&b);
    buf_free(&body);
    return ok;
}

/* Can it do what is asked? */
static bool is_able(const struct attempt *t, bool decodes, struct err *err) {
    int64_t flags = rec_get_int(buf_view(&t->descriptor), DESC_FLAGS, 0);
    if (decodes && !(flags & SORI_CONNECTOR_DECODES))
        return err_set(err, "%.*s receives nothing; leave --decode out and it polls", STR(t->id));
    if (!decodes && !(flags & SORI_CONNECTOR_POLLS))
        return err_set(err, "%.*s does not poll; give it what it would receive: --decode FILE",
                       STR(t->id));
    return true;
}

static bool prepare(struct attempt *t, const struct cli_opt *set, const struct cli_opt *allow,
                    bool decodes, struct err *err) {
    if (!cli_bin(&t->bin, err) || !start(t, &t->plugin, GUEST_CONNECTOR, err)) return false;
    if (!is_able(t, decodes, err) || !read_options(t, set, err) || !read_allow(t, allow, err))
        return false;
    if (decodes) return create(t, true, err);
    return start_net(t, &t->net, GUEST_NET, err) &&
           start_net(t, &t->stranger, GUEST_STRANGER_NET, err) && create(t, false, err);
}

static void close_attempt(struct attempt *t) {
    guest_kill(&t->plugin);
    guest_kill(&t->net);
    guest_kill(&t->stranger);
    if (t->base) event_base_free(t->base);
    struct buf *all[] = {&t->bin, &t->so, &t->descriptor, &t->options, &t->allow, &t->result};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
}

static int conclude(struct attempt *t, bool ok, const struct err *err) {
    fflush(stdout);
    if (!ok) return cli_fail(t->items ? CLI_FAILED : CLI_REFUSED, "%s", err->text);
    fprintf(stderr, "%zu interaction%s, %zu refused\n", t->items, t->items == 1 ? "" : "s",
            t->rejected);
    if (t->status <= SORI_AGAIN) return CLI_OK;
    static const char *const words[] = {"OK",        "AGAIN", "RETRY",     "RATE",   "AUTH",
                                        "PERMANENT", "GONE",  "CANCELLED", "CONFIG", "BUG"};
    struct sori_str why = rec_get_str(buf_view(&t->result), DONE_WHY);
    return cli_fail(CLI_FAILED, "%.*s ended with %s%s%.*s", STR(t->id),
                    t->status <= SORI_BUG ? words[t->status] : "a status that is none",
                    why.len ? ": " : "", STR(why));
}

int plugin_try(int argc, char **argv) {
    const struct cli_help help = {
        "sori plugin try NAME|PATH --set KEY=VALUE… [--allow HOST:PORT|FOLDER]…\n"
        "sori plugin try NAME|PATH --set KEY=VALUE… --decode FILE [--form FORM] [--path REST]",
        "Polls or receives once without a store and prints the interactions as JSON lines."};
    const char *sets[SETS_MAX], *allows[ALLOWS_MAX];
    struct cli_opt opts[] = {
        {.name = "set",
         .takes = "KEY=VALUE",
         .help = "an option of the connection; repeat it",
         .all = sets,
         .all_cap = SETS_MAX},
        {.name = "allow",
         .takes = "HOST:PORT|FOLDER",
         .help = "a private address or a folder",
         .all = allows,
         .all_cap = ALLOWS_MAX},
        {.name = "decode", .takes = "FILE", .help = "give it these bytes instead of polling"},
        {.name = "form", .takes = "FORM", .help = "with --decode: how they came; else \"import\""},
        {.name = "path", .takes = "REST", .help = "with --decode: what followed the form's path"},
        {.name = "query", .takes = "QUERY", .help = "with --decode: the query of the request"},
        {.name = "json", .help = "the output is JSON in any case"}};
    int n = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct attempt t = {.base = event_base_new()};
    struct err err = {.text = ""};
    struct delivery d = {opts[2].value, opts[3].value, opts[4].value, opts[5].value};
    bool ok = cli_plugin(argv[1], &t.so, &err) &&
              prepare(&t, &opts[0], &opts[1], d.file != NULL, &err) &&
              (d.file ? decode_once(&t, &d, &err) : poll_once(&t, &err));
    int code = conclude(&t, ok, &err);
    close_attempt(&t);
    return code;
}
