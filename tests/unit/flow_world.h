/* A core without its processes, over the store in memory. */
#ifndef FLOW_WORLD_H
#define FLOW_WORLD_H

#include "flow/generation/reload.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct core core;
/* Those of earlier tests: a core never gives back what it holds. */
static struct core old_core[32];
static struct conn_ctx *old_ctx[32];
static size_t worlds;
static struct plugin plugin = {.id = "puppet"};
static struct generation generation = {.id = 1};
static struct conn conn = {.id = 1, .name = "shop", .plugin = &plugin, .act_action = NIL};

/* Of the program around the flow. */
void watch_recall(struct core *c) { (void)c; }
bool watch_forget(struct core *c) { return c == NULL; }
void keeper_tell(struct core *c) { (void)c; }

static void nothing(evutil_socket_t fd, short what, void *ctx) {
    (void)fd;
    (void)what;
    (void)ctx;
}

static int begin(void **state) {
    (void)state;
    core = (struct core){.base = event_base_new(), .active = &generation};
    core.commit_timer = evtimer_new(core.base, nothing, NULL);
    core.store = store_open_memory();
    core.conn[core.conn_count++] = &conn;
    conn.space = 0;
    conn.ctx = NULL;
    conn.live_from = INT64_MAX / 2; /* all is past: nothing is sent on its way to a decision */
    flow_commit_start(&core);
    return 0;
}

static int end(void **state) {
    (void)state;
    event_free(core.commit_timer);
    event_free(core.landed_event);
    event_base_free(core.base);
    store_close(core.store);
    old_ctx[worlds] = conn.ctx;
    old_core[worlds++] = core;
    return 0;
}

#endif
