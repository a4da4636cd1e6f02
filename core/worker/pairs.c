#include "worker/worker.h"

void pairs_read(struct pair_list *list, struct sori_str record, uint32_t tag) {
    list->count = 0;
    struct rec_field f;
    while (rec_next(&record, &f) == 1) {
        if (f.tag != tag || f.type != REC_REC) continue;
        if (list->count == list->cap) {
            list->cap = list->cap ? list->cap * 2 : 16;
            list->items = mem_grow(list->items, list->cap * sizeof *list->items);
        }
        list->items[list->count++] =
            (struct sori_pair){rec_get_str(f.s, PAIR_NAME), rec_get_str(f.s, PAIR_VALUE)};
    }
}

struct sori_pairs pairs_view(const struct pair_list *list) {
    return (struct sori_pairs){list->items, list->count};
}

void pairs_put(struct buf *b, uint32_t tag, struct sori_str name, struct sori_str value) {
    size_t mark = rec_begin(b, tag);
    rec_str(b, PAIR_NAME, name);
    rec_str(b, PAIR_VALUE, value);
    rec_end(b, mark);
}
