/* sori model eval: how good a model is on a file of labelled texts. */
#include "cli/model/model.h"

#include "base/clock.h"

#include <stdlib.h>

enum { BATCH = 256, LABELS = 64, BINS = 10 };

struct eval {
    struct model_live live;
    struct model_data data;
    uint32_t *truth; /* of each row, the model's label */
    bool in_file[LABELS];
    bool open;
    double floor;
    /* results */
    size_t confusion[LABELS][LABELS], right, covered, covered_right;
    double bin_sure[BINS];
    size_t bin_right[BINS];
    double us;
};

static void text_at(const struct sori_text_batch *batch, size_t index) {
    (void)batch;
    (void)index;
}

static bool find_labels(struct eval *e, const char *path, struct err *err) {
    e->truth = mem_get(e->data.n * sizeof *e->truth);
    for (size_t i = 0; i < e->data.n; i++) {
        uint32_t k = 0;
        while (k < e->live.labels.count &&
               !str_eq(model_label(&e->live, k)->name, e->data.rows[i].label))
            k++;
        if (k == e->live.labels.count) {
            struct buf have = {0};
            for (k = 0; k < e->live.labels.count; k++)
                buf_printf(&have, "%s%.*s", k ? ", " : "", STR(model_label(&e->live, k)->name));
            err_set(err, "%s:%zu: the label \"%.*s\"; the model knows %s", path,
                    e->data.rows[i].line, STR(e->data.rows[i].label), have.data);
            buf_free(&have);
            return false;
        }
        e->truth[i] = k;
        e->in_file[k] = true;
    }
    return true;
}

static void count(struct eval *e, uint32_t truth, const float *value) {
    double sum = 0, top = -1;
    uint32_t best = 0;
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        if (!e->in_file[k] && !e->open) continue;
        sum += (double)value[k];
        if ((double)value[k] > top) {
            top = (double)value[k];
            best = k;
        }
    }
    double p = sum > 0 ? top / sum : 0;
    size_t bin = p >= 1 ? BINS - 1 : (size_t)(p * BINS);
    e->confusion[truth][best]++;
    e->right += best == truth;
    e->bin_sure[bin] += p;
    e->bin_right[bin] += best == truth;
    e->covered += p >= e->floor;
    e->covered_right += p >= e->floor && best == truth;
}

static bool score_all(struct eval *e, struct err *err) {
    uint32_t labels = e->live.labels.count;
    struct sori_text text[BATCH];
    uint8_t status[BATCH];
    float *value = mem_get(BATCH * labels * sizeof *value);
    bool ok = true;
    int64_t cpu = 0;
    for (size_t from = 0, n; ok && from < e->data.n; from += n) {
        n = e->data.n - from < BATCH ? e->data.n - from : BATCH;
        for (size_t i = 0; i < n; i++)
            text[i] = (struct sori_text){.text = e->data.rows[from + i].text};
        struct sori_text_batch batch = {.struct_size = sizeof batch,
                                        .stride = sizeof text[0],
                                        .items = text,
                                        .count = n,
                                        .at = text_at};
        struct sori_scores scores = {sizeof scores, labels, value, status};
        int64_t start = clock_cpu_us();
        ok = e->live.host->classifier->score(e->live.self, &batch, &scores) == SORI_OK;
        cpu += clock_cpu_us() - start;
        for (size_t i = 0; ok && i < n; i++) count(e, e->truth[from + i], value + i * labels);
    }
    e->us = (double)cpu / (double)e->data.n;
    free(value);
    return ok || err_set(err, "the plugin failed while scoring: %s", e->live.host->why);
}

/* Over the labels that the file has. */
static double macro_f1(const struct eval *e) {
    double sum = 0;
    size_t labels = 0;
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        if (!e->in_file[k]) continue;
        size_t truly = 0, said = 0;
        for (uint32_t j = 0; j < e->live.labels.count; j++) {
            truly += e->confusion[k][j];
            said += e->confusion[j][k];
        }
        sum += 2 * (double)e->confusion[k][k] / (double)(truly + said);
        labels++;
    }
    return sum / (double)labels;
}

/* Expected calibration error over ten equal bins of the likeliest label's probability. */
static double ece(const struct eval *e) {
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
        double gap = e->bin_sure[b] - (double)e->bin_right[b];
        sum += gap < 0 ? -gap : gap;
    }
    return sum / (double)e->data.n;
}

static json_t *name_of(const struct eval *e, uint32_t k) {
    struct sori_str name = model_label(&e->live, k)->name;
    return json_stringn(name.ptr, name.len);
}

static void print_json(const struct eval *e) {
    json_t *table = json_object();
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        if (!e->in_file[k]) continue;
        json_t *row = json_object();
        for (uint32_t j = 0; j < e->live.labels.count; j++) {
            if (!e->in_file[j] && !e->open) continue;
            json_t *name = name_of(e, j);
            json_object_set_new(row, json_string_value(name),
                                json_integer((json_int_t)e->confusion[k][j]));
            json_decref(name);
        }
        json_t *name = name_of(e, k);
        json_object_set_new(table, json_string_value(name), row);
        json_decref(name);
    }
    double n = (double)e->data.n;
    json_t *all = json_pack("{s:I, s:f, s:f, s:o, s:f, s:f, s:f, s:f, s:s#}", "n",
                            (json_int_t)e->data.n, "accuracy", (double)e->right / n, "macro_f1",
                            macro_f1(e), "confusion", table, "ece", ece(e), "coverage",
                            (double)e->covered / n, "floor", e->floor, "us_per_text", e->us,
                            "model", e->live.labels.model_id.ptr, e->live.labels.model_id.len);
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(all);
}

static void print_people(const struct eval *e) {
    double n = (double)e->data.n;
    printf("n         %zu\naccuracy  %.4f\nmacro_f1  %.4f\nece       %.4f\n", e->data.n,
           (double)e->right / n, macro_f1(e), ece(e));
    printf("coverage  %.4f at %.2f", (double)e->covered / n, e->floor);
    if (e->covered > 0)
        printf(" (accuracy of those %.4f)", (double)e->covered_right / (double)e->covered);
    printf("\nspeed     %.2f µs a text\nconfusion (rows: the file's label; columns: the model's)\n",
           e->us);
    const char *heads[LABELS + 2] = {""};
    struct buf names[LABELS] = {{0}};
    size_t columns = 1;
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        buf_str(&names[k], model_label(&e->live, k)->name);
        if (e->in_file[k] || e->open) heads[columns++] = names[k].data;
    }
    struct cli_table table;
    cli_table_open(&table, heads);
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        if (!e->in_file[k]) continue;
        cli_table_cell(&table, CLI_BOLD, model_label(&e->live, k)->name);
        for (uint32_t j = 0; j < e->live.labels.count; j++) {
            char cell[32];
            snprintf(cell, sizeof cell, "%zu", e->confusion[k][j]);
            if (e->in_file[j] || e->open) cli_table_cell(&table, CLI_PLAIN, str_c(cell));
        }
    }
    cli_table_print(&table, stdout);
    cli_table_close(&table);
    for (uint32_t k = 0; k < e->live.labels.count; k++) buf_free(&names[k]);
}

static bool run(struct eval *e, struct model_host *host, char **argv, bool own_floor,
                struct err *err) {
    if (!model_live_open(&e->live, host, argv[1], err)) return false;
    if (own_floor) e->floor = (double)e->live.labels.floor;
    return model_data_read(&e->data, argv[2], err) && find_labels(e, argv[2], err) &&
           score_all(e, err);
}

int model_eval(int argc, char **argv) {
    enum { FLOOR, OPEN, PLUGIN, JSON, COUNT };
    struct cli_opt opts[COUNT] = {
        [FLOOR] = {.name = "floor",
                   .takes = "P",
                   .help = "count as covered from here on, 0 to 1; else the model's own"},
        [OPEN] = {.name = "open", .help = "keep labels that the file does not have"},
        [PLUGIN] = MODEL_OPT_PLUGIN,
        [JSON] = CLI_OPT_JSON,
    };
    const struct cli_help help = {
        "sori model eval MODEL FILE.tsv[.gz] [--floor P] [--open] [--json]",
        "Accuracy and macro F1 over all rows by the likeliest label; labels that the file does "
        "not\n"
        "have are removed and the rest made to sum to 1, unless --open. coverage is the share of\n"
        "rows at or above the floor; ece is the calibration error over ten bins."};
    int n = cli_parse(argc, argv, &help, opts, COUNT);
    if (n < 0) return cli_parsed(n);
    if (n != 2) return cli_usage(&help, "expected a model and a file of labelled texts");
    struct eval *e = mem_get(sizeof *e);
    struct model_host host;
    struct err err = {{0}};
    char *end = NULL;
    e->open = opts[OPEN].value != NULL;
    if (opts[FLOOR].value) e->floor = strtod(opts[FLOOR].value, &end);
    int code = CLI_OK;
    if (end && (*end != 0 || end == opts[FLOOR].value || !(e->floor >= 0 && e->floor <= 1))) {
        code = cli_usage(&help, "--floor %s: expected a number from 0 to 1", opts[FLOOR].value);
    } else if (!model_host_open(&host, opts[PLUGIN].value, &err)) {
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    } else {
        if (!run(e, &host, argv, !opts[FLOOR].value, &err))
            code = cli_fail(CLI_FAILED, "%s", err.text);
        else if (opts[JSON].value)
            print_json(e);
        else
            print_people(e);
        model_live_close(&e->live);
    }
    model_data_free(&e->data);
    free(e->truth);
    free(e);
    return code;
}
