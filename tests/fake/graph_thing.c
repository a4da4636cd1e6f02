/* The table of things: posts, comments, messages, media, threads. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *things(struct fake *f) { return json_object_get(fake_world(f), "things"); }

const char *gr_page(struct fake *f) { return fake_get(f, "page"); }
const char *gr_kind(const json_t *thing) { return json_text(thing, "kind"); }
bool gr_is(const json_t *thing, const char *kind) { return strcmp(gr_kind(thing), kind) == 0; }
bool gr_flag(const json_t *thing, const char *name) {
    return json_is_true(json_object_get(thing, name));
}
int64_t gr_at(const json_t *thing) { return json_integer_value(json_object_get(thing, "at")); }

json_t *gr_find(struct fake *f, const char *id) { return json_object_get(things(f), id); }

json_t *gr_alive(struct fake *f, const char *id) {
    json_t *thing = gr_find(f, id);
    /* What hangs on something that is gone is gone as well. */
    for (json_t *t = thing; t; t = gr_find(f, json_text(t, "post"))) {
        if (gr_flag(t, "gone")) return NULL;
        json_t *parent = gr_find(f, json_text(t, "parent"));
        if (parent && gr_flag(parent, "gone")) return NULL;
        if (!*json_text(t, "post")) break;
    }
    return thing;
}

void gr_person(char out[40], const char *name) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++) h = (h ^ (unsigned char)*name) * 0x100000001b3u;
    snprintf(out, 40, "%llu", (unsigned long long)(10000000000000000u + h % 80000000000000000u));
}

json_t *gr_make(struct fake *f, const char *kind, const char *id, const char *from,
                const char *name, const char *text, int64_t at) {
    char own[64];
    if (!id) {
        snprintf(own, sizeof own, "%llu",
                 (unsigned long long)fake_id(f, "thing", 122100000000000001u));
        id = own;
    }
    json_t *thing =
        json_pack("{s:s, s:s, s:s, s:I, s:[], s:{s:s, s:s}}", "id", id, "kind", kind, "text", text,
                  "at", (json_int_t)at, "likes", "from", "id", from, "name", name);
    if (!thing) abort();
    json_object_set_new(things(f), id, thing);
    return thing;
}

/* The part behind the last "_". */
static const char *tail(const char *id) {
    const char *bar = strrchr(id, '_');
    return bar ? bar + 1 : id;
}

json_t *gr_comment(struct fake *f, json_t *under, const char *from, const char *name,
                   const char *text, int64_t at) {
    char id[160];
    bool nested = gr_is(under, "comment");
    const char *post = nested ? json_text(under, "post") : json_text(under, "id");
    /* Two levels are kept: who answers a reply stands under the comment that begins the thread. */
    const char *top = json_text(under, "parent");
    snprintf(id, sizeof id, "%s_%llu", tail(post),
             (unsigned long long)fake_id(f, "comment", 900000000000001u));
    json_t *c = gr_make(f, "comment", id, from, name, text, at);
    json_object_set_new(c, "post", json_string(post));
    if (nested) json_object_set_new(c, "parent", json_string(*top ? top : json_text(under, "id")));
    return c;
}

json_t *gr_remark(struct fake *f, json_t *under, const char *from, const char *name,
                  const char *text, int64_t at) {
    bool nested = gr_is(under, "remark");
    const char *top = json_text(under, "parent");
    json_t *c = gr_make(f, "remark", NULL, from, name, text, at);
    json_object_set_new(c, "post",
                        json_string(nested ? json_text(under, "post") : json_text(under, "id")));
    if (nested) json_object_set_new(c, "parent", json_string(*top ? top : json_text(under, "id")));
    return c;
}

json_t *gr_thread(struct fake *f, json_t *under, const char *from, const char *name,
                  const char *text, int64_t at) {
    json_t *t = gr_make(f, "thread", NULL, from, name, text, at);
    if (!under) return t;
    const char *root = json_text(under, "post");
    json_object_set_new(t, "post", json_string(*root ? root : json_text(under, "id")));
    json_object_set_new(t, "parent", json_string(json_text(under, "id")));
    return t;
}

json_t *gr_message(struct fake *f, const char *person, const char *name, bool ours,
                   const char *text, int64_t at) {
    char id[96], mid[96];
    snprintf(id, sizeof id, "t_%s", person);
    json_t *talk = gr_find(f, id);
    if (!talk) talk = gr_make(f, "conversation", id, person, name, "", at);
    json_object_set_new(talk, "at", json_integer(at));
    if (!ours) json_object_set_new(talk, "heard", json_integer(at));
    snprintf(mid, sizeof mid, "m_%016llx%08llx", (unsigned long long)fake_random(f),
             (unsigned long long)fake_id(f, "message", 1));
    json_t *m = gr_make(f, "message", mid, ours ? gr_page(f) : person,
                        ours ? fake_get(f, "name") : name, text, at);
    json_object_set_new(m, "talk", json_string(id));
    json_object_set_new(m, "to", json_string(ours ? person : gr_page(f)));
    return m;
}

void gr_remove(struct fake *f, json_t *thing) {
    json_object_set_new(thing, "gone", json_true());
    /* Cursors that were made before point nowhere any more. */
    json_t *world = fake_world(f);
    int64_t n = json_integer_value(json_object_get(world, "epoch"));
    json_object_set_new(world, "epoch", json_integer(n + 1));
}

bool gr_ours(struct fake *f, const json_t *thing) {
    const char *from = json_text(json_object_get(thing, "from"), "id");
    return strcmp(from, gr_page(f)) == 0 || strcmp(from, fake_get(f, "account")) == 0 ||
           strcmp(from, fake_get(f, "threads")) == 0;
}

static int by_time(const void *x, const void *y) {
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    if (gr_at(a) != gr_at(b)) return gr_at(a) < gr_at(b) ? -1 : 1;
    size_t na = strlen(json_text(a, "id")), nb = strlen(json_text(b, "id"));
    if (na != nb) return na < nb ? -1 : 1;
    return strcmp(json_text(a, "id"), json_text(b, "id"));
}

json_t *gr_where(struct fake *f, const char *kind, const char *member, const char *value) {
    size_t n = 0;
    json_t **found = mem_get((json_object_size(things(f)) + 1) * sizeof *found);
    const char *id;
    json_t *thing;
    json_object_foreach(things(f), id, thing) {
        if (!gr_is(thing, kind) || !gr_alive(f, id)) continue;
        if (member && strcmp(json_text(thing, member), value) != 0) continue;
        found[n++] = thing;
    }
    if (n) qsort(found, n, sizeof *found, by_time);
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) json_array_append(rows, found[i]);
    free(found);
    return rows;
}
