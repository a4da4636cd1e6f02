/* The strict check of a request's head, and of its body's framing. Pure: bytes in, verdict out.
 * What two readers could understand differently is refused, never repaired. */
#ifndef GATE_HEAD_H
#define GATE_HEAD_H

#include "base/buf.h"

enum { HEAD_MAX = 16 << 10, HEAD_FIELDS = 64, HEAD_TARGET_MAX = 8 << 10 };

struct head_field {
    struct sori_str name, value; /* as received; value without blanks at its ends */
};

struct head {
    struct sori_str method, target; /* origin form, "/in/blog?x=1" */
    struct sori_str path, query;    /* of the target, still percent-encoded */
    struct head_field fields[HEAD_FIELDS];
    size_t field_count;
    int minor;             /* HTTP/1.minor */
    int64_t length;        /* Content-Length, -1 none */
    bool chunked, expects; /* "Expect: 100-continue" */
    const char *why;       /* what was wrong, where it was refused */
};

/* Reads a head at the front of `in`: its length when it is whole and good; 0 when more bytes are
 * needed; a negative HTTP status when it is refused. Strings point into `in`. */
int head_parse(struct sori_str in, struct head *head);
/* The value of the only field of that name (case ignored); false where there is none or several. */
bool head_only(const struct head *head, const char *name, struct sori_str *value);
size_t head_count(const struct head *head, const char *name);
bool same_word(struct sori_str a, const char *b); /* ASCII case ignored */

/* Percent-decodes once; `plus` turns + into a blank. False at a broken escape or a NUL. */
bool url_decode(struct sori_str in, bool plus, struct buf *out);
/* The decoded value of a form's or query's first field of that name; false where absent. */
bool form_value(struct sori_str form, const char *name, struct buf *out);

/* The body: a length, or strict chunks (no extensions, no trailers). */
struct body {
    bool chunked;
    int state;
    int64_t left; /* of the length, or of this chunk */
    int digits;
};
void body_begin(struct body *b, const struct head *head);
/* Takes bytes off `in` and appends what they carry to `out`: 1 the body is whole (what is left in
 * `in` is not of this request), 0 more is needed, -1 broken framing, -2 longer than `max`. */
int body_take(struct body *b, struct sori_str *in, size_t max, struct buf *out);

#endif
