/* The story of the generations: since when, by whom and why, what changed, what they decided, what
 * became of them; refused ones with their reasons. */
#include "reader/part.h"

#include "base/enums.h"
#include "reader/reader.h"
#include "store/store.h"

#include <stdlib.h>

static const char columns[] =
    "SELECT g.id, g.at, g.ended, g.\"by\", g.reason, g.state, g.decisions, g.held, g.back, "
    "g.undone,"
    " r.data, (SELECT min(n.id) FROM generation n WHERE n.id > g.id AND n.state IN (2, 3, 4))"
    " FROM generation g LEFT JOIN blob r ON r.id = g.report ";

static void changes(struct sori_str report, struct jw *w) {
    struct rec_field f;
    jw_open(w, "changes", '[');
    while (rec_next(&report, &f) == 1) {
        if (f.tag != REPORT_CHANGE || f.type != REC_REC) continue;
        if (str_is(rec_get_str(f.s, CHANGE_OP), "=")) continue;
        jw_open(w, NULL, '{');
        jw_str(w, "op", rec_get_str(f.s, CHANGE_OP));
        jw_str(w, "kind", rec_get_str(f.s, CHANGE_KIND));
        jw_str(w, "name", rec_get_str(f.s, CHANGE_NAME));
        jw_str(w, "detail", rec_get_str(f.s, CHANGE_DETAIL));
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void errors(struct sori_str report, struct jw *w) {
    struct sori_str all = rec_get_str(report, REPORT_ERROR);
    jw_open(w, "errors", '[');
    while (all.len) {
        const char *end = memchr(all.ptr, '\n', all.len);
        size_t n = end ? (size_t)(end - all.ptr) : all.len;
        if (n) jw_str(w, NULL, (struct sori_str){all.ptr, n});
        n += end != NULL;
        all.ptr += n;
        all.len -= n;
    }
    jw_close(w, ']');
}

static void one(struct reader *r, sqlite3_stmt *s, struct answer *a) {
    struct buf json = {0};
    struct jw w = {.b = &json};
    struct sori_str report = db_str(s, 10);
    jw_open(&w, NULL, '{');
    jw_int(&w, "generation", db_int(s, 0));
    jw_word(&w, "state", generation_word(db_int(s, 5)));
    jw_time(&w, "at", db_int(s, 1));
    jw_time(&w, "ended", db_int(s, 2) == NIL ? 0 : db_int(s, 2));
    jw_str(&w, "by", db_str(s, 3));
    jw_str(&w, "why", db_str(s, 4));
    jw_int(&w, "decisions", db_int(s, 6));
    jw_int(&w, "held", db_int(s, 7));
    jw_int(&w, "same_as", db_int(s, 8));
    jw_bool(&w, "taken_back", db_int(s, 9) == 1);
    jw_int(&w, "replaced_by", db_int(s, 5) == GENERATION_REJECTED ? NIL : db_int(s, 11));
    if (db_int(s, 5) == GENERATION_ACTIVE)
        jw_str(&w, "notice", rec_get_str(buf_view(&r->status), STAT_NOTICE));
    changes(report, &w);
    errors(report, &w);
    jw_close(&w, '}');
    answer_row(a, &json);
    buf_free(&json);
}

/* What it was made of, and what the one that was live before it was made of. */
static void bytes(struct reader *r, int64_t id, const char *name, const char *sql,
                  struct answer *a) {
    sqlite3_stmt *s = db_query(r->db, sql, "i", id);
    if (db_row(s)) answer_blob(a, name, id, db_str(s, 0));
    sqlite3_finalize(s);
}

int query_generations(struct reader *r, struct sori_str question, struct answer *a) {
    int64_t id = ask_int(question, "id", 0), limit = ask_int(question, "limit", 20), n = 0;
    struct buf sql = {0};
    buf_printf(&sql, "%s%s", columns, id ? "WHERE g.id = ?" : "ORDER BY g.id DESC LIMIT ?");
    sqlite3_stmt *s = db_query(r->db, sql.data, "i", id ? id : limit);
    for (; db_row(s); n++) one(r, s, a);
    sqlite3_finalize(s);
    buf_free(&sql);
    if (id && !n)
        return answer_error(a, 1,
                            "there is no generation %lld; 'sori history' shows which are kept",
                            (long long)id);
    if (!id) return 0;
    bytes(r, id, "now",
          "SELECT b.data FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.id = ?", a);
    bytes(r, id, "before",
          "SELECT b.data FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.id ="
          " (SELECT max(p.id) FROM generation p WHERE p.id < ? AND p.state IN (2, 3, 4))",
          a);
    return 0;
}
