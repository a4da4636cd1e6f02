/* The tables as data, from rows.def and indexes.def. */
#include "store/driver.h"

#include <string.h>

static void add_col(struct col *cols, uint32_t *n, const char *name, enum col_type type,
                    size_t offset) {
    SORI_ASSERT(*n < COLS_MAX);
    cols[(*n)++] = (struct col){name, type, (uint32_t)offset};
}

enum how { INSERT, PUT };

#define TABLE(table_name, how)                                                                     \
    static void describe_##table_name(struct table *t) {                                           \
        typedef struct row_##table_name row;                                                       \
        t->name = #table_name;                                                                     \
        t->size = sizeof(row);                                                                     \
        t->put = (how) == PUT;                                                                     \
        t->rows = offsetof(struct store_batch, table_name);                                        \
        t->count = offsetof(struct store_batch, table_name##_n);
#define INT(name)  add_col(t->col, &t->n, #name, COL_INT, offsetof(row, name));
#define TEXT(name) add_col(t->col, &t->n, #name, COL_TEXT, offsetof(row, name));
#define BLOB(name) add_col(t->col, &t->n, #name, COL_BLOB, offsetof(row, name));
#define END(name)  }
#include "store/rows.def"

uint32_t table_col(const struct table *t, const char *name, size_t len) {
    for (uint32_t i = 0; i < t->n; i++)
        if (strlen(t->col[i].name) == len && memcmp(t->col[i].name, name, len) == 0) return i;
    base_impossible(t->name, (int)len, name);
}

/* Columns named in `words`, apart by spaces. */
static uint32_t find_cols(const struct table *t, const char *words, uint8_t *out, size_t max) {
    uint32_t n = 0;
    while (*words) {
        size_t len = strcspn(words, " ");
        SORI_ASSERT(n < max);
        out[n++] = (uint8_t)table_col(t, words, len);
        words += len + strspn(words + len, " ");
    }
    return n;
}

void table_describe(struct table *tables) {
    memset(tables, 0, T_COUNT * sizeof *tables);
#define TABLE(name, how) describe_##name(&tables[T_##name]);
#include "store/rows.def"
#define NEED(table, columns)                                                                       \
    tables[T_##table].need_n =                                                                     \
        find_cols(&tables[T_##table], columns, tables[T_##table].need, COLS_MAX);
#define INDEX(table, name, unique, columns, where)                                                 \
    if (!tables[T_##table].key_n)                                                                  \
        tables[T_##table].key_n =                                                                  \
            find_cols(&tables[T_##table], columns, tables[T_##table].key, KEY_MAX);
#include "store/indexes.def"
}

void table_copy(const struct table *t, const void *row, void *to, struct arena *arena) {
    memcpy(to, row, t->size);
    for (uint32_t i = 0; i < t->n; i++)
        if (t->col[i].type != COL_INT)
            row_set_str(to, &t->col[i], arena_copy(arena, row_str(row, &t->col[i])));
}

#define FIELD(name) add_col(s->col, &s->n, #name, COL_INT, offsetof(change, name));
#define WORDS(name) add_col(s->col, &s->n, #name, COL_TEXT, offsetof(change, name));
#define BYTES(name) add_col(s->col, &s->n, #name, COL_BLOB, offsetof(change, name));

static void describe_set_interaction(struct set *s) {
    typedef struct set_interaction change;
    s->table = T_interaction;
    FIELD(kind)
    FIELD(share)
    FIELD(origin)
    FIELD(author)
    FIELD(parent)
    FIELD(target)
    FIELD(said_at)
    FIELD(visibility)
    FIELD(state)
    FIELD(said)
    FIELD(last) FIELD(version) FIELD(prev_by_author) WORDS(title) WORDS(url) WORDS(lang) BYTES(caps)
}

static void describe_set_action(struct set *s) {
    typedef struct set_action change;
    s->table = T_action;
    FIELD(state)
    FIELD(due)
    FIELD(attempt)
    FIELD(epoch)
    FIELD(lease_until)
    FIELD(sent_at)
    FIELD(text_hash)
    FIELD(contact)
    FIELD(kase) FIELD(kase_version) FIELD(turn) WORDS(native) WORDS(reason) WORDS(actor) BYTES(body)
}

static void describe_set_author(struct set *s) {
    typedef struct set_author change;
    s->table = T_author;
    FIELD(contact) FIELD(last_interaction) FIELD(reach) WORDS(name) WORDS(url)
}

static void describe_set_kase(struct set *s) {
    typedef struct set_kase change;
    s->table = T_kase;
    FIELD(last_seq)
}

void set_describe(struct set *sets) {
    memset(sets, 0, SET_COUNT * sizeof *sets);
    describe_set_interaction(&sets[SET_interaction]);
    describe_set_action(&sets[SET_action]);
    describe_set_author(&sets[SET_author]);
    describe_set_kase(&sets[SET_kase]);
}
