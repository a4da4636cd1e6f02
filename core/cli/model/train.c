/* sori model train: files of labelled texts in, a candidate model file out. */
#include "cli/model/model.h"

#include "base/file.h"

#include <stdlib.h>

enum { MAX_FILES = 64, MAX_SETTINGS = 32 };

struct work {
    struct model_data file[MAX_FILES];
    float weight[MAX_FILES];
    size_t files;
    struct sori_example *examples;
    size_t count;
    struct sori_pair options[MAX_FILES + MAX_SETTINGS + 4];
    size_t option_count;
    struct buf text; /* what options point into, by offset until all are there */
    struct buf model;
};

static void progress(const struct sori_training *t, double share, struct sori_str line) {
    (void)t;
    cli_progress("%3.0f %%  %.*s", share * 100, STR(line));
    if (share >= 1) {
        cli_progress_end();
        fprintf(stderr, "%.*s\n", STR(line));
    }
}

static enum sori_status take(const struct sori_training *t, struct sori_str bytes) {
    struct work *w = t->ctx;
    buf_str(&w->model, bytes);
    return SORI_OK;
}

/* "FILE" or "FILE:WEIGHT". */
static bool split_weight(char *word, float *weight, struct err *err) {
    *weight = 1;
    char *colon = strrchr(word, ':'), *end;
    if (!colon || colon[1] == 0 || strchr(colon, '/')) return true;
    float w = strtof(colon + 1, &end);
    if (*end != 0) return true;
    if (!(w > 0 && w <= 1000))
        return err_set(err, "%s: a weight is a number above 0, at most 1000", word);
    *colon = 0;
    *weight = w;
    return true;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void option(struct work *w, const char *name, struct sori_str value) {
    w->options[w->option_count++] = (struct sori_pair){str_c(name), mem_copy(value)};
}

static bool read_file(struct work *w, char *word, struct err *err) {
    struct model_data *d = &w->file[w->files];
    if (!split_weight(word, &w->weight[w->files], err) || !model_data_read(d, word, err))
        return false;
    buf_clear(&w->text);
    buf_printf(&w->text, "%s sha256 %s rows %zu weight %g", base_name(word), d->sha256, d->n,
               (double)w->weight[w->files]);
    option(w, "source", buf_view(&w->text));
    w->files++;
    w->count += d->n;
    return true;
}

static void make_examples(struct work *w) {
    w->examples = mem_get((w->count + 1) * sizeof *w->examples);
    size_t n = 0;
    for (size_t f = 0; f < w->files; f++)
        for (size_t i = 0; i < w->file[f].n; i++) {
            const struct model_row *row = &w->file[f].rows[i];
            w->examples[n++] =
                (struct sori_example){row->label, row->text, w->weight[f], (uint32_t)f};
        }
}

static int run(struct work *w, const char *plugin, const char *out) {
    struct err err = {{0}};
    struct model_host host;
    if (!model_host_open(&host, plugin, &err)) return cli_fail(CLI_REFUSED, "%s", err.text);
    if (!host.classifier->train)
        return cli_fail(CLI_REFUSED, "plugin %s cannot train models", plugin);
    make_examples(w);
    struct sori_training training = {.struct_size = sizeof training,
                                     .stride = sizeof *w->examples,
                                     .items = w->examples,
                                     .count = w->count,
                                     .options = {w->options, w->option_count},
                                     .ctx = w,
                                     .progress = progress,
                                     .write = take};
    enum sori_status status = host.classifier->train(&host.host, &training);
    cli_progress_end();
    int code = CLI_OK;
    if (status != SORI_OK)
        code = cli_fail(CLI_REFUSED, "the model was not trained: %s", host.why);
    else if (!file_write(out, buf_view(&w->model), 0644, &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    else
        printf("%s: %zu bytes from %zu texts\n", out, w->model.len, w->count);
    return code;
}

static void finish(struct work *w) {
    for (size_t f = 0; f < w->files; f++) model_data_free(&w->file[f]);
    for (size_t i = 0; i < w->option_count; i++) free((void *)(uintptr_t)w->options[i].value.ptr);
    free(w->examples);
    buf_free(&w->text);
    buf_free(&w->model);
    free(w);
}

/* Korean is written with and without blanks; its n-grams run across them. */
static void defaults(struct work *w, const char *task, const char *lang) {
    option(w, "task", str_c(task));
    if (lang && strcmp(lang, "ko") == 0) option(w, "spaces", str_c("remove"));
}

int model_train(int argc, char **argv) {
    const char *set[MAX_SETTINGS];
    enum { TASK, LANG, OUT, SET, PLUGIN, COUNT };
    struct cli_opt opts[COUNT] = {
        [TASK] = {.name = "task", .takes = "NAME", .help = "what the labels are about: tone"},
        [LANG] = {.name = "lang", .takes = "CODE", .help = "the texts' language: ko, en"},
        [OUT] = {.name = "output",
                 .letter = 'o',
                 .takes = "FILE",
                 .help = "the model file to write"},
        [SET] = {.name = "set",
                 .takes = "NAME=VALUE",
                 .all = set,
                 .all_cap = MAX_SETTINGS,
                 .help = "a setting of the plugin (seed, epochs, rate, …), may be repeated"},
        [PLUGIN] = MODEL_OPT_PLUGIN,
    };
    const struct cli_help help = {
        "sori model train --task NAME [--lang CODE] FILE.tsv[.gz][:WEIGHT]… -o MODEL",
        "Trains a model from files of \"label<TAB>text\". A file that lacks labels which others "
        "have\n"
        "teaches nothing about those; a file with one label only speaks against all others.\n"
        "The same files, settings and seed give the same bytes."};
    int n = cli_parse(argc, argv, &help, opts, COUNT);
    if (n < 0) return cli_parsed(n);
    if (n == 0) return cli_usage(&help, "no file to learn from was named");
    if (n > MAX_FILES) return cli_usage(&help, "at most %d files", MAX_FILES);
    if (!opts[TASK].value || !opts[OUT].value) return cli_usage(&help, "--task and -o are needed");
    struct work *w = mem_get(sizeof *w);
    struct err err = {{0}};
    int code = CLI_OK;
    defaults(w, opts[TASK].value, opts[LANG].value);
    for (size_t i = 0; i < opts[SET].all_n && code == CLI_OK; i++) {
        const char *equals = strchr(set[i], '=');
        if (!equals) {
            code = cli_usage(&help, "--set %s: expected NAME=VALUE", set[i]);
            break;
        }
        w->options[w->option_count++] =
            (struct sori_pair){{set[i], (size_t)(equals - set[i])}, mem_copy(str_c(equals + 1))};
    }
    for (int i = 1; i <= n && code == CLI_OK; i++)
        if (!read_file(w, argv[i], &err)) code = cli_fail(CLI_FAILED, "%s", err.text);
    if (code == CLI_OK) code = run(w, opts[PLUGIN].value, opts[OUT].value);
    finish(w);
    return code;
}
