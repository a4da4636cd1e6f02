/* sori/classifier.h: "sori.classifier/0", what a text is about and how it is meant.
 *
 * A classifier instance is made from one model file and is constant afterwards. Labels are fixed
 * at `create`; policies speak of labels ("tone.negative"), never of columns. */
#ifndef SORI_CLASSIFIER_H
#define SORI_CLASSIFIER_H

#include "host.h"
#include "status.h"

struct sori_classifier_config {
    uint32_t struct_size;
    struct sori_str model_path; /* read-only; may be opened in `create` only */
    struct sori_pairs options;
};

/* Labels of one group exclude each other where `exclusive`; their scores then sum to 1. Group and
 * name are 1 to 128 bytes of UTF-8 each, and no label is there twice. */
struct sori_label {
    struct sori_str group; /* "tone" */
    struct sori_str name;  /* "negative"; the full label is "tone.negative" */
    uint32_t exclusive;
    uint32_t reserved;
};

struct sori_labels {
    const struct sori_label *items;
    uint32_t count; /* 1 to 64 */
    uint32_t stride;
    float floor;              /* the model's own, 0 to 1: below it the group is unsure */
    struct sori_str model_id; /* covers weights, calibration and plugin version; up to 128 bytes */
};

/* How sure a label is, measured on texts that training did not see: of those that scored
 * `threshold` or more for it, the share `precision` had it. */
struct sori_precision {
    uint32_t label;    /* its place in sori_labels */
    int32_t precision; /* 1 to 10,000 */
    int32_t threshold; /* 0 to 10,000: the lowest that reaches the precision */
    uint32_t rows;     /* texts at or above the threshold: how much it rests on */
};
struct sori_precisions {
    uint32_t struct_size; /* set by the host */
    uint32_t count;
    const struct sori_precision
        *items;      /* of each label, what it reaches; the highest is its best */
    uint32_t stride; /* sizeof(struct sori_precision) of the plugin */
    uint32_t reserved;
};

struct sori_text {
    struct sori_str text, parent_text, lang;
    uint32_t kind; /* enum sori_kind */
    uint32_t reserved;
};

struct sori_text_batch {
    uint32_t struct_size;
    uint32_t stride; /* sizeof(struct sori_text) of the host */
    const struct sori_text *items;
    size_t count;
    /* Call before each text with its index: names the culprit should this one be fatal. */
    void (*at)(const struct sori_text_batch *, size_t index);
    void *ctx;
};

enum sori_score_status { SORI_SCORE_OK = 0, SORI_SCORE_ABSTAIN = 1, SORI_SCORE_ERROR = 2 };

/* Host-owned, row-major: value[i * labels + k], 0 to 1. */
struct sori_scores {
    uint32_t struct_size;
    uint32_t labels;
    float *value;
    uint8_t *status; /* enum sori_score_status, one a text */
};

/* One reason for a score: the bytes of the text [from, to) and what they added to the label's
 * log-odds, scaled by 10,000. */
struct sori_reason {
    uint32_t from, to;
    int32_t weight;
    uint32_t label;
};
struct sori_explain_sink {
    uint32_t struct_size;
    void *ctx;
    void (*reason)(const struct sori_explain_sink *, const struct sori_reason *);
};

struct sori_example {
    struct sori_str label; /* "negative" */
    struct sori_str text;
    float weight; /* 1 unless a correction */
    uint32_t set; /* which file it came from: sets may lack labels that others have */
};
struct sori_training {
    uint32_t struct_size;
    uint32_t stride; /* sizeof(struct sori_example) of the host */
    const struct sori_example *items;
    size_t count;
    struct sori_pairs options; /* "seed", "bits", "epochs", "spaces", … ; see the plugin's README */
    void *ctx;
    void (*progress)(const struct sori_training *, double share, struct sori_str line);
    /* Receives the whole model file. May be called several times, in order. Copied. */
    enum sori_status (*write)(const struct sori_training *, struct sori_str bytes);
};

struct sori_classifier {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    enum sori_status (*create)(const struct sori_host *, const struct sori_classifier_config *,
                               void **self);
    void (*destroy)(void *self);
    /* Constant from `create` to `destroy`; owned by the plugin. */
    enum sori_status (*labels)(void *self, struct sori_labels *);
    enum sori_status (*score)(void *self, const struct sori_text_batch *, struct sori_scores *);
    enum sori_status (*explain)(void *self, const struct sori_text *,
                                const struct sori_explain_sink *);
    /* Needs no instance. Writes a candidate, never a live model. May be NULL. */
    enum sori_status (*train)(const struct sori_host *, const struct sori_training *);
    /* Constant from `create` to `destroy`; owned by the plugin. May be NULL, or missing where
     * struct_size ends before it: then policies can ask for scores, not for precisions. */
    enum sori_status (*precisions)(void *self, struct sori_precisions *);
};

#define SORI_CLASSIFIER_ID "sori.classifier/0"

#endif
