#include "gate/http.h"

#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    /* The longest head that is let through, what the library notes of its fields and parameters,
     * and an answer. A larger pool would be mapped anew for each request, which is slow. */
    POOL_BYTES = 32 << 10,
    READ_BYTES = 4 << 10,
    IDLE_RUNS = 8 /* runs without a byte moved, after which nothing will move */
};

struct http {
    struct MHD_Daemon *daemon;
    http_handler *handler;
    const char *area;
    struct exchange *handing; /* whose first line the library reads next */
};

struct exchange {
    struct http *http;
    struct MHD_Connection *connection;
    void *ctx;
    struct buf target, body;
    struct response answer;
    bool begun, asked, done;
    int fd, theirs; /* our end, and the library's, which it closes */
};

/* ---- what the library calls ---- */

static void on_panic(void *cls, const char *file, unsigned line, const char *reason) {
    (void)cls;
    log_line(LOG_ERROR, "http", "libmicrohttpd found itself broken at %s:%u: %s", file, line,
             reason ? reason : "no reason given");
    abort();
}

/* The path stays as it was sent: what is percent-encoded in it is decoded once, by its reader. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *text) {
    (void)cls;
    (void)connection;
    return strlen(text);
}

/* The whole target, before the library takes it apart; the result is the request's own pointer. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection) {
    struct exchange *x = ((struct http *)cls)->handing;
    x->connection = connection;
    buf_puts(&x->target, target);
    return x;
}

bool http_ends_here(struct sori_str name) {
    static const char *const list[] = {
        "connection", "keep-alive", "proxy-connection", "te",     "trailer", "transfer-encoding",
        "upgrade",    "expect",     "content-length",   "cookie", NULL};
    for (int i = 0; list[i]; i++)
        if (same_word(name, list[i])) return true;
    return false;
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                size_t name_len, const char *value, size_t value_len) {
    struct head *head = cls;
    struct head_field field = {{name, name_len}, {value ? value : "", value_len}};
    (void)kind;
    if (http_ends_here(field.name)) return MHD_YES;
    if (head->field_count == HEAD_FIELDS) return MHD_NO;
    head->fields[head->field_count++] = field;
    return MHD_YES;
}

static void ask(struct exchange *x, const char *method) {
    struct head head = {.method = str_c(method), .target = buf_view(&x->target), .minor = 1};
    struct sori_str t = head.target;
    const char *question = t.len ? memchr(t.ptr, '?', t.len) : NULL;
    head.path = (struct sori_str){t.ptr, question ? (size_t)(question - t.ptr) : t.len};
    if (question) head.query = (struct sori_str){question + 1, t.len - head.path.len - 1};
    head.length = (int64_t)x->body.len;
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_field, &head);
    x->asked = true;
    x->http->handler(x->ctx, &head, buf_view(&x->body), &x->answer);
    buf_free(&x->body);
}

static enum MHD_Result queue(struct exchange *x) {
    struct response *a = &x->answer;
    struct MHD_Response *r =
        MHD_create_response_from_buffer(a->body.len, a->body.data, MHD_RESPMEM_PERSISTENT);
    SORI_ASSERT(r);
    enum MHD_Result ok = MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    if (ok) ok = MHD_add_response_header(r, "Cache-Control", "no-store");
    if (ok && a->type) ok = MHD_add_response_header(r, "Content-Type", a->type);
    if (ok && a->field) ok = MHD_add_response_header(r, a->field, a->value.data);
    if (ok) ok = MHD_queue_response(x->connection, (unsigned)a->status, r);
    MHD_destroy_response(r);
    return ok;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **ctx,
                          enum MHD_ConnectionNotificationCode what) {
    const struct http *h = cls;
    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) *ctx = h->handing;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) ((struct exchange *)*ctx)->done = true;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **ctx) {
    struct exchange *x = *ctx;
    (void)cls;
    (void)url;
    (void)version;
    if (!x->begun) { /* the head alone */
        x->begun = true;
        return MHD_YES;
    }
    if (*upload_len) {
        buf_put(&x->body, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    if (!x->asked) {
        ask(x, method);
        if (x->answer.keep) {
            MHD_suspend_connection(connection);
            return MHD_YES;
        }
    }
    return queue(x);
}

/* ---- what we call ---- */

/* The library's own log stays off: of every request it would say that a socketpair has no options
 * of TCP. What it does not answer is logged below. */
struct http *http_open(const char *area, http_handler *handler) {
    struct http *h = mem_get(sizeof *h);
    h->area = area;
    h->handler = handler;
    MHD_set_panic_func(on_panic, NULL);
    h->daemon = MHD_start_daemon(
        MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, h,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape,
        NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_END);
    SORI_ASSERT(h->daemon);
    return h;
}

void http_close(struct http *h) {
    MHD_stop_daemon(h->daemon);
    free(h);
}

static void put_head(const struct head *head, size_t body, struct buf *out) {
    buf_printf(out, "%.*s %.*s HTTP/1.%d\r\n", STR(head->method), STR(head->target), head->minor);
    for (size_t i = 0; i < head->field_count; i++) {
        if (http_ends_here(head->fields[i].name)) continue;
        buf_str(out, head->fields[i].name);
        buf_puts(out, ": ");
        buf_str(out, head->fields[i].value);
        buf_puts(out, "\r\n");
    }
    buf_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", body);
}

/* Nothing is waited for: the only connection that is not suspended is this one, and what it may do
 * is known without asking the kernel. */
static void run(struct exchange *x) {
    fd_set in, out, except;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&except);
    if (!x->asked || x->fd < 0) FD_SET(x->theirs, &in);
    FD_SET(x->theirs, &out);
    MHD_run_from_select(x->http->daemon, &in, &out, &except);
}

static void feed(struct exchange *x, struct sori_str head, struct sori_str body) {
    struct iovec part[2] = {{(void *)(uintptr_t)head.ptr, head.len},
                            {(void *)(uintptr_t)body.ptr, body.len}};
    struct msghdr msg = {.msg_iov = part, .msg_iovlen = 2};
    for (int idle = 0; part[0].iov_len + part[1].iov_len > 0 && idle < IDLE_RUNS; idle++) {
        ssize_t n = sendmsg(x->fd, &msg, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) return; /* its answer says why it closed */
        for (int i = 0; i < 2 && n > 0; i++) {
            size_t sent = (size_t)n < part[i].iov_len ? (size_t)n : part[i].iov_len;
            part[i].iov_base = (char *)part[i].iov_base + sent;
            part[i].iov_len -= sent;
            n -= (ssize_t)sent;
            idle = 0;
        }
        if (!x->done) run(x);
    }
}

struct exchange *http_hand(struct http *h, const struct head *head, struct sori_str body,
                           void *ctx) {
    struct exchange *x = mem_get(sizeof *x);
    struct buf plain = {0};
    int pair[2];
    *x = (struct exchange){.http = h, .ctx = ctx, .fd = -1, .done = true};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        log_line(LOG_ERROR, h->area, "no socket for a request: %s", strerror(errno));
        return x;
    }
    x->fd = pair[0];
    x->theirs = pair[1];
    h->handing = x;
    /* The library closes its end also where it refuses it. */
    x->done = !MHD_add_connection(h->daemon, pair[1], NULL, 0);
    put_head(head, body.len, &plain);
    if (!x->done) feed(x, buf_view(&plain), body);
    for (int idle = 0; idle < IDLE_RUNS && !x->asked && !x->done; idle++) {
        size_t before = x->body.len;
        run(x);
        if (x->body.len > before) idle = 0;
    }
    h->handing = NULL;
    buf_free(&plain);
    return x;
}

static bool drain(struct exchange *x, struct buf *out) {
    size_t before = out->len;
    ssize_t n;
    do {
        n = recv(x->fd, buf_room(out, READ_BYTES), READ_BYTES, 0);
        if (n > 0) out->len += (size_t)n;
    } while (n == READ_BYTES || (n < 0 && errno == EINTR));
    return out->len > before;
}

void http_answer(struct exchange *x, struct buf *out) {
    if (x->asked && x->answer.keep) MHD_resume_connection(x->connection);
    bool more = x->fd >= 0;
    while (more) {
        for (int i = 0; i < IDLE_RUNS && !x->done; i++) run(x);
        more = drain(x, out) && !x->done;
    }
    if (x->fd >= 0) close(x->fd);
    x->fd = -1;
    for (int i = 0; i < IDLE_RUNS && !x->done; i++) run(x); /* it sees that nobody listens */
    SORI_ASSERT(x->done);
    if (out->len == 0) {
        struct response a = {0};
        log_line(LOG_ERROR, x->http->area, "libmicrohttpd did not answer a request");
        response_set(&a, 503, "This could not be served; please send it again later.");
        response_refusal(&a, true, out);
        response_free(&a);
    }
    response_free(&x->answer);
    buf_free(&x->target);
    buf_free(&x->body);
    free(x);
}
