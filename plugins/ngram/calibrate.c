/* Turning scores into probabilities that mean what they say: a slope and a shift for each column,
 * fitted to rows that training did not see. */
#include "ngram.h"

#include <stdlib.h>

struct seen {
    double z[NGRAM_CLASSES];
    uint32_t label, mask;
    double weight; /* at most 1: a set that counts more in training is not surer for that */
    uint32_t set;
};

static size_t collect(const struct corpus *c, const struct model *m, struct seen *out) {
    size_t n = 0;
    for (size_t i = 0; i < c->rows; i++) {
        const struct row *row = &c->row[i];
        if (!row->dev) continue;
        int64_t sum[NGRAM_CLASSES] = {0};
        for (uint32_t f = 0; f < row->features; f++)
            for (uint32_t k = 0; k < m->columns; k++)
                sum[k] += m->table[(size_t)c->bucket[row->first + f] * m->columns + k];
        struct seen *s = &out[n++];
        *s = (struct seen){.label = row->label,
                           .mask = c->mask[row->set],
                           .weight = row->weight < 1 ? (double)row->weight : 1,
                           .set = row->set};
        score_logits(m, sum, row->features, s->z);
    }
    return n;
}

static void chances(const struct model *m, const struct seen *s, uint32_t mask, double *p) {
    double z[NGRAM_CLASSES];
    for (uint32_t k = 0; k < m->columns; k++) z[k] = s->z[k] * m->slope[k] + m->shift[k];
    z[m->columns] = 0;
    number_softmax(z, m->classes, mask, p);
}

/* One Newton step on one number of the (convex) loss. A little pull towards 1 and 0 keeps labels
 * that few rows speak of from running away. */
static void step(struct model *m, const struct seen *seen, size_t n, uint32_t k, bool slope) {
    double first = slope ? m->slope[k] - 1 : m->shift[k], second = 1, p[NGRAM_CLASSES];
    for (size_t i = 0; i < n; i++) {
        if (!(seen[i].mask >> k & 1)) continue;
        chances(m, &seen[i], seen[i].mask, p);
        double by = slope ? seen[i].z[k] : 1;
        first += seen[i].weight * (p[k] - (seen[i].label == k ? 1 : 0)) * by;
        second += seen[i].weight * p[k] * (1 - p[k]) * by * by;
    }
    double move = first / second;
    *(slope ? &m->slope[k] : &m->shift[k]) -= move > 0.5 ? 0.5 : move < -0.5 ? -0.5 : move;
}

static void measure(const struct model *m, const struct seen *seen, size_t n,
                    struct measured *out) {
    double sure[10] = {0}, p[NGRAM_CLASSES];
    size_t right[10] = {0}, all = 0;
    for (size_t i = 0; i < n; i++) {
        chances(m, &seen[i], seen[i].mask, p);
        uint32_t best = 0;
        for (uint32_t k = 1; k < m->classes; k++) best = p[k] > p[best] ? k : best;
        size_t bin = p[best] >= 1 ? 9 : (size_t)(p[best] * 10);
        sure[bin] += p[best];
        right[bin] += best == seen[i].label;
        all += best == seen[i].label;
    }
    *out = (struct measured){.rows = n};
    for (int b = 0; b < 10 && n > 0; b++) {
        double gap = sure[b] - (double)right[b];
        out->ece += (gap < 0 ? -gap : gap) / (double)n;
    }
    if (n > 0) out->accuracy = (double)all / (double)n;
}

/* Live texts may be anything, so all labels compete here, whatever the row's set has. A set that
 * lacks a label cannot say when it is wrong, and is left out of that label's curve. */
static void curves(const struct model *m, const struct seen *seen, size_t n, struct judged *rows,
                   struct measured *out) {
    double p[NGRAM_CLASSES];
    for (uint32_t k = 0; k < m->classes; k++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            if (!(seen[i].mask >> k & 1)) continue;
            chances(m, &seen[i], (1u << m->classes) - 1, p);
            rows[count++] =
                (struct judged){seen[i].set, (int32_t)(p[k] * 10000 + 0.5), seen[i].label == k};
        }
        out->precisions += precision_curve(rows, count, k, out->precision + out->precisions);
    }
}

bool calibrate(const struct corpus *c, struct model *m, struct measured *out) {
    struct seen *seen = malloc((c->rows + 1) * sizeof *seen);
    struct judged *rows = malloc((c->rows + 1) * sizeof *rows);
    if (!seen || !rows) {
        free(seen);
        free(rows);
        return false;
    }
    for (uint32_t k = 0; k < NGRAM_CLASSES; k++) {
        m->slope[k] = 1;
        m->shift[k] = 0;
    }
    size_t n = collect(c, m, seen);
    for (int sweep = 0; sweep < 40; sweep++)
        for (uint32_t k = 0; k < m->columns; k++) {
            step(m, seen, n, k, true);
            step(m, seen, n, k, false);
        }
    measure(m, seen, n, out);
    curves(m, seen, n, rows, out);
    free(rows);
    free(seen);
    return true;
}
