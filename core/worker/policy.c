#include "worker/worker.h"

#include "base/enums.h"
#include "lua/policy.h"

#include <stdio.h>

/* One decision in so many is made again in a spare state and compared; so many, and the spare is
 * made anew, so that it stays fresh. */
enum { RECHECK_EVERY = 1000, SPARE_USES = 64 };

static void on_rule(void *ctx, const char *rule, int line) {
    blackbox_rule(((struct worker *)ctx)->box, rule, line);
}

static bool run_tests(struct worker *w, struct buf *errors) {
    struct buf report = {0};
    struct policy_report counts = {0};
    bool good = policy_test(buf_view(&w->bundle), buf_view(&w->env), false, &report, &counts);
    if (!good) buf_str(errors, buf_view(&report));
    if (!good && !report.len) buf_printf(errors, "%u policy tests failed\n", counts.failed);
    buf_free(&report);
    return good;
}

static void renew_spare(struct worker *w) {
    struct buf errors = {0};
    if (w->spare) policy_free(w->spare);
    w->spare = policy_load(buf_view(&w->bundle), buf_view(&w->env), &errors);
    w->spare_used = 0;
    buf_free(&errors);
}

static void load(struct worker *w) {
    buf_clear(&w->bundle);
    buf_clear(&w->env);
    buf_str(&w->bundle, rec_get_str(w->call.payload, LOAD_BUNDLE));
    buf_str(&w->env, rec_get_rec(w->call.payload, LOAD_ENV));
    struct buf errors = {0}, info = {0}, plan = {0};
    if (w->policy) policy_free(w->policy);
    w->policy = policy_load(buf_view(&w->bundle), buf_view(&w->env), &errors);
    bool good = w->policy != NULL;
    if (good && rec_get_int(w->call.payload, LOAD_RUN_TESTS, 0)) good = run_tests(w, &errors);
    if (good) {
        policy_watch(w->policy, on_rule, w);
        policy_describe(w->policy, &info);
        rec_str(&w->done, LOAD_INFO, buf_view(&info));
        policy_plan(w->policy, &plan);
        rec_str_opt(&w->done, LOAD_PLAN, buf_view(&plan));
        renew_spare(w);
    } else if (w->policy) {
        policy_free(w->policy);
        w->policy = NULL;
    }
    worker_put_lines(&w->done, LOAD_ERROR, buf_view(&errors));
    buf_free(&errors);
    buf_free(&info);
    buf_free(&plan);
    call_done(w, good ? SORI_OK : SORI_CONFIG);
}

static bool held(struct sori_str decision) {
    return rec_get_int(decision, DEC_STATUS, 0) == DECISION_HELD;
}

/* True where a state that has seen next to nothing decides otherwise: a policy that remembers would
 * decide differently after a restart, and that must not stay hidden. A stop by budget is no
 * decision and is never made again. */
static bool differs(struct worker *w, struct sori_str facts, struct sori_str first) {
    if (held(first)) return false;
    if (w->spare_used++ == SPARE_USES) renew_spare(w);
    if (!w->spare) return false;
    struct buf again = {0};
    policy_decide(w->spare, facts, &again);
    bool other = !held(buf_view(&again)) && !str_eq(first, buf_view(&again));
    buf_free(&again);
    if (other)
        worker_log(w, SORI_LOG_ERROR,
                   SORI_STR("this policy is not deterministic: the same facts gave another "
                            "decision in a fresh state"));
    return other;
}

static void decide(struct worker *w) {
    struct sori_str record = w->call.payload;
    struct rec_field f;
    struct buf decision = {0};
    int64_t unstable = 0;
    for (int64_t i = 0; rec_next(&record, &f) == 1;) {
        if (f.tag != DECIDE_FACTS || f.type == REC_INT) continue;
        blackbox_item(w->box, i++);
        buf_clear(&decision);
        policy_decide(w->policy, f.s, &decision);
        if (++w->decided % RECHECK_EVERY == 0) unstable += differs(w, f.s, buf_view(&decision));
        rec_str(&w->done, DECIDE_DECISION, buf_view(&decision));
    }
    buf_free(&decision);
    if (unstable) rec_int(&w->done, DECIDE_UNSTABLE, unstable);
    call_done(w, SORI_OK);
}

void policy_serve(struct worker *w) {
    if (w->call.method == M_POLICY_LOAD) {
        load(w);
    } else if (w->call.method == M_DECIDE && w->policy) {
        decide(w);
    } else {
        call_why(w, "no policy is loaded, or this is no call for a policy");
        call_done(w, SORI_PERMANENT);
    }
}
