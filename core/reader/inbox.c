/* inbox: what waits for a person; contact: who somebody is; export: interactions in pages. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/enums.h"
#include "lua/policy.h"
#include "store/store.h"
#include "supervise/messages.h"

/* An action that waits stands for its case. What is in doubt comes first, then by the clock. */
static const char inbox_sql[] =
    "WITH open AS ("
    " SELECT k.id AS kase, NULL AS action, coalesce(k.due, 9e18) AS urgent FROM kase k"
    "  WHERE k.state < 3 AND NOT EXISTS (SELECT 1 FROM action a WHERE a.kase = k.id AND a.kase > 0"
    "   AND a.state IN (0, 5))"
    " UNION ALL SELECT a.kase, a.id, CASE a.state WHEN 5 THEN 0 ELSE coalesce(k.due, 8e18) END"
    "  FROM action a LEFT JOIN kase k ON k.id = a.kase WHERE a.state IN (0, 5)),"
    " top AS (SELECT * FROM open ORDER BY urgent, kase, action LIMIT ?1),"
    " named AS (SELECT t.*, coalesce(a.interaction, (SELECT e.interaction FROM kase_entry e"
    "   JOIN interaction i ON i.id = e.interaction WHERE e.kase = t.kase AND i.origin = 0"
    "   ORDER BY e.seq DESC LIMIT 1)) AS id FROM top t LEFT JOIN action a ON a.id = t.action)"
    "SELECT n.id, a.state, a.verb, a.slot, a.reason, a.body, k.state, k.due, k.waiting_since,"
    " k.department, k.owner, k.reason, u.name, c.relationship, c.influencer, p.plugin, p.name,"
    " i.kind, d.tone, j.text, i.heard_at, i.title, d.result, " CLOCK_COLUMNS
    " FROM named n LEFT JOIN action a ON a.id = n.action LEFT JOIN kase k ON k.id = n.kase"
    " LEFT JOIN interaction i ON i.id = n.id LEFT JOIN author u ON u.id = i.author"
    " LEFT JOIN contact c ON c.id = u.contact LEFT JOIN connection p ON p.id = i.connection"
    " LEFT JOIN journal j ON j.seq = i.said LEFT JOIN decision d ON d.seq = i.said"
    " ORDER BY n.urgent, n.kase, n.action";

static const char *what_is_asked(int64_t action_state) {
    if (action_state == ACTION_UNKNOWN) return "resolve";
    if (action_state == ACTION_WAITING) return "approve";
    return "answer";
}

static void inbox_row(struct reader *r, struct clocks *x, sqlite3_stmt *s, int64_t now,
                      struct jw *w) {
    int64_t due = db_int(s, 7), since = db_int(s, 8);
    jw_open(w, NULL, '{');
    jw_int(w, "id", db_int(s, 0));
    jw_word(w, "what", what_is_asked(db_int(s, 1)));
    jw_word(w, "verb", db_int(s, 2) == NIL ? "" : verb_word(db_int(s, 2)));
    jw_int(w, "slot", db_int(s, 3));
    jw_str(w, "because", db_str(s, 4));
    jw_str(w, "proposed", rec_get_str(db_str(s, 5), ACT_TEXT));
    form_checks(db_str(s, 5), ACT_CHECK, w);
    jw_word(w, "case", db_int(s, 6) == NIL ? "" : kase_word(db_int(s, 6)));
    jw_time(w, "due", due);
    jw_int(w, "left_ms", due == NIL ? NIL : due - now);
    jw_int(w, "waited_ms", since == NIL ? NIL : now - since);
    if (db_int(s, 6) == NIL)
        jw_null(w, "clock");
    else
        form_clock(r, x, s, 23, now, w);
    jw_str(w, "department", db_str(s, 9));
    jw_str(w, "owner", db_str(s, 10));
    jw_str(w, "reason", db_str(s, 11));
    jw_str(w, "author", db_str(s, 12));
    jw_word(w, "relationship", db_int(s, 13) == NIL ? "" : relation_word(db_int(s, 13)));
    jw_bool(w, "influencer", db_int(s, 14) == 1);
    jw_str(w, "channel", db_str(s, 15));
    jw_str(w, "connection", db_str(s, 16));
    jw_word(w, "kind", db_int(s, 17) == NIL ? "" : kind_word(db_int(s, 17)));
    jw_word(w, "tone", db_int(s, 18) == NIL ? "" : tone_word(db_int(s, 18)));
    jw_str(w, "text", db_str(s, 19));
    jw_time(w, "heard_at", db_int(s, 20));
    jw_str(w, "title", db_str(s, 21));
    jw_str(w, "direction", rec_get_str(db_str(s, 22), DEC_DIRECTION));
    jw_close(w, '}');
}

int query_inbox(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t limit = ask_int(question, "limit", 200), now = clock_now();
    if (limit < 1 || limit > 10000)
        return answer_error(a, 2, "limit: a number from 1 to 10000 was expected");
    sqlite3_stmt *s = db_query(r->db, inbox_sql, "i", limit);
    struct buf json = {0};
    struct clocks clocks = {.count = 0};
    while (db_row(s)) {
        struct jw w = {.b = &json};
        inbox_row(r, &clocks, s, now, &w);
        answer_row(a, &json);
    }
    sqlite3_finalize(s);
    clocks_free(&clocks);
    buf_free(&json);
    return 0;
}

static void authors(struct reader *r, int64_t contact, struct jw *w) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT s.name, a.native, a.name, a.url, a.reach FROM author a"
                               " LEFT JOIN space s ON s.id = a.space WHERE a.contact = ?"
                               " ORDER BY a.id LIMIT 100",
                               "i", contact);
    jw_open(w, "authors", '[');
    while (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_str(w, "space", db_str(s, 0));
        jw_str(w, "id", db_str(s, 1));
        jw_str(w, "name", db_str(s, 2));
        jw_str(w, "url", db_str(s, 3));
        int64_t reach = db_int(s, 4);
        jw_int(w, "reach", reach == 0 ? NIL : reach);
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
}

/* Array "timeline": what the contact said, newest first, along the chain of each author. */
static void timeline(struct reader *r, int64_t contact, struct jw *w) {
    sqlite3_stmt *s = db_query(
        r->db,
        "WITH RECURSIVE late(author, id) AS MATERIALIZED (SELECT author, max(id) FROM interaction"
        "  WHERE id > (SELECT max(id) FROM interaction) - " READER_NEWEST
        "  AND said > 0 GROUP BY author),"
        " t(id, n) AS (SELECT max(coalesce(a.last_interaction, 0), coalesce(l.id, 0)), 0"
        "  FROM author a LEFT JOIN late l ON l.author = a.id WHERE a.contact = ?1"
        " UNION ALL SELECT i.prev_by_author, n + 1 FROM t JOIN interaction i ON i.id = t.id"
        "  WHERE n < 19 AND i.prev_by_author > 0)"
        " SELECT i.id, i.kind, i.heard_at, j.text FROM t JOIN interaction i ON i.id = t.id"
        " LEFT JOIN journal j ON j.seq = i.said ORDER BY i.id DESC LIMIT 20",
        "i", contact);
    jw_open(w, "timeline", '[');
    while (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_int(w, "id", db_int(s, 0));
        jw_word(w, "kind", kind_word(db_int(s, 1)));
        jw_time(w, "heard_at", db_int(s, 2));
        jw_str(w, "text", db_str(s, 3));
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
}

int query_contact(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t id = form_named(r, question, a);
    if (id < 0) return (int)-id;
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT c.id, c.relationship, c.influencer, c.first_at, " READER_SPOKE ","
                 " c.replied_at FROM interaction i JOIN author u ON u.id = i.author"
                 " JOIN contact c ON c.id = u.contact WHERE i.id = ?",
                 "i", id);
    if (!db_row(s)) {
        sqlite3_finalize(s);
        return answer_error(a, 1, "nobody is known behind interaction %lld", (long long)id);
    }
    struct buf json = {0};
    struct jw w = {.b = &json};
    int64_t contact = db_int(s, 0);
    jw_open(&w, NULL, '{');
    jw_int(&w, "id", contact);
    jw_word(&w, "relationship", relation_word(db_int(s, 1)));
    jw_bool(&w, "influencer", db_int(s, 2) == 1);
    jw_time(&w, "known_since", db_int(s, 3));
    jw_int(&w, "spoke", db_int(s, 4));
    jw_time(&w, "answered_at", db_int(s, 5));
    sqlite3_finalize(s);
    authors(r, contact, &w);
    timeline(r, contact, &w);
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
    return 0;
}

/* The lowest id heard at or after a time: ids ascend with heard_at, so halving finds it. */
static int64_t first_since(struct reader *r, int64_t since) {
    int64_t low = 1, high = db_one(r->db, "SELECT max(id) FROM interaction", 0, 0) + 1;
    while (low < high) {
        int64_t mid = low + (high - low) / 2;
        int64_t at = db_one(
            r->db, "SELECT heard_at FROM interaction WHERE id >= ? ORDER BY id LIMIT 1", mid, 0);
        if (at < since)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* A page: interactions after the id "after" (first page: heard since "since"), stubs left out. The
 * client asks on from the last row's id until a page is empty. */
int query_export(struct reader *r, struct sori_str question, struct answer *a) {
    enum { PAGE = 1000 };
    int64_t after = ask_int(question, "after", -1);
    if (after < 0) after = first_since(r, ask_int(question, "since", 0)) - 1;
    sqlite3_stmt *s =
        db_query(r->db, "SELECT id FROM interaction WHERE id > ? AND state > 0 ORDER BY id LIMIT ?",
                 "ii", after, (int64_t)PAGE);
    while (db_row(s)) form_answer(r, db_int(s, 0), a);
    sqlite3_finalize(s);
    return 0;
}

/* Rows of files that an import could not read: faults with a line. */
int query_rejects(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t after = ask_int(question, "after", 0);
    struct buf json = {0};
    struct jw w = {.b = &json};
    if (after < 0) {
        jw_open(&w, NULL, '{');
        jw_int(&w, "id", db_one(r->db, "SELECT max(id) FROM fault", 0, 0));
        jw_close(&w, '}');
        answer_row(a, &json);
        buf_free(&json);
        return 0;
    }
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT f.id, f.line, f.evidence, f.raw FROM fault f"
                               " JOIN connection p ON p.id = f.connection AND p.name = ?"
                               " WHERE f.id > ? AND f.line > 0 ORDER BY f.id LIMIT 100000",
                               "si", ask_text(question, "connection"), after);
    while (db_row(s)) {
        w = (struct jw){.b = &json};
        jw_open(&w, NULL, '{');
        jw_int(&w, "id", db_int(s, 0));
        jw_int(&w, "line", db_int(s, 1));
        jw_str(&w, "why", db_str(s, 2));
        jw_str(&w, "raw", db_str(s, 3));
        jw_close(&w, '}');
        answer_row(a, &json);
    }
    sqlite3_finalize(s);
    buf_free(&json);
    return 0;
}
