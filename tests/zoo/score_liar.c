/* A classifier whose precisions are what its option `lie` says: a label, a share or a threshold
 * that there is not, an entry that is too small, a table without an address, or far too many. Its
 * labels lie too: too many, one twice, one without a name, one that is no text, a floor that is no
 * number. With "most" they are as many as there can be, and the last one is sure of all texts. */
#include "sori/classifier.h"
#include "sori/plugin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int lie;
static const char *const lies[] = {"none",  "label", "share",  "threshold", "stride",
                                   "null",  "many",  "labels", "twice",     "empty",
                                   "bytes", "floor", "most"};

static enum sori_status create(const struct sori_host *host,
                               const struct sori_classifier_config *config, void **self) {
    static const struct sori_str most = {"/most.", 6};
    (void)host;
    /* Sori's core knows no option of ours: there the model's name says it. */
    if (memmem(config->model_path.ptr ? config->model_path.ptr : "", config->model_path.len,
               most.ptr, most.len))
        lie = 12;
    for (size_t i = 0; i < config->options.count; i++)
        for (int k = 0; k < 13; k++) {
            struct sori_str value = config->options.items[i].value;
            if (value.len == strlen(lies[k]) && memcmp(value.ptr, lies[k], value.len) == 0) lie = k;
        }
    *self = &lie;
    return SORI_OK;
}
static void destroy(void *self) { (void)self; }

static const struct sori_label names[] = {
    {.group = {"tone", 4}, .name = {"positive", 8}, .exclusive = 1},
    {.group = {"tone", 4}, .name = {"negative", 8}, .exclusive = 1}};

static enum sori_status labels(void *self, struct sori_labels *out) {
    static struct sori_label many[65];
    static char words[65][8];
    (void)self;
    for (int i = 0; i < 65; i++) {
        int n = snprintf(words[i], sizeof words[i], "t%d", i + 1);
        many[i] = (struct sori_label){.group = {"topic", 5}, .name = {words[i], (size_t)n}};
    }
    if (lie == 8) many[1] = many[0];
    if (lie == 9) many[1].name.len = 0;
    if (lie == 10) many[1].name = SORI_STR("\xff");
    out->items = lie < 7 ? names : many;
    out->count = lie < 7 ? 2 : lie == 7 ? 65 : 64;
    out->stride = sizeof *names;
    out->floor = lie == 11 ? nanf("") : 0.5f;
    out->model_id = SORI_STR("liar 1");
    return SORI_OK;
}

static enum sori_status precisions(void *self, struct sori_precisions *out) {
    static struct sori_precision it;
    (void)self;
    it = (struct sori_precision){.label = 1, .precision = 8000, .threshold = 6000, .rows = 50};
    if (lie == 1) it.label = 2;
    if (lie == 2) it.precision = 10001;
    if (lie == 3) it.threshold = -1;
    out->items = lie == 5 ? NULL : &it;
    out->count = lie == 6 ? 1000000000 : 1;
    out->stride = lie == 4 ? 4 : sizeof it;
    return SORI_OK;
}

static enum sori_status score(void *self, const struct sori_text_batch *batch,
                              struct sori_scores *out) {
    (void)self;
    for (size_t i = 0; i < batch->count; i++) {
        out->status[i] = lie == 12 ? SORI_SCORE_OK : SORI_SCORE_ABSTAIN;
        if (lie == 12) out->value[i * out->labels + 63] = 0.9f;
    }
    return SORI_OK;
}

static const struct sori_classifier classifier = {.struct_size = sizeof classifier,
                                                  .create = create,
                                                  .destroy = destroy,
                                                  .labels = labels,
                                                  .score = score,
                                                  .precisions = precisions};
static const struct sori_interface interfaces[] = {{SORI_CLASSIFIER_ID, &classifier}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "score_liar",
                                          .name = "Made-up precisions",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
