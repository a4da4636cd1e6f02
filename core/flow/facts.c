/* The fact record of a decision: everything that a policy could have read, as it was then. It goes
 * to the policy worker with the text, and into the decision without: the journal has the text. */
#include "flow/person/answers.h"
#include "flow/person/office.h"
#include "flow/window.h"

#include "sori/item.h"

static void fact_bool(struct buf *b, uint32_t tag, bool value) { rec_int(b, tag, value); }

static void put_scores(struct buf *b, const struct entry *e) {
    if (!e->model) return;
    for (size_t i = 0; i < e->model->label_count; i++) {
        size_t mark = rec_begin(b, FACT_LABEL);
        rec_str(b, 1, str_c(e->model->label[i].full));
        rec_int(b, 2, e->score[i]);
        rec_end(b, mark);
    }
}

static void put_person(struct core *c, const struct entry *e, struct buf *b) {
    struct contact *p = e->contact;
    if (!p) return;
    person_load(c, p);
    rec_int(b, FACT_RELATIONSHIP, p->relationship);
    fact_bool(b, FACT_INFLUENCER, p->influencer);
    rec_int(b, FACT_SPOKE, p->spoke);
    rec_int(b, FACT_FIRST_AT, p->first_at);
    if (p->kase && p->kase->state < KASE_CLOSED) {
        const struct kase *k = p->kase;
        rec_int(b, FACT_CASE, k->state);
        if (k->department) rec_str(b, FACT_DEPARTMENT, str_c(k->department));
        if (k->owner) rec_str(b, FACT_OWNER, str_c(k->owner));
        if (k->waiting_since != NIL) rec_int(b, FACT_WAITED, c->now - k->waiting_since);
        if (k->due != NIL) rec_int(b, FACT_DUE, k->due);
        rec_int(b, FACT_CLOCK, kase_clock_state(c, k));
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        const struct cell *cell = &p->cells[i];
        if (cell->expires != NIL && cell->expires < c->now) continue;
        /* Those of a closed case stay in memory for a while, and are nobody's fact. */
        bool open = p->kase && p->kase->state < KASE_CLOSED;
        if (cell->scope == 1 && (!open || cell->subject != p->kase->id)) continue;
        size_t mark = rec_begin(b, FACT_CELL);
        rec_str(b, 1, str_c(cell->name));
        rec_int(b, 2, cell->value);
        rec_int_opt(b, 3, cell->scope);
        rec_end(b, mark);
    }
}

/* Is the case about this interaction and no other? The first and the last of it say so. */
static void put_alone(struct core *c, const struct entry *e, struct buf *b) {
    const struct kase *k = e->contact ? e->contact->kase : NULL;
    struct row_journal opened;
    if (!k || k->state >= KASE_CLOSED || !store_journal(c->store, k->opened_seq, &opened)) return;
    fact_bool(b, FACT_CASE_ALONE,
              k->last_interaction == e->interaction && opened.interaction == e->interaction);
}

/* What the channel lets us do now. A window is that of private replies where there are some, else
 * of replies: once it has closed, they are as any other thing that is not allowed. */
static void put_allowed(const struct entry *e, struct buf *b) {
    bool closed = e->window_left < 0;
    bool privately = (e->can & SORI_CAN_REPLY_PRIVATELY) != 0,
         reply = (e->can & SORI_CAN_REPLY) != 0;
    fact_bool(b, FACT_CAN_REPLY, reply && (!closed || privately));
    fact_bool(b, FACT_CAN_PRIVATE, privately && !closed);
    fact_bool(b, FACT_CAN_LIKE, (e->can & SORI_CAN_LIKE) != 0);
    fact_bool(b, FACT_CAN_HIDE, (e->can & SORI_CAN_HIDE) != 0);
    fact_bool(b, FACT_CAN_DELETE, (e->can & SORI_CAN_DELETE) != 0);
    if (closed) {
        struct buf why = {0};
        buf_printf(&why, "%.*s%s%s: the window to answer is closed", STR(e->why_not),
                   e->why_not.len ? "; " : "", privately ? "reply privately" : "reply");
        rec_str(b, FACT_WHY_NOT, buf_view(&why));
        buf_free(&why);
    } else {
        rec_str_opt(b, FACT_WHY_NOT, e->why_not);
        rec_int_opt(b, FACT_WINDOW_LEFT, e->window_left);
    }
}

void facts_put(struct core *c, const struct entry *e, struct buf *b) {
    rec_int(b, FACT_ON, e->kind);
    rec_int(b, FACT_KIND, e->item_kind);
    if (e->share) rec_int(b, FACT_SHARE, e->share);
    rec_str(b, FACT_CHANNEL, str_c(e->conn->plugin->id));
    rec_str(b, FACT_CONNECTION, str_c(e->conn->name));
    rec_str_opt(b, FACT_LANG, e->lang);
    rec_int(b, FACT_ORIGIN, e->origin);
    rec_str_opt(b, FACT_TITLE, e->title);
    rec_str_opt(b, FACT_AUTHOR, e->author);
    rec_int_opt(b, FACT_REACH, e->reach);
    if (e->said_at != NIL) rec_int(b, FACT_SAID_AT, e->said_at);
    rec_int(b, FACT_HEARD_AT, e->heard_at);
    rec_int(b, FACT_NOW, c->now);
    put_allowed(e, b);
    rec_int_opt(b, FACT_TEXT_MAX, e->text_max);
    rec_str_opt(b, FACT_URL, e->url);
    rec_int(b, FACT_MODE, e->conn->mode);
    fact_bool(b, FACT_PRIVATE, e->private_);
    windows_put(c->windows, c->now, b);
    int64_t answers = answers_to(c->answers, e->interaction, e->contact ? e->contact->id : NIL);
    if (answers >= 0) rec_int(b, FACT_ANSWERS, answers);
    rec_int(b, FACT_OPEN_CASES, c->open_kases);
    const struct kase *k = e->contact ? e->contact->kase : NULL;
    fact_bool(b, FACT_HOURS_OPEN, office_is_open(c, k ? k->department : NULL));
    rec_int(b, FACT_ID, e->interaction);
    put_person(c, e, b);
    if (e->kind == ENTRY_REMOVED || e->kind == ENTRY_HIDDEN) put_alone(c, e, b);
    if (e->tone) { /* unsure is a tone too, where no model could say */
        rec_int(b, FACT_TONE, e->tone);
        rec_int(b, FACT_TONE_SURE, e->tone_sure);
    }
    put_scores(b, e);
}
