#include "lua/evolve.h"

#include "base/enums.h"
#include "base/item.h"
#include "base/map.h"
#include "lua/policy.h"

#include <stdlib.h>

enum { SCOPE_CASE = 1 };

struct own_cell {
    char *name;
    int64_t scope, value, expires; /* INT64_MAX: not known to end */
};
struct own_cells {
    struct own_cell *items;
    size_t n;
};
struct evolve {
    struct map contacts; /* id → struct own_cells */
};

struct evolve *evolve_new(void) {
    return mem_get(sizeof(struct evolve));
}

size_t evolve_count(const struct evolve *e) { return e->contacts.count; }

static void drop(struct own_cells *c, size_t i) {
    free(c->items[i].name);
    c->items[i] = c->items[--c->n];
}

void evolve_free(struct evolve *e) {
    if (!e) return;
    struct own_cells *c;
    for (size_t at = 0; (c = map_next(&e->contacts, &at));) {
        while (c->n) drop(c, c->n - 1);
        free(c->items);
        free(c);
    }
    map_free(&e->contacts);
    free(e);
}

static struct own_cell *cell_of(struct own_cells *c, struct sori_str name) {
    for (size_t i = 0; i < c->n; i++)
        if (str_is(name, c->items[i].name)) return &c->items[i];
    c->items = mem_grow(c->items, (c->n + 1) * sizeof *c->items);
    c->items[c->n] = (struct own_cell){.name = mem_text(name), .expires = INT64_MAX};
    return &c->items[c->n++];
}

/* What is over is gone: a cell at its end, and those of a case that is closed. */
static void age(struct own_cells *c, struct sori_str facts) {
    int64_t now = rec_get_int(facts, FACT_NOW, 0);
    bool open = rec_get_int(facts, FACT_CASE, -1) >= 0;
    for (size_t i = c->n; i-- > 0;)
        if (c->items[i].expires < now || (c->items[i].scope == SCOPE_CASE && !open)) drop(c, i);
}

struct sori_str evolve_facts(struct evolve *e, int64_t contact, struct sori_str facts,
                             struct buf *room) {
    struct own_cells *c = contact ? map_get(&e->contacts, (uint64_t)contact) : NULL;
    struct rec_field f;
    if (!c) return facts;
    age(c, facts);
    buf_clear(room);
    for (struct sori_str rest = facts; rec_next(&rest, &f) == 1;) {
        if (f.tag == FACT_CELL) continue;
        if (f.type == REC_INT)
            rec_int(room, f.tag, f.i);
        else if (f.type == REC_STR)
            rec_str(room, f.tag, f.s);
        else
            rec_rec(room, f.tag, f.s);
    }
    for (size_t i = 0; i < c->n; i++) {
        size_t mark = rec_begin(room, FACT_CELL);
        rec_str(room, 1, str_c(c->items[i].name));
        rec_int(room, 2, c->items[i].value);
        rec_int_opt(room, 3, c->items[i].scope);
        rec_end(room, mark);
    }
    return buf_view(room);
}

/* ---- what is written ---- */

static bool next_write(struct sori_str *decision, struct rec_field *f) {
    while (rec_next(decision, f) == 1) {
        if (f->tag != DEC_INTENT || f->type != REC_REC) continue;
        int64_t verb = rec_get_int(f->s, INTENT_VERB, 0);
        if (verb == VERB_ADD || verb == VERB_SET) return true;
    }
    return false;
}

static bool writes_same(struct sori_str a, struct sori_str b) {
    struct rec_field x, y;
    for (;;) {
        bool more = next_write(&a, &x);
        if (next_write(&b, &y) != more) return false;
        if (!more) return true;
        if (!str_eq(x.s, y.s)) return false;
    }
}

static struct own_cells *as_recorded(struct evolve *e, int64_t contact, struct sori_str facts) {
    struct own_cells *c = mem_get(sizeof *c);
    struct rec_field f;
    while (rec_next(&facts, &f) == 1) {
        if (f.tag != FACT_CELL || f.type != REC_REC) continue;
        struct own_cell *cell = cell_of(c, rec_get_str(f.s, 1));
        cell->value = rec_get_int(f.s, 2, 0);
        cell->scope = rec_get_int(f.s, 3, 0);
    }
    map_put(&e->contacts, (uint64_t)contact, c);
    return c;
}

/* As effects are applied live. */
static void write_cell(struct own_cells *c, struct sori_str intent, int64_t now) {
    struct own_cell *cell = cell_of(c, rec_get_str(intent, INTENT_NAME));
    int64_t value = rec_get_int(intent, INTENT_VALUE, 0),
            keep = rec_get_int(intent, INTENT_KEEP, 0), old = cell->value;
    cell->scope = rec_get_int(intent, INTENT_SCOPE, 0);
    cell->value = value;
    if (rec_get_int(intent, INTENT_VERB, 0) == VERB_ADD &&
        __builtin_add_overflow(old, value, &cell->value))
        cell->value = old;
    cell->expires = keep > 0 && keep < INT64_MAX - now ? now + keep : INT64_MAX;
}

/* Does this intention make sure that there is a case? */
static bool opens_case(int64_t verb) {
    return verb == VERB_ASSIGN || verb == VERB_HOLD || verb == VERB_ALERT || verb == VERB_CLOCK ||
           verb == VERB_FOLLOW_UP;
}

void evolve_decided(struct evolve *e, int64_t contact, struct sori_str facts, struct sori_str then,
                    struct sori_str decided) {
    struct own_cells *c = contact ? map_get(&e->contacts, (uint64_t)contact) : NULL;
    struct rec_field f;
    if (!contact || (!c && writes_same(then, decided))) return;
    if (!c) c = as_recorded(e, contact, facts);
    int64_t now = rec_get_int(facts, FACT_NOW, 0);
    bool open = rec_get_int(facts, FACT_CASE, -1) >= 0;
    for (struct sori_str rest = decided; rec_next(&rest, &f) == 1;) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        int64_t verb = rec_get_int(f.s, INTENT_VERB, 0);
        open |= opens_case(verb);
        if ((verb == VERB_ADD || verb == VERB_SET) &&
            (open || rec_get_int(f.s, INTENT_SCOPE, 0) != SCOPE_CASE))
            write_cell(c, f.s, now);
    }
}
