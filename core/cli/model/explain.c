/* sori model explain: which parts of a text spoke for which label. */
#include "cli/model/model.h"

#include <stdlib.h>

enum { LABELS = 64, SHOWN = 12 };

/* What one piece of the text added to every label's log-odds, in 1/10,000. */
struct piece {
    uint32_t from, to;
    int64_t weight[LABELS];
};
struct pieces {
    struct piece *at;
    size_t n, cap;
};

static int by_place(const void *a, const void *b) {
    const struct sori_reason *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

struct reasons {
    struct sori_reason *at;
    size_t n, cap;
};

static void hear(const struct sori_explain_sink *sink, const struct sori_reason *reason) {
    struct reasons *r = sink->ctx;
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 1024;
        r->at = mem_grow(r->at, r->cap * sizeof *r->at);
    }
    if (reason->label < LABELS) r->at[r->n++] = *reason;
}

static void gather(struct reasons *r, struct pieces *p) {
    qsort(r->at, r->n, sizeof *r->at, by_place);
    for (size_t i = 0; i < r->n; i++) {
        if (p->n == 0 || by_place(&r->at[i], &r->at[i - 1]) != 0) {
            if (p->n == p->cap) {
                p->cap = p->cap ? p->cap * 2 : 64;
                p->at = mem_grow(p->at, p->cap * sizeof *p->at);
            }
            p->at[p->n++] = (struct piece){.from = r->at[i].from, .to = r->at[i].to};
        }
        p->at[p->n - 1].weight[r->at[i].label] += r->at[i].weight;
    }
}

/* Heaviest first for one label. By insertion: a text has some hundred pieces, and qsort could not
 * be told the label. */
static void sort_pieces(struct pieces *p, uint32_t label) {
    for (size_t i = 1; i < p->n; i++) {
        struct piece keep = p->at[i];
        size_t k = i;
        for (; k > 0 && llabs(p->at[k - 1].weight[label]) < llabs(keep.weight[label]); k--)
            p->at[k] = p->at[k - 1];
        p->at[k] = keep;
    }
}

struct explained {
    struct model_live live;
    struct sori_str text;
    float value[LABELS];
    uint8_t status;
    struct pieces pieces;
    uint32_t best;
};

static void at_text(const struct sori_text_batch *batch, size_t index) {
    (void)batch;
    (void)index;
}

static bool run(struct explained *e, struct err *err) {
    const struct sori_classifier *c = e->live.host->classifier;
    if (!c->explain) return err_set(err, "this plugin cannot explain");
    struct sori_text text = {.text = e->text};
    struct sori_text_batch batch = {.struct_size = sizeof batch,
                                    .stride = sizeof text,
                                    .items = &text,
                                    .count = 1,
                                    .at = at_text};
    struct sori_scores scores = {sizeof scores, e->live.labels.count, e->value, &e->status};
    struct reasons reasons = {0};
    struct sori_explain_sink sink = {sizeof sink, &reasons, hear};
    bool ok = c->score(e->live.self, &batch, &scores) == SORI_OK &&
              c->explain(e->live.self, &text, &sink) == SORI_OK;
    if (ok) gather(&reasons, &e->pieces);
    free(reasons.at);
    for (uint32_t k = 1; k < e->live.labels.count; k++)
        if (e->value[k] > e->value[e->best]) e->best = k;
    return ok || err_set(err, "the plugin failed: %s", e->live.host->why);
}

static void print_people(struct explained *e) {
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        int64_t sum = 0;
        for (size_t i = 0; i < e->pieces.n; i++) sum += e->pieces.at[i].weight[k];
        printf("%-12.*s %.4f   log-odds %+.4f%s\n", STR(model_label(&e->live, k)->name),
               (double)e->value[k], (double)sum / 10000, k == e->best ? "   ← likeliest" : "");
    }
    if (e->status == SORI_SCORE_ABSTAIN)
        printf("unsure: below the floor of %.2f, or too short to judge\n",
               (double)e->live.labels.floor);
    sort_pieces(&e->pieces, e->best);
    printf("\nwhat spoke most for (+) and against (−) %.*s\n",
           STR(model_label(&e->live, e->best)->name));
    bool color = cli_is_color(stdout);
    for (size_t i = 0; i < e->pieces.n && i < SHOWN; i++) {
        const struct piece *p = &e->pieces.at[i];
        struct buf line = {0};
        struct sori_str what = {e->text.ptr + p->from, p->to - p->from};
        buf_printf(&line, "%+.4f  ", (double)p->weight[e->best] / 10000);
        if (p->to == p->from) what = str_c(p->to == 0 ? "(every text)" : "(end)");
        size_t start = line.len;
        struct buf cut = {0};
        cli_put_cut(&cut, what, 60);
        line.len = start;
        cli_paint(&line, color, p->weight[e->best] > 0 ? CLI_GREEN : CLI_RED, buf_view(&cut));
        printf("%s\n", line.data);
        buf_free(&cut);
        buf_free(&line);
    }
}

static void print_json(const struct explained *e) {
    json_t *scores = json_object(), *pieces = json_array();
    for (uint32_t k = 0; k < e->live.labels.count; k++) {
        char *name = mem_text(model_label(&e->live, k)->name);
        json_object_set_new(scores, name, json_real((double)e->value[k]));
        free(name);
    }
    for (size_t i = 0; i < e->pieces.n; i++) {
        const struct piece *p = &e->pieces.at[i];
        json_t *weights = json_object();
        for (uint32_t k = 0; k < e->live.labels.count; k++) {
            char *name = mem_text(model_label(&e->live, k)->name);
            json_object_set_new(weights, name, json_real((double)p->weight[k] / 10000));
            free(name);
        }
        json_array_append_new(pieces, json_pack("{s:i, s:i, s:s%, s:o}", "from", (int)p->from, "to",
                                                (int)p->to, "text", e->text.ptr + p->from,
                                                (size_t)(p->to - p->from), "log_odds", weights));
    }
    json_t *all = json_pack("{s:o, s:b, s:o}", "scores", scores, "unsure",
                            e->status == SORI_SCORE_ABSTAIN, "pieces", pieces);
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(all);
}

int model_explain(int argc, char **argv) {
    enum { PLUGIN, JSON, COUNT };
    struct cli_opt opts[COUNT] = {
        [PLUGIN] = MODEL_OPT_PLUGIN,
        [JSON] = CLI_OPT_JSON,
    };
    const struct cli_help help = {
        "sori model explain MODEL TEXT [--json]",
        "Prints every label's probability and what each piece of the text added to its log-odds;\n"
        "the pieces, with what every text gets, sum to the log-odds."};
    int n = cli_parse(argc, argv, &help, opts, COUNT);
    if (n < 0) return cli_parsed(n);
    if (n != 2) return cli_usage(&help, "expected a model and a text (in quotes)");
    struct explained *e = mem_get(sizeof *e);
    struct model_host host;
    struct err err = {{0}};
    int code = CLI_OK;
    e->text = str_c(argv[2]);
    if (!model_host_open(&host, opts[PLUGIN].value, &err)) {
        free(e);
        return cli_fail(CLI_REFUSED, "%s", err.text);
    }
    if (!model_live_open(&e->live, &host, argv[1], &err) || !run(e, &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    else if (opts[JSON].value)
        print_json(e);
    else
        print_people(e);
    model_live_close(&e->live);
    free(e->pieces.at);
    free(e);
    return code;
}
