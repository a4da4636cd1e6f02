/* From which score on a label is right often enough. Sets differ: a model that is right about nine
 * film reviews of ten may be right about seven comments of ten. Nobody knows what a live text is
 * most like, so a percent counts as reached where every set that can tell reaches it. */
#include "ngram.h"

#include <stdlib.h>
#include <string.h>

/* Fewer texts than this say nothing about a percent. And since the best of many thresholds is
 * sought, luck must not look like skill: so many wrong ones are added to those that were seen. */
enum { ROWS_LEAST = 30, WRONG_MORE = 2 };

static int by_set_and_score(const void *a, const void *b) {
    const struct judged *x = a, *y = b;
    if (x->set != y->set) return x->set < y->set ? -1 : 1;
    return x->score > y->score ? -1 : x->score < y->score;
}

/* The lowest threshold of each percent over the rows of one set, highest score first. */
static void one_set(const struct judged *row, size_t n, uint32_t label,
                    struct sori_precision *lowest) {
    size_t right = 0;
    for (size_t i = 0; i < n; i++) {
        right += row[i].right;
        if (i + 1 < ROWS_LEAST || (i + 1 < n && row[i + 1].score == row[i].score)) continue;
        for (int32_t p = 1; p <= NGRAM_CURVE && right * 100 >= (i + 1 + WRONG_MORE) * (size_t)p;
             p++)
            lowest[p] = (struct sori_precision){label, p * 100, row[i].score, (uint32_t)(i + 1)};
    }
}

static void meet(struct sori_precision *all, const struct sori_precision *one) {
    for (int p = 1; p <= NGRAM_CURVE; p++)
        if (!one[p].rows)
            all[p].rows = 0;
        else if (all[p].rows && one[p].threshold > all[p].threshold)
            all[p] = one[p];
}

uint32_t precision_curve(struct judged *rows, size_t n, uint32_t label,
                         struct sori_precision *out) {
    struct sori_precision all[NGRAM_CURVE + 2] = {0}, one[NGRAM_CURVE + 2];
    bool first = true;
    qsort(rows, n, sizeof *rows, by_set_and_score);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && rows[to].set == rows[from].set;) to++;
        if (to - from < ROWS_LEAST) continue;
        memset(one, 0, sizeof one);
        one_set(rows + from, to - from, label, one);
        if (first)
            memcpy(all, one, sizeof all);
        else
            meet(all, one);
        first = false;
    }
    uint32_t count = 0;
    for (int p = 1; p <= NGRAM_CURVE; p++)
        if (all[p].rows && !(all[p + 1].rows && all[p + 1].threshold == all[p].threshold))
            out[count++] = all[p];
    return count;
}
