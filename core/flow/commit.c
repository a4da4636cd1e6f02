/* The one place where memory becomes durable. Stages put effects into core->batch; what must not
 * leave before they are on disk waits in core->after. A commit that fails ends the process: after
 * a failed sync nothing that this process remembers can be trusted, and the disk can. */
#include "flow/flow.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Small batches are committed soon; under load a larger one costs less an item, and nobody waits
 * for it: what is waited for (a send, an answer) commits by itself. */
enum { SOON_MS = 10, BUSY_MS = 250, BUSY_ENTRIES = 2000, BATCH_ROWS = 150000, JUMP_MS = 60000 };

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

void flow_dirty(struct core *c) {
    if (++c->batch_rows >= BATCH_ROWS) {
        struct timeval at_once = {0, 0};
        evtimer_add(c->commit_timer, &at_once);
    } else if (!evtimer_pending(c->commit_timer, NULL)) {
        int wait = c->entries > BUSY_ENTRIES ? BUSY_MS : SOON_MS;
        struct timeval soon = {0, wait * 1000};
        evtimer_add(c->commit_timer, &soon);
    }
}

static void run_after(struct core *c) {
    while (c->after) {
        struct after *a = c->after;
        c->after = a->next;
        if (!c->after) c->after_tail = &c->after;
        a->run(c, a);
    }
    if (c->foreground) fflush(stdout);
}

void flow_commit(struct core *c) {
    if (c->batch_rows) {
        struct err err;
        evtimer_del(c->commit_timer);
        kase_flush(c);
        c->batch.epoch = store_epoch(c->store);
        if (!store_commit(c->store, &c->batch, &err)) {
            log_line(
                LOG_ERROR, "core",
                "the store refused a commit: %s. Nothing of it was kept; ending, so that the next "
                "start reads what is true from disk",
                err.text);
            _exit(70);
        }
        store_batch_clear(&c->batch);
        c->batch_rows = 0;
        record_heads_clear(c);
        arena_reset(&c->arena);
        store_tidy(c->store);
    }
    run_after(c);
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
