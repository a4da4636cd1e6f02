/* Is a database sound? Asked of backups, after a restore, and by `sori check --store`. */
#include "store/sqlite/sqlite.h"

#include <stdio.h>

/* Each query gives the bad rows, a line of text each; the first few are told. */
struct question {
    const char *what, *sql;
};

/* In columns that refer to something, NULL and 0 mean none. */
static const struct question questions[] = {
#define REF(table, id, column, to, to_id)                                                          \
    {                                                                                              \
#table "." #column " names what is not there",                                             \
            "SELECT '" #table " ' || " #table "." #id " || ' names " #to " ' || " #table           \
            "." #column " FROM " #table " LEFT JOIN " #to " x ON x." #to_id " = " #table           \
            "." #column " WHERE " #table "." #column " <> 0 AND x." #to_id " IS NULL"              \
    }
    REF(interaction, id, space, space, id),
    REF(interaction, id, connection, connection, id),
    REF(interaction, id, author, author, id),
    REF(interaction, id, parent, interaction, id),
    REF(interaction, id, target, interaction, id),
    REF(interaction, id, prev_by_author, interaction, id),
    REF(interaction, id, said, journal, seq),
    REF(interaction, id, last, journal, seq),
    REF(sighting, interaction, interaction, interaction, id),
    REF(sighting, interaction, connection, connection, id),
    REF(journal, seq, interaction, interaction, id),
    REF(journal, seq, prev, journal, seq),
    REF(journal, seq, contact, contact, id),
    REF(journal, seq, kase, kase, id),
    REF(journal, seq, action, action, id),
    REF(decision, seq, seq, journal, seq),
    REF(action, id, seq, journal, seq),
    REF(action, id, contact, contact, id),
    REF(action, id, interaction, interaction, id),
    REF(action, id, connection, connection, id),
    REF(action, id, kase, kase, id),
    REF(kase, id, contact, contact, id),
    REF(kase_entry, kase, kase, kase, id),
    REF(kase_entry, kase, seq, journal, seq),
    REF(author, id, contact, contact, id),
    REF(author, id, space, space, id),
    REF(link, id, author, author, id),
    REF(tag, interaction, interaction, interaction, id),
    REF(generation, id, manifest, blob, id),
    REF(generation, id, report, blob, id),
    {"the journal's time goes back",
     "SELECT 'journal ' || seq || ' at ' || at || ' stands after a later one' FROM "
     "(SELECT seq, at, lag(at) OVER (ORDER BY seq) AS before FROM journal) WHERE at < before"},
    {"a chain of revisions goes forward",
     "SELECT 'journal ' || seq || ' has a predecessor ' || prev || ' that is not older' "
     "FROM journal WHERE prev >= seq"},
    {"an interaction's text is not its own",
     "SELECT 'interaction ' || i.id || ' has the text of journal ' || i.said FROM interaction i "
     "JOIN journal j ON j.seq IN (i.said, i.last) WHERE j.interaction <> i.id"},
    {"an action in a state that there is not", "SELECT 'action ' || id || ' is in state ' || state "
                                               "FROM action WHERE state NOT BETWEEN 0 AND 9"},
    {"an action that was sent without a time",
     "SELECT 'action ' || id || ' is sent, but not when' FROM action "
     "WHERE state = 3 AND coalesce(sent_at, 0) = 0"},
    {"an action that is free to be sent again although it was",
     "SELECT 'action ' || id || ' is ready, but was sent at ' || sent_at FROM action "
     "WHERE state = 1 AND sent_at > 0"},
    {"two actions that hold one key",
     "SELECT 'interaction ' || interaction || ' verb ' || verb || ' slot ' || slot "
     "|| ' is held by ' || count(*) FROM action WHERE state NOT IN (6, 7, 8, 9) GROUP BY "
     "interaction, verb, slot "
     "HAVING count(*) > 1"},
    {"two active generations",
     "SELECT count(*) || ' generations are active' FROM generation WHERE state = 2 "
     "HAVING count(*) > 1"},
    /* A sealed target has no ledger any more: its tally stands. */
    {"a tally differs from its ledger",
     "SELECT 'target ' || target || ' ' || class || ' hour ' || hour || ' bucket ' || bucket || "
     "': the tally says ' || sum(t) || ', the ledger ' || sum(l) FROM ("
     "SELECT target, class, hour, bucket, n AS t, 0 AS l FROM tally WHERE EXISTS (SELECT 1 FROM "
     "reaction r WHERE r.target = tally.target AND r.class = tally.class) UNION ALL "
     "SELECT target, class, hour, bucket, 0, value FROM reaction) "
     "GROUP BY target, class, hour, bucket HAVING sum(t) <> sum(l)"},
};

/* What only newer schemas can be asked. */
static const struct {
    int64_t since;
    struct question question;
} later[] = {
    {3, REF(kase, id, calendar, blob, id)},
    {4, REF(contact, id, last_kase, kase, id)},
};
#undef REF

enum { TOLD_MAX = 5 };

/* Appends what a query gives; at most TOLD_MAX lines, then how many more. */
static bool ask(sqlite3 *db, const char *path, const char *what, const char *sql, const char *fine,
                struct buf *findings, struct err *err) {
    sqlite3_stmt *t = NULL;
    size_t n = 0;
    int rc = sqlite3_prepare_v2(db, sql, -1, &t, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(t);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(t)) {
        const char *line = (const char *)sqlite3_column_text(t, 0);
        if (!line || (fine && strcmp(line, fine) == 0)) continue;
        if (n++ < TOLD_MAX) buf_printf(findings, "%s: %s\n", what, line);
    }
    if (n > TOLD_MAX) buf_printf(findings, "%s: and %zu more\n", what, n - TOLD_MAX);
    sqlite3_finalize(t);
    if (rc == SQLITE_DONE) return true;
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
        buf_printf(findings, "%s: %s\n", what, sqlite3_errmsg(db));
        return true;
    }
    return sqlite_why(db, path, what, err);
}

static bool ask_all(sqlite3 *db, const char *path, struct buf *findings, struct err *err) {
    size_t before = findings->len;
    if (!ask(db, path, "the file is damaged", "PRAGMA integrity_check(20)", "ok", findings, err))
        return false;
    if (findings->len != before) return true; /* nothing else can be believed */
    int64_t schema = sqlite_int(db, "PRAGMA user_version");
    if (sqlite_int(db, "PRAGMA application_id") != SORI_APPLICATION_ID || schema < 1)
        return err_set(err, "%s: is not a database of Sori.", path);
    if (schema > sqlite_newest_schema())
        return err_set(err, "%s: written by a newer Sori (schema %lld); check it with that one.",
                       path, (long long)schema);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (!ask(db, path, questions[i].what, questions[i].sql, NULL, findings, err)) return false;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (schema >= later[i].since &&
            !ask(db, path, later[i].question.what, later[i].question.sql, NULL, findings, err))
            return false;
    return true;
}

bool store_check(const char *path, struct buf *findings, struct err *err) {
    sqlite3 *db = sqlite_connect(path, SQLITE_OPEN_READONLY, err);
    if (!db) return false;
    /* A reader never checkpoints, not even when it is the last to leave. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    size_t before = findings->len;
    bool ok = sqlite_run(db, path,
                         "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; "
                         "PRAGMA cache_size=-65536; BEGIN",
                         err) &&
              ask_all(db, path, findings, err);
    sqlite3_close(db);
    return ok && findings->len == before;
}
