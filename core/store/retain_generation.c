/* Generations are small and explain decisions, so most stay for ever; what was refused, or decided
 * nothing, stays for a while. */
#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"

#include <stdlib.h>

enum { AT_ONCE = 100 };

size_t store_drop_generations(struct store *s, const struct store_generations *keep) {
    struct err err;
    size_t dropped = 0;
    flight_land(s);
    if (s->dead) return 0;
    enum done done = s->driver->drop_generations(s, keep, AT_ONCE, &dropped, &err);
    return done == DONE ? dropped : 0;
}

/* Ids go on from the newest one, so that stays whatever it is. */
#define OTHERS "id < (SELECT max(id) FROM generation)"
#define NEWEST(which, count)                                                                       \
    "id <= coalesce((SELECT id FROM generation WHERE " which " ORDER BY id DESC LIMIT 1 OFFSET "   \
    "%lld), 0) AND " which " AND " OTHERS

struct going {
    int64_t id, blob[2];
};

static size_t find(sqlite3 *db, const char *sql, struct going *out, size_t most) {
    sqlite3_stmt *t = NULL;
    size_t n = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &t, NULL) != SQLITE_OK) return SIZE_MAX;
    int rc = SQLITE_DONE;
    while (n < most && (rc = sqlite3_step(t)) == SQLITE_ROW)
        out[n++] = (struct going){sqlite3_column_int64(t, 0),
                                  {sqlite3_column_int64(t, 1), sqlite3_column_int64(t, 2)}};
    bool ok = rc == SQLITE_ROW || rc == SQLITE_DONE;
    sqlite3_finalize(t);
    return ok ? n : SIZE_MAX;
}

static bool drop(sqlite3 *db, const struct going *g) {
    struct buf sql = {0};
    buf_printf(&sql, "DELETE FROM generation WHERE id = %lld;", (long long)g->id);
    for (size_t i = 0; i < 2; i++)
        if (g->blob[i])
            buf_printf(&sql,
                       "DELETE FROM blob WHERE id = %lld AND NOT EXISTS (SELECT 1 FROM generation "
                       "WHERE manifest = %lld) AND NOT EXISTS (SELECT 1 FROM generation WHERE "
                       "report = %lld);",
                       (long long)g->blob[i], (long long)g->blob[i], (long long)g->blob[i]);
    bool ok = sqlite3_exec(db, sql.data, NULL, NULL, NULL) == SQLITE_OK;
    buf_free(&sql);
    return ok;
}

/* Of those that decided something the old ones go only where all are too big together. */
static bool too_big(sqlite3 *db, int64_t bytes) {
    return sqlite_int(db, "SELECT coalesce(sum(length(data)), 0) FROM blob WHERE id IN "
                          "(SELECT manifest FROM generation)") > bytes;
}

enum done sqlite_drop_generations(struct store *base, const struct store_generations *keep,
                                  size_t most, size_t *dropped, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    struct going going[AT_ONCE];
    struct buf sql = {0};
    if (!sqlite_stop_reading(s, err)) return DEAD;
    if (most > AT_ONCE) most = AT_ONCE;
    buf_printf(
        &sql,
        "SELECT id, manifest, report FROM generation WHERE (" NEWEST(
            "state = 5", "refused") ") OR (" NEWEST("state = 3 AND decisions = 0", "idle") ")",
        (long long)keep->refused, (long long)keep->idle);
    if (too_big(s->db, keep->bytes))
        buf_printf(&sql, " OR (state = 3 AND ended < %lld AND " OTHERS ")", (long long)keep->after);
    buf_printf(&sql, " ORDER BY id LIMIT %zu", most);
    size_t n = find(s->db, sql.data, going, most);
    bool ok = n != SIZE_MAX;
    if (ok && n) ok = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    for (size_t i = 0; ok && i < n; i++) ok = drop(s->db, &going[i]);
    if (ok && n) ok = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    buf_free(&sql);
    if (!ok) return sqlite_dead(s, "old generations cannot be dropped", err);
    *dropped = n;
    return DONE;
}

/* The driver in memory keeps bytes as long as it lives. */
enum done memory_drop_generations(struct store *base, const struct store_generations *keep,
                                  size_t most, size_t *dropped, struct err *err) {
    struct memory_store *s = memory_of(base);
    struct index *x = &s->index[IX_generation_pk];
    int64_t refused = 0, idle = 0;
    (void)err;
    struct row_generation *row;
    for (struct place at = {0, 0}; (row = index_next(x, &at));) {
        refused += row->state == GENERATION_REJECTED;
        idle += row->state == GENERATION_RETIRED && row->decisions == 0;
    }
    for (bool again = true; again && *dropped < most;) {
        again = false;
        for (struct place at = {0, 0}; (row = index_next(x, &at));) {
            struct place after = at;
            bool is_refused = row->state == GENERATION_REJECTED,
                 is_idle = row->state == GENERATION_RETIRED && row->decisions == 0;
            if (!index_next(x, &after)) break;
            if (!(is_refused && refused > keep->refused) && !(is_idle && idle > keep->idle))
                continue;
            refused -= is_refused;
            idle -= is_idle;
            for (size_t i = 0; i < IX_COUNT; i++)
                if (s->index[i].table == x->table && s->index[i].where(row))
                    index_remove(&s->index[i], row);
            memory_row_free(x->table, row);
            ++*dropped;
            again = true;
            break;
        }
    }
    return DONE;
}
