/* The store: whole batches in, effects as values. No SQL, cursor or transaction handle crosses this
 * page. Two drivers: SQLite, and one in memory for tests and simulation; they behave the same.
 *
 * One thread calls. The SQLite driver has one connection that commits and checkpoints (Debian's
 * 3.40.1 may lose data when a second one checkpoints). After a failed commit or sync the store is
 * dead: every later call fails, and the process must end and re-read from disk.
 *
 * Ids are given by the caller: store_ids tells the highest in use. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/enums.h"
#include "base/err.h"
#include "base/record.h"

#define NIL INT64_MIN /* NULL in an integer column */

#define TABLE(name, how) struct row_##name {
#define INT(name)        int64_t name;
#define TEXT(name)       struct sori_str name;
#define BLOB(name)       struct sori_str name;
#define END(name)                                                                                  \
    }                                                                                              \
    ;
#include "store/rows.def"

/* ---- changes that are not whole rows ---- */

/* Changes the head of an interaction. Fields that are NIL, or with ptr NULL, stay. */
struct set_interaction {
    int64_t id, kind, share, origin, author, parent, target, said_at, visibility, state, said, last,
        version, prev_by_author;
    struct sori_str title, url, lang, caps;
};
/* Changes an action if it still is in one of `from` (bits 1 << state) and, where epoch_is is not
 * NIL, of that epoch; fields NIL or ptr NULL stay. Rows that do not match are counted in
 * store_batch.missed: the caller decides what that means. */
struct set_action {
    int64_t id;
    uint32_t from;
    int64_t epoch_is;
    int64_t state, due, attempt, epoch, lease_until, sent_at, text_hash, contact, kase,
        kase_version, turn;
    struct sori_str native, reason, actor, body;
};
/* The newest entry of a case, where nothing else of it changed: no index of it is touched. */
struct set_kase {
    int64_t id, last_seq;
};
struct set_author {
    int64_t id, contact, last_interaction, reach;
    struct sori_str name, url;
};
/* Adds to a tally cell. */
struct add_tally {
    int64_t target;
    struct sori_str class_;
    int64_t hour, bucket, n;
};
struct del_timer {
    int64_t id;
};
struct del_task {
    int64_t connection;
    struct sori_str key;
};
/* What store_add_NAME has added, in order. Actions, tasks and their changes are applied in just
 * this order (an action can make way for another, or be leased, in the commit that adds it); all
 * else in the order of rows.def, with changes after the new rows of their table. */
struct batch_step {
    uint32_t what; /* which array */
    uint32_t at;
};

/* Everything that one commit changes. Zero-initialise; store_batch_free keeps nothing. Arrays grow
 * by store_add_NAME, which returns the new element, zeroed. All strings are borrowed until
 * store_commit has returned. */
#define TABLE(name, how)                                                                           \
    struct row_##name *name;                                                                       \
    size_t name##_n, name##_cap;
struct store_batch {
#include "store/rows.def"
    struct set_interaction *set_interaction;
    size_t set_interaction_n, set_interaction_cap;
    struct set_action *set_action;
    size_t set_action_n, set_action_cap;
    struct set_kase *set_kase;
    size_t set_kase_n, set_kase_cap;
    struct set_author *set_author;
    size_t set_author_n, set_author_cap;
    struct add_tally *add_tally;
    size_t add_tally_n, add_tally_cap;
    struct del_timer *del_timer;
    size_t del_timer_n, del_timer_cap;
    struct del_task *del_task;
    size_t del_task_n, del_task_cap;
    int64_t epoch; /* the writer's: refused when it is not store_epoch() */
    size_t missed; /* out: set_action rows that no longer matched */
    struct batch_step *step;
    size_t step_n, step_cap;
};
#define TABLE(name, how) struct row_##name *store_add_##name(struct store_batch *);
#include "store/rows.def"
struct set_interaction *store_add_set_interaction(struct store_batch *); /* fields NIL, id 0 */
struct set_action *store_add_set_action(struct store_batch *);           /* fields NIL, id 0 */
struct set_kase *store_add_set_kase(struct store_batch *);               /* last_seq NIL, id 0 */
struct set_author *store_add_set_author(struct store_batch *);           /* fields NIL, id 0 */
struct add_tally *store_add_add_tally(struct store_batch *);
struct del_timer *store_add_del_timer(struct store_batch *);
struct del_task *store_add_del_task(struct store_batch *);
void store_batch_clear(struct store_batch *); /* keeps memory */
void store_batch_free(struct store_batch *);

/* ---- opening ---- */
struct store;
/* Opens or makes `dir`/sori.db and migrates it. Takes a new writer epoch. */
struct store *store_open(const char *dir, struct err *err);
struct store *store_open_memory(void);
void store_close(struct store *s);
int64_t store_epoch(const struct store *s);
/* Why the store is dead, or NULL while it lives. A read that fails (a bad disk, a damaged page)
 * kills it too and answers as if nothing were there, so ask before believing a surprise. */
const char *store_dead(const struct store *s);

/* ---- writing ---- */
/* All of the batch in one durable transaction, or nothing. false = the store is dead, except for a
 * constraint that the caller could have known (a second decision of one seq, action_once): then
 * nothing was written and `err` begins with "refused: ". */
bool store_commit(struct store *s, struct store_batch *b, struct err *err);
/* The same on a thread of the store's own: `b` and all that it borrows stay as they are until
 * store_commit_end, which waits for the outcome and tells it. One at a time. `fd`, an eventfd, is
 * written when it is over; -1 none. False: this driver has no thread, use store_commit.
 * Meanwhile every other call waits for it, except for store_seen, store_head, store_interaction,
 * store_has_sighting, store_author, store_author_by_id, store_contact, store_reaction,
 * store_action, store_actions_of, store_actions_of_kase and store_action_by_native: these answer at
 * once, perhaps as before the batch, so the caller's memory must cover what is in flight of those.
 * Includes store_tidy. */
bool store_commit_begin(struct store *s, struct store_batch *b, int fd);
bool store_commit_end(struct store *s, struct err *err);
bool store_committing(const struct store *s); /* begun and not over */
/* Checkpoints when the WAL has grown; call between commits. */
void store_tidy(struct store *s);
/* Puts bytes by their SHA-256; the id of the same bytes is the same. Part of no batch. */
int64_t blob_put(struct store *s, struct sori_str data, struct err *err);
bool blob_get(struct store *s, int64_t id, struct buf *out);

/* ---- reading (strings are valid until the next call into the store, unless copied) ---- */
struct store_ids {
    int64_t space, interaction, author, contact, seq, kase, action, timer, link, fault, generation,
        connection;
    int64_t last_at;
};
struct store_ids store_ids(struct store *s); /* highest in use; last_at: newest journal.at */

typedef void store_row(void *ctx, const void *row); /* row is the struct named by the call */

/* Spaces and connections, all (row_space, row_connection). */
void store_spaces(struct store *s, store_row *each, void *ctx);
void store_connections(struct store *s, store_row *each, void *ctx);
bool store_connection(struct store *s, struct sori_str name, struct row_connection *out);

/* An interaction's head by key. False: never seen. */
struct store_head {
    int64_t id, kind, share, origin, connection, author, parent, target, said_at, visibility, state,
        said, last, version;
    int64_t digest; /* of the current text */
    int64_t rev;
};
bool store_seen(struct store *s, int64_t space, struct sori_str native, struct store_head *out);
bool store_head(struct store *s, int64_t interaction, struct store_head *out);
/* Was this digest ever a revision of the interaction? */
bool store_had_digest(struct store *s, int64_t interaction, int64_t digest);
/* The whole row; strings valid until the next call. */
bool store_interaction(struct store *s, int64_t id, struct row_interaction *out);
bool store_has_sighting(struct store *s, int64_t interaction, int64_t connection);
bool store_author(struct store *s, int64_t space, struct sori_str native, struct row_author *out);
bool store_author_by_id(struct store *s, int64_t id, struct row_author *out);
bool store_contact(struct store *s, int64_t id, struct row_contact *out);
bool store_open_kase(struct store *s, int64_t contact,
                     struct row_kase *out); /* state < closed, newest */
bool store_kase(struct store *s, int64_t id, struct row_kase *out);
/* Those that are not closed, of contacts from this one on, in the order of contacts: row_kase. */
void store_open_kases_from(struct store *s, int64_t contact, size_t limit, store_row *each,
                           void *ctx);
void store_cells(struct store *s, int64_t scope, int64_t subject, store_row *each,
                 void *ctx); /* row_cell */
bool store_journal(struct store *s, int64_t seq, struct row_journal *out);
/* Decidable entries (said, edited, removed, due_soon, overdue, follow_up, hidden, shown) from seq
 * on that have no decision, in order. */
void store_undecided(struct store *s, int64_t from, size_t limit, store_row *each,
                     void *ctx); /* row_journal */
bool store_decision(struct store *s, int64_t seq, struct row_decision *out);
/* Actions: ready and due of a connection, oldest first; by states (bits 1 << state, finished ones
 * are found by a walk over all) in the order of state, connection, id; of an interaction: those
 * that hold their key, then those that freed it. A time of 0 is none, as NIL is. */
void store_ready(struct store *s, int64_t connection, int64_t now, size_t limit, store_row *each,
                 void *ctx); /* row_action */
void store_actions(struct store *s, uint32_t states, int64_t connection_or_nil, size_t limit,
                   store_row *each, void *ctx);
void store_actions_of(struct store *s, int64_t interaction, store_row *each, void *ctx);
void store_actions_of_kase(struct store *s, int64_t kase, store_row *each, void *ctx);
bool store_action(struct store *s, int64_t id, struct row_action *out);
/* An own send by the native id it got, for recognising echoes. */
bool store_action_by_native(struct store *s, int64_t connection, struct sori_str native,
                            struct row_action *out);
/* When replies were sent, or may have been: how many of rules since a time on a connection; the
 * newest to a contact, by a rule and by a person (what a person let go is a person's). */
int64_t store_replies_since(struct store *s, int64_t connection, int64_t since);
int64_t store_last_reply(struct store *s, int64_t contact);
int64_t store_last_hand(struct store *s, int64_t contact);
/* The replies that rules sent since a time on a connection, oldest first. */
void store_sent_since(struct store *s, int64_t connection, int64_t since, size_t limit,
                      store_row *each, void *ctx); /* row_action */
/* Those of rules and of people, newest first. */
void store_said_since(struct store *s, int64_t connection, int64_t since, size_t limit,
                      store_row *each, void *ctx);
void store_timers(struct store *s, int64_t now, size_t limit, store_row *each,
                  void *ctx); /* row_timer, due ≤ now */
bool store_reaction(struct store *s, int64_t target, struct sori_str actor, struct sori_str class_,
                    struct row_reaction *out);
void store_tasks(struct store *s, int64_t connection, int64_t now, size_t limit, store_row *each,
                 void *ctx); /* row_task */
int64_t store_task_count(struct store *s, int64_t connection);
void store_cursors(struct store *s, int64_t connection, int64_t lane, store_row *each,
                   void *ctx); /* row_cursor */
bool store_segment(struct store *s, int64_t id, struct row_segment *out);
int64_t store_first_segment(struct store *s); /* lowest not finished (state 0), NIL none */
bool store_generation(struct store *s, int64_t id, struct row_generation *out);
int64_t store_active_generation(struct store *s); /* state 2 active; NIL none */
bool store_meta(struct store *s, const char *name, struct buf *out);
/* Decisions about negative voices of a time (`to` is the first moment after it), oldest first, for
 * windows. */
void store_negatives(struct store *s, int64_t from, int64_t to, size_t limit, store_row *each,
                     void *ctx); /* row_decision */
int64_t store_open_kases(struct store *s);
/* The tally of a target's class over all hours and buckets. */
int64_t store_count(struct store *s, int64_t target, struct sori_str class_);

/* ---- care ---- */
/* Drops some of the oldest faults that are from before a time and have an id up to one; the newest
 * always stays. Part of no batch. Returns how many went: ask again while there are any. */
size_t store_drop_faults(struct store *s, int64_t before, int64_t up_to);
/* Which generations are kept: so many of the refused ones; so many of those that decided nothing;
 * of all others those that ended after a time, and older ones as long as all manifests together
 * have at most so many bytes. What is live or drains stays. */
struct store_generations {
    int64_t refused, idle, after, bytes;
};
/* Drops some of the oldest others, and the bytes that they alone were made of. Part of no batch.
 * Returns how many went: ask again while there are any. */
size_t store_drop_generations(struct store *s, const struct store_generations *keep);
/* What a store holds in memory. Both are bounded: pages by STORE_CACHE_MOST, keys by 128 MiB. */
struct store_memory {
    int64_t cache; /* bytes of the database's pages */
    int64_t keys;  /* bytes of what tells which interactions are new */
};
enum { STORE_CACHE_MOST = (256 + 16) << 20 /* to write with, and to read with meanwhile */ };
/* False where a commit is under way and nobody can say. */
bool store_memory(struct store *s, struct store_memory *out);
/* A consistent copy under a new name, which appears when it is whole and on disk, and has been read
 * back. Runs to its end: seconds for each gigabyte. */
bool store_backup(struct store *s, const char *to, struct err *err);
/* The same in steps of some milliseconds, so that all else goes on in between, commits included:
 * step until it says 0 (done) or -1 (failed, `err` says how); 1 means more. The copy holds what was
 * committed before the last step. It is not read back: that is store_check's, where there is time.
 * store_backup_end drops what is unfinished and frees; call it before store_close. */
struct store_copy;
struct store_copy *store_backup_begin(struct store *s, const char *to, struct err *err);
int store_backup_step(struct store_copy *c, struct err *err);
void store_backup_end(struct store_copy *c);
/* Makes `dir`/sori.db from a backup; refuses when one is there. Actions in flight become unknown,
 * and files of imports are read from their beginning. */
bool store_restore(const char *dir, const char *from, struct err *err);
/* Integrity, foreign references, one decision an entry, tallies equal the ledger … Appends findings
 * a line each; true when there are none. Opens read-only: `path` is a database file. */
bool store_check(const char *path, struct buf *findings, struct err *err);

#endif
