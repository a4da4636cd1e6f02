/* Arithmetic that gives the same bits on every machine: the C library's exp has variants by
 * processor that differ in the last place, and training must not. */
#include "ngram.h"

#include <string.h>

double number_exp(double x) {
    if (x > 700) x = 700;
    if (x < -700) return 0;
    /* x = k ln 2 + r with |r| at most ln 2 / 2; then the series of e^r. */
    double scaled = x * 1.4426950408889634;
    int64_t k = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    double r = x - (double)k * 0.69314718036912382;
    r -= (double)k * 1.9082149292705877e-10;
    double sum = 1;
    for (int n = 13; n > 0; n--) sum = 1 + sum * r / n;
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

void number_softmax(const double *z, uint32_t n, uint32_t mask, double *p) {
    double top = -1e300, sum = 0;
    for (uint32_t k = 0; k < n; k++)
        if ((mask >> k & 1) && z[k] > top) top = z[k];
    for (uint32_t k = 0; k < n; k++) {
        p[k] = mask >> k & 1 ? number_exp(z[k] - top) : 0;
        sum += p[k];
    }
    for (uint32_t k = 0; k < n && sum > 0; k++) p[k] /= sum;
}

uint64_t number_random(uint64_t *state) {
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}
