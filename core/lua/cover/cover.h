/* What a policy covers, computed from what its rules say in `when`: the cells of event × kind ×
 * relationship × tone, rules that can never match, and rules of one cell that only their order
 * tells apart.
 *
 * What is said here is sound. "Never" means that no facts that the flow can make let the rule
 * decide; "whole" that every such fact record of the cell finds a rule; "empty" that none does.
 * Where that cannot be shown (a check is code, facts may be unknown) a cell is covered in part. */
#ifndef LUA_COVER_H
#define LUA_COVER_H

#include "lua/policy.h"

enum cover_state { COVER_EMPTY, COVER_PARTLY, COVER_WHOLE };

/* One cell. Tone is known of what is said or edited; of other entries it is TONE_NONE here. */
struct cover_cell {
    uint8_t on, kind, relation, tone; /* enum entry, kind, relation, tone */
    uint8_t state;
    uint16_t rules;       /* how many can decide here */
    int16_t last;         /* number of the last of them, which decides what the others leave; -1 */
    struct sori_str open; /* partly: what is left, "influencer is false"; empty: a check */
};

struct cover_rule {
    const char *name;
    struct sori_str where;  /* "rules/care.lua:31" */
    bool note, check, code; /* code: its act is a function */
    bool never;
    struct sori_str why; /* never: for people */
    unsigned cells;      /* in which it can decide */
};

/* Both can hold for one fact record, neither is the narrower one, and they do different things. */
struct cover_pair {
    uint16_t first, second; /* numbers of rules, in their order */
    unsigned cells;
    size_t example; /* number of one such cell */
};

struct cover {
    struct cover_cell *cells;
    size_t cell_count;
    struct cover_rule *rules; /* notes too, in the order of the bundle */
    size_t rule_count;
    struct cover_pair *pairs; /* those of the most cells first */
    size_t pair_count;
    unsigned empty, partly, whole;
    unsigned never;  /* rules and notes */
    bool unfinished; /* something was too intricate: what could not be shown is not claimed */
};

/* The policy must outlive what is returned. Never NULL. */
struct cover *cover_make(const struct policy *p);
void cover_free(struct cover *c);

/* The number of the cell that a fact record belongs to, or -1 where it is in none. */
int cover_cell_of(const struct cover *c, struct sori_str facts);

#endif
