/* One reload under way: read → configuration → plugins → models → policy → swap. */
#ifndef FLOW_RELOAD_H
#define FLOW_RELOAD_H

#include "flow/flow.h"

struct asker {
    struct asker *next;
    reload_done *done;
    void *ctx;
    const char *by, *why;
    int64_t rollback_to; /* 0: from disk */
};

enum reload_step { STEP_CONF, STEP_SCAN, STEP_MODELS, STEP_POLICY };

struct reload {
    struct core *core;
    struct asker *askers, *later; /* whose change this one holds; who asked meanwhile */
    enum reload_step step;
    struct generation *next;
    struct buf errors;
    struct guest *guest; /* the conf or scan worker in hand */
    bool guest_over;     /* it may be let go at the next tick */
    char *scanning;      /* plugin id */
    const char *by, *why;
    int64_t rollback_to; /* 0: from disk */
    int64_t deadline;    /* monotonic */
    bool again, no_import;
    bool put_off; /* a step back was asked for before what was saved went live */
    struct event *step_event;
};

/* A line of the answer: the errors so far end the reload. */
void reload_fail(struct core *c);
/* The policy worker of the candidate answered its load. */
void reload_proved(struct core *c, bool ok, struct sori_str payload);
/* Takes the next step soon, outside of any guest's callback. */
void reload_go_on(struct core *c);

/* generation.c: what the steps do. */
void generation_free(struct core *c, struct generation *g);
bool generation_read(struct core *c, struct reload *r); /* bytes from disk or from a manifest */
bool generation_plugin_known(struct core *c, struct sori_str id);
void generation_learn_plugin(struct core *c, struct sori_str id, const char *path,
                             struct sori_str descriptor);
const char *generation_plugin_path(struct core *c, struct sori_str id);
bool generation_models(struct core *c, struct reload *r); /* starts what is new; false: errors */
bool generation_models_ready(struct core *c, struct reload *r, bool late);
bool generation_check(struct core *c, struct reload *r); /* options of every connection */
void generation_env(struct core *c, struct generation *g);
void generation_swap(struct core *c, struct reload *r, struct buf *said);
void generation_tick(struct core *c); /* lets drained ones go */
void keeper_tell(struct core *c);     /* gate and metrics, from the active one */

/* main/core.c: the watch on policy and configuration. Forgets what was saved up to now, so that
 * only a later change is taken; true when there was something. And takes it up again. */
bool watch_forget(struct core *c);
void watch_recall(struct core *c);

#endif
