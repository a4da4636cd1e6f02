/* What is left of a connection's budgets and money. What holds something up is kept durably, and
 * given to each call: what a platform asked for is kept though the process that heard it crashed,
 * be it a plugin's or this one. */
#include "flow/channel/live.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "flow/act/act.h"
#include "flow/admit.h"
#include "reader/reader.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DAY_MS = 86400000,
    KEEP_SHARE = 10,  /* the last tenth of a budget is for acts */
    WAITS_OPTIONS = 1 /* of the kept record, beside rep DONE_RATE: digest of the options */
};

/* ---- budgets ---- */

static struct budget *place_of(struct live *l, struct sori_str bucket) {
    struct budget *oldest = &l->budget[0];
    for (size_t i = 0; i < l->budgets; i++) {
        if (str_is(bucket, l->budget[i].bucket)) return &l->budget[i];
        if (l->budget[i].until < oldest->until) oldest = &l->budget[i];
    }
    return l->budgets < BUDGETS_MAX ? &l->budget[l->budgets++] : oldest;
}

static bool is_full(const struct budget *b, int64_t now) {
    return b->remaining == 0 && b->until > now;
}

/* True where it was used up and is not any longer, before its time. */
static bool set_budget(struct live *l, struct sori_str r, int64_t now) {
    struct sori_str bucket = rec_get_str(r, 1);
    if (bucket.len > BUCKET_MOST || !utf8_valid(bucket)) return false;
    struct budget *b = place_of(l, bucket);
    bool was_full = str_is(bucket, b->bucket) && is_full(b, now);
    snprintf(b->bucket, sizeof b->bucket, "%.*s", STR(bucket));
    b->limit = rec_get_int(r, 2, 0);
    b->remaining = rec_get_int(r, 3, 0);
    b->until = rec_get_int(r, 4, 0);
    b->apart = (rec_get_int(r, 5, 0) & SORI_RATE_APART) != 0;
    if (b->until > now) b->until = now + admit_span(b->until - now);
    if (b->remaining < 0) b->remaining = 0;
    return was_full && !is_full(b, now);
}

static void put_rate(struct buf *out, uint32_t tag, const struct budget *b) {
    size_t mark = rec_begin(out, tag);
    rec_str(out, 1, str_c(b->bucket));
    rec_int(out, 2, b->limit);
    rec_int(out, 3, b->remaining);
    rec_int(out, 4, b->until);
    rec_int_opt(out, 5, b->apart ? SORI_RATE_APART : 0);
    rec_end(out, mark);
}

/* Polls wait for it. */
static bool is_low(const struct budget *b, int64_t now) {
    return b->limit > 0 && !b->apart && b->until > now &&
           b->remaining < b->limit / KEEP_SHARE + (b->limit < KEEP_SHARE);
}

/* With other options it may be another account, another contract, another sum of money: what was
 * told before holds nothing up. */
static struct live *current(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    int64_t options = (int64_t)hash_digest(buf_view(&conn->options));
    if (l->budget_options == options) return l;
    l->budget_options = options;
    l->budgets = 0;
    act_step_due(c, conn);
    return l;
}

int64_t budget_hold(struct core *c, struct conn *conn) {
    struct live *l = current(c, conn);
    int64_t now = core_now(c), hold = 0;
    for (size_t i = 0; i < l->budgets; i++) {
        const struct budget *b = &l->budget[i];
        if (is_low(b, now) && b->until > hold) hold = b->until;
    }
    return hold;
}

/* ---- what is durable ---- */

static void save_waits(struct core *c, struct conn *conn, struct live *l) {
    struct buf waits = {0};
    int64_t now = core_now(c);
    for (size_t i = 0; i < l->budgets; i++)
        if (is_full(&l->budget[i], now) || is_low(&l->budget[i], now))
            put_rate(&waits, DONE_RATE, &l->budget[i]);
    if (waits.len) rec_int(&waits, WAITS_OPTIONS, l->budget_options);
    if (str_eq(buf_view(&waits), buf_view(&l->waits))) {
        buf_free(&waits);
        return;
    }
    buf_free(&l->waits);
    l->waits = waits;
    *store_add_cursor(&c->batch) = (struct row_cursor){.connection = conn->id,
                                                       .lane = LANE_BUDGET,
                                                       .name = SORI_STR("waits"),
                                                       .value = keep(c, buf_view(&waits)),
                                                       .at = now};
    flow_dirty(c);
}

struct loading {
    struct live *live;
    int64_t now;
};

static void take_waits(void *ctx, const void *row) {
    const struct loading *x = ctx;
    struct sori_str value = ((const struct row_cursor *)row)->value;
    struct rec_field f;
    if (!rec_valid(value, 2)) return;
    if (rec_get_int(value, WAITS_OPTIONS, 0) != x->live->budget_options) return;
    buf_clear(&x->live->waits);
    buf_str(&x->live->waits, value);
    while (rec_next(&value, &f) == 1)
        if (f.tag == DONE_RATE && f.type == REC_REC && rec_get_int(f.s, 4, 0) > x->now)
            (void)set_budget(x->live, f.s, x->now);
}

static void take_cost(void *ctx, const void *row) {
    struct live *l = ((struct loading *)ctx)->live;
    const struct row_cursor *r = row;
    char text[64];
    snprintf(text, sizeof text, "%.*s", STR(utf8_cut(r->value, sizeof text - 1)));
    if (sscanf(text, "%" SCNd64 " %" SCNd64, &l->day, &l->spent) != 2) l->day = l->spent = 0;
}

void budget_load(struct core *c, struct conn *conn, struct live *l) {
    struct loading x = {l, core_now(c)};
    l->budget_options = (int64_t)hash_digest(buf_view(&conn->options));
    store_cursors(c->store, conn->id, LANE_COST, take_cost, &x);
    store_cursors(c->store, conn->id, LANE_BUDGET, take_waits, &x);
}

/* ---- costs ---- */

static void new_day(struct live *l, int64_t now) {
    if (l->day == now / DAY_MS) return;
    l->day = now / DAY_MS;
    l->spent = 0;
}

static void spend(struct core *c, struct conn *conn, struct live *l, int64_t micros) {
    char value[64];
    new_day(l, core_now(c));
    l->spent = l->spent > INT64_MAX / 2 - micros ? INT64_MAX / 2 : l->spent + micros;
    snprintf(value, sizeof value, "%" PRId64 " %" PRId64, l->day, l->spent);
    live_save(c, conn, LANE_COST, "day", value);
}

/* ---- calls ---- */

void budget_call(struct core *c, struct conn *conn, struct buf *call) {
    struct live *l = current(c, conn);
    int64_t now = core_now(c);
    new_day(l, now);
    rec_int_opt(call, CALL_SPENT, l->spent);
    for (size_t i = 0; i < l->budgets; i++)
        if (is_full(&l->budget[i], now)) put_rate(call, CALL_FULL, &l->budget[i]);
}

void budget_told(struct core *c, struct conn *conn, struct sori_str done) {
    struct live *l = current(c, conn);
    struct rec_field f;
    int64_t now = core_now(c), spent = 0;
    bool rates = false, lifted = false;
    while (rec_next(&done, &f) == 1) {
        if (f.type != REC_REC) continue;
        if (f.tag == DONE_RATE) {
            lifted |= set_budget(l, f.s, now);
            rates = true;
        }
        int64_t micros = f.tag == DONE_SPENT ? rec_get_int(f.s, 2, 0) : 0;
        if (micros > 0) spent = micros < INT64_MAX / 2 - spent ? spent + micros : INT64_MAX / 2;
    }
    if (rates) save_waits(c, conn, l);
    if (lifted) {
        act_step_due(c, conn);
        conn->poll_due = 0;
    }
    if (spent > 0) spend(c, conn, l, spent);
}

void budget_rest(struct core *c, struct conn *conn, int64_t until) {
    struct live *l = current(c, conn);
    if (until <= core_now(c) || until <= budget_hold(c, conn)) return;
    struct budget *b = place_of(l, SORI_STR("polls"));
    *b = (struct budget){.bucket = "polls", .limit = 1, .until = until};
    save_waits(c, conn, l);
}

/* ---- for status ---- */

void budget_put(struct core *c, struct conn *conn, struct buf *b) {
    struct live *l = current(c, conn);
    int64_t now = core_now(c);
    new_day(l, now);
    for (size_t i = 0; i < l->budgets; i++) {
        const struct budget *g = &l->budget[i];
        size_t mark = rec_begin(b, SC_BUDGET);
        rec_str(b, 1, str_c(g->bucket));
        rec_int(b, 2, g->limit);
        rec_int(b, 3, g->until && g->until <= now ? g->limit : g->remaining);
        rec_int_opt(b, 4, g->until > now ? g->until : 0);
        rec_end(b, mark);
    }
    rec_int_opt(b, SC_HELD_UNTIL, budget_hold(c, conn));
    rec_int_opt(b, SC_SPENT, l->spent);
}
