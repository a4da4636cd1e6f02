/* A connection for the length of a command: its plugin in a fenced worker, and net beside it, with
 * no store and no core. `plugin try` polls or receives once in it; `connection add` and `connection
 * check` ask for health. It never acts: a writing request is refused. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include "cli/cli.h"
#include "supervise/guest.h"

struct trial {
    /* What the caller says before trial_open. Borrowed. */
    const char *name;     /* of the connection */
    const char *secrets;  /* folder with its credentials, or NULL: it has none */
    const char *timezone; /* NULL: UTC */
    bool sets_up;         /* what the descriptor names as setups may be asked for */
    int stop_fd;          /* readable: what runs is given up; 0 none */
    void (*part)(void *ctx, const struct rec_field *sink); /* SINK_… of a call; may be NULL */
    void *ctx;

    /* What it holds. */
    struct event_base *base;
    struct event *stop;
    struct guest *plugin, *net, *stranger;
    struct buf bin, descriptor;
    struct buf options;      /* rep pair CREATE_OPTION; trial_options or the caller fills it */
    struct buf allow;        /* rep str NETCONN_ALLOW */
    struct sori_str id;      /* the plugin's, inside `descriptor` */
    struct guest *waits_for; /* whose readiness or answer ends the loop */
    bool done, plugin_lost;
    uint32_t status; /* of the last call, and its payload */
    struct buf result;
    /* The plugin blocks on its one request, so one is under way at most. */
    struct guest *asked;
    uint32_t asked_call, from_call, from_sub;
    char lost[1600];
};

/* Starts the plugin's worker and reads its descriptor. */
bool trial_load(struct trial *t, const char *so, struct err *err);
/* KEY=VALUE after the plugin's own table, with defaults. */
bool trial_options(struct trial *t, const char *const *sets, size_t n, struct err *err);
/* host:port, or a folder, which becomes absolute. */
bool trial_allow(struct trial *t, const char *const *allows, size_t n, struct err *err);
/* trial_record.c: the options of a CONN_… record, and what it may reach; `part`: not all of them
 * are there yet. */
bool trial_record(struct trial *t, struct sori_str record, bool part, struct err *err);
/* Appends an address of the descriptor with the options put in; false where one is empty. */
bool trial_resolve(const struct trial *t, struct sori_str text, struct buf *out);
/* Net, unless it only `decodes`; then the plugin's instance. */
bool trial_open(struct trial *t, bool decodes, struct err *err);
/* A call of the plugin to its end; its payload is `b`, to which the time is added. */
bool trial_call(struct trial *t, enum wire_method method, struct buf *b, struct err *err);
/* Redeems a code by net alone (M_GRANT): nothing of the plugin runs. */
bool trial_grant(struct trial *t, struct buf *request, struct err *err);
void trial_close(struct trial *t);

/* "AUTH" of an enum sori_status. */
const char *trial_status(uint32_t status);

#endif
