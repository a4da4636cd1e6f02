/* The one JSON form of an interaction, and its history. */
#include "reader/part.h"

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include "store/store.h"
#include "supervise/messages.h"

#include <stdlib.h>

static const char interaction_sql[] =
    "SELECT i.id, p.plugin, p.name, s.name, i.native, i.version, i.kind, i.share, i.origin, "
    "i.state,"
    " ip.native, it.native, i.url, a.native, a.name, a.url, a.reach,"
    " c.id, c.relationship, c.influencer, i.title, j.text, i.lang, i.said_at, i.heard_at"
    " FROM interaction i LEFT JOIN space s ON s.id = i.space"
    " LEFT JOIN connection p ON p.id = i.connection LEFT JOIN author a ON a.id = i.author"
    " LEFT JOIN contact c ON c.id = a.contact LEFT JOIN journal j ON j.seq = i.said"
    " LEFT JOIN interaction ip ON ip.id = i.parent LEFT JOIN interaction it ON it.id = i.target"
    " WHERE i.id = ?";

static int64_t zero(int64_t n) { return n == NIL ? 0 : n; }

static void who(sqlite3_stmt *s, struct jw *w) {
    jw_open(w, "author", '{');
    jw_str(w, "id", db_str(s, 13));
    jw_str(w, "name", db_str(s, 14));
    jw_str(w, "url", db_str(s, 15));
    int64_t reach = db_int(s, 16);
    jw_int(w, "reach", reach == 0 ? NIL : reach);
    jw_close(w, '}');
    jw_open(w, "contact", '{');
    jw_int(w, "id", db_int(s, 17));
    jw_word(w, "relationship", relation_word(zero(db_int(s, 18))));
    jw_bool(w, "influencer", zero(db_int(s, 19)) != 0);
    jw_close(w, '}');
}

bool form_interaction(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s = db_query(r->db, interaction_sql, "i", id);
    bool found = db_row(s);
    if (found) {
        jw_int(w, "id", db_int(s, 0));
        jw_str(w, "channel", db_str(s, 1));
        jw_str(w, "connection", db_str(s, 2));
        jw_str(w, "space", db_str(s, 3));
        jw_str(w, "native_id", db_str(s, 4));
        jw_int(w, "version", zero(db_int(s, 5)));
        jw_word(w, "kind", kind_word(zero(db_int(s, 6))));
        jw_word(w, "share", share_word(zero(db_int(s, 7))));
        jw_word(w, "origin", origin_word(zero(db_int(s, 8))));
        jw_word(w, "state", state_word(zero(db_int(s, 9))));
        jw_str(w, "parent", db_str(s, 10));
        jw_str(w, "target", db_str(s, 11));
        jw_str(w, "url", db_str(s, 12));
        who(s, w);
        jw_str(w, "title", db_str(s, 20));
        jw_str(w, "text", db_str(s, 21));
        jw_str(w, "lang", db_str(s, 22));
        jw_time(w, "said_at", db_int(s, 23));
        jw_time(w, "heard_at", db_int(s, 24));
    }
    sqlite3_finalize(s);
    return found;
}

/* What may stand after the number of an interaction: .SLOT, .ACTION or .ACTION.SLOT. */
static bool is_which(struct sori_str s) {
    size_t i = 1, slot;
    if (!s.len || s.ptr[0] != '.') return !s.len;
    while (i < s.len && ((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] == '_')) i++;
    if (i > 1 && i == s.len) return true;
    if (i > 1 && s.ptr[i++] != '.') return false;
    for (slot = i; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) continue;
    return i > slot && i == s.len;
}

int64_t form_named(struct reader *r, struct sori_str question, struct answer *a) {
    struct sori_str word = ask_text(question, "id");
    int64_t id = 0;
    size_t i = 0;
    for (; i < word.len && i < 18 && word.ptr[i] >= '0' && word.ptr[i] <= '9'; i++)
        id = id * 10 + (word.ptr[i] - '0');
    if (!i || !is_which((struct sori_str){word.ptr + i, word.len - i})) {
        return -answer_error(
            a, 2, "'%.*s' is no id: a number was expected, as 'sori inbox' shows it", STR(word));
    }
    if (db_one(r->db, "SELECT 1 FROM interaction WHERE id = ?", id, 0)) return id;
    return -answer_error(a, 1, "there is no interaction %lld", (long long)id);
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

size_t form_chain(struct reader *r, int64_t id, int64_t *seqs, size_t max) {
    int64_t seq = db_one(r->db, "SELECT last FROM interaction WHERE id = ?", id, 0);
    size_t n = 0;
    while (seq > 0 && n < max) {
        seqs[n++] = seq;
        int64_t prev = db_one(r->db, "SELECT prev FROM journal WHERE seq = ?", seq, 0);
        if (prev >= seq) break;
        seq = prev;
    }
    /* What people, clocks and channels did about it stands beside that chain. */
    sqlite3_stmt *s = db_query(r->search, "SELECT seq FROM act WHERE interaction = ?", "i", id);
    while (n < max && db_row(s)) seqs[n++] = db_int(s, 0);
    sqlite3_finalize(s);
    qsort(seqs, n, sizeof *seqs, ascending);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || seqs[kept - 1] != seqs[i]) seqs[kept++] = seqs[i];
    return kept;
}

/* What a journal body says beyond its text: a person's command, or the item's note, which names the
 * protocol that brought it. */
static void body_note(int64_t kind, struct sori_str body, struct jw *w) {
    struct sori_str command = kind == ENTRY_HUMAN ? rec_get_str(body, 1) : (struct sori_str){0};
    struct sori_str note = kind == ENTRY_HUMAN ? command : rec_get_str(body, 27);
    if (note.len > 0) jw_str(w, command.len ? "command" : "note", note);
    if (kind == ENTRY_HUMAN && rec_get_str(body, 2).len > 0)
        jw_str(w, "although", rec_get_str(body, 2));
}

static void entry(struct reader *r, int64_t seq, struct jw *w) {
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT j.at, j.kind, j.actor, j.text, j.rev, j.action, j.body, d.status, d.rule,"
                 " d.generation, d.result FROM journal j LEFT JOIN decision d ON d.seq = j.seq"
                 " WHERE j.seq = ?",
                 "i", seq);
    if (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_int(w, "seq", seq);
        jw_time(w, "at", db_int(s, 0));
        jw_word(w, "what", entry_word(db_int(s, 1)));
        jw_str(w, "by", db_str(s, 2));
        jw_str(w, "text", db_str(s, 3));
        int64_t rev = db_int(s, 4), action = db_int(s, 5), status = db_int(s, 7);
        if (rev > 0) jw_int(w, "rev", rev);
        if (action > 0) jw_int(w, "action", action);
        body_note(db_int(s, 1), db_str(s, 6), w);
        if (status != NIL) {
            jw_word(w, "decision", decision_word(status));
            jw_str(w, "rule", db_str(s, 8));
            jw_str(w, "direction", rec_get_str(db_str(s, 10), DEC_DIRECTION));
            jw_int(w, "generation", db_int(s, 9));
        }
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
}

void form_history(struct reader *r, int64_t id, struct jw *w) {
    int64_t *seqs = mem_get(CHAIN_MAX * sizeof *seqs);
    size_t n = form_chain(r, id, seqs, CHAIN_MAX);
    jw_open(w, "history", '[');
    for (size_t i = 0; i < n; i++) entry(r, seqs[i], w);
    jw_close(w, ']');
    free(seqs);
}

void form_answer(struct reader *r, int64_t id, struct answer *a) {
    struct buf json = {0};
    struct jw w = {.b = &json};
    jw_open(&w, NULL, '{');
    form_interaction(r, id, &w);
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
}

void form_checks(struct sori_str record, uint32_t tag, struct jw *w) {
    struct rec_field f;
    jw_open(w, "checks", '[');
    while (rec_next(&record, &f) == 1) {
        if (f.tag != tag || f.type != REC_REC) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "check", rec_get_str(f.s, 1));
        jw_str(w, "why", rec_get_str(f.s, 2));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

void form_actions(struct reader *r, int64_t id, struct jw *w) {
    sqlite3_stmt *s = db_query(
        r->db,
        "SELECT a.id, a.seq, a.rev, a.verb, a.slot, p.name, a.state, a.due, a.attempt, a.sent_at,"
        " a.native, a.reason, a.actor, a.body FROM action a"
        " LEFT JOIN connection p ON p.id = a.connection WHERE a.interaction = ?1 AND"
        " (a.state NOT IN (6, 7, 8, 9) OR a.state IN (6, 7, 8, 9)) ORDER BY a.id LIMIT 200",
        "i", id);
    jw_open(w, "actions", '[');
    while (db_row(s)) {
        jw_open(w, NULL, '{');
        jw_int(w, "action", db_int(s, 0));
        jw_int(w, "seq", db_int(s, 1));
        jw_int(w, "rev", db_int(s, 2));
        jw_word(w, "verb", verb_word(db_int(s, 3)));
        jw_int(w, "slot", db_int(s, 4));
        jw_str(w, "connection", db_str(s, 5));
        jw_word(w, "state", action_word(db_int(s, 6)));
        jw_time(w, "due", db_int(s, 7));
        jw_int(w, "attempts", zero(db_int(s, 8)));
        jw_time(w, "sent_at", db_int(s, 9));
        jw_str(w, "native_id", db_str(s, 10));
        jw_str(w, "reason", db_str(s, 11));
        jw_str(w, "by", db_str(s, 12));
        jw_str(w, "text", rec_get_str(db_str(s, 13), ACT_TEXT));
        form_checks(db_str(s, 13), ACT_CHECK, w);
        jw_close(w, '}');
    }
    sqlite3_finalize(s);
    jw_close(w, ']');
}
