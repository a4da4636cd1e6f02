#include "worker/worker.h"

#include "base/clock.h"
#include "base/enums.h"
#include "lua/evolve.h"
#include "lua/policy.h"

#include <stdio.h>

/* One decision in so many is made again in a spare state and compared. The spare is made anew after
 * each use, at most once a second: at every usual pace it has decided nothing before. In a flood,
 * so many uses are the most. */
enum { RECHECK_EVERY = 1000, SPARE_USES = 64, SPARE_MS = 1000 };

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
    w->spare_at = clock_mono();
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
        policy_freezes(w->policy, LOAD_FREEZE, &w->done);
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

/* Made again from nothing, so that a policy that remembers is found whatever it remembers: in a
 * state that has decided next to nothing, of the same bundle and env. True where that one decides
 * otherwise. A stop by budget is no decision and is never made again. */
static bool differs(struct worker *w, struct sori_str facts, struct sori_str first,
                    struct buf *rule) {
    if (held(first)) return false;
    if (w->spare_used == SPARE_USES || (w->spare_used && clock_mono() - w->spare_at >= SPARE_MS))
        renew_spare(w);
    w->spare_used++;
    if (!w->spare) return false;
    struct buf again = {0};
    policy_decide(w->spare, facts, &again);
    bool other = !held(buf_view(&again)) && !str_eq(first, buf_view(&again));
    if (other && !rule->len) {
        struct sori_str one = rec_get_str(first, DEC_RULE),
                        two = rec_get_str(buf_view(&again), DEC_RULE);
        buf_str(rule, one.len ? one : SORI_STR("no rule"));
        if (!str_eq(one, two))
            buf_printf(rule, ", then %.*s", STR(two.len ? two : SORI_STR("no rule")));
    }
    buf_free(&again);
    if (other)
        worker_log(w, SORI_LOG_ERROR,
                   SORI_STR("this policy is not deterministic: the same facts gave another "
                            "decision in a fresh state"));
    return other;
}

/* ---- what proofs ask besides ---- */

enum { WATCHED_MOST = 64 };

struct asked {
    struct sori_str names[WATCHED_MOST]; /* what the proof wants to know of */
    size_t names_n;
    int64_t contact;
    struct sori_str then; /* what was decided, where cells evolve */
    bool closed;
    struct buf room;
};

static void decide_one(struct worker *w, struct sori_str facts, struct asked *a,
                       struct buf *decision) {
    struct sori_str seen = facts;
    if (a->closed) {
        if (!w->cells) w->cells = evolve_new();
        seen = evolve_facts(w->cells, a->contact, facts, &a->room);
    }
    buf_clear(decision);
    policy_decide(w->policy, seen, decision);
    if (a->closed) evolve_decided(w->cells, a->contact, seen, a->then, buf_view(decision));
    uint64_t missed = a->names_n ? policy_missed(w->policy, a->names, a->names_n) : 0;
    if (missed) rec_int(&w->done, DECIDE_MISSED, (int64_t)missed);
}

static void decide(struct worker *w) {
    struct sori_str record = w->call.payload;
    struct rec_field f;
    struct buf decision = {0}, rule = {0};
    struct asked asked = {0};
    int64_t unstable = 0;
    for (int64_t i = 0; rec_next(&record, &f) == 1;) {
        if (f.tag == DECIDE_CONTACT && f.type == REC_INT) {
            asked.contact = f.i;
            asked.closed = true;
        } else if (f.tag == DECIDE_THEN && f.type == REC_STR) {
            asked.then = f.s;
        } else if (f.tag == DECIDE_WATCH && f.type == REC_STR && asked.names_n < WATCHED_MOST) {
            asked.names[asked.names_n++] = f.s;
        }
        if (f.tag != DECIDE_FACTS || f.type == REC_INT) continue;
        blackbox_item(w->box, i++);
        decide_one(w, f.s, &asked, &decision);
        /* Cells that evolve are not in these facts, so nothing could be compared. */
        if (!asked.closed && ++w->decided % RECHECK_EVERY == 0)
            unstable += differs(w, f.s, buf_view(&decision), &rule);
        rec_str(&w->done, DECIDE_DECISION, buf_view(&decision));
    }
    if (unstable) {
        rec_int(&w->done, DECIDE_UNSTABLE, unstable);
        rec_str(&w->done, DECIDE_UNSTABLE_RULE, buf_view(&rule));
    }
    buf_free(&decision);
    buf_free(&rule);
    buf_free(&asked.room);
    call_done(w, SORI_OK);
}

static void explain(struct worker *w) {
    struct buf account = {0};
    struct rec_field f;
    for (struct sori_str rest = w->call.payload; rec_next(&rest, &f) == 1;)
        if (f.tag == DECIDE_FACTS && f.type != REC_INT) {
            blackbox_item(w->box, 0);
            policy_explain(w->policy, f.s, &account);
        }
    rec_str(&w->done, EXPLAIN_ACCOUNT, buf_view(&account));
    buf_free(&account);
    call_done(w, SORI_OK);
}

void policy_serve(struct worker *w) {
    if (w->call.method == M_POLICY_LOAD) {
        load(w);
    } else if (w->call.method == M_DECIDE && w->policy) {
        decide(w);
    } else if (w->call.method == M_EXPLAIN && w->policy) {
        explain(w);
    } else {
        call_why(w, "no policy is loaded, or this is no call for a policy");
        call_done(w, SORI_PERMANENT);
    }
}
