/* A guest: one process of ours at the other end of a wire, started, watched, restarted and buried
 * here. The core talks to connectors, classifiers, policies, net and reader through this alone.
 *
 * Everything runs on the thread of the event base. A guest that dies has all its open calls
 * answered by `lost`; it is started again after a growing wait (0.5 s to 60 s, with jitter; no
 * growth where the blackbox named the item that killed it), unless it was stopped. */
#ifndef SUPERVISE_GUEST_H
#define SUPERVISE_GUEST_H

#include "base/record.h"
#include "base/err.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <event2/event.h>

enum guest_kind {
    GUEST_CONNECTOR,
    GUEST_CLASSIFIER,
    GUEST_POLICY,
    GUEST_CONF,
    GUEST_SCAN,
    GUEST_NET,
    GUEST_STRANGER_NET,
    GUEST_READER,
    GUEST_PROOF
};

/* What the blackbox told after a death. Strings are NUL-terminated and live for the callback. */
struct obituary {
    int signal; /* 0: it exited */
    int exit_code;
    bool deadline;  /* killed by us: the call in hand took too long */
    bool forbidden; /* the fence stopped it; `what` says which call */
    uint32_t call;  /* the call in hand, 0 none */
    uint32_t method;
    int64_t item;     /* index of the item in hand within that call, -1 none named */
    int line;         /* line of the rule in hand */
    char rule[128];   /* "care.lua: unhappy customer" */
    char what[256];   /* one sentence for people and the log */
    char trace[1024]; /* backtrace, may be empty */
};

struct guest;

struct guest_events {
    void *ctx;
    /* It said hello; `hello` is borrowed. Create and load calls may now be made. */
    void (*ready)(void *ctx, struct guest *g, struct sori_str hello);
    /* Part of a call: W_SINK or W_HTTP. Answer a W_HTTP with guest_http_done. */
    void (*part)(void *ctx, struct guest *g, const struct wire_msg *msg);
    /* A call ended by its own W_DONE. */
    void (*done)(void *ctx, struct guest *g, const struct wire_msg *msg);
    /* It died. Called once a death, before the restart; open calls are forgotten. */
    void (*lost)(void *ctx, struct guest *g, const struct obituary *o);
};

struct guest_spec {
    enum guest_kind kind;
    const char *name;   /* "blog/shop-blog/poll", for logs and status */
    const char *plugin; /* path of the .so, or NULL */
    const char *model;  /* path that may be read at create, or NULL */
    const char *folder; /* net: secrets folder; reader: data folder; else NULL */
    const char *const
        *roots;    /* net: folders that folder: URLs may reach; NULL-terminated or NULL */
    size_t memory; /* RLIMIT_AS bytes; 0: the kind's default */
    bool once;     /* do not restart */
};

/* Starts it. `spec` and `events` are copied (strings too). NULL with `err` when it cannot even be
 * spawned. `bin` is the folder that holds sorid and sori-worker. */
struct guest *guest_start(struct event_base *base, const char *bin, const struct guest_spec *spec,
                          const struct guest_events *events, struct err *err);

/* Begins a call. Returns its id, or 0 when the guest is not ready or the wire is full. The
 * deadline is in ms; then W_CANCEL, 2 s of grace (none for policies), SIGKILL. */
uint32_t guest_call(struct guest *g, enum wire_method method, struct sori_str payload,
                    int64_t deadline_ms, int fd);
void guest_cancel(struct guest *g, uint32_t call);
/* While false, what it says waits on the wire, and soon it waits too. A new life is listened to. */
void guest_listen(struct guest *g, bool on);
/* Passes net's answer on to the guest that asked. */
bool guest_http_done(struct guest *g, uint32_t call, uint32_t sub, uint32_t status,
                     struct sori_str payload);

/* Ends it: W_QUIT, then the deadline of its call, then SIGKILL. Frees it when it is gone; no more
 * callbacks but `part` and `done` of calls in hand. Takes the pointer. */
void guest_stop(struct guest **g);
/* At once, by SIGKILL, no callbacks. Takes the pointer. */
void guest_kill(struct guest **g);

bool guest_is_ready(const struct guest *g);
const char *guest_name(const struct guest *g);
const char *guest_fence(const struct guest *g); /* from its hello, "" before */
int guest_pid(const struct guest *g);           /* 0 while it is not running */
unsigned guest_open_calls(const struct guest *g);
unsigned guest_deaths(const struct guest *g);
int64_t guest_cpu_us(const struct guest *g); /* CPU time of the running process, from /proc */

#endif
