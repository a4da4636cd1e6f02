/* The overlay over stored heads: items of one batch see each other before they are on disk. */
#include "flow/head.h"

#include "base/hash.h"

static uint64_t key_of(const struct core *c, int64_t space, struct sori_str native) {
    return flow_digest(c, (struct hash_key){(uint64_t)space, 0x736f7269u}, native);
}

static struct head *remember(struct core *c, int64_t space, struct sori_str native,
                             struct store_head h, size_t row) {
    struct head *head = arena_get(&c->arena, sizeof *head);
    *head = (struct head){.h = h, .row_index = row, .space = space, .native = keep(c, native)};
    map_put(&c->heads, key_of(c, space, native), head);
    map_put(&c->heads_by_id, (uint64_t)h.id, head);
    return head;
}

static bool is(const struct head *head, int64_t space, struct sori_str native) {
    return head->space == space && str_eq(head->native, native);
}

struct head *head_seen(struct core *c, int64_t space, struct sori_str native) {
    uint64_t key = key_of(c, space, native);
    struct head *head = map_get(&c->heads, key);
    if (head && is(head, space, native)) return head;
    const struct head *flown = c->flying ? map_get(&c->flight.heads, key) : NULL;
    if (!head && flown && is(flown, space, native))
        return remember(c, space, native, flown->h, SIZE_MAX);
    if (head || flown) flow_commit(c); /* two keys of one digest: settle, then ask the disk */
    struct store_head h;
    if (!store_seen(c->store, space, native, &h)) return NULL;
    return remember(c, space, native, h, SIZE_MAX);
}

static struct head *head_insert(struct core *c, struct row_interaction row) {
    row.native = keep(c, row.native);
    row.title = keep(c, row.title);
    row.url = keep(c, row.url);
    row.lang = keep(c, row.lang);
    row.caps = keep(c, row.caps);
    size_t index = c->batch.interaction_n;
    *store_add_interaction(&c->batch) = row;
    flow_dirty(c);
    struct store_head h = {.id = row.id,
                           .kind = row.kind,
                           .share = row.share,
                           .origin = row.origin,
                           .connection = row.connection,
                           .author = row.author,
                           .parent = row.parent,
                           .target = row.target,
                           .said_at = row.said_at,
                           .visibility = row.visibility,
                           .state = row.state,
                           .said = row.said,
                           .last = row.last,
                           .version = row.version,
                           .digest = NIL,
                           .rev = 0};
    return remember(c, row.space, row.native, h, index);
}

struct head *head_stub(struct core *c, struct conn *conn, int64_t space, struct sori_str native,
                       int kind) {
    return head_insert(c, (struct row_interaction){.id = ++c->ids.interaction,
                                                   .space = space,
                                                   .native = native,
                                                   .kind = kind,
                                                   .connection = conn->id,
                                                   .author = NIL,
                                                   .parent = NIL,
                                                   .target = NIL,
                                                   .said_at = NIL,
                                                   .heard_at = core_now(c),
                                                   .state = STATE_STUB,
                                                   .said = NIL,
                                                   .last = NIL,
                                                   .prev_by_author = NIL});
}

struct head *record_head(struct core *c, int64_t interaction) {
    struct head *head = map_get(&c->heads_by_id, (uint64_t)interaction);
    if (head) return head;
    head = c->flying ? map_get(&c->flight.heads_by_id, (uint64_t)interaction) : NULL;
    if (head) return remember(c, head->space, head->native, head->h, SIZE_MAX);
    struct row_interaction row;
    if (!store_interaction(c->store, interaction, &row)) return NULL;
    int64_t space = row.space;
    struct sori_str native = keep(c, row.native);
    struct store_head h;
    if (!store_head(c->store, interaction, &h)) return NULL;
    return remember(c, space, native, h, SIZE_MAX);
}

void head_write(struct core *c, struct head *head) {
    const struct store_head *h = &head->h;
    if (head->row_index != SIZE_MAX) {
        struct row_interaction *row = &c->batch.interaction[head->row_index];
        row->kind = h->kind;
        row->share = h->share;
        row->origin = h->origin;
        row->author = h->author;
        row->parent = h->parent;
        row->target = h->target;
        row->said_at = h->said_at;
        row->visibility = h->visibility;
        row->state = h->state;
        row->said = h->said;
        row->last = h->last;
        row->version = h->version;
        return;
    }
    struct set_interaction *s = store_add_set_interaction(&c->batch);
    s->id = h->id;
    s->kind = h->kind;
    s->share = h->share;
    s->origin = h->origin;
    s->author = h->author;
    s->parent = h->parent;
    s->target = h->target;
    s->said_at = h->said_at;
    s->visibility = h->visibility;
    s->state = h->state;
    s->said = h->said;
    s->last = h->last;
    s->version = h->version;
    flow_dirty(c);
}
