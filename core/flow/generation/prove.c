#include "flow/generation/prove.h"

#include "base/clock.h"
#include "proof/report.h"

#include <stdlib.h>

/* As long as it may take: then the reload is refused, and the old generation goes on. */
enum { PROVE_MS = 600000, MOVES_TOLD = 3 };
static const int64_t month = 30ll * 86400000;

struct prove {
    struct guest *guest;
    prove_done *done;
    struct buf bundle, env;
    int64_t limit;
};

bool prove_wanted(const struct core *c, const struct generation *g) {
    const struct generation *live = c->active;
    return g->conf.max_change >= 0 && live &&
           !(str_eq(buf_view(&g->bundle), buf_view(&live->bundle)) &&
             str_eq(buf_view(&g->env), buf_view(&live->env)));
}

void prove_stop(struct core *c) {
    struct prove *p = c->prove;
    if (!p) return;
    c->prove = NULL;
    if (p->guest) guest_kill(&p->guest);
    buf_free(&p->bundle);
    buf_free(&p->env);
    free(p);
}

static void end(struct core *c, bool ok, struct sori_str why) {
    prove_done *done = c->prove->done;
    prove_stop(c);
    done(c, ok, why);
}

/* What most of those that change change in. */
static void put_moves(struct report *r, struct buf *text) {
    counts_sort(&r->moves);
    for (size_t i = 0; i < r->moves.n && i < MOVES_TOLD; i++)
        buf_printf(text, "  %lld: %s\n", (long long)r->moves.items[i].changed,
                   r->moves.items[i].name);
}

static void judge(struct core *c, struct sori_str record) {
    struct report r = {0};
    struct buf text = {0};
    report_get(record, &r);
    int64_t share = report_share(&r), limit = c->prove->limit;
    bool ok = share <= limit;
    buf_printf(&text, "history: %.2f %% of %lld decisions of the last 30 days would be others",
               (double)share / 100, (long long)r.compared);
    if (ok) {
        buf_printf(&text, " (up to %.2f %% may)\n", (double)limit / 100);
    } else {
        buf_printf(
            &text,
            ", and reload { max_change = \"%g%%\" } in sori.lua allows no more; `sori policy "
            "backtest policy --since 30d` shows which:\n",
            (double)limit / 100);
        put_moves(&r, &text);
    }
    report_free(&r);
    end(c, ok, buf_view(&text));
    buf_free(&text);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct core *c = ctx;
    struct buf b = {0}, socket = {0};
    (void)hello;
    buf_printf(&socket, "%s/sori.sock", c->data);
    rec_str(&b, PROOF_BUNDLE, buf_view(&c->prove->bundle));
    rec_rec(&b, PROOF_ENV, buf_view(&c->prove->env));
    rec_str(&b, PROOF_SOCKET, buf_view(&socket));
    rec_int(&b, PROOF_SINCE, core_now(c) - month);
    rec_int(&b, PROOF_SAMPLES, 0);
    guest_call(g, M_BACKTEST, buf_view(&b), PROVE_MS, -1);
    buf_free(&b);
    buf_free(&socket);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct core *c = ctx;
    struct rec_field f;
    if (!c->prove || g != c->prove->guest) return;
    if (m->head.status == SORI_OK) {
        judge(c, rec_get_rec(m->payload, PROOF_REPORT));
        return;
    }
    struct buf text = {0};
    buf_puts(&text,
             "history could not be asked, and reload { max_change } in sori.lua wants it:\n");
    for (struct sori_str rest = m->payload; rec_next(&rest, &f) == 1;)
        if (f.tag == LOAD_ERROR && f.type == REC_STR) buf_printf(&text, "  %.*s\n", STR(f.s));
    end(c, false, buf_view(&text));
    buf_free(&text);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct core *c = ctx;
    if (!c->prove || g != c->prove->guest) return;
    struct buf text = {0};
    buf_printf(&text, "history could not be asked: %s\n", o->what);
    end(c, false, buf_view(&text));
    buf_free(&text);
}

bool prove_begin(struct core *c, const struct generation *g, prove_done *done, struct err *err) {
    struct prove *p = c->prove = mem_get(sizeof *p);
    struct guest_spec spec = {.kind = GUEST_PROOF, .name = "proof", .once = true};
    struct guest_events events = {.ctx = c, .ready = on_ready, .done = on_done, .lost = on_lost};
    p->done = done;
    p->limit = g->conf.max_change;
    buf_str(&p->bundle, buf_view(&g->bundle));
    buf_str(&p->env, buf_view(&g->env));
    p->guest = guest_start(c->base, c->bin, &spec, &events, err);
    if (p->guest) return true;
    prove_stop(c);
    return false;
}
