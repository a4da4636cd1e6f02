/* From conditions to variables and their classes. */
#include "lua/cover/space.h"

#include <stdlib.h>

enum { CLASSES = 60, POINTS_MAX = 100000 };

static const uint8_t dim_tag[DIMS] = {FACT_ON, FACT_KIND, FACT_TONE, FACT_RELATIONSHIP};

static int dim_of(const struct cond *c) {
    for (int d = 0; d < DIMS && c->op == COND_SET; d++)
        if (dim_tag[d] == c->tag) return d;
    return -1;
}

/* What the flow puts into every fact record, and into those with a known person. */
static bool always_known(uint32_t tag) {
    switch (tag) {
    case FACT_CHANNEL:
    case FACT_CONNECTION:
    case FACT_ORIGIN:
    case FACT_TEXT:
    case FACT_HEARD_AT:
    case FACT_NOW:
    case FACT_CAN_REPLY:
    case FACT_CAN_PRIVATE:
    case FACT_CAN_LIKE:
    case FACT_CAN_HIDE:
    case FACT_CAN_DELETE:
    case FACT_MODE:
    case FACT_PRIVATE:
    case FACT_NEGATIVES_HOUR:
    case FACT_NEGATIVES_USUAL:
    case FACT_OPEN_CASES:
    case FACT_ID: return true;
    default: return false;
    }
}

bool cover_of_person(const struct cover_var *v) {
    return !v->of && (v->op == COND_BOOL || v->op == COND_NUMBER) &&
           (v->tag == FACT_INFLUENCER || v->tag == FACT_SPOKE || v->tag == FACT_FIRST_AT);
}

/* ---- which conditions speak of the same thing ---- */

static bool same_list(const struct policy *p, uint16_t a, uint16_t b) {
    if (a == b) return true;
    if (p->book.count[a] != p->book.count[b]) return false;
    for (size_t i = 0; i < p->book.count[a]; i++)
        if (!str_eq(p->book.shown[a][i], p->book.shown[b][i])) return false;
    return true;
}

/* The same condition, so that both hold or neither does. */
static bool same_cond(const struct cond *a, const struct cond *b) {
    if (a->op != b->op || a->tag != b->tag || a->index != b->index || a->want != b->want ||
        a->set != b->set || a->lo != b->lo || a->hi != b->hi || a->count != b->count ||
        !a->any != !b->any || !a->text != !b->text)
        return false;
    for (size_t i = 0; i < a->count && a->any; i++)
        if (a->any[i] != b->any[i]) return false;
    for (size_t i = 0; i < a->count && a->text; i++)
        if (!str_eq(a->text[i], b->text[i])) return false;
    return true;
}

static bool same_thing(const struct policy *p, const struct cover_var *v, const struct cond *c) {
    if (v->op != c->op) return false;
    switch (c->op) {
    case COND_SET:
    case COND_TEXT:
    case COND_BOOL:
    case COND_NUMBER: return v->tag == c->tag;
    case COND_LABEL:
    case COND_CELL: return v->index == c->index;
    case COND_WORDS: return same_list(p, v->index, c->index);
    default: return false; /* each is a thing of its own */
    }
}

/* ---- classes ---- */

struct points {
    int64_t *at;
    struct sori_str *text;
    size_t count, cap;
};

static void add_point(struct points *s, int64_t at, struct sori_str text) {
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->at = mem_grow(s->at, s->cap * sizeof *s->at);
        s->text = mem_grow(s->text, s->cap * sizeof *s->text);
    }
    s->at[s->count] = at;
    s->text[s->count++] = text;
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b) {
    const struct sori_str *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = n ? memcmp(x->ptr, y->ptr, n) : 0;
    return c ? c : (x->len > y->len) - (x->len < y->len);
}

static void add_points(struct points *s, const struct cond *c) {
    for (size_t i = 0; i < c->count && s->count < POINTS_MAX; i++) {
        if (c->any) {
            add_point(s, c->any[i], (struct sori_str){0});
            if (c->any[i] < INT64_MAX) add_point(s, c->any[i] + 1, (struct sori_str){0});
        } else if (c->text)
            add_point(s, 0, c->text[i]);
    }
    if (c->any || c->text) return;
    add_point(s, c->lo, (struct sori_str){0});
    if (c->hi < INT64_MAX) add_point(s, c->hi + 1, (struct sori_str){0});
}

static void add_class(struct cover_var *v, int64_t from, int64_t to, struct sori_str text) {
    v->from[v->classes] = from;
    v->to[v->classes] = to;
    v->text[v->classes++] = text;
}

static bool spans(struct cover_var *v, struct points *s) {
    /* The lowest and the highest value that there can be. */
    int64_t low = v->op == COND_LABEL ? 0 : INT64_MIN,
            high = v->op == COND_LABEL ? 10000 : INT64_MAX;
    add_point(s, low, (struct sori_str){0});
    qsort(s->at, s->count, sizeof *s->at, by_number);
    for (size_t i = 0; i < s->count; i++) {
        if (s->at[i] < low || s->at[i] > high || (i + 1 < s->count && s->at[i] == s->at[i + 1]))
            continue;
        if (v->classes == CLASSES) return false;
        add_class(v, s->at[i], i + 1 < s->count && s->at[i + 1] <= high ? s->at[i + 1] - 1 : high,
                  (struct sori_str){0});
    }
    return true;
}

static bool texts(struct cover_var *v, struct points *s) {
    if (s->count) qsort(s->text, s->count, sizeof *s->text, by_text);
    for (size_t i = 0; i < s->count; i++) {
        if (i && str_eq(s->text[i], s->text[i - 1])) continue;
        if (v->classes == CLASSES) return false;
        add_class(v, 0, 0, s->text[i]);
    }
    v->other = (int)v->classes;
    add_class(v, 0, 0, SORI_STR("something else"));
    return true;
}

/* Values of an enumeration that the flow makes. */
static void words(struct cover_var *v) {
    const struct fact_info *info = fact_by_tag(v->tag);
    for (int n = 0; n < 31; n++) {
        if (info->word(n)[0] == '?') continue;
        if (v->tag == FACT_ORIGIN && n != ORIGIN_PERSON) continue;
        if (v->tag == FACT_SHARE && n == SHARE_SIMPLE) continue;
        add_class(v, n, n, str_c(info->word(n)));
    }
}

static void yes_or_no(struct cover_var *v) {
    v->classes = 0;
    add_class(v, 0, 0, (struct sori_str){0});
    add_class(v, 1, 1, (struct sori_str){0});
}

/* All conditions on this variable are known: what can they tell apart? False: too much. */
static bool classify(struct cover_var *v, const struct cond *const *conds, size_t count) {
    struct points s = {0};
    bool ok = true;
    v->unknown = v->other = -1;
    for (size_t i = 0; i < count; i++) add_points(&s, conds[i]);
    switch (v->op) {
    case COND_SET: words(v); break;
    case COND_TEXT: ok = texts(v, &s); break;
    case COND_NUMBER:
    case COND_LABEL:
    case COND_CELL: ok = spans(v, &s); break;
    default: yes_or_no(v); break;
    }
    bool listed = v->op == COND_LABEL && conds[0]->list;
    bool known = v->op == COND_CELL || v->op == COND_WORDS || listed ||
                 (v->op != COND_LABEL && always_known(v->tag));
    if (!known) {
        v->unknown = (int)v->classes;
        add_class(v, 0, 0, SORI_STR("unknown"));
    }
    free(s.at);
    free(s.text);
    return ok;
}

static bool accepts(const struct cond *c, const struct cover_var *v, unsigned class) {
    if ((int)class == v->unknown) return false;
    switch (c->op) {
    case COND_SET: return c->set >> v->from[class] & 1;
    case COND_BOOL: return (v->from[class] != 0) == c->want;
    case COND_WORDS: return v->from[class] != 0;
    case COND_TEXT:
        for (size_t i = 0; i < c->count && (int)class != v->other; i++)
            if (str_eq(c->text[i], v->text[class])) return true;
        return false;
    default: break;
    }
    if (!c->any) return c->lo <= v->from[class] && v->to[class] <= c->hi;
    for (size_t i = 0; i < c->count; i++)
        if (c->any[i] == v->from[class] && c->any[i] == v->to[class]) return true;
    return false;
}

static uint64_t set_of(const struct cond *c, const struct cover_var *v) {
    if (v->of) return 2; /* it holds */
    uint64_t set = 0;
    for (unsigned i = 0; i < v->classes; i++)
        if (accepts(c, v, i)) set |= 1ull << i;
    return set;
}

/* ---- variables ---- */

struct builder {
    struct cover_space *s;
    const struct policy *p;
    const struct cond **conds; /* all, of all rules, the dimensions left out */
    uint16_t *var;             /* of each */
    size_t count, cap;
};

static size_t new_var(struct builder *b, const struct cond *c) {
    struct cover_space *s = b->s;
    struct cover_var *grown = mem_grow(s->vars, (s->var_count + 1) * sizeof *grown);
    s->vars = grown;
    grown[s->var_count] = (struct cover_var){
        .op = c->op, .tag = c->tag, .index = c->index, .name = c->key, .unknown = -1, .other = -1};
    return s->var_count++;
}

static bool is_plain(const struct cond *c) {
    return c->op == COND_SET || c->op == COND_TEXT || c->op == COND_BOOL || c->op == COND_NUMBER ||
           c->op == COND_LABEL || c->op == COND_CELL || c->op == COND_WORDS;
}

static void give_vars(struct builder *b) {
    for (size_t i = 0; i < b->count; i++) {
        size_t v = is_plain(b->conds[i]) ? 0 : b->s->var_count;
        while (v < b->s->var_count && !same_thing(b->p, &b->s->vars[v], b->conds[i])) v++;
        if (v == b->s->var_count) {
            new_var(b, b->conds[i]);
            if (!is_plain(b->conds[i])) b->s->vars[v].of = b->conds[i];
        }
        b->var[i] = (uint16_t)v;
    }
}

/* A variable with too many classes: each different condition on it becomes one of its own. */
static void split(struct builder *b, size_t v) {
    size_t first = b->s->var_count;
    for (size_t i = 0; i < b->count; i++) {
        if (b->var[i] != v) continue;
        size_t at = first;
        while (at < b->s->var_count && !same_cond(b->s->vars[at].of, b->conds[i])) at++;
        if (at == b->s->var_count) {
            new_var(b, b->conds[i]);
            b->s->vars[at].of = b->conds[i];
            yes_or_no(&b->s->vars[at]);
        }
        b->var[i] = (uint16_t)at;
    }
    b->s->vars[v].classes = 1; /* nobody asks for it any more */
}

static void make_classes(struct builder *b) {
    const struct cond **of = mem_get((b->count + 1) * sizeof *of);
    size_t vars = b->s->var_count;
    for (size_t v = 0; v < vars; v++) {
        size_t n = 0;
        for (size_t i = 0; i < b->count; i++)
            if (b->var[i] == v) of[n++] = b->conds[i];
        if (b->s->vars[v].of)
            yes_or_no(&b->s->vars[v]);
        else if (!classify(&b->s->vars[v], of, n))
            split(b, v);
    }
    for (size_t v = 0; v < b->s->var_count; v++)
        b->s->vars[v].all = (1ull << b->s->vars[v].classes) - 1;
    free(of);
}

/* ---- boxes ---- */

static uint32_t dim_domain(int dim) {
    switch (dim) {
    case DIM_ON:
        return 1u << ENTRY_SAID | 1u << ENTRY_EDITED | 1u << ENTRY_REMOVED | 1u << ENTRY_HIDDEN |
               1u << ENTRY_SHOWN | 1u << ENTRY_DUE_SOON | 1u << ENTRY_OVERDUE |
               1u << ENTRY_FOLLOW_UP;
    case DIM_KIND: return (1u << KIND_COUNT) - 1 - (1u << KIND_REACTION);
    case DIM_TONE:
        return 1u << TONE_POSITIVE | 1u << TONE_NEUTRAL | 1u << TONE_NEGATIVE | 1u << TONE_UNSURE |
               1u << COVER_UNKNOWN;
    default: return ((1u << RELATION_COUNT) - 1) | 1u << COVER_UNKNOWN;
    }
}

static void want(struct cover_box *box, uint16_t var, uint64_t set, const struct cond *c) {
    size_t at = 0;
    while (at < box->count && box->wants[at].var < var) at++;
    if (at == box->count || box->wants[at].var != var) {
        memmove(box->wants + at + 1, box->wants + at, (box->count - at) * sizeof *box->wants);
        box->wants[at] = (struct cover_want){var, set};
        box->count++;
    }
    box->wants[at].set &= set;
    if (box->wants[at].set == 0 && !box->impossible) {
        box->impossible = true;
        box->against = c;
    }
}

static void make_box(struct builder *b, const struct rule *rule, size_t *at,
                     struct cover_box *box) {
    const struct cond *tone = NULL;
    box->wants = arena_get(&b->s->arena, (rule->cond_count + 1) * sizeof *box->wants);
    for (int d = 0; d < DIMS; d++) box->dim[d] = dim_domain(d);
    for (size_t i = 0; i < rule->cond_count; i++) {
        const struct cond *c = &rule->conds[i];
        int d = dim_of(c);
        if (d < 0) {
            uint16_t var = b->var[(*at)++];
            want(box, var, set_of(c, &b->s->vars[var]), c);
            continue;
        }
        if (d == DIM_TONE) tone = c;
        box->dim[d] &= c->set & ~(1u << COVER_UNKNOWN);
        if (box->dim[d] == 0 && !box->impossible) {
            box->impossible = true;
            box->against = c;
        }
    }
    if (tone && !(box->dim[DIM_ON] & (1u << ENTRY_SAID | 1u << ENTRY_EDITED)) && !box->impossible) {
        box->impossible = true;
        box->against = tone;
    }
}

void cover_space_make(struct cover_space *s, const struct policy *p) {
    struct builder b = {.s = s, .p = p};
    *s = (struct cover_space){.box_count = p->rule_count};
    size_t most = 1;
    for (size_t i = 0; i < p->rule_count; i++) most += p->rules[i].cond_count;
    b.conds = mem_get(most * sizeof *b.conds);
    b.var = mem_get(most * sizeof *b.var);
    for (size_t i = 0; i < p->rule_count; i++)
        for (size_t k = 0; k < p->rules[i].cond_count; k++)
            if (dim_of(&p->rules[i].conds[k]) < 0) b.conds[b.count++] = &p->rules[i].conds[k];
    give_vars(&b);
    make_classes(&b);
    s->boxes = arena_get(&s->arena, (p->rule_count + 1) * sizeof *s->boxes);
    size_t at = 0;
    for (size_t i = 0; i < p->rule_count; i++) make_box(&b, &p->rules[i], &at, &s->boxes[i]);
    free(b.conds);
    free(b.var);
}

void cover_space_free(struct cover_space *s) {
    arena_free(&s->arena);
    free(s->vars);
}

bool cover_fill(const struct cover_space *s, int rule, bool person, uint64_t *box) {
    for (size_t v = 0; v < s->var_count; v++) {
        box[v] = s->vars[v].all;
        if (!cover_of_person(&s->vars[v])) continue;
        uint64_t unknown = 1ull << s->vars[v].unknown;
        box[v] = person ? box[v] & ~unknown : unknown;
    }
    if (rule < 0) return true;
    const struct cover_box *b = &s->boxes[rule];
    bool some = true;
    for (size_t i = 0; i < b->count; i++) some &= (box[b->wants[i].var] &= b->wants[i].set) != 0;
    return some;
}
