/* What why tells besides the decisions themselves: who the person was by then, what came of it, and
 * what the generations were made of. */
#include "reader/part.h"

#include "base/enums.h"
#include "base/item.h"
#include "store/store.h"

#include <stdlib.h>

enum { TIMELINE_MAX = 200 };

/* The interactions of an author, newest first, from `id` on. */
static size_t timeline(struct reader *r, int64_t id, int64_t *ids, size_t max) {
    size_t n = 0;
    while (id > 0 && n < max) {
        ids[n++] = id;
        int64_t before =
            db_one(r->db, "SELECT prev_by_author FROM interaction WHERE id = ?", id, 0);
        if (before >= id) break;
        id = before;
    }
    return n;
}

/* How an interaction's author stood with us when it was decided; -1 unknown. */
static int64_t relation_then(struct reader *r, int64_t id, int64_t *at) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT d.at, d.facts FROM interaction i JOIN decision d"
                               " ON d.seq = i.said WHERE i.id = ?",
                               "i", id);
    int64_t relation = -1;
    if (db_row(s)) {
        *at = db_int(s, 0);
        relation = rec_get_int(db_str(s, 1), FACT_RELATIONSHIP, -1);
    }
    sqlite3_finalize(s);
    return relation;
}

void because_person(struct reader *r, int64_t id, struct jw *w) {
    int64_t ids[TIMELINE_MAX], at = 0, since = 0, before = -1, now = relation_then(r, id, &since);
    size_t n = timeline(r, id, ids, TIMELINE_MAX), i = 1;
    for (; now >= 0 && i < n; i++) {
        int64_t then = relation_then(r, ids[i], &at);
        if (then >= 0 && then != now) {
            before = then;
            break;
        }
        if (then >= 0) since = at;
    }
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT c.first_at, " READER_SPOKE " FROM interaction i"
                 " JOIN author a ON a.id = i.author JOIN contact c ON c.id = a.contact"
                 " WHERE i.id = ?",
                 "i", id);
    bool known = db_row(s);
    jw_open(w, "person", '{');
    jw_time(w, "known_since", known && db_int(s, 0) != NIL ? db_int(s, 0) : 0);
    jw_int(w, "spoke", known && db_int(s, 1) != NIL ? db_int(s, 1) : 0);
    jw_word(w, "relationship_then", now < 0 ? "" : relation_word(now));
    jw_time(w, "relationship_since", since);
    jw_word(w, "relationship_before", before < 0 ? "" : relation_word(before));
    jw_close(w, '}');
    sqlite3_finalize(s);
}

/* The newest interaction of the author of this one. */
static int64_t newest_of_author(struct reader *r, int64_t id) {
    int64_t last = db_one(r->db,
                          "SELECT a.last_interaction FROM interaction i JOIN author a"
                          " ON a.id = i.author WHERE i.id = ?",
                          id, 0);
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT max(id) FROM interaction WHERE id > (SELECT max(id) FROM interaction)"
                 " - " READER_NEWEST " AND author = (SELECT author FROM interaction WHERE id = ?)",
                 "i", id);
    if (db_row(s) && db_int(s, 0) > last) last = db_int(s, 0);
    sqlite3_finalize(s);
    return last;
}

/* The author's next word, and its tone. */
void because_after(struct reader *r, int64_t id, struct jw *w) {
    int64_t ids[TIMELINE_MAX], next = 0;
    size_t n = timeline(r, newest_of_author(r, id), ids, TIMELINE_MAX);
    for (size_t i = 1; i < n; i++)
        if (ids[i] == id) next = ids[i - 1];
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT i.kind, i.heard_at, d.tone, j.text FROM interaction i"
                               " LEFT JOIN decision d ON d.seq = i.said"
                               " LEFT JOIN journal j ON j.seq = i.said WHERE i.id = ?",
                               "i", next);
    if (next && db_row(s)) {
        jw_open(w, "next_word", '{');
        jw_int(w, "id", next);
        jw_word(w, "kind", kind_word(db_int(s, 0) == NIL ? 0 : db_int(s, 0)));
        jw_time(w, "heard_at", db_int(s, 1));
        jw_word(w, "tone", tone_word(db_int(s, 2) == NIL ? 0 : db_int(s, 2)));
        jw_str(w, "text", db_str(s, 3));
        jw_close(w, '}');
    } else {
        jw_null(w, "next_word");
    }
    sqlite3_finalize(s);
}

static void parts(struct sori_str manifest, int64_t kind, const char *name, struct jw *w) {
    struct rec_field f;
    jw_open(w, name, '[');
    while (rec_next(&manifest, &f) == 1) {
        if (f.tag != MANIFEST_PART || f.type != REC_REC || rec_get_int(f.s, PART_KIND, 0) != kind)
            continue;
        jw_open(w, NULL, '{');
        jw_str(w, "name", rec_get_str(f.s, PART_NAME));
        jw_str(w, "content", rec_get_str(f.s, PART_HASH));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

void because_generation(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT g.at, g.\"by\", g.reason, b.data FROM generation g"
                               " LEFT JOIN blob b ON b.id = g.manifest WHERE g.id = ?",
                               "i", id);
    if (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_int(w, "id", id);
        jw_time(w, "live_since", db_int(s, 0));
        jw_str(w, "by", db_str(s, 1));
        jw_str(w, "why", db_str(s, 2));
        parts(db_str(s, 3), PART_PLUGIN, "plugins", w);
        parts(db_str(s, 3), PART_MODEL, "models", w);
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
}
