/* What a connection is like right now, beside its polls and acts: streams that are held for it
 * (stream.c), budgets, costs and health (health.c). Made on first use, freed with the connection.
 */
#ifndef FLOW_LIVE_H
#define FLOW_LIVE_H

#include "flow/channel/connection.h"
#include "flow/channel/habit.h"

/* Lanes of row_cursor that are ours; 0 and 1 are the plugin's, 2 is of imports. */
enum { LANE_COST = 3, LANE_HABIT = 4, LANE_STREAM = 5, LANE_BUDGET = 6 };

enum { BUDGETS_MAX = 32, BUCKET_MOST = 128 };

/* A stream that the plugin wants open. */
struct hose {
    struct hose *next;
    char *name;
    struct buf want; /* its STREAM_… record, with the connection's name */
    struct buf why;
    uint32_t call;            /* of net; 0: not held */
    int64_t state;            /* enum stream_state */
    int64_t until;            /* ms UTC: when it is asked for again */
    int64_t wait_until;       /* … as net said; kept durably where it is long; 0: it is open */
    int64_t again;            /* monotonic ms: not before, by us */
    int64_t beat;             /* ms UTC: newest sign of life */
    int64_t heard;            /* ms UTC: up to here everything is recorded; 0 never wanted */
    int64_t saved;            /* … as the store knows it */
    int64_t dropped;          /* lines that were too long */
    bool wanted, fresh, full; /* full: its lines wait for their decoder; fresh: never open */
};

struct budget {
    char bucket[BUCKET_MOST + 1];
    int64_t limit, remaining, until; /* until: ms UTC */
    bool apart;                      /* running low holds up no polls */
};

/* What is to be said is held back: the credential of acts was refused. */
struct held {
    char *why;                       /* NULL: it was not */
    int64_t probe_at, look_at, wait; /* monotonic ms: one act is tried; credentials are looked at */
    uint64_t mark;                   /* of the credentials that were refused */
};

struct live {
    struct hose *hoses;
    int64_t missed_from, missed_to; /* ms UTC; 0: nothing missed */
    int64_t given_to;               /* what the poll in hand was given; 0 nothing */
    int64_t filled_from, filled_to, filled_at;
    int64_t
        away_from; /* polls fill what a stream that is still away misses, from here on; 0 none */
    struct budget budget[BUDGETS_MAX];
    size_t budgets;
    int64_t budget_options; /* digest of the options that they were told under */
    struct buf waits;   /* of the budgets: those that hold something up, as the store knows them */
    int64_t day, spent; /* days since 1970; micros */
    /* health */
    struct buf lines, facts; /* rep SC_LINE, SC_FACT */
    int64_t looked_at;       /* ms UTC */
    int64_t look_due;        /* monotonic ms */
    uint32_t look_call;      /* it is the poll lane's call in hand */
    bool asked, blind;       /* blind: the plugin has no health function */
    struct command *asking;  /* who waits for its end */
    int64_t token_until;     /* ms UTC: of the token in use, where net renews it; 0 not known */
    bool poll_refused;       /* polls, streams or the look were refused for their credential */
    struct held held;
    /* habit */
    int64_t items, habit_saved;
    struct habit habit;
};

/* Its own; read from the store the first time. */
struct live *live_of(struct core *c, struct conn *conn);
void live_free(struct core *c, struct conn *conn);
/* What reads was refused for its credential, and is well again: the state of the connection, of
 * which acts have their own share (act/held.c). */
void live_refused(struct core *c, struct conn *conn, const char *why);
void live_well(struct core *c, struct conn *conn);
/* From the pump of polls, a few times a second. */
void live_pump(struct core *c);
void live_save(struct core *c, struct conn *conn, int lane, const char *name, const char *value);

/* ---- stream.c ---- */
void stream_load(struct core *c, struct live *l, struct sori_str name, struct sori_str value);
/* The poll in hand gets to know what was missed. */
void stream_gap(struct core *c, struct conn *conn, struct buf *poll);
/* It ended well, or it did not: what it wants, and what it filled. */
void stream_polled(struct core *c, struct conn *conn, struct sori_str done, bool whole);
void stream_pump(struct core *c, struct conn *conn);
void stream_stop(struct core *c, struct conn *conn); /* until the next poll wants them again */
void stream_close_all(struct core *c, struct conn *conn);
/* Parts and ends of M_STREAM; false where the call is none of these. */
bool stream_part(struct core *c, const struct wire_msg *msg);
bool stream_done(struct core *c, const struct wire_msg *msg);
void stream_net_lost(struct core *c);

/* ---- budget.c ---- */
void budget_load(struct core *c, struct conn *conn, struct live *l);
/* Budgets and costs that the end of any call reported. */
void budget_told(struct core *c, struct conn *conn, struct sori_str done);
/* CALL_SPENT and CALL_FULL of a call. */
void budget_call(struct core *c, struct conn *conn, struct buf *call);
/* Until when polls wait so that acts keep the last share of a budget: ms UTC, 0 not. */
int64_t budget_hold(struct core *c, struct conn *conn);
/* The platform asked polls to wait: they do until then, also after a crash. */
void budget_rest(struct core *c, struct conn *conn, int64_t until);
/* SC_… fields. */
void budget_put(struct core *c, struct conn *conn, struct buf *b);

/* ---- health.c ---- */
void health_pump(struct core *c, struct conn *conn);
/* On the poll lane, which is free: true where a health check took it. */
bool health_call(struct core *c, struct conn *conn);
void health_done(struct core *c, struct conn *conn, uint32_t status, struct sori_str done);
void health_lost(struct core *c, struct conn *conn, const char *why);
/* `health CONNECTION`: answered when it was looked. */
void health_ask(struct command *cmd);
/* SC_… fields. */
void health_put(struct core *c, struct conn *conn, struct buf *b);

#endif
