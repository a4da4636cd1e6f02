/* What policy_tried gives, rule by rule, while a policy runs; nothing happens where nobody asks. */
#ifndef LUA_TRIED_H
#define LUA_TRIED_H

#include "base/buf.h"

struct policy;
struct rule;
struct cond;

struct tried {
    struct buf *out; /* borrowed; NULL where nobody asks */
    size_t mark;
    int check; /* 0 not asked, 1 no, 2 yes */
    bool fired;
};

void tried_begin(struct policy *p, const struct rule *rule);
void tried_cond(struct policy *p, const struct cond *c, bool holds);
void tried_check(struct policy *p, bool yes);
void tried_fired(struct policy *p);
void tried_end(struct policy *p);

#endif
