/* uses: sori_store sori_base PkgConfig::SQLITE */
/* The schema is what rows.def and indexes.def say, every statement uses an index, and a database
 * that is not ours, or newer, is left alone. */
#include "test_store_util.h"

#include "store/migrations.h"
#include "store/sqlite/sqlite.h"

static sqlite3 *open_raw(const struct fixture *f) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    return db;
}

static void run(sqlite3 *db, const char *sql) {
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
}

/* One text of one row, or "". */
static const char *text_of(sqlite3 *db, const char *sql, char out[1024]) {
    sqlite3_stmt *t = NULL;
    out[0] = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &t, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    if (sqlite3_step(t) == SQLITE_ROW && sqlite3_column_text(t, 0))
        snprintf(out, 1024, "%s", (const char *)sqlite3_column_text(t, 0));
    sqlite3_finalize(t);
    return out;
}

static void columns_are_those_of_rows_def(void **state) {
    struct fixture *f = *state;
    sqlite3 *db = open_raw(f);
    char sql[512], got[1024], want[1024];
    for (uint32_t i = 0; i < T_COUNT; i++) {
        const struct table *t = &f->s->table[i];
        size_t n = 0;
        for (uint32_t k = 0; k < t->n; k++) {
            const char *type = t->col[k].type == COL_INT    ? "INT"
                               : t->col[k].type == COL_TEXT ? "TEXT"
                                                            : "BLOB";
            bool need = false;
            for (uint32_t m = 0; m < t->need_n; m++) need |= t->need[m] == k;
            n += (size_t)snprintf(want + n, sizeof want - n, "%s %.3s %d,", t->col[k].name, type,
                                  need);
        }
        /* An INTEGER PRIMARY KEY is never NULL, though SQLite does not call it so. */
        snprintf(sql, sizeof sql,
                 "SELECT group_concat(name || ' ' || substr(type, 1, 3) || ' ' || "
                 "max(\"notnull\", type = 'INTEGER'), ',') || ',' FROM pragma_table_info('%s')",
                 t->name);
        assert_string_equal(text_of(db, sql, got), want);
    }
    sqlite3_close(db);
}

static void indexes_are_those_of_indexes_def(void **state) {
    struct fixture *f = *state;
    sqlite3 *db = open_raw(f);
    char sql[512], got[1024];
    /* Primary keys and UNIQUE clauses have names of SQLite's own: found by their columns. */
#define INDEX(table, name, unique, columns, where)                                                 \
    snprintf(sql, sizeof sql,                                                                      \
             "SELECT 1 FROM pragma_index_list('%s') l WHERE l.\"unique\" = %d AND "                \
             "l.partial = %d AND (SELECT group_concat(name, ' ') FROM "                            \
             "(SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) = '%s'",                \
             #table, unique, strcmp(#where, "all") != 0, columns);                                 \
    if (strcmp(text_of(db, sql, got), "1") != 0) {                                                 \
        snprintf(sql, sizeof sql,                                                                  \
                 "SELECT group_concat(name, ' ') FROM pragma_table_info('%s') WHERE pk", #table);  \
        assert_string_equal(text_of(db, sql, got), columns);                                       \
    }
#include "store/indexes.def"
    sqlite3_close(db);
}

/* Fails where the plan scans a table that grows. `full` names statements that may. */
static void plan_is_good(sqlite3 *db, const char *sql, bool full) {
    char explain[4096];
    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *t = NULL;
    if (sqlite3_prepare_v2(db, explain, -1, &t, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(t) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(t, 3);
        bool scan = strstr(step, "SCAN") && !strstr(step, "USING INDEX") &&
                    !strstr(step, "USING COVERING INDEX") && !strstr(step, "CONSTANT ROW");
        if ((scan && !full) || strstr(step, "TEMP B-TREE")) fail_msg("%s\n  %s", sql, step);
    }
    sqlite3_finalize(t);
}

static void every_statement_uses_an_index(void **state) {
    struct fixture *f = *state;
    struct sqlite_store *s = (struct sqlite_store *)f->s;
    struct buf sql = {0};
    for (uint32_t i = 0; i < READ_COUNT; i++, buf_clear(&sql)) {
        sqlite_read_sql(f->s, (enum read_id)i, &sql);
        bool small = i == READ_spaces || i == READ_connections || i == READ_over;
        plan_is_good(s->db, sql.data, small);
    }
    for (uint32_t i = 0; i < NUMBER_COUNT; i++) {
        /* max(id) and the last row stop at the end of the table. */
        const char *number = sqlite_number_sql((enum number_id)i);
        plan_is_good(s->db, number, strstr(number, "max(") || i == NUMBER_last_at);
    }
    for (uint32_t i = EXTRA_TALLY; i < EXTRA_COUNT; i++)
        plan_is_good(s->db, sqlite_extra_sql((enum extra)i), false);
    for (uint32_t i = 0; i < SET_COUNT; i++) {
        plan_is_good(s->db, sqlite3_sql(s->set[i].sql), false);
    }
    buf_free(&sql);
}

static void reopen(struct fixture *f) {
    store_close(f->s);
    f->s = store_open(f->dir, &f->err);
}

static void every_opening_takes_a_new_epoch(void **state) {
    struct fixture *f = *state;
    int64_t first = store_epoch(f->s);
    reopen(f);
    assert_non_null(f->s);
    assert_int_equal(store_epoch(f->s), first + 1);
    /* Another writer on the same file: the old one finds out, writes nothing and is dead. */
    struct store *other = store_open(f->dir, &f->err);
    assert_non_null(other);
    add_interaction(&f->b, 1, "a");
    assert_false(commit(f));
    assert_non_null(strstr(f->err.text, "another writer"));
    assert_non_null(store_dead(f->s));
    struct store_head h;
    assert_false(store_seen(other, 1, str_c("a"), &h));
    store_close(other);
    assert_false(commit(f));
}

static void a_newer_schema_is_refused(void **state) {
    struct fixture *f = *state;
    store_close(f->s);
    sqlite3 *db = open_raw(f);
    run(db, "PRAGMA user_version = 99");
    sqlite3_close(db);
    f->s = store_open(f->dir, &f->err);
    assert_null(f->s);
    assert_non_null(strstr(f->err.text, "newer Sori (schema 99"));
    struct buf findings = {0};
    assert_false(store_check(f->path, &findings, &f->err));
    assert_non_null(strstr(f->err.text, "newer"));
    buf_free(&findings);
    db = open_raw(f);
    char back[64];
    snprintf(back, sizeof back, "PRAGMA user_version = %zu", store_migration_count);
    run(db, back);
    sqlite3_close(db);
    f->s = store_open(f->dir, &f->err);
    assert_non_null(f->s);
}

/* A store that any earlier Sori wrote is brought up, with what it held; what is new is unknown. */
static void every_older_schema_is_brought_up(void **state) {
    struct fixture *f = *state;
    for (size_t have = 1; have < store_migration_count; have++) {
        char mark[96];
        store_close(f->s);
        assert_int_equal(unlink(f->path), 0);
        sqlite3 *db = open_raw(f);
        for (size_t i = 0; i < have; i++) run(db, store_migrations[i].sql);
        snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%zu",
                 SORI_APPLICATION_ID, have);
        run(db, mark);
        run(db, "INSERT INTO contact (id, relationship, version, spoke) VALUES (7, 2, 1, 3)");
        run(db, "INSERT INTO kase (id, contact, state, version, due) VALUES (9, 7, 0, 4, 1000)");
        run(db, "INSERT INTO timer (id, due, kind, subject, version) VALUES (5, 1000, 7, 9, 4)");
        sqlite3_close(db);
        struct buf findings = {0}; /* looked over as it is: an old backup, say */
        if (!store_check(f->path, &findings, &f->err) && !findings.len)
            fail_msg("from %zu: %s", have, f->err.text);
        buf_free(&findings);
        f->s = store_open(f->dir, &f->err);
        if (!f->s) fail_msg("from %zu: %s", have, f->err.text);
        struct row_contact contact;
        struct row_kase kase;
        assert_true(store_contact(f->s, 7, &contact));
        assert_true(contact.relationship == 2 && contact.spoke == 3 && contact.last_kase == NIL);
        assert_true(store_open_kase(f->s, 7, &kase));
        assert_true(kase.id == 9 && kase.due == 1000);
        assert_true(kase.clock == NIL && kase.calendar == NIL && !kase.paused.ptr);
        columns_are_those_of_rows_def(state);
    }
}

static void a_file_of_others_is_left_alone(void **state) {
    struct fixture *f = *state;
    store_close(f->s);
    assert_int_equal(unlink(f->path), 0);
    sqlite3 *db = open_raw(f);
    run(db, "CREATE TABLE theirs(x)");
    sqlite3_close(db);
    f->s = store_open(f->dir, &f->err);
    assert_null(f->s);
    assert_non_null(strstr(f->err.text, "another program"));
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    for (int i = 0; i < 500; i++) fputs("this is no database\n", file);
    fclose(file);
    f->s = store_open(f->dir, &f->err);
    assert_null(f->s);
    assert_non_null(strstr(f->err.text, f->path));
    assert_non_null(strstr(f->err.text, "restore a backup"));
    assert_int_equal(unlink(f->path), 0);
    f->s = store_open("/nonexistent/folder", &f->err);
    assert_null(f->s);
    assert_non_null(strstr(f->err.text, "/nonexistent/folder/sori.db"));
    f->s = store_open(f->dir, &f->err);
    assert_non_null(f->s);
}

static void the_settings_are_ours(void **state) {
    struct fixture *f = *state;
    sqlite3 *db = ((struct sqlite_store *)f->s)->db;
    char got[1024];
    assert_string_equal(text_of(db, "PRAGMA journal_mode", got), "wal");
    assert_string_equal(text_of(db, "PRAGMA synchronous", got), "2");
    assert_string_equal(text_of(db, "PRAGMA wal_autocheckpoint", got), "0");
    assert_string_equal(text_of(db, "PRAGMA cache_size", got), "-262144");
    assert_string_equal(text_of(db, "PRAGMA page_size", got), "4096");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_sqlite, teardown)
        TEST(columns_are_those_of_rows_def),    TEST(indexes_are_those_of_indexes_def),
        TEST(every_statement_uses_an_index),    TEST(every_opening_takes_a_new_epoch),
        TEST(every_older_schema_is_brought_up), TEST(a_newer_schema_is_refused),
        TEST(a_file_of_others_is_left_alone),   TEST(the_settings_are_ours),
    };
    return cmocka_run_group_tests_name("store, schema", tests, NULL, NULL);
}
