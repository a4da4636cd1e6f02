#include "net/call.h"
#include "supervise/messages.h"

#include "sori/host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum { CONNECT_MS = 5000 };

/* The last word: whatever curl wants to connect to, by whatever way it learnt of it, is checked
 * here in the form in which the kernel gets it. */
static curl_socket_t open_socket(void *call, curlsocktype purpose, struct curl_sockaddr *address) {
    struct call *c = call;
    if (purpose != CURLSOCKTYPE_IPCXN || !call_address_ok(c, &address->addr)) {
        c->blocked = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* These are net's own: they decide where one request ends and whom it is for. */
static bool reserved(struct sori_str name) {
    static const char *const names[] = {"host",
                                        "content-length",
                                        "transfer-encoding",
                                        "connection",
                                        "expect",
                                        "upgrade",
                                        "te",
                                        "trailer",
                                        "keep-alive",
                                        "referer",
                                        "cookie",
                                        "proxy-authorization",
                                        "accept-encoding",
                                        "user-agent",
                                        "proxy-connection"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.len == strlen(names[i]) && strncasecmp(name.ptr, names[i], name.len) == 0)
            return true;
    return false;
}

static bool same_word(struct sori_str name, const char *word) {
    return name.len == strlen(word) && strncasecmp(name.ptr, word, name.len) == 0;
}

/* What may go along to another origin than the one the plugin asked. */
static bool harmless(struct sori_str name) {
    return same_word(name, "accept") || same_word(name, "accept-language") ||
           same_word(name, "if-none-match") || same_word(name, "if-modified-since");
}

static bool token(struct sori_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.ptr[i];
        bool letter =
            (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
        if (!letter && (ch == 0 || !strchr("!#$%&'*+-.^_`|~", ch))) return false;
    }
    return name.len > 0;
}

static bool add_header(struct call *c, const char *line) {
    struct curl_slist *more = curl_slist_append(c->headers, line);
    SORI_ASSERT(more);
    c->headers = more;
    return true;
}

static bool take_header(struct call *c, struct sori_str pair, bool *has_type) {
    struct sori_str name = rec_get_str(pair, PAIR_NAME), value = rec_get_str(pair, PAIR_VALUE);
    if (!token(name)) return err_set(&c->err, "a header whose name is not a word");
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.ptr[i] < 0x20 && value.ptr[i] != '\t') || value.ptr[i] == 0x7f)
            return err_set(&c->err, "the header %.*s has a control character in its value",
                           STR(name));
    if (reserved(name))
        return err_set(&c->err, "the header %.*s is set by Sori itself: leave it out", STR(name));
    bool ours = c->credential.scheme == AUTH_OURS;
    if (!ours && call_private(c) && same_word(name, "authorization"))
        return err_set(&c->err, "a request with a credential slot sets no Authorization itself");
    if (c->away && !harmless(name)) return true;
    *has_type |= same_word(name, "content-type");
    struct buf line = {0};
    /* curl's spelling of a header with an empty value ends with a semicolon. */
    buf_printf(&line, value.len ? "%.*s: %.*s" : "%.*s;", STR(name), STR(value));
    add_header(c, line.data);
    buf_free(&line);
    return true;
}

/* A form is signed with the rest; a body of another type is not (RFC 5849 §3.4.1.3.1). */
static bool is_form(struct sori_str pair) {
    struct sori_str value = rec_get_str(pair, PAIR_VALUE);
    struct sori_str form = SORI_STR("application/x-www-form-urlencoded");
    return same_word(rec_get_str(pair, PAIR_NAME), "content-type") && value.len >= form.len &&
           strncasecmp(value.ptr, form.ptr, form.len) == 0 &&
           (value.len == form.len || strchr("; \t", value.ptr[form.len]));
}

static void add_credential(struct call *c) {
    struct buf line = {0};
    struct sori_str record = buf_view(&c->request), form = {0};
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == HTTP_HEADER && f.type == REC_REC && is_form(f.s)) form = c->body;
    credential_header(&c->credential, c->method, c->target.url, form, &line);
    if (line.len) add_header(c, line.data);
    secret_wipe_buf(&line);
}

static bool set_headers(struct call *c) {
    bool has_type = false;
    struct sori_str record = buf_view(&c->request);
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == HTTP_HEADER && f.type == REC_REC && !take_header(c, f.s, &has_type))
            return false;
    if (!has_type) add_header(c, "Content-Type:"); /* curl would claim it is a form */
    add_header(c, "Expect:");                      /* never wait for leave to send the body */
    add_credential(c);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    return true;
}

/* The name is bound to the addresses that were checked, so that nothing is asked a second time. */
static void pin(struct call *c) {
    struct in6_addr any;
    if (inet_pton(AF_INET, c->target.host, &any) == 1 || strchr(c->target.host, ':')) return;
    struct buf line = {0};
    buf_printf(&line, "+%s:%u:", c->target.host, (unsigned)c->target.port);
    for (unsigned i = 0; i < c->addresses.count; i++) {
        const struct sockaddr *address = (const struct sockaddr *)&c->addresses.address[i];
        struct buf one = {0};
        guard_print(&one, address);
        if (i) buf_putc(&line, ',');
        buf_put(&line, one.data, (size_t)((char *)memrchr(one.data, ':', one.len) - one.data));
        buf_free(&one);
    }
    c->pins = curl_slist_append(NULL, line.data);
    SORI_ASSERT(c->pins);
    buf_free(&line);
    curl_easy_setopt(c->easy, CURLOPT_RESOLVE, c->pins);
}

static bool set_url(struct call *c) {
    struct buf add = {0};
    credential_query(&c->credential, &add);
    if (!add.len) {
        buf_free(&add);
        return curl_easy_setopt(c->easy, CURLOPT_URL, c->target.url) == CURLE_OK;
    }
    CURLU *parts = curl_url();
    char *url = NULL;
    bool ok = parts && curl_url_set(parts, CURLUPART_URL, c->target.url, 0) == CURLUE_OK &&
              curl_url_set(parts, CURLUPART_QUERY, add.data, CURLU_APPENDQUERY | CURLU_URLENCODE) ==
                  CURLUE_OK &&
              curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK &&
              curl_easy_setopt(c->easy, CURLOPT_URL, url) == CURLE_OK;
    if (url) explicit_bzero(url, strlen(url));
    curl_free(url);
    curl_url_cleanup(parts);
    secret_wipe_buf(&add);
    return ok || err_set(&c->err, "the request could not be put together");
}

static void set_method(struct call *c, bool writes) {
    bool head = c->flags & SORI_HTTP_HEAD || str_is(c->method, "HEAD");
    if (head) {
        curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
    } else if (!str_is(c->method, "GET")) {
        char *method = mem_text(c->method);
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.len);
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->body.len ? c->body.ptr : "");
        curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, method);
        free(method);
    }
    /* curl repeats a request by itself when a kept connection turns out to be dead. So what writes
     * gets a connection of its own, on which it never does. */
    bool alone = writes || c->settings->stranger || c->taker.take;
    curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, alone ? 1L : 0L);
    curl_easy_setopt(c->easy, CURLOPT_FORBID_REUSE, alone ? 1L : 0L);
}

static void set_limits(struct call *c) {
    curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* A packed stream would wait for its packer; and no LOW_SPEED limit, which ends a quiet one
     * (measured: error 28 with two bytes in 20 s). */
    if (c->taker.take)
        curl_easy_setopt(c->easy, CURLOPT_TCP_KEEPALIVE, 1L);
    else
        curl_easy_setopt(c->easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(c->easy, CURLOPT_USERAGENT, c->settings->agent);
    curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(c->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_callbacks(struct call *c) {
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->curl_error);
    curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, answer_header);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, answer_body);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
}

bool transfer_begin(struct call *c, struct web *web) {
    c->easy = curl_easy_init();
    SORI_ASSERT(c->easy);
    c->curl_error[0] = 0;
    set_limits(c);
    set_callbacks(c);
    set_method(c, c->effect != SORI_HTTP_READ);
    if (set_headers(c) && set_url(c)) {
        pin(c);
        if (web_add(web, c->easy)) return true;
        err_set(&c->err, "the request could not be begun");
    }
    curl_easy_cleanup(c->easy);
    c->easy = NULL;
    return false;
}

void transfer_end(struct call *c, struct web *web) {
    if (c->easy) {
        long bytes = 0;
        curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &bytes);
        c->sent |= bytes > 0;
        web_remove(web, c->easy);
        curl_easy_cleanup(c->easy);
        c->easy = NULL;
    }
    for (struct curl_slist *h = c->headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data));
    curl_slist_free_all(c->headers);
    curl_slist_free_all(c->pins);
    c->headers = c->pins = NULL;
}
