/* Named values of a connection as one poll sees and changes them: its cursors, its state. They come
 * with the call; of what is put in it the newest of each name goes back. There are few of them, so
 * that the core looks through them quickly and one call holds them all. */
#include "worker/worker.h"

#include <stdlib.h>

enum { ROWS_MOST = 1000, BYTES_MOST = 16 << 20 };

struct shelf_row {
    struct sori_str name;
    struct buf value;
    bool put; /* in this call */
};

static struct shelf_row *find(const struct shelf *s, struct sori_str name) {
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->rows[i].name, name)) return &s->rows[i];
    return NULL;
}

static struct shelf_row *add(struct shelf *s, struct sori_str name) {
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        s->rows = mem_grow(s->rows, cap * sizeof *s->rows);
        memset(s->rows + s->cap, 0, (cap - s->cap) * sizeof *s->rows);
        s->cap = cap;
    }
    struct shelf_row *r = &s->rows[s->count++];
    r->name = arena_copy(&s->names, name);
    r->put = false;
    buf_clear(&r->value);
    s->bytes += name.len;
    return r;
}

static void set(struct shelf *s, struct shelf_row *r, struct sori_str value) {
    s->bytes = s->bytes - r->value.len + value.len;
    buf_clear(&r->value);
    buf_str(&r->value, value);
}

void shelf_begin(struct shelf *s, struct sori_str record, uint32_t tag) {
    struct rec_field f;
    s->count = s->bytes = 0;
    s->told = false;
    arena_reset(&s->names);
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag && f.type == REC_REC)
            set(s, add(s, rec_get_str(f.s, PAIR_NAME)), rec_get_str(f.s, PAIR_VALUE));
}

const char *shelf_put(struct shelf *s, struct sori_str name, struct sori_str value) {
    struct shelf_row *r = find(s, name);
    if (!r && s->count >= ROWS_MOST)
        return "is one too many: this connection keeps 1000 others already; put several things "
               "into one";
    size_t bytes = s->bytes + value.len + (r ? 0 : name.len), old = r ? r->value.len : 0;
    if (bytes - old > BYTES_MOST && value.len > old)
        return "is too much: all of this connection together are more than 16 MiB";
    if (!r) r = add(s, name);
    set(s, r, value);
    r->put = true;
    return NULL;
}

bool shelf_get(const struct shelf *s, struct sori_str name, struct sori_str *value) {
    const struct shelf_row *r = find(s, name);
    if (r) *value = buf_view(&r->value);
    return r != NULL;
}

void shelf_write(const struct shelf *s, struct buf *out, uint32_t tag) {
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].put) pairs_put(out, tag, s->rows[i].name, buf_view(&s->rows[i].value));
}
