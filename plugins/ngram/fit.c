/* Training: softmax regression by AdaGrad, one row after the other in a seeded order, on one
 * thread, so that the same seed gives the same bytes. */
#include "ngram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 4 }; /* labels are handled by fours, which the compiler turns into vectors */

/* Weights and sums of squared gradients of all labels, side by side a bucket. */
struct state {
    float *cell;
    uint32_t lanes;
    float bias[NGRAM_CLASSES], bias_sum[NGRAM_CLASSES];
};

static float *cell(const struct state *s, uint32_t bucket) {
    return s->cell + (size_t)bucket * s->lanes * 2;
}

static void shuffle(uint32_t *order, size_t n, uint64_t *seed) {
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(number_random(seed) % i);
        uint32_t keep = order[i - 1];
        order[i - 1] = order[j];
        order[j] = keep;
    }
}

static inline void add4(float *z, const float *w) {
    for (int k = 0; k < LANES; k++) z[k] += w[k];
}

static inline void step4(float *w, float *sum, const float *g, float rate) {
    for (int k = 0; k < LANES; k++) {
        sum[k] += g[k] * g[k];
        w[k] -= rate * g[k] / sqrtf(sum[k] + 1e-10f);
    }
}

static void learn(struct state *s, const struct corpus *c, const struct row *row, float rate) {
    const uint32_t *bucket = c->bucket + row->first;
    float z[NGRAM_CLASSES] = {0}, g[NGRAM_CLASSES] = {0};
    for (uint32_t i = 0; i < row->features; i++) {
        if (i + 8 < row->features) __builtin_prefetch(cell(s, bucket[i + 8]), 1);
        const float *w = cell(s, bucket[i]);
        for (uint32_t k = 0; k < s->lanes; k += LANES) add4(z + k, w + k);
    }
    float part = 1 / sqrtf((float)row->features);
    double score[NGRAM_CLASSES], p[NGRAM_CLASSES];
    for (uint32_t k = 0; k < c->classes; k++) score[k] = (double)(z[k] * part + s->bias[k]);
    uint32_t mask = c->mask[row->set];
    number_softmax(score, c->classes, mask, p);
    for (uint32_t k = 0; k < c->classes; k++) {
        if (!(mask >> k & 1)) continue;
        float wanted = k == row->label ? 1 : 0, by = ((float)p[k] - wanted) * row->weight;
        s->bias_sum[k] += by * by;
        s->bias[k] -= rate * by / sqrtf(s->bias_sum[k] + 1e-10f);
        g[k] = by * part;
    }
    for (uint32_t i = 0; i < row->features; i++) {
        if (i + 8 < row->features) __builtin_prefetch(cell(s, bucket[i + 8]), 1);
        float *w = cell(s, bucket[i]);
        for (uint32_t k = 0; k < s->lanes; k += LANES) step4(w + k, w + s->lanes + k, g + k, rate);
    }
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The largest weight that keeps its size: the few beyond it are clipped, so that the many below
 * are not crushed into a handful of steps. */
static float clip_at(const struct state *s, const struct corpus *c, uint32_t k, float *work) {
    size_t n = 0;
    for (uint32_t b = 0; b < c->spec.buckets; b++) {
        const float *w = cell(s, b);
        float v = fabsf(w[k] - w[c->classes - 1]);
        if (v > 0) work[n++] = v;
    }
    if (n == 0) return 1;
    qsort(work, n, sizeof *work, by_size);
    return work[n - 1 - n / 10000];
}

static void quantise(const struct state *s, const struct corpus *c, struct model *m, int8_t *table,
                     float *work) {
    uint32_t last = c->classes - 1;
    for (uint32_t k = 0; k < last; k++) {
        float top = clip_at(s, c, k, work);
        m->scale[k] = (double)top / 127;
        m->bias[k] = (double)s->bias[k] - (double)s->bias[last];
        for (uint32_t b = 0; b < c->spec.buckets; b++) {
            const float *w = cell(s, b);
            double q = (double)(w[k] - w[last]) / m->scale[k];
            q = q < -127 ? -127 : q > 127 ? 127 : q;
            table[(size_t)b * last + k] = (int8_t)(q < 0 ? q - 0.5 : q + 0.5);
        }
    }
}

bool fit_run(const struct corpus *c, const struct fit *fit, struct model *m, int8_t *table,
             bool (*epoch)(void *ctx, uint32_t done), void *ctx) {
    struct state s = {.lanes = (c->classes + LANES - 1) / LANES * LANES};
    s.cell = calloc((size_t)c->spec.buckets * s.lanes * 2, sizeof *s.cell);
    uint32_t *order = malloc((c->rows + 1) * sizeof *order);
    bool going = s.cell && order;
    size_t n = 0;
    for (size_t i = 0; going && i < c->rows; i++)
        if (fit->all || !c->row[i].dev) order[n++] = (uint32_t)i;
    uint64_t seed = fit->seed;
    for (uint32_t e = 0; going && e < fit->epochs; e++) {
        shuffle(order, n, &seed);
        for (size_t i = 0; i < n; i++) learn(&s, c, &c->row[order[i]], fit->rate);
        going = epoch(ctx, e + 1);
    }
    free(order);
    float *work = going ? malloc(c->spec.buckets * sizeof *work) : NULL;
    if (work) quantise(&s, c, m, table, work);
    free(work);
    free(s.cell);
    return work != NULL;
}
