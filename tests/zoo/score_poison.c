/* A classifier that calls everything neutral, and that a text with 독약 in it kills. */
#include "sori/classifier.h"
#include "sori/plugin.h"

#include <string.h>

static enum sori_status create(const struct sori_host *host,
                               const struct sori_classifier_config *config, void **self) {
    (void)host, (void)config;
    static char here;
    *self = &here;
    return SORI_OK;
}
static void destroy(void *self) { (void)self; }

static const struct sori_label names[] = {
    {.group = {"tone", 4}, .name = {"positive", 8}, .exclusive = 1},
    {.group = {"tone", 4}, .name = {"neutral", 7}, .exclusive = 1},
    {.group = {"tone", 4}, .name = {"negative", 8}, .exclusive = 1}};

static enum sori_status labels(void *self, struct sori_labels *out) {
    (void)self;
    out->items = names;
    out->count = 3;
    out->stride = sizeof *names;
    out->floor = 0.5f;
    out->model_id = SORI_STR("poison 1");
    return SORI_OK;
}

static volatile uintptr_t wild = 16; /* nothing is mapped there */

static enum sori_status score(void *self, const struct sori_text_batch *batch,
                              struct sori_scores *out) {
    (void)self;
    for (size_t i = 0; i < batch->count; i++) {
        const struct sori_text *t =
            (const struct sori_text *)(const void *)((const char *)batch->items +
                                                     i * batch->stride);
        batch->at(batch, i);
        if (t->text.len && memmem(t->text.ptr, t->text.len, "독약", strlen("독약")))
            *(volatile int *)wild = 1;
        out->value[i * out->labels] = 0.1f;
        out->value[i * out->labels + 1] = 0.8f;
        out->value[i * out->labels + 2] = 0.1f;
        out->status[i] = SORI_SCORE_OK;
    }
    return SORI_OK;
}

static const struct sori_classifier classifier = {.struct_size = sizeof classifier,
                                                  .create = create,
                                                  .destroy = destroy,
                                                  .labels = labels,
                                                  .score = score};
static const struct sori_interface interfaces[] = {{SORI_CLASSIFIER_ID, &classifier}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "score_poison",
                                          .name = "Poisoned scores",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
