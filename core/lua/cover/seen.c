#include "lua/cover/seen.h"

#include "base/hash.h"
#include "base/map.h"
#include "lua/policy_inner.h"

#include <stdio.h>
#include <stdlib.h>

enum { GROUPS_MAX = 4096, WAYS_MAX = 32, PAIRS_MAX = 2000, TOPICS_MAX = 8 };

/* One way in which facts of a group are decided, by the first that were. */
struct way {
    uint64_t does;
    int64_t count, id;
    int rule;              /* number, -1 none */
    struct sori_str facts; /* ours to free */
};
struct group {
    char *what;
    struct way way[WAYS_MAX];
    size_t ways;
};
struct seen {
    struct cover_seen seen;
    struct policy *p;
    const struct cover *cover;
    struct group *groups;
    size_t group_count;
    struct map by_what;
    struct arena arena;
    struct buf decision, scratch;
};

struct cover_seen *cover_seen_new(struct policy *p, const struct cover *c) {
    struct seen *s = mem_get(sizeof *s);
    s->p = p;
    s->cover = c;
    s->seen.cells = mem_get((c->cell_count + 1) * sizeof *s->seen.cells);
    s->seen.rules = mem_get((c->rule_count + 1) * sizeof *s->seen.rules);
    return &s->seen;
}

void cover_seen_free(struct cover_seen *seen) {
    if (!seen) return;
    struct seen *s = (struct seen *)seen;
    for (size_t i = 0; i < s->group_count; i++) {
        free(s->groups[i].what);
        for (size_t k = 0; k < s->groups[i].ways; k++)
            free((void *)(uintptr_t)s->groups[i].way[k].facts.ptr);
    }
    free(s->groups);
    free(s->seen.cells);
    free(s->seen.rules);
    map_free(&s->by_what);
    arena_free(&s->arena);
    buf_free(&s->decision);
    buf_free(&s->scratch);
    free(s);
}

/* ---- what is equal ---- */

static int by_name(const void *a, const void *b) {
    const struct sori_str *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = memcmp(x->ptr, y->ptr, n);
    return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Topics that a classifier gave, or a list of words. */
static void put_topics(struct sori_str facts, struct sori_str decision, struct buf *out) {
    enum { PRESENT = 5000 };
    struct sori_str topic[TOPICS_MAX];
    struct rec_field f;
    size_t n = 0;
    for (; rec_next(&facts, &f) == 1;)
        if (f.tag == FACT_LABEL && f.type == REC_REC && rec_get_int(f.s, 2, 0) >= PRESENT &&
            str_starts(rec_get_str(f.s, 1), SORI_STR("topic.")) && n < TOPICS_MAX)
            topic[n++] = rec_get_str(f.s, 1);
    for (; rec_next(&decision, &f) == 1;)
        if (f.tag == DEC_LABEL && f.type == REC_STR && str_starts(f.s, SORI_STR("topic.")) &&
            n < TOPICS_MAX)
            topic[n++] = f.s;
    qsort(topic, n, sizeof *topic, by_name);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !str_eq(topic[i], topic[i - 1])) buf_printf(out, ", %.*s", STR(topic[i]));
}

static void put_what(struct sori_str facts, struct sori_str decision, struct buf *out) {
    int64_t on = rec_get_int(facts, FACT_ON, 0), tone = rec_get_int(facts, FACT_TONE, 0),
            relation = rec_get_int(facts, FACT_RELATIONSHIP, -1);
    if (on != ENTRY_SAID) buf_printf(out, "%s: ", entry_word(on));
    buf_printf(out, "%s, %s", kind_word(rec_get_int(facts, FACT_KIND, 0)),
               relation < 0 ? "nobody known" : relation_word(relation));
    if (tone) buf_printf(out, ", %s", tone_word(tone));
    put_topics(facts, decision, out);
    buf_puts(out, rec_get_int(facts, FACT_PRIVATE, 0) ? ", in private" : ", in public");
}

/* What the person and the team notice of a decision: what is said, who gets it, by when. */
static uint64_t does(struct sori_str decision, struct buf *scratch) {
    struct rec_field f;
    buf_clear(scratch);
    rec_int(scratch, 1, rec_get_int(decision, DEC_STATUS, 0));
    rec_str(scratch, 2, rec_get_str(decision, DEC_DIRECTION));
    while (rec_next(&decision, &f) == 1) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        int64_t verb = rec_get_int(f.s, INTENT_VERB, 0);
        if (verb >= VERB_ASSIGN && verb != VERB_ASSIGN && verb != VERB_HOLD && verb != VERB_CLOCK)
            continue;
        rec_int(scratch, 3, verb);
        rec_str(scratch, 4, rec_get_str(f.s, INTENT_NAME));
        if (verb == VERB_CLOCK) rec_int(scratch, 5, rec_get_int(f.s, INTENT_VALUE, 0));
        rec_int(scratch, 6, rec_get_int(f.s, INTENT_APPROVE, 0));
    }
    return hash_digest(buf_view(scratch));
}

static struct group *group_of(struct seen *s, const struct buf *what) {
    uint64_t key = hash_digest(buf_view(what));
    size_t at = (size_t)(uintptr_t)map_get(&s->by_what, key);
    if (at) return &s->groups[at - 1];
    if (s->group_count == GROUPS_MAX) {
        s->seen.cut = true;
        return NULL;
    }
    if ((s->group_count & (s->group_count - 1)) == 0)
        s->groups =
            mem_grow(s->groups, (s->group_count ? 2 * s->group_count : 1) * sizeof *s->groups);
    s->groups[s->group_count] = (struct group){.what = mem_text(buf_view(what))};
    map_put(&s->by_what, key, (void *)(uintptr_t)++s->group_count);
    return &s->groups[s->group_count - 1];
}

static void add_way(struct seen *s, struct group *g, uint64_t deed, int rule, struct sori_str facts,
                    bool real) {
    for (size_t i = 0; i < g->ways; i++)
        if (g->way[i].does == deed && g->way[i].rule == rule) {
            g->way[i].count++;
            return;
        }
    if (g->ways == WAYS_MAX) {
        s->seen.cut = true;
        return;
    }
    g->way[g->ways++] = (struct way){.does = deed,
                                     .count = 1,
                                     .id = real ? rec_get_int(facts, FACT_ID, 0) : 0,
                                     .rule = rule,
                                     .facts = mem_copy(facts)};
}

static int number_of(const struct policy *p, struct sori_str name, bool note) {
    for (size_t i = 0; i < p->rule_count && name.len; i++)
        if (p->rules[i].note == note && str_is(name, p->rules[i].name)) return (int)i;
    return -1;
}

void cover_seen_add(struct cover_seen *seen, struct sori_str facts, bool real) {
    struct seen *s = (struct seen *)seen;
    struct rec_field f;
    if (rec_get_int(facts, FACT_ORIGIN, ORIGIN_PERSON) != ORIGIN_PERSON) return;
    buf_clear(&s->decision);
    policy_decide(s->p, facts, &s->decision);
    struct sori_str decision = buf_view(&s->decision);
    int64_t status = rec_get_int(decision, DEC_STATUS, 0);
    int cell = cover_cell_of(s->cover, facts), rule = -1;
    if (status == DECISION_DECIDED) rule = number_of(s->p, rec_get_str(decision, DEC_RULE), false);
    seen->count++;
    if (cell >= 0) seen->cells[cell]++;
    if (rule >= 0) seen->rules[rule]++;
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;)
        if (f.tag == DEC_NOTE && f.type == REC_STR) {
            int note = number_of(s->p, f.s, true);
            if (note >= 0) seen->rules[note]++;
        }
    if (status == DECISION_HELD) return; /* stopped: no decision of the policy's */
    struct buf what = {0};
    put_what(facts, decision, &what);
    struct group *g = group_of(s, &what);
    if (g) add_way(s, g, does(decision, &s->scratch), rule, facts, real);
    buf_free(&what);
}

void cover_seen_tests(struct cover_seen *seen) {
    struct seen *s = (struct seen *)seen;
    for (size_t i = 0; i < s->p->case_count; i++) cover_seen_add(seen, s->p->cases[i].facts, false);
}

/* ---- what tells two apart ---- */

static void put_seen(struct policy *p, struct sori_str facts, const struct cond *c,
                     struct buf *out) {
    struct verdict v;
    struct buf value = {0};
    policy_run(p, facts, &v, NULL); /* leaves the facts as the rules saw them */
    cond_seen(p, &p->facts, c, &value);
    plain_put(out, buf_view(&value));
    buf_free(&value);
}

/* A number that is given to interactions one after the other is no reason. */
static bool is_reason(const struct cond *c) { return c->op != COND_NUMBER || c->tag != FACT_ID; }

/* The conditions of the rule that these facts do not meet, as far as they are reasons. */
static bool missed(struct seen *s, const struct rule *rule, struct sori_str mine,
                   struct sori_str theirs, struct buf *by) {
    bool any = false, reason = false;
    for (size_t i = 0; i < rule->cond_count; i++) {
        struct verdict v;
        const struct cond *c = &rule->conds[i];
        policy_run(s->p, theirs, &v, NULL);
        if (cond_holds(s->p, &s->p->facts, c)) continue;
        any = true;
        reason |= is_reason(c);
        buf_printf(by, "%s%s: ", by->len ? "; " : "", c->key);
        put_seen(s->p, mine, c, by);
        buf_puts(by, " against ");
        put_seen(s->p, theirs, c, by);
    }
    if (any) return reason;
    if (rule->check != LUA_NOREF) {
        buf_printf(by, "a check: %s", rule->why);
        return true;
    }
    return false;
}

/* Is it the channel, an approval or what is known that makes one rule do two things? */
static bool same_rule(const struct rule *rule, struct buf *by) {
    if (rule && rule->act_function != LUA_NOREF) {
        buf_puts(by, "nothing: what the rule does is code");
        return false;
    }
    buf_puts(by, "the same rule: an approval, or what the channel can do");
    return true;
}

static bool tells_apart(struct seen *s, const struct way *a, const struct way *b, struct buf *by) {
    const struct policy *p = s->p;
    if (a->rule == b->rule) return same_rule(a->rule < 0 ? NULL : &p->rules[a->rule], by);
    /* The earlier of two rules did not take the other's facts. */
    bool a_first = b->rule < 0 || (a->rule >= 0 && a->rule < b->rule);
    const struct way *first = a_first ? a : b, *other = a_first ? b : a;
    bool stated = missed(s, &p->rules[first->rule], first->facts, other->facts, by);
    if (by->len == 0) buf_puts(by, "nothing that a rule says");
    return stated;
}

static const char *keep_text(struct seen *s, const char *text) {
    char *copy = arena_get(&s->arena, strlen(text) + 1);
    return strcpy(copy, text);
}

static void add_pair(struct seen *s, const struct group *g, const struct way *a,
                     const struct way *b) {
    const struct policy *p = s->p;
    struct buf by = {0};
    struct cover_unequal *u = &s->seen.unequal[s->seen.unequal_count++];
    bool stated = tells_apart(s, a, b, &by);
    *u = (struct cover_unequal){.what = g->what,
                                .first = a->rule < 0 ? "no rule" : p->rules[a->rule].name,
                                .other = b->rule < 0 ? "no rule" : p->rules[b->rule].name,
                                .first_count = a->count,
                                .other_count = b->count,
                                .first_id = a->id,
                                .other_id = b->id,
                                .stated = stated,
                                .by = keep_text(s, by.data ? by.data : "")};
    s->seen.unstated += !stated;
    buf_free(&by);
}

static int by_weight(const void *a, const void *b) {
    const struct cover_unequal *x = a, *y = b;
    if (x->stated != y->stated) return x->stated ? 1 : -1;
    int64_t n = x->first_count + x->other_count, m = y->first_count + y->other_count;
    if (n != m) return n < m ? 1 : -1;
    return strcmp(x->what, y->what);
}

void cover_seen_end(struct cover_seen *seen) {
    struct seen *s = (struct seen *)seen;
    seen->unequal = arena_get(&s->arena, PAIRS_MAX * sizeof *seen->unequal);
    seen->unequal_count = seen->unstated = 0;
    for (size_t i = 0; i < s->group_count; i++) {
        const struct group *g = &s->groups[i];
        for (size_t a = 0; a < g->ways; a++)
            for (size_t b = a + 1; b < g->ways; b++) {
                if (g->way[a].does == g->way[b].does) continue;
                if (seen->unequal_count == PAIRS_MAX)
                    seen->cut = true;
                else
                    add_pair(s, g, &g->way[a], &g->way[b]);
            }
    }
    qsort(seen->unequal, seen->unequal_count, sizeof *seen->unequal, by_weight);
}
