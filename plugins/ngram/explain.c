/* Why a text got its scores: what every n-gram and word added. The text is at hand, so its features
 * are made once more and nothing needs to be un-hashed. */
#include "ngram.h"

#include <math.h>

/* Rounds so that what was given so far always sums to the rounded true sum. */
struct tally {
    double exact[NGRAM_CLASSES];
    int64_t given[NGRAM_CLASSES];
};

static void give(const struct model *m, struct tally *t, const double *add, struct span span,
                 const struct sori_explain_sink *sink) {
    double mean = 0;
    for (uint32_t k = 0; k < m->classes; k++) mean += add[k];
    mean /= m->classes;
    for (uint32_t k = 0; k < m->classes; k++) {
        t->exact[k] += add[k] - mean;
        int64_t now = llround(t->exact[k] * 10000);
        struct sori_reason reason = {span.from, span.to, (int32_t)(now - t->given[k]), k};
        t->given[k] = now;
        if (reason.weight != 0) sink->reason(sink, &reason);
    }
}

enum sori_status explain_text(const struct model *m, struct norm *norm, struct sori_str text,
                              const struct sori_explain_sink *sink) {
    norm_text(norm, text);
    struct walk walk;
    uint32_t bucket[NGRAM_BLOCK];
    struct span span[NGRAM_BLOCK];
    size_t features = 0;
    walk_begin(&walk, &m->spec, norm, NULL, m->columns);
    for (size_t n; (n = walk_next(&walk, bucket, NULL)) > 0;) features += n;
    struct tally tally = {0};
    double add[NGRAM_CLASSES];
    int64_t none[NGRAM_CLASSES] = {0};
    /* First what every text gets; its span is empty. */
    score_logits(m, none, features, add);
    give(m, &tally, add, (struct span){0, 0}, sink);
    walk_begin(&walk, &m->spec, norm, NULL, m->columns);
    double part = features > 0 ? 1 / sqrt((double)features) : 0;
    for (size_t n; (n = walk_next(&walk, bucket, span)) > 0;)
        for (size_t i = 0; i < n; i++) {
            const int8_t *row = m->table + (size_t)bucket[i] * m->columns;
            for (uint32_t k = 0; k < m->columns; k++)
                add[k] = row[k] * m->scale[k] * part * m->slope[k];
            add[m->columns] = 0;
            give(m, &tally, add, span[i], sink);
        }
    return SORI_OK;
}
