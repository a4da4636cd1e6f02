#include "proof/rescore.h"

#include "base/enums.h"
#include "base/item.h"
#include "sori/classifier.h"
#include "sori/status.h"
#include "supervise/guest.h"
#include "supervise/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 256, BATCH_BYTES = 80 * 1024, DEATHS_MOST = 5, DEADLINE_MS = 10000 };

/* A model at work: one batch in its hand, the others wait. */
struct reader {
    struct rescore *all;
    struct rescore_model m;
    struct guest *guest;
    bool ready, off; /* off: it died too often, its texts stay without scores */
    unsigned deaths;
    int64_t floor;
    char *label[MODEL_LABELS_MOST]; /* "tone.negative" */
    size_t label_n;
    struct rescore_item *first, *last, *hand[BATCH];
    size_t waiting, in_hand;
    uint32_t call;
};

struct rescore {
    struct rescore_events events;
    bool told;
    size_t n;
    struct reader reader[];
};

/* ---- what is missing ---- */

static bool has_label(struct sori_str facts, const char *name) {
    struct rec_field f;
    while (rec_next(&facts, &f) == 1)
        if (f.tag == FACT_LABEL && f.type == REC_REC && str_is(rec_get_str(f.s, 1), name))
            return true;
    return false;
}

static struct reader *reader_for(const struct rescore *r, struct sori_str facts) {
    struct sori_str lang = rec_get_str(facts, FACT_LANG);
    for (size_t i = 0; i < r->n; i++)
        if (str_is(lang, r->reader[i].m.lang)) return (struct reader *)(uintptr_t)&r->reader[i];
    return NULL;
}

bool rescore_wants(const struct rescore *r, struct sori_str facts) {
    int64_t on = rec_get_int(facts, FACT_ON, 0);
    const struct reader *m = reader_for(r, facts);
    if (!m || (on != ENTRY_SAID && on != ENTRY_EDITED) || !rec_get_str(facts, FACT_TEXT).len)
        return false;
    for (size_t i = 0; i < m->label_n; i++)
        if (!has_label(facts, m->label[i])) return true;
    return false;
}

/* ---- scores become facts ---- */

static int tone_of_label(const char *label) {
    return strncmp(label, "tone.", 5) == 0 ? tone_of(str_c(label + 5)) : -1;
}

static void put_tone(const struct reader *m, const int64_t *score, bool abstained,
                     struct buf *out) {
    int best = -1;
    for (size_t i = 0; i < m->label_n; i++)
        if (tone_of_label(m->label[i]) >= 0 && (best < 0 || score[i] > score[best])) best = (int)i;
    if (best < 0) return;
    bool sure = !abstained && score[best] >= m->floor;
    rec_int(out, FACT_TONE, sure ? tone_of_label(m->label[best]) : TONE_UNSURE);
    rec_int(out, FACT_TONE_SURE, score[best]);
}

static void put_facts(const struct reader *m, struct rescore_item *item, const int64_t *score,
                      bool abstained) {
    struct rec_field f;
    bool bare = true; /* nothing was scored then */
    for (size_t i = 0; i < m->label_n; i++) bare = bare && !has_label(item->facts, m->label[i]);
    for (struct sori_str rest = item->facts; rec_next(&rest, &f) == 1;) {
        if (bare && (f.tag == FACT_TONE || f.tag == FACT_TONE_SURE)) continue;
        if (f.type == REC_INT)
            rec_int(&item->out, f.tag, f.i);
        else if (f.type == REC_STR)
            rec_str(&item->out, f.tag, f.s);
        else
            rec_rec(&item->out, f.tag, f.s);
    }
    for (size_t i = 0; i < m->label_n; i++) {
        if (has_label(item->facts, m->label[i])) continue;
        size_t mark = rec_begin(&item->out, FACT_LABEL);
        rec_str(&item->out, 1, str_c(m->label[i]));
        rec_int(&item->out, 2, score[i]);
        rec_end(&item->out, mark);
    }
    if (bare) put_tone(m, score, abstained, &item->out);
}

/* One row of the answer. False: it is none for these labels. */
static bool take_row(const struct reader *m, struct rescore_item *item, struct sori_str row) {
    int64_t score[MODEL_LABELS_MOST] = {0};
    struct rec_field f;
    size_t k = 0;
    bool abstained = false;
    while (rec_next(&row, &f) == 1) {
        if (f.tag == ROW_STATUS) abstained = f.i != SORI_SCORE_OK;
        if (f.tag == ROW_SCORE && k < m->label_n)
            score[k++] = f.i < 0 ? 0 : f.i > 10000 ? 10000 : f.i;
    }
    if (k != m->label_n) return false;
    put_facts(m, item, score, abstained);
    return true;
}

/* ---- batches ---- */

static void send_batch(struct reader *m) {
    struct buf b = {0};
    if (!m->ready || m->in_hand || !m->first) return;
    while (m->first && m->in_hand < BATCH && b.len < BATCH_BYTES) {
        struct rescore_item *item = m->first;
        m->first = item->next;
        if (!m->first) m->last = NULL;
        m->waiting--;
        m->hand[m->in_hand++] = item;
        size_t mark = rec_begin(&b, SCORE_TEXT);
        rec_str(&b, TEXT_TEXT, rec_get_str(item->facts, FACT_TEXT));
        rec_str(&b, TEXT_LANG, rec_get_str(item->facts, FACT_LANG));
        rec_int(&b, TEXT_KIND, rec_get_int(item->facts, FACT_KIND, 0));
        rec_end(&b, mark);
    }
    m->call = guest_call(m->guest, M_SCORE, buf_view(&b), DEADLINE_MS, -1);
    buf_free(&b);
}

/* What is in its hand goes back to the caller, scored or not. */
static void give_back(struct reader *m) {
    size_t n = m->in_hand;
    m->in_hand = 0;
    m->call = 0;
    for (size_t i = 0; i < n; i++) m->all->events.scored(m->all->events.ctx, m->hand[i]);
}

static void give_up(struct reader *m) {
    m->off = true;
    while (m->first) {
        struct rescore_item *item = m->first;
        m->first = item->next;
        m->all->events.scored(m->all->events.ctx, item);
    }
    m->last = NULL;
    m->waiting = 0;
}

void rescore_put(struct rescore *r, struct rescore_item *item) {
    struct reader *m = reader_for(r, item->facts);
    item->next = NULL;
    if (m->last)
        m->last->next = item;
    else
        m->first = item;
    m->last = item;
    if (++m->waiting >= BATCH && !m->off) send_batch(m);
}

void rescore_flush(struct rescore *r) {
    for (size_t i = 0; i < r->n; i++)
        if (r->reader[i].off)
            give_up(&r->reader[i]);
        else
            send_batch(&r->reader[i]);
}

/* ---- workers ---- */

static void fail(struct rescore *r, const char *why) {
    if (r->told) return;
    r->told = true;
    r->events.failed(r->events.ctx, why);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct reader *m = ctx;
    struct buf b = {0};
    char floor[16];
    (void)hello;
    rec_str(&b, CREATE_MODEL, str_c(m->m.model));
    if (m->m.floor >= 0) {
        snprintf(floor, sizeof floor, "%.4f", (double)m->m.floor / 10000);
        size_t mark = rec_begin(&b, CREATE_OPTION);
        rec_str(&b, PAIR_NAME, SORI_STR("floor"));
        rec_str(&b, PAIR_VALUE, str_c(floor));
        rec_end(&b, mark);
    }
    guest_call(g, M_CREATE, buf_view(&b), DEADLINE_MS, -1);
    buf_free(&b);
}

static void learn(struct reader *m, struct sori_str labels) {
    struct rec_field f;
    while (m->label_n) free(m->label[--m->label_n]);
    m->floor = m->m.floor >= 0 ? m->m.floor : rec_get_int(labels, LABELS_FLOOR, 6000);
    while (rec_next(&labels, &f) == 1) {
        if (f.tag != LABELS_LABEL || f.type != REC_REC || m->label_n == MODEL_LABELS_MOST) continue;
        struct buf full = {0};
        buf_printf(&full, "%.*s.%.*s", STR(rec_get_str(f.s, 1)), STR(rec_get_str(f.s, 2)));
        m->label[m->label_n++] = full.data;
    }
}

static void created(struct reader *m, const struct wire_msg *msg) {
    struct rescore *r = m->all;
    if (msg->head.status != SORI_OK) {
        char why[256];
        snprintf(why, sizeof why, "the model for \"%s\" cannot be used: %.*s", m->m.lang,
                 STR(rec_get_str(msg->payload, DONE_WHY)));
        fail(r, why);
        give_up(m);
        return;
    }
    learn(m, msg->payload);
    m->ready = true;
    bool all = true;
    for (size_t i = 0; i < r->n; i++) all = all && r->reader[i].ready;
    if (all && !r->told) {
        r->told = true;
        r->events.ready(r->events.ctx);
    }
    send_batch(m);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct reader *m = ctx;
    struct sori_str rows = msg->payload;
    struct rec_field f;
    (void)g;
    if (!m->ready) {
        created(m, msg);
        return;
    }
    if (!m->in_hand || msg->head.call != m->call) return;
    size_t i = 0;
    while (msg->head.status == SORI_OK && i < m->in_hand && rec_next(&rows, &f) == 1)
        if (f.tag == SCORE_ROW && f.type == REC_REC && !take_row(m, m->hand[i++], f.s)) break;
    give_back(m);
    send_batch(m);
}

/* What was in its hand stays without scores: a text that kills a classifier would do so again. */
static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct reader *m = ctx;
    (void)g;
    m->ready = false;
    if (++m->deaths >= DEATHS_MOST) {
        fail(m->all, o->what);
        give_up(m);
    }
    give_back(m);
}

static bool start(struct reader *m, struct event_base *base, const char *bin, struct err *err) {
    char name[48];
    snprintf(name, sizeof name, "rescore/%s", m->m.lang);
    struct guest_spec spec = {
        .kind = GUEST_CLASSIFIER, .name = name, .plugin = m->m.so, .model = m->m.model};
    struct guest_events events = {.ctx = m, .ready = on_ready, .done = on_done, .lost = on_lost};
    m->guest = guest_start(base, bin, &spec, &events, err);
    return m->guest != NULL;
}

struct rescore *rescore_open(struct event_base *base, const char *bin,
                             const struct rescore_model *models, size_t n,
                             const struct rescore_events *events, struct err *err) {
    struct rescore *r = mem_get(sizeof *r + n * sizeof r->reader[0]);
    r->events = *events;
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        struct reader *m = &r->reader[i];
        m->all = r;
        m->m = models[i];
        m->m.so = mem_text(str_c(models[i].so));
        m->m.model = mem_text(str_c(models[i].model));
    }
    for (size_t i = 0; i < n; i++)
        if (!start(&r->reader[i], base, bin, err)) {
            rescore_close(&r);
            return NULL;
        }
    return r;
}

void rescore_close(struct rescore **at) {
    struct rescore *r = *at;
    *at = NULL;
    if (!r) return;
    for (size_t i = 0; i < r->n; i++) {
        struct reader *m = &r->reader[i];
        if (m->guest) guest_kill(&m->guest);
        while (m->label_n) free(m->label[--m->label_n]);
        free(m->m.so);
        free(m->m.model);
    }
    free(r);
}
