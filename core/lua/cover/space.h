/* The space of facts that the rules of a policy tell apart: each fact, label, cell and list of
 * words that a condition asks for is a variable, and its values fall into at most 64 classes that
 * no condition can tell apart inside. A rule is then a set of classes for each of its variables.
 *
 * The variables are taken as free of each other, which they are not always: the space is larger
 * than the world, so that "all of it" and "none of it" hold in the world as well. */
#ifndef LUA_COVER_SPACE_H
#define LUA_COVER_SPACE_H

#include "lua/policy_inner.h"

struct cover_var {
    enum cond_op op;
    uint8_t tag;
    uint16_t index;
    const struct cond *of; /* not NULL: a condition that is a variable of its own, true or not */
    const char *name;
    unsigned classes;
    uint64_t all;
    /* What each class stands for: a number or the first of a span, or a text. */
    int64_t from[64], to[64];
    struct sori_str text[64];
    int unknown; /* the class of "not known", -1 where there is none */
    int other;   /* of a text that no condition names, -1 */
};

/* One variable of a rule and the classes that it accepts. */
struct cover_want {
    uint16_t var;
    uint64_t set;
};

struct cover_box {
    struct cover_want *wants; /* ascending by variable, each once, the four dimensions left out */
    size_t count;
    uint32_t dim[DIMS];         /* values of on, kind, tone, relationship; bit 31: not known */
    bool impossible;            /* no facts satisfy it */
    const struct cond *against; /* impossible: a condition that is to blame */
};

struct cover_space {
    struct arena arena;
    struct cover_var *vars;
    size_t var_count;
    struct cover_box *boxes; /* one for each rule of the policy */
    size_t box_count;
};

enum { COVER_UNKNOWN = 31 };

void cover_space_make(struct cover_space *s, const struct policy *p);
void cover_space_free(struct cover_space *s);

/* Is the box inside every one that `with` lists or their union? `box` has one set a variable.
 * False also where `*steps` ran out (then it is negative); `box` then holds what is left over. */
bool cover_covered(const struct cover_space *s, const uint16_t *with, size_t count, uint64_t *box,
                   int64_t *steps);
/* Is it known of every person, and of nobody else? */
bool cover_of_person(const struct cover_var *v);
/* Fills `box` with what the rule accepts, or with everything where `rule` is negative; `person`:
 * somebody has said it, so that what is known of every person is known, and else it is not. False
 * where nothing is left. */
bool cover_fill(const struct cover_space *s, int rule, bool person, uint64_t *box);
bool cover_overlap(const struct cover_box *a, const struct cover_box *b);
/* Is all that `a` accepts accepted by `b`? */
bool cover_inside(const struct cover_space *s, const struct cover_box *a,
                  const struct cover_box *b);
/* For people: one point of the box, as far as it is not everything: "influencer is false". */
void cover_print(const struct cover_space *s, const uint64_t *box, struct buf *out);

#endif
