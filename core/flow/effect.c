/* What a decision changes: actions that leave or wait, the case, cells, tags, the relationship.
 * Everything of one decision goes into one commit, with the decision itself. */
#include "flow/act/act.h"
#include "flow/admit.h"
#include "flow/command/look.h"

#include "base/hash.h"
#include "base/why_not.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

struct intent {
    int verb, slot;
    struct sori_str text, name, longer, same, surge;
    struct sori_str whole; /* for its checks */
    int64_t value, scope, keep_ms;
    bool approve, holding, cheerful;
};

static struct intent read_intent(struct sori_str r) {
    struct intent in = {.whole = r};
    struct rec_field f;
    while (rec_next(&r, &f) == 1) {
        switch (f.tag) {
        case INTENT_VERB: in.verb = (int)f.i; break;
        case INTENT_SLOT: in.slot = (int)f.i; break;
        case INTENT_TEXT: in.text = f.s; break;
        case INTENT_NAME: in.name = f.s; break;
        case INTENT_VALUE: in.value = f.i; break;
        case INTENT_SCOPE: in.scope = f.i; break;
        case INTENT_KEEP: in.keep_ms = f.i; break;
        case INTENT_LONG: in.longer = f.s; break;
        case INTENT_APPROVE: in.approve = f.i == 1; break;
        case INTENT_SAME: in.same = f.s; break;
        case INTENT_CHEERFUL: in.cheerful = f.i == 1; break;
        case INTENT_SURGE: in.surge = f.s; break;
        case INTENT_HOLDING: in.holding = f.i == 1; break;
        default: break;
        }
    }
    in.keep_ms = admit_span(in.keep_ms);
    if (in.verb == VERB_CLOCK || in.verb == VERB_FOLLOW_UP) in.value = admit_span(in.value);
    return in;
}

static struct kase *need_kase(struct core *c, struct entry *e, const char *reason) {
    if (!e->contact) return NULL;
    return kase_open(c, e->contact, e->seq, e->interaction, reason);
}

static bool capable(const struct entry *e, int verb) {
    if (!(e->conn->flags & SORI_CONNECTOR_ACTS)) return false;
    static const struct {
        int verb;
        uint32_t bit;
    } need[] = {{VERB_REPLY, SORI_CAN_REPLY},
                {VERB_PRIVATE_REPLY, SORI_CAN_REPLY_PRIVATELY},
                {VERB_LIKE, SORI_CAN_LIKE},
                {VERB_HIDE, SORI_CAN_HIDE},
                {VERB_DELETE, SORI_CAN_DELETE}};
    for (size_t i = 0; i < sizeof need / sizeof *need; i++)
        if (need[i].verb == verb) return (e->can & need[i].bit) != 0;
    return true;
}

/* Does a person have to let this one go? Taps and hiding are quick to undo; words are not. */
static bool must_wait(const struct entry *e, const struct intent *in) {
    if (in->approve) return true;
    bool words = in->verb == VERB_REPLY || in->verb == VERB_PRIVATE_REPLY ||
                 in->verb == VERB_DELETE || in->verb == VERB_PUBLISH;
    return e->conn->mode == MODE_APPROVE && words;
}

struct taken {
    int verb, slot;
    bool yes;
};

static void look_taken(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    struct taken *t = ctx;
    (void)c;
    (void)in_batch;
    bool frees = a->state == ACTION_FAILED || a->state == ACTION_STALE || a->state == ACTION_MOOT ||
                 a->state == ACTION_WITHDRAWN;
    if (a->verb == t->verb && a->slot == t->slot && !frees) t->yes = true;
}

/* Was it said already (by an earlier decision, or by a person)? */
static bool taken(struct core *c, const struct entry *e, const struct intent *in) {
    struct taken t = {in->verb, in->slot, false};
    uint64_t id = (uint64_t)e->interaction;
    if (!e->fresh || map_get(&c->acted, id) || (c->flying && map_get(&c->flight.acted, id)))
        act_each(c, e->interaction, NIL, look_taken, &t);
    return t.yes;
}

int64_t act_put(struct core *c, struct entry *e, int verb, int slot, struct sori_str text,
                struct sori_str more, int state, struct sori_str reason, struct sori_str actor,
                int64_t kase, int64_t kase_version) {
    struct row_action *a = store_add_action(&c->batch);
    struct buf body = {0};
    rec_str(&body, ACT_TEXT, text);
    buf_str(&body, more);
    *a = (struct row_action){.id = ++c->ids.action,
                             .seq = e->seq,
                             .interaction = e->interaction,
                             .rev = e->rev,
                             .verb = verb,
                             .slot = slot,
                             .connection = e->conn->id,
                             .contact = e->contact ? e->contact->id : NIL,
                             .kase = kase,
                             .kase_version = kase_version,
                             .state = state,
                             .due = core_now(c),
                             .epoch = NIL,
                             .lease_until = NIL,
                             .sent_at = NIL,
                             .text_hash = (int64_t)(hash_digest(text) >> 1),
                             .reason = keep(c, reason),
                             .actor = keep(c, actor),
                             .body = keep(c, buf_view(&body))};
    buf_free(&body);
    map_put(&c->acted, (uint64_t)e->interaction, c);
    flow_dirty(c);
    if (state == ACTION_READY) act_wake(c, e->conn);
    return c->ids.action;
}

static bool is_words(const struct intent *in) {
    return in->verb == VERB_REPLY || in->verb == VERB_PRIVATE_REPLY || in->verb == VERB_PUBLISH;
}

/* What the action takes along besides its words; false where a check holds it for a person. */
static bool put_more(struct core *c, struct entry *e, const struct intent *in, struct buf *more) {
    struct sori_str rest = in->whole;
    struct rec_field f;
    if (in->longer.len) {
        size_t mark = rec_begin(more, ACT_ARG);
        rec_str(more, PAIR_NAME, SORI_STR("long"));
        rec_str(more, PAIR_VALUE, in->longer);
        rec_end(more, mark);
    }
    if (!is_words(in)) return true;
    struct buf checks = {0};
    while (rec_next(&rest, &f) == 1)
        if (f.tag == INTENT_CHECK && f.type == REC_REC) rec_rec(&checks, ACT_CHECK, f.s);
    const struct making m = {in->verb, in->text, in->same, str_is(in->longer, "split")};
    look_made(c, e, &m, &checks);
    bool passed = checks.len == 0;
    buf_str(more, buf_view(&checks));
    if (in->same.len) rec_rec(more, ACT_SAME, in->same);
    rec_int_opt(more, ACT_CHEERFUL, in->cheerful);
    if (in->surge.len) rec_rec(more, ACT_SURGE, in->surge);
    rec_int_opt(more, ACT_HOLDING, in->holding);
    buf_free(&checks);
    return passed;
}

static void speak(struct core *c, struct entry *e, const struct intent *in) {
    if (e->conn->mode == MODE_OBSERVE || e->origin != ORIGIN_PERSON || taken(c, e, in)) return;
    if (!capable(e, in->verb)) {
        if (in->verb == VERB_LIKE || in->verb == VERB_HIDE)
            return; /* the decision shows it was wished */
        char why[256];
        snprintf(why, sizeof why, "the channel does not let us %s: %.*s", verb_word(in->verb),
                 STR(why_not(e->why_not, in->verb)));
        need_kase(c, e, why);
        return;
    }
    struct buf more = {0};
    bool wait = !put_more(c, e, in, &more) || must_wait(e, in);
    struct kase *k = wait ? need_kase(c, e, NULL) : e->contact ? e->contact->kase : NULL;
    act_put(c, e, in->verb, in->slot, in->text, buf_view(&more),
            wait ? ACTION_WAITING : ACTION_READY, in->name, (struct sori_str){0}, k ? k->id : NIL,
            k ? k->version : NIL);
    buf_free(&more);
}

static void set_cell(struct core *c, struct entry *e, const struct intent *in) {
    struct contact *p = e->contact;
    if (!p || !in->name.len) return;
    person_load(c, p);
    if (in->scope == 1 && !p->kase) return;
    int64_t subject = in->scope == 1 ? p->kase->id : p->id;
    struct cell *cell = NULL;
    for (size_t i = 0; i < p->cell_count; i++)
        if (p->cells[i].scope == in->scope && p->cells[i].subject == subject &&
            str_is(in->name, p->cells[i].name))
            cell = &p->cells[i];
    if (!cell) {
        p->cells = mem_grow(p->cells, (p->cell_count + 1) * sizeof *p->cells);
        cell = &p->cells[p->cell_count++];
        *cell = (struct cell){mem_text(in->name), in->scope, subject, 0, NIL};
    }
    bool over = cell->expires != NIL && cell->expires < c->now;
    int64_t old = over ? 0 : cell->value;
    cell->value = in->value;
    if (in->verb == VERB_ADD && __builtin_add_overflow(old, in->value, &cell->value))
        cell->value = old; /* a count at its end stays there */
    cell->expires = in->keep_ms ? c->now + in->keep_ms : NIL;
    *store_add_cell(&c->batch) = (struct row_cell){.scope = cell->scope,
                                                   .subject = subject,
                                                   .name = keep(c, in->name),
                                                   .value = cell->value,
                                                   .expires = cell->expires};
    flow_dirty(c);
}

static void follow_up(struct core *c, struct entry *e, const struct intent *in) {
    struct kase *k = need_kase(c, e, NULL);
    if (!k) return;
    *store_add_timer(&c->batch) = (struct row_timer){.id = ++c->ids.timer,
                                                     .due = core_now(c) + in->value,
                                                     .kind = ENTRY_FOLLOW_UP,
                                                     .subject = k->id,
                                                     .version = NIL,
                                                     .name = keep(c, in->name),
                                                     .seq = e->seq};
    flow_dirty(c);
}

static void inside(struct core *c, struct entry *e, const struct intent *in) {
    struct kase *k;
    switch (in->verb) {
    case VERB_ASSIGN:
        k = need_kase(c, e, NULL);
        if (k) kase_department(c, k, in->name);
        break;
    case VERB_HOLD:
    case VERB_ALERT: k = need_kase(c, e, keep(c, in->text).ptr); break;
    case VERB_NOTE:
        flow_journal(c, ENTRY_SETTING, e->contact ? e->contact->id : NIL, e->interaction,
                     e->contact && e->contact->kase ? e->contact->kase->id : NIL,
                     SORI_STR("policy"), in->text, (struct sori_str){0}, NIL);
        break;
    case VERB_TAG:
        if (!in->name.len) return;
        *store_add_tag(&c->batch) = (struct row_tag){e->interaction, keep(c, in->name), e->seq};
        flow_dirty(c);
        break;
    case VERB_CLOCK:
        k = need_kase(c, e, NULL);
        if (k) kase_clock_wished(c, k, e, in->value, in->name);
        break;
    case VERB_PAUSE_CLOCK:
        k = need_kase(c, e, NULL);
        if (k) kase_pause(c, k, KASE_PENDING, in->text);
        break;
    case VERB_STOP_CLOCK:
        if (e->contact && e->contact->kase) kase_stop(c, e->contact->kase);
        break;
    case VERB_CLOSE:
        if (e->contact) kase_close(c, e->contact, e->seq, e->interaction);
        break;
    case VERB_FOLLOW_UP: follow_up(c, e, in); break;
    case VERB_ADD:
    case VERB_SET: set_cell(c, e, in); break;
    case VERB_RELATE:
        if (e->contact && relation_of(in->name) >= 0) {
            e->contact->relationship = relation_of(in->name);
            e->contact->version++;
            person_write(c, e->contact);
        }
        break;
    default: break;
    }
}

static struct sori_str scores_of(struct core *c, const struct entry *e) {
    struct buf b = {0};
    if (e->model) {
        rec_str(&b, 1, str_c(e->model->id));
        for (size_t i = 0; i < e->model->label_count; i++) rec_int(&b, 2, e->score[i]);
    }
    struct sori_str kept = b.len ? keep(c, buf_view(&b)) : (struct sori_str){0};
    buf_free(&b);
    return kept;
}

static void write_decision(struct core *c, struct entry *e, struct sori_str facts, int status,
                           struct sori_str rule, struct sori_str result, int64_t trace) {
    *store_add_decision(&c->batch) = (struct row_decision){.seq = e->seq,
                                                           .at = c->last_at,
                                                           .generation = c->deciding,
                                                           .status = status,
                                                           .rule = keep(c, rule),
                                                           .tone = e->tone ? e->tone : NIL,
                                                           .scores = scores_of(c, e),
                                                           .facts = keep(c, facts),
                                                           .result = keep(c, result),
                                                           .trace = trace};
    c->count_decided++;
    story_decided(c, c->deciding, status);
    flow_dirty(c);
}

/* The case first: an action remembers the version of the case that it was made for. A clock stands
 * when all that needs the case is done, and what leaves comes last. */
static int turn_of(int verb) {
    if (verb > 0 && verb < VERB_ASSIGN) return 2;
    return verb == VERB_PAUSE_CLOCK || verb == VERB_STOP_CLOCK || verb == VERB_FOLLOW_UP;
}

static void apply(struct core *c, struct entry *e, int status, struct sori_str decision) {
    struct rec_field f;
    if (status == DECISION_HELD) {
        struct sori_str outcome = rec_get_str(decision, DEC_OUTCOME);
        need_kase(c, e, keep(c, outcome).ptr);
    }
    for (int turn = 0; turn < 3; turn++)
        for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
            if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
            struct intent in = read_intent(f.s);
            if (turn_of(in.verb) != turn) continue;
            if (turn == 2)
                speak(c, e, &in);
            else
                inside(c, e, &in);
        }
}

void effect_apply(struct core *c, struct entry *e, struct sori_str facts,
                  struct sori_str decision) {
    int status = (int)rec_get_int(decision, DEC_STATUS, DECISION_HELD);
    if (status < 0 || status >= DECISION_COUNT) status = DECISION_HELD;
    struct sori_str rule = rec_get_str(decision, DEC_RULE);
    write_decision(c, e, facts, status, rule, decision, rec_get_int(decision, DEC_TRACE, NIL));
    if (kase_heard(c, e)) {
        c->verdict = (struct verdict){e, decision};
        apply(c, e, status, decision);
        c->verdict = (struct verdict){0};
    }
    evaluate_decided(c, e, facts, status, rule, decision);
}

void effect_hold(struct core *c, struct entry *e, struct sori_str facts, int status,
                 const char *why) {
    struct buf result = {0};
    rec_int(&result, DEC_STATUS, status);
    rec_str(&result, DEC_OUTCOME, str_c(why));
    write_decision(c, e, facts, status, (struct sori_str){0}, buf_view(&result), NIL);
    kase_heard(c, e);
    c->verdict = (struct verdict){.entry = e};
    need_kase(c, e, why);
    c->verdict = (struct verdict){0};
    evaluate_decided(c, e, facts, status, (struct sori_str){0}, buf_view(&result));
    buf_free(&result);
}
