/* Boxes against each other: is one inside others, do two overlap, what is left? */
#include "lua/cover/space.h"

#include <stdlib.h>

static bool meets(const struct cover_box *b, const uint64_t *box) {
    for (size_t i = 0; i < b->count; i++)
        if (!(box[b->wants[i].var] & b->wants[i].set)) return false;
    return true;
}

static bool holds(const struct cover_box *b, const uint64_t *box) {
    for (size_t i = 0; i < b->count; i++)
        if (box[b->wants[i].var] & ~b->wants[i].set) return false;
    return true;
}

/* Cuts off what the first box accepts, one variable after the other, and looks at each part that is
 * left with the boxes behind it. What it takes off `box` it puts back, unless a part is left. */
static bool covered(const struct cover_space *s, const uint16_t *with, size_t count, uint64_t *box,
                    int64_t *steps) {
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct cover_box *b = &s->boxes[with[i]];
        if (--*steps < 0) return false;
        if (b->impossible || !meets(b, box)) continue;
        if (holds(b, box)) return true;
        if (first == SIZE_MAX) first = i;
    }
    if (first == SIZE_MAX) return false;
    const struct cover_box *b = &s->boxes[with[first]];
    uint64_t *kept = mem_get(b->count * sizeof *kept);
    bool all = true;
    for (size_t i = 0; i < b->count; i++) kept[i] = box[b->wants[i].var];
    for (size_t i = 0; i < b->count && all; i++) {
        uint64_t *at = &box[b->wants[i].var];
        uint64_t outside = *at & ~b->wants[i].set;
        if (!outside) continue;
        uint64_t inside = *at & b->wants[i].set;
        *at = outside;
        all = covered(s, with + first + 1, count - first - 1, box, steps);
        if (all) *at = inside;
    }
    for (size_t i = 0; i < b->count && all; i++) box[b->wants[i].var] = kept[i];
    free(kept);
    return all;
}

bool cover_covered(const struct cover_space *s, const uint16_t *with, size_t count, uint64_t *box,
                   int64_t *steps) {
    return covered(s, with, count, box, steps);
}

bool cover_overlap(const struct cover_box *a, const struct cover_box *b) {
    if (a->impossible || b->impossible) return false;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (a->wants[i].var < b->wants[k].var)
            i++;
        else if (a->wants[i].var > b->wants[k].var)
            k++;
        else if (!(a->wants[i++].set & b->wants[k++].set))
            return false;
    }
    return true;
}

bool cover_inside(const struct cover_space *s, const struct cover_box *a,
                  const struct cover_box *b) {
    size_t i = 0;
    for (size_t k = 0; k < b->count; k++) {
        while (i < a->count && a->wants[i].var < b->wants[k].var) i++;
        uint64_t set = i < a->count && a->wants[i].var == b->wants[k].var
                           ? a->wants[i].set
                           : s->vars[b->wants[k].var].all;
        if (set & ~b->wants[k].set) return false;
    }
    return true;
}

static void print_class(const struct cover_var *v, unsigned class, struct buf *out) {
    if (v->of)
        buf_printf(out, "%s%.*s", class ? "" : "not ", STR(v->of->wanted));
    else if ((int)class == v->unknown)
        buf_puts(out, "unknown");
    else if (v->op == COND_WORDS)
        buf_puts(out, class ? "found" : "not found");
    else if (v->op == COND_BOOL)
        buf_puts(out, v->from[class] ? "true" : "false");
    else if (v->op == COND_SET || v->op == COND_TEXT)
        buf_str(out, v->text[class]);
    else if (v->from[class] == v->to[class])
        buf_printf(out, "%lld", (long long)v->from[class]);
    else if (v->from[class] == INT64_MIN)
        buf_printf(out, "at most %lld", (long long)v->to[class]);
    else if (v->to[class] == INT64_MAX)
        buf_printf(out, "at least %lld", (long long)v->from[class]);
    else
        buf_printf(out, "%lld to %lld", (long long)v->from[class], (long long)v->to[class]);
}

void cover_print(const struct cover_space *s, const uint64_t *box, struct buf *out) {
    size_t start = out->len;
    for (size_t v = 0; v < s->var_count; v++) {
        uint64_t left = box[v];
        if (cover_of_person(&s->vars[v])) left |= 1ull << s->vars[v].unknown;
        if (left == s->vars[v].all) continue;
        unsigned shown = 0;
        buf_printf(out, "%s%s is ", out->len > start ? ", " : "", s->vars[v].name);
        for (unsigned i = 0; i < s->vars[v].classes && shown < 4; i++) {
            if (!(box[v] >> i & 1)) continue;
            if (shown++) buf_puts(out, " or ");
            print_class(&s->vars[v], i, out);
        }
    }
}
