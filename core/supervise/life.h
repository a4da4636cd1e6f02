/* Inside supervise/: the guest as its parts see it. guest.c keeps calls and states, spawn.c starts
 * the process, post.c keeps what the wire could not take yet, restart.c says when it may start
 * again, obituary.c reads the blackbox, chatter.c carries stdout and stderr to the log. */
#ifndef SUPERVISE_LIFE_H
#define SUPERVISE_LIFE_H

#include "supervise/blackbox.h"
#include "supervise/guest.h"

#include <sys/types.h>
#include <sys/wait.h>

enum {
    HELLO_MS = 20000,       /* from exec to hello: loading, constructors */
    GRACE_MS = 2000,        /* between W_CANCEL and SIGKILL */
    OPEN_CALLS_MAX = 256,   /* net has many at once */
    POST_CALLS_MAX = 8,     /* calls that may wait for room on the wire */
    POST_FRAMES_MAX = 1024, /* with answers and cancels */
    POST_BYTES_MAX = 64 << 20,
    FRAMES_A_TURN = 64,  /* so that one talkative guest does not starve the others */
    SINK_MOST = 4 << 20, /* bytes of one W_SINK: a worker sends 64 KiB, and a long item whole */
    LINES_MOST = 400,    /* of the log in LINES_MS; what is more is counted */
    LINES_MS = 10000,
    LINES_END = 100000 /* in LINES_MS: that is no log any more */
};

struct open_call {
    uint32_t id, method;
    int64_t deadline; /* monotonic ms */
    int64_t allowed;  /* ms asked for; 0 once it was cancelled by us */
    bool cancelled;
};

/* A frame that waits. */
struct post {
    struct post *next;
    struct wire_head head;
    struct sori_str payload; /* owned */
    int fd;                  /* owned, or -1 */
};

/* Lines of the guest's own stdout and stderr. */
struct chatter {
    int fd; /* -1: none */
    struct event *event, *pause;
    struct buf line;
    int64_t window; /* start of the window in which bytes are counted */
    size_t spent, dropped;
    const char *name; /* borrowed from the guest */
};

/* Growing waits. */
struct patience {
    int64_t wait;  /* ms of the next wait */
    int64_t born;  /* when the running process said hello; 0 not yet */
    uint64_t dice; /* state of the jitter */
};

enum life { LIFE_DOWN, LIFE_STARTING, LIFE_READY };

struct guest {
    struct event_base *base;
    char *bin;
    struct guest_spec spec; /* its strings are owned */
    struct guest_events events;
    enum life life;
    bool stopping;   /* guest_stop: no restart, freed at its death */
    unsigned inside; /* callbacks on the stack: freeing waits for them */
    bool doomed;     /* free when `inside` is 0 */
    pid_t pid;
    int pidfd;
    struct wire wire;
    struct blackbox *box;
    struct event *readable, *writable, *death, *clock, *restart;
    int64_t born_deadline, stop_deadline; /* monotonic; 0 none */
    bool killed_late;                     /* we killed it over a deadline */
    bool hung_up;                         /* its end of the wire is closed */
    bool deaf;                            /* nobody listens for now */
    int64_t lines_since;                  /* of its log */
    unsigned lines;
    char last_words[160];
    uint32_t epoch, next_call;
    struct open_call calls[OPEN_CALLS_MAX];
    size_t call_count;
    struct post *post_head, **post_tail;
    size_t post_frames, post_bytes, post_calls;
    struct chatter chatter;
    struct patience patience;
    unsigned deaths;
    char fence[64];
};

/* guest.c: callbacks run between enter and leave; leave is false when the guest is gone. */
void life_enter(struct guest *g);
bool life_leave(struct guest *g);
void life_strike(const struct guest *g);
/* Kills it and says why in its obituary. */
void life_end(struct guest *g, const char *words);

/* call.c */
void call_clock(struct guest *g);
void call_on_clock(evutil_socket_t fd, short what, void *guest);
void call_on_readable(evutil_socket_t fd, short what, void *guest);

/* spawn.c: pid, pidfd, wire, box and chatter.fd are set on success. */
bool spawn_guest(struct guest *g, struct err *err);

/* post.c: sends now or keeps; false when there is no room. `call` counts against POST_CALLS_MAX. */
bool post_send(struct guest *g, struct wire_head head, struct sori_str payload, int fd);
void post_flush(struct guest *g);
void post_clear(struct guest *g);

/* restart.c */
void patience_begin(struct patience *p);
void patience_hello(struct patience *p, int64_t now);
/* The wait before the next start, in ms. `named`: the blackbox named the item that killed it. */
int64_t patience_after_death(struct patience *p, int64_t now, bool named);

/* obituary.c */
void obituary_write(struct obituary *o, const struct guest *g, const siginfo_t *end);

/* chatter.c */
void chatter_open(struct chatter *c, struct event_base *base, int fd, const char *name);
void chatter_close(struct chatter *c); /* reads what is left first */

#endif
