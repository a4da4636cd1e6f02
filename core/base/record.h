/* Tagged fields: the form of everything between our own processes, of facts, of journal bodies
 * and of configuration. A record is a run of fields; a field is a varint key (tag << 2 | type) and
 * an integer (zigzag varint), a counted run of bytes, or a counted nested record. Unknown tags are
 * skipped, so old readers live with new writers. The reader is total: any bytes end or fail. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include "base/buf.h"

enum rec_type { REC_INT = 0, REC_STR = 1, REC_REC = 2 };

struct rec_field {
    uint32_t tag;
    enum rec_type type;
    int64_t i;         /* REC_INT */
    struct sori_str s; /* REC_STR, REC_REC: borrowed from the record */
};

void rec_int(struct buf *b, uint32_t tag, int64_t value);
void rec_str(struct buf *b, uint32_t tag, struct sori_str value);
void rec_rec(struct buf *b, uint32_t tag, struct sori_str record);
/* The same, written only where the value is not 0 or empty. */
void rec_int_opt(struct buf *b, uint32_t tag, int64_t value);
void rec_str_opt(struct buf *b, uint32_t tag, struct sori_str value);
/* A nested record written in place: everything put between begin and end is inside. */
size_t rec_begin(struct buf *b, uint32_t tag);
void rec_end(struct buf *b, size_t mark);

/* Takes the next field off the front of `*record`: 1 a field, 0 the end, -1 broken. */
int rec_next(struct sori_str *record, struct rec_field *field);

/* The first field of that tag and type, or the fallback. */
int64_t rec_get_int(struct sori_str record, uint32_t tag, int64_t fallback);
struct sori_str rec_get_str(struct sori_str record, uint32_t tag);
struct sori_str rec_get_rec(struct sori_str record, uint32_t tag);
/* True when the whole record, nested ones to `depth` included, can be read. */
bool rec_valid(struct sori_str record, unsigned depth);

#endif
