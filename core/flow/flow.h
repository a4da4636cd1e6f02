/* The flow: receive → record → classify → decide → act → evaluate.
 *
 * One thread, one event base. Memory runs ahead of the disk: stages work on what the next commit
 * will hold; but nothing leaves the process (a send, an answer to the command line, a printed
 * line) before flow_commit has returned. A failed commit ends the process; the next one re-reads
 * from disk, where every stage finds its own unfinished work:
 *
 *   1 receive   undrained bytes of the spool; cursors of polls
 *   2 record    nothing: it shares its transaction with the mark of what it recorded
 *   3 classify  } journal rows without a decision
 *   4 decide    }
 *   5 act       rows in ready, leased, sent, unknown
 *   6 evaluate  timers; windows are counted again at start
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/arena.h"
#include "base/enums.h"
#include "base/hash.h"
#include "base/item.h"
#include "base/map.h"
#include "conf/conf.h"
#include "flow/person/people.h"
#include "sori/connector.h"
#include "store/store.h"
#include "supervise/guest.h"

struct core;
struct conn;
struct entry;

/* ---- an undecided journal entry ---- */
struct entry {
    struct entry *behind; /* the same contact's next */
    struct entry *queued; /* next in the queue of a stage */
    struct conn *conn;
    struct contact *contact;
    struct model *model; /* whose scores these are */
    int64_t seq, at, interaction, kase, said_at, heard_at, reach, window_left, text_max, rev;
    int64_t parent, target;
    int kind, item_kind, share, origin;
    uint32_t can;
    int tone, tone_sure;
    bool private_, scored, fresh; /* fresh: first entry of its interaction */
    uint8_t deaths;
    uint16_t score[MODEL_LABELS_MOST];
    struct sori_str text, title, author, url, lang, why_not; /* in this allocation */
};

/* ---- plugins, models, connections ---- */
struct plugin {
    char *id, *path;       /* path: of the copy that runs */
    char hash[65];         /* of its bytes */
    struct buf descriptor; /* DESC_… */
    bool renew;            /* its decoder is to be of other bytes after the call in hand */
    struct guest *decode;  /* one for all its connections, started on demand */
    uint32_t decode_call;
    bool decode_ready;
    int64_t decode_due;            /* monotonic ms; it is not started before */
    struct buf sink;               /* of the delivery in hand */
    struct delivery *first, *last; /* waiting for decode, in order */
    size_t in_hand;                /* of them, in the open call */
    struct aside *aside;           /* while its deliveries are set aside */
    bool aside_sought;             /* what an earlier life left is taken up */
    struct decode_ctx *decode_ctx; /* its own */
};
struct label {
    char *group, *name, *full;
    struct sori_str points; /* of its precision, as ENV_LABEL has them */
};
struct model {
    char *classifier, *lang, *path, *plugin, *id;
    struct guest *guest;
    bool ready;
    struct label label[MODEL_LABELS_MOST];
    size_t label_count;
    int64_t floor, asked;       /* asked: the floor that sori.lua gives, or NIL */
    char *so;                   /* the classifier's copy that runs */
    char *why;                  /* why it cannot be used, or NULL */
    struct generation *wanted;  /* the newest that names it */
    bool shared;                /* the live one names it too, while a candidate is proven */
    unsigned failed;            /* times in a row that it did not get ready */
    int64_t retry_at;           /* monotonic ms; of one that was stopped because it failed */
    struct entry *first, *last; /* waiting for scores */
    size_t waiting;
    struct score_batch *batches;
    struct model_ctx *ctx; /* its own */
    size_t held;           /* by entries that it scored */
    struct model *gone;    /* next of those that are out of service */
};
struct named {
    char *name;
    struct buf value;
};
struct named_list {
    struct named *items;
    size_t count;
};
struct conn {
    int64_t id, space, live_from, every;
    char *name;
    struct plugin *plugin;
    int mode, state; /* enum mode, enum conn_state */
    char *reason;    /* its own, or NULL */
    struct conn_ctx *ctx;
    struct generation *wanted;       /* the newest that names it */
    int64_t heard, seen, rejected;   /* since the start */
    struct buf options;              /* rep pair, tag CREATE_OPTION */
    struct buf record;               /* the CONN_… record it was made from */
    struct named_list cursors, kept; /* kept: the plugin's state values */
    int64_t verb_settle[10], verb_flags[10], verb_max[10];
    uint32_t flags; /* SORI_CONNECTOR_… */
    /* poll lane */
    struct guest *poll;
    bool poll_ready, importing;
    uint32_t poll_call;
    struct buf poll_cursors;     /* SINK_CURSOR of the call in hand, applied when it is done */
    int64_t poll_due, poll_wait; /* monotonic ms; growing wait after failures */
    struct buf handed;           /* tasks in the hand of the poll that is open */
    int64_t tasks, tasks_counted;
    bool poll_died;  /* the last one */
    bool poll_moved; /* the call in hand brought something new */
    int64_t last_good;
    /* act lane */
    struct guest *act;
    bool act_ready, act_reconciling;
    uint32_t act_call;
    int64_t act_action, act_due, act_idle;
    int64_t act_contact; /* whom the action in hand speaks to */
    int64_t act_settles; /* the step whose commit it waits for, or 0 */
    int64_t act_wait, act_waits_until;
    bool act_sent; /* the writing request of the action in hand has left */
    size_t held;   /* by entries and deliveries under way */
    /* Its lane gets a new process as soon as its call in hand is over, or that time (monotonic). */
    bool poll_renew, act_renew;
    int64_t renew_by;
    struct conn *gone; /* next of those that are out of service */
};

/* ---- generations ---- */
struct generation {
    int64_t id;
    struct conf conf;
    struct buf bundle, env, config_source;
    struct guest *policy;
    bool ready, kept; /* kept: it was live before, and its bundle comes from the store */
    char *unstable;   /* rules that gave two decisions for the same facts, or NULL */
    unsigned open_batches;
    struct office *office; /* its calendars (office.h) */
    size_t office_count;
    struct generation *drains_after;
    struct policy_ctx *ctx;
    int64_t retry_at; /* monotonic ms: when a worker that could not load any more is tried again */
    struct buf parts, levels;  /* rep rec MANIFEST_PART; what its levels mean, a line each */
    struct buf freezes;        /* rep rec LOAD_FREEZE */
    struct buf wanted;         /* of a step back: the parts of then */
    bool unproven;             /* of a candidate with errors already: its tests are left out */
    char disk[65];             /* its configuration and policy, as snapshots are named */
    struct row_generation row; /* its own; strings are this page's */
    bool row_dirty;            /* the next commit holds it */
    int64_t drain_since;       /* monotonic ms */
    struct probation *probation;
};

/* What waits for the next commit to be answered or printed. */
struct after {
    struct after *next;
    void (*run)(struct core *c, struct after *a);
};

/* What one commit holds, and what the flow must remember until it is on disk. There are two: the
 * one that is being filled, whose fields are the core's own (c->batch), and the one in flight. */
#define VOLUME                                                                                     \
    struct store_batch batch;                                                                      \
    struct arena arena; /* what the batch borrows */                                               \
    struct map heads;   /* digest of (space, native) → struct head, touched by this batch */     \
    struct map heads_by_id;                                                                        \
    struct map acted;     /* interactions for which this batch inserts or changes actions */       \
    struct map reactions; /* ledger rows that this batch changes */                                \
    struct after *after;
struct volume {
    VOLUME
};

/* Where native ids are unique. Lives as long as the core. */
struct space {
    int64_t id;
    char *name;
};

/* The decision whose effects are being applied: what it says of departments and clocks counts from
 * the first intention on that needs a case. */
struct verdict {
    const struct entry *entry; /* or NULL */
    struct sori_str decision;
};
enum { OLD_OFFICES = 8 };

struct core {
    struct event_base *base;
    struct verdict verdict;
    struct office *old_office; /* calendars of before that running clocks still name */
    size_t old_office_next;
    int64_t
        walk_from; /* cases of contacts from this one on may have to be told new hours, or NIL */
    char *dir, *data, *bin, *plugins, *spool;
    bool foreground, stopping;
    struct store *store;
    union {
        struct {
            VOLUME
        };
        struct volume filling;
    };
    struct volume flight;
    bool flying, hurry; /* hurry: somebody waits for the next commit */
    int64_t act_marks;
    struct ceilings *ceilings; /* ceiling.c */
    struct same *same;         /* same.c */
    int64_t took_off;          /* monotonic ms */
    int landed_fd;             /* an eventfd: the flight is over */
    struct event *landed_event;
    struct store_ids ids;
    int64_t now;     /* the wall's, when it was last looked at */
    int64_t last_at; /* newest journal.at */
    struct event *commit_timer, *tick, *spool_watch;
    size_t batch_rows;
    struct kase **dirty_kases;
    size_t dirty_kases_n, dirty_kases_cap;
    struct after **after_tail;
    struct after *landed, **landed_tail; /* their commit is on disk */
    struct hash_key secret; /* of digests of what strangers name; its own in each life */
    struct map authors, contacts, strings;
    struct map spaces, spaces_by_id; /* digest of the name, id → struct space */
    struct stale_list stale_contacts, stale_authors;
    struct plugin *plugin[32];
    size_t plugin_count;
    struct model *model[16];
    size_t model_count;
    struct conn *conn[512]; /* of two generations at a swap, and imports */
    size_t conn_count;
    struct model *gone_models; /* out of service, freed when nothing under way names them */
    struct conn *gone_conns;
    struct generation *active, *draining, *next;
    struct guest *net, *stranger, *reader;
    struct route *routes;
    /* undecided entries in memory */
    size_t entries;
    struct entry *decide_first, *decide_last;
    size_t decide_waiting;
    struct decide_batch *decide_batches;
    int64_t deciding;       /* id of the generation whose answers are being applied */
    int64_t undecided_to;   /* … up to this one */
    int64_t undecided_from; /* recovery: entries below are in memory or decided; NIL when done */
    /* spool */
    int64_t segment, segment_at; /* where the tail reads on */
    struct spool_reader *tail;
    struct delivery *window_first, *window_last;
    size_t window;
    size_t window_bytes;
    struct spool_writer *own_spool;
    /* windows and counters */
    struct windows *windows;
    struct answers *answers;
    int64_t open_kases;
    int64_t count_recorded, count_seen, count_decided, count_sent, count_faults;
    bool paused;
    /* control */
    struct reload *reload;
    struct prove *prove;   /* of a candidate, by history; or NULL */
    struct beside *beside; /* a candidate that decides along and sends nothing, or NULL */
    struct parts *parts;
    struct backup *backup; /* the one that is being written */
    struct client *clients;
    int listen_fd, keeper_fd, metrics_fd;
    char *unheard[2];   /* why the keeper cannot listen: for the gate, for metrics; or NULL */
    int64_t listen_due; /* monotonic ms; it is asked again then, or 0 */
    struct wire keeper;
    uint64_t ticks;
    int64_t retain_due; /* monotonic ms */
    bool fell_back;
    struct event *listen_event, *keeper_event;
    int64_t started;
    struct sori_str refused; /* why what is on disk was refused, for status */
    int64_t refused_at, refused_id;
    char *notice; /* what a person should know of the live generation, or NULL */
    struct watch *watch;
    int64_t sweep_due;                /* monotonic ms */
    struct store_memory store_memory; /* when it could last be asked */
};

/* ---- flow_commit.c ---- */
int64_t core_now(struct core *c); /* the wall's time: for clocks, leases, horizons */
int64_t core_at(struct core *c);  /* of a journal row or a decision: never goes back */
void flow_dirty(struct core *c);  /* something waits: commit within 10 ms */
/* Now, the flight before it included; ends the process where the disk refuses. */
void flow_commit(struct core *c);
/* The same without waiting: the batch flies, where none is flying yet. */
void flow_take_off(struct core *c);
void flow_hurry(struct core *c); /* somebody waits for what is in the batch */
void flow_commit_start(struct core *c);
void flow_after(struct core *c, struct after *a); /* runs after the commit in hand; freed by run */
/* Lives as long as the core: for names of the configuration alone, never for what is said. */
const char *intern(struct core *c, struct sori_str s);
struct sori_str keep(struct core *c, struct sori_str s); /* until the next commit */
/* Of a name that a stranger may have chosen, in a table of ours. */
uint64_t flow_digest(const struct core *c, struct hash_key place, struct sori_str name);
void flow_fault(struct core *c, const char *guest, const char *call, struct conn *conn, int64_t seq,
                int64_t seg, int64_t off, int64_t line, struct sori_str evidence,
                struct sori_str raw);
int64_t flow_journal(struct core *c, int kind, int64_t contact, int64_t interaction, int64_t kase,
                     struct sori_str actor, struct sori_str text, struct sori_str body,
                     int64_t action);

/* ---- 1_receive.c, poll.c ---- */
void receive_start(struct core *c);
void receive_pump(struct core *c); /* reads on where there is room */
void poll_pump(struct core *c);
void poll_start(struct core *c, struct conn *conn);
void poll_stop(struct core *c, struct conn *conn);
bool flow_has_room(const struct core *c);
/* True when it changed something. */
bool named_put(struct named_list *list, struct sori_str name, struct sori_str value);

/* ---- 2_record.c ---- */
struct arrival {
    int64_t seg, off;
}; /* where its raw bytes are; NIL none */
struct space *record_know_space(struct core *c, int64_t id, struct sori_str name);
void record_item(struct core *c, struct conn *conn, const struct sori_item *item, struct arrival a);
void record_sink(struct core *c, struct conn *conn, struct sori_str sink, struct arrival a,
                 struct buf *cursors);                         /* a run of SINK_… fields */
struct head *record_head(struct core *c, int64_t interaction); /* with what this batch changes */

/* ---- 3_classify.c ---- */
void classify_put(struct core *c, struct entry *e);
void classify_pump(struct core *c);
bool model_start(struct core *c, struct model *m, struct err *err);
void model_stop(struct core *c, struct model *m);
/* As conn_free, and conn_tick, of a model. */
void model_free(struct core *c, struct model *m);
void model_tick(struct core *c);

/* ---- 4_decide.c, facts.c, effect.c ---- */
struct entry *entry_new(struct core *c, int64_t text_bytes);
void entry_free(struct core *c, struct entry *e);
void entry_conn(struct entry *e, struct conn *conn); /* once */
/* Sets what the channel let us do, as recorded with the words of journal entry `said`, but for
 * why_not, which is the caller's to keep. */
void entry_caps(struct core *c, struct entry *e, struct sori_str caps, int64_t said);
/* What is left now of the time to answer that was recorded with these words: negative once it is
 * over, 0 where it has no end. */
int64_t caps_window(struct core *c, struct sori_str caps, int64_t said);
void decide_put(struct core *c, struct entry *e); /* journal entry made: begin its way */
void decide_scored(struct core *c, struct entry *e);
void decide_pump(struct core *c);
void decide_recover(struct core *c);
void decide_past(struct core *c, int64_t seq, int64_t at, const char *why, int status);
/* Everything but the text, which is in the journal. */
void facts_put(struct core *c, const struct entry *e, struct buf *b);
/* `facts`: what the policy was given, kept with the decision. */
void effect_apply(struct core *c, struct entry *e, struct sori_str facts, struct sori_str decision);
void effect_hold(struct core *c, struct entry *e, struct sori_str facts, int status,
                 const char *why);
bool policy_start(struct core *c, struct generation *g, struct err *err);

/* ---- 5_act.c ---- */
void act_start(struct core *c); /* after a crash: leased and sent rows */
void act_wake(struct core *c, struct conn *conn);
void act_pump(struct core *c);
/* May this writing request leave? Later: route_write is called when sent_at is on disk. */
enum may { MAY_NOT, MAY, MAY_LATER };
enum may act_may_send(struct core *c, struct conn *conn, const struct wire_msg *msg);
void act_stop(struct core *c, struct conn *conn);
/* `more`: further ACT_… fields of its body: ACT_ARG; ACT_NATIVE where it is about something of
 * ours.
 */
int64_t act_put(struct core *c, struct entry *e, int verb, int slot, struct sori_str text,
                struct sori_str more, int state, struct sori_str reason, struct sori_str actor,
                int64_t kase, int64_t kase_version);

/* ---- retain.c ---- */
void retain_pump(struct core *c);

/* ---- 6_evaluate.c ---- */
void evaluate_decided(struct core *c, const struct entry *e, struct sori_str facts, int status,
                      struct sori_str rule, struct sori_str what);
void evaluate_start(struct core *c);
void evaluate_tell(struct core *c); /* the figures of now, to the reader (status.c) */

/* ---- route.c: requests of guests through net ---- */
void route_request(struct core *c, struct conn *conn, struct guest *g, const struct wire_msg *msg);
void route_forget(struct core *c, const struct guest *g);
bool route_start(struct core *c, struct err *err);
void route_configure(struct core *c);

/* ---- connection.c ---- */
struct conn *conn_by_name(struct core *c, struct sori_str name);
struct conn *conn_by_id(struct core *c, int64_t id);
struct conn *conn_make(struct core *c, struct plugin *plugin, struct sori_str name);
void conn_state(struct core *c, struct conn *conn, int state, const char *reason);
/* Takes it out of service at once; it is freed when nothing under way names it. */
void conn_free(struct core *c, struct conn *conn);
void conn_tick(struct core *c);
struct plugin *plugin_by_id(struct core *c, struct sori_str id);

/* ---- reload.c, story.c ---- */
/* What became of a change that was asked for. */
struct fate {
    bool ok;
    int64_t generation;    /* that is live now */
    struct sori_str text;  /* for people: what changed, or every error, a line each */
    struct sori_str lines; /* rep rec CHANGE_…: what it changes, or would */
};
typedef void reload_done(void *ctx, const struct fate *fate);
enum reload_from { FROM_PERSON, FROM_WATCH, FROM_START, FROM_SORI };
struct reload_ask {
    struct sori_str by, why;
    enum reload_from from;
    bool plan;    /* says what it would do, and does nothing */
    int64_t back; /* a step back to this generation; 0: what is on disk now */
    reload_done *done;
    void *ctx;
};
void reload_ask(struct core *c, const struct reload_ask *ask);
/* A decision of that generation goes into the batch; the commit holds the new counts. */
void story_decided(struct core *c, int64_t generation, int status);
void story_flush(struct core *c);

/* ---- serve.c, control.c, backup.c, import.c ---- */
bool serve_start(struct core *c, struct err *err);
/* A command of a person, with what it asks for. Answer it once, now or later, by control_tell. */
struct command {
    struct core *core;
    struct client *client; /* NULL when it has left */
    struct sori_str name, ask, user, body;
};
/* True when `name` is a command of the core; false: a query, for the reader. */
bool control_run(struct command *cmd);
/* Says `text` for people (or the error, where code is not 0), after the next commit. */
void control_tell(struct command *cmd, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of any length, with further TELL_ fields. */
void control_tell_text(struct command *cmd, int code, struct sori_str text, struct sori_str more);
void control_tell_json(struct command *cmd, const char *text, struct sori_str json);
struct sori_str control_arg(const struct command *cmd, const char *name);
void steer_reload(struct command *cmd);
void steer_rollback(struct command *cmd);
void backup_ask(struct command *cmd);
void backup_stop(struct core *c); /* before the store is closed */
void import_chunk(struct command *cmd);
void import_offset(struct command *cmd);
void import_status(struct command *cmd);

#endif
