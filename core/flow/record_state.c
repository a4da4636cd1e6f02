/* What happens to an interaction without new words: it is removed, hidden, shown, or announced. */
#include "flow/record.h"

enum { BODY_VERSION = 10 }; /* as in fields.def */

/* A row that may not be on disk yet: those of the batch stand in their order. */
static bool journal_row(struct core *c, int64_t seq, struct row_journal *out) {
    size_t low = 0, high = c->batch.journal_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->batch.journal[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == c->batch.journal_n || c->batch.journal[low].seq != seq)
        return store_journal(c->store, seq, out);
    *out = c->batch.journal[low];
    return true;
}

/* The version of the last change of state: versions of texts are counted apart, for an edit may be
 * heard after a later change of state. 0 where none was told. */
static int64_t state_version(struct core *c, const struct head *h) {
    struct row_journal row;
    for (int64_t seq = h->h.last; seq != NIL && journal_row(c, seq, &row); seq = row.prev)
        if (row.kind >= ENTRY_REMOVED && row.kind <= ENTRY_SHOWN)
            return rec_get_int(row.body, BODY_VERSION, 0);
    return 0;
}

static struct sori_str state_body(struct core *c, const struct sori_item *item) {
    struct buf b = {0};
    rec_int_opt(&b, BODY_VERSION, item->version);
    struct sori_str body = keep(c, buf_view(&b));
    buf_free(&b);
    return body;
}

static void decide_state(struct core *c, struct conn *conn, struct head *h,
                         const struct sori_item *item, int kind, struct arrival a) {
    struct sori_str body = state_body(c, item);
    struct row_journal *j = record_journal(c, h, kind, core_at(c), a);
    if (item->note.len) j->text = keep(c, item->note);
    j->body = body;
    struct row_journal entry = *j;
    struct contact *p = NULL;
    struct row_author author;
    if (h->h.author != NIL && person_row(c, h->h.author, &author))
        p = person_contact(c, author.contact);
    c->batch.journal[c->batch.journal_n - 1].contact = p ? p->id : NIL;
    head_write(c, h);
    record_dispatch(c, conn, h, item, p, kind, &entry);
}

void record_state(struct core *c, struct conn *conn, const struct sori_item *item, struct arrival a,
                  int state, int kind) {
    int64_t space = record_space(c, conn, item);
    struct head *h = head_seen(c, space, item->native_id);
    if (!h) {
        if (state == STATE_LIVE) return; /* nothing to show */
        h = head_stub(c, conn, space, item->native_id, (int)item->kind);
        h->h.state = state;
        h->h.version = item->version;
        head_write(c, h);
        return;
    }
    bool was_live = h->h.said != NIL && (h->h.state == STATE_LIVE || h->h.state == STATE_HIDDEN);
    if (h->h.state == state || h->h.state == STATE_REMOVED || h->h.state == STATE_ERASED) return;
    if (item->version && item->version < h->h.version) return;
    /* What is taken away stays away, however late that is heard. */
    bool final = state == STATE_REMOVED;
    if (item->version && !final && item->version < state_version(c, h)) return;
    if (state == STATE_REMOVED) {
        record_overtake(c, h->h.id, ACTION_MOOT);
    } else if (!was_live) {
        h->h.state = state == STATE_HIDDEN ? STATE_HIDDEN : STATE_STUB;
        head_write(c, h);
        return;
    }
    h->h.state = state;
    if (was_live)
        decide_state(c, conn, h, item, kind, a);
    else {
        struct sori_str body = state_body(c, item);
        struct row_journal *j = record_journal(c, h, kind, core_at(c), a);
        j->text = keep(c, item->note);
        j->body = body;
        int64_t seq = j->seq, at = j->at;
        head_write(c, h);
        decide_past(c, seq, at, "was never verified", DECISION_NONE);
    }
}

/* Announced, not verified: the arrival is kept, nobody decides. */
void record_arrived(struct core *c, struct conn *conn, const struct sori_item *item,
                    struct arrival a) {
    int64_t space = record_space(c, conn, item);
    int64_t target = record_reference(c, conn, space, item->target, KIND_POST);
    struct head *h = head_seen(c, space, item->native_id);
    if (!h) {
        h = head_stub(c, conn, space, item->native_id, (int)item->kind);
        h->h.target = target;
        c->batch.interaction[h->row_index].title = keep(c, item->title);
        c->batch.interaction[h->row_index].url = keep(c, item->url);
    }
    for (int64_t seq = h->h.last; seq != NIL;) { /* a delivery decoded again after a crash */
        struct row_journal row;
        if (!store_journal(c->store, seq, &row)) break;
        if (row.seg == a.seg && row.off == a.off && a.seg != NIL) return;
        seq = row.prev;
    }
    struct row_journal *j = record_journal(c, h, ENTRY_ARRIVED, core_at(c), a);
    j->text = keep(c, item->text);
    struct buf b = {0};
    rec_str_opt(&b, 27, item->note);
    rec_str_opt(&b, 14, item->author_name);
    rec_str_opt(&b, 17, item->title);
    j->body = keep(c, buf_view(&b));
    buf_free(&b);
    head_write(c, h);
    c->count_recorded++;
}
