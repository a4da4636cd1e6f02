#include "flow/person/answers.h"

#include "base/enums.h"
#include "base/map.h"

#include <stdlib.h>

/* A word that was answered long ago, or by very many, needs no exact figure. */
enum { PARENTS = 8192, WORDS = 8, RECOUNT = 20000 };

struct below {
    int64_t parent, contact[WORDS];
    size_t words;
};

struct answers {
    struct map by_parent; /* → struct below */
    struct below below[PARENTS];
    size_t next;        /* to be used, or used again */
    int64_t known_from; /* interactions before it may have answers that nobody remembers */
};

static struct below *make(struct answers *a, int64_t parent) {
    struct below *b = &a->below[a->next++ % PARENTS];
    if (b->words) {
        map_del(&a->by_parent, (uint64_t)b->parent);
        if (b->parent >= a->known_from) a->known_from = b->parent + 1;
    }
    *b = (struct below){.parent = parent};
    map_put(&a->by_parent, (uint64_t)parent, b);
    return b;
}

void answers_count(struct answers *a, int64_t parent, int64_t contact) {
    if (!a || parent < a->known_from) return;
    struct below *b = map_get(&a->by_parent, (uint64_t)parent);
    if (!b) b = make(a, parent);
    if (b->words < WORDS) b->contact[b->words++] = contact;
}

int64_t answers_to(const struct answers *a, int64_t interaction, int64_t contact) {
    if (!a || interaction < a->known_from) return -1;
    const struct below *b = map_get(&a->by_parent, (uint64_t)interaction);
    int64_t n = 0;
    for (size_t i = 0; b && i < b->words; i++) n += contact == NIL || b->contact[i] != contact;
    return n;
}

static void recount_one(struct answers *a, struct store *s, int64_t id) {
    struct row_interaction it;
    struct row_author who;
    if (!store_interaction(s, id, &it) || it.parent == NIL || it.origin != ORIGIN_PERSON) return;
    int64_t parent = it.parent, author = it.author;
    bool known = author != NIL && store_author_by_id(s, author, &who);
    answers_count(a, parent, known ? who.contact : NIL);
}

void answers_free(struct answers *a) {
    if (a) map_free(&a->by_parent);
    free(a);
}

struct answers *answers_start(struct store *s) {
    struct answers *a = mem_get(sizeof *a);
    int64_t last = store_ids(s).interaction;
    if (last > RECOUNT) a->known_from = last - RECOUNT;
    for (int64_t id = a->known_from; id <= last; id++) recount_one(a, s, id);
    return a;
}
