#include "reload.h"

#include "base/clock.h"
#include "flood.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_MS = 15000 };

int64_t db_number(struct bench *b, const char *sql) {
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK) die(sql, sqlite3_errmsg(b->db));
    if (sqlite3_step(s) == SQLITE_ROW) n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

void db_open(struct bench *b) {
    struct buf path = {0};
    buf_printf(&path, "%s/data/sori.db", b->workspace);
    if (sqlite3_open_v2(path.data, &b->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(path.data, sqlite3_errmsg(b->db));
    sqlite3_busy_timeout(b->db, 5000);
    buf_free(&path);
}

void db_close(struct bench *b) {
    sqlite3_close(b->db);
    b->db = NULL;
}

/* What the flood gave up to its cursor, made again: who speaks must be in the store, once. */
static int64_t lost(struct bench *b, int64_t given, int64_t *speaking) {
    sqlite3_stmt *s = NULL;
    int64_t missing = 0;
    *speaking = 0;
    if (sqlite3_prepare_v2(
            b->db,
            "SELECT count(*) FROM interaction i JOIN decision d ON d.seq = i.said WHERE "
            "i.space = (SELECT space FROM interaction WHERE connection = (SELECT id "
            "FROM connection WHERE name = 'flood') LIMIT 1) AND i.native = ?",
            -1, &s, NULL) != SQLITE_OK)
        die("the store", sqlite3_errmsg(b->db));
    for (int64_t i = 0; i < given; i++) {
        struct flood_room room;
        struct sori_item item;
        flood_item(b->seed, (uint64_t)i, b->people, &room, &item);
        if (!item.text.len) continue; /* a tap: counted, never decided */
        ++*speaking;
        sqlite3_bind_text(s, 1, item.native_id.ptr, (int)item.native_id.len, SQLITE_TRANSIENT);
        missing += sqlite3_step(s) != SQLITE_ROW || sqlite3_column_int64(s, 0) != 1;
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return missing;
}

void settle(struct bench *b) {
    static const char undecided[] =
        "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind IN (1, 2, 3) "
        "AND d.seq IS NULL";
    int64_t until = clock_mono() + 60000, before = -1;
    for (;;) {
        int64_t now = db_number(b, "SELECT max(seq) FROM journal");
        if (now == before && db_number(b, undecided) == 0) return;
        if (clock_mono() > until) return;
        before = now;
        usleep(1500000);
    }
}

json_t *found(struct bench *b) {
    char sql[512];
    int64_t speaking;
    /* 'at' is what the flood's last poll committed. */
    int64_t given =
        db_number(b, "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name='at'");
    int64_t missing = lost(b, given, &speaking);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM decision d JOIN generation g ON g.id = d.generation WHERE d.at < "
        "g.at OR (g.ended IS NOT NULL AND d.at > g.ended + %d)",
        DRAIN_MS);
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "given", (json_int_t)given,
        "speaking", (json_int_t)speaking, "decisions",
        (json_int_t)db_number(b, "SELECT count(*) FROM decision"), "lost", (json_int_t)missing,
        "decided_twice",
        (json_int_t)db_number(b, "SELECT count(*) - count(DISTINCT seq) FROM decision"),
        "undecided",
        (json_int_t)db_number(b, "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) "
                                 "WHERE j.kind IN (1, 2, 3) AND d.seq IS NULL"),
        "generation_missing",
        (json_int_t)db_number(b, "SELECT count(*) FROM decision d LEFT JOIN generation g ON g.id = "
                                 "d.generation WHERE g.id IS NULL"),
        "outside_its_time", (json_int_t)db_number(b, sql), "rule_of_another",
        (json_int_t)db_number(b,
                              "SELECT count(*) FROM decision d JOIN generation g ON g.id = "
                              "d.generation WHERE d.status = 1 AND g.reason GLOB 'r*' AND d.rule "
                              "<> g.reason"),
        "story_differs",
        (json_int_t)db_number(b, "SELECT abs((SELECT count(*) FROM decision) - (SELECT "
                                 "sum(decisions) FROM generation))"));
}

bool found_well(json_t *found) {
    static const char *const zero[] = {"lost",
                                       "decided_twice",
                                       "undecided",
                                       "generation_missing",
                                       "outside_its_time",
                                       "rule_of_another",
                                       "story_differs"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        if (json_integer_value(json_object_get(found, zero[i])) != 0) return false;
    return json_integer_value(json_object_get(found, "speaking")) > 0;
}
