/* What a candidate may ask for that did not exist when facts were recorded, and which decisions
 * were made by the policy that is live. */
#ifndef PROOF_NEEDS_H
#define PROOF_NEEDS_H

#include "proof/report.h"

enum { NEEDS_MOST = 64 };
struct needs_generation {
    int64_t id;
    bool same;      /* its policy and env are the live ones */
    uint64_t lacks; /* bits of the needs */
};
struct needs {
    size_t n;
    char *name[NEEDS_MOST];    /* "reach", "label topic.delivery", "cell sorries" */
    int64_t since[NEEDS_MOST]; /* of a fact: when it was first offered, ms UTC; 0 a label or cell */
    struct needs_generation *generations; /* by id */
    size_t generation_n;
    bool older; /* some are not the live one's */
};

void needs_free(struct needs *n);
/* The labels and cells of a policy_describe text. */
void needs_read(struct needs *n, struct sori_str about);
/* "need" arguments of history-plan. */
void needs_ask(const struct needs *n, struct buf *args);
/* Takes in a plan: generations, and facts that are younger than the store. */
void needs_plan(struct needs *n, struct sori_str plan);
/* DECIDE_WATCH fields: what at least one generation lacked. Their bits are those of `name`. */
void needs_watch(struct needs *n, struct buf *watch);
bool needs_same(const struct needs *n, int64_t generation);
/* Of what a decision `asked` for and did not find, what did not exist then; returns how many. */
size_t needs_missed(const struct needs *n, const struct past *p, uint64_t asked,
                    struct sori_str out[NEEDS_MOST]);

#endif
