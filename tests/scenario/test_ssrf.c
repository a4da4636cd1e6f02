/* uses: sori_net sori_base */
/* threads */
/* What strangers name leads nowhere inside: addresses, spellings, redirects and lying name servers,
 * each against a listener that counts. A plain libcurl fetcher shows that each way is open.
 *
 * It runs in a network namespace of its own, in which every address in the world is this machine,
 * so that each refused address would answer. Where no namespace can be made, loopback alone can. */
#include "unit/net_ask.h"
#include "unit/net_server.h"

#include <curl/curl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include <cmocka.h>

struct row {
    const char *url; /* P is replaced by the listener's port, O by the outside's */
    int code;        /* a redirect of that kind leads there from outside */
    int chain;       /* so many redirects before it */
    bool closed;     /* not even a plain fetcher comes through; kept as a guard */
};

/* clang-format off */
static const struct row rows[] = {
    /* addresses */
    {"http://127.0.0.1:P/", 0, 0, false}, {"http://127.255.255.254:P/", 0, 0, false},
    {"http://127.8.8.8:P/", 0, 0, false}, {"http://0.0.0.0:P/", 0, 0, false},
    {"http://10.0.0.1:P/", 0, 0, false}, {"http://10.255.255.254:P/", 0, 0, false},
    {"http://172.16.0.1:P/", 0, 0, false}, {"http://172.31.255.254:P/", 0, 0, false},
    {"http://192.168.0.1:P/", 0, 0, false}, {"http://192.168.255.254:P/", 0, 0, false},
    {"http://169.254.169.254:P/latest/meta-data/", 0, 0, false}, {"http://169.254.0.1:P/", 0, 0, false},
    {"http://100.64.0.1:P/", 0, 0, false}, {"http://100.100.100.200:P/", 0, 0, false},
    {"http://192.0.0.192:P/", 0, 0, false}, {"http://192.0.2.1:P/", 0, 0, false},
    {"http://198.51.100.1:P/", 0, 0, false}, {"http://203.0.113.1:P/", 0, 0, false},
    {"http://198.18.0.1:P/", 0, 0, false}, {"http://168.63.129.16:P/", 0, 0, false},
    {"http://192.88.99.1:P/", 0, 0, false}, {"http://0.1.2.3:P/", 0, 0, true},
    {"http://224.0.0.1:P/", 0, 0, true}, {"http://240.0.0.1:P/", 0, 0, true},
    {"http://255.255.255.255:P/", 0, 0, true},
    {"http://[::1]:P/", 0, 0, false}, {"http://[::]:P/", 0, 0, false},
    {"http://[::ffff:127.0.0.1]:P/", 0, 0, false}, {"http://[::ffff:10.0.0.1]:P/", 0, 0, false},
    {"http://[::127.0.0.1]:P/", 0, 0, false}, {"http://[64:ff9b::7f00:1]:P/", 0, 0, false},
    {"http://[64:ff9b:1::1]:P/", 0, 0, false}, {"http://[2002:7f00:1::]:P/", 0, 0, false},
    {"http://[2001:0:7f00:1::]:P/", 0, 0, false}, {"http://[fc00::1]:P/", 0, 0, false},
    {"http://[fd00:ec2::254]:P/", 0, 0, false}, {"http://[fec0::1]:P/", 0, 0, false},
    {"http://[2001:db8::1]:P/", 0, 0, false}, {"http://[100::1]:P/", 0, 0, false},
    {"http://[3fff::1]:P/", 0, 0, false}, {"http://[fe80::1]:P/", 0, 0, true},
    {"http://[ff02::1]:P/", 0, 0, true}, {"http://[fe80::1%25lo]:P/", 0, 0, true},
    /* spellings */
    {"http://127.1:P/", 0, 0, false}, {"http://127.0.1:P/", 0, 0, false},
    {"http://2130706433:P/", 0, 0, false}, {"http://0x7f000001:P/", 0, 0, false},
    {"http://0x7f.0.0.1:P/", 0, 0, false}, {"http://0177.0.0.1:P/", 0, 0, false},
    {"http://017700000001:P/", 0, 0, false}, {"http://0x7f.1:P/", 0, 0, false},
    {"http://00000177.1:P/", 0, 0, false}, {"http://0:P/", 0, 0, false},
    {"http://167772161:P/", 0, 0, false}, {"http://0xa9fea9fe:P/", 0, 0, false},
    {"http://127.0.0.1.:P/", 0, 0, false}, {"http://localhost:P/", 0, 0, false},
    {"http://LOCALHOST:P/", 0, 0, false}, {"http://localhost.:P/", 0, 0, false},
    {"http://a.localhost:P/", 0, 0, false}, {"http://%31%32%37.0.0.1:P/", 0, 0, false},
    {"http://[0:0:0:0:0:0:0:1]:P/", 0, 0, false}, {"http://[::FFFF:7F00:1]:P/", 0, 0, false},
    {"http://①②⑦.⓪.⓪.①:P/", 0, 0, false}, {"http://１２７.０.０.１:P/", 0, 0, false},
    {"http://127。0。0。1:P/", 0, 0, false}, {"http://ｌｏｃａｌｈｏｓｔ:P/", 0, 0, false},
    {"http://example.com@127.0.0.1:P/", 0, 0, false}, {"http://a:b@localhost:P/", 0, 0, false},
    {"http://127.0.0.1:P@127.0.0.1:P/", 0, 0, false}, {"http://@127.0.0.1:P/", 0, 0, false},
    {"http:/127.0.0.1:P/", 0, 0, false}, {"http:///127.0.0.1:P/", 0, 0, false},
    {"127.0.0.1:P/", 0, 0, false}, {"//127.0.0.1:P/", 0, 0, true},
    {"http:\\\\127.0.0.1:P/", 0, 0, true}, {"http://127.0.0.1\\@example.com:P/", 0, 0, true},
    {"http://256.0.0.1:P/", 0, 0, true},
    /* schemes and ports */
    {"gopher://127.0.0.1:P/_GET%20/%20HTTP/1.0%0d%0a%0d%0a", 0, 0, false},
    {"telnet://127.0.0.1:P/", 0, 0, true}, {"dict://127.0.0.1:P/x", 0, 0, true},
    {"file:///etc/passwd", 0, 0, true}, {"ftp://127.0.0.1:P/", 0, 0, true},
    {"https://127.0.0.1:P/", 0, 0, true},
    /* redirects from an honest looking page */
    {"http://127.0.0.1:P/", 301, 0, false}, {"http://127.0.0.1:P/", 302, 0, false},
    {"http://127.0.0.1:P/", 303, 0, false}, {"http://127.0.0.1:P/", 307, 0, false},
    {"http://127.0.0.1:P/", 308, 0, false}, {"//127.0.0.1:P/", 302, 0, false},
    {"http://[::1]:P/", 302, 0, false}, {"http://2130706433:P/", 302, 0, false},
    {"http://localhost:P/", 302, 0, false}, {"http://169.254.169.254:P/", 302, 0, false},
    {"http://a@127.0.0.1:P/", 302, 0, false}, {"http://①②⑦.⓪.⓪.①:P/", 302, 0, false},
    {"http://127.0.0.1:P/", 302, 1, false}, {"http://127.0.0.1:P/", 302, 2, false},
    {"http://127.0.0.1:P/", 302, 4, false}, {"http://127.0.0.1:P/", 307, 8, false},
    {"gopher://127.0.0.1:P/_GET", 302, 0, true}, {"file:///etc/passwd", 302, 0, true},
    {"folder:///etc/passwd", 302, 0, true}, {"dict://127.0.0.1:P/", 302, 0, true},
    /* name servers that lie */
    {"http://inside.test:P/", 0, 0, false}, {"http://inside6.test:P/", 0, 0, false},
    {"http://mapped.test:P/", 0, 0, false}, {"http://private.test:P/", 0, 0, false},
    {"http://metadata.test:P/", 0, 0, false}, {"http://nothing.test:P/", 0, 0, false},
    {"http://mixed.test:P/", 0, 0, false}, {"http://mixed-last.test:P/", 0, 0, false},
    {"http://crowd.test:P/", 0, 0, false}, {"http://second.test:O/go/", 0, 0, false},
    {"http://inside.test:P/", 302, 0, false}, {"http://private.test:P/", 308, 1, false},
};
/* clang-format on */

static struct {
    bool wide; /* every address is ours */
    struct server inside, outside, twin;
    bool has_twin;
    char outside_host[32];
    atomic_int second, lookups;
} world;

static bool tell(struct server *s, struct sori_str r, int nth, struct buf *out) {
    (void)nth;
    (void)r;
    const char *body = s == &world.outside ? "OUTSIDE" : "INSIDE!";
    buf_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n%s", body);
    return false;
}

/* /go/CODE/HEX redirects to what HEX spells; /go/ to its own name, whose address has changed. */
static bool lead(struct server *s, struct sori_str r, int nth, struct buf *out) {
    int code = 0, at = 0;
    if (str_starts(r, SORI_STR("GET /go/ "))) {
        buf_printf(out,
                   "HTTP/1.1 302 X\r\nLocation: http://second.test:%u/\r\n"
                   "Content-Length: 0\r\nConnection: close\r\n\r\n",
                   (unsigned)s->port);
        return false;
    }
    if (sscanf(r.ptr, "GET /go/%d/%n", &code, &at) != 1 || at == 0) return tell(s, r, nth, out);
    buf_printf(out, "HTTP/1.1 %d X\r\nLocation: ", code);
    for (const char *p = r.ptr + at; *p && *p != ' '; p += 2) {
        unsigned c;
        if (sscanf(p, "%2x", &c) != 1) break;
        buf_putc(out, (char)c);
    }
    buf_puts(out, "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
}

static void add(struct resolved *out, const char *address, uint16_t port) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (out->count == RESOLVE_MAX) {
        out->too_many = true;
    } else if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        memcpy(&out->address[out->count++], &four, sizeof four);
    } else {
        inet_pton(AF_INET6, address, &six.sin6_addr);
        memcpy(&out->address[out->count++], &six, sizeof six);
    }
}

/* One name server for both fetchers. */
static void lookup(void *ctx, const char *host, uint16_t port, struct resolved *out) {
    (void)ctx;
    world.lookups++;
    static const char *const names[][2] = {
        {"inside.test", "127.0.0.1"},         {"inside6.test", "::1"},
        {"mapped.test", "::ffff:127.0.0.1"},  {"private.test", "10.1.2.3"},
        {"metadata.test", "169.254.169.254"}, {"nothing.test", "0.0.0.0"},
        {"localhost", "127.0.0.1"},           {"a.localhost", "::1"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(host, names[i][0]) == 0) add(out, names[i][1], port);
    if (strcmp(host, "mixed-last.test") == 0 || strcmp(host, "honest.test") == 0)
        add(out, world.outside_host, port);
    if (strncmp(host, "mixed", 5) == 0) add(out, "127.0.0.1", port);
    if (strcmp(host, "mixed.test") == 0) add(out, world.outside_host, port);
    if (strcmp(host, "crowd.test") == 0)
        for (int i = 0; i < RESOLVE_MAX + 1; i++)
            add(out, i == RESOLVE_MAX ? "127.0.0.1" : world.outside_host, port);
    if (strcmp(host, "second.test") == 0)
        add(out, world.second++ == 0 ? world.outside_host : "127.0.0.1", port);
    if (out->count == 0) snprintf(out->why, sizeof out->why, "unknown here");
}

static void fill(struct buf *out, const char *url) {
    for (const char *p = url; *p; p++) {
        bool port = (*p == 'P' || *p == 'O') && p > url && p[-1] == ':';
        if (port)
            buf_printf(out, "%u", (unsigned)(*p == 'P' ? world.inside.port : world.outside.port));
        else
            buf_putc(out, *p);
    }
}

static void build(const struct row *row, struct buf *url) {
    fill(url, row->url);
    for (int i = 0; row->code && i <= row->chain; i++) {
        struct buf from = {0};
        buf_printf(&from, "http://%s:%u/go/%d/", world.outside_host, (unsigned)world.outside.port,
                   row->code);
        for (size_t k = 0; k < url->len; k++)
            buf_printf(&from, "%02x", (unsigned)(unsigned char)url->data[k]);
        buf_free(url);
        *url = from;
    }
}

static size_t keep(char *bytes, size_t size, size_t n, void *to) {
    buf_put(to, bytes, size * n);
    return size * n;
}

/* What one writes without thinking of any of this. */
static bool plain_gets_in(const struct row *row, const char *url) {
    struct buf body = {0};
    CURL *c = curl_easy_init();
    struct curl_slist *pins = NULL;
    static const char *const names[] = {"inside",  "inside6", "mapped",     "private", "metadata",
                                        "nothing", "mixed",   "mixed-last", "crowd"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char host[64], pin[2048];
        snprintf(host, sizeof host, "%s.test", names[i]);
        struct resolved r = {0};
        lookup(NULL, host, 1, &r);
        char text[INET6_ADDRSTRLEN];
        const void *at =
            r.address[0].ss_family == AF_INET6
                ? (const void *)&((const struct sockaddr_in6 *)(const void *)r.address)->sin6_addr
                : (const void *)&((const struct sockaddr_in *)(const void *)r.address)->sin_addr;
        inet_ntop(r.address[0].ss_family, at, text, sizeof text);
        if (strncmp(host, "mixed", 5) == 0 || strcmp(host, "crowd.test") == 0)
            snprintf(text, sizeof text, "127.0.0.1"); /* it tries one after the other */
        snprintf(pin, sizeof pin, "%s:%u:%s", host, (unsigned)world.inside.port, text);
        pins = curl_slist_append(pins, pin);
    }
    char pin[128];
    snprintf(pin, sizeof pin, "second.test:%u:127.0.0.1", (unsigned)world.outside.port);
    pins = curl_slist_append(pins, pin);
    curl_easy_setopt(c, CURLOPT_RESOLVE, pins);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 1500L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
    curl_easy_perform(c);
    bool in = body.data && memmem(body.data, body.len, "INSIDE!", 7);
    curl_easy_cleanup(c);
    curl_slist_free_all(pins);
    buf_free(&body);
    (void)row;
    return in;
}

static struct asked fetch(struct event_base *base, struct engine *e, const char *url) {
    struct buf r = {0};
    rec_str(&r, HTTP_URL, str_c(url));
    rec_int(&r, HTTP_FLAGS, SORI_HTTP_STRANGER);
    rec_int(&r, HTTP_TIMEOUT, 20000);
    struct asked a = ask_record(base, e, &r);
    buf_free(&r);
    return a;
}

static int hits(void) {
    usleep(150 * 1000); /* the accepting thread has looked by then */
    return world.inside.connections + (world.has_twin ? world.twin.connections : 0);
}

static void no_way_in(void **state) {
    struct engine *e = *state;
    struct event_base *base = event_base_new();
    e = engine_new(base, true, lookup, NULL);
    struct buf conf = {0}, host = {0};
    buf_printf(&host, "%s:%u", world.outside_host, (unsigned)world.outside.port);
    if (!world.wide) rec_str(&conf, NETCONF_ALLOW_ALL, buf_view(&host));
    assert_true(engine_configure(e, buf_view(&conf), NULL));
    size_t count = sizeof rows / sizeof *rows;
    assert_true(count >= 60);
    /* The way outside is open, asked once, and bound to what was checked. */
    struct buf honest = {0};
    buf_printf(&honest, "http://honest.test:%u/", (unsigned)world.outside.port);
    world.lookups = 0;
    struct asked a = fetch(base, e, honest.data);
    if (a.status != SORI_OK) fail_msg("the outside: %s", a.why);
    assert_true(str_is(asked_body(&a), "OUTSIDE"));
    assert_int_equal(world.lookups, 1);
    asked_free(&a);
    for (size_t i = 0; i < count; i++) {
        struct buf url = {0};
        build(&rows[i], &url);
        world.second = 0;
        a = fetch(base, e, url.data);
        if (a.status != SORI_PERMANENT) fail_msg("%s: %d %s", rows[i].url, (int)a.status, a.why);
        if (asked_body(&a).len) fail_msg("%s: something came back", rows[i].url);
        asked_free(&a);
        buf_free(&url);
    }
    assert_int_equal(hits(), 0);
    assert_true(world.outside.hits > 12); /* the redirects were really followed up to the last */
    engine_free(e);
    event_base_free(base);
    buf_free(&conf);
    buf_free(&host);
    buf_free(&honest);
}

static void a_plain_fetcher_gets_in(void **state) {
    (void)state;
    size_t in = 0, tried = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].closed) continue;
        bool local = strstr(rows[i].url, "127") || strstr(rows[i].url, "::1]") ||
                     strstr(rows[i].url, "localhost") || strstr(rows[i].url, "inside");
        if (!world.wide && !local) continue; /* would go out into the real world */
        struct buf url = {0};
        build(&rows[i], &url);
        tried++;
        bool got = plain_gets_in(&rows[i], url.data);
        in += got;
        if (!got) print_message("plain fetcher kept out by itself: %s\n", rows[i].url);
        buf_free(&url);
    }
    print_message("%zu ways tried on Sori, 0 in; a plain fetcher was let in by %zu of %zu\n",
                  sizeof rows / sizeof *rows, in, tried);
    assert_true(in >= 20);
    assert_true(world.inside.hits >= 20);
}

/* Ports that strangers may name: 80 and 443 alone. */
static void other_ports(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct engine *e = engine_new(base, true, lookup, NULL);
    static const char *const urls[] = {"http://8.8.8.8:22/", "http://8.8.8.8:8080/",
                                       "https://8.8.8.8:6379/", "http://8.8.8.8:1/"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct asked a = fetch(base, e, urls[i]);
        assert_int_equal(a.status, SORI_PERMANENT);
        assert_non_null(strstr(a.why, "80 and 443 only"));
        asked_free(&a);
    }
    engine_free(e);
    event_base_free(base);
}

/* "All addresses are mine": a local route for everything, through the loopback interface. */
static bool route_all(int family) {
    struct {
        struct nlmsghdr head;
        struct rtmsg route;
        struct rtattr attr;
        int interface;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = RTM_NEWROUTE,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK},
             .route = {.rtm_family = (unsigned char)family,
                       .rtm_table = RT_TABLE_LOCAL,
                       .rtm_protocol = RTPROT_STATIC,
                       .rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
                       .rtm_type = RTN_LOCAL},
             .attr = {.rta_len = sizeof(struct rtattr) + sizeof(int), .rta_type = RTA_OIF},
             .interface = (int)if_nametoindex("lo")};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr err;
        char rest[256];
    } said = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool ok = fd >= 0 && send(fd, &ask, sizeof ask, 0) == (ssize_t)sizeof ask &&
              recv(fd, &said, sizeof said, 0) > 0 && said.head.nlmsg_type == NLMSG_ERROR &&
              said.err.error == 0;
    if (fd >= 0) close(fd);
    return ok;
}

static bool own_world(void) {
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    if (fd >= 0) close(fd);
    return up && route_all(AF_INET) && route_all(AF_INET6);
}

int main(void) {
    world.wide = own_world();
    if (!world.wide) print_message("no network namespace: loopback alone can answer\n");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    strcpy(world.outside_host, world.wide ? "8.8.8.8" : "127.0.0.2");
    bool ok = server_start(&world.outside, world.outside_host, world.wide ? 80 : 0, lead);
    world.has_twin = !world.wide;
    if (world.has_twin) ok = ok && server_start(&world.twin, "127.0.0.1", world.outside.port, tell);
    ok = ok && (server_start(&world.inside, "::", 80, tell) ||
                (!world.wide && server_start(&world.inside, "::", 0, tell)));
    if (!ok) {
        print_error("the listeners could not be started\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_way_in),
                                       cmocka_unit_test(a_plain_fetcher_gets_in),
                                       cmocka_unit_test(other_ports)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    server_stop(&world.inside);
    server_stop(&world.outside);
    if (world.has_twin) server_stop(&world.twin);
    return failed;
}
