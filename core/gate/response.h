/* An answer to a request, before it has bytes. */
#ifndef GATE_RESPONSE_H
#define GATE_RESPONSE_H

#include "base/buf.h"

struct response {
    int status;
    const char *type; /* Content-Type, NULL none */
    struct buf body;
    const char *field; /* a further head field, NULL none */
    struct buf value;  /* of that field */
    bool keep;         /* durable first, then answered */
};
/* A status and, where `text` is not NULL, a line of plain text. */
void response_set(struct response *a, int status, const char *text);
void response_field(struct response *a, const char *name, struct sori_str value);
void response_free(struct response *a);
/* The bytes of an answer to what must not reach the library, because it was refused. */
void response_refusal(const struct response *a, bool with_body, struct buf *out);

#endif
