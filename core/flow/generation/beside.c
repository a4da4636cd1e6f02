#include "flow/generation/beside.h"

#include "base/clock.h"
#include "base/log.h"
#include "reader/reader.h"

#include <stdlib.h>

/* One message holds what one batch of decisions was; so many may be on their way. */
enum {
    FLYING_MOST = 16,
    OUT_MOST = 1 << 20,
    SEEN_MS = 30000,
    LOAD_MS = 30000,
    REPORT_MS = 60000,
    KEEP_MS = 15000
};
enum { REFUSED = 3, FAILED = 1, SAVED_BUNDLE = 1, SAVED_SINCE = 2, SAVED_WHAT = 3 };
enum { SAVED_REPORT = 1 };

struct beside {
    struct beside *before; /* takes the place again where this one does not load */
    struct guest *guest;
    struct buf bundle, env, out, last, text; /* last: the newest report */
    char *what;
    int64_t since, generation, skipped, report_due; /* report_due: monotonic ms */
    int64_t gap;                                    /* ms UTC; 0: nothing is missing in `last` */
    size_t waiting;                                 /* entries in `out` */
    unsigned flying;
    uint32_t load_call, report_call;
    bool loaded, renew, stop, news; /* news: since the last report */
    struct command *begins, *asks;  /* who waits for an answer */
};

static void forget(struct core *c) {
    struct beside *s = c->beside;
    if (!s) return;
    c->beside = s->before;
    forget(c);
    if (s->begins) control_tell(s->begins, FAILED, "the shadow was ended before it was ready");
    if (s->asks) control_tell(s->asks, FAILED, "the shadow ended before it could tell");
    if (s->guest) guest_kill(&s->guest);
    struct buf *all[] = {&s->bundle, &s->env, &s->out, &s->last, &s->text};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
    free(s->what);
    free(s);
}

/* The newest report, for a later life to go on from; nothing where there is no shadow. */
static void save_report(struct core *c) {
    struct beside *s = c->beside;
    struct buf b = {0};
    if (s && s->last.len) rec_rec(&b, SAVED_REPORT, buf_view(&s->last));
    *store_add_meta(&c->batch) =
        (struct row_meta){.name = SORI_STR("shadow_report"), .value = keep(c, buf_view(&b))};
    flow_dirty(c);
    buf_free(&b);
}

/* What a later life needs, or nothing. */
static void save(struct core *c) {
    struct beside *s = c->beside;
    struct buf b = {0};
    if (s) {
        rec_str(&b, SAVED_BUNDLE, buf_view(&s->bundle));
        rec_int(&b, SAVED_SINCE, s->since);
        rec_str(&b, SAVED_WHAT, str_c(s->what));
    }
    *store_add_meta(&c->batch) =
        (struct row_meta){.name = SORI_STR("shadow"), .value = keep(c, buf_view(&b))};
    buf_free(&b);
    save_report(c);
}

/* ---- its process ---- */

static void send_load(struct core *c) {
    struct beside *s = c->beside;
    struct buf b = {0};
    buf_clear(&s->env);
    if (c->active) buf_str(&s->env, buf_view(&c->active->env));
    rec_str(&b, PROOF_BUNDLE, buf_view(&s->bundle));
    rec_rec(&b, PROOF_ENV, buf_view(&s->env));
    rec_int(&b, PROOF_SINCE, s->since);
    if (s->last.len) rec_rec(&b, PROOF_REPORT, buf_view(&s->last));
    rec_int_opt(&b, PROOF_GAP, s->gap);
    s->gap = 0;
    s->load_call = guest_call(s->guest, M_SHADOW, buf_view(&b), LOAD_MS, -1);
    s->renew = false;
    buf_free(&b);
}

/* `explain`: with the conditions that made the difference. */
static void ask_report(struct core *c, bool explain) {
    struct beside *s = c->beside;
    struct buf b = {0};
    s->report_due = clock_mono() + KEEP_MS;
    if (s->report_call) return;
    s->news = false;
    if (explain && c->active) {
        rec_str(&b, PROOF_BUNDLE, buf_view(&c->active->bundle));
        rec_rec(&b, PROOF_ENV, buf_view(&c->active->env));
    }
    s->report_call = guest_call(s->guest, M_REPORT, buf_view(&b), REPORT_MS, -1);
    buf_free(&b);
}

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct core *c = ctx;
    (void)hello;
    if (c->beside && g == c->beside->guest) send_load(c);
}

static void loaded(struct core *c, const struct wire_msg *m) {
    struct beside *s = c->beside;
    struct command *cmd = s->begins;
    s->load_call = 0;
    s->begins = NULL;
    if (m->head.status == SORI_OK) {
        s->loaded = true;
        s->generation = c->active ? c->active->id : 0;
        s->report_due = clock_mono() + KEEP_MS;
        if (!cmd) return;
        struct beside *before = s->before;
        s->before = NULL;
        c->beside = before;
        forget(c);
        c->beside = s;
        save(c);
        control_tell(cmd, 0,
                     "%s decides beside generation %lld from now on, and sends nothing; "
                     "`sori policy shadow` shows how it differs",
                     s->what, (long long)s->generation);
        return;
    }
    struct buf why = {0};
    struct rec_field f;
    for (struct sori_str rest = m->payload; rec_next(&rest, &f) == 1;)
        if (f.tag == LOAD_ERROR && f.type == REC_STR)
            buf_printf(&why, "%s%.*s", why.len ? "\n" : "", STR(f.s));
    if (cmd)
        control_tell(cmd, m->head.status == SORI_CONFIG ? REFUSED : FAILED, "%s",
                     why.data ? why.data : "the shadow cannot be started");
    log_line(LOG_WARN, "shadow", "%s is not taken: %s", s->what, why.data ? why.data : "no reason");
    buf_free(&why);
    struct beside *before = s->before;
    s->before = NULL;
    forget(c);
    c->beside = before;
    if (before && before->guest) { /* it may have been started again meanwhile */
        if (before->asks)          /* what it answered was not heard */
            control_tell(before->asks, FAILED, "the shadow was put aside; ask again in a moment");
        before->asks = NULL;
        before->report_call = 0;
        before->flying = 0;
        before->loaded = before->stop = false;
        send_load(c);
    }
    save(c);
}

static void tell_report(struct command *cmd, const struct beside *s, struct sori_str report) {
    struct buf more = {0};
    size_t mark = rec_begin(&more, TELL_BLOB);
    rec_str(&more, 1, SORI_STR("report"));
    rec_str(&more, 2, report);
    rec_end(&more, mark);
    control_tell_text(cmd, report.len ? 0 : FAILED,
                      report.len ? str_c(s->what) : SORI_STR("the shadow did not tell"),
                      buf_view(&more));
    buf_free(&more);
}

static void reported(struct core *c, const struct wire_msg *m) {
    struct beside *s = c->beside;
    struct command *cmd = s->asks;
    struct sori_str report = rec_get_rec(m->payload, PROOF_REPORT);
    s->report_call = 0;
    if (m->head.status == SORI_OK) {
        buf_clear(&s->last);
        buf_str(&s->last, report);
        if (!s->stop) save_report(c);
    }
    s->asks = NULL;
    if (cmd) tell_report(cmd, s, report);
    if (s->stop) {
        forget(c);
        save(c);
    } else if (s->renew) {
        s->loaded = false;
        send_load(c);
    }
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *m) {
    struct core *c = ctx;
    struct beside *s = c->beside;
    if (!s || g != s->guest) return;
    if (m->head.call == s->load_call)
        loaded(c, m);
    else if (m->head.call == s->report_call)
        reported(c, m);
    else if (s->flying)
        s->flying--;
}

/* It is started again and goes on from the last report; but where it gave the candidate up by
 * itself, since its workers die too often, the shadow is over. */
static void on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    struct core *c = ctx;
    struct beside *s = c->beside;
    if (!s || g != s->guest) return;
    log_line(LOG_WARN, "shadow", "%s", o->what);
    if (s->loaded && !o->signal && !o->exit_code) {
        forget(c);
        save(c);
        return;
    }
    if (s->loaded) s->gap = core_now(c);
    s->loaded = false;
    s->flying = 0;
    s->load_call = s->report_call = 0;
    if (s->asks) control_tell(s->asks, FAILED, "the shadow's process ended; ask again in a moment");
    s->asks = NULL;
}

static bool start(struct core *c, struct sori_str bundle, struct sori_str what, int64_t since,
                  struct err *err) {
    struct beside *before = c->beside, *s = c->beside = mem_get(sizeof *s);
    struct guest_spec spec = {.kind = GUEST_PROOF, .name = "shadow"};
    struct guest_events events = {.ctx = c, .ready = on_ready, .done = on_done, .lost = on_lost};
    buf_str(&s->bundle, bundle);
    s->what = mem_text(what);
    s->since = since;
    s->guest = guest_start(c->base, c->bin, &spec, &events, err);
    if (s->guest) {
        s->before = before;
        return true;
    }
    forget(c);
    c->beside = before;
    return false;
}

/* ---- what is decided ---- */

void beside_seen(struct core *c, const struct entry *e, int64_t generation, struct sori_str facts,
                 struct sori_str decision) {
    struct beside *s = c->beside;
    if (!s || !s->loaded) return;
    if (s->out.len > OUT_MOST || s->flying >= FLYING_MOST) {
        s->skipped++;
        return;
    }
    buf_clear(&s->text);
    buf_str(&s->text, facts);
    rec_str(&s->text, FACT_TEXT, e->text);
    size_t mark = rec_begin(&s->out, BESIDE_ENTRY);
    rec_int(&s->out, PAST_SEQ, e->seq);
    rec_int(&s->out, PAST_AT, c->last_at);
    rec_int(&s->out, PAST_GENERATION, generation);
    rec_int(&s->out, PAST_STATUS, rec_get_int(decision, 1, 0)); /* DEC_STATUS */
    rec_str(&s->out, PAST_FACTS, buf_view(&s->text));
    rec_str(&s->out, PAST_RESULT, decision);
    rec_int(&s->out, PAST_INTERACTION, e->interaction);
    rec_end(&s->out, mark);
    s->waiting++;
    s->news = true;
}

void beside_flush(struct core *c) {
    struct beside *s = c->beside;
    if (!s || !s->loaded) return;
    if (s->waiting) {
        rec_int_opt(&s->out, BESIDE_SKIPPED, s->skipped);
        if (guest_call(s->guest, M_BESIDE, buf_view(&s->out), SEEN_MS, -1)) {
            s->flying++;
            s->skipped = 0;
        } else {
            s->skipped += (int64_t)s->waiting;
        }
        buf_clear(&s->out);
        s->waiting = 0;
    }
    /* What policies may name has changed: it is loaded anew, and its report goes on. */
    if (c->active && s->generation != c->active->id) {
        s->generation = c->active->id;
        s->renew = !str_eq(buf_view(&s->env), buf_view(&c->active->env));
        if (s->renew) ask_report(c, false);
    }
    if (s->news && clock_mono() >= s->report_due) ask_report(c, false);
}

/* ---- people ---- */

static void report(struct command *cmd) {
    struct core *c = cmd->core;
    struct beside *s = c->beside;
    if (!s) {
        control_tell(cmd, FAILED,
                     "no policy decides beside the live one; "
                     "`sori policy shadow DIR` begins it");
    } else if (s->asks || s->report_call || s->load_call) {
        control_tell(cmd, FAILED,
                     "the shadow is busy with another question; ask again in a moment");
    } else {
        s->stop = control_arg(cmd, "stop").len > 0;
        s->asks = cmd;
        ask_report(c, true);
        if (s->report_call) return;
        s->asks = NULL;
        control_tell(cmd, FAILED, "the shadow's process is being started; ask again in a moment");
    }
}

void beside_command(struct command *cmd) {
    struct core *c = cmd->core;
    struct err err;
    struct beside *s = c->beside;
    if (!cmd->body.len || (s && str_eq(buf_view(&s->bundle), cmd->body)) ||
        control_arg(cmd, "stop").len) {
        report(cmd);
        return;
    }
    if (s && s->begins) {
        control_tell(cmd, FAILED, "another shadow is being started; ask again in a moment");
        return;
    }
    if (start(c, cmd->body, control_arg(cmd, "what"), core_now(c), &err))
        c->beside->begins = cmd;
    else
        control_tell(cmd, FAILED, "%s", err.text);
}

void beside_start(struct core *c) {
    struct buf saved = {0}, report = {0};
    struct err err;
    bool was = store_meta(c->store, "shadow", &saved);
    struct sori_str r = buf_view(&saved), bundle = rec_get_str(r, SAVED_BUNDLE);
    if (was && bundle.len) {
        if (!start(c, bundle, rec_get_str(r, SAVED_WHAT), rec_get_int(r, SAVED_SINCE, core_now(c)),
                   &err))
            log_line(LOG_ERROR, "shadow", "%s", err.text);
        else if (store_meta(c->store, "shadow_report", &report))
            buf_str(&c->beside->last, rec_get_rec(buf_view(&report), SAVED_REPORT));
        if (c->beside) c->beside->gap = core_now(c);
    }
    buf_free(&saved);
    buf_free(&report);
}

void beside_stop(struct core *c) { forget(c); }

const struct guest *beside_guest(const struct core *c) {
    return c->beside ? c->beside->guest : NULL;
}
