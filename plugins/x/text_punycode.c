/* How long a label is in the DNS: RFC 3492, counting instead of writing. X counts labels that ICU
 * would refuse to write, such as one that begins with a mark. */
#include "text_parts.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72 };

static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE) delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* Digits of `delta` as a number whose digits have growing weights. */
static size_t digits(uint32_t delta, uint32_t bias) {
    size_t n = 1;
    for (uint32_t k = BASE;; k += BASE, n++) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (delta < t) return n;
        delta = (delta - t) / (BASE - t);
    }
}

static uint32_t next_code(const uint32_t *c, size_t n, uint32_t least) {
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < n; i++)
        if (c[i] >= least && c[i] < next) next = c[i];
    return next;
}

size_t punycode_length(const uint32_t *c, size_t n) {
    size_t len = 0;
    if (n > LABEL_BYTES) return n; /* every character takes at least one byte */
    for (size_t i = 0; i < n; i++) len += c[i] < 0x80;
    size_t basic = len, done = len;
    if (basic == n) return n;
    len += basic > 0;
    /* At most 63 code points up to U+10FFFF: the deltas fit 32 bits. */
    uint32_t code = 0x80, delta = 0, bias = FIRST_BIAS;
    while (done < n) {
        uint32_t next = next_code(c, n, code);
        delta += (next - code) * (uint32_t)(done + 1);
        for (size_t i = 0; i < n; i++) {
            delta += c[i] < next;
            if (c[i] != next) continue;
            len += digits(delta, bias);
            bias = adapt(delta, (uint32_t)done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        code = next + 1;
    }
    return len + 4; /* xn-- */
}
