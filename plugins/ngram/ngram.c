/* ngram: a classifier that knows character n-grams and words, and nothing else. The descriptor,
 * and the calls of sori/classifier.h over the parts in this folder. */
#include "ngram.h"

#include <stdlib.h>
#include <string.h>

struct instance {
    struct model model;
    struct norm norm;
    struct sori_label label[NGRAM_CLASSES];
};

static void destroy(void *self) {
    struct instance *it = self;
    if (!it) return;
    norm_free(&it->norm);
    model_close(&it->model);
    free(it);
}

/* The option `floor` takes the place of the model's own. */
static bool read_floor(const struct sori_pairs *options, double *floor) {
    for (size_t i = 0; i < options->count; i++) {
        const struct sori_pair *o = &options->items[i];
        char text[24], *end;
        if (o->name.len != 5 || memcmp(o->name.ptr, "floor", 5) != 0) continue;
        if (o->value.len == 0 || o->value.len >= sizeof text) return false;
        memcpy(text, o->value.ptr, o->value.len);
        text[o->value.len] = 0;
        *floor = strtod(text, &end);
        if (*end != 0 || !(*floor >= 0 && *floor <= 1)) return false;
    }
    return true;
}

static enum sori_status create(const struct sori_host *host,
                               const struct sori_classifier_config *config, void **self) {
    char why[256] = "out of memory";
    struct instance *it = calloc(1, sizeof *it);
    if (!it || !norm_make(&it->norm)) {
        free(it);
        host->fail(host, 0, SORI_STR("out of memory"));
        return SORI_RETRY;
    }
    if (!model_open(&it->model, config->model_path, why)) {
        destroy(it);
        host->fail(host, 0, (struct sori_str){why, strlen(why)});
        return SORI_CONFIG;
    }
    if (!read_floor(&config->options, &it->model.floor)) {
        destroy(it);
        host->fail(host, 0, SORI_STR("option floor: expected a number from 0 to 1"));
        return SORI_CONFIG;
    }
    for (uint32_t k = 0; k < it->model.classes; k++)
        it->label[k] = (struct sori_label){it->model.group, it->model.label[k], 1, 0};
    *self = it;
    return SORI_OK;
}

static enum sori_status labels(void *self, struct sori_labels *out) {
    struct instance *it = self;
    *out = (struct sori_labels){it->label,
                                it->model.classes,
                                sizeof it->label[0],
                                (float)it->model.floor,
                                {it->model.id, strlen(it->model.id)}};
    return SORI_OK;
}

static enum sori_status precisions(void *self, struct sori_precisions *out) {
    struct instance *it = self;
    out->items = it->model.precision;
    out->count = it->model.precisions;
    out->stride = sizeof it->model.precision[0];
    return SORI_OK;
}

static const struct sori_text *text_at(const struct sori_text_batch *batch, size_t i) {
    return (const struct sori_text *)(const void *)((const char *)batch->items + i * batch->stride);
}

static enum sori_status score(void *self, const struct sori_text_batch *batch,
                              struct sori_scores *out) {
    struct instance *it = self;
    if (out->labels != it->model.classes) return SORI_BUG;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->at) batch->at(batch, i);
        double p[NGRAM_CLASSES];
        out->status[i] = (uint8_t)score_text(&it->model, &it->norm, text_at(batch, i)->text, p);
        float *row = out->value + i * out->labels;
        for (uint32_t k = 0; k < out->labels; k++) row[k] = (float)p[k];
    }
    return SORI_OK;
}

static enum sori_status explain(void *self, const struct sori_text *text,
                                const struct sori_explain_sink *sink) {
    struct instance *it = self;
    return explain_text(&it->model, &it->norm, text->text, sink);
}

static const struct sori_classifier classifier = {
    .struct_size = sizeof classifier,
    .create = create,
    .destroy = destroy,
    .labels = labels,
    .score = score,
    .explain = explain,
    .train = train_model,
    .precisions = precisions,
};
static const struct sori_interface interfaces[] = {{SORI_CLASSIFIER_ID, &classifier}};
static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "ngram",
    .name = "Character n-grams",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "Tone and other labels by a hashed linear model over character n-grams and words",
    .options = {NULL, 0, sizeof(struct sori_option)},
    .slot_stride = sizeof(struct sori_slot),
    .receive_stride = sizeof(struct sori_receive),
    .interfaces = interfaces,
    .interface_count = 1,
    .interface_stride = sizeof interfaces[0],
};

SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
