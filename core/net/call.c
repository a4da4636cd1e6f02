#include "net/call.h"

#include "base/clock.h"
#include "net/folder.h"
#include "sori/host.h"
#include "supervise/messages.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { REDIRECTS_MAX = 5, SHOWN = 200, UNAUTHORIZED = 401 };

/* A URL in a sentence: long ones are cut, and what is asked (names, texts, marks of pages) is not
 * for logs. */
static int url_length(const char *url) {
    size_t n = strcspn(url, "?");
    return n > SHOWN ? SHOWN : (int)n;
}
#define URL_SHOWN(c) url_length((c)->target.url), (c)->target.url

bool call_private(const struct call *c) { return c->credential.scheme != SORI_AUTH_NONE; }

static const struct guard_list *allowed(const struct call *c) {
    return c->settings->stranger ? &c->settings->allow_all : &c->connection->allow;
}

static bool standard_port(uint16_t port) { return port == 80 || port == 443; }

bool call_address_ok(struct call *c, const struct sockaddr *address) {
    const struct target *t = &c->target;
    if (guard_exact(allowed(c), t->host, t->port) || guard_exact_address(allowed(c), address))
        return true;
    struct buf shown = {0};
    guard_print(&shown, address);
    const char *why = guard_why(address);
    bool ok = true;
    if (why)
        ok = err_set(
            &c->err, "%.*s: %s is %s, to which nothing is sent%s", URL_SHOWN(c), shown.data, why,
            c->settings->stranger
                ? ""
                : "; if it is meant, name it in the connection's allow = { \"HOST:PORT\" }");
    else if (c->settings->stranger && !standard_port(t->port))
        ok = err_set(&c->err, "%.*s: port %u: links of strangers are followed to 80 and 443 only",
                     URL_SHOWN(c), (unsigned)t->port);
    else if (call_private(c) && !t->tls)
        ok = err_set(&c->err,
                     "%.*s: a credential is not sent over http, where anyone on the way reads it: "
                     "use https, or name %s:%u in the connection's allow",
                     URL_SHOWN(c), t->host, (unsigned)t->port);
    buf_free(&shown);
    return ok;
}

static bool host_ok(struct call *c) {
    const struct target *t = &c->target;
    if (c->settings->stranger ||
        guard_names(&c->connection->hosts, t->host, t->port, t->own_port) ||
        guard_exact(&c->connection->allow, t->host, t->port))
        return true;
    return err_set(&c->err,
                   "%.*s: %s:%u is not a host of the connection \"%s\": its plugin declares the "
                   "hosts, allow = { \"HOST:PORT\" } adds one",
                   URL_SHOWN(c), t->host, (unsigned)t->port, c->connection->name);
}

/* A name is refused when any of its addresses is: which of them is used is not ours to choose. */
static void resolved(void *arg, const struct resolved *found) {
    struct call *c = arg;
    c->job = NULL;
    c->addresses = *found;
    if (found->count == 0) {
        err_set(&c->err, "%.*s: %s has no address: %s", URL_SHOWN(c), c->target.host, found->why);
        call_finish(c, SORI_RETRY);
        return;
    }
    bool ok = !found->too_many || err_set(&c->err, "%.*s: %s has more than %d addresses",
                                          URL_SHOWN(c), c->target.host, RESOLVE_MAX);
    for (unsigned i = 0; ok && i < found->count; i++)
        ok = call_address_ok(c, (const struct sockaddr *)&found->address[i]);
    if (!ok || !transfer_begin(c, engine_web(c->engine))) call_finish(c, SORI_PERMANENT);
}

/* Addresses in numbers need no resolver. */
static bool literal(const struct target *t, struct resolved *out) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(t->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(t->port)};
    if (inet_pton(AF_INET, t->host, &four.sin_addr) == 1)
        memcpy(&out->address[0], &four, sizeof four);
    else if (inet_pton(AF_INET6, t->host, &six.sin6_addr) == 1)
        memcpy(&out->address[0], &six, sizeof six);
    else
        return false;
    out->count = 1;
    return true;
}

static void hop(struct call *c) {
    if (!host_ok(c)) {
        call_finish(c, SORI_PERMANENT);
        return;
    }
    struct resolved found = {0};
    if (literal(&c->target, &found))
        resolved(c, &found);
    else
        c->job =
            resolver_ask(engine_resolver(c->engine), c->target.host, c->target.port, resolved, c);
}

static void serve_folder(struct call *c) {
    bool put = str_is(c->method, "PUT");
    if (c->settings->stranger || (!put && !str_is(c->method, "GET")) ||
        put != (c->effect == SORI_HTTP_WRITE)) {
        err_set(&c->err, "%.*s: folder: URLs know GET (a read) and PUT (a write)", URL_SHOWN(c));
        call_finish(c, SORI_PERMANENT);
        return;
    }
    struct folder_request request = {.path = c->target.path,
                                     .put = put,
                                     .head = (c->flags & SORI_HTTP_HEAD) != 0,
                                     .body = c->body,
                                     .max_body = c->max_body};
    struct folder_answer got = {0};
    enum sori_status status = folder_serve((const char *const *)c->connection->roots,
                                           c->connection->root_count, &request, &got);
    c->answer.http_status = got.http_status;
    c->answer.body = got.body;
    c->answer.truncated = got.truncated;
    c->sent = got.sent;
    c->err = got.err;
    call_finish(c, status);
}

void call_run(struct call *c) {
    if (c->target.folder) {
        serve_folder(c);
    } else if (c->credential.stale) {
        rotate_wait(c);
    } else {
        if (c->credential.wilting) rotate_early(c);
        hop(c);
    }
}

void call_restart(struct call *c) {
    struct target again;
    struct err err;
    SORI_ASSERT(target_parse(rec_get_str(buf_view(&c->request), HTTP_URL), &again, &err));
    target_free(&c->target);
    c->target = again;
    c->redirects = 0;
    c->away = false;
    hop(c);
}

/* The platform refused the token itself, so nothing was done: it may be asked again. */
static bool needs_renewal(struct call *c) {
    if (c->answer.http_status != UNAUTHORIZED || !c->credential.rotated || c->renewed) return false;
    c->renewed = true;
    c->sent = false;
    return true;
}

static bool is_redirect(const struct call *c) {
    long s = c->answer.http_status;
    bool reads = str_is(c->method, "GET") || str_is(c->method, "HEAD");
    return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) && reads &&
           !(c->flags & SORI_HTTP_NO_REDIRECT);
}

/* Takes the next URL; false with c->err where it must not be followed. */
static bool redirect(struct call *c, const char *location) {
    struct target next;
    if (c->redirects == REDIRECTS_MAX)
        return err_set(&c->err, "%.*s: the %dth redirect in a row is not followed", URL_SHOWN(c),
                       REDIRECTS_MAX + 1);
    if (!target_parse(str_c(location), &next, &c->err) || next.folder) {
        if (next.folder) err_set(&c->err, "a folder: URL");
        target_free(&next);
        return err_prefix(&c->err, "%.*s: a redirect that is not followed", URL_SHOWN(c));
    }
    bool away = !target_same_origin(&c->target, &next);
    if (away && call_private(c)) {
        err_set(&c->err,
                "%.*s: answers %ld to %s://%s:%u, and a credential is not taken to another place: "
                "if the site moved, put its new address into sori.lua",
                URL_SHOWN(c), c->answer.http_status, next.tls ? "https" : "http", next.host,
                (unsigned)next.port);
        target_free(&next);
        return false;
    }
    c->redirects++;
    c->away |= away;
    target_free(&c->target);
    c->target = next;
    return true;
}

static enum sori_status failed(struct call *c, CURLcode code) {
    if (c->blocked) return SORI_PERMANENT; /* the guard wrote why */
    const char *why = c->curl_error[0] ? c->curl_error : curl_easy_strerror(code);
    if (c->answer.headers_too_long) why = "its answer's head is larger than 256 KiB";
    err_set(&c->err, "%.*s: %s", URL_SHOWN(c), why);
    bool hopeless = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return hopeless && !c->sent ? SORI_PERMANENT : SORI_RETRY;
}

static void read_retry_after(struct call *c) {
    curl_off_t wait = 0;
    if (curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
        c->answer.retry_at = clock_now() + (wait > 31536000 ? 31536000 : (int64_t)wait) * 1000;
}

void call_hop_done(struct call *c, CURLcode code) {
    char *location = NULL;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->answer.http_status);
    curl_easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &location);
    read_retry_after(c);
    location = location ? mem_text(str_c(location)) : NULL;
    transfer_end(c, engine_web(c->engine));
    bool whole = code == CURLE_OK || (code == CURLE_WRITE_ERROR && c->answer.truncated);
    if (!whole) {
        enum sori_status status = failed(c, code);
        answer_clear(&c->answer);
        call_finish(c, status);
    } else if (needs_renewal(c)) {
        answer_clear(&c->answer);
        rotate_wait(c);
    } else if (!location || !is_redirect(c)) {
        call_finish(c, SORI_OK);
    } else if (!redirect(c, location)) {
        answer_clear(&c->answer);
        call_finish(c, SORI_PERMANENT);
    } else {
        answer_clear(&c->answer);
        hop(c);
    }
    free(location);
}
