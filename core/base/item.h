/* Items between worker and core, and facts between core and policy: records after fields.def. */
#ifndef BASE_ITEM_H
#define BASE_ITEM_H

#include "base/record.h"
#include "sori/item.h"

#define FACT(tag, NAME, type, lua, help) FACT_##NAME = tag,
enum fact {
#include "base/fields.def"
    FACT_LABEL = 60,
    FACT_CELL = 61,
    FACT_WINDOW = 62
};

void item_put(struct buf *b, const struct sori_item *item);
/* Reads a record into `item`; strings are borrowed from the record. Attachments stay in the record
 * (item->attachments is empty). False when the record is broken. */
bool item_get(struct sori_str record, struct sori_item *item);

#endif
