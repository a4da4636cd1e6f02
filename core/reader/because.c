/* What why tells besides the decisions themselves: who the person was by then, what came of it, and
 * what the generations were made of. */
#include "reader/part.h"

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"
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

/* A person's command, or a rule's decision, that said how somebody stands with us. */
struct change {
    int64_t at, relation, seq;
    bool human;
};

static int64_t related_by_rule(struct sori_str result) {
    struct rec_field f;
    int64_t relation = -1;
    while (rec_next(&result, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC &&
            rec_get_int(f.s, INTENT_VERB, 0) == VERB_RELATE)
            relation = relation_of(rec_get_str(f.s, INTENT_NAME));
    return relation;
}

static int64_t related_by_person(struct sori_str text) {
    const struct sori_str name = SORI_STR("relationship=");
    if (!str_starts(text, name)) return -1;
    return relation_of((struct sori_str){text.ptr + name.len, text.len - name.len});
}

static void add_change(struct reader *r, int64_t seq, struct buf *changes) {
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT j.at, j.kind, j.text, d.at, d.result"
                               " FROM journal j LEFT JOIN decision d ON d.seq = j.seq"
                               " WHERE j.seq = ?",
                               "i", seq);
    if (db_row(s)) {
        struct change one = {.seq = seq, .human = db_int(s, 1) == ENTRY_HUMAN};
        one.at = db_int(s, one.human ? 0 : 3);
        one.relation = one.human ? related_by_person(db_str(s, 2)) : related_by_rule(db_str(s, 4));
        if (one.relation >= 0) buf_put(changes, &one, sizeof one);
    }
    sqlite3_finalize(s);
}

static int by_time(const void *a, const void *b) {
    const struct change *x = a, *y = b;
    int64_t left = x->at == y->at ? x->seq : x->at, right = x->at == y->at ? y->seq : y->at;
    return (left > right) - (left < right);
}

/* The change since when it has been `now` up to `until`; relation -1 where none of these
 * interactions has it. What `said` decided itself came after what it was told. */
static struct change changed_to(struct reader *r, const int64_t *ids, size_t n, int64_t said,
                                int64_t until, int64_t now) {
    struct buf changes = {0};
    int64_t seqs[CHAIN_MAX];
    for (size_t i = 0; i < n; i++) {
        size_t entries = form_chain(r, ids[i], seqs, CHAIN_MAX);
        for (size_t k = 0; k < entries; k++)
            if (seqs[k] != said) add_change(r, seqs[k], &changes);
    }
    struct change found = {.relation = -1}, one;
    if (changes.len) qsort(changes.data, changes.len / sizeof one, sizeof one, by_time);
    for (size_t at = 0; at < changes.len; at += sizeof one) {
        memcpy(&one, changes.data + at, sizeof one);
        if (one.at > until) break;
        if (one.relation != now)
            found.relation = -1;
        else if (found.relation < 0)
            found = one;
    }
    buf_free(&changes);
    return found;
}

static void put_by(struct reader *r, const struct change *c, struct jw *w) {
    sqlite3_stmt *s = db_query(r->db,
                               c->human ? "SELECT actor FROM journal WHERE seq = ?"
                                        : "SELECT 'rule ' || rule FROM decision WHERE seq = ?",
                               "i", c->seq);
    jw_str(w, "relationship_by", db_row(s) ? db_str(s, 0) : (struct sori_str){0});
    sqlite3_finalize(s);
}

/* Since when the person of interaction `id` stood as it was decided, at `until`: exactly, with who
 * said so, where that is recorded; else since the first decision that saw it. */
static void put_since(struct reader *r, int64_t id, int64_t until, int64_t now, struct jw *w) {
    int64_t ids[TIMELINE_MAX], at = 0, since = until, before = -1;
    size_t n = timeline(r, id, ids, TIMELINE_MAX);
    for (size_t i = 1; now >= 0 && before < 0 && i < n; i++) {
        int64_t then = relation_then(r, ids[i], &at);
        if (then < 0) continue;
        if (then != now)
            before = then;
        else
            since = at;
    }
    int64_t said = db_one(r->db, "SELECT said FROM interaction WHERE id = ?", id, 0);
    struct change exact = changed_to(r, ids, n, said, until, now);
    jw_word(w, "relationship_then", now < 0 ? "" : relation_word(now));
    jw_time(w, "relationship_since", exact.relation < 0 ? since : exact.at);
    if (exact.relation < 0)
        jw_null(w, "relationship_by");
    else
        put_by(r, &exact, w);
    jw_word(w, "relationship_before", before < 0 ? "" : relation_word(before));
}

void because_person(struct reader *r, int64_t id, struct jw *w) {
    int64_t until = 0, now = relation_then(r, id, &until);
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
    put_since(r, id, until, now, w);
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
