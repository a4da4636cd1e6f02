/* search: what the index offers, newest first, checked against the words as they now stand. */
#include "reader/part.h"

#include "base/clock.h"
#include "store/store.h"

/* Is this entry still the current, visible text, and does it really have the words? */
static int64_t holds(struct reader *r, int64_t seq, struct sori_str query) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT i.id, j.text, i.title, a.name FROM journal j"
                               " JOIN interaction i ON i.id = j.interaction"
                               " LEFT JOIN author a ON a.id = i.author"
                               " WHERE j.seq = ? AND i.said = j.seq AND i.state IN (1, 2)",
                               "i", seq);
    int64_t id = 0;
    if (db_row(s)) {
        struct buf all = {0};
        for (int c = 1; c <= 3; c++) {
            buf_str(&all, db_str(s, c));
            buf_putc(&all, '\n');
        }
        if (words_hold(buf_view(&all), query)) id = db_int(s, 0);
        buf_free(&all);
    }
    sqlite3_finalize(s);
    return id;
}

/* What the index offers, newest first, each once: of the words as they came, and of those whose
 * author was named later. */
struct hits {
    sqlite3_stmt *words, *late;
    int64_t next_word, next_late; /* 0: none left */
};

static int64_t step(sqlite3_stmt *s) { return db_row(s) ? db_int(s, 0) : 0; }

static void hits_open(struct hits *h, struct reader *r, struct sori_str expression) {
    h->words =
        db_query(r->search, "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", "s",
                 expression);
    h->late = db_query(r->search, "SELECT rowid FROM late WHERE late MATCH ? ORDER BY rowid DESC",
                       "s", expression);
    h->next_word = step(h->words);
    h->next_late = step(h->late);
}

static int64_t hits_next(struct hits *h) {
    int64_t seq = h->next_word > h->next_late ? h->next_word : h->next_late;
    if (h->next_word == seq) h->next_word = seq ? step(h->words) : 0;
    if (h->next_late == seq) h->next_late = seq ? step(h->late) : 0;
    return seq;
}

static void hits_close(struct hits *h) {
    sqlite3_finalize(h->words);
    sqlite3_finalize(h->late);
}

int query_search(struct reader *r, struct sori_str question, struct answer *a) {
    struct sori_str text = ask_text(question, "text");
    int64_t limit = ask_int(question, "limit", 50), found = 0;
    if (limit < 1 || limit > 10000)
        return answer_error(a, 2, "limit: a number from 1 to 10000 was expected");
    struct buf expression = {0};
    if (!words_match(text, &expression)) {
        buf_free(&expression);
        return answer_error(a, 2, "'%.*s' has no word to look for", STR(text));
    }
    /* What was heard in the last moment belongs to the answer. */
    index_step(r, 500);
    index_names(r, 500);
    struct err err;
    if (!db_ready(r, &err)) {
        buf_free(&expression);
        return answer_error(a, 1, "%s", err.text);
    }
    struct hits hits;
    bool late = false;
    hits_open(&hits, r, buf_view(&expression));
    for (int64_t seq; found < limit && !late && (seq = hits_next(&hits)) > 0;) {
        late = clock_mono() >= r->deadline;
        int64_t id = holds(r, seq, text);
        if (!id) continue;
        form_answer(r, id, a);
        found++;
    }
    hits_close(&hits);
    buf_free(&expression);
    int64_t newest = db_one(r->db, "SELECT max(seq) FROM journal", 0, 0);
    if (newest > r->indexed &&
        db_one(
            r->db,
            "SELECT count(*) FROM (SELECT 1 FROM journal WHERE seq > ? AND kind IN (1, 2) LIMIT 1)",
            r->indexed, 0))
        answer_error(a, 0, "the index is still %lld entries behind; newer ones may be missing",
                     (long long)(newest - r->indexed));
    if (late)
        return answer_error(a, 5, "search took longer than %d s and was stopped; add a word",
                            QUERY_MS / 1000);
    return 0;
}
