#include "base/item.h"

void item_put(struct buf *b, const struct sori_item *item) {
#define I_INT(tag, field) rec_int_opt(b, tag, (int64_t)item->field);
#define I_STR(tag, field) rec_str_opt(b, tag, item->field);
#include "base/fields.def"
    for (size_t i = 0; i < item->attachments.count; i++) {
        size_t mark = rec_begin(b, 28);
        rec_str(b, 1, item->attachments.items[i].name);
        rec_str(b, 2, item->attachments.items[i].value);
        rec_end(b, mark);
    }
}

bool item_get(struct sori_str record, struct sori_item *item) {
    *item = (struct sori_item){.struct_size = sizeof *item};
    struct rec_field f;
    int more;
    while ((more = rec_next(&record, &f)) == 1) {
        switch (f.tag << 2 | (uint32_t)f.type) {
#define I_INT(tag, field)                                                                          \
    case tag << 2 | REC_INT:                                                                       \
        item->field = (__typeof__(item->field))f.i;                                                \
        break;
#define I_STR(tag, field)                                                                          \
    case tag << 2 | REC_STR:                                                                       \
        item->field = f.s;                                                                         \
        break;
#include "base/fields.def"
        default: break;
        }
    }
    return more == 0;
}
