/* XML-RPC calls as Pingback sends them: a reader of its own, small enough to be read, that knows no
 * DOCTYPE, no entities but the five of XML and numbers, and no memory beyond the body. */
#ifndef GATE_XMLRPC_H
#define GATE_XMLRPC_H

#include "base/buf.h"

enum { XMLRPC_BODY_MAX = 8 << 10, XMLRPC_PARAMS = 4 };

struct xmlrpc_call {
    struct buf method;
    struct buf param[XMLRPC_PARAMS];
    bool is_string[XMLRPC_PARAMS];
    size_t count; /* of params, also those beyond XMLRPC_PARAMS */
};

/* True when `body` is a whole methodCall. Free the call in any case. */
bool xmlrpc_read(struct sori_str body, struct xmlrpc_call *call);
void xmlrpc_free(struct xmlrpc_call *call);
void xmlrpc_answer(struct buf *out, const char *text);
void xmlrpc_fault(struct buf *out, int code, const char *text);
/* Appends `text` with & < > " escaped. */
void xml_escape(struct buf *out, const char *text);

#endif
