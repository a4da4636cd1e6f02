/* The life of a generation in the store: since when, by whom and why, what it decided, what became
 * of it. Counts are written with the decisions that they count, so they are exact. */
#include "flow/generation/reload.h"

#include "base/log.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECOVER_MOST = 1000, LOOK_MOST = 20000, TEXT_MOST = 500 };

static struct sori_str own(struct sori_str s) { return mem_copy(utf8_cut(s, TEXT_MOST)); }

void story_free(struct generation *g) {
    free((char *)(uintptr_t)g->row.by.ptr);
    free((char *)(uintptr_t)g->row.reason.ptr);
    g->row = (struct row_generation){0};
}

static void write_row(struct core *c, const struct row_generation *row) {
    struct row_generation *r = store_add_generation(&c->batch);
    *r = *row;
    r->by = keep(c, row->by);
    r->reason = keep(c, row->reason);
    flow_dirty(c);
}

void story_begin(struct core *c, struct generation *g, const struct wish *w, int64_t manifest,
                 int64_t report) {
    g->id = ++c->ids.generation;
    g->row = (struct row_generation){.id = g->id,
                                     .at = core_at(c),
                                     .by = own(str_c(w->by)),
                                     .reason = own(str_c(w->why)),
                                     .state = GENERATION_ACTIVE,
                                     .manifest = manifest,
                                     .report = report,
                                     .ended = NIL,
                                     .decisions = 0,
                                     .held = 0,
                                     .back = w->back ? w->back : NIL,
                                     .undone = NIL};
    write_row(c, &g->row);
}

void story_resume(struct core *c, struct generation *g, int64_t id) {
    g->id = id;
    if (!store_generation(c->store, id, &g->row)) return;
    g->row.by = own(g->row.by);
    g->row.reason = own(g->row.reason);
}

void story_end(struct core *c, struct generation *g) {
    g->row.state = GENERATION_DRAINING;
    g->row.ended = core_at(c);
    g->row_dirty = false;
    write_row(c, &g->row);
}

void story_over(struct core *c, struct generation *g) {
    if (!g->id) return; /* a candidate that came to nothing */
    g->row.state = GENERATION_RETIRED;
    g->row_dirty = false;
    write_row(c, &g->row);
}

int64_t story_refused(struct core *c, const struct wish *w, struct sori_str errors) {
    struct err err;
    struct buf report = {0}, manifest = {0};
    rec_str(&report, REPORT_ERROR, errors);
    rec_str(&manifest, MANIFEST_CONFIG, buf_view(&w->disk.config));
    rec_str(&manifest, MANIFEST_BUNDLE, buf_view(&w->disk.bundle));
    struct row_generation row = {.id = ++c->ids.generation,
                                 .at = core_at(c),
                                 .by = str_c(w->by),
                                 .reason = str_c(w->why),
                                 .state = GENERATION_REJECTED,
                                 .manifest = blob_put(c->store, buf_view(&manifest), &err),
                                 .report = blob_put(c->store, buf_view(&report), &err),
                                 .ended = core_at(c),
                                 .decisions = 0,
                                 .held = 0,
                                 .back = NIL,
                                 .undone = NIL};
    write_row(c, &row);
    buf_free(&report);
    buf_free(&manifest);
    return row.id;
}

bool story_explained(struct core *c, struct generation *g, const struct wish *w) {
    bool told = w->from == FROM_PERSON && strcmp(w->why, WHY_PERSON) != 0;
    if (!told || !str_is(g->row.reason, WHY_WATCH)) return false;
    struct buf reason = {0};
    buf_printf(&reason, "%s; %s: %s", WHY_WATCH, w->by, w->why);
    free((char *)(uintptr_t)g->row.reason.ptr);
    g->row.reason = own(buf_view(&reason));
    buf_free(&reason);
    g->row_dirty = false;
    write_row(c, &g->row);
    return true;
}

static struct generation *in_memory(struct core *c, int64_t id) {
    if (c->active && c->active->id == id) return c->active;
    for (struct generation *g = c->draining; g; g = g->drains_after)
        if (g->id == id) return g;
    return NULL;
}

void story_close_row(struct core *c, int64_t id, bool undone) {
    struct generation *g = in_memory(c, id);
    if (g) {
        if (undone) g->row.undone = 1;
        g->row_dirty = true;
        flow_dirty(c);
        return;
    }
    struct row_generation row;
    if (!store_generation(c->store, id, &row)) return;
    if (row.ended == NIL) row.ended = core_at(c);
    if (undone) row.undone = 1;
    row.state = GENERATION_RETIRED;
    write_row(c, &row);
}

void story_recover(struct core *c) {
    struct row_generation row;
    int64_t last = c->ids.generation;
    for (int64_t id = last; id > 0 && id > last - RECOVER_MOST; id--)
        if (store_generation(c->store, id, &row) && row.state == GENERATION_DRAINING)
            story_close_row(c, id, false);
}

/* ---- counts ---- */

void story_decided(struct core *c, int64_t generation, int status) {
    struct generation *g = in_memory(c, generation);
    if (!g) return;
    bool error = status == DECISION_HELD || status == DECISION_QUARANTINED;
    g->row.decisions = (g->row.decisions == NIL ? 0 : g->row.decisions) + 1;
    g->row.held = (g->row.held == NIL ? 0 : g->row.held) + error;
    g->row_dirty = true;
    if (status != DECISION_PAST) probation_count(c, g, error);
}

static void flush(struct core *c, struct generation *g) {
    if (!g->id || !g->row_dirty) return;
    g->row_dirty = false;
    write_row(c, &g->row);
}

void story_flush(struct core *c) {
    if (c->active) flush(c, c->active);
    for (struct generation *g = c->draining; g; g = g->drains_after) flush(c, g);
}

/* ---- stepping back ---- */

static bool may_return(const struct row_generation *row, int64_t manifest) {
    return row->state != GENERATION_REJECTED && row->manifest != NIL && row->manifest != manifest;
}

/* One that somebody names may have been stepped back from once: they know what they do. */
static int64_t this_one(struct core *c, int64_t wanted, int64_t manifest, struct buf *why) {
    struct row_generation row;
    if (!store_generation(c->store, wanted, &row))
        buf_printf(why, "there is no generation %lld; `sori history` shows which there are",
                   (long long)wanted);
    else if (row.state == GENERATION_REJECTED)
        buf_printf(why, "generation %lld was refused and never live; `sori history %lld` says why",
                   (long long)wanted, (long long)wanted);
    else if (!may_return(&row, manifest))
        buf_printf(why, "generation %lld is what is live now", (long long)wanted);
    else
        return wanted;
    return 0;
}

/* The bytes of what was taken back since are not returned to either, whatever number they had. */
struct taken_back {
    int64_t manifest[64];
    size_t count;
};

static bool was_taken_back(struct taken_back *t, const struct row_generation *row) {
    if (row->undone == 1 && t->count < sizeof t->manifest / sizeof *t->manifest)
        t->manifest[t->count++] = row->manifest;
    for (size_t i = 0; i < t->count; i++)
        if (t->manifest[i] == row->manifest) return true;
    return row->undone == 1;
}

int64_t story_before(struct core *c, int64_t wanted, struct buf *why) {
    struct row_generation row;
    struct taken_back gone = {.count = 0};
    flow_commit(c);
    int64_t live = c->active ? c->active->id : 0;
    int64_t manifest = c->active ? c->active->row.manifest : NIL;
    if (wanted) return this_one(c, wanted, manifest, why);
    for (int64_t id = live - 1; id > 0 && id > live - LOOK_MOST; id--)
        if (store_generation(c->store, id, &row) && !was_taken_back(&gone, &row) &&
            may_return(&row, manifest))
            return id;
    buf_puts(why, "there is no earlier generation to go back to; `sori history` shows all, and "
                  "`sori rollback NUMBER` takes any of them");
    return 0;
}
