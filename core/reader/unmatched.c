/* inbox --unmatched: what no rule had a word for. From here new rules come. */
#include "reader/part.h"

#include "base/enums.h"

/* Only as far back as LOOK decisions, so that a policy that matches all costs no walk over years.
 * What was decided without a policy (the past, pages of ours) has no facts; what was said anew
 * since, was acted on, or stands in an open case is not unmatched any more. */
static const char unmatched_sql[] =
    "SELECT i.id FROM decision d JOIN journal j ON j.seq = d.seq"
    " JOIN interaction i ON i.id = j.interaction LEFT JOIN author u ON u.id = i.author"
    " WHERE d.seq > (SELECT max(seq) FROM decision) - ?1 AND d.status = ?2 AND length(d.facts) > 0"
    "  AND i.said = j.seq AND i.state = ?3"
    "  AND NOT EXISTS (SELECT 1 FROM action a WHERE a.interaction = i.id"
    "   AND a.state NOT IN (6, 7, 8, 9))"
    "  AND NOT EXISTS (SELECT 1 FROM kase k WHERE k.contact = u.contact AND k.state < 3)"
    " ORDER BY d.seq DESC LIMIT ?4";

int query_unmatched(struct reader *r, struct sori_str question, struct answer *a) {
    enum { LOOK = 100000 };
    int64_t limit = ask_int(question, "limit", 200);
    if (limit < 1 || limit > 10000)
        return answer_error(a, 2, "limit: a number from 1 to 10000 was expected");
    sqlite3_stmt *s = db_query(r->db, unmatched_sql, "iiii", (int64_t)LOOK, (int64_t)DECISION_NONE,
                               (int64_t)STATE_LIVE, limit);
    while (db_row(s)) form_answer(r, db_int(s, 0), a);
    sqlite3_finalize(s);
    return 0;
}
