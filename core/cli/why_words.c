#include "cli/why_words.h"

#include "sori/status.h"
#include "supervise/guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALL_MS = 10000, LABELS = 64, SHORT = 16, MODELS_MOST = 8 };

/* One worker, one question after the other. */
struct desk {
    struct event_base *base;
    struct guest *guest;
    struct buf answer;
    uint32_t status;
    bool classifies, over, lost;
};

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct desk *d = ctx;
    struct rec_field f;
    (void)g;
    for (struct sori_str rest = rec_get_rec(hello, HELLO_PLUGIN); rec_next(&rest, &f) == 1;)
        d->classifies |= f.tag == DESC_INTERFACE && str_starts(f.s, SORI_STR("sori.classifier"));
    event_base_loopbreak(d->base);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct desk *d = ctx;
    (void)g;
    d->status = m->head.status;
    buf_clear(&d->answer);
    buf_str(&d->answer, m->payload);
    event_base_loopbreak(d->base);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct desk *d = ctx;
    (void)g;
    (void)o;
    d->lost = true;
    event_base_loopbreak(d->base);
}

static bool desk_ask(struct desk *d, enum wire_method method, const struct buf *b) {
    if (d->lost || !guest_call(d->guest, method, buf_view(b), CALL_MS, -1)) return false;
    event_base_dispatch(d->base);
    return !d->lost && d->status == SORI_OK;
}

static bool desk_open(struct desk *d, const char *plugin, const char *model) {
    struct buf bin = {0};
    struct err err;
    struct guest_spec spec = {.kind = GUEST_CLASSIFIER,
                              .name = "classifier/why",
                              .plugin = plugin,
                              .model = model,
                              .once = true};
    struct guest_events events = {.ctx = d, .ready = on_ready, .done = on_done, .lost = on_lost};
    *d = (struct desk){.base = event_base_new()};
    d->guest = d->base && cli_bin(&bin, &err) ? guest_start(d->base, bin.data, &spec, &events, &err)
                                              : NULL;
    buf_free(&bin);
    if (d->guest) event_base_dispatch(d->base);
    return d->guest && !d->lost && d->classifies;
}

static void desk_close(struct desk *d) {
    if (d->guest) guest_kill(&d->guest);
    if (d->base) event_base_free(d->base);
    buf_free(&d->answer);
}

bool why_part_path(const char *workspace, const json_t *part, const char *end, struct buf *out) {
    struct sori_str name = cli_text(part, "name"), hash = cli_text(part, "content");
    struct buf full = {0};
    buf_str(&full, name);
    buf_puts(&full, end);
    const char *dot = full.data ? strrchr(full.data, '.') : NULL;
    int stem = dot && dot > full.data ? (int)(dot - full.data) : (int)full.len;
    buf_clear(out);
    if (hash.len >= SHORT && full.len)
        buf_printf(out, "%s/data/parts/%.*s.%.*s%s", workspace, stem, full.data, SHORT, hash.ptr,
                   full.data + stem);
    buf_free(&full);
    return out->len && access(out->data, R_OK) == 0;
}

/* ---- words ---- */

static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static void split(struct sori_str text, struct why_words *w) {
    size_t cap = 0;
    for (size_t i = 0; i < text.len;) {
        while (i < text.len && is_space(text.ptr[i])) i++;
        size_t from = i;
        while (i < text.len && !is_space(text.ptr[i])) i++;
        if (i == from) break;
        if (w->n == cap)
            w->words = mem_grow(w->words, (cap = cap ? 2 * cap : 64) * sizeof *w->words);
        w->words[w->n++] = (struct why_word){(uint32_t)from, (uint32_t)i, 0};
    }
}

/* A piece may be part of a word or reach over several: it counts for the one where it begins. */
static void weigh(struct sori_str reasons, uint32_t label, struct why_words *w) {
    struct rec_field f;
    while (rec_next(&reasons, &f) == 1) {
        if (f.tag != EXPLAIN_REASON || f.type != REC_REC || rec_get_int(f.s, 4, -1) != label)
            continue;
        int64_t from = rec_get_int(f.s, 1, 0), to = rec_get_int(f.s, 2, 0);
        size_t k = 0;
        while (k < w->n && w->words[k].to <= from) k++;
        if (to > from && k < w->n) w->words[k].weight += rec_get_int(f.s, 3, 0);
    }
}

static int heavier(const void *a, const void *b) {
    const struct why_word *x = a, *y = b;
    int64_t m = llabs(x->weight), n = llabs(y->weight);
    if (m != n) return m < n ? 1 : -1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* Which label is meant: the tone that was taken, else the likeliest of what the pieces sum up to.
 */
static uint32_t label_of(struct sori_str labels, struct sori_str reasons, struct sori_str tone,
                         char name[64]) {
    int64_t sum[LABELS] = {0};
    struct sori_str names[LABELS] = {{0}};
    struct rec_field f;
    uint32_t n = 0, best = 0;
    while (rec_next(&labels, &f) == 1)
        if (f.tag == LABELS_LABEL && f.type == REC_REC && n < LABELS)
            names[n++] = rec_get_str(f.s, 2);
    while (rec_next(&reasons, &f) == 1) {
        int64_t k = f.tag == EXPLAIN_REASON && f.type == REC_REC ? rec_get_int(f.s, 4, -1) : -1;
        if (k >= 0 && k < LABELS) sum[k] += rec_get_int(f.s, 3, 0);
    }
    for (uint32_t i = 1; i < n; i++)
        if (sum[i] > sum[best]) best = i;
    for (uint32_t i = 0; i < n; i++)
        if (tone.len && str_eq(names[i], tone)) best = i;
    snprintf(name, 64, "%.*s", STR(names[best]));
    return best;
}

/* The model behind `desk`, where it is the one. */
static bool explain(struct desk *d, const char *model, struct sori_str id, struct sori_str text,
                    struct sori_str lang, struct sori_str tone, struct why_words *out) {
    struct buf b = {0}, labels = {0};
    rec_str(&b, CREATE_MODEL, str_c(model));
    bool ok =
        desk_ask(d, M_CREATE, &b) && str_eq(rec_get_str(buf_view(&d->answer), LABELS_MODEL), id);
    if (ok) {
        buf_str(&labels, buf_view(&d->answer));
        buf_clear(&b);
        rec_str(&b, TEXT_TEXT, text);
        rec_str_opt(&b, TEXT_LANG, lang);
        ok = desk_ask(d, M_EXPLAIN, &b);
    }
    if (ok) {
        split(text, out);
        weigh(buf_view(&d->answer),
              label_of(buf_view(&labels), buf_view(&d->answer), tone, out->label), out);
        if (out->n) qsort(out->words, out->n, sizeof *out->words, heavier);
    }
    buf_free(&b);
    buf_free(&labels);
    return ok;
}

bool why_words_ask(const char *workspace, const json_t *generation, struct sori_str id,
                   struct sori_str text, struct sori_str lang, struct sori_str tone,
                   struct why_words *out, struct err *err) {
    const json_t *models = json_object_get(generation, "models"),
                 *plugins = json_object_get(generation, "plugins");
    struct buf model = {0}, plugin = {0};
    bool found = false;
    *out = (struct why_words){.n = 0};
    for (size_t i = 0; !found && i < json_array_size(models) && i < MODELS_MOST; i++)
        for (size_t k = 0; !found && k < json_array_size(plugins); k++) {
            struct desk d = {0};
            if (!why_part_path(workspace, json_array_get(models, i), "", &model) ||
                !why_part_path(workspace, json_array_get(plugins, k), ".so", &plugin))
                continue;
            if (desk_open(&d, plugin.data, model.data))
                found = explain(&d, model.data, id, text, lang, tone, out);
            desk_close(&d);
        }
    buf_free(&model);
    buf_free(&plugin);
    return found ||
           err_set(err, "the model of then is not kept any more, so its words are not known");
}

void why_words_free(struct why_words *w) {
    free(w->words);
    *w = (struct why_words){.n = 0};
}
