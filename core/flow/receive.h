/* Stage 1 in parts: the window over the spool (1_receive.c), and what was set aside (aside.c). */
#ifndef FLOW_RECEIVE_H
#define FLOW_RECEIVE_H

#include "flow/flow.h"
#include "gate/spool.h"

/* One delivery between the spool and its decoder. It is freed when neither the window nor its
 * plugin's queue holds it any more. */
struct delivery {
    struct delivery *next;   /* of the window, in order of the spool */
    struct delivery *behind; /* the same plugin's next */
    struct conn *conn;       /* NULL: addressed to nobody */
    int64_t seg, off, end;   /* where it is in the spool */
    int64_t since;        /* monotonic ms; not counted while there was no room for what it says */
    int64_t place, after; /* in what was set aside: its segment, where the next one begins */
    uint8_t deaths;
    bool windowed, queued;
    bool aside;    /* it is durable among what was set aside */
    bool finished; /* as far as the window is concerned */
    size_t len;
    char bytes[];
};

/* Reads segments one after another. */
struct tail {
    const char *dir;
    int64_t segment, at; /* where it reads on */
    struct spool_reader *reader;
    struct store *drained; /* whose rows say where an unread segment begins, or NULL */
};
/* Takes the next record, valid until the next call; *seg, *off and *end say where it is. False:
 * nothing more now. */
bool tail_read(struct tail *t, struct sori_str *payload, int64_t *seg, int64_t *off, int64_t *end);
void tail_close(struct tail *t);

struct delivery *delivery_new(struct core *c, struct sori_str payload);
/* Frees it, unless it is held still. */
void delivery_release(struct delivery *d);
void delivery_queue(struct plugin *p, struct delivery *d);
/* For a delivery that nobody takes. */
void delivery_astray(struct core *c, const struct delivery *d);

/* ---- aside.c ---- */

/* Takes up what an earlier life left for the plugin. */
void aside_find(struct core *c, struct plugin *p);
/* The plugin keeps others waiting: what is addressed to it is set aside, from now on and until it
 * has caught up. */
void aside_hold(struct core *c, struct plugin *p);
/* Moves what waits in the window, and feeds the plugin's queue. */
void aside_pump(struct core *c, struct plugin *p);
/* A delivery of it is decoded or quarantined. */
void aside_done(struct core *c, struct plugin *p, const struct delivery *d);
/* So much of it is set aside that the gate takes no more for it. */
bool aside_full(const struct plugin *p);
/* Deliveries that are set aside, more or less. */
size_t aside_waiting(const struct core *c);

#endif
