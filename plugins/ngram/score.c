/* The hot path: one text to one probability for every label, without allocating. */
#include "ngram.h"

#include <math.h>

void score_logits(const struct model *m, const int64_t *sum, size_t features, double *z) {
    double part = features > 0 ? 1 / sqrt((double)features) : 0;
    for (uint32_t k = 0; k < m->columns; k++) {
        double raw = (double)sum[k] * m->scale[k] * part + m->bias[k];
        z[k] = raw * m->slope[k] + m->shift[k];
    }
    z[m->columns] = 0;
}

/* A text too short to be judged is never sure of anything, whoever looks at its numbers: they are
 * drawn towards even until the largest lies under the floor. The order stays. */
static void unsure(const struct model *m, double *p) {
    double top = 0, even = 1 / (double)m->classes, under = m->floor - 0.0002;
    for (uint32_t k = 0; k < m->classes; k++) top = p[k] > top ? p[k] : top;
    if (top <= under || top <= even) return;
    double keep = under > even ? (under - even) / (top - even) : 0;
    for (uint32_t k = 0; k < m->classes; k++) p[k] = even + (p[k] - even) * keep;
}

static inline void add_rows(const struct model *m, const uint32_t *bucket, size_t n, int64_t *sum) {
    const int8_t *table = m->table;
    uint32_t columns = m->columns;
    if (columns == 2) {
        int32_t a = 0, b = 0;
        for (size_t i = 0; i < n; i++) {
            const int8_t *row = table + (size_t)bucket[i] * 2;
            a += row[0];
            b += row[1];
        }
        sum[0] += a;
        sum[1] += b;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = table + (size_t)bucket[i] * columns;
        for (uint32_t k = 0; k < columns; k++) sum[k] += row[k];
    }
}

enum sori_score_status score_text(const struct model *m, struct norm *norm, struct sori_str text,
                                  double *p) {
    norm_text(norm, text);
    struct walk walk;
    walk_begin(&walk, &m->spec, norm, m->table, m->columns);
    uint32_t bucket[NGRAM_BLOCK];
    int64_t sum[NGRAM_CLASSES] = {0};
    size_t features = 0;
    for (size_t n; (n = walk_next(&walk, bucket, NULL)) > 0; features += n)
        add_rows(m, bucket, n, sum);
    double z[NGRAM_CLASSES], top = 0;
    score_logits(m, sum, features, z);
    number_softmax(z, m->classes, (1u << m->classes) - 1, p);
    if (norm->usable < NGRAM_USABLE) {
        unsure(m, p);
        return SORI_SCORE_ABSTAIN;
    }
    for (uint32_t k = 0; k < m->classes; k++) top = p[k] > top ? p[k] : top;
    return top < m->floor ? SORI_SCORE_ABSTAIN : SORI_SCORE_OK;
}
