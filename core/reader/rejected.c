/* What connectors heard and could not make an interaction of: each kind once, with how often. */
#include "reader/part.h"

#include "base/clock.h"

/* Rows of imported files have a line, and the import itself tells them. */
static const char rejected_sql[] =
    "SELECT p.name, f.evidence, count(*), max(f.at) FROM fault f"
    " LEFT JOIN connection p ON p.id = f.connection"
    " WHERE f.at >= ? AND f.call IN ('reject', 'decode') AND coalesce(f.line, 0) = 0"
    " GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC LIMIT 100";

void rejected_put(struct reader *r, struct jw *w) {
    enum { DAYS = 7, DAY_MS = 86400000 };
    jw_int(w, "rejected_days", DAYS);
    jw_open(w, "rejected", '[');
    sqlite3_stmt *s = db_query(r->db, rejected_sql, "i", clock_now() - (int64_t)DAYS * DAY_MS);
    while (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_str(w, "connection", db_str(s, 0));
        jw_str(w, "why", db_str(s, 1));
        jw_int(w, "count", db_int(s, 2));
        jw_time(w, "last", db_int(s, 3));
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
}
