#include "proof/needs.h"

#include "proof/ask.h"
#include "reader/reader.h"
#include "supervise/messages.h"

#include <jansson.h>
#include <stdlib.h>

enum { FACTS_MOST = 16 };

void needs_free(struct needs *n) {
    for (size_t i = 0; i < n->n; i++) free(n->name[i]);
    free(n->generations);
    *n = (struct needs){0};
}

static void add(struct needs *n, const char *head, struct sori_str name, int64_t since) {
    /* Facts come last, and have their own places. */
    if (n->n >= (since ? NEEDS_MOST : NEEDS_MOST - FACTS_MOST)) return;
    struct buf b = {0};
    buf_puts(&b, head);
    buf_str(&b, name);
    n->since[n->n] = since;
    n->name[n->n++] = b.data;
}

static void add_all(struct needs *n, const char *head, const json_t *list, const char *key) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        const char *name = json_string_value(json_object_get(one, key));
        if (name) add(n, head, str_c(name), 0);
    }
}

void needs_read(struct needs *n, struct sori_str about) {
    json_t *all = json_loadb(about.ptr ? about.ptr : "", about.len, 0, NULL);
    add_all(n, "cell ", json_object_get(all, "cells"), "cell");
    add_all(n, "label ", json_object_get(all, "labels"), "label");
    json_decref(all);
}

void needs_ask(const struct needs *n, struct buf *args) {
    for (size_t i = 0; i < n->n; i++) ask_arg(args, "need", str_c(n->name[i]));
}

static void add_generation(struct needs *n, struct sori_str record) {
    struct rec_field f;
    size_t k = n->generation_n;
    if ((k & (k - 1)) == 0)
        n->generations = mem_grow(n->generations, (k ? 2 * k : 1) * sizeof *n->generations);
    struct needs_generation *g = &n->generations[n->generation_n++];
    *g = (struct needs_generation){.id = rec_get_int(record, 1, 0),
                                   .same = rec_get_int(record, 2, 0) != 0};
    while (rec_next(&record, &f) == 1)
        if (f.tag == 3 && f.type == REC_INT && f.i >= 0 && f.i < NEEDS_MOST)
            g->lacks |= 1ull << f.i;
    n->older |= !g->same;
}

void needs_plan(struct needs *n, struct sori_str plan) {
    struct rec_field f;
    struct sori_str facts = rec_get_str(plan, PLAN_FACTS);
    n->generation_n = 0;
    n->older = false;
    while (rec_next(&plan, &f) == 1)
        if (f.tag == PLAN_GENERATION && f.type == REC_REC) add_generation(n, f.s);
    while (rec_next(&facts, &f) == 1)
        if (f.type == REC_REC && rec_get_int(f.s, 2, 0) > 0)
            add(n, "", rec_get_str(f.s, 1), rec_get_int(f.s, 2, 0));
}

void needs_watch(struct needs *n, struct buf *watch) {
    uint64_t lacked = 0;
    for (size_t i = 0; i < n->generation_n; i++) lacked |= n->generations[i].lacks;
    for (size_t i = 0; i < n->n; i++) lacked |= (uint64_t)(n->since[i] > 0) << i;
    /* All of them or none: so bits and names stay together. */
    for (size_t i = 0; lacked && i < n->n; i++) rec_str(watch, DECIDE_WATCH, str_c(n->name[i]));
}

static const struct needs_generation *find(const struct needs *n, int64_t id) {
    size_t low = 0, high = n->generation_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->generations[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->generation_n && n->generations[low].id == id ? &n->generations[low] : NULL;
}

bool needs_same(const struct needs *n, int64_t generation) {
    const struct needs_generation *g = find(n, generation);
    return g && g->same;
}

size_t needs_missed(const struct needs *n, const struct past *p, uint64_t asked,
                    struct sori_str out[NEEDS_MOST]) {
    const struct needs_generation *g = asked ? find(n, p->generation) : NULL;
    size_t k = 0;
    for (size_t i = 0; asked && i < n->n; i++) {
        if (!(asked >> i & 1)) continue;
        bool lacked = n->since[i] ? p->at < n->since[i] : g && g->lacks >> i & 1;
        if (lacked) out[k++] = str_c(n->name[i]);
    }
    return k;
}
