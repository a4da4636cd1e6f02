/* A step back by itself. While a generation is young its errors are compared with those of the one
 * before: entries held by a budget or an error, deaths of its worker, decisions that come out
 * otherwise when they are made again. Where they jump, the one before decides again, loudly.
 *
 * It never swings to and fro: what came by a step back is not stepped back from, what was stepped
 * back from is not returned to, and the files that it was made of stay away until they change. */
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    YOUNG_MS = 3600000, /* for so long it is watched */
    SLICE_MS = 60000,
    SLICES = 10, /* its last ten minutes count */
    DECISIONS_LEAST = 20,
    ERRORS_LEAST = 5,
    DEATHS_MOST = 3
};

struct slice {
    int64_t at, decided, errors;
};
struct probation {
    int64_t since; /* monotonic ms */
    struct slice slice[SLICES];
    unsigned deaths;
    bool over;
    /* Of the one before, while it was live: in units of 1/10,000. */
    int64_t before, usual;
};

static struct slice sum(const struct probation *p, int64_t now) {
    struct slice all = {0};
    for (size_t i = 0; i < SLICES; i++) {
        if (!p->slice[i].decided || now - p->slice[i].at > SLICES * SLICE_MS) continue;
        all.decided += p->slice[i].decided;
        all.errors += p->slice[i].errors;
    }
    return all;
}

static int64_t rate(int64_t errors, int64_t decided) {
    return decided ? errors * 10000 / decided : 0;
}

/* What was usual: of its last minutes, where these were enough to tell, else of its whole life. */
static int64_t usual_of(struct core *c, int64_t id) {
    struct row_generation row;
    for (struct generation *g = c->draining; g; g = g->drains_after)
        if (g->id == id && g->probation) {
            struct slice s = sum(g->probation, clock_mono());
            if (s.decided >= DECISIONS_LEAST) return rate(s.errors, s.decided);
        }
    if (!store_generation(c->store, id, &row) || row.decisions < DECISIONS_LEAST) return 0;
    return rate(row.held, row.decisions);
}

void probation_begin(struct core *c, struct generation *g) {
    struct buf why = {0};
    struct probation *p = g->probation = mem_get(sizeof *p);
    p->since = clock_mono();
    p->before = story_before(c, 0, &why);
    p->usual = p->before ? usual_of(c, p->before) : 0;
    buf_free(&why);
}

void probation_count(struct core *c, struct generation *g, bool error) {
    struct probation *p = g->probation;
    (void)c;
    if (!p) return;
    int64_t at = clock_mono() / SLICE_MS;
    struct slice *s = &p->slice[at % SLICES];
    if (s->at != at * SLICE_MS) *s = (struct slice){.at = at * SLICE_MS};
    s->decided++;
    s->errors += error;
}

void probation_death(struct core *c, struct generation *g) {
    (void)c;
    if (g->probation) g->probation->deaths++;
}

static void returned(void *ctx, const struct fate *fate) {
    struct core *c = ctx;
    if (fate->ok) return;
    free(c->notice);
    c->notice =
        mem_text(SORI_STR("the live generation errs, and stepping back failed; the log says "
                          "why"));
    c->reload->away_told = false;
    log_line(LOG_ERROR, "reload", "the step back was refused; a person is needed: %.*s",
             STR(fate->text));
}

static void step_back(struct core *c, struct generation *g, const char *because) {
    struct probation *p = g->probation;
    char why[256], text[640];
    p->over = true;
    snprintf(why, sizeof why, "generation %lld errs: %s", (long long)g->id, because);
    snprintf(text, sizeof text,
             "generation %lld was taken back by itself: %s. Generation %lld decides again; what is "
             "on disk stays away until it changes, or `sori reload`",
             (long long)g->id, because, (long long)p->before);
    free(c->notice);
    c->notice = mem_text(str_c(text));
    c->reload->away_told = false;
    log_line(LOG_ERROR, "reload", "%s", text);
    struct reload_ask ask = {.by = SORI_STR("sori"),
                             .why = str_c(why),
                             .from = FROM_SORI,
                             .back = p->before,
                             .done = returned,
                             .ctx = c};
    reload_ask(c, &ask);
}

void probation_tick(struct core *c) {
    struct generation *g = c->active;
    struct probation *p = g ? g->probation : NULL;
    char because[160];
    bool busy = c->reload->wish && !c->prove; /* who asks history makes way */
    if (!p || p->over || !p->before || busy || g->row.back != NIL || g->conf.rollback <= 0 ||
        clock_mono() - p->since > YOUNG_MS)
        return;
    struct slice s = sum(p, clock_mono());
    int64_t now = rate(s.errors, s.decided);
    if (g->unstable)
        snprintf(because, sizeof because, "the same facts gave two decisions");
    else if (p->deaths >= DEATHS_MOST)
        snprintf(because, sizeof because, "its policy worker died %u times", p->deaths);
    else if (s.decided >= DECISIONS_LEAST && s.errors >= ERRORS_LEAST &&
             now > p->usual + g->conf.rollback)
        snprintf(because, sizeof because,
                 "%lld of its last %lld decisions were held by a budget or an error (%lld.%lld %%, "
                 "before it %lld.%lld %%)",
                 (long long)s.errors, (long long)s.decided, (long long)now / 100,
                 (long long)now % 100 / 10, (long long)p->usual / 100,
                 (long long)p->usual % 100 / 10);
    else
        return;
    step_back(c, g, because);
}
