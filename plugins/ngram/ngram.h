/* The parts of the n-gram classifier: text is normalised to code points, code points to hashed
 * features, features to a row of small weights each, rows to a probability for every label. */
#ifndef NGRAM_H
#define NGRAM_H

#include "sori/plugin.h"

enum {
    NGRAM_FORMAT = 2,     /* of the model file */
    NGRAM_NORMALISER = 1, /* changes whenever the same text would give other features */
    NGRAM_CLASSES = 16,   /* labels of one model, at most */
    NGRAM_LONGEST = 6,    /* characters of an n-gram, at most */
    NGRAM_TEXT = 65536,   /* bytes of a text that are read */
    NGRAM_BLOCK = 256,    /* features handled at once */
    NGRAM_USABLE = 2,     /* characters that a text must have before it can be judged */
    NGRAM_CURVE = 99      /* precisions that are stored for a label, at most: 1 to 99 % */
};

/* ---- normalise.c ---- */

/* One code point and the bytes of the text that it stands for. */
struct unit {
    uint32_t code, from, to;
};
enum { UNIT_BEGIN = 0xE000, UNIT_END = 0xE001, UNIT_LINK = 0xE002, UNIT_NAME = 0xE003 };

/* A normalised text: begin mark, characters with single blanks, end mark. `usable` counts letters,
 * digits, syllables and signs that carry meaning. */
struct norm {
    struct unit *unit, *raw, *spare;
    size_t n, usable;
};

/* Makes the room that one text needs, once. False where memory ran out. */
bool norm_make(struct norm *);
void norm_free(struct norm *);
/* Replaces what is in `norm`. Allocates nothing. Broken UTF-8 is read as U+FFFD; what lies beyond
 * NGRAM_TEXT bytes is not read. */
void norm_text(struct norm *, struct sori_str text);

/* ---- features.c ---- */

/* How features are made of characters. */
struct spec {
    uint32_t longest; /* n-grams have 1 to `longest` characters */
    uint32_t words;   /* 0 none, 1 words, 2 also pairs of words */
    uint32_t spaces;  /* 1: blanks are characters of n-grams; 0: n-grams run across them */
    uint32_t buckets;
    uint64_t seed;
};

struct walk {
    const struct spec *spec;
    const struct norm *norm;
    const int8_t *warm; /* a table whose rows are fetched ahead, or NULL */
    size_t columns;     /* of that table */
    size_t at, seen;
    uint64_t gram[NGRAM_LONGEST + 1];
    uint32_t from[NGRAM_LONGEST + 1];
    uint64_t word, last_word;
    uint32_t word_from, last_from, word_to;
};

struct span {
    uint32_t from, to;
};

/* A walk over all features of `norm`. `warm` may be NULL. */
void walk_begin(struct walk *, const struct spec *, const struct norm *, const int8_t *warm,
                size_t columns);
/* Puts the next features' buckets (and their spans where `span` is not NULL) into arrays of
 * NGRAM_BLOCK; returns how many, 0 at the end. */
size_t walk_next(struct walk *, uint32_t *bucket, struct span *span);

/* ---- number.c: arithmetic that gives the same bits on every machine ---- */
double number_exp(double x);
/* Softmax of the z whose bit is in `mask`; the others become 0. */
void number_softmax(const double *z, uint32_t n, uint32_t mask, double *p);
uint64_t number_random(uint64_t *state);

/* ---- model.c ---- */

/* A model as the file holds it, mapped. Of K labels the last is the one that the others are
 * compared with, so a bucket has K - 1 weights and the last label's score is always 0. */
struct model {
    struct spec spec;
    uint32_t classes, columns;
    struct sori_str group, label[NGRAM_CLASSES];
    double scale[NGRAM_CLASSES], bias[NGRAM_CLASSES];  /* of columns */
    double slope[NGRAM_CLASSES], shift[NGRAM_CLASSES]; /* calibration of columns */
    double floor;
    const int8_t *table;                    /* buckets × columns */
    const struct sori_precision *precision; /* of each label in order, rising */
    uint32_t precisions;
    struct sori_str provenance;
    char id[64]; /* "ngram/2:" and the head of the SHA-256 */
    void *map;
    size_t size;
};

/* Bytes put together for a file. `failed` once memory ran out. */
struct bytes {
    char *data;
    size_t len, cap;
    bool failed;
};
void bytes_put(struct bytes *, const void *, size_t);

/* Maps `path` and checks every byte of it. On failure writes a sentence of what is wrong and what
 * to do into `why`. */
bool model_open(struct model *, struct sori_str path, char why[256]);
/* The same over bytes in memory, which must outlive the model. */
bool model_read(struct model *, const void *bytes, size_t size, char why[256]);
void model_close(struct model *);
/* The whole file of a model; `out->failed` where memory ran out. */
void model_write(const struct model *, struct bytes *out);

/* ---- sha256.c ---- */
void sha256(const void *bytes, size_t size, uint8_t out[32]);

/* ---- score.c ---- */

/* One label's probability each. Returns the status that score gives: below the floor, or too
 * short to judge, is ABSTAIN. */
enum sori_score_status score_text(const struct model *, struct norm *, struct sori_str text,
                                  double *p);
/* The calibrated score of every label before the softmax. */
void score_logits(const struct model *, const int64_t *sum, size_t features, double *z);

/* ---- explain.c ---- */
enum sori_status explain_text(const struct model *, struct norm *, struct sori_str text,
                              const struct sori_explain_sink *);

/* ---- fit.c ---- */

/* One example, ready for training: its features lie at corpus->bucket[first]. */
struct row {
    size_t first;
    uint32_t features, label, set;
    float weight;
    bool dev; /* carved out for calibration */
};
struct corpus {
    struct spec spec;
    struct row *row;
    size_t rows;
    uint32_t *bucket;
    size_t buckets, bucket_cap;
    uint32_t classes;
    uint32_t *mask; /* of each set: which labels its examples can have */
    uint32_t sets;
};
struct fit {
    float rate;
    uint32_t epochs;
    uint64_t seed;
    bool all; /* the dev rows as well */
};
/* Trains by AdaGrad on the softmax loss. `table` gets buckets × columns weights, `m` scales and
 * biases; `table` must be zeroed. False where memory ran out or `stop` said so. */
bool fit_run(const struct corpus *, const struct fit *, struct model *m, int8_t *table,
             bool (*epoch)(void *ctx, uint32_t done), void *ctx);

/* ---- calibrate.c ---- */

/* Fits slope and shift to the dev rows and says how good they are. */
struct measured {
    size_t rows;
    double accuracy, ece;
    struct sori_precision precision[NGRAM_CLASSES * NGRAM_CURVE];
    uint32_t precisions;
};
bool calibrate(const struct corpus *, struct model *m, struct measured *out);

/* ---- precision.c ---- */

/* What one dev row says about one label. */
struct judged {
    uint32_t set;
    int32_t score; /* of 10,000 */
    bool right;
};
/* The lowest threshold for each whole percent that the label reaches in every set with rows enough
 * to tell, into `out` (room for NGRAM_CURVE); returns how many. Percents of one threshold are one
 * entry, the highest; its rows are those of the set that asked for the threshold. Sorts `rows`. */
uint32_t precision_curve(struct judged *rows, size_t n, uint32_t label, struct sori_precision *out);

/* ---- train.c ---- */
enum sori_status train_model(const struct sori_host *, const struct sori_training *);

#endif
