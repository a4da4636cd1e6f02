/* Reload: one state machine for configuration, policy, models and plugins.
 *
 *   staged (read) → proving (beside the live one) → active → draining → retired
 *                                    └→ rejected, with every reason
 *
 * wish.c      who asked for what, and what they are told
 * reload.c    the steps
 * snapshot.c  the bytes on disk when somebody asked
 * part.c      plugins and models by their content
 * generation.c  what a candidate is made of, and what may be wrong with it
 * swap.c      how it takes the place of the live one
 * plan.c      what that changes
 * story.c      its row in the store, its counts, its end
 * probation.c a step back by itself, where it errs more than the one before */
#ifndef FLOW_RELOAD_H
#define FLOW_RELOAD_H

#include "flow/flow.h"
#include "reader/reader.h"

/* ---- snapshot.c ---- */
struct snapshot {
    struct buf config, bundle, errors; /* errors: what could not be read, a line each */
    bool has_config, has_bundle;
    char hash[65]; /* of both, or of what is wrong with them */
};
void snapshot_take(struct core *c, struct snapshot *s);
void snapshot_free(struct snapshot *s);
/* The hash of these bytes. */
void snapshot_name(struct sori_str config, struct sori_str bundle, char hash[65]);
/* Is somebody writing one of the files right now? Then `name` is which. */
bool snapshot_busy(struct core *c, struct buf *name);

/* ---- part.c ---- */
/* Hash and path of the copy of a file in data/parts; it is made where it is not there yet. */
bool part_take(struct core *c, const char *path, char hash[65], struct buf *copy, struct err *err);
/* The copy of a file of that name and content, where there still is one. */
bool part_kept(struct core *c, struct sori_str name, const char *hash, struct buf *copy);
/* Drops copies that neither run nor are named by the last so many generations that were live. */
void part_sweep(struct core *c, int64_t generations);

/* ---- plan.c ---- */
/* Appends rep rec CHANGE_LINE. `old` may be NULL. */
enum { CHANGE_LINE = REPORT_CHANGE };
void plan_make(struct core *c, const struct generation *old, const struct generation *new,
               struct buf *lines);
/* At a start nothing runs yet: what became otherwise since the generation that was live last, of
 * which only the bytes are known. */
void plan_at_start(struct core *c, const struct generation *new, struct buf *lines);
void plan_text(struct sori_str lines, struct buf *out);
/* What of a connection's record its workers depend on. */
void plan_workers_of(struct sori_str record, struct buf *out);

/* What stands in the history where nobody said more. */
#define WHY_WATCH  "a file changed"
#define WHY_PERSON "sori reload"

/* ---- reload.c ---- */
struct asker {
    struct asker *next;
    reload_done *done;
    void *ctx;
};
/* One change that was asked for, by one or, where they mean the same bytes, by several at once. */
struct wish {
    struct wish *next;
    struct asker *askers;
    char *by, *why;
    enum reload_from from;
    bool plan;    /* change nothing */
    int64_t back; /* to this generation; 0: to what is on disk */
    struct snapshot disk;
};

enum reload_step { STEP_IDLE, STEP_CONF, STEP_SCAN, STEP_MODELS, STEP_POLICY };

struct reload {
    struct wish *wish, *later; /* in hand; waiting, in order */
    enum reload_step step;
    struct generation *next;
    struct buf errors;
    struct guest *guest;     /* the conf or scan worker in hand */
    bool guest_over;         /* it may be let go at the next tick */
    struct plugin *scanning; /* in the hand of the scan worker, and who wants it */
    char where[256];
    struct plugin *found[32]; /* plugins that are new, or whose bytes are */
    size_t found_n;
    int64_t deadline, since; /* monotonic; ms UTC */
    bool no_import, no_policy, no_conf, no_models;
    bool put_off; /* a step back was asked for before what was saved went live */
    struct event *step_event;
    char away[65]; /* the disk that was stepped back from */
    bool away_known;
    bool away_told;   /* core.notice says that the disk is not what is live */
    char refused[65]; /* the disk that was refused last, so that it is told once */
    int64_t count, failures, build_ms, drain_ms, taken_back; /* since the start */
};

/* ---- wish.c ---- */
enum { RELOAD_MS = 60000 }; /* a reload takes no longer */
/* The wish in hand is over, whatever came of it: the one way out. */
void wish_end(struct core *c, bool ok, struct sori_str text, struct sori_str lines);
/* The disk of that name stays away until it changes; "": none does. */
void wish_put_off(struct core *c, const char *hash);
/* Says so in status, until a file changes or somebody insists: the live generation goes on. */
void wish_away_notice(struct core *c, int64_t live);
/* What is on disk is what is live: what was wrong with it before is mended. */
void wish_disk_is_good(struct core *c);
void reload_plugin_drop(struct plugin *p);
/* ---- reload.c ---- */
struct event *reload_timer(struct core *c); /* of its steps */
/* The errors so far end the reload. */
void reload_fail(struct core *c);
/* Asking history may take minutes, and a step back is never held up: what is asked now is refused.
 */
void reload_make_way(struct core *c);
/* The policy worker of the candidate answered its load. */
void reload_proved(struct core *c, bool ok, struct sori_str payload);
/* Takes the next step soon, outside of any guest's callback. */
void reload_go_on(struct core *c);
const char *reload_word(enum reload_step step);

/* ---- generation.c ---- */
void generation_free(struct core *c, struct generation *g);
/* The bytes of a generation that is kept; false: an error was added. */
bool generation_kept(struct core *c, int64_t id, struct generation *g, struct buf *errors);
/* The plugin as the candidate has it. */
struct plugin *generation_plugin(struct core *c, const struct reload *r, struct sori_str id);
/* The file that the candidate means: the one on disk, or of a step back the one of then. False: an
 * error was added. `optional`: no error where there is none. */
bool generation_part(struct core *c, struct reload *r, int64_t kind, struct sori_str name,
                     const char *where, bool optional, struct buf *copy, char hash[65]);
void generation_models(struct core *c, struct reload *r); /* starts what is new */
bool generation_models_ready(struct core *c, struct reload *r, bool late);
void generation_check(struct core *c, struct reload *r); /* options, secrets of connections */
/* What the policy may name; what could not be found out is not checked. */
void generation_env(struct core *c, struct reload *r);
/* Are the plugins and models of the live one still those on disk? */
bool generation_parts_same(struct core *c, const struct generation *g);
/* Notes that the candidate has this part. */
void generation_put_part(struct generation *g, int64_t kind, struct sori_str name,
                         const char *hash);
struct sori_str part_hash(struct sori_str parts, int64_t kind, struct sori_str name);

/* ---- swap.c ---- */
/* True: it is live. False: these very bytes were, and go on. */
bool generation_swap(struct core *c, struct reload *r, struct sori_str lines);
/* Models that only the candidate wanted go. */
void generation_give_up(struct core *c, struct reload *r);
void generation_tick(struct core *c); /* lets drained ones go */
void keeper_tell(struct core *c);     /* gate and metrics, from the active one */

/* ---- story.c ---- */
/* Its row: before it is written, `g` has what is known of it. */
void story_begin(struct core *c, struct generation *g, const struct wish *w, int64_t manifest,
                 int64_t report);
void story_resume(struct core *c, struct generation *g, int64_t id); /* it was live before */
void story_end(struct core *c, struct generation *g);                /* another is live */
void story_over(struct core *c, struct generation *g);               /* it has drained */
void story_free(struct generation *g);
/* A row of what was refused; its number. */
int64_t story_refused(struct core *c, const struct wish *w, struct sori_str errors);
/* A person says why after the watch took the change by itself: true where it is kept. Once only,
 * and nothing that a person said is replaced. */
bool story_explained(struct core *c, struct generation *g, const struct wish *w);
/* A row that no process of this life has in memory changes its state. */
void story_close_row(struct core *c, int64_t id, bool undone);
void story_recover(struct core *c); /* rows that a crash left draining */
/* The generation to step back to from the live one: `wanted`, or 0 for the one before. 0: there is
 * none, and `why` says so. */
int64_t story_before(struct core *c, int64_t wanted, struct buf *why);

/* ---- probation.c ---- */
void probation_begin(struct core *c, struct generation *g);
void probation_count(struct core *c, struct generation *g, bool error);
void probation_death(struct core *c, struct generation *g);
void probation_tick(struct core *c);

/* ---- main/watch.c: the watch on policy, configuration, plugins and models ---- */
void watch_start(struct core *c);
/* Forgets what was saved up to now, so that only a later change is taken; true when there was
 * something. And takes it up again. */
bool watch_forget(struct core *c);
void watch_recall(struct core *c);

#endif
