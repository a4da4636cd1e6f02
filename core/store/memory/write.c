/* Commits of the driver in memory: changes are made at once and taken back when one is refused. */
#include "store/memory/memory.h"

#include "base/hash.h"

#include <stdlib.h>

static void *row_new(const struct table *t, const void *from) {
    void *row = mem_get(t->size);
    memcpy(row, from, t->size);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct col *c = &t->col[i];
        if (c->type == COL_INT) continue;
        struct sori_str s = row_str(from, c);
        if (s.ptr) row_set_str(row, c, mem_copy(s));
    }
    return row;
}

void memory_row_free(const struct table *t, void *row) {
    if (!row) return;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->col[i].type != COL_INT) free((char *)(uintptr_t)row_str(row, &t->col[i]).ptr);
    free(row);
}

/* The first index of a table is its primary key. */
static struct index *pk_of(struct memory_store *s, const struct table *t) {
    for (uint32_t i = 0; i < IX_COUNT; i++)
        if (s->index[i].table == t) return &s->index[i];
    base_impossible(t->name, 0, "a table has a key");
}

static void *find_by(const struct index *x, const void *row) {
    struct place p = index_find(x, row, x->named);
    void *found = index_next(x, &p);
    return found && index_order(x, found, row, x->named) == 0 ? found : NULL;
}

void *memory_find(struct memory_store *s, enum table_id id, const void *row) {
    return find_by(pk_of(s, &s->base.table[id]), row);
}

static bool clashes(struct memory_store *s, const struct table *t, const void *now, const void *old,
                    struct err *err) {
    for (uint32_t i = 0; i < IX_COUNT; i++) {
        const struct index *x = &s->index[i];
        if (x->table != t || !x->unique || !x->where(now)) continue;
        const void *other = find_by(x, now);
        if (!other || other == old) continue;
        struct buf cols = {0};
        for (uint32_t k = 0; k < x->named; k++)
            buf_printf(&cols, "%s%s.%s", k ? ", " : "", t->name, t->col[x->col[k]].name);
        err_set(err, "%s: UNIQUE constraint failed: %s", t->name, cols.data);
        buf_free(&cols);
        return true;
    }
    return false;
}

static void swap(struct memory_store *s, const struct table *t, void *old, void *now) {
    for (uint32_t i = 0; i < IX_COUNT; i++) {
        struct index *x = &s->index[i];
        if (x->table != t) continue;
        if (old && x->where(old)) index_remove(x, old);
        if (now && x->where(now)) index_insert(x, now);
    }
}

/* Takes `now` over; `old` is freed when the commit ends, `now` when it is undone. */
static enum done replace(struct memory_store *s, enum table_id id, void *old, void *now,
                         struct err *err) {
    const struct table *t = &s->base.table[id];
    if (now && clashes(s, t, now, old, err)) {
        memory_row_free(t, now);
        return REFUSED;
    }
    swap(s, t, old, now);
    if (s->change_n == s->change_cap) {
        s->change_cap = s->change_cap ? s->change_cap * 2 : 256;
        s->change = mem_grow(s->change, s->change_cap * sizeof *s->change);
    }
    s->change[s->change_n++] = (struct change){id, old, now};
    return DONE;
}

enum done memory_begin(struct store *base, struct err *err) {
    (void)base;
    (void)err;
    return DONE;
}

enum done memory_row(struct store *base, enum table_id id, const void *row, struct err *err) {
    struct memory_store *s = memory_of(base);
    const struct table *t = &base->table[id];
    void *old = t->put ? memory_find(s, id, row) : NULL;
    return replace(s, id, old, row_new(t, row), err);
}

static bool may_change(const struct set_action *a, const struct row_action *row) {
    if (row->state < 0 || row->state > 31 || !(a->from >> row->state & 1)) return false;
    return a->epoch_is == NIL || (row->epoch != NIL && row->epoch == a->epoch_is);
}

enum done memory_set(struct store *base, enum set_id id, const void *change, size_t *changed,
                     struct err *err) {
    struct memory_store *s = memory_of(base);
    const struct set *set = &base->set[id];
    const struct table *t = &base->table[set->table];
    /* The key of these tables is their first column, an id, as it is of the change. */
    char key[COLS_MAX * sizeof(struct sori_str)] = {0};
    row_set_int(key, &t->col[0], *(const int64_t *)change);
    void *old = memory_find(s, set->table, key);
    *changed = old && (id != SET_action || may_change(change, old));
    if (!*changed) return DONE;
    char row[sizeof key];
    memcpy(row, old, t->size);
    for (uint32_t i = 0; i < set->n; i++) {
        const struct col *from = &set->col[i];
        const struct col *to = &t->col[table_col(t, from->name, strlen(from->name))];
        if (from->type == COL_INT) {
            if (row_int(change, from) != NIL) row_set_int(row, to, row_int(change, from));
        } else if (row_str(change, from).ptr) {
            row_set_str(row, to, row_str(change, from));
        }
    }
    return replace(s, set->table, old, row_new(t, row), err);
}

static struct count *cell_of(struct memory_store *s, const struct add_tally *add) {
    struct buf key = {0};
    buf_printf(&key, "%lld %lld %lld ", (long long)add->target, (long long)add->hour,
               (long long)add->bucket);
    buf_str(&key, add->class_);
    uint64_t digest = hash_digest(buf_view(&key));
    buf_free(&key);
    struct count *first = map_get(&s->tally, digest), *c = first;
    for (; c; c = c->next)
        if (c->target == add->target && c->hour == add->hour && c->bucket == add->bucket &&
            str_eq(c->class_, add->class_))
            return c;
    c = mem_get(sizeof *c);
    *c = (struct count){add->target, add->hour, add->bucket, 0, mem_copy(add->class_), first};
    map_put(&s->tally, digest, c);
    return c;
}

enum done memory_tally(struct store *base, const struct add_tally *add, struct err *err) {
    struct memory_store *s = memory_of(base);
    if (add->target == NIL || !add->class_.ptr || add->hour == NIL || add->bucket == NIL ||
        add->n == NIL) {
        err_set(err, "tally: a column is NULL, which it never may be");
        return REFUSED;
    }
    struct count *c = cell_of(s, add);
    c->n += add->n;
    if (s->added_n == s->added_cap) {
        s->added_cap = s->added_cap ? s->added_cap * 2 : 64;
        s->added = mem_grow(s->added, s->added_cap * sizeof *s->added);
    }
    s->added[s->added_n].cell = c;
    s->added[s->added_n++].n = add->n;
    return DONE;
}

enum done memory_del_timer(struct store *base, int64_t id, struct err *err) {
    struct row_timer key = {.id = id};
    void *old = memory_find(memory_of(base), T_timer, &key);
    return old ? replace(memory_of(base), T_timer, old, NULL, err) : DONE;
}

enum done memory_del_task(struct store *base, const struct del_task *del, struct err *err) {
    struct row_task key = {.connection = del->connection, .key = del->key};
    void *old = memory_find(memory_of(base), T_task, &key);
    return old ? replace(memory_of(base), T_task, old, NULL, err) : DONE;
}

enum done memory_end(struct store *base, struct err *err) {
    (void)err;
    struct memory_store *s = memory_of(base);
    for (size_t i = 0; i < s->change_n; i++)
        memory_row_free(&base->table[s->change[i].table], s->change[i].old);
    s->change_n = s->added_n = 0;
    return DONE;
}

void memory_undo(struct store *base) {
    struct memory_store *s = memory_of(base);
    while (s->change_n) {
        struct change *c = &s->change[--s->change_n];
        const struct table *t = &base->table[c->table];
        swap(s, t, c->now, c->old);
        memory_row_free(t, c->now);
    }
    while (s->added_n) {
        s->added_n--;
        s->added[s->added_n].cell->n -= s->added[s->added_n].n;
    }
}
