/* Conditions at work: held against the facts, and shown. */
#include "lua/policy_inner.h"

static bool number_holds(const struct cond *c, int64_t v) {
    if (!c->any) return c->lo <= v && v <= c->hi;
    for (size_t i = 0; i < c->count; i++)
        if (c->any[i] == v) return true;
    return false;
}

static bool text_holds(const struct cond *c, struct sori_str v) {
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(c->text[i], v)) return true;
    return false;
}

bool cond_holds(const struct policy *p, struct facts *f, const struct cond *c) {
    switch (c->op) {
    case COND_LABEL:
        f->missed_score |= ~f->have_score & 1ull << c->index;
        return (f->have_score >> c->index & 1) && number_holds(c, f->score[c->index]);
    case COND_CELL:
        f->missed_cell |= ~f->have_cell & 1ull << c->index;
        return number_holds(c, f->cell[c->index]);
    case COND_WORDS: words_ask(p, f); return fact_has(f, FACT_TEXT) && f->found[c->index] >= 0;
    case COND_SURGE: return surge_look(p, f, c, &(struct surge){0});
    default: break;
    }
    f->missed |= ~f->have & 1ull << c->tag;
    if (!fact_has(f, c->tag)) return false;
    const struct rec_field *v = &f->f[c->tag];
    switch (c->op) {
    case COND_SET: return v->i >= 0 && v->i < 32 && (c->set >> v->i & 1);
    case COND_TEXT: return text_holds(c, v->s);
    case COND_BOOL: return (v->i != 0) == c->want;
    default: return number_holds(c, v->i);
    }
}

static void put_found(const struct policy *p, const struct facts *f, int list, struct buf *b) {
    int word = f->found[list];
    if (word >= 0)
        buf_printf(b, "\"%.*s\"", STR(p->book.shown[list][word]));
    else
        buf_puts(b, "none of them");
}

void cond_seen(const struct policy *p, const struct facts *f, const struct cond *c, struct buf *b) {
    if (c->op == COND_LABEL && !(f->have_score >> c->index & 1))
        buf_puts(b, "unknown");
    else if (c->op == COND_LABEL && f->listed >> c->index & 1)
        put_found(p, f, c->list - 1, b);
    else if (c->op == COND_LABEL)
        buf_printf(b, "%lld.%04lld", (long long)(f->score[c->index] / 10000),
                   (long long)(f->score[c->index] % 10000));
    else if (c->op == COND_CELL)
        buf_printf(b, "%lld", (long long)f->cell[c->index]);
    else if (c->op == COND_WORDS && !fact_has(f, FACT_TEXT))
        buf_puts(b, "unknown");
    else if (c->op == COND_WORDS)
        put_found(p, f, c->index, b);
    else if (c->op == COND_SURGE) {
        struct surge seen;
        surge_look(p, f, c, &seen);
        surge_print(b, &seen);
    } else
        fact_print(b, fact_by_tag(c->tag), f);
}

static void trace_int(struct buf *b, int64_t v) {
    char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (char)((uint64_t)v >> (8 * i));
    buf_put(b, bytes, 8);
}

void cond_trace(const struct policy *p, const struct facts *f, const struct cond *c,
                struct buf *b) {
    if (c->op == COND_SURGE) {
        struct surge seen;
        surge_look(p, f, c, &seen);
        rec_str(b, FACT_WINDOW, seen.topic);
        trace_int(b, seen.hour);
        trace_int(b, seen.usual);
        return;
    }
    if (c->op == COND_LABEL && f->listed >> c->index & 1)
        trace_int(b, f->found[c->list - 1]);
    else if (c->op == COND_LABEL)
        trace_int(b, f->have_score >> c->index & 1 ? f->score[c->index] : -1);
    else if (c->op == COND_CELL)
        trace_int(b, f->cell[c->index]);
    else if (c->op == COND_WORDS)
        trace_int(b, fact_has(f, FACT_TEXT) ? f->found[c->index] : -2);
    else if (!fact_has(f, c->tag))
        buf_putc(b, '?');
    else if (c->op == COND_TEXT)
        rec_str(b, c->tag, f->f[c->tag].s);
    else
        trace_int(b, f->f[c->tag].i);
}
