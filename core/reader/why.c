/* show and why: one interaction, as it was heard and as it was decided about. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

/* An array of what the first column says. */
static void names(sqlite3_stmt *s, const char *key, struct jw *w) {
    jw_open(w, key, '[');
    while (db_row(s)) jw_str(w, NULL, db_str(s, 0));
    sqlite3_finalize(s);
    jw_close(w, ']');
}

/* Array "sightings": the connections that saw it, the first one first. */
static void sightings(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT p.name FROM interaction i JOIN connection p ON p.id = i.connection"
                 " WHERE i.id = ?1 UNION ALL SELECT p.name FROM sighting g"
                 " JOIN connection p ON p.id = g.connection WHERE g.interaction = ?1",
                 "i", id);
    names(s, "sightings", w);
    s = db_query(r->db, "SELECT name FROM tag WHERE interaction = ? ORDER BY seq, name", "i", id);
    names(s, "tags", w);
}

/* Object "case" of the interaction's newest case, or null. */
static void kase(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s = db_query(
        r->db,
        "SELECT k.id, k.state, k.department, k.owner, k.due, k.waiting_since, "
        "k.reason, " CLOCK_COLUMNS " FROM kase k"
        " WHERE k.contact = (SELECT a.contact FROM interaction i JOIN author a ON a.id = i.author"
        " WHERE i.id = ?1) AND k.state < 4 ORDER BY k.id DESC LIMIT 1",
        "i", id);
    if (db_row(s)) {
        jw_open(w, "case", '{');
        jw_int(w, "id", db_int(s, 0));
        jw_word(w, "state", kase_word(db_int(s, 1)));
        jw_str(w, "department", db_str(s, 2));
        jw_str(w, "owner", db_str(s, 3));
        jw_time(w, "due", db_int(s, 4));
        jw_time(w, "waiting_since", db_int(s, 5));
        jw_str(w, "reason", db_str(s, 6));
        struct clocks clocks = {.count = 0};
        form_clock(r, &clocks, s, 7, clock_now(), w);
        clocks_free(&clocks);
        jw_close(w, '}');
    } else {
        jw_null(w, "case");
    }
    sqlite3_finalize(s);
}

/* An object of names and numbers, the first two columns. */
static void numbers(sqlite3_stmt *s, const char *key, struct jw *w) {
    jw_open(w, key, '{');
    while (db_row(s)) {
        char *name = mem_text(db_str(s, 0));
        jw_int(w, name, db_int(s, 1));
        free(name);
    }
    sqlite3_finalize(s);
    jw_close(w, '}');
}

/* Object "counted" of a target: reactions and simple shares by class; what the platform itself
 * says stands beside it as "gauges". */
static void counted(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s =
        db_query(r->db, "SELECT class, sum(n) FROM tally WHERE target = ? GROUP BY class", "i", id);
    numbers(s, "counted", w);
    s = db_query(r->db, "SELECT class, n, max(at) FROM gauge WHERE target = ? GROUP BY class", "i",
                 id);
    numbers(s, "gauges", w);
}

static void common(struct reader *r, int64_t id, struct jw *w) {
    form_interaction(r, id, w);
    sightings(r, id, w);
    kase(r, id, w);
    counted(r, id, w);
    form_actions(r, id, w);
    form_history(r, id, w);
}

/* form_named, once the acts of the last moment are known. */
static int64_t named(struct reader *r, struct sori_str question, struct answer *a) {
    struct err err;
    index_step(r, 300);
    if (db_ready(r, &err)) return form_named(r, question, a);
    return -answer_error(a, 1, "%s", err.text);
}

int query_show(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t id = named(r, question, a);
    if (id < 0) return (int)-id;
    struct buf json = {0};
    struct jw w = {.b = &json};
    jw_open(&w, NULL, '{');
    common(r, id, &w);
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
    return 0;
}

/* The bundle, environment and models of a generation, each sent once. */
struct sent {
    int64_t generation[32];
    size_t count;
};

static void generation(struct reader *r, int64_t id, struct answer *a, struct sent *sent) {
    for (size_t i = 0; i < sent->count; i++)
        if (sent->generation[i] == id) return;
    if (sent->count == sizeof sent->generation / sizeof *sent->generation) return;
    sqlite3_stmt *s = db_query(
        r->db, "SELECT b.data FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.id = ?",
        "i", id);
    if (db_row(s)) {
        sent->generation[sent->count++] = id;
        struct sori_str manifest = db_str(s, 0);
        answer_blob(a, "bundle", id, rec_get_str(manifest, MANIFEST_BUNDLE));
        answer_blob(a, "env", id, rec_get_rec(manifest, MANIFEST_ENV));
    }
    sqlite3_finalize(s);
}

/* Which model the scores are from; none where no text was scored. */
static void models(struct sori_str scores, struct jw *w) {
    struct sori_str id = rec_get_str(scores, 1);
    jw_open(w, "models", '[');
    if (id.len) jw_str(w, NULL, id);
    jw_close(w, ']');
}

/* The facts as the policy got them: stored without the text, which the journal has. */
static void facts_blob(struct answer *a, int64_t seq, struct sori_str facts, struct sori_str text) {
    if (facts.len == 0) return;
    struct buf whole = {0};
    buf_str(&whole, facts);
    if (!rec_get_str(facts, FACT_TEXT).ptr) rec_str(&whole, FACT_TEXT, text);
    answer_blob(a, "facts", seq, buf_view(&whole));
    buf_free(&whole);
}

static void decision(struct reader *r, int64_t seq, struct jw *w, struct answer *a,
                     struct sent *sent) {
    sqlite3_stmt *s = db_query(
        r->db,
        "SELECT d.at, d.generation, d.status, d.rule, d.tone, d.facts, d.result, d.trace, j.kind,"
        " j.at, j.text, d.scores FROM decision d JOIN journal j ON j.seq = d.seq WHERE d.seq = ?",
        "i", seq);
    if (db_row(s)) {
        int64_t gen = db_int(s, 1);
        struct sori_str facts = db_str(s, 5);
        jw_open(w, NULL, '{');
        jw_int(w, "seq", seq);
        jw_word(w, "on", entry_word(db_int(s, 8)));
        jw_time(w, "at", db_int(s, 9));
        jw_time(w, "decided_at", db_int(s, 0));
        jw_int(w, "generation", gen);
        jw_word(w, "status", decision_word(db_int(s, 2)));
        jw_str(w, "rule", db_str(s, 3));
        jw_word(w, "tone", tone_word(db_int(s, 4) == NIL ? 0 : db_int(s, 4)));
        form_facts(facts, w);
        form_decision(db_str(s, 6), w);
        models(db_str(s, 11), w);
        char trace[24];
        snprintf(trace, sizeof trace, "%016llx", (unsigned long long)sqlite3_column_int64(s, 7));
        jw_str(w, "trace", str_c(trace));
        jw_close(w, '}');
        facts_blob(a, seq, facts, db_str(s, 10));
        if (facts.len > 0) {
            answer_blob(a, "result", seq, db_str(s, 6));
            generation(r, gen, a, sent);
        }
    }
    sqlite3_finalize(s);
}

/* Array "faults": what went wrong with this interaction's entries. */
static void faults(struct reader *r, const int64_t *seqs, size_t n, struct jw *w) {
    jw_open(w, "faults", '[');
    int64_t from = n ? seqs[0] : 0;
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT at, guest, call, seq, evidence FROM fault WHERE seq >= ?"
                               " ORDER BY id DESC LIMIT 1000",
                               "i", from);
    while (n && db_row(s)) {
        bool ours = false;
        for (size_t i = 0; i < n && !ours; i++) ours = seqs[i] == db_int(s, 3);
        if (!ours) continue;
        jw_open(w, NULL, '{');
        jw_time(w, "at", db_int(s, 0));
        jw_str(w, "process", db_str(s, 1));
        jw_str(w, "call", db_str(s, 2));
        jw_str(w, "evidence", db_str(s, 4));
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
}

enum { ENTRIES_MAX = 200 };

int query_why(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t id = named(r, question, a);
    if (id < 0) return (int)-id;
    struct buf json = {0};
    struct jw w = {.b = &json};
    struct sent sent = {.count = 0};
    int64_t seqs[ENTRIES_MAX];
    size_t n = form_chain(r, id, seqs, ENTRIES_MAX);
    jw_open(&w, NULL, '{');
    common(r, id, &w);
    jw_open(&w, "decisions", '[');
    for (size_t i = 0; i < n; i++) decision(r, seqs[i], &w, a, &sent);
    jw_close(&w, ']');
    jw_open(&w, "generations", '[');
    for (size_t i = 0; i < sent.count; i++) because_generation(r, sent.generation[i], &w);
    jw_close(&w, ']');
    because_person(r, id, &w);
    because_after(r, id, &w);
    faults(r, seqs, n, &w);
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
    return 0;
}
