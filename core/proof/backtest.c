#include "proof/backtest.h"

#include "base/clock.h"
#include "proof/ask.h"
#include "proof/differ.h"
#include "proof/needs.h"
#include "proof/pool.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <unistd.h>

/* Pieces of history in memory: one is decided while the next is read. */
enum { PIECES = 3, LANES_MOST = 32, TRIES = 20, AGAIN_MS = 300 };

struct deed {
    struct past p;
    bool taken, redone;
    struct rescore_item score;
    struct pool_item now, live;
    size_t now_at, now_len, live_at, live_len; /* in the piece's answers */
};
struct piece {
    struct piece *next;
    struct buf fields, answers;
    struct deed *deeds;
    size_t count, open, scoring; /* scoring: texts that are with the models */
    bool handed;                 /* its deeds are with the policies */
};

struct backtest {
    struct event_base *base;
    struct backtest_events events;
    char *socket, *bin;
    struct buf bundle, env, live_bundle, live_env, now_about, live_about, account;
    bool closed, planned, reading, all_read, over;
    unsigned lanes, tries;
    int64_t since, begin, from, to, at, began; /* begin: where it began; from: read next */
    struct needs needs;
    struct rescore *rescore; /* NULL: facts are as recorded */
    struct pool *now, *live;
    struct ask *ask;
    struct event *step; /* the next step, outside of anybody's callback */
    void (*next)(struct backtest *);
    struct piece *first, *last;
    size_t pieces, explaining;
    struct report report;
};

static void end(struct backtest *b, enum backtest_end how, struct sori_str why) {
    if (b->over) return;
    b->over = true;
    b->report.took_ms = clock_mono() - b->began;
    b->events.over(b->events.ctx, how, &b->report, why);
}

static void soon(struct backtest *b, void (*next)(struct backtest *)) {
    b->next = next;
    event_active(b->step, EV_TIMEOUT, 0);
}

static void on_step(evutil_socket_t fd, short what, void *ctx) {
    struct backtest *b = ctx;
    (void)fd;
    (void)what;
    if (b->over || !b->next) return;
    void (*next)(struct backtest *) = b->next;
    b->next = NULL;
    next(b);
}

static void failed(struct backtest *b, const char *why) { end(b, BACKTEST_FAILED, str_c(why)); }

/* ---- the end: which conditions made the difference ---- */

static void explain(struct backtest *b);

static void told_live(void *ctx, struct sori_str account) {
    struct backtest *b = ctx;
    differ_put(account, buf_view(&b->account), buf_view(&b->live_about), buf_view(&b->now_about),
               &b->report.samples[b->explaining].why);
    b->explaining++;
    soon(b, explain);
}

static void ask_live(struct backtest *b) {
    pool_explain(b->live, buf_view(&b->report.samples[b->explaining].facts), told_live, b);
}

static void told_now(void *ctx, struct sori_str account) {
    struct backtest *b = ctx;
    buf_clear(&b->account);
    buf_str(&b->account, account);
    soon(b, ask_live);
}

static void explain(struct backtest *b) {
    if (b->explaining < b->report.sample_n && b->live)
        pool_explain(b->now, buf_view(&b->report.samples[b->explaining].facts), told_now, b);
    else
        end(b, BACKTEST_DONE, (struct sori_str){0});
}

/* ---- pieces ---- */

static void piece_free(struct piece *p) {
    for (size_t i = 0; i < p->count; i++) buf_free(&p->deeds[i].score.out);
    buf_free(&p->fields);
    buf_free(&p->answers);
    free(p->deeds);
    free(p);
}

static struct sori_str answer(const struct piece *p, size_t at, size_t len) {
    return (struct sori_str){p->answers.data + at, len};
}

static void count_one(struct backtest *b, const struct piece *p, const struct deed *d) {
    struct sori_str now = answer(p, d->now_at, d->now_len), missed[NEEDS_MOST],
                    base = d->redone ? answer(p, d->live_at, d->live_len) : d->p.result;
    size_t n = needs_missed(&b->needs, &d->p, d->now.missed, missed);
    report_add(&b->report, &d->p, base, now, missed, n);
    if (!d->redone) return;
    b->report.redone++;
    b->report.earlier += change_of(d->p.result, base) == CHANGES_MEANING;
}

static void read_on(struct backtest *b);
static void hand_out(struct backtest *b);

/* In the order of the journal, so that two back-tests of one history give one report. */
static void settle(struct backtest *b) {
    while (b->first && !b->first->open) {
        struct piece *p = b->first;
        for (size_t i = 0; i < p->count; i++)
            if (p->deeds[i].taken) count_one(b, p, &p->deeds[i]);
        b->first = p->next;
        if (!b->first) b->last = NULL;
        b->pieces--;
        if (p->count) b->at = p->deeds[p->count - 1].p.seq;
        piece_free(p);
        if (b->events.progress && b->to >= b->begin)
            b->events.progress(b->events.ctx, &b->report,
                               (b->at - b->begin + 1) * 10000 / (b->to - b->begin + 1));
    }
    read_on(b);
}

static void on_now(void *ctx, struct pool_item *item, struct sori_str decision) {
    struct deed *d = item->owner;
    struct piece *p = ((struct backtest *)ctx)->first;
    while (d < p->deeds || d >= p->deeds + p->count) p = p->next;
    d->now_at = p->answers.len;
    d->now_len = decision.len;
    buf_str(&p->answers, decision);
    if (--p->open == 0) soon(ctx, hand_out);
}

static void on_live(void *ctx, struct pool_item *item, struct sori_str decision) {
    struct deed *d = item->owner;
    struct piece *p = ((struct backtest *)ctx)->first;
    while (d < p->deeds || d >= p->deeds + p->count) p = p->next;
    d->live_at = p->answers.len;
    d->live_len = decision.len;
    buf_str(&p->answers, decision);
    if (--p->open == 0) soon(ctx, hand_out);
}

static size_t count_past(struct sori_str fields) {
    struct rec_field f;
    size_t n = 0;
    while (rec_next(&fields, &f) == 1) n += f.tag == TELL_PAST && f.type == REC_REC;
    return n;
}

static void put_deed(struct backtest *b, struct piece *p, struct deed *d) {
    if (!d->taken) return;
    /* What the live policy said then was said without those scores. */
    d->redone = d->p.rescored || !needs_same(&b->needs, d->p.generation);
    d->now = (struct pool_item){
        .facts = d->p.facts, .contact = d->p.contact, .then = d->p.result, .owner = d};
    d->live = (struct pool_item){.facts = d->p.facts, .owner = d};
    p->open += 1 + d->redone;
    pool_put(b->now, &d->now);
    if (d->redone) pool_put(b->live, &d->live);
}

/* To the policies, in the order of the journal: a contact's cells evolve in it. */
static void hand_out(struct backtest *b) {
    for (struct piece *p = b->first; p && !p->scoring; p = p->next) {
        if (p->handed) continue;
        p->handed = true;
        for (size_t i = 0; i < p->count; i++) put_deed(b, p, &p->deeds[i]);
        pool_flush(b->now);
        if (b->live) pool_flush(b->live);
        p->open--;
    }
    settle(b);
}

static void on_scored(void *ctx, struct rescore_item *item) {
    struct backtest *b = ctx;
    struct deed *d = item->owner;
    struct piece *p = b->first;
    while (d < p->deeds || d >= p->deeds + p->count) p = p->next;
    if (item->out.len) d->p.facts = buf_view(&item->out);
    d->p.rescored = item->out.len > 0;
    b->report.unscored += !item->out.len;
    if (--p->scoring == 0) soon(b, hand_out);
}

/* Texts without scores go to the models first. */
static void score(struct backtest *b, struct piece *p) {
    p->scoring = 1; /* until all are handed out */
    for (size_t i = 0; i < p->count; i++) {
        struct deed *d = &p->deeds[i];
        d->taken = report_takes(&b->report, &d->p);
        if (!d->taken || !b->rescore || !rescore_wants(b->rescore, d->p.facts)) continue;
        d->score = (struct rescore_item){.facts = d->p.facts, .owner = d};
        p->scoring++;
        rescore_put(b->rescore, &d->score);
    }
    if (b->rescore) rescore_flush(b->rescore);
    if (--p->scoring == 0) soon(b, hand_out);
}

/* The reader may be busy or just starting: the same piece, a little later. */
static void again_or_fail(struct backtest *b, const char *why) {
    struct timeval later = {.tv_usec = AGAIN_MS * 1000};
    if (++b->tries > TRIES) {
        failed(b, why);
        return;
    }
    b->next = read_on;
    evtimer_add(b->step, &later);
}

static void told_piece(void *ctx, bool ok, struct sori_str fields, const char *why) {
    struct backtest *b = ctx;
    struct rec_field f;
    b->reading = false;
    if (!ok) {
        again_or_fail(b, why);
        return;
    }
    b->tries = 0;
    struct piece *p = mem_get(sizeof *p);
    buf_str(&p->fields, fields);
    p->count = count_past(buf_view(&p->fields));
    p->deeds = p->count ? mem_get(p->count * sizeof *p->deeds) : NULL;
    size_t n = 0;
    for (struct sori_str rest = buf_view(&p->fields); rec_next(&rest, &f) == 1;)
        if (f.tag == TELL_PAST && f.type == REC_REC) past_read(f.s, &p->deeds[n++].p);
    b->all_read = n == 0;
    if (n) b->from = p->deeds[n - 1].p.seq + 1;
    if (b->last)
        b->last->next = p;
    else
        b->first = p;
    b->last = p;
    b->pieces++;
    p->open = 1; /* until all are handed out */
    score(b, p);
}

static void read_on(struct backtest *b) {
    struct err err;
    struct buf args = {0};
    if (b->reading || b->over) return;
    if (b->all_read || b->from > b->to) {
        b->all_read = true;
        if (!b->first) explain(b);
        return;
    }
    if (b->pieces >= PIECES) return;
    ask_end(&b->ask);
    ask_arg_int(&args, "from", b->from);
    ask_arg_int(&args, "to", b->to);
    b->ask = ask_begin(b->base, b->socket, "history", buf_view(&args), told_piece, b, &err);
    buf_free(&args);
    b->reading = b->ask != NULL;
    if (!b->ask) again_or_fail(b, err.text);
}

/* ---- the beginning: what is live, and what the candidate needs ---- */

static void plan(struct backtest *b);

static void refused(void *ctx, bool load, struct sori_str why) {
    end(ctx, load ? BACKTEST_REFUSED : BACKTEST_FAILED, why);
}

static void now_ready(void *ctx, struct sori_str about) {
    struct backtest *b = ctx;
    buf_str(&b->now_about, about);
    needs_read(&b->needs, about);
    soon(b, plan);
}

static void live_ready(void *ctx, struct sori_str about) {
    struct backtest *b = ctx;
    buf_str(&b->live_about, about);
    soon(b, read_on);
}

/* A live policy that does not load any more can be no measure; where nothing is decided again it is
 * only missed in explanations. */
static void live_refused(void *ctx, bool load, struct sori_str why) {
    struct backtest *b = ctx;
    struct buf text = {0};
    buf_printf(&text, "the live policy, with which this one is compared, %s:\n%.*s",
               load ? "does not load" : "does not work", STR(why));
    end(b, BACKTEST_FAILED, buf_view(&text));
    buf_free(&text);
}

static void open_pool(struct backtest *b, struct pool **pool, const char *name,
                      const struct buf *bundle, const struct buf *env, unsigned lanes) {
    bool live = pool == &b->live;
    struct err err;
    struct pool_spec spec = {.name = name,
                             .bin = b->bin,
                             .bundle = buf_view(bundle),
                             .env = buf_view(env),
                             .lanes = lanes,
                             .closed = b->closed && !live};
    struct pool_events events = {.ctx = b,
                                 .ready = live ? live_ready : now_ready,
                                 .failed = live ? live_refused : refused,
                                 .decided = live ? on_live : on_now};
    *pool = pool_open(b->base, &spec, &events, &err);
    if (!*pool) failed(b, err.text);
}

static void open_live(struct backtest *b) {
    unsigned lanes = b->needs.older || b->rescore ? b->lanes : 1;
    open_pool(b, &b->live, "live", &b->live_bundle, &b->live_env, lanes);
}

/* The first plan says what is live, so that the candidate can be loaded; the second one which of
 * its needs older generations had. */
static void told_plan(void *ctx, bool ok, struct sori_str fields, const char *why) {
    struct backtest *b = ctx;
    struct sori_str plan_ = rec_get_rec(fields, TELL_PLAN);
    if (!ok) {
        failed(b, why);
        return;
    }
    if (!b->planned) {
        b->planned = true;
        b->report.generation = rec_get_int(plan_, PLAN_LIVE, 0);
        buf_str(&b->live_bundle, rec_get_str(plan_, PLAN_BUNDLE));
        buf_str(&b->live_env, rec_get_rec(plan_, PLAN_ENV));
        b->begin = b->from = rec_get_int(plan_, PLAN_FROM, 1);
        b->to = rec_get_int(plan_, PLAN_TO, 0);
        if (!b->report.generation) {
            failed(b, "no generation is live yet, so there is nothing to compare with");
            return;
        }
        open_pool(b, &b->now, "candidate", &b->bundle, b->env.len ? &b->env : &b->live_env,
                  b->lanes);
        return;
    }
    struct buf watch = {0};
    needs_plan(&b->needs, plan_);
    needs_watch(&b->needs, &watch);
    pool_watch(b->now, buf_view(&watch));
    buf_free(&watch);
    soon(b, open_live);
}

static void plan(struct backtest *b) {
    struct err err;
    struct buf args = {0};
    ask_end(&b->ask);
    ask_arg_int(&args, "since", b->since);
    needs_ask(&b->needs, &args);
    b->ask = ask_begin(b->base, b->socket, "history-plan", buf_view(&args), told_plan, b, &err);
    buf_free(&args);
    if (!b->ask) failed(b, err.text);
}

static void models_ready(void *ctx) {
    struct backtest *b = ctx;
    soon(b, plan);
}

static void models_failed(void *ctx, const char *why) { failed(ctx, why); }

/* Scores first, where they are asked for. */
static bool begin(struct backtest *b, const struct backtest_spec *spec, struct err *err) {
    struct rescore_events events = {
        .ctx = b, .ready = models_ready, .failed = models_failed, .scored = on_scored};
    if (!spec->model_count) {
        soon(b, plan);
        return true;
    }
    b->rescore = rescore_open(b->base, b->bin, spec->models, spec->model_count, &events, err);
    return b->rescore != NULL;
}

struct backtest *backtest_begin(struct event_base *base, const struct backtest_spec *spec,
                                const struct backtest_events *events, struct err *err) {
    struct backtest *b = mem_get(sizeof *b);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    b->base = base;
    b->events = *events;
    b->socket = mem_text(str_c(spec->socket));
    b->bin = mem_text(str_c(spec->bin));
    buf_str(&b->bundle, spec->bundle);
    buf_str(&b->env, spec->env);
    b->closed = b->report.closed = spec->closed;
    b->since = b->report.since = spec->since;
    b->lanes = spec->lanes ? spec->lanes : cores > 0 ? (unsigned)cores : 1;
    if (b->lanes > LANES_MOST) b->lanes = LANES_MOST;
    b->report.lanes = b->lanes;
    b->report.sample_max = spec->samples;
    b->began = clock_mono();
    b->step = evtimer_new(base, on_step, b);
    if (!b->step) {
        err_set(err, "no event could be made");
        backtest_end(&b);
        return NULL;
    }
    if (!begin(b, spec, err)) backtest_end(&b);
    return b;
}

void backtest_end(struct backtest **at) {
    struct backtest *b = *at;
    *at = NULL;
    if (!b) return;
    if (b->step) event_free(b->step);
    ask_end(&b->ask);
    rescore_close(&b->rescore);
    pool_close(&b->now);
    pool_close(&b->live);
    while (b->first) {
        struct piece *p = b->first;
        b->first = p->next;
        piece_free(p);
    }
    struct buf *all[] = {&b->bundle,    &b->env,        &b->live_bundle, &b->live_env,
                         &b->now_about, &b->live_about, &b->account};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
    needs_free(&b->needs);
    report_free(&b->report);
    free(b->socket);
    free(b->bin);
    free(b);
}
