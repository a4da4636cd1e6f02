/* Reactions and simple shares: counted, never decided. The ledger holds the last value of each
 * (target, actor, class); the tally is the sum of its changes, so redelivery, order and taking back
 * cannot make it wrong. */
#include "flow/record.h"

enum { HOUR_MS = 3600000 };

struct counted {
    bool had;
    int64_t value, version, hour;
};

/* The ledger row with what this batch changes. A collision of two 64-bit keyed digests within one
 * batch would count one tap wrongly; it is settled by the nightly recount. */
static struct counted *counted(struct core *c, int64_t target, struct sori_str actor,
                               struct sori_str class_) {
    struct hash_key key = {(uint64_t)target, hash_digest(class_)};
    uint64_t digest = flow_digest(c, key, actor);
    struct counted *known = map_get(&c->reactions, digest);
    if (known) return known;
    known = arena_get(&c->arena, sizeof *known);
    struct row_reaction old;
    const struct counted *flown = c->flying ? map_get(&c->flight.reactions, digest) : NULL;
    if (flown)
        *known = *flown;
    else if (store_reaction(c->store, target, actor, class_, &old))
        *known = (struct counted){true, old.value, old.version, old.hour};
    map_put(&c->reactions, digest, known);
    return known;
}

void record_count(struct core *c, struct conn *conn, const struct sori_item *item) {
    int64_t space = record_space(c, conn, item);
    struct sori_str about = item->target.len ? item->target : item->parent;
    if (!about.len) about = item->native_id;
    int64_t target = record_reference(c, conn, space, about, KIND_POST);
    struct sori_str class_ = item->kind == SORI_KIND_SHARE ? SORI_STR("share")
                             : item->reaction.len          ? item->reaction
                                                           : SORI_STR("like");
    struct sori_str actor = item->author_id.len ? item->author_id : item->native_id;
    bool gone = item->event == SORI_EVENT_REMOVED;
    int64_t value = gone                                                   ? 0
                    : item->kind == SORI_KIND_SHARE || !item->reaction.len ? 1
                                                                           : item->reaction_value;
    int64_t when = item->said_at ? item->said_at : core_now(c);
    /* Without a version from the platform the order of arrival is the version. */
    int64_t version = item->version ? item->version : core_at(c);
    struct counted *now = counted(c, target, actor, class_);
    if (now->had && now->version >= version && (item->version || now->value == value)) {
        c->count_seen++;
        return;
    }
    int64_t hour = now->had ? now->hour : when / HOUR_MS, before = now->had ? now->value : 0;
    *now = (struct counted){.had = true, .value = value, .version = version, .hour = hour};
    *store_add_reaction(&c->batch) = (struct row_reaction){.target = target,
                                                           .actor = keep(c, actor),
                                                           .class = keep(c, class_),
                                                           .value = value,
                                                           .version = version,
                                                           .hour = hour};
    if (value != before)
        *store_add_add_tally(&c->batch) = (struct add_tally){
            .target = target, .class_ = keep(c, class_), .hour = hour, .n = value - before};
    c->count_recorded++;
    flow_dirty(c);
    /* Announced before it was known to be a reaction: the stub says now what became of it. */
    struct head *stub = head_seen(c, space, item->native_id);
    if (stub && stub->h.state == STATE_STUB && stub->h.id != target) {
        stub->h.kind = item->kind;
        stub->h.share = item->share;
        stub->h.state = gone ? STATE_REMOVED : STATE_LIVE;
        head_write(c, stub);
    }
}
