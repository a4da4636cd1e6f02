/* The clocks of cases: by when somebody must be answered, on which calendar, why it stands. */
#include "reader/part.h"

#include "base/calendar.h"
#include "base/enums.h"
#include "store/store.h"

#include <stdlib.h>

/* A calendar by its blob; those of one question are read once. */
static const struct calendar *calendar_of(struct reader *r, struct clocks *x, int64_t blob) {
    if (blob == NIL) return NULL;
    for (size_t i = 0; i < x->count; i++)
        if (x->blob[i] == blob) return x->bytes[i] ? &x->calendar[i] : NULL;
    if (x->count == CLOCKS_MOST) return NULL;
    size_t i = x->count++;
    x->blob[i] = blob;
    sqlite3_stmt *s = db_query(r->db, "SELECT data FROM blob WHERE id = ?", "i", blob);
    if (db_row(s)) {
        struct sori_str kept = mem_copy(db_str(s, 0));
        x->bytes[i] = (char *)(uintptr_t)kept.ptr;
        if (!calendar_read(kept, &x->calendar[i])) {
            free(x->bytes[i]);
            x->bytes[i] = NULL;
        }
    }
    sqlite3_finalize(s);
    return x->bytes[i] ? &x->calendar[i] : NULL;
}

void clocks_free(struct clocks *x) {
    for (size_t i = 0; i < x->count; i++) {
        if (x->bytes[i]) calendar_free(&x->calendar[i]);
        free(x->bytes[i]);
    }
    x->count = 0;
}

static void put_calendar(const struct calendar *c, int64_t now, struct jw *w) {
    if (!c) {
        jw_null(w, "calendar");
        return;
    }
    int64_t until;
    bool open = calendar_until(c, now, &until);
    if (until - now > (int64_t)400 * 86400000) until = NIL; /* it does not change */
    jw_open(w, "calendar", '{');
    jw_str(w, "name", c->name);
    jw_str(w, "hours", c->hours);
    jw_str(w, "holidays", c->holidays.len ? c->holidays : (struct sori_str){0});
    jw_str(w, "timezone", c->zone);
    jw_bool(w, "open", open);
    jw_time(w, "until", until);
    jw_int(w, "until_offset_minutes", until == NIL ? NIL : calendar_offset(c, until) / 60000);
    struct sori_str day = calendar_day_name(c, now);
    jw_str(w, "day", day.len ? day : (struct sori_str){0});
    jw_close(w, '}');
}

void form_clock(struct reader *r, struct clocks *x, sqlite3_stmt *s, int at, int64_t now,
                struct jw *w) {
    struct calendar_clock k = {.clock = db_int(s, at),
                               .due = db_int(s, at + 1),
                               .soon = db_int(s, at + 2),
                               .promised = db_int(s, at + 3),
                               .answered_at = db_int(s, at + 4)};
    const struct calendar *c = calendar_of(r, x, db_int(s, at + 5));
    int64_t left = db_int(s, at + 7);
    if (k.clock == NIL) k.clock = k.due == NIL ? CLOCK_NONE : CLOCK_RUNNING;
    int state = calendar_clock(&k, now);
    if (k.due != NIL) left = calendar_worked(c, now, k.due);
    jw_open(w, "clock", '{');
    jw_word(w, "state", clock_word(state));
    jw_time(w, "started", db_int(s, at + 8));
    jw_time(w, "due", k.due);
    jw_time(w, "due_soon", k.soon);
    jw_time(w, "promised", k.promised);
    jw_time(w, "answered_at", k.answered_at);
    jw_int(w, "left_ms", left);
    jw_str(w, "why", db_str(s, at + 6));
    put_calendar(c, now, w);
    jw_close(w, '}');
}

void form_clock_counts(struct reader *r, int64_t now, struct jw *w) {
    static const int shown[] = {CLOCK_RUNNING, CLOCK_DUE_SOON, CLOCK_BREACHED, CLOCK_PAUSED};
    int64_t n[CLOCK_COUNT] = {0};
    sqlite3_stmt *s = db_query(
        r->db, "SELECT clock, due, soon, promised, answered_at FROM kase WHERE state < 3", "");
    while (db_row(s)) {
        struct calendar_clock k = {db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3),
                                   db_int(s, 4)};
        if (k.clock == NIL) k.clock = k.due == NIL ? CLOCK_NONE : CLOCK_RUNNING;
        n[calendar_clock(&k, now)]++;
    }
    sqlite3_finalize(s);
    jw_open(w, "clocks", '{');
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        jw_int(w, clock_word(shown[i]), n[shown[i]]);
    jw_close(w, '}');
}
