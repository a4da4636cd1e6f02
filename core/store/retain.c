/* What is kept for a while only. The oldest go first, few at a time: nobody waits long for it. */
#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"

enum { AT_ONCE = 500 };

size_t store_drop_faults(struct store *s, int64_t before, int64_t up_to) {
    struct err err;
    size_t dropped = 0;
    flight_land(s);
    if (s->dead) return 0;
    enum done done = s->driver->drop_faults(s, before, up_to, AT_ONCE, &dropped, &err);
    return done == DONE ? dropped : 0;
}

/* Ids ascend as time does, so the rows that go are the first ones; a clock that was ahead for a
 * while lets some stay longer. The newest always stays: ids go on from it. */
#define OLD                                                                                        \
    "FROM fault WHERE id <= %lld AND id < (SELECT max(id) FROM fault) AND id < coalesce("          \
    "(SELECT id FROM fault WHERE at >= %lld ORDER BY id LIMIT 1), 9223372036854775807)"

enum done sqlite_drop_faults(struct store *base, int64_t before, int64_t up_to, size_t most,
                             size_t *dropped, struct err *err) {
    struct sqlite_store *s = sqlite_of(base);
    long long last = up_to, time = before;
    struct buf sql = {0};
    if (!sqlite_stop_reading(s, err)) return DEAD;
    buf_printf(&sql, "SELECT count(*) FROM (SELECT 1 " OLD " LIMIT 1)", last, time);
    int64_t any = sqlite_int(s->db, sql.data);
    buf_clear(&sql);
    buf_printf(&sql, "DELETE FROM fault WHERE id IN (SELECT id " OLD " ORDER BY id LIMIT %zu)",
               last, time, most);
    bool ok =
        any == 0 || (any == 1 && sqlite3_exec(s->db, sql.data, NULL, NULL, NULL) == SQLITE_OK);
    buf_free(&sql);
    if (ok && any) *dropped = (size_t)sqlite3_changes(s->db);
    return ok ? DONE : sqlite_dead(s, "old faults cannot be dropped", err);
}

enum done memory_drop_faults(struct store *base, int64_t before, int64_t up_to, size_t most,
                             size_t *dropped, struct err *err) {
    struct memory_store *s = memory_of(base);
    struct index *x = &s->index[IX_fault_pk];
    (void)err;
    for (; *dropped < most; (*dropped)++) {
        struct place first = {0, 0};
        struct row_fault *row = index_next(x, &first);
        if (!row || !index_next(x, &first) || row->id > up_to || row->at >= before) break;
        index_remove(x, row);
        memory_row_free(x->table, row);
    }
    return DONE;
}

bool store_memory(struct store *s, struct store_memory *out) {
    if (s->dead || store_committing(s)) return false;
    *out = (struct store_memory){0, 0};
    if (s->driver->memory) s->driver->memory(s, out);
    return true;
}

void sqlite_memory(struct store *base, struct store_memory *out) {
    struct sqlite_store *s = sqlite_of(base);
    int main = 0, side = 0, most = 0;
    sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_USED, &main, &most, 0);
    if (s->side) sqlite3_db_status(s->side, SQLITE_DBSTATUS_CACHE_USED, &side, &most, 0);
    out->cache = (int64_t)main + side;
    out->cache += out->cache / 100; /* what the table of pages and the allocator add to each */
    out->keys = keys_bytes(s);
}
