/* uses: sori_gate sori_base */
/* Heads and bodies of requests, as strangers send them; what is accepted must be unambiguous, and
 * libmicrohttpd must understand it as we do. */
#include "fuzz/fuzz.h"
#include "gate/http.h"
#include "gate/site.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "POST /in/blog/tb/http%3A%2F%2Fa HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\n\r\nhello",
    "POST /in/a?x=1&y=%20+z HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.0\r\nExpect: 100-continue\r\nX: \t y \r\n\r\n", NULL};

static void must(bool holds) {
    if (!holds) abort();
}

static void check_accepted(const struct head *h, struct sori_str raw) {
    must(h->target.len > 0 && h->target.ptr[0] == '/');
    must(h->field_count <= HEAD_FIELDS && raw.len <= HEAD_MAX + 2);
    must(head_count(h, "content-length") + head_count(h, "transfer-encoding") <= 1);
    must(head_count(h, "host") <= 1);
    must(memchr(raw.ptr, 0, raw.len) == NULL);
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] == '\n') must(i > 0 && raw.ptr[i - 1] == '\r');
        if (raw.ptr[i] == '\r') must(i + 1 < raw.len && raw.ptr[i + 1] == '\n');
    }
}

/* However the bytes come in pieces, the body is the same. */
static int take(const struct head *h, struct sori_str in, size_t step, struct buf *out) {
    struct body b;
    int got = 0;
    body_begin(&b, h);
    if (in.len == 0) return body_take(&b, &in, 4096, out);
    for (size_t at = 0; at < in.len && got == 0; at += step) {
        struct sori_str piece = {in.ptr + at, in.len - at < step ? in.len - at : step};
        got = body_take(&b, &piece, 4096, out);
    }
    return got;
}

/* What the check let through, and whether the library's understanding of it came. */
struct told {
    const struct head *head;
    struct sori_str body;
    int calls;
};

static void compare(void *ctx, const struct head *got, struct sori_str body, struct response *a) {
    struct told *told = ctx;
    const struct head *h = told->head;
    size_t n = 0;
    must(str_eq(got->method, h->method) && str_eq(got->target, h->target));
    must(str_eq(got->path, h->path) && str_eq(got->query, h->query));
    must(str_eq(body, told->body));
    for (size_t i = 0; i < h->field_count; i++) {
        if (http_ends_here(h->fields[i].name)) continue;
        must(n < got->field_count && str_eq(got->fields[n].name, h->fields[i].name));
        must(str_eq(got->fields[n].value, h->fields[i].value));
        n++;
    }
    must(n == got->field_count);
    told->calls++;
    response_set(a, 200, "understood");
}

/* One reading of a request: the library's is ours. */
static void check_understood(const struct head *h, struct sori_str body) {
    static struct http *http;
    struct told told = {h, body, 0};
    struct buf out = {0};
    if (!http) http = http_open("fuzz", compare);
    http_answer(http_hand(http, h, body, &told), &out);
    must(told.calls == 1);
    must(str_starts(buf_view(&out), SORI_STR("HTTP/1.1 200 OK\r\n")));
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sori_str in = {(const char *)data, size};
    struct head h;
    struct buf whole = {0}, pieces = {0};
    int n = head_parse(in, &h);
    if (n > 0) {
        struct sori_str rest = {in.ptr + n, in.len - (size_t)n};
        check_accepted(&h, (struct sori_str){in.ptr, (size_t)n});
        int a = take(&h, rest, size + 1, &whole), b = take(&h, rest, 1, &pieces);
        must(a == b || a == -2 || b == -2);
        if (a == 1) must(str_eq(buf_view(&whole), buf_view(&pieces)));
        if (a == 1) check_understood(&h, buf_view(&whole));
        buf_clear(&whole);
        form_value(h.query, "x", &whole);
        site_holds(SORI_STR("http://a/b"), h.path);
    }
    buf_clear(&whole);
    url_decode(in, true, &whole);
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
