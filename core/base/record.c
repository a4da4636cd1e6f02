#include "base/record.h"

static void put_varint(struct buf *b, uint64_t v) {
    char *to = buf_room(b, 10);
    size_t n = 0;
    while (v >= 0x80) {
        to[n++] = (char)(v | 0x80);
        v >>= 7;
    }
    to[n++] = (char)v;
    b->len += n;
    b->data[b->len] = 0;
}

static bool get_varint(struct sori_str *in, uint64_t *out) {
    uint64_t v = 0;
    if (in->len && !((uint8_t)*in->ptr & 0x80)) { /* nearly all are one byte */
        *out = (uint8_t)*in->ptr++;
        in->len--;
        return true;
    }
    for (size_t n = 0; n < in->len && n < 10; n++) {
        uint8_t byte = (uint8_t)in->ptr[n];
        if (n == 9 && byte > 1) return false;
        v |= (uint64_t)(byte & 0x7f) << (7 * n);
        if (!(byte & 0x80)) {
            in->ptr += n + 1;
            in->len -= n + 1;
            *out = v;
            return true;
        }
    }
    return false;
}

static void put_key(struct buf *b, uint32_t tag, enum rec_type type) {
    put_varint(b, (uint64_t)tag << 2 | (uint64_t)type);
}

void rec_int(struct buf *b, uint32_t tag, int64_t value) {
    put_key(b, tag, REC_INT);
    put_varint(b, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void put_bytes(struct buf *b, uint32_t tag, enum rec_type type, struct sori_str value) {
    put_key(b, tag, type);
    put_varint(b, value.len);
    buf_put(b, value.ptr, value.len);
}

void rec_str(struct buf *b, uint32_t tag, struct sori_str value) {
    put_bytes(b, tag, REC_STR, value);
}

void rec_rec(struct buf *b, uint32_t tag, struct sori_str record) {
    put_bytes(b, tag, REC_REC, record);
}

void rec_int_opt(struct buf *b, uint32_t tag, int64_t value) {
    if (value) rec_int(b, tag, value);
}

void rec_str_opt(struct buf *b, uint32_t tag, struct sori_str value) {
    if (value.len) rec_str(b, tag, value);
}

size_t rec_begin(struct buf *b, uint32_t tag) {
    put_key(b, tag, REC_REC);
    return b->len;
}

/* The length goes in front of what was written since; the move is short for the small records
 * that nest here, and canonical: the same fields always give the same bytes. */
void rec_end(struct buf *b, size_t mark) {
    size_t len = b->len - mark;
    size_t head = 1;
    for (uint64_t v = len; v >= 0x80; v >>= 7) head++;
    buf_room(b, head);
    memmove(b->data + mark + head, b->data + mark, len);
    char first = b->data[mark + head]; /* where put_varint writes its final NUL */
    b->len = mark;
    put_varint(b, len);
    b->data[mark + head] = first;
    b->len = mark + head + len;
    b->data[b->len] = 0;
}

int rec_next(struct sori_str *record, struct rec_field *field) {
    if (record->len == 0) return 0;
    uint64_t key, value;
    if (!get_varint(record, &key) || !get_varint(record, &value)) return -1;
    if (key >> 2 > UINT32_MAX || (key & 3) > REC_REC) return -1;
    *field = (struct rec_field){.tag = (uint32_t)(key >> 2), .type = (enum rec_type)(key & 3)};
    if (field->type == REC_INT) {
        field->i = (int64_t)((value >> 1) ^ (0 - (value & 1)));
        return 1;
    }
    if (value > record->len) return -1;
    field->s = (struct sori_str){record->ptr, (size_t)value};
    record->ptr += value;
    record->len -= (size_t)value;
    return 1;
}

static bool find(struct sori_str record, uint32_t tag, enum rec_type type, struct rec_field *out) {
    while (rec_next(&record, out) == 1)
        if (out->tag == tag && out->type == type) return true;
    return false;
}

int64_t rec_get_int(struct sori_str record, uint32_t tag, int64_t fallback) {
    struct rec_field f;
    return find(record, tag, REC_INT, &f) ? f.i : fallback;
}

struct sori_str rec_get_str(struct sori_str record, uint32_t tag) {
    struct rec_field f;
    return find(record, tag, REC_STR, &f) ? f.s : (struct sori_str){0};
}

struct sori_str rec_get_rec(struct sori_str record, uint32_t tag) {
    struct rec_field f;
    return find(record, tag, REC_REC, &f) ? f.s : (struct sori_str){0};
}

bool rec_valid(struct sori_str record, unsigned depth) {
    struct rec_field f;
    int more;
    while ((more = rec_next(&record, &f)) == 1)
        if (f.type == REC_REC && (depth == 0 || !rec_valid(f.s, depth - 1))) return false;
    return more == 0;
}
