/* The reader's own file, made from the journal's tail, rebuilt at will: the full-text index, and
 * which acts (of people, clocks, channels) belong to which interaction. It holds
 * terms and seqs, no text: what is found is read again from the store, so a text that was removed
 * or erased there is not found here. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/log.h"

#include <unistd.h>

enum { INDEX_FORM = 3, INDEX_BATCH = 500 };

static bool make(struct reader *r, const char *path, struct err *err) {
    if (sqlite3_open_v2(path, &r->search,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK &&
        sqlite3_exec(
            r->search,
            "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
            "CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value INT);"
            "CREATE TABLE IF NOT EXISTS act(interaction INT, seq INT,"
            " PRIMARY KEY(interaction, seq)) WITHOUT ROWID;"
            "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(terms, content='', "
            "detail=none, columnsize=0, tokenize='ascii')",
            NULL, NULL, NULL) == SQLITE_OK &&
        late_make(r->search))
        return true;
    err_set(err, "%s: %s", path, r->search ? sqlite3_errmsg(r->search) : "no memory");
    sqlite3_close(r->search);
    r->search = NULL;
    return false;
}

static int64_t mark(struct reader *r, const char *name) {
    sqlite3_stmt *s =
        db_query(r->search, "SELECT value FROM mark WHERE name = ?", "s", str_c(name));
    int64_t value = db_row(s) ? db_int(s, 0) : 0;
    sqlite3_finalize(s);
    return value;
}

static bool set_mark(struct reader *r, const char *name, int64_t value) {
    sqlite3_stmt *s =
        db_query(r->search, "INSERT OR REPLACE INTO mark VALUES(?, ?)", "si", str_c(name), value);
    bool ok = s && sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return ok;
}

/* A file that is broken, of another form, or ahead of the store (which was restored) is made anew.
 */
bool index_open(struct reader *r, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/search.db", r->data);
    int64_t newest = db_one(r->db, "SELECT max(seq) FROM journal", 0, 0);
    bool ok = make(r, path.data, err);
    if (!ok || (mark(r, "form") != INDEX_FORM || mark(r, "indexed") > newest)) {
        sqlite3_close(r->search);
        r->search = NULL;
        unlink(path.data);
        ok = make(r, path.data, err) && set_mark(r, "form", INDEX_FORM);
    }
    if (ok) r->indexed = mark(r, "indexed");
    buf_free(&path);
    return ok;
}

/* The statements of one batch. */
struct taking {
    sqlite3_stmt *read, *words, *act, *nameless;
};

static bool begin(struct reader *r, struct taking *t) {
    t->read = db_query(
        r->db,
        "SELECT j.seq, j.text, i.title, a.name, j.kind, j.interaction, i.author FROM journal j"
        " LEFT JOIN interaction i ON i.id = j.interaction"
        " LEFT JOIN author a ON a.id = i.author"
        " WHERE j.seq > ? AND (j.kind < 3 OR j.kind BETWEEN 6 AND 12)"
        " ORDER BY j.seq LIMIT ?",
        "ii", r->indexed, (int64_t)INDEX_BATCH);
    t->words = db_query(r->search, "INSERT INTO words(rowid, terms) VALUES(?, ?)", "");
    t->act = db_query(r->search, "INSERT OR IGNORE INTO act VALUES(?, ?)", "");
    t->nameless = db_query(r->search, "INSERT OR IGNORE INTO nameless VALUES(?, ?)", "");
    return t->read && t->words && t->act && t->nameless &&
           sqlite3_exec(r->search, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
}

static void end(struct taking *t) {
    sqlite3_finalize(t->read);
    sqlite3_finalize(t->words);
    sqlite3_finalize(t->act);
    sqlite3_finalize(t->nameless);
}

static bool add(sqlite3_stmt *to) {
    bool ok = sqlite3_step(to) == SQLITE_DONE;
    sqlite3_reset(to);
    return ok;
}

/* Its author has no name yet: late.c looks again. */
static bool remember(struct taking *t) {
    sqlite3_bind_int64(t->nameless, 1, db_int(t->read, 6));
    sqlite3_bind_int64(t->nameless, 2, db_int(t->read, 0));
    return add(t->nameless);
}

/* The entry that `read` stands on. */
static bool take(struct taking *t, struct buf *terms) {
    sqlite3_stmt *to = t->words;
    if (db_int(t->read, 4) > ENTRY_EDITED) { /* an act: found by its interaction */
        if (db_int(t->read, 5) <= 0) return true;
        to = t->act;
        sqlite3_bind_int64(to, 1, db_int(t->read, 5));
        sqlite3_bind_int64(to, 2, db_int(t->read, 0));
    } else {
        if (db_int(t->read, 6) > 0 && !db_str(t->read, 3).len && !remember(t)) return false;
        buf_clear(terms);
        for (int c = 1; c <= 3; c++) words_terms(db_str(t->read, c), terms);
        if (terms->len == 0) return true;
        sqlite3_bind_int64(to, 1, db_int(t->read, 0));
        sqlite3_bind_text64(to, 2, terms->data, terms->len, SQLITE_STATIC, SQLITE_UTF8);
    }
    return add(to);
}

/* One batch in one transaction with its mark. Returns rows taken, -1 where it failed. */
static int batch(struct reader *r) {
    struct taking t;
    struct buf terms = {0};
    int64_t last = r->indexed;
    int rows = 0;
    bool ok = begin(r, &t);
    while (ok && db_row(t.read)) {
        last = db_int(t.read, 0);
        rows++;
        ok = take(&t, &terms);
    }
    end(&t);
    buf_free(&terms);
    ok = ok && set_mark(r, "indexed", last) &&
         sqlite3_exec(r->search, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    if (!ok) {
        log_line(LOG_WARN, "reader", "search.db: %s; it is made anew", sqlite3_errmsg(r->search));
        sqlite3_exec(r->search, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    r->indexed = last;
    return rows;
}

bool index_step(struct reader *r, int64_t budget_ms) {
    struct err err;
    if (!db_ready(r, &err)) return false;
    int64_t until = clock_mono() + budget_ms;
    int rows;
    do {
        r->deadline = clock_mono() + QUERY_MS;
        rows = batch(r);
    } while (rows == INDEX_BATCH && clock_mono() < until);
    bool broken = rows < 0 || (rows < INDEX_BATCH && late_step(r) < 0);
    if (!broken) return rows == INDEX_BATCH;
    /* A broken index is worth nothing: the next step makes it anew. */
    sqlite3_close(r->search);
    r->search = NULL;
    struct buf path = {0};
    buf_printf(&path, "%s/search.db", r->data);
    unlink(path.data);
    buf_free(&path);
    return false;
}

void index_names(struct reader *r, int64_t budget_ms) {
    int64_t until = clock_mono() + budget_ms;
    r->late_author = r->late_seq = 0;
    while (r->search && late_step(r) == 1 && clock_mono() < until)
        r->deadline = clock_mono() + QUERY_MS;
}
