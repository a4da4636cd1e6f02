/* What people do on a channel with their own hands: each is one action row with their name, for
 * which the rules of every action hold: once, by lease, never blindly again. */
#include "flow/act/hand.h"

#include "base/why_not.h"
#include "flow/act/act.h"

enum { FAILED = 1, USAGE = 2 };

/* What the interaction lets us do; borrowed until the next call into the store. */
static struct sori_str caps_of(struct command *cmd, const struct subject *s) {
    struct row_interaction it;
    return store_interaction(cmd->core->store, s->id, &it) ? it.caps : (struct sori_str){0};
}

static bool knows(const struct conn *conn, int verb) {
    struct rec_field f;
    for (struct sori_str d = buf_view(&conn->plugin->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_VERB && f.type == REC_REC && rec_get_int(f.s, 1, 0) == verb) return true;
    return false;
}

/* May we? Undoing is not asked of the interaction: what was done can be undone. */
static bool allowed(struct command *cmd, const struct subject *s, int verb) {
    static const uint32_t needs[] = {[VERB_PRIVATE_REPLY] = SORI_CAN_REPLY_PRIVATELY,
                                     [VERB_LIKE] = SORI_CAN_LIKE,
                                     [VERB_HIDE] = SORI_CAN_HIDE,
                                     [VERB_DELETE] = SORI_CAN_DELETE};
    if (!s->conn || !(s->conn->flags & SORI_CONNECTOR_ACTS)) {
        control_tell(cmd, FAILED, "%lld: its connection cannot act", (long long)s->id);
        return false;
    }
    if (!knows(s->conn, verb)) {
        control_tell(cmd, FAILED, "%lld: %s has no such thing as \"%s\"", (long long)s->id,
                     s->conn->plugin->id, verb_word(verb));
        return false;
    }
    uint32_t need = (size_t)verb < sizeof needs / sizeof *needs ? needs[verb] : 0;
    struct sori_str caps = caps_of(cmd, s);
    if (need && !((uint32_t)rec_get_int(caps, 7, 0) & need)) {
        control_tell(cmd, FAILED, "%lld: the channel does not let us %s: %.*s", (long long)s->id,
                     verb_word(verb), STR(why_not(rec_get_str(caps, 22), verb)));
        return false;
    }
    return true;
}

/* ---- what is there already ---- */

struct earlier {
    int verb, undoes; /* undoes: the verb that it takes back, or that takes it back; 0 none */
    int next;         /* the next free slot */
    int64_t newest;   /* id of the newest of both that is not over, and what it is */
    int newest_verb, newest_state;
    bool withdrew;         /* the opposite waited, and does not any more */
    const char *instead;   /* why what waits is withdrawn; NULL: it stays */
    struct sori_str whose; /* of whom, where a person had said it; kept */
};

static bool is_over(const struct row_action *a) {
    return a->state == ACTION_FAILED || a->state == ACTION_STALE || a->state == ACTION_MOOT ||
           a->state == ACTION_WITHDRAWN;
}

static void look(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    struct earlier *e = ctx;
    uint32_t waits = act_unsent();
    bool mine = a->verb == e->verb, other = e->undoes && a->verb == e->undoes;
    if ((!mine && !other) || is_over(a)) return;
    bool dropped = (waits >> a->state & 1) && (other || e->instead);
    if (dropped) {
        act_drop(c, a, in_batch, waits, ACTION_WITHDRAWN,
                 e->instead ? e->instead : "a person wanted the opposite");
        e->withdrew |= other;
        if (a->actor.len) e->whose = keep(c, a->actor);
        return;
    }
    if (mine && a->slot >= e->next) e->next = (int)a->slot + 1;
    if (a->id <= e->newest) return;
    e->newest = a->id;
    e->newest_verb = (int)a->verb;
    e->newest_state = (int)a->state;
}

static void forget_fresh(const struct subject *s) {
    for (struct entry *on = s->contact->first; on; on = on->behind)
        if (on->interaction == s->id) on->fresh = false; /* a decision may still be on its way */
}

static void put(struct command *cmd, struct subject *s, int verb, int slot, struct sori_str text,
                struct sori_str more, int64_t seq) {
    struct kase *k = s->contact->kase;
    struct entry e = {
        .conn = s->conn, .contact = s->contact, .seq = seq, .interaction = s->id, .rev = s->rev};
    act_put(cmd->core, &e, verb, slot, text, more, ACTION_READY, (struct sori_str){0},
            cmd->user.len ? cmd->user : SORI_STR("somebody"), k ? k->id : NIL,
            k ? k->version : NIL);
}

static const char *when(const struct core *c) {
    return c->paused ? " as soon as Sori is resumed" : "";
}

/* ---- words ---- */

bool hand_text_is_good(struct command *cmd, const struct subject *s, int verb,
                       struct sori_str text) {
    bool words = verb == VERB_REPLY || verb == VERB_PRIVATE_REPLY || verb == VERB_EDIT ||
                 verb == VERB_PUBLISH;
    int64_t max = s->conn ? s->conn->verb_max[verb] : 0;
    if (!words)
        control_tell(cmd, FAILED, "%lld: %s has no words that could be others", (long long)s->id,
                     verb_word(verb));
    else if (!text.len)
        control_tell(cmd, USAGE, "%s: the text is missing", verb_word(verb));
    else if (max && (int64_t)text.len > max * 4)
        control_tell(cmd, FAILED, "the channel takes %lld characters at most", (long long)max);
    else
        return true;
    return false;
}

void hand_reply(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct sori_str text = control_arg(cmd, "text");
    bool private_ = str_is(control_arg(cmd, "private"), "1");
    int verb = private_ ? VERB_PRIVATE_REPLY : VERB_REPLY;
    if (!s->conn || !(s->conn->flags & SORI_CONNECTOR_ACTS)) {
        control_tell(cmd, FAILED, "%lld: its connection cannot answer", (long long)s->id);
        return;
    }
    if ((private_ && !allowed(cmd, s, verb)) || !hand_text_is_good(cmd, s, verb, text)) return;
    struct earlier e = {.verb = verb, .instead = "a person answered instead"};
    forget_fresh(s);
    act_each(c, s->id, NIL, look, &e);
    int64_t seq = hand_record(cmd, s, private_ ? "reply --private" : "reply", text);
    put(cmd, s, verb, e.next, text, (struct sori_str){0}, seq);
    control_tell(cmd, 0, "%lld: your %sreply is on its way%s%s%.*s%s", (long long)s->id,
                 private_ ? "private " : "", when(c), e.whose.len ? "; that of " : "", STR(e.whose),
                 e.whose.len ? " had not left and is withdrawn" : "");
}

struct own_reply {
    int64_t id;
    struct core *core;
    struct sori_str native; /* kept */
};

static void find_reply(void *ctx, const void *row) {
    struct own_reply *r = ctx;
    const struct row_action *a = row;
    if (a->verb != VERB_REPLY || a->state != ACTION_DONE || !a->native.len || a->id < r->id) return;
    r->id = a->id;
    r->native = keep(r->core, a->native);
}

void hand_edit(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct sori_str text = control_arg(cmd, "text");
    if (!allowed(cmd, s, VERB_EDIT) || !hand_text_is_good(cmd, s, VERB_EDIT, text)) return;
    struct own_reply r = {.core = c};
    store_actions_of(c->store, s->id, find_reply, &r);
    if (!r.id) {
        control_tell(cmd, FAILED,
                     "%lld: there is no reply of ours that could be edited; `sori why %lld` shows "
                     "what was said",
                     (long long)s->id, (long long)s->id);
        return;
    }
    struct earlier e = {.verb = VERB_EDIT, .instead = "a person edited it once more"};
    act_each(c, s->id, NIL, look, &e);
    struct buf more = {0};
    rec_str(&more, ACT_NATIVE, r.native);
    int64_t seq = hand_record(cmd, s, "edit", text);
    put(cmd, s, VERB_EDIT, e.next, text, buf_view(&more), seq);
    buf_free(&more);
    control_tell(cmd, 0, "%lld: the new text of your reply is on its way%s", (long long)s->id,
                 when(c));
}

/* ---- taps and hiding ---- */

static void tap(struct command *cmd, struct subject *s, int verb, int undoes) {
    struct core *c = cmd->core;
    struct earlier e = {.verb = verb, .undoes = undoes};
    if (!allowed(cmd, s, verb)) return;
    act_each(c, s->id, NIL, look, &e);
    if (e.withdrew && e.newest_verb == verb) {
        hand_record(cmd, s, verb_word(verb), (struct sori_str){0});
        control_tell(cmd, 0, "%lld: %s did not leave yet and is withdrawn; %s stands",
                     (long long)s->id, verb_word(undoes), verb_word(verb));
        return;
    }
    if (e.newest && e.newest_verb == verb) {
        static const char *const how[] = {
            [ACTION_WAITING] = "waits for approval already: sori approve lets it go",
            [ACTION_DONE] = "was done already",
            [ACTION_UNKNOWN] = "was sent already, outcome unknown: look, then sori resolve"};
        bool told = e.newest_state <= ACTION_UNKNOWN && how[e.newest_state];
        control_tell(cmd, FAILED, "%lld: %s %s", (long long)s->id, verb_word(verb),
                     told ? how[e.newest_state] : "is on its way already");
        return;
    }
    int64_t seq = hand_record(cmd, s, verb_word(verb), (struct sori_str){0});
    put(cmd, s, verb, e.next, (struct sori_str){0}, (struct sori_str){0}, seq);
    control_tell(cmd, 0, "%lld: %s is on its way%s", (long long)s->id, verb_word(verb), when(c));
}

void hand_like(struct command *cmd, struct subject *s) { tap(cmd, s, VERB_LIKE, VERB_UNLIKE); }
void hand_unlike(struct command *cmd, struct subject *s) { tap(cmd, s, VERB_UNLIKE, VERB_LIKE); }
void hand_hide(struct command *cmd, struct subject *s) { tap(cmd, s, VERB_HIDE, VERB_UNHIDE); }
void hand_unhide(struct command *cmd, struct subject *s) { tap(cmd, s, VERB_UNHIDE, VERB_HIDE); }
void hand_delete(struct command *cmd, struct subject *s) { tap(cmd, s, VERB_DELETE, 0); }
