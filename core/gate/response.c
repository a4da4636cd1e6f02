#include "gate/response.h"

#include <microhttpd.h>

void response_set(struct response *a, int status, const char *text) {
    a->status = status;
    buf_clear(&a->body);
    a->type = NULL;
    if (!text) return;
    a->type = "text/plain; charset=utf-8";
    buf_puts(&a->body, text);
    buf_putc(&a->body, '\n');
}

void response_field(struct response *a, const char *name, struct sori_str value) {
    a->field = name;
    buf_clear(&a->value);
    buf_str(&a->value, value);
}

void response_free(struct response *a) {
    buf_free(&a->body);
    buf_free(&a->value);
}

void response_refusal(const struct response *a, bool with_body, struct buf *out) {
    buf_printf(out, "HTTP/1.1 %d %s\r\n", a->status,
               MHD_get_reason_phrase_for((unsigned)a->status));
    if (a->type) buf_printf(out, "Content-Type: %s\r\n", a->type);
    if (a->field) buf_printf(out, "%s: %.*s\r\n", a->field, STR(buf_view(&a->value)));
    buf_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", a->body.len);
    if (with_body) buf_str(out, buf_view(&a->body));
}
