/* Stage 3, classify: texts go to the model of their language in batches, scores come back rounded
 * to 1/10,000. A text that kills the classifier is tried once more alone; the second time it goes
 * on without scores (its tone is unsure), because a person can still decide about it. */
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "sori/classifier.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 256, IN_FLIGHT = 8, DEADLINE_MS = 10000 };
enum { FAILED_MOST = 3, RETRY_MS = 15000 };

struct score_batch {
    struct score_batch *next;
    uint32_t call;
    size_t count;
    struct entry *entries[BATCH];
};

/* It is proven for a generation that is not live yet. */
static bool is_candidate(const struct core *c, const struct model *m) {
    return c->next && m->wanted == c->next && !m->shared;
}

static struct model *model_for(struct core *c, const struct entry *e) {
    for (size_t i = 0; i < c->model_count; i++)
        if (str_is(e->lang, c->model[i]->lang) && !is_candidate(c, c->model[i])) return c->model[i];
    return NULL;
}

static void unsure(struct core *c, struct entry *e) {
    e->scored = true;
    e->tone = TONE_UNSURE;
    e->tone_sure = 0;
    decide_scored(c, e);
}

void classify_put(struct core *c, struct entry *e) {
    if (e->kind != ENTRY_SAID && e->kind != ENTRY_EDITED) {
        e->scored = true;
        decide_scored(c, e);
        return;
    }
    struct model *m = model_for(c, e);
    if (!m || (m->failed >= FAILED_MOST && !m->ready)) {
        unsure(c, e);
        return;
    }
    e->queued = NULL;
    if (m->last)
        m->last->queued = e;
    else
        m->first = e;
    m->last = e;
    m->waiting++;
}

static void send_batch(struct core *c, struct model *m) {
    (void)c;
    struct score_batch *b = mem_get(sizeof *b);
    struct buf payload = {0};
    size_t most = m->first->deaths ? 1 : BATCH;
    for (struct entry *e = m->first;
         e && b->count < most && payload.len < 80 * 1024 && (b->count == 0 || !e->deaths);
         e = e->queued) {
        b->entries[b->count++] = e;
        size_t mark = rec_begin(&payload, SCORE_TEXT);
        rec_str(&payload, TEXT_TEXT, e->text);
        rec_str_opt(&payload, TEXT_LANG, e->lang);
        rec_int(&payload, TEXT_KIND, e->item_kind);
        rec_end(&payload, mark);
    }
    b->call = guest_call(m->guest, M_SCORE, buf_view(&payload), DEADLINE_MS, -1);
    buf_free(&payload);
    if (!b->call) {
        free(b);
        return;
    }
    m->first = b->entries[b->count - 1]->queued;
    if (!m->first) m->last = NULL;
    m->waiting -= b->count;
    b->next = m->batches;
    m->batches = b;
}

void classify_pump(struct core *c) {
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        struct err err;
        if (!m->guest && m->failed && clock_mono() >= m->retry_at && !model_start(c, m, &err))
            m->retry_at = clock_mono() + RETRY_MS;
        while (m->ready && m->first) {
            unsigned flying = 0;
            for (struct score_batch *b = m->batches; b; b = b->next) flying++;
            if (flying >= IN_FLIGHT) break;
            size_t before = m->waiting;
            send_batch(c, m);
            if (m->waiting == before) break;
        }
    }
}

/* The exclusive group `tone` becomes the fact of that name; below the floor it is unsure. */
static void read_tone(const struct model *m, struct entry *e, bool abstained) {
    int best = -1;
    for (size_t i = 0; i < m->label_count; i++)
        if (strcmp(m->label[i].group, "tone") == 0 && (best < 0 || e->score[i] > e->score[best]))
            best = (int)i;
    if (best < 0) return;
    e->tone_sure = e->score[best];
    int tone = tone_of(str_c(m->label[best].name));
    e->tone = abstained || tone < 0 || e->tone_sure < m->floor ? TONE_UNSURE : tone;
}

static void read_row(struct model *m, struct entry *e, struct sori_str row) {
    struct rec_field f;
    size_t k = 0;
    bool abstained = false;
    while (rec_next(&row, &f) == 1) {
        if (f.tag == ROW_STATUS) abstained = f.i != SORI_SCORE_OK;
        if (f.tag == ROW_SCORE && k < m->label_count)
            e->score[k++] = (uint16_t)(f.i < 0 ? 0 : f.i > 10000 ? 10000 : f.i);
    }
    if (k == m->label_count && e->model != m) {
        if (e->model) e->model->held--;
        e->model = m;
        m->held++;
    }
    read_tone(m, e, abstained || k != m->label_count);
}

static struct score_batch *take(struct model *m, uint32_t call) {
    for (struct score_batch **p = &m->batches; *p; p = &(*p)->next)
        if ((*p)->call == call) {
            struct score_batch *b = *p;
            *p = b->next;
            return b;
        }
    return NULL;
}

static void scored(struct core *c, struct model *m, const struct wire_msg *msg) {
    struct score_batch *b = take(m, msg->head.call);
    if (!b) return;
    struct sori_str rows = msg->payload;
    struct rec_field f;
    size_t i = 0;
    while (msg->head.status == SORI_OK && i < b->count && rec_next(&rows, &f) == 1)
        if (f.tag == SCORE_ROW && f.type == REC_REC) read_row(m, b->entries[i++], f.s);
    for (; i < b->count; i++) b->entries[i]->tone = TONE_UNSURE;
    for (i = 0; i < b->count; i++) {
        b->entries[i]->scored = true;
        decide_scored(c, b->entries[i]);
    }
    free(b);
    classify_pump(c);
    decide_pump(c);
}

/* ---- the model's guest ---- */
struct model_ctx {
    struct core *core;
    struct model *model;
};

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct model_ctx *x = ctx;
    (void)hello;
    struct buf b = {0};
    rec_str(&b, CREATE_MODEL, str_c(x->model->path));
    if (x->model->asked != NIL) { /* what it abstains from follows its floor */
        char floor[16];
        snprintf(floor, sizeof floor, "%.4f", (double)x->model->asked / 10000);
        size_t mark = rec_begin(&b, CREATE_OPTION);
        rec_str(&b, PAIR_NAME, str_c("floor"));
        rec_str(&b, PAIR_VALUE, str_c(floor));
        rec_end(&b, mark);
    }
    guest_call(g, M_CREATE, buf_view(&b), DEADLINE_MS, -1);
    buf_free(&b);
}

static void forget_labels(struct model *m) {
    for (size_t i = 0; i < m->label_count; i++) {
        free(m->label[i].group);
        free(m->label[i].name);
        free(m->label[i].full);
        free((char *)(uintptr_t)m->label[i].points.ptr);
    }
    m->label_count = 0;
}

static void learn_labels(struct model *m, struct sori_str payload) {
    struct rec_field f;
    forget_labels(m);
    m->floor = m->asked != NIL ? m->asked : rec_get_int(payload, LABELS_FLOOR, 6000);
    free(m->id);
    m->id = mem_text(rec_get_str(payload, LABELS_MODEL));
    while (rec_next(&payload, &f) == 1) {
        if (f.tag != LABELS_LABEL || f.type != REC_REC || m->label_count == MODEL_LABELS_MOST)
            continue;
        struct label *l = &m->label[m->label_count++];
        l->group = mem_text(rec_get_str(f.s, 1));
        l->name = mem_text(rec_get_str(f.s, 2));
        struct buf full = {0};
        buf_printf(&full, "%s.%s", l->group, l->name);
        l->full = full.data;
        l->points = mem_copy(rec_get_rec(f.s, 4));
    }
}

/* A model that does not come back must hold nobody up: what waits for its scores goes on without,
 * to a person. It is tried again from time to time. */
static void go_without(struct core *c, struct model *m) {
    struct entry *e = m->first;
    m->first = m->last = NULL;
    m->waiting = 0;
    if (e) log_line(LOG_ERROR, m->plugin, "texts of \"%s\" go on without scores", m->lang);
    while (e) {
        struct entry *next = e->queued;
        unsure(c, e);
        e = next;
    }
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct model_ctx *x = ctx;
    if (x->model->ready) {
        scored(x->core, x->model, msg);
        return;
    }
    if (msg->head.status != SORI_OK) {
        log_line(LOG_ERROR, guest_name(g), "the model cannot be used: %.*s",
                 STR(rec_get_str(msg->payload, DONE_WHY)));
        free(x->model->why);
        x->model->why = mem_text(rec_get_str(msg->payload, DONE_WHY));
        x->model->failed = FAILED_MOST;
        x->model->retry_at = clock_mono() + RETRY_MS;
        guest_kill(&x->model->guest);
        go_without(x->core, x->model);
        return;
    }
    learn_labels(x->model, msg->payload);
    x->model->ready = true;
    x->model->failed = 0;
    classify_pump(x->core);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct model_ctx *x = ctx;
    struct core *c = x->core;
    struct model *m = x->model;
    if (!m->ready && ++m->failed >= FAILED_MOST) go_without(c, m);
    m->ready = false;
    struct score_batch *b;
    while ((b = m->batches)) {
        m->batches = b->next;
        for (size_t i = b->count; i-- > 0;) {
            struct entry *e = b->entries[i];
            /* Where no item was named, each is a suspect and goes alone from now on. */
            bool suspect = o->call == b->call && (o->item < 0 || (size_t)o->item == i);
            if (suspect && ++e->deaths >= 2) {
                flow_fault(c, guest_name(g), "score", e->conn, e->seq, NIL, NIL, 0, str_c(o->what),
                           e->text);
                unsure(c, e);
                continue;
            }
            e->queued = m->first;
            m->first = e;
            if (!m->last) m->last = e;
            m->waiting++;
        }
        free(b);
    }
}

bool model_start(struct core *c, struct model *m, struct err *err) {
    if (!m->ctx) m->ctx = mem_get(sizeof *m->ctx);
    *m->ctx = (struct model_ctx){c, m};
    struct buf name = {0};
    buf_printf(&name, "%s/%s", m->plugin, m->lang);
    struct guest_spec spec = {
        .kind = GUEST_CLASSIFIER, .name = name.data, .plugin = m->so, .model = m->path};
    struct guest_events events = {
        .ctx = m->ctx, .ready = on_ready, .done = on_done, .lost = on_lost};
    m->guest = guest_start(c->base, c->bin, &spec, &events, err);
    buf_free(&name);
    return m->guest != NULL;
}

void model_stop(struct core *c, struct model *m) {
    (void)c;
    if (m->guest) guest_kill(&m->guest);
    m->ready = false;
}

void model_free(struct core *c, struct model *m) {
    model_stop(c, m);
    for (size_t i = 0; i < c->model_count; i++)
        if (c->model[i] == m) c->model[i] = c->model[--c->model_count];
    m->gone = c->gone_models;
    c->gone_models = m;
}

void model_tick(struct core *c) {
    for (struct model **p = &c->gone_models; *p;) {
        struct model *m = *p;
        if (m->held) {
            p = &m->gone;
            continue;
        }
        *p = m->gone;
        forget_labels(m);
        free(m->classifier);
        free(m->lang);
        free(m->path);
        free(m->plugin);
        free(m->so);
        free(m->why);
        free(m->id);
        free(m->ctx);
        free(m);
    }
}
