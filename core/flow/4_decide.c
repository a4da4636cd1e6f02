/* Stage 4, decide: facts go to the policy worker in batches, decisions come back as bytes, their
 * effects go into the batch of the next commit. One contact has at most one entry under way, so
 * that each decision sees what the one before it did; the next batch need not wait for a commit,
 * because memory may run ahead of the disk.
 *
 * A batch belongs to the generation that it was sent to, and commits as that one. An entry that
 * kills the policy worker is tried once more alone, then held for a person. */
#include "flow/generation/beside.h"
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

/* More than two batches in flight, so that the worker has something to do while the core commits.
 */
enum { BATCH = 256, IN_FLIGHT = 8, RECOVER_CHUNK = 512 };
enum { DEADLINE_ONE_MS = 500, DEADLINE_EACH_MS = 50, RETRY_MS = 5000 };

struct decide_batch {
    struct decide_batch *next;
    struct generation *generation;
    uint32_t call;
    size_t count;
    struct entry *entries[BATCH];
    struct buf facts; /* of all, one after the other: what was sent is what is kept */
    size_t facts_end[BATCH];
};

struct entry *entry_new(struct core *c, int64_t text_bytes) {
    struct entry *e = malloc(sizeof *e + (size_t)text_bytes + 1);
    SORI_ASSERT(e);
    memset(e, 0, sizeof *e);
    c->entries++;
    return e;
}

void entry_conn(struct entry *e, struct conn *conn) {
    e->conn = conn;
    if (conn) conn->held++;
}

int64_t caps_window(struct core *c, struct sori_str caps, int64_t said) {
    struct row_journal words;
    int64_t left = rec_get_int(caps, 23, 0);
    if (!left || said == NIL || !store_journal(c->store, said, &words)) return left;
    left -= core_now(c) - words.at;
    return left ? left : -1;
}

void entry_caps(struct core *c, struct entry *e, struct sori_str caps, int64_t said) {
    e->can = (uint32_t)rec_get_int(caps, 7, 0);
    e->reach = rec_get_int(caps, 16, 0);
    e->text_max = rec_get_int(caps, 24, 0);
    e->window_left = caps_window(c, caps, said);
}

void entry_free(struct core *c, struct entry *e) {
    c->entries--;
    if (e->conn) e->conn->held--;
    if (e->model) e->model->held--;
    free(e);
}

/* Entries without a contact (a page whose author nobody knows) depend on nobody else's. */
void decide_put(struct core *c, struct entry *e) {
    if (e->contact) {
        if (e->contact->last)
            e->contact->last->behind = e;
        else
            e->contact->first = e;
        e->contact->last = e;
    }
    classify_put(c, e);
}

static void enqueue(struct core *c, struct entry *e) {
    e->queued = NULL;
    if (c->decide_last)
        c->decide_last->queued = e;
    else
        c->decide_first = e;
    c->decide_last = e;
    c->decide_waiting++;
}

void decide_scored(struct core *c, struct entry *e) {
    if (!e->contact || e->contact->first == e) enqueue(c, e);
}

/* The entry is decided: its contact's next one may go. */
static void finish(struct core *c, struct entry *e) {
    struct contact *p = e->contact;
    if (p) {
        p->first = e->behind;
        if (!p->first)
            p->last = NULL;
        else if (p->first->scored)
            enqueue(c, p->first);
    }
    entry_free(c, e);
}

void decide_past(struct core *c, int64_t seq, int64_t at, const char *why, int status) {
    struct buf result = {0};
    rec_int(&result, 1, status);
    rec_str(&result, 6, str_c(why)); /* DEC_STATUS, DEC_OUTCOME */
    *store_add_decision(&c->batch) =
        (struct row_decision){.seq = seq,
                              .at = at,
                              .generation = c->active ? c->active->id : 0,
                              .status = status,
                              .tone = NIL,
                              .result = keep(c, buf_view(&result)),
                              .trace = NIL};
    buf_free(&result);
    c->count_decided++;
    if (c->active) story_decided(c, c->active->id, status);
    flow_dirty(c);
}

static void batch_free(struct decide_batch *b) {
    buf_free(&b->facts);
    free(b);
}

static struct sori_str facts_of(const struct decide_batch *b, size_t i) {
    size_t from = i ? b->facts_end[i - 1] : 0;
    return (struct sori_str){b->facts.data + from, b->facts_end[i] - from};
}

static void send_batch(struct core *c) {
    struct generation *g = c->active;
    struct decide_batch *b = mem_get(sizeof *b);
    struct buf payload = {0}, facts = {0};
    core_at(c);
    size_t most = c->decide_first->deaths ? 1 : BATCH;
    for (struct entry *e = c->decide_first;
         e && b->count < most && payload.len < 72 * 1024 && (b->count == 0 || !e->deaths);
         e = e->queued) {
        size_t from = b->facts.len;
        facts_put(c, e, &b->facts);
        b->facts_end[b->count] = b->facts.len;
        b->entries[b->count++] = e;
        buf_clear(&facts);
        buf_put(&facts, b->facts.data + from, b->facts.len - from);
        rec_str(&facts, FACT_TEXT, e->text);
        rec_str(&payload, DECIDE_FACTS, buf_view(&facts));
    }
    int64_t deadline = DEADLINE_ONE_MS + (int64_t)b->count * DEADLINE_EACH_MS;
    b->call = guest_call(g->policy, M_DECIDE, buf_view(&payload), deadline, -1);
    buf_free(&payload);
    buf_free(&facts);
    if (!b->call) {
        batch_free(b);
        return;
    }
    b->generation = g;
    g->open_batches++;
    c->decide_first = b->entries[b->count - 1]->queued;
    if (!c->decide_first) c->decide_last = NULL;
    c->decide_waiting -= b->count;
    b->next = c->decide_batches;
    c->decide_batches = b;
}

void decide_pump(struct core *c) {
    struct err err;
    if (c->active && !c->active->policy && clock_mono() >= c->active->retry_at &&
        !policy_start(c, c->active, &err))
        c->active->retry_at = clock_mono() + RETRY_MS;
    while (c->active && c->active->ready && c->decide_first) {
        unsigned flying = 0;
        for (struct decide_batch *b = c->decide_batches; b; b = b->next)
            flying += b->generation == c->active;
        if (flying >= IN_FLIGHT) break;
        size_t before = c->decide_waiting;
        send_batch(c);
        if (c->decide_waiting == before) break;
    }
    /* Before the workspace is loaded nobody's connection is there yet. */
    if (c->active && c->undecided_from != NIL && flow_has_room(c)) decide_recover(c);
}

static struct decide_batch *take(struct core *c, const struct generation *g, uint32_t call) {
    for (struct decide_batch **p = &c->decide_batches; *p; p = &(*p)->next)
        if ((*p)->generation == g && (call == 0 || (*p)->call == call)) {
            struct decide_batch *b = *p;
            *p = b->next;
            return b;
        }
    return NULL;
}

/* Once a generation: Sori is not ready until a policy that can be relied on takes its place. */
static void unstable(struct core *c, struct generation *g, struct sori_str rule) {
    if (g->unstable) return;
    struct buf why = {0};
    buf_printf(&why, "the same facts gave another decision in a fresh state: %.*s", STR(rule));
    g->unstable = mem_text(rule);
    flow_fault(c, guest_name(g->policy), "decide", NULL, NIL, NIL, NIL, 0, buf_view(&why),
               (struct sori_str){0});
    buf_free(&why);
}

static void decided(struct core *c, struct generation *g, const struct wire_msg *msg) {
    struct decide_batch *b = take(c, g, msg->head.call);
    if (!b) return;
    c->deciding = g->id;
    struct sori_str rows = msg->payload;
    struct rec_field f;
    size_t i = 0;
    core_at(c);
    while (msg->head.status == SORI_OK && i < b->count && rec_next(&rows, &f) == 1)
        if (f.tag == DECIDE_DECISION && f.type == REC_STR) {
            beside_seen(c, b->entries[i], g->id, facts_of(b, i), f.s);
            effect_apply(c, b->entries[i], facts_of(b, i), f.s);
            finish(c, b->entries[i++]);
        }
    if (rec_get_int(rows, DECIDE_UNSTABLE, 0))
        unstable(c, g, rec_get_str(rows, DECIDE_UNSTABLE_RULE));
    for (; i < b->count; i++) {
        effect_hold(c, b->entries[i], facts_of(b, i), DECISION_HELD,
                    "the policy worker gave no answer for it");
        finish(c, b->entries[i]);
    }
    beside_flush(c);
    batch_free(b);
    g->open_batches--;
    decide_pump(c);
    receive_pump(c);
    poll_pump(c);
}

/* Gives the entries of a dead worker's batch back to the front of the queue, the culprit aside. */
static void give_back(struct core *c, struct guest *guest, struct decide_batch *b,
                      const struct obituary *o) {
    for (size_t i = b->count; i-- > 0;) {
        struct entry *e = b->entries[i];
        bool in_hand = o->call == b->call;
        bool suspect = in_hand && (o->item < 0 || (size_t)o->item == i);
        if (suspect && ++e->deaths >= 2) {
            char why[512];
            snprintf(why, sizeof why, "held: %s%s%s%s", o->what, o->rule[0] ? ", in " : "", o->rule,
                     o->deadline ? " (stopped at its deadline)" : "");
            flow_fault(c, guest_name(guest), "decide", e->conn, e->seq, NIL, NIL, o->line,
                       str_c(why), e->text);
            effect_hold(c, e, facts_of(b, i), DECISION_HELD, why);
            finish(c, e);
            continue;
        }
        e->queued = c->decide_first;
        c->decide_first = e;
        if (!c->decide_last) c->decide_last = e;
        c->decide_waiting++;
    }
}

/* ---- the policy worker of a generation ---- */
struct policy_ctx {
    struct core *core;
    struct generation *generation;
};

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct policy_ctx *x = ctx;
    const struct generation *made = x->generation;
    bool candidate = made == x->core->next;
    (void)hello;
    struct buf b = {0}, env = {0};
    buf_str(&env, buf_view(&made->env));
    if (made->kept || !candidate) rec_int(&env, ENV_KEPT, 1);
    rec_str(&b, LOAD_BUNDLE, buf_view(&made->bundle));
    rec_rec(&b, LOAD_ENV, buf_view(&env));
    buf_free(&env);
    if (candidate && !made->unproven) rec_int(&b, LOAD_RUN_TESTS, 1);
    guest_call(g, M_POLICY_LOAD, buf_view(&b), 20000, -1);
    buf_free(&b);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct policy_ctx *x = ctx;
    if (x->generation->ready) {
        decided(x->core, x->generation, msg);
        return;
    }
    if (x->generation == x->core->next) {
        reload_proved(x->core, msg->head.status == SORI_OK, msg->payload);
        return;
    }
    if (msg->head.status != SORI_OK) {
        log_line(LOG_ERROR, guest_name(g),
                 "the bundle of generation %lld does not load any more: %.*s",
                 (long long)x->generation->id, STR(rec_get_str(msg->payload, LOAD_ERROR)));
        /* It did once, so a machine that is short of something is to blame: again, soon. */
        x->generation->retry_at = clock_mono() + RETRY_MS;
        guest_kill(&x->generation->policy);
        return;
    }
    x->generation->ready = true;
    decide_pump(x->core);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct policy_ctx *x = ctx;
    struct decide_batch *b;
    x->generation->ready = false;
    if (x->generation == x->core->next) {
        struct buf why = {0};
        rec_str(&why, LOAD_ERROR, str_c(o->what));
        reload_proved(x->core, false, buf_view(&why));
        buf_free(&why);
        return;
    }
    probation_death(x->core, x->generation);
    x->core->deciding = x->generation->id;
    while ((b = take(x->core, x->generation, 0))) {
        give_back(x->core, g, b, o);
        batch_free(b);
        x->generation->open_batches--;
    }
    decide_pump(x->core);
}

bool policy_start(struct core *c, struct generation *g, struct err *err) {
    struct policy_ctx *x = g->ctx ? g->ctx : mem_get(sizeof *x);
    *x = (struct policy_ctx){c, g};
    g->ctx = x;
    struct buf name = {0};
    /* It gets its number when it goes live, as the next one. */
    buf_puts(&name, "policy");
    if (c->active) buf_printf(&name, "/g%lld", (long long)c->ids.generation + 1);
    struct guest_spec spec = {.kind = GUEST_POLICY, .name = name.data};
    struct guest_events events = {.ctx = x, .ready = on_ready, .done = on_done, .lost = on_lost};
    g->policy = guest_start(c->base, c->bin, &spec, &events, err);
    buf_free(&name);
    return g->policy != NULL;
}

/* ---- after a crash: journal entries without a decision ---- */
static struct sori_str put_text(char **at, struct sori_str s) {
    if (s.len) memcpy(*at, s.ptr, s.len);
    struct sori_str out = {*at, s.len};
    *at += s.len;
    return out;
}

static void recover_one(struct core *c, int64_t seq) {
    struct row_journal j;
    struct row_interaction it;
    struct row_author author = {.contact = NIL};
    if (!store_journal(c->store, seq, &j) || j.interaction == NIL) return;
    struct sori_str text = keep(c, j.text);
    struct row_journal row = j;
    if (!store_interaction(c->store, row.interaction, &it)) return;
    struct sori_str title = keep(c, it.title), url = keep(c, it.url), lang = keep(c, it.lang),
                    caps = keep(c, it.caps);
    struct sori_str name = {0};
    if (it.author != NIL && store_author_by_id(c->store, it.author, &author))
        name = keep(c, author.name);
    struct conn *conn = conn_by_id(c, it.connection);
    if (!conn) {
        decide_past(c, seq, row.at, "its connection is gone", DECISION_NONE);
        return;
    }
    struct sori_str why = rec_get_str(caps, 22);
    struct entry *e =
        entry_new(c, (int64_t)(text.len + title.len + url.len + lang.len + name.len + why.len));
    char *at = (char *)(e + 1);
    e->text = put_text(&at, text);
    e->title = put_text(&at, title);
    e->url = put_text(&at, url);
    e->lang = put_text(&at, lang);
    e->author = put_text(&at, name);
    e->why_not = put_text(&at, why);
    entry_conn(e, conn);
    e->contact = author.contact != NIL ? person_contact(c, author.contact) : NULL;
    if (!e->contact && row.contact != NIL) e->contact = person_contact(c, row.contact);
    e->seq = seq;
    e->at = e->heard_at = row.at;
    e->interaction = row.interaction;
    e->kase = row.kase;
    e->kind = (int)row.kind;
    e->item_kind = (int)it.kind;
    e->share = (int)it.share;
    e->origin = (int)it.origin;
    e->said_at = it.said_at;
    e->rev = row.rev == NIL ? 0 : row.rev;
    e->parent = it.parent;
    e->target = it.target;
    entry_caps(c, e, caps, it.said);
    e->private_ = it.visibility == SORI_VISIBILITY_PRIVATE;
    decide_put(c, e);
}

struct seqs {
    int64_t to; /* newer ones came after the start and are in memory */
    size_t count;
    int64_t seq[RECOVER_CHUNK];
};

static void collect(void *ctx, const void *row) {
    struct seqs *s = ctx;
    if (s->count < RECOVER_CHUNK && ((const struct row_journal *)row)->seq <= s->to)
        s->seq[s->count++] = ((const struct row_journal *)row)->seq;
}

void decide_recover(struct core *c) {
    struct seqs s = {.to = c->undecided_to};
    store_undecided(c->store, c->undecided_from, RECOVER_CHUNK, collect, &s);
    for (size_t i = 0; i < s.count; i++) recover_one(c, s.seq[i]);
    c->undecided_from = s.count ? s.seq[s.count - 1] + 1 : NIL;
    classify_pump(c);
}
