#include "flow/command/look.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "flow/act/ceiling.h"
#include "flow/head.h"
#include "flow/window.h"
#include "lua/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_MS = 86400000 };

static bool is_reply(int64_t verb) { return verb == VERB_REPLY || verb == VERB_PRIVATE_REPLY; }

void look_put(struct buf *checks, const char *check, const char *why) {
    size_t mark = rec_begin(checks, ACT_CHECK);
    rec_str(checks, 1, str_c(check));
    rec_str(checks, 2, str_c(why));
    rec_end(checks, mark);
}

void look_names(struct sori_str body, struct buf *out) {
    struct rec_field f;
    while (rec_next(&body, &f) == 1)
        if (f.tag == ACT_CHECK && f.type == REC_REC)
            buf_printf(out, "%s%.*s", out->len ? ", " : "", STR(rec_get_str(f.s, 1)));
}

static bool has(struct sori_str checks, const char *check) {
    struct rec_field f;
    while (rec_next(&checks, &f) == 1)
        if (f.tag == ACT_CHECK && f.type == REC_REC && str_is(rec_get_str(f.s, 1), check))
            return true;
    return false;
}

static bool fails(struct looked *out, const char *check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool fails(struct looked *out, const char *check, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(out->why, sizeof out->why, format, args);
    va_end(args);
    size_t whole = utf8_cut(str_c(out->why), sizeof out->why - 4).len;
    out->why[whole] = 0; /* names may be long, and in any letters */
    out->check = check;
    return true;
}

static void span(int64_t ms, char out[32]) {
    int64_t min = ms / 60000;
    if (min < 1)
        snprintf(out, 32, "%lld s", (long long)(ms / 1000));
    else if (min < 120)
        snprintf(out, 32, "%lld min", (long long)min);
    else
        snprintf(out, 32, "%lld h", (long long)(min / 60));
}

/* ---- one voice ---- */

/* The other replies to the same interaction. */
struct others {
    int64_t id, seq; /* of the one that is looked at; id NIL: it is not made yet */
    bool timer;      /* a clock made it: what waits for approval is what it bridges */
    bool privately;  /* a private reply was said or may have been */
    char who[100];   /* of a person's that is on its way; empty: none */
    bool person, rule;
};

static void look_other(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    struct others *o = ctx;
    (void)c;
    (void)in_batch;
    if (!is_reply(a->verb) || a->id == o->id) return;
    bool open = a->state <= ACTION_SENT || a->state == ACTION_UNKNOWN;
    bool said = a->state >= ACTION_SENT && a->state <= ACTION_UNKNOWN;
    if (a->verb == VERB_PRIVATE_REPLY && said) o->privately = true;
    if (!open) return;
    if (a->actor.len) {
        o->person = true;
        struct sori_str who = utf8_cut(a->actor, sizeof o->who - 1);
        snprintf(o->who, sizeof o->who, "%.*s", STR(who));
    } else if (a->seq != o->seq && (o->id == NIL || a->id < o->id) &&
               !(o->timer && a->state == ACTION_WAITING))
        o->rule = true;
}

static bool is_timer(int64_t kind) { return kind >= ENTRY_DUE_SOON && kind <= ENTRY_FOLLOW_UP; }

static bool two_voices(struct core *c, struct contact *p, const struct others *o,
                       struct looked *out) {
    if (p) person_load(c, p);
    if (p && p->kase && p->kase->state < KASE_ANSWERED && p->kase->owner)
        return fails(out, "one_voice", "%s has the case", p->kase->owner);
    if (o->person) return fails(out, "one_voice", "a reply of %s is on its way", o->who);
    if (o->rule) return fails(out, "one_voice", "an earlier reply to it is not out yet");
    int64_t ago = p ? ceiling_hand(c, p) : NIL;
    if (ago == NIL) return false;
    char text[32];
    span(ago, text);
    return fails(out, "one_voice", "a person answered %s ago", text);
}

/* ---- the channel ---- */

static bool private_used(const struct others *o, int verb, int64_t kind, struct looked *out) {
    return verb == VERB_PRIVATE_REPLY && kind != KIND_MESSAGE && o->privately &&
           fails(out, "channel", "the private reply to it is used already");
}

/* A window is that of private replies where there are some, else of replies (sori/item.h). */
static bool window_closed(struct core *c, const struct row_action *a, struct looked *out) {
    struct row_interaction it;
    if (!store_interaction(c->store, a->interaction, &it)) return false;
    bool privately = (rec_get_int(it.caps, 7, 0) & SORI_CAN_REPLY_PRIVATELY) != 0;
    if (privately && a->verb != VERB_PRIVATE_REPLY) return false;
    int64_t left = caps_window(c, it.caps, it.said);
    if (left >= 0) return false;
    char text[32];
    span(-left, text);
    return fails(out, "channel", "the window to answer closed %s ago", text);
}

/* ---- the same words ---- */

static bool same_words(struct core *c, int64_t hash, int64_t contact, struct sori_str same,
                       struct looked *out) {
    int64_t most = rec_get_int(same, 1, 0), within = rec_get_int(same, 2, 0);
    if (most <= 0 || same_people(c, hash, contact, within, most) < most) return false;
    char text[32];
    span(within, text);
    return fails(out, "personal", "the same words went to %lld people in %s (guide: same_text)",
                 (long long)most, text);
}

/* ---- when it is made ---- */

static void put(struct buf *checks, const struct looked *l) {
    if (!has(buf_view(checks), l->check)) look_put(checks, l->check, l->why);
}

void look_made(struct core *c, struct entry *e, const struct making *m, struct buf *checks) {
    struct others o = {.id = NIL, .seq = e->seq, .timer = is_timer(e->kind)};
    struct looked l;
    uint64_t id = (uint64_t)e->interaction;
    if (!e->fresh || map_get(&c->acted, id) || (c->flying && map_get(&c->flight.acted, id)))
        act_each(c, e->interaction, NIL, look_other, &o);
    if (two_voices(c, e->contact, &o, &l)) put(checks, &l);
    if (private_used(&o, m->verb, e->item_kind, &l)) put(checks, &l);
    int64_t most = m->verb < 10 ? e->conn->verb_max[m->verb] : 0;
    if (most && !m->split && (int64_t)utf8_count(m->text) > most &&
        fails(&l, "channel", "%zu characters, and the channel takes %lld", utf8_count(m->text),
              (long long)most))
        put(checks, &l);
    if (m->same.len && e->contact &&
        same_words(c, (int64_t)(hash_digest(m->text) >> 1), e->contact->id, m->same, &l))
        put(checks, &l);
}

/* ---- when it leaves ---- */

/* Its clock is over, or what it says is of yesterday. */
static bool too_late(struct core *c, const struct row_action *a, const struct row_journal *j,
                     struct contact *p, struct looked *out) {
    int64_t now = core_now(c), late = now - j->at - DAY_MS;
    char text[32];
    const struct kase *k = p && p->kase && p->kase->id == a->kase ? p->kase : NULL;
    bool first_word = rec_get_int(a->body, ACT_HOLDING, 0) == 1; /* better late than never */
    if (k && k->due != NIL && k->due < now && j->kind != ENTRY_OVERDUE && !first_word) {
        span(now - k->due, text);
        return fails(out, "timing", "the clock ran out %s ago, before it left", text);
    }
    if (late < 0) return false;
    span(now - j->at, text);
    return fails(out, "timing", "it was decided %s ago and has not left since", text);
}

/* By the policy that is live, whichever decided: such days are declared when they are there. */
static bool frozen(struct core *c, struct sori_str body, struct looked *out) {
    bool cheerful = rec_get_int(body, ACT_CHEERFUL, 0) == 1;
    int64_t now = core_now(c);
    struct rec_field f;
    for (struct sori_str all = buf_view(&c->active->freezes); rec_next(&all, &f) == 1;)
        if (now >= rec_get_int(f.s, 1, 0) && now < rec_get_int(f.s, 2, 0) &&
            (cheerful || rec_get_int(f.s, 4, 0)))
            return fails(out, "timing", "frozen: %.*s", STR(rec_get_str(f.s, 3)));
    return false;
}

/* Since it was decided, many became unhappy about what it is about. */
static bool boils(struct core *c, struct sori_str body, struct looked *out) {
    struct sori_str r = rec_get_rec(body, ACT_SURGE), rest = r;
    int64_t most = rec_get_int(r, 1, 0), times = rec_get_int(r, 2, 0), hour, usual;
    struct rec_field f;
    while (r.len && rec_next(&rest, &f) == 1) {
        if (f.tag != 3 || f.type != REC_STR) continue;
        int64_t known = windows_of(c->windows, core_now(c), f.s, &hour, &usual);
        if (known < WINDOW_KNOWN_HOURS || hour < most ||
            (double)hour * 1e4 < (double)times * (double)usual)
            continue;
        return fails(out, "timing", "%.*s boils over: %lld unhappy words in the last hour",
                     STR(f.s), (long long)hour);
    }
    return false;
}

/* What makes a rule's reply wait for a person. */
static bool held(struct core *c, const struct row_action *a, const struct row_journal *j,
                 int64_t kind, struct contact *p, struct looked *out) {
    struct others o = {.id = a->id, .seq = a->seq, .timer = is_timer(j->kind)};
    act_each(c, a->interaction, NIL, look_other, &o);
    return two_voices(c, p, &o, out) || private_used(&o, (int)a->verb, kind, out) ||
           window_closed(c, a, out) || too_late(c, a, j, p, out) || frozen(c, a->body, out) ||
           boils(c, a->body, out) ||
           same_words(c, a->text_hash, a->contact, rec_get_rec(a->body, ACT_SAME), out);
}

static enum look dead(struct looked *out, int state, const char *why) {
    out->state = state;
    snprintf(out->why, sizeof out->why, "%s", why);
    return LOOK_DEAD;
}

enum look look_leaving(struct core *c, struct conn *conn, const struct row_action *a,
                       struct looked *out) {
    const struct head *head = record_head(c, a->interaction); /* with what is not yet on disk */
    if (!head || head->h.state == STATE_REMOVED || head->h.state == STATE_ERASED)
        return dead(out, ACTION_MOOT, "the interaction is gone");
    if (head->h.rev != a->rev && !a->actor.len)
        return dead(out, ACTION_STALE, "the text was edited since");
    if (!is_reply(a->verb) || a->actor.len) return LOOK_GO;
    int64_t kind = head->h.kind;
    struct row_journal j;
    if (!store_journal(c->store, a->seq, &j)) j = (struct row_journal){.at = core_now(c)};
    struct contact *p = a->contact == NIL ? NULL : person_contact(c, a->contact);
    if (held(c, a, &j, kind, p, out)) return LOOK_HOLD;
    struct turn_told told;
    enum turn turn = ceiling_ask(c, conn, a, j.at, &told);
    if (turn == TURN_NOW) return LOOK_GO;
    fails(out, "timing", "%s", told.why);
    if (turn == TURN_NEVER) return LOOK_HOLD;
    out->due = told.due;
    out->turn = (int)told.for_;
    return LOOK_LATER;
}
