/* Which rules were asked, with what they saw, for programs: the same that policy_explain tells. */
#include "lua/policy_inner.h"

void tried_begin(struct policy *p, const struct rule *rule) {
    struct buf *out = p->tried.out;
    if (!out) return;
    p->tried.mark = rec_begin(out, TRIED_RULE);
    p->tried.check = 0;
    p->tried.fired = false;
    rec_str(out, TRIED_NAME, str_c(rule->name));
    rec_int(out, TRIED_NOTE, rule->note);
    rec_str(out, TRIED_WHERE, rule->where);
    if (rule->check != LUA_NOREF) rec_str(out, TRIED_WHY, str_c(rule->why));
}

void tried_cond(struct policy *p, const struct cond *c, bool holds) {
    struct buf *out = p->tried.out, seen = {0};
    if (!out) return;
    cond_seen(p, &p->facts, c, &seen);
    size_t mark = rec_begin(out, TRIED_COND);
    rec_str(out, 1, str_c(c->key));
    rec_str(out, 2, c->wanted);
    rec_str(out, 3, buf_view(&seen));
    rec_int(out, 4, holds);
    rec_end(out, mark);
    buf_free(&seen);
}

void tried_check(struct policy *p, bool yes) { p->tried.check = yes ? 2 : 1; }

void tried_fired(struct policy *p) { p->tried.fired = true; }

void tried_end(struct policy *p) {
    struct buf *out = p->tried.out;
    if (!out) return;
    if (p->tried.check) rec_int(out, TRIED_CHECK, p->tried.check == 2);
    rec_int(out, TRIED_FIRED, p->tried.fired);
    rec_end(out, p->tried.mark);
}

void policy_tried(struct policy *p, struct sori_str facts, struct buf *out) {
    struct verdict v;
    struct buf text = {0};
    p->tried.out = out;
    policy_run(p, facts, &v, &text);
    p->tried.out = NULL;
    buf_free(&text);
}
