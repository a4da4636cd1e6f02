/* The statements: made from rows.def and reads.def, kept prepared. */
#include "store/sqlite/sqlite.h"

static const char *const read_sql[] = {
#define READ(name, table, index, prefix, lower, filter, take, sql) sql,
#include "store/reads.def"
};
static const char *const number_sql[] = {
#define NUMBER(name, table, index, prefix, lower, filter, fold, column, sql) sql,
#include "store/reads.def"
};

#define HEAD                                                                                       \
    "SELECT i.id, i.kind, i.share, i.origin, i.connection, i.author, i.parent, i.target, "         \
    "i.said_at, i.visibility, i.state, i.said, i.last, i.version, j.digest, j.rev "                \
    "FROM interaction i LEFT JOIN journal j ON j.seq = i.said "

static const char *const extra_sql[EXTRA_COUNT] = {
    [EXTRA_BEGIN] = "BEGIN",
    [EXTRA_WRITE] = "BEGIN IMMEDIATE",
    [EXTRA_COMMIT] = "COMMIT",
    [EXTRA_ROLLBACK] = "ROLLBACK",
    [EXTRA_EPOCH] = "SELECT CAST(value AS INT) FROM meta WHERE name = 'epoch'",
    [EXTRA_TALLY] = "INSERT INTO tally(target, class, hour, bucket, n) VALUES (?1, ?2, ?3, ?4, ?5) "
                    "ON CONFLICT DO UPDATE SET n = n + excluded.n",
    [EXTRA_DEL_TIMER] = "DELETE FROM timer WHERE id = ?1",
    [EXTRA_DEL_TASK] = "DELETE FROM task WHERE connection = ?1 AND key = ?2",
    [EXTRA_SEEN] = HEAD "WHERE i.space = ?1 AND i.native = ?2",
    [EXTRA_HEAD] = HEAD "WHERE i.id = ?1",
    [EXTRA_BLOB_PUT] = "INSERT INTO blob(hash, data) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [EXTRA_BLOB_FIND] = "SELECT id FROM blob WHERE hash = ?1",
    [EXTRA_BLOB_GET] = "SELECT data FROM blob WHERE id = ?1",
    [EXTRA_COUNTED] = "SELECT coalesce(sum(n), 0) FROM tally WHERE target = ?1 AND class = ?2",
    [EXTRA_KEYS] = "SELECT space, native FROM interaction INDEXED BY interaction_key "
                   "WHERE (space, native) > (?1, ?2) ORDER BY space, native LIMIT ?3",
};

const char *sqlite_extra_sql(enum extra id) { return extra_sql[id]; }
const char *sqlite_number_sql(enum number_id id) { return number_sql[id]; }

static void put_cols(struct buf *out, const struct table *t) {
    for (uint32_t i = 0; i < t->n; i++) buf_printf(out, "%s\"%s\"", i ? "," : "", t->col[i].name);
}

void sqlite_read_sql(const struct store *s, enum read_id id, struct buf *out) {
    const struct table *t = &s->table[read_table(id)];
    buf_puts(out, "SELECT ");
    put_cols(out, t);
    buf_printf(out, " FROM %s %s", t->name, read_sql[id]);
}

static bool is_key(const struct table *t, uint32_t col) {
    for (uint32_t k = 0; k < t->key_n; k++)
        if (t->key[k] == col) return true;
    return false;
}

static void insert_sql(const struct table *t, struct buf *out) {
    buf_printf(out, "INSERT INTO %s(", t->name);
    put_cols(out, t);
    buf_puts(out, ") VALUES (");
    for (uint32_t i = 0; i < t->n; i++) buf_puts(out, i ? ",?" : "?");
    buf_puts(out, ")");
    if (!t->put) return;
    /* By primary key only: a clash with another unique key is an error, not a silent delete. */
    buf_puts(out, " ON CONFLICT(");
    for (uint32_t k = 0; k < t->key_n; k++)
        buf_printf(out, "%s\"%s\"", k ? "," : "", t->col[t->key[k]].name);
    buf_puts(out, ") DO ");
    const char *apart = "UPDATE SET ";
    for (uint32_t i = 0; i < t->n; i++) {
        if (is_key(t, i)) continue;
        buf_printf(out, "%s\"%s\"=excluded.\"%s\"", apart, t->col[i].name, t->col[i].name);
        apart = ",";
    }
    if (t->n == t->key_n) buf_puts(out, "NOTHING");
}

/* ?1 is the id; for actions ?2 the states it may be in, ?3 the epoch or NULL; then the fields. */
static void set_sql(const struct store *s, enum set_id id, struct buf *out) {
    const struct set *set = &s->set[id];
    int first = id == SET_action ? 4 : 2;
    buf_printf(out, "UPDATE %s SET ", s->table[set->table].name);
    for (uint32_t i = 0; i < set->n; i++)
        buf_printf(out, "%s%s=coalesce(?%d,%s)", i ? "," : "", set->col[i].name, first + (int)i,
                   set->col[i].name);
    buf_puts(out, " WHERE id=?1");
    if (id == SET_action) buf_puts(out, " AND (?2 >> state) & 1 AND (?3 IS NULL OR epoch = ?3)");
}

bool sqlite_prepare_one(sqlite3 *db, const char *path, struct stmt *t, const char *sql,
                        struct err *err) {
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &t->sql, NULL) == SQLITE_OK)
        return true;
    return sqlite_why(db, path, sql, err);
}

static bool prepare(struct sqlite_store *s, struct stmt *t, const char *sql, struct err *err) {
    return sqlite_prepare_one(s->db, s->path, t, sql, err);
}

bool sqlite_prepare(struct sqlite_store *s, struct err *err) {
    struct buf sql = {0};
    bool ok = true;
    for (uint32_t i = 0; i < T_COUNT && ok; i++, buf_clear(&sql)) {
        insert_sql(&s->base.table[i], &sql);
        ok = prepare(s, &s->insert[i], sql.data, err);
    }
    for (uint32_t i = 0; i < SET_COUNT && ok; i++, buf_clear(&sql)) {
        set_sql(&s->base, (enum set_id)i, &sql);
        ok = prepare(s, &s->set[i], sql.data, err);
    }
    for (uint32_t i = 0; i < READ_COUNT && ok; i++, buf_clear(&sql)) {
        sqlite_read_sql(&s->base, (enum read_id)i, &sql);
        ok = prepare(s, &s->read[i], sql.data, err);
    }
    for (uint32_t i = 0; i < NUMBER_COUNT && ok; i++)
        ok = prepare(s, &s->number[i], number_sql[i], err);
    for (uint32_t i = 0; i < EXTRA_COUNT && ok; i++)
        ok = prepare(s, &s->extra[i], extra_sql[i], err);
    buf_free(&sql);
    return ok;
}

static void finalize(struct stmt *t, size_t n) {
    for (size_t i = 0; i < n; i++) {
        sqlite3_finalize(t[i].sql);
        t[i].sql = NULL;
    }
}

void sqlite_finalize(struct sqlite_store *s) {
    finalize(s->insert, T_COUNT);
    finalize(s->set, SET_COUNT);
    finalize(s->read, READ_COUNT);
    finalize(s->number, NUMBER_COUNT);
    finalize(s->extra, EXTRA_COUNT);
    finalize(s->early, READ_COUNT);
    finalize(&s->early_seen, 1);
    finalize(&s->early_head, 1);
}
