/* Reads of the driver in memory: a walk over one index, as reads.def says. */
#include "store/memory/memory.h"

#include <stdlib.h>

enum how { ALL, NEWEST, LAST, FIRST, COUNT };
enum filter { SKIP, TAKE, STOP };

struct walk {
    enum index_id index;
    enum table_id table;
    uint32_t prefix;
    bool lower;
    enum filter (*filter)(struct memory_store *, const struct walk *, const void *row,
                          const struct arg *);
    enum how how;
    uint32_t column; /* of a number: its offset in the row */
};

#define FILTER(name)                                                                               \
    static enum filter filter_##name(struct memory_store *s, const struct walk *w,                 \
                                     const void *row, const struct arg *args)

FILTER(any) {
    (void)s, (void)w, (void)row, (void)args;
    return TAKE;
}

/* Rows come by the column behind the prefix; the walk ends where it passes the argument. */
FILTER(due) {
    const struct index *x = &s->index[w->index];
    int64_t due = row_int(row, &x->table->col[x->col[w->prefix]]);
    return due <= args[w->prefix].i ? TAKE : STOP;
}

FILTER(before) {
    const struct index *x = &s->index[w->index];
    return row_int(row, &x->table->col[x->col[w->prefix]]) < args[w->prefix + 1].i ? TAKE : STOP;
}

FILTER(undecided) {
    (void)w, (void)args;
    const struct row_journal *j = row;
    if (j->kind < ENTRY_SAID || j->kind > ENTRY_FOLLOW_UP) return SKIP;
    struct row_decision key = {.seq = j->seq};
    return memory_find(s, T_decision, &key) ? SKIP : TAKE;
}

FILTER(state_of) {
    (void)s, (void)w;
    const struct row_action *a = row;
    return a->state == args[0].i && (args[1].i == NIL || a->connection == args[1].i) ? TAKE : SKIP;
}

static bool is_sent_reply(const struct row_action *a) {
    bool reply = a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY;
    return reply && a->state >= ACTION_SENT && a->state <= ACTION_UNKNOWN;
}
FILTER(sent_reply) {
    (void)s, (void)w, (void)args;
    return is_sent_reply(row) ? TAKE : SKIP;
}
FILTER(rule_reply) {
    (void)s, (void)w, (void)args;
    const struct row_action *a = row;
    return is_sent_reply(a) && !a->actor.len ? TAKE : SKIP;
}
FILTER(hand_reply) {
    (void)s, (void)w, (void)args;
    const struct row_action *a = row;
    return is_sent_reply(a) && a->actor.len ? TAKE : SKIP;
}

static const struct walk read_walks[] = {
#define READ(name, table, index, prefix, lower, filter, take, sql)                                 \
    {IX_##index, T_##table, prefix, lower, filter_##filter, take, 0},
#include "store/reads.def"
};
static const struct walk number_walks[] = {
#define NUMBER(name, table, index, prefix, lower, filter, fold, column, sql)                       \
    {IX_##index,                                                                                   \
     T_##table,                                                                                    \
     prefix,                                                                                       \
     lower,                                                                                        \
     filter_##filter,                                                                              \
     fold,                                                                                         \
     offsetof(struct row_##table, column)},
#include "store/reads.def"
};

typedef bool on_row(void *ctx, const void *row); /* false: enough */

/* Gives the rows of a walk, in order, up to `limit`. */
static void walk(struct memory_store *s, const struct walk *w, const struct arg *args, size_t limit,
                 on_row *each, void *ctx) {
    const struct index *x = &s->index[w->index];
    uint32_t bound = w->prefix + w->lower;
    _Alignas(8) char key[COLS_MAX * sizeof(struct sori_str)] = {0};
    for (uint32_t i = 0; i < bound; i++) {
        const struct col *c = &x->table->col[x->col[i]];
        if (c->type == COL_INT)
            row_set_int(key, c, args[i].i);
        else
            row_set_str(key, c, args[i].s);
    }
    struct place p = index_find(x, key, bound);
    for (void *row; limit && (row = index_next(x, &p));) {
        if (w->prefix && index_order(x, row, key, w->prefix) != 0) return;
        enum filter f = w->filter(s, w, row, args);
        if (f == STOP) return;
        if (f == SKIP) continue;
        if (!each(ctx, row)) return;
        limit--;
    }
}

struct reader {
    enum how how;
    store_row *each;
    void *ctx;
    const void *last;
    size_t n, cap;
    const void **rows; /* of NEWEST */
};

static bool on_read(void *ctx, const void *row) {
    struct reader *r = ctx;
    if (r->how == LAST)
        r->last = row;
    else if (r->how == NEWEST) {
        if (r->n == r->cap) {
            r->cap = r->cap ? 2 * r->cap : 64;
            r->rows = mem_grow(r->rows, r->cap * sizeof *r->rows);
        }
        r->rows[r->n] = row;
    } else
        r->each(r->ctx, row);
    r->n++;
    return r->how != FIRST;
}

void memory_read(struct store *base, enum read_id id, const struct arg *args, size_t limit,
                 store_row *each, void *ctx) {
    const struct walk *w = &read_walks[id];
    struct reader r = {.how = w->how, .each = each, .ctx = ctx};
    bool all = w->how == LAST || w->how == NEWEST;
    walk(memory_of(base), w, args, all ? SIZE_MAX : limit, on_read, &r);
    if (r.last) each(ctx, r.last);
    for (size_t i = r.n; r.rows && i-- > 0 && limit; limit--) each(ctx, r.rows[i]);
    free(r.rows);
}

static bool on_number(void *ctx, const void *row) {
    struct reader *r = ctx;
    r->last = row;
    r->n++;
    return r->how != FIRST;
}

int64_t memory_number(struct store *base, enum number_id id, const struct arg *args) {
    const struct walk *w = &number_walks[id];
    struct memory_store *s = memory_of(base);
    struct reader r = {.how = w->how};
    const struct index *x = &s->index[w->index];
    if (w->how == LAST && !w->prefix && w->filter == filter_any) {
        const struct chunk *c = x->chunk_n ? x->chunk[x->chunk_n - 1] : NULL;
        r.last = c ? c->row[c->n - 1] : NULL;
    } else {
        walk(s, w, args, SIZE_MAX, on_number, &r);
    }
    if (w->how == COUNT) return (int64_t)r.n;
    return r.last ? *(const int64_t *)((const char *)r.last + w->column) : NIL;
}

bool memory_head(struct store *base, int64_t id, int64_t space, struct sori_str native,
                 struct store_head *out) {
    struct memory_store *s = memory_of(base);
    const struct row_interaction key = {.id = id, .space = space, .native = native};
    const struct index *x = &s->index[id ? IX_interaction_pk : IX_interaction_key];
    struct place p = index_find(x, &key, x->named);
    const struct row_interaction *i = index_next(x, &p);
    if (!i || index_order(x, i, &key, x->named) != 0) return false;
    struct row_journal said = {.seq = i->said};
    const struct row_journal *j = memory_find(s, T_journal, &said);
    *out =
        (struct store_head){i->id,           i->kind,   i->share,  i->origin,  i->connection,
                            i->author,       i->parent, i->target, i->said_at, i->visibility,
                            i->state,        i->said,   i->last,   i->version, j ? j->digest : NIL,
                            j ? j->rev : NIL};
    return true;
}
