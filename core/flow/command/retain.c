/* What is kept no longer than it may be: looked at once a minute, a little at a time. */
#include "base/clock.h"
#include "base/log.h"
#include "flow/flow.h"
#include "flow/limits.h"
#include "flow/generation/reload.h"

/* Policies are small, and what they decided is explained with them. So
 * rows and manifests of generations that decided something stay for ever, unless they have come to
 * many bytes; then those go whose decisions are older than anybody asks for. */
static size_t retain_generations(struct core *c) {
    static const int64_t day = 86400000;
    struct store_generations keep = {.refused = GENERATIONS_REFUSED,
                                     .idle = GENERATIONS_IDLE,
                                     .after = core_now(c) - GENERATION_DAYS * day,
                                     .bytes = GENERATION_BYTES};
    size_t n = store_drop_generations(c->store, &keep);
    if (n) log_line(LOG_INFO, "core", "%zu old generations that decided nothing are dropped", n);
    if (!n) part_sweep(c, GENERATION_PARTS);
    c->sweep_due = clock_mono() + (n ? RETAIN_SOON_MS : SWEEP_MS);
    return n;
}

void retain_pump(struct core *c) {
    static const int64_t day = 86400000;
    int64_t now = clock_mono(), wall = core_now(c), newest = c->ids.fault;
    if (now < c->retain_due) return;
    /* Rows of a file that an import refused are faults too, and it has yet to tell them. */
    size_t n = store_drop_faults(c->store, wall - FAULT_DAYS * day, INT64_MAX) +
               store_drop_faults(c->store, wall - FAULT_FRESH_MS, newest - FAULTS_MOST) +
               store_drop_faults(c->store, INT64_MAX, newest - FAULTS_FRESH_MOST);
    if (n) log_line(LOG_INFO, "core", "%zu old faults are dropped", n);
    if (now >= c->sweep_due) n += retain_generations(c);
    c->retain_due = now + (n ? RETAIN_SOON_MS : RETAIN_MS);
}
