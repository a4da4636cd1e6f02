/* What the parts of the reader share. One thread; nothing here is seen outside this folder. */
#ifndef READER_PART_H
#define READER_PART_H

#include "base/calendar.h"
#include "base/err.h"
#include "base/record.h"
#include "reader/json.h"
#include "reader/reader.h"

#include <sqlite3.h>

enum { QUERY_MS = 2000 /* a query may pin the WAL for so long, no longer */ };

struct reader {
    char *data;                    /* the data folder */
    sqlite3 *db;                   /* sori.db, read-only; NULL until it is there */
    sqlite3 *search;               /* search.db, ours alone */
    int64_t deadline;              /* monotonic ms: the query in hand ends by then */
    struct buf status;             /* the core's last figures */
    int64_t status_at;             /* monotonic ms of their arrival; 0 never */
    int64_t indexed;               /* journal.seq up to which the words are known */
    int64_t late_author, late_seq; /* how far the present lap of late.c came */
};

/* ---- db.c ---- */
/* Opens what is not open yet. False where the database cannot be read (now). */
bool db_ready(struct reader *r, struct err *err);
void db_close(struct reader *r);
/* Prepares and binds: in `types` 'i' is an int64_t, 's' a struct sori_str (text). NULL where it
 * cannot, said on the log. Finalise with sqlite3_finalize. */
sqlite3_stmt *db_query(sqlite3 *db, const char *sql, const char *types, ...);
/* True for a row. */
bool db_row(sqlite3_stmt *s);
int64_t db_int(sqlite3_stmt *s, int column); /* NULL is NIL */
struct sori_str db_str(sqlite3_stmt *s, int column);
/* The first column of the first row, else the fallback. */
int64_t db_one(sqlite3 *db, const char *sql, int64_t arg, int64_t fallback);

/* ---- answering ---- */
struct answer {
    struct wire *wire;
    uint32_t call;
    struct buf out; /* TELL_ fields not yet sent */
    bool more;      /* something was sent before the end */
    bool broken;    /* the client is gone */
};
/* One row: the JSON object in `json`, which is cleared. */
void answer_row(struct answer *a, struct buf *json);
void answer_blob(struct answer *a, const char *name, int64_t number, struct sori_str bytes);
/* Sends what has gathered, where it is much. */
void answer_room(struct answer *a);
int answer_error(struct answer *a, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Reads a client's question and answers it on `fd`, which is closed. */
void client_serve(struct reader *r, int fd, uint32_t call, struct sori_str question);

/* Rows of authors and contacts are written up to a minute late: what they lack is looked for among
 * so many of the newest interactions. */
#define READER_NEWEST "20000"
/* SQL: how often contact `c` spoke. */
#define READER_SPOKE                                                                               \
    "coalesce(c.spoke, 0) + (SELECT count(*) FROM interaction n JOIN author b ON b.id = n.author"  \
    " WHERE b.contact = c.id AND n.said > coalesce(c.last_seq, 0) AND n.id > max((SELECT max(id)"  \
    " FROM interaction) - " READER_NEWEST ", coalesce((SELECT CAST(value AS INT) FROM meta"        \
    " WHERE name = 'people_flushed'), 0)))"

/* A question's argument, empty where it was not given; as a number, `fallback` where it was not
 * given and INT64_MIN where it is no number. */
struct sori_str ask_text(struct sori_str question, const char *name);
int64_t ask_int(struct sori_str question, const char *name, int64_t fallback);

/* ---- queries: each returns an exit code ---- */
typedef int query_run(struct reader *r, struct sori_str question, struct answer *a);
query_run query_inbox, query_unmatched, query_show, query_why, query_search, query_status,
    query_export, query_contact, query_rejects, query_generations, query_history,
    query_history_plan;

/* The one JSON form of an interaction (an open object): every key, null where unknown. False where
 * there is no such interaction. */
bool form_interaction(struct reader *r, int64_t id, struct jw *w);
/* The same as a row of the answer. */
void form_answer(struct reader *r, int64_t id, struct answer *a);
/* The interaction that the question's "id" names ("17" or "17.1" with a slot). Where there is none
 * an error is answered, and its exit code given back below 0. */
int64_t form_named(struct reader *r, struct sori_str question, struct answer *a);
/* Array "history": every journal entry of the interaction, oldest first. */
void form_history(struct reader *r, int64_t id, struct jw *w);
/* Array "actions": all of the interaction's actions with their whole life. */
void form_actions(struct reader *r, int64_t id, struct jw *w);
/* Array "checks" of what a reply did not pass: fields `tag` of a record, {1 name, 2 why}. */
void form_checks(struct sori_str record, uint32_t tag, struct jw *w);
/* Members of an open object: facts by their Lua names; a decision record. */
void form_facts(struct sori_str facts, struct jw *w);
void form_decision(struct sori_str result, struct jw *w);
enum { CHAIN_MAX = 1000 };
/* Oldest first, at most `max` seqs of the interaction's journal; returns how many. */
size_t form_chain(struct reader *r, int64_t id, int64_t *seqs, size_t max);

/* ---- because.c: for why ---- */
/* Object "person": since when the author is known, and how they stood with us by then. */
void because_person(struct reader *r, int64_t id, struct jw *w);
/* Object "next_word": what the author said next, or null. */
void because_after(struct reader *r, int64_t id, struct jw *w);
/* An object of an array: when a generation went live, by whom, why, of which plugins and models. */
void because_generation(struct reader *r, int64_t id, struct jw *w);

/* ---- clock.c ---- */
enum { CLOCKS_MOST = 64 };
/* Calendars that one answer has asked for. Zero-initialise. */
struct clocks {
    struct calendar calendar[CLOCKS_MOST];
    int64_t blob[CLOCKS_MOST];
    char *bytes[CLOCKS_MOST];
    size_t count;
};
void clocks_free(struct clocks *x);
/* Columns of kase that form_clock reads, in order, from column `at` of the row on. */
#define CLOCK_COLUMNS                                                                              \
    "k.clock, k.due, k.soon, k.promised, k.answered_at, k.calendar, k.paused, k.left_ms, "         \
    "k.started"
/* Object "clock": its state, times, what is left in the time of its calendar, why it stands, and
 * the calendar with what it says of now. */
void form_clock(struct reader *r, struct clocks *x, sqlite3_stmt *s, int at, int64_t now,
                struct jw *w);
/* Object "clocks": open cases by the state of their clock. */
void form_clock_counts(struct reader *r, int64_t now, struct jw *w);

/* ---- words.c: what a text is found by ---- */
/* Appends the terms of a text, each followed by a blank: pairs of neighbouring Hangul, Kana and Han
 * characters and the last one of each run; words of the rest, in lower case. */
void words_terms(struct sori_str text, struct buf *terms);
/* Folds case and composes Jamo, so that two spellings of one word are the same bytes. */
void words_fold(struct sori_str text, struct buf *folded);
/* A full-text expression that every text with all words of `query` matches; false where the query
 * has no word. */
bool words_match(struct sori_str query, struct buf *expression);
/* Does the (unfolded) text really have every word of the (unfolded) query? */
bool words_hold(struct sori_str text, struct sori_str query);

/* ---- index.c ---- */
bool index_open(struct reader *r, struct err *err);
/* Takes in what is new in the journal, for at most `budget_ms`. True when there is more. */
bool index_step(struct reader *r, int64_t budget_ms);
/* Takes in every name that was learned since, for at most `budget_ms`. */
void index_names(struct reader *r, int64_t budget_ms);

/* ---- late.c: names that come after the words; tables nameless and late of search.db ---- */
bool late_make(sqlite3 *search);
/* Some hundred entries on: 1 there are more, 0 a lap is over, -1 it failed. */
int late_step(struct reader *r);

/* ---- rejected.c ---- */
/* Array "rejected" of the last "rejected_days", most frequent first; "connection" is null where it
 * was addressed to none. */
void rejected_put(struct reader *r, struct jw *w);

/* ---- figures.c, metrics.c ---- */
void figures_prometheus(struct reader *r, struct buf *out);
void figures_ready(struct reader *r, struct buf *json, bool *ready);
struct metrics;
struct metrics *metrics_start(int listen_fd);
void metrics_stop(struct metrics *m);
struct pollfd;
enum { METRICS_FDS = 17 };
/* Fills `fds` (room for METRICS_FDS), returns how many; then serves what poll found. */
size_t metrics_watch(struct metrics *m, struct pollfd *fds);
void metrics_serve(struct metrics *m, struct reader *r, const struct pollfd *fds, size_t n);

#endif
