/* A classifier as the first headers made it: its table ends before `precisions`. What lies behind
 * its end is not for Sori to read. */
#include "sori/classifier.h"
#include "sori/plugin.h"

#include <stddef.h>
#include <stdlib.h>

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
    {.group = {"tone", 4}, .name = {"negative", 8}, .exclusive = 1}};

static enum sori_status labels(void *self, struct sori_labels *out) {
    (void)self;
    out->items = names;
    out->count = 2;
    out->stride = sizeof *names;
    out->floor = 0.5f;
    out->model_id = SORI_STR("first 1");
    return SORI_OK;
}

static enum sori_status beyond(void *self, struct sori_precisions *out) {
    (void)self, (void)out;
    abort();
}

static enum sori_status score(void *self, const struct sori_text_batch *batch,
                              struct sori_scores *out) {
    (void)self;
    for (size_t i = 0; i < batch->count; i++) out->status[i] = SORI_SCORE_ABSTAIN;
    return SORI_OK;
}

static const struct sori_classifier classifier = {.struct_size =
                                                      offsetof(struct sori_classifier, precisions),
                                                  .create = create,
                                                  .destroy = destroy,
                                                  .labels = labels,
                                                  .score = score,
                                                  .precisions = beyond};
static const struct sori_interface interfaces[] = {{SORI_CLASSIFIER_ID, &classifier}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "score_first",
                                          .name = "A classifier of the first headers",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
