/* The cells of a policy. Cells whose dimensions leave the same rules in question are computed once.
 */
#include "lua/cover/cover.h"
#include "lua/cover/space.h"

#include <stdlib.h>

/* Cuts, for one set of rules and for all. More is not needed by policies that people wrote. */
enum { STEPS_SET = 200000, STEPS_ALL = 20000000 };

/* What is the same for all points that leave the same rules in question. */
struct verdicts {
    struct verdicts *next;
    rule_set set;
    bool person;
    uint8_t state;
    uint16_t *live; /* rules that can decide, in order */
    size_t live_count;
    struct sori_str open;
    uint16_t *shadow; /* by rule: 1 + an earlier one that takes all; 0 lives; 0xffff several do */
    unsigned cells;
    size_t example;
};

struct maker {
    const struct policy *p;
    struct cover_space space;
    struct cover *cover;
    struct verdicts *all;
    struct arena *arena;
    uint64_t *box;
    int64_t steps;
    bool cut;         /* the last look ended before it was sure */
    rule_set *wider;  /* by rule: those that accept all that it does */
    bool *lives;      /* by rule */
    uint16_t *shadow; /* by rule: the last that was seen to take all */
};

/* What is returned: its texts live in the arena beside it. */
struct made {
    struct cover cover;
    struct arena arena;
};

static bool may(const struct cover_box *b, const uint8_t *point) {
    if (b->impossible) return false;
    for (int d = 0; d < DIMS; d++)
        if (!(b->dim[d] >> point[d] & 1)) return false;
    return true;
}

/* The rules (no notes) in question at a point of the four dimensions. */
static void in_question(const struct maker *m, const uint8_t *point, rule_set out) {
    memset(out, 0, sizeof(rule_set));
    for (size_t i = 0; i < m->p->rule_count; i++)
        if (!m->p->rules[i].note && may(&m->space.boxes[i], point)) out[i / 64] |= 1ull << (i % 64);
}

static bool spend(struct maker *m, const uint16_t *with, size_t count) {
    int64_t steps = m->steps < STEPS_SET ? m->steps : STEPS_SET, left = steps;
    bool all = cover_covered(&m->space, with, count, m->box, &left);
    m->steps -= steps - (left < 0 ? 0 : left);
    m->cut = left < 0;
    m->cover->unfinished |= m->cut;
    return all;
}

/* One earlier rule that alone takes all that this one could: 1 + its number, else 0. */
static uint16_t taken_by(const struct maker *m, const rule_set sure, size_t rule) {
    for (size_t w = 0; w <= rule / 64; w++) {
        uint64_t both = sure[w] & m->wider[rule][w];
        if (both) return (uint16_t)(w * 64 + (size_t)__builtin_ctzll(both) + 1);
    }
    return 0;
}

/* Which rules accept all that another one does does not depend on the point. */
static void find_wider(struct maker *m) {
    for (size_t i = 0; i < m->p->rule_count; i++)
        for (size_t k = 0; k < m->p->rule_count; k++)
            if (k != i && cover_inside(&m->space, &m->space.boxes[i], &m->space.boxes[k]))
                m->wider[i][k / 64] |= 1ull << (k % 64);
}

static struct verdicts *judge(struct maker *m, const rule_set set, bool person) {
    size_t n = m->p->rule_count;
    struct verdicts *v = arena_get(m->arena, sizeof *v);
    memcpy(v->set, set, sizeof(rule_set));
    v->person = person;
    v->live = arena_get(m->arena, (n + 1) * sizeof *v->live);
    v->shadow = arena_get(m->arena, (n + 1) * sizeof *v->shadow);
    uint16_t *sure = mem_get((n + 1) * sizeof *sure); /* rules that decide without a check */
    rule_set sure_set = {0};
    size_t sure_count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(set[i / 64] >> (i % 64) & 1)) continue;
        v->shadow[i] = taken_by(m, sure_set, i);
        if (v->shadow[i]) continue;
        /* Nothing left: it asks for what is not known here. */
        bool some = cover_fill(&m->space, (int)i, person, m->box);
        if (some && sure_count && spend(m, sure, sure_count)) v->shadow[i] = UINT16_MAX;
        if (!some || v->shadow[i]) continue;
        v->live[v->live_count++] = (uint16_t)i;
        if (m->p->rules[i].check != LUA_NOREF) continue;
        sure[sure_count++] = (uint16_t)i;
        sure_set[i / 64] |= 1ull << (i % 64);
    }
    cover_fill(&m->space, -1, person, m->box);
    if (v->live_count == 0)
        v->state = COVER_EMPTY;
    else if (spend(m, sure, sure_count))
        v->state = COVER_WHOLE;
    else {
        struct buf open = {0};
        v->state = COVER_PARTLY;
        if (m->cut)
            buf_puts(&open, "too intricate to tell");
        else
            cover_print(&m->space, m->box, &open);
        v->open = arena_copy(m->arena, buf_view(&open));
        buf_free(&open);
    }
    free(sure);
    v->next = m->all;
    m->all = v;
    return v;
}

static struct verdicts *at_point(struct maker *m, const uint8_t *point) {
    rule_set set;
    bool person = point[DIM_RELATION] != COVER_UNKNOWN;
    in_question(m, point, set);
    struct verdicts *v = m->all;
    while (v && (v->person != person || memcmp(v->set, set, sizeof set) != 0)) v = v->next;
    return v ? v : judge(m, set, person);
}

/* ---- cells ---- */

static const uint8_t events[] = {ENTRY_SAID,  ENTRY_EDITED,   ENTRY_REMOVED, ENTRY_HIDDEN,
                                 ENTRY_SHOWN, ENTRY_DUE_SOON, ENTRY_OVERDUE, ENTRY_FOLLOW_UP},
                     kinds[] = {KIND_COMMENT, KIND_SHARE,     KIND_MENTION,
                                KIND_MESSAGE, KIND_TRACKBACK, KIND_POST},
                     tones[] = {TONE_POSITIVE, TONE_NEUTRAL, TONE_NEGATIVE, TONE_UNSURE};

static bool has_tone(int on) { return on == ENTRY_SAID || on == ENTRY_EDITED; }

static void add_cell(struct maker *m, struct cover_cell cell) {
    const uint8_t point[DIMS] = {[DIM_ON] = cell.on,
                                 [DIM_KIND] = cell.kind,
                                 [DIM_TONE] = cell.tone ? cell.tone : COVER_UNKNOWN,
                                 [DIM_RELATION] = cell.relation};
    struct verdicts *v = at_point(m, point);
    struct cover *c = m->cover;
    cell.state = v->state;
    cell.rules = (uint16_t)v->live_count;
    cell.last = (int16_t)(v->live_count ? v->live[v->live_count - 1] : -1);
    cell.open = v->open;
    for (size_t i = 0; i < v->live_count; i++) c->rules[v->live[i]].cells++;
    if (v->cells++ == 0) v->example = c->cell_count;
    *(v->state == COVER_EMPTY ? &c->empty : v->state == COVER_WHOLE ? &c->whole : &c->partly) += 1;
    c->cells[c->cell_count++] = cell;
}

static void make_cells(struct maker *m) {
    m->cover->cells = arena_get(m->arena, sizeof events * sizeof kinds * RELATION_COUNT *
                                              sizeof tones * sizeof *m->cover->cells);
    for (size_t e = 0; e < sizeof events; e++)
        for (size_t k = 0; k < sizeof kinds; k++)
            for (uint8_t r = 0; r < RELATION_COUNT; r++)
                for (size_t t = 0; t < (has_tone(events[e]) ? sizeof tones : 1); t++)
                    add_cell(m, (struct cover_cell){.on = events[e],
                                                    .kind = kinds[k],
                                                    .relation = r,
                                                    .tone = has_tone(events[e]) ? tones[t] : 0});
}

static int place_of(const uint8_t *list, size_t n, int64_t value) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == value) return (int)i;
    return -1;
}

/* The order of make_cells. */
int cover_cell_of(const struct cover *c, struct sori_str facts) {
    int64_t on = rec_get_int(facts, FACT_ON, 0),
            relation = rec_get_int(facts, FACT_RELATIONSHIP, -1);
    int e = place_of(events, sizeof events, on),
        k = place_of(kinds, sizeof kinds, rec_get_int(facts, FACT_KIND, 0)),
        t = has_tone((int)on) ? place_of(tones, sizeof tones, rec_get_int(facts, FACT_TONE, 0)) : 0;
    if (e < 0 || k < 0 || t < 0 || relation < 0 || relation >= RELATION_COUNT) return -1;
    size_t at = 0;
    for (int i = 0; i < e; i++)
        at += sizeof kinds * RELATION_COUNT * (has_tone(events[i]) ? sizeof tones : 1);
    at += ((size_t)k * RELATION_COUNT + (size_t)relation) * (has_tone((int)on) ? sizeof tones : 1) +
          (size_t)t;
    SORI_ASSERT(at < c->cell_count && c->cells[at].on == on && c->cells[at].relation == relation);
    return (int)at;
}

/* ---- rules that never match ---- */

/* Every point that there can be, also those that are no cell: a kind that nobody knows, a page
 * without an author, a text without a tone. */
static void look_everywhere(struct maker *m) {
    for (size_t e = 0; e < sizeof events; e++)
        for (uint8_t k = 0; k < KIND_COUNT; k++)
            for (uint8_t r = 0; r <= RELATION_COUNT; r++)
                for (uint8_t t = 0; t < (has_tone(events[e]) ? TONE_COUNT : 1); t++) {
                    const uint8_t point[DIMS] = {[DIM_ON] = events[e],
                                                 [DIM_KIND] = k,
                                                 [DIM_TONE] = t ? t : COVER_UNKNOWN,
                                                 [DIM_RELATION] =
                                                     r < RELATION_COUNT ? r : COVER_UNKNOWN};
                    if (k == KIND_REACTION) continue;
                    struct verdicts *v = at_point(m, point);
                    for (size_t i = 0; i < v->live_count; i++) m->lives[v->live[i]] = true;
                    for (size_t i = 0; i < m->p->rule_count; i++)
                        if (v->shadow[i] && v->shadow[i] != UINT16_MAX) m->shadow[i] = v->shadow[i];
                }
}

static void why_impossible(const struct cond *c, struct buf *b) {
    buf_printf(b, "%s: %.*s: ", c->key, STR(c->wanted));
    if (c->op == COND_SET && c->tag == FACT_KIND)
        buf_puts(b, "reactions are counted and never reach a policy");
    else if (c->op == COND_SET && c->tag == FACT_ON)
        buf_puts(b, "nothing is decided about such entries");
    else if (c->op == COND_SET && c->tag == FACT_ORIGIN)
        buf_puts(b, "no rule fires on what our own side said");
    else if (c->op == COND_SET && c->tag == FACT_SHARE)
        buf_puts(b, "simple shares are counted and never reach a policy");
    else if (c->op == COND_SET && c->tag == FACT_TONE)
        buf_puts(b, "a tone is known of what is said or edited only");
    else
        buf_puts(b, "no value is all of that");
}

static void explain_never(struct maker *m, size_t i) {
    struct cover_rule *r = &m->cover->rules[i];
    const struct cover_box *box = &m->space.boxes[i];
    struct buf why = {0};
    if (box->impossible)
        why_impossible(box->against, &why);
    else if (m->shadow[i]) {
        const struct rule *by = &m->p->rules[m->shadow[i] - 1];
        buf_printf(&why, "\"%s\" (%.*s) comes first and decides whatever this one could", by->name,
                   STR(by->where));
    } else
        buf_puts(&why, "the rules before it together decide whatever this one could");
    r->never = true;
    r->why = arena_copy(m->arena, buf_view(&why));
    m->cover->never++;
    buf_free(&why);
}

static void make_rules(struct maker *m) {
    const struct policy *p = m->p;
    struct cover *c = m->cover;
    c->rules = arena_get(m->arena, (p->rule_count + 1) * sizeof *c->rules);
    c->rule_count = p->rule_count;
    for (size_t i = 0; i < p->rule_count; i++)
        c->rules[i] = (struct cover_rule){.name = p->rules[i].name,
                                          .where = p->rules[i].where,
                                          .note = p->rules[i].note,
                                          .check = p->rules[i].check != LUA_NOREF,
                                          .code = p->rules[i].act_function != LUA_NOREF};
}

/* ---- rules of one cell that only their order tells apart ---- */

static bool same_texts(const struct pieces *a, const struct pieces *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct piece *x = &a->item[i], *y = &b->item[i];
        if (!str_eq(x->text, y->text) || x->fact != y->fact || !str_eq(x->given, y->given) ||
            !str_eq(x->otherwise, y->otherwise))
            return false;
    }
    return true;
}

static bool same_slots(const struct act *a, const struct act *b) {
    if (a->given_count != b->given_count) return false;
    for (size_t i = 0; i < a->given_count; i++)
        if (!str_eq(a->given[i].name, b->given[i].name) ||
            !str_eq(a->given[i].value, b->given[i].value))
            return false;
    return true;
}

/* Who looks at it before it leaves. */
static bool same_approval(const struct act *a, const struct act *b) {
    if (a->approve != b->approve || a->approve_count != b->approve_count) return false;
    for (size_t i = 0; i < a->approve_count; i++)
        if (strcmp(a->approve_when[i].key, b->approve_when[i].key) != 0 ||
            !str_eq(a->approve_when[i].wanted, b->approve_when[i].wanted))
            return false;
    return true;
}

static bool same_act(const struct act *a, const struct act *b) {
    return a->verb == b->verb && str_eq(a->name, b->name) && a->value == b->value &&
           a->slot == b->slot && a->goal == b->goal && str_eq(a->lang, b->lang) &&
           str_eq(a->longer, b->longer) && str_eq(a->source, b->source) &&
           same_texts(&a->text, &b->text) && same_slots(a, b) && same_approval(a, b);
}

/* Does it not matter which of the two decides, but for its name? */
static bool same_acts(const struct rule *a, const struct rule *b) {
    if (a->act_function != LUA_NOREF || b->act_function != LUA_NOREF) return false;
    if (a->act_count != b->act_count || a->direction != b->direction) return false;
    for (size_t i = 0; i < a->act_count; i++)
        if (!same_act(&a->acts[i], &b->acts[i])) return false;
    return true;
}

/* Within one cell; a check is a condition that is like no other. */
static bool only_order(const struct maker *m, size_t a, size_t b) {
    const struct cover_box *x = &m->space.boxes[a], *y = &m->space.boxes[b];
    const struct rule *p = &m->p->rules[a], *q = &m->p->rules[b];
    if (!cover_overlap(x, y)) return false;
    if (p->check == LUA_NOREF && m->wider[b][a / 64] >> (a % 64) & 1) return false;
    if (q->check == LUA_NOREF && m->wider[a][b / 64] >> (b % 64) & 1) return false;
    return !same_acts(p, q);
}

static int by_cells(const void *a, const void *b) {
    const struct cover_pair *x = a, *y = b;
    if (x->cells != y->cells) return x->cells < y->cells ? 1 : -1;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

static void make_pairs(struct maker *m) {
    size_t n = m->p->rule_count;
    struct cover_pair *of = mem_get((n * n + 1) * sizeof *of);
    for (struct verdicts *v = m->all; v; v = v->next)
        for (size_t i = 0; i < v->live_count && v->cells; i++)
            for (size_t k = i + 1; k < v->live_count; k++) {
                struct cover_pair *pair = &of[v->live[i] * n + v->live[k]];
                if (pair->cells == 0 || v->example < pair->example) pair->example = v->example;
                pair->cells += v->cells;
            }
    size_t count = 0;
    for (size_t i = 0; i < n * n; i++)
        if (of[i].cells && only_order(m, i / n, i % n)) {
            of[i].first = (uint16_t)(i / n);
            of[i].second = (uint16_t)(i % n);
            of[count++] = of[i];
        }
    qsort(of, count, sizeof *of, by_cells);
    m->cover->pairs = arena_get(m->arena, (count + 1) * sizeof *of);
    memcpy(m->cover->pairs, of, count * sizeof *of);
    m->cover->pair_count = count;
    free(of);
}

struct cover *cover_make(const struct policy *p) {
    struct made *made = mem_get(sizeof *made);
    struct maker m = {.p = p, .cover = &made->cover, .arena = &made->arena, .steps = STEPS_ALL};
    cover_space_make(&m.space, p);
    m.box = mem_get((m.space.var_count + 1) * sizeof *m.box);
    m.wider = mem_get((p->rule_count + 1) * sizeof *m.wider);
    m.lives = mem_get((p->rule_count + 1) * sizeof *m.lives);
    m.shadow = mem_get((p->rule_count + 1) * sizeof *m.shadow);
    find_wider(&m);
    make_rules(&m);
    make_cells(&m);
    make_pairs(&m);
    look_everywhere(&m);
    for (size_t i = 0; i < p->rule_count; i++)
        if (p->rules[i].note ? m.space.boxes[i].impossible : !m.lives[i]) explain_never(&m, i);
    free(m.box);
    free(m.wider);
    free(m.lives);
    free(m.shadow);
    cover_space_free(&m.space);
    return &made->cover;
}

void cover_free(struct cover *c) {
    if (!c) return;
    struct made *made = (struct made *)c;
    struct arena arena = made->arena;
    arena_free(&arena);
    free(made);
}
