/* What the three forms of `sori model` share: a classifier plugin in this process, and files of
 * labelled texts. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "cli/cli.h"
#include "sori/plugin.h"

#define MODEL_OPT_PLUGIN                                                                           \
    {                                                                                              \
        .name = "plugin", .takes = "NAME", .value = "ngram",                                       \
        .help = "the classifier; ngram where not given"                                            \
    }

/* ---- model/host.c ---- */

/* A classifier plugin loaded into this process, with a host that has no network. */
struct model_host {
    struct sori_host host;
    const struct sori_classifier *classifier;
    char why[512]; /* what the plugin said last through host->fail */
};
/* Loads the plugin by name ("ngram") or path. The host's address must not change afterwards. The
 * library stays until the process ends: what others that it uses keep in memory (ICU's tables) is
 * theirs as long as they are there. */
bool model_host_open(struct model_host *h, const char *plugin, struct err *err);

/* An instance made from a model file. */
struct model_live {
    struct model_host *host;
    void *self;
    struct sori_labels labels;
};
bool model_live_open(struct model_live *m, struct model_host *h, const char *path, struct err *err);
void model_live_close(struct model_live *m);
const struct sori_label *model_label(const struct model_live *m, uint32_t k);

/* ---- model/data.c ---- */

/* The rows of one file "label<TAB>text", plain or .gz. */
struct model_row {
    struct sori_str label, text;
    size_t line; /* of the file, from 1 */
};
struct model_data {
    struct buf bytes;
    struct model_row *rows;
    size_t n, cap;
    char sha256[65]; /* of the file as it lies on disk */
};
bool model_data_read(struct model_data *d, const char *path, struct err *err);
void model_data_free(struct model_data *d);

/* ---- the commands ---- */
int model_train(int argc, char **argv);
int model_eval(int argc, char **argv);
int model_explain(int argc, char **argv);

#endif
