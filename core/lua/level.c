/* `care:level { likely = "precision 80%" }`: from how often a label must be right to the score from
 * which it is. Each model that gives the label brings its own curve, and nobody knows which of them
 * will read a text, so that the highest threshold of all of them counts. */
#include "lua/policy_inner.h"

#include <stdio.h>

const struct env_label *level_label(const struct policy *p, struct sori_str name, size_t n) {
    for (size_t i = 0; i < p->label_count; i++)
        if (str_eq(p->labels[i].name, name) && n-- == 0) return &p->labels[i];
    return NULL;
}

struct point {
    int64_t threshold, rows, best; /* -1: not reached; best: the highest precision that is */
};

/* The lowest threshold at which this model's label was right often enough. */
static struct point point_of(const struct env_label *label, int64_t precision) {
    struct sori_str rest = label->points;
    struct rec_field f;
    struct point found = {.threshold = -1};
    while (rec_next(&rest, &f) == 1) {
        if (f.tag != 2 || f.type != REC_REC) continue;
        int64_t p = rec_get_int(f.s, 1, 0), t = rec_get_int(f.s, 2, 0);
        if (p > found.best) found.best = p;
        if (p < precision || (found.threshold >= 0 && t >= found.threshold)) continue;
        found.threshold = t;
        found.rows = rec_get_int(f.s, 3, 0);
    }
    return found;
}

static bool refuse(struct reader *r, int line, const struct level *l, struct sori_str label,
                   const struct env_label *model, int64_t best) {
    char which[96] = "this model";
    if (model && model->model.len)
        snprintf(which, sizeof which, "the model %.64s", policy_text(r->p, model->model));
    if (best == 0)
        return complain(r, line,
                        "label %.*s: %s has no calibration for it, so \"%.*s\" (precision %lld%%) "
                        "cannot be found; give a number from 0 to 1",
                        STR(label), which, STR(l->name), (long long)(l->precision / 100));
    return complain(r, line,
                    "label %.*s never reaches \"%.*s\" (precision %lld%%) with %s; its best is "
                    "%lld%%: ask for no more than that, or train the model with more examples",
                    STR(label), STR(l->name), (long long)(l->precision / 100), which,
                    (long long)(best / 100));
}

static void note_use(struct policy *p, struct level_use use) {
    for (size_t i = 0; i < p->level_use_count; i++)
        if (p->level_uses[i].level == use.level && str_eq(p->level_uses[i].label, use.label))
            return;
    if (p->level_use_count == LEVEL_USES_MAX) return;
    use.label = arena_copy(&p->arena, use.label);
    p->level_uses[p->level_use_count++] = use;
}

static bool resolve(struct reader *r, int line, const struct level *l, struct sori_str label,
                    int64_t *threshold) {
    struct policy *p = r->p;
    struct level_use use = {.level = l, .label = label, .threshold = -1};
    const struct env_label *model;
    bool calibrated = false;
    for (size_t n = 0; (model = level_label(p, label, n)); n++)
        calibrated |= point_of(model, l->precision).best > 0;
    if (l->number >= 0 || ((p->open & POLICY_OPEN_LABELS) && !calibrated)) {
        *threshold = l->number >= 0 ? l->number : l->precision;
        return true;
    }
    for (size_t n = 0; (model = level_label(p, label, n)); n++) {
        struct point at = point_of(model, l->precision);
        if (at.threshold < 0) return refuse(r, line, l, label, model, at.best);
        if (at.threshold <= use.threshold) continue;
        use.threshold = at.threshold;
        use.rows = at.rows;
        use.model = model->model;
    }
    if (use.threshold < 0 && label_listed(p, label)) {
        *threshold = 10000; /* a list finds its word or does not */
        return true;
    }
    if (use.threshold < 0) return refuse(r, line, l, label, NULL, 0);
    note_use(p, use);
    *threshold = use.threshold;
    return true;
}

bool level_resolve(struct reader *r, int line, struct sori_str label, struct sori_str word,
                   int64_t *threshold) {
    struct policy *p = r->p;
    const char *names[32];
    for (size_t i = 0; i < p->level_count; i++) {
        if (str_eq(p->levels[i].name, word))
            return resolve(r, line, &p->levels[i], label, threshold);
        names[i] = policy_text(p, p->levels[i].name);
    }
    return complain_near(r, line, word, names, p->level_count,
                         "label %.*s: there is no level '%.*s'; declare it with :level { %.*s = "
                         "\"precision 80%%\" } or give a number",
                         STR(label), STR(word), STR(word));
}

/* 1204 as "1,204" */
static void put_count(struct buf *b, int64_t n) {
    if (n >= 1000) {
        put_count(b, n / 1000);
        buf_printf(b, ",%03d", (int)(n % 1000));
    } else
        buf_printf(b, "%d", (int)n);
}

void policy_plan(const struct policy *p, struct buf *lines) {
    for (size_t i = 0; i < p->level_use_count; i++) {
        const struct level_use *u = &p->level_uses[i];
        buf_printf(lines, "%.*s = precision %lld %% → %.*s ≥ %lld.%04lld (", STR(u->level->name),
                   (long long)(u->level->precision / 100), STR(u->label),
                   (long long)(u->threshold / 10000), (long long)(u->threshold % 10000));
        if (u->model.len) buf_printf(lines, "%.*s ", STR(u->model));
        put_count(lines, u->rows);
        buf_puts(lines, u->rows == 1 ? " row)\n" : " rows)\n");
    }
}
