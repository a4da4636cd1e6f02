/* Names that were learned only after their owners' words were indexed: a platform tells who wrote a
 * message when it is asked, a moment later. Which entries went into the index without a name is
 * kept; where one is there now, the entry is indexed once more, with it, in a table of its own:
 * rows of the index itself cannot be changed without the text they were made from. */
#include "reader/part.h"

enum { LAP = 500 };

bool late_make(sqlite3 *search) {
    return sqlite3_exec(search,
                        "CREATE TABLE IF NOT EXISTS nameless(author INT, seq INT,"
                        " PRIMARY KEY(author, seq)) WITHOUT ROWID;"
                        "CREATE VIRTUAL TABLE IF NOT EXISTS late USING fts5(terms, content='', "
                        "detail=none, columnsize=0, tokenize='ascii')",
                        NULL, NULL, NULL) == SQLITE_OK;
}

/* All that the entry is found by, as it stands now; nothing where it has no name yet. */
static bool terms_of(struct reader *r, int64_t seq, struct buf *terms) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT j.text, i.title, a.name FROM journal j"
                               " JOIN interaction i ON i.id = j.interaction"
                               " JOIN author a ON a.id = i.author"
                               " WHERE j.seq = ? AND a.name <> ''",
                               "i", seq);
    bool named = db_row(s);
    buf_clear(terms);
    for (int c = 0; named && c < 3; c++) words_terms(db_str(s, c), terms);
    sqlite3_finalize(s);
    return named && terms->len > 0;
}

static bool run(sqlite3_stmt *s) {
    bool ok = s && sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return ok;
}

static bool take(struct reader *r, int64_t author, int64_t seq, struct buf *terms) {
    if (!terms_of(r, seq, terms)) return true;
    return run(db_query(r->search, "INSERT INTO late(rowid, terms) VALUES(?, ?)", "is", seq,
                        buf_view(terms))) &&
           run(db_query(r->search, "DELETE FROM nameless WHERE author = ? AND seq = ?", "ii",
                        author, seq));
}

int late_step(struct reader *r) {
    struct buf terms = {0};
    int rows = 0;
    sqlite3_stmt *s = db_query(r->search,
                               "SELECT author, seq FROM nameless WHERE (author, seq) > (?, ?)"
                               " ORDER BY author, seq LIMIT ?",
                               "iii", r->late_author, r->late_seq, (int64_t)LAP);
    int64_t author[LAP], seq[LAP];
    for (; rows < LAP && db_row(s); rows++) {
        author[rows] = db_int(s, 0);
        seq[rows] = db_int(s, 1);
    }
    sqlite3_finalize(s);
    bool ok = !rows || sqlite3_exec(r->search, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    for (int i = 0; ok && i < rows; i++) ok = take(r, author[i], seq[i], &terms);
    ok = ok && (!rows || sqlite3_exec(r->search, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    if (!ok && rows) sqlite3_exec(r->search, "ROLLBACK", NULL, NULL, NULL);
    bool over = rows < LAP;
    r->late_author = over ? 0 : author[rows - 1];
    r->late_seq = over ? 0 : seq[rows - 1];
    buf_free(&terms);
    return !ok ? -1 : over ? 0 : 1;
}
