#include "net/call.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum { HEADERS_MAX = 256 * 1024, HTTP_OK = 200 };

static struct sori_str trim(struct sori_str s) {
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1])) s.len--;
    while (s.len && (*s.ptr == ' ' || *s.ptr == '\t')) {
        s.ptr++;
        s.len--;
    }
    return s;
}

static void hide(struct call *c, struct buf *text) {
    credential_hide(&c->credential, text->data, text->len);
}

static void put_header(struct call *c, struct sori_str line, size_t colon) {
    struct buf name = {0}, value = {0}, *to = &c->answer.headers;
    for (size_t i = 0; i < colon; i++) {
        char one = line.ptr[i];
        buf_putc(&name, one >= 'A' && one <= 'Z' ? (char)(one - 'A' + 'a') : one);
    }
    buf_str(&value, trim((struct sori_str){line.ptr + colon + 1, line.len - colon - 1}));
    hide(c, &name);
    hide(c, &value);
    size_t mark = rec_begin(to, ANS_HEADER);
    rec_str(to, PAIR_NAME, trim(buf_view(&name)));
    rec_str(to, PAIR_VALUE, buf_view(&value));
    rec_end(to, mark);
    buf_free(&name);
    buf_free(&value);
}

size_t answer_header(char *bytes, size_t size, size_t n, void *call) {
    struct call *c = call;
    struct answer *a = &c->answer;
    struct sori_str line = {bytes, size * n};
    a->header_bytes += line.len;
    if (a->header_bytes > HEADERS_MAX) {
        a->headers_too_long = true;
        return 0;
    }
    /* A status line begins a new head: an interim answer (100, 103) came before. */
    if (str_starts(line, SORI_STR("HTTP/"))) {
        buf_clear(&a->headers);
        return line.len;
    }
    if (c->taker.take && (str_is(line, "\r\n") || str_is(line, "\n"))) {
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &a->http_status);
        if (a->http_status == HTTP_OK) c->taker.opened(c->taker.ctx);
    }
    const char *colon = memchr(line.ptr, ':', line.len);
    if (colon && line.ptr[0] != ' ' && line.ptr[0] != '\t')
        put_header(c, line, (size_t)(colon - line.ptr));
    return line.len;
}

/* Counts what was decoded, so that a small compressed answer cannot become a large one. */
size_t answer_body(char *bytes, size_t size, size_t n, void *call) {
    struct call *c = call;
    struct answer *a = &c->answer;
    size_t len = size * n;
    if (c->taker.take && a->http_status == HTTP_OK)
        return c->taker.take(c->taker.ctx, c, bytes, len) ? len : 0;
    size_t room = c->max_body - a->body.len;
    buf_put(&a->body, bytes, len < room ? len : room);
    if (len <= room) return len;
    a->truncated = true;
    return 0;
}

void answer_clear(struct answer *a) {
    buf_free(&a->headers);
    buf_free(&a->body);
    *a = (struct answer){0};
}

void answer_write(struct call *c, struct buf *record) {
    struct answer *a = &c->answer;
    credential_hide(&c->credential, c->err.text, strlen(c->err.text));
    hide(c, &a->body);
    rec_int(record, ANS_STATUS, a->http_status);
    struct buf url = {0};
    buf_puts(&url, c->target.url ? c->target.url : "");
    hide(c, &url);
    rec_str_opt(record, ANS_URL, buf_view(&url));
    buf_free(&url);
    buf_put(record, a->headers.data, a->headers.len);
    rec_str_opt(record, ANS_BODY, buf_view(&a->body));
    rec_int_opt(record, ANS_TRUNCATED, a->truncated);
    rec_str_opt(record, ANS_WHY, str_c(c->err.text));
    rec_int_opt(record, ANS_SENT, c->sent);
    rec_int_opt(record, ANS_RETRY_AT, a->retry_at);
    rec_int_opt(record, ANS_TOKEN_UNTIL, c->credential.until);
}
