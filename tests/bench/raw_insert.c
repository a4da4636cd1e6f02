/* raw_insert SOURCE.db DIR: writes the rows of a finished store into a new one of the same schema,
 * with the same settings and checkpoints, in transactions of 2,000 journal entries with all that
 * belongs beside them, and says how long the writing took. What the store could do if nothing had
 * to be received, classified or decided: the yardstick of the benchmark. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TABLES = 64, COLUMNS = 64, TRANSACTION = 2000 };

/* One table: read from the source in its own order, a slice a transaction. */
struct copied {
    char name[64];
    int columns;
    int64_t rows, done;
    sqlite3_stmt *from, *to;
};

struct bench {
    sqlite3 *source, *target;
    struct copied table[TABLES];
    size_t tables;
    sqlite3_value **value; /* of the slice in hand, all tables */
    size_t values, value_cap;
    int64_t slices, rows;
    double seconds, cpu;
};

static _Noreturn void die(sqlite3 *db, const char *what) {
    fprintf(stderr, "raw_insert: %s: %s\n", what, db ? sqlite3_errmsg(db) : "no database");
    exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        die(db, sql);
    sqlite3_free(sql);
    return stmt;
}

static int64_t one(sqlite3 *db, const char *format, const char *name) {
    sqlite3_stmt *stmt = prepare(db, format, name);
    if (sqlite3_step(stmt) != SQLITE_ROW) die(db, format);
    int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static void add_table(struct bench *b, const char *name) {
    if (b->tables == TABLES) die(NULL, "too many tables");
    struct copied *t = &b->table[b->tables++];
    snprintf(t->name, sizeof t->name, "%s", name);
    t->rows = one(b->source, "SELECT count(*) FROM \"%w\"", name);
    t->from = prepare(b->source, "SELECT * FROM \"%w\"", name);
    t->columns = sqlite3_column_count(t->from);
    char marks[COLUMNS * 2 + 1] = "?";
    if (t->columns > COLUMNS) die(NULL, "too many columns");
    for (int i = 1; i < t->columns; i++) strcat(marks, ",?");
    /* A new store has its own rows in meta already. */
    t->to = prepare(b->target, "INSERT %s INTO \"%w\" VALUES(%s)",
                    strcmp(name, "meta") == 0 ? "OR REPLACE" : "", name, marks);
}

static void find_tables(struct bench *b) {
    sqlite3_stmt *names =
        prepare(b->source, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                           "LIKE 'sqlite_%%' ORDER BY rowid");
    while (sqlite3_step(names) == SQLITE_ROW)
        add_table(b, (const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    b->slices =
        (one(b->source, "SELECT count(*) FROM %s", "journal") + TRANSACTION - 1) / TRANSACTION;
    if (b->slices == 0) die(b->source, "the source has no journal entries");
}

static int64_t due(const struct copied *t, int64_t slice, int64_t slices) {
    return t->rows * (slice + 1) / slices;
}

/* Reading is off the clock. */
static void read_slice(struct bench *b, int64_t slice) {
    b->values = 0;
    for (size_t k = 0; k < b->tables; k++) {
        struct copied *t = &b->table[k];
        for (int64_t row = t->done; row < due(t, slice, b->slices); row++) {
            if (sqlite3_step(t->from) != SQLITE_ROW) die(b->source, t->name);
            if (b->value_cap - b->values < COLUMNS) {
                b->value_cap = b->value_cap ? b->value_cap * 2 : 65536;
                b->value = realloc(b->value, b->value_cap * sizeof(sqlite3_value *));
                if (!b->value) die(NULL, "out of memory");
            }
            for (int i = 0; i < t->columns; i++)
                b->value[b->values++] = sqlite3_value_dup(sqlite3_column_value(t->from, i));
        }
    }
}

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) die(db, sql);
}

static void write_slice(struct bench *b, int64_t slice) {
    size_t at = 0;
    run(b->target, "BEGIN IMMEDIATE");
    for (size_t k = 0; k < b->tables; k++) {
        struct copied *t = &b->table[k];
        for (; t->done < due(t, slice, b->slices); t->done++, b->rows++) {
            for (int i = 0; i < t->columns; i++) sqlite3_bind_value(t->to, i + 1, b->value[at++]);
            if (sqlite3_step(t->to) != SQLITE_DONE) die(b->target, t->name);
            sqlite3_reset(t->to);
        }
    }
    run(b->target, "COMMIT");
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    static struct bench b;
    struct err err = {{0}};
    if (argc != 3) {
        fprintf(stderr, "usage: raw_insert SOURCE.db DIR\n");
        return 2;
    }
    struct store *store = store_open(argv[2], &err);
    if (!store) {
        fprintf(stderr, "raw_insert: %s\n", err.text);
        return 1;
    }
    b.target = sqlite_of(store)->db;
    if (sqlite3_open_v2(argv[1], &b.source, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(b.source, argv[1]);
    run(b.source, "PRAGMA cache_size=-16384; BEGIN");
    find_tables(&b);
    for (int64_t slice = 0; slice < b.slices; slice++) {
        read_slice(&b, slice);
        double start = seconds();
        int64_t cpu = clock_cpu_us();
        write_slice(&b, slice);
        store_tidy(store);
        b.seconds += seconds() - start;
        b.cpu += (double)(clock_cpu_us() - cpu);
        for (size_t i = 0; i < b.values; i++) sqlite3_value_free(b.value[i]);
    }
    printf("{\"rows\": %lld, \"transactions\": %lld, \"seconds\": %.3f, \"cpu_s\": %.3f}\n",
           (long long)b.rows, (long long)b.slices, b.seconds, b.cpu / 1e6);
    for (size_t k = 0; k < b.tables; k++) {
        sqlite3_finalize(b.table[k].from);
        sqlite3_finalize(b.table[k].to);
    }
    free(b.value);
    sqlite3_close(b.source);
    store_close(store);
    return 0;
}
