/* A policy engine with a fault: the state that decides most changes its mind about "flips" after
 * some hundred decisions. A fresh one does not. */
#include "lua/policy.h"

#include <string.h>

enum { FLIPS_AFTER = 700 };

void __real_policy_decide(struct policy *p, struct sori_str facts, struct buf *decision);
void __wrap_policy_decide(struct policy *p, struct sori_str facts, struct buf *decision);

void __wrap_policy_decide(struct policy *p, struct sori_str facts, struct buf *decision) {
    static const struct policy *first;
    static unsigned asked;
    struct buf real = {0};
    __real_policy_decide(p, facts, &real);
    struct sori_str rest = buf_view(&real);
    if (!first) first = p;
    bool flips =
        p == first && ++asked > FLIPS_AFTER && str_is(rec_get_str(rest, DEC_RULE), "flips");
    struct rec_field f;
    while (rec_next(&rest, &f) == 1) {
        if (flips && f.tag == DEC_INTENT) continue;
        if (f.type == REC_INT)
            rec_int(decision, f.tag, f.i);
        else if (f.type == REC_STR)
            rec_str(decision, f.tag, f.s);
        else
            rec_rec(decision, f.tag, f.s);
    }
    buf_free(&real);
}
