/* History for back-tests: what policies were given and what they said, a piece at a time. Each
 * piece is a read of its own, of a fraction of a second: neither the log of the store nor another
 * client waits for a whole back-test. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/item.h"
#include "lua/policy.h"
#include "store/store.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum { PIECE_ROWS = 8192, PIECE_BYTES = 6 << 20, PIECE_MS = 200, NEEDS_MAX = 64 };
enum { JUDGED_MOST = 256, JUDGE_MS = 1000, LATE = 8 };

static void put_past(struct answer *a, sqlite3_stmt *s, struct buf *whole) {
    struct sori_str facts = db_str(s, 4);
    buf_clear(whole);
    buf_str(whole, facts);
    /* Stored without the text, which the journal has. */
    if (facts.len > 0 && !rec_get_str(facts, FACT_TEXT).ptr)
        rec_str(whole, FACT_TEXT, db_str(s, 6));
    size_t mark = rec_begin(&a->out, TELL_PAST);
    rec_int(&a->out, PAST_SEQ, db_int(s, 0));
    rec_int(&a->out, PAST_AT, db_int(s, 1));
    rec_int(&a->out, PAST_GENERATION, db_int(s, 2) == NIL ? 0 : db_int(s, 2));
    rec_int(&a->out, PAST_STATUS, db_int(s, 3));
    rec_str(&a->out, PAST_FACTS, buf_view(whole));
    rec_str(&a->out, PAST_RESULT, db_str(s, 5));
    rec_int(&a->out, PAST_CONTACT, db_int(s, 7) == NIL ? 0 : db_int(s, 7));
    rec_int(&a->out, PAST_INTERACTION, db_int(s, 8) == NIL ? 0 : db_int(s, 8));
    rec_end(&a->out, mark);
}

int query_history(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t from = ask_int(question, "from", 0), to = ask_int(question, "to", INT64_MAX);
    sqlite3_stmt *s =
        db_query(r->db,
                 "SELECT d.seq, d.at, d.generation, d.status, d.facts, d.result, j.text, j.contact,"
                 " j.interaction FROM decision d CROSS JOIN journal j ON j.seq = d.seq"
                 " WHERE d.seq >= ?1 AND d.seq <= ?2 ORDER BY d.seq",
                 "ii", from, to);
    struct buf whole = {0};
    int64_t until = clock_mono() + PIECE_MS;
    size_t bytes = 0;
    for (size_t n = 0; n < PIECE_ROWS && bytes < PIECE_BYTES && !a->broken && db_row(s); n++) {
        put_past(a, s, &whole);
        bytes += whole.len;
        answer_room(a);
        if (n % 256 == 255 && clock_mono() > until) break;
    }
    buf_free(&whole);
    sqlite3_finalize(s);
    return 0;
}

/* ---- the plan ---- */

/* The first journal entry that is not from before: journal.at never goes back, so halving finds
 * it. */
static int64_t first_since(struct reader *r, int64_t since) {
    int64_t low = 1, high = db_one(r->db, "SELECT max(seq) FROM journal", 0, 0) + 1;
    while (since > 0 && low < high) {
        int64_t middle = low + (high - low) / 2;
        int64_t at = db_one(r->db, "SELECT at FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1",
                            middle, INT64_MAX);
        if (at < since)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct needs {
    size_t count;
    struct sori_str name[NEEDS_MAX];
};

static bool has_label(struct sori_str env, struct sori_str name) {
    struct rec_field f;
    while (rec_next(&env, &f) == 1)
        if (f.tag == ENV_LABEL && f.type == REC_REC && str_eq(rec_get_str(f.s, 1), name))
            return true;
    return false;
}

/* A bundle that has a cell says its name somewhere. */
static bool has_cell(struct sori_str bundle, struct sori_str name) {
    return name.len > 0 && bundle.len > 0 && memmem(bundle.ptr, bundle.len, name.ptr, name.len);
}

static bool had(struct sori_str manifest, struct sori_str need) {
    if (str_starts(need, SORI_STR("label ")))
        return has_label(rec_get_rec(manifest, MANIFEST_ENV),
                         (struct sori_str){need.ptr + 6, need.len - 6});
    if (str_starts(need, SORI_STR("cell ")))
        return has_cell(rec_get_str(manifest, MANIFEST_BUNDLE),
                        (struct sori_str){need.ptr + 5, need.len - 5});
    return true;
}

/* What a manifest was found to be; most generations share few. */
struct judged {
    int64_t manifest;
    bool same;
    uint64_t lacks;
};
struct judge {
    struct reader *r;
    struct sori_str live;
    const struct needs *needs;
    struct judged known[JUDGED_MOST];
    size_t n;
    int64_t until; /* monotonic ms: what is looked at later counts as another policy */
};

static struct judged judge(struct judge *j, int64_t manifest) {
    struct judged found = {.manifest = manifest};
    for (size_t i = 0; i < j->n && i < JUDGED_MOST; i++)
        if (j->known[i].manifest == manifest) return j->known[i];
    if (clock_mono() > j->until) return found;
    sqlite3_stmt *s = db_query(j->r->db, "SELECT data FROM blob WHERE id = ?", "i", manifest);
    if (db_row(s)) {
        struct sori_str m = db_str(s, 0);
        found.same =
            str_eq(rec_get_str(m, MANIFEST_BUNDLE), rec_get_str(j->live, MANIFEST_BUNDLE)) &&
            str_eq(rec_get_rec(m, MANIFEST_ENV), rec_get_rec(j->live, MANIFEST_ENV));
        for (size_t i = 0; i < j->needs->count; i++)
            found.lacks |= (uint64_t)!had(m, j->needs->name[i]) << i;
    }
    sqlite3_finalize(s);
    j->known[j->n++ % JUDGED_MOST] = found;
    return found;
}

static void put_generation(struct buf *b, int64_t id, const struct judged *judged) {
    size_t mark = rec_begin(b, PLAN_GENERATION);
    rec_int(b, 1, id);
    rec_int(b, 2, judged->same);
    for (int64_t i = 0; i < NEEDS_MAX; i++)
        if (judged->lacks >> i & 1) rec_int(b, 3, i);
    rec_end(b, mark);
}

/* Those that may have decided something from that entry on. A batch of an earlier one may come a
 * little late. */
static void put_generations(struct reader *r, struct buf *b, int64_t from, struct sori_str live,
                            const struct needs *needs) {
    struct judge *j = mem_get(sizeof *j);
    *j = (struct judge){.r = r, .live = live, .needs = needs, .until = clock_mono() + JUDGE_MS};
    int64_t first = db_one(
        r->db, "SELECT generation FROM decision WHERE seq >= ? ORDER BY seq LIMIT 1", from, 0);
    sqlite3_stmt *s = db_query(r->db,
                               "SELECT id, manifest FROM generation WHERE id >= ? AND manifest > 0"
                               " AND (decisions IS NULL OR decisions > 0 OR state = 2) ORDER BY id",
                               "i", first - LATE);
    while (db_row(s)) {
        struct judged found = judge(j, db_int(s, 1));
        put_generation(b, db_int(s, 0), &found);
    }
    sqlite3_finalize(s);
    free(j);
}

static void read_needs(struct sori_str question, struct needs *needs) {
    struct rec_field f;
    needs->count = 0;
    while (rec_next(&question, &f) == 1)
        if (f.tag == ASK_ARG && f.type == REC_REC && str_is(rec_get_str(f.s, 1), "need") &&
            needs->count < NEEDS_MAX)
            needs->name[needs->count++] = rec_get_str(f.s, 2);
}

int query_history_plan(struct reader *r, struct sori_str question, struct answer *a) {
    struct needs needs;
    struct buf live = {0}, plan = {0};
    read_needs(question, &needs);
    int64_t id = db_one(r->db, "SELECT max(id) FROM generation WHERE state = 2", 0, 0);
    sqlite3_stmt *s = db_query(
        r->db, "SELECT b.data FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.id = ?",
        "i", id);
    if (db_row(s)) buf_str(&live, db_str(s, 0));
    sqlite3_finalize(s);
    rec_int(&plan, PLAN_LIVE, id);
    rec_str(&plan, PLAN_BUNDLE, rec_get_str(buf_view(&live), MANIFEST_BUNDLE));
    rec_rec(&plan, PLAN_ENV, rec_get_rec(buf_view(&live), MANIFEST_ENV));
    rec_int(&plan, PLAN_FROM, first_since(r, ask_int(question, "since", 0)));
    rec_int(&plan, PLAN_TO, db_one(r->db, "SELECT max(seq) FROM decision", 0, 0));
    put_generations(r, &plan, rec_get_int(buf_view(&plan), PLAN_FROM, 1), buf_view(&live), &needs);
    s = db_query(r->db, "SELECT value FROM meta WHERE name = 'facts'", "");
    if (db_row(s)) rec_str(&plan, PLAN_FACTS, db_str(s, 0));
    sqlite3_finalize(s);
    rec_rec(&a->out, TELL_PLAN, buf_view(&plan));
    buf_free(&live);
    buf_free(&plan);
    return 0;
}
