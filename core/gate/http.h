/* libmicrohttpd, behind the check: it is handed complete requests that head.c and body.c have
 * accepted, one on each connection, in one plain form, and nothing else ever. It runs when it is
 * called and never by itself, has no thread, and listens nowhere. */
#ifndef GATE_HTTP_H
#define GATE_HTTP_H

#include "gate/head.h"
#include "gate/response.h"

struct http;
/* Makes the answer to a request as the library understood it. With answer->keep it goes out only
 * when http_answer asks for it. `ctx` is what http_hand was given; the rest is borrowed. */
typedef void http_handler(void *ctx, const struct head *head, struct sori_str body,
                          struct response *answer);
/* Opens no socket but an eventfd. Call it before the fence closes. */
struct http *http_open(const char *area, http_handler *handler);
void http_close(struct http *h);

/* Hands on one accepted request; its handler has been called when this returns. Every exchange is
 * ended by http_answer. */
struct exchange *http_hand(struct http *h, const struct head *head, struct sori_str body,
                           void *ctx);
/* Takes the answer's bytes. Frees the exchange. */
void http_answer(struct exchange *x, struct buf *out);
/* Fields that are not handed on: about the connection and the framing, and cookies, which nobody
 * reads. */
bool http_ends_here(struct sori_str field_name);

#endif
