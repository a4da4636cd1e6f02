/* Stage 2, record: an item becomes a row once, a sighting the second time, a revision when it
 * changed, a count when it is a reaction. What a policy may have to decide about becomes a journal
 * entry, in the same transaction as the cursor or spool mark that covers it.
 *
 * After a crash the same items come again; every path here is a no-op for what is already there. */
#include "flow/act/act.h"
#include "flow/person/answers.h"
#include "flow/act/ceiling.h"
#include "flow/record.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <stdlib.h>

enum { TEXT_MAX_BYTES = 64 * 1024 };

struct space *record_know_space(struct core *c, int64_t id, struct sori_str name) {
    struct space *s = mem_get(sizeof *s);
    *s = (struct space){id, mem_text(name)};
    map_put(&c->spaces, hash_digest(name), s);
    map_put(&c->spaces_by_id, (uint64_t)id, s);
    return s;
}

static int64_t space_id(struct core *c, struct sori_str name) {
    struct space *s = map_get(&c->spaces, hash_digest(name));
    if (s) return s->id;
    s = record_know_space(c, ++c->ids.space, name);
    *store_add_space(&c->batch) = (struct row_space){.id = s->id, .name = keep(c, name)};
    flow_dirty(c);
    return s->id;
}

int64_t record_space(struct core *c, struct conn *conn, const struct sori_item *item) {
    if (item->space.len) return space_id(c, item->space);
    if (!conn->space) {
        struct buf name = {0};
        buf_printf(&name, "%s:%s", conn->plugin->id, conn->name);
        conn->space = space_id(c, buf_view(&name));
        buf_free(&name);
    }
    return conn->space;
}

static struct sori_str caps_of(struct core *c, const struct sori_item *item) {
    struct buf b = {0};
    rec_int(&b, 7, (int64_t)item->can);
    rec_str_opt(&b, 22, item->why_not);
    rec_int_opt(&b, 23, item->window_left_ms);
    rec_int_opt(&b, 24, item->text_max);
    rec_int_opt(&b, 16, item->author_reach);
    struct sori_str kept = keep(c, buf_view(&b));
    buf_free(&b);
    return kept;
}

static int64_t digest_of(const struct sori_item *item) {
    struct sori_str t = item->text, head = item->title;
    if (!head.len) return (int64_t)(hash_digest(t) >> 1);
    struct buf b = {0};
    buf_str(&b, head);
    buf_putc(&b, 0);
    buf_str(&b, t);
    int64_t d = (int64_t)(hash_digest(buf_view(&b)) >> 1);
    buf_free(&b);
    return d;
}

static struct sori_str lang_of(const struct sori_item *item) {
    struct sori_str l = item->lang;
    for (size_t i = 0; i < l.len; i++)
        if (l.ptr[i] == '-' || l.ptr[i] == '_') l.len = i;
    if (l.len >= 2 && l.len <= 3) return l;
    return utf8_script_lang(item->text.len ? item->text : item->title);
}

/* The id of what an item speaks about or answers; unknown things become stubs. */
int64_t record_reference(struct core *c, struct conn *conn, int64_t space, struct sori_str native,
                         int kind) {
    if (!native.len) return NIL;
    struct head *h = head_seen(c, space, native);
    if (h) return h->h.id;
    return head_stub(c, conn, space, native, kind)->h.id;
}

struct row_journal *record_journal(struct core *c, struct head *h, int kind, int64_t at,
                                   struct arrival a) {
    struct row_journal *j = store_add_journal(&c->batch);
    *j = (struct row_journal){.seq = ++c->ids.seq,
                              .at = at,
                              .kind = kind,
                              .contact = NIL,
                              .interaction = h->h.id,
                              .prev = h->h.last,
                              .rev = h->h.rev,
                              .action = NIL,
                              .kase = NIL,
                              .digest = NIL,
                              .seg = a.seg,
                              .off = a.off};
    h->h.last = j->seq;
    flow_dirty(c);
    return j;
}

static struct sori_str copy_into(char **at, struct sori_str s) {
    if (s.len) memcpy(*at, s.ptr, s.len);
    struct sori_str out = {*at, s.len};
    *at += s.len;
    return out;
}

static struct entry *entry_make(struct core *c, struct conn *conn, const struct head *h,
                                const struct sori_item *item, struct contact *p, int kind) {
    struct sori_str lang = lang_of(item);
    struct entry *e =
        entry_new(c, (int64_t)(item->text.len + item->title.len + item->author_name.len +
                               item->url.len + item->why_not.len + lang.len));
    char *at = (char *)(e + 1);
    e->text = copy_into(&at, item->text);
    e->title = copy_into(&at, item->title);
    e->author = copy_into(&at, item->author_name);
    e->url = copy_into(&at, item->url);
    e->why_not = copy_into(&at, item->why_not);
    e->lang = copy_into(&at, lang);
    entry_conn(e, conn);
    e->contact = p;
    e->seq = c->ids.seq;
    e->interaction = h->h.id;
    e->kase = NIL;
    e->kind = kind;
    e->item_kind = (int)h->h.kind;
    e->share = (int)h->h.share;
    e->origin = (int)h->h.origin;
    e->said_at = h->h.said_at;
    e->rev = h->h.rev;
    e->parent = h->h.parent;
    if (kind == ENTRY_SAID && e->parent != NIL && e->origin == ORIGIN_PERSON)
        answers_count(c->answers, e->parent, p ? p->id : NIL);
    e->target = h->h.target;
    e->reach = item->author_reach;
    e->can = item->can;
    e->window_left = item->window_left_ms;
    e->text_max = item->text_max;
    e->private_ = item->visibility == SORI_VISIBILITY_PRIVATE;
    return e;
}

/* Is this item one of our own sends come back? Then it is ours by rule, whoever notices first: the
 * echo or the outcome. */
static int origin_of_item(struct core *c, struct conn *conn, const struct sori_item *item) {
    bool could_be =
        item->parent.len || item->kind == SORI_KIND_POST || item->origin != SORI_ORIGIN_PERSON;
    if (!could_be) return (int)item->origin;
    if (act_made(c, conn, item->native_id)) return ORIGIN_BY_RULE;
    /* The parts of a thread: an action knows the id of its first. */
    const struct head *above = item->origin != SORI_ORIGIN_PERSON && item->parent.len
                                   ? head_seen(c, record_space(c, conn, item), item->parent)
                                   : NULL;
    if (above && above->h.origin == ORIGIN_BY_RULE) return ORIGIN_BY_RULE;
    return (int)item->origin;
}

/* Somebody of ours answered in the platform's own interface: whom? */
static void answered_by_hand(struct core *c, struct head *h, const struct sori_item *item,
                             int64_t seq) {
    struct head *parent = h->h.parent == NIL ? NULL : record_head(c, h->h.parent);
    struct author *to = NULL;
    struct contact *asked = NULL;
    struct row_author row;
    if (parent && parent->h.author != NIL && person_row(c, parent->h.author, &row)) {
        asked = person_contact(c, row.contact);
        if (asked) kase_answered(c, asked, seq, parent->h.id, NIL, h->h.said_at, true);
    } else if (item->addressee.len && (to = person_known(c, h->space, item->addressee))) {
        asked = person_contact(c, to->contact);
        if (asked) kase_answered(c, asked, seq, to->last_interaction, NIL, h->h.said_at, true);
    }
    bool just_now = h->h.said_at == NIL || h->h.said_at > core_now(c) - c->active->conf.contact_gap;
    if (asked && just_now) ceiling_spoke(c, h->h.connection, asked, false);
}

void record_dispatch(struct core *c, struct conn *conn, struct head *h,
                     const struct sori_item *item, struct contact *p, int kind,
                     struct row_journal *j) {
    int64_t seq = j->seq, at = j->at;
    if (h->h.origin != ORIGIN_PERSON) {
        decide_past(c, seq, at,
                    h->h.origin == ORIGIN_BY_RULE ? "our own, by rule" : "our own, by hand",
                    DECISION_NONE);
        if (h->h.origin == ORIGIN_BY_HAND) answered_by_hand(c, h, item, seq);
        return;
    }
    int64_t said = h->h.said_at == NIL ? at : h->h.said_at;
    /* Platforms tell times in whole seconds. */
    bool before = said < conn->live_from - conn->live_from % 1000;
    /* Also what happens to old words later (an edit, a removal) is about the past. */
    if (before || said < core_now(c) - c->active->conf.horizon) {
        decide_past(c, seq, at,
                    before ? "said before the connection was added" : "said before the horizon",
                    DECISION_PAST);
        return;
    }
    if (h->h.kind == KIND_POST && kind == ENTRY_SAID && h->h.target == NIL &&
        !item->author_id.len) {
        decide_past(c, seq, at, "a page of ours: others speak about it", DECISION_NONE);
        return;
    }
    struct entry *e = entry_make(c, conn, h, item, p, kind);
    e->at = at;
    e->seq = seq;
    e->heard_at = at;
    e->fresh = kind == ENTRY_SAID;
    decide_put(c, e);
}

static void write_words(struct core *c, struct head *h, const struct sori_item *item) {
    struct set_interaction *s = NULL;
    struct sori_str title = keep(c, item->title), url = keep(c, item->url),
                    lang = keep(c, lang_of(item)), caps = caps_of(c, item);
    head_write(c, h);
    if (h->row_index != SIZE_MAX) {
        struct row_interaction *row = &c->batch.interaction[h->row_index];
        row->title = title;
        row->url = url;
        row->lang = lang;
        row->caps = caps;
        return;
    }
    s = &c->batch.set_interaction[c->batch.set_interaction_n - 1];
    s->title = title;
    s->url = url;
    s->lang = lang;
    s->caps = caps;
}

/* A text of an interaction that is (again) there: its first, or a new revision. */
static void say(struct core *c, struct conn *conn, struct head *h, const struct sori_item *item,
                int kind, struct arrival a, int64_t digest) {
    int64_t now = core_at(c);
    struct contact *p = NULL;
    struct author *by = NULL;
    struct sori_str native = item->author_id;
    struct buf anonymous = {0};
    if (!native.len && (h->h.kind != KIND_POST || item->author_name.len)) {
        buf_printf(&anonymous, "?%.*s", STR(item->native_id));
        native = buf_view(&anonymous);
    }
    if (native.len) {
        struct author *author =
            person_author(c, record_space(c, conn, item), native, item->author_name,
                          item->author_url, item->author_reach);
        p = person_contact(c, author->contact);
        if (h->row_index != SIZE_MAX && h->h.author == NIL)
            c->batch.interaction[h->row_index].prev_by_author = author->last_interaction;
        h->h.author = author->id;
        by = author;
    }
    buf_free(&anonymous);
    bool late = h->h.state == STATE_REMOVED; /* the removal was here first: it stays removed */
    if (h->h.state == STATE_STUB) h->h.state = STATE_LIVE;
    h->h.kind = (int64_t)item->kind;
    h->h.share = (int64_t)item->share;
    h->h.origin = origin_of_item(c, conn, item);
    h->h.visibility = (int64_t)item->visibility;
    if (item->said_at) h->h.said_at = item->said_at;
    if (item->version > h->h.version) h->h.version = item->version;
    h->h.rev++;
    struct row_journal *j = record_journal(c, h, kind, now, a);
    h->h.said = j->seq;
    h->h.digest = digest;
    j->rev = h->h.rev;
    j->digest = digest;
    j->text = keep(c, item->text);
    j->contact = p ? p->id : NIL;
    if (item->note.len || item->attachments.count) {
        struct buf b = {0};
        rec_str_opt(&b, 27, item->note);
        j->body = keep(c, buf_view(&b));
        buf_free(&b);
    }
    struct row_journal entry = *j;
    write_words(c, h, item);
    c->count_recorded++;
    if (late) {
        decide_past(c, entry.seq, entry.at, "removed before it was seen", DECISION_NONE);
    } else {
        record_dispatch(c, conn, h, item, p, kind, &entry);
        if (p) person_spoke(c, by, p, h->h.id, entry.seq, kind == ENTRY_SAID);
    }
}

static void overtake(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    int state = *(int *)ctx;
    if (state == ACTION_STALE && a->actor.len) return; /* a person's words are not ours to drop */
    act_drop(c, a, in_batch, act_unsent(), state,
             state == ACTION_MOOT ? "the interaction was removed" : "the text was edited");
}

void record_overtake(struct core *c, int64_t interaction, int state) {
    act_each(c, interaction, NIL, overtake, &state);
}

/* It was told without its author at first, or without the author's name; now it is known. */
static void adopt(struct core *c, int64_t space, struct head *h, const struct sori_item *item) {
    struct row_author nobody;
    if (!item->author_id.len || h->h.author == NIL) return;
    struct author *now = person_known(c, space, item->author_id);
    if (now && now->id == h->h.author) {
        if (!now->named && item->author_name.len)
            person_named(c, now, item->author_name, item->author_url, item->author_reach);
        return;
    }
    if (!person_row(c, h->h.author, &nobody) || nobody.native.len == 0 ||
        nobody.native.ptr[0] != '?')
        return;
    int64_t contact = nobody.contact;
    now = person_author(c, space, item->author_id, item->author_name, item->author_url,
                        item->author_reach);
    h->h.author = now->id;
    head_write(c, h);
    struct contact *from = person_contact(c, contact), *to = person_contact(c, now->contact);
    if (from && to) kase_move(c, from, to);
    if (to) person_spoke(c, now, to, h->h.id, h->h.said, true);
}

/* Is it a text that we do not have, and newer than the one we have? */
static bool is_edit(struct core *c, const struct head *h, const struct sori_item *item,
                    int64_t digest) {
    if (digest == h->h.digest) return false;
    if (item->version) return item->version > h->h.version;
    return item->observed == SORI_OBSERVED_STATE || !store_had_digest(c->store, h->h.id, digest);
}

static void item_said(struct core *c, struct conn *conn, const struct sori_item *item,
                      struct arrival a) {
    int64_t space = record_space(c, conn, item);
    /* The target first: where it is the parent as well, it is a post. */
    int64_t target = record_reference(c, conn, space, item->target, KIND_POST);
    int64_t parent = record_reference(c, conn, space, item->parent, KIND_COMMENT);
    /* Behind its references: an item may name itself as one. */
    struct head *h = head_seen(c, space, item->native_id);
    int64_t digest = digest_of(item);
    if (!h || h->h.said == NIL) { /* what became of it may have been told before its words */
        if (!h) h = head_stub(c, conn, space, item->native_id, KIND_UNKNOWN);
        h->h.parent = parent;
        h->h.target = target;
        say(c, conn, h, item, ENTRY_SAID, a, digest);
        return;
    }
    if (h->h.connection != conn->id && !store_has_sighting(c->store, h->h.id, conn->id)) {
        *store_add_sighting(&c->batch) = (struct row_sighting){h->h.id, conn->id};
        flow_dirty(c);
    }
    bool gone = h->h.state == STATE_REMOVED || h->h.state == STATE_ERASED;
    if (!gone) adopt(c, space, h, item);
    if (gone || !is_edit(c, h, item, digest)) {
        c->count_seen++;
        return;
    }
    record_overtake(c, h->h.id, ACTION_STALE);
    say(c, conn, h, item, ENTRY_EDITED, a, digest);
}

void record_item(struct core *c, struct conn *conn, const struct sori_item *given,
                 struct arrival a) {
    struct sori_item item = *given;
    item.text = utf8_cut(item.text, TEXT_MAX_BYTES);
    if (item.kind >= KIND_COUNT) item.kind = KIND_UNKNOWN;
    bool counted = item.kind == SORI_KIND_REACTION ||
                   (item.kind == SORI_KIND_SHARE && item.share == SORI_SHARE_SIMPLE);
    if (counted && item.event <= SORI_EVENT_REMOVED) {
        record_count(c, conn, &item);
        return;
    }
    switch (item.event) {
    case SORI_EVENT_SAID: item_said(c, conn, &item, a); break;
    case SORI_EVENT_REMOVED: record_state(c, conn, &item, a, STATE_REMOVED, ENTRY_REMOVED); break;
    case SORI_EVENT_HIDDEN: record_state(c, conn, &item, a, STATE_HIDDEN, ENTRY_HIDDEN); break;
    case SORI_EVENT_SHOWN: record_state(c, conn, &item, a, STATE_LIVE, ENTRY_SHOWN); break;
    case SORI_EVENT_ARRIVED: record_arrived(c, conn, &item, a); break;
    default: break;
    }
}
