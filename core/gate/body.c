/* The framing of a body. */
#include "gate/head.h"

enum { PLAIN, SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, LAST_CR, LAST_LF, WHOLE };

void body_begin(struct body *b, const struct head *head) {
    *b = (struct body){.chunked = head->chunked};
    if (head->chunked) {
        b->state = SIZE;
    } else {
        b->left = head->length < 0 ? 0 : head->length;
        b->state = b->left ? PLAIN : WHOLE;
    }
}

static void take_data(struct body *b, struct sori_str *in, struct buf *out) {
    size_t n = (int64_t)in->len < b->left ? in->len : (size_t)b->left;
    buf_put(out, in->ptr, n);
    in->ptr += n;
    in->len -= n;
    b->left -= (int64_t)n;
}

/* One byte of framing; false where it is not the one that must stand there. */
static bool step(struct body *b, char c) {
    int lower = c | 32;
    switch (b->state) {
    case SIZE:
        if (c == '\r') {
            b->state = SIZE_LF;
            return b->digits > 0;
        }
        if (++b->digits > 8) return false;
        if (c >= '0' && c <= '9')
            b->left = b->left * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            b->left = b->left * 16 + (lower - 'a' + 10);
        else
            return false;
        return true;
    case SIZE_LF: b->state = b->left ? DATA : LAST_CR; return c == '\n';
    case DATA_CR: b->state = DATA_LF; return c == '\r';
    case DATA_LF:
        b->state = SIZE;
        b->digits = 0;
        b->left = 0;
        return c == '\n';
    case LAST_CR: b->state = LAST_LF; return c == '\r';
    case LAST_LF: b->state = WHOLE; return c == '\n';
    default: return false;
    }
}

int body_take(struct body *b, struct sori_str *in, size_t max, struct buf *out) {
    while (b->state != WHOLE) {
        if ((b->state == PLAIN || b->state == DATA) && (uint64_t)b->left > max - out->len)
            return -2;
        if (in->len == 0) return 0;
        if (b->state == PLAIN || b->state == DATA) {
            take_data(b, in, out);
            if (b->left == 0) b->state = b->state == PLAIN ? WHOLE : DATA_CR;
            continue;
        }
        if (!step(b, *in->ptr)) return -1;
        in->ptr++;
        in->len--;
    }
    return 1;
}
