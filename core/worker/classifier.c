#include "worker/worker.h"

#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>

enum { LABEL_BYTES = 128, TEXTS_MOST = 65536, PRECISIONS_MOST = 100, REASONS_BYTES = 4 << 20 };

static bool get_precisions(struct worker *w, uint32_t labels, struct sori_precisions *out) {
    const struct sori_classifier *c = w->plugin.classifier;
    *out = (struct sori_precisions){.struct_size = sizeof *out};
    bool told = c->struct_size >= offsetof(struct sori_classifier, precisions) + sizeof(void *);
    if (!told || !c->precisions) return true;
    if (c->precisions(w->self, out) != SORI_OK) return false;
    bool good = out->count == 0 || (out->items && out->count <= labels * PRECISIONS_MOST &&
                                    out->stride >= sizeof(struct sori_precision));
    for (uint32_t i = 0; good && i < out->count; i++) {
        const struct sori_precision *p = plugin_at(out->items, out->stride, i);
        good = p->label < labels && p->precision > 0 && p->precision <= 10000 &&
               p->threshold >= 0 && p->threshold <= 10000;
    }
    if (!good)
        call_why(w,
                 "its %u precisions of %u bytes name a label, share or threshold that there cannot "
                 "be; expected at most %d a label, of %zu bytes",
                 out->count, out->stride, PRECISIONS_MOST, sizeof(struct sori_precision));
    return good;
}

static void put_precisions(struct worker *w, uint32_t label, const struct sori_precisions *all) {
    size_t mark = rec_begin(&w->done, 4);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct sori_precision *p = plugin_at(all->items, all->stride, i);
        if (p->label != label) continue;
        size_t point = rec_begin(&w->done, 2);
        rec_int(&w->done, 1, p->precision);
        rec_int(&w->done, 2, p->threshold);
        rec_int(&w->done, 3, p->rows);
        rec_end(&w->done, point);
    }
    rec_end(&w->done, mark);
}

static bool is_word(struct sori_str s) {
    bool good = s.ptr && s.len > 0 && s.len <= LABEL_BYTES && utf8_valid(s);
    for (size_t len; good && s.len; s.ptr += len, s.len -= len)
        good = utf8_is_plain(utf8_next(s, &len));
    return good;
}

static bool labels_are_good(struct worker *w, const struct sori_labels *labels) {
    if (!labels->count || labels->count > MODEL_LABELS_MOST || !labels->items ||
        labels->stride < sizeof(struct sori_label)) {
        call_why(w, "%u labels of %u bytes; expected 1 to %d of %zu", labels->count, labels->stride,
                 MODEL_LABELS_MOST, sizeof(struct sori_label));
        return false;
    }
    for (uint32_t i = 0; i < labels->count; i++) {
        const struct sori_label *l = plugin_at(labels->items, labels->stride, i);
        if (!is_word(l->group) || !is_word(l->name)) {
            call_why(w, "label %u: its group and its name are 1 to %d bytes of UTF-8 each", i,
                     LABEL_BYTES);
            return false;
        }
        for (uint32_t k = 0; k < i; k++) {
            const struct sori_label *other = plugin_at(labels->items, labels->stride, k);
            if (!str_eq(l->group, other->group) || !str_eq(l->name, other->name)) continue;
            call_why(w, "labels %u and %u are both \"%.*s.%.*s\"; expected each once", k, i,
                     STR(l->group), STR(l->name));
            return false;
        }
    }
    if (!is_word(labels->model_id))
        call_why(w, "model_id is 1 to %d bytes of UTF-8", LABEL_BYTES);
    else if (!(labels->floor >= 0.0f && labels->floor <= 1.0f))
        call_why(w, "the floor is %g; expected 0 to 1", (double)labels->floor);
    else
        return true;
    return false;
}

static bool put_labels(struct worker *w) {
    struct sori_labels labels = {0};
    struct sori_precisions precisions;
    if (w->plugin.classifier->labels(w->self, &labels) != SORI_OK) return false;
    if (!labels_are_good(w, &labels)) return false;
    if (!get_precisions(w, labels.count, &precisions)) return false;
    for (uint32_t i = 0; i < labels.count; i++) {
        const struct sori_label *l = plugin_at(labels.items, labels.stride, i);
        size_t mark = rec_begin(&w->done, LABELS_LABEL);
        rec_str(&w->done, 1, l->group);
        rec_str(&w->done, 2, l->name);
        rec_int_opt(&w->done, 3, l->exclusive);
        if (precisions.count) put_precisions(w, i, &precisions);
        rec_end(&w->done, mark);
    }
    rec_int(&w->done, LABELS_FLOOR, lrintf(labels.floor * 10000.0f));
    rec_str(&w->done, LABELS_MODEL, labels.model_id);
    w->label_count = labels.count;
    return true;
}

static void create(struct worker *w) {
    struct sori_str p = w->call.payload;
    pairs_read(&w->pairs, p, CREATE_OPTION);
    struct sori_str model = rec_get_str(p, CREATE_MODEL);
    if (!model.len && w->model_path) model = str_c(w->model_path);
    struct sori_classifier_config config = {
        .struct_size = sizeof config, .model_path = model, .options = pairs_view(&w->pairs)};
    enum sori_status status = SORI_BUG;
    if (w->self)
        call_why(w, "create was asked for twice");
    else
        status = w->plugin.classifier->create(&w->host, &config, &w->self);
    if (status == SORI_OK && !put_labels(w)) status = SORI_BUG;
    w->made = status == SORI_OK;
    worker_close_fence(w);
    call_done(w, status);
}

static struct sori_text read_text(struct sori_str r) {
    struct sori_text t = {0};
    struct rec_field f;
    while (rec_next(&r, &f) == 1) {
        if (f.tag == TEXT_KIND && f.type == REC_INT) t.kind = (uint32_t)f.i;
        if (f.type != REC_STR) continue;
        if (f.tag == TEXT_TEXT) t.text = f.s;
        if (f.tag == TEXT_PARENT) t.parent_text = f.s;
        if (f.tag == TEXT_LANG) t.lang = f.s;
    }
    return t;
}

static size_t read_texts(struct worker *w) {
    struct sori_str record = w->call.payload;
    struct rec_field f;
    size_t n = 0;
    while (n < TEXTS_MOST && rec_next(&record, &f) == 1) {
        if (f.tag != SCORE_TEXT || f.type != REC_REC) continue;
        if (n == w->text_cap) {
            w->text_cap = w->text_cap ? w->text_cap * 2 : 256;
            w->texts = mem_grow(w->texts, w->text_cap * sizeof *w->texts);
        }
        w->texts[n++] = read_text(f.s);
    }
    return n;
}

static void on_text(const struct sori_text_batch *batch, size_t index) {
    blackbox_item(((struct worker *)batch->ctx)->box, (int64_t)index);
}

/* Scores meet other builds and other machines: as integers they are equal everywhere. */
static bool put_row(struct worker *w, size_t i, bool failed) {
    const float *row = w->scores + i * w->label_count;
    bool broken = failed || w->score_status[i] > SORI_SCORE_ERROR;
    for (uint32_t k = 0; k < w->label_count; k++) broken |= !(row[k] >= 0.0f && row[k] <= 1.001f);
    size_t mark = rec_begin(&w->done, SCORE_ROW);
    rec_int(&w->done, ROW_STATUS, broken ? SORI_SCORE_ERROR : w->score_status[i]);
    for (uint32_t k = 0; k < w->label_count && !broken; k++) {
        long score = lrintf(row[k] * 10000.0f);
        rec_int(&w->done, ROW_SCORE, score > 10000 ? 10000 : score);
    }
    rec_end(&w->done, mark);
    return !broken;
}

static void score(struct worker *w) {
    size_t n = read_texts(w), cells = n * w->label_count;
    if (cells + n > w->score_cap) {
        w->score_cap = cells + n;
        w->scores = mem_grow(w->scores, w->score_cap * sizeof *w->scores);
        w->score_status = mem_grow(w->score_status, w->score_cap);
    }
    if (n) {
        memset(w->scores, 0, cells * sizeof *w->scores);
        memset(w->score_status, 0, n);
    }
    struct sori_text_batch batch = {.struct_size = sizeof batch,
                                    .stride = sizeof *w->texts,
                                    .items = w->texts,
                                    .count = n,
                                    .at = on_text,
                                    .ctx = w};
    struct sori_scores scores = {.struct_size = sizeof scores,
                                 .labels = w->label_count,
                                 .value = w->scores,
                                 .status = w->score_status};
    enum sori_status status = n ? w->plugin.classifier->score(w->self, &batch, &scores) : SORI_OK;
    for (size_t i = 0; i < n; i++) put_row(w, i, status != SORI_OK);
    call_done(w, status);
}

static void on_reason(const struct sori_explain_sink *sink, const struct sori_reason *r) {
    struct worker *w = sink->ctx;
    if (!r || w->done.len > REASONS_BYTES) return;
    size_t mark = rec_begin(&w->done, EXPLAIN_REASON);
    rec_int(&w->done, 1, r->from);
    rec_int(&w->done, 2, r->to);
    rec_int(&w->done, 3, r->weight);
    rec_int(&w->done, 4, r->label);
    rec_end(&w->done, mark);
}

static void explain(struct worker *w) {
    struct sori_text text = read_text(w->call.payload);
    struct sori_explain_sink sink = {.struct_size = sizeof sink, .ctx = w, .reason = on_reason};
    call_done(w, w->plugin.classifier->explain(w->self, &text, &sink));
}

void classifier_serve(struct worker *w) {
    uint32_t m = w->call.method;
    if (m == M_CREATE) {
        create(w);
    } else if (!w->made) {
        call_why(w, "there is no instance: create was not asked for, or failed");
        call_done(w, SORI_BUG);
    } else if (m == M_SCORE) {
        score(w);
    } else if (m == M_EXPLAIN && w->plugin.classifier->explain) {
        explain(w);
    } else {
        call_why(w, "%s has no such function", w->plugin.desc->id);
        call_done(w, SORI_PERMANENT);
    }
}
