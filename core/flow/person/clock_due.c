/* Time as journal entries: a timer that is due and still means something becomes an entry, in the
 * transaction that deletes it. A timer whose case has changed since is deleted and says nothing. */
#include "flow/flow.h"

#include <stdlib.h>

enum { AT_ONCE = 256, BUSY_TICKS = 10 };

struct due {
    size_t count;
    struct row_timer timer[AT_ONCE];
};

static void collect(void *ctx, const void *row) {
    struct due *d = ctx;
    if (d->count < AT_ONCE) d->timer[d->count++] = *(const struct row_timer *)row;
}

static struct sori_str put_text(char **at, struct sori_str s) {
    if (s.len) memcpy(*at, s.ptr, s.len);
    struct sori_str out = {*at, s.len};
    *at += s.len;
    return out;
}

/* Who waits, where and before how many is known as it was when they wrote; their words are not
 * there, since nobody has said them again. */
static void fire(struct core *c, struct kase *k, const struct row_timer *t) {
    struct contact *p = person_contact(c, k->contact);
    if (k->state == KASE_SNOOZED && t->version != NIL && t->kind == ENTRY_FOLLOW_UP)
        kase_resume(c, k);
    if (k->last_interaction == NIL) return;
    struct row_interaction it;
    if (!store_interaction(c->store, k->last_interaction, &it)) return;
    struct conn *conn = conn_by_id(c, it.connection);
    if (!conn) return;
    struct sori_str lang = keep(c, it.lang), caps = keep(c, it.caps), name = {0};
    struct sori_str why = rec_get_str(caps, 22);
    struct row_author author;
    int64_t said = it.said;
    if (it.author != NIL && store_author_by_id(c->store, it.author, &author))
        name = keep(c, author.name);
    struct entry *e = entry_new(c, (int64_t)(lang.len + name.len + why.len));
    char *at = (char *)(e + 1);
    e->lang = put_text(&at, lang);
    e->author = put_text(&at, name);
    e->why_not = put_text(&at, why);
    entry_caps(c, e, caps, said);
    e->share = (int)it.share;
    e->private_ = it.visibility == SORI_VISIBILITY_PRIVATE;
    e->rev = 0;
    struct row_journal words;
    if (said != NIL && store_journal(c->store, said, &words)) e->rev = words.rev;
    e->seq = flow_journal(c, (int)t->kind, p->id, k->last_interaction, k->id, SORI_STR("clock"),
                          (struct sori_str){0}, (struct sori_str){0}, NIL);
    e->at = e->heard_at = c->last_at;
    entry_conn(e, conn);
    e->contact = p;
    e->interaction = k->last_interaction;
    e->kase = k->id;
    e->kind = (int)t->kind;
    e->item_kind = (int)it.kind;
    e->said_at = it.said_at;
    kase_write(c, k, e->seq, k->last_interaction);
    decide_put(c, e);
}

/* A clock's timer, and what wakes a case, mean something for one version of it; a follow-up of the
 * policy until the person writes again or is answered. */
static bool means(struct core *c, const struct kase *k, const struct row_timer *t) {
    if (t->version != NIL) return k->version == t->version;
    const struct contact *p = person_contact(c, k->contact);
    return k->state != KASE_ANSWERED && p && p->last_seq <= t->seq;
}

void due_pump(struct core *c) {
    kase_walk(c);
    if (!c->active || !c->active->ready) return;
    /* Looking waits for a commit in flight: under load that is done less often. */
    if (c->flying && c->ticks % BUSY_TICKS) return;
    struct due d = {0};
    store_timers(c->store, core_now(c), AT_ONCE, collect, &d);
    if (d.count) flow_commit(c); /* a case and its words are looked for on disk */
    for (size_t i = 0; i < d.count; i++) {
        const struct row_timer *t = &d.timer[i];
        *store_add_del_timer(&c->batch) = (struct del_timer){t->id};
        flow_dirty(c);
        struct row_kase row;
        if (!store_kase(c->store, t->subject, &row)) continue;
        struct kase *k = kase_of_contact(c, row.contact);
        if (k && k->id == t->subject && means(c, k, t)) fire(c, k, t);
    }
    if (d.count) {
        flow_commit(c);
        decide_pump(c);
    }
}
