/* The one place where memory becomes durable. Stages put effects into core->batch; what must not
 * leave before it is on disk waits in core->after. A commit that fails ends the process: after
 * a failed sync nothing that this process remembers can be trusted, and the disk can. */
#include "flow/flow.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Small batches are committed soon; under load a larger one costs less an item, and nobody waits
 * for it: what is waited for (a send, an answer) commits by itself. */
enum {
    SOON_MS = 10,
    HURRY_MS = 50,
    BUSY_MS = 250,
    BUSY_ENTRIES = 2000,
    BATCH_ROWS = 150000,
    WORTH_ROWS = 8000,
    JUMP_MS = 60000
};

int64_t core_now(struct core *c) {
    int64_t now = clock_now();
    if (c->now && (now < c->now - JUMP_MS || now > c->now + JUMP_MS))
        log_line(LOG_WARN, "core", "the clock of this machine jumped by %lld s",
                 (long long)((now - c->now) / 1000));
    return c->now = now;
}

int64_t core_at(struct core *c) {
    int64_t now = core_now(c);
    if (now > c->last_at) c->last_at = now;
    return c->last_at;
}

/* `spent`: ms that it has waited already. */
static void commit_soon(struct core *c, int64_t spent) {
    bool busy = c->entries > BUSY_ENTRIES;
    int64_t wait = c->hurry ? (busy ? HURRY_MS : 0) : busy ? BUSY_MS : SOON_MS;
    wait -= spent;
    struct timeval soon = {0, wait > 0 ? wait * 1000 : 0};
    evtimer_add(c->commit_timer, &soon);
}

void flow_dirty(struct core *c) {
    if (++c->batch_rows >= BATCH_ROWS) {
        struct timeval at_once = {0, 0};
        evtimer_add(c->commit_timer, &at_once);
    } else if (!c->flying && !evtimer_pending(c->commit_timer, NULL)) {
        commit_soon(c, 0);
    }
}

void flow_hurry(struct core *c) {
    c->hurry = true;
    if (!c->flying) commit_soon(c, 0);
}

static void run_landed(struct core *c) {
    while (c->landed) {
        struct after *a = c->landed;
        c->landed = a->next;
        if (!c->landed) c->landed_tail = &c->landed;
        a->run(c, a);
    }
    if (c->foreground) fflush(stdout);
}

static void check(bool ok, const struct err *err) {
    if (ok) return;
    log_line(LOG_ERROR, "core",
             "the store refused a commit: %s. Nothing of it was kept; ending, so that the next "
             "start reads what is true from disk",
             err->text);
    _exit(70);
}

/* A volume whose batch is on disk: what waited for that may run, the rest is forgotten. */
static void landed(struct core *c, struct volume *v) {
    *c->landed_tail = v->after;
    while (*c->landed_tail) c->landed_tail = &(*c->landed_tail)->next;
    v->after = NULL;
    store_batch_clear(&v->batch);
    map_clear(&v->heads);
    map_clear(&v->heads_by_id);
    map_clear(&v->acted);
    map_clear(&v->reactions);
    arena_reset(&v->arena);
}

static void land(struct core *c) {
    struct err err = {{0}};
    if (!c->flying) return;
    check(store_commit_end(c->store, &err), &err);
    c->flying = false;
    landed(c, &c->flight);
}

static void ready_to_commit(struct core *c) {
    evtimer_del(c->commit_timer);
    kase_flush(c);
    story_flush(c);
    c->batch.epoch = store_epoch(c->store);
    c->batch_rows = 0;
    c->hurry = false;
}

void flow_commit(struct core *c) {
    struct err err = {{0}};
    land(c);
    if (c->batch_rows) {
        ready_to_commit(c);
        check(store_commit(c->store, &c->batch, &err), &err);
        landed(c, &c->filling);
        c->after_tail = &c->after;
        store_tidy(c->store);
    }
    run_landed(c);
}

void flow_take_off(struct core *c) {
    if (c->flying && store_committing(c->store)) {
        if (c->batch_rows < BATCH_ROWS) return; /* it goes when the other has landed */
        land(c);
    }
    land(c);
    run_landed(c);
    act_pump(c); /* while nothing flies: it has to look at the disk */
    if (c->batch_rows) {
        ready_to_commit(c);
        struct volume empty = c->flight;
        c->flight = c->filling;
        c->filling = empty;
        c->after_tail = &c->after;
        c->took_off = clock_mono();
        c->flying = store_commit_begin(c->store, &c->flight.batch, c->landed_fd);
        if (!c->flying) {
            struct err err = {{0}};
            check(store_commit(c->store, &c->flight.batch, &err), &err);
            landed(c, &c->flight);
            store_tidy(c->store);
            run_landed(c);
        }
    }
}

static void on_landed(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    uint64_t count;
    (void)what;
    while (read(fd, &count, sizeof count) > 0) {
    }
    if (c->flying && store_committing(c->store)) return; /* that of an older one */
    bool worth = c->batch_rows >= WORTH_ROWS;            /* a commit of its own, at once */
    land(c);
    run_landed(c);
    act_pump(c);
    if (c->batch_rows) commit_soon(c, worth ? BUSY_MS : clock_mono() - c->took_off);
    poll_pump(c);
    receive_pump(c);
}

void flow_commit_start(struct core *c) {
    c->secret = hash_random_key();
    c->after_tail = &c->after;
    c->landed_tail = &c->landed;
    c->landed_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    SORI_ASSERT(c->landed_fd >= 0);
    c->landed_event = event_new(c->base, c->landed_fd, EV_READ | EV_PERSIST, on_landed, c);
    event_add(c->landed_event, NULL);
}

void flow_after(struct core *c, struct after *a) {
    a->next = NULL;
    *c->after_tail = a;
    c->after_tail = &a->next;
    flow_dirty(c);
}

struct sori_str keep(struct core *c, struct sori_str s) {
    return arena_copy(&c->arena, s);
}

uint64_t flow_digest(const struct core *c, struct hash_key place, struct sori_str name) {
    return hash_sip((struct hash_key){c->secret.k0 ^ place.k0, c->secret.k1 ^ place.k1}, name);
}

const char *intern(struct core *c, struct sori_str s) {
    uint64_t key = hash_digest(s);
    char *old = map_get(&c->strings, key);
    if (old && str_is(s, old)) return old;
    char *new = mem_text(s);
    if (!old) map_put(&c->strings, key, new);
    return new;
}

void flow_fault(struct core *c, const char *guest, const char *call, struct conn *conn, int64_t seq,
                int64_t seg, int64_t off, int64_t line, struct sori_str evidence,
                struct sori_str raw) {
    struct row_fault *f = store_add_fault(&c->batch);
    f->id = ++c->ids.fault;
    f->at = core_now(c);
    f->guest = keep(c, str_c(guest));
    f->call = keep(c, str_c(call));
    f->connection = conn ? conn->id : NIL;
    f->seq = seq;
    f->seg = seg;
    f->off = off;
    f->line = line;
    f->evidence = keep(c, evidence);
    if (raw.len > 65536) raw.len = 65536;
    f->raw = keep(c, raw);
    c->count_faults++;
    flow_dirty(c);
}

int64_t flow_journal(struct core *c, int kind, int64_t contact, int64_t interaction, int64_t kase,
                     struct sori_str actor, struct sori_str text, struct sori_str body,
                     int64_t action) {
    struct row_journal *j = store_add_journal(&c->batch);
    j->seq = ++c->ids.seq;
    j->at = core_at(c);
    j->kind = kind;
    j->contact = contact;
    j->interaction = interaction;
    j->prev = NIL;
    j->rev = NIL;
    j->action = action;
    j->kase = kase;
    j->actor = keep(c, actor);
    j->digest = NIL;
    j->text = keep(c, text);
    j->body = keep(c, body);
    j->seg = NIL;
    j->off = NIL;
    flow_dirty(c);
    return j->seq;
}
