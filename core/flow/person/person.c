/* Who speaks: authors as channels know them, contacts as we know them. Rows are written at first
 * sight; what changes with every word (counts, last interaction) is gathered here and written when
 * it has been behind for a minute, a few at a time in key order, because it dirties random pages.
 * What a crash loses of that is counted again at start from the interactions themselves. */
#include "flow/flow.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdlib.h>

enum { PEOPLE_MAX = 400000, BEHIND_MS = 60000, AT_ONCE = 1000 };

static uint64_t author_key(const struct core *c, int64_t space, struct sori_str native) {
    return flow_digest(c, (struct hash_key){(uint64_t)space, 0x617574686f72u}, native);
}

static uint64_t author_check(const struct core *c, int64_t space, struct sori_str native) {
    return flow_digest(c, (struct hash_key){0x636865636bu, (uint64_t)space}, native);
}

static struct author *remember_author(struct core *c, uint64_t key, uint64_t check, int64_t id,
                                      int64_t contact, int64_t last) {
    struct author *a = mem_get(sizeof *a);
    *a = (struct author){.id = id, .contact = contact, .last_interaction = last, .check = check};
    map_put(&c->authors, key, a);
    return a;
}

static struct contact *new_contact(struct core *c) {
    struct contact *p = mem_get(sizeof *p);
    p->id = ++c->ids.contact;
    p->first_at = core_now(c);
    p->first_seq = c->ids.seq + 1;
    p->last_seq = c->ids.seq;
    p->replied_at = p->last_kase = p->closed_at = NIL;
    p->loaded = true; /* nobody can have a case or cells before they spoke */
    map_put(&c->contacts, (uint64_t)p->id, p);
    person_write(c, p);
    return p;
}

struct author *person_known(struct core *c, int64_t space, struct sori_str native) {
    uint64_t key = author_key(c, space, native), check = author_check(c, space, native);
    struct author *a = map_get(&c->authors, key);
    if (a && a->check == check) return a;
    struct row_author row;
    if (!store_author(c->store, space, native, &row)) return NULL;
    if (a && !a->stale.is) free(a); /* two keys of one digest */
    a = remember_author(c, key, check, row.id, row.contact, row.last_interaction);
    a->named = row.name.len > 0;
    return a;
}

void person_named(struct core *c, struct author *a, struct sori_str name, struct sori_str url,
                  int64_t reach) {
    struct row_author row;
    bool news = true;
    if (a->named && person_row(c, a->id, &row))
        news = (name.len && !str_eq(name, row.name)) || (url.len && !str_eq(url, row.url)) ||
               (reach && reach != row.reach);
    if (!news || !(name.len || url.len || reach)) return;
    struct set_author *s = store_add_set_author(&c->batch);
    s->id = a->id;
    s->name = keep(c, name);
    s->url = keep(c, url);
    if (reach) s->reach = reach;
    a->named = a->named || name.len;
    flow_dirty(c);
}

struct author *person_author(struct core *c, int64_t space, struct sori_str native,
                             struct sori_str name, struct sori_str url, int64_t reach) {
    uint64_t key = author_key(c, space, native), check = author_check(c, space, native);
    struct author *known = person_known(c, space, native), *a = map_get(&c->authors, key);
    if (known && !known->named && name.len) person_named(c, known, name, url, reach);
    if (known) return known;
    struct contact *p = new_contact(c);
    struct row_author *r = store_add_author(&c->batch);
    *r = (struct row_author){.id = ++c->ids.author,
                             .space = space,
                             .native = keep(c, native),
                             .contact = p->id,
                             .name = keep(c, name),
                             .url = keep(c, url),
                             .reach = reach,
                             .last_interaction = NIL};
    flow_dirty(c);
    if (a && !a->stale.is) free(a); /* two keys of one digest */
    a = remember_author(c, key, check, c->ids.author, p->id, NIL);
    a->named = name.len > 0;
    return a;
}

/* Ids are given one after the other, so a batch holds them without a hole. */
static const struct row_author *added(const struct store_batch *b, int64_t id) {
    int64_t at = b->author_n ? id - b->author[0].id : -1;
    return at >= 0 && at < (int64_t)b->author_n ? &b->author[at] : NULL;
}

bool person_row(struct core *c, int64_t author, struct row_author *out) {
    const struct row_author *new = added(&c->batch, author);
    if (!new && c->flying) new = added(&c->flight.batch, author);
    if (new) *out = *new;
    return new || store_author_by_id(c->store, author, out);
}

struct contact *person_contact(struct core *c, int64_t id) {
    struct contact *p = map_get(&c->contacts, (uint64_t)id);
    if (p) return p;
    struct row_contact row;
    if (!store_contact(c->store, id, &row)) return NULL;
    p = mem_get(sizeof *p);
    *p = (struct contact){.id = id,
                          .version = row.version,
                          .first_at = row.first_at,
                          .first_seq = row.first_seq,
                          .last_seq = row.last_seq,
                          .spoke = row.spoke == NIL ? 0 : row.spoke,
                          .replied_at = row.replied_at,
                          .last_kase = row.last_kase,
                          .closed_at = row.closed_at,
                          .relationship = (int)row.relationship,
                          .influencer = row.influencer == 1};
    map_put(&c->contacts, (uint64_t)id, p);
    return p;
}

struct loading {
    struct core *core;
    struct contact *contact;
};

static void load_cell(void *ctx, const void *r) {
    struct contact *p = ((struct loading *)ctx)->contact;
    const struct row_cell *row = r;
    p->cells = mem_grow(p->cells, (p->cell_count + 1) * sizeof *p->cells);
    p->cells[p->cell_count++] =
        (struct cell){mem_text(row->name), row->scope, row->subject, row->value, row->expires};
}

void person_load_cells(struct core *c, struct contact *p, int64_t kase) {
    struct loading l = {c, p};
    for (size_t i = 0; i < p->cell_count; i++)
        if (p->cells[i].scope == 1 && p->cells[i].subject == kase) return;
    store_cells(c->store, 1, kase, load_cell, &l);
}

void person_load(struct core *c, struct contact *p) {
    if (p->loaded) return;
    p->loaded = true;
    struct loading l = {c, p};
    store_cells(c->store, 0, p->id, load_cell, &l);
    struct row_kase row;
    if (store_open_kase(c->store, p->id, &row)) {
        struct kase *k = kase_load(c, &row);
        p->kase = k;
        struct row_journal j;
        if (store_journal(c->store, k->last_seq, &j)) k->last_interaction = j.interaction;
        person_load_cells(c, p, k->id);
    }
}

void person_write(struct core *c, struct contact *p) {
    *store_add_contact(&c->batch) = (struct row_contact){.id = p->id,
                                                         .shard = 0,
                                                         .relationship = p->relationship,
                                                         .influencer = p->influencer,
                                                         .version = p->version,
                                                         .first_at = p->first_at,
                                                         .first_seq = p->first_seq,
                                                         .last_seq = p->last_seq,
                                                         .spoke = p->spoke,
                                                         .replied_at = p->replied_at,
                                                         .last_kase = p->last_kase,
                                                         .closed_at = p->closed_at};
    flow_dirty(c);
}

static void forget(struct core *c, struct contact *p) {
    map_del(&c->contacts, (uint64_t)p->id);
    for (size_t i = 0; i < p->cell_count; i++) free(p->cells[i].name);
    free(p->cells);
    if (p->kase) free(p->kase->reason);
    if (p->kase) free(p->kase->paused);
    free(p->kase);
    free(p);
}

static void fall_behind(struct stale_list *list, struct stale *s, int64_t interaction) {
    if (s->is) return;
    *s = (struct stale){.since = clock_mono(), .before = interaction, .is = true};
    if (list->last)
        list->last->next = s;
    else
        list->first = s;
    list->last = s;
}

static struct stale *pop(struct stale_list *list) {
    struct stale *s = list->first;
    list->first = s->next;
    if (!list->first) list->last = NULL;
    s->is = false;
    return s;
}

void person_spoke(struct core *c, struct author *a, struct contact *p, int64_t interaction,
                  int64_t seq, bool counts) {
    if (counts && a) {
        a->last_interaction = interaction;
        fall_behind(&c->stale_authors, &a->stale, interaction);
    }
    p->spoke += counts;
    p->last_seq = seq;
    fall_behind(&c->stale_contacts, &p->stale, interaction);
}

/* Drops people who have nothing under way, so that memory stays bounded. */
static void shrink(struct core *c) {
    if (c->authors.count <= PEOPLE_MAX && c->contacts.count <= PEOPLE_MAX) return;
    flow_commit(c);            /* who is forgotten is looked for on disk */
    if (c->batch_rows) return; /* somebody went on meanwhile */
    if (c->authors.count > PEOPLE_MAX && !c->stale_authors.first) {
        size_t at = 0;
        for (struct author *a; (a = map_next(&c->authors, &at));) free(a);
        map_clear(&c->authors);
    }
    if (c->contacts.count <= PEOPLE_MAX) return;
    struct contact **idle = mem_get(c->contacts.count * sizeof *idle);
    size_t n = 0, at = 0;
    for (struct contact *p; (p = map_next(&c->contacts, &at));)
        if (!p->first && !p->stale.is) idle[n++] = p;
    for (size_t i = 0; i < n; i++) forget(c, idle[i]);
    free(idle);
}

static int64_t key_of(const void *row, bool authors) {
    return authors ? (*(struct author *const *)row)->id : (*(struct contact *const *)row)->id;
}
static int author_order(const void *a, const void *b) {
    int64_t x = key_of(a, true), y = key_of(b, true);
    return x < y ? -1 : x > y;
}
static int contact_order(const void *a, const void *b) {
    int64_t x = key_of(a, false), y = key_of(b, false);
    return x < y ? -1 : x > y;
}

static bool due(const struct stale_list *list, int64_t now, bool all) {
    return list->first && (all || list->first->since < now - BEHIND_MS);
}

static bool write_authors(struct core *c, int64_t now, bool all) {
    struct author *some[AT_ONCE];
    size_t n = 0;
    while (n < AT_ONCE && due(&c->stale_authors, now, all))
        some[n++] =
            (struct author *)((char *)pop(&c->stale_authors) - offsetof(struct author, stale));
    qsort(some, n, sizeof *some, author_order);
    for (size_t i = 0; i < n; i++) {
        struct set_author *s = store_add_set_author(&c->batch);
        s->id = some[i]->id;
        s->last_interaction = some[i]->last_interaction;
        flow_dirty(c);
    }
    return n > 0;
}

static bool write_contacts(struct core *c, int64_t now, bool all) {
    struct contact *some[AT_ONCE];
    size_t n = 0;
    while (n < AT_ONCE && due(&c->stale_contacts, now, all))
        some[n++] =
            (struct contact *)((char *)pop(&c->stale_contacts) - offsetof(struct contact, stale));
    qsort(some, n, sizeof *some, contact_order);
    for (size_t i = 0; i < n; i++) person_write(c, some[i]);
    return n > 0;
}

/* Where a recovery has to begin: behind the interactions that every row covers. */
static void write_mark(struct core *c) {
    const struct stale *a = c->stale_authors.first, *p = c->stale_contacts.first;
    int64_t covered = c->ids.interaction;
    if (a && a->before - 1 < covered) covered = a->before - 1;
    if (p && p->before - 1 < covered) covered = p->before - 1;
    struct buf mark = {0};
    buf_printf(&mark, "%lld", (long long)covered);
    struct row_meta *m = store_add_meta(&c->batch);
    m->name = SORI_STR("people_flushed");
    m->value = keep(c, buf_view(&mark));
    buf_free(&mark);
    flow_dirty(c);
}

void person_flush(struct core *c, bool all) {
    int64_t now = clock_mono();
    bool wrote = false, more = true;
    while (more) {
        bool authors = write_authors(c, now, all), contacts = write_contacts(c, now, all);
        wrote = wrote || authors || contacts;
        more = all && (authors || contacts);
    }
    if (!wrote) return;
    write_mark(c);
    if (all) flow_commit(c);
    shrink(c);
}

/* After a crash: words since the last flush are counted again. */
void person_recover(struct core *c) {
    struct buf mark = {0};
    int64_t from = 0;
    if (store_meta(c->store, "people_flushed", &mark)) from = strtoll(mark.data, NULL, 10);
    buf_free(&mark);
    for (int64_t id = from + 1; id <= c->ids.interaction; id++) {
        struct row_interaction row;
        struct row_author author;
        if (!store_interaction(c->store, id, &row) || row.author == NIL || row.said == NIL)
            continue;
        int64_t said = row.said;
        if (!store_author_by_id(c->store, row.author, &author)) continue;
        struct author *a = person_author(c, author.space, keep(c, author.native),
                                         (struct sori_str){0}, (struct sori_str){0}, 0);
        struct contact *p = person_contact(c, a->contact);
        if (!p) continue;
        /* A contact whose row was written after that word has it counted already. */
        int64_t counted = p->last_seq, spoke = p->spoke;
        person_spoke(c, a, p, id, said, true);
        if (said <= counted) {
            p->spoke = spoke;
            p->last_seq = counted;
        }
    }
    if (c->ids.interaction > from) person_flush(c, true);
}
